//! From an event or a body to its typed form; an error that the API reports cannot be mistaken for an answer.

use core::{fmt, str};

use alloc::string::String;

use super::{ApiError, Chunk, Completion, object};
use crate::{Body, Data};

/// Why there is no chunk or completion.
///
/// ```
/// use llm_response::{Body, chat::DecodeError};
///
/// match Body::new(b"{\"choices\":[").completion() {
///     Ok(completion) => println!("{completion:?}"),
///     Err(DecodeError::Api(error)) if error.is_retryable() => println!("try again: {error}"),
///     Err(DecodeError::Api(error)) => println!("{error}"),
///     // The bytes are still at hand, to be logged or read in another way.
///     Err(DecodeError::Json { bytes, error }) => assert_eq!((bytes.len(), error.column()), (12, 12)),
/// }
/// ```
#[derive(Debug)]
pub enum DecodeError<'a> {
    /// The API reports an error: exactly where [`Data::is_error`] or [`Body::is_error`] is true.
    Api(ApiError<'a>),
    /// It is not JSON, or neither an object nor `null`.
    Json {
        /// What it is.
        bytes: &'a [u8],
        /// What is wrong with it, and where.
        error: serde_json::Error,
    },
}

impl<'a> DecodeError<'a> {
    /// The error that the API reports, if it is one.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// let data = Data::new(b"error", b"", br#"{"error":{"message":"Overloaded"}}"#);
    /// assert_eq!(data.chunk().unwrap_err().into_api().unwrap().message, "Overloaded");
    /// assert!(Data::new(b"", b"", b"{").chunk().unwrap_err().into_api().is_none());
    /// ```
    pub fn into_api(self) -> Option<ApiError<'a>> {
        match self {
            Self::Api(error) => Some(error),
            Self::Json { .. } => None,
        }
    }
}

impl fmt::Display for DecodeError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Json { bytes, error } => write!(f, "{} bytes are not a JSON object: {error}", bytes.len()),
        }
    }
}

impl core::error::Error for DecodeError<'_> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Api(_) => None,
            Self::Json { error, .. } => Some(error),
        }
    }
}

impl<'a> Data<'a> {
    /// The chunk of an answer that this event brings.
    ///
    /// Whatever is missing, `null`, empty or of another type than expected, is missing in the chunk; `null` alone is an
    /// empty chunk. Half a surrogate pair is no error, and neither are bytes that are not UTF-8: both read as U+FFFD.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Api`] exactly where [`is_error`](Self::is_error) is true; [`DecodeError::Json`] where the data is
    /// not JSON, or neither an object nor `null`.
    ///
    /// ```
    /// use llm_response::{Data, chat::DecodeError};
    ///
    /// let chunk = |json: &'static str| Data::new(b"", b"", json.as_bytes()).chunk();
    /// let hi = chunk(r#"{"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}"#).unwrap();
    /// assert_eq!(hi.choices[0].delta.content.as_deref(), Some("hi"));
    ///
    /// let Err(DecodeError::Api(error)) = chunk(r#"{"error":{"message":"Overloaded"}}"#) else { panic!() };
    /// assert_eq!(error.message, "Overloaded");
    /// ```
    pub fn chunk(&self) -> Result<Chunk<'a>, DecodeError<'a>> {
        let lossy = |json: &str| object::whole(json).map(Chunk::into_owned);
        decode(self, object::whole, lossy)
    }
}

impl<'a> Body<'a> {
    /// The answer that this body is; see [`Data::chunk`] for what is no error.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Api`] exactly where [`is_error`](Self::is_error) is true; [`DecodeError::Json`] where the body is
    /// not JSON, or no object.
    ///
    /// ```
    /// use llm_response::Body;
    ///
    /// let body = Body::new(br#"{"choices":[{"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#);
    /// let completion = body.completion().unwrap();
    /// assert_eq!(completion.choices[0].message.content.as_deref(), Some("hi"));
    /// ```
    pub fn completion(&self) -> Result<Completion<'a>, DecodeError<'a>> {
        let lossy = |json: &str| object::whole(json).map(Completion::into_owned);
        decode_body(self, object::whole, lossy)
    }
}

#[cfg(feature = "bytes")]
impl crate::OwnedData {
    /// As [`Data::chunk`].
    ///
    /// # Errors
    ///
    /// As [`Data::chunk`].
    pub fn chunk(&self) -> Result<Chunk<'_>, DecodeError<'_>> {
        self.as_data().chunk()
    }
}

#[cfg(feature = "bytes")]
impl crate::OwnedBody {
    /// As [`Body::completion`].
    ///
    /// # Errors
    ///
    /// As [`Body::completion`].
    pub fn completion(&self) -> Result<Completion<'_>, DecodeError<'_>> {
        self.as_body().completion()
    }
}

/// What an event is, unless it is an error: `read` reads its text. If that is not UTF-8, `read_lossy` reads it with
/// U+FFFD in place of what is none, and keeps nothing borrowed of it.
pub(super) fn decode<'a, T>(
    data: &Data<'a>,
    read: impl FnOnce(&'a str) -> Result<T, serde_json::Error>,
    read_lossy: impl FnOnce(&str) -> Result<T, serde_json::Error>,
) -> Result<T, DecodeError<'a>> {
    either(data.error(), data.as_bytes(), read, read_lossy)
}

/// As [`decode`], for a body.
pub(super) fn decode_body<'a, T>(
    body: &Body<'a>,
    read: impl FnOnce(&'a str) -> Result<T, serde_json::Error>,
    read_lossy: impl FnOnce(&str) -> Result<T, serde_json::Error>,
) -> Result<T, DecodeError<'a>> {
    either(body.error(), body.as_bytes(), read, read_lossy)
}

#[inline]
fn either<'a, T>(
    error: Option<ApiError<'a>>,
    bytes: &'a [u8],
    read: impl FnOnce(&'a str) -> Result<T, serde_json::Error>,
    read_lossy: impl FnOnce(&str) -> Result<T, serde_json::Error>,
) -> Result<T, DecodeError<'a>> {
    if let Some(error) = error {
        return Err(DecodeError::Api(error));
    }
    let decoded = match str::from_utf8(bytes) {
        Ok(json) => read(json),
        Err(_) => read_lossy(&String::from_utf8_lossy(bytes)),
    };
    decoded.map_err(|error| DecodeError::Json { bytes, error })
}
