//! What servers, gateways and dying upstreams really send, and what it gives: at every split, in every form.
//!
//! The notation: `Data {}`; `Data x: {}` with the `event` field `x`; `Data [x] {}` where the name `x` comes from the data's
//! first member; `Data(error)` where `is_error` holds; a line end within is `\n`. The last entry is the end.

use crate::common::trace::{Setup, check, trace_of};
use llm_response::{Data, Event, Format, KeepAlive, Parser};

const AUTO: Setup = Setup::new();
const JSON_STREAM: Setup = AUTO.format(Format::JsonStream);

#[track_caller]
fn gives(setup: Setup, response: &str, expected: &[&str]) {
    bytes_give(setup, response.as_bytes(), expected);
}

#[track_caller]
fn bytes_give(setup: Setup, bytes: &[u8], expected: &[&str]) {
    assert_eq!(
        given(setup, bytes, bytes.len()),
        expected,
        "\"{}\"",
        bytes.escape_ascii()
    );
    assert_eq!(
        given(setup, bytes, 1),
        expected,
        "byte by byte \"{}\"",
        bytes.escape_ascii()
    );
    check(bytes, setup);
}

/// What a caller is given and may ask of it, with the bytes in chunks of `len`.
fn given(setup: Setup, bytes: &[u8], len: usize) -> Vec<String> {
    let memory = &mut vec![0; 2 * bytes.len() + 64];
    let mut parser = Parser::in_memory(memory, setup.options());
    let mut given = Vec::new();
    for chunk in bytes.chunks(len.max(1)) {
        if let Err(error) = parser.push(chunk, |event| given.push(shown(event))) {
            given.push(format!("{:?} at {}", error.kind(), error.offset()));
            return given;
        }
    }
    let finish = parser.finish().unwrap();
    given.extend(finish.event.map(|event| "at the end: ".to_owned() + &shown(event)));
    let rest = if finish.rest.is_empty() {
        String::new()
    } else {
        format!(", rest {}", text(finish.rest))
    };
    given.push(format!("{:?}{rest}", finish.outcome));
    given
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\n', "\\n")
}

fn shown(event: Event<'_>) -> String {
    let data = |kind: &str, data: Data<'_>| {
        let kind = kind.to_owned() + if data.is_error() { "(error)" } else { "" };
        let name = match (data.event(), data.name()) {
            (b"", b"") => String::new(),
            (b"", name) => format!(" [{}]", text(name)),
            (event, name) => {
                assert_eq!(event, name);
                format!(" {}:", text(event))
            }
        };
        format!("{kind}{name} {}", text(data.as_bytes())).trim_end().to_owned()
    };
    match event {
        Event::Data(it) => data("Data", it),
        Event::KeepAlive(KeepAlive::Ping(it)) => data("Ping", it),
        Event::KeepAlive(KeepAlive::Comment(it)) => format!("Comment {}", text(it)),
        Event::Body(it) => {
            format!(
                "Body{} {}",
                if it.is_error() { "(error)" } else { "" },
                text(it.as_bytes())
            )
        }
        Event::Unknown(it) => format!("Unknown {}", text(it)),
        Event::KeepAlive(KeepAlive::BlankLine) => "BlankLine".to_owned(),
        other => format!("{other:?}"),
    }
}

// ---- JSON lines, arrays and bodies (R8, R17) ----------------------------------------------------------------------

#[test]
fn ollama_json_lines() {
    let lines = [
        r#"{"message":{"content":"Hi"},"done":false}"#,
        r#"{"message":{"content":"!"},"done":false}"#,
        r#"{"message":{"content":""},"done":true,"done_reason":"stop"}"#,
    ];
    let response = lines.join("\n") + "\n";
    let [a, b, c] = lines.map(|line| format!("Body {line}"));
    gives(AUTO, &response, &[&a, &b, &c, "Unfinished"]);
    let [a, b, c] = lines.map(|line| format!("Data {line}"));
    gives(JSON_STREAM, &response, &[&a, &b, &c, "Done", "Complete"]);
}

