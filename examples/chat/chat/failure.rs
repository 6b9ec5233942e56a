//! What can go wrong, what to say about it, and the exit code.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use llm_response::chat::{ApiError, FinishReason};
use ureq::http::StatusCode;

use crate::screen::printable;

/// For `--help`; the numbers are those of [`Failure::exit_code`].
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  the answer is complete
  1  there was no response at all, or the output could not be written
  2  wrong arguments
  3  closed while queued: nothing was generated, and the request may be sent again
  4  cut: a part of the answer came, and has been billed
  5  the server reported an error in the stream
  6  the server refused: an error status, or JSON that is no answer
  7  something else answered, such as a gateway with an HTML page
  8  the response is not what its format says";

#[derive(Debug)]
pub(crate) enum Failure {
    NoServer(io::Error),
    NoTls(String),
    NoResponse(ureq::Error),
    Output(io::Error),
    ClosedWhileQueued(Option<io::Error>),
    /// The connection ended, after something readable of the answer or before it.
    Cut {
        in_answer: bool,
        broken: Option<io::Error>,
        foreign: String,
    },
    /// The connection is not to blame: the server says why it stopped.
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
    /// It is well-formed, or has an error status; but it is neither an answer nor an error in the API's words.
    NotAnAnswer(StatusCode, String),
    SomethingElse(StatusCode, String),
    Unreadable(Box<dyn Error>),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NoServer(_) | Self::NoTls(_) | Self::NoResponse(_) | Self::Output(_) => 1,
            Self::ClosedWhileQueued(_) => 3,
            Self::Cut { .. } | Self::Stopped(_) => 4,
            Self::ErrorInStream { .. } => 5,
            Self::Refused { .. } | Self::NotAnAnswer(..) => 6,
            Self::SomethingElse(..) => 7,
            Self::Unreadable(_) => 8,
        }
    }

    /// Says it on stderr.
    pub(crate) fn report(&self) {
        // Nobody needs to be told that they closed the pipe.
        if !matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            eprintln!("chat: {}", printable(&self.to_string()));
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoServer(error) => write!(f, "the server on loopback did not start: {error}"),
            Self::NoTls(url) => {
                write!(f, "{url} takes TLS, which this program is built without; ask it with")?;
                f.write_str(" `cargo run -p llm-response-chat-tls`, or the server on loopback with `--scenario busy`")
            }
            Self::NoResponse(error) => write!(f, "no response: {error}"),
            Self::Output(error) => write!(f, "cannot write the output: {error}"),
            Self::ClosedWhileQueued(broken) => {
                write!(f, "the connection {} while the request was queued", ended(broken))?;
                f.write_str("; nothing was generated, so it is safe to ask again")
            }
            Self::Cut {
                in_answer: true,
                broken,
                foreign,
            } => {
                write!(f, "the connection {} in the middle of the answer", ended(broken))?;
                f.write_str("; what came has been billed, so asking again costs again")?;
                said(f, foreign)
            }
            Self::Cut { broken, foreign, .. } => {
                write!(f, "the connection {} when the answer had begun", ended(broken))?;
                f.write_str("; no whole piece of it came, but asking again may cost again")?;
                said(f, foreign)
            }
            Self::Stopped(reason) => {
                write!(
                    f,
                    "the answer is incomplete: the server stopped it ({})",
                    reason.as_str()
                )?;
                f.write_str("; what came has been billed, so asking again costs again")
            }
            Self::ErrorInStream { error, retry, wait } => {
                write!(f, "the server reported an error in the stream: {error}")?;
                again(f, *retry, *wait)
            }
            Self::Refused { error, retry, wait } => {
                write!(f, "the server gave no answer but an error: {error}")?;
                again(f, *retry, *wait)
            }
            Self::NotAnAnswer(status, text) => {
                write!(f, "this is no answer that this client can read, with status {status}")?;
                said(f, text)
            }
            Self::SomethingElse(status, text) => {
                write!(f, "something else than the API answered, with status {status}")?;
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

/// What the server said beside the API's own language.
fn said(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if text.is_empty() { Ok(()) } else { write!(f, ": {text}") }
}

fn again(f: &mut fmt::Formatter<'_>, retry: bool, wait: Option<Duration>) -> fmt::Result {
    if !retry {
        return Ok(());
    }
    f.write_str("; this may pass, and nothing of an answer came, so ask again in ")?;
    match wait {
        Some(wait) => write!(f, "{wait:?}"),
        None => f.write_str("a while"),
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
