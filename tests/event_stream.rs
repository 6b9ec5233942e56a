//! The asynchronous stream: the same events as from the parser, one to a poll, and an end that cannot be overlooked.

#![cfg(feature = "futures")]

mod common;
mod responses;

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
use common::{
    reference::decode,
    trace::{Cut, End, Heard, State, Step},
};
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
fn gives_the_reference_trace_in_every_cut() {
    for (bytes, setup) in responses::all() {
        let expected = decode(bytes, setup);
        for cut in Cut::all(bytes) {
            for pending in [false, true] {
                let turns = cut.chunks.iter().flat_map(|chunk| {
                    let chunk = Some(Ok(Bytes::copy_from_slice(chunk)));
                    [None, chunk].into_iter().skip(usize::from(!pending))
                });
                let script = Script::new(turns);
                let pendings = script.turns.iter().filter(|turn| turn.is_none()).count();
                let mut events = EventStream::with_options(script, setup.options());
                let what = format!("\"{}\" in {setup:?}, {}", bytes.escape_ascii(), cut.name);
                let (mut steps, heard, waits) = read_all(&mut events);
                assert_eq!(heard, expected.heard().merged(), "{what}");
                steps.truncate(expected.steps.len());
                assert_eq!(steps, expected.steps, "{what}");
                if events.outcome().is_some() && cut.chunks.len() < 32 {
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
    let end = loop {
        match poll_counting(events, &wakes) {
            Poll::Ready(Some(Ok(event))) => steps.push(Step {
                seen: event.as_event().into(),
                state: State::of(events.parser()),
            }),
            Poll::Ready(Some(Err(StreamError::Incomplete { outcome, rest }))) => {
                assert!(!outcome.is_complete());
                assert_eq!(events.outcome(), Some(outcome));
                break End::Finish(None, outcome, (&*rest).into());
            }
            Poll::Ready(Some(Err(StreamError::Parse(error)))) => {
                assert_eq!(events.outcome(), None);
                break error.into();
            }
            Poll::Ready(Some(Err(error))) => panic!("{error}"),
            Poll::Ready(None) => {
                assert_eq!(events.outcome(), Some(Outcome::Complete));
                break End::Finish(None, Outcome::Complete, (&[][..]).into());
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
            Poll::Ready(Some(event)) => assert_eq!(event, Ok(OwnedEvent::Done)),
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
        let rest = Bytes::copy_from_slice(rest);
        let last = Some(Err(StreamError::Incomplete { outcome, rest }));
        assert_eq!(ready(&mut events), last, "{}", bytes.escape_ascii());
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
            expected.push(Ok(event));
        }
        expected.push(Err(StreamError::Transport("reset")));

        let mut events = EventStream::new(Script::broken_after(&bytes[..position]));
        let given: Vec<_> = events.by_ref().collect().now_or_never().unwrap();
        assert_eq!(given, expected, "at {position}");
        let outcome = events.outcome().unwrap();
        assert_eq!(outcome.is_safe_to_retry(), position <= 14, "at {position}: {outcome:?}");
        assert_eq!(
            outcome.is_complete(),
            position >= bytes.len() - 2,
            "at {position}: {outcome:?}"
        );
        assert_fused(&mut events);
    }
}

/// What only the end of the input completes is not complete where the transport broke.
#[test]
fn an_event_that_was_open_when_the_transport_broke_is_cut() {
    for bytes in [
        &b"data: {}"[..],
        b"data: {}\n",
        b"data:",
        b"event: ping\ndata: {}\n",
        b"event: message_stop\ndata: {}\n",
    ] {
        let mut events = EventStream::new(Script::broken_after(bytes));
        assert_eq!(ready(&mut events), Some(Err(StreamError::Transport("reset"))));
        assert_eq!(events.outcome(), Some(Outcome::Truncated), "{}", bytes.escape_ascii());
    }
    // The number may have had more digits.
    let options = Options::new().format(Format::Json);
    let mut events = EventStream::with_options(Script::broken_after(b"12"), options);
    assert_eq!(ready(&mut events), Some(Err(StreamError::Transport("reset"))));
    assert_eq!(events.outcome(), Some(Outcome::Truncated));
}

#[test]
fn a_parse_error_is_the_last_item() {
    let script = Script::of(&[b"{}", b" x", b"data: late\n\n"]);
    let mut events = EventStream::new(script);
    assert!(matches!(ready(&mut events), Some(Ok(OwnedEvent::Body(_)))));
    assert!(matches!(ready(&mut events), Some(Err(StreamError::Parse(error))) if error.offset() == 3));
    assert_eq!(events.outcome(), None);
    assert_eq!(events.get_ref().polls, 2);
    assert_fused(&mut events);
    assert_eq!(events.close(), None);
}

#[test]
fn close_ends_it_and_looks_at_all_that_was_received() {
    let mut events = fixed(b": queued\n\ndata: {}\n\n");
    assert!(matches!(ready(&mut events), Some(Ok(OwnedEvent::KeepAlive(_)))));
    assert_eq!(events.close(), Some(Outcome::Unfinished));
    assert_fused(&mut events);
    assert_eq!(events.get_ref().polls, 1);

    // Nothing was polled yet.
    let mut events = fixed(b"data: {}\n\n");
    assert_eq!(events.close(), Some(Outcome::Empty));
    assert_fused(&mut events);

    // After the last event it takes the place of the error.
    let mut events = fixed(b"data: {}");
    assert!(matches!(ready(&mut events), Some(Ok(OwnedEvent::Data(_)))));
    assert_eq!(events.close(), Some(Outcome::Unfinished));
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
    {
        let events = EventStream::new(stream);
        events
            .filter(|event| std::future::ready(event.is_ok()))
            .count()
            .now_or_never()
            .unwrap()
    }
    assert_eq!(count(stream::iter([Ok::<_, ()>("data: 1\n\n")])), 1);
    assert_eq!(count(stream::iter([Ok::<_, io::Error>(b"data: 1\n\n".to_vec())])), 1);
    assert_eq!(
        count(stream::iter([Ok::<_, Box<dyn std::error::Error>>(String::from(
            "data: 1\n\n"
        ))])),
        1
    );
    // A transport that is not `Unpin` is boxed or pinned in place.
    assert_eq!(count(Box::pin(stream::once(async { Ok::<_, ()>("data: 1\n\n") }))), 1);
    assert_eq!(
        count(std::pin::pin!(stream::once(async { Ok::<_, ()>("data: 1\n\n") }))),
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
        E: std::error::Error,
    {
        let mut events = EventStream::new(stream);
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
    assert_eq!(texts(axum::body::Body::from(RESPONSE).into_data_stream()), expected);
    let frames = stream::once(async { Ok::<_, Infallible>(hyper::body::Frame::data(Bytes::from(RESPONSE))) });
    assert_eq!(texts(BodyDataStream::new(Box::pin(StreamBody::new(frames)))), expected);

    // Data that is no `Bytes`, but any other `Buf`.
    let body = Full::new(VecDeque::from(RESPONSE.as_bytes().to_vec()));
    let chunks = BodyDataStream::new(body).map_ok(|mut data| {
        let len = bytes::Buf::remaining(&data);
        bytes::Buf::copy_to_bytes(&mut data, len)
    });
    assert_eq!(texts(chunks), expected);
}

#[test]
fn reads_the_body_of_reqwest() {
    let response = hyper::Response::new("data: 1\n\ndata: [DONE]\n\n");
    let response = reqwest::Response::from(response);
    let events = EventStream::new(response.bytes_stream());
    let events: Vec<_> = events.try_collect().now_or_never().unwrap().unwrap();
    assert_eq!(events.len(), 2);
}

#[test]
fn the_end_may_be_what_cannot_be_read() {
    let options = Options::new().format(Format::Json);
    let mut events = EventStream::with_options(Script::of(&[b"\xEF\xBB"]), options);
    let Some(Err(StreamError::Parse(error))) = ready(&mut events) else {
        panic!("no error");
    };
    assert_eq!(error.offset(), 0);
    assert!(ready(&mut events).is_none());
}

#[test]
fn errors_say_what_to_do() {
    let error = StreamError::Transport(io::Error::from(io::ErrorKind::ConnectionReset));
    assert_eq!(
        error.to_string(),
        "the transport failed before the response ended; \
         `EventStream::outcome` tells whether to send the request again"
    );
    assert_eq!(error.source().unwrap().to_string(), "connection reset");

    let Some(Err(error)) = ready(&mut fixed(b"\n\n").skip(2)) else {
        panic!("no error");
    };
    assert_eq!(
        error.to_string(),
        "the response ended while the request was queued; send the request again"
    );
    let Some(Err(error)) = ready(&mut fixed(b"[]]").skip(1)) else {
        panic!("no error");
    };
    assert_eq!(error.to_string(), "the response cannot be read");
    let StreamError::Parse(error) = error else {
        panic!("{error:?}");
    };
    let error = StreamError::<io::Error>::Parse(error);
    assert!(error.source().unwrap().to_string().starts_with("byte 2: `]` follows"));

    let incomplete = |outcome| StreamError::<Infallible>::Incomplete {
        outcome,
        rest: Bytes::new(),
    };
    for (outcome, expected) in [
        (Outcome::Empty, "the response is empty; send the request again"),
        (
            Outcome::KeepAliveOnly,
            "the response ended while the request was queued; send the request again",
        ),
        (
            Outcome::Unfinished,
            "the response ended without an end mark; take it for complete only if this server sends none",
        ),
        (
            Outcome::Truncated,
            "the response was cut; what came of it was billed, so do not retry blindly",
        ),
        (
            Outcome::Unrecognized,
            "the response is no event stream and no JSON; look at its status and its text",
        ),
    ] {
        let error = incomplete(outcome);
        assert!(error.source().is_none());
        assert_eq!(error.to_string(), expected);
        assert_eq!(
            expected.ends_with("; send the request again"),
            outcome.is_safe_to_retry()
        );
    }
}

#[test]
fn auto_traits_are_those_of_the_transport() {
    fn check<T: Send + Sync + Unpin>() {}
    check::<EventStream<stream::Empty<Chunk>>>();
    check::<StreamError<io::Error>>();
    fn is_error<T: std::error::Error + Send + Sync + 'static>() {}
    is_error::<StreamError<io::Error>>();
}

#[test]
fn debug_needs_nothing_of_the_transport() {
    let events = EventStream::new(stream::repeat_with(|| Ok::<_, Infallible>(Bytes::new())));
    let text = format!("{events:?}");
    assert!(text.starts_with("EventStream { parser: Parser {"), "{text}");
    assert!(text.ends_with("chunk_len: 0, outcome: None, .. }"), "{text}");
    drop(events.into_inner());
}
