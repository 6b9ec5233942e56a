//! Owned events are the borrowed ones, and so are those that were detached from their chunk.

use bytes::Bytes;
use llm_response::{OwnedEvent, Parser};

use crate::{
    common::{
        reference::decode,
        trace::{End, Heard, Seen, State, Storage},
    },
    input::Input,
};

/// Takes any bytes; panics where the property does not hold.
pub fn run(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let expected = decode(input.response, input.setup).heard();
    let given = match input.setup.storage {
        Storage::Heap => heard(&input, Parser::with_options(input.setup.options())),
        Storage::Slice(size) => heard(&input, Parser::in_memory(&mut vec![0; size], input.setup.options())),
    };
    assert!(given == expected, "given\n{given:?}\nexpected\n{expected:?}");
}

fn heard<B: llm_response::Buffer>(input: &Input<'_>, mut parser: Parser<B>) -> Heard {
    let whole = Bytes::copy_from_slice(input.response);
    let mut kept: Vec<OwnedEvent> = Vec::new();
    let mut error = None;
    'chunks: for chunk in input.chunks(&whole) {
        let mut chunk = whole.slice_ref(chunk);
        loop {
            match parser.next_owned(&mut chunk) {
                Ok(Some(event)) => {
                    let detached = event.clone().detach();
                    assert_eq!(detached, event);
                    kept.push(event);
                }
                Ok(None) => break assert!(chunk.is_empty()),
                Err(failure) => {
                    error = Some(failure);
                    break 'chunks;
                }
            }
        }
    }
    let end = match parser.finish_owned() {
        Ok(finish) => {
            assert_eq!(error, None);
            let event = finish.event.as_ref().map(|event| Seen::from(event.as_event()));
            End::Finish(event, finish.outcome, (&finish.rest[..]).into())
        }
        Err(failure) => {
            assert!(error.is_none_or(|error| error == failure));
            failure.into()
        }
    };
    let after = State::of(&parser);
    drop((parser, whole));
    let events = kept.iter().map(|event| Seen::from(event.as_event())).collect();
    Heard { events, end, after }
}
