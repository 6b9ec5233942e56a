//! What a caller decides by: transport, API error and finish reason in one.

use core::time::Duration;

use super::{accumulator::Accumulator, answer::Completion, api_error::ApiError, parts::FinishReason};
use crate::Outcome;

/// How a request ended. The first row that applies counts.
///
/// | the API's error | a choice's refusal | a choice's finish reason | outcome | anything said | conclusion |
/// |---|---|---|---|---|---|
/// | yes | | | | | [`Failed`](Self::Failed) |
/// | no | yes | | | | [`Refused`](Self::Refused) |
/// | no | no | `length`, `content_filter`, `insufficient_system_resource` | | | [`Stopped`](Self::Stopped) |
/// | no | no | every choice has one | | | [`Whole`](Self::Whole) |
/// | no | no | a choice has none | `Complete` | yes | [`Whole`](Self::Whole): this server gives no reasons |
/// | no | no | a choice has none | any other | yes | [`Truncated`](Self::Truncated) |
/// | no | no | a choice has none, or there is no choice | any | no | [`NeverStarted`](Self::NeverStarted) |
///
/// * A blank cell applies to everything.
/// * A choice has *said* something if it has text, reasoning, a refusal, or a call of a tool or function.
/// * Once every choice has its finish reason, only the usage can still be missing: many servers send no end mark. That is
///   why `Whole` does not ask for the outcome there.
/// * Any other finish reason, such as `tool_calls` or a provider's own, ends an answer that is whole.
/// * Of several choices that ended early, the first by index gives the reason.
/// * Send a request again where [`is_retryable`](Self::is_retryable) says so: nothing was received, and the cause passes.
///   [`Truncated`](Self::Truncated), [`Stopped`](Self::Stopped) and a late [`Failed`](Self::Failed) were billed in part.
///
/// ```
/// use llm_response::{Event, Parser, chat::{Accumulator, Conclusion}};
///
/// // A stream that breaks off within the answer.
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
    /// The answer ended early: at a limit of length, by a filter, or for lack of resources.
    Stopped(FinishReason<'a>),
    /// The model declined, and said so in `refusal`.
    Refused,
    /// The API reported an error, perhaps after a part of the answer.
    Failed {
        /// The error.
        error: ApiError<'a>,
        /// Whether to send the request again: the error passes, and nothing of the answer came, so nothing is billed
        /// twice. How long to wait: [`Conclusion::retry_after`].
        retry: bool,
    },
    /// The connection ended within the answer. What came is in it.
    Truncated,
    /// Nothing of an answer came.
    NeverStarted {
        /// Whether to send the request again: [`Outcome::is_safe_to_retry`].
        retry: bool,
    },
}

impl Conclusion<'_> {
    /// Whether the request may be sent again without being billed twice.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Failed { retry: true, .. } | Self::NeverStarted { retry: true }
        )
    }

    /// How long to wait before the request is sent again, by the response's header `retry-after`, which no body has and
    /// the caller gives: a number of seconds, of which some servers send fractions.
    ///
    /// `None` where the request is [not to be sent again](Self::is_retryable), and where the header is missing or says no
    /// number. A date is none, as there is no clock here. Where a retry is right, wait then as long as you would without a
    /// header, and longer each time. It is what the server asks for, however long: set a limit of your own.
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
        // A float has more forms, such as `inf`.
        let is_number = seconds.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let seconds = seconds.parse().ok().filter(|_| is_number)?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// The same conclusion, which owns its text.
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
    /// How the request ended that gave this answer: see the table of [`Conclusion`].
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

    /// Whether it has no text, no reasoning, no refusal and no tool call.
    pub fn is_empty(&self) -> bool {
        let mut choices = self.choices.iter();
        choices.all(|choice| !choice.message.is_output() && choice.text.as_ref().is_none_or(|text| text.is_empty()))
    }
}

impl Accumulator {
    /// How the request ended whose chunks were put together here: see the table of [`Conclusion`].
    ///
    /// ```
    /// use llm_response::{Outcome, chat::{Accumulator, Conclusion}};
    ///
    /// // A server that closes while the request is queued.
    /// let conclusion = Accumulator::new().conclusion(Outcome::KeepAliveOnly, None);
    /// assert_eq!(conclusion, Conclusion::NeverStarted { retry: true });
    /// ```
    pub fn conclusion<'a>(&self, outcome: Outcome, error: Option<ApiError<'a>>) -> Conclusion<'a> {
        let completion: Completion<'a> = self.completion();
        completion.conclusion(outcome, error)
    }
}
