//! What the crate promises to cost, shown by counting: which bytes are stored, how often, and what is borrowed.
//!
//! A buffer that keeps a log stands in for the heap. Durations are never asserted. What the heap costs is in
//! `heap`.

#[path = "../common/mod.rs"]
mod common;

use std::{cell::RefCell, ops::Range, rc::Rc};

use common::{reference::decode, trace::Setup};
use llm_response::{Buffer, Dialect, Event, Format, KeepAlive, Options, Parser};

/// What a [`LoggedBuffer`] was told to do.
#[derive(Debug, Default)]
struct Log {
    /// Every byte that was ever appended.
    appended: Vec<u8>,
    /// The number of appends that were not empty.
    appends: usize,
    /// Bytes that were lent to be moved.
    movable: usize,
    /// The most that was held at a time.
    most: usize,
    capacity_asked: usize,
}

#[derive(Debug, Default)]
struct LoggedBuffer {
    bytes: Vec<u8>,
    log: Rc<RefCell<Log>>,
}

impl Buffer for LoggedBuffer {
    fn max_capacity(&self) -> usize {
        usize::MAX
    }
    fn as_slice(&self) -> &[u8] {
        &self.bytes
    }
    fn as_mut_slice(&mut self) -> &mut [u8] {
        self.log.borrow_mut().movable += self.bytes.len();
        &mut self.bytes
    }
    fn append(&mut self, bytes: &[u8], limit: usize) {
        self.bytes.extend_from_slice(bytes);
        assert!(self.bytes.len() <= limit, "more than the limit it was told");
        let log = &mut *self.log.borrow_mut();
        log.appended.extend_from_slice(bytes);
        log.appends += usize::from(!bytes.is_empty());
        log.most = log.most.max(self.bytes.len());
        log.capacity_asked = log.capacity_asked.max(limit);
    }
    fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }
}

fn logged(options: Options) -> (Parser<LoggedBuffer>, Rc<RefCell<Log>>) {
    let buffer = LoggedBuffer::default();
    let log = Rc::clone(&buffer.log);
    (Parser::with_buffer(buffer, options), log)
}

/// What is stored of a response that comes in these chunks.
fn stored(options: Options, chunks: &[&[u8]]) -> String {
    let (mut parser, log) = logged(options);
    for chunk in chunks {
        parser.push(chunk, |_| {}).unwrap();
    }
    let log = log.borrow();
    log.appended.escape_ascii().to_string()
}

const LLM: Options = Options::new();

// ---- Which bytes are stored ---------------------------------------------------------------------------------------

/// Responses whose events need no store: no ids, no data of several lines, nothing between the lines of a block.
const WHOLE: &[&[u8]] = &[
    b"\xEF\xBB\xBF\n\n: keep-alive\n\n:\r\n\r\n",
    b"data: {\"a\":1}\n\ndata:{\"b\":2}\r\n\r\ndata: [DONE]\r\r",
    b"event: delta\ndata: {}\n\nevent: ping\ndata: {}\n\ndata: {}\nevent: message_stop\nretry: 100\n\n",
    b"<html>\n\nerror: {}\n\nevent: x\n\nretry: 5\n\ndata\n\n",
    b"\n         \n{\"choices\":[{\"message\":{\"content\":\"\\\"}]\"}}]}\n\n",
    b"\"text\"",
];

#[test]
fn nothing_is_stored_of_what_lies_whole_in_its_chunk() {
    for dialect in [Dialect::Llm, Dialect::EventSource] {
        for response in WHOLE {
            assert_eq!(
                stored(LLM.dialect(dialect), &[response]),
                "",
                "\"{}\"",
                response.escape_ascii()
            );
        }
    }
    assert_eq!(stored(LLM.format(Format::Json), &[b"-12.5e3 "]), "");
    // Also event by event in a chunk each.
    assert_eq!(
        stored(
            LLM,
            &[
                b": q\n",
                b"\n",
                b"data: a\n\n",
                b"event: x\ndata: b\n\n",
                b"\n",
                b"data: [DONE]\n\n"
            ]
        ),
        ""
    );
}

