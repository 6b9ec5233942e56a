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
    let (mut events, mut bytes) = (0, 0);
    let mut chunks = chunks.iter();
    let mut rest: &[u8] = &[];
    'first: for &chunk in &mut chunks {
        rest = chunk;
        while let Some(event) = parser.next_output(&mut rest).expect("the response is well-formed") {
            events += 1;
            if matches!(event, Event::Data(data) if data.as_bytes().len() > 1) {
                break 'first;
            }
        }
    }
    loop {
        while let Some(event) = parser.next_output(&mut rest).expect("the response is well-formed") {
            events += 1;
            if let Event::Data(data) = event {
                bytes += black_box(data.as_bytes()).len();
            }
        }
        match chunks.next() {
            Some(chunk) => rest = chunk,
            None => break,
        }
    }
    black_box(bytes);
    events + parser.keep_alives()
}
