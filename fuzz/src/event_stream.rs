//! The stream gives what the parser gives, whatever chunks come and however often none is ready, and then ends for ever.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, Waker},
    vec,
};

use bytes::Bytes;
use futures_core::Stream;
use llm_response::{EventStream, Outcome, StreamError};

use crate::{
    common::{
        reference::decode,
        trace::{End, Heard, Seen, Setup, State, Storage},
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

    let whole = Bytes::copy_from_slice(input.response);
    let chunks: Vec<_> = input
        .chunks(&whole)
        .into_iter()
        .map(|chunk| whole.slice_ref(chunk))
        .collect();
    let transport = Transport {
        chunks: chunks.into_iter(),
        was_ready: true,
        has_ended: false,
    };
    let mut stream = EventStream::with_options(transport, setup.options());
    let mut events = Vec::new();
    let end = loop {
        match next(&mut stream) {
            Some(Ok(event)) => events.push(Seen::from(event.as_event())),
            // Not complete without an error: the last event has reported one.
            None => break End::Finish(None, stream.outcome().expect("no outcome at the end"), b""[..].into()),
            Some(Err(StreamError::Incomplete { outcome, rest, .. })) => {
                assert_ne!(outcome, Outcome::Complete);
                break End::Finish(None, outcome, (&rest[..]).into());
            }
            Some(Err(StreamError::Parse { error, outcome, .. })) => {
                assert_eq!(stream.outcome(), Some(outcome));
                break error.into();
            }
            Some(Err(error)) => panic!("{error:?}"),
        }
    };
    if let End::Finish(_, outcome, _) = end {
        assert_eq!(stream.outcome(), Some(outcome));
    }
    for _ in 0..2 {
        assert!(next(&mut stream).is_none(), "it goes on after its end");
    }
    let after = State::of(stream.parser());
    let given = Heard { events, end, after };
    let expected = match expected.end {
        // The rest of a complete response is none of a caller's concern.
        End::Finish(_, Outcome::Complete, _) => Heard {
            end: End::Finish(None, Outcome::Complete, b""[..].into()),
            ..expected
        },
        _ => expected,
    };
    assert!(given == expected, "given\n{given:?}\nexpected\n{expected:?}");
}

fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(item) = Pin::new(&mut *stream).poll_next(&mut context) {
            return item;
        }
    }
}

/// Is not ready before each empty chunk, and may not be asked again after its end.
struct Transport {
    chunks: vec::IntoIter<Bytes>,
    was_ready: bool,
    has_ended: bool,
}

impl Stream for Transport {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        assert!(!self.has_ended, "it is polled after its end");
        if self.was_ready && self.chunks.as_slice().first().is_some_and(Bytes::is_empty) {
            self.was_ready = false;
            return Poll::Pending;
        }
        self.was_ready = true;
        let chunk = self.chunks.next();
        self.has_ended = chunk.is_none();
        Poll::Ready(chunk.map(Ok))
    }
}
