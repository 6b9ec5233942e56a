//! The asynchronous stream: the same events as from the parser, one to a poll, and an end that cannot be overlooked.

use crate::common;
use crate::responses;

use std::{
    collections::VecDeque,
    convert::Infallible,
    error::Error as _,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use bytes::Bytes;
use common::trace::{End, Heard, Split, State, Step, trace_of};
use futures_util::{FutureExt, Stream, StreamExt, TryStreamExt, stream, stream::FusedStream};
use llm_response::{EventStream, Format, Options, Outcome, OwnedEvent, Parser, SliceBuffer, StreamError};

type Chunk = Result<Bytes, &'static str>;

/// A transport that gives what it is told, poll by poll, is not to be polled after its end, and counts.
#[derive(Debug)]
struct Script {
    /// `None` is `Pending`.
    turns: VecDeque<Option<Chunk>>,
    polls: usize,
    ended: bool,
}

impl Script {
    fn new(turns: impl IntoIterator<Item = Option<Chunk>>) -> Self {
        Self {
            turns: turns.into_iter().collect(),
            polls: 0,
            ended: false,
        }
    }

    fn of(chunks: &[&[u8]]) -> Self {
        Self::new(chunks.iter().map(|chunk| Some(Ok(Bytes::copy_from_slice(chunk)))))
    }

    fn broken_after(bytes: &'static [u8]) -> Self {
        Self::new([Some(Ok(Bytes::from_static(bytes))), Some(Err("reset"))])
    }
}

impl Stream for Script {
    type Item = Chunk;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Chunk>> {
        assert!(!self.ended, "polled after the end");
        self.polls += 1;
        match self.turns.pop_front() {
            Some(Some(chunk)) => Poll::Ready(Some(chunk)),
            Some(None) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => {
                self.ended = true;
                Poll::Ready(None)
            }
        }
    }
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    poll_counting(stream, &Arc::default())
}

fn poll_counting<S: Stream + Unpin>(stream: &mut S, wakes: &Arc<Wakes>) -> Poll<Option<S::Item>> {
    stream.poll_next_unpin(&mut Context::from_waker(&Waker::from(Arc::clone(wakes))))
}

/// The next item of a stream that is not to be pending.
fn ready<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    match poll(stream) {
        Poll::Ready(item) => item,
        Poll::Pending => panic!("pending"),
    }
}

fn fixed(bytes: &'static [u8]) -> EventStream<Script> {
    EventStream::new(Script::of(&[bytes]))
}

#[test]
fn gives_the_trace_of_the_parser_for_every_split() {
    for (bytes, setup) in responses::all() {
        let expected = trace_of(&mut Parser::with_options(setup.options()), [bytes]);
        for split in Split::all(bytes) {
            for pending in [false, true] {
                let turns = split.chunks.iter().flat_map(|chunk| {
                    let chunk = Some(Ok(Bytes::copy_from_slice(chunk)));
                    [None, chunk].into_iter().skip(usize::from(!pending))
                });
                let script = Script::new(turns);
                let pendings = script.turns.iter().filter(|turn| turn.is_none()).count();
                let mut events = EventStream::with_options(script, setup.options());
                let what = format!("\"{}\" in {setup:?}, {}", bytes.escape_ascii(), split.name);
                let (mut steps, heard, waits) = read_all(&mut events);
                let is_error = matches!(heard.end, End::Error(..));
                assert_eq!(heard, expected.heard().merged(), "{what}");
                steps.truncate(expected.steps.len());
                assert_eq!(steps, expected.steps, "{what}");
                if !is_error && split.chunks.len() < 32 {
                    assert_eq!(waits, pendings, "{what}");
                }
            }
        }
    }
}

