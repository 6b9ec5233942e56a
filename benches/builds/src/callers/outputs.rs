//! Code that calls `next_output`, which passes over keep-alives.

use std::hint::black_box;

use llm_response::{Event, Parser};

/// One place, in a loop.
#[cfg(not(feature = "other-callers"))]
pub(crate) fn outputs(chunks: &[&[u8]]) -> u64 {
    let mut parser = Parser::new();
    let mut events = 0;
    for &chunk in chunks {
        let mut chunk = chunk;
        while let Some(event) = parser.next_output(&mut chunk).expect("the response is well-formed") {
            events += 1;
            if let Event::Data(data) = event {
                black_box(data.as_bytes());
            }
        }
    }
    events + parser.keep_alives()
}

/// Two places: what comes first may be an error, the rest is an answer.
#[cfg(feature = "other-callers")]
pub(crate) fn first_then_rest(chunks: &[&[u8]]) -> u64 {
    let mut parser = Parser::new();
    let (first, rest) = chunks.split_at(chunks.len() / 2);
    let mut events = 0;
    for &chunk in first {
        let mut chunk = chunk;
        while let Some(event) = parser.next_output(&mut chunk).expect("the response is well-formed") {
            events += 1;
            if let Event::Data(data) = event {
                black_box((data.event(), data.as_bytes()));
            }
        }
    }
    for &chunk in rest {
        let mut chunk = chunk;
        while let Some(event) = parser.next_output(&mut chunk).expect("the response is well-formed") {
            events += 1;
            if let Event::Data(data) = event {
                black_box(data.as_bytes());
            }
        }
    }
    events + parser.keep_alives()
}
