//! Why reading gives no event.

use core::fmt;
use std::io::{self, ErrorKind};

use crate::{Error, Expired};

/// Why an [`EventReader`](crate::EventReader) gives no event.
///
/// The message includes that of the cause. So [`source`](core::error::Error::source) is the cause of the cause, as with an
/// [`io::Error`] that wraps another error, and a report of all sources repeats nothing.
///
/// ```
/// use llm_response::{EventReader, Options, Outcome, ReadError};
///
/// let options = Options::new().max_len(10);
/// let mut reader = EventReader::with_options(&b"data: much too long\n\n"[..], options);
/// let error = reader.next_event().unwrap_err();
///
/// assert!(error.to_string().starts_with("the response cannot be read: byte 10: "));
/// assert_eq!(reader.outcome(), Some(Outcome::Truncated)); // a part of the output was received
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// Reading failed. Nothing is lost: call again, or [`close`](crate::EventReader::close) the reader and look at its
    /// outcome.
    Io(io::Error),
    /// The response cannot be read any further.
    Parse(Error),
    /// A deadline has passed: [`EventReader::next_watched`](crate::EventReader::next_watched).
    Expired(Expired),
}

impl ReadError {
    /// Whether there was only nothing to read yet (`WouldBlock`, `TimedOut`). You can call again later.
    ///
    /// A client may report its own timeout as another kind: ureq reports [`ErrorKind::Other`] with a `ureq::Error`. You can continue
    /// to read after such an error too.
    ///
    /// ```
    /// use std::io::ErrorKind;
    ///
    /// use llm_response::ReadError;
    ///
    /// assert!(ReadError::Io(ErrorKind::WouldBlock.into()).is_timeout());
    /// assert!(!ReadError::Io(ErrorKind::ConnectionReset.into()).is_timeout());
    /// ```
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Io(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            Self::Parse(_) | Self::Expired(_) => false,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) if self.is_timeout() => write!(f, "nothing to read yet: {error}"),
            Self::Io(error) => write!(f, "reading failed before the response ended: {error}"),
            Self::Parse(error) => write!(f, "the response cannot be read: {error}"),
            Self::Expired(expired) => expired.fmt(f),
        }
    }
}

impl core::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => error.source(),
            Self::Parse(_) | Self::Expired(_) => None,
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Error> for ReadError {
    fn from(error: Error) -> Self {
        Self::Parse(error)
    }
}

impl From<Expired> for ReadError {
    fn from(expired: Expired) -> Self {
        Self::Expired(expired)
    }
}

/// For functions that return an [`io::Result`]: gives the error of reading itself, or an error of kind `InvalidData` or
/// `TimedOut`.
impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        let kind = match error {
            ReadError::Io(error) => return error,
            ReadError::Parse(_) => ErrorKind::InvalidData,
            ReadError::Expired(_) => ErrorKind::TimedOut,
        };
        Self::new(kind, error)
    }
}
