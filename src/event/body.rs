//! A JSON body.

#[cfg(feature = "alloc")]
use alloc::{borrow::Cow, string::String};
use core::{
    fmt,
    str::{self, Utf8Error},
};

#[cfg(feature = "serde")]
use super::error_fields::{self, ErrorFields};
use super::escaped::Escaped;
use crate::scan::error_object;

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

    /// Whether this body reports an error: the same check as [`Data::is_error`](super::Data::is_error), without the event's name.
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

    /// Deserializes the body from JSON. As with [`Data::deserialize`](super::Data::deserialize), use `String` or `Cow<str>` for text, not `&str`.
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

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Body").field(&Escaped(self.bytes)).finish()
    }
}
