//! The reference decoder against traces that were written by hand: first section 9.2.6 of the HTML standard, sentence
//! by sentence, then the contract, rule by rule.
//!
//! An expected trace is text: a line for each event with the state after it (position, phase, and what is not zero,
//! empty or false of: keep-alives, last event id, retry, at a line boundary, at an event boundary), and one for the end.

use crate::common;

use common::{
    reference::decode,
    trace::{Setup, Split},
};
use llm_response::{Dialect, Format};

const AUTO: Setup = Setup::new();
const STREAM: Setup = AUTO.format(Format::EventStream);
const STANDARD: Setup = STREAM.dialect(Dialect::EventSource);
const JSON: Setup = AUTO.format(Format::Json);
const VALUES: Setup = AUTO.format(Format::JsonStream);

#[track_caller]
fn expect(bytes: &[u8], setup: Setup, expected: &[&str]) {
    let mut lines = decode(bytes, setup).lines();
    lines.retain(|line| !line.starts_with("taken"));
    assert_eq!(lines, expected, "\"{}\"", bytes.escape_ascii());
}

/// The state before `finish`.
#[track_caller]
fn expect_taken(bytes: &[u8], setup: Setup, expected: &str) {
    let taken = decode(bytes, setup).taken.expect("an error came first");
    assert_eq!(format!("{taken:?}"), expected, "\"{}\"", bytes.escape_ascii());
}

mod html_standard {
    use super::*;

    /// "Streams must be decoded using the UTF-8 decode algorithm", which strips one byte order mark.
    #[test]
    fn one_byte_order_mark_is_stripped() {
        expect(
            b"\xEF\xBB\xBFdata: a\n\n",
            STANDARD,
            &[
                r#"Data("a") @12 Receiving line event"#,
                "Finish(Complete) @12 Receiving line event",
            ],
        );
        expect(
            b"\xEF\xBB\xBF\xEF\xBB\xBFdata\n",
            STANDARD,
            &[
                r#"Unknown("\xef\xbb\xbfdata") @11 Waiting line"#,
                "Finish(Unrecognized) @11 Waiting line",
            ],
        );
    }

    /// "a CRLF pair, a single LF not preceded by a CR, and a single CR not followed by an LF being the ways in which a
    /// line can end"
    #[test]
    fn lines_end_in_three_ways() {
        expect(
            b"data: a\n\ndata: b\r\n\r\ndata: c\r\r",
            STANDARD,
            &[
                r#"Data("a") @9 Receiving line event"#,
                r#"Data("b") @19 Receiving"#,
                r#"Data("c") @29 Receiving"#,
                "Finish(Complete) @29 Receiving",
            ],
        );
        // LF CR is two line ends.
        expect(
            b"data: a\n\rdata: b\n\r",
            STANDARD,
            &[
                r#"Data("a") @9 Receiving"#,
                r#"Data("b") @18 Receiving"#,
                "Finish(Complete) @18 Receiving",
            ],
        );
    }

    /// "a data buffer, an event type buffer, and a last event ID buffer [...] must be initialized to the empty string"
    #[test]
    fn buffers_begin_empty() {
        expect(
            b"data: a\n\n",
            STANDARD,
            &[
                r#"Data("a") @9 Receiving line event"#,
                "Finish(Complete) @9 Receiving line event",
            ],
        );
        expect(b"", STANDARD, &["Finish(Empty) @0 Waiting line event"]);
    }

    /// "If the line is empty (a blank line): Dispatch the event"
    #[test]
    fn a_blank_line_dispatches() {
        expect(
            b"data: a\n\ndata: b\n\n",
            STANDARD,
            &[
                r#"Data("a") @9 Receiving line event"#,
                r#"Data("b") @18 Receiving line event"#,
                "Finish(Complete) @18 Receiving line event",
            ],
        );
        // A line of one space is not empty.
        expect(
            b"data: a\n \n",
            STANDARD,
            &[
                r#"Unknown(" ") @10 Waiting line"#,
                r#"Finish(Truncated, rest "a") @10 Waiting line"#,
            ],
        );
    }

    /// "If the line starts with a U+003A COLON character (:): Ignore the line."
    #[test]
    fn a_line_that_starts_with_a_colon_is_ignored() {
        expect(
            b":data: a\n:\ndata: b\n:\n\n",
            STANDARD,
            &[
                r#"Comment("data: a") @9 Waiting alive 1 line event"#,
                r#"Comment("") @11 Waiting alive 2 line event"#,
                r#"Comment("") @21 Waiting alive 3 line"#,
                r#"Data("b") @22 Receiving alive 3 line event"#,
                "Finish(Complete) @22 Receiving alive 3 line event",
            ],
        );
    }

    /// "Collect the characters on the line before the first U+003A COLON character (:), and let field be that string."
    #[test]
    fn the_first_colon_ends_the_name() {
        expect(
            b"data:a:b:\n\n",
            STANDARD,
            &[
                r#"Data("a:b:") @11 Receiving line event"#,
                "Finish(Complete) @11 Receiving line event",
            ],
        );
        expect(
            b"data :a\n",
            STANDARD,
            &[
                r#"Unknown("data :a") @8 Waiting line"#,
                "Finish(Unrecognized) @8 Waiting line",
            ],
        );
    }

    /// "If value starts with a U+0020 SPACE character, remove it from value."
    #[test]
    fn one_leading_space_is_removed() {
        expect(
            b"data:a\n\ndata: a\n\ndata:  a\n\ndata:\ta \n\n",
            STANDARD,
            &[
                r#"Data("a") @8 Receiving line event"#,
                r#"Data("a") @17 Receiving line event"#,
                r#"Data(" a") @27 Receiving line event"#,
                r#"Data("\ta ") @37 Receiving line event"#,
                "Finish(Complete) @37 Receiving line event",
            ],
        );
    }

    /// "Otherwise, the string is not empty but does not contain a U+003A COLON character (:): Process the field [...]
    /// using the whole line as the field name, and the empty string as the field value."
    #[test]
    fn a_line_without_a_colon_is_a_name() {
        expect(
            b"event: x\nid: 1\ndata\ndata\nevent\nid\n\n",
            STANDARD,
            &[
                r#"Data("\n") @35 Receiving line event"#,
                "Finish(Complete) @35 Receiving line event",
            ],
        );
    }

