//! What the end of a response means.

use core::fmt;

use crate::event::{Escaped, Event};

/// What [`Parser::finish`](crate::Parser::finish) gives: the last event, the verdict, and what was cut off.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Outcome, Parser};
///
/// let mut parser = Parser::new();
/// parser.push(b"data: {\"a\":1}\n\ndata: {\"b\":", |_| {})?;
/// let finish = parser.finish()?;
///
/// assert_eq!(finish.event, None);
/// assert_eq!(finish.outcome, Outcome::Truncated);
/// assert_eq!(finish.rest, b"{\"b\":");
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "only the outcome tells a complete response from one that was cut"]
pub struct Finish<'a> {
    /// An event that only the end of the input completed: you now handle it like every other.
    pub event: Option<Event<'a>>,
    /// What the end means.
    pub outcome: Outcome,
    /// The data of an event, or the bytes of a body, that was cut: for a log, never for a deserializer.
    pub rest: &'a [u8],
}

impl fmt::Debug for Finish<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finish")
            .field("event", &self.event)
            .field("outcome", &self.outcome)
            .field("rest", &Escaped(self.rest))
            .finish()
    }
}

/// What the end of a response means.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Outcome, Parser};
///
/// let mut parser = Parser::new();
/// parser.push(b": keep-alive\n\n: keep-alive\n\n", |_| {})?;
/// let outcome = parser.finish()?.outcome;
///
/// assert_eq!(outcome, Outcome::KeepAliveOnly); // the server gave up while the request was queued
/// assert!(outcome.is_safe_to_retry());
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[must_use = "only the outcome tells a complete response from one that was cut"]
pub enum Outcome {
    /// The stream gave its end mark, or the body its last bracket: you now have all of it. In
    /// [`Dialect::EventSource`](crate::Dialect::EventSource), which has no end mark: some event came, and none was cut.
    Complete,
    /// Nothing came that gives an event: you may send the request again.
    Empty,
    /// Keep-alives came and nothing else, as from a server that closes while the request is still queued: you may send
    /// the request again.
    KeepAliveOnly,
    /// Whole events came, but no end mark: some servers send none; from one that does, the answer was cut between two
    /// events.
    Unfinished,
    /// The response ends within an event or a body: you have a part of it, and have been billed for it.
    Truncated,
    /// Lines came that belong to no event stream, such as an HTML page or plain text: you now look at the
    /// [`Event::Unknown`] lines and the HTTP status.
    Unrecognized,
}

impl Outcome {
    /// Whether the response has been received to its end.
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Complete)
    }

    /// Whether no output was received, so that sending the request again bills nothing twice: [`Outcome::Empty`] and
    /// [`Outcome::KeepAliveOnly`].
    pub const fn is_safe_to_retry(self) -> bool {
        matches!(self, Self::Empty | Self::KeepAliveOnly)
    }
}

/// How far a response has come.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Parser, Phase};
///
/// let mut parser = Parser::new();
/// parser.push(b": keep-alive\n\n", |_| {})?;
/// assert_eq!(parser.phase(), Phase::Waiting);
/// parser.push(b"data: {}\n\n", |_| {})?;
/// assert_eq!(parser.phase(), Phase::Receiving);
/// parser.push(b"data: [DONE]\n\n", |_| {})?;
/// assert_eq!(parser.phase(), Phase::Complete);
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// No event with data yet, and no byte of a body: the request is most likely queued.
    Waiting,
    /// The first event with data, or the first byte of a body, has come.
    Receiving,
    /// [`Event::Done`] or [`Event::Body`] has been given.
    Complete,
}