/// All that the stream gives, and how often it was pending.
fn read_all(events: &mut EventStream<Script>) -> (Vec<Step>, Heard, usize) {
    let wakes = Arc::<Wakes>::default();
    let mut steps = Vec::new();
    let mut waits = 0;
    let mut has_failed = false;
    let end = loop {
        match poll_counting(events, &wakes) {
            Poll::Ready(Some(Ok(event))) => {
                match &event {
                    OwnedEvent::Data(data) => has_failed = data.is_error(),
                    OwnedEvent::Body(body) => has_failed = body.is_error(),
                    _ => {}
                }
                steps.push(Step {
                    seen: event.as_event().into(),
                    state: State::of(events.parser()),
                });
            }
            Poll::Ready(Some(Err(StreamError::Incomplete { outcome, rest, .. }))) => {
                assert!(!outcome.is_complete());
                assert_eq!(events.outcome(), Some(outcome));
                break End::Finish(None, outcome, (&*rest).into());
            }
            Poll::Ready(Some(Err(StreamError::Parse { error, outcome, .. }))) => {
                assert_eq!(events.outcome(), Some(outcome));
                assert!(!outcome.is_safe_to_retry());
                break error.into();
            }
            Poll::Ready(Some(Err(error))) => panic!("{error}"),
            Poll::Ready(None) => {
                let outcome = events.outcome().expect("an outcome at the end");
                assert!(outcome.is_complete() || has_failed && outcome == Outcome::Unfinished);
                break End::Finish(None, outcome, (&[][..]).into());
            }
            Poll::Pending => {
                waits += 1;
                assert_eq!(wakes.0.load(Ordering::Relaxed), waits, "pending without a waker");
            }
        }
    };
    assert_fused(events);
    let heard = Heard {
        events: steps.iter().map(|step| step.seen.clone()).collect(),
        end,
        after: State::of(events.parser()),
    };
    (steps, heard, waits)
}

fn assert_fused<S, B>(events: &mut EventStream<S, B>)
where
    EventStream<S, B>: FusedStream + Unpin,
{
    let outcome = events.outcome();
    for _ in 0..3 {
        assert!(ready(events).is_none());
        assert!(events.is_terminated());
    }
    assert_eq!(events.outcome(), outcome);
}

#[test]
fn events_of_one_chunk_come_without_polling_the_transport() {
    let mut events = fixed(b"data: 1\n\n: queued\n\nevent: message_stop\ndata: {}\n\n");
    for expected in 1..=4 {
        assert!(matches!(poll(&mut events), Poll::Ready(Some(Ok(_)))));
        assert_eq!(events.get_ref().polls, 1, "event {expected}");
        assert!(!events.is_terminated());
    }
    // The last was the `Done` that takes no byte.
    assert!(ready(&mut events).is_none());
    assert_eq!(events.get_ref().polls, 2);
    assert_eq!(events.outcome(), Some(Outcome::Complete));
    assert_fused(&mut events);
}

#[test]
fn a_transport_that_waits_is_waited_for() {
    let wakes = Arc::<Wakes>::default();
    let mut events = EventStream::new(Script::new([
        None,
        Some(Ok("data: 1\n".into())),
        None,
        Some(Ok("\n".into())),
    ]));
    assert!(poll_counting(&mut events, &wakes).is_pending());
    assert!(poll_counting(&mut events, &wakes).is_pending());
    assert!(poll_counting(&mut events, &wakes).is_ready());
    assert_eq!(wakes.0.load(Ordering::Relaxed), 2);
    assert_eq!(events.get_ref().polls, 4);
}

/// Chunks that complete no event, without end, do not keep other tasks waiting.
#[test]
fn a_transport_that_never_waits_is_interrupted() {
    let wakes = Arc::<Wakes>::default();
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(b"x")));
    let mut events = EventStream::new(endless);
    for times in 1..10 {
        assert!(poll_counting(&mut events, &wakes).is_pending());
        assert_eq!(wakes.0.load(Ordering::Relaxed), times);
        let taken = events.parser().position();
        assert!(taken > 0 && taken <= 100 * times as u64);
    }
    // All of it arrives: `data` with many pieces, and the polls that gave nothing lost none.
    let pieces = "data: a very long event that comes in many little pieces, one byte each\n\ndata: [DONE]\n\n";
    let mut events = EventStream::new(stream::iter(pieces.bytes().map(|byte| Ok::<_, Infallible>(vec![byte]))));
    let mut data = Vec::new();
    let mut waits = 0;
    loop {
        match poll(&mut events) {
            Poll::Ready(Some(Ok(OwnedEvent::Data(event)))) => data.push(event),
            Poll::Ready(Some(event)) => assert_eq!(event.unwrap(), OwnedEvent::Done),
            Poll::Ready(None) => break,
            Poll::Pending => waits += 1,
        }
    }
    assert_eq!(data.len(), 1);
    assert_eq!(waits, 2);
}

