//! What servers send: responses in the shapes and with the habits of each provider, written for these tests.

#![allow(dead_code, unreachable_pub)]

/// A response as the server means it.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: String,
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";
const JSON: &str = "application/json";
const OCTETS: &str = "application/octet-stream";

/// All of them; those with line ends once with LF and once with CRLF.
pub fn all() -> Vec<Scenario> {
    let mut all = Vec::new();
    for scenario in streams().chain(bodies()).chain(errors()).chain(others()) {
        // Text within JSON has no line ends but escaped ones.
        let crlf = String::from_utf8(scenario.body.clone())
            .unwrap()
            .replace('\n', "\r\n")
            .into_bytes();
        if crlf != scenario.body {
            all.push(Scenario {
                name: format!("{}, CRLF", scenario.name),
                body: crlf,
                ..scenario.clone()
            });
        }
        all.push(scenario);
    }
    all
}

/// An answer as DeepSeek gives it, after some time in the queue.
pub fn answer() -> String {
    [
        &": keep-alive\n\n".repeat(5),
        &chunk(r#"{"role":"assistant","content":null,"reasoning_content":""}"#, "null"),
        &chunk(
            r#"{"content":null,"reasoning_content":"The user says \"hi\"."}"#,
            "null",
        ),
        &deltas("content"),
        &last("stop", USAGE),
        DONE,
    ]
    .concat()
}

fn streams() -> impl Iterator<Item = Scenario> {
    let begin = chunk(r#"{"role":"assistant","content":""}"#, "null");
    let deltas = deltas("content");
    let content = [begin.as_str(), &deltas].concat();
    let stop = last("stop", "");
    let finish_reasons = ["length", "content_filter", "tool_calls", "insufficient_system_resource"];
    let streams =
        vec![
        ("DeepSeek", answer()),
        (
            "usage in a last chunk without choices",
            [&content, &stop, "data: {\"id\":\"7\",\"choices\":[]", USAGE, "}\n\n", DONE].concat(),
        ),
        (
            "every finish reason",
            finish_reasons.map(|reason| last(reason, "")).concat() + DONE,
        ),
        (
            "fill in the middle",
            "data: {\"choices\":[{\"text\":\"fn main() {\\n\",\"finish_reason\":null}]}\n\n".repeat(4) + DONE,
        ),
        ("tool calls", tool_calls()),
        (
            "OpenRouter's comments",
            [": OPENROUTER PROCESSING\n\n".repeat(30).as_str(), &content, &stop, DONE].concat(),
        ),
        (
            "OpenRouter's late error",
            [
                &content,
                "data: {\"error\":{\"code\":502,\"message\":\"Überlastet\"},\"choices\":[{\"delta\":{\"content\":\"\"},\
                 \"finish_reason\":\"error\"}]}\n\n",
                DONE,
            ]
            .concat(),
        ),
        ("Anthropic", anthropic("message_stop", r#"{"type":"message_stop"}"#)),
        (
            "Anthropic's error",
            anthropic(
                "error",
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            ),
        ),
        ("Responses, completed", responses("completed")),
        ("Responses, failed", responses("failed")),
        ("Responses, incomplete", responses("incomplete")),
        (
            "bare comments",
            [":\n\n:\n", &content, ":\n\n", &stop, ":\n", DONE].concat(),
        ),
        (
            "an error as a field",
            [&content, "error: {\"code\":500,\"message\":\"kaputt\"}\n\n"].concat(),
        ),
        ("no space after the colon", answer().replace("data: ", "data:")),
        (
            "an empty finish reason",
            [chunk(r#"{"role":null,"content":"嗨"}"#, "\"\""), last("stop", ""), DONE.into()].concat(),
        ),
        (
            "reasoning by another name",
            [self::deltas("reasoning"), content.clone(), stop.clone(), DONE.into()].concat(),
        ),
        (
            "comments without a blank line",
            [": queued\n: queued\n", &content, ": alive\n", &stop, ": alive\n", DONE].concat(),
        ),
        (
            "comments within a block",
            ": a\ndata: {\"a\":\n: b\ndata: 1}\n: c\n\ndata: [DONE]\n\n".into(),
        ),
        ("retry after data", [&content, "retry:0\n\n", &stop, "retry: 250\n", DONE].concat()),
        ("text of a dying upstream", [&content, "upstream connect error\n"].concat()),
        ("ids and names", "id: 1\nevent: message\ndata: {\"ä\":1}\n\nid: 2\ndata: {\"ö\":2}\n\n".repeat(20) + DONE),
        ("no blank line after the end mark", [&content, &stop, "data: [DONE]\n"].concat()),
        ("no line end after the end mark", [&content, &stop, "data: [DONE]"].concat()),
        ("no end mark", [content.as_str(), &stop].concat()),
        ("no end mark and no blank line", [&content, stop.trim_end()].concat()),
        ("events after the end mark", [&content, DONE, &stop, ": alive\n\n", DONE].concat()),
        ("a byte order mark", ["\u{FEFF}", &answer()].concat()),
        ("closed while queued", ": keep-alive\n\n".repeat(12)),
        ("truncated within a character's line", {
            let end = content.len() - 40;
            let end = (end..).find(|end| content.is_char_boundary(*end)).unwrap();
            content[..end].to_owned()
        }),
        ("truncated between two events", content.clone()),
        ("truncated within a name", [&content, "event: mess"].concat()),
        (
            "one long event",
            [&chunk(&format!(r#"{{"content":"{}"}}"#, "Grüße, 世界! ".repeat(2500)), "null"), DONE].concat(),
        ),
    ];
    streams
        .into_iter()
        .map(|(name, body)| Scenario::new(name, 200, EVENT_STREAM, body))
}

fn bodies() -> impl Iterator<Item = Scenario> {
    let body = completion();
    let bodies = vec![
        ("a body", body.clone()),
        ("a body behind blank lines", ["\n".repeat(25).as_str(), &body].concat()),
        (
            "a body behind OpenRouter's white space",
            ["\n         \n".repeat(33).as_str(), &body, "\n"].concat(),
        ),
        ("a body behind spaces", [" ".repeat(40).as_str(), &body].concat()),
        ("four blank lines and no body", "\n".repeat(4)),
        ("nothing", String::new()),
        ("a truncated body", body[..body.len() * 2 / 3].replace('\u{FFFD}', "")),
        ("a body and more", [&body, "\n{}"].concat()),
        (
            "a long body",
            format!("{{\"data\":[{}{{}}]}}", "{\"text\":\"]}\\\"[{ Ω\"},".repeat(2000)),
        ),
    ];
    bodies
        .into_iter()
        .map(|(name, body)| Scenario::new(name, 200, JSON, body))
}

fn errors() -> impl Iterator<Item = Scenario> {
    let error = r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#;
    let late = ["\n\n\n\n", error].concat();
    [400, 401, 402, 422, 429, 500, 503]
        .into_iter()
        .map(move |status| Scenario::new(&format!("error {status}"), status, OCTETS, error.into()))
        .chain([
            Scenario::new("a late error", 200, EVENT_STREAM, late),
            Scenario::new("an error event", 200, EVENT_STREAM, format!("data: {error}\n\n")),
            Scenario::new("an empty error", 500, JSON, String::new()),
        ])
}

fn others() -> impl Iterator<Item = Scenario> {
    let page = "<!doctype html>\n<html>\n<head><title>502</title></head>\n<body>\n\n<h1>Bad: Gateway</h1>\n</body>\n";
    [
        Scenario::new("a page", 502, "text/html", page.into()),
        Scenario::new("a page for a stream", 200, EVENT_STREAM, page.into()),
        Scenario::new("plain text", 503, "text/plain", "no healthy upstream".into()),
    ]
    .into_iter()
}

impl Scenario {
    fn new(name: &str, status: u16, content_type: &'static str, body: String) -> Self {
        Self {
            name: name.to_owned(),
            status,
            content_type,
            body: body.into_bytes(),
        }
    }
}

const DONE: &str = "data: [DONE]\n\n";

const USAGE: &str = r#","usage":{"prompt_tokens":13,"completion_tokens":21,"total_tokens":34,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":5,"completion_tokens_details":{"reasoning_tokens":8}}"#;

/// With characters of two, three and four bytes.
const TEXT: [&str; 6] = ["Grüße", " aus", " 北京", ":\\n\\n", "안녕", " 🐋!"];

fn deltas(member: &str) -> String {
    TEXT.map(|text| chunk(&format!(r#"{{"{member}":"{text}"}}"#), "null"))
        .concat()
}

fn chunk(delta: &str, finish_reason: &str) -> String {
    let choice = format!(r#"{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish_reason}}}"#);
    format!("data: {{\"id\":\"7\",\"object\":\"chat.completion.chunk\",\"choices\":[{choice}]}}\n\n")
}

fn last(finish_reason: &str, usage: &str) -> String {
    let choice = format!(r#"{{"index":0,"delta":{{"content":""}},"finish_reason":"{finish_reason}"}}"#);
    format!("data: {{\"id\":\"7\",\"choices\":[{choice}]{usage}}}\n\n")
}

fn completion() -> String {
    let text = TEXT.concat();
    let choice = format!(r#"{{"index":0,"message":{{"content":"{text} {{\"a\":[1]}}"}},"finish_reason":"stop"}}"#);
    format!("{{\"id\":\"7\",\"object\":\"chat.completion\",\"choices\":[{choice}]{USAGE}}}")
}

/// The first delta has id and name, the later ones an index and a piece of the arguments.
fn tool_calls() -> String {
    let first =
        r#"{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]}"#;
    let mut events = chunk(first, "null");
    for piece in ["{\\\"city", "\\\": \\\"Zü", "rich\\\"}"] {
        let delta = format!(r#"{{"tool_calls":[{{"index":0,"function":{{"arguments":"{piece}"}}}}]}}"#);
        events += &chunk(&delta, "null");
    }
    events + &last("tool_calls", USAGE) + DONE
}

fn anthropic(last: &str, data: &str) -> String {
    let ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    let mut events =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\"}}\n\n".to_owned();
    events += ping;
    for text in TEXT {
        events += "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"";
        events += text;
        events += "\"}}\n\n";
    }
    events + ping + &format!("event: {last}\ndata: {data}\n\n")
}

fn responses(end: &str) -> String {
    let mut events = "event: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":0}\n\n".repeat(3);
    for (index, text) in TEXT.iter().enumerate() {
        events += "event: response.output_text.delta\n";
        events += &format!(
            "data: {{\"type\":\"response.output_text.delta\",\"sequence_number\":{index},\"delta\":\"{text}\"}}\n\n"
        );
    }
    events
        + &format!(
            "event: response.{end}\ndata: {{\"type\":\"response.{end}\",\"response\":{{\"id\":\"resp_1\"}}}}\n\n"
        )
}
