//! What Anthropic's messages API says, which DeepSeek has under `/anthropic` as well. A queued stream gets pings, which
//! are events with a name.

use axum::http::StatusCode;
use serde_json::json;

use super::scenario::Script;
use super::text::{ANSWER, REASONING, words};
use super::{Reply, Request};

/// The path that asks for these answers.
pub(super) const PATH: &str = "/v1/messages";

const PING: &str = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
const SIGNATURE: &str = "bG9vcGJhY2s=";

pub(super) fn script(request: &Request) -> Script {
    Script {
        keep_alive: PING,
        answer: answer(request),
        failing: failing(request),
        refusal: refusal(),
        late_error: error_object("overloaded_error", "Overloaded"),
    }
}

fn refusal() -> Reply {
    let error = error_object("billing_error", "Your credit balance is too low");
    Reply::new(StatusCode::PAYMENT_REQUIRED, "application/json").write(error)
}

fn answer(request: &Request) -> String {
    if request.stream {
        let mut events = pieces(&request.model);
        events.extend([
            event("content_block_stop", r#""index":1"#),
            event(
                "message_delta",
                &format!(
                    r#""delta":{{"stop_reason":"end_turn","stop_sequence":null}},"usage":{{"output_tokens":{}}}"#,
                    output_tokens()
                ),
            ),
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n".to_owned(),
        ]);
        events.concat()
    } else {
        let (thinking, text) = (json!(REASONING), json!(ANSWER));
        let content = format!(
            r#"{{"type":"thinking","thinking":{thinking},"signature":"{SIGNATURE}"}},{{"type":"text","text":{text}}}"#
        );
        message(&request.model, &content, r#""end_turn""#, output_tokens())
    }
}

/// Half an answer, then an error in its place.
fn failing(request: &Request) -> String {
    let error = error_object("api_error", "The model stopped working");
    if request.stream {
        let mut events = pieces(&request.model);
        events.truncate(events.len() * 2 / 3);
        events.push(format!("event: error\ndata: {error}\n\n"));
        events.concat()
    } else {
        error
    }
}

/// A block of thinking and one of text, each word an event, and a ping in between. The second block is left open.
fn pieces(model: &str) -> Vec<String> {
    let thinking = |word| {
        format!(
            r#""index":0,"delta":{{"type":"thinking_delta","thinking":{}}}"#,
            json!(word)
        )
    };
    let text = |word| format!(r#""index":1,"delta":{{"type":"text_delta","text":{}}}"#, json!(word));
    let delta = |members: String| event("content_block_delta", &members);
    let start = format!(r#""message":{}"#, message(model, "", "null", 1));
    let mut events = vec![event("message_start", &start)];
    let block = r#""index":0,"content_block":{"type":"thinking","thinking":"","signature":""}"#;
    events.push(event("content_block_start", block));
    events.extend(words(REASONING).map(thinking).map(delta));
    events.push(delta(format!(
        r#""index":0,"delta":{{"type":"signature_delta","signature":"{SIGNATURE}"}}"#
    )));
    events.push(event("content_block_stop", r#""index":0"#));
    events.push(PING.to_owned());
    let block = r#""index":1,"content_block":{"type":"text","text":""}"#;
    events.push(event("content_block_start", block));
    events.extend(words(ANSWER).map(text).map(delta));
    events
}

fn message(model: &str, content: &str, stop_reason: &str, output_tokens: usize) -> String {
    let model = json!(model);
    format!(
        r#"{{"id":"msg_01loopback","type":"message","role":"assistant","model":{model},"content":[{content}],"stop_reason":{stop_reason},"stop_sequence":null,"usage":{{"input_tokens":21,"cache_creation_input_tokens":0,"cache_read_input_tokens":16,"output_tokens":{output_tokens}}}}}"#
    )
}

/// The type stands in the name of the event, and in its data.
fn event(kind: &str, members: &str) -> String {
    format!("event: {kind}\ndata: {{\"type\":\"{kind}\",{members}}}\n\n")
}

fn error_object(kind: &str, message: &str) -> String {
    let (kind, message) = (json!(kind), json!(message));
    format!(r#"{{"type":"error","error":{{"type":{kind},"message":{message}}},"request_id":"req_01loopback"}}"#)
}

fn output_tokens() -> usize {
    words(REASONING).count() + words(ANSWER).count()
}
