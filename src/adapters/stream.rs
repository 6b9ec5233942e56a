//! An asynchronous stream of events over any stream of chunks.
//!
//! One poll gives one event: first what the parser still has, then what the current chunk completes. Only then is the
//! transport polled for more. There is no runtime, task, timer or pin projection: the transport is [`Unpin`] or boxed.

use alloc::boxed::Box;
use core::{fmt, mem, pin::Pin};

use bytes::Bytes;

use super::{Bufs, break_off::break_off};
use crate::{Buffer, HeapBuffer, Options, Outcome, Parser};

mod poll;

pub(super) use poll::{CHUNKS_PER_POLL, Turn};

/// The events of a response, from any stream of chunks: [`OwnedEvent`](crate::OwnedEvent)s, or a [`StreamError`](crate::StreamError) as the last item.
///
/// A stream that waits takes at most 192 bytes beside its transport, and no heap: a hundred thousand of them take 19 MB.
///
/// It works in every runtime, and with these transports:
///
/// | from | with |
/// |---|---|
/// | `reqwest::Response` | `EventStream::new(response.bytes_stream())` |
/// | `axum::body::Body` | `EventStream::new(body.into_data_stream())` |
/// | any [`http_body::Body`], such as those of hyper, tower or tonic | `EventStream::new(http_body_util::BodyDataStream::new(body))` |
/// | an `AsyncRead` of tokio | `EventStream::new(tokio_util::io::ReaderStream::new(read))` |
/// | a stream or body that is not `Unpin` | [`EventStream::boxed`], or `new` with `std::pin::pin!(…)` around it |
/// | chunks that are some other `bytes::Buf` | [`EventStream::from_bufs`] |
///
/// [`http_body::Body`]: https://docs.rs/http-body/1/http_body/trait.Body.html
///
/// ```
/// use bytes::Bytes;
/// use futures_util::TryStreamExt;
/// use http_body_util::{BodyDataStream, Full};
/// use llm_response::{EventStream, Outcome, OwnedEvent};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let body = Full::<Bytes>::from("data: {\"text\":\"hi\"}\n\ndata: [DONE]\n\n");
/// let mut events = EventStream::new(BodyDataStream::new(body));
/// let mut texts = Vec::new();
/// while let Some(event) = events.try_next().await? {
///     if let OwnedEvent::Data(data) = event {
///         texts.push(data.to_str_lossy().into_owned());
///     }
/// }
///
/// assert_eq!(texts, ["{\"text\":\"hi\"}"]);
/// assert_eq!(events.outcome(), Some(Outcome::Complete));
/// assert_eq!(events.received(), 35); // bytes
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # The end
///
/// | the response | last item | [`outcome`](Self::outcome) |
/// |---|---|---|
/// | ended, and is complete | the last event | [`Outcome::Complete`] |
/// | ended after an event that reports an error, without an end mark | that event | [`Outcome::Unfinished`] |
/// | ended in any other way, for example without an end mark | [`StreamError::Incomplete`](crate::StreamError::Incomplete) | the outcome in the error |
/// | ended because the transport failed | [`StreamError::Transport`](crate::StreamError::Transport) | depends on what was received: see [`close`](Self::close) |
/// | cannot be read | [`StreamError::Parse`](crate::StreamError::Parse) | depends on what was received |
///
/// After the last item, `next` gives `None`, and the transport is not polled again. All memory is freed, except that of the last
/// event id.
///
/// * If a server sends no end mark, every answer ends with `Incomplete` and [`Outcome::Unfinished`]. Set
///   [`Options::end_mark`] to `false` for such a server.
/// * A server that has reported an error ([`Data::is_error`](crate::Data::is_error)) sends no end mark after it. So the event is
///   the only report of this failure, and no [`StreamError::Incomplete`](crate::StreamError::Incomplete) follows. The outcome is
///   still `Unfinished`. If more output follows the event, or if something is missing, the stream ends with `Incomplete` as usual.
/// * If the transport fails after the whole response, for example because it was not shut down properly, this is an error too.
///   Its outcome is [`Outcome::Complete`], so you can ignore it.
///
/// [`OwnedEvent::Done`](crate::OwnedEvent::Done) and [`OwnedEvent::Body`](crate::OwnedEvent::Body) are not the end: what follows them is read until the transport ends,
/// so that a client can use the connection again. If you do not need that, stop there. Dropping the `EventStream` drops the
/// transport, which is how a request is cancelled.
///
/// # Reconnecting
///
/// A client that resumes a stream sends the last event id, after the time that `retry` asked for. The
/// [`parser`](Self::parser) has both, also after the last item. Blocks that hold only an `id` or a `retry` count, although
/// they give no event. The ids of events that were not given do not count: a truncated event, or an event that was received but
/// not given before the stream was closed.
///
/// ```
/// use futures_util::StreamExt;
/// use llm_response::{EventStream, Parser};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let chunks = |text| futures_util::stream::iter([Ok::<_, std::io::Error>(text)]);
/// let mut events = EventStream::new(chunks("retry: 500\n\nid: 7\ndata: one\n\nid: 8\n\nid: 9\ndata: tw"));
/// while events.next().await.is_some_and(|item| item.is_ok()) {}
///
/// let id = events.parser().last_event_id().to_vec();
/// assert_eq!(id, b"8"); // for the header `Last-Event-ID`
/// assert_eq!(events.parser().retry(), Some(500)); // milliseconds
///
/// let mut parser = Parser::new();
/// parser.restore(&id, Some(500)); // events without an id of their own still have this one
/// let events = EventStream::with_parser(chunks("data: two\n\n"), parser);
/// # assert_eq!(events.parser().last_event_id(), b"8");
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Deadlines
///
/// [`watched`](Self::watched) enforces the deadlines of a [`Watchdog`](crate::Watchdog), with a clock and a timer of your own. If a
/// timeout of your own cancels `next`, nothing is lost.
#[must_use = "streams do nothing unless polled"]
pub struct EventStream<S, B = HeapBuffer> {
    stream: S,
    parser: Parser<B>,
    /// What is left of the last chunk.
    chunk: Bytes,
    state: State,
    outcome: Option<Outcome>,
    /// Whether the last output reports an error.
    has_failed: bool,
}

