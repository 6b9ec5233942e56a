//! Deadlines without a clock: the caller gives the time, and the watchdog says whether a deadline has passed.
//!
//! A waiting response has two clocks. *Activity* is every byte; *progress* is only output. A keep-alive is activity but not
//! progress. The timers differ only in what restarts them.

use core::{fmt, time::Duration};

use crate::{Buffer, Event, Parser, Phase};

/// The deadlines of a response, and figures about it for a log.
///
/// Every `now` is the time since the request was sent, from a clock of your own. If that clock goes back, the watchdog waits
/// until the clock has caught up.
///
/// # The two clocks
///
/// | timer | what restarts it | what it detects |
/// |---|---|---|
/// | [`start`](Self::start) | nothing; the first output stops it | a queue that takes too long, with or without keep-alives |
/// | [`silence`](Self::silence) | every byte | a dead connection |
/// | [`stall`](Self::stall) | every output after the first | a server that sends only keep-alives |
///
/// * *Keep-alives must count as activity.* A request to DeepSeek may be queued for 10 minutes. An idle timer that ignores
///   keep-alives must be as long, and then it takes 10 minutes to find a dead connection.
/// * *Keep-alives must not count as progress.* A timer that every keep-alive restarts never expires if a server sends
///   keep-alives for ever.
/// * *What was received decides whether a retry is safe*, not the timer. End the response ([`Parser::finish`],
///   `EventStream::close`, `EventReader::close`) and ask
///   [`Outcome::is_safe_to_retry`](crate::Outcome::is_safe_to_retry). After a stall it is never safe: output was billed.
///
/// Output is [`Event::Data`], [`Event::Body`] and [`Event::Done`]. [`Event::Unknown`] counts as output too: unexpected text is
/// an answer, so there is no reason to wait longer. So does [`Event::Skipped`], unless it was a comment. The bytes of a JSON
/// body count as output as they are received, if you call [`observe`](Self::observe).
///
/// # How to use it
///
/// `EventStream::watched` and `EventReader::next_watched` do all of this. In a loop of your own, report every chunk and its
/// events with the time at which the chunk was received. Then wait for the next chunk, but not beyond
/// [`next_deadline`](Self::next_deadline).
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use std::time::Duration;
///
/// use llm_response::{Parser, Timer, Watchdog};
///
/// let seconds = Duration::from_secs;
/// let mut watchdog = Watchdog::new()
///     .start(seconds(600)) // DeepSeek gives up after 10 minutes in the queue
///     .silence(seconds(30))
///     .stall(seconds(120));
///
/// let mut parser = Parser::new();
/// let chunks: [(u64, &[u8]); 4] = [
///     (1, b": keep-alive\n\n"),
///     (21, b": keep-alive\n\n"),
///     (40, b"data: {\"text\":\"hi\"}\n\n"),
///     (60, b": keep-alive\n\n"),
/// ];
/// for (now, mut chunk) in chunks {
///     let now = seconds(now);
///     watchdog.check(now)?; // it is not too late
///     watchdog.on_bytes(now);
///     while let Some(event) = parser.next_event(&mut chunk)? {
///         watchdog.on_event(&event, now);
///     }
///     watchdog.observe(&parser, now);
/// }
///
/// assert_eq!(watchdog.next_deadline(), Some(seconds(90))); // silence: 30 seconds after the last byte
/// assert_eq!(watchdog.check(seconds(90)).unwrap_err().timer(), Timer::Silence);
///
/// assert_eq!(watchdog.time_to_first_byte(), Some(seconds(1)));
/// assert_eq!(watchdog.time_in_queue(), Some(seconds(40)));
/// assert_eq!(watchdog.time_to_first_data(), Some(seconds(40)));
/// assert_eq!(watchdog.last_byte(), Some(seconds(60)));
/// assert_eq!(watchdog.longest_gap(), seconds(20));
/// assert_eq!(watchdog.keep_alives(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The deadlines also apply after [`Event::Done`] or a body, until the server closes the connection. If you do not want that,
/// stop reading there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watchdog {
    start: Option<Duration>,
    silence: Option<Duration>,
    stall: Option<Duration>,

    first_byte: Option<Duration>,
    last_byte: Duration,
    longest_gap: Duration,
    first_output: Option<Duration>,
    last_output: Duration,
    first_data: Option<Duration>,
    first_token: Option<Duration>,
    keep_alives: u64,
    position: u64,
    /// Lines follow the first output, so no body is being received.
    has_lines: bool,
}

