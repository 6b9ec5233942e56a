//! The events that the parser gives, as slices of the chunk or of the parser's buffer.

#[cfg(feature = "serde")]
mod error_fields;

#[cfg(feature = "alloc")]
use alloc::{borrow::Cow, string::String};
use core::{
    fmt,
    str::{self, Utf8Error},
};

#[cfg(feature = "serde")]
pub(crate) use error_fields::ErrorFields;

use crate::scan::{error_object, name};

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
/// assert_eq!(data.as_bytes(), b"{\"text\":\"hi\"}");
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
    /// Makes an event of these parts, for your own tests.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// let data = Data::new(b"delta", b"7", b"{\"text\":\"hi\"}");
    /// assert_eq!((data.event(), data.id(), data.as_bytes()), (&b"delta"[..], &b"7"[..], &b"{\"text\":\"hi\"}"[..]));
    /// ```
    pub const fn new(event: &'a [u8], id: &'a [u8], data: &'a [u8]) -> Self {
        Self { event, id, data }
    }

    /// The name of the event (R6): the value of the `event` field. If that is empty and the first member of the data is `"type"`,
    /// the name is the value of that member.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// assert_eq!(Data::new(b"message_stop", b"", b"{}").name(), b"message_stop");
    /// assert_eq!(Data::new(b"", b"", br#"{"type":"message_stop"}"#).name(), b"message_stop"); // a proxy dropped the line
    /// assert_eq!(Data::new(b"", b"", br#"{"id":1,"type":"x"}"#).name(), b""); // only the first member counts
    /// ```
    pub fn name(&self) -> &'a [u8] {
        if self.event.is_empty() {
            name::type_member(self.data)
        } else {
            self.event
        }
    }

    /// The value of the `event` field; empty if there was none (the HTML standard then uses `message`).
    pub const fn event(&self) -> &'a [u8] {
        self.event
    }

    /// The last event id. It stays the same until another event sets it; empty before the first id.
    pub const fn id(&self) -> &'a [u8] {
        self.id
    }

    /// The data. Several lines are joined by LF. The encoding has not been checked.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.data
    }

    /// The data as text.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8. `to_str_lossy` never fails.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// assert_eq!(Data::new(b"", b"", "深度".as_bytes()).to_str(), Ok("深度"));
    /// assert!(Data::new(b"", b"", b"\xff").to_str().is_err());
    /// ```
    pub const fn to_str(&self) -> Result<&'a str, Utf8Error> {
        str::from_utf8(self.data)
    }

    /// The data as text, with U+FFFD in place of what is not UTF-8. Borrowed if it is UTF-8.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// assert_eq!(Data::new(b"", b"", b"a\xff").to_str_lossy(), "a\u{fffd}");
    /// ```
    #[cfg(feature = "alloc")]
    pub fn to_str_lossy(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.data)
    }

    /// Whether this event reports an error. Once a stream has begun, servers can report errors only in this way: the status was
    /// already sent.
    ///
    /// It does if its [name](Self::name) is `error`, or ends in `.error` or `.failed`. (Of OpenAI's names that begin with
    /// `response.`, only `response.error` and `response.failed` count.) It also does if its data is a JSON object, or an array
    /// that begins with an object, and this object has one of these at its top level (R18):
    ///
    /// * `error`, other than `null`, `false`, `0`, or something empty;
    /// * `type` or `object` with one of the names above;
    /// * `errors` that are not empty, or `success` that is `false`;
    /// * `error_code`, or `status_code` within `base_resp`, other than `null`, `0`, `"0"` or something empty;
    /// * an error code with a string `message`, `msg` or `detail`, and no member that answers have;
    /// * only `detail`.
    ///
    /// This only scans the bytes and does not validate them. For an event that reports no error, it costs about as much as one
    /// search through its data. **`false` does not mean success**: a provider may use another form. Check the HTTP status too.
    ///
    #[cfg_attr(feature = "serde", doc = "[`error`](Self::error) gives the message and the code.")]
    #[cfg_attr(
        not(feature = "serde"),
        doc = "With feature `serde`, `error` gives the message and the code."
    )]
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// assert!(Data::new(b"", b"", br#"{"error":{"message":"Overloaded"},"choices":[]}"#).is_error());
    /// assert!(Data::new(b"", b"", br#"{"code":"Throttling.RateQuota","message":"Too fast"}"#).is_error());
    /// assert!(Data::new(b"error", b"", b"").is_error());
    /// assert!(!Data::new(b"", b"", br#"{"error":null,"choices":[]}"#).is_error());
    /// ```
    pub fn is_error(&self) -> bool {
        name::is_error_name(self.name()) || error_object::is_error(self.data)
    }

    /// The parts of the error that this event reports, if it reports one.
    #[cfg(feature = "serde")]
    pub(crate) fn error_fields(&self) -> Option<ErrorFields<'a>> {
        self.is_error().then(|| error_fields::error_fields(self.data))
    }

    /// Deserializes the data from JSON. Use `String` or `Cow<str>` for text: `&str` fails at the first escape, such as `\\n`.
    ///
    /// # Errors
    ///
    /// If the data is not JSON, or does not fit the type.
    ///
    /// ```
    /// use std::borrow::Cow;
    ///
    /// # use llm_response::{Event, Parser};
    /// #[derive(serde::Deserialize)]
    /// struct Delta<'a> {
    ///     #[serde(borrow)]
    ///     text: Cow<'a, str>,
    /// }
    ///
    /// let mut parser = Parser::new();
    /// let mut chunk = &br#"data: {"text":"hi\n"}"#[..];
    /// assert!(parser.next_event(&mut chunk)?.is_none()); // its line has not ended yet
    /// let Some(Event::Data(data)) = parser.next_event(&mut &b"\n\n"[..])? else { panic!() };
    /// assert_eq!(data.deserialize::<Delta>()?.text, "hi\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "serde")]
    pub fn deserialize<T: serde::Deserialize<'a>>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(self.data)
    }

    /// The `event` field as text; empty if there was none.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// assert_eq!(Data::new(b"delta", b"", b"{}").event_str(), Ok("delta"));
    /// assert_eq!(Data::new(b"", b"", b"{}").event_str(), Ok(""));
    /// ```
    pub const fn event_str(&self) -> Result<&'a str, Utf8Error> {
        str::from_utf8(self.event)
    }

    /// The `event` field as text; `message` if there was none, which is the default of the HTML standard.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// assert_eq!(Data::new(b"delta", b"", b"{}").event_or_message(), Ok("delta"));
    /// assert_eq!(Data::new(b"", b"", b"{}").event_or_message(), Ok("message"));
    /// ```
    pub const fn event_or_message(&self) -> Result<&'a str, Utf8Error> {
        if self.event.is_empty() {
            return Ok("message");
        }
        self.event_str()
    }

    /// The last event id as text; empty before the first id.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// assert_eq!(Data::new(b"", b"7", b"{}").id_str(), Ok("7"));
    /// ```
    pub const fn id_str(&self) -> Result<&'a str, Utf8Error> {
        str::from_utf8(self.id)
    }
}

