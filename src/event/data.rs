//! One server-sent event, or one value of a JSON stream.

#[cfg(feature = "alloc")]
use alloc::{borrow::Cow, string::String};
use core::{
    fmt,
    str::{self, Utf8Error},
};

#[cfg(feature = "serde")]
use super::error_fields::{self, ErrorFields};
use super::escaped::Escaped;
use crate::scan::{error_object, name};

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

impl fmt::Debug for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("event", &Escaped(self.event))
            .field("id", &Escaped(self.id))
            .field("data", &Escaped(self.data))
            .finish()
    }
}
