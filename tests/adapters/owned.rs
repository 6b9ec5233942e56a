//! Owned events: the same as borrowed ones for every split, sharing the chunk's memory wherever possible.

use crate::common;
use crate::responses;

use bytes::Bytes;
use common::trace::{End, Seen, Setup, Split, State, Step, Trace, trace_of};
use llm_response::{Body, Data, Event, OwnedBody, OwnedData, OwnedEvent, OwnedFinish, OwnedKeepAlive, Parser};

#[test]
fn gives_the_trace_of_the_parser_for_every_split() {
    for (bytes, setup) in responses::all() {
        let expected = trace_of(&mut Parser::with_options(setup.options()), [bytes]);
        for split in Split::all(bytes) {
            let given = trace_of_owned(setup, &split);
            assert_eq!(
                given,
                expected,
                "\"{}\" in {setup:?}, {}",
                bytes.escape_ascii(),
                split.name
            );
        }
    }
}

fn trace_of_owned(setup: Setup, split: &Split<'_>) -> Trace {
    let mut parser = Parser::with_options(setup.options());
    let mut steps = Vec::new();
    let mut start = 0;
    for whole in &split.chunks {
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
fn copies_what_was_split_and_shares_what_follows() {
    let whole = Bytes::from_static(b"data: one\n\ndata: two\n\n");
    let mut parser = Parser::new();
    let mut first = whole.slice(..7);
    assert_eq!(parser.next_owned(&mut first), Ok(None));

    let mut second = whole.slice(7..);
    let split = parser.next_owned(&mut second).unwrap().unwrap();
    assert_eq!(data_of(&split), b"one");
    assert!(!lies_in(data_of(&split), &whole));

    let next = parser.next_owned(&mut second).unwrap().unwrap();
    assert_eq!(data_of(&next), b"two");
    assert!(lies_in(data_of(&next), &whole));
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

/// What is stored and large is handed over, whatever it is a part of; the parser goes on as if it had been copied.
#[test]
fn large_split_events_are_those_of_the_parser() {
    let large = "x".repeat(10_000);
    let id = "7".repeat(30_000);
    let response = format!(
        "id: 1\n\ndata: {large}\n\n: {large}\n\nevent: {large}\ndata: {large}\ndata: 2\n\n{large}\n\n\
         data: a\n: {large}\n{large}\ndata: {large}\n\nid: {id}\ndata: {large}\n\ndata: {large}\n\n\
         event: ping\ndata: {large}\n\nid: 2\ndata: {large}\n\ndata: small\n\n"
    );
    let ends = [
        String::new(),
        format!("data: {{\"a\":\"{large}\"}}"),
        format!("data: {{\"a\":\"{large}"),
        format!("data: {{\"a\":\"{large}\n: {large}"),
        format!(": {large}"),
        large.clone(),
    ];
    let mut memory = vec![0; 200_000];
    for end in ends {
        let response = format!("{response}{end}");
        for len in [1, 100, 7_000, 25_000, response.len()] {
            let mut borrowed = Parser::new();
            let mut owned = Parser::new();
            let mut lent = Parser::in_memory(&mut memory, Default::default());
            for piece in response.as_bytes().chunks(len) {
                let mut left = piece;
                let mut chunks = [Bytes::copy_from_slice(piece), Bytes::copy_from_slice(piece)];
                loop {
                    let event = borrowed.next_event(&mut left).unwrap();
                    let given = owned.next_owned(&mut chunks[0]).unwrap();
                    assert!(given.as_ref().map(OwnedEvent::as_event) == event, "in chunks of {len}");
                    let given = lent.next_owned(&mut chunks[1]).unwrap();
                    assert!(given.as_ref().map(OwnedEvent::as_event) == event, "in chunks of {len}");
                    assert!(chunks.iter().all(|chunk| chunk == left));
                    if event.is_none() {
                        break;
                    }
                    assert!(State::of(&borrowed) == State::of(&owned) && State::of(&owned) == State::of(&lent));
                }
            }
            let finish = borrowed.finish().unwrap();
            assert!(owned.finish_owned().unwrap().as_finish() == finish);
            assert!(lent.finish_owned().unwrap().as_finish() == finish);
            assert!(State::of(&borrowed) == State::of(&owned) && State::of(&owned) == State::of(&lent));
        }
    }
}

/// Only what nothing else needs: an event that is stored, and not what a block still holds.
#[test]
fn take_stored_takes_no_more_than_the_event() {
    let mut parser = Parser::new();
    assert_eq!(parser.take_stored(), None, "before the first byte");
    parser.push(b"id: 7\n\ndata: spl", |_| {}).unwrap();
    assert_eq!(parser.take_stored(), None, "within an event");
    let found = parser.advance(&mut &b"it\n\n"[..]).unwrap().unwrap();
    assert!(matches!(parser.lend(found), Event::Data(data) if data.as_bytes() == b"split" && data.id() == b"7"));
    assert_eq!(parser.take_stored().unwrap(), b"7split");
    assert_eq!(parser.last_event_id(), b"7");

    // A comment within a block, both of them stored.
    parser.push(b"data: 1\n: com", |_| {}).unwrap();
    let found = parser.advance(&mut &b"ment\n"[..]).unwrap().unwrap();
    assert_eq!(parser.take_stored(), None);
    assert!(found.is_keep_alive());
    assert!(matches!(
        parser.lend(found),
        Event::KeepAlive(llm_response::KeepAlive::Comment(b"comment"))
    ));
    let mut chunk = &b"data: 2\n\n"[..];
    assert!(matches!(parser.next_event(&mut chunk), Ok(Some(Event::Data(data))) if data.as_bytes() == b"1\n2"));
}

/// A buffer of the caller's own need not know of it.
#[test]
fn a_buffer_that_keeps_its_memory_is_copied_from() {
    struct Kept(Vec<u8>);
    impl llm_response::Buffer for Kept {
        fn max_capacity(&self) -> usize {
            usize::MAX
        }
        fn as_slice(&self) -> &[u8] {
            &self.0
        }
        fn as_mut_slice(&mut self) -> &mut [u8] {
            &mut self.0
        }
        fn append(&mut self, bytes: &[u8], _limit: usize) {
            self.0.extend_from_slice(bytes);
        }
        fn truncate(&mut self, len: usize) {
            self.0.truncate(len);
        }
    }
    let large = "x".repeat(10_000);
    let response = Bytes::from(format!("id: 7\ndata: {large}\n\ndata: {{\"a\":\"{large}"));
    let mut parser = Parser::with_buffer(Box::new(Kept(Vec::new())), Default::default());
    assert_eq!(parser.next_owned(&mut response.slice(..100)), Ok(None));
    let mut chunk = response.slice(100..);
    let Some(OwnedEvent::Data(data)) = parser.next_owned(&mut chunk).unwrap() else {
        panic!("no data");
    };
    assert_eq!(data.as_bytes(), large.as_bytes());
    assert_eq!(data.id(), b"7");
    assert_eq!(parser.next_owned(&mut chunk), Ok(None));
    assert_eq!(parser.finish_owned().unwrap().rest.len(), large.len() + 6);
    assert_eq!(parser.last_event_id(), b"7");
}

#[test]
fn names_and_ids_are_text() {
    let data = OwnedData::new("delta", "7", "hi");
    assert_eq!(data.as_data(), Data::new(b"delta", b"7", b"hi"));
    assert_eq!((data.event_str(), data.id_str()), (Ok("delta"), Ok("7")));
    assert_eq!(data.event_or_message(), Ok("delta"));
    assert_eq!(data.name(), data.as_data().name());
    assert_eq!(data.as_ref(), b"hi");
    assert_eq!(data.into_bytes(), "hi");

    let unnamed = OwnedData::new("", "", vec![0xFF]);
    assert_eq!((unnamed.event_str(), unnamed.id_str()), (Ok(""), Ok("")));
    assert_eq!(unnamed.event_or_message(), Ok("message"));
    let no_text = OwnedData::new(&b"\xFF"[..], &b"\xFF"[..], "");
    assert!(no_text.event_str().is_err() && no_text.id_str().is_err());
    assert!(no_text.event_or_message().is_err());

    let borrowed = Data::new(b"\xFF", b"\xFF", b"hi");
    assert!(borrowed.event_str().is_err() && borrowed.id_str().is_err());
    assert_eq!(borrowed.as_ref(), b"hi");

    let body = OwnedBody::new("{}");
    assert_eq!(body.as_body(), Body::new(b"{}"));
    assert_eq!((body.as_ref(), Body::new(b"{}").as_ref()), (&b"{}"[..], &b"{}"[..]));
    assert_eq!(body.into_bytes(), "{}");
}

/// Those of a chunk share its memory.
#[test]
fn bytes_are_taken_out_without_a_copy() {
    let whole = Bytes::from_static(b"data: hi\n\n");
    let Ok(Some(OwnedEvent::Data(data))) = Parser::new().next_owned(&mut whole.clone()) else {
        panic!("no data");
    };
    assert!(lies_in(&data.into_bytes(), &whole));
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
