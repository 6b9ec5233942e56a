//! End marks and ends as servers send them, with traces written by hand from the rules: at every split, in every form.

use crate::common::trace::{Setup, check, trace_of};
use llm_response::{Dialect, Format, Parser};

const AUTO: Setup = Setup::new();
const EVENT_SOURCE: Setup = AUTO.format(Format::EventStream).dialect(Dialect::EventSource);

#[track_caller]
fn gives(setup: Setup, bytes: &[u8], expected: &[&str]) {
    let memory = &mut vec![0; 2 * bytes.len() + 64];
    let heard = trace_of(&mut Parser::in_memory(memory, setup.options()), [bytes]).heard();
    let events = heard.events.iter().map(|event| format!("{event:?}"));
    let given: Vec<_> = events.chain([format!("{:?}", heard.end)]).collect();
    assert_eq!(given, expected, "\"{}\"", bytes.escape_ascii());
    check(bytes, setup);
}

#[test]
fn a_terminal_name_with_empty_data_gives_data_and_done() {
    gives(
        AUTO,
        b"event:done\ndata:\n\n",
        &[r#"Data(event "done", "")"#, "Done", "Finish(Complete)"],
    );
}

#[test]
fn a_terminal_name_by_type_gives_done() {
    gives(
        AUTO,
        b"data: {\"type\":\"response.completed\"}\n\n",
        &[
            r#"Data(name "response.completed", "{\"type\":\"response.completed\"}")"#,
            "Done",
            "Finish(Complete)",
        ],
    );
}

#[test]
fn done_is_given_once_where_two_marks_came() {
    let data = r#"Data(event "message-end", "{}")"#;
    gives(
        AUTO,
        b"event: message-end\ndata: {}\n\ndata: [DONE]\n\n",
        &[data, "Done", "Finish(Complete)"],
    );
    gives(
        AUTO,
        b"data: [DONE]\n\nevent: message-end\ndata: {}\n\n",
        &["Done", data, "Finish(Complete)"],
    );
}

#[test]
fn null_is_data_and_no_end() {
    gives(
        AUTO,
        b"data: null\n\ndata: [DONE]\n\n",
        &[r#"Data("null")"#, "Done", "Finish(Complete)"],
    );
}

#[test]
fn a_finish_reason_is_no_end_mark_unless_the_server_sends_none() {
    let bytes = b"data: {\"a\":1}\r\n\r\n";
    let data = r#"Data("{\"a\":1}")"#;
    gives(AUTO, bytes, &[data, "Finish(Unfinished)"]);
    gives(AUTO.end_mark(false), bytes, &[data, "Finish(Complete)"]);
}

#[test]
fn without_end_marks_an_array_still_has_to_be_closed() {
    let setup = AUTO.format(Format::JsonStream).end_mark(false);
    gives(setup, b"{} ", &[r#"Data("{}")"#, "Finish(Complete)"]);
    gives(setup, b"[{},", &[r#"Data("{}")"#, "Finish(Unfinished)"]);
}

#[test]
fn an_array_is_one_body_where_no_json_stream_was_asked_for() {
    gives(
        AUTO,
        b"[{}\n,\n{}\n]",
        &[r#"Body("[{}\n,\n{}\n]")"#, "Finish(Complete)"],
    );
}

#[test]
fn what_may_be_truncated_at_the_end_is_not_trusted() {
    gives(AUTO, b"event: message_stop\n", &["Finish(Truncated)"]);
    gives(AUTO, b"data: {}\nevent: ping", &[r#"Finish(Truncated, rest "{}")"#]);
    gives(AUTO, b"error: {}", &[r#"Finish(Truncated, rest "{}")"#]);
    gives(AUTO, b"data:", &["Finish(Truncated)"]);
}

#[test]
fn a_lenient_end_gives_what_is_complete_and_withholds_the_rest() {
    let lenient = EVENT_SOURCE.lenient_end(true);
    gives(EVENT_SOURCE, b"data: {}", &[r#"Finish(Truncated, rest "{}")"#]);
    gives(lenient, b"data: {}", &[r#"Finish(Data("{}"), Complete)"#]);
    gives(lenient, b"data: [DONE]", &[r#"Finish(Data("[DONE]"), Complete)"#]);
    gives(lenient, b"data: {", &[r#"Finish(Truncated, rest "{")"#]);
}

#[test]
fn after_a_cr_neither_boundary_holds_until_the_next_byte() {
    let boundaries = |bytes: &'static [u8]| {
        let memory = &mut [0; 64];
        let mut parser = Parser::in_memory(memory, AUTO.options());
        parser.push(bytes, |_| {}).unwrap();
        (parser.at_line_boundary(), parser.at_event_boundary())
    };
    assert_eq!(boundaries(b": q\r"), (false, false));
    assert_eq!(boundaries(b": q\r\n"), (true, true));
    assert_eq!(boundaries(b"data: 1\r\n\r"), (false, false));
    assert_eq!(boundaries(b"data: 1\r\n\r\n"), (true, true));
}
