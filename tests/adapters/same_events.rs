//! Random responses, split at random: owned events, readers and asynchronous streams against the parser, which other
//! tests hold against the reference decoder.

use crate::cases;
use crate::common;
use crate::grammar;

use std::{
    collections::VecDeque,
    convert::Infallible,
    io::{self, Read},
};

use bytes::Bytes;
use cases::cases;
use common::trace::{End, Seen, Setup, Split, Storage, trace_of};
use futures_util::StreamExt;
use grammar::{response, setup, splits};
use llm_response::{EventReader, EventStream, OwnedEvent, Parser, ReadError, StreamError};
use proptest::prelude::*;

/// What every adapter shows: the events, that of the end among them, and how it ended. `rest` is beside the point.
#[derive(Debug, PartialEq)]
struct Shown {
    events: Vec<Seen>,
    end: Ended,
}

#[derive(Debug, PartialEq)]
enum Ended {
    Outcome(llm_response::Outcome),
    Error(llm_response::ErrorKind, u64),
}

impl Ended {
    fn error(error: llm_response::Error) -> Self {
        Self::Error(error.kind(), error.offset())
    }
}

fn expected(response: &[u8], setup: Setup) -> Shown {
    let heard = trace_of(&mut Parser::with_options(setup.options()), [response]).heard();
    let mut events = heard.events;
    let end = match heard.end {
        End::Finish(event, outcome, _) => {
            events.extend(event);
            Ended::Outcome(outcome)
        }
        End::Error(kind, offset) => Ended::Error(kind, offset),
    };
    Shown { events, end }
}

fn owned(chunks: &[&[u8]], setup: Setup) -> Shown {
    let mut parser = Parser::with_options(setup.options());
    let mut events = Vec::new();
    let mut seen = |event: OwnedEvent| events.push(Seen::from(event.as_event()));
    let mut read = || {
        for chunk in chunks {
            let mut chunk = Bytes::copy_from_slice(chunk);
            while let Some(event) = parser.next_owned(&mut chunk)? {
                seen(event.detach());
            }
        }
        let finish = parser.finish_owned()?;
        finish.event.into_iter().for_each(&mut seen);
        Ok(Ended::Outcome(finish.outcome))
    };
    let end = read().unwrap_or_else(Ended::error);
    Shown { events, end }
}

/// Reads give one chunk each, if it fits.
struct Chunks<'a>(VecDeque<&'a [u8]>);

impl Read for Chunks<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(mut chunk) = self.0.pop_front() else {
            return Ok(0);
        };
        let len = chunk.read(into)?;
        if !chunk.is_empty() {
            self.0.push_front(chunk);
        }
        Ok(len)
    }
}

fn reader(chunks: &[&[u8]], setup: Setup) -> Shown {
    // A read of nothing is the end.
    let chunks = chunks.iter().copied().filter(|chunk| !chunk.is_empty()).collect();
    let mut reader = EventReader::with_options(Chunks(chunks), setup.options());
    let mut events = Vec::new();
    let end = loop {
        match reader.next_event() {
            Ok(Some(event)) => events.push(Seen::from(event)),
            Ok(None) => break Ended::Outcome(reader.outcome().expect("an outcome at the end")),
            Err(ReadError::Parse(error)) => break Ended::error(error),
            Err(error) => panic!("{error}"),
        }
    };
    Shown { events, end }
}

fn stream(chunks: &[&[u8]], setup: Setup) -> Shown {
    let chunks: Vec<_> = chunks.iter().map(|chunk| Ok::<_, Infallible>(chunk.to_vec())).collect();
    let mut stream = EventStream::with_options(futures_util::stream::iter(chunks), setup.options());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut events = Vec::new();
        let end = loop {
            match stream.next().await {
                Some(Ok(event)) => events.push(Seen::from(event.as_event())),
                Some(Err(StreamError::Parse { error, .. })) => break Ended::error(error),
                Some(Err(StreamError::Incomplete { outcome, .. })) => break Ended::Outcome(outcome),
                Some(Err(error)) => panic!("{error}"),
                None => break Ended::Outcome(stream.outcome().expect("an outcome at the end")),
            }
        };
        Shown { events, end }
    })
}

proptest! {
    #![proptest_config(cases(2_000, 20_000))]

    #[test]
    fn every_adapter_gives_what_the_parser_gives(
        response in response(),
        setup in setup(),
        splits in splits(),
    ) {
        let setup = Setup { storage: Storage::Heap, ..setup };
        let expected = expected(&response, setup);
        let chunks = Split::at(&response, &splits).chunks;
        prop_assert_eq!(&owned(&chunks, setup), &expected);
        prop_assert_eq!(&reader(&chunks, setup), &expected);
        prop_assert_eq!(&stream(&chunks, setup), &expected);
    }
}
