//! What the crate promises to cost on the heap, shown by an allocator that counts.
//!
//! It counts for each thread, as tests run side by side. What a test holds itself is left out: only what changes during a
//! call of the parser counts.

#![cfg(feature = "alloc")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use llm_response::{Event, Format, KeepAlive, Options, Parser};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

fn note(allocations: usize, bytes: isize) {
    ALLOCATIONS.set(ALLOCATIONS.get() + allocations);
    HELD.set(HELD.get() + bytes);
}

// SAFETY: every call is passed on as it came to the allocator of the system; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        note(0, -(layout.size() as isize));
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, size as isize - layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A parser, and what it holds and has allocated.
struct Measured {
    parser: Parser,
    held: usize,
    most: usize,
    allocations: usize,
}

impl Measured {
    fn new(options: Options) -> Self {
        Self {
            parser: Parser::with_options(options),
            held: 0,
            most: 0,
            allocations: 0,
        }
    }

    fn measure<T>(&mut self, call: impl FnOnce(&mut Parser) -> T) -> T {
        let (allocations, held) = (ALLOCATIONS.get(), HELD.get());
        let result = call(&mut self.parser);
        self.allocations += ALLOCATIONS.get() - allocations;
        self.held = self
            .held
            .checked_add_signed(HELD.get() - held)
            .expect("more is freed than was held");
        self.most = self.most.max(self.held);
        result
    }

    /// Takes a chunk as a caller does who reads every event; `Ok(false)` after an error.
    fn read(&mut self, mut chunk: &[u8]) -> bool {
        loop {
            match self.measure(|parser| parser.next_event(&mut chunk).map(|event| event.is_some())) {
                Ok(true) => {}
                Ok(false) => return true,
                Err(_) => return false,
            }
        }
    }
}

/// As in a chat, with everything but ids, data of several lines, and lines within a block.
const CHAT: &[u8] = b"\xEF\xBB\xBF\n\n: keep-alive\n\n: keep-alive\n\n\
    data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\nevent: ping\ndata: {}\n\n\
    data: {\"choices\":[],\"usage\":{\"total_tokens\":9}}\r\n\r\nevent: message_stop\nretry: 3000\ndata: {}\n\n\
    <html>\n\ndata: [DONE]\n\n";

#[test]
fn whole_events_allocate_nothing() {
    let mut measured = Measured::new(Options::new());
    for _ in 0..3 {
        assert!(measured.read(CHAT));
        measured.measure(|parser| while parser.next_output(&mut &CHAT[3..]).is_err() {});
        measured.measure(|parser| parser.push(&CHAT[3..], |_| {}).unwrap());
        measured.measure(|parser| assert!(parser.finish().is_ok()));
        measured.measure(Parser::reset);
    }
    assert!(measured.read(b"\n\n{\"error\":{\"message\":\"busy\",\"code\":null}}\n"));
    assert_eq!((measured.allocations, measured.held), (0, 0));
}

/// An event to a chunk, as many servers flush.
#[test]
fn events_in_a_chunk_each_allocate_nothing() {
    let mut measured = Measured::new(Options::new());
    for chunk in CHAT[3..]
        .split_inclusive(|byte| *byte == b'\n')
        .collect::<Vec<_>>()
        .chunk_by(|line, _| line.len() > 2)
    {
        assert!(measured.read(&chunk.concat()));
    }
    assert_eq!((measured.allocations, measured.held), (0, 0));
}

#[test]
fn a_waiting_parser_holds_nothing_between_keep_alives() {
    for keep_alive in [
        &b": keep-alive\n\n"[..],
        b": OPENROUTER PROCESSING\r\n\r\n",
        b":\n",
        b"event: ping\ndata: {}\n\n",
        b"\r\n",
        b"data\n\n",
        b": keep-alive\n\nretry: 3000\n\n",
        b": keep-alive\n\nretry\n\n",
        b": keep-alive\n\nid: a\0b\n\n",
    ] {
        for cut in 0..=keep_alive.len() {
            let mut measured = Measured::new(Options::new());
            for _ in 0..20 {
                let (first, second) = keep_alive.split_at(cut);
                assert!(measured.read(first) && measured.read(second));
                assert_eq!(measured.held, 0, "after \"{}\" cut at {cut}", keep_alive.escape_ascii());
            }
            assert!(measured.parser.keep_alives() > 0);
        }
    }
}

/// The id is kept, as the next request needs it, with no more beside it than its own length.
#[test]
fn a_waiting_parser_holds_the_last_event_id_alone() {
    for len in [1, 100, 10_000] {
        let mut measured = Measured::new(Options::new());
        let id = format!("id: {}\n\n", "7".repeat(len));
        for byte in id.as_bytes().chunks(1) {
            assert!(measured.read(byte));
        }
        for _ in 0..20 {
            for piece in [&b": keep"[..], b"-alive\n", b"\n"] {
                assert!(measured.read(piece));
            }
            assert!(measured.held <= 2 * len, "{} bytes for an id of {len}", measured.held);
        }
        assert_eq!(measured.parser.last_event_id().len(), len);
    }
}

