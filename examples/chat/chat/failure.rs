//! What can go wrong, with a message and an exit code for each case.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use llm_response::chat::{ApiError, FinishReason};
use ureq::http::StatusCode;

use crate::screen::printable;

/// A part of `--help`. [`Failure::exit_code`] returns these numbers.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  the answer is complete
  1  no response was received, or the output could not be written
  2  wrong arguments
  3  closed while queued: nothing was generated, and the request can be sent again
  4  incomplete: only a part of the answer was received, and it was billed
  5  the server reported an error in the stream
  6  the server refused: an error status, or JSON that is not an answer
  7  the response does not come from the API: for example, an HTML page of a gateway
  8  the response cannot be read";

#[derive(Debug)]
pub(crate) enum Failure {
    NoServer(io::Error),
    NoTls(String),
    NoResponse(ureq::Error),
    Output(io::Error),
    ClosedWhileQueued(Option<io::Error>),
    /// The connection ended within the response. `in_answer`: a readable part of the answer was received.
    Truncated {
        in_answer: bool,
        broken: Option<io::Error>,
        foreign: String,
    },
    /// The connection did not fail: the server gave a reason for stopping.
    Stopped(FinishReason<'static>),
    ErrorInStream {
        error: ApiError<'static>,
        retry: bool,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
    Refused {
        error: ApiError<'static>,
        retry: bool,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
    /// The response is well-formed or has an error status, but is neither an answer nor an error of the API.
    NotAnAnswer(StatusCode, String),
    SomethingElse(StatusCode, String),
    Unreadable(Box<dyn Error>),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NoServer(_) | Self::NoTls(_) | Self::NoResponse(_) | Self::Output(_) => 1,
            Self::ClosedWhileQueued(_) => 3,
            Self::Truncated { .. } | Self::Stopped(_) => 4,
            Self::ErrorInStream { .. } => 5,
            Self::Refused { .. } | Self::NotAnAnswer(..) => 6,
            Self::SomethingElse(..) => 7,
            Self::Unreadable(_) => 8,
        }
    }

    /// Prints the message to stderr.
    pub(crate) fn report(&self) {
        // Whoever closed the pipe knows it.
        if !matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            eprintln!("chat: {}", printable(&self.to_string()));
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoServer(error) => write!(f, "the local server did not start: {error}"),
            Self::NoTls(url) => {
                write!(f, "{url} needs TLS, and this program is built without it; use")?;
                f.write_str(" `cargo run -p llm-response-chat-tls`, or the local server with `--scenario busy`")
            }
            Self::NoResponse(error) => write!(f, "no response: {error}"),
            Self::Output(error) => write!(f, "cannot write the output: {error}"),
            Self::ClosedWhileQueued(broken) => {
                write!(f, "the connection {} while the request was queued", ended(broken))?;
                f.write_str("; nothing was generated, so it is safe to send the request again")
            }
            Self::Truncated {
                in_answer: true,
                broken,
                foreign,
            } => {
                write!(f, "the connection {} in the middle of the answer", ended(broken))?;
                f.write_str("; the part that was received was billed, and a new request is billed again")?;
                said(f, foreign)
            }
            Self::Truncated { broken, foreign, .. } => {
                write!(f, "the connection {} after the answer had begun", ended(broken))?;
                f.write_str("; no complete piece of it was received, but it may have been billed")?;
                said(f, foreign)
            }
            Self::Stopped(reason) => {
                write!(
                    f,
                    "the answer is incomplete: the server stopped it ({})",
                    reason.as_str()
                )?;
                f.write_str("; the part that was received was billed, and a new request is billed again")
            }
            Self::ErrorInStream { error, retry, wait } => {
                write!(f, "the server reported an error in the stream: {error}")?;
                again(f, *retry, *wait)
            }
            Self::Refused { error, retry, wait } => {
                write!(f, "the server sent an error instead of an answer: {error}")?;
                again(f, *retry, *wait)
            }
            Self::NotAnAnswer(status, text) => {
                write!(f, "this client cannot read the response, which has status {status}")?;
                said(f, text)
            }
            Self::SomethingElse(status, text) => {
                write!(f, "the response does not come from the API, and has status {status}")?;
                said(f, text)
            }
            Self::Unreadable(error) => write!(f, "cannot read the response: {error}"),
        }
    }
}

fn ended(broken: &Option<io::Error>) -> String {
    match broken {
        Some(error) => format!("broke ({error})"),
        None => "was closed".to_owned(),
    }
}

/// Adds text from the server that is not part of the API.
fn said(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if text.is_empty() { Ok(()) } else { write!(f, ": {text}") }
}

fn again(f: &mut fmt::Formatter<'_>, retry: bool, wait: Option<Duration>) -> fmt::Result {
    if !retry {
        return Ok(());
    }
    f.write_str("; the error may be temporary, and no part of an answer was received, so try again ")?;
    match wait {
        Some(wait) => write!(f, "in {wait:?}"),
        None => f.write_str("later"),
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<llm_response::Error> for Failure {
    fn from(error: llm_response::Error) -> Self {
        Self::Unreadable(Box::new(error))
    }
}

impl From<llm_response::chat::AnswerTooLong> for Failure {
    fn from(error: llm_response::chat::AnswerTooLong) -> Self {
        Self::Unreadable(Box::new(error))
    }
}
