//! What is shown of a response, and the exit code: first of bytes, then of whole conversations with a server.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Parser as _;
use llm_response::chat::FinishReason;
use ureq::http::StatusCode;

use super::*;
use server::{Pace, Reply, Server};

/// A screen whose text can be read.
#[derive(Clone, Default)]
struct Shown(Rc<RefCell<Vec<u8>>>);

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shown {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }

    /// All but the last line, which has the figures.
    fn answer(&self) -> String {
        let text = self.text();
        let lines = text.trim_end().rsplit_once('\n');
        lines.map_or("", |(answer, _)| answer.trim_end()).to_owned()
    }
}

/// What is shown of a response with this body, and whether it is an answer.
fn shown(status: u16, body: impl Read) -> (Shown, Result<(), Failure>) {
    shown_with(status, None, body)
}

fn shown_with(status: u16, retry_after: Option<&str>, body: impl Read) -> (Shown, Result<(), Failure>) {
    let shown = Shown::default();
    let mut answer = Answer::new(Screen::plain(shown.clone()));
    let status = StatusCode::from_u16(status).unwrap();
    let judged =
        read(body, &mut answer).and_then(|outcome| answer.finish(status, retry_after.map(str::to_owned), outcome));
    (shown, judged)
}

fn code(judged: &Result<(), Failure>) -> u8 {
    judged.as_ref().err().map_or(0, Failure::exit_code)
}

/// The same with status 200: the text that is shown, and the exit code.
fn read_all(body: &str) -> (String, u8) {
    let (shown, judged) = shown(200, body.as_bytes());
    (shown.answer(), code(&judged))
}

fn stream<'a>(events: impl IntoIterator<Item = &'a str>) -> String {
    events.into_iter().map(|json| format!("data: {json}\n\n")).collect()
}

fn named_stream<const N: usize>(events: [(&str, &str); N]) -> String {
    events
        .map(|(name, json)| format!("event: {name}\ndata: {json}\n\n"))
        .concat()
}

fn delta(delta: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#)
}

fn ends(reason: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{{}},"finish_reason":"{reason}"}}]}}"#)
}

/// An answer of these deltas, to its end mark.
fn whole(deltas: &[&str]) -> String {
    let deltas: Vec<String> = deltas.iter().map(|json| delta(json)).collect();
    let events = deltas.iter().map(String::as_str);
    stream(events.chain([&*ends("stop"), "[DONE]"]))
}

// What is shown.

