//! Deadlines without a clock: the caller says what time it is, the watchdog says whether that is too late.
//!
//! A waiting response has two clocks. *Activity* is every byte; *progress* is output alone. A keep-alive is activity and
//! no progress, so the timers differ in what restarts them, and in nothing else.

use core::{fmt, time::Duration};

use crate::{Buffer, Event, Parser, Phase};

/// Deadlines of a response, and the figures that one logs about it.
///
/// Every `now` is the time since the request was sent, from a clock of the caller's. Where that clock goes back, the
/// watchdog waits until it has caught up.
///
/// # The two clocks
///
/// | timer | restarts with | catches |
/// |---|---|---|
/// | [`start`](Self::start) | nothing: it ends with the first output | a queue that takes too long, keep-alives or not |
/// | [`silence`](Self::silence) | every byte | a connection that is dead |
/// | [`stall`](Self::stall) | output, once there was some | a server that sends keep-alives, and nothing else |
///
/// * *Keep-alives must count as activity.* A queued request to DeepSeek may wait for 10 minutes; a timer for idle time that
///   does not know keep-alives must be as long, and so finds a dead connection after 10 minutes.
/// * *Keep-alives must not count as progress.* A timer that each of them restarts never ends, and some servers send them
///   for ever.
/// * *When a retry is safe.* What was received decides, not the timer: end the response
///   ([`Parser::finish`], `EventStream::close`, `EventReader::close`) and ask
///   [`Outcome::is_safe_to_retry`](crate::Outcome::is_safe_to_retry). After a stall it never is: output was billed.
///
/// Output is [`Event::Data`], [`Event::Body`], [`Event::Done`], and [`Event::Unknown`] too: text where there should be
/// none is an answer, and no reason to wait. The bytes of a JSON body are output as they come, if
/// [`observe`](Self::observe) is called.
///
/// # How to use it
///
/// `EventStream::watched` and `EventReader::next_watched` do all of it. In a loop of your own, report every chunk and its
/// events with the time at which the chunk was received, then wait for the next chunk, but no longer than until
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
/// What goes on after [`Event::Done`] or a body is watched too. Stop reading there, or give the server that long to
/// close the connection.
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
    keep_alives: u64,
    position: u64,
    /// Lines follow the first output, so that no body is on its way.
    has_lines: bool,
}

impl Watchdog {
    /// Watches for nothing yet, and keeps the figures.
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
            keep_alives: 0,
            position: 0,
            has_lines: false,
        }
    }

    /// The longest time from the request to the first output, whatever keep-alives come.
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

    /// The longest time without any byte, from the request on.
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

    /// The longest time from one output to the next, whatever keep-alives come between. Off until the first output.
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

    /// Bytes of the response have come: any, in whatever number above zero.
    pub fn on_bytes(&mut self, now: Duration) {
        match self.first_byte {
            None => self.first_byte = Some(now),
            Some(_) => {
                self.longest_gap = self.longest_gap.max(now.saturating_sub(self.last_byte));
            }
        }
        self.last_byte = self.last_byte.max(now);
    }

    /// The parser has given `event`, also as the last one with the end. `now` is when its last byte was received. It
    /// implies [`on_bytes`](Self::on_bytes).
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
            Event::KeepAlive(_) => {
                self.keep_alives = self.keep_alives.saturating_add(1);
                self.has_lines |= self.first_output.is_some();
            }
            Event::Data(_) | Event::Body(_) => {
                self.on_output(now);
                self.first_data.get_or_insert(now);
            }
            Event::Done | Event::Unknown(_) => self.on_output(now),
        }
    }

    /// Looks at how far `parser` has come, for what no event shows: a JSON body that is on its way, whose bytes are
    /// progress, and bytes that complete nothing yet.
    ///
    /// To be called when the parser has taken a chunk, with the time at which that was received. At any other time it
    /// would take bytes for new that were received before: an adapter parses them later than it receives them, so use
    /// `EventStream::watched` or `EventReader::next_watched` there. One watchdog is for one response: begin with a new one
    /// after [`Parser::reset`].
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
        // Output without an event (R14): a body, whose bytes are all progress; or a block that has a name and no data,
        // after which lines may follow that are keep-alives.
        if parser.phase() == Phase::Receiving && self.first_data.is_none() {
            self.has_lines |= has_kept_alive && self.first_output.is_some() || parser.at_line_boundary();
            if self.first_output.is_none() || !self.has_lines {
                self.on_output(now);
            }
        }
    }

    /// When to call [`check`](Self::check) at the latest, in time since the request; `None` if no timer runs.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.next_expiry().map(|expiry| expiry.deadline())
    }

    /// Whether it is not too late at `now`.
    ///
    /// # Errors
    ///
    /// The first timer that has expired. It changes nothing: what comes afterwards may still be reported.
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

    /// From the request to the first byte.
    pub const fn time_to_first_byte(&self) -> Option<Duration> {
        self.first_byte
    }

    /// From the request to the last byte so far.
    pub const fn last_byte(&self) -> Option<Duration> {
        match self.first_byte {
            Some(_) => Some(self.last_byte),
            None => None,
        }
    }

    /// From the request to the first output of any kind; for a JSON body its first byte, if
    /// [`observe`](Self::observe) was called.
    pub const fn time_in_queue(&self) -> Option<Duration> {
        self.first_output
    }

    /// From the request to the first [`Event::Data`] or [`Event::Body`].
    pub const fn time_to_first_data(&self) -> Option<Duration> {
        self.first_data
    }

    /// The longest time between bytes, from the first to the last so far.
    pub const fn longest_gap(&self) -> Duration {
        self.longest_gap
    }

    /// How many keep-alives there were: as [`on_event`](Self::on_event) has counted, or as the parser says that was
    /// [observed](Self::observe) if that is more.
    pub const fn keep_alives(&self) -> u64 {
        self.keep_alives
    }

    fn on_output(&mut self, now: Duration) {
        self.first_output.get_or_insert(now);
        self.last_output = self.last_output.max(now);
    }

    /// The timer that expires first, of those that run.
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

/// A response that is too late: which timer says so, since when it ran, and when it ended.
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

    /// When it was last restarted, in time since the request.
    pub const fn since(&self) -> Duration {
        self.since
    }

    /// How long it was to run.
    pub const fn limit(&self) -> Duration {
        self.limit
    }

    /// When it ended, in time since the request: [`since`](Self::since) and [`limit`](Self::limit) together.
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
