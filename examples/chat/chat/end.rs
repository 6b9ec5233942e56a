//! What the end of a response means: whether there is an answer, and otherwise why not.

use std::io;

use llm_response::Outcome;
use llm_response::chat::{ApiError, Completion, Conclusion};
use ureq::http::StatusCode;

use crate::failure::Failure;

/// Everything that is known at the end.
pub(crate) struct End {
    pub(crate) status: StatusCode,
    /// The header of this name.
    pub(crate) retry_after: Option<String>,
    pub(crate) outcome: Outcome,
    /// The part of the answer that was received.
    pub(crate) completion: Completion<'static>,
    pub(crate) error: Option<Reported>,
    /// The error of the connection, if it failed.
    pub(crate) broken: Option<io::Error>,
    /// Lines that are not an event stream.
    pub(crate) foreign: String,
    /// JSON that adds nothing to an answer.
    pub(crate) unread: String,
}

/// An error that the server reported.
pub(crate) struct Reported {
    pub(crate) error: ApiError<'static>,
    /// Whether the error was a JSON body instead of an answer.
    pub(crate) is_body: bool,
}

impl End {
    /// The conclusion in one word, and the failure if there is no answer.
    pub(crate) fn judge(mut self) -> (&'static str, Result<(), Failure>) {
        let (mut error, mut is_body) = (None, false);
        if let Some(reported) = self.error.take() {
            error = Some(with_status(reported.error, self.status));
            is_body = reported.is_body;
        }
        let conclusion = self.completion.conclusion(self.outcome, error);
        (word(&conclusion), self.result(conclusion, is_body))
    }

    fn result(self, conclusion: Conclusion<'_>, is_body: bool) -> Result<(), Failure> {
        let wait = conclusion.retry_after(self.retry_after.as_deref());
        Err(match conclusion.into_owned() {
            Conclusion::Failed { error, retry } if is_body => Failure::Refused { error, retry, wait },
            Conclusion::Failed { error, retry } => Failure::ErrorInStream { error, retry, wait },
            Conclusion::NeverStarted { .. } if self.outcome == Outcome::Unrecognized && !self.foreign.is_empty() => {
                Failure::SomethingElse(self.status, self.foreign)
            }
            _ if !self.status.is_success() => Failure::NotAnAnswer(self.status, self.foreign + &self.unread),
            // With a finish reason, the answer is whole, even if the end mark is missing or truncated.
            Conclusion::Whole => return Ok(()),
            Conclusion::Stopped(reason) => Failure::Stopped(reason),
            // A complete refusal is an answer.
            Conclusion::Refused if self.outcome.is_complete() || self.has_ended() => return Ok(()),
            Conclusion::NeverStarted { retry: true } => Failure::ClosedWhileQueued(self.broken),
            // JSON of an API that this client does not know, or only an end mark.
            Conclusion::NeverStarted { .. } if self.outcome.is_complete() || self.is_unknown() => {
                Failure::NotAnAnswer(self.status, self.foreign + &self.unread)
            }
            _ => Failure::Truncated {
                in_answer: !self.completion.is_empty(),
                broken: self.broken,
                foreign: self.foreign,
            },
        })
    }

    fn has_ended(&self) -> bool {
        let mut choices = self.completion.choices.iter();
        choices.all(|choice| choice.finish_reason.is_some())
    }

    fn is_unknown(&self) -> bool {
        self.completion.choices.is_empty() && !self.unread.is_empty()
    }
}

/// The status decides whether a retry can help. An error in a stream has status 200, and may contain a status of its own.
fn with_status(mut error: ApiError<'static>, status: StatusCode) -> ApiError<'static> {
    if !status.is_success() {
        error.status = Some(status.as_u16());
    }
    error
}

fn word(conclusion: &Conclusion<'_>) -> &'static str {
    match conclusion {
        Conclusion::Whole => "Whole",
        Conclusion::Stopped(_) => "Stopped",
        Conclusion::Refused => "Refused",
        Conclusion::Failed { .. } => "Failed",
        Conclusion::Truncated => "Truncated",
        Conclusion::NeverStarted { retry: true } => "Never started",
        _ => "No answer",
    }
}