/// What the next poll gives.
enum State {
    /// An event, or whatever the transport gives.
    Open,
    /// The error for this end, and the rest.
    Incomplete(Outcome, Bytes),
    /// Nothing.
    Ended,
}

impl<S> EventStream<S> {
    /// Reads the chunks of `stream` with [`Options::new`].
    ///
    /// It is a [`Stream`](futures_core::Stream) if `stream` is a stream of `Result<C, E>`. `C` must convert into [`Bytes`], as
    /// `Vec<u8>` and `&'static [u8]` do. `E` must convert into a boxed error, as errors, boxed errors and strings do.
    pub fn new(stream: S) -> Self {
        Self::with_options(stream, Options::new())
    }

    /// Reads the chunks of `stream` with `options`.
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use llm_response::{EventStream, Options, StreamError};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("data: much too long\n\n")]);
    /// let mut events = EventStream::with_options(chunks, Options::new().max_len(10));
    /// let error = events.next().await.unwrap().unwrap_err();
    /// assert!(matches!(error, StreamError::Parse { error, .. } if error.offset() == 10));
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_options(stream: S, options: Options) -> Self {
        Self::with_parser(stream, Parser::with_options(options))
    }
}

impl<S> EventStream<Pin<Box<S>>> {
    /// Reads the chunks of a stream that is not [`Unpin`], such as one of an `async` block, on the heap.
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use llm_response::EventStream;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let chunks = futures_util::stream::once(async { Ok::<_, std::io::Error>("data: hi\n\n") });
    /// let mut events = EventStream::boxed(chunks);
    /// assert!(events.next().await.unwrap().is_ok());
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn boxed(stream: S) -> Self {
        Self::new(Box::pin(stream))
    }
}

impl<S> EventStream<Bufs<S>> {
    /// Reads the chunks of a stream of any [`Buf`](bytes::Buf), such as the bodies of some servers and layers. A chunk that is not
    /// [`Bytes`] is copied.
    ///
    /// ```
    /// use std::collections::VecDeque;
    ///
    /// use futures_util::StreamExt;
    /// use llm_response::EventStream;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let chunk = VecDeque::from(b"data: hi\n\n".to_vec());
    /// let mut events = EventStream::from_bufs(futures_util::stream::iter([Ok::<_, std::io::Error>(chunk)]));
    /// assert!(events.next().await.unwrap().is_ok());
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_bufs(stream: S) -> Self {
        Self::new(Bufs::new(stream))
    }
}

