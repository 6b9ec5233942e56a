//! Events that own their bytes. `owned` makes them.

use alloc::{borrow::Cow, string::String};
use core::{
    fmt,
    str::{self, Utf8Error},
};

use bytes::Bytes;

use crate::{Body, Data, Event, Finish, KeepAlive, Outcome, Skipped};

/// An [`Event`] that owns its bytes: `'static`, `Send` and `Sync`, and cheap to clone.
///
/// Its parts are slices of the chunk that contained it, unless the parser had to store them. **Such a slice keeps its
/// whole chunk in memory**, however small the slice is. To keep a few events out of many, [`detach`](Self::detach) them.
///
/// These parts are copied: an event that is split over chunks, data of several lines, and the last event id. A split event
/// of more than 4 KiB is not copied: it takes over the parser's buffer. The id is copied for every event: a short id costs one
/// small allocation for each event, and an id of one megabyte costs one megabyte for each event. Servers of language models
/// rarely send ids.
///
/// ```
/// use bytes::Bytes;
/// use llm_response::{OwnedEvent, Parser};
///
/// let mut parser = Parser::new();
/// let mut chunk = Bytes::from_static(b"event: message\ndata: hi\n\n");
/// let event = parser.next_owned(&mut chunk)?.unwrap();
///
/// let elsewhere = std::thread::spawn(move || match event {
///     OwnedEvent::Data(data) => data.to_str().map(str::to_owned),
///     _ => unreachable!(),
/// });
/// assert_eq!(elsewhere.join().unwrap()?, "hi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnedEvent {
    /// Like [`Event::KeepAlive`].
    KeepAlive(OwnedKeepAlive),
    /// Like [`Event::Data`].
    Data(OwnedData),
    /// Like [`Event::Done`].
    Done,
    /// Like [`Event::Body`].
    Body(OwnedBody),
    /// Like [`Event::Unknown`].
    Unknown(Bytes),
    /// Like [`Event::Skipped`].
    Skipped(Skipped),
}

impl OwnedEvent {
    /// The same event, borrowed.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use llm_response::{Event, Parser};
    ///
    /// let mut parser = Parser::new();
    /// let event = parser.next_owned(&mut Bytes::from_static(b"data: [DONE]\n\n"))?.unwrap();
    /// assert_eq!(event.as_event(), Event::Done);
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn as_event(&self) -> Event<'_> {
        match self {
            Self::KeepAlive(keep_alive) => Event::KeepAlive(keep_alive.as_keep_alive()),
            Self::Data(data) => Event::Data(data.as_data()),
            Self::Done => Event::Done,
            Self::Body(body) => Event::Body(body.as_body()),
            Self::Unknown(line) => Event::Unknown(line),
            Self::Skipped(skipped) => Event::Skipped(*skipped),
        }
    }

    /// Copies the bytes of the event out of its chunk, so that the chunk's memory can be freed.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use llm_response::Parser;
    ///
    /// let mut parser = Parser::new();
    /// let whole = Bytes::from(b"data: hi\n\n".repeat(1000));
    /// let mut chunk = whole.clone();
    /// let event = parser.next_owned(&mut chunk)?.unwrap();
    /// drop(chunk);
    /// assert!(!whole.is_unique()); // `event` keeps 10,000 bytes in memory for two
    ///
    /// let event = event.detach();
    /// assert!(whole.is_unique());
    /// # drop(event);
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    #[must_use = "only the returned event is independent of the chunk"]
    pub fn detach(self) -> Self {
        self.as_event().to_owned_in(&Bytes::new())
    }
}

/// A [`KeepAlive`] that owns its bytes.
///
/// ```
/// use bytes::Bytes;
/// use llm_response::{OwnedEvent, OwnedKeepAlive, Parser};
///
/// let mut parser = Parser::new();
/// let event = parser.next_owned(&mut Bytes::from_static(b": keep-alive\n\n"))?;
/// assert_eq!(event, Some(OwnedEvent::KeepAlive(OwnedKeepAlive::Comment("keep-alive".into()))));
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnedKeepAlive {
    /// Like [`KeepAlive::Comment`].
    Comment(Bytes),
    /// Like [`KeepAlive::BlankLine`].
    BlankLine,
    /// Like [`KeepAlive::Ping`].
    Ping(OwnedData),
}

impl OwnedKeepAlive {
    /// The same keep-alive, borrowed.
    ///
    /// ```
    /// use llm_response::{KeepAlive, OwnedKeepAlive};
    ///
    /// let keep_alive = OwnedKeepAlive::Comment("queued".into());
    /// assert_eq!(keep_alive.as_keep_alive(), KeepAlive::Comment(b"queued"));
    /// ```
    pub fn as_keep_alive(&self) -> KeepAlive<'_> {
        match self {
            Self::Comment(text) => KeepAlive::Comment(text),
            Self::BlankLine => KeepAlive::BlankLine,
            Self::Ping(data) => KeepAlive::Ping(data.as_data()),
        }
    }
}