impl AsRef<[u8]> for Data<'_> {
    /// The data.
    fn as_ref(&self) -> &[u8] {
        self.data
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
/// assert_eq!(body.as_bytes().len(), 44);
/// assert_eq!(body.to_str(), Ok("{\"error\":{\"message\":\"Insufficient Balance\"}}"));
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Body<'a> {
    pub(crate) bytes: &'a [u8],
}

impl<'a> Body<'a> {
    /// Makes a body of these bytes, for your own tests.
    ///
    /// ```
    /// use llm_response::Body;
    ///
    /// let body = Body::new(br#"{"error":{"message":"Overloaded"}}"#);
    /// assert!(body.is_error());
    /// assert_eq!(body.as_bytes().first(), Some(&b'{'));
    /// ```
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The body, from its first bracket to its last. Only its structure was checked: it may still be invalid JSON.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The body as text.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8. `to_str_lossy` never fails.
    pub const fn to_str(&self) -> Result<&'a str, Utf8Error> {
        str::from_utf8(self.bytes)
    }

    /// The body as text, with U+FFFD in place of what is not UTF-8. Borrowed if it is UTF-8.
    ///
    /// ```
    /// use llm_response::Body;
    ///
    /// assert_eq!(Body::new(b"\"a\xff\"").to_str_lossy(), "\"a\u{fffd}\"");
    /// ```
    #[cfg(feature = "alloc")]
    pub fn to_str_lossy(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes)
    }

    /// Whether this body reports an error: the same check as [`Data::is_error`], without the event's name.
    ///
    /// ```
    /// use llm_response::{Event, Options, Parser};
    ///
    /// let mut memory = [0; 100];
    /// let mut parser = Parser::in_memory(&mut memory, Options::new());
    /// let mut chunk = &br#"[{"error":{"code":400,"message":"Please use a valid role"}}]"#[..];
    /// let Some(Event::Body(body)) = parser.next_event(&mut chunk)? else { panic!() };
    /// assert!(body.is_error());
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn is_error(&self) -> bool {
        error_object::is_error(self.bytes)
    }

    /// The parts of the error that this body reports, if it reports one.
    #[cfg(feature = "serde")]
    pub(crate) fn error_fields(&self) -> Option<ErrorFields<'a>> {
        self.is_error().then(|| error_fields::error_fields(self.bytes))
    }

    /// Deserializes the body from JSON. As with [`Data::deserialize`], use `String` or `Cow<str>` for text, not `&str`.
    ///
    /// # Errors
    ///
    /// If the body is not JSON, or does not fit the type.
    ///
    /// ```
    /// use llm_response::Body;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Answer {
    ///     text: String,
    /// }
    ///
    /// let answer: Answer = Body::new(br#"{"text":"hi\n"}"#).deserialize()?;
    /// assert_eq!(answer.text, "hi\n");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[cfg(feature = "serde")]
    pub fn deserialize<T: serde::Deserialize<'a>>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(self.bytes)
    }
}

