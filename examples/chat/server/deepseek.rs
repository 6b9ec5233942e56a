//! What DeepSeek's API says.

use std::fmt::Display;

use axum::http::StatusCode;
use serde_json::json;

use super::scenario::Script;
use super::text::{ANSWER, REASONING, words};
use super::{Reply, Request};

pub(super) fn script(request: &Request) -> Script {
    Script {
        keep_alive: ": keep-alive\n\n",
        answer: answer(request),
        failing: failing(request),
        refusal: error(StatusCode::PAYMENT_REQUIRED, "Insufficient Balance", "unknown_error"),
        late_error: error_object("The server is overloaded", "server_error"),
    }
}

/// A JSON error. DeepSeek has sent these as `application/octet-stream`: a client must look at the bytes.
pub(super) fn error(status: StatusCode, message: &str, kind: &str) -> Reply {
    Reply::new(status, "application/octet-stream").write(error_object(message, kind))
}

fn answer(request: &Request) -> String {
    if request.stream {
        let mut events = deltas(&request.model);
        events.push(last_chunk(&request.model));
        events.push("data: [DONE]\n\n".to_owned());
        events.concat()
    } else {
        completion(&request.model)
    }
}

/// Half an answer, then an error in its place.
fn failing(request: &Request) -> String {
    let error = error_object("The model stopped working", "server_error");
    if request.stream {
        let mut events = deltas(&request.model);
        events.truncate(events.len() * 2 / 3);
        events.push(format!("data: {error}\n\n"));
        events.concat()
    } else {
        error
    }
}

/// One chunk for the role, then one for each word of the reasoning and of the answer.
fn deltas(model: &str) -> Vec<String> {
    let role = r#"{"role":"assistant","content":null,"reasoning_content":""}"#.to_owned();
    let reasoning = words(REASONING).map(|word| format!(r#"{{"content":null,"reasoning_content":{}}}"#, json!(word)));
    let content = words(ANSWER).map(|word| format!(r#"{{"content":{},"reasoning_content":null}}"#, json!(word)));
    std::iter::once(role)
        .chain(reasoning)
        .chain(content)
        .map(|delta| {
            let choice = format!(r#"{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":null}}"#);
            chunk(model, &choice, "")
        })
        .collect()
}

/// The chunk that says why the answer ends and what it costs.
fn last_chunk(model: &str) -> String {
    let choice =
        r#"{"index":0,"delta":{"content":"","reasoning_content":null},"logprobs":null,"finish_reason":"stop"}"#;
    chunk(model, choice, &format!(r#","usage":{}"#, usage()))
}

fn chunk(model: &str, choice: &str, usage: &str) -> String {
    let model = json!(model);
    format!(
        r#"data: {{"id":"0f3c7d7e-52a1","object":"chat.completion.chunk","created":1795359845,"model":{model},"system_fingerprint":"fp_loopback","choices":[{choice}]{usage}}}"#
    ) + "\n\n"
}

fn completion(model: &str) -> String {
    let (model, content, reasoning, usage) = (json!(model), json!(ANSWER), json!(REASONING), usage());
    format!(
        r#"{{"id":"0f3c7d7e-52a1","object":"chat.completion","created":1795359845,"model":{model},"choices":[{{"index":0,"message":{{"role":"assistant","content":{content},"reasoning_content":{reasoning}}},"logprobs":null,"finish_reason":"stop"}}],"usage":{usage},"system_fingerprint":"fp_loopback"}}"#
    )
}

fn usage() -> impl Display {
    let reasoning = words(REASONING).count();
    let completion = reasoning + words(ANSWER).count();
    let prompt = 21;
    format!(
        r#"{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{},"prompt_tokens_details":{{"cached_tokens":16}},"completion_tokens_details":{{"reasoning_tokens":{reasoning}}},"prompt_cache_hit_tokens":16,"prompt_cache_miss_tokens":5}}"#,
        prompt + completion
    )
}

fn error_object(message: &str, kind: &str) -> String {
    let (message, kind) = (json!(message), json!(kind));
    format!(r#"{{"error":{{"message":{message},"type":{kind},"param":null,"code":{kind}}}}}"#)
}
