//! A stream that enforces the deadlines of a watchdog, with the caller's clock and timer.
//!
//! The transport is polled first, and the clock is read afterwards. So the time of bytes is the time at which they are received,
//! and bytes that were already received are never late. Bytes that complete no event count too; a caller of `next` cannot see
//! those.

use alloc::boxed::Box;
use core::{
    error, fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_core::{Stream, stream::FusedStream};

use super::stream::{CHUNKS_PER_POLL, Turn};
use crate::{Buffer, EventStream, HeapBuffer, Outcome, OwnedEvent, Parser, StreamError, Watchdog};

/// If a caller asks after a deadline: how long to wait for the transport's own task before the transport counts as silent.
const GRACE: Duration = Duration::from_millis(1);

/// An [`EventStream`] that enforces the deadlines of a [`Watchdog`]: [`EventStream::watched`].
///
/// ```
/// use std::time::Duration;
///
/// use futures_util::{StreamExt, stream};
/// use llm_response::{EventStream, Outcome, Watchdog};
/// use tokio::time::{Instant, sleep};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// let chunks = stream::iter([Ok::<_, std::io::Error>(": queued\n\n"), Ok("data: [DONE]\n\n")]);
/// let watchdog = Watchdog::new().silence(Duration::from_secs(30));
/// let sent = Instant::now();
/// let mut events = EventStream::new(chunks).watched(watchdog, move || sent.elapsed(), sleep);
/// while events.next().await.is_some() {}
///
/// assert_eq!(events.outcome(), Some(Outcome::Complete));
/// assert_eq!(events.watchdog().keep_alives(), 1);
/// assert_eq!(events.events().parser().position(), 24);
/// assert_eq!(events.close(), Outcome::Complete); // where you stop before the end; here it changes nothing
/// let _without_deadlines: EventStream<_> = events.into_inner();
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Watched<S, Now, Sleep, Timer, B = HeapBuffer> {
    events: EventStream<S, B>,
    watchdog: Watchdog,
    now: Now,
    sleep: Sleep,
    timer: Option<Pin<Box<Timer>>>,
    /// When `timer` ends; `None` if it has ended.
    armed: Option<Duration>,
    /// Whether the transport had nothing at the last poll.
    is_waiting: bool,
}

impl<S, B> EventStream<S, B> {
    /// Enforces the deadlines of `watchdog`: if one has passed, the last item is [`StreamError::Expired`](crate::StreamError::Expired).
    ///
    /// `now` gives the time since the request was sent. `sleep` gives a future that ends after a duration, such as tokio's, that
    /// of another runtime, or that of a browser. Bytes count from the time at which they are received, even if they complete
    /// no event. Events that were received in time are given, however late you ask for them.
    ///
    /// ```
    /// use std::{convert::Infallible, time::Duration};
    ///
    /// use bytes::Bytes;
    /// use futures_util::{StreamExt, stream};
    /// use llm_response::{EventStream, StreamError, Timer, Watchdog};
    /// use tokio::time::{Instant, sleep};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
    /// let watchdog = Watchdog::new()
    ///     .start(Duration::from_secs(600))
    ///     .silence(Duration::from_secs(30));
    /// // A server that sends a keep-alive, and then nothing.
    /// let chunks = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b": queued\n\n"))]);
    /// let chunks = chunks.chain(stream::pending());
    ///
    /// let sent = Instant::now();
    /// let mut events = EventStream::new(chunks).watched(watchdog, move || sent.elapsed(), sleep);
    /// let error = loop {
    ///     match events.next().await.expect("this server does not close") {
    ///         Ok(event) => println!("{event:?}"),
    ///         Err(error) => break error,
    ///     }
    /// };
    ///
    /// assert!(matches!(error, StreamError::Expired { expired, .. } if expired.timer() == Timer::Silence));
    /// assert!(error.is_safe_to_retry());
    /// # assert!(sent.elapsed() - Duration::from_secs(30) < Duration::from_millis(2));
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn watched<Now, Sleep, Timer>(
        self,
        watchdog: Watchdog,
        now: Now,
        sleep: Sleep,
    ) -> Watched<S, Now, Sleep, Timer, B>
    where
        Now: FnMut() -> Duration,
        Sleep: FnMut(Duration) -> Timer,
        Timer: Future,
    {
        Watched::new(self, watchdog, now, sleep)
    }
}

impl<S, Now, Sleep, Timer, B> Watched<S, Now, Sleep, Timer, B> {
    fn new(events: EventStream<S, B>, watchdog: Watchdog, now: Now, sleep: Sleep) -> Self {
        Self {
            events,
            watchdog,
            now,
            sleep,
            timer: None,
            armed: None,
            is_waiting: false,
        }
    }

    /// The deadlines and the figures so far.
    pub fn watchdog(&self) -> &Watchdog {
        &self.watchdog
    }

    /// Reports to the watchdog that the last event holds a token, with the time at which the event was received: see
    /// [`Watchdog::on_token`].
    ///
    /// ```
    /// use std::{convert::Infallible, time::Duration};
    ///
    /// use bytes::Bytes;
    /// use futures_util::{StreamExt, stream};
    /// use llm_response::{EventStream, OwnedEvent, Watchdog};
    /// use tokio::time::{Instant, sleep};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
    /// // The server sends the role first, and the first token 15 seconds later.
    /// let chunks = stream::iter([(40, "data: {\"text\":\"\"}\n\n"), (15, "data: {\"text\":\"hi\"}\n\n")]);
    /// let chunks = chunks.then(|(seconds, chunk)| async move {
    ///     sleep(Duration::from_secs(seconds)).await;
    ///     Ok::<_, Infallible>(Bytes::from_static(chunk.as_bytes()))
    /// });
    ///
    /// let sent = Instant::now();
    /// let mut events = EventStream::new(Box::pin(chunks)).watched(Watchdog::new(), move || sent.elapsed(), sleep);
    /// while let Some(Ok(event)) = events.next().await {
    ///     if matches!(event, OwnedEvent::Data(data) if !data.as_bytes().ends_with(b"\"\"}")) {
    ///         events.on_token();
    ///     }
    /// }
    /// assert_eq!(events.watchdog().time_to_first_data().unwrap().as_secs(), 40);
    /// assert_eq!(events.watchdog().time_to_first_token().unwrap().as_secs(), 55);
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_token(&mut self) {
        if let Some(received) = self.watchdog.last_byte() {
            self.watchdog.on_token(received);
        }
    }

    /// What the end means; `None` before the end.
    pub fn outcome(&self) -> Option<Outcome> {
        self.events.outcome()
    }

    /// The stream itself, for example to use its parser.
    pub fn events(&self) -> &EventStream<S, B> {
        &self.events
    }

    /// The stream without the watchdog. It continues where this one stopped.
    pub fn into_inner(self) -> EventStream<S, B> {
        self.events
    }

    fn disarm(&mut self) {
        self.timer = None;
        self.armed = None;
    }
}

impl<S, Now, Sleep, Timer, B: Buffer> Watched<S, Now, Sleep, Timer, B> {
    /// Like [`EventStream::close`]: ends the response here and gives the outcome of what was received.
    pub fn close(&mut self) -> Outcome {
        self.disarm();
        self.events.close()
    }
}

impl<S, Now, Sleep, Timer, B> Watched<S, Now, Sleep, Timer, B>
where
    Now: FnMut() -> Duration,
    Sleep: FnMut(Duration) -> Timer,
    Timer: Future,
    B: Buffer,
{
    /// The transport has nothing: gives the error if a deadline has passed, or else sets a timer for the next one.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<StreamError> {
        // Later bytes may have moved the deadline, so the timer may end too early. Then a second pass sets a new timer.
        for _ in 0..2 {
            let Some(deadline) = self.watchdog.next_deadline() else {
                self.disarm();
                return Poll::Pending;
            };
            let now = (self.now)();
            let left = match self.watchdog.check(now) {
                Ok(()) => deadline.saturating_sub(now),
                Err(expired) if self.is_waiting => return Poll::Ready(self.events.expire(expired)),
                Err(_) => GRACE,
            };
            self.is_waiting = true;
            let end = now.saturating_add(left);
            let timer = match &mut self.timer {
                Some(timer) if self.armed.is_some_and(|armed| now < armed && armed <= end) => timer,
                Some(timer) => {
                    timer.set((self.sleep)(left));
                    self.armed = Some(end);
                    timer
                }
                None => {
                    self.armed = Some(end);
                    self.timer.insert(Box::pin((self.sleep)(left)))
                }
            };
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.armed = None;
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

// Neither the clock nor the timer is ever pinned in place.
impl<S: Unpin, Now, Sleep, Timer, B> Unpin for Watched<S, Now, Sleep, Timer, B> {}

impl<S, C, E, Now, Sleep, Timer, B> Stream for Watched<S, Now, Sleep, Timer, B>
where
    S: Stream<Item = Result<C, E>> + Unpin,
    C: Into<Bytes>,
    E: Into<Box<dyn error::Error + Send + Sync>>,
    Now: FnMut() -> Duration,
    Sleep: FnMut(Duration) -> Timer,
    Timer: Future,
    B: Buffer,
{
    type Item = Result<OwnedEvent, StreamError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        for _ in 0..CHUNKS_PER_POLL {
            let mut item = this.events.next_received();
            let received = this.watchdog.last_byte().unwrap_or_default();
            if item.is_none() && !this.events.is_ended() {
                // If keep-alives are always ready, the stream never waits, but they are no progress.
                this.watchdog.observe(this.events.parser(), received);
                item = match this.watchdog.check(received) {
                    Err(expired) => Some(Err(this.events.expire(expired))),
                    Ok(()) => match this.events.poll_transport(cx) {
                        Poll::Pending => match this.poll_deadline(cx) {
                            Poll::Pending => return Poll::Pending,
                            Poll::Ready(error) => Some(Err(error)),
                        },
                        Poll::Ready(Turn::Received(len)) => {
                            if len > 0 {
                                this.watchdog.on_bytes((this.now)());
                            }
                            continue;
                        }
                        Poll::Ready(Turn::Ended(last)) => last,
                    },
                };
            }
            if let Some(Ok(event)) = &item {
                this.watchdog.on_event(&event.as_event(), received);
            }
            if this.events.is_ended() {
                this.disarm();
            }
            this.is_waiting = false;
            return Poll::Ready(item);
        }
        // Otherwise a transport that always has more would block the other tasks.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S, C, E, Now, Sleep, Timer, B> FusedStream for Watched<S, Now, Sleep, Timer, B>
where
    S: Stream<Item = Result<C, E>> + Unpin,
    C: Into<Bytes>,
    E: Into<Box<dyn error::Error + Send + Sync>>,
    Now: FnMut() -> Duration,
    Sleep: FnMut(Duration) -> Timer,
    Timer: Future,
    B: Buffer,
{
    fn is_terminated(&self) -> bool {
        self.events.is_ended()
    }
}

impl<S, Now, Sleep, Timer, B> fmt::Debug for Watched<S, Now, Sleep, Timer, B>
where
    Parser<B>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched")
            .field("events", &self.events)
            .field("watchdog", &self.watchdog)
            .finish_non_exhaustive()
    }
}