#[test]
fn json_lines_without_an_end_mark() {
    let lines = [
        r#"{"content":{"parts":[{"text":"a"}]}}"#,
        r#"{"content":{"parts":[{"text":"b"}]}}"#,
    ];
    let response = lines.join("\n") + "\n";
    let [a, b] = lines.map(|line| format!("Body {line}"));
    gives(AUTO, &response, &[&a, &b, "Unfinished"]);
    let [a, b] = lines.map(|line| format!("Data {line}"));
    gives(JSON_STREAM, &response, &[&a, &b, "Unfinished"]);
    gives(JSON_STREAM.end_mark(false), &response, &[&a, &b, "Complete"]);
}

#[test]
fn gemini_array() {
    let elements = [
        r#"{"candidates":[{"content":{"parts":[{"text":"He"}]}}]}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"llo"}]},"finishReason":"STOP"}]}"#,
    ];
    let response = format!("[{}\n,\n{}\n]", elements[0], elements[1]);
    gives(
        AUTO,
        &response,
        &[&format!("Body {}", text(response.as_bytes())), "Complete"],
    );
    let [a, b] = elements.map(|element| format!("Data {element}"));
    gives(JSON_STREAM, &response, &[&a, &b, "Done", "Complete"]);
}

#[test]
fn gemini_array_of_an_error() {
    let error = r#"{"error":{"code":400,"message":"Please use a valid role","status":"INVALID_ARGUMENT"}}"#;
    let response = format!("[{error}]");
    gives(AUTO, &response, &[&format!("Body(error) {response}"), "Complete"]);
    gives(
        JSON_STREAM,
        &response,
        &[&format!("Data(error) {error}"), "Done", "Complete"],
    );
}

#[test]
fn a_body_with_an_end_mark_right_behind() {
    let body = r#"{"id":"msg_1","choices":[{"message":{"content":"Hi"}}]}"#;
    gives(
        AUTO,
        &format!("{body}data: [DONE]\n\n"),
        &[&format!("Body {body}"), "Done", "Complete"],
    );
}

#[test]
fn an_error_beside_null_choices() {
    let body = r#"{"id":"x","choices":null,"base_resp":{"status_code":1002,"status_msg":"rate limit"}}"#;
    gives(AUTO, body, &[&format!("Body(error) {body}"), "Complete"]);
}

#[test]
fn nothing_at_all() {
    gives(AUTO, "", &["Empty"]);
    gives(JSON_STREAM, "", &["Empty"]);
}

// ---- Event streams (R5, R6) ---------------------------------------------------------------------------------------

#[test]
fn anthropic_without_its_event_lines() {
    gives(
        AUTO,
        "data: {\"type\":\"message_start\",\"message\":{}}\n\ndata: {\"type\":\"ping\"}\n\n\
         data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"Hi\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n",
        &[
            r#"Data [message_start] {"type":"message_start","message":{}}"#,
            r#"Ping [ping] {"type":"ping"}"#,
            r#"Data [content_block_delta] {"type":"content_block_delta","delta":{"text":"Hi"}}"#,
            r#"Data [message_stop] {"type":"message_stop"}"#,
            "Done",
            "Complete",
        ],
    );
}

#[test]
fn openai_responses_without_event_lines() {
    let data = [
        r#"{"type":"response.output_text.delta","delta":"Hi"}"#,
        r#"{"type":"response.completed","response":{"status":"completed"}}"#,
    ];
    gives(
        AUTO,
        &format!("data: {}\n\ndata: {}\n\n", data[0], data[1]),
        &[
            &format!("Data [response.output_text.delta] {}", data[0]),
            &format!("Data [response.completed] {}", data[1]),
            "Done",
            "Complete",
        ],
    );
}

#[test]
fn openai_response_that_failed() {
    let data = r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow down"}}}"#;
    gives(
        AUTO,
        &format!("event: response.failed\ndata: {data}\n\n"),
        &[&format!("Data(error) response.failed: {data}"), "Done", "Complete"],
    );
}

#[test]
fn an_error_by_code_and_message() {
    let data = r#"{"code":"Throttling.RateQuota","message":"limit","request_id":"r"}"#;
    gives(
        AUTO,
        &format!("data:{data}\n\n"),
        &[&format!("Data(error) {data}"), "Unfinished"],
    );
}

