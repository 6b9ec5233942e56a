//! Code that calls `next_event` in several places.

use std::{hint::black_box, iter, slice};

use llm_response::{Event, KeepAlive, Parser};

/// Two places: the one waits until the model begins, the other reads its answer.
#[cfg(not(feature = "other-callers"))]
pub(crate) fn client(chunks: &[&[u8]]) -> u64 {
    let mut parser = Parser::new();
    let mut chunks = chunks.iter();
    let mut rest: &[u8] = &[];
    let waited = wait(&mut parser, &mut chunks, &mut rest);
    waited + answer(&mut parser, chunks, rest)
}

/// Reads keep-alives until there is something else, and that as well.
fn wait<'c>(parser: &mut Parser, chunks: &mut slice::Iter<'_, &'c [u8]>, rest: &mut &'c [u8]) -> u64 {
    let mut events = 0;
    for &chunk in chunks {
        *rest = chunk;
        while let Some(event) = parser.next_event(rest).expect("the response is well-formed") {
            events += 1;
            match event {
                Event::KeepAlive(KeepAlive::Comment(text)) => {
                    black_box(text);
                }
                Event::KeepAlive(_) => {}
                Event::Data(data) => {
                    black_box((data.event(), data.as_bytes()));
                    return events;
                }
                _ => return events,
            }
        }
    }
    events
}

/// Reads the answer.
fn answer<'c>(parser: &mut Parser, chunks: slice::Iter<'_, &'c [u8]>, rest: &'c [u8]) -> u64 {
    let mut events = 0;
    for mut chunk in iter::once(rest).chain(chunks.copied()) {
        while let Some(event) = parser.next_event(&mut chunk).expect("the response is well-formed") {
            events += 1;
            if let Event::Data(data) = event {
                black_box((data.event(), data.as_bytes()));
            }
        }
    }
    events
}

/// Four places, and more to do for each event: what a proxy notes of a response that it passes on.
#[cfg(feature = "other-callers")]
pub(crate) fn proxy(chunks: &[&[u8]]) -> u64 {
    let mut parser = Parser::new();
    let mut noted = [0_u64; 4];
    let (first, others) = chunks.split_at(chunks.len() / 2);
    for &chunk in first {
        let mut chunk = chunk;
        // Most chunks hold one event.
        if let Some(event) = parser.next_event(&mut chunk).expect("the response is well-formed") {
            note(&mut noted, event);
            while let Some(event) = parser.next_event(&mut chunk).expect("the response is well-formed") {
                note(&mut noted, event);
            }
        }
    }
    let mut others = others.iter();
    let mut rest: &[u8] = &[];
    let waited = wait(&mut parser, &mut others, &mut rest);
    black_box(noted).iter().sum::<u64>() + waited + answer(&mut parser, others, rest)
}

#[cfg(feature = "other-callers")]
fn note(noted: &mut [u64; 4], event: Event<'_>) {
    match event {
        Event::KeepAlive(KeepAlive::Comment(text)) if !black_box(text).is_empty() => noted[0] += 1,
        Event::KeepAlive(_) => noted[1] += 1,
        Event::Data(data) if data.event().is_empty() => {
            noted[2] += 1;
            black_box(data.as_bytes());
        }
        Event::Data(data) => {
            noted[3] += 1;
            black_box((data.event(), data.id(), data.as_bytes()));
        }
        other => panic!("no input holds {other:?}"),
    }
}
