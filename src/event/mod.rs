//! The events that the parser gives, as slices of the chunk or of the parser's buffer.

mod body;
mod data;
#[cfg(feature = "serde")]
mod error_fields;
mod escaped;
mod skipped;

use core::fmt;

pub use body::Body;
pub use data::Data;
#[cfg(feature = "serde")]
pub(crate) use error_fields::ErrorFields;
pub(crate) use escaped::Escaped;
pub use skipped::Skipped;
pub(crate) use skipped::SkippedKind;

/// One event of a response.
///
/// It borrows from the chunk, or from the parser if it was split over chunks. It is valid until the next call.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Event, Parser};
///
/// let response = b": keep-alive\n\ndata: {\"text\":\"hi\"}\n\n<html>\ndata: [DONE]\n\n";
/// let mut parser = Parser::new();
/// let mut kinds = Vec::new();
/// parser.push(response, |event| {
///     kinds.push(match event {
///         Event::KeepAlive(_) => "keep-alive",
///         Event::Data(_) => "data",
///         Event::Done => "done",
///         Event::Body(_) => "body",
///         Event::Unknown(_) => "unknown",
///         _ => "added in a later version",
///     });
/// })?;
/// assert_eq!(kinds, ["keep-alive", "data", "unknown", "done"]);
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A sign of activity without output: restart only the timer for silence.
    KeepAlive(KeepAlive<'a>),
    /// One server-sent event: check [`Data::is_error`], then deserialize it. With [`Format::JsonStream`](crate::Format::JsonStream),
    /// one JSON value.
    Data(Data<'a>),
    /// The stream's own end mark, such as `data: [DONE]`. It is given once. Stop here, or read to the end.
    Done,
    /// A complete JSON body. It is given as soon as its last bracket is received, before the connection closes.
    Body(Body<'a>),
    /// A line that is neither a comment nor a known field, such as HTML or an error in plain text: log it.
    Unknown(&'a [u8]),
    /// An event that was skipped because it is larger than the limit. Only with [`Oversize::Skip`](crate::Oversize::Skip).
    Skipped(Skipped),
}

impl Event<'_> {
    /// Whether it is a sign of activity without output: a [`KeepAlive`], or a comment that was skipped.
    pub(crate) const fn is_keep_alive(&self) -> bool {
        match self {
            Self::KeepAlive(_) => true,
            Self::Skipped(skipped) => skipped.is_keep_alive(),
            _ => false,
        }
    }
}

/// A sign of activity: the connection works, and there is no output yet.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Event, KeepAlive, Parser};
///
/// let mut parser = Parser::new();
/// let mut seen = Vec::new();
/// parser.push(b": queued\n\n\nevent: ping\n\n", |event| {
///     let Event::KeepAlive(keep_alive) = event else { panic!() };
///     seen.push(match keep_alive {
///         KeepAlive::Comment(text) => format!("comment: {}", text.escape_ascii()),
///         KeepAlive::BlankLine => "blank line".to_owned(),
///         KeepAlive::Ping(data) => format!("event: {}", data.event().escape_ascii()),
///         _ => "added in a later version".to_owned(),
///     });
/// })?;
/// assert_eq!(seen, ["comment: queued", "blank line", "event: ping"]);
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeepAlive<'a> {
    /// A comment of an event stream: the text after the colon, without one leading space.
    Comment(&'a [u8]),
    /// An empty line, in a stream or before a JSON body.
    BlankLine,
    /// An event named `ping` or similar, or an event with empty data.
    Ping(Data<'a>),
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeepAlive(keep_alive) => f.debug_tuple("KeepAlive").field(keep_alive).finish(),
            Self::Data(data) => data.fmt(f),
            Self::Done => f.write_str("Done"),
            Self::Body(body) => body.fmt(f),
            Self::Unknown(line) => f.debug_tuple("Unknown").field(&Escaped(line)).finish(),
            Self::Skipped(skipped) => skipped.fmt(f),
        }
    }
}

impl fmt::Debug for KeepAlive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comment(text) => f.debug_tuple("Comment").field(&Escaped(text)).finish(),
            Self::BlankLine => f.write_str("BlankLine"),
            Self::Ping(data) => f.debug_tuple("Ping").field(data).finish(),
        }
    }
}