/// For a split line, and for whole lines before it, only the value is stored. Nothing of the events beside it is stored.
#[test]
fn what_a_split_makes_necessary_is_stored_and_no_more() {
    let (before, after) = (&b"data: before\n\n"[..], &b"data: after\n\n"[..]);
    for (first, second, expected) in [
        // Within data, as soon as its name is known; the name itself only while it may still be another.
        ("data: one two", " three\n\n", "one two three"),
        ("data: ", "one\n\n", "one"),
        ("data:", " one\n\n", "data:one"),
        ("da", "ta: one\n\n", "daone"),
        // Between lines: what the block has so far.
        ("data: one\n", "\n", "one"),
        ("data: one\r", "\n\n", "one"),
        ("event: x\n", "data: one\n\n", "\\rex"),
        // Comments and unknown lines from their beginning on.
        (": keep", "-alive\n\n", ": keep-alive"),
        ("<htm", "l>\n\n", "<html>"),
        // A retry is a number; its digits go at the end of their line.
        ("retry: 1", "00\n\n", "100"),
        // Between events: nothing.
        ("data: one\n\n", "", ""),
        (": q\n\n", "", ""),
        ("\n", "\n", ""),
    ] {
        let chunks = [
            &[before, first.as_bytes()].concat()[..],
            &[second.as_bytes(), after].concat(),
        ];
        let given = stored(LLM, &chunks);
        let given = given.replace("\\n", ""); // between the entries of a block
        assert_eq!(given, expected, "{first:?} {second:?}");
    }
    assert_eq!(stored(LLM, &[b"\n {\"a\":", b"1}", b"\n"]), "{\\\"a\\\":1}");
}

#[test]
fn values_that_must_be_joined_or_kept_are_stored() {
    assert_eq!(stored(LLM, &[b"data: a\ndata: b\n\n"]), "a\\nb");
    assert_eq!(stored(LLM, &[b"id: 7\ndata: a\n\ndata: b\n\n"]), "7");
    // A comment that is given within a block takes the parser out of its chunk; so does an unknown line.
    assert_eq!(stored(LLM, &[b"data: a\n: q\n\n"]), "a");
    assert_eq!(stored(LLM, &[b"data: a\nx\n\n"]), "a");
    assert_eq!(stored(LLM, &[b": q\ndata: a\n\n"]), "");
}

// ---- How often ----------------------------------------------------------------------------------------------------

const CHUNK_LENS: [usize; 7] = [1, 2, 3, 64, 1_400, 16_384, usize::MAX];

/// Every byte of a line is stored once, whatever the chunks: 8 MiB in chunks of 1 cost no more stores than in chunks of
/// 1,400. So time is linear, as a pending line is nowhere but in the store, and is not read again before its end.
#[test]
fn each_byte_of_a_long_line_is_stored_once() {
    for (start, end) in [
        ("data: ", "\n\n"),
        (": ", "\n"),
        ("x", "\n"),
        ("event: ", "\ndata: a\n\n"),
        ("id: ", "\n\n"),
        ("[\"", "\"]"),
    ] {
        for chunk_len in CHUNK_LENS {
            // The whole length where it says most.
            let is_full = start == "data: " && [1, 1_400].contains(&chunk_len);
            let len = if is_full { 8 << 20 } else { 64 << 10 };
            let response = [start.as_bytes(), &vec![b'a'; len], end.as_bytes()].concat();
            if chunk_len == usize::MAX && start != "id: " {
                assert_eq!(stored(LLM, &[&response]), "");
                continue;
            }
            let (mut parser, log) = logged(LLM);
            let mut events = 0;
            for chunk in response.chunks(chunk_len.min(response.len())) {
                parser.push(chunk, |_| events += 1).unwrap();
            }
            let log = log.borrow();
            let what = format!("{start:?} in chunks of {chunk_len}");
            assert_eq!(events, usize::from(start != "id: "), "{what}");
            assert!(
                log.appended.len() <= response.len(),
                "{what}: {} bytes are stored",
                log.appended.len()
            );
            assert!(
                log.appends <= response.len().div_ceil(chunk_len) + 8,
                "{what}: {} stores",
                log.appends
            );
            assert!(
                log.movable <= 2 * response.len(),
                "{what}: {} bytes may be moved",
                log.movable
            );
        }
    }
}