#[test]
fn an_end_that_is_not_complete_is_the_last_item() {
    let table: &[(&'static [u8], usize, Outcome, &[u8])] = &[
        (b"", 0, Outcome::Empty, b""),
        (b": queued\n\n: queued", 2, Outcome::KeepAliveOnly, b""),
        (b"data: {}\n\n", 1, Outcome::Unfinished, b""),
        (b"data: {}\n\ndata: {}", 2, Outcome::Unfinished, b""),
        (b"data: {}\n\ndata: {\"a\":", 1, Outcome::Truncated, b"{\"a\":"),
        (b"\n{\"a\":", 1, Outcome::Truncated, b"{\"a\":"),
        (b"<html>\n</html>", 2, Outcome::Unrecognized, b""),
    ];
    for &(bytes, count, outcome, rest) in table {
        let mut events = fixed(bytes);
        for _ in 0..count {
            assert!(matches!(ready(&mut events), Some(Ok(_))), "{}", bytes.escape_ascii());
        }
        assert!(!events.is_terminated());
        let Some(Err(StreamError::Incomplete {
            outcome: given,
            rest: given_rest,
            ..
        })) = ready(&mut events)
        else {
            panic!("no error after {}", bytes.escape_ascii());
        };
        assert_eq!((given, &given_rest[..]), (outcome, rest), "{}", bytes.escape_ascii());
        assert_eq!(events.outcome(), Some(outcome));
        assert_fused(&mut events);
    }
}

#[test]
fn a_complete_end_is_the_end() {
    for bytes in [
        &b"data: [DONE]\n\n"[..],
        b"data: [DONE]",
        b"{\"a\":1}",
        b"{\"a\":1}\n\n",
    ] {
        let mut events = fixed(bytes);
        assert!(matches!(
            ready(&mut events),
            Some(Ok(OwnedEvent::Done | OwnedEvent::Body(_)))
        ));
        assert!(ready(&mut events).is_none());
        assert_eq!(events.outcome(), Some(Outcome::Complete));
        assert_fused(&mut events);
    }
}

/// The transport breaks after each byte: the events until then, the error, and an outcome that never allows a retry
/// once any output was received.
#[test]
fn a_transport_error_is_the_last_item_and_the_outcome_is_known() {
    let bytes = b": keep-alive\n\ndata: {\"a\":1}\n\ndata: [DONE]\n\n";
    for position in 0..=bytes.len() {
        let mut parser = Parser::new();
        let mut expected = Vec::new();
        let mut chunk = Bytes::from_static(&bytes[..position]);
        while let Some(event) = parser.next_owned(&mut chunk).unwrap() {
            expected.push(event);
        }

        let mut events = EventStream::new(Script::broken_after(&bytes[..position]));
        let mut given: Vec<_> = events.by_ref().collect().now_or_never().unwrap();
        let outcome = broken(given.pop());
        let given: Vec<_> = given.into_iter().map(Result::unwrap).collect();
        assert_eq!(given, expected, "at {position}");
        assert_eq!(events.outcome(), Some(outcome));
        assert_eq!(outcome.is_safe_to_retry(), position <= 14, "at {position}: {outcome:?}");
        assert_eq!(
            outcome.is_complete(),
            position >= bytes.len() - 2,
            "at {position}: {outcome:?}"
        );
        assert_fused(&mut events);
    }
}

/// What was received before the transport failed, which is what the item says.
fn broken(item: Option<Result<OwnedEvent, StreamError>>) -> Outcome {
    match item {
        Some(Err(StreamError::Transport { error, outcome, .. })) => {
            assert_eq!(error.to_string(), "reset");
            outcome
        }
        other => panic!("{other:?}"),
    }
}

/// What only the end of the input completes is not complete where the transport broke.
#[test]
fn an_event_that_was_open_when_the_transport_broke_is_truncated() {
    for bytes in [
        &b"data: {}"[..],
        b"data: {}\n",
        b"data:",
        b"event: ping\ndata: {}\n",
        b"event: message_stop\ndata: {}\n",
    ] {
        let mut events = EventStream::new(Script::broken_after(bytes));
        assert_eq!(
            broken(ready(&mut events)),
            Outcome::Truncated,
            "{}",
            bytes.escape_ascii()
        );
        assert_eq!(events.outcome(), Some(Outcome::Truncated));
    }
    // The number may have had more digits.
    let options = Options::new().format(Format::Json);
    let mut events = EventStream::with_options(Script::broken_after(b"12"), options);
    assert_eq!(broken(ready(&mut events)), Outcome::Truncated);
}

/// What follows cannot be read in any format; whether output had come decides on a retry.
#[test]
fn a_parse_error_is_the_last_item_and_the_outcome_is_known() {
    let json = Options::new().format(Format::Json);
    let short = Options::new().max_len(10);
    for (options, chunks, events_before, offset, outcome) in [
        (json, &[&b"{}"[..], b" x", b"{}"][..], 1, 3, Outcome::Complete),
        (json, &[b"\n<html>"], 1, 1, Outcome::Unrecognized),
        (
            short,
            &[b"data: 1\n\ndata: 2", b"345678\n\n"],
            1,
            19,
            Outcome::Truncated,
        ),
        (short, &[b": 1\n\ndata: 2345678\n\n"], 1, 15, Outcome::Truncated),
        (short, &[b"data: [DONE]\n\n"], 0, 10, Outcome::Truncated),
    ] {
        let mut events = EventStream::with_options(Script::of(chunks), options);
        for _ in 0..events_before {
            assert!(matches!(ready(&mut events), Some(Ok(_))));
        }
        let error = ready(&mut events).unwrap().unwrap_err();
        assert!(
            matches!(&error, StreamError::Parse { error, .. } if error.offset() == offset),
            "{error:?}"
        );
        assert_eq!(error.outcome(), outcome, "{chunks:?}");
        assert!(!error.is_safe_to_retry());
        assert_eq!(events.outcome(), Some(outcome));
        assert_fused(&mut events);
        assert_eq!(events.close(), outcome);
    }
}

#[test]
fn close_ends_it_and_looks_at_all_that_was_received() {
    let mut events = fixed(b": queued\n\ndata: {}\n\n");
    assert!(matches!(ready(&mut events), Some(Ok(OwnedEvent::KeepAlive(_)))));
    assert_eq!(events.close(), Outcome::Unfinished);
    assert_fused(&mut events);
    assert_eq!(events.get_ref().polls, 1);

    // Nothing was polled yet.
    let mut events = fixed(b"data: {}\n\n");
    assert_eq!(events.close(), Outcome::Empty);
    assert_fused(&mut events);

    // After the last event it takes the place of the error.
    let mut events = fixed(b"data: {}");
    assert!(matches!(ready(&mut events), Some(Ok(OwnedEvent::Data(_)))));
    assert_eq!(events.close(), Outcome::Unfinished);
    assert_fused(&mut events);
}

#[test]
fn events_share_the_chunk() {
    let whole = Bytes::from_static(b"data: one\n\n");
    let mut events = EventStream::new(stream::iter([Ok::<_, Infallible>(whole.clone())]));
    let Some(Ok(OwnedEvent::Data(data))) = ready(&mut events) else {
        panic!("no data");
    };
    assert_eq!(data.as_bytes().as_ptr(), whole[6..].as_ptr());
}

/// While it waits for the next chunk, it holds nothing of the last one.
#[test]
fn a_chunk_is_let_go_before_the_next_one_is_asked_for() {
    let whole = Bytes::from(b"data: one\n\n".to_vec());
    let chunks = stream::iter([Ok::<_, Infallible>(whole.clone())]).chain(stream::pending());
    let mut events = EventStream::new(chunks);
    drop(ready(&mut events));
    assert!(poll(&mut events).is_pending());
    assert!(whole.is_unique());
}

#[test]
fn dropping_it_drops_the_transport() {
    let transport = Arc::new(());
    let held = Arc::clone(&transport);
    let chunks = stream::pending::<Chunk>().inspect(move |_| drop(Arc::clone(&held)));
    let mut events = EventStream::new(chunks);
    assert!(poll(&mut events).is_pending());
    assert_eq!(Arc::strong_count(&transport), 2);
    drop(events);
    assert_eq!(Arc::strong_count(&transport), 1);
}

#[test]
fn takes_any_chunk_and_any_error() {
    fn count<S, C, E>(stream: S) -> usize
    where
        S: Stream<Item = Result<C, E>> + Unpin,
        C: Into<Bytes>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let events = EventStream::new(stream);
        events
            .filter(|event| std::future::ready(event.is_ok()))
            .count()
            .now_or_never()
            .unwrap()
    }
    assert_eq!(count(stream::iter([Ok::<_, String>("data: 1\n\n")])), 1);
    assert_eq!(count(stream::iter([Ok::<_, io::Error>(b"data: 1\n\n".to_vec())])), 1);
    assert_eq!(
        count(stream::iter([Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
            String::from("data: 1\n\n")
        )])),
        1
    );
    // A transport that is not `Unpin` is boxed or pinned in place.
    assert_eq!(count(Box::pin(stream::once(async { Ok::<_, &str>("data: 1\n\n") }))), 1);
    assert_eq!(
        count(std::pin::pin!(stream::once(async { Ok::<_, &str>("data: 1\n\n") }))),
        1
    );
}

