//! Answers in the dialects of Anthropic, of OpenAI's Responses and of Ollama: streams, and bodies.

use llm_response::{
    Body, Data,
    chat::{Accumulator, Chunk, Completion, DecodeError},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    data,
    generated::{Answer, Splits, answer, pieces, splits},
    put_together,
};

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

/// A stream and a body of the same answer in one dialect.
struct Both {
    stream: Vec<String>,
    body: Value,
}

fn anthropic(answer: &Answer, splits: &Splits) -> Both {
    let reason = match answer.finish_reason {
        "stop" => "end_turn",
        "length" => "max_tokens",
        "tool_calls" => "tool_use",
        other => other,
    };
    let mut content = Vec::new();
    let mut stream = vec![
        r#"{"type":"message_start","message":{"type":"message","id":"a1","model":"m","role":"assistant","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}"#.to_owned(),
        r#"{"type":"ping"}"#.to_owned(),
    ];
    let mut block = |whole: Value, start: Value, deltas: Vec<String>| {
        let index = content.len();
        stream.push(json!({ "type": "content_block_start", "index": index, "content_block": start }).to_string());
        stream.extend(
            deltas
                .iter()
                .map(|delta| format!(r#"{{"type":"content_block_delta","index":{index},"delta":{delta}}}"#)),
        );
        stream.push(json!({ "type": "content_block_stop", "index": index }).to_string());
        content.push(whole);
    };
    if !answer.reasoning.is_empty() {
        let mut deltas: Vec<_> = pieces(&answer.reasoning, splits)
            .iter()
            .map(|piece| format!(r#"{{"type":"thinking_delta","thinking":{piece}}}"#))
            .collect();
        deltas.push(r#"{"type":"signature_delta","signature":"s"}"#.to_owned());
        block(
            json!({ "type": "thinking", "thinking": answer.reasoning, "signature": "s" }),
            json!({ "type": "thinking", "thinking": "", "signature": "" }),
            deltas,
        );
    }
    // Text in two blocks: a server tool stands between them, and adds nothing here.
    let (first, last) = answer.content.split_at(answer.content.floor_char_boundary_of_half());
    for text in [first, last] {
        let deltas = pieces(text, splits);
        let deltas = deltas
            .iter()
            .map(|piece| format!(r#"{{"type":"text_delta","text":{piece}}}"#));
        block(
            json!({ "type": "text", "text": text, "citations": null }),
            json!({ "type": "text", "text": "" }),
            deltas.collect(),
        );
        let tool = json!({ "type": "server_tool_use", "id": "x", "name": "web_search", "input": { "query": "q" } });
        block(tool.clone(), tool, Vec::new());
    }
    for (id, name, arguments) in &answer.calls {
        // Where there are no arguments, the one piece of them is empty.
        let json = if *arguments == json!({}) {
            String::new()
        } else {
            arguments.to_string()
        };
        let mut deltas = vec![r#"{"type":"input_json_delta","partial_json":""}"#.to_owned()];
        let rest = pieces(&json, splits);
        deltas.extend(
            rest.iter()
                .map(|piece| format!(r#"{{"type":"input_json_delta","partial_json":{piece}}}"#)),
        );
        block(
            json!({ "type": "tool_use", "id": id, "name": name, "input": arguments }),
            json!({ "type": "tool_use", "id": id, "name": name, "input": {} }),
            deltas,
        );
    }
    let usage = json!({ "output_tokens": answer.usage });
    stream.push(json!({ "type": "message_delta", "delta": { "stop_reason": reason }, "usage": usage }).to_string());
    stream.push(r#"{"type":"message_stop"}"#.to_owned());
    let body = json!({
        "id": "a1", "type": "message", "role": "assistant", "model": "m", "content": content, "stop_reason": reason,
        "stop_sequence": null, "usage": { "input_tokens": 3, "output_tokens": answer.usage },
    });
    Both { stream, body }
}

fn responses(answer: &Answer, splits: &Splits) -> Both {
    let (status, details) = match answer.finish_reason {
        "length" => ("incomplete", json!({ "reason": "max_output_tokens" })),
        "content_filter" => ("incomplete", json!({ "reason": "content_filter" })),
        "eos" => ("incomplete", Value::Null),
        _ => ("completed", Value::Null),
    };
    let mut output = Vec::new();
    let mut stream = vec![
        r#"{"type":"response.created","response":{"object":"response","id":"a1","model":"m","created_at":1700000000,"status":"in_progress","error":null,"output":[]}}"#.to_owned(),
        r#"{"type":"keepalive"}"#.to_owned(),
    ];
    let mut deltas = |kind: &str, text: &str, index: usize| {
        stream.extend(
            pieces(text, splits)
                .iter()
                .map(|piece| format!(r#"{{"type":"response.{kind}.delta","output_index":{index},"delta":{piece}}}"#)),
        );
    };
    let (summary, reasoning) = answer
        .reasoning
        .split_at(answer.reasoning.floor_char_boundary_of_half());
    deltas("reasoning_summary_text", summary, output.len());
    deltas("reasoning_text", reasoning, output.len());
    // In the order in which they were sent.
    let summary = json!([{ "type": "summary_text", "text": summary }]);
    let item = json!({ "type": "reasoning", "summary": summary, "z": null });
    output.push(item.to_string().replace(
        "\"z\":null",
        &format!(
            "\"content\":{}",
            json!([{ "type": "reasoning_text", "text": reasoning }])
        ),
    ));
    deltas("output_text", &answer.content, output.len());
    deltas("refusal", &answer.refusal, output.len());
    let text = json!({ "type": "output_text", "text": answer.content, "annotations": [] });
    let refusal = json!({ "type": "refusal", "refusal": answer.refusal });
    output.push(json!({ "type": "message", "role": "assistant", "content": [text, refusal] }).to_string());
    for (id, name, arguments) in &answer.calls {
        let index = output.len();
        let arguments = arguments.to_string();
        let item = json!({ "type": "function_call", "id": "x", "call_id": id, "name": name, "arguments": "" });
        stream.push(json!({ "type": "response.output_item.added", "output_index": index, "item": item }).to_string());
        stream.extend(pieces(&arguments, splits).iter().map(|piece| {
            format!(r#"{{"type":"response.function_call_arguments.delta","output_index":{index},"delta":{piece}}}"#)
        }));
        stream.push(
            json!({ "type": "response.function_call_arguments.done", "output_index": index, "arguments": arguments })
                .to_string(),
        );
        let item = json!({ "type": "function_call", "id": "x", "call_id": id, "name": name, "arguments": arguments });
        output.push(item.to_string());
    }
    let usage = json!({
        "input_tokens": 3, "output_tokens": answer.usage, "total_tokens": answer.usage + 3,
        "input_tokens_details": { "cached_tokens": 1 }, "output_tokens_details": { "reasoning_tokens": 2 },
    });
    let body = format!(
        r#"{{"id":"a1","object":"response","created_at":1700000000,"status":"{status}","error":null,"incomplete_details":{details},"model":"m","output":[{}],"usage":{usage}}}"#,
        output.join(",")
    );
    stream.push(format!(r#"{{"type":"response.{status}","response":{body}}}"#));
    Both {
        stream,
        body: Value::String(body),
    }
}

fn ollama(answer: &Answer, splits: &Splits) -> Both {
    let line = |message: String| {
        format!(
            r#"{{"model":"m","created_at":"2026-11-28T00:00:00Z","message":{{"role":"assistant",{message}}},"done":false}}"#
        )
    };
    let mut stream = Vec::new();
    for piece in pieces(&answer.reasoning, splits) {
        stream.push(line(format!(r#""content":"","thinking":{piece}"#)));
    }
    for piece in pieces(&answer.content, splits) {
        stream.push(line(format!(r#""content":{piece}"#)));
    }
    let calls: Vec<_> = answer
        .calls
        .iter()
        .map(|(_, name, arguments)| json!({ "function": { "name": name, "arguments": arguments } }))
        .collect();
    for call in &calls {
        stream.push(line(format!(r#""content":"","tool_calls":[{call}]"#)));
    }
    let end = |message: Value| {
        json!({
            "model": "m", "created_at": "2026-11-28T00:00:01Z", "message": message, "done": true,
            "done_reason": answer.finish_reason, "total_duration": 9, "prompt_eval_count": 3, "eval_count": answer.usage,
        })
    };
    stream.push(end(json!({ "role": "assistant", "content": "" })).to_string());
    let mut message = json!({ "role": "assistant", "content": answer.content });
    if !answer.reasoning.is_empty() {
        message["thinking"] = json!(answer.reasoning);
    }
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    Both {
        stream,
        body: end(message),
    }
}

trait Half {
    fn floor_char_boundary_of_half(&self) -> usize;
}

impl Half for String {
    fn floor_char_boundary_of_half(&self) -> usize {
        (0..=self.len() / 2)
            .rev()
            .find(|&at| self.is_char_boundary(at))
            .unwrap_or(0)
    }
}

type Decoded<'a, T> = Result<T, DecodeError<'a>>;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// In every dialect, and it says what the answer says.
    #[test]
    fn a_stream_put_together_is_the_body_in_every_dialect(answer in answer(), splits in splits()) {
        type Event = for<'a> fn(&Data<'a>) -> Decoded<'a, Chunk<'a>>;
        type Whole = for<'a> fn(&Body<'a>) -> Decoded<'a, Completion<'a>>;
        let dialects: [(Both, Event, Whole); 3] = [
            (anthropic(&answer, &splits), |data| Ok(data.anthropic()?.chunk()), |body| body.anthropic()),
            (responses(&answer, &splits), |data| Ok(data.responses()?.chunk()), |body| body.responses()),
            (ollama(&answer, &splits), |data| Ok(data.ollama()?.chunk()), |body| body.ollama()),
        ];
        for (Both { stream, body }, event, whole) in dialects {
            let mut accumulator = Accumulator::new();
            for json in &stream {
                accumulator.push(&event(&data(json)).unwrap()).unwrap();
            }
            let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
            let completion = whole(&Body::new(body.as_bytes())).unwrap();
            prop_assert_eq!(&accumulator.completion(), &completion);

            let choice = &completion.choices[0];
            let message = &choice.message;
            prop_assert_eq!(message.content.as_deref().unwrap_or_default(), &answer.content);
            prop_assert_eq!(message.reasoning.as_deref().unwrap_or_default(), &answer.reasoning);
            prop_assert_eq!(message.tool_calls.len(), answer.calls.len());
            for (call, (_, name, arguments)) in message.tool_calls.iter().zip(&answer.calls) {
                prop_assert_eq!(&*call.function.name, name);
                prop_assert_eq!(&serde_json::from_str::<Value>(&call.function.arguments).unwrap(), arguments);
            }
            prop_assert_eq!(completion.usage.unwrap().completion_tokens, Some(answer.usage));
            if let "length" | "content_filter" | "eos" = answer.finish_reason {
                prop_assert!(choice.finish_reason.is_some());
            }
        }
    }
}

/// A body of each dialect as the API's own body would be.
#[test]
fn bodies_of_every_dialect() {
    let chat = r#"{"id":"a","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi","reasoning_content":"r","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#;
    let anthropic = r#"{"id":"a","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"r","signature":"s"},{"type":"text","text":"hi"},{"type":"tool_use","id":"c","name":"f","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":2}}"#;
    let responses = r#"{"id":"a","object":"response","status":"completed","error":null,"model":"m","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"r"}]},{"type":"message","content":[{"type":"output_text","text":"hi"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}],"usage":{"input_tokens":3,"output_tokens":2}}"#;
    let ollama = r#"{"model":"m","message":{"role":"assistant","content":"hi","thinking":"r","tool_calls":[{"id":"c","function":{"name":"f","arguments":{}}}]},"done":true,"done_reason":"tool_calls","prompt_eval_count":3,"eval_count":2}"#;
    let expected = serde_json::to_value(Body::new(chat.as_bytes()).completion().unwrap()).unwrap();
    assert_eq!(
        expected["choices"][0]["message"]["tool_calls"][0]["function"]["name"],
        "f"
    );
    for completion in [
        Body::new(anthropic.as_bytes()).anthropic(),
        Body::new(responses.as_bytes()).responses(),
        Body::new(ollama.as_bytes()).ollama(),
    ] {
        let mut completion = serde_json::to_value(completion.unwrap()).unwrap();
        // Ollama has no id.
        completion["id"] = json!("a");
        assert_eq!(completion, expected);
    }
}

#[test]
fn bodies_that_are_no_answer() {
    for json in [
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
        r#"{"object":"response","status":"failed","error":{"code":"server_error","message":"Overloaded"},"output":[]}"#,
        r#"{"error":"Overloaded"}"#,
    ] {
        let body = Body::new(json.as_bytes());
        for error in [body.anthropic().err(), body.responses().err(), body.ollama().err()] {
            let Some(DecodeError::Api(error)) = error else {
                panic!("{json}")
            };
            assert_eq!(error.message, "Overloaded");
        }
    }
    for json in ["[]", "1", "{\"content\":", "{\"a\":\"\u{1}\"}"] {
        let body = Body::new(json.as_bytes());
        for error in [body.anthropic().err(), body.responses().err(), body.ollama().err()] {
            assert!(
                matches!(error, Some(DecodeError::Json { bytes, .. }) if bytes == json.as_bytes()),
                "{json}"
            );
        }
    }
}

/// Responses that have not ended, or ended early.
#[test]
fn the_status_of_a_response() {
    for (status, expected) in [
        (r#""status":"completed""#, Some("stop")),
        (r#""id":"a""#, Some("stop")),
        (r#""status":"in_progress""#, None),
        (r#""status":"queued""#, None),
        (r#""status":"cancelled""#, Some("cancelled")),
        (r#""status":"incomplete""#, Some("incomplete")),
        (
            r#""status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}"#,
            Some("length"),
        ),
    ] {
        let json = format!(r#"{{{status},"output":[]}}"#);
        let completion = Body::new(json.as_bytes()).responses().unwrap();
        let reason = completion.choices[0].finish_reason.as_ref();
        assert_eq!(reason.map(llm_response::chat::FinishReason::as_str), expected, "{json}");
    }
}

/// As the usual dialect: bytes that are no text are U+FFFD, and the rest is kept.
#[test]
fn text_that_is_not_utf_8() {
    let bytes = |json: &str| {
        json.as_bytes()
            .iter()
            .map(|&byte| if byte == b'~' { 0xff } else { byte })
            .collect()
    };
    let text = |json: &str, event: for<'a> fn(&Data<'a>) -> Decoded<'a, Chunk<'a>>| {
        let bytes: Vec<u8> = bytes(json);
        let mut answer = Accumulator::new();
        answer.push(&event(&Data::new(b"", b"", &bytes)).unwrap()).unwrap();
        (
            answer.content().to_owned(),
            answer.reasoning().to_owned(),
            answer.completion(),
        )
    };
    for (json, event) in [
        (
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a~"}}"#,
            (|data| Ok(data.anthropic()?.chunk())) as for<'a> fn(&Data<'a>) -> Decoded<'a, Chunk<'a>>,
        ),
        (r#"{"type":"response.output_text.delta","delta":"a~"}"#, |data| {
            Ok(data.responses()?.chunk())
        }),
        (r#"{"message":{"content":"a~"}}"#, |data| Ok(data.ollama()?.chunk())),
    ] {
        assert_eq!(text(json, event).0, "a\u{fffd}", "{json}");
    }
    let calls = [
        (
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","name":"f","input":{"a":"~"}}}"#,
            (|data| Ok(data.anthropic()?.chunk())) as for<'a> fn(&Data<'a>) -> Decoded<'a, Chunk<'a>>,
        ),
        (
            r#"{"type":"response.completed","response":{"output":[{"type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":\"~\"}"}]}}"#,
            |data| Ok(data.responses()?.chunk()),
        ),
        (
            r#"{"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":{"a":"~"}}}]}}"#,
            |data| Ok(data.ollama()?.chunk()),
        ),
    ];
    for (json, event) in calls {
        let call = &text(json, event).2.choices[0].message.tool_calls[0];
        assert_eq!((call.id.as_deref(), &*call.function.name), (Some("c"), "f"), "{json}");
        assert_eq!(call.function.arguments, "{\"a\":\"\u{fffd}\"}", "{json}");
    }
    for (json, body) in [
        (
            r#"{"choices":[{"message":{"content":"a~"}}]}"#,
            (|body| body.completion()) as for<'a> fn(&Body<'a>) -> Decoded<'a, Completion<'a>>,
        ),
        (
            r#"{"type":"message","content":[{"type":"text","text":"a~"}]}"#,
            |body| body.anthropic(),
        ),
        (
            r#"{"output":[{"type":"message","content":[{"type":"output_text","text":"a~"}]}]}"#,
            |body| body.responses(),
        ),
        (r#"{"message":{"content":"a~"},"done":true}"#, |body| body.ollama()),
    ] {
        let bytes: Vec<u8> = bytes(json);
        let completion = body(&Body::new(&bytes)).unwrap();
        assert_eq!(
            completion.choices[0].message.content.as_deref(),
            Some("a\u{fffd}"),
            "{json}"
        );
    }
    let data = Data::new(b"", b"", b"{\"a\":\xff}");
    for error in [
        data.chunk().err(),
        data.anthropic().err(),
        data.responses().err(),
        data.ollama().err(),
    ] {
        assert!(matches!(error, Some(DecodeError::Json { bytes, .. }) if bytes == data.as_bytes()));
    }
}

/// What an event owns is what it borrowed: of every kind of event.
#[test]
fn events_that_own_their_text() {
    for json in [
        r#"{"type":"message_start","message":{"id":"a","model":"m","usage":{"input_tokens":3}}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"t"}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"thinking_delta","thinking":"t"}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"signature_delta","signature":"s"}}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"c","name":"f","input":{}}}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"c","name":"f","input":{"a":1}}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{"}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"new"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"new"},"usage":{"output_tokens":3}}"#,
        r#"{"type":"message_stop"}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"new"}"#,
    ] {
        let event = data(json).anthropic().unwrap();
        assert_eq!(event.clone().into_owned(), event, "{json}");
        assert_eq!(event.clone().chunk().into_owned(), event.chunk(), "{json}");
    }
    for json in [
        r#"{"type":"response.created","response":{"id":"a","model":"m","created_at":5}}"#,
        r#"{"type":"response.output_text.delta","delta":"t"}"#,
        r#"{"type":"response.reasoning_text.delta","delta":"t"}"#,
        r#"{"type":"response.refusal.delta","delta":"t"}"#,
        r#"{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","call_id":"c","name":"f"}}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{"}"#,
        r#"{"type":"response.completed","response":{"usage":{"input_tokens":3},"output":[{"type":"message","content":[{"type":"output_text","text":"t"}]},{"type":"function_call","name":"f"}]}}"#,
        r#"{"type":"response.incomplete","response":{"incomplete_details":{"reason":"new"}}}"#,
        r#"{"type":"new"}"#,
    ] {
        let event = data(json).responses().unwrap();
        assert_eq!(event.clone().into_owned(), event, "{json}");
        assert_eq!(event.clone().chunk().into_owned(), event.chunk(), "{json}");
    }
    let json = r#"{"model":"m","message":{"content":"t","thinking":"r","tool_calls":[{"function":{"name":"f"}}]},"done_reason":"new","prompt_eval_count":1,"eval_count":2}"#;
    let line = data(json).ollama().unwrap();
    assert_eq!(line.clone().into_owned(), line);
}

fn responses_of<'a>(events: impl IntoIterator<Item = &'a str>) -> Accumulator {
    let mut answer = Accumulator::new();
    for json in events {
        answer.push(&data(json).responses().unwrap().chunk()).unwrap();
    }
    answer
}

/// The last event says the answer once more: what counts of it is what no delta has said.
#[test]
fn a_response_without_deltas() {
    let output = r#"[{"type":"reasoning","summary":[{"type":"summary_text","text":"r"}]},{"type":"message","content":[{"type":"output_text","text":"h"},{"type":"output_text","text":"i"},{"type":"refusal","refusal":"no"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call","call_id":"d","name":"g","arguments":"{}"}]"#;
    let body = format!(r#"{{"id":"a","status":"completed","output":{output}}}"#);
    let body = Body::new(body.as_bytes()).responses().unwrap();
    assert_eq!(body.choices[0].message.content.as_deref(), Some("hi"));
    assert_eq!(body.choices[0].message.reasoning.as_deref(), Some("r"));
    assert_eq!(body.choices[0].message.refusal.as_deref(), Some("no"));
    assert_eq!(body.choices[0].message.tool_calls.len(), 2);

    let created = format!(r#"{{"type":"response.created","response":{{"id":"a","output":{output}}}}}"#);
    let completed = format!(r#"{{"type":"response.completed","response":{{"id":"a","output":{output}}}}}"#);
    // Nothing of what a response says when it starts is said twice.
    assert!(responses_of([&*created]).is_empty());
    let deltas = [
        r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"delta":"r"}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"delta":"hi"}"#,
        r#"{"type":"response.refusal.delta","output_index":1,"delta":"no"}"#,
        r#"{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","call_id":"c","name":"f"}}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{}"}"#,
        r#"{"type":"response.output_item.added","output_index":3,"item":{"type":"function_call","call_id":"d","name":"g"}}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":3,"delta":"{}"}"#,
    ];
    for (from, to) in [(0, 0), (0, 1), (0, 2), (0, 3), (0, 7), (1, 2), (2, 3), (3, 7)] {
        let events = [&*created]
            .into_iter()
            .chain(deltas[from..to].iter().copied())
            .chain([&*completed, &completed]);
        assert_eq!(responses_of(events).completion(), body, "{from}..{to}");
    }
    assert!(data(&completed).responses().unwrap().chunk().is_output());
    assert!(
        !data(r#"{"type":"response.completed","response":{"output":[]}}"#)
            .responses()
            .unwrap()
            .chunk()
            .is_output()
    );
    let incomplete = completed.replace("response.completed", "response.incomplete");
    assert_eq!(responses_of([&*incomplete]).content(), "hi");
}

/// What the last event adds counts against the limit, and what it only repeats does not.
#[test]
fn the_limit_of_a_response_without_deltas() {
    let text = "word ".repeat(200);
    let whole = format!(
        r#"{{"type":"response.completed","response":{{"output":[{{"type":"message","content":[{{"type":"output_text","text":"{text}"}}]}},{{"type":"function_call","call_id":"c","name":"f","arguments":"{{}}"}}]}}}}"#
    );
    let whole = data(&whole).responses().unwrap().chunk();
    // 512 for the choice, 1,000 of text, 512 for the call, its id twice, its name, its arguments, and the finish reason.
    let len = 512 + 1000 + 512 + 2 + 1 + 2 + "tool_calls".len();
    assert!(Accumulator::with_limit(len - 1).push(&whole).is_err());
    let mut answer = Accumulator::with_limit(len + 2 * "tool_calls".len());
    for _ in 0..3 {
        answer.push(&whole).unwrap();
    }
    assert!(answer.push(&whole).is_err());
    assert_eq!(answer.content(), text);
}

/// Some servers give the arguments with the beginning of a call, as a body has them.
#[test]
fn arguments_in_the_beginning_of_a_call() {
    let arguments = |input: &str, deltas: &[&str]| {
        let mut events = vec![format!(
            r#"{{"type":"content_block_start","index":0,"content_block":{{"type":"tool_use","id":"c","name":"f","input":{input}}}}}"#
        )];
        events.extend(deltas.iter().map(|delta| {
            json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "input_json_delta", "partial_json": delta } })
                .to_string()
        }));
        let mut answer = Accumulator::new();
        for json in &events {
            answer.push(&data(json).anthropic().unwrap().chunk()).unwrap();
        }
        let mut calls = answer.completion().choices.remove(0).message.tool_calls;
        assert_eq!(calls.len(), 1);
        assert_eq!((calls[0].id.as_deref(), &*calls[0].function.name), (Some("c"), "f"));
        calls.remove(0).function.arguments.into_cow().into_owned()
    };
    for empty in ["{}", "{ }", "null", "\"\"", "\"{}\""] {
        assert_eq!(arguments(empty, &[]), "{}", "{empty}");
        assert_eq!(arguments(empty, &["", "{\"a\"", ":1}"]), "{\"a\":1}", "{empty}");
    }
    for whole in [r#"{"a":[1]}"#, r#""{\"a\":[1]}""#] {
        assert_eq!(arguments(whole, &[]), r#"{"a":[1]}"#);
        assert_eq!(arguments(whole, &[""]), r#"{"a":[1]}"#);
        // Pieces that follow say all of it again, and may say more.
        assert_eq!(arguments(whole, &["{\"a\":", "[1,2]}"]), r#"{"a":[1,2]}"#);
    }
}
