//! Owned events: the same as borrowed ones in every cut, with the chunk's memory shared wherever it can be.

#![cfg(feature = "bytes")]

mod common;
mod responses;

use bytes::Bytes;
use common::{
    reference::decode,
    trace::{Cut, End, Seen, Setup, State, Step, Trace},
};
use llm_response::{Event, OwnedBody, OwnedData, OwnedEvent, OwnedFinish, OwnedKeepAlive, Parser};

#[test]
fn gives_the_reference_trace_in_every_cut() {
    for (bytes, setup) in responses::all() {
        let expected = decode(bytes, setup);
        for cut in Cut::all(bytes) {
            let given = trace_of_owned(setup, &cut);
            assert_eq!(
                given,
                expected,
                "\"{}\" in {setup:?}, {}",
                bytes.escape_ascii(),
                cut.name
            );
        }
    }
}

fn trace_of_owned(setup: Setup, cut: &Cut<'_>) -> Trace {
    let mut parser = Parser::with_options(setup.options());
    let mut steps = Vec::new();
    let mut start = 0;
    for whole in &cut.chunks {
        let mut chunk = Bytes::copy_from_slice(whole);
        loop {
            match parser.next_owned(&mut chunk) {
                Ok(Some(event)) => steps.push(Step {
                    seen: event.as_event().into(),
                    state: State::of(&parser),
                }),
                Ok(None) => break assert!(chunk.is_empty(), "`Ok(None)` left bytes of the chunk"),
                Err(error) => {
                    // R10
                    assert!(whole.ends_with(&chunk));
                    let reached = start + (whole.len() - chunk.len()) as u64;
                    assert_eq!(reached, error.offset().max(start), "the chunk starts elsewhere");
                    assert_eq!(parser.next_owned(&mut chunk), Err(error));
                    assert_eq!(parser.finish_owned(), Err(error));
                    return Trace {
                        steps,
                        taken: None,
                        end: error.into(),
                        after: State::of(&parser),
                    };
                }
            }
        }
        start += whole.len() as u64;
    }
    let taken = Some(State::of(&parser));
    let end = match parser.finish_owned() {
        Ok(OwnedFinish {
            event, outcome, rest, ..
        }) => {
            let event = event.map(|event| Seen::from(event.as_event()));
            End::Finish(event, outcome, (&*rest).into())
        }
        Err(error) => error.into(),
    };
    Trace {
        steps,
        taken,
        end,
        after: State::of(&parser),
    }
}

#[test]
fn shares_what_lies_in_the_chunk() {
    let whole =
        Bytes::from_static(b": queued\n\nevent: delta\ndata: one\n\nevent: ping\ndata: two\n\ndata: three\n\n<html>\n");
    let mut chunk = whole.clone();
    let mut parser = Parser::new();
    let mut shared = Vec::new();
    while let Some(event) = parser.next_owned(&mut chunk).unwrap() {
        shared.extend(parts(&event).into_iter().filter(|part| !part.is_empty()).map(|part| {
            assert!(lies_in(part, &whole), "{event:?} was copied");
            part.escape_ascii().to_string()
        }));
    }
    assert_eq!(shared, ["queued", "delta", "one", "ping", "two", "three", "<html>"]);
}

#[test]
fn shares_a_body() {
    let whole = Bytes::from_static(b"\n\n{\"a\":1}");
    let mut chunk = whole.clone();
    let mut parser = Parser::new();
    while let Some(event) = parser.next_owned(&mut chunk).unwrap() {
        if let OwnedEvent::Body(body) = event {
            return assert!(lies_in(body.as_bytes(), &whole));
        }
    }
    panic!("no body");
}