#[test]
fn parses_with_lent_memory() {
    let mut memory = [0; 16];
    let parser = Parser::in_memory(&mut memory, Options::new());
    let mut events: EventStream<_, SliceBuffer<'_>> =
        EventStream::with_parser(Script::of(&[b"data: 1", b"\n\n"]), parser);
    assert!(matches!(ready(&mut events), Some(Ok(OwnedEvent::Data(data))) if data.bytes() == "1"));
}

#[test]
fn reads_http_bodies() {
    use http_body_util::{BodyDataStream, BodyExt, Full, StreamBody};

    const RESPONSE: &str = ": queued\n\ndata: {\"a\":1}\n\ndata: [DONE]\n\n";

    fn texts<S, E>(stream: S) -> Vec<String>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        texts_of(EventStream::new(stream))
    }
    fn texts_of<S, C, E>(mut events: EventStream<S>) -> Vec<String>
    where
        S: Stream<Item = Result<C, E>> + Unpin,
        C: Into<Bytes>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let texts = events.by_ref().map_ok(|event| match event {
            OwnedEvent::KeepAlive(_) => String::from("keep-alive"),
            OwnedEvent::Data(data) => data.to_str().unwrap().into(),
            other => format!("{other:?}"),
        });
        let texts = texts.try_collect().now_or_never().unwrap().unwrap();
        assert_eq!(events.outcome(), Some(Outcome::Complete));
        texts
    }
    let expected = ["keep-alive", "{\"a\":1}", "Done"];

    assert_eq!(texts(BodyDataStream::new(Full::<Bytes>::from(RESPONSE))), expected);
    assert_eq!(texts(Full::<Bytes>::from(RESPONSE).into_data_stream()), expected);
    assert_eq!(
        texts(Full::<Bytes>::from(RESPONSE).boxed().into_data_stream()),
        expected
    );
    let frames = stream::once(async { Ok::<_, Infallible>(http_body::Frame::data(Bytes::from(RESPONSE))) });
    assert_eq!(texts(BodyDataStream::new(Box::pin(StreamBody::new(frames)))), expected);

    // Data that is no `Bytes`, but any other `Buf`; a body that is not `Unpin`.
    let body = Full::new(VecDeque::from(RESPONSE.as_bytes().to_vec()));
    assert_eq!(texts_of(EventStream::from_bufs(BodyDataStream::new(body))), expected);
    let once = stream::once(async { Ok::<_, Infallible>(RESPONSE) });
    assert_eq!(texts_of(EventStream::boxed(once)), expected);
}

