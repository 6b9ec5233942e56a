//! One poll of an [`EventStream`]: the item that it gives, and the next state.

use alloc::boxed::Box;
use core::{
    error, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::{Stream, stream::FusedStream};

use super::{EventStream, State};
use crate::{Buffer, Expired, Outcome, OwnedEvent, StreamError, adapters::break_off::outcome_of_error};

/// The number of chunks without an event that one poll takes before it lets other tasks run.
pub(in crate::adapters) const CHUNKS_PER_POLL: usize = 32;

/// What the transport gave.
pub(in crate::adapters) enum Turn {
    /// A chunk of so many bytes.
    Received(usize),
    /// Its end, and the item for it.
    Ended(Option<Item>),
}

type Item = Result<OwnedEvent, StreamError>;

impl<S, B: Buffer> EventStream<S, B> {
    /// The next item from the received bytes. An empty chunk may give one too, because one byte may complete two events (R6).
    pub(in crate::adapters) fn next_received(&mut self) -> Option<Item> {
        match &mut self.state {
            State::Open => {}
            State::Incomplete(outcome, rest) => {
                let (outcome, rest) = (*outcome, mem::take(rest));
                self.state = State::Ended;
                return Some(Err(StreamError::Incomplete { outcome, rest }));
            }
            State::Ended => return None,
        }
        match self.parser.next_owned(&mut self.chunk) {
            Ok(Some(event)) => {
                self.note(&event);
                Some(Ok(event))
            }
            Ok(None) => {
                self.chunk = Bytes::new(); // frees the chunk while the transport waits
                None
            }
            Err(error) => Some(Err(self.fail(error))),
        }
    }

    /// The transport has ended: gives the item for that, and sets the state for the next poll.
    fn finish(&mut self) -> Option<Item> {
        self.state = State::Ended;
        let finish = match self.parser.finish_owned() {
            Ok(finish) => finish,
            Err(error) => return Some(Err(self.fail(error))),
        };
        self.parser.shrink();
        let (outcome, rest) = (finish.outcome, finish.rest);
        self.outcome = Some(outcome);
        if let Some(event) = &finish.event {
            self.note(event);
        }
        let is_reported = self.has_failed && outcome == Outcome::Unfinished && rest.is_empty();
        if outcome.is_complete() || is_reported {
            return finish.event.map(Ok);
        }
        match finish.event {
            Some(event) => {
                self.state = State::Incomplete(outcome, rest);
                Some(Ok(event))
            }
            None => Some(Err(StreamError::Incomplete { outcome, rest })),
        }
    }

    fn note(&mut self, event: &OwnedEvent) {
        match event {
            OwnedEvent::Data(data) => self.has_failed = data.is_error(),
            OwnedEvent::Body(body) => self.has_failed = body.is_error(),
            _ => {}
        }
    }

    fn fail(&mut self, error: crate::Error) -> StreamError {
        self.state = State::Ended;
        let outcome = outcome_of_error(&self.parser, error);
        self.outcome = Some(outcome);
        self.parser.shrink();
        StreamError::Parse { error, outcome }
    }

    /// A deadline has passed.
    pub(in crate::adapters) fn expire(&mut self, expired: Expired) -> StreamError {
        let outcome = self.close();
        StreamError::Expired { expired, outcome }
    }
}

impl<S, C, E, B> EventStream<S, B>
where
    S: Stream<Item = Result<C, E>> + Unpin,
    C: Into<Bytes>,
    E: Into<Box<dyn error::Error + Send + Sync>>,
    B: Buffer,
{
    /// Polls for another chunk, after everything that was received has been parsed.
    pub(in crate::adapters) fn poll_transport(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        Poll::Ready(match ready!(Pin::new(&mut self.stream).poll_next(cx)) {
            Some(Ok(chunk)) => {
                self.chunk = chunk.into();
                Turn::Received(self.chunk.len())
            }
            Some(Err(error)) => {
                let (error, outcome) = (error.into(), self.close());
                Turn::Ended(Some(Err(StreamError::Transport { error, outcome })))
            }
            None => Turn::Ended(self.finish()),
        })
    }
}

impl<S, C, E, B> Stream for EventStream<S, B>
where
    S: Stream<Item = Result<C, E>> + Unpin,
    C: Into<Bytes>,
    E: Into<Box<dyn error::Error + Send + Sync>>,
    B: Buffer,
{
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        let this = self.get_mut();
        for _ in 0..CHUNKS_PER_POLL {
            let item = this.next_received();
            if item.is_some() || this.is_ended() {
                return Poll::Ready(item);
            }
            match ready!(this.poll_transport(cx)) {
                Turn::Received(_) => {}
                Turn::Ended(last) => return Poll::Ready(last),
            }
        }
        // Otherwise a transport that always has more would block the other tasks.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S, C, E, B> FusedStream for EventStream<S, B>
where
    S: Stream<Item = Result<C, E>> + Unpin,
    C: Into<Bytes>,
    E: Into<Box<dyn error::Error + Send + Sync>>,
    B: Buffer,
{
    fn is_terminated(&self) -> bool {
        self.is_ended()
    }
}
