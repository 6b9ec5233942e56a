//! How a request ended: outcome, API error and finish reason in one value.

use core::time::Duration;

use super::{accumulator::Accumulator, answer::Completion, api_error::ApiError, parts::FinishReason};
use crate::Outcome;

/// How a request ended: combines the outcome, the API's error and the finish reasons. The first row that applies counts.
///
/// | the API's error | a choice's refusal | a choice's finish reason | outcome | output | conclusion |
/// |---|---|---|---|---|---|
/// | yes | | | | | [`Failed`](Self::Failed) |
/// | no | yes | | | | [`Refused`](Self::Refused) |
/// | no | no | `length`, `content_filter`, `insufficient_system_resource` | | | [`Stopped`](Self::Stopped) |
/// | no | no | every choice has one | | | [`Whole`](Self::Whole) |
/// | no | no | a choice has none | `Complete` | yes | [`Whole`](Self::Whole): this server gives no reasons |
/// | no | no | a choice has none | any other | yes | [`Truncated`](Self::Truncated) |
/// | no | no | a choice has none, or there is no choice | any | no | [`NeverStarted`](Self::NeverStarted) |
///
/// * If a cell is blank, its column does not matter.
/// * *Output* means that a choice has text, reasoning, a refusal, or a call of a tool or function.
/// * If every choice has its finish reason, only the usage can still be missing. Many servers send no end mark, so the outcome
///   does not matter there.
/// * After any other finish reason, such as `tool_calls` or a provider's own, the answer is whole.
/// * If several choices ended early, `Stopped` has the reason of the one with the lowest index.
/// * If [`is_retryable`](Self::is_retryable) is true, send the request again: no output was received, and the cause is temporary.
///   [`Truncated`](Self::Truncated), [`Stopped`](Self::Stopped) and a late [`Failed`](Self::Failed) were billed in part.
///
/// ```
/// use llm_response::{Event, Parser, chat::{Accumulator, Conclusion}};
///
/// // A stream that is truncated within the answer.
/// let mut chunk = &b"data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\ndata: {\"cho"[..];
/// let (mut parser, mut answer, mut error) = (Parser::new(), Accumulator::new(), None);
/// while let Some(event) = parser.next_event(&mut chunk)? {
///     if let Event::Data(data) = event {
///         match data.chunk() {
///             Ok(chunk) => answer.push(&chunk)?,
///             Err(failure) => error = failure.into_api().map(|error| error.into_owned()),
///         }
///     }
/// }
/// match answer.conclusion(parser.finish()?.outcome, error) {
///     Conclusion::Whole => println!("{}", answer.content()),
///     Conclusion::Stopped(reason) => println!("{} [{}]", answer.content(), reason.as_str()),
///     Conclusion::Truncated => assert_eq!(answer.content(), "Hel"),
///     conclusion if conclusion.is_retryable() => println!("send it again, later"),
///     conclusion => println!("{conclusion:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub enum Conclusion<'a> {
    /// The answer is whole.
    Whole,
    /// The answer ended early, because of a length limit, a filter, or a lack of resources.
    Stopped(FinishReason<'a>),
    /// The model declined to answer: see `refusal` in the message.
    Refused,
    /// The API reported an error, perhaps after a part of the answer.
    Failed {
        /// The error.
        error: ApiError<'a>,
        /// Whether to send the request again: the error is temporary, and no part of the answer was received, so nothing is
        /// billed twice. [`Conclusion::retry_after`] says how long to wait.
        retry: bool,
    },
    /// The connection ended within the answer. A part of the answer was received.
    Truncated,
    /// No part of an answer was received.
    NeverStarted {
        /// Whether to send the request again: [`Outcome::is_safe_to_retry`].
        retry: bool,
    },
}

