//! Why an asynchronous stream ended.

use alloc::boxed::Box;
use core::{error, fmt};

use bytes::Bytes;

use crate::{Error, Expired, Outcome};

/// Why an [`EventStream`](crate::EventStream) ended without a complete response. It is always the last item.
///
/// ```
/// use futures_util::StreamExt;
/// use llm_response::{EventStream, Outcome, StreamError};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let chunks = [Ok("data: {\"text\":"), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
/// let mut events = EventStream::new(futures_util::stream::iter(chunks));
/// let error = events.next().await.unwrap().unwrap_err();
///
/// assert_eq!(error.to_string(), "the connection failed in the middle of the response: connection reset");
/// assert_eq!(error.outcome(), Outcome::Truncated);
/// assert!(!error.is_safe_to_retry()); // this would be billed twice
/// assert!(matches!(error, StreamError::Transport { error, .. } if error.is::<std::io::Error>()));
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Messages
///
/// The messages are written for the users of a program, and include that of the cause. So [`source`](error::Error::source) is the
/// cause of the cause, as with a [`std::io::Error`] that wraps another error, and a report of all sources repeats nothing. `{:#}`
/// shows all of them on one line.
///
/// # The transport's error
///
/// It is boxed, so that it can be the error of any client, including errors that are boxed already. `downcast_ref` returns it.
#[derive(Debug)]
#[non_exhaustive]
pub enum StreamError {
    /// The transport failed.
    #[non_exhaustive]
    Transport {
        /// Its error.
        error: Box<dyn error::Error + Send + Sync>,
        /// The outcome of what was received: see [`EventStream::close`](crate::EventStream::close).
        outcome: Outcome,
    },
    /// The response cannot be read any further.
    #[non_exhaustive]
    Parse {
        /// Why and where.
        error: Error,
        /// [`Outcome::Complete`] after the end mark or a body; [`Outcome::Truncated`] after other output, or if an event is
        /// too long; otherwise [`Outcome::Unrecognized`].
        outcome: Outcome,
    },
    /// The transport ended, and the response is not complete.
    #[non_exhaustive]
    Incomplete {
        /// What the end means; never [`Outcome::Complete`].
        outcome: Outcome,
        /// The part that was received of an incomplete event (its data) or body. Log it; do not deserialize it.
        rest: Bytes,
    },
    /// A deadline has passed: [`EventStream::watched`](crate::EventStream::watched).
    #[non_exhaustive]
    Expired {
        /// Which deadline.
        expired: Expired,
        /// The outcome of what was received: see [`EventStream::close`](crate::EventStream::close).
        outcome: Outcome,
    },
}

impl StreamError {
    /// The outcome: whether the response is complete despite the error, and whether output was billed.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Transport { outcome, .. }
            | Self::Parse { outcome, .. }
            | Self::Incomplete { outcome, .. }
            | Self::Expired { outcome, .. } => *outcome,
        }
    }

    /// Whether the request can be sent again without being billed twice, because no output was received:
    /// [`Outcome::is_safe_to_retry`].
    pub const fn is_safe_to_retry(&self) -> bool {
        self.outcome().is_safe_to_retry()
    }

    /// Replaces the transport's error. Other errors stay as they are.
    ///
    /// ```
    /// # use futures_util::StreamExt;
    /// # use llm_response::{EventStream, StreamError};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let chunks = [Err::<&str, _>("code 7")];
    /// let mut events = EventStream::new(futures_util::stream::iter(chunks));
    /// let error = events.next().await.unwrap().unwrap_err();
    /// let error = error.map_transport(|error| format!("the radio link says {error}"));
    /// assert_eq!(error.to_string(), "the connection failed before any output: the radio link says code 7");
    /// # });
    /// ```
    #[must_use]
    pub fn map_transport<E>(self, map: impl FnOnce(Box<dyn error::Error + Send + Sync>) -> E) -> Self
    where
        E: Into<Box<dyn error::Error + Send + Sync>>,
    {
        match self {
            Self::Transport { error, outcome } => Self::Transport {
                error: map(error).into(),
                outcome,
            },
            other => other,
        }
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport { error, outcome } => {
                f.write_str(match outcome {
                    Outcome::Complete => "the connection failed after the response was complete",
                    outcome if outcome.is_safe_to_retry() => "the connection failed before any output",
                    _ => "the connection failed in the middle of the response",
                })?;
                write!(f, ": {error}")?;
            }
            Self::Parse { error, .. } => write!(f, "the response cannot be read: {error}")?,
            Self::Incomplete { outcome, .. } => f.write_str(match outcome {
                Outcome::Empty => "the response is empty; the request can be sent again",
                Outcome::KeepAliveOnly => {
                    "the response ended while the request was still waiting; the request can be sent again"
                }
                Outcome::Unfinished => "the response ended without an end mark; a part of it may be missing",
                Outcome::Truncated => "the response ended too early; a part of it is missing",
                _ => "the response is neither an event stream nor JSON; look at its status and its text",
            })?,
            Self::Expired { expired, outcome } => {
                write!(f, "{expired}")?;
                if outcome.is_safe_to_retry() {
                    f.write_str("; the request can be sent again")?;
                }
            }
        }
        if f.alternate() {
            let mut source = error::Error::source(self);
            while let Some(error) = source {
                write!(f, ": {error}")?;
                source = error.source();
            }
        }
        Ok(())
    }
}

impl error::Error for StreamError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Transport { error, .. } => error.source(),
            Self::Parse { .. } | Self::Incomplete { .. } | Self::Expired { .. } => None,
        }
    }
}

/// If the transport's error is an `io::Error`, gives that; otherwise gives an error of kind `InvalidData`, `UnexpectedEof`,
/// `TimedOut` or `Other`.
#[cfg(feature = "std")]
impl From<StreamError> for std::io::Error {
    fn from(error: StreamError) -> Self {
        use std::io::ErrorKind;

        let kind = match error {
            StreamError::Transport { error, outcome } => match error.downcast::<Self>() {
                Ok(error) => return *error,
                Err(error) => return Self::other(StreamError::Transport { error, outcome }),
            },
            StreamError::Parse { .. } => ErrorKind::InvalidData,
            StreamError::Incomplete { .. } => ErrorKind::UnexpectedEof,
            StreamError::Expired { .. } => ErrorKind::TimedOut,
        };
        Self::new(kind, error)
    }
}
