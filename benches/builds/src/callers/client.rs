//! Code that calls `next_event` in several places.

use std::{hint::black_box, slice};

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
fn answer<'c>(parser: &mut Parser, mut chunks: slice::Iter<'_, &'c [u8]>, rest: &'c [u8]) -> u64 {
    let mut events = 0;
    let mut chunk = rest;
    loop {
        while let Some(event) = parser.next_event(&mut chunk).expect("the response is well-formed") {
            events += 1;
            if let Event::Data(data) = event {
                black_box((data.event(), data.as_bytes()));
            }
        }
        match chunks.next() {
            Some(next) => chunk = next,
            None => return events,
        }
    }
}

/// Four places: two for the first half of the chunks, as most chunks hold one event, and those of a client.
#[cfg(feature = "other-callers")]
pub(crate) fn proxy(chunks: &[&[u8]]) -> u64 {
    let mut parser = Parser::new();
    let mut noted = [0; 2];
    let (first, others) = chunks.split_at(chunks.len() / 2);
    for &chunk in first {
        let mut chunk = chunk;
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
    noted[0] + noted[1] + waited + answer(&mut parser, others, rest)
}

#[cfg(feature = "other-callers")]
fn note(noted: &mut [u64; 2], event: Event<'_>) {
    match event {
        Event::KeepAlive(KeepAlive::Comment(text)) => {
            noted[0] += 1;
            black_box(text);
        }
        Event::Data(data) => {
            noted[1] += 1;
            black_box((data.event(), data.as_bytes()));
        }
        other => panic!("no input holds {other:?}"),
    }
}
