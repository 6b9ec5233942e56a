//! Why an asynchronous stream ended.

use core::fmt;

use bytes::Bytes;

use crate::{Error, Outcome};

/// Why an [`EventStream`](crate::EventStream) ended other than with a complete response. It is always the last item.
///
/// ```
/// use std::error::Error;
///
/// use futures_util::StreamExt;
/// use llm_response::{EventStream, Outcome, StreamError};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let chunks = [Ok::<_, std::io::Error>("data: {\"text\":"), Err(std::io::ErrorKind::ConnectionReset.into())];
/// let mut events = EventStream::new(futures_util::stream::iter(chunks));
/// let error = events.next().await.unwrap().unwrap_err();
///
/// assert!(matches!(error, StreamError::Transport(_)));
/// assert_eq!(error.source().unwrap().to_string(), "connection reset");
/// assert_eq!(events.outcome(), Some(Outcome::Truncated)); // not safe to retry: this would be billed twice
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamError<E> {
    /// The transport failed: [`EventStream::outcome`](crate::EventStream::outcome) now says whether you may send the request again.
    Transport(E),
    /// The response cannot be read any further.
    Parse(Error),
    /// The transport ended, and the response is not complete: you now look at the outcome.
    Incomplete {
        /// What the end means; never [`Outcome::Complete`].
        outcome: Outcome,
        /// The data of an event, or the bytes of a body, that was cut: for a log, never for a deserializer.
        rest: Bytes,
    },
}

impl<E> fmt::Display for StreamError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(_) => f.write_str(
                "the transport failed before the response ended; \
                 `EventStream::outcome` tells whether to send the request again",
            ),
            Self::Parse(_) => f.write_str("the response cannot be read"),
            Self::Incomplete { outcome, .. } => f.write_str(match outcome {
                Outcome::Empty => "the response is empty; send the request again",
                Outcome::KeepAliveOnly => "the response ended while the request was queued; send the request again",
                Outcome::Unfinished => {
                    "the response ended without an end mark; \
                     take it for complete only if this server sends none"
                }
                Outcome::Truncated => "the response was cut; what came of it was billed, so do not retry blindly",
                _ => "the response is no event stream and no JSON; look at its status and its text",
            }),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for StreamError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            Self::Parse(error) => Some(error),
            Self::Incomplete { .. } => None,
        }
    }
}
