//! Why reading gives no event.

use core::fmt;
use std::io::{self, ErrorKind};

use crate::Error;

/// Why an [`EventReader`](crate::EventReader) gives no event.
///
/// ```
/// use std::error::Error;
///
/// use llm_response::{EventReader, Options, ReadError};
///
/// let options = Options::new().max_len(10);
/// let mut reader = EventReader::with_options(&b"data: much too long\n\n"[..], options);
/// let error = reader.next_event().unwrap_err();
///
/// assert!(!error.is_timeout());
/// assert_eq!(error.to_string(), "the response cannot be read");
/// assert!(error.source().unwrap().to_string().starts_with("byte 10: "));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// Reading failed. Nothing is lost: you now call again, or [`close`](crate::EventReader::close) it and look at the outcome.
    Io(io::Error),
    /// The response cannot be read any further.
    Parse(Error),
}

impl ReadError {
    /// Whether there was only nothing to read yet (`WouldBlock`, `TimedOut`): you now call again when there is, or when
    /// the deadline allows it.
    ///
    /// A client may wrap its own timeout in another kind: ureq's is [`ErrorKind::Other`] around an `ureq::Error`. Reading
    /// goes on after those too.
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
            Self::Parse(_) => false,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Io(_) if self.is_timeout() => "nothing to read yet; call again",
            Self::Io(_) => {
                "reading failed before the response ended; \
                 `EventReader::close` tells whether to send the request again"
            }
            Self::Parse(_) => "the response cannot be read",
        })
    }
}

impl core::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Parse(error) => Some(error),
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

/// The error of reading itself, or one of the kind `InvalidData`: for functions that give an [`io::Result`].
impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => error,
            ReadError::Parse(error) => Self::new(ErrorKind::InvalidData, error),
        }
    }
}