/// A [`Data`] that owns its bytes.
///
/// ```
/// use bytes::Bytes;
/// use llm_response::{OwnedEvent, Parser};
///
/// let mut parser = Parser::new();
/// let mut chunk = Bytes::from_static(b"event: message\nid: 7\ndata: hi\n\n");
/// let Some(OwnedEvent::Data(data)) = parser.next_owned(&mut chunk)? else { panic!() };
///
/// assert_eq!(data.event(), b"message");
/// assert_eq!(data.id(), b"7");
/// assert_eq!(data.to_str(), Ok("hi"));
/// assert!(!data.is_error());
///
/// // As text, if that is easier:
/// assert_eq!((data.event_str(), data.event_or_message(), data.id_str()), (Ok("message"), Ok("message"), Ok("7")));
/// assert_eq!(data.to_str_lossy(), "hi");
/// // As the borrowed event, which has the same methods, and as bytes:
/// assert_eq!(data.as_data().name(), data.name());
/// assert_eq!(data.as_bytes(), b"hi");
/// assert_eq!(data.bytes().clone(), data.into_bytes()); // neither copies
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedData {
    event: Bytes,
    id: Bytes,
    pub(super) data: Bytes,
}

impl OwnedData {
    /// Makes an event of these parts, for your own tests.
    ///
    /// ```
    /// use llm_response::OwnedData;
    ///
    /// let data = OwnedData::new("error", "7", "{\"message\":\"busy\"}");
    /// assert!(data.is_error());
    /// assert_eq!(data.id_str(), Ok("7"));
    /// ```
    pub fn new(event: impl Into<Bytes>, id: impl Into<Bytes>, data: impl Into<Bytes>) -> Self {
        Self {
            event: event.into(),
            id: id.into(),
            data: data.into(),
        }
    }

    /// The same event, borrowed.
    pub fn as_data(&self) -> Data<'_> {
        Data::new(&self.event, &self.id, &self.data)
    }

    /// Like [`Data::event`]: the value of the `event` field; empty if there was none.
    pub fn event(&self) -> &[u8] {
        &self.event
    }

    /// Like [`Data::event_str`]: the `event` field as text.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8.
    pub fn event_str(&self) -> Result<&str, Utf8Error> {
        str::from_utf8(&self.event)
    }

    /// Like [`Data::event_or_message`]: the `event` field as text, `message` if it is empty.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8.
    pub fn event_or_message(&self) -> Result<&str, Utf8Error> {
        self.as_data().event_or_message()
    }

    /// Like [`Data::name`]: the name of the event, from its `event` field or from its data.
    pub fn name(&self) -> &[u8] {
        self.as_data().name()
    }

    /// Like [`Data::id`]: the last event id; empty before the first.
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// Like [`Data::id_str`]: the last event id as text.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8.
    pub fn id_str(&self) -> Result<&str, Utf8Error> {
        str::from_utf8(&self.id)
    }

    /// Like [`Data::as_bytes`]: the data, its lines joined by LF.
    pub fn as_bytes(&self) -> &[u8] {
        &self.data
    }

    /// The data as [`Bytes`], which can be cloned without a copy.
    pub fn bytes(&self) -> &Bytes {
        &self.data
    }

    /// Takes the data out, without a copy.
    pub fn into_bytes(self) -> Bytes {
        self.data
    }

    /// The data as text.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8. [`OwnedData::to_str_lossy`] never fails.
    pub fn to_str(&self) -> Result<&str, Utf8Error> {
        str::from_utf8(&self.data)
    }

    /// The data as text, with U+FFFD in place of what is not UTF-8. Borrowed if it is UTF-8.
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.data)
    }

    /// Like [`Data::is_error`]: whether this event reports an error.
    pub fn is_error(&self) -> bool {
        self.as_data().is_error()
    }

    /// Deserializes the data from JSON. As with [`Data::deserialize`], use `String` or `Cow<str>` for text, not `&str`.
    ///
    /// # Errors
    ///
    /// If the data is not JSON, or does not fit the type.
    ///
    /// ```
    /// use llm_response::OwnedData;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Delta {
    ///     text: String,
    /// }
    ///
    /// let data = OwnedData::new("", "", r#"{"text":"hi\n"}"#);
    /// assert_eq!(data.deserialize::<Delta>()?.text, "hi\n");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[cfg(feature = "serde")]
    pub fn deserialize<'a, T: serde::Deserialize<'a>>(&'a self) -> serde_json::Result<T> {
        self.as_data().deserialize()
    }
}