/// The most unfavourable blocks: fields in every order, many times, with values as short as can be. Fewer than two bytes
/// are stored for each that comes, and the block is put in order by a constant number of passes.
#[test]
fn blocks_of_many_lines_are_stored_once_and_put_in_order_once() {
    let count = if cfg!(debug_assertions) { 1_000 } else { 20_000 };
    for lines in [
        &["data: a"][..],
        &["data: a", "event: x", "id: 1"],
        &["id: 1", "event: x", "data: a"],
        &["event: x"],
        &["id: 1"],
        &["id: 1", "data"],
        &["data: a", ": q"],
        &["x"],
        &["retry: 1"],
    ] {
        let block = (lines.join("\n") + "\n").repeat(count) + "data: b\n\n";
        for chunk_len in CHUNK_LENS {
            let (mut parser, log) = logged(LLM);
            for chunk in block.as_bytes().chunks(chunk_len.min(block.len())) {
                parser.push(chunk, |_| {}).unwrap();
            }
            let log = log.borrow();
            let what = format!("{lines:?} in chunks of {chunk_len}");
            // A split name is stored until it is known, and then its value: fewer than two stores for each byte.
            assert!(
                log.appended.len() < 2 * block.len(),
                "{what}: {} of {} bytes",
                log.appended.len(),
                block.len()
            );
            assert!(
                log.most <= block.len(),
                "{what}: {} of {} bytes at a time",
                log.most,
                block.len()
            );
            assert!(
                log.movable <= 4 * block.len(),
                "{what}: {} bytes may be moved",
                log.movable
            );
        }
    }
}

/// A long id is stored with its block, and not again with each event or keep-alive after it.
#[test]
fn a_long_id_is_not_moved_again() {
    let id = format!("id: {}\n\n", "7".repeat(10_000));
    for chunk_len in [1, 3, usize::MAX] {
        let (mut parser, log) = logged(LLM);
        parser.push(id.as_bytes(), |_| {}).unwrap();
        let before = (log.borrow().appended.len(), log.borrow().movable);
        let response = b": keep-alive\n\ndata: {}\n\ndata: {\ndata: }\n\nx\n\n".repeat(100);
        for chunk in response.chunks(chunk_len.min(response.len())) {
            parser.push(chunk, |_| {}).unwrap();
        }
        let log = log.borrow();
        assert!(log.appended.len() - before.0 <= response.len());
        // Putting a block of several lines in order may look at the store as a whole, but not at each byte of the response.
        assert!(
            log.movable - before.1 <= 200 * (id.len() + response.len()),
            "{}",
            log.movable
        );
    }
}

// ---- How much -----------------------------------------------------------------------------------------------------

/// The parser never holds more than it counts, in every setup and with every split.
#[test]
fn no_more_is_held_than_the_limit_and_the_last_event_id() {
    let responses: [&[u8]; 6] = [
        b"id: 1234567\nevent: abc\ndata: a\ndata: b\n: comment\n\ndata: c\n\n",
        b"data: a\nid: 1\nevent: x\nid: 22\ndata: b\nevent: yy\n\n",
        b": comment\n<html>\nretry: 123456789\n\n",
        b"id\nid\nid\ndata\ndata\nevent\nevent\n\n",
        b"{\"a\":[1,2,3]} ",
        b"\xEF\xBBdata: a\n\n",
    ];
    for response in responses {
        for max_len in 0..=response.len() {
            for chunk_len in [1, 2, 5, response.len()] {
                let (mut parser, log) = logged(LLM.max_len(max_len));
                let mut longest_id = 0;
                for chunk in response.chunks(chunk_len) {
                    let result = parser.push(chunk, |_| {});
                    longest_id = longest_id.max(parser.last_event_id().len());
                    if result.is_err() {
                        break;
                    }
                }
                let log = log.borrow();
                assert!(
                    log.most <= max_len + longest_id,
                    "{} bytes are held under a limit of {max_len}",
                    log.most
                );
                assert!(log.capacity_asked <= max_len + longest_id);
            }
        }
    }
}

