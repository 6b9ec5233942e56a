//! What the end of a response means.

use core::fmt;

use crate::event::{Escaped, Event};

/// What [`Parser::finish`](crate::Parser::finish) gives: the last event, the outcome, and the part whose end is missing.
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
#[must_use = "only the outcome distinguishes a complete response from a truncated one"]
pub struct Finish<'a> {
    /// An event that only the end of the input completed: handle it like every other.
    pub event: Option<Event<'a>>,
    /// What the end means.
    pub outcome: Outcome,
    /// The data of an event, or the bytes of a body, whose end is missing: for a log, never for a deserializer.
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
/// assert!(outcome.is_safe_to_retry() && !outcome.is_complete());
/// assert_eq!(outcome.to_string(), "the response ended after keep-alives, before any output");
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[must_use = "only the outcome distinguishes a complete response from a truncated one"]
pub enum Outcome {
    /// The stream gave its end mark, or the body its last bracket. In [`Dialect::EventSource`](crate::Dialect::EventSource),
    /// which has no end mark: some event came, and all of them are whole.
    Complete,
    /// Nothing came that gives an event: the request may be sent again.
    Empty,
    /// Keep-alives came and nothing else, as from a server that closes while the request is still queued: the
    /// request may be sent again.
    KeepAliveOnly,
    /// Whole events came, but no end mark: some servers send none, see [`Options::end_mark`](crate::Options::end_mark).
    /// If the server sends one, the answer is incomplete.
    Unfinished,
    /// The response ends within an event or a body: a part of the output is missing, and what came was billed.
    Truncated,
    /// Lines came that belong to no event stream, such as an HTML page or plain text: look at the
    /// [`Event::Unknown`] lines and the HTTP status.
    Unrecognized,
}

impl Outcome {
    /// Whether the response has been received to its end.
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Complete)
    }

    /// Whether no output was received, so that sending the request again bills nothing twice: [`Outcome::Empty`] and
    /// [`Outcome::KeepAliveOnly`]. It says nothing about other effects of the request: see [`guide::ends`](crate::guide::ends).
    pub const fn is_safe_to_retry(self) -> bool {
        matches!(self, Self::Empty | Self::KeepAliveOnly)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Complete => "the response is complete",
            Self::Empty => "the response is empty",
            Self::KeepAliveOnly => "the response ended after keep-alives, before any output",
            Self::Unfinished => "the response ended without an end mark",
            Self::Truncated => "the response was truncated",
            Self::Unrecognized => "the response is neither an event stream nor JSON",
        })
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
