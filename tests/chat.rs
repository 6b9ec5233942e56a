//! Typed answers: what is decoded, and that a stream put together equals the body of the same answer.

use llm_response::{
    Body, Data, Outcome,
    chat::{Accumulator, Conclusion, DecodeError, FinishReason},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

fn data(json: &str) -> Data<'_> {
    Data::new(b"", b"", json.as_bytes())
}

fn put_together<'a>(chunks: impl IntoIterator<Item = &'a str>) -> Accumulator {
    let mut answer = Accumulator::new();
    for json in chunks {
        answer
            .push(&data(json).chunk().unwrap_or_else(|error| panic!("{json}: {error}")))
            .unwrap();
    }
    answer
}

/// A string as JSON, every UTF-16 unit escaped.
fn escaped(units: &[u16]) -> String {
    let units: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{units}\"")
}

/// `text` in pieces of UTF-16 units, split as `splits` says.
fn pieces(text: &str, splits: &[usize]) -> Vec<String> {
    let mut units: &[u16] = &text.encode_utf16().collect::<Vec<_>>();
    let mut splits = splits.iter().cycle();
    let mut pieces = Vec::new();
    while !units.is_empty() {
        let len = splits.next().map_or(1, |&len| len.clamp(1, units.len()));
        let (piece, rest) = units.split_at(len);
        pieces.push(escaped(piece));
        units = rest;
    }
    pieces
}

#[derive(Clone, Debug)]
struct Answer {
    content: String,
    reasoning: String,
    calls: Vec<(String, String, Value)>,
    finish_reason: &'static str,
    usage: u64,
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let text = || prop_oneof!["[a-z🐋ä\"\\\\\n]{0,30}", any::<String>()];
    let arguments = vec(("[a-z]{1,5}", text()), 0..3).prop_map(|members| {
        Value::Object(
            members
                .into_iter()
                .map(|(name, text)| (name, json!({ "x": text })))
                .collect(),
        )
    });
    let reasons = select(
        &[
            "stop",
            "length",
            "content_filter",
            "tool_calls",
            "insufficient_system_resource",
            "eos",
        ][..],
    );
    let answer = (
        text(),
        text(),
        vec(("[a-z]{1,8}", "[a-z_]{1,20}", arguments), 0..4),
        reasons,
        any::<u32>(),
    );
    let answer = answer.prop_map(|(content, reasoning, mut calls, finish_reason, usage)| {
        for (place, (id, ..)) in calls.iter_mut().enumerate() {
            *id = format!("{id}{place}");
        }
        Answer {
            content,
            reasoning,
            calls,
            finish_reason,
            usage: usage.into(),
        }
    });
    vec(answer, 1..3)
}

/// The body that an API gives for `answers`.
fn body(answers: &[Answer]) -> Value {
    let choices: Vec<_> = (0..)
        .zip(answers)
        .map(|(index, answer): (u32, _)| {
            let mut message = json!({ "role": "assistant", "content": answer.content });
            if answer.content.is_empty() && !answer.calls.is_empty() {
                message["content"] = Value::Null;
            }
            if !answer.reasoning.is_empty() {
                message["reasoning_content"] = json!(answer.reasoning);
            }
            let calls: Vec<_> = answer
                .calls
                .iter()
                .map(|(id, name, arguments)| {
                    json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments.to_string() } })
                })
                .collect();
            if !calls.is_empty() {
                message["tool_calls"] = json!(calls);
            }
            json!({ "index": index, "message": message, "logprobs": null, "finish_reason": answer.finish_reason })
        })
        .collect();
    json!({
        "id": "a1", "object": "chat.completion", "created": 1_700_000_000, "model": "m", "system_fingerprint": "f",
        "choices": choices,
        "usage": {
            "prompt_tokens": 3, "completion_tokens": answers[0].usage, "total_tokens": answers[0].usage + 3,
            "prompt_cache_hit_tokens": 1, "prompt_cache_miss_tokens": 2,
            "completion_tokens_details": { "reasoning_tokens": 5 },
        },
    })
}

/// How a server sends tool calls.
#[derive(Clone, Copy, Debug)]
enum Habit {
    Usual,
    RepeatsIdAndName,
    NoIndex,
    IndexIsAlwaysZero,
}

