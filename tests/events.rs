//! What events, verdicts and errors say of themselves: as text, as JSON, in a log.

use llm_response::{Dialect, Event, Format, KeepAlive, Options, Outcome, Parser};

const MAX_LEN: usize = 64;

/// Gives `look` each event of a response, the one that its end completes included.
fn each(response: &[u8], mut look: impl FnMut(Event<'_>)) {
    let mut memory = [0; MAX_LEN];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    parser.push(response, &mut look).unwrap();
    if let Some(event) = parser.finish().unwrap().event {
        look(event);
    }
}

/// How a response's only event shows itself.
fn shown(response: &[u8]) -> String {
    let mut shown = None;
    each(response, |event| {
        assert_eq!(shown.replace(format!("{event:?}")), None, "one event");
    });
    shown.expect("one event")
}

#[test]
fn events_show_themselves_as_text() {
    assert_eq!(shown(b": keep-alive\n"), r#"KeepAlive(Comment("keep-alive"))"#);
    assert_eq!(shown(b"\n"), "KeepAlive(BlankLine)");
    assert_eq!(
        shown(b"event:ping\nid:1\ndata:\n\n"),
        r#"KeepAlive(Ping(Data { event: "ping", id: "1", data: "" }))"#
    );
    assert_eq!(
        shown(b"event:e\nid:\"\ndata:\xFF\ndata:x\n\n"),
        r#"Data { event: "e", id: "\"", data: "\xff\nx" }"#
    );
    assert_eq!(shown(b"data: [DONE]\n\n"), "Done");
    assert_eq!(shown(b"{\"a\":1}"), r#"Body("{\"a\":1}")"#);
    assert_eq!(shown(b"<html>\n"), r#"Unknown("<html>")"#);
}

#[test]
fn verdicts_and_parsers_show_themselves() {
    let mut memory = [0; MAX_LEN];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    parser.push(b": hello\n\ndata: {\"a\"", |_| {}).unwrap();
    assert_eq!(
        format!("{parser:?}"),
        "Parser { stage: Lines(Data), phase: Waiting, position: 19, keep_alives: 1, stored: 4, .. }"
    );
    assert_eq!(
        format!("{:?}", parser.finish().unwrap()),
        r#"Finish { event: None, outcome: Truncated, rest: "{\"a\"" }"#
    );
}

#[test]
fn text_is_utf_8_or_an_error() {
    let mut looked = 0;
    for (response, expected) in [
        (&b"data: caf\xC3\xA9\n\n"[..], Ok("café")),
        (b"data: caf\xC3\n\n", Err(3)),
        (b"[\"\xC3\xA9\"]", Ok("[\"é\"]")),
        (b"[\"\xC3\"]", Err(2)),
    ] {
        each(response, |event| {
            let text = match event {
                Event::Data(data) => data.to_str(),
                Event::Body(body) => body.to_str(),
                other => panic!("{other:?}"),
            };
            assert_eq!(text.map_err(|error| error.valid_up_to()), expected);
            looked += 1;
        });
    }
    assert_eq!(looked, 4);
}

#[cfg(feature = "alloc")]
#[test]
fn lossy_text_is_borrowed_unless_it_loses() {
    use std::borrow::Cow;

    let mut looked = 0;
    for (response, expected, is_borrowed) in [
        (&b"data: caf\xC3\xA9\n\n"[..], "café", true),
        (b"data: caf\xC3\n\n", "caf\u{FFFD}", false),
        (b"[\"\xC3\xA9\"]", "[\"é\"]", true),
        (b"[\"\xC3\"]", "[\"\u{FFFD}\"]", false),
    ] {
        each(response, |event| {
            let text = match event {
                Event::Data(data) => data.to_str_lossy(),
                Event::Body(body) => body.to_str_lossy(),
                other => panic!("{other:?}"),
            };
            assert_eq!(text, expected);
            assert_eq!(matches!(text, Cow::Borrowed(_)), is_borrowed);
            looked += 1;
        });
    }
    assert_eq!(looked, 4);
}

#[test]
fn errors_are_known_by_name_and_by_members() {
    for (response, expected) in [
        (&b"event: error\ndata: slow down\n\n"[..], true),
        (b"event: errors\ndata: slow down\n\n", false),
        (b"data: {\"error\":{\"code\":429}}\n\n", true),
        (b"data: {\"error\":null}\n\n", false),
        (b"event: error\ndata: {\"error\":null}\n\n", true),
        (b"data: {\"choices\":[]}\n\n", false),
        (b"{\"error\":{\"code\":402}}", true),
        (b"{\"error\":null,\"choices\":[]}", false),
    ] {
        let mut looked = 0;
        each(response, |event| {
            let is_error = match event {
                Event::Data(data) => data.is_error(),
                Event::Body(body) => body.is_error(),
                other => panic!("{other:?}"),
            };
            assert_eq!(is_error, expected, "{event:?}");
            looked += 1;
        });
        assert_eq!(looked, 1);
    }
}

#[cfg(feature = "serde")]
#[test]
fn json_is_deserialized_and_may_borrow() {
    let mut looked = 0;
    for response in [&b"data: [\"a\",\"b\"]\n\n"[..], b"[\"a\",\"b\"]"] {
        each(response, |event| {
            let strings: Vec<&str> = match event {
                Event::Data(data) => data.deserialize(),
                Event::Body(body) => body.deserialize(),
                other => panic!("{other:?}"),
            }
            .unwrap();
            assert_eq!(strings, ["a", "b"]);
            looked += 1;
        });
    }
    assert_eq!(looked, 2);
}

#[test]
fn errors_say_what_where_and_what_to_do() {
    let text = |options, response: &[u8]| {
        let mut memory = [0; MAX_LEN];
        let mut parser = Parser::in_memory(&mut memory, options);
        parser.push(response, |_| {}).unwrap_err().to_string()
    };
    assert_eq!(
        text(Options::new().max_len(8), b"data: a\n\ndata: bcd\n\n"),
        "byte 17: an event or a body is longer than the limit of 8 bytes; raise `Options::max_len` or give the parser \
         more memory, if you trust the sender"
    );
    assert_eq!(
        text(Options::new().format(Format::Json), b"\n\xFF"),
        "byte 1: `\\xff` cannot begin a JSON value; read the response as text, or with `Format::Auto`"
    );
    assert_eq!(
        text(Options::new(), b"{} ]"),
        "byte 3: `]` follows a completed JSON body; use the body and look at what the sender appended"
    );
}

#[test]
fn two_outcomes_are_safe_to_retry_and_one_is_complete() {
    for (outcome, is_complete, is_safe_to_retry) in [
        (Outcome::Complete, true, false),
        (Outcome::Empty, false, true),
        (Outcome::KeepAliveOnly, false, true),
        (Outcome::Unfinished, false, false),
        (Outcome::Truncated, false, false),
        (Outcome::Unrecognized, false, false),
    ] {
        assert_eq!(outcome.is_complete(), is_complete, "{outcome:?}");
        assert_eq!(outcome.is_safe_to_retry(), is_safe_to_retry, "{outcome:?}");
    }
}

#[test]
fn defaults_are_those_that_are_documented() {
    let documented = Options::new()
        .format(Format::Auto)
        .dialect(Dialect::Llm)
        .max_len(16 * 1024 * 1024);
    assert_eq!(Options::new(), documented);
    assert_eq!(Options::default(), documented);
    assert_eq!((Format::default(), Dialect::default()), (Format::Auto, Dialect::Llm));
}

#[cfg(feature = "alloc")]
#[test]
fn a_default_parser_is_a_new_one() {
    assert_eq!(format!("{:?}", Parser::default()), format!("{:?}", Parser::new()));
}

#[test]
fn keep_alives_are_counted_and_passed_over() {
    let mut memory = [0; MAX_LEN];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    let mut chunk = &b": one\n\nevent: ping\ndata: {}\n\n: two\n\ndata: x\n\n"[..];
    let Ok(Some(Event::Data(data))) = parser.next_output(&mut chunk) else {
        panic!("an output")
    };
    assert_eq!(data.as_bytes(), b"x");
    assert_eq!((parser.keep_alives(), chunk), (3, &b""[..]));
    assert_eq!(
        parser.next_event(&mut &b": x\n"[..]),
        Ok(Some(Event::KeepAlive(KeepAlive::Comment(b"x"))))
    );
}

#[cfg(feature = "alloc")]
#[test]
fn buffers_show_how_full_they_are() {
    use llm_response::{Buffer, HeapBuffer, SliceBuffer};

    let mut memory = [0; 8];
    let mut slice = SliceBuffer::new(&mut memory);
    slice.append(b"abc", 8);
    assert_eq!(format!("{slice:?}"), "SliceBuffer { len: 3, capacity: 8 }");
    let mut heap = HeapBuffer::new();
    assert_eq!(format!("{heap:?}"), "HeapBuffer { len: 0, capacity: 0 }");
    heap.append(b"abc", 100);
    assert_eq!(format!("{heap:?}"), "HeapBuffer { len: 3, capacity: 100 }");
    heap.shrink_to(3);
    assert_eq!(heap.as_slice(), b"abc");
    assert_eq!(heap.as_mut_slice(), b"abc");

    // What is full to the last byte has not grown.
    let mut heap = HeapBuffer::new();
    for _ in 0..2 {
        heap.truncate(0);
        heap.append(&[0; 512], 10_000);
        assert_eq!(format!("{heap:?}"), "HeapBuffer { len: 512, capacity: 512 }");
    }
    heap.append(b"a", 10_000);
    assert_eq!(format!("{heap:?}"), "HeapBuffer { len: 513, capacity: 1024 }");
    heap.append(&[0; 512], 1_100);
    assert_eq!(format!("{heap:?}"), "HeapBuffer { len: 1025, capacity: 1100 }");
}