#[test]
fn an_error_as_a_field() {
    let error = r#"{"code":400,"message":"exceeds the available context size","type":"invalid_request_error"}"#;
    gives(
        AUTO,
        &format!("error: {error}\n\ndata: [DONE]\n\n"),
        &[&format!("Data(error) error: {error}"), "Done", "Complete"],
    );
}

#[test]
fn pings_without_data() {
    gives(
        AUTO,
        "event: ping\n\nevent: ping\n\n",
        &["Ping ping:", "Ping ping:", "KeepAliveOnly"],
    );
}

#[test]
fn an_error_without_data() {
    gives(AUTO, "event: error\ndata:\n\n", &["Data(error) error:", "Unfinished"]);
    gives(AUTO, "event: error\n\n", &["Data(error) error:", "Unfinished"]);
}

#[test]
fn coze_done_with_empty_data() {
    gives(
        AUTO,
        "event:conversation.chat.completed\ndata:{\"status\":\"completed\"}\n\nevent:done\ndata:\n\n",
        &[
            r#"Data conversation.chat.completed: {"status":"completed"}"#,
            "Data done:",
            "Done",
            "Complete",
        ],
    );
}

#[test]
fn coze_done_in_quotes() {
    gives(
        AUTO,
        "event:conversation.message.delta\ndata:{\"content\":\"Hi\"}\n\nevent:done\ndata:\"[DONE]\"\n\n",
        &[
            r#"Data conversation.message.delta: {"content":"Hi"}"#,
            "Done",
            "Complete",
        ],
    );
}

#[test]
fn null_among_the_data() {
    let data = [
        r#"{"choices":[{"delta":{"content":"P"}}]}"#,
        "null",
        r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
    ];
    let response = data.map(|data| format!("data: {data}\n\n")).concat() + "data: [DONE]\n\n";
    let [a, b, c] = data.map(|data| format!("Data {data}"));
    gives(AUTO, &response, &[&a, &b, &c, "Done", "Complete"]);
}

#[test]
fn cohere_end_and_an_end_mark() {
    let data = r#"{"type":"message-end","delta":{"finish_reason":"COMPLETE"}}"#;
    gives(
        AUTO,
        &format!("event: message-end\ndata: {data}\n\ndata: [DONE]\n\n"),
        &[&format!("Data message-end: {data}"), "Done", "Complete"],
    );
}

#[test]
fn a_stream_without_an_end_mark() {
    let data = [
        r#"{"choices":[{"delta":{"content":"Hi"},"finish_reason":null}]}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
    ];
    let response = data.map(|data| format!("data: {data}\r\n\r\n")).concat();
    let [a, b] = data.map(|data| format!("Data {data}"));
    gives(AUTO, &response, &[&a, &b, "Unfinished"]);
    gives(AUTO.end_mark(false), &response, &[&a, &b, "Complete"]);
}

#[test]
fn an_error_and_a_bare_end_mark() {
    let data = r#"{"error":{"message":"m","type":"server_error"}}"#;
    gives(
        AUTO,
        &format!("data: {data}\n\n[DONE]\n\n"),
        &[&format!("Data(error) {data}"), "Done", "Complete"],
    );
}

