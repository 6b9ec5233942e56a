//! Reads an event or a body into its typed form. An error that the API reports is never read as an answer.

use core::{fmt, str};

use alloc::string::String;

use super::{ApiError, Chunk, Completion, object};
use crate::{Body, Data};

/// Why an event or a body gives no chunk or completion.
///
/// ```
/// use llm_response::{Body, chat::DecodeError};
///
/// match Body::new(b"{\"choices\":[").completion() {
///     Ok(completion) => println!("{completion:?}"),
///     Err(DecodeError::Api(error)) if error.is_retryable() => println!("try again: {error}"),
///     Err(DecodeError::Api(error)) => println!("{error}"),
///     // The error has the bytes, so that you can log them or read them in another way.
///     Err(DecodeError::Json { bytes, error }) => assert_eq!((bytes.len(), error.column()), (12, 12)),
/// }
/// ```
#[derive(Debug)]
pub enum DecodeError<'a> {
    /// The API reports an error: [`Data::is_error`] or [`Body::is_error`] is true.
    Api(ApiError<'a>),
    /// The data or the body is not JSON, or neither an object nor `null`.
    Json {
        /// The data or the body.
        bytes: &'a [u8],
        /// What is wrong with it, and where.
        error: serde_json::Error,
    },
}

impl<'a> DecodeError<'a> {
    /// The error that the API reports; `None` for [`Json`](Self::Json).
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
            Self::Json { bytes, error } => write!(f, "not a JSON object ({} bytes): {error}", bytes.len()),
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
    /// Reads this event as a chunk of an answer.
    ///
    /// If a value is missing, `null`, empty or of an unexpected type, it is missing in the chunk. If the data is `null`, the chunk
    /// is empty. Half a surrogate pair and bytes that are not UTF-8 are read as U+FFFD.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Api`] if, and only if, [`is_error`](Self::is_error) is true. [`DecodeError::Json`] if the data is not JSON, or
    /// neither an object nor `null`.
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
    /// Reads this body as a whole answer. Missing and unexpected values are treated as in [`Data::chunk`].
    ///
    /// # Errors
    ///
    /// [`DecodeError::Api`] if, and only if, [`is_error`](Self::is_error) is true. [`DecodeError::Json`] if the body is not JSON, or
    /// not an object.
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
    /// Like [`Data::chunk`].
    ///
    /// # Errors
    ///
    /// Those of [`Data::chunk`].
    pub fn chunk(&self) -> Result<Chunk<'_>, DecodeError<'_>> {
        self.as_data().chunk()
    }
}

#[cfg(feature = "bytes")]
impl crate::OwnedBody {
    /// Like [`Body::completion`].
    ///
    /// # Errors
    ///
    /// Those of [`Body::completion`].
    pub fn completion(&self) -> Result<Completion<'_>, DecodeError<'_>> {
        self.as_body().completion()
    }
}

/// Reads an event that reports no error: `read` reads its text. If the text is not UTF-8, `read_lossy` reads it with U+FFFD in
/// place of invalid bytes, and its result borrows nothing.
pub(super) fn decode<'a, T>(
    data: &Data<'a>,
    read: impl FnOnce(&'a str) -> Result<T, serde_json::Error>,
    read_lossy: impl FnOnce(&str) -> Result<T, serde_json::Error>,
) -> Result<T, DecodeError<'a>> {
    either(data.error(), data.as_bytes(), read, read_lossy)
}

/// Like [`decode`], for a body.
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
