//! How a request ended: the table of `Conclusion`, row by row.

use std::time::Duration;

use llm_response::{
    Body, Outcome,
    chat::{Accumulator, Conclusion, FinishReason},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use super::{data, put_together};

#[test]
fn conclusions() {
    use Outcome::{Complete, Empty, KeepAliveOnly, Truncated, Unfinished, Unrecognized};
    let outcomes = [Complete, Empty, KeepAliveOnly, Unfinished, Truncated, Unrecognized];
    let none = |outcome: Outcome| Conclusion::NeverStarted {
        retry: outcome.is_safe_to_retry(),
    };
    let whole_or_truncated = |outcome| {
        if outcome == Complete {
            Conclusion::Whole
        } else {
            Conclusion::Truncated
        }
    };
    for outcome in outcomes {
        for (choices, expected) in [
            ("", none(outcome)),
            (r#"{"delta":{"role":"assistant"}}"#, none(outcome)),
            (r#"{"delta":{"content":"a"}}"#, whole_or_truncated(outcome)),
            (r#"{"delta":{"content":"a"},"finish_reason":"stop"}"#, Conclusion::Whole),
            (r#"{"delta":{},"finish_reason":"stop"}"#, Conclusion::Whole),
            (
                r#"{"delta":{"content":"a"},"finish_reason":"tool_calls"}"#,
                Conclusion::Whole,
            ),
            (
                r#"{"delta":{"content":"a"},"finish_reason":"stop"},{"delta":{"content":"b"}}"#,
                whole_or_truncated(outcome),
            ),
            (
                r#"{"delta":{"content":"a"},"finish_reason":"length"}"#,
                Conclusion::Stopped(FinishReason::Length),
            ),
            (
                r#"{"delta":{},"finish_reason":"insufficient_system_resource"}"#,
                Conclusion::Stopped(FinishReason::InsufficientSystemResource),
            ),
            (
                r#"{"delta":{"refusal":"no"},"finish_reason":"stop"}"#,
                Conclusion::Refused,
            ),
        ] {
            let json = format!(r#"{{"choices":[{choices}]}}"#);
            let answer = put_together([&*json]);
            assert_eq!(answer.conclusion(outcome, None), expected, "{json} {outcome:?}");
            assert_eq!(
                expected.is_retryable(),
                expected == none(outcome) && outcome.is_safe_to_retry()
            );
            for (code, passes) in [
                (400, false),
                (401, false),
                (402, false),
                (422, false),
                (429, true),
                (500, true),
                (503, true),
            ] {
                let error = format!(r#"{{"error":{{"code":{code},"message":"m"}}}}"#);
                let error = data(&error).error().unwrap().into_owned();
                let conclusion = answer.conclusion(outcome, Some(error.clone()));
                let retry = passes && answer.is_empty();
                assert_eq!(conclusion, Conclusion::Failed { error, retry });
            }
        }
    }
}

/// A choice, as far as the table goes by it.
#[derive(Clone, Debug)]
struct Choice {
    content: bool,
    call: bool,
    refusal: bool,
    reason: Option<&'static str>,
}

#[test]
fn how_long_to_wait() {
    let headers = [
        (None, None),
        (Some("0"), Some(0)),
        (Some("7"), Some(7_000)),
        (Some(" 120 "), Some(120_000)),
        (Some("1.5"), Some(1_500)),
        (Some("0.25"), Some(250)),
        (Some(""), None),
        (Some("."), None),
        (Some("1.2.3"), None),
        (Some("-1"), None),
        (Some("+1"), None),
        (Some("1e3"), None),
        (Some("inf"), None),
        (Some("NaN"), None),
        (Some("7 s"), None),
        (Some("Fri, 28 Nov 2026 10:00:00 GMT"), None),
        // More seconds than a duration can have.
        (Some("99999999999999999999999"), None),
    ];
    let error = Body::new(br#"{"error":{"code":429,"message":"Too many requests"}}"#).error();
    let wrong_key = Body::new(br#"{"error":{"code":401,"message":"Wrong key"}}"#).error();
    let nothing = Accumulator::new();
    let answer = put_together([r#"{"choices":[{"delta":{"content":"a"}}]}"#]);
    for (header, millis) in headers {
        let expected = millis.map(Duration::from_millis);
        for conclusion in [
            nothing.conclusion(Outcome::Complete, error.clone()),
            nothing.conclusion(Outcome::KeepAliveOnly, None),
        ] {
            assert_eq!(conclusion.retry_after(header), expected, "{header:?}, {conclusion:?}");
        }
        // Where no retry is right, there is nothing to wait for.
        for conclusion in [
            nothing.conclusion(Outcome::Complete, wrong_key.clone()),
            nothing.conclusion(Outcome::Complete, None),
            answer.conclusion(Outcome::Truncated, error.clone()),
            answer.conclusion(Outcome::Truncated, None),
            answer.conclusion(Outcome::Complete, None),
        ] {
            assert_eq!(conclusion.retry_after(header), None, "{header:?}, {conclusion:?}");
        }
    }
}

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let reasons = [
        None,
        Some("stop"),
        Some("tool_calls"),
        Some("length"),
        Some("content_filter"),
        Some("insufficient_system_resource"),
        Some("eos"),
        Some(""),
    ];
    let often_not = || prop::bool::weighted(0.2);
    let choice = (any::<bool>(), often_not(), often_not(), select(reasons.to_vec()));
    vec(
        choice.prop_map(|(content, call, refusal, reason)| Choice {
            content,
            call,
            refusal,
            reason: reason.filter(|reason| !reason.is_empty()),
        }),
        0..4,
    )
}

const OUTCOMES: [Outcome; 6] = [
    Outcome::Complete,
    Outcome::Empty,
    Outcome::KeepAliveOnly,
    Outcome::Unfinished,
    Outcome::Truncated,
    Outcome::Unrecognized,
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The first row that applies, of each answer, error and outcome, from a stream as from a body.
    #[test]
    fn the_table_row_by_row(
        choices in choices(),
        outcome in select(OUTCOMES.to_vec()),
        status in proptest::option::weighted(0.3, select(vec![400, 401, 402, 422, 429, 500, 503])),
    ) {
        let json = |name: &str| {
            let choice = |(index, choice): (usize, &Choice)| {
                let mut message = json!({ "role": "assistant", "content": if choice.content { "a" } else { "" } });
                if choice.call {
                    message["tool_calls"] = json!([{ "index": 0, "id": "c", "function": { "name": "f", "arguments": "{}" } }]);
                }
                if choice.refusal {
                    message["refusal"] = json!("no");
                }
                json!({ "index": index, name: message, "finish_reason": choice.reason })
            };
            json!({ "choices": choices.iter().enumerate().map(choice).collect::<Vec<_>>() }).to_string()
        };
        let error = status.map(|status| json!({ "error": { "code": status, "message": "m" } }).to_string());
        let error = error.as_ref().map(|json| data(json).error().unwrap());

        let has_said = choices.iter().any(|choice| choice.content || choice.call || choice.refusal);
        let early = choices.iter().find_map(|choice| match choice.reason? {
            "length" => Some(FinishReason::Length),
            "content_filter" => Some(FinishReason::ContentFilter),
            "insufficient_system_resource" => Some(FinishReason::InsufficientSystemResource),
            _ => None,
        });
        let all_have_ended = !choices.is_empty() && choices.iter().all(|choice| choice.reason.is_some());
        let rows = [
            error.clone().map(|error| {
                let retry = matches!(status, Some(429 | 500 | 503)) && !has_said;
                Conclusion::Failed { error, retry }
            }),
            choices.iter().any(|choice| choice.refusal).then_some(Conclusion::Refused),
            early.map(Conclusion::Stopped),
            all_have_ended.then_some(Conclusion::Whole),
            (has_said && outcome == Outcome::Complete).then_some(Conclusion::Whole),
            has_said.then_some(Conclusion::Truncated),
            Some(Conclusion::NeverStarted { retry: outcome.is_safe_to_retry() }),
        ];
        let expected = rows.into_iter().flatten().next().unwrap();

        let stream = json("delta");
        prop_assert_eq!(&put_together([&*stream]).conclusion(outcome, error.clone()), &expected);
        let body = json("message");
        let completion = Body::new(body.as_bytes()).completion().unwrap();
        let conclusion = completion.conclusion(outcome, error.clone());
        prop_assert_eq!(&conclusion, &expected);
        prop_assert_eq!(&conclusion.clone().into_owned(), &conclusion);

        // Nothing is paid for twice.
        prop_assert!(!conclusion.is_retryable() || !has_said);
        prop_assert_eq!(matches!(conclusion, Conclusion::Failed { .. }), error.is_some());
    }
}
