//! Code that calls `push`.

use std::hint::black_box;

use llm_response::{Event, Parser};

/// One place, and a closure that is small enough to be inlined.
#[cfg(not(feature = "other-callers"))]
pub(crate) fn pushed(chunks: &[&[u8]]) -> u64 {
    let mut parser = Parser::new();
    let mut events = 0;
    for chunk in chunks {
        let pushed = parser.push(chunk, |event| {
            events += 1;
            if let Event::Data(data) = event {
                black_box(data.as_bytes());
            }
        });
        pushed.expect("the response is well-formed");
    }
    events
}

/// Two places, with a closure each.
#[cfg(feature = "other-callers")]
pub(crate) fn twice(chunks: &[&[u8]]) -> u64 {
    let mut parser = Parser::new();
    let mut counts = [0; 2];
    let (first, others) = chunks.split_at(chunks.len() / 2);
    for chunk in first {
        let pushed = parser.push(chunk, |event| match event {
            Event::KeepAlive(_) => counts[0] += 1,
            Event::Data(data) => {
                counts[1] += 1;
                black_box(data.as_bytes());
            }
            other => panic!("no input holds {other:?}"),
        });
        pushed.expect("the response is well-formed");
    }
    let mut events = 0;
    for chunk in others {
        let pushed = parser.push(chunk, |event| {
            events += 1;
            if let Event::Data(data) = event {
                black_box((data.event(), data.as_bytes()));
            }
        });
        pushed.expect("the response is well-formed");
    }
    counts[0] + counts[1] + events
}