/// A [`Body`] that owns its bytes.
///
/// ```
/// use bytes::Bytes;
/// use llm_response::{OwnedEvent, Parser};
///
/// let mut parser = Parser::new();
/// let mut chunk = Bytes::from_static(b"\n\n{\"error\":{\"message\":\"busy\"}}");
/// let body = loop {
///     match parser.next_owned(&mut chunk)? {
///         Some(OwnedEvent::Body(body)) => break body,
///         _ => continue, // the two blank lines before it
///     }
/// };
///
/// assert!(body.is_error());
/// assert_eq!(body.to_str(), Ok("{\"error\":{\"message\":\"busy\"}}"));
/// assert_eq!(body.to_str_lossy().as_bytes(), body.as_bytes());
/// assert!(body.as_body().is_error()); // the borrowed body has the same methods
/// assert_eq!(body.bytes().clone(), body.into_bytes()); // neither copies
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedBody {
    pub(super) bytes: Bytes,
}

impl OwnedBody {
    /// Makes a body of these bytes, for your own tests.
    ///
    /// ```
    /// use llm_response::OwnedBody;
    ///
    /// assert!(OwnedBody::new(r#"{"error":{"message":"busy"}}"#).is_error());
    /// ```
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into() }
    }

    /// The same body, borrowed.
    pub fn as_body(&self) -> Body<'_> {
        Body::new(&self.bytes)
    }

    /// Like [`Body::as_bytes`]: the body, from its first byte to its last.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The body as [`Bytes`], which can be cloned without a copy.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Takes the body out, without a copy.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// The body as text.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8. [`OwnedBody::to_str_lossy`] never fails.
    pub fn to_str(&self) -> Result<&str, Utf8Error> {
        str::from_utf8(&self.bytes)
    }

    /// The body as text, with U+FFFD in place of what is not UTF-8. Borrowed if it is UTF-8.
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// Like [`Body::is_error`]: whether this body reports an error.
    pub fn is_error(&self) -> bool {
        self.as_body().is_error()
    }

    /// Deserializes the body from JSON. As with [`Body::deserialize`], use `String` or `Cow<str>` for text, not `&str`.
    ///
    /// # Errors
    ///
    /// If the body is not JSON, or does not fit the type.
    ///
    /// ```
    /// use llm_response::OwnedBody;
    ///
    /// let body = OwnedBody::new(r#"{"text":"hi\n"}"#);
    /// let value: serde_json::Value = body.deserialize()?;
    /// assert_eq!(value["text"], "hi\n");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[cfg(feature = "serde")]
    pub fn deserialize<'a, T: serde::Deserialize<'a>>(&'a self) -> serde_json::Result<T> {
        self.as_body().deserialize()
    }
}

impl AsRef<[u8]> for OwnedData {
    /// The data.
    fn as_ref(&self) -> &[u8] {
        &self.data
    }
}

impl AsRef<[u8]> for OwnedBody {
    /// The body.
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What [`Parser::finish_owned`](crate::Parser::finish_owned) gives: a [`Finish`] that owns its bytes.
///
/// ```
/// use bytes::Bytes;
/// use llm_response::{Outcome, Parser};
///
/// let mut parser = Parser::new();
/// assert!(parser.next_owned(&mut Bytes::from_static(b"data: {\"text\":"))?.is_none());
/// let finish = parser.finish_owned()?;
/// assert_eq!(finish.outcome, Outcome::Truncated);
/// assert_eq!(finish.rest, "{\"text\":"); // for a log
/// assert_eq!(finish.as_finish().rest, finish.rest);
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "only the outcome shows whether a response is complete"]
pub struct OwnedFinish {
    /// Like [`Finish::event`]: an event that only the end of the input completed.
    pub event: Option<OwnedEvent>,
    /// What the end means.
    pub outcome: Outcome,
    /// Like [`Finish::rest`]: the part that was received of an incomplete event or body. Log it; do not deserialize it.
    pub rest: Bytes,
}

impl OwnedFinish {
    /// The same, borrowed.
    pub fn as_finish(&self) -> Finish<'_> {
        Finish {
            event: self.event.as_ref().map(OwnedEvent::as_event),
            outcome: self.outcome,
            rest: &self.rest,
        }
    }
}

impl fmt::Debug for OwnedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_event().fmt(f)
    }
}

impl fmt::Debug for OwnedKeepAlive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_keep_alive().fmt(f)
    }
}

impl fmt::Debug for OwnedData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_data().fmt(f)
    }
}

impl fmt::Debug for OwnedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_body().fmt(f)
    }
}

impl fmt::Debug for OwnedFinish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_finish().fmt(f)
    }
}
