//! `Skipped` in every adapter: the same events and the same outcome as from the parser, however the chunks lie.

use std::{convert::Infallible, io::Read, time::Duration};

use bytes::Bytes;
use futures_util::StreamExt;
use llm_response::{
    Event, EventReader, EventStream, Options, Outcome, Oversize, OwnedEvent, Parser, Skipped, StreamError, Watchdog,
};

const OPTIONS: Options = Options::new().max_len(20).oversize(Oversize::Skip);

const RESPONSES: [(&str, Outcome); 7] = [
    (
        "data: 1\n\ndata: longer than the limit\n\ndata: 2\n\ndata: [DONE]\n\n",
        Outcome::Complete,
    ),
    ("event: end\ndata: longer than the limit\n\n", Outcome::Complete),
    (
        "data: 1\n\ndata: longer than the limit\n\ndata: 2\n\n",
        Outcome::Truncated,
    ),
    (
        ": a comment longer than the limit\n\ndata: 1\n\n: a comment longer than the limit\n",
        Outcome::Unfinished,
    ),
    (": a comment longer than the limit", Outcome::KeepAliveOnly),
    ("{\"error\":\"longer than the limit\"}", Outcome::Truncated),
    (
        "id: 7\ndata: longer than the limit\n\nid: 8\ndata: longer than the limit\n",
        Outcome::Truncated,
    ),
];

/// What a response gave, and its outcome.
type Shown = (Vec<String>, Outcome);

fn of_parser(chunks: &[&[u8]]) -> Shown {
    let mut parser = Parser::with_options(OPTIONS);
    let mut events = Vec::new();
    for chunk in chunks {
        parser.push(chunk, |event| events.push(format!("{event:?}"))).unwrap();
    }
    let finish = parser.finish().unwrap();
    events.extend(finish.event.map(|event| format!("{event:?}")));
    (events, finish.outcome)
}

fn of_owned(chunks: &[&[u8]]) -> Shown {
    let mut parser = Parser::with_options(OPTIONS);
    let mut events = Vec::new();
    for chunk in chunks {
        let mut chunk = Bytes::copy_from_slice(chunk);
        while let Some(event) = parser.next_owned(&mut chunk).unwrap() {
            events.push(format!("{:?}", event.detach()));
        }
    }
    let finish = parser.finish_owned().unwrap();
    events.extend(finish.event.map(|event| format!("{event:?}")));
    (events, finish.outcome)
}

/// Reads give one chunk each.
struct Chunks<'a>(Vec<&'a [u8]>);

impl Read for Chunks<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.0.pop().map_or(Ok(0), |mut chunk| chunk.read(into))
    }
}

fn reader<'a>(chunks: &[&'a [u8]]) -> EventReader<Chunks<'a>> {
    EventReader::with_options(Chunks(chunks.iter().rev().copied().collect()), OPTIONS)
}

fn of_reader(chunks: &[&[u8]]) -> Shown {
    let mut reader = reader(chunks);
    let mut events = Vec::new();
    while let Some(event) = reader.next_event().unwrap() {
        events.push(format!("{event:?}"));
    }
    (events, reader.outcome().unwrap())
}

fn of_stream(chunks: &[&[u8]]) -> Shown {
    let chunks: Vec<_> = chunks.iter().map(|chunk| Ok::<_, Infallible>(chunk.to_vec())).collect();
    let mut stream = EventStream::with_options(futures_util::stream::iter(chunks), OPTIONS);
    let mut events = Vec::new();
    futures_executor(async {
        while let Some(result) = stream.next().await {
            match result {
                Ok(event) => events.push(format!("{event:?}")),
                Err(StreamError::Incomplete { rest, .. }) => assert_eq!(rest, ""),
                Err(error) => panic!("{error}"),
            }
        }
    });
    (events, stream.outcome().unwrap())
}

fn futures_executor(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future);
}

#[test]
fn the_same_in_every_adapter() {
    for (response, outcome) in RESPONSES {
        for size in 1..=response.len() {
            let chunks: Vec<_> = response.as_bytes().chunks(size).collect();
            let expected = of_parser(&chunks);
            assert_eq!(expected.1, outcome, "{response:?}");
            assert_eq!(of_owned(&chunks), expected, "{response:?} by {size}");
            assert_eq!(of_reader(&chunks), expected, "{response:?} by {size}");
            assert_eq!(of_stream(&chunks), expected, "{response:?} by {size}");
        }
    }
}

#[test]
fn a_reader_passes_over_comments_alone() {
    let response =
        b": a comment longer than the limit\n\ndata: longer than the limit\n\n: a comment longer than the limit";
    let chunks: Vec<_> = response.chunks(10).collect();
    let mut reader = reader(&chunks);
    assert_eq!(reader.next_output().unwrap(), Some(Event::Skipped(Skipped::new(28))));
    assert_eq!(reader.next_output().unwrap(), None);
    assert_eq!(reader.parser().keep_alives(), 2);
}

#[test]
fn owned_and_borrowed_are_the_same() {
    for skipped in [Skipped::new(28), Skipped::comment(28)] {
        let event = Event::Skipped(skipped);
        let owned = event.to_owned_in(&Bytes::new());
        assert_eq!(owned, OwnedEvent::Skipped(skipped));
        assert_eq!(owned.detach().as_event(), event);
    }
}

#[test]
fn a_response_that_breaks_off() {
    for (response, outcome) in [
        (&b"data: longer than the limit\n\n"[..], Outcome::Truncated),
        (b"data: longer than the limit", Outcome::Truncated),
        (b"event: end\ndata: longer than the limit\n\n", Outcome::Complete),
        (b": a comment longer than the limit", Outcome::KeepAliveOnly),
    ] {
        let mut reader = reader(&[response]);
        while let Ok(Some(Event::KeepAlive(_) | Event::Data(_))) = reader.next_event() {}
        assert_eq!(reader.close(), outcome, "{:?}", response.escape_ascii());
    }
}

#[test]
fn a_watchdog_takes_it_for_output_unless_it_is_a_comment() {
    let seconds = Duration::from_secs;
    let mut watchdog = Watchdog::new().start(seconds(100)).stall(seconds(10));
    watchdog.on_event(&Event::Skipped(Skipped::comment(5000)), seconds(1));
    assert_eq!(watchdog.next_deadline(), Some(seconds(100)));
    watchdog.on_event(&Event::Skipped(Skipped::new(5000)), seconds(2));
    assert_eq!(watchdog.next_deadline(), Some(seconds(12)));
    watchdog.on_event(&Event::Skipped(Skipped::comment(5000)), seconds(3));
    assert_eq!(watchdog.next_deadline(), Some(seconds(12)));
    assert_eq!(watchdog.keep_alives(), 2);
    assert_eq!(watchdog.time_in_queue(), Some(seconds(2)));
}