#[test]
fn copies_what_was_cut_and_shares_what_follows() {
    let whole = Bytes::from_static(b"data: one\n\ndata: two\n\n");
    let mut parser = Parser::new();
    let mut first = whole.slice(..7);
    assert_eq!(parser.next_owned(&mut first), Ok(None));

    let mut second = whole.slice(7..);
    let cut = parser.next_owned(&mut second).unwrap().unwrap();
    assert_eq!(data_of(&cut), b"one");
    assert!(!lies_in(data_of(&cut), &whole));

    let uncut = parser.next_owned(&mut second).unwrap().unwrap();
    assert_eq!(data_of(&uncut), b"two");
    assert!(lies_in(data_of(&uncut), &whole));
}

/// The address tells, not the allocation: what lies beside the chunk in the same memory is copied.
#[test]
fn copies_what_lies_beside_the_chunk() {
    let whole = Bytes::from_static(b"data: hello\n\n");
    let mut parser = Parser::new();
    let mut left = &whole[..];
    let event = parser.next_event(&mut left).unwrap().unwrap();
    let data = whole.slice_ref(match event {
        Event::Data(data) => data.as_bytes(),
        _ => unreachable!(),
    });
    assert_eq!(data, "hello");
    for start in 0..=whole.len() {
        for end in start..=whole.len() {
            let chunk = whole.slice(start..end);
            let owned = event.to_owned_in(&chunk);
            assert_eq!(owned.as_event(), event);
            let is_inside = start <= 6 && end >= 11;
            assert_eq!(lies_in(data_of(&owned), &whole), is_inside, "{start}..{end}");
        }
    }
}

#[test]
fn an_id_that_stays_is_given_with_every_event() {
    let mut chunk = Bytes::from_static(b"id: 7\ndata: one\n\ndata: two\n\n");
    let mut parser = Parser::new();
    for expected in ["one", "two"] {
        let Some(OwnedEvent::Data(data)) = parser.next_owned(&mut chunk).unwrap() else {
            panic!("no data");
        };
        assert_eq!(data.bytes(), expected);
        assert_eq!(data.id(), b"7");
    }
}

#[test]
fn detach_frees_the_chunk() {
    for bytes in [
        ": queued\n",
        "event: delta\ndata: one\n\n",
        "event: ping\ndata: one\n\n",
        "{\"a\":1}",
        "<html>\n",
    ] {
        let whole = Bytes::from(bytes.as_bytes().to_vec());
        let mut chunk = whole.clone();
        let mut parser = Parser::new();
        let event = parser.next_owned(&mut chunk).unwrap().unwrap();
        drop(chunk);
        assert!(!whole.is_unique(), "{event:?} shares nothing");
        let detached = event.clone().detach();
        assert_eq!(detached, event);
        drop(event);
        assert!(whole.is_unique(), "{detached:?} shares the chunk");
    }
}