    /// "Once the end of the file is reached, any pending data must be discarded. (If the file ends in the middle of an
    /// event, before the final empty line, the incomplete event is not dispatched.)"
    #[test]
    fn an_incomplete_event_is_discarded() {
        expect(
            b"data: a\n",
            STANDARD,
            &[r#"Finish(Truncated, rest "a") @8 Waiting line"#],
        );
        expect(b"data: a", STANDARD, &[r#"Finish(Truncated, rest "a") @7 Waiting"#]);
    }

    /// "Field names must be compared literally, with no case folding performed."
    #[test]
    fn case_matters() {
        expect(
            b"Data: a\nDATA: a\n\n",
            STANDARD,
            &[
                r#"Unknown("Data: a") @8 Waiting line"#,
                r#"Unknown("DATA: a") @16 Waiting line"#,
                "Finish(Unrecognized) @17 Waiting line event",
            ],
        );
    }

    /// "If the field name is "event": Set the event type buffer to the field value."
    #[test]
    fn event_sets_the_type() {
        expect(
            b"event: x\nevent: y\ndata: a\n\ndata: b\n\n",
            STANDARD,
            &[
                r#"Data(event "y", "a") @27 Receiving line event"#,
                r#"Data("b") @36 Receiving line event"#,
                "Finish(Complete) @36 Receiving line event",
            ],
        );
    }

    /// "If the field name is "data": Append the field value to the data buffer, then append a single U+000A LINE FEED
    /// (LF) character to the data buffer." With the dispatch: "If the data buffer's last character is a U+000A LINE FEED
    /// (LF) character, then remove the last character from the data buffer."
    #[test]
    fn data_lines_are_joined() {
        expect(
            b"data: YHOO\rdata: +2\r\ndata: 10\n\n",
            STANDARD,
            &[
                r#"Data("YHOO\n+2\n10") @31 Receiving line event"#,
                "Finish(Complete) @31 Receiving line event",
            ],
        );
    }

    /// "If the field name is "id": If the field value does not contain U+0000 NULL, then set the last event ID buffer to
    /// the field value. Otherwise, ignore the field."
    #[test]
    fn an_id_with_a_nul_is_ignored() {
        expect(
            b"id: 1\nid: 2\0\ndata: a\n\nid: \0\ndata: b\n\n",
            STANDARD,
            &[
                r#"Data(id "1", "a") @22 Receiving id "1" line event"#,
                r#"Data(id "1", "b") @37 Receiving id "1" line event"#,
                r#"Finish(Complete) @37 Receiving id "1" line event"#,
            ],
        );
    }

    /// "If the field name is "retry": If the field value consists of only ASCII digits, then interpret the field value as
    /// an integer in base ten, and set the event stream's reconnection time to that integer. Otherwise, ignore the field."
    #[test]
    fn retry_takes_digits_only() {
        expect(
            b"retry: 007\n\nretry: 1.5\n\nretry:  8\n\nretry: -9\n\n",
            STANDARD,
            &["Finish(Empty) @46 Waiting retry 7 line event"],
        );
    }

    /// "Otherwise: The field is ignored."
    #[test]
    fn other_fields_are_ignored() {
        expect(
            b"data: a\nerror: {}\ndata: b\n\n",
            STANDARD,
            &[
                r#"Unknown("error: {}") @18 Waiting line"#,
                r#"Data("a\nb") @27 Receiving line event"#,
                "Finish(Complete) @27 Receiving line event",
            ],
        );
    }

    /// "Set the last event ID string of the event source to the value of the last event ID buffer. The buffer does not
    /// get reset, so the last event ID string of the event source remains set to this value until the next time it is
    /// set by the server."
    #[test]
    fn the_last_event_id_stays() {
        expect(
            b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
            STANDARD,
            &[
                r#"Data(id "1", "a") @15 Receiving id "1" line event"#,
                r#"Data(id "1", "b") @24 Receiving id "1" line event"#,
                r#"Data("c") @36 Receiving line event"#,
                "Finish(Complete) @36 Receiving line event",
            ],
        );
    }

    /// "If the data buffer is an empty string, set the data buffer and the event type buffer to the empty string and
    /// return." The id is set before that.
    #[test]
    fn a_block_without_data_is_no_event() {
        expect(
            b"event: x\nid: 1\n\ndata: a\n\n",
            STANDARD,
            &[
                r#"Data(id "1", "a") @25 Receiving id "1" line event"#,
                r#"Finish(Complete) @25 Receiving id "1" line event"#,
            ],
        );
    }

    /// The standard's example of four blocks: "The last block [...] is discarded".
    #[test]
    fn example_of_four_blocks() {
        expect(
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
            STANDARD,
            &[
                r#"Comment("test stream") @14 Waiting alive 1 line event"#,
                r#"Data(id "1", "first event") @40 Receiving alive 1 id "1" line event"#,
                r#"Data("second event") @62 Receiving alive 1 line event"#,
                r#"Finish(Truncated, rest " third event") @81 Receiving alive 1 line"#,
            ],
        );
    }

    /// The standard's example of empty data: "The following stream fires two events".
    #[test]
    fn example_of_empty_data() {
        expect(
            b"data\n\ndata\ndata\n\ndata:",
            STANDARD,
            &[
                r#"Data("") @6 Receiving line event"#,
                r#"Data("\n") @17 Receiving line event"#,
                "Finish(Truncated) @22 Receiving",
            ],
        );
    }
}

#[test]
fn r01_only_the_first_byte_order_mark_is_skipped() {
    expect(
        b"\xEF\xBB\xBF{}",
        JSON,
        &[r#"Body("{}") @5 Complete"#, "Finish(Complete) @5 Complete"],
    );
    expect(
        b"\xEF\xBB\xBFdata: a\n\n",
        AUTO,
        &[
            r#"Data("a") @12 Receiving line event"#,
            "Finish(Unfinished) @12 Receiving line event",
        ],
    );
    expect(
        b"\n\xEF\xBB\xBF\n",
        AUTO,
        &[
            "BlankLine @1 Waiting alive 1 line event",
            r#"Unknown("\xef\xbb\xbf") @5 Waiting alive 1 line"#,
            "Finish(Unrecognized) @5 Waiting alive 1 line",
        ],
    );
    expect(b"\xEF\xBB\xBF", STREAM, &["Finish(Empty) @3 Waiting line event"]);
    expect(b"\xEF\xBB\xBF", AUTO, &["Finish(Empty) @3 Waiting"]);
}

#[test]
fn r01_a_broken_mark_is_ordinary_bytes() {
    expect(
        b"\xEF\xBBx\n",
        AUTO,
        &[
            r#"Unknown("\xef\xbbx") @4 Waiting line"#,
            "Finish(Unrecognized) @4 Waiting line",
        ],
    );
    expect(
        b"\xEF\xBB",
        AUTO,
        &[r#"Finish(Unknown("\xef\xbb"), Unrecognized) @2 Waiting"#],
    );
    expect(
        b"\xEF\xBB",
        STANDARD,
        &[r#"Finish(Truncated, rest "\xef\xbb") @2 Waiting"#],
    );
    let error = "Error(NotJson { byte: 239 }, offset 0) @0 Waiting";
    for bytes in [&b"\xEF"[..], b"\xEF\xBB", b"\xEF\xBB{}", b"\xEF{}"] {
        expect(bytes, JSON, &[error]);
    }
    expect_taken(b"\xEF\xBB", JSON, "@2 Waiting");
}

#[test]
fn r02_line_ends_before_the_first_byte_are_blank_lines() {
    expect(
        b"\r\n \t\n\r {}",
        AUTO,
        &[
            "BlankLine @1 Waiting alive 1",
            "BlankLine @5 Waiting alive 2",
            "BlankLine @6 Waiting alive 3",
            r#"Body("{}") @9 Complete alive 3"#,
            "Finish(Complete) @9 Complete alive 3",
        ],
    );
}

#[test]
fn r02_auto_decides_by_the_first_byte() {
    let body = [r#"Body("[]") @2 Complete"#, "Finish(Complete) @2 Complete"];
    expect(b"[]", AUTO, &body);
    let body = [r#"Body("\"\"") @2 Complete"#, "Finish(Complete) @2 Complete"];
    expect(b"\"\"", AUTO, &body);
    expect(
        b"12\n",
        AUTO,
        &[
            r#"Unknown("12") @3 Waiting line"#,
            "Finish(Unrecognized) @3 Waiting line",
        ],
    );
    // The spaces of the lead-in belong to no line.
    expect(
        b"  data: a\n\n",
        AUTO,
        &[
            r#"Data("a") @11 Receiving line event"#,
            "Finish(Unfinished) @11 Receiving line event",
        ],
    );
    expect(
        b" : a\n",
        AUTO,
        &[
            r#"Comment("a") @5 Waiting alive 1 line event"#,
            "Finish(KeepAliveOnly) @5 Waiting alive 1 line event",
        ],
    );
}

#[test]
fn r02_an_event_stream_has_no_lead_in() {
    expect(
        b"\n  data: x\n{}\n",
        STREAM,
        &[
            "BlankLine @1 Waiting alive 1 line event",
            r#"Unknown("  data: x") @11 Waiting alive 1 line"#,
            r#"Unknown("{}") @14 Waiting alive 1 line"#,
            "Finish(Unrecognized) @14 Waiting alive 1 line",
        ],
    );
}

#[test]
fn r02_json_takes_what_can_begin_a_value() {
    for first in *b"-0123456789tfn" {
        let body = format!("Body(\"{0}\") @1 Complete", first as char);
        expect(&[first, b'\n'], JSON, &[&body, "Finish(Complete) @2 Complete"]);
    }
    for first in *b"<:d+.}]'NTF\0" {
        let error = format!("Error(NotJson {{ byte: {first} }}, offset 2) @2 Waiting alive 1");
        let bytes = [b'\n', b' ', first];
        expect(&bytes, JSON, &["BlankLine @1 Waiting alive 1", &error]);
    }
}

#[test]
fn r03_a_cr_ends_the_line_at_once() {
    expect(
        b"data: a\r\r",
        AUTO,
        &[r#"Data("a") @9 Receiving"#, "Finish(Unfinished) @9 Receiving"],
    );
    // Its LF is taken with what comes next.
    expect(
        b": a\r\n\r\ndata: b\r\n\r\n",
        AUTO,
        &[
            r#"Comment("a") @4 Waiting alive 1"#,
            r#"Data("b") @17 Receiving alive 1"#,
            "Finish(Unfinished) @18 Receiving alive 1 line event",
        ],
    );
    expect(
        b"\r\n\n\r\r\n",
        STREAM,
        &[
            "BlankLine @1 Waiting alive 1",
            "BlankLine @3 Waiting alive 2 line event",
            "BlankLine @4 Waiting alive 3",
            "BlankLine @5 Waiting alive 4",
            "Finish(KeepAliveOnly) @6 Waiting alive 4 line event",
        ],
    );
}

#[test]
fn r04_a_comment_leaves_its_block_as_it_was() {
    expect(
        b"data: a\n: b\n:c\n:  d\n:\n: \ndata: e\n\n",
        AUTO,
        &[
            r#"Comment("b") @12 Waiting alive 1 line"#,
            r#"Comment("c") @15 Waiting alive 2 line"#,
            r#"Comment(" d") @20 Waiting alive 3 line"#,
            r#"Comment("") @22 Waiting alive 4 line"#,
            r#"Comment("") @25 Waiting alive 5 line"#,
            r#"Data("a\ne") @34 Receiving alive 5 line event"#,
            "Finish(Unfinished) @34 Receiving alive 5 line event",
        ],
    );
}

#[test]
fn r05_retry_takes_effect_at_once_and_saturates() {
    expect(
        b"retry: 5\n: a\nretry:\nretry\nretry: +1\n: b\nretry: 99999999999999999999999\n: c\nretry:0\n\n",
        AUTO,
        &[
            r#"Comment("a") @13 Waiting alive 1 retry 5 line"#,
            r#"Comment("b") @40 Waiting alive 2 retry 5 line"#,
            r#"Comment("c") @75 Waiting alive 3 retry 18446744073709551615 line"#,
            "Finish(KeepAliveOnly) @84 Waiting alive 3 retry 0 line event",
        ],
    );
    expect(
        b"retry: 18446744073709551615\n: a\nretry: 18446744073709551616\n: b\nretry: 18446744073709551614\n: c\n",
        AUTO,
        &[
            r#"Comment("a") @32 Waiting alive 1 retry 18446744073709551615 line"#,
            r#"Comment("b") @64 Waiting alive 2 retry 18446744073709551615 line"#,
            r#"Comment("c") @96 Waiting alive 3 retry 18446744073709551614 line"#,
            "Finish(KeepAliveOnly) @96 Waiting alive 3 retry 18446744073709551614 line",
        ],
    );
}

#[test]
fn r05_an_unknown_line_is_given_whole_at_its_own_end() {
    expect(
        b"<html>\ndata: a\n error: b\n\n",
        AUTO,
        &[
            r#"Unknown("<html>") @7 Waiting line"#,
            r#"Unknown(" error: b") @25 Waiting line"#,
            r#"Data("a") @26 Receiving line event"#,
            "Finish(Unfinished) @26 Receiving line event",
        ],
    );
}

#[test]
fn r05_an_id_counts_from_the_end_of_its_block() {
    expect(
        b"id: 1\n: a\n\n: b\n",
        AUTO,
        &[
            r#"Comment("a") @10 Waiting alive 1 line"#,
            r#"Comment("b") @15 Waiting alive 2 id "1" line event"#,
            r#"Finish(KeepAliveOnly) @15 Waiting alive 2 id "1" line event"#,
        ],
    );
}

#[test]
fn r06_a_blank_line_after_a_line_is_no_event() {
    expect(
        b": c\n\n\nid: 1\n\n\nevent: ping\n\n",
        AUTO,
        &[
            r#"Comment("c") @4 Waiting alive 1 line event"#,
            "BlankLine @6 Waiting alive 2 line event",
            r#"BlankLine @14 Waiting alive 3 id "1" line event"#,
            r#"Ping(event "ping", id "1", "") @27 Waiting alive 4 id "1" line event"#,
            r#"Finish(KeepAliveOnly) @27 Waiting alive 4 id "1" line event"#,
        ],
    );
    expect(
        b"x\n\n\n",
        AUTO,
        &[
            r#"Unknown("x") @2 Waiting line"#,
            "BlankLine @4 Waiting alive 1 line event",
            "Finish(Unrecognized) @4 Waiting alive 1 line event",
        ],
    );
}

#[test]
fn r06_done_is_trimmed() {
    for bytes in [
        &b"data: [DONE]\n\n"[..],
        b"data:[DONE]\n\n",
        b"data: \t [DONE] \t\n\n",
        b"data\ndata: [DONE]\ndata:\n\n",
        b"event: ping\ndata: [DONE]\n\n",
        b"event: message_stop\ndata: [DONE]\n\n",
    ] {
        let done = format!("Done @{} Complete line event", bytes.len());
        let finish = format!("Finish(Complete) @{} Complete line event", bytes.len());
        expect(bytes, AUTO, &[&done, &finish]);
    }
    for data in ["[done]", "[DONE]x", "[ DONE]", "[DO\\nNE]", "[DONE]\\x0c"] {
        let bytes = format!(
            "data: {}\n\n",
            data.replace("\\n", "\ndata: ").replace("\\x0c", "\u{c}")
        );
        let event = format!("Data(\"{data}\") @{} Receiving line event", bytes.len());
        let finish = format!("Finish(Unfinished) @{} Receiving line event", bytes.len());
        expect(bytes.as_bytes(), AUTO, &[&event, &finish]);
    }
}

#[test]
fn r06_done_takes_the_id_of_its_block() {
    expect(
        b"id: 1\ndata: [DONE]\n\n",
        AUTO,
        &[
            r#"Done @20 Complete id "1" line event"#,
            r#"Finish(Complete) @20 Complete id "1" line event"#,
        ],
    );
}

#[test]
fn r06_some_names_end_the_stream() {
    for name in [
        "message_stop",
        "response.completed",
        "response.failed",
        "response.incomplete",
    ] {
        for data in ["{}", ""] {
            let bytes = format!("event: {name}\ndata: {data}\n\n");
            let len = bytes.len();
            let event = format!("Data(event \"{name}\", \"{data}\") @{len} Receiving line event");
            let done = format!("Done @{len} Complete line event");
            let finish = format!("Finish(Complete) @{len} Complete line event");
            expect(bytes.as_bytes(), AUTO, &[&event, &done, &finish]);
        }
    }
    // Without data it is `Done` at once.
    expect(
        b"event: message_stop\n\n",
        AUTO,
        &[
            "Done @21 Complete line event",
            "Finish(Complete) @21 Complete line event",
        ],
    );
}

#[test]
fn r06_some_names_are_pings() {
    for name in ["ping", "keepalive", "keep-alive", "keep_alive", "heartbeat"] {
        let bytes = format!("id: 1\nevent: {name}\ndata: {{}}\n\n");
        let len = bytes.len();
        let ping = format!("Ping(event \"{name}\", id \"1\", \"{{}}\") @{len} Waiting alive 1 id \"1\" line event");
        let finish = format!("Finish(KeepAliveOnly) @{len} Waiting alive 1 id \"1\" line event");
        expect(bytes.as_bytes(), AUTO, &[&ping, &finish]);
    }
    expect(
        b"event: Ping\ndata: a\n\nevent: ping\nevent\ndata: b\n\n",
        AUTO,
        &[
            r#"Data(event "Ping", "a") @21 Receiving line event"#,
            r#"Data("b") @48 Receiving line event"#,
            "Finish(Unfinished) @48 Receiving line event",
        ],
    );
}

#[test]
fn r06_empty_data_is_a_ping() {
    expect(
        b"data\n\nevent: x\ndata: \n\ndata\ndata\n\ndata:  \n\n",
        AUTO,
        &[
            r#"Ping("") @6 Waiting alive 1 line event"#,
            r#"Data(event "x", "") @23 Receiving alive 1 line event"#,
            r#"Data("\n") @34 Receiving alive 1 line event"#,
            r#"Data(" ") @43 Receiving alive 1 line event"#,
            "Finish(Unfinished) @43 Receiving alive 1 line event",
        ],
    );
}

#[test]
fn r06_event_source_always_gives_data() {
    expect(
        b"data: [DONE]\n\nevent: ping\ndata\n\nevent: message_stop\ndata: {}\n\n\n",
        STANDARD,
        &[
            r#"Data("[DONE]") @14 Receiving line event"#,
            r#"Data(event "ping", "") @32 Receiving line event"#,
            r#"Data(event "message_stop", "{}") @62 Receiving line event"#,
            "BlankLine @63 Receiving alive 1 line event",
            "Finish(Complete) @63 Receiving alive 1 line event",
        ],
    );
}

#[test]
fn r07_done_is_not_the_end() {
    expect(
        b"data: [DONE]\n\n: a\ndata: b\n\ndata: c",
        AUTO,
        &[
            "Done @14 Complete line event",
            r#"Comment("a") @18 Complete alive 1 line event"#,
            r#"Data("b") @27 Complete alive 1 line event"#,
            r#"Finish(Complete, rest "c") @34 Complete alive 1"#,
        ],
    );
}

#[test]
fn r08_a_body_ends_with_its_bracket_or_quote() {
    for body in [
        &b"{}"[..],
        b"[[{\"a\":[]}],{}]",
        b"{\"a\":\"}\"}",
        b"{\"a\\\"}\":1}",
        b"[\"\\\\\"]",
        b"\"{\"",
        b"\"\\\"\"",
        b"{]",
        b"[}",
        b"{\n\r}",
        b"\"\n\"",
    ] {
        let event = format!("Body(\"{}\") @{} Complete alive 1", body.escape_ascii(), body.len() + 1);
        let finish = format!("Finish(Complete) @{} Complete alive 1", body.len() + 5);
        for (setup, boundaries) in [(AUTO, " line event"), (JSON, "")] {
            let bytes = [b"\n", body, b" \t\r\n"].concat();
            expect(
                &bytes,
                setup,
                &[&format!("BlankLine @1 Waiting alive 1{boundaries}"), &event, &finish],
            );
        }
    }
}

#[test]
fn r08_other_scalars_end_before_white_space() {
    expect(
        b"-1.5e3\r\n",
        JSON,
        &[r#"Body("-1.5e3") @6 Complete"#, "Finish(Complete) @8 Complete"],
    );
    expect(
        b"true x",
        JSON,
        &[
            r#"Body("true") @4 Complete"#,
            "Error(TrailingBytes { byte: 120 }, offset 5) @5 Complete",
        ],
    );
    expect(
        b"1,\"a b",
        JSON,
        &[
            r#"Body("1,\"a") @4 Complete"#,
            "Error(TrailingBytes { byte: 98 }, offset 5) @5 Complete",
        ],
    );
}

#[test]
fn r08_what_follows_a_body_in_auto_is_no_error() {
    expect(
        b"{} \n{}",
        AUTO,
        &[
            r#"Body("{}") @2 Complete"#,
            r#"Body("{}") @6 Complete"#,
            "Finish(Unfinished) @6 Complete",
        ],
    );
    expect(
        b"\"a\"\x0c",
        AUTO,
        &[
            r#"Body("\"a\"") @3 Complete"#,
            r#"Finish(Unknown("\x0c"), Complete) @4 Complete"#,
        ],
    );
}

#[test]
fn r09_a_block_counts_its_lines_and_their_ends() {
    // "data: a", "id:1" and "x", each plus one.
    let bytes = b"data: a\r\nid:1\rx\r\n\r\n";
    expect(
        bytes,
        AUTO.max_len(15),
        &[
            r#"Unknown("x") @16 Waiting"#,
            r#"Data(id "1", "a") @18 Receiving id "1""#,
            r#"Finish(Unfinished) @19 Receiving id "1" line event"#,
        ],
    );
    expect(
        bytes,
        AUTO.max_len(14),
        &["Error(TooLong { limit: 14 }, offset 15) @15 Waiting"],
    );
    expect(
        bytes,
        AUTO.max_len(13),
        &["Error(TooLong { limit: 13 }, offset 14) @14 Waiting"],
    );
    expect(
        bytes,
        AUTO.max_len(12),
        &["Error(TooLong { limit: 12 }, offset 13) @13 Waiting"],
    );
    expect(
        bytes,
        AUTO.max_len(8),
        &["Error(TooLong { limit: 8 }, offset 9) @9 Waiting"],
    );
    expect(
        bytes,
        AUTO.max_len(7),
        &["Error(TooLong { limit: 7 }, offset 7) @7 Waiting"],
    );
    expect(
        bytes,
        AUTO.max_len(0),
        &["Error(TooLong { limit: 0 }, offset 0) @0 Waiting"],
    );
}

#[test]
fn r09_each_block_counts_anew() {
    expect(
        b"data\n\ndata\n\ndata\ndata\n\n",
        AUTO.max_len(5),
        &[
            r#"Ping("") @6 Waiting alive 1 line event"#,
            r#"Ping("") @12 Waiting alive 2 line event"#,
            "Error(TooLong { limit: 5 }, offset 17) @17 Waiting alive 2",
        ],
    );
}

#[test]
fn r09_a_comment_counts_beside_its_block_and_not_afterwards() {
    expect(
        b"data\n: 345\n: 345\nd\n",
        AUTO.max_len(10),
        &[
            r#"Comment("345") @11 Waiting alive 1 line"#,
            r#"Comment("345") @17 Waiting alive 2 line"#,
            r#"Unknown("d") @19 Waiting alive 2 line"#,
            r#"Finish(Ping(""), Unrecognized) @19 Waiting alive 3 line"#,
        ],
    );
    expect(
        b"data\n: 3456\n",
        AUTO.max_len(10),
        &["Error(TooLong { limit: 10 }, offset 10) @10 Waiting"],
    );
    expect(
        b": 3\n: 345",
        AUTO.max_len(3),
        &[
            r#"Comment("3") @4 Waiting alive 1 line event"#,
            "Error(TooLong { limit: 3 }, offset 7) @7 Waiting alive 1",
        ],
    );
    expect(
        b":\n",
        AUTO.max_len(0),
        &["Error(TooLong { limit: 0 }, offset 0) @0 Waiting"],
    );
}

#[test]
fn r09_the_end_of_input_counts_nothing() {
    expect(
        b"data: [DONE]",
        AUTO.max_len(12),
        &["Finish(Done, Complete) @12 Complete"],
    );
    expect(
        b"data: [DONE]\n",
        AUTO.max_len(12),
        &["Error(TooLong { limit: 12 }, offset 12) @12 Waiting"],
    );
}

#[test]
fn r09_the_lead_in_and_blank_lines_are_free() {
    expect(
        b"\xEF\xBB\xBF \n \t ",
        AUTO.max_len(0),
        &[
            "BlankLine @5 Waiting alive 1",
            "Finish(KeepAliveOnly) @8 Waiting alive 1",
        ],
    );
    expect(
        b"\xEF\xBB\xBF\n\r\n",
        STREAM.max_len(0),
        &[
            "BlankLine @4 Waiting alive 1 line event",
            "BlankLine @5 Waiting alive 2",
            "Finish(KeepAliveOnly) @6 Waiting alive 2 line event",
        ],
    );
    expect(
        b"    data\n\n",
        AUTO.max_len(5),
        &[
            r#"Ping("") @10 Waiting alive 1 line event"#,
            "Finish(KeepAliveOnly) @10 Waiting alive 1 line event",
        ],
    );
}

#[test]
fn r09_a_broken_mark_counts() {
    for bytes in [&b"\xEF\xBB"[..], b"\xEF\xBBx"] {
        expect(
            bytes,
            AUTO.max_len(1),
            &["Error(TooLong { limit: 1 }, offset 1) @1 Waiting"],
        );
    }
    expect_taken(b"\xEF\xBB", AUTO.max_len(1), "@2 Waiting");
}

#[test]
fn r09_a_body_counts_its_length() {
    let body = [
        r#"Body("[1]") @4 Complete alive 1"#,
        "Finish(Complete) @6 Complete alive 1",
    ];
    let blank = "BlankLine @1 Waiting alive 1 line event";
    expect(b"\n[1]  ", AUTO.max_len(3), &[blank, body[0], body[1]]);
    expect(
        b"\n[1]  ",
        AUTO.max_len(2),
        &[blank, "Error(TooLong { limit: 2 }, offset 3) @3 Receiving alive 1"],
    );
    expect(
        b"12 ",
        JSON.max_len(2),
        &[r#"Body("12") @2 Complete"#, "Finish(Complete) @3 Complete"],
    );
    expect(
        b"12",
        JSON.max_len(1),
        &["Error(TooLong { limit: 1 }, offset 1) @1 Receiving"],
    );
    expect(
        b"12",
        JSON.max_len(0),
        &["Error(TooLong { limit: 0 }, offset 0) @0 Waiting"],
    );
}

#[test]
fn r09_a_slice_lowers_the_limit_by_the_id() {
    expect(
        b"id:12\ndata:\n\ndata:\n\n",
        AUTO.slice(12),
        &[
            r#"Ping(id "12", "") @13 Waiting alive 1 id "12" line event"#,
            r#"Ping(id "12", "") @20 Waiting alive 2 id "12" line event"#,
            r#"Finish(KeepAliveOnly) @20 Waiting alive 2 id "12" line event"#,
        ],
    );
    expect(
        b"id:12\ndata:\n\n: 3456789a\n: 3456789ab\n",
        AUTO.slice(12),
        &[
            r#"Ping(id "12", "") @13 Waiting alive 1 id "12" line event"#,
            r#"Comment("3456789a") @24 Waiting alive 2 id "12" line event"#,
            r#"Error(TooLong { limit: 10 }, offset 34) @34 Waiting alive 2 id "12""#,
        ],
    );
    // `max_len` is not lowered by the id.
    expect(
        b"id:12\n\ndata:1\n\n",
        AUTO.slice(12).max_len(7),
        &[
            r#"Data(id "12", "1") @15 Receiving id "12" line event"#,
            r#"Finish(Unfinished) @15 Receiving id "12" line event"#,
        ],
    );
    // An id that takes all there is starves the stream.
    expect(
        b"id:12345\n\n\n:",
        AUTO.slice(9).max_len(9),
        &[
            r#"BlankLine @11 Waiting alive 1 id "12345" line event"#,
            r#"Finish(Comment(""), KeepAliveOnly) @12 Waiting alive 2 id "12345""#,
        ],
    );
    expect(
        b"{}   ",
        AUTO.slice(2),
        &[r#"Body("{}") @2 Complete"#, "Finish(Complete) @5 Complete"],
    );
    expect(
        b"{ }",
        AUTO.slice(2),
        &["Error(TooLong { limit: 2 }, offset 2) @2 Receiving"],
    );
}

#[test]
fn r10_an_error_keeps_what_was_before_it() {
    expect(
        b"id: 1\nretry: 2\n\nretry: 3\ndata: 45678\n",
        STANDARD.max_len(18),
        &[r#"Error(TooLong { limit: 18 }, offset 34) @34 Waiting id "1" retry 3"#],
    );
    let trace = decode(b"{}x", JSON);
    assert_eq!(trace.taken, None);
}

#[test]
fn r11_the_end_completes_a_block() {
    for open in ["", "\n"] {
        let bytes = format!("data: {{}}{open}");
        let boundary = if open.is_empty() { "" } else { " line" };
        let finish = format!(
            "Finish(Data(\"{{}}\"), Unfinished) @{} Receiving{boundary}",
            bytes.len()
        );
        expect(bytes.as_bytes(), AUTO, &[&finish]);
        let bytes = format!("data: [DONE]{open}");
        let finish = format!("Finish(Done, Complete) @{} Complete{boundary}", bytes.len());
        expect(bytes.as_bytes(), AUTO, &[&finish]);
        let bytes = format!("event: ping\ndata: {{{open}");
        let finish = format!(
            "Finish(Ping(event \"ping\", \"{{\"), KeepAliveOnly) @{} Waiting alive 1{boundary}",
            bytes.len()
        );
        expect(bytes.as_bytes(), AUTO, &[&finish]);
    }
    expect(b"data:", AUTO, &["Finish(Truncated) @5 Waiting"]);
}

#[test]
fn r11_data_is_given_only_if_it_is_whole() {
    for data in ["{}", " [1] ", "{\"a\":\"}\"}", "[}", "{\ndata: }"] {
        let bytes = format!("data:{data}");
        let text = data.replace("\ndata: ", "\n").trim_start_matches(' ').to_owned();
        let finish = format!(
            "Finish(Data(\"{}\"), Unfinished) @{} Receiving",
            text.escape_default(),
            bytes.len()
        );
        expect(bytes.as_bytes(), AUTO, &[&finish]);
    }
    for data in ["{", "{}}", "{}{}", "x", "12", "\"a\"", "{\"}", "[DONE", "[DONE]]", "\t"] {
        let bytes = format!("data: {data}");
        let finish = format!(
            "Finish(Truncated, rest \"{}\") @{} Waiting",
            data.escape_default(),
            bytes.len()
        );
        expect(bytes.as_bytes(), AUTO, &[&finish]);
    }
    expect(
        b"data: [\ndata: 1\ndata",
        AUTO,
        &[r#"Finish(Truncated, rest "[\n1\n") @20 Waiting"#],
    );
}

#[test]
fn r11_a_terminal_event_without_its_blank_line_is_complete() {
    expect(
        b"event: message_stop\ndata: {}",
        AUTO,
        &[r#"Finish(Data(event "message_stop", "{}"), Complete) @28 Receiving"#],
    );
    expect(
        b"event: message_stop\ndata: {",
        AUTO,
        &[r#"Finish(Truncated, rest "{") @27 Waiting"#],
    );
    expect(b"event: message_stop\ndata:", AUTO, &["Finish(Truncated) @25 Waiting"]);
}

#[test]
fn r11_a_name_without_data_is_truncated() {
    expect(b"event: x", AUTO, &["Finish(Truncated) @8 Waiting"]);
    expect(b"event\n", AUTO, &["Finish(Truncated) @6 Waiting line"]);
    expect(b"event: x\n\n", AUTO, &["Finish(Unfinished) @10 Receiving line event"]);
    expect(
        b"event: x\n: c",
        AUTO,
        &[r#"Finish(Comment("c"), Truncated) @12 Waiting alive 1"#],
    );
}

#[test]
fn r11_the_open_line_is_given_where_the_block_gives_nothing() {
    expect(
        b": a",
        AUTO,
        &[r#"Finish(Comment("a"), KeepAliveOnly) @3 Waiting alive 1"#],
    );
    expect(
        b"Bad Gateway",
        AUTO,
        &[r#"Finish(Unknown("Bad Gateway"), Unrecognized) @11 Waiting"#],
    );
    expect(
        b"data: {\n: a",
        AUTO,
        &[r#"Finish(Comment("a"), Truncated, rest "{") @11 Waiting alive 1"#],
    );
    expect(
        b"data: {\nda",
        AUTO,
        &[r#"Finish(Unknown("da"), Truncated, rest "{") @10 Waiting"#],
    );
    // Where the block gives an event, the line counts nowhere.
    expect(
        b"data: {}\n: a",
        AUTO,
        &[r#"Finish(Data("{}"), Unfinished) @12 Receiving"#],
    );
    expect(
        b"data:\nda",
        AUTO,
        &[r#"Finish(Ping(""), Unrecognized, rest "da") @8 Waiting alive 1"#],
    );
}

#[test]
fn r11_an_unknown_line_after_data_is_truncated() {
    expect(
        b"data: a\n\ndat",
        AUTO,
        &[
            r#"Data("a") @9 Receiving line event"#,
            r#"Finish(Unknown("dat"), Truncated) @12 Receiving"#,
        ],
    );
    expect(
        b"data: a\n\nx\n",
        AUTO,
        &[
            r#"Data("a") @9 Receiving line event"#,
            r#"Unknown("x") @11 Receiving line"#,
            "Finish(Unfinished) @11 Receiving line",
        ],
    );
    expect(
        b"data: [DONE]\n\nx",
        AUTO,
        &[
            "Done @14 Complete line event",
            r#"Finish(Unknown("x"), Complete) @15 Complete"#,
        ],
    );
}

#[test]
fn r11_the_first_outcome_that_holds() {
    expect(
        b"x\n: a\n",
        AUTO,
        &[
            r#"Unknown("x") @2 Waiting line"#,
            r#"Comment("a") @6 Waiting alive 1 line"#,
            "Finish(Unrecognized) @6 Waiting alive 1 line",
        ],
    );
    expect(
        b"x\n: a",
        AUTO,
        &[
            r#"Unknown("x") @2 Waiting line"#,
            r#"Finish(Comment("a"), Unrecognized) @5 Waiting alive 1"#,
        ],
    );
    expect(
        b": a\nid: 1\n",
        AUTO,
        &[
            r#"Comment("a") @4 Waiting alive 1 line event"#,
            "Finish(KeepAliveOnly) @10 Waiting alive 1 line",
        ],
    );
    expect(b"id: 1\n", AUTO, &["Finish(Empty) @6 Waiting line"]);
}

#[test]
fn r11_id_and_retry_of_the_open_line_do_not_count() {
    expect(b"id: 1", AUTO, &["Finish(Empty) @5 Waiting"]);
    expect(b"retry: 12", AUTO, &["Finish(Empty) @9 Waiting"]);
    expect(
        b"data: {}\nid: 1",
        AUTO,
        &[r#"Finish(Data("{}"), Unfinished) @14 Receiving"#],
    );
    expect(b"id: 1\ndata: {", AUTO, &[r#"Finish(Truncated, rest "{") @13 Waiting"#]);
    expect_taken(b"retry: 1\nretry: 12", AUTO, "@18 Waiting retry 1");
    expect_taken(b"id: 1", AUTO, "@5 Waiting");
}

#[test]
fn r12_an_open_block_is_discarded() {
    expect(
        b"data: a\nid: 1\ndata: b",
        STANDARD,
        &[r#"Finish(Truncated, rest "a\nb") @21 Waiting"#],
    );
    expect(
        b"data: a\ndata",
        STANDARD,
        &[r#"Finish(Truncated, rest "a\n") @12 Waiting"#],
    );
    expect(
        b"data: a\ndat",
        STANDARD,
        &[r#"Finish(Truncated, rest "a") @11 Waiting"#],
    );
    expect(b"event: x\n", STANDARD, &["Finish(Truncated) @9 Waiting line"]);
    expect(b"id: 1\nretry: 2", STANDARD, &["Finish(Truncated) @14 Waiting"]);
    expect(
        b"data: a\n\nid: 1\n",
        STANDARD,
        &[
            r#"Data("a") @9 Receiving line event"#,
            "Finish(Complete) @15 Receiving line",
        ],
    );
}

#[test]
fn r12_a_retry_counts_but_for_that_of_the_open_line() {
    expect(
        b"retry: 1\n\nretry: 2\n: a\nretry: 3",
        STANDARD,
        &[
            r#"Comment("a") @23 Waiting alive 1 retry 2 line"#,
            "Finish(Truncated) @31 Waiting alive 1 retry 2",
        ],
    );
    expect(b"retry: 2\n", STANDARD, &["Finish(Empty) @9 Waiting retry 2 line"]);
    expect_taken(b"retry: 1\n\nretry: 2\nretry: 3", STANDARD, "@27 Waiting retry 2");
    expect(
        b"retry: 2\n\n",
        STANDARD,
        &["Finish(Empty) @10 Waiting retry 2 line event"],
    );
}

#[test]
fn r12_an_open_comment_is_nothing() {
    expect(b": a", STANDARD, &["Finish(Empty) @3 Waiting"]);
    expect(
        b"data: a\n\n: a",
        STANDARD,
        &[r#"Data("a") @9 Receiving line event"#, "Finish(Complete) @12 Receiving"],
    );
    expect(
        b"x\n: a\n",
        STANDARD,
        &[
            r#"Unknown("x") @2 Waiting line"#,
            r#"Comment("a") @6 Waiting alive 1 line"#,
            "Finish(Unrecognized) @6 Waiting alive 1 line",
        ],
    );
    expect(
        b": a\n",
        STANDARD,
        &[
            r#"Comment("a") @4 Waiting alive 1 line event"#,
            "Finish(KeepAliveOnly) @4 Waiting alive 1 line event",
        ],
    );
}

#[test]
fn r13_the_end_before_a_body() {
    for (setup, at) in [
        (AUTO, " line event"),
        (JSON, ""),
        (AUTO.dialect(Dialect::EventSource), " line event"),
    ] {
        expect(b"", setup, &[&format!("Finish(Empty) @0 Waiting{at}")]);
        expect(b" \t", setup, &["Finish(Empty) @2 Waiting"]);
        expect(
            b"\n\n\n\n",
            setup,
            &[
                &format!("BlankLine @1 Waiting alive 1{at}"),
                &format!("BlankLine @2 Waiting alive 2{at}"),
                &format!("BlankLine @3 Waiting alive 3{at}"),
                &format!("BlankLine @4 Waiting alive 4{at}"),
                &format!("Finish(KeepAliveOnly) @4 Waiting alive 4{at}"),
            ],
        );
    }
}

#[test]
fn r13_the_end_within_a_body() {
    expect(
        b" {\"a\":\"",
        AUTO,
        &[r#"Finish(Truncated, rest "{\"a\":\"") @7 Receiving"#],
    );
    expect(b"\"", AUTO, &[r#"Finish(Truncated, rest "\"") @1 Receiving"#]);
    expect(b"nul", JSON, &[r#"Finish(Body("nul"), Complete) @3 Complete"#]);
    expect_taken(b"nul", JSON, "@3 Receiving");
}

#[test]
fn r14_phase() {
    expect(
        b": a\nx\nevent: ping\ndata: {}\n\ndata: a\n\ndata: [DONE]\n\ndata: b\n\n",
        AUTO,
        &[
            r#"Comment("a") @4 Waiting alive 1 line event"#,
            r#"Unknown("x") @6 Waiting alive 1 line"#,
            r#"Ping(event "ping", "{}") @28 Waiting alive 2 line event"#,
            r#"Data("a") @37 Receiving alive 2 line event"#,
            "Done @51 Complete alive 2 line event",
            r#"Data("b") @60 Complete alive 2 line event"#,
            "Finish(Complete) @60 Complete alive 2 line event",
        ],
    );
    expect_taken(b" ", JSON, "@1 Waiting");
    expect_taken(b" 1", JSON, "@2 Receiving");
    expect_taken(b"[", AUTO, "@1 Receiving");
    expect_taken(b"data: a\n", AUTO, "@8 Waiting line");
}

#[test]
fn r15_boundaries_of_a_stream() {
    for (bytes, boundaries) in [
        (&b""[..], " line event"),
        (b"\n", " line event"),
        (b"\r", ""),
        (b":", ""),
        (b":\n", " line event"),
        (b":\r", ""),
        (b":\r\n", " line event"),
        (b"d", ""),
        (b"data\n", " line"),
        (b"data\r", ""),
        (b"data\r\n", " line"),
        (b"data\n:", ""),
        (b"data\n:\n", " line"),
        (b"id\n", " line"),
        (b"x\n", " line"),
        (b"id\n\n", " line event"),
        (b"x\r\n\r", ""),
        (b"x\r\n\r\n", " line event"),
        (b"x\n\n:", ""),
    ] {
        for setup in [AUTO, STREAM, STANDARD] {
            let state = format!("{:?}", decode(bytes, setup).taken.unwrap());
            let found = state.find(" line").map_or("", |start| &state[start..]);
            assert_eq!(found, boundaries, "{:?} {setup:?}", bytes.escape_ascii());
        }
    }
}

#[test]
fn r15_boundaries_of_a_lead_in() {
    for (bytes, auto, stream) in [
        (&b"\xEF"[..], "@1 Waiting", "@1 Waiting"),
        (b"\xEF\xBB", "@2 Waiting", "@2 Waiting"),
        (b"\xEF\xBB\xBF", "@3 Waiting", "@3 Waiting line event"),
        (b"\xEF\xBB\xBF\n", "@4 Waiting alive 1", "@4 Waiting alive 1 line event"),
        (
            b"\n\r\n",
            "@3 Waiting alive 2 line event",
            "@3 Waiting alive 2 line event",
        ),
        (b" ", "@1 Waiting", "@1 Waiting"),
        (b"\n ", "@2 Waiting alive 1", "@2 Waiting alive 1"),
        (b" \n", "@2 Waiting alive 1", "@2 Waiting line"),
        (b"\xEF\xBB\xBF :\n", "@6 Waiting alive 1 line event", "@6 Waiting line"),
    ] {
        expect_taken(bytes, AUTO, auto);
        expect_taken(bytes, STREAM, stream);
    }
}

#[test]
fn r15_neither_in_a_body() {
    expect_taken(b"\n{\n", AUTO, "@3 Receiving alive 1");
    expect_taken(b"\n{}\n", AUTO, "@4 Complete alive 1");
    expect_taken(b"1\n", JSON, "@2 Complete");
}

#[test]
fn r06_a_type_in_front_is_the_name() {
    expect(
        b"data: {\"type\":\"ping\"}\n\nevent\ndata: { \"type\" :\ndata: \"done\"\n\ndata: {\"a\":1,\"type\":\"ping\"}\n\n",
        AUTO,
        &[
            r#"Ping(name "ping", "{\"type\":\"ping\"}") @23 Waiting alive 1 line event"#,
            r#"Data(name "done", "{ \"type\" :\n\"done\"") @60 Receiving alive 1 line event"#,
            "Done @60 Complete alive 1 line event",
            r#"Data("{\"a\":1,\"type\":\"ping\"}") @89 Complete alive 1 line event"#,
            "Finish(Complete) @89 Complete alive 1 line event",
        ],
    );
    // The field has the first word, and a string with a backslash is none.
    expect(
        b"event: x\ndata: {\"type\":\"ping\"}\n\ndata: {\"type\":\"pin\\u0067\"}\n\n",
        AUTO,
        &[
            r#"Data(event "x", "{\"type\":\"ping\"}") @32 Receiving line event"#,
            r#"Data("{\"type\":\"pin\\u0067\"}") @60 Receiving line event"#,
            "Finish(Unfinished) @60 Receiving line event",
        ],
    );
}

#[test]
fn r11_what_may_be_truncated_is_not_trusted() {
    for (bytes, rest) in [
        (&b"data: {}\nevent: x"[..], r#", rest "{}""#),
        (b"error: {}", r#", rest "{}""#),
        (b"event: ping\ndata:", ""),
        (b"event: done\n", ""),
        (b"event: response.failed\n", ""),
    ] {
        let at_line = if bytes.ends_with(b"\n") { " line" } else { "" };
        let finish = format!("Finish(Truncated{rest}) @{} Waiting{at_line}", bytes.len());
        expect(bytes, AUTO, &[&finish]);
    }
    // The id of a block that gives nothing does not count.
    expect(
        b"id: 1\ndata: {}\n\nid: 2\ndata: {",
        AUTO,
        &[
            r#"Data(id "1", "{}") @16 Receiving id "1" line event"#,
            r#"Finish(Truncated, rest "{") @29 Receiving id "1""#,
        ],
    );
}

#[test]
fn r11_a_lenient_end() {
    let lenient = STANDARD.lenient_end(true);
    expect(
        b"id: 1\ndata: {}",
        lenient,
        &[r#"Finish(Data(id "1", "{}"), Complete) @14 Receiving id "1""#],
    );
    expect(
        b"data: [DONE]\n",
        lenient,
        &[r#"Finish(Data("[DONE]"), Complete) @13 Receiving line"#],
    );
    expect(b"data: {", lenient, &[r#"Finish(Truncated, rest "{") @7 Waiting"#]);
}

#[test]
fn r11_without_an_end_mark() {
    let without = AUTO.end_mark(false);
    let data = r#"Data("a") @9 Receiving line event"#;
    expect(
        b"data: a\n\n",
        without,
        &[data, "Finish(Complete) @9 Receiving line event"],
    );
    expect(
        b"event: x\n\n",
        without,
        &["Finish(Unfinished) @10 Receiving line event"],
    );
    expect(
        b"data: a\n\nx",
        without,
        &[data, r#"Finish(Unknown("x"), Truncated) @10 Receiving"#],
    );
}

#[test]
fn r16_json_in_an_event_stream() {
    expect(
        b": a\n{\n}\n\n: b\n{}data\n\n",
        STREAM,
        &[
            r#"Comment("a") @4 Waiting alive 1 line event"#,
            r#"Body("{\n}") @7 Complete alive 1"#,
            r#"Comment("b") @13 Complete alive 2 line event"#,
            r#"Body("{}") @15 Complete alive 2"#,
            r#"Ping("") @21 Complete alive 3 line event"#,
            "Finish(Unfinished) @21 Complete alive 3 line event",
        ],
    );
    // Not in a block, nor in a page.
    expect(
        b"id: 1\n{}\n\n{}\n",
        STREAM,
        &[
            r#"Unknown("{}") @9 Waiting line"#,
            r#"Unknown("{}") @13 Waiting id "1" line"#,
            r#"Finish(Unrecognized) @13 Waiting id "1" line"#,
        ],
    );
    expect(
        b"data: 1\n\n{ 1",
        STREAM,
        &[
            r#"Data("1") @9 Receiving line event"#,
            r#"Finish(Truncated, rest "{ 1") @12 Receiving"#,
        ],
    );
}

#[test]
fn r17_values_one_after_another() {
    expect(
        b"\n{\"a\":1} 12 \"x\"{\"done\":true}\n{\"done\":true}7",
        VALUES,
        &[
            "BlankLine @1 Waiting alive 1",
            r#"Data("{\"a\":1}") @8 Receiving alive 1"#,
            r#"Data("12") @11 Receiving alive 1"#,
            r#"Data("\"x\"") @15 Receiving alive 1"#,
            r#"Data("{\"done\":true}") @28 Receiving alive 1"#,
            "Done @28 Complete alive 1",
            r#"Data("{\"done\":true}") @42 Complete alive 1"#,
            r#"Finish(Data("7"), Complete) @43 Complete alive 1"#,
        ],
    );
    expect(
        b"{}, {}",
        VALUES,
        &[
            r#"Data("{}") @2 Receiving"#,
            "Error(NotJson { byte: 44 }, offset 2) @2 Receiving",
        ],
    );
    expect(
        b"{\"a\":{\"done\":true}}{",
        VALUES,
        &[
            r#"Data("{\"a\":{\"done\":true}}") @19 Receiving"#,
            r#"Finish(Truncated, rest "{") @20 Receiving"#,
        ],
    );
}

#[test]
fn r17_the_elements_of_an_array() {
    expect(
        b"[1,[2] ,\n{\"done\":true}\r\n]\n",
        VALUES.max_len(13),
        &[
            r#"Data("1") @2 Receiving"#,
            r#"Data("[2]") @6 Receiving"#,
            r#"Data("{\"done\":true}") @22 Receiving"#,
            "Done @25 Complete",
            "Finish(Complete) @26 Complete",
        ],
    );
    expect(b"[ ,", VALUES, &["Finish(Truncated) @3 Waiting"]);
    expect(b"[1", VALUES, &[r#"Finish(Truncated, rest "1") @2 Receiving"#]);
    expect(
        b"[1,",
        VALUES.end_mark(false),
        &[r#"Data("1") @2 Receiving"#, "Finish(Unfinished) @3 Receiving"],
    );
    expect(
        b"[]]",
        VALUES,
        &[
            "Done @2 Complete",
            "Error(TrailingBytes { byte: 93 }, offset 2) @2 Complete",
        ],
    );
}

#[test]
fn cuts_are_what_their_names_say() {
    let bytes = &b"abc"[..];
    let chunks = |split: Split<'static>| split.chunks;
    assert_eq!(chunks(Split::whole(bytes)), [b"abc"]);
    assert_eq!(chunks(Split::byte_by_byte(bytes)), [b"a", b"b", b"c"]);
    assert_eq!(
        chunks(Split::byte_by_byte_with_empty(bytes)),
        [&b""[..], b"a", b"", b"b", b"", b"c", b""]
    );
    assert_eq!(chunks(Split::at(bytes, &[9, 1, 1])), [&b"a"[..], b"", b"bc", b""]);
    let single: Vec<_> = Split::every_single(bytes).map(|split| split.chunks).collect();
    assert_eq!(
        single,
        [
            [&b""[..], b"abc"],
            [&b"a"[..], b"bc"],
            [&b"ab"[..], b"c"],
            [&b"abc"[..], b""]
        ]
    );
    assert_eq!(Split::at(bytes, &[]).chunks, Split::whole(bytes).chunks);
}
