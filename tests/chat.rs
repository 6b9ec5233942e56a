//! Typed answers: what is decoded, and that a stream put together equals the body of the same answer.

#[path = "chat/conclusions.rs"]
mod conclusions;
#[path = "chat/cost.rs"]
mod cost;
#[path = "chat/dialects.rs"]
mod dialects;
#[path = "chat/generated.rs"]
mod generated;

use generated::{answer, answers, body, habits, splits, stream};
use llm_response::{
    Body, Data, Event, Parser,
    chat::{Accumulator, Completion, DecodeError},
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

/// The answer of a response, a stream or a body, that comes in chunks of these lengths, over and over.
fn read(mut bytes: &[u8], lens: &[usize]) -> Completion<'static> {
    let (mut parser, mut answer, mut completion) = (Parser::new(), Accumulator::new(), None);
    let mut lens = lens.iter().cycle();
    while !bytes.is_empty() {
        let len = lens.next().map_or(1, |&len| len.min(bytes.len()));
        let (chunk, rest) = bytes.split_at(len);
        parser
            .push(chunk, |event| match event {
                Event::Data(data) => answer.push(&data.chunk().unwrap()).unwrap(),
                Event::Body(body) => completion = Some(body.completion().unwrap().into_owned()),
                _ => {}
            })
            .unwrap();
        bytes = rest;
    }
    assert!(parser.finish().unwrap().outcome.is_complete());
    completion.unwrap_or_else(|| answer.completion())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_put_together_is_the_body(answers in answers(), habit in habits(), splits in splits()) {
        let body = body(&answers);
        let chunks = stream(&answers, habit, &splits);
        let answer = put_together(chunks.iter().map(String::as_str));
        let text = body.to_string();
        let completion = Body::new(text.as_bytes()).completion().unwrap();
        prop_assert_eq!(serde_json::to_value(&completion).unwrap(), body);
        prop_assert_eq!(answer.completion(), completion.clone().into_owned());
        prop_assert_eq!(serde_json::to_value(answer.completion()).unwrap(), serde_json::to_value(&completion).unwrap());
        prop_assert_eq!(answer.content(), &answers[0].content);
        prop_assert_eq!(answer.reasoning(), &answers[0].reasoning);
        let mut whole = Accumulator::new();
        whole.push(&completion.clone().into_chunk()).unwrap();
        prop_assert_eq!(whole.completion(), completion.into_owned());
    }

    /// However the answer was split into deltas, and the bytes of those into chunks of a transport.
    #[test]
    fn any_split_gives_the_same_completion(
        answers in answers(),
        habit in habits(),
        splits in [splits(), splits()],
        lens in vec(1..200usize, 1..10),
    ) {
        let [first, second] = splits.map(|splits| {
            let mut bytes: String = stream(&answers, habit, &splits)
                .iter()
                .map(|chunk| format!(": keep-alive\n\ndata: {chunk}\n\n"))
                .collect();
            bytes.push_str("data: [DONE]\n\n");
            read(bytes.as_bytes(), &lens)
        });
        prop_assert_eq!(&first, &second);
        let body = body(&answers).to_string();
        prop_assert_eq!(first, read(body.as_bytes(), &lens));
    }

    /// What came so far is readable, and nothing that has come ever changes: a text only grows.
    #[test]
    fn text_only_grows(one in answer(), habit in habits(), splits in splits()) {
        let mut answer = Accumulator::new();
        let (mut content, mut has_output) = (String::new(), false);
        for json in stream(&[one], habit, &splits) {
            let chunk = data(&json).chunk().unwrap();
            answer.push(&chunk).unwrap();
            has_output |= chunk.is_output();
            prop_assert_eq!(answer.is_empty(), !has_output);
            // A half that waits for its other half is the one thing that is replaced.
            let whole = content.strip_suffix(char::REPLACEMENT_CHARACTER).unwrap_or(&content);
            prop_assert!(answer.content().starts_with(whole));
            content = answer.content().to_owned();
        }
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
    // What fits to the byte is taken: the text, and 512 bytes for the choice.
    assert!(Accumulator::with_limit(522).push(&chunk).is_ok());
    assert!(Accumulator::with_limit(521).push(&chunk).is_err());
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

/// The form of tool calls that has no id, as old as the API and still sent by some servers.
#[test]
fn a_function_call() {
    let chunks = [
        r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"function_call":{"name":"wea","arguments":""}}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"function_call":{"name":"ther","arguments":""}}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"function_call":{"arguments":"{\"city\":"}}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"function_call":{"name":"weather","arguments":"1}"}}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"function_call":null},"finish_reason":"function_call"}]}"#,
    ];
    let message = json!({ "role": "assistant", "content": null, "function_call": { "name": "weather", "arguments": "{\"city\":1}" } });
    let body = json!({ "object": "chat.completion", "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": "function_call" }] });
    let answer = put_together(chunks);
    assert_eq!(serde_json::to_value(answer.completion()).unwrap(), body);
    assert!(!answer.is_empty());
    assert_eq!(
        Body::new(body.to_string().as_bytes()).completion().unwrap(),
        answer.completion()
    );
    assert_eq!(
        chunks.map(|json| data(json).chunk().unwrap().is_output()),
        [true, true, true, true, false]
    );
}

