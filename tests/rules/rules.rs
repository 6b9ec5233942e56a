//! The parser against the contract, rule by rule.
//!
//! What stands here was written by hand: a response, and what it gives. `gives` holds the parser against that, and then
//! against the reference decoder, which also knows the state after each event: whole, byte by byte, with empty chunks, split
//! at every single place, in all forms of the interface, on the heap and in a slice, and with the input ended anywhere.
//! `holds` does the latter alone, for lists of responses where every event has been shown elsewhere.

use crate::common;

use common::trace::{Seen, Setup, Storage, check, trace_of};
use llm_response::{Body, Data, Dialect, ErrorKind, Event, Format, KeepAlive, Options, Outcome, Parser, Phase};

const AUTO: Setup = Setup::new();
const STREAM: Setup = AUTO.format(Format::EventStream);
const JSON: Setup = AUTO.format(Format::Json);
const STANDARD: Setup = STREAM.dialect(Dialect::EventSource);

/// Every format in every dialect.
const ALL: [Setup; 6] = [
    AUTO,
    STREAM,
    JSON,
    AUTO.dialect(Dialect::EventSource),
    STANDARD,
    JSON.dialect(Dialect::EventSource),
];
/// Those in which a byte that is neither white space nor JSON begins an event stream.
const STREAMS: [Setup; 3] = [AUTO, STREAM, STANDARD];

#[track_caller]
fn gives(setup: Setup, bytes: &[u8], expected: &[&str]) {
    assert_eq!(given(setup, bytes), expected, "\"{}\"", bytes.escape_ascii());
    check(bytes, setup);
    if setup.storage == Storage::Heap {
        let whole = named(setup, bytes, bytes.len());
        assert_eq!(named(setup, bytes, 1), whole, "names of \"{}\"", bytes.escape_ascii());
    }
}

/// Name and error mark of each event with data, which a trace does not hold; with ample memory.
fn named(setup: Setup, bytes: &[u8], chunk_len: usize) -> Vec<(String, bool)> {
    let memory = &mut vec![0; 2 * bytes.len() + 64];
    let mut parser = Parser::in_memory(memory, setup.options());
    let mut named = Vec::new();
    let mut note = |event: Event<'_>| {
        if let Event::Data(data) | Event::KeepAlive(KeepAlive::Ping(data)) = event {
            assert!(data.event().is_empty() || data.name() == data.event(), "{data:?}");
            named.push((data.name().escape_ascii().to_string(), data.is_error()));
        }
    };
    for chunk in bytes.chunks(chunk_len.max(1)) {
        if parser.push(chunk, &mut note).is_err() {
            return named;
        }
    }
    if let Ok(Some(event)) = parser.finish().map(|finish| finish.event) {
        note(event);
    }
    named
}

/// Events and end as text; from a slice that is large enough where the setup has the heap, which is not everywhere.
fn given(setup: Setup, bytes: &[u8]) -> Vec<String> {
    let size = match setup.storage {
        Storage::Heap => 2 * bytes.len() + 64,
        Storage::Slice(size) => size,
    };
    let memory = &mut vec![0; size];
    let heard = trace_of(&mut Parser::in_memory(memory, setup.options()), [bytes]).heard();
    let events = heard.events.iter().map(|event| format!("{event:?}"));
    events.chain([format!("{:?}", heard.end)]).collect()
}

#[track_caller]
fn holds(setups: &[Setup], responses: &[&[u8]]) {
    for &setup in setups {
        for response in responses {
            check(response, setup);
        }
    }
}

// ---- R1: the byte order mark --------------------------------------------------------------------------------------