impl<S, B> EventStream<S, B> {
    /// Reads the chunks of `stream` with this parser, which may have another buffer, or may have parsed the first bytes already.
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use llm_response::{EventStream, Options, Parser};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let mut memory = [0; 1024];
    /// let parser = Parser::in_memory(&mut memory, Options::new());
    /// let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("data: hi\n\n")]);
    /// let mut events = EventStream::with_parser(chunks, parser);
    /// assert!(events.next().await.unwrap().is_ok());
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_parser(stream: S, parser: Parser<B>) -> Self {
        Self {
            stream,
            parser,
            chunk: Bytes::new(),
            state: State::Open,
            outcome: None,
            has_failed: false,
        }
    }

    /// What the end means; `None` before the end.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// The parser, for example for its phase, its position, the last event id or the `retry` time.
    pub fn parser(&self) -> &Parser<B> {
        &self.parser
    }

    /// The transport.
    ///
    /// ```
    /// use llm_response::EventStream;
    ///
    /// let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("data: hi\n\n")]);
    /// let events = EventStream::new(chunks);
    /// let _chunks = events.get_ref();
    /// ```
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The transport. Bytes that were received and not parsed are lost; [`into_parts`](Self::into_parts) gives them.
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use llm_response::EventStream;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("data: [DONE]\n\n")]);
    /// let mut events = EventStream::new(chunks);
    /// while events.next().await.is_some() {}
    /// let _chunks = events.into_inner();
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_inner(self) -> S {
        self.stream
    }

    /// The transport, the parser, and the bytes that were received and not parsed yet: all that you need to continue by hand,
    /// or to look at the bytes after [`StreamError::Parse`](crate::StreamError::Parse).
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use llm_response::EventStream;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("data: [DONE]\n\nHTTP/1.1 200 OK")]);
    /// let mut events = EventStream::new(chunks);
    /// assert!(events.next().await.unwrap().is_ok());
    /// let (_chunks, _parser, unread) = events.into_parts();
    /// assert_eq!(unread, "HTTP/1.1 200 OK");
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_parts(self) -> (S, Parser<B>, Bytes) {
        (self.stream, self.parser, self.chunk)
    }

    pub(super) fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}

impl<S, B: Buffer> EventStream<S, B> {
    /// The number of bytes that were received, whether or not they were parsed yet.
    pub fn received(&self) -> u64 {
        self.parser.position() + self.chunk.len() as u64
    }

    /// Ends the response here and gives the outcome of what was received, as for a transport that failed. Call it if a deadline
    /// has passed, or if you want no more events. `next` then gives `None`. After the end it changes nothing and gives
    /// [`outcome`](Self::outcome).
    ///
    /// All bytes that were received count for the outcome, although their events are not given. Their ids do not count. An
    /// event that only the end of the input would complete, such as a last one without its blank line, counts as truncated:
    /// [`Outcome::Truncated`]. Only an end mark or a body makes the response complete. So [`Outcome::is_safe_to_retry`] is
    /// true only if no output was received at all.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use futures_util::StreamExt;
    /// use llm_response::{EventStream, Outcome};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let chunks = [Ok::<_, std::io::Error>(Bytes::from_static(b": queued\n\ndata: {\"text\":"))];
    /// let mut events = EventStream::new(futures_util::stream::iter(chunks));
    /// assert!(events.next().await.unwrap().is_ok()); // the comment
    ///
    /// assert_eq!(events.close(), Outcome::Truncated);
    /// assert!(events.next().await.is_none());
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&mut self) -> Outcome {
        self.state = State::Ended;
        if let Some(outcome) = self.outcome {
            return outcome;
        }
        let chunk = mem::take(&mut self.chunk);
        *self.outcome.insert(break_off(&mut self.parser, &chunk))
    }
}

impl<S: Unpin, B> Unpin for EventStream<S, B> {}

impl<S, B> fmt::Debug for EventStream<S, B>
where
    Parser<B>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("parser", &self.parser)
            .field("chunk_len", &self.chunk.len())
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