/// The chunks of `answers`, as a server of this `habit` sends them.
fn stream(answers: &[Answer], habit: Habit, splits: &[usize]) -> Vec<String> {
    let mut chunks = Vec::new();
    let mut push = |index: usize, delta: String, reason: &str| {
        chunks.push(format!(
            r#"{{"id":"a1","object":"chat.completion.chunk","created":1700000000,"model":"m","system_fingerprint":"f","choices":[{{"index":{index},"delta":{delta},"logprobs":null,"finish_reason":{reason}}}],"usage":null}}"#
        ));
    };
    for (index, answer) in answers.iter().enumerate() {
        push(index, r#"{"role":"assistant","content":""}"#.into(), "null");
        for piece in pieces(&answer.reasoning, splits) {
            push(
                index,
                format!(r#"{{"content":null,"reasoning_content":{piece}}}"#),
                "\"\"",
            );
        }
        for piece in pieces(&answer.content, splits) {
            push(index, format!(r#"{{"role":null,"content":{piece}}}"#), "null");
        }
        for (place, (id, name, arguments)) in answer.calls.iter().enumerate() {
            let place = match habit {
                Habit::Usual | Habit::RepeatsIdAndName => format!(r#""index":{place},"#),
                Habit::NoIndex => String::new(),
                Habit::IndexIsAlwaysZero => r#""index":0,"#.into(),
            };
            let head = format!(r#"{place}"id":"{id}","type":"function","#);
            push(
                index,
                format!(r#"{{"tool_calls":[{{{head}"function":{{"name":"{name}","arguments":""}}}}]}}"#),
                "null",
            );
            for piece in pieces(&arguments.to_string(), splits) {
                let call = match habit {
                    Habit::RepeatsIdAndName => format!(r#"{head}"function":{{"name":"{name}","arguments":{piece}}}"#),
                    _ => format!(r#"{place}"function":{{"arguments":{piece}}}"#),
                };
                push(index, format!(r#"{{"tool_calls":[{{{call}}}]}}"#), "null");
            }
        }
        push(
            index,
            r#"{"content":""}"#.into(),
            &format!("\"{}\"", answer.finish_reason),
        );
    }
    let usage = body(answers)["usage"].to_string();
    chunks.push(format!(r#"{{"choices":[],"usage":{usage}}}"#));
    chunks
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_put_together_is_the_body(
        answers in answers(),
        habit in select(&[Habit::Usual, Habit::RepeatsIdAndName, Habit::NoIndex, Habit::IndexIsAlwaysZero][..]),
        splits in vec(1..8usize, 1..10),
    ) {
        let body = body(&answers);
        let chunks = stream(&answers, habit, &splits);
        let answer = put_together(chunks.iter().map(String::as_str));
        let text = body.to_string();
        let completion = Body::new(text.as_bytes()).completion().unwrap();
        prop_assert_eq!(serde_json::to_value(&completion).unwrap(), body);
        prop_assert_eq!(answer.completion(), completion.clone().into_owned());
        prop_assert_eq!(serde_json::to_value(answer.completion()).unwrap(), serde_json::to_value(&completion).unwrap());
        prop_assert_eq!(answer.content(), &answers[0].content);
    }

    /// Whatever JSON comes, there is an answer or an error, and an answer can be written as JSON.
    #[test]
    fn any_json_is_read(json in any_json()) {
        let text = json.to_string();
        let is_read = json.is_object() || json.is_null();
        match data(&text).chunk() {
            Ok(chunk) => {
                prop_assert!(is_read);
                let mut answer = Accumulator::new();
                answer.push(&chunk).unwrap();
                serde_json::to_value(answer.completion()).unwrap();
                serde_json::to_value(&chunk).unwrap();
                prop_assert_eq!(chunk.is_output(), !answer.is_empty());
                prop_assert_eq!(&chunk.clone().into_owned(), &chunk);
            }
            Err(DecodeError::Api(_)) => prop_assert!(data(&text).is_error()),
            Err(DecodeError::Json { bytes, .. }) => {
                prop_assert!(!is_read);
                prop_assert_eq!(bytes, text.as_bytes());
            }
        }
        if let Ok(completion) = Body::new(text.as_bytes()).completion() {
            serde_json::to_value(&completion).unwrap();
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = select(
        &[
            "id",
            "created",
            "model",
            "choices",
            "delta",
            "message",
            "content",
            "reasoning",
            "reasoning_content",
            "text",
            "tool_calls",
            "function",
            "name",
            "arguments",
            "index",
            "usage",
            "prompt_tokens",
            "completion_tokens_details",
            "reasoning_tokens",
            "finish_reason",
            "logprobs",
            "refusal",
            "role",
        ][..],
    );
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((names.clone(), inner), 0..6).prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.into(), value)).collect()
            )),
        ]
    })
}

/// The message of the only choice, as JSON.
#[track_caller]
fn assert_message(chunks: &[&str], expected: Value) {
    let chunks: Vec<_> = chunks
        .iter()
        .map(|delta| format!(r#"{{"choices":[{{"delta":{delta}}}]}}"#))
        .collect();
    let answer = put_together(chunks.iter().map(String::as_str));
    let message = &serde_json::to_value(answer.completion()).unwrap()["choices"][0]["message"];
    let mut message = message.clone();
    if let Some(calls) = message["tool_calls"].as_array() {
        let call = |call: &Value| json!([call["id"], call["function"]["name"], call["function"]["arguments"]]);
        message = calls.iter().map(call).collect();
    }
    assert_eq!(message, expected);
}

#[test]
fn tool_calls_of_every_habit() {
    // Parallel calls, whose pieces alternate.
    assert_message(
        &[
            r#"{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":""}},{"index":0,"id":"a","function":{"name":"f"}}]}"#,
            r#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\""}},{"index":1,"function":{"arguments":"{}"}}]}"#,
            r#"{"tool_calls":[{"index":0,"id":"","function":{"name":null,"arguments":":1}"}}]}"#,
        ],
        json!([["a", "f", "{\"x\":1}"], ["b", "g", "{}"]]),
    );
    // The name in pieces.
    assert_message(
        &[
            r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"get_"}}]}"#,
            r#"{"tool_calls":[{"index":0,"function":{"name":"weather"}}]}"#,
            r#"{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#,
        ],
        json!([["a", "get_weather", "{}"]]),
    );
    // Whole calls with no id, all of them with the same index or with none.
    for index in [r#""index":0,"#, ""] {
        let f = format!(r#"{{"tool_calls":[{{{index}"function":{{"name":"f","arguments":{{"x":"}}"}}}}}}]}}"#);
        assert_message(
            &[&f, &f],
            json!([["", "f", "{\"x\":\"}\"}"], ["", "f", "{\"x\":\"}\"}"]]),
        );
    }
    // A repeated name, after the arguments are whole, begins no call.
    assert_message(
        &[
            r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}"#,
            r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]}"#,
        ],
        json!([["", "f", "{}"]]),
    );
}

#[test]
fn content_in_parts_and_numbers_in_strings() {
    let json = r#"{"created":"1.7e9","choices":[{"index":"0","delta":{"content":[{"type":"text","text":"a\ud83d"},"\udc0b",{"type":"image"}],"reasoning":"r","reasoning_content":"r"}}],
        "usage":{"prompt_tokens":"3","completion_tokens":4.0,"total_tokens":-1,"completion_tokens_details":null}}"#;
    let chunk = data(json).chunk().unwrap();
    assert_eq!(chunk.created, Some(1_700_000_000));
    assert_eq!(chunk.choices[0].delta.content.as_deref(), Some("a🐋"));
    assert_eq!(chunk.choices[0].delta.reasoning.as_deref(), Some("r"));
    let usage = chunk.usage.unwrap();
    assert_eq!(
        (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens),
        (Some(3), Some(4), None)
    );
}

#[test]
fn what_is_no_output() {
    for json in [
        "null",
        "{}",
        r#"{"choices":null}"#,
        r#"{"choices":[null]}"#,
        r#"{"choices":[{"delta":{"role":"assistant","content":"","tool_calls":null,"refusal":null}}]}"#,
        r#"{"choices":[{"text":"","delta":null,"finish_reason":""}],"usage":{"prompt_tokens":1}}"#,
    ] {
        let chunk = data(json).chunk().unwrap();
        assert!(!chunk.is_output(), "{json}");
        assert!(chunk.choices.iter().all(|choice| choice.finish_reason.is_none()));
    }
    assert!(data(r#"{"choices":[{"text":" "}]}"#).chunk().unwrap().is_output());
}

#[test]
fn strings_are_borrowed() {
    let json = r#"{"id":"a","choices":[{"delta":{"content":"hi","tool_calls":[{"id":"b","function":{"name":"f"}}]}}]}"#;
    let chunk = data(json).chunk().unwrap();
    let delta = &chunk.choices[0].delta;
    let call = &delta.tool_calls[0];
    let texts = [
        delta.content.as_deref(),
        chunk.id.as_deref(),
        call.id.as_deref(),
        Some(&*call.function.name),
    ];
    for text in texts {
        assert!(json.as_bytes().as_ptr_range().contains(&text.unwrap().as_ptr()));
    }
}

#[test]
fn log_probabilities_are_joined() {
    let chunk = |logprobs: &str| format!(r#"{{"choices":[{{"delta":{{}},"logprobs":{logprobs}}}]}}"#);
    let chunks = [
        chunk("null"),
        chunk(r#"{"content":[{"token":"a","logprob":-0.5}],"refusal":null}"#),
        chunk(r#"{"content":[{"token":"\ud83d","logprob":-1}],"refusal":null}"#),
    ];
    let answer = put_together(chunks.iter().map(String::as_str));
    assert_eq!(
        serde_json::to_value(answer.completion()).unwrap()["choices"][0]["logprobs"],
        json!({ "content": [{ "token": "a", "logprob": -0.5 }, { "token": "\u{fffd}", "logprob": -1 }], "refusal": null }),
    );
}

#[test]
fn an_answer_has_a_limit() {
    let mut answer = Accumulator::with_limit(1000);
    let chunk = data(r#"{"choices":[{"delta":{"content":"0123456789"}}]}"#)
        .chunk()
        .unwrap();
    let taken = (0..1000).take_while(|_| answer.push(&chunk).is_ok()).count();
    assert!((40..100).contains(&taken), "{taken}");
    assert_eq!(answer.content().len(), taken * 10);
}

#[test]
fn text_that_is_not_utf_8() {
    let chunk = Data::new(b"", b"", b"{\"choices\":[{\"delta\":{\"content\":\"a\xff\"}}]}")
        .chunk()
        .unwrap();
    assert_eq!(chunk.choices[0].delta.content.as_deref(), Some("a\u{fffd}"));
}

#[test]
fn a_text_completion() {
    let answer = put_together([
        r#"{"choices":[{"text":"fn ","index":0,"finish_reason":null}]}"#,
        r#"{"choices":[{"text":"f","index":0,"finish_reason":"stop"}]}"#,
    ]);
    assert_eq!(answer.content(), "fn f");
    let choice = json!({ "text": "fn f", "index": 0, "logprobs": null, "finish_reason": "stop" });
    assert_eq!(
        serde_json::to_value(answer.completion()).unwrap(),
        json!({ "object": "text_completion", "choices": [choice] })
    );
}

/// One answer from four dialects of the same thing.
#[test]
fn every_dialect_gives_the_same_answer() {
    let chat = [
        r#"{"id":"a","model":"m","choices":[{"delta":{"reasoning_content":"r"}}]}"#,
        r#"{"choices":[{"delta":{"content":"hi"}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#,
    ];
    let anthropic = [
        r#"{"type":"message_start","message":{"id":"a","model":"m","usage":{"input_tokens":3,"output_tokens":1}}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"r"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"hi"}}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"c","name":"f","input":{}}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{"}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"}"}}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let responses = [
        r#"{"type":"response.created","response":{"id":"a","model":"m","error":null}}"#,
        r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"delta":"r"}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"delta":"hi"}"#,
        r#"{"type":"response.output_text.done","output_index":1,"text":"hi"}"#,
        r#"{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"x","call_id":"c","name":"f","arguments":""}}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{}"}"#,
        r#"{"type":"response.completed","response":{"id":"a","output":[{"type":"reasoning"},{"type":"function_call"}],"usage":{"input_tokens":3,"output_tokens":2}}}"#,
    ];
    let ollama = [
        r#"{"model":"m","message":{"role":"assistant","content":"","thinking":"r"},"done":false}"#,
        r#"{"model":"m","message":{"role":"assistant","content":"hi"},"done":false}"#,
        r#"{"model":"m","message":{"content":"","tool_calls":[{"id":"c","function":{"name":"f","arguments":{}}}]},"done":false}"#,
        r#"{"model":"m","message":{"content":""},"done":true,"done_reason":"tool_calls","prompt_eval_count":3,"eval_count":2}"#,
    ];
    let expected = serde_json::to_value(put_together(chat).completion()).unwrap();
    assert_eq!(
        expected["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"],
        "{}"
    );

    let mut answers = [Accumulator::new(), Accumulator::new(), Accumulator::new()];
    for json in anthropic {
        answers[0].push(&data(json).anthropic().unwrap().chunk()).unwrap();
    }
    for json in responses {
        answers[1].push(&data(json).responses().unwrap().chunk()).unwrap();
    }
    for json in ollama {
        answers[2].push(&data(json).ollama().unwrap().chunk()).unwrap();
    }
    for answer in answers {
        let mut answer = serde_json::to_value(answer.completion()).unwrap();
        // Ollama has no id.
        answer["id"] = json!("a");
        assert_eq!(answer, expected);
    }
}

#[test]
fn an_error_is_an_error_in_every_dialect() {
    let json = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"choices":[]}"#;
    let errors = [
        data(json).chunk().err(),
        data(json).anthropic().err(),
        data(json).responses().err(),
        data(json).ollama().err(),
        Body::new(json.as_bytes()).completion().err(),
    ];
    for error in errors {
        let Some(DecodeError::Api(error)) = error else { panic!() };
        assert_eq!(error.message, "Overloaded");
    }
}

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