#[test]
fn r01_a_byte_order_mark_is_skipped_in_every_format() {
    gives(
        AUTO,
        b"\xEF\xBB\xBFdata: a\n\n",
        &[r#"Data("a")"#, "Finish(Unfinished)"],
    );
    gives(AUTO, b"\xEF\xBB\xBF{}", &[r#"Body("{}")"#, "Finish(Complete)"]);
    gives(JSON, b"\xEF\xBB\xBF 1", &[r#"Finish(Body("1"), Complete)"#]);
    gives(
        STREAM,
        b"\xEF\xBB\xBF\n:\n",
        &["BlankLine", r#"Comment("")"#, "Finish(KeepAliveOnly)"],
    );
    gives(AUTO, b"\xEF\xBB\xBF", &["Finish(Empty)"]);
    holds(
        &ALL,
        &[
            b"\xEF\xBB\xBF",
            b"\xEF\xBB\xBF\r\n\r\n",
            b"\xEF\xBB\xBF\n[1] ",
            b"\xEF\xBB\xBF: a\ndata: [DONE]",
        ],
    );
}

#[test]
fn r01_a_later_one_is_data() {
    gives(
        AUTO,
        b"\xEF\xBB\xBF\xEF\xBB\xBFdata: a\n",
        &[r#"Unknown("\xef\xbb\xbfdata: a")"#, "Finish(Unrecognized)"],
    );
    gives(
        STREAM,
        b"\n\xEF\xBB\xBFdata\n\n",
        &["BlankLine", r#"Unknown("\xef\xbb\xbfdata")"#, "Finish(Unrecognized)"],
    );
    gives(
        AUTO,
        b"data: \xEF\xBB\xBF\n\n",
        &[r#"Data("\xef\xbb\xbf")"#, "Finish(Unfinished)"],
    );
    holds(
        &ALL,
        &[
            b" \xEF\xBB\xBF{}",
            b"\n\xEF\xBB\xBF",
            b"\xEF\xBB\xBF\xEF\xBB\xBF{}",
            b"\xEF\xBB\xBF\xEF",
        ],
    );
}

#[test]
fn r01_half_a_mark_is_ordinary_bytes() {
    gives(
        AUTO,
        b"\xEF\xBBdata\n",
        &[r#"Unknown("\xef\xbbdata")"#, "Finish(Unrecognized)"],
    );
    gives(AUTO, b"\xEF", &[r#"Finish(Unknown("\xef"), Unrecognized)"#]);
    gives(STANDARD, b"\xEF\xBB", &[r#"Finish(Truncated, rest "\xef\xbb")"#]);
    gives(JSON, b"\xEF\xBB{}", &["Error(NotJson { byte: 239 }, offset 0)"]);
    gives(JSON, b"\xEF", &["Error(NotJson { byte: 239 }, offset 0)"]);
    holds(
        &ALL,
        &[
            b"\xEF\xBB\n\n",
            b"\xEF\n\n",
            b"\xEF\xBB\xEF\xBB\xBF",
            b"\xEF\xEF\xBB\xBF",
            b"\xEF\r\n",
            b"\xBB\xBF",
            b"\xEF{}",
        ],
    );
}

// ---- R2: the lead-in ----------------------------------------------------------------------------------------------

#[test]
fn r02_every_line_end_before_the_first_byte_is_a_keep_alive() {
    gives(
        AUTO,
        b"\n\n\n\n",
        &["BlankLine"; 4]
            .into_iter()
            .chain(["Finish(KeepAliveOnly)"])
            .collect::<Vec<_>>(),
    );
    gives(
        AUTO,
        b"\n         \n\r\n \t\r{\"id\":1}",
        &[
            "BlankLine",
            "BlankLine",
            "BlankLine",
            "BlankLine",
            r#"Body("{\"id\":1}")"#,
            "Finish(Complete)",
        ],
    );
    holds(
        &ALL,
        &[
            b"",
            b" ",
            b"\t\r",
            b"\r\n",
            b"\r\r\n\n",
            b" \r \n \r\n ",
            b"\n\n\ndata: a\n\n",
            b"\r\n\r\n[]\r\n",
        ],
    );
}

#[test]
fn r02_auto_decides_by_the_first_other_byte() {
    gives(AUTO, b" {}", &[r#"Body("{}")"#, "Finish(Complete)"]);
    gives(AUTO, b"\t[]", &[r#"Body("[]")"#, "Finish(Complete)"]);
    gives(AUTO, b"\n\"a\"", &["BlankLine", r#"Body("\"a\"")"#, "Finish(Complete)"]);
    gives(AUTO, b"  data: a\n\n", &[r#"Data("a")"#, "Finish(Unfinished)"]);
    gives(AUTO, b" : a\n", &[r#"Comment("a")"#, "Finish(KeepAliveOnly)"]);
    for scalar in ["true", "12", "-1", "null"] {
        let line = format!("{scalar}\n");
        gives(
            AUTO,
            line.as_bytes(),
            &[&format!("Unknown(\"{scalar}\")"), "Finish(Unrecognized)"],
        );
    }
    gives(
        AUTO,
        b"<!DOCTYPE html>\n<p>busy\n",
        &[
            r#"Unknown("<!DOCTYPE html>")"#,
            r#"Unknown("<p>busy")"#,
            "Finish(Unrecognized)",
        ],
    );
}

#[test]
fn r02_json_takes_what_can_begin_a_value_and_nothing_else() {
    for byte in 0..=u8::MAX {
        let bytes = [b'\n', byte, b'\n'];
        match byte {
            b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b' ' | b'\t' | b'\r' | b'\n' => {
                assert!(!given(JSON, &bytes).concat().contains("Error"), "{byte}");
            }
            _ => {
                let error = format!("Error(NotJson {{ byte: {byte} }}, offset 1)");
                assert_eq!(given(JSON, &bytes), ["BlankLine", &error]);
            }
        }
        check(&bytes, JSON);
    }
}

#[test]
fn r02_an_event_stream_has_no_lead_in() {
    gives(
        STREAM,
        b"  data: x\n",
        &[r#"Unknown("  data: x")"#, "Finish(Unrecognized)"],
    );
    gives(STREAM, b" {}\n", &[r#"Unknown(" {}")"#, "Finish(Unrecognized)"]);
    gives(STREAM, b"[]\n", &[r#"Unknown("[]")"#, "Finish(Unrecognized)"]);
    gives(STREAM, b"\x1F\n", &[r#"Unknown("\x1f")"#, "Finish(Unrecognized)"]);
    gives(STANDARD, b"{}\n", &[r#"Unknown("{}")"#, "Finish(Unrecognized)"]);
    // A line that begins with `{` is a body by R16, in `Llm`.
    gives(STREAM, b"{}\n", &[r#"Body("{}")"#, "Finish(Complete)"]);
    holds(&[STREAM, STANDARD], &[b"\n \n{\n", b"[]", b"\t: a\n\n", b"\"\n\"\n\n"]);
}

// ---- R3: lines ----------------------------------------------------------------------------------------------------

#[test]
fn r03_lines_end_in_three_ways() {
    let events = [r#"Comment("q")"#, r#"Data("a\nb")"#, "Done", "Finish(Complete)"];
    for end in ["\n", "\r", "\r\n"] {
        let response = [": q", "", "data: a", "data: b", "", "data: [DONE]", "", ""].join(end);
        gives(AUTO, response.as_bytes(), &events);
    }
    gives(
        STREAM,
        b"\n\r\n\r\r\n\n",
        &["BlankLine"; 5]
            .into_iter()
            .chain(["Finish(KeepAliveOnly)"])
            .collect::<Vec<_>>(),
    );
    holds(
        &STREAMS,
        &[
            b"data: a\n\r",
            b"data: a\r\n\r",
            b"data: a\r\r\n",
            b"data: a\n\r\n",
            b"a\r\nb\n\rc\r\r",
            b":\r\n\r\n:\r",
        ],
    );
}

/// A CR is not held back until it is known what follows, and no byte past it is taken.
#[test]
fn r03_a_cr_ends_its_line_at_once() {
    let memory = &mut [0; 64];
    let mut parser = Parser::in_memory(memory, Options::new());
    let mut chunk = &b"data: a\r\n\r\n"[..];
    assert!(matches!(parser.next_event(&mut chunk), Ok(Some(Event::Data(data))) if data.as_bytes() == b"a"));
    assert_eq!((chunk, parser.position()), (&b"\n"[..], 10));
    // An LF may follow, which would end the line of whoever wrote one here.
    assert!(!parser.at_line_boundary() && !parser.at_event_boundary());
    assert_eq!(parser.next_event(&mut chunk), Ok(None));
    assert_eq!((chunk, parser.position()), (&b""[..], 11));
    assert!(parser.at_line_boundary() && parser.at_event_boundary());
}

#[test]
fn r03_other_separators_are_text() {
    let text = "a\u{b}b\u{c}c\u{85}d\u{2028}e\0f";
    let response = format!("data: {text}\n\n");
    let data = format!("Data(\"{}\")", text.as_bytes().escape_ascii());
    gives(AUTO, response.as_bytes(), &[&data, "Finish(Unfinished)"]);
}

// ---- R4: comments -------------------------------------------------------------------------------------------------

#[test]
fn r04_a_comment_is_given_at_its_own_end() {
    gives(
        AUTO,
        b": keep-alive\n\n:\n:  two\n:a: b\n",
        &[
            r#"Comment("keep-alive")"#,
            r#"Comment("")"#,
            r#"Comment(" two")"#,
            r#"Comment("a: b")"#,
            "Finish(KeepAliveOnly)",
        ],
    );
    holds(
        &STREAMS,
        &[
            b":",
            b":\n",
            b": \r",
            b":\t\r\n",
            b"::\n\n",
            b": data: a\n\n",
            b":\xEF\xBB\xBF\n",
            b":\0\n",
        ],
    );
}

#[test]
fn r04_a_comment_leaves_its_block_as_it_was() {
    let comments = [r#"Comment("q")"#; 3];
    gives(
        AUTO,
        b"event: x\n: q\nid: 1\n: q\ndata: {\n: q\ndata: }\n\n",
        &[
            comments[0],
            comments[1],
            comments[2],
            r#"Data(event "x", id "1", "{\n}")"#,
            "Finish(Unfinished)",
        ],
    );
    holds(
        &STREAMS,
        &[
            b"data: a\n:\n\n",
            b":\ndata: a\n\n",
            b"id: 1\n:\n\n:\n",
            b"retry: 1\n:\n\n",
            b"data\n: q\r\ndata\r\n\r\n",
            b"x\n:\n\n\n",
        ],
    );
}

// ---- R5: fields ---------------------------------------------------------------------------------------------------

#[test]
fn r05_one_leading_space_is_dropped() {
    gives(
        AUTO,
        b"data:a\n\ndata: a\n\ndata:  a \n\ndata:\ta\n\n",
        &[
            r#"Data("a")"#,
            r#"Data("a")"#,
            r#"Data(" a ")"#,
            r#"Data("\ta")"#,
            "Finish(Unfinished)",
        ],
    );
    gives(
        STANDARD,
        b"event:x\nid:1\ndata: a\n\nevent:  x\nid:  1\ndata: a\n\n",
        &[
            r#"Data(event "x", id "1", "a")"#,
            r#"Data(event " x", id " 1", "a")"#,
            "Finish(Complete)",
        ],
    );
}

#[test]
fn r05_no_colon_means_an_empty_value() {
    gives(
        STANDARD,
        b"id: 1\nevent: x\ndata\ndata\nevent\nid\nretry\n\n",
        &[r#"Data("\n")"#, "Finish(Complete)"],
    );
    holds(
        &STREAMS,
        &[
            b"data",
            b"data\n\n",
            b"event\ndata\n\n",
            b"id: 1\n\nid\n\n",
            b"retry\n\n",
            b"data\r\rid\r\r",
        ],
    );
}

/// Every byte of a name matters, wherever the name is split.
#[test]
fn r05_names_match_whole_and_in_their_case() {
    let unknown = [
        "Data: a",
        "DATA: a",
        "dat: a",
        "datas: a",
        "data : a",
        " data: a",
        "d",
        "da",
        "dat",
        "e",
        "even",
        "events",
        "i",
        "idx",
        "Id",
        "r",
        "retr",
        "retry1",
        "Error: {}",
        "errors: {}",
        "erro: {}",
        "error : {}",
        " error: {}",
        "datadata",
        "\0data",
        "data\0",
    ];
    for line in unknown {
        let response = format!("{line}\n");
        let event = format!("Unknown(\"{}\")", line.as_bytes().escape_ascii());
        gives(STREAM, response.as_bytes(), &[&event, "Finish(Unrecognized)"]);
    }
}

#[test]
fn r05_an_unknown_line_is_given_at_its_own_end() {
    gives(
        AUTO,
        b"data: {\nerrors: {\"code\":500}\ndata: }\nupstream died\n\n",
        &[
            r#"Unknown("errors: {\"code\":500}")"#,
            r#"Unknown("upstream died")"#,
            r#"Data("{\n}")"#,
            "Finish(Unfinished)",
        ],
    );
}

/// In `Llm` only: a line of data, which names its block.
#[test]
fn r05_a_field_error_names_its_block_beside_an_event() {
    holds(
        &STREAMS,
        &[
            b"event: a\nerror: {\"x\":1}\ndata: {\"y\":\"more bytes than a vector has\"}\n\n",
            b"error: {\"x\":1}\nevent: a\ndata: {\"y\":2}\n\n",
            b"event: a\nid: 1\ndata: {\"y\":2}\n\nevent: b\n: c\ndata: {\"y\":3}\n\n",
        ],
    );
}

#[test]
fn r05_a_field_error_is_data_and_names_its_block() {
    gives(
        AUTO,
        b"error: {}\n\nerror:a\nerror\n\nerror\n\n",
        &[
            r#"Data(event "error", "{}")"#,
            r#"Data(event "error", "a\n")"#,
            r#"Data(event "error", "")"#,
            "Finish(Unfinished)",
        ],
    );
    gives(
        AUTO,
        b"data: {\nerror: {\"code\":500}\ndata: }\nupstream died\n\n",
        &[
            r#"Unknown("upstream died")"#,
            r#"Data(event "error", "{\n{\"code\":500}\n}")"#,
            "Finish(Unfinished)",
        ],
    );
    // Whatever `event` says, before it or after.
    for block in [
        "event: ping\nerror: {}",
        "error: {}\nevent: message_stop",
        "event: x\nid: 1\nerror: {}\nevent",
    ] {
        let id = if block.contains("id") { "id \"1\", " } else { "" };
        let event = format!("Data(event \"error\", {id}\"{{}}\")");
        gives(AUTO, format!("{block}\n\n").as_bytes(), &[&event, "Finish(Unfinished)"]);
    }
    // The next block is not named by it.
    gives(
        AUTO,
        b"error: {}\n\ndata: a\n\n",
        &[r#"Data(event "error", "{}")"#, r#"Data("a")"#, "Finish(Unfinished)"],
    );
    gives(
        STANDARD,
        b"error: {}\n\n",
        &[r#"Unknown("error: {}")"#, "Finish(Unrecognized)"],
    );
    holds(
        &STREAMS,
        &[
            b"error\r\rerror:\r\n\r\n",
            b"error: a\n: q\nerror: b\n\n",
            b"erro\nerror\n",
            b"error: [DONE]\n\n",
            b"id: 1\nerror: {\ndata: }\nevent: x\n\n",
        ],
    );
}

/// In `Llm`, between spaces and tabs; it takes part in its block as any unknown line does.
#[test]
fn r05_a_line_that_is_the_end_mark_gives_done() {
    for line in ["[DONE]", " [DONE]", "\t[DONE] \t "] {
        let response = format!("data: a\n\n{line}\n\n");
        gives(AUTO, response.as_bytes(), &[r#"Data("a")"#, "Done", "Finish(Complete)"]);
    }
    for line in ["[DONE]x", "[done]", "x[DONE]", "[DONE", "\"[DONE]\""] {
        let response = format!(":\n{line}\n\n");
        let event = format!("Unknown(\"{}\")", line.as_bytes().escape_ascii());
        gives(
            AUTO,
            response.as_bytes(),
            &[r#"Comment("")"#, &event, "Finish(Unrecognized)"],
        );
    }
    // Inside an open block it comes before that block's data.
    gives(
        AUTO,
        b"data: a\n[DONE]\n\n",
        &["Done", r#"Data("a")"#, "Finish(Complete)"],
    );
    gives(
        STANDARD,
        b"[DONE]\n\n",
        &[r#"Unknown("[DONE]")"#, "Finish(Unrecognized)"],
    );
    gives(STREAM, b"[DONE]\n", &["Done", "Finish(Complete)"]);
    holds(
        &STREAMS,
        &[
            b":\n[DONE]\r\n\n[DONE]\n",
            b"data: a\n\n [DONE]",
            b"data: a\n[DONE]\ndata: b\n\n",
            b"id: 1\n[DONE]\n\n",
        ],
    );
}

#[test]
fn r05_an_id_with_a_nul_is_ignored() {
    gives(
        STANDARD,
        b"id: 1\nid: 2\0\ndata: a\n\nid: \0\ndata: b\n\n",
        &[r#"Data(id "1", "a")"#, r#"Data(id "1", "b")"#, "Finish(Complete)"],
    );
    holds(
        &STREAMS,
        &[
            b"id:\0\n\n",
            b"data: a\nid: \0\ndata: b\n\n",
            b"data: a\n: q\nid: 1\0\n\n",
            b"event: \0\ndata: \0\n\n",
        ],
    );
}

#[test]
fn r05_retry_is_digits_only_and_saturates() {
    let cases: &[(&str, Option<u64>)] = &[
        ("0", Some(0)),
        ("007", Some(7)),
        ("3000", Some(3000)),
        ("18446744073709551614", Some(u64::MAX - 1)),
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", Some(u64::MAX)),
        ("99999999999999999999999999999999999", Some(u64::MAX)),
        ("", None),
        (" 1", None),
        ("1 ", None),
        ("+1", None),
        ("-1", None),
        ("1.5", None),
        ("1s", None),
        ("0x10", None),
        ("\u{661}", None),
    ];
    for (value, milliseconds) in cases {
        let response = format!("retry: {value}\n\n");
        let memory = &mut [0; 64];
        let mut parser = Parser::in_memory(memory, Options::new());
        parser.push(response.as_bytes(), |event| panic!("{event:?}")).unwrap();
        assert_eq!(parser.retry(), *milliseconds, "{value}");
        holds(&STREAMS, &[response.as_bytes()]);
    }
}

#[test]
fn r05_retry_takes_effect_at_once() {
    let memory = &mut [0; 64];
    let mut parser = Parser::in_memory(memory, Options::new());
    let mut chunk = &b"retry: 5\n: q\nretry: x\nretry: 7\n"[..];
    assert!(matches!(parser.next_event(&mut chunk), Ok(Some(Event::KeepAlive(_)))));
    assert_eq!(parser.retry(), Some(5));
    assert_eq!(parser.next_event(&mut chunk), Ok(None));
    assert_eq!(parser.retry(), Some(7));
    holds(
        &STREAMS,
        &[
            b"retry: 5\n: q\nretry: x\nretry: 7\n",
            b"data: a\n\nretry:0\n\n",
            b"retry:1\rretry:2\r\r",
        ],
    );
}

/// Names, ids and data in every order that servers send, and in some that they do not, each behind an event with an id: the
/// short ways give such a block from the chunk or from what is stored, and leave to the general way what they cannot.
#[test]
fn r05_blocks_of_names_ids_and_lines_of_data() {
    let heads = [
        "",
        "event: name\n",
        "event:name\n",
        "event: ping\n",
        "event: error\n",
        "event: message_stop\n",
        "id: 7\n",
        "id: 77\n",
        "id:\n",
        "id: a\0b\n",
        "event: name\nid: 8\n",
        "event: a_longer_name_than_two_rows_have\nid: 9\n",
        "id: 8\nevent: name\n",
        "id:8\nevent:name\n",
        "id: 88\nevent: done\n",
        "event: a\nevent: b\n",
        "id: 1\nid: 2\n",
        "id: 1\nevent: a\nid: 2\n",
        ": text\nevent: a\nid: 8\n",
        "retry: 5\nid: 8\nevent: a\n",
        "other: 5\nid: 8\nevent: a\n",
        "error: {}\nid: 8\n",
    ];
    let datas = [
        "",
        "data: {\"a\":1}\n",
        "data:{\"a\":1}\n",
        "data: {\ndata:  \"a\": 1\ndata: }\n",
        "data:{\ndata:  \"a\": 1\ndata:}\n",
        "data: {\"type\":\"a\",\ndata:\ndata\ndata: 1}\n",
        "data: two\ndata: lines\n",
        "data: [DONE]\n",
        "data: {\"a\":\ndata: 1}\nevent: late\nid: 5\n",
        "data: {\nid: 6\ndata: }\n",
        "data: {\n: text\ndata: }\n",
    ];
    for (i, head) in heads.iter().enumerate() {
        for (j, data) in datas.iter().enumerate() {
            let line_end = ["\n", "\r\n", "\r"][(i + j) % 3];
            let response = format!("id: 0\ndata: {{}}\n\n{head}{data}\ndata: {{}}\n\n").replace('\n', line_end);
            let setup = if j % 2 == 0 { AUTO } else { STANDARD };
            holds(&[setup], &[response.as_bytes()]);
        }
    }
}

// ---- R6: blocks ---------------------------------------------------------------------------------------------------

#[test]
fn r06_a_blank_line_is_one_only_where_no_line_came_before() {
    gives(
        AUTO,
        b": q\n\n\n",
        &[r#"Comment("q")"#, "BlankLine", "Finish(KeepAliveOnly)"],
    );
    gives(AUTO, b"id: 1\n\n\n", &["BlankLine", "Finish(KeepAliveOnly)"]);
    gives(
        AUTO,
        b"x\n\n\n",
        &[r#"Unknown("x")"#, "BlankLine", "Finish(Unrecognized)"],
    );
    gives(AUTO, b"retry: x\n\n", &["Finish(Empty)"]);
    gives(
        AUTO,
        b"data: a\n\n\n\n",
        &[r#"Data("a")"#, "BlankLine", "BlankLine", "Finish(Unfinished)"],
    );
    holds(
        &STREAMS,
        &[b"\n:\n\n\n", b"id\r\r\r", b"event: x\r\n\r\n\r\n", b"id: \0\n\n\n"],
    );
}

#[test]
fn r06_data_lines_are_joined_in_any_order_of_the_fields() {
    let lines = ["data: a", "event: x", "data: b", "id: 1", "data"];
    for first in 0..lines.len() {
        let mut lines = lines.to_vec();
        lines.rotate_left(first);
        let data: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("data")).collect();
        let data = data
            .iter()
            .map(|value| value.trim_start_matches(": "))
            .collect::<Vec<_>>()
            .join("\\n");
        let response = lines.join("\n") + "\n\n";
        gives(
            AUTO,
            response.as_bytes(),
            &[
                &format!("Data(event \"x\", id \"1\", \"{data}\")"),
                "Finish(Unfinished)",
            ],
        );
    }
}

#[test]
fn r06_the_last_field_of_a_kind_counts() {
    gives(
        AUTO,
        b"event: x\nevent: y\nid: 1\nid: 22\ndata: a\nid: 3\nevent: zz\n\n",
        &[r#"Data(event "zz", id "3", "a")"#, "Finish(Unfinished)"],
    );
    holds(
        &STREAMS,
        &[
            b"id: 1\nid: 2\n\ndata: a\n\n",
            b"event: x\nevent\ndata: a\n\n",
            b"data: a\nevent: x\nevent: y\nid: 1\ndata: b\nid\n\n",
            b"data\nid: 1\ndata\nevent: x\ndata\n\n",
        ],
    );
}

#[test]
fn r06_the_id_stays_until_another_comes() {
    gives(
        AUTO,
        b"id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\nid\ndata: d\n\n",
        &[
            r#"Data(id "1", "a")"#,
            r#"Data(id "1", "b")"#,
            r#"Data(id "2", "c")"#,
            r#"Data("d")"#,
            "Finish(Unfinished)",
        ],
    );
}

#[test]
fn r06_done_is_trimmed_data() {
    for response in [
        &b"data: [DONE]\n\n"[..],
        b"data:[DONE]\n\n",
        b"data: \t[DONE] \t \n\n",
        b"data\ndata: [DONE]\ndata\n\n",
        b"event: ping\ndata: [DONE]\n\n",
        b"id: 1\nevent: message_stop\ndata: [DONE]\r\n\r\n",
    ] {
        gives(AUTO, response, &["Done", "Finish(Complete)"]);
    }
    for data in ["[done]", "[DONE]]", "[DONE", "[[DONE]", "\u{a0}[DONE]", "[DONE]\0"] {
        let response = format!("data: {data}\n\n");
        let event = format!("Data(\"{}\")", data.as_bytes().escape_ascii());
        gives(AUTO, response.as_bytes(), &[&event, "Finish(Unfinished)"]);
    }
}

const TERMINAL: [&str; 10] = [
    "message_stop",
    "message_end",
    "message-end",
    "stream-end",
    "done",
    "end",
    "response.completed",
    "response.failed",
    "response.incomplete",
    "response.done",
];

#[test]
fn r06_a_terminal_event_is_followed_by_done() {
    for name in TERMINAL {
        // One of them is an error name too, and such a block is given without data (R6 d).
        let empty = format!("Data(event \"{name}\", \"\")");
        let without_data = match name {
            "response.failed" => vec![&empty[..], "Done", "Finish(Complete)"],
            _ => vec!["Done", "Finish(Complete)"],
        };
        let response = format!("event: {name}\ndata: {{}}\n\n");
        let event = format!("Data(event \"{name}\", \"{{}}\")");
        gives(AUTO, response.as_bytes(), &[&event, "Done", "Finish(Complete)"]);
        // Its data may be empty.
        let response = format!("event: {name}\ndata\n\n");
        let event = format!("Data(event \"{name}\", \"\")");
        gives(AUTO, response.as_bytes(), &[&event, "Done", "Finish(Complete)"]);
        // Without data it is the end mark alone.
        let response = format!("event: {name}\n\n");
        gives(AUTO, response.as_bytes(), &without_data);
        // Only this name means it.
        let response = format!("event: {name}s\ndata: {{}}\n\n");
        let event = format!("Data(event \"{name}s\", \"{{}}\")");
        gives(AUTO, response.as_bytes(), &[&event, "Finish(Unfinished)"]);
    }
}

/// `Done` then takes no byte: an empty chunk is enough.
#[test]
fn r06_the_done_after_a_terminal_event_comes_with_the_next_call() {
    let memory = &mut [0; 64];
    let mut parser = Parser::in_memory(memory, Options::new());
    let mut chunk = &b"event: message_stop\ndata: {}\n\n: q\n"[..];
    assert!(matches!(parser.next_event(&mut chunk), Ok(Some(Event::Data(_)))));
    assert_eq!((chunk, parser.phase()), (&b": q\n"[..], Phase::Receiving));
    assert_eq!(parser.next_event(&mut &b""[..]), Ok(Some(Event::Done)));
    assert_eq!((parser.position(), parser.phase()), (30, Phase::Complete));
    assert!(matches!(parser.next_event(&mut chunk), Ok(Some(Event::KeepAlive(_)))));
}

#[test]
fn r06_pings_are_keep_alives() {
    for name in ["ping", "keepalive", "keep-alive", "keep_alive", "heartbeat"] {
        let response = format!("event: {name}\ndata: {{}}\n\n");
        let event = format!("Ping(event \"{name}\", \"{{}}\")");
        gives(AUTO, response.as_bytes(), &[&event, "Finish(KeepAliveOnly)"]);
        // With data or without.
        let response = format!("event: {name}\n\n");
        let event = format!("Ping(event \"{name}\", \"\")");
        gives(AUTO, response.as_bytes(), &[&event, "Finish(KeepAliveOnly)"]);
    }
    gives(AUTO, b"data\n\n", &[r#"Ping("")"#, "Finish(KeepAliveOnly)"]);
    // Empty data in a block with a name is an event of that name.
    gives(
        AUTO,
        b"event: x\ndata:\n\n",
        &[r#"Data(event "x", "")"#, "Finish(Unfinished)"],
    );
    // Two empty lines are data of one LF.
    gives(AUTO, b"data\ndata\n\n", &[r#"Data("\n")"#, "Finish(Unfinished)"]);
    for name in ["Ping", "pings", "pin", "keep alive", "heart-beat"] {
        let response = format!("event: {name}\ndata: {{}}\n\n");
        let event = format!("Data(event \"{name}\", \"{{}}\")");
        gives(AUTO, response.as_bytes(), &[&event, "Finish(Unfinished)"]);
    }
}

#[test]
fn r06_event_source_gives_nothing_but_data() {
    gives(
        STANDARD,
        b"data: [DONE]\n\nevent: ping\ndata: {}\n\ndata\n\nevent: message_stop\ndata: {}\n\n",
        &[
            r#"Data("[DONE]")"#,
            r#"Data(event "ping", "{}")"#,
            r#"Data("")"#,
            r#"Data(event "message_stop", "{}")"#,
            "Finish(Complete)",
        ],
    );
}

/// The next block must not depend on how this one was split.
#[test]
fn r06_nothing_of_a_block_is_left_to_the_next() {
    holds(
        &STREAMS,
        &[
            b"data: {\ndata: }\n\ndata: a\n\n",
            b"data: {\ndata: }\n\n\n",
            b": a\ndata: {}\n\n\ndata: b\n\n",
            b"data: {\nevent: ping\ndata: }\n\ndata: {}\n\n",
            b"id: 1\ndata: {}\n\ndata: {}\n\n",
        ],
    );
}

// ---- R7: after the end mark ---------------------------------------------------------------------------------------

#[test]
fn r07_the_parser_goes_on_after_done_and_gives_it_once() {
    gives(
        AUTO,
        b"data: [DONE]\n\ndata: {\"cost\":1}\n\n: q\n\nevent: message_stop\ndata: {}\n\ndata: [DONE]\n\n\n",
        &[
            "Done",
            r#"Data("{\"cost\":1}")"#,
            r#"Comment("q")"#,
            r#"Data(event "message_stop", "{}")"#,
            "BlankLine",
            "Finish(Complete)",
        ],
    );
    holds(
        &[AUTO],
        &[
            b"data: [DONE]\n\nx",
            b"data: [DONE]\n\ndata: {",
            b"data: [DONE]\n\nevent: x\n",
            b"data: [DONE]\n{}",
        ],
    );
}

// ---- R8: JSON bodies ----------------------------------------------------------------------------------------------

#[test]
fn r08_a_body_ends_at_the_bracket_that_closes_the_first() {
    for body in [
        "{}",
        "[]",
        "{\"a\":{\"b\":[{}]}}",
        "[[[[]]],{}]",
        "{\"a\":\"}]\"}",
        "{\"a\":\"\\\"}\"}",
        "[\"\\\\\",\"]\"]",
        "{\"\u{e9}\":\"\u{601d}\"}",
        "{\r\n \"a\":\t1\n}",
        // Which bracket closes which is for the deserializer.
        "{]",
        "[}",
        "{[}]",
    ] {
        let event = format!("Body(\"{}\")", body.as_bytes().escape_ascii());
        for setup in [AUTO, JSON, AUTO.dialect(Dialect::EventSource)] {
            gives(setup, body.as_bytes(), &[&event, "Finish(Complete)"]);
            gives(
                setup,
                format!("{body} \t\r\n\n").as_bytes(),
                &[&event, "Finish(Complete)"],
            );
        }
    }
}

#[test]
fn r08_a_string_ends_at_its_quote() {
    for body in [
        r#""""#,
        r#""{[""#,
        r#""\"""#,
        r#""\\""#,
        r#""\\\"\\""#,
        "\"\n\"",
        "\"\0\"",
    ] {
        let event = format!("Body(\"{}\")", body.as_bytes().escape_ascii());
        gives(AUTO, body.as_bytes(), &[&event, "Finish(Complete)"]);
    }
}

#[test]
fn r08_other_scalars_end_before_white_space() {
    for body in ["0", "-1.5e+3", "true", "false", "null", "nul", "1,2", "t\"a"] {
        let event = format!("Body(\"{}\")", body.as_bytes().escape_ascii());
        for space in [" ", "\t", "\r", "\n"] {
            gives(JSON, format!("{body}{space}").as_bytes(), &[&event, "Finish(Complete)"]);
        }
        gives(JSON, body.as_bytes(), &[&format!("Finish({event}, Complete)")]);
    }
}

/// White space after a scalar is not taken with it.
#[test]
fn r08_a_body_takes_nothing_past_its_end() {
    for (bytes, left) in [(&b"{}\n"[..], &b"\n"[..]), (b"\"a\" x", b" x"), (b"12 ", b" ")] {
        let memory = &mut [0; 64];
        let mut parser = Parser::in_memory(memory, JSON.options());
        let mut chunk = bytes;
        assert!(matches!(parser.next_event(&mut chunk), Ok(Some(Event::Body(_)))));
        assert_eq!(chunk, left);
    }
}

#[test]
fn r08_json_alone_allows_nothing_but_white_space_behind_it() {
    gives(JSON, b"{}\n \r\n\t", &[r#"Body("{}")"#, "Finish(Complete)"]);
    for (bytes, byte, offset) in [
        (&b"{}\n{}"[..], b'{', 3),
        (b"{}]", b']', 2),
        (b"{}data: a\n\n", b'd', 2),
        (b"{}\0", 0, 2),
        (b"{}:\n", b':', 2),
    ] {
        let error = format!("Error(TrailingBytes {{ byte: {byte} }}, offset {offset})");
        gives(JSON, bytes, &[r#"Body("{}")"#, &error]);
        gives(JSON.dialect(Dialect::EventSource), bytes, &[r#"Body("{}")"#, &error]);
    }
    gives(
        JSON,
        b"\"a\"\"b\"",
        &[r#"Body("\"a\"")"#, "Error(TrailingBytes { byte: 34 }, offset 3)"],
    );
    gives(
        JSON,
        b"1 2",
        &[r#"Body("1")"#, "Error(TrailingBytes { byte: 50 }, offset 2)"],
    );
}

/// In `Auto` and `EventStream`, in either dialect: another body, or an event stream.
#[test]
fn r08_what_follows_a_body_is_no_error() {
    for (setup, end) in [
        (AUTO, "Finish(Unfinished)"),
        (STREAM, "Finish(Unfinished)"),
        // Where nothing marks an end, any body will do (R12).
        (AUTO.dialect(Dialect::EventSource), "Finish(Complete)"),
    ] {
        let bodies = [r#"Body("{}")"#, r#"Body("{\"a\":1}")"#, end];
        gives(setup, b"{}\n{\"a\":1}\n", &bodies);
        gives(setup, b"{} \t{\"a\":1}", &bodies);
        gives(setup, b"{}{\"a\":1}", &bodies);
    }
    gives(AUTO, b"{}\n \r\n\t", &[r#"Body("{}")"#, "Finish(Complete)"]);
    gives(
        AUTO,
        b"{}data: a\n\n",
        &[r#"Body("{}")"#, r#"Data("a")"#, "Finish(Unfinished)"],
    );
    gives(
        AUTO.dialect(Dialect::EventSource),
        b"{} data: a\n\n",
        &[r#"Body("{}")"#, r#"Data("a")"#, "Finish(Complete)"],
    );
    gives(
        AUTO,
        b"{}\n\ndata: [DONE]\n\n",
        &[r#"Body("{}")"#, "Done", "Finish(Complete)"],
    );
    // White space behind a body is skipped in silence, and what follows is no lead-in of its own.
    gives(
        AUTO,
        b"{}\n\n: q\n\n\n",
        &[r#"Body("{}")"#, r#"Comment("q")"#, "BlankLine", "Finish(Complete)"],
    );
    gives(
        AUTO,
        b"[]]\n",
        &[r#"Body("[]")"#, r#"Unknown("]")"#, "Finish(Complete)"],
    );
    gives(
        AUTO,
        b"\"a\"\"b\"\n",
        &[r#"Body("\"a\"")"#, r#"Unknown("\"b\"")"#, "Finish(Complete)"],
    );
    gives(
        AUTO,
        b"{}\0\n",
        &[r#"Body("{}")"#, r#"Unknown("\x00")"#, "Finish(Complete)"],
    );
    holds(
        &ALL,
        &[
            b"{}{}{}\n{",
            b"{}[]\n{}",
            b"{}\r\r: q\rid: 1\rdata: a\r\r",
            b"{}\n<p>\n{}\n",
            b"[1]{\n",
            b"{}\nx",
        ],
    );
}

/// In `Auto` and `Llm`, in the place of a body; in other setups it is an array.
#[test]
fn r08_the_end_mark_in_the_place_of_a_body_gives_done() {
    gives(AUTO, b"[DONE]", &["Done", "Finish(Complete)"]);
    gives(AUTO, b" \n[DONE]\n\n", &["BlankLine", "Done", "Finish(Complete)"]);
    gives(AUTO, b"[DONE", &[r#"Finish(Truncated, rest "[DONE")"#]);
    gives(AUTO, b"[ DONE]", &[r#"Body("[ DONE]")"#, "Finish(Complete)"]);
    gives(JSON, b"[DONE]", &[r#"Body("[DONE]")"#, "Finish(Complete)"]);
    gives(
        AUTO.dialect(Dialect::EventSource),
        b"[DONE]",
        &[r#"Body("[DONE]")"#, "Finish(Complete)"],
    );
}

// ---- R9: limits ---------------------------------------------------------------------------------------------------

/// Short, so that each can be tried with every limit and every split.
/// R6: the short way for a name and data needs some bytes behind them, and may not take what is no plain event.
#[test]
fn r06_a_name_and_data_with_much_behind_them() {
    let behind = ": a comment, longer than a vector\n\n";
    for name in ["", "a", "ping", "done", "error"] {
        for data in ["{}", "[DONE]", ""] {
            for end in ["\n", "\r\n"] {
                let response = format!(":\n\nevent: {name}{end}data: {data}{end}{end}{behind}");
                holds(&[AUTO, STANDARD], &[response.as_bytes()]);
            }
        }
    }
}

const LIMITED: &[&[u8]] = &[
    b"data: a\n\n",
    b"data:a\r\n\r\ndata: bc\r\n\r\n",
    b"data\ndata\ndata\n\ndata\n\n",
    b": comment\n\n:b\n",
    b"x\n: keep-alive\n\n",
    b"data:{}\n\ndata: {1}\n\n",
    b"data:{}\r\n\r\ndata: {1}\r\n\r\n",
    // By the short ways, which no response begins with: data, a name and data, lines.
    b":\n\ndata: {\"a\":1}\n\ndata: {\"bc\":2}\r\n\r\n",
    b":\n\nevent: a\ndata: {\"a\":\"7890123456789012345678901\"}\n\n",
    b":\n\ndata: {\ndata: }\n\nid:1\ndata:1\n\n",
    // A longer id leaves less room to the block behind it.
    b":\n\nid: 123456\nevent: a\ndata: {}\n\nevent: abcdefgh\ndata: {\"a\":1234567}\n\n",
    b"data\n\nevent: ab\ndata: c\n\n",
    b"data: a\n: bc\ndata\n\n",
    b"id: 12\ndata: a\n\ndata: b\n\n",
    b"id: 12\n\n: abc\nx\n\n",
    b"data: b\nevent: xy\nid: 3\n\n",
    b"id: 1\0\nretry: 1\nx\n\n",
    b"id: 123456\n\nid\n\ndata: abcd\n\n",
    b"data: [DONE]",
    b"\xEF\xBB\xBF\n\ndata: a\n\n",
    b"\xEF\xBBa\n",
    b"\n [1,\"a\"]\n",
    b"\"ab\" ",
    b"12 ",
];

#[test]
fn r09_every_limit_on_the_heap_and_in_an_ample_slice() {
    for response in LIMITED {
        for max_len in 0..=response.len() + 2 {
            let setups = [AUTO, STANDARD, JSON].map(|setup| setup.max_len(max_len));
            holds(&setups, &[response]);
        }
    }
}

/// Lines as long as what the short ways look at together, where the limit has room for all of them, or for all but a byte.
#[test]
fn r09_limits_of_longer_lines() {
    for len in [33, 64, 129, 300] {
        let data = format!("data: {{\"a\":\"{}\"}}\n", "x".repeat(len - 8));
        let third = format!("data: {{\"a\":\"{}\"}}\n", "x".repeat(len / 3));
        for lines in [
            data.clone(),
            format!("event: a\n{data}"),
            format!("id: 7\nevent: a\n{data}"),
            format!("{data}{data}event: a\n"),
            format!("event: a\nid: 7\n{third}{third}{third}"),
        ] {
            for line_end in ["\n", "\r\n"] {
                // The first line of a response goes another way.
                let response = format!("data: {{}}\n\n{lines}\ndata: {{}}\n\n").replace('\n', line_end);
                for max_len in lines.len() - 1..=lines.len() {
                    holds(
                        &[AUTO.max_len(max_len), STANDARD.slice(max_len)],
                        &[response.as_bytes()],
                    );
                }
            }
        }
    }
}

#[test]
fn r09_every_size_of_a_slice() {
    for response in LIMITED {
        for size in 0..=response.len() + 2 {
            for setup in [AUTO, STANDARD, JSON] {
                holds(&[setup.slice(size)], &[response]);
            }
        }
    }
}

#[test]
fn r09_a_block_counts_its_lines_and_their_ends() {
    let response = b"data: a\r\nid:1\rx\r\n\r\n";
    let events = [r#"Unknown("x")"#, r#"Data(id "1", "a")"#, "Finish(Unfinished)"];
    gives(AUTO.max_len(15), response, &events);
    gives(AUTO.max_len(14), response, &["Error(TooLong { limit: 14 }, offset 15)"]);
    gives(AUTO.max_len(13), response, &["Error(TooLong { limit: 13 }, offset 14)"]);
    gives(AUTO.max_len(7), response, &["Error(TooLong { limit: 7 }, offset 7)"]);
    gives(AUTO.max_len(0), response, &["Error(TooLong { limit: 0 }, offset 0)"]);
}

#[test]
fn r09_what_is_not_stored_counts_as_well() {
    // An id that is ignored, a retry, an unknown line.
    gives(STREAM.max_len(6), b"id: \0\n\n", &["Finish(Empty)"]);
    gives(
        STREAM.max_len(5),
        b"id: \0\n\n",
        &["Error(TooLong { limit: 5 }, offset 5)"],
    );
    gives(
        STREAM.max_len(8),
        b"retry:00\n",
        &["Error(TooLong { limit: 8 }, offset 8)"],
    );
    gives(STREAM.max_len(2), b"xx\n", &["Error(TooLong { limit: 2 }, offset 2)"]);
}

#[test]
fn r09_the_blank_line_is_free_and_each_block_counts_anew() {
    gives(
        AUTO.max_len(5),
        b"data\n\ndata\r\n\r\ndata\r\r",
        &[r#"Ping("")"#, r#"Ping("")"#, r#"Ping("")"#, "Finish(KeepAliveOnly)"],
    );
    gives(
        AUTO.max_len(9),
        b"data\ndata\n",
        &["Error(TooLong { limit: 9 }, offset 9)"],
    );
}

#[test]
fn r09_a_comment_counts_beside_its_block_and_nothing_afterwards() {
    gives(
        AUTO.max_len(3),
        b":ab\n:cd\n:ef\n",
        &[
            r#"Comment("ab")"#,
            r#"Comment("cd")"#,
            r#"Comment("ef")"#,
            "Finish(KeepAliveOnly)",
        ],
    );
    gives(AUTO.max_len(3), b":abc", &["Error(TooLong { limit: 3 }, offset 3)"]);
    gives(
        AUTO.max_len(8),
        b"data\n:ab\n:cd\n\n",
        &[
            r#"Comment("ab")"#,
            r#"Comment("cd")"#,
            r#"Ping("")"#,
            "Finish(KeepAliveOnly)",
        ],
    );
    gives(
        AUTO.max_len(8),
        b"data\n:abc\n",
        &["Error(TooLong { limit: 8 }, offset 8)"],
    );
}

#[test]
fn r09_a_body_counts_its_length() {
    gives(
        AUTO.max_len(4),
        b"\n\n[12]\n\n",
        &["BlankLine", "BlankLine", r#"Body("[12]")"#, "Finish(Complete)"],
    );
    gives(AUTO.max_len(3), b"[12]", &["Error(TooLong { limit: 3 }, offset 3)"]);
    gives(JSON.max_len(2), b"12", &[r#"Finish(Body("12"), Complete)"#]);
    gives(JSON.max_len(1), b"12", &["Error(TooLong { limit: 1 }, offset 1)"]);
}

#[test]
fn r09_a_slice_lowers_the_limit_by_its_size_less_the_id() {
    // Ten bytes of memory; the id leaves eight.
    let setup = AUTO.slice(10);
    gives(setup, b"id: 12\n\n", &["Finish(Empty)"]);
    gives(
        setup,
        b"id: 12\n\ndata:6\n\n",
        &[r#"Data(id "12", "6")"#, "Finish(Unfinished)"],
    );
    gives(
        setup,
        b"id: 12\n\ndata:678\n\n",
        &["Error(TooLong { limit: 8 }, offset 16)"],
    );
    // A body is not lowered by an id, as there is none.
    gives(setup, b"[345678]  ", &[r#"Body("[345678]")"#, "Finish(Complete)"]);
    let memory = &mut [0; 10];
    let mut parser = Parser::in_memory(memory, Options::new());
    parser.push(b"id: 12\n\n", |_| {}).unwrap();
    let error = parser.push(b"data:678\n\n", |_| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLong { limit: 8 });
    assert_eq!((error.offset(), parser.last_event_id()), (16, &b"12"[..]));
    // `reset` drops the id, and the memory is free again.
    parser.reset();
    let mut data = 0;
    parser
        .push(b"data:678\n\n", |event| {
            data += usize::from(matches!(event, Event::Data(_)))
        })
        .unwrap();
    assert_eq!(data, 1);
}

/// Nothing that a server sends for ever is taken for ever.
#[test]
fn r09_floods_end() {
    for (setup, start, flood) in [
        (AUTO, "", "data:\n"),
        (AUTO, "", "event\n"),
        (AUTO, "", "id: \0\n"),
        (AUTO, "", "retry: 1\n"),
        (AUTO, "", "x\n"),
        (AUTO, ":", "x"),
        (AUTO, "x", "x"),
        (AUTO, "data: ", "x"),
        (AUTO, "retry: ", "0"),
        (AUTO, "", "["),
        (AUTO, "\"", "x"),
        (JSON, "", "1"),
    ] {
        for chunk_len in [1, 7, 4096] {
            let response = start.to_owned() + &flood.repeat(4096);
            let memory = &mut vec![0; 1024];
            let mut parser = Parser::in_memory(memory, setup.options().max_len(1000));
            let error = response
                .as_bytes()
                .chunks(chunk_len)
                .find_map(|chunk| parser.push(chunk, |_| {}).err());
            assert_eq!(error.map(|error| error.offset()), Some(1000), "{start}{flood}…");
        }
    }
}

// ---- R10: errors --------------------------------------------------------------------------------------------------

#[test]
fn r10_the_chunk_starts_at_the_byte_that_failed() {
    for (setup, bytes, offset) in [
        (AUTO.max_len(8), &b": q\n\ndata: abc\n"[..], 13),
        (AUTO.max_len(4), b"[1,2]", 4),
        (JSON, b"{} {}", 3),
        (AUTO, b"\n\x1F\x8B", 1),
        (JSON.format(Format::JsonStream), b"[1]x", 3),
        (JSON, b"\n\n <", 3),
    ] {
        let memory = &mut [0; 64];
        let mut parser = Parser::in_memory(memory, setup.options());
        let mut chunk = bytes;
        let error = loop {
            match parser.next_event(&mut chunk) {
                Ok(event) => assert!(event.is_some()),
                Err(error) => break error,
            }
        };
        assert_eq!((error.offset(), parser.position()), (offset as u64, offset as u64));
        assert_eq!(chunk, &bytes[offset..]);
        assert_eq!(parser.next_event(&mut chunk), Err(error));
        assert_eq!(parser.finish().map(|finish| finish.outcome), Err(error));
        assert_eq!(chunk, &bytes[offset..]);
        check(bytes, setup);
    }
}

/// The byte that fails came with an earlier chunk: the chunk at hand stays whole.
#[test]
fn r10_a_broken_byte_order_mark_fails_at_its_start() {
    let memory = &mut [0; 64];
    let mut parser = Parser::in_memory(memory, JSON.options());
    assert_eq!(parser.next_event(&mut &b"\xEF\xBB"[..]), Ok(None));
    let mut chunk = &b"{}"[..];
    let error = parser.next_event(&mut chunk).unwrap_err();
    assert_eq!((error.offset(), parser.position(), chunk), (0, 0, &b"{}"[..]));
}

#[test]
fn r10_reset_ends_an_error() {
    let memory = &mut [0; 64];
    let mut parser = Parser::in_memory(memory, JSON.options());
    assert!(parser.push(b"<", |_| {}).is_err());
    parser.reset();
    parser
        .push(b"{}", |event| assert!(matches!(event, Event::Body(_))))
        .unwrap();
    assert_eq!(parser.finish().unwrap().outcome, Outcome::Complete);
}

// ---- R11: the end of an event stream, `Llm` -----------------------------------------------------------------------

#[test]
fn r11_done_needs_no_blank_line() {
    gives(AUTO, b"data: [DONE]", &["Finish(Done, Complete)"]);
    gives(AUTO, b"data: [DONE]\n", &["Finish(Done, Complete)"]);
    gives(
        AUTO,
        b"data: a\n\ndata:[DONE]\r",
        &[r#"Data("a")"#, "Finish(Done, Complete)"],
    );
    gives(AUTO, b"data: [DONE", &[r#"Finish(Truncated, rest "[DONE")"#]);
}

/// The caller need not ask for it before the end.
#[test]
fn r11_a_done_that_was_still_to_come_is_given_by_finish() {
    let memory = &mut [0; 64];
    let mut parser = Parser::in_memory(memory, Options::new());
    let mut chunk = &b"event: message_stop\ndata: {}\n\n"[..];
    assert!(matches!(parser.next_event(&mut chunk), Ok(Some(Event::Data(_)))));
    let finish = parser.finish().unwrap();
    assert_eq!((finish.event, finish.outcome), (Some(Event::Done), Outcome::Complete));
}

#[test]
fn r11_whole_json_data_is_given_and_other_data_is_not() {
    for data in ["{}", "[]", "{\"a\":[1,\"}\"]}", " {} \t", "{]"] {
        let response = format!("data: {data}");
        let event = format!("Data(\"{}\")", data.as_bytes().escape_ascii());
        gives(AUTO, response.as_bytes(), &[&format!("Finish({event}, Unfinished)")]);
    }
    for data in [
        "{",
        "{\"a\":\"}",
        "{}{}",
        "{} x",
        "true",
        "12",
        "\"a\"",
        "text",
        "[DONE]x",
        " ",
    ] {
        let response = format!("data: {data}");
        let rest = data.as_bytes().escape_ascii();
        gives(
            AUTO,
            response.as_bytes(),
            &[&format!("Finish(Truncated, rest \"{rest}\")")],
        );
    }
    gives(AUTO, b"data: {\ndata: }", &[r#"Finish(Data("{\n}"), Unfinished)"#]);
    gives(
        AUTO,
        b"data: {\ndata: 1,\ndata",
        &[r#"Finish(Truncated, rest "{\n1,\n")"#],
    );
}

#[test]
fn r11_a_ping_is_given() {
    gives(
        AUTO,
        b"event: ping\ndata: {\"a",
        &[r#"Finish(Ping(event "ping", "{\"a"), KeepAliveOnly)"#],
    );
    gives(AUTO, b"data: \n", &[r#"Finish(Ping(""), KeepAliveOnly)"#]);
    gives(
        AUTO,
        b"data: a\n\ndata\n",
        &[r#"Data("a")"#, r#"Finish(Ping(""), Unfinished)"#],
    );
    gives(
        AUTO,
        b"event: ping\n",
        &[r#"Finish(Ping(event "ping", ""), KeepAliveOnly)"#],
    );
}

/// An open line may lack its end: the rest of a name, or data that only looks empty.
#[test]
fn r11_what_may_be_split_is_not_trusted() {
    gives(AUTO, b"data: ", &["Finish(Truncated)"]);
    gives(AUTO, b"data", &["Finish(Truncated)"]);
    gives(AUTO, b"data: a\n\ndata:", &[r#"Data("a")"#, "Finish(Truncated)"]);
    gives(AUTO, b"event: ping", &["Finish(Truncated)"]);
    gives(AUTO, b"event: x\ndata:", &["Finish(Truncated)"]);
    gives(AUTO, b"event: error\ndata", &["Finish(Truncated)"]);
    gives(AUTO, b"data: {}\nevent: pi", &[r#"Finish(Truncated, rest "{}")"#]);
    gives(AUTO, b"data: {}\nevent", &[r#"Finish(Truncated, rest "{}")"#]);
    gives(AUTO, b"error: {}", &[r#"Finish(Truncated, rest "{}")"#]);
    gives(
        AUTO,
        b"error: {}\n",
        &[r#"Finish(Data(event "error", "{}"), Unfinished)"#],
    );
    // A terminal name without data is trusted with its blank line alone.
    for name in TERMINAL {
        gives(AUTO, format!("event: {name}\n").as_bytes(), &["Finish(Truncated)"]);
    }
    holds(
        &[AUTO, STREAM],
        &[
            b"event: error\n",
            b"data\ndata",
            b"data: [DONE]\nevent: x",
            b"id: 1\nerror",
            b"event: x\nid: 7",
            b"event: heartbeat\nid: 7",
            b"data:\n: q",
            b"data\nx",
        ],
    );
}

/// The id of what was not given must not make a client that resumes skip it.
#[test]
fn r11_ids_of_what_was_not_given_do_not_count() {
    for (bytes, id, retry) in [
        (&b"id: 7\n\nid: 8\ndata: {\"b\":"[..], "7", None),
        (b"id: 7\n\nid: 8\ndata: {}", "8", None),
        (b"id: 7\n\nid: 8\n", "7", None),
        (b"id: 7\n\ndata: {}\nid: 8", "7", None),
        (b"id: 7\n\nid: 8\nevent: x\n", "7", None),
        (b"id: 7\n\nid: 8\nevent: ping\n", "8", None),
        (b"id: 7\n\nretry: 30", "7", None),
        (b"id: 7\nretry: 3\n\nretry: 30", "7", Some(3)),
        (b"id: 7\n\nretry: 30\n", "7", Some(30)),
        (b"id: 7\n\nretry: 30\ndata: {", "7", Some(30)),
    ] {
        for chunk_len in [1, bytes.len()] {
            let memory = &mut [0; 128];
            let mut parser = Parser::in_memory(memory, Options::new());
            for chunk in bytes.chunks(chunk_len) {
                parser.push(chunk, |_| {}).unwrap();
            }
            let _ = parser.finish().unwrap();
            let what = bytes.escape_ascii();
            assert_eq!(
                (parser.last_event_id(), parser.retry()),
                (id.as_bytes(), retry),
                "{what}"
            );
        }
        check(bytes, AUTO);
    }
}

/// For those who give a last event that lacks its blank line, but know no end mark.
#[test]
fn r11_a_lenient_end_holds_in_event_source_too() {
    let lenient = STANDARD.lenient_end(true);
    gives(lenient, b"data: {}", &[r#"Finish(Data("{}"), Complete)"#]);
    gives(
        lenient,
        b"event: x\ndata: [1]\n",
        &[r#"Finish(Data(event "x", "[1]"), Complete)"#],
    );
    gives(lenient, b"data: [DONE]", &[r#"Finish(Data("[DONE]"), Complete)"#]);
    gives(
        lenient,
        b"data: \"[DONE]\"\n",
        &[r#"Finish(Data("\"[DONE]\""), Complete)"#],
    );
    gives(lenient, b"data: {", &[r#"Finish(Truncated, rest "{")"#]);
    gives(lenient, b"data: a", &[r#"Finish(Truncated, rest "a")"#]);
    gives(
        lenient,
        b"data: a\n\ndata: b",
        &[r#"Data("a")"#, r#"Finish(Truncated, rest "b")"#],
    );
    gives(lenient, b"data: a\n\n", &[r#"Data("a")"#, "Finish(Complete)"]);
    gives(lenient, b"data: {}\nevent: x", &[r#"Finish(Truncated, rest "{}")"#]);
    // In `Llm` it is always so.
    gives(
        AUTO.lenient_end(true),
        b"data: {}",
        &[r#"Finish(Data("{}"), Unfinished)"#],
    );
    holds(
        &[lenient, AUTO.dialect(Dialect::EventSource).lenient_end(true)],
        &[
            b"data\n",
            b"data",
            b": q",
            b": q\n",
            b"x",
            b"data: a\n\nx",
            b"data: a\n\n: q",
            b"id: 1\ndata: {}\n",
            b"id: 1\ndata: {\n",
            b"event: ping\n",
            b"data: {}\nid: 1",
            b"retry: 3",
            b"error: {}\n",
            b"{}",
            b"[1",
        ],
    );
}

/// For servers that send no end mark: any data will do, but not within an array.
#[test]
fn r11_without_an_end_mark_data_makes_a_response_complete() {
    let setup = AUTO.end_mark(false);
    gives(setup, b"data: a\n\n", &[r#"Data("a")"#, "Finish(Complete)"]);
    gives(setup, b"data: {}", &[r#"Finish(Data("{}"), Complete)"#]);
    gives(
        setup,
        b"data: a\n\n: q\n",
        &[r#"Data("a")"#, r#"Comment("q")"#, "Finish(Complete)"],
    );
    gives(
        setup,
        b"data: a\n\ndata: {",
        &[r#"Data("a")"#, r#"Finish(Truncated, rest "{")"#],
    );
    gives(setup, b"event: x\n\n", &["Finish(Unfinished)"]);
    gives(
        setup,
        b"{}{}",
        &[r#"Body("{}")"#, r#"Body("{}")"#, "Finish(Unfinished)"],
    );
    gives(setup, b": q\n", &[r#"Comment("q")"#, "Finish(KeepAliveOnly)"]);
    let values = setup.format(Format::JsonStream);
    gives(
        values,
        b"{}\n{}\n",
        &[r#"Data("{}")"#, r#"Data("{}")"#, "Finish(Complete)"],
    );
    gives(values, b"[{},", &[r#"Data("{}")"#, "Finish(Unfinished)"]);
    gives(values, b"{}\n{", &[r#"Data("{}")"#, r#"Finish(Truncated, rest "{")"#]);
    holds(
        &[
            setup,
            STREAM.end_mark(false),
            STANDARD.end_mark(false),
            JSON.end_mark(false),
        ],
        &[
            b"data: a\n\nx",
            b"data: a\n\n{}",
            b"x\ndata: a\n\n",
            b"{}data: a\n\n",
            b"",
            b"12",
            b"data\n",
        ],
    );
}

#[test]
fn r11_a_terminal_event_is_complete() {
    gives(
        AUTO,
        b"event: message_stop\ndata: {}",
        &[r#"Finish(Data(event "message_stop", "{}"), Complete)"#],
    );
    gives(
        AUTO,
        b"event: message_stop\ndata: {",
        &[r#"Finish(Truncated, rest "{")"#],
    );
    gives(AUTO, b"event: message_stop\n", &["Finish(Truncated)"]);
}

#[test]
fn r11_the_open_line_is_given_where_the_block_is_not() {
    gives(AUTO, b": keep-al", &[r#"Finish(Comment("keep-al"), KeepAliveOnly)"#]);
    gives(AUTO, b"data: {\n: q", &[r#"Finish(Comment("q"), Truncated, rest "{")"#]);
    gives(AUTO, b"data: {}\n: q", &[r#"Finish(Data("{}"), Unfinished)"#]);
    gives(
        AUTO,
        b"upstream died",
        &[r#"Finish(Unknown("upstream died"), Unrecognized)"#],
    );
    gives(
        AUTO,
        b"data: a\n\nupstream died",
        &[r#"Data("a")"#, r#"Finish(Unknown("upstream died"), Truncated)"#],
    );
}

#[test]
fn r11_the_outcome_is_the_first_that_holds() {
    gives(
        AUTO,
        b"data: [DONE]\n\ndata: {",
        &["Done", r#"Finish(Complete, rest "{")"#],
    );
    gives(AUTO, b"event: x", &["Finish(Truncated)"]);
    // A block without data is output (R6 e).
    gives(AUTO, b"event: x\n\n", &["Finish(Unfinished)"]);
    gives(AUTO, b"id: 1\n\n", &["Finish(Empty)"]);
    gives(
        AUTO,
        b"x\n\ndata: a\n\n",
        &[r#"Unknown("x")"#, r#"Data("a")"#, "Finish(Unfinished)"],
    );
    gives(
        AUTO,
        b": q\nx\n",
        &[r#"Comment("q")"#, r#"Unknown("x")"#, "Finish(Unrecognized)"],
    );
    gives(AUTO, b": q\n", &[r#"Comment("q")"#, "Finish(KeepAliveOnly)"]);
    gives(AUTO, b"id: 1\nretry: 1\n", &["Finish(Empty)"]);
    holds(
        &[AUTO, STREAM],
        &[
            b"id: 1",
            b"retry: 1",
            b"data: a\n\nevent: x\n",
            b"data: a\n\nx\n",
            b"x\n: q",
            b": q\nx",
            b"data\ndata: ",
            b"id: 1\ndata: {}\nid: 2",
        ],
    );
}

/// One body is a response; anything beside it makes it less or more.
#[test]
fn r11_bodies_and_the_end() {
    let body = r#"Body("{}")"#;
    gives(AUTO, b":\n{}", &[r#"Comment("")"#, body, "Finish(Complete)"]);
    gives(AUTO, b"{}: q", &[body, r#"Finish(Comment("q"), Complete)"#]);
    gives(AUTO, b"{}x", &[body, r#"Finish(Unknown("x"), Complete)"#]);
    gives(AUTO, b"{}\n{}", &[body, body, "Finish(Unfinished)"]);
    gives(AUTO, b"data: a\n\n{}", &[r#"Data("a")"#, body, "Finish(Unfinished)"]);
    gives(AUTO, b"{}data: a\n\n", &[body, r#"Data("a")"#, "Finish(Unfinished)"]);
    gives(AUTO, b"event: x\n\n{}", &[body, "Finish(Unfinished)"]);
    gives(AUTO, b"{}event: x\n\n", &[body, "Finish(Unfinished)"]);
    gives(AUTO, b"{}data: {", &[body, r#"Finish(Complete, rest "{")"#]);
    gives(AUTO, b"{}\n{", &[body, r#"Finish(Truncated, rest "{")"#]);
    gives(AUTO, b"{}data: [DONE]", &[body, "Finish(Done, Complete)"]);
}

/// What is left over tells what came last.
#[test]
fn r11_rest_is_data_or_an_unknown_line_that_was_not_given() {
    gives(AUTO, b"data: {\nx", &[r#"Finish(Unknown("x"), Truncated, rest "{")"#]);
    gives(AUTO, b"data: {}\nx", &[r#"Finish(Data("{}"), Unfinished, rest "x")"#]);
    gives(
        AUTO,
        b"event: ping\nx",
        &[r#"Finish(Ping(event "ping", ""), Unrecognized, rest "x")"#],
    );
    gives(
        AUTO,
        b"data:\n<html>",
        &[r#"Finish(Ping(""), Unrecognized, rest "<html>")"#],
    );
    gives(AUTO, b"data: a\n\n[DONE]", &[r#"Data("a")"#, "Finish(Done, Complete)"]);
    gives(AUTO, b"data: {}\n[DONE]", &[r#"Finish(Data("{}"), Complete)"#]);
    gives(AUTO, b"data: a\n[DONE]", &[r#"Finish(Done, Complete, rest "a")"#]);
    gives(
        AUTO,
        b"data: a\n\n[DON",
        &[r#"Data("a")"#, r#"Finish(Unknown("[DON"), Truncated)"#],
    );
}

// ---- R12: the end of an event stream, `EventSource` ---------------------------------------------------------------

#[test]
fn r12_an_open_block_is_discarded() {
    gives(STANDARD, b"data: {}\n", &[r#"Finish(Truncated, rest "{}")"#]);
    gives(STANDARD, b"data: a\ndata: b", &[r#"Finish(Truncated, rest "a\nb")"#]);
    gives(STANDARD, b"data: [DONE]", &[r#"Finish(Truncated, rest "[DONE]")"#]);
    gives(STANDARD, b"event: x\n", &["Finish(Truncated)"]);
    gives(STANDARD, b"da", &[r#"Finish(Truncated, rest "da")"#]);
    gives(STANDARD, b"id: 1\n", &["Finish(Empty)"]);
    gives(STANDARD, b"id: 1", &["Finish(Truncated)"]);
}

#[test]
fn r12_an_open_comment_is_nothing() {
    gives(STANDARD, b": q", &["Finish(Empty)"]);
    gives(STANDARD, b"data: a\n\n: q", &[r#"Data("a")"#, "Finish(Complete)"]);
    gives(STANDARD, b": q\n: q", &[r#"Comment("q")"#, "Finish(KeepAliveOnly)"]);
}

/// A `retry` counts at the end of its line, for good.
#[test]
fn r12_no_id_of_an_open_block_counts_and_no_retry_of_an_open_line() {
    let response = b"id: 1\nretry: 1\n\nid: 2\nretry: 2\n: a\nid: 3\nretry: 3";
    let memory = &mut [0; 128];
    let mut parser = Parser::in_memory(memory, STANDARD.options());
    parser.push(response, |_| {}).unwrap();
    assert_eq!((parser.last_event_id(), parser.retry()), (&b"1"[..], Some(2)));
    assert_eq!(parser.finish().unwrap().outcome, Outcome::Truncated);
    assert_eq!((parser.last_event_id(), parser.retry()), (&b"1"[..], Some(2)));
    check(response, STANDARD);
    check(b"retry: 1\n\nretry: 2\n: a\nretry: 3", STANDARD);
    check(b"retry: 2\n: a\n", STANDARD);
    check(b"retry: 1\n\nretry: x\nretry: 2\nretry: 3\n", STANDARD);
}

#[test]
fn r12_the_outcome_is_the_first_that_holds() {
    gives(STANDARD, b"data: a\n\n", &[r#"Data("a")"#, "Finish(Complete)"]);
    gives(
        STANDARD,
        b"data: a\n\nx",
        &[r#"Data("a")"#, r#"Finish(Truncated, rest "x")"#],
    );
    gives(STANDARD, b"data: a\n\nid: 1\n", &[r#"Data("a")"#, "Finish(Complete)"]);
    gives(
        STANDARD,
        b"x\n: q\n",
        &[r#"Unknown("x")"#, r#"Comment("q")"#, "Finish(Unrecognized)"],
    );
    gives(STANDARD, b"\n", &["BlankLine", "Finish(KeepAliveOnly)"]);
}

/// A body is complete where nothing marks an end.
#[test]
fn r12_a_body_makes_it_complete() {
    let setup = AUTO.dialect(Dialect::EventSource);
    let body = r#"Body("{}")"#;
    gives(setup, b"{}", &[body, "Finish(Complete)"]);
    gives(setup, b"{}:\n", &[body, r#"Comment("")"#, "Finish(Complete)"]);
    gives(setup, b"{}x\n", &[body, r#"Unknown("x")"#, "Finish(Complete)"]);
    gives(setup, b"{}x", &[body, r#"Finish(Truncated, rest "x")"#]);
    gives(setup, b"{}data: a", &[body, r#"Finish(Truncated, rest "a")"#]);
    gives(setup, b"{}{", &[body, r#"Finish(Truncated, rest "{")"#]);
}

// ---- R13: the end of JSON -----------------------------------------------------------------------------------------

#[test]
fn r13_the_end_before_within_and_after_a_body() {
    for setup in [AUTO, JSON] {
        gives(setup, b"", &["Finish(Empty)"]);
        gives(setup, b" \t", &["Finish(Empty)"]);
        gives(setup, b" \n", &["BlankLine", "Finish(KeepAliveOnly)"]);
        gives(setup, b"{\"a\":\"}", &[r#"Finish(Truncated, rest "{\"a\":\"}")"#]);
        gives(
            setup,
            b"\n\"a\\\"",
            &["BlankLine", r#"Finish(Truncated, rest "\"a\\\"")"#],
        );
        gives(setup, b"[1] ", &[r#"Body("[1]")"#, "Finish(Complete)"]);
    }
    gives(JSON, b"12", &[r#"Finish(Body("12"), Complete)"#]);
    gives(JSON, b"tru", &[r#"Finish(Body("tru"), Complete)"#]);
}

#[test]
fn r13_finish_again_gives_the_outcome_alone() {
    for (setup, bytes, outcome) in [
        (AUTO, &b"data: {}"[..], Outcome::Unfinished),
        (AUTO, b"data: {", Outcome::Truncated),
        (AUTO, b"data: [DONE]", Outcome::Complete),
        (AUTO, b"{\"a", Outcome::Truncated),
        (JSON, b"12", Outcome::Complete),
        (AUTO, b"", Outcome::Empty),
    ] {
        let memory = &mut [0; 64];
        let mut parser = Parser::in_memory(memory, setup.options());
        parser.push(bytes, |_| {}).unwrap();
        assert_eq!(parser.finish().unwrap().outcome, outcome);
        for _ in 0..2 {
            let again = parser.finish().unwrap();
            assert_eq!((again.event, again.outcome, again.rest), (None, outcome, &b""[..]));
            let mut late = &b"data: late\n\n"[..];
            assert_eq!(parser.next_event(&mut late), Ok(None));
            assert_eq!(late, b"data: late\n\n");
        }
        parser.reset();
        let mut late = &b" "[..];
        assert_eq!(parser.next_event(&mut late), Ok(None));
        assert_eq!(late, b"");
    }
}

/// The mark has been given; what comes after it is the caller's choice (R7).
#[test]
fn r13_a_body_left_open_after_done_is_complete() {
    gives(AUTO, b"[DONE]{", &["Done", r#"Finish(Complete, rest "{")"#]);
    gives(
        AUTO,
        b"data: [DONE]\n\n{\"a",
        &["Done", r#"Finish(Complete, rest "{\"a")"#],
    );
    gives(AUTO, b"event: done\n\n{", &["Done", r#"Finish(Complete, rest "{")"#]);
}

// ---- R14: the phase -----------------------------------------------------------------------------------------------

#[test]
fn r14_phase_after_each_event() {
    let phases = |setup: Setup, bytes: &[u8]| {
        let memory = &mut [0; 128];
        let trace = trace_of(&mut Parser::in_memory(memory, setup.options()), [bytes]);
        let steps = trace.steps.iter().map(|step| step.state.phase);
        steps.chain([trace.after.phase]).collect::<Vec<_>>()
    };
    use Phase::{Complete, Receiving, Waiting};
    assert_eq!(
        phases(
            AUTO,
            b"\n: q\nx\ndata\n\nid: 1\n\ndata: a\n\n: q\n\ndata: [DONE]\n\ndata: b\n\n"
        ),
        [
            Waiting, Waiting, Waiting, Waiting, Receiving, Receiving, Complete, Complete, Complete
        ]
    );
    assert_eq!(
        phases(AUTO, b"event: message_stop\ndata: {}\n\n"),
        [Receiving, Complete, Complete]
    );
    assert_eq!(phases(STANDARD, b"data: [DONE]\n\n"), [Receiving, Receiving]);
    assert_eq!(phases(AUTO, b"\n{}"), [Waiting, Complete, Complete]);
    assert_eq!(phases(AUTO, b"\n{"), [Waiting, Receiving]);
    assert_eq!(phases(JSON, b" 1"), [Complete]);
}

#[test]
fn r14_a_body_before_output_and_unknown_lines_completes() {
    let phase = |bytes: &[u8]| {
        let memory = &mut [0; 64];
        let mut parser = Parser::in_memory(memory, Options::new());
        parser.push(bytes, |_| {}).unwrap();
        parser.phase()
    };
    assert_eq!(phase(b":\n{"), Phase::Receiving);
    assert_eq!(phase(b":\n{}\n"), Phase::Complete);
    assert_eq!(phase(b"{}\n{"), Phase::Complete, "it never goes back");
    assert_eq!(phase(b"event: x\n\n"), Phase::Receiving, "output by R6 e");
    assert_eq!(phase(b"event: x\n\n{}\n"), Phase::Receiving);
    assert_eq!(phase(b"data: a\n\n{}\n"), Phase::Receiving);
    assert_eq!(phase(b"[DONE]\n"), Phase::Complete);
    assert_eq!(phase(b"event: ping\n\n"), Phase::Waiting);
    assert_eq!(phase(b"event: error\n\n"), Phase::Receiving);
    assert_eq!(phase(b"x\n\n"), Phase::Waiting);
}

// ---- R15: boundaries ----------------------------------------------------------------------------------------------

#[test]
fn r15_boundaries_after_each_byte() {
    // `.` neither, `l` line, `e` event.
    for (setup, bytes, expected) in [
        (
            AUTO,
            &b"\n\r\n: q\n\ndata: a\r\n\r\nid\n\n"[..],
            "ee.e...ee........l.e..le",
        ),
        (AUTO, b" \n:\n", "e...e"),
        (AUTO, b"{}\nx\n\n", "e....le"),
        (AUTO, b"[DONE]\n:\n", "e........e"),
        (AUTO, b":\n{}\n:\n", "e.e....e"),
        (JSON.format(Format::JsonStream), b"\n{}\n", "....."),
        (AUTO, b"\n{}\n", "ee..."),
        (STREAM, b"x\n:\n\n", "e.l.le"),
        (STREAM, b"\xEF\xBB\xBF\n", "e..ee"),
        (AUTO, b"\xEF\xBB\xBF\n:\n", "e.....e"),
        (JSON, b"\n1 ", "...."),
    ] {
        let memory = &mut [0; 64];
        let mut parser = Parser::in_memory(memory, setup.options());
        let mut boundaries = String::new();
        for byte in [&b""[..]].into_iter().chain(bytes.chunks(1)) {
            parser.push(byte, |_| {}).unwrap();
            boundaries.push(match (parser.at_line_boundary(), parser.at_event_boundary()) {
                (true, true) => 'e',
                (true, false) => 'l',
                (false, false) => '.',
                (false, true) => unreachable!("an event boundary that is no line boundary"),
            });
        }
        assert_eq!(boundaries, expected, "\"{}\"", bytes.escape_ascii());
        check(bytes, setup);
    }
}

#[test]
fn r15_neither_holds_after_an_error() {
    let memory = &mut [0; 8];
    let mut parser = Parser::in_memory(memory, Options::new().max_len(4));
    assert!(parser.push(b"\ndata\n", |_| {}).is_err());
    assert!(!parser.at_line_boundary() && !parser.at_event_boundary());
}

/// What the rule is for: a comment put in at a line boundary, or an event at an event boundary, changes nothing else, but
/// that a blank line after it is no keep-alive of its own any more (R6).
#[test]
fn r15_what_is_inserted_at_a_boundary_changes_nothing_else() {
    let response = b"\n\rid: 1\r\nevent: x\ndata: {\r\ndata: }\n\n\r\nerror: {}\r\n: q\ndata: [DONE]\n\nx\n";
    let is_left = |event: &Seen| *event != Seen::BlankLine && !format!("{event:?}").contains("inserted");
    let events = |bytes: &[u8]| {
        let memory = &mut [0; 256];
        let trace = trace_of(&mut Parser::in_memory(memory, Options::new()), [bytes]);
        trace.heard().events.into_iter().filter(is_left).collect::<Vec<_>>()
    };
    let expected = events(response);
    for at in 0..=response.len() {
        let memory = &mut [0; 256];
        let mut parser = Parser::in_memory(memory, Options::new());
        let (before, after) = response.split_at(at);
        parser.push(before, |_| {}).unwrap();
        // The LF that belongs to a CR comes first: after a line of the proxy's own it would be a blank line.
        let within_crlf = before.ends_with(b"\r") && after.starts_with(b"\n");
        if parser.at_line_boundary() && !within_crlf {
            assert_eq!(
                events(&[before, b": inserted\n", after].concat()),
                expected,
                "a comment at {at}"
            );
        }
        if parser.at_event_boundary() && !within_crlf {
            assert_eq!(
                events(&[before, b"data: inserted\n\n", after].concat()),
                expected,
                "an event at {at}"
            );
        }
    }
}

// ---- R6: names ----------------------------------------------------------------------------------------------------

/// What each `Data` and `Ping` of a response is named, at every chunk length.
#[track_caller]
fn names(setup: Setup, bytes: &[u8], expected: &[&str]) {
    for chunk_len in 1..=bytes.len() {
        let names: Vec<_> = named(setup, bytes, chunk_len)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, expected, "\"{}\" by {chunk_len}", bytes.escape_ascii());
    }
    check(bytes, setup);
}

#[test]
fn r06_the_name_is_the_event_field_or_the_first_member() {
    for (bytes, name) in [
        (&b"event: x\ndata: {\"type\":\"y\"}\n\n"[..], "x"),
        (b"event\ndata: {\"type\":\"y\"}\n\n", "y"),
        (b"data: {\"type\":\"y\"}\n\n", "y"),
        (b"data: {\"type\":\"y\"\n\n", "y"),
        (b"data:  \t{ \"type\"\t: \"y\" ,\n\n", "y"),
        (b"data: {\ndata: \"type\"\ndata: :\ndata: \"y\"}\n\n", "y"),
        (b"data: {\"type\":\"\"}\n\n", ""),
        (b"data: {\"a\":1,\"type\":\"y\"}\n\n", ""),
        (b"data: {\"type\":\"y\\n\"}\n\n", ""),
        (b"data: {\"type\":1}\n\n", ""),
        (b"data: {\"type\":\"y\n\n", ""),
        (b"data: {\"Type\":\"y\"}\n\n", ""),
        (b"data: [{\"type\":\"y\"}]\n\n", ""),
        (b"data: x\n\n", ""),
        (b"error: {\"type\":\"y\"}\n\n", "error"),
    ] {
        names(AUTO, bytes, &[name]);
    }
    // At the end of input too, and in the standard's dialect, where it means nothing.
    names(AUTO, b"data: {\"type\":\"y\"}", &["y"]);
    names(
        STANDARD,
        b"data: {\"type\":\"ping\"}\n\ndata: {\"type\":\"done\"}\n\n",
        &["ping", "done"],
    );
    names(
        AUTO,
        b"data: {\"type\":\"heartbeat\"}\n\nevent: ping\n\ndata\n\n",
        &["heartbeat", "ping", ""],
    );
    names(AUTO.format(Format::JsonStream), b"{\"type\":\"y\"}\n[]\n", &["y", ""]);
}

#[test]
fn r06_a_name_by_type_is_a_name() {
    for name in ["ping", "keepalive", "keep-alive", "keep_alive", "heartbeat"] {
        let response = format!("data: {{\"type\":\"{name}\",\"a\":1}}\n\n");
        let event = format!("Ping(name \"{name}\", \"{{\\\"type\\\":\\\"{name}\\\",\\\"a\\\":1}}\")");
        gives(AUTO, response.as_bytes(), &[&event, "Finish(KeepAliveOnly)"]);
        names(AUTO, response.as_bytes(), &[name]);
    }
    for name in TERMINAL {
        let response = format!("data: {{\"type\": \"{name}\"}}\n\n");
        let event = format!("Data(name \"{name}\", \"{{\\\"type\\\": \\\"{name}\\\"}}\")");
        gives(AUTO, response.as_bytes(), &[&event, "Done", "Finish(Complete)"]);
        names(AUTO, response.as_bytes(), &[name]);
        // At the end of input it is complete, as far as it can be trusted.
        let open = response.trim_end();
        gives(AUTO, open.as_bytes(), &[&format!("Finish({event}, Complete)")]);
    }
    // The field has the first word.
    gives(
        AUTO,
        b"event: x\ndata: {\"type\":\"ping\"}\n\n",
        &[r#"Data(event "x", "{\"type\":\"ping\"}")"#, "Finish(Unfinished)"],
    );
    holds(
        &STREAMS,
        &[
            b"data: {\ndata: \"type\":\"ping\"}\n\n",
            b"id: 1\ndata: {\"type\":\"done\"}\n: q\n\n",
            b"data: {\"type\":\"end\"",
            b"event\ndata: {\"type\":\"error\"}\n\n",
        ],
    );
}

/// R6 d. and e.: an error name gives its block, any other is output without an event.
#[test]
fn r06_a_block_without_data() {
    for name in ["error", "api.error", "x.failed", ".error", "response.error"] {
        let event = format!("Data(event \"{name}\", \"\")");
        gives(
            AUTO,
            format!("event: {name}\n\n").as_bytes(),
            &[&event, "Finish(Unfinished)"],
        );
        gives(
            AUTO,
            format!("event: {name}\ndata\n\n").as_bytes(),
            &[&event, "Finish(Unfinished)"],
        );
    }
    for name in [
        "message_start",
        "errors",
        "failed",
        "Error",
        "x_error",
        "response.mcp_call.failed",
        "response.x.error",
    ] {
        gives(AUTO, format!("event: {name}\n\n").as_bytes(), &["Finish(Unfinished)"]);
    }
    gives(
        AUTO,
        b"id: 1\nevent: x\n\n: q\n\n",
        &[r#"Comment("q")"#, "Finish(Unfinished)"],
    );
    gives(STANDARD, b"event: error\n\nevent: done\n\n", &["Finish(Empty)"]);
}

#[test]
fn r06_done_in_quotes() {
    for response in [
        &b"data: \"[DONE]\"\n\n"[..],
        b"data:\t\"[DONE]\" \n\n",
        b"event: done\ndata: \"[DONE]\"\n\n",
        b"event: error\ndata: [DONE]\n\n",
        b"error: [DONE]\n\n",
    ] {
        gives(AUTO, response, &["Done", "Finish(Complete)"]);
    }
    gives(AUTO, b"data: \"[DONE]\"", &["Finish(Done, Complete)"]);
    gives(
        AUTO,
        b"data: \"[DONE]\n\n",
        &[r#"Data("\"[DONE]")"#, "Finish(Unfinished)"],
    );
    gives(
        AUTO,
        b"data: \" [DONE]\"\n\n",
        &[r#"Data("\" [DONE]\"")"#, "Finish(Unfinished)"],
    );
}

#[test]
fn r07_done_is_given_once_at_the_end_too() {
    // The block was not given, so its data is what is left over.
    gives(
        AUTO,
        b"data: [DONE]\n\ndata: [DONE]",
        &["Done", r#"Finish(Complete, rest "[DONE]")"#],
    );
    gives(AUTO, b"data: [DONE]\n\n[DONE]", &["Done", "Finish(Complete)"]);
    gives(AUTO, b"[DONE]\n[DONE]\n", &["Done", "Finish(Complete)"]);
    gives(AUTO, b"data: [DONE]\n\nevent: done\n\n", &["Done", "Finish(Complete)"]);
    gives(
        AUTO,
        b"event: done\ndata: a\n\nevent: message_stop\ndata: {}",
        &[
            r#"Data(event "done", "a")"#,
            "Done",
            r#"Finish(Data(event "message_stop", "{}"), Complete)"#,
        ],
    );
}

// ---- R2, R16: JSON ------------------------------------------------------------------------------------------------

#[test]
fn r02_a_control_byte_is_no_text() {
    for byte in 0..=0x1F {
        if b"\t\n\r".contains(&byte) {
            continue;
        }
        let error = |offset: usize| format!("Error(NotText {{ byte: {byte} }}, offset {offset})");
        gives(AUTO, &[byte], &[&error(0)]);
        gives(AUTO.dialect(Dialect::EventSource), &[b' ', byte, b'\n'], &[&error(1)]);
        gives(AUTO, &[b'\n', byte, b'{'], &["BlankLine", &error(1)]);
        // Later it is text, and with a given format the byte is not asked for that.
        let line = [b':', b'\n', byte, b'\n'];
        assert!(given(AUTO, &line)[1].starts_with("Unknown"), "{byte}");
        assert!(given(STREAM, &[byte, b'\n'])[0].starts_with("Unknown"), "{byte}");
        for setup in [JSON, JSON_STREAM] {
            gives(
                setup,
                &[byte],
                &[&format!("Error(NotJson {{ byte: {byte} }}, offset 0)")],
            );
        }
    }
    gives(AUTO, b"\x7F\n", &[r#"Unknown("\x7f")"#, "Finish(Unrecognized)"]);
}

#[test]
fn r16_a_line_that_begins_with_a_brace_is_a_body() {
    let error = r#"Body("{\n \"error\": {\n }\n}")"#;
    let bytes = "{\n \"error\": {\n }\n}";
    gives(
        AUTO,
        format!(": q\n\n{bytes}\n").as_bytes(),
        &[r#"Comment("q")"#, error, "Finish(Complete)"],
    );
    // Right behind a comment, without a blank line between.
    gives(
        AUTO,
        format!(": q\n{bytes}\n\n").as_bytes(),
        &[r#"Comment("q")"#, error, "Finish(Complete)"],
    );
    gives(
        STREAM,
        format!("\n{bytes}").as_bytes(),
        &["BlankLine", error, "Finish(Complete)"],
    );
    gives(
        AUTO,
        format!("data: a\n\n{bytes}\n").as_bytes(),
        &[r#"Data("a")"#, error, "Finish(Unfinished)"],
    );
    gives(
        AUTO,
        b"data: [DONE]\n\n{\"a",
        &["Done", r#"Finish(Complete, rest "{\"a")"#],
    );
    gives(
        AUTO,
        b":\n{\"a",
        &[r#"Comment("")"#, r#"Finish(Truncated, rest "{\"a")"#],
    );
    // What follows goes on as after any body.
    gives(
        AUTO,
        b":\n{}\ndata: a\n\n{}x\n",
        &[
            r#"Comment("")"#,
            r#"Body("{}")"#,
            r#"Data("a")"#,
            r#"Body("{}")"#,
            r#"Unknown("x")"#,
            "Finish(Unfinished)",
        ],
    );
    holds(
        &[AUTO, STREAM],
        &[
            b":\r{}\r\r",
            b":\r\n{}\r\n\r\n{\r\n}\r\n",
            b"\n{",
            b"{}",
            b":\n{]\n\n",
            b"id: 1\n\n{}\n",
        ],
    );
}

#[test]
fn r16_but_not_within_a_block_or_a_page_or_the_standard() {
    for field in ["data: a", "event: x", "id: 1", "retry: 1", "error: a"] {
        let response = format!("{field}\n{{}}\n\n");
        let given = given(AUTO, response.as_bytes());
        assert_eq!(given[0], r#"Unknown("{}")"#, "{field}");
        holds(&STREAMS, &[response.as_bytes()]);
    }
    gives(
        AUTO,
        b"<html>\n\n{}\n",
        &[r#"Unknown("<html>")"#, r#"Unknown("{}")"#, "Finish(Unrecognized)"],
    );
    gives(
        STANDARD,
        b":\n{}\n",
        &[r#"Comment("")"#, r#"Unknown("{}")"#, "Finish(Unrecognized)"],
    );
    gives(
        AUTO.dialect(Dialect::EventSource),
        b":\n{}\n",
        &[r#"Comment("")"#, r#"Unknown("{}")"#, "Finish(Unrecognized)"],
    );
    // Only at the beginning of a line, and no other bracket.
    gives(
        AUTO,
        b":\n {}\n",
        &[r#"Comment("")"#, r#"Unknown(" {}")"#, "Finish(Unrecognized)"],
    );
    gives(
        AUTO,
        b":\n[{}]\n",
        &[r#"Comment("")"#, r#"Unknown("[{}]")"#, "Finish(Unrecognized)"],
    );
}

// ---- R17: JSON streams --------------------------------------------------------------------------------------------

const JSON_STREAM: Setup = AUTO.format(Format::JsonStream);

#[test]
fn r17_values_follow_each_other() {
    let three = [
        r#"Data("{}")"#,
        r#"Data("\"a\"")"#,
        r#"Data("[1]")"#,
        "Finish(Unfinished)",
    ];
    for response in ["{}\"a\"[1]", "{}\n\"a\"\r\n[1]\n", "\u{feff} {} \"a\"\t[1]  "] {
        // The `[` that is the first value would be an array.
        gives(JSON_STREAM, response.as_bytes(), &three);
    }
    gives(
        JSON_STREAM,
        b"\n1\n true null\n",
        &[
            "BlankLine",
            r#"Data("1")"#,
            r#"Data("true")"#,
            r#"Data("null")"#,
            "Finish(Unfinished)",
        ],
    );
    // A scalar at the end of input is complete, for all that can be known.
    gives(
        JSON_STREAM,
        b"{}\n12",
        &[r#"Data("{}")"#, r#"Finish(Data("12"), Unfinished)"#],
    );
    gives(JSON_STREAM, b"12", &[r#"Finish(Data("12"), Unfinished)"#]);
    gives(
        JSON_STREAM,
        b"{}\n{\"a",
        &[r#"Data("{}")"#, r#"Finish(Truncated, rest "{\"a")"#],
    );
    gives(
        JSON_STREAM,
        b"{}\n\"a",
        &[r#"Data("{}")"#, r#"Finish(Truncated, rest "\"a")"#],
    );
    // Commas belong to arrays.
    gives(
        JSON_STREAM,
        b"{},{}",
        &[r#"Data("{}")"#, "Error(NotJson { byte: 44 }, offset 2)"],
    );
    gives(
        JSON_STREAM,
        b"{}\ndata: a\n",
        &[r#"Data("{}")"#, "Error(NotJson { byte: 100 }, offset 3)"],
    );
    gives(JSON_STREAM, b"", &["Finish(Empty)"]);
    gives(JSON_STREAM, b" \n ", &["BlankLine", "Finish(KeepAliveOnly)"]);
}

#[test]
fn r17_the_elements_of_an_array() {
    gives(
        JSON_STREAM,
        b" [ {}\n,\r\n[1] , \"a\",,2,true]\n ",
        &[
            r#"Data("{}")"#,
            r#"Data("[1]")"#,
            r#"Data("\"a\"")"#,
            r#"Data("2")"#,
            r#"Data("true")"#,
            "Done",
            "Finish(Complete)",
        ],
    );
    gives(JSON_STREAM, b"[]", &["Done", "Finish(Complete)"]);
    gives(JSON_STREAM, b"[1", &[r#"Finish(Truncated, rest "1")"#]);
    gives(JSON_STREAM, b"[", &["Finish(Truncated)"]);
    gives(JSON_STREAM, b"[ ,\n", &["Finish(Truncated)"]);
    gives(JSON_STREAM, b"[{}", &[r#"Data("{}")"#, "Finish(Unfinished)"]);
    gives(
        JSON_STREAM,
        b"[{},{",
        &[r#"Data("{}")"#, r#"Finish(Truncated, rest "{")"#],
    );
    for byte in [b'{', b']', b',', b'x'] {
        let response = [b'[', b'{', b'}', b']', b'\n', byte];
        let error = format!("Error(TrailingBytes {{ byte: {byte} }}, offset 5)");
        gives(JSON_STREAM, &response, &[r#"Data("{}")"#, "Done", &error]);
    }
    gives(
        JSON_STREAM,
        b"[{}}",
        &[r#"Data("{}")"#, "Error(NotJson { byte: 125 }, offset 3)"],
    );
    // A later array is a value.
    gives(
        JSON_STREAM,
        b"{}[1,2]",
        &[r#"Data("{}")"#, r#"Data("[1,2]")"#, "Finish(Unfinished)"],
    );
}

#[test]
fn r17_a_member_done_that_is_true_ends_the_values() {
    for object in [
        r#"{"done":true}"#,
        r#"{"a":{"done":false},"done" : true }"#,
        r#"{"done":true,"b":[{}]}"#,
    ] {
        let event = format!("Data(\"{}\")", object.as_bytes().escape_ascii());
        for response in [object.to_owned(), format!("{object}\n")] {
            gives(JSON_STREAM, response.as_bytes(), &[&event, "Done", "Finish(Complete)"]);
        }
        // Within an array, and in the standard's dialect, it is a member like any other.
        let array = format!("[{object}");
        gives(JSON_STREAM, array.as_bytes(), &[&event, "Finish(Unfinished)"]);
        let setup = JSON_STREAM.dialect(Dialect::EventSource);
        gives(setup, object.as_bytes(), &[&event, "Finish(Unfinished)"]);
    }
    for object in [
        r#"{"done":false}"#,
        r#"{"done":"true"}"#,
        r#"{"done":1}"#,
        r#"{"a":{"done":true}}"#,
        r#"{"a":"\"done\":true"}"#,
        r#"{"Done":true}"#,
    ] {
        let event = format!("Data(\"{}\")", object.as_bytes().escape_ascii());
        gives(JSON_STREAM, object.as_bytes(), &[&event, "Finish(Unfinished)"]);
    }
    // Once, and what follows is read all the same.
    gives(
        JSON_STREAM,
        b"{\"done\":true}{}{\"done\":true}",
        &[
            r#"Data("{\"done\":true}")"#,
            "Done",
            r#"Data("{}")"#,
            r#"Data("{\"done\":true}")"#,
            "Finish(Complete)",
        ],
    );
}

#[test]
fn r17_a_value_counts_alone() {
    gives(
        JSON_STREAM.max_len(3),
        b"[ [1]  ,\n\n,\"a\",123]",
        &[
            r#"Data("[1]")"#,
            r#"Data("\"a\"")"#,
            r#"Data("123")"#,
            "Done",
            "Finish(Complete)",
        ],
    );
    gives(
        JSON_STREAM.max_len(3),
        b"[[1],[12]]",
        &[r#"Data("[1]")"#, "Error(TooLong { limit: 3 }, offset 8)"],
    );
    gives(
        JSON_STREAM.max_len(3),
        b"{} 1234",
        &[r#"Data("{}")"#, "Error(TooLong { limit: 3 }, offset 6)"],
    );
    for size in 0..6 {
        holds(
            &[JSON_STREAM.slice(size), JSON_STREAM.max_len(size)],
            &[b"[12,\"a\" ]", b"{}\n[1]\n12\n", b"\xEF\xBB\xBF \n{\"\"}"],
        );
    }
}

#[test]
fn r17_the_phase_waits_for_a_value() {
    let phase = |bytes: &[u8]| {
        let memory = &mut [0; 64];
        let mut parser = Parser::in_memory(memory, JSON_STREAM.options());
        parser.push(bytes, |_| {}).unwrap();
        parser.phase()
    };
    assert_eq!(phase(b"\n [ \n,"), Phase::Waiting);
    assert_eq!(phase(b"[1"), Phase::Receiving);
    assert_eq!(phase(b"{"), Phase::Receiving);
    assert_eq!(phase(b"{}\n"), Phase::Receiving);
    assert_eq!(phase(b"[]"), Phase::Complete);
    assert_eq!(phase(b"{\"done\":true}"), Phase::Complete);
}

// ---- R18: errors in a response ------------------------------------------------------------------------------------

/// As `Data`, as `Body`, and as the first element of an array.
#[track_caller]
fn is_error(json: &str) -> bool {
    let data = Data::new(b"", b"", json.as_bytes()).is_error();
    assert_eq!(Body::new(json.as_bytes()).is_error(), data, "{json}");
    for array in [format!("[{json}]"), format!(" [ {json} , {{}}]")] {
        assert_eq!(Body::new(array.as_bytes()).is_error(), data, "{array}");
    }
    data
}

#[test]
fn r18_what_reports_an_error() {
    for json in [
        // a
        r#"{"error":{"code":1}}"#,
        r#"{"a":[{}],"error":"x"}"#,
        r#"{ "error" : 1 }"#,
        r#"{"error":true}"#,
        r#"{"error":[0]}"#,
        r#"{"error":null,"error":1}"#,
        // b
        r#"{"type":"error"}"#,
        r#"{"object":"error"}"#,
        r#"{"a":1,"type":"response.failed"}"#,
        r#"{"type":"x.error"}"#,
        // c
        r#"{"errors":[1]}"#,
        r#"{"errors":{"a":1}}"#,
        r#"{"success":false}"#,
        // d
        r#"{"error_code":17}"#,
        r#"{"error_code":"x"}"#,
        r#"{"base_resp":{"status_code":1002}}"#,
        // e
        r#"{"message":"m","code":400}"#,
        r#"{"msg":"m","status":500}"#,
        r#"{"detail":"m","status_code":503}"#,
        r#"{"statusCode":404,"message":"m"}"#,
        r#"{"code":"InvalidKey","message":"m"}"#,
        // f
        r#"{"detail":"Not Found"}"#,
        r#"{"detail":[{"loc":[]}]}"#,
    ] {
        assert!(is_error(json), "{json}");
    }
}

#[test]
fn r18_what_reports_none() {
    for json in [
        r#"{"error":null}"#,
        r#"{"error":false}"#,
        r#"{"error":0}"#,
        r#"{"error":""}"#,
        r#"{"error":{}}"#,
        r#"{"error":[]}"#,
        r#"{"error":{ }}"#,
        r#"{"a":{"error":1}}"#,
        r#"{"a":"\"error\":1"}"#,
        r#"{"type":"errors"}"#,
        r#"{"type":"response.mcp_call.failed"}"#,
        r#"{"object":"list"}"#,
        r#"{"errors":[]}"#,
        r#"{"errors":{}}"#,
        r#"{"errors":"x"}"#,
        r#"{"success":true}"#,
        r#"{"success":"false"}"#,
        r#"{"error_code":0}"#,
        r#"{"error_code":null}"#,
        r#"{"error_code":"0"}"#,
        r#"{"error_code":""}"#,
        r#"{"base_resp":{"status_code":0}}"#,
        r#"{"base_resp":{"a":{"status_code":1}}}"#,
        r#"{"status_code":1002}"#,
        r#"{"message":"m","code":200}"#,
        r#"{"message":"m","code":399}"#,
        r#"{"message":"m","code":400.5}"#,
        r#"{"message":"m","code":4e2}"#,
        r#"{"message":"m","code":-400}"#,
        r#"{"message":{},"code":400}"#,
        r#"{"code":400}"#,
        r#"{"message":"m"}"#,
        r#"{"message":"m","code":""}"#,
        r#"{"message":"m","code":"200"}"#,
        r#"{"message":"m","code":"x","choices":[]}"#,
        r#"{"message":"m","code":"x","data":{}}"#,
        r#"{"detail":"d","a":1}"#,
        "{}",
    ] {
        assert!(!is_error(json), "{json}");
    }
    for bytes in [
        "",
        "x",
        "error",
        "\"error\"",
        "[]",
        "[1,{\"error\":1}]",
        "[[{\"error\":1}]]",
    ] {
        assert!(!Body::new(bytes.as_bytes()).is_error(), "{bytes}");
    }
}

#[test]
fn r18_an_error_name_reports_one_whatever_the_data() {
    for (name, expected) in [
        ("error", true),
        ("api.error", true),
        ("task.failed", true),
        ("response.failed", true),
        ("response.error", true),
        ("response.mcp_call.failed", false),
        ("response.x.error", false),
        ("failed", false),
        ("Error", false),
        ("error.x", false),
    ] {
        assert_eq!(Data::new(name.as_bytes(), b"", b"").is_error(), expected, "{name}");
        let json = format!("{{\"type\":\"{name}\"}}");
        assert_eq!(is_error(&json), expected, "{json}");
    }
}

// ---- All rules together: what servers really send -----------------------------------------------------------------

#[test]
fn responses_as_servers_send_them() {
    // DeepSeek: comments while the request is queued, reasoning, content, the last chunk with usage, the end mark.
    gives(
        AUTO,
        b": keep-alive\n\n: keep-alive\n\n\
          data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm\"}}]}\n\n\
          data: {\"choices\":[],\"usage\":{}}\n\ndata: [DONE]\n\n",
        &[
            r#"Comment("keep-alive")"#,
            r#"Comment("keep-alive")"#,
            r#"Data("{\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm\"}}]}")"#,
            r#"Data("{\"choices\":[],\"usage\":{}}")"#,
            "Done",
            "Finish(Complete)",
        ],
    );
    // A gateway: an indented JSON error behind keep-alives, under status 200.
    gives(
        AUTO,
        b"\n         \n\n{\"error\":{\"message\":\"busy\",\"code\":null}}",
        &[
            "BlankLine",
            "BlankLine",
            "BlankLine",
            r#"Body("{\"error\":{\"message\":\"busy\",\"code\":null}}")"#,
            "Finish(Complete)",
        ],
    );
    // Anthropic's names.
    gives(
        AUTO,
        b"event: message_start\ndata: {}\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\nevent: error\ndata: {\"type\":\"error\"}\n\n\
          event: message_stop\ndata: {}\n\n",
        &[
            r#"Data(event "message_start", "{}")"#,
            r#"Ping(event "ping", "{\"type\": \"ping\"}")"#,
            r#"Data(event "error", "{\"type\":\"error\"}")"#,
            r#"Data(event "message_stop", "{}")"#,
            "Done",
            "Finish(Complete)",
        ],
    );
    // CRLF, no space, bare comments, an error as a field, and a connection that dies.
    gives(
        AUTO,
        b":\r\n\r\ndata:{\"a\":1}\r\n\r\nerror: {\"code\":500}\r\n\r\ndata:{\"a\":\"\xE6\x80",
        &[
            r#"Comment("")"#,
            r#"Data("{\"a\":1}")"#,
            r#"Data(event "error", "{\"code\":500}")"#,
            r#"Finish(Truncated, rest "{\"a\":\"\xe6\x80")"#,
        ],
    );
}