impl Watchdog {
    /// Makes a watchdog without deadlines. It only records the figures.
    pub const fn new() -> Self {
        Self {
            start: None,
            silence: None,
            stall: None,
            first_byte: None,
            last_byte: Duration::ZERO,
            longest_gap: Duration::ZERO,
            first_output: None,
            last_output: Duration::ZERO,
            first_data: None,
            first_token: None,
            keep_alives: 0,
            position: 0,
            has_lines: false,
        }
    }

    /// Sets the longest time from the request to the first output. Keep-alives do not extend it.
    ///
    /// ```
    /// # use llm_response::{Timer, Watchdog};
    /// # use std::time::Duration;
    /// let mut watchdog = Watchdog::new().start(Duration::from_secs(600));
    /// watchdog.on_bytes(Duration::from_secs(599)); // activity, and no output
    /// assert_eq!(watchdog.check(Duration::from_secs(600)).unwrap_err().timer(), Timer::Start);
    /// ```
    #[must_use]
    pub const fn start(mut self, limit: Duration) -> Self {
        self.start = Some(limit);
        self
    }

    /// Sets the longest time without any byte, beginning with the request.
    ///
    /// ```
    /// # use llm_response::Watchdog;
    /// # use std::time::Duration;
    /// let mut watchdog = Watchdog::new().silence(Duration::from_secs(30));
    /// assert_eq!(watchdog.next_deadline(), Some(Duration::from_secs(30)));
    /// watchdog.on_bytes(Duration::from_secs(15));
    /// assert_eq!(watchdog.next_deadline(), Some(Duration::from_secs(45)));
    /// ```
    #[must_use]
    pub const fn silence(mut self, limit: Duration) -> Self {
        self.silence = Some(limit);
        self
    }

    /// Sets the longest time from one output to the next. Keep-alives do not extend it. It begins with the first output.
    ///
    /// ```
    /// # use llm_response::{Event, KeepAlive, Watchdog};
    /// # use std::time::Duration;
    /// let mut watchdog = Watchdog::new().stall(Duration::from_secs(60));
    /// assert_eq!(watchdog.next_deadline(), None);
    /// watchdog.on_event(&Event::Unknown(b"error: busy"), Duration::from_secs(10));
    /// watchdog.on_event(&Event::KeepAlive(KeepAlive::BlankLine), Duration::from_secs(50));
    /// assert_eq!(watchdog.next_deadline(), Some(Duration::from_secs(70)));
    /// ```
    #[must_use]
    pub const fn stall(mut self, limit: Duration) -> Self {
        self.stall = Some(limit);
        self
    }

    /// Reports that bytes of the response were received, at least one.
    pub fn on_bytes(&mut self, now: Duration) {
        match self.first_byte {
            None => self.first_byte = Some(now),
            Some(_) => {
                self.longest_gap = self.longest_gap.max(now.saturating_sub(self.last_byte));
            }
        }
        self.last_byte = self.last_byte.max(now);
    }

    /// Reports an event that the parser has given, including the event of `finish`. `now` is the time at which its last byte was
    /// received. This includes [`on_bytes`](Self::on_bytes).
    ///
    /// ```
    /// # use llm_response::{Event, Watchdog};
    /// # use std::time::Duration;
    /// let mut watchdog = Watchdog::new();
    /// watchdog.on_event(&Event::Done, Duration::from_secs(3));
    /// assert_eq!(watchdog.time_to_first_byte(), Some(Duration::from_secs(3)));
    /// ```
    pub fn on_event(&mut self, event: &Event<'_>, now: Duration) {
        self.on_bytes(now);
        match event {
            event if event.is_keep_alive() => {
                self.keep_alives = self.keep_alives.saturating_add(1);
                self.has_lines |= self.first_output.is_some();
            }
            Event::Data(_) | Event::Body(_) | Event::Skipped(_) => {
                self.on_output(now);
                self.first_data.get_or_insert(now);
            }
            _ => self.on_output(now),
        }
    }