/// Once an event of many bytes was stored and read, and one more lay whole in its chunk.
#[test]
fn memory_is_given_back_after_a_large_event() {
    let large = "x".repeat(1 << 20);
    let events = [
        format!("data: {large}\n\n"),
        format!("data: {large}\ndata: {large}\n\n"),
        format!("event: {large}\ndata: a\n\n"),
        format!("data: a\n{large}\n\n"),
        format!("data: {large}\n: comment\n\n"),
        format!(": {large}\n\n"),
        format!("event: ping\ndata: {large}\n\n"),
        format!("id: {large}\ndata: a\n\nid\ndata: b\n\n"),
    ];
    for small in [
        &b"data: small\n\n"[..],
        b": small\n\n",
        b"x\n\n",
        b"event: ping\ndata: {}\n\n",
        // Whole in their chunk, and stored all the same.
        b"data: {\ndata: }\n\n",
        b"data: a\n: c\n\n",
        b"event: a\nx\ndata: b\n\n",
    ] {
        for event in &events {
            for before in [&b""[..], b"data: before\n\n"] {
                let mut measured = Measured::new(Options::new());
                assert!(measured.read(before));
                for chunk in event.as_bytes().chunks(1_400) {
                    assert!(measured.read(chunk));
                }
                assert!(measured.most >= 1 << 20, "the event was not stored");
                assert!(measured.read(small));
                assert!(
                    measured.held <= 4096,
                    "{} bytes are held after {:?}…",
                    measured.held,
                    &event[..10]
                );
            }
        }
    }
}

/// Also by a caller who reads the large event and never asks again before the next chunk comes.
/// As when images follow one another.
#[test]
fn large_events_in_a_row_take_their_memory_once() {
    let event = format!("data: {}\n\n", "x".repeat(1 << 16));
    let mut measured = Measured::new(Options::new());
    let mut allocations = Vec::new();
    for _ in 0..4 {
        for chunk in event.as_bytes().chunks(1_400) {
            assert!(measured.read(chunk));
        }
        allocations.push(measured.allocations);
    }
    assert!(allocations[0] > 0, "the event was not stored");
    assert_eq!(allocations, [allocations[0]; 4]);
}

#[test]
fn memory_is_given_back_to_a_caller_who_is_lazy() {
    let large = format!("data: {}\n\n", "x".repeat(1 << 20));
    let (first, second) = large.as_bytes().split_at(1_000_000);
    let mut measured = Measured::new(Options::new());
    for mut chunk in [first, second, b"data: small\n\n"] {
        measured.measure(|parser| while !chunk.is_empty() && parser.next_event(&mut chunk).is_ok() {});
    }
    assert!(measured.held <= 4096, "{} bytes are held", measured.held);
}

#[test]
fn nothing_is_held_after_an_error_and_by_a_parser_that_is_dropped() {
    for (options, response) in [
        (Options::new().max_len(10_000), format!("data: {}", "x".repeat(20_000))),
        (Options::new().max_len(10_000), format!("[{}", "1,".repeat(20_000))),
        (
            Options::new().format(Format::Json),
            format!("[{}]x", "1,".repeat(20_000)),
        ),
    ] {
        let mut measured = Measured::new(options);
        let failed = response.as_bytes().chunks(100).any(|chunk| !measured.read(chunk));
        assert!(failed && measured.most > 0);
        assert_eq!(measured.held, 0);
    }
    let held = HELD.get();
    let mut parser = Parser::new();
    parser.push(b"id: 1\ndata: cut", |_| {}).unwrap();
    assert!(HELD.get() > held);
    drop(parser);
    assert_eq!(HELD.get(), held);
}

/// Beside the limit and the id.
const CONSTANT: usize = 4096;

/// Whatever a server sends: the limit, the last event id, and a constant.
#[test]
fn growth_is_bounded_by_the_limit() {
    let floods: [(&str, &str); 9] = [
        ("data: ", "x"),
        ("", "data: abc\n"),
        ("", "id: 1\nevent: x\ndata\n"),
        ("", "unknown\n"),
        (": ", "x"),
        ("event: ", "x"),
        ("id: ", "x"),
        ("[", "[\"a\"],"),
        ("\"", "\\\""),
    ];
    for max_len in [0, 1, 1_000, 100_000] {
        for (start, flood) in floods {
            for chunk_len in [1, 100, 5_000] {
                let response = start.to_owned() + &flood.repeat(2 * max_len / flood.len() + 10);
                let mut measured = Measured::new(Options::new().max_len(max_len));
                let failed = response.as_bytes().chunks(chunk_len).any(|chunk| !measured.read(chunk));
                assert!(failed);
                assert!(
                    measured.most <= max_len + CONSTANT,
                    "{} bytes for {start}{flood}…",
                    measured.most
                );
            }
        }
    }
}

