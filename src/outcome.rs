//! What the end of a response means.

use core::fmt;

use crate::event::{Escaped, Event};

/// What [`Parser::finish`](crate::Parser::finish) gives: the last event, the outcome, and the rest of an incomplete event or body.
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
    /// An event that only the end of the input completed. Handle it like every other event.
    pub event: Option<Event<'a>>,
    /// What the end means.
    pub outcome: Outcome,
    /// The part that was received of an incomplete event (its data) or body. Log it; do not deserialize it.
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
    /// The end mark of the stream, or the last bracket of the body, was received. In
    /// [`Dialect::EventSource`](crate::Dialect::EventSource), which has no end mark: at least one event was received, and all
    /// events are complete.
    Complete,
    /// The response contains no event. The request can be sent again.
    Empty,
    /// Only keep-alives were received: the server probably closed the connection while the request was still queued. The request
    /// can be sent again.
    KeepAliveOnly,
    /// Complete events were received, but no end mark. If the server sends end marks, the answer is incomplete. If it sends none,
    /// see [`Options::end_mark`](crate::Options::end_mark).
    Unfinished,
    /// The response ends within an event or a body, or an event was skipped ([`Oversize::Skip`](crate::Oversize::Skip)) and no
    /// end mark was received. A part of the output is missing, and the rest may have been billed.
    Truncated,
    /// The response consists of lines that are not an event stream, such as an HTML page or plain text. Check the
    /// [`Event::Unknown`] lines and the HTTP status.
    Unrecognized,
}

impl Outcome {
    /// Whether the whole response was received.
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Complete)
    }

    /// Whether the request can be sent again without being billed twice, because no output was received. It is true for
    /// [`Outcome::Empty`] and [`Outcome::KeepAliveOnly`]. The request may still have had other effects: see
    /// [`guide::ends`](crate::guide::ends).
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

/// How far a response has progressed.
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
    /// No event with data and no byte of a body has been received yet. The request is probably queued.
    Waiting,
    /// The first event with data, or the first byte of a body, has been received.
    Receiving,
    /// [`Event::Done`] or [`Event::Body`] has been given.
    Complete,
}