#[test]
fn the_end_may_be_what_cannot_be_read() {
    let options = Options::new().format(Format::Json);
    let mut events = EventStream::with_options(Script::of(&[b"\xEF\xBB"]), options);
    let Some(Err(StreamError::Parse { error, .. })) = ready(&mut events) else {
        panic!("no error");
    };
    assert_eq!(error.offset(), 0);
    assert!(ready(&mut events).is_none());
}

/// A transport's error that has a cause of its own.
#[derive(Debug)]
struct Wrapped(io::Error);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body ended")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn reset() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

/// The error of a response of these bytes whose transport breaks then.
fn error_after<E>(bytes: &'static str, error: E) -> StreamError
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let events = EventStream::new(stream::iter([Ok(bytes), Err(error)]));
    let last = events
        .filter_map(|item| std::future::ready(item.err()))
        .collect::<Vec<_>>();
    last.now_or_never().expect("it never waits").pop().expect("an error")
}

#[test]
fn errors_name_their_cause_once() {
    let error = error_after(": queued\n\n", Wrapped(reset()));
    assert_eq!(
        error.to_string(),
        "the connection failed before any output: the body ended"
    );
    assert_eq!(
        format!("{error:#}"),
        "the connection failed before any output: the body ended: connection reset"
    );
    assert_eq!(error.source().unwrap().to_string(), "connection reset");
    assert!(error.is_safe_to_retry());

    let error = error_after("data: 1\n\n", reset());
    assert_eq!(
        error.to_string(),
        "the connection failed in the middle of the response: connection reset"
    );
    assert!(error.source().is_none());
    let error = error_after("data: [DONE]\n\n", "no close_notify");
    assert_eq!(
        error.to_string(),
        "the connection failed after the response was complete: no close_notify"
    );

    let options = Options::new().format(Format::Json);
    let mut events = EventStream::with_options(Script::of(&[b"<html>"]), options);
    let error = ready(&mut events).unwrap().unwrap_err();
    let StreamError::Parse { error: cause, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(error.to_string(), format!("the response cannot be read: {cause}"));
    assert!(error.source().is_none());
}

#[test]
fn ends_that_are_not_complete_say_what_they_mean() {
    let table: [(&'static [u8], &str); 5] = [
        (b"", "the response is empty; the request can be sent again"),
        (
            b"\n\n",
            "the response ended while the request was still waiting; the request can be sent again",
        ),
        (
            b"data: {}\n\n",
            "the response ended without an end mark; a part of it may be missing",
        ),
        (b"{\"a\":", "the response ended too early; a part of it is missing"),
        (
            b"<html>",
            "the response is neither an event stream nor JSON; look at its status and its text",
        ),
    ];
    for (bytes, expected) in table {
        let events = fixed(bytes).filter_map(|item| std::future::ready(item.err()));
        let errors = events.collect::<Vec<_>>().now_or_never().unwrap();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].to_string(), expected);
        assert!(errors[0].source().is_none());
        assert_eq!(expected.ends_with("sent again"), errors[0].is_safe_to_retry());
    }
}

