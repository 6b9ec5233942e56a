//! The reader gives what the parser gives, whatever lengths are read, and however often it is interrupted or would block.

use std::io::{self, ErrorKind, Read};

use llm_response::{EventReader, ReadError};

use crate::{
    common::{
        reference::decode,
        trace::{End, Heard, Setup, State, Storage},
    },
    input::Input,
};

/// Takes any bytes; panics where the property does not hold.
pub fn run(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let setup = Setup {
        storage: Storage::Heap,
        ..input.setup
    };
    let expected = decode(input.response, setup).heard().merged();

    let transport = Transport {
        left: input.chunks(input.response).into_iter().peekable(),
        failures: 0,
    };
    let mut reader = EventReader::with_options(transport, setup.options());
    let mut events = Vec::new();
    let end = loop {
        match reader.next_event() {
            Ok(Some(event)) => events.push(event.into()),
            Ok(None) => {
                let outcome = reader.outcome().expect("no outcome at the end");
                break End::Finish(None, outcome, reader.rest().into());
            }
            Err(ReadError::Parse(error)) => break error.into(),
            Err(error) => assert!(error.is_timeout(), "{error}"),
        }
    };
    let after = State::of(reader.parser());
    let given = Heard { events, end, after };
    assert!(given == expected, "given\n{given:?}\nexpected\n{expected:?}");
}

/// Fails where a chunk is empty, each time in another way.
struct Transport<'a, I: Iterator<Item = &'a [u8]>> {
    left: std::iter::Peekable<I>,
    failures: usize,
}

impl<'a, I: Iterator<Item = &'a [u8]>> Read for Transport<'a, I> {
    fn read(&mut self, memory: &mut [u8]) -> io::Result<usize> {
        let Some(chunk) = self.left.peek_mut() else {
            return Ok(0);
        };
        let len = chunk.len().min(memory.len());
        memory[..len].copy_from_slice(&chunk[..len]);
        let is_failure = chunk.is_empty();
        *chunk = &chunk[len..];
        if chunk.is_empty() {
            self.left.next();
        }
        if is_failure {
            self.failures += 1;
            let kinds = [ErrorKind::Interrupted, ErrorKind::WouldBlock, ErrorKind::TimedOut];
            return Err(kinds[self.failures % kinds.len()].into());
        }
        Ok(len)
    }
}