/// What an id, a name or a model takes is counted as well as the text.
#[test]
fn nothing_escapes_the_limit() {
    let long = "x".repeat(2_000);
    for json in [
        json!({ "id": long }),
        json!({ "model": long }),
        json!({ "system_fingerprint": long }),
        json!({ "choices": [{ "text": long }] }),
        json!({ "choices": [{ "finish_reason": long }] }),
        json!({ "choices": [{ "logprobs": { "content": long } }] }),
        json!({ "choices": [{ "delta": { "role": long } }] }),
        json!({ "choices": [{ "delta": { "content": long } }] }),
        json!({ "choices": [{ "delta": { "reasoning": long } }] }),
        json!({ "choices": [{ "delta": { "refusal": long } }] }),
        json!({ "choices": [{ "delta": { "function_call": { "name": long } } }] }),
        json!({ "choices": [{ "delta": { "tool_calls": [{ "id": long }] } }] }),
        json!({ "choices": [{ "delta": { "tool_calls": [{ "type": long }] } }] }),
        json!({ "choices": [{ "delta": { "tool_calls": [{ "function": { "name": long } }] } }] }),
        json!({ "choices": [{ "delta": { "tool_calls": [{ "function": { "arguments": long } }] } }] }),
        json!({ "choices": [{ "delta": { "tool_calls": [{ "index": 0 }, { "index": 1 }, { "index": 2 }, { "index": 3 }] } }] }),
        json!({ "choices": [{ "index": 0 }, { "index": 1 }, { "index": 2 }, { "index": 3 }] }),
    ] {
        let json = json.to_string();
        let chunk = data(&json).chunk().unwrap();
        let mut answer = Accumulator::with_limit(1_999);
        let before = answer.completion();
        assert_eq!(answer.push(&chunk).unwrap_err().limit(), 1_999, "{json}");
        assert_eq!(answer.completion(), before);
        Accumulator::with_limit(6_000).push(&chunk).unwrap();
    }
}

/// An id that comes with every piece is kept once, and counted once.
#[test]
fn what_is_repeated_is_counted_once() {
    let json = json!({ "id": "i".repeat(300), "choices": [{ "delta": { "role": "r".repeat(300), "tool_calls": [{ "id": "c".repeat(300) }] } }] });
    let json = json.to_string();
    let chunk = data(&json).chunk().unwrap();
    let mut answer = Accumulator::with_limit(3_000);
    (0..100).for_each(|_| answer.push(&chunk).unwrap());
}