#[cfg(feature = "std")]
#[test]
fn errors_become_errors_of_reading() {
    let kind = |error: StreamError| io::Error::from(error).kind();
    assert_eq!(kind(error_after("", reset())), io::ErrorKind::ConnectionReset);
    let other = io::Error::from(error_after("data: 1\n\n", Wrapped(reset())));
    assert_eq!(other.kind(), io::ErrorKind::Other);
    assert!(
        other.to_string().ends_with("of the response: the body ended"),
        "{other}"
    );

    let last = |mut events: EventStream<Script>| loop {
        if let Err(error) = ready(&mut events).expect("an error") {
            break error;
        }
    };
    assert_eq!(kind(last(fixed(b"data: {"))), io::ErrorKind::UnexpectedEof);
    let options = Options::new().max_len(3);
    let long = EventStream::with_options(Script::of(&[b"data: {"]), options);
    assert_eq!(kind(last(long)), io::ErrorKind::InvalidData);
}

#[test]
fn errors_of_the_transport_can_be_mapped() {
    let error = error_after("", reset()).map_transport(|error| {
        let error = error.downcast::<io::Error>().expect("it is still the same");
        format!("{:?}", error.kind())
    });
    assert_eq!(
        error.to_string(),
        "the connection failed before any output: ConnectionReset"
    );
    assert_eq!(error.outcome(), Outcome::Empty);
    let mut events = fixed(b"");
    let error = ready(&mut events).unwrap().unwrap_err();
    let same = error.to_string();
    assert_eq!(error.map_transport(|_| "never").to_string(), same);
}