    /// Reads from `parser` what no event shows: the bytes of a JSON body that is being received, which are progress, and bytes
    /// that complete nothing yet.
    ///
    /// Call it when the parser has taken a chunk, with the time at which the chunk was received. Do not use it with an adapter:
    /// an adapter parses bytes later than it receives them, and old bytes would count as new. Use `EventStream::watched` or
    /// `EventReader::next_watched` there. One watchdog is for one response: after [`Parser::reset`], make a new one.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::{Parser, Watchdog};
    /// # use std::time::Duration;
    /// let mut watchdog = Watchdog::new().start(Duration::from_secs(600));
    /// let mut parser = Parser::new();
    /// parser.push(b"\n\n\n{\"choices\":[", |_| {})?; // a long body begins
    ///
    /// watchdog.observe(&parser, Duration::from_secs(590));
    /// assert_eq!(watchdog.time_in_queue(), Some(Duration::from_secs(590)));
    /// assert!(watchdog.check(Duration::from_secs(700)).is_ok());
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn observe<B: Buffer>(&mut self, parser: &Parser<B>, now: Duration) {
        let has_kept_alive = parser.keep_alives() > self.keep_alives;
        self.keep_alives = self.keep_alives.max(parser.keep_alives());
        if parser.position() == self.position {
            return;
        }
        self.position = parser.position();
        self.on_bytes(now);
        // There is output without an event (R14). It is either a body, and then each of its bytes is progress, or a block that has
        // a name and no data, and then keep-alives may follow.
        if parser.phase() == Phase::Receiving && self.first_data.is_none() {
            self.has_lines |= has_kept_alive && self.first_output.is_some() || parser.at_line_boundary();
            if self.first_output.is_none() || !self.has_lines {
                self.on_output(now);
            }
        }
    }

    /// Reports that the event received at `now` holds a token: text, reasoning or a tool call. This is only a figure, and
    /// changes no deadline.
    ///
    /// A stream may begin with an event that is [`Event::Data`] and holds only a role. The watchdog does not read the contents of
    /// events, so report it yourself. Only the first report counts, so you can report every token. With
    /// `EventReader::next_watched`, `now` is [`last_byte`](Self::last_byte); `Watched` has an `on_token` of its own.
    ///
    #[cfg_attr(
        feature = "serde",
        doc = "`Chunk::is_output` of [`chat`](crate::chat) tells one from the other."
    )]
    #[cfg_attr(feature = "serde", doc = "")]
    #[cfg_attr(feature = "serde", doc = "```")]
    #[cfg_attr(not(feature = "serde"), doc = "```ignore")]
    /// use std::time::Duration;
    ///
    /// use llm_response::{Event, Parser, Watchdog};
    ///
    /// let mut watchdog = Watchdog::new();
    /// let mut parser = Parser::new();
    /// let chunks: [(u64, &[u8]); 2] = [
    ///     (40, b"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"),
    ///     (55, b"data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n"),
    /// ];
    /// for (now, mut chunk) in chunks {
    ///     let now = Duration::from_secs(now);
    ///     while let Some(event) = parser.next_event(&mut chunk)? {
    ///         watchdog.on_event(&event, now);
    ///         if let Event::Data(data) = event {
    ///             if data.chunk().is_ok_and(|chunk| chunk.is_output()) {
    ///                 watchdog.on_token(now);
    ///             }
    ///         }
    ///     }
    /// }
    /// assert_eq!(watchdog.time_to_first_data(), Some(Duration::from_secs(40)));
    /// assert_eq!(watchdog.time_to_first_token(), Some(Duration::from_secs(55)));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn on_token(&mut self, now: Duration) {
        self.first_token.get_or_insert(now);
    }

    /// The time of the next deadline, since the request; `None` if no timer runs. Call [`check`](Self::check) then at the latest.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.next_expiry().map(|expiry| expiry.deadline())
    }

    /// Checks the deadlines at the time `now`.
    ///
    /// # Errors
    ///
    /// The timer that expired first. The watchdog does not change: you can continue to report to it.
    ///
    /// ```
    /// # use llm_response::{Timer, Watchdog};
    /// # use std::time::Duration;
    /// let watchdog = Watchdog::new().silence(Duration::from_secs(30));
    /// assert!(watchdog.check(Duration::from_millis(29_999)).is_ok());
    ///
    /// let expired = watchdog.check(Duration::from_secs(30)).unwrap_err();
    /// assert_eq!(expired.timer(), Timer::Silence);
    /// ```
    pub fn check(&self, now: Duration) -> Result<(), Expired> {
        match self.next_expiry() {
            Some(expiry) if now >= expiry.deadline() => Err(expiry),
            _ => Ok(()),
        }
    }

    /// The time from the request to the first byte.
    pub const fn time_to_first_byte(&self) -> Option<Duration> {
        self.first_byte
    }

    /// The time from the request to the last byte so far.
    pub const fn last_byte(&self) -> Option<Duration> {
        match self.first_byte {
            Some(_) => Some(self.last_byte),
            None => None,
        }
    }

    /// The time from the request to the first output of any kind. For a JSON body that is its first byte, if
    /// [`observe`](Self::observe) was called.
    pub const fn time_in_queue(&self) -> Option<Duration> {
        self.first_output
    }

    /// The time from the request to the first [`Event::Data`] or [`Event::Body`].
    pub const fn time_to_first_data(&self) -> Option<Duration> {
        self.first_data
    }

    /// The time from the request to the first token, as reported by [`on_token`](Self::on_token); `None` before the first report.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use llm_response::Watchdog;
    ///
    /// let mut watchdog = Watchdog::new();
    /// assert_eq!(watchdog.time_to_first_token(), None);
    /// watchdog.on_token(Duration::from_secs(55));
    /// assert_eq!(watchdog.time_to_first_token(), Some(Duration::from_secs(55)));
    /// ```
    pub const fn time_to_first_token(&self) -> Option<Duration> {
        self.first_token
    }

    /// The longest time between two reports of bytes so far.
    pub const fn longest_gap(&self) -> Duration {
        self.longest_gap
    }

    /// The number of keep-alives: those reported with [`on_event`](Self::on_event), or those that an
    /// [observed](Self::observe) parser has counted, whichever is more.
    pub const fn keep_alives(&self) -> u64 {
        self.keep_alives
    }

    fn on_output(&mut self, now: Duration) {
        self.first_output.get_or_insert(now);
        self.last_output = self.last_output.max(now);
    }

    /// The running timer that expires first.
    fn next_expiry(&self) -> Option<Expired> {
        let has_output = self.first_output.is_some();
        let start = self.start.filter(|_| !has_output);
        let stall = self.stall.filter(|_| has_output);
        [
            (Timer::Start, Duration::ZERO, start),
            (Timer::Silence, self.last_byte, self.silence),
            (Timer::Stall, self.last_output, stall),
        ]
        .into_iter()
        .filter_map(|(timer, since, limit)| limit.map(|limit| Expired { timer, since, limit }))
        .min_by_key(Expired::deadline)
    }
}

