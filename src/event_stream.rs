//! An asynchronous stream of events over any stream of chunks.
//!
//! One poll gives one event: first what the parser still has, then what the chunk at hand completes, and only then is
//! the transport asked for more. No runtime, no task, no timer, no pin projection: the transport is [`Unpin`] or boxed.

use core::{
    fmt, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::{Stream, stream::FusedStream};

use crate::{Buffer, Error, HeapBuffer, Options, Outcome, OwnedEvent, Parser, StreamError};

/// How many chunks one poll takes that complete no event, before other tasks get their turn.
const CHUNKS_PER_POLL: usize = 32;

/// The events of a response, from any stream of chunks: [`OwnedEvent`]s, or a [`StreamError`] as the last item.
///
/// It works in every runtime, and takes what HTTP clients give:
///
/// | from | with |
/// |---|---|
/// | `reqwest::Response` | `EventStream::new(response.bytes_stream())` |
/// | `axum::body::Body` | `EventStream::new(body.into_data_stream())` |
/// | any [`http_body::Body`], as of hyper, tower or tonic | `EventStream::new(http_body_util::BodyDataStream::new(body))` |
/// | an `AsyncRead` of tokio | `EventStream::new(tokio_util::io::ReaderStream::new(read))` |
/// | a stream or body that is not `Unpin` | the same, with `Box::pin(…)` around it, or `std::pin::pin!(…)` |
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
/// | ended otherwise, also without an end mark | [`StreamError::Incomplete`] | what it says |
/// | broke: the transport failed | [`StreamError::Transport`] | what was received until then, see [`close`](Self::close) |
/// | cannot be read | [`StreamError::Parse`] | `None` |
///
/// Then comes `None`, for ever, and the transport is not polled again.
///
/// * A server that sends no end mark makes every answer end in `Incomplete` with [`Outcome::Unfinished`]: match on it
///   where you know such a server.
/// * A transport that fails once all has come, because it was not shut down properly, is an error too; the outcome,
///   [`Outcome::Complete`], tells that it does not matter.
///
/// [`OwnedEvent::Done`] and [`OwnedEvent::Body`] are not the end: what follows them is read until the transport ends,
/// so that a client may use the connection again. Who does not care stops there; dropping the `EventStream` drops the
/// transport, which is how a request is cancelled.
///
/// # Deadlines
///
/// Timeouts are the caller's, because clocks are: a [`Watchdog`](crate::Watchdog) says when to wake up. The stream loses
/// nothing when `next` is cancelled by a timeout.
///
/// ```
/// use std::{convert::Infallible, time::Duration};
///
/// use bytes::Bytes;
/// use futures_util::{StreamExt, stream};
/// use llm_response::{EventStream, Outcome, Timer, Watchdog};
/// use tokio::time::{Instant, timeout_at};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let sent = Instant::now();
/// let mut watchdog = Watchdog::new().silence(Duration::from_millis(20));
/// // A server that says that it is alive, and then nothing.
/// let chunks = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b": queued\n\n"))]);
/// let mut events = EventStream::new(chunks.chain(stream::pending()));
///
/// let expired = loop {
///     let deadline = watchdog.next_deadline().expect("silence is always watched");
///     match timeout_at(sent + deadline, events.next()).await {
///         Ok(Some(event)) => watchdog.on_event(&event?.as_event(), sent.elapsed()),
///         Ok(None) => break None,
///         Err(_) => {}
///     }
///     watchdog.observe(events.parser(), sent.elapsed()); // bytes that completed no event
///     if let Err(expired) = watchdog.check(sent.elapsed()) {
///         break Some(expired);
///     }
/// };
///
/// assert_eq!(expired.map(|expired| expired.timer()), Some(Timer::Silence));
/// // Is it safe to send the request again?
/// assert_eq!(events.close(), Some(Outcome::KeepAliveOnly));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct EventStream<S, B = HeapBuffer> {
    stream: S,
    parser: Parser<B>,
    /// What is left of the chunk that came last.
    chunk: Bytes,
    state: State,
    outcome: Option<Outcome>,
}

/// What the next poll gives.
enum State {
    /// An event, or what the transport has.
    Open,
    /// The error that this end is; its rest.
    Incomplete(Outcome, Bytes),
    /// Nothing any more.
    Ended,
}