impl Conclusion<'_> {
    /// Whether to send the request again: nothing is billed twice, and the cause is temporary.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Failed { retry: true, .. } | Self::NeverStarted { retry: true }
        )
    }

    /// How long to wait before you send the request again. Give it the value of the response's header `retry-after`: a number of
    /// seconds, which may be a fraction.
    ///
    /// It gives `None` if the request [should not be sent again](Self::is_retryable), or if the header is missing or not a number.
    /// A date is not supported, because there is no clock here. If a retry is right and there is no number, choose a time yourself,
    /// and wait longer each time. The server may ask for a very long time: set a limit of your own.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use llm_response::{Body, Outcome, chat::Accumulator};
    ///
    /// let header = Some("20"); // response.headers().get("retry-after")
    /// let body = Body::new(br#"{"error":{"code":429,"message":"Too many requests"}}"#);
    /// let conclusion = Accumulator::new().conclusion(Outcome::Complete, body.error());
    /// if conclusion.is_retryable() {
    ///     let wait = conclusion.retry_after(header).unwrap_or(Duration::from_secs(1));
    ///     assert_eq!(wait, Duration::from_secs(20));
    /// }
    /// ```
    pub fn retry_after(&self, header: Option<&str>) -> Option<Duration> {
        let seconds = header.filter(|_| self.is_retryable())?.trim_ascii();
        // Parsing a float would also accept `inf` and similar forms.
        let is_number = seconds.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let seconds = seconds.parse().ok().filter(|_| is_number)?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// Converts the conclusion into one that owns its text.
    pub fn into_owned(self) -> Conclusion<'static> {
        match self {
            Self::Whole => Conclusion::Whole,
            Self::Stopped(reason) => Conclusion::Stopped(reason.into_owned()),
            Self::Refused => Conclusion::Refused,
            Self::Failed { error, retry } => Conclusion::Failed {
                error: error.into_owned(),
                retry,
            },
            Self::Truncated => Conclusion::Truncated,
            Self::NeverStarted { retry } => Conclusion::NeverStarted { retry },
        }
    }
}

impl<'a> Completion<'a> {
    /// How the request for this answer ended: see the table of [`Conclusion`].
    ///
    /// ```
    /// use llm_response::{Body, Outcome, chat::{Conclusion, FinishReason}};
    ///
    /// let body = Body::new(br#"{"choices":[{"message":{"content":"I"},"finish_reason":"length"}]}"#);
    /// let completion = body.completion().unwrap();
    /// assert_eq!(completion.conclusion(Outcome::Complete, None), Conclusion::Stopped(FinishReason::Length));
    /// ```
    pub fn conclusion(&self, outcome: Outcome, error: Option<ApiError<'a>>) -> Conclusion<'a> {
        if let Some(error) = error {
            let retry = error.is_retryable() && self.is_empty();
            return Conclusion::Failed { error, retry };
        }
        if self.choices.iter().any(|choice| choice.message.refusal.is_some()) {
            return Conclusion::Refused;
        }
        let mut reasons = self.choices.iter().flat_map(|choice| &choice.finish_reason);
        let early = reasons.find(|reason| {
            matches!(
                reason,
                FinishReason::Length | FinishReason::ContentFilter | FinishReason::InsufficientSystemResource
            )
        });
        if let Some(reason) = early {
            return Conclusion::Stopped(reason.clone());
        }
        let has_ended = !self.choices.is_empty() && self.choices.iter().all(|choice| choice.finish_reason.is_some());
        match (has_ended, self.is_empty(), outcome) {
            (true, ..) | (_, false, Outcome::Complete) => Conclusion::Whole,
            (_, false, _) => Conclusion::Truncated,
            (_, true, _) => Conclusion::NeverStarted {
                retry: outcome.is_safe_to_retry(),
            },
        }
    }

    /// Whether the answer has no text, no reasoning, no refusal and no tool call.
    pub fn is_empty(&self) -> bool {
        let mut choices = self.choices.iter();
        choices.all(|choice| !choice.message.is_output() && choice.text.as_ref().is_none_or(|text| text.is_empty()))
    }
}

impl Accumulator {
    /// How the request for this answer ended: see the table of [`Conclusion`].
    ///
    /// ```
    /// use llm_response::{Outcome, chat::{Accumulator, Conclusion}};
    ///
    /// // The server closed the connection while the request was queued.
    /// let conclusion = Accumulator::new().conclusion(Outcome::KeepAliveOnly, None);
    /// assert_eq!(conclusion, Conclusion::NeverStarted { retry: true });
    /// ```
    pub fn conclusion<'a>(&self, outcome: Outcome, error: Option<ApiError<'a>>) -> Conclusion<'a> {
        let completion: Completion<'a> = self.completion();
        completion.conclusion(outcome, error)
    }
}
