//! What DeepSeek's API says, and how it goes wrong.

use std::fmt::Display;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use clap::ValueEnum;
use serde_json::json;

use super::{Reply, Request};

/// How a response goes. The names are those of a command line and of the header `x-scenario`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Queued for a while, then a complete answer
    #[default]
    Busy,
    /// Keep-alives, then the server closes the connection: the request was never started
    ClosedWhileQueued,
    /// The answer ends in the middle of an event, and the response closes as if all were well
    Cut,
    /// The answer ends in the middle of an event because the connection breaks
    Reset,
    /// The answer begins under status 200, then an error comes as a chunk of it
    ErrorInStream,
    /// A JSON error with status 402 where a stream was asked for
    JsonError,
    /// The same under status 200, found while the request was queued
    LateJsonError,
    /// A gateway's HTML page, under status 200 and as `text/event-stream`
    Html,
}

impl Scenario {
    /// Its name on a command line and in a header.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value().expect("no variant is skipped");
        value.get_name().to_owned()
    }
}

/// How fast things go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How many keep-alives come before the answer.
    pub(crate) keep_alives: usize,
    /// The pause after each of them.
    pub(crate) after_keep_alive: Duration,
    /// The pause after each write of the answer.
    pub(crate) after_write: Duration,
}

impl Pace {
    /// For people: about two seconds in the queue, and three for the answer.
    pub(crate) const LIVE: Self = Self {
        keep_alives: 8,
        after_keep_alive: Duration::from_millis(280),
        after_write: Duration::from_millis(5),
    };
    /// For tests: the same bytes in the same pieces, without the waiting.
    pub(crate) const HURRIED: Self = Self {
        keep_alives: 8,
        after_keep_alive: Duration::ZERO,
        after_write: Duration::ZERO,
    };
}

const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";
const JSON: &str = "application/json";

const REASONING: &str = "The user sees keep-alives and wonders. The request is queued, so the server sends \
    something to keep the connection open: comment lines in a stream, empty lines before a JSON body. \
    I should also say why they must not be parsed as JSON.";

const ANSWER: &str = "Because your request is waiting for its turn. A connection that says nothing is soon closed by \
    some proxy on the way, so the server says \"still here\" – as a comment line in a stream, as an empty line before \
    a JSON body. Neither is part of the answer.\n\n\
    A client that hands these lines to a JSON parser fails; one that cuts text at the borders of network packets \
    breaks every character of more than one byte: Grüße, Ελλάδα, Привет, こんにちは, 你好, 안녕하세요, 🐋. \
    A parser that works on bytes and gives whole events does neither.";

const PAGE: &str = "<!doctype html>\r\n<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <h1>502 Bad Gateway</h1>\r\n<p>The upstream server did not answer in time.</p>\r\n</body>\r\n</html>\r\n";

/// What the server sends for a request.
pub(crate) fn reply(request: &Request, pace: Pace) -> Reply {
    let whole = Bytes::from(answer(request));
    // In the middle of an event, and of the answer.
    let begun = whole.slice(..whole.len() * 2 / 3);
    match request.scenario {
        Scenario::Busy => queue(request, pace).torn(whole, pace.after_write),
        Scenario::ClosedWhileQueued => queue(request, pace),
        Scenario::Cut => queue(request, pace).torn(begun, pace.after_write),
        Scenario::Reset => queue(request, pace).torn(begun, pace.after_write).reset(),
        Scenario::ErrorInStream => queue(request, pace).torn(failing(request), pace.after_write),
        Scenario::JsonError => error(StatusCode::PAYMENT_REQUIRED, "Insufficient Balance", "unknown_error"),
        Scenario::LateJsonError => late_error(pace),
        Scenario::Html => Reply::new(StatusCode::OK, EVENT_STREAM).torn(PAGE, pace.after_write),
    }
}

/// A JSON error. DeepSeek has sent these as `application/octet-stream`: a client must look at the bytes.
pub(crate) fn error(status: StatusCode, message: &str, kind: &str) -> Reply {
    Reply::new(status, "application/octet-stream").write(error_object(message, kind))
}

/// The keep-alives that come while a request is queued, and as yet nothing more.
fn queue(request: &Request, pace: Pace) -> Reply {
    let (content_type, keep_alive) = if request.stream {
        (EVENT_STREAM, ": keep-alive\n\n")
    } else {
        (JSON, "\n")
    };
    let reply = Reply::new(StatusCode::OK, content_type);
    (0..pace.keep_alives).fold(reply, |reply, _| reply.write(keep_alive).pause(pace.after_keep_alive))
}

/// Empty lines, and then an error instead of an answer.
fn late_error(pace: Pace) -> Reply {
    let reply = Reply::new(StatusCode::OK, EVENT_STREAM);
    (0..pace.keep_alives)
        .fold(reply, |reply, _| reply.write("\n").pause(pace.after_keep_alive))
        .write(error_object("The server is overloaded", "server_error"))
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

/// A word counts as a token here.
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

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}