/// Ids of every length, a short one after a long one too, followed by blocks as long as may be: the store never holds more
/// than the limit and the id that counts at the time.
#[test]
fn growth_beside_an_id_is_bounded_by_the_limit_and_the_last_id() {
    for ids in [[0, 0], [1, 40_000], [40_000, 1], [40_000, 40_000], [25_000, 0]] {
        for chunk_len in [1, 777, usize::MAX] {
            each_held_beside_ids(ids, chunk_len, |held, id_len| {
                assert!(
                    held <= MAX_LEN + id_len + CONSTANT,
                    "{held} bytes beside an id of {id_len}, ids {ids:?}, chunks of {chunk_len}"
                );
            });
        }
    }
}

/// A regression found by the fuzz target `limits`: an event with a shorter id was lent beside the one before it.
#[test]
fn the_id_before_is_gone_while_an_event_with_a_shorter_one_is_lent() {
    let (id, data) = ("7".repeat(40_000), "x".repeat(MAX_LEN - 100));
    for fields in [
        format!("id: 1\ndata: {data}"),
        format!("data: {data}\nid: 1"),
        format!("event: e\nid: 1\ndata: {data}"),
        format!("id: 1\ndata: {data}\nevent: e"),
        format!("data: {data}\nid"),
    ] {
        let response = format!("id: {id}\n\n{fields}\n\n");
        let mut measured = Measured::new(Options::new().max_len(MAX_LEN));
        let mut events = 0;
        for mut chunk in response.as_bytes().chunks(777) {
            while measured.measure(|parser| match parser.next_event(&mut chunk).unwrap() {
                Some(Event::Data(event)) => {
                    assert!(event.as_bytes() == data.as_bytes() && event.id().len() <= 1);
                    assert!(matches!(event.event(), b"" | b"e"));
                    true
                }
                event => event.is_some(),
            }) {
                events += 1;
                let bound = MAX_LEN + measured.parser.last_event_id().len() + CONSTANT;
                assert!(
                    measured.held <= bound,
                    "{} bytes are held while an event is lent",
                    measured.held
                );
            }
        }
        assert_eq!(events, 1);
    }
}

const MAX_LEN: usize = 50_000;

/// What is held, and how long the last event id is, after each chunk of a response with these two ids.
fn each_held_beside_ids(ids: [usize; 2], chunk_len: usize, mut check: impl FnMut(usize, usize)) {
    let [first_id, second_id] = ids.map(|len| "7".repeat(len));
    let data = "x".repeat(MAX_LEN - 10);
    let response = format!("id: {first_id}\n\ndata: {data}\n\nid: {second_id}\n\ndata: {data}\n\ndata: {data}\n\n");
    let mut measured = Measured::new(Options::new().max_len(MAX_LEN));
    for chunk in response.as_bytes().chunks(chunk_len.min(response.len())) {
        assert!(measured.read(chunk));
        check(measured.held, measured.parser.last_event_id().len());
    }
}

#[test]
fn a_short_event_takes_one_small_allocation() {
    let mut measured = Measured::new(Options::new());
    assert!(measured.read(b"data: {\"choices\":[{\"delta\":") && measured.read(b"{\"content\":\"Hi\"}}]}\n\n"));
    assert_eq!((measured.allocations, measured.most), (1, 512));
}

/// Appending doubles what there is, so that the number of allocations is small and time stays linear.
#[test]
fn a_long_line_takes_few_allocations() {
    let mut measured = Measured::new(Options::new());
    let line = format!("data: {}", "x".repeat(8 << 20));
    for chunk in line.as_bytes().chunks(1_400) {
        assert!(measured.read(chunk));
    }
    assert!(measured.allocations <= 20, "{} allocations", measured.allocations);
    // The storage is kept for the next response.
    measured.measure(Parser::reset);
    let before = measured.allocations;
    for chunk in line.as_bytes().chunks(1_400) {
        assert!(measured.read(chunk));
    }
    assert_eq!(measured.allocations, before);
}

#[test]
fn memory_that_was_lent_is_enough() {
    let mut memory = [0; 256];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    let before = (ALLOCATIONS.get(), HELD.get());
    for byte in CHAT.chunks(1) {
        parser
            .push(byte, |event| {
                assert_ne!(event, Event::KeepAlive(KeepAlive::Comment(b"none")))
            })
            .unwrap();
    }
    assert!(parser.finish().is_ok());
    assert_eq!((ALLOCATIONS.get(), HELD.get()), before);
}