#[test]
fn data_lines_without_blank_lines() {
    gives(
        AUTO,
        "data: {\"a\":1}\ndata: {\"b\":2}\ndata: [DONE]\n",
        &[r#"Truncated, rest {"a":1}\n{"b":2}\n[DONE]"#],
    );
}

#[test]
fn a_name_alone_is_output() {
    gives(
        AUTO,
        "event: message_start\n: keep-alive\n\n",
        &["Comment keep-alive", "Unfinished"],
    );
}

// ---- JSON and pages within a stream (R5, R11, R16) ----------------------------------------------------------------

#[test]
fn a_json_error_after_keep_alives() {
    let error = r#"{"error":{"code":503,"message":"overloaded"}}"#;
    gives(
        AUTO,
        &format!(": keep-alive\n\n: keep-alive\n\n{error}\n"),
        &[
            "Comment keep-alive",
            "Comment keep-alive",
            &format!("Body(error) {error}"),
            "Complete",
        ],
    );
}

#[test]
fn a_json_error_on_several_lines_in_mid_stream() {
    let data = r#"{"candidates":[{"content":{"parts":[{"text":"He"}]}}]}"#;
    let error = "{\n  \"error\": {\n    \"code\": 429,\n    \"status\": \"RESOURCE_EXHAUSTED\"\n  }\n}";
    gives(
        AUTO,
        &format!("data: {data}\n\n{error}\n"),
        &[
            &format!("Data {data}"),
            &format!("Body(error) {}", text(error.as_bytes())),
            "Unfinished",
        ],
    );
}

#[test]
fn code_sent_without_its_field_is_unknown() {
    gives(
        AUTO,
        "data: {\n  \"name\" : \"hello\"\n}\n\n",
        &[r#"Unknown   "name" : "hello""#, "Unknown }", "Data {", "Unfinished"],
    );
}

#[test]
fn compressed_and_binary_bodies_are_not_text() {
    bytes_give(
        AUTO,
        b"\x1f\x8b\x08\0\0\0\0\0\0\x02\x03\x4b\x49\x2c\x49\xb4\x52",
        &["NotText { byte: 31 } at 0"],
    );
    bytes_give(
        AUTO,
        b"\0\0\0\x7b\0\0\0\x4b\x0a\x2e\x96\xaf\x0b\x3a\x65\x76",
        &["NotText { byte: 0 } at 0"],
    );
}

#[test]
fn a_chunked_framing_in_the_body_is_unknown_lines() {
    gives(
        AUTO,
        "1d\r\ndata: {\"choices\":[{\"a\":1}]}\n\n\r\ne\r\ndata: [DONE]\n\n\r\n0\r\n\r\n",
        &[
            "Unknown 1d",
            r#"Data {"choices":[{"a":1}]}"#,
            "BlankLine",
            "Unknown e",
            "Done",
            "BlankLine",
            "Unknown 0",
            "Complete",
        ],
    );
}

#[test]
fn a_page_after_empty_data_is_not_safe_to_retry() {
    gives(
        AUTO,
        "data:\n<html>",
        &["at the end: Ping", "Unrecognized, rest <html>"],
    );
}

#[test]
fn ids_and_retry_of_what_was_never_given_do_not_count() {
    for truncated in [
        &b"id: 7\ndata: {}\n\nid: 8\ndata: {\"b\":"[..],
        b"id: 7\ndata: {}\n\nid: 8",
        b"id: 7\ndata: {}\n\nretry: 30",
    ] {
        let memory = &mut [0; 128];
        let trace = trace_of(&mut Parser::in_memory(memory, AUTO.options()), [truncated]);
        assert_eq!((&trace.after.last_event_id.0[..], trace.after.retry), (&b"7"[..], None));
        check(truncated, AUTO);
    }
}

#[test]
fn errors_are_seen_in_each_shape() {
    let is_error = |bytes: &[u8]| {
        let memory = &mut vec![0; 2 * bytes.len() + 64];
        let mut errors = Vec::new();
        Parser::in_memory(memory, AUTO.options())
            .push(bytes, |event| match event {
                llm_response::Event::Data(data) => errors.push(data.is_error()),
                llm_response::Event::Body(body) => errors.push(body.is_error()),
                _ => {}
            })
            .unwrap();
        errors
    };
    for bytes in [
        &b"[{\"error\":{\"code\":400,\"message\":\"m\"}}]"[..],
        b"event: response.failed\ndata: {\"type\":\"response.failed\"}\n\n",
        b"data:{\"code\":\"Throttling.RateQuota\",\"message\":\"limit\",\"request_id\":\"r\"}\n\n",
        b"{\"id\":\"x\",\"choices\":null,\"base_resp\":{\"status_code\":1002,\"status_msg\":\"rate limit\"}}",
        b"error: {\"code\":400}\n\n",
        b"event: error\ndata:\n\n",
    ] {
        assert_eq!(is_error(bytes), [true], "{}", bytes.escape_ascii());
    }
    assert_eq!(is_error(b"data: null\n\n"), [false]);
    assert_eq!(is_error(b"{\"error\":null}"), [false]);
}