/// The server says what failed and sends no end mark: one failure, and one report.
#[test]
fn an_error_event_is_not_followed_by_a_second_error() {
    let error = "data: {\"error\":{\"message\":\"busy\"}}\n\n";
    for (response, is_reported_again) in [
        (error.to_owned(), false),
        (format!("data: {{}}\n\n{error}: keep-alive\n\n"), false),
        (error.trim_end().to_owned(), false), // without its blank line
        ("event: error\ndata: busy\n\n".to_owned(), false),
        ("data: {}\n\n{\"error\":{\"code\":429}}\n".to_owned(), false), // as a body in the stream
        (format!("{}\n<html>", error.trim_end()), true),                // a rest, too
        (format!("{error}data: {{}}\n\n"), true),
        (format!("{error}data: {{\"a\""), true),
        ("data: {}\n\n".to_owned(), true),
    ] {
        let mut events = EventStream::new(stream::iter([Ok::<_, Infallible>(response.clone())]));
        let mut errors = 0;
        while let Some(item) = ready(&mut events) {
            errors += usize::from(item.is_err());
        }
        assert_eq!(errors == 1, is_reported_again, "{response:?}");
        let mut parser = Parser::new();
        parser.push(response.as_bytes(), |_| {}).unwrap();
        assert_eq!(events.outcome(), Some(parser.finish().unwrap().outcome));
        assert_ne!(events.outcome(), Some(Outcome::Complete));
        assert_fused(&mut events);
    }
}

/// At every number of chunks that are ready at once, whatever comes after the body.
#[test]
fn select_never_sees_it_end_before_its_end() {
    for response in [&b"{}"[..], b"data: [DONE]\n\n", b"data: 1\n\n", b"<html>\n"] {
        for spaces in 0..=100 {
            let mut chunks = vec![response];
            chunks.resize(1 + spaces, b" ");
            let mut events = EventStream::new(Script::of(&chunks));
            let mut expected = Parser::new();
            let whole = chunks.concat();
            let mut count = 0;
            expected.push(&whole, |_| count += 1).unwrap();
            let finish = expected.finish().unwrap();
            count += usize::from(finish.event.is_some());

            let mut given = 0;
            let read = async {
                loop {
                    futures_util::select! {
                        item = events.select_next_some() => given += usize::from(item.is_ok()),
                        complete => break,
                    }
                }
            };
            let mut read = std::pin::pin!(read);
            let mut context = Context::from_waker(Waker::noop());
            let polls = (1..=100).find(|_| read.as_mut().poll(&mut context).is_ready());
            assert!(
                polls.is_some_and(|polls| polls <= 5),
                "{polls:?} polls with {spaces} spaces"
            );
            assert_eq!(given, count, "{spaces} spaces after {}", response.escape_ascii());
            assert_eq!(events.outcome(), Some(finish.outcome));
        }
    }
}

/// Pending is never the answer of a stream that says it has ended.
#[test]
fn a_stream_that_is_pending_has_not_ended() {
    for spaces in 0..=100 {
        let mut chunks = vec![&b"{}"[..]];
        chunks.resize(1 + spaces, b" ");
        let mut events = EventStream::new(Script::of(&chunks));
        let mut polls = 0;
        loop {
            polls += 1;
            assert!(polls < 200);
            match poll(&mut events) {
                Poll::Ready(None) => break,
                Poll::Ready(Some(item)) => drop(item.unwrap()),
                Poll::Pending => assert!(!events.is_terminated(), "with {spaces} spaces"),
            }
        }
        assert_fused(&mut events);
    }
}