/// A deadline has passed: says which timer expired, when it had been started, and when it expired.
///
/// ```
/// use std::time::Duration;
///
/// use llm_response::{Timer, Watchdog};
///
/// let mut watchdog = Watchdog::new().silence(Duration::from_secs(30));
/// watchdog.on_bytes(Duration::from_secs(12));
/// let expired = watchdog.check(Duration::from_secs(50)).unwrap_err();
///
/// assert_eq!(expired.timer(), Timer::Silence);
/// assert_eq!(expired.since(), Duration::from_secs(12));
/// assert_eq!(expired.limit(), Duration::from_secs(30));
/// assert_eq!(expired.deadline(), Duration::from_secs(42));
/// assert_eq!(expired.to_string(), "no byte was received for 30s, from 12s to 42s after the request");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Expired {
    timer: Timer,
    since: Duration,
    limit: Duration,
}

impl Expired {
    /// Which timer has expired.
    pub const fn timer(&self) -> Timer {
        self.timer
    }

    /// When it was last started, as the time since the request.
    pub const fn since(&self) -> Duration {
        self.since
    }

    /// Its limit: how long it runs.
    pub const fn limit(&self) -> Duration {
        self.limit
    }

    /// When it expired, as the time since the request: [`since`](Self::since) plus [`limit`](Self::limit).
    pub const fn deadline(&self) -> Duration {
        self.since.saturating_add(self.limit)
    }
}

/// A timer of a [`Watchdog`].
///
/// ```
/// use std::time::Duration;
///
/// use llm_response::{Timer, Watchdog};
///
/// let watchdog = Watchdog::new().start(Duration::from_secs(600)).silence(Duration::from_secs(30));
/// match watchdog.check(Duration::from_secs(31)).unwrap_err().timer() {
///     Timer::Silence => {} // no byte: the connection is dead
///     Timer::Start | Timer::Stall => panic!("no output"),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Timer {
    /// No output since the request: [`Watchdog::start`].
    Start,
    /// No byte: [`Watchdog::silence`].
    Silence,
    /// No output since the last one: [`Watchdog::stall`].
    Stall,
}

impl fmt::Display for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { timer, since, limit } = self;
        let missing = match timer {
            Timer::Silence => "byte",
            Timer::Start | Timer::Stall => "output",
        };
        if since.is_zero() {
            return write!(f, "no {missing} was received within {limit:?} of the request");
        }
        let deadline = self.deadline();
        write!(
            f,
            "no {missing} was received for {limit:?}, from {since:?} to {deadline:?} after the request"
        )
    }
}

impl core::error::Error for Expired {}