impl AsRef<[u8]> for Body<'_> {
    /// The body.
    fn as_ref(&self) -> &[u8] {
        self.bytes
    }
}

/// An event that was skipped because it is larger than the limit ([`Oversize::Skip`](crate::Oversize::Skip)).
///
/// ```
/// use llm_response::{Event, Options, Oversize, Parser};
///
/// let mut memory = [0; 64];
/// let mut parser = Parser::in_memory(&mut memory, Options::new().oversize(Oversize::Skip));
/// parser.push(b"event: response.completed\ndata: {\"response\":{\"output\":[\"", |event| panic!("{event:?}"))?;
/// parser.push(&[b'x'; 5000], |event| panic!("{event:?}"))?;
///
/// let mut chunk = &b"\"]}}\n\n"[..];
/// let Some(Event::Skipped(skipped)) = parser.next_event(&mut chunk)? else { panic!() };
/// assert_eq!(skipped.len(), 26 + 5035); // the lengths of two lines, including one byte for the end of each
/// assert!(!skipped.is_keep_alive());
/// assert_eq!(parser.next_event(&mut chunk)?, Some(Event::Done)); // because of its name, `response.completed`
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    len: u64,
    pub(crate) kind: SkippedKind,
}

/// What was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SkippedKind {
    /// A comment.
    Comment,
    /// A block that has no field before the limit.
    Text,
    /// An event that may have been output.
    Output,
}

impl Skipped {
    pub(crate) const fn of(kind: SkippedKind, len: u64) -> Self {
        Self { len, kind }
    }

    /// Makes a skipped event of `len` bytes, for your own tests.
    pub const fn new(len: u64) -> Self {
        Self::of(SkippedKind::Output, len)
    }

    /// Makes a skipped comment of `len` bytes, for your own tests.
    ///
    /// ```
    /// use llm_response::{Event, Skipped};
    ///
    /// let skipped = Skipped::comment(70_000);
    /// assert!(skipped.is_keep_alive());
    /// assert_eq!(Event::Skipped(skipped), Event::Skipped(Skipped::comment(70_000)));
    /// ```
    pub const fn comment(len: u64) -> Self {
        Self::of(SkippedKind::Comment, len)
    }

    /// Its length in bytes, as [`Options::max_len`](crate::Options::max_len) counts it:
    ///
    /// * for a block, its lines except comments, each with one byte for its end;
    /// * for a comment, the line without its end;
    /// * for a body or a value, all bytes from the first to the last.
    ///
    /// If `usize` has fewer than 64 bits, it counts up to `usize::MAX`.
    #[allow(clippy::len_without_is_empty, reason = "it is never empty")]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it was a comment. If so, it was a sign of activity, and no output is missing.
    ///
    /// ```
    /// use llm_response::{Event, Options, Oversize, Parser};
    ///
    /// let mut parser = Parser::in_memory(&mut [], Options::new().oversize(Oversize::Skip));
    /// let mut chunk = &b": queued\n"[..];
    /// let Some(Event::Skipped(skipped)) = parser.next_event(&mut chunk)? else { panic!() };
    /// assert!(skipped.is_keep_alive());
    /// assert_eq!((skipped.len(), parser.keep_alives()), (8, 1));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub const fn is_keep_alive(&self) -> bool {
        matches!(self.kind, SkippedKind::Comment)
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