/// What was never given is asked for again (R11).
#[test]
fn resuming_skips_nothing_that_was_not_given() {
    let bytes = b"retry: 5\nid: 7\ndata: 1\n\nid: 8\nretry: 60\ndata: {\"b\":2}\n\nid: 9\ndata: {}\n";
    for ending in [Some(Err("reset")), None] {
        for position in 0..=bytes.len() {
            for taken in 0..=3 {
                let chunk = Some(Ok(Bytes::from_static(&bytes[..position])));
                let script = Script::new([chunk].into_iter().chain(ending.clone().map(Some)));
                let mut events = EventStream::new(script);
                let (mut id, mut retry) = (Vec::new(), None);
                for _ in 0..taken {
                    if let Some(Ok(_)) = ready(&mut events) {
                        id = events.parser().last_event_id().to_vec();
                        retry = events.parser().retry();
                    }
                }
                let was_open = events.outcome().is_none();
                let _ = events.close();
                if was_open {
                    assert_eq!(events.parser().last_event_id(), id, "at {position}, {taken} taken");
                    let given = events.parser().retry();
                    assert_eq!(given, retry, "at {position}, {taken} taken");
                }
            }
        }
    }
}

/// The last item is an error of the transport, which is all that the caller sees.
#[test]
fn a_broken_transport_makes_no_id_count_that_was_not_given() {
    let bytes = b"id: 7\ndata: 1\n\nid: 80\ndata: {}";
    for position in 16..=bytes.len() {
        let mut events = EventStream::new(Script::broken_after(&bytes[..position]));
        assert!(matches!(ready(&mut events), Some(Ok(OwnedEvent::Data(_)))));
        let _ = broken(ready(&mut events));
        assert_eq!(events.parser().last_event_id(), b"7", "at {position}");
    }
}

/// No end mark is expected, and still a broken transport is no end.
#[test]
fn a_broken_transport_completes_nothing() {
    let unmarked = Options::new().end_mark(false);
    for options in [
        unmarked,
        Options::event_source(),
        Options::event_source().lenient_end(true),
    ] {
        let bytes = b"data: {}\n\n: keep-alive\n\n";
        let mut events = EventStream::with_options(Script::of(&[bytes]), options);
        while let Some(item) = ready(&mut events) {
            item.expect("its end is complete");
        }
        assert_eq!(events.outcome(), Some(Outcome::Complete), "{options:?}");

        let mut events = EventStream::with_options(Script::broken_after(bytes), options);
        let items = events.by_ref().collect::<Vec<_>>().now_or_never().unwrap();
        assert_eq!(
            broken(items.into_iter().next_back()),
            Outcome::Unfinished,
            "{options:?}"
        );
        let mut events = EventStream::with_options(Script::of(&[bytes]), options);
        assert!(ready(&mut events).is_some());
        assert_eq!(events.close(), Outcome::Unfinished, "{options:?}");
    }
}

#[test]
fn its_parts_go_on_by_hand() {
    let bytes: &'static [u8] = b"id: 7\ndata: 1\n\ndata: 2\n\ndata: [DONE]\n\n";
    let mut events = fixed(bytes);
    assert!(ready(&mut events).is_some());
    assert_eq!(events.received(), bytes.len() as u64);
    let (script, mut parser, mut unread) = events.into_parts();
    assert_eq!(script.polls, 1);
    assert_eq!(unread, bytes[15..]);
    let Some(OwnedEvent::Data(data)) = parser.next_owned(&mut unread).unwrap() else {
        panic!("no data");
    };
    assert_eq!((data.bytes(), data.id()), (&Bytes::from("2"), &b"7"[..]));

    // After an error: what cannot be read.
    let options = Options::new().format(Format::Json);
    let mut events = EventStream::with_options(Script::of(&[b"{} HTTP/1.1"]), options);
    assert!(matches!(ready(&mut events), Some(Ok(_))));
    assert!(matches!(ready(&mut events), Some(Err(_))));
    assert_eq!(events.into_parts().2, "HTTP/1.1");
}

#[test]
fn auto_traits_are_those_of_the_transport() {
    fn check<T: Send + Sync + Unpin>() {}
    check::<EventStream<stream::Empty<Chunk>>>();
    check::<StreamError>();
    fn is_error<T: std::error::Error + Send + Sync + 'static>() {}
    is_error::<StreamError>();
}

#[test]
fn debug_needs_nothing_of_the_transport() {
    let events = EventStream::new(stream::repeat_with(|| Ok::<_, Infallible>(Bytes::new())));
    let text = format!("{events:?}");
    assert!(text.starts_with("EventStream { parser: Parser {"), "{text}");
    assert!(text.ends_with("chunk_len: 0, outcome: None, .. }"), "{text}");
    drop(events.into_inner());
}
