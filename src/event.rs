//! What comes out: events, as slices of the chunk or of the parser's buffer.

#[cfg(feature = "alloc")]
use alloc::{borrow::Cow, string::String};
use core::{
    fmt,
    str::{self, Utf8Error},
};

use crate::error_object;

/// Something that a response said.
///
/// An event borrows from the chunk, or from the parser where a cut made it store something; it lives until the next
/// call.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The server is alive and has nothing to say yet: you now restart the timer for silence, and no other.
    KeepAlive(KeepAlive<'a>),
    /// One server-sent event: you now look at [`Data::is_error`] and deserialize it.
    Data(Data<'a>),
    /// The stream's own end mark, such as `data: [DONE]`: you now have all of it.
    Done,
    /// A completed JSON body: you now have all of it, and need not wait for the connection to close.
    Body(Body<'a>),
    /// A line that is no comment and no known field, such as HTML or an error in plain text: you now log it.
    Unknown(&'a [u8]),
}

/// A sign of life.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeepAlive<'a> {
    /// A comment of an event stream: what follows the colon, less one leading space.
    Comment(&'a [u8]),
    /// A line end with nothing before it, in a stream or before a JSON body.
    BlankLine,
    /// An event that is named `ping` or alike, or one with empty data.
    Ping(Data<'a>),
}

/// One server-sent event.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Event, Parser};
///
/// let mut parser = Parser::new();
/// let mut chunk = &b"event: message\nid: 7\ndata: {\"text\":\"hi\"}\n\n"[..];
/// let Some(Event::Data(data)) = parser.next_event(&mut chunk)? else { panic!() };
///
/// assert_eq!(data.event(), b"message");
/// assert_eq!(data.id(), b"7");
/// assert_eq!(data.to_str(), Ok("{\"text\":\"hi\"}"));
/// assert!(!data.is_error());
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Data<'a> {
    pub(crate) event: &'a [u8],
    pub(crate) id: &'a [u8],
    pub(crate) data: &'a [u8],
}

impl<'a> Data<'a> {
    /// The value of the `event` field; empty where there was none (the standard then says `message`).
    pub const fn event(&self) -> &'a [u8] {
        self.event
    }

    /// The last event id, which persists from event to event; empty before the first.
    pub const fn id(&self) -> &'a [u8] {
        self.id
    }

    /// The data, its lines joined by LF. Nobody has looked at its encoding.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.data
    }

    /// The data as text.
    ///
    /// # Errors
    ///
    /// Where it is not UTF-8; [`Data::to_str_lossy`] never fails.
    pub const fn to_str(&self) -> Result<&'a str, Utf8Error> {
        str::from_utf8(self.data)
    }

    /// The data as text, with U+FFFD for what is not UTF-8. Borrowed unless there is such.
    #[cfg(feature = "alloc")]
    pub fn to_str_lossy(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.data)
    }

    /// Whether this event reports an error, which servers send under status 200 once a stream has begun.
    ///
    /// It does if it is named `error`, or if its data is a JSON object that has a top-level member `error` other than
    /// `null`, `false` or an empty string, or a top-level `"type"` or `"object"` that is `"error"`. This looks at the
    /// structure of the data alone; it does not validate it.
    pub fn is_error(&self) -> bool {
        self.event == b"error" || error_object::is_error(self.data)
    }

    /// The data, deserialized from JSON; strings may borrow from it.
    ///
    /// # Errors
    ///
    /// Where the data is not JSON, or not of this shape.
    ///
    /// ```
    /// # use llm_response::{Event, Parser};
    /// #[derive(serde::Deserialize)]
    /// struct Delta<'a> {
    ///     text: &'a str,
    /// }
    ///
    /// let mut parser = Parser::new();
    /// let mut chunk = &b"data: {\"text\":\"hi\"}\n\n"[..];
    /// let Some(Event::Data(data)) = parser.next_event(&mut chunk)? else { panic!() };
    /// assert_eq!(data.deserialize::<Delta>()?.text, "hi");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "serde")]
    pub fn deserialize<T: serde::Deserialize<'a>>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(self.data)
    }
}

/// A completed JSON body.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Event, Parser};
///
/// let mut parser = Parser::new();
/// let mut chunk = &b"{\"error\":{\"message\":\"Insufficient Balance\"}}"[..];
/// let Some(Event::Body(body)) = parser.next_event(&mut chunk)? else { panic!() };
///
/// assert!(body.is_error());
/// assert_eq!(body.to_str(), Ok("{\"error\":{\"message\":\"Insufficient Balance\"}}"));
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Body<'a> {
    pub(crate) bytes: &'a [u8],
}

impl<'a> Body<'a> {
    /// The body, from its first bracket to its last. Its end was found by structure alone: it may still not be JSON.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The body as text.
    ///
    /// # Errors
    ///
    /// Where it is not UTF-8; [`Body::to_str_lossy`] never fails.
    pub const fn to_str(&self) -> Result<&'a str, Utf8Error> {
        str::from_utf8(self.bytes)
    }

    /// The body as text, with U+FFFD for what is not UTF-8. Borrowed unless there is such.
    #[cfg(feature = "alloc")]
    pub fn to_str_lossy(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes)
    }

    /// Whether this body reports an error: by the same signs as [`Data::is_error`], less the event's name.
    pub fn is_error(&self) -> bool {
        error_object::is_error(self.bytes)
    }

    /// The body, deserialized from JSON; strings may borrow from it.
    ///
    /// # Errors
    ///
    /// Where the body is not JSON, or not of this shape.
    #[cfg(feature = "serde")]
    pub fn deserialize<T: serde::Deserialize<'a>>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(self.bytes)
    }
}

/// Bytes as escaped text, so that a trace can be read.
pub(crate) struct Escaped<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeepAlive(keep_alive) => f.debug_tuple("KeepAlive").field(keep_alive).finish(),
            Self::Data(data) => data.fmt(f),
            Self::Done => f.write_str("Done"),
            Self::Body(body) => body.fmt(f),
            Self::Unknown(line) => f.debug_tuple("Unknown").field(&Escaped(line)).finish(),
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

impl fmt::Debug for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("event", &Escaped(self.event))
            .field("id", &Escaped(self.id))
            .field("data", &Escaped(self.data))
            .finish()
    }
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Body").field(&Escaped(self.bytes)).finish()
    }
}