#[cfg(target_pointer_width = "64")]
#[test]
fn the_parser_is_small() {
    assert!(size_of::<Parser>() <= 96, "{} bytes", size_of::<Parser>());
    assert!(size_of::<Parser<llm_response::SliceBuffer<'_>>>() <= 96);
}

// ---- What is borrowed ---------------------------------------------------------------------------------------------

fn addresses(bytes: &[u8]) -> Range<usize> {
    bytes.as_ptr().addr()..bytes.as_ptr().addr() + bytes.len()
}

fn lies_in(part: &[u8], chunk: &[u8]) -> bool {
    let (part, chunk) = (addresses(part), addresses(chunk));
    chunk.start <= part.start && part.end <= chunk.end
}

/// The parts of an event that are not empty.
fn parts(event: Event<'_>) -> Vec<&[u8]> {
    let mut parts = match event {
        Event::Data(data) | Event::KeepAlive(KeepAlive::Ping(data)) => vec![data.event(), data.as_bytes()],
        Event::KeepAlive(KeepAlive::Comment(text)) => vec![text],
        Event::Body(body) => vec![body.as_bytes()],
        Event::Unknown(line) => vec![line],
        _ => vec![],
    };
    parts.retain(|part| !part.is_empty());
    parts
}

#[test]
fn what_lies_whole_in_its_chunk_is_borrowed_from_it() {
    let mut count = 0;
    for response in WHOLE {
        let memory = &mut [0; 256];
        let mut parser = Parser::in_memory(memory, LLM);
        let mut chunk = *response;
        while let Some(event) = parser.next_event(&mut chunk).unwrap() {
            // What the field `error` names is named by a constant.
            for part in parts(event).into_iter().filter(|part| *part != b"error") {
                assert!(lies_in(part, response), "{event:?} is a copy");
                count += 1;
            }
        }
    }
    assert_eq!(count, 13, "the responses have changed");
}

/// Events contained in the second of two chunks are borrowed from it, wherever the response is split.
#[test]
fn what_follows_a_split_event_is_borrowed_again() {
    let response = &b": q\n\ndata: one\n\nevent: x\ndata: two\n\nx\n\ndata: [DONE]\n\n"[..];
    for split in 0..=response.len() {
        let memory = &mut [0; 64];
        let mut parser = Parser::in_memory(memory, LLM);
        let mut copied = 0;
        for whole in [&response[..split], &response[split..]] {
            let mut chunk = whole;
            while let Some(event) = parser.next_event(&mut chunk).unwrap() {
                copied += usize::from(parts(event).iter().any(|part| !lies_in(part, whole)));
            }
        }
        assert!(copied <= 1, "a split at {split} made the parser copy {copied} events");
    }
}

#[test]
fn only_what_had_to_be_stored_is_no_part_of_the_chunk() {
    for (response, is_borrowed) in [
        (&b"data: a\ndata: b\n\n"[..], false),
        (b"data: a\n: q\n\n", false),
        (b"data: a\nx\n\n", false),
        (b"id: 1\ndata: a\n\n", true),
        (b": q\ndata: a\n\n", true),
        (b"retry: 1\ndata: a\nevent: x\n\n", true),
    ] {
        let memory = &mut [0; 64];
        let mut parser = Parser::in_memory(memory, LLM);
        let mut chunk = response;
        while let Some(event) = parser.next_event(&mut chunk).unwrap() {
            if let Event::Data(data) = event {
                assert_eq!(lies_in(data.as_bytes(), response), is_borrowed, "{data:?}");
            }
        }
    }
}

/// A block stored in lent memory never leaves it.
#[test]
fn what_is_stored_lies_in_the_memory_that_was_lent() {
    let response = b"id: 1\ndata: a\nevent: x\ndata: b\n\n: q\n\nx\n\n";
    let mut memory = [0; 64];
    let lent = addresses(&memory);
    let mut parser = Parser::in_memory(&mut memory, LLM);
    let mut events = 0;
    for chunk in response.chunks(1) {
        parser
            .push(chunk, |event| {
                for part in parts(event) {
                    let part = addresses(part);
                    assert!(lent.start <= part.start && part.end <= lent.end);
                    events += 1;
                }
            })
            .unwrap();
    }
    assert_eq!(events, 4);
    assert_eq!(decode(response, Setup::new()).steps.len(), 3);
}