#[test]
fn a_character_that_is_split_over_two_deltas_is_joined() {
    let body = whole(&[r#"{"content":"a\ud83d"}"#, r#"{"content":"\udc0bb"}"#]);
    assert_eq!(read_all(&body), ("[answer]\na🐋b".into(), 0));
    let body = whole(&[
        r#"{"reasoning_content":"\ud83d"}"#,
        r#"{"reasoning_content":"\udc0b"}"#,
        r#"{"content":"ok"}"#,
    ]);
    assert_eq!(read_all(&body), ("[reasoning]\n🐋\n\n[answer]\nok".into(), 0));
}

#[test]
fn half_a_character_alone_is_replaced() {
    for (deltas, answer) in [
        (vec![r#"{"content":"a\ud83d"}"#], "a\u{fffd}"),
        (vec![r#"{"content":"a\ud83d"}"#, r#"{"content":"b"}"#], "a\u{fffd}b"),
        (vec![r#"{"content":"a\udc0b"}"#, r#"{"content":"b"}"#], "a\u{fffd}b"),
        (vec![r#"{"content":"a\ud83db"}"#], "a\u{fffd}b"),
    ] {
        assert_eq!(
            read_all(&whole(&deltas)),
            (format!("[answer]\n{answer}"), 0),
            "{deltas:?}"
        );
    }
}

#[test]
fn calls_of_tools_are_shown() {
    let body = whole(&[
        r#"{"role":"assistant","content":null}"#,
        r#"{"tool_calls":[{"index":0,"id":"c0","type":"function","function":{"name":"weather","arguments":""}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}"#,
        r#"{"tool_calls":[{"index":1,"id":"c1","type":"function","function":{"name":"time","arguments":"{}"}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"\"Ulm\"}"}}]}"#,
    ]);
    let calls = "[calls weather] {\"city\":\"Ulm\"}\n\n[calls time] {}";
    assert_eq!(read_all(&body), (calls.into(), 0));

    let body = r#"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"c0","type":"function","function":{"name":"time","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#;
    assert_eq!(read_all(body), ("[calls time] {}".into(), 0));
}

#[test]
fn refusals_are_shown() {
    let body = whole(&[r#"{"refusal":"I can"}"#, r#"{"refusal":"not."}"#]);
    assert_eq!(read_all(&body), ("[refusal]\nI cannot.".into(), 0));
    let body = r#"{"choices":[{"message":{"refusal":"No."},"finish_reason":"stop"}]}"#;
    assert_eq!(read_all(body), ("[refusal]\nNo.".into(), 0));
    // Truncated in the middle.
    let body = stream([&*delta(r#"{"refusal":"I can"}"#)]);
    assert_eq!(read_all(&body), ("[refusal]\nI can".into(), 4));
}

#[test]
fn a_body_is_shown() {
    let body = r#"{"choices":[{"message":{"content":"Hi \ud83d","reasoning_content":"Hm"},"finish_reason":"stop"}]}"#;
    let (shown, judged) = shown(200, body.as_bytes());
    assert_eq!(shown.answer(), "[reasoning]\nHm\n\n[answer]\nHi \u{fffd}");
    assert_eq!(code(&judged), 0);
    // When its first token was generated, nobody knows.
    assert!(!shown.text().contains("first token"), "{}", shown.text());
}

const ANTHROPIC: [(&str, &str); 9] = [
    (
        "message_start",
        r#"{"type":"message_start","message":{"id":"m","role":"assistant","usage":{"input_tokens":3}}}"#,
    ),
    (
        "content_block_delta",
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}"#,
    ),
    ("ping", r#"{"type":"ping"}"#),
    (
        "content_block_delta",
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}"#,
    ),
    (
        "content_block_start",
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"time","input":{}}}"#,
    ),
    (
        "content_block_delta",
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
    ),
    ("content_block_stop", r#"{"type":"content_block_stop","index":2}"#),
    (
        "message_delta",
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}"#,
    ),
    ("message_stop", r#"{"type":"message_stop"}"#),
];

const RESPONSES: [(&str, &str); 6] = [
    (
        "response.created",
        r#"{"type":"response.created","response":{"id":"r"}}"#,
    ),
    (
        "response.reasoning_summary_text.delta",
        r#"{"type":"response.reasoning_summary_text.delta","delta":"Hm"}"#,
    ),
    (
        "response.output_text.delta",
        r#"{"type":"response.output_text.delta","output_index":0,"delta":"Hi"}"#,
    ),
    (
        "response.output_item.added",
        r#"{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","call_id":"c","name":"time"}}"#,
    ),
    (
        "response.function_call_arguments.delta",
        r#"{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{}"}"#,
    ),
    (
        "response.completed",
        r#"{"type":"response.completed","response":{"id":"r","output":[{"type":"function_call"}],"usage":{"input_tokens":3,"output_tokens":9}}}"#,
    ),
];

/// What the answer of each other API in these tests holds.
fn shows_reasoning_answer_and_call(body: &str) {
    let (shown, judged) = shown(200, body.as_bytes());
    let text = "[reasoning]\nHm\n\n[answer]\nHi\n\n[calls time] {}";
    assert_eq!((&*shown.answer(), code(&judged)), (text, 0), "{body}");
    let figures = shown.text();
    assert!(figures.contains("finish reason tool_calls"), "{figures}");
    assert!(figures.contains("3 tokens in, 9 tokens out"), "{figures}");
}

#[test]
fn streams_of_other_apis_are_shown() {
    let unnamed = [
        stream(ANTHROPIC.map(|(_, json)| json)),
        stream(RESPONSES.map(|(_, json)| json)),
    ];
    for body in [named_stream(ANTHROPIC), named_stream(RESPONSES)]
        .iter()
        .chain(&unnamed)
    {
        shows_reasoning_answer_and_call(body);
    }
}

#[test]
fn bodies_of_other_apis_are_shown() {
    let anthropic = r#"{"type":"message","id":"m","role":"assistant","content":[{"type":"thinking","thinking":"Hm"},{"type":"text","text":"Hi"},{"type":"tool_use","id":"t","name":"time","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":9}}"#;
    let responses = r#"{"object":"response","id":"r","status":"completed","error":null,"output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}]},{"type":"message","content":[{"type":"output_text","text":"Hi"}]},{"type":"function_call","call_id":"c","name":"time","arguments":"{}"}],"usage":{"input_tokens":3,"output_tokens":9}}"#;
    let ollama = r#"{"model":"m","message":{"role":"assistant","content":"Hi","thinking":"Hm","tool_calls":[{"function":{"name":"time","arguments":{}}}]},"done":true,"done_reason":"tool_calls","prompt_eval_count":3,"eval_count":9}"#;
    let completed = format!(r#"{{"type":"response.completed","response":{responses}}}"#);
    for body in [
        anthropic,
        responses,
        ollama,
        // A stream whose last event has all of the answer.
        &named_stream([("response.completed", &completed)]),
    ] {
        shows_reasoning_answer_and_call(body);
    }
}

/// It is an answer nevertheless, in every dialect.
#[test]
fn bytes_that_are_no_text_are_replaced() {
    for body in [
        stream([&*delta(r#"{"content":"H~i"}"#), &ends("stop"), "[DONE]"]),
        stream([
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"H~i"}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#,
            r#"{"type":"message_stop"}"#,
        ]),
        stream([
            r#"{"type":"response.output_text.delta","delta":"H~i"}"#,
            r#"{"type":"response.completed","response":{}}"#,
        ]),
        // Events of no interest, before and after the text.
        stream([
            r#"{"type":"new","text":"~"}"#,
            &*delta(r#"{"content":"H~i"}"#),
            r#"{"type":"new","text":"~"}"#,
            &ends("stop"),
        ]),
        r#"{"choices":[{"message":{"content":"H~i"},"finish_reason":"stop"}]}"#.to_owned(),
        r#"{"type":"message","content":[{"type":"text","text":"H~i"}],"stop_reason":"end_turn"}"#.to_owned(),
    ] {
        let bytes: Vec<u8> = body
            .bytes()
            .map(|byte| if byte == b'~' { 0xff } else { byte })
            .collect();
        let (shown, judged) = shown(200, &bytes[..]);
        let answer = ("[answer]\nH\u{fffd}i".to_owned(), 0);
        assert_eq!((shown.answer(), code(&judged)), answer, "{body}");
    }
}

#[test]
fn what_this_client_cannot_read_is_refused_aloud() {
    let gemini = r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}"#;
    for body in [
        gemini,
        &stream([gemini]),
        &stream([gemini, "[DONE]"]),
        "data: [DONE]\n\n",
        r#"{"type":"unknown","text":"Hi"}"#,
    ] {
        let (shown, judged) = shown(200, body.as_bytes());
        assert_eq!(code(&judged), 6, "{body}");
        assert_eq!(shown.answer(), "", "{body}");
        if body.contains("Hi") {
            assert!(judged.unwrap_err().to_string().contains("Hi"), "{body}");
        }
    }
}

// How it ends.

/// With a finish reason, each end is as good as another: before, within and after the end mark.
#[test]
fn after_a_finish_reason_every_end_is_good() {
    let body = whole(&[r#"{"content":"all"}"#]);
    let answer = body.find("data: [DONE]").unwrap();
    for end in answer..=body.len() {
        assert_eq!(read_all(&body[..end]), ("[answer]\nall".into(), 0), "after {end} bytes");
    }
    let anthropic = named_stream(ANTHROPIC);
    for end in anthropic.find("event: message_stop").unwrap()..=anthropic.len() {
        assert_eq!(read_all(&anthropic[..end]).1, 0, "after {end} bytes");
    }
}

/// From the first byte to the last: queued, then incomplete, then whole, and never back.
#[test]
fn each_end_has_its_exit_code() {
    let openai = whole(&[
        r#"{"role":"assistant"}"#,
        r#"{"reasoning_content":"Hm"}"#,
        r#"{"content":"Gr\u00fc\u00dfe 🐋"}"#,
    ]);
    for stream in [openai, named_stream(ANTHROPIC), named_stream(RESPONSES)] {
        let body = [": keep-alive\n\n", &stream].concat();
        let mut last = 3;
        for end in 0..=body.len() {
            let (_, judged) = shown(200, &body.as_bytes()[..end]);
            let code = code(&judged);
            assert!(
                matches!((last, code), (3, 3 | 4) | (4, 4 | 0) | (0, 0)),
                "{last}, after {end} bytes {judged:?}"
            );
            last = code;
        }
        assert_eq!(last, 0);
    }
}

/// However many bytes a read gives.
#[test]
fn the_network_changes_nothing() {
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let len = self.1.min(buffer.len());
            self.0.read(&mut buffer[..len])
        }
    }

    let halves = whole(&[r#"{"content":"a\ud83d"}"#, r#"{"content":"\udc0b"}"#]);
    for body in [halves, named_stream(ANTHROPIC), "<html>\n<p>no".to_owned()] {
        let (at_once, judged) = shown(200, body.as_bytes());
        for len in 1..40 {
            let (in_pieces, again) = shown(200, Pieces(body.as_bytes(), len));
            assert_eq!(in_pieces.answer(), at_once.answer(), "{len}");
            assert_eq!(code(&again), code(&judged), "{len}");
        }
    }
}

#[test]
fn before_a_finish_reason_no_end_is_good_and_no_torn_line_is_quoted() {
    let body = stream([&*delta(r#"{"content":"all"}"#), &*ends("stop")]);
    let first = body.find("\n\n").unwrap() + 2;
    for end in first..body.len() - 2 {
        match shown(200, &body.as_bytes()[..end]).1 {
            Err(Failure::Truncated {
                in_answer: true,
                broken: None,
                foreign,
            }) => assert_eq!(foreign, "", "after {end} bytes"),
            judged => panic!("after {end} bytes: {judged:?}"),
        }
    }
}

/// An event that adds nothing to an answer is not a reason why it ends.
#[test]
fn an_event_of_no_interest_is_not_quoted() {
    let body = stream([
        r#"{"choices":[],"prompt_filter_results":[]}"#,
        &*delta(r#"{"content":"all"}"#),
    ]);
    let failure = shown(200, body.as_bytes()).1.unwrap_err();
    assert_eq!(failure.exit_code(), 4);
    assert!(!failure.to_string().contains("prompt_filter_results"), "{failure}");
}

/// A field's name that is torn is not what the server wanted to say.
#[test]
fn a_torn_name_of_a_field_is_not_quoted() {
    for before in [
        "",
        ": keep-alive\n\n",
        "\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n",
    ] {
        for torn in ["d", "da", "data", "ev", "[DO"] {
            let body = [before, torn].concat();
            let failure = shown(200, body.as_bytes()).1.unwrap_err();
            assert!(matches!(failure.exit_code(), 3 | 4), "{body:?}: {failure}");
            assert!(!failure.to_string().contains(&format!(": {torn}")), "{failure}");
        }
    }
}

#[test]
fn what_is_no_answer_is_quoted_to_its_last_line() {
    match shown(502, &b"<html>\n<p>Bad gateway"[..]).1 {
        Err(Failure::SomethingElse(_, foreign)) => assert_eq!(foreign, "<html> <p>Bad gateway"),
        judged => panic!("{judged:?}"),
    }
    match shown(503, &b"upstream connect error"[..]).1 {
        Err(Failure::SomethingElse(_, foreign)) => assert_eq!(foreign, "upstream connect error"),
        judged => panic!("{judged:?}"),
    }
}

#[test]
fn an_answer_that_was_stopped_is_incomplete() {
    for (reason, expected) in [
        ("length", FinishReason::Length),
        ("insufficient_system_resource", FinishReason::InsufficientSystemResource),
    ] {
        let body = stream([&*delta(r#"{"content":"all"}"#), &*ends(reason), "[DONE]"]);
        match shown(200, body.as_bytes()).1 {
            Err(Failure::Stopped(reason)) => assert_eq!(reason, expected),
            judged => panic!("{judged:?}"),
        }
    }
}

#[test]
fn an_error_is_not_followed_by_another_for_the_same_failure() {
    let body = stream([
        &*delta(r#"{"content":"all"}"#),
        r#"{"error":{"message":"overloaded","code":503}}"#,
    ]);
    let failure = shown(200, body.as_bytes()).1.unwrap_err();
    assert_eq!(failure.exit_code(), 5);
    // The answer had begun: a retry would be billed again.
    assert_eq!(
        failure.to_string(),
        "the server reported an error in the stream: overloaded (status 503)"
    );
}

#[test]
fn the_status_decides_whether_a_retry_helps() {
    let body = r#"{"error":{"message":"no","type":"unknown_error"}}"#;
    for (status, retry) in [(402, false), (429, true), (503, true), (200, false)] {
        match shown(status, body.as_bytes()).1 {
            Err(Failure::Refused { retry: said, .. }) => assert_eq!(said, retry, "{status}"),
            judged => panic!("{status}: {judged:?}"),
        }
    }
    let (_, judged) = shown(503, io::empty());
    assert_eq!(code(&judged), 6, "{judged:?}");
}

#[test]
fn the_header_says_how_long_to_wait() {
    let body = r#"{"error":{"message":"no","type":"unknown_error"}}"#;
    for (status, retry_after, words) in [
        (429, Some("20"), "so try again in 20s"),
        (429, None, "so try again later"),
        (429, Some("Fri, 28 Nov 2026 10:00:00 GMT"), "so try again later"),
        (
            402,
            Some("20"),
            "the server sent an error instead of an answer: no (status 402, type unknown_error)",
        ),
    ] {
        let (_, judged) = shown_with(status, retry_after, body.as_bytes());
        let said = judged.unwrap_err().to_string();
        assert!(said.ends_with(words), "{status} {retry_after:?}: {said}");
    }
}

#[test]
fn a_role_alone_is_no_token() {
    /// Gives one piece at each call, the second after a while.
    struct Slow<'a>(Vec<(Duration, &'a [u8])>);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let (pause, piece) = self.0.remove(0);
            std::thread::sleep(pause);
            buffer[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    let role = stream([&*delta(r#"{"role":"assistant","content":""}"#)]);
    let text = whole(&[r#"{"content":"Hi"}"#]);
    let pause = Duration::from_millis(150);
    let start = Instant::now();
    let body = Slow(vec![(Duration::ZERO, role.as_bytes()), (pause, text.as_bytes())]);
    let (shown, judged) = shown(200, body);
    assert!(judged.is_ok() && start.elapsed() >= pause);
    let text = shown.text();
    let (_, after) = text.split_once("first token after ").expect("a token came");
    let seconds: f64 = after.split_once(" s").unwrap().0.parse().unwrap();
    assert!(seconds >= 0.1, "{text}");
    assert!(text.contains("queued 0.0 s"), "{text}");
    // Nothing but the role: no token came.
    let (shown, _) = self::shown(200, role.as_bytes());
    assert!(!shown.text().contains("first token"), "{}", shown.text());
}

// Whole conversations.

/// Asks a server, and gives what is shown and how it ends.
fn asked(server: Server, scenario: Scenario, args: &[&str]) -> (String, Result<(), Failure>) {
    let args = Args::parse_from([&["chat"], args].concat());
    let shown = Shown::default();
    let api = Api::Loopback { server, scenario };
    let judged = chat(&api, &args, Screen::plain(shown.clone()));
    (shown.text(), judged)
}

#[test]
fn each_scenario_has_its_exit_code() {
    for stream in [true, false] {
        let args: &[&str] = if stream { &[] } else { &["--no-stream"] };
        for (scenario, expected) in [
            (Scenario::Busy, 0),
            (Scenario::ClosedWhileQueued, 3),
            (Scenario::Truncated, 4),
            (Scenario::Reset, 4),
            (Scenario::ErrorInStream, if stream { 5 } else { 6 }),
            (Scenario::JsonError, 6),
            (Scenario::LateJsonError, 6),
            (Scenario::Html, 7),
        ] {
            let server = Server::start_at(Pace::HURRIED).unwrap();
            let (text, judged) = asked(server, scenario, args);
            assert_eq!(code(&judged), expected, "{scenario:?} {args:?}: {judged:?}\n{text}");
            let has_begun = expected == 0 || stream && matches!(expected, 4 | 5);
            assert_eq!(
                text.contains("[reasoning]\nThe user sees"),
                has_begun,
                "{scenario:?} {args:?}:\n{text}"
            );
        }
    }
}

#[test]
fn an_answer_is_shown_whole() {
    for args in [&[][..], &["--no-stream"]] {
        let server = Server::start_at(Pace::HURRIED).unwrap();
        let (text, judged) = asked(server, Scenario::Busy, args);
        assert!(judged.is_ok(), "{judged:?}");
        assert!(text.contains("안녕하세요, 🐋. A parser that works on bytes"), "{text}");
        let summary = text.trim_end().lines().last().unwrap();
        assert!(
            summary.starts_with("Whole · outcome Complete · finish reason stop · queued "),
            "{summary}"
        );
        assert!(
            summary.contains("21 tokens in (16 from the cache), 140 tokens out (43 of reasoning)"),
            "{summary}"
        );
    }
}

/// Over a connection, in uneven pieces.
#[test]
fn streams_of_other_apis_are_read_over_a_connection() {
    for body in [named_stream(ANTHROPIC), named_stream(RESPONSES)] {
        let reply = Reply::new(axum::http::StatusCode::OK, "text/event-stream").torn(body, Duration::ZERO);
        let server = Server::start_with(move |_| reply.clone()).unwrap();
        let (text, judged) = asked(server, Scenario::Busy, &[]);
        assert!(judged.is_ok(), "{judged:?}");
        assert!(text.contains("[answer]\nHi\n\n[calls time] {}"), "{text}");
    }
}
