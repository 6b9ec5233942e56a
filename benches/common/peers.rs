//! The other crates, each as its own documentation uses it. Every setting is its default, except a limit that is too
//! small for the largest events.

use std::{convert::Infallible, num::NonZero};

use bytes::Bytes;
use eventsource_stream::Eventsource;
use futures_util::stream::Stream;

use super::{
    drive::{Pull, Push},
    workloads::Counts,
};

pub(crate) struct SseStream;

impl Pull for SseStream {
    type Item = Result<sse_stream::Sse, sse_stream::Error>;

    fn open(
        chunks: impl Stream<Item = Result<Bytes, Infallible>> + 'static,
    ) -> impl Stream<Item = Self::Item> + 'static {
        sse_stream::SseByteStream::new(chunks)
    }

    fn count(item: Self::Item, counts: &mut Counts) {
        if let Some(data) = item.expect("the response is well-formed").data {
            counts.event(data.as_bytes());
        }
    }
}

pub(crate) struct Sseer;

impl Pull for Sseer {
    type Item = Result<sseer::event::Event, sseer::errors::EventStreamError<Infallible>>;

    fn open(
        chunks: impl Stream<Item = Result<Bytes, Infallible>> + 'static,
    ) -> impl Stream<Item = Self::Item> + 'static {
        sseer::EventStream::new(chunks)
    }

    fn count(item: Self::Item, counts: &mut Counts) {
        counts.event(item.expect("the response is well-formed").data.as_bytes());
    }
}

pub(crate) struct EventsourceStream;

impl Pull for EventsourceStream {
    type Item = Result<eventsource_stream::Event, eventsource_stream::EventStreamError<Infallible>>;

    fn open(
        chunks: impl Stream<Item = Result<Bytes, Infallible>> + 'static,
    ) -> impl Stream<Item = Self::Item> + 'static {
        chunks.eventsource()
    }

    fn count(item: Self::Item, counts: &mut Counts) {
        counts.event(item.expect("the response is well-formed").data.as_bytes());
    }
}

pub(crate) struct SseCore(sse_core::SseDecoder);

impl Push for SseCore {
    fn new() -> Self {
        const LIMIT: NonZero<usize> = NonZero::new(16 << 20).unwrap();
        Self(sse_core::SseDecoder::with_limit(LIMIT))
    }

    fn begin(&mut self, mut chunk: &[u8], counts: &mut Counts) {
        while let Some(event) = self.0.next(&mut chunk) {
            if let sse_core::SseEvent::Message(message) = event.expect("no event is too large") {
                counts.event(message.data.as_bytes());
            }
        }
    }

    fn take(&mut self, mut chunk: &[u8], counts: &mut Counts) {
        while let Some(event) = self.0.next(&mut chunk) {
            if let sse_core::SseEvent::Message(message) = event.expect("no event is too large") {
                counts.event(message.data.as_bytes());
            }
        }
    }
}

pub(crate) struct SseParse(sse_parse::SseParser);

impl Push for SseParse {
    fn new() -> Self {
        Self(sse_parse::SseParser::new())
    }

    fn begin(&mut self, chunk: &[u8], counts: &mut Counts) {
        self.0.feed(chunk);
        while let Some(event) = self.0.next_event() {
            counts.event(event.data.as_bytes());
        }
    }

    fn take(&mut self, chunk: &[u8], counts: &mut Counts) {
        self.0.feed(chunk);
        while let Some(event) = self.0.next_event() {
            counts.event(event.data.as_bytes());
        }
    }
}