impl<S> EventStream<S> {
    /// Reads the chunks of `stream` with [`Options::new`].
    ///
    /// It is a [`Stream`] if `stream` is one of `Result<C, E>`, where `C` turns into [`Bytes`], as `Vec<u8>` and
    /// `&'static [u8]` do. A body whose data is some other `bytes::Buf` needs
    /// `.map_ok(|mut data| data.copy_to_bytes(data.remaining()))`.
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
    /// assert!(matches!(error, StreamError::Parse(error) if error.offset() == 10));
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_options(stream: S, options: Options) -> Self {
        Self::with_parser(stream, Parser::with_options(options))
    }
}

impl<S, B> EventStream<S, B> {
    /// Reads the chunks of `stream` with a parser that may have another buffer, or have seen the first bytes already.
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
        }
    }

    /// What the end meant: `None` before it, and where the response could not be read.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// The parser, to ask for its phase, its position, the last event id or the `retry` time.
    pub fn parser(&self) -> &Parser<B> {
        &self.parser
    }

    /// The transport.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The transport back. Bytes that were taken from it and not parsed are lost.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S, B: Buffer> EventStream<S, B> {
    /// Ends the response here, where a deadline has passed or no more is wanted: gives the outcome of what was received,
    /// as for a transport that broke. `next` then gives `None`. After the end it changes nothing and gives
    /// [`outcome`](Self::outcome).
    ///
    /// A chunk that was received counts in full, though its events are not given. An event with data that only the end
    /// of the input would have completed, such as a last one without its blank line, is not given and counts as cut:
    /// [`Outcome::Truncated`]. So [`Outcome::is_safe_to_retry`] is true only if no output was received at all.
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
    /// assert_eq!(events.close(), Some(Outcome::Truncated));
    /// assert!(events.next().await.is_none());
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&mut self) -> Option<Outcome> {
        if let State::Open = self.state {
            let chunk = mem::take(&mut self.chunk);
            self.outcome = self.parser.break_off(&chunk);
        }
        self.state = State::Ended;
        self.outcome
    }

    /// The next event of what has been received. Also asked with an empty chunk: an event may be followed by another one
    /// without a byte between (R6).
    fn next_received(&mut self) -> Result<Option<OwnedEvent>, Error> {
        let event = self.parser.next_owned(&mut self.chunk);
        match event {
            Ok(Some(_)) => {}
            Ok(None) => self.chunk = Bytes::new(), // not to be kept in memory while the transport waits
            Err(_) => self.state = State::Ended,
        }
        event
    }

    /// The transport has ended: the event that this completes, if any, and the state for the next poll.
    fn finish(&mut self) -> Result<Option<OwnedEvent>, Error> {
        self.state = State::Ended;
        let finish = self.parser.finish_owned()?;
        self.outcome = Some(finish.outcome);
        if !finish.outcome.is_complete() {
            self.state = State::Incomplete(finish.outcome, finish.rest);
        }
        Ok(finish.event)
    }
}

impl<S: Unpin, B> Unpin for EventStream<S, B> {}

impl<S, C, E, B> Stream for EventStream<S, B>
where
    S: Stream<Item = Result<C, E>> + Unpin,
    C: Into<Bytes>,
    B: Buffer,
{
    type Item = Result<OwnedEvent, StreamError<E>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        for _ in 0..CHUNKS_PER_POLL {
            match &mut this.state {
                State::Open => {}
                State::Incomplete(outcome, rest) => {
                    let (outcome, rest) = (*outcome, mem::take(rest));
                    this.state = State::Ended;
                    return Poll::Ready(Some(Err(StreamError::Incomplete { outcome, rest })));
                }
                State::Ended => return Poll::Ready(None),
            }
            match this.next_received() {
                Ok(None) => {}
                Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                Err(error) => return Poll::Ready(Some(Err(StreamError::Parse(error)))),
            }
            match ready!(Pin::new(&mut this.stream).poll_next(cx)) {
                Some(Ok(chunk)) => this.chunk = chunk.into(),
                Some(Err(error)) => {
                    this.close();
                    return Poll::Ready(Some(Err(StreamError::Transport(error))));
                }
                None => match this.finish() {
                    Ok(None) => {}
                    Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                    Err(error) => return Poll::Ready(Some(Err(StreamError::Parse(error)))),
                },
            }
        }
        // A transport that always has more would keep the other tasks waiting.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S, C, E, B> FusedStream for EventStream<S, B>
where
    S: Stream<Item = Result<C, E>> + Unpin,
    C: Into<Bytes>,
    B: Buffer,
{
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}

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