#[test]
fn debug_is_that_of_the_borrowed_event() {
    let bytes = b": \xFF\n\nevent: ping\ndata: \"\n\nid: 1\ndata: one\n\ndata: [DONE]\n\n<html>\n";
    let mut chunk = Bytes::from_static(bytes);
    let mut parser = Parser::new();
    while let Some(event) = parser.next_owned(&mut chunk).unwrap() {
        let shown = format!("{event:?}");
        assert_eq!(shown, format!("{:?}", event.as_event()));
        let part = match event {
            OwnedEvent::KeepAlive(keep_alive) => format!("KeepAlive({keep_alive:?})"),
            OwnedEvent::Data(data) => format!("{data:?}"),
            _ => continue,
        };
        assert_eq!(shown, part);
    }
    parser.reset();
    let Some(OwnedEvent::Body(body)) = parser.next_owned(&mut Bytes::from_static(b"[1]")).unwrap() else {
        panic!("no body");
    };
    assert_eq!(format!("{body:?}"), r#"Body("[1]")"#);
    parser.reset();
    let mut chunk = Bytes::from_static(b"data: \xFF");
    assert_eq!(parser.next_owned(&mut chunk), Ok(None));
    assert_eq!(
        format!("{:?}", parser.finish_owned().unwrap()),
        r#"Finish { event: None, outcome: Truncated, rest: "\xff" }"#
    );
}

#[test]
fn accessors_agree_with_the_borrowed_event() {
    let mut chunk = Bytes::from_static(b"event: error\nid: 7\ndata: caf\xC3\n\n");
    let mut parser = Parser::new();
    let Some(OwnedEvent::Data(data)) = parser.next_owned(&mut chunk).unwrap() else {
        panic!("no data");
    };
    let borrowed = data.as_data();
    assert_eq!(data.event(), borrowed.event());
    assert_eq!(data.id(), borrowed.id());
    assert_eq!(data.as_bytes(), borrowed.as_bytes());
    assert_eq!(data.to_str(), borrowed.to_str());
    assert!(data.to_str().is_err());
    assert_eq!(data.to_str_lossy(), "caf\u{FFFD}");
    assert!(data.is_error());
    let mut chunk = Bytes::from_static(b"data: {}\n\n");
    assert!(matches!(parser.next_owned(&mut chunk), Ok(Some(OwnedEvent::Data(data))) if !data.is_error()));

    parser.reset();
    let mut chunk = Bytes::from_static(b"{\"error\":\"\xFF\"}");
    let Some(OwnedEvent::Body(body)) = parser.next_owned(&mut chunk).unwrap() else {
        panic!("no body");
    };
    assert_eq!(body.as_bytes(), body.as_body().as_bytes());
    assert_eq!(body.bytes(), body.as_bytes());
    assert!(body.to_str().is_err());
    assert_eq!(body.to_str_lossy(), "{\"error\":\"\u{FFFD}\"}");
    assert!(body.is_error());
    parser.reset();
    let mut chunk = Bytes::from_static(b"[]");
    assert!(matches!(parser.next_owned(&mut chunk), Ok(Some(OwnedEvent::Body(body))) if !body.is_error()));
}

#[cfg(feature = "serde")]
#[test]
fn deserializes_in_place() {
    let mut chunk = Bytes::from_static(b"data: {\"text\":\"hi\"}\n\n");
    let mut parser = Parser::new();
    let Some(OwnedEvent::Data(data)) = parser.next_owned(&mut chunk).unwrap() else {
        panic!("no data");
    };
    let fields: std::collections::BTreeMap<&str, &str> = data.deserialize().unwrap();
    assert_eq!(fields["text"], "hi");
    assert!(lies_in(fields["text"].as_bytes(), data.bytes()));

    parser.reset();
    let mut chunk = Bytes::from_static(b"[\"hi\"]");
    let Some(OwnedEvent::Body(body)) = parser.next_owned(&mut chunk).unwrap() else {
        panic!("no body");
    };
    let [text] = body.deserialize::<[&str; 1]>().unwrap();
    assert!(lies_in(text.as_bytes(), body.bytes()));
}

#[test]
fn owned_types_cross_threads() {
    fn check<T: Send + Sync + Unpin + Clone + 'static>() {}
    check::<OwnedEvent>();
    check::<OwnedKeepAlive>();
    check::<OwnedData>();
    check::<OwnedBody>();
    check::<OwnedFinish>();
}

fn parts(event: &OwnedEvent) -> Vec<&[u8]> {
    match event {
        OwnedEvent::KeepAlive(OwnedKeepAlive::Comment(text)) => vec![text],
        OwnedEvent::KeepAlive(OwnedKeepAlive::Ping(data)) | OwnedEvent::Data(data) => {
            vec![data.event(), data.id(), data.as_bytes()]
        }
        OwnedEvent::Body(body) => vec![body.as_bytes()],
        OwnedEvent::Unknown(line) => vec![line],
        _ => vec![],
    }
}

fn data_of(event: &OwnedEvent) -> &[u8] {
    match event {
        OwnedEvent::Data(data) => data.as_bytes(),
        other => panic!("{other:?} is no data"),
    }
}

fn lies_in(part: &[u8], whole: &[u8]) -> bool {
    let (part, whole) = (part.as_ptr_range(), whole.as_ptr_range());
    whole.start <= part.start && part.end <= whole.end
}
