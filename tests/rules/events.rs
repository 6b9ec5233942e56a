//! What events, outcomes and errors say of themselves: as text, as JSON, in a log.

use llm_response::{
    Body, Buffer, Data, Dialect, Event, Format, Found, KeepAlive, Options, Outcome, Parser, SliceBuffer,
};

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
fn outcomes_and_parsers_show_themselves() {
    let mut memory = [0; MAX_LEN];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    parser.push(b": hello\n\ndata: {\"a\"", |_| {}).unwrap();
    assert_eq!(
        format!("{parser:?}"),
        "Parser { stage: DataLine, phase: Waiting, position: 19, keep_alives: 1, stored: 4, .. }"
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
        "byte 17: an event or a body is longer than the limit of 8 bytes; if you trust the sender, raise \
         `Options::max_len` or give the parser more memory"
    );
    assert_eq!(
        text(Options::new().format(Format::Json), b"\n\xFF"),
        "byte 1: `\\xff` cannot begin a JSON value; read the response as text, or with `Format::Auto`"
    );
    assert_eq!(
        text(Options::new().format(Format::Json), b"{} ]"),
        "byte 3: `]` follows a complete JSON body; the body can be used, and what follows it is not read"
    );
    assert_eq!(
        text(Options::new(), b"\n\x1F\x8B\x08"),
        "byte 1: `\\x1f` cannot begin a text; decompress the response, or decode its binary frames, before you parse it"
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
    use llm_response::HeapBuffer;

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

/// What a client keeps when it reconnects; never within a response.
#[cfg(feature = "alloc")]
#[test]
fn restore_sets_id_and_retry_between_responses() {
    let kept = |parser: &Parser| (parser.last_event_id().to_vec(), parser.retry());
    let mut parser = Parser::new();
    parser.restore(b"7", Some(500));
    assert_eq!(kept(&parser), (b"7".to_vec(), Some(500)));
    parser.restore(b"", None);
    assert_eq!(kept(&parser), (Vec::new(), None));
    parser.restore(b"8", None);
    parser
        .push(b"data: 1\n\ndata: ", |event| {
            assert!(matches!(event, Event::Data(data) if data.id() == b"8"));
        })
        .unwrap();
    parser.restore(b"9", Some(1));
    assert_eq!(kept(&parser), (b"8".to_vec(), None), "within a response");
    let _ = parser.finish().unwrap();
    parser.restore(b"9", Some(1));
    assert_eq!(kept(&parser), (b"9".to_vec(), Some(1)));
    assert_eq!(parser.finish().unwrap().event, None);
    parser.reset();
    assert_eq!(kept(&parser), (Vec::new(), None));

    let mut parser = Parser::with_options(Options::new().max_len(3));
    let error = parser.push(b"id: 1\n", |_| {}).unwrap_err();
    parser.restore(b"123456", None);
    assert_eq!(parser.last_event_id(), b"123456", "after an error");
    assert_eq!(parser.finish(), Err(error));
}

/// An id leaves the less to a block, the longer it is; one that does not fit is no id.
#[test]
fn a_restored_id_takes_its_room_in_lent_memory() {
    let mut memory = [0; 16];
    for (id, fits) in [
        (&b""[..], 16),
        (b"12345678", 8),
        (b"1234567890123456", 0),
        (b"12345678901234567", 16),
    ] {
        for len in [fits, fits + 1] {
            let mut parser = Parser::in_memory(&mut memory, Options::new());
            parser.restore(id, None);
            assert_eq!(parser.last_event_id(), if id.len() > 16 { b"" } else { id });
            let line = vec![b'x'; len];
            assert_eq!(parser.push(&line, |_| {}).is_ok(), len <= fits, "{len} beside {id:?}");
        }
    }
}

// ---- Options and values -------------------------------------------------------------------------------------------

#[test]
fn options_say_what_was_set() {
    const OPTIONS: Options = Options::new()
        .format(Format::JsonStream)
        .dialect(Dialect::EventSource)
        .max_len(7)
        .end_mark(false)
        .lenient_end(true);
    assert_eq!(OPTIONS.get_format(), Format::JsonStream);
    assert_eq!(OPTIONS.get_dialect(), Dialect::EventSource);
    assert_eq!(OPTIONS.get_max_len(), 7);
    assert!(!OPTIONS.get_end_mark() && OPTIONS.get_lenient_end());
    let new = Options::new();
    assert_eq!((new.get_format(), new.get_dialect()), (Format::Auto, Dialect::Llm));
    assert_eq!(new.get_max_len(), 16 << 20);
    assert!(new.get_end_mark() && !new.get_lenient_end());
    assert_eq!(
        Options::event_source(),
        new.format(Format::EventStream).dialect(Dialect::EventSource)
    );
}

#[test]
fn data_and_bodies_can_be_made() {
    let data = Data::new(b"x", b"7", b"{\"type\":\"y\"}");
    assert_eq!(
        (data.event(), data.id(), data.as_bytes()),
        (&b"x"[..], &b"7"[..], &b"{\"type\":\"y\"}"[..])
    );
    assert_eq!(data.name(), b"x");
    assert_eq!((data.event_str(), data.id_str()), (Ok("x"), Ok("7")));
    assert_eq!((data.event_or_message(), data.as_ref()), (Ok("x"), data.as_bytes()));
    let unnamed = Data::new(b"", b"", b"{\"type\":\"y\"}");
    assert_eq!((unnamed.event(), unnamed.name()), (&b""[..], &b"y"[..]));
    assert_eq!(unnamed.event_or_message(), Ok("message"));
    assert!(Data::new(b"\xFF", b"\xFF", b"").event_str().is_err());
    assert!(Data::new(b"\xFF", b"\xFF", b"").event_or_message().is_err());
    assert!(Data::new(b"\xFF", b"\xFF", b"").id_str().is_err());
    // They are equal to what a parser gives.
    each(b"event: x\nid: 7\ndata: {\"type\":\"y\"}\n\n", |event| {
        assert_eq!(event, Event::Data(data))
    });
    each(b"[1]", |event| assert_eq!(event, Event::Body(Body::new(b"[1]"))));
    assert_eq!(Body::new(b"[1]").as_ref(), b"[1]");
}

#[test]
fn outcomes_say_what_they_mean() {
    for (outcome, text) in [
        (Outcome::Complete, "the response is complete"),
        (Outcome::Empty, "the response is empty"),
        (
            Outcome::KeepAliveOnly,
            "the response ended after keep-alives, before any output",
        ),
        (Outcome::Unfinished, "the response ended without an end mark"),
        (Outcome::Truncated, "the response was truncated"),
        (
            Outcome::Unrecognized,
            "the response is neither an event stream nor JSON",
        ),
    ] {
        assert_eq!(outcome.to_string(), text);
    }
}

// ---- What a proxy may insert --------------------------------------------------------------------------------------

#[test]
fn heartbeats_fit_the_place() {
    const LINE: Option<&[u8]> = Some(b"\n");
    const COMMENT: Option<&[u8]> = Some(b": keep-alive\n");
    let json = Options::new().format(Format::Json);
    let stream = Options::new().format(Format::EventStream);
    for (options, response, heartbeat, stream_heartbeat) in [
        (Options::new(), &b""[..], LINE, COMMENT),
        (Options::new(), b"\n", LINE, COMMENT),
        (Options::new(), b"\n ", None, None),
        (Options::new(), b"\r", None, None),
        (Options::new(), b"\r\n", LINE, COMMENT),
        (Options::new(), b"\xEF", None, None),
        (Options::new(), b": q\n", COMMENT, COMMENT),
        (Options::new(), b": q\r", None, None),
        (Options::new(), b"data: a\n\n", COMMENT, COMMENT),
        (Options::new(), b"data: a\n", None, None),
        (Options::new(), b"data: a\n: q\n", None, None),
        (Options::new(), b"dat", None, None),
        (Options::new(), b"data: [DONE]\n\n", COMMENT, COMMENT),
        (Options::new(), b"{", None, None),
        (Options::new(), b"{}\n", None, None),
        (Options::new(), b":\n{}\nx\n\n", COMMENT, COMMENT),
        (stream, b"", COMMENT, COMMENT),
        (stream, b"\n", COMMENT, COMMENT),
        (json, b"", None, None),
        (json, b"\n", None, None),
        (Options::new().max_len(1), b"data", None, None),
    ] {
        let mut memory = [0; MAX_LEN];
        let mut parser = Parser::in_memory(&mut memory, options);
        let _ = parser.push(response, |_| {});
        let what = response.escape_ascii();
        assert_eq!(parser.heartbeat(), heartbeat, "{options:?} \"{what}\"");
        assert_eq!(parser.stream_heartbeat(), stream_heartbeat, "{options:?} \"{what}\"");
    }
}

// ---- Two halves ---------------------------------------------------------------------------------------------------

/// Every kind of event, and data from chunk and store.
const EVENTS: &[u8] =
    b"\n: q\nid: 7\nevent: x\ndata: {\ndata: }\n\nevent: ping\n\nerror: e\n\ny\n{}\ndata: abc\n\ndata: [DONE]\n\n";

#[test]
fn advance_finds_and_lend_gives() {
    for split in 0..=EVENTS.len() {
        let (mut one_memory, mut two_memory) = ([0; MAX_LEN], [0; MAX_LEN]);
        let mut whole = Parser::in_memory(&mut one_memory, Options::new());
        let mut halves = Parser::in_memory(&mut two_memory, Options::new());
        let mut events = 0;
        for bytes in [&EVENTS[..split], &EVENTS[split..]] {
            let (mut chunk, mut same_chunk) = (bytes, bytes);
            loop {
                let found = halves.advance(&mut same_chunk).unwrap();
                // Between the two the parser can be asked, and what was found is Copy.
                let position = halves.position();
                let event = whole.next_event(&mut chunk).unwrap();
                assert_eq!(found.map(|found| halves.lend(found)), event);
                assert_eq!(found.map(|found| halves.lend(found)), event);
                assert_eq!(
                    found.map(|found| found.is_keep_alive()),
                    event.map(|event| matches!(event, Event::KeepAlive(_)))
                );
                assert_eq!((chunk, position), (same_chunk, whole.position()));
                if found.is_none() {
                    break;
                }
                events += 1;
            }
        }
        assert_eq!(events, 9, "split at {split}");
    }
}

/// What was found by any call, lent after any other one, by that parser or another: bytes of some kind, no panic.
#[test]
fn lend_of_an_earlier_find_gives_some_bytes() {
    let mut lent = 0;
    for chunk_len in [1, 2, 3, 7, EVENTS.len()] {
        let mut memory = [0; MAX_LEN];
        let mut parser = Parser::in_memory(&mut memory, Options::new());
        let mut other_memory = [0; 4];
        let other = Parser::in_memory(&mut other_memory, Options::new());
        let mut all = Vec::new();
        let mut lend_all = |parser: &Parser<SliceBuffer<'_>>, all: &[Found<'_>]| {
            for found in all {
                let event = parser.lend(*found);
                assert_eq!(matches!(event, Event::KeepAlive(_)), found.is_keep_alive());
                lent += format!("{event:?}{:?}", other.lend(*found)).len();
            }
        };
        for mut chunk in EVENTS.chunks(chunk_len) {
            while let Some(found) = parser.advance(&mut chunk).unwrap() {
                all.push(found);
                lend_all(&parser, &all);
            }
            lend_all(&parser, &all);
        }
        let _ = parser.finish().unwrap();
        lend_all(&parser, &all);
        parser.reset();
        lend_all(&parser, &all);
        parser.shrink();
        lend_all(&parser, &all);
    }
    assert!(lent > 0);
}

#[test]
fn detached_finds_outlive_the_borrow_of_their_chunk() {
    for split in 0..=EVENTS.len() {
        let (mut one_memory, mut two_memory) = ([0; MAX_LEN], [0; MAX_LEN]);
        let mut whole = Parser::in_memory(&mut one_memory, Options::new());
        let mut halves = Parser::in_memory(&mut two_memory, Options::new());
        for bytes in [&EVENTS[..split], &EVENTS[split..]] {
            let mut chunk = bytes;
            let owned = bytes.to_vec();
            while let Some(event) = whole.next_event(&mut chunk).unwrap() {
                let detached = {
                    // What is left of the chunk is the same in both.
                    let mut same_chunk = &owned[owned.len() - remaining(&halves, split, bytes)..];
                    halves.advance(&mut same_chunk).unwrap().unwrap().detach(&owned)
                };
                assert_eq!(detached.is_keep_alive(), matches!(event, Event::KeepAlive(_)));
                // From a copy elsewhere it is the same; from too little, some bytes or other.
                let copy = owned.clone();
                assert_eq!(halves.lend(detached.attach(&copy)), event);
                let _ = format!("{:?}", halves.lend(detached.attach(&[])));
                let _ = format!("{:?}", halves.lend(detached.attach(&copy[..copy.len() / 2])));
            }
            assert!(
                halves
                    .advance(&mut &owned[owned.len() - remaining(&halves, split, bytes)..])
                    .unwrap()
                    .is_none()
            );
        }
    }
}

/// How much of the second or first part of `EVENTS` a parser has not taken.
fn remaining(parser: &Parser<SliceBuffer<'_>>, split: usize, bytes: &[u8]) -> usize {
    let position = usize::try_from(parser.position()).unwrap();
    let is_first = bytes.as_ptr() == EVENTS.as_ptr() && position <= split && bytes.len() == split;
    if is_first {
        split - position
    } else {
        EVENTS.len() - position
    }
}

// ---- Buffers ------------------------------------------------------------------------------------------------------

/// A response byte by byte: what it gives and what it means.
fn heard<B: Buffer>(parser: &mut Parser<B>) -> Vec<String> {
    let mut heard = Vec::new();
    for byte in EVENTS.chunks(1) {
        parser.push(byte, |event| heard.push(format!("{event:?}"))).unwrap();
    }
    heard.push(format!("{:?}", parser.finish().unwrap()));
    heard
}

#[test]
fn a_lent_buffer_is_a_buffer() {
    let mut memory = [0; MAX_LEN];
    let expected = heard(&mut Parser::in_memory(&mut memory, Options::new()));
    assert_eq!(expected.len(), 10);
    let mut memory = [0; MAX_LEN];
    let mut buffer = SliceBuffer::new(&mut memory);
    // The same buffer again: what it holds is dropped.
    for _ in 0..2 {
        assert_eq!(heard(&mut Parser::with_buffer(&mut buffer, Options::new())), expected);
        assert_eq!(buffer.as_slice(), b"7", "the last event id");
    }
    let buffer: &mut dyn Buffer = &mut buffer;
    assert_eq!(buffer.max_capacity(), MAX_LEN);
    assert_eq!(heard(&mut Parser::with_buffer(buffer, Options::new())), expected);
}

#[cfg(feature = "alloc")]
#[test]
fn a_boxed_buffer_is_a_buffer() {
    use llm_response::HeapBuffer;

    let expected = heard(&mut Parser::new());
    let boxed = Box::new(HeapBuffer::new());
    assert_eq!(heard(&mut Parser::with_buffer(boxed, Options::new())), expected);
    let boxed: Box<dyn Buffer> = Box::new(HeapBuffer::new());
    assert_eq!(heard(&mut Parser::with_buffer(boxed, Options::new())), expected);
    let mut memory = [0; MAX_LEN];
    let boxed = Box::new(SliceBuffer::new(&mut memory));
    assert_eq!(heard(&mut Parser::with_buffer(boxed, Options::new())), expected);
}

#[test]
fn into_buffer_gives_it_with_what_is_stored() {
    let mut memory = [0; MAX_LEN];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    parser.push(b"id: 7\n\ndata: abc", |_| {}).unwrap();
    let buffer = parser.into_buffer();
    assert_eq!(buffer.as_slice(), b"7abc");
    assert_eq!(buffer.max_capacity(), MAX_LEN);
    // For another response it is as good as new.
    let mut parser = Parser::with_buffer(buffer, Options::new());
    assert_eq!((parser.last_event_id(), parser.position()), (&b""[..], 0));
    let mut events = 0;
    parser
        .push(b"data: d\n\n", |event| {
            assert_eq!(event, Event::Data(Data::new(b"", b"", b"d")));
            events += 1;
        })
        .unwrap();
    assert_eq!(events, 1);
}

#[cfg(feature = "alloc")]
#[test]
fn shrink_gives_back_what_nothing_needs_and_keeps_the_rest() {
    let capacity = |parser: Parser| format!("{:?}", parser.into_buffer());
    // After `reset` nothing is needed.
    let mut parser = Parser::new();
    parser.push(b"id: 7\n\ndata: abc", |_| {}).unwrap();
    parser.reset();
    parser.shrink();
    assert_eq!(capacity(parser), "HeapBuffer { len: 0, capacity: 0 }");
    // The id is needed.
    let mut parser = Parser::new();
    parser.push(b"id: 7\ndata: abc\n", |_| {}).unwrap();
    parser.push(b"\n", |_| {}).unwrap();
    parser.shrink();
    assert_eq!(parser.last_event_id(), b"7");
    assert_eq!(capacity(parser), "HeapBuffer { len: 1, capacity: 1 }");
    // Within a response, at every byte, it changes nothing that can be seen.
    let expected = heard(&mut Parser::new());
    let mut parser = Parser::new();
    let mut shrunk = Vec::new();
    for byte in EVENTS.chunks(1) {
        parser.push(byte, |event| shrunk.push(format!("{event:?}"))).unwrap();
        parser.shrink();
    }
    shrunk.push(format!("{:?}", parser.finish().unwrap()));
    assert_eq!(shrunk, expected);
}

#[cfg(feature = "alloc")]
#[test]
fn what_is_stored_can_be_taken() {
    /// With the first event of the last chunk given, and no call after it.
    fn taken<B: Buffer>(parser: &mut Parser<B>, chunks: &[&[u8]]) -> Option<Vec<u8>> {
        let (last, before) = chunks.split_last()?;
        for chunk in before {
            parser.push(chunk, |_| panic!("no event yet")).unwrap();
        }
        assert!(parser.next_event(&mut &**last).unwrap().is_some());
        parser.take_stored()
    }
    assert_eq!(Parser::new().take_stored(), None);
    assert_eq!(
        taken(&mut Parser::new(), &[b"data: a\n\n"]),
        None,
        "it lay in its chunk"
    );
    assert_eq!(
        taken(&mut Parser::new(), &[b"data: a", b"b\n\n"]).as_deref(),
        Some(&b"ab"[..])
    );
    // Within an open block what is stored is more than the event.
    assert_eq!(taken(&mut Parser::new(), &[b"data: a", b"\n: q\n"]), None);
    // Lent memory is copied.
    let mut memory = [0; MAX_LEN];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    assert_eq!(
        taken(&mut parser, &[b"data: a", b"bc\n\n"]).as_deref(),
        Some(&b"abc"[..])
    );
    // Once another call has begun there is nothing to take.
    let mut parser = Parser::new();
    parser.push(b"data: a", |_| {}).unwrap();
    parser.push(b"b\n\n", |_| {}).unwrap();
    assert_eq!(parser.take_stored(), None);

    // The first byte is that of the last event id; the event is found by its address.
    let mut parser = Parser::new();
    assert!(parser.advance(&mut &b"id: 7\nevent: x\ndata: a"[..]).unwrap().is_none());
    let mut chunk = &b"bc\n\ndata: d\n\n"[..];
    let found = parser.advance(&mut chunk).unwrap().unwrap();
    let Event::Data(data) = parser.lend(found) else {
        panic!("data")
    };
    let id = parser.last_event_id().as_ptr().addr();
    let place = |part: &[u8]| part.as_ptr().addr() - id..part.as_ptr().addr() - id + part.len();
    let (event, data) = (place(data.event()), place(data.as_bytes()));
    let memory = parser.take_stored().unwrap();
    assert_eq!((&memory[event], &memory[data]), (&b"x"[..], &b"abc"[..]));
    assert!(memory.starts_with(b"7"));

    // The response goes on, and the id with it.
    assert_eq!(parser.last_event_id(), b"7");
    let next = parser.next_event(&mut chunk).unwrap();
    assert_eq!(next, Some(Event::Data(Data::new(b"", b"7", b"d"))));

    // What was left over at the end.
    let mut parser = Parser::new();
    parser.push(b"data: {\"a", |_| {}).unwrap();
    assert_eq!(parser.finish().unwrap().rest, b"{\"a");
    assert_eq!(parser.take_stored().as_deref(), Some(&b"{\"a"[..]));
}
