//! What the crate promises to cost on the heap, shown by an allocator that counts.
//!
//! It counts for each thread, as tests run side by side. What a test holds itself is left out: only what changes during a
//! call of the parser counts.

#![cfg(feature = "alloc")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use llm_response::{Event, Format, KeepAlive, Options, Oversize, Parser};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

fn note(allocations: usize, bytes: isize) {
    ALLOCATIONS.set(ALLOCATIONS.get() + allocations);
    HELD.set(HELD.get() + bytes);
    MOST.set(MOST.get().max(HELD.get()));
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
        for split in 0..=keep_alive.len() {
            let mut measured = Measured::new(Options::new());
            for _ in 0..20 {
                let (first, second) = keep_alive.split_at(split);
                assert!(measured.read(first) && measured.read(second));
                assert_eq!(
                    measured.held,
                    0,
                    "after \"{}\" split at {split}",
                    keep_alive.escape_ascii()
                );
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

/// Twice the id at most, whatever an event took beside it.
#[test]
fn a_long_id_keeps_no_more_than_its_own_length_beside_it() {
    let len = 10_000;
    let mut measured = Measured::new(Options::new());
    let stream = format!(
        "id: {}\ndata: {{}}\n\ndata: {}\n\ndata: {{}}\n\n",
        "7".repeat(len),
        "x".repeat(1 << 18)
    );
    for chunk in stream.as_bytes().chunks(1_000) {
        assert!(measured.read(chunk));
    }
    assert!(measured.most >= 1 << 18, "the event was not stored");
    assert!(measured.held <= 2 * len, "{} bytes for an id of {len}", measured.held);
}

#[test]
fn what_a_response_left_is_given_back_by_the_next_keep_alive_after_reset() {
    for keep_alive in [&b": keep-alive\n"[..], b": alive\n", b"\n"] {
        let mut measured = Measured::new(Options::new());
        assert!(measured.read(b"data: "));
        assert!(measured.read("x".repeat(1 << 20).as_bytes()));
        assert!(measured.held >= 1 << 20, "the event was not stored");
        measured.measure(Parser::reset);
        assert!(measured.read(keep_alive));
        assert_eq!(measured.held, 0, "after {:?}", keep_alive.escape_ascii());
    }
}

#[test]
fn after_reset_no_more_is_held_than_the_limit() {
    let limit = 10_000;
    let mut measured = Measured::new(Options::new().max_len(limit));
    let id = "7".repeat(limit - 10);
    for chunk in [&b"id: "[..], id.as_bytes(), b"\n\n", b"data: ", id.as_bytes()] {
        assert!(measured.read(chunk));
    }
    assert!(measured.held > limit, "the id takes nothing beside the limit");
    measured.measure(Parser::reset);
    assert!(measured.held <= limit, "{} bytes for a limit of {limit}", measured.held);
}

/// The next event is likely large too.
#[test]
fn memory_of_a_large_event_serves_the_next() {
    let event = format!("data: {{\"a\":\"{}\"}}\n\n", "x".repeat(50_000));
    for len in [64, 1_400] {
        let mut measured = Measured::new(Options::new());
        for chunk in event.as_bytes().chunks(len) {
            assert!(measured.read(chunk));
        }
        let before = measured.allocations;
        for chunk in event.as_bytes().chunks(len) {
            assert!(measured.read(chunk));
        }
        assert_eq!(measured.allocations, before, "chunks of {len}");
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
        // By the short ways, each with its own line ends: of few bytes, and of more than a vector has.
        b"data: {\"a\":1}\n\n",
        b"data: {\"a\":1}\r\n\r\n",
        b"data: {\"a\":\"more bytes than a vector has\"}\n\n",
        b"data: {\"a\":\"more bytes than a vector has\"}\r\n\r\n",
        b"event: a\ndata: {\"a\":\"more bytes than a vector has\"}\n\n",
        b"event: a\r\ndata: {\"a\":\"more bytes than a vector has\"}\r\n\r\n",
        b"data: {}\n\n",
        b"data: {}\r\n\r\n",
        b"event: a\ndata: {}\n\n",
        b"event: a\r\ndata: {}\r\n\r\n",
        b": keep-alive\n\n",
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

/// What is skipped needs constant memory, whatever its length and however it comes.
#[test]
fn what_is_passed_over_is_not_held() {
    const LIMIT: usize = 1 << 20;
    let piece = &[b'x'; 1000][..];
    for (beginning, middle, end) in [
        (&b"data: "[..], piece, &b"\n\n"[..]),
        (b"id: 7\ndata: 1\n", b"data: xxxxxxxxxxxxxxxx\n", b"\n"),
        (b":", piece, b"\n"),
        (b"{\"a\":\"", piece, b"\"}"),
        (b"<p>", b"<p>xxxxxxxxxxxxxxxx\n", b"\n\n"),
    ] {
        let mut measured = Measured::new(Options::new().max_len(LIMIT).oversize(Oversize::Skip));
        for _ in 0..3 {
            assert!(measured.read(beginning));
            let mut read = 0;
            while read <= LIMIT {
                assert!(measured.read(middle));
                read += middle.len();
            }
            let allocations = measured.allocations;
            assert!(measured.held <= 4096, "{} bytes are held", measured.held);
            for _ in 0..10_000 {
                assert!(measured.read(middle));
            }
            assert!(measured.held <= 4096, "{} bytes are held", measured.held);
            assert!(measured.allocations <= allocations + 1, "what is skipped allocates");
            assert!(measured.read(end));
        }
        let id_len = measured.parser.last_event_id().len();
        assert!(
            measured.most <= LIMIT + id_len + 4096,
            "{} bytes were held",
            measured.most
        );
        assert!(measured.read(b"data: 1\n\n: a\n: b\n"));
        assert!(measured.held <= 4096, "{} bytes are held", measured.held);
    }
}

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

/// What is held by what `call` gives, and the most that was held meanwhile, in bytes.
#[cfg(any(feature = "std", feature = "bytes"))]
fn held_by<T>(call: impl FnOnce() -> T) -> (T, isize, isize) {
    let before = HELD.get();
    MOST.set(before);
    let result = call();
    (result, HELD.get() - before, MOST.get() - before)
}

/// The size of a network read.
#[cfg(feature = "bytes")]
const READ: usize = 16 * 1024;

#[cfg(feature = "bytes")]
mod owned {
    use bytes::Bytes;
    use llm_response::{OwnedEvent, OwnedKeepAlive};

    use super::*;

    const LARGE: usize = 8 << 20;

    /// A body of that many bytes.
    fn body() -> Vec<u8> {
        let mut body = vec![b' '; LARGE];
        body[0] = b'{';
        body[LARGE - 1] = b'}';
        body
    }

    /// All events of a response that comes in pieces, by a parser that then holds so many bytes.
    fn owned(response: &[u8]) -> (Vec<OwnedEvent>, Parser, isize, isize) {
        let mut events = Vec::with_capacity(8);
        let (parser, held, most) = held_by(|| {
            let mut parser = Parser::new();
            for piece in response.chunks(READ) {
                let mut chunk = Bytes::copy_from_slice(piece);
                while let Some(event) = parser.next_owned(&mut chunk).unwrap() {
                    events.push(event);
                }
            }
            parser
        });
        (events, parser, held, most)
    }

    #[test]
    fn a_large_split_event_takes_its_memory_with_it() {
        let text = "x".repeat(LARGE);
        for response in [
            body(),
            format!("data: {text}\n\n").into_bytes(),
            format!("event: ping\ndata: {text}\n\n").into_bytes(),
            format!(": {text}\n").into_bytes(),
            format!("{text}\n").into_bytes(),
        ] {
            let (events, mut parser, held, most) = owned(&response);
            assert_eq!(events.len(), 1);
            // The buffer has doubled up to the limit, and was not copied.
            assert!(most <= (16 << 20) + 65_536, "{most} bytes at a time");
            let overhead = held - LARGE as isize;
            assert!((0..=4096).contains(&overhead), "{overhead} bytes beside the event");
            // All that is held is the event's.
            let ((), held, _) = held_by(|| drop(events));
            assert!(-held >= LARGE as isize, "the event held {held} bytes");
            let ((), held, _) = held_by(|| parser.shrink());
            assert!(held.abs() <= 4096);
        }
    }

    /// What is handed over is not kept for a part of it.
    #[test]
    fn a_long_id_is_not_kept_with_an_event() {
        let (id, data) = ("7".repeat(1 << 20), "x".repeat(3 * READ));
        let response = format!("id: {id}\ndata: {data}\n\n");
        let (events, mut parser, ..) = owned(response.as_bytes());
        let ((), held, _) = held_by(|| parser.shrink());
        assert!(held <= 0);
        let ((), held, _) = held_by(|| drop(events));
        // It has a copy of the id, and none of the parser's.
        let expected = ((1 << 20) + 3 * READ) as isize;
        assert!(
            (expected..=expected + 4096).contains(&-held),
            "the event held {} bytes",
            -held
        );
    }

    #[test]
    fn a_large_rest_is_not_copied() {
        let response = body();
        let (events, mut parser, ..) = owned(&response[..LARGE - 1]);
        assert_eq!(events, []);
        let (finish, held, most) = held_by(|| parser.finish_owned().unwrap());
        assert_eq!(finish.rest, response[..LARGE - 1]);
        assert!(most <= 64 && held <= 64, "{most} more bytes at a time, and then {held}");
    }

    #[test]
    fn a_large_last_event_is_not_copied() {
        let response = [b"data: ", &body()[..]].concat();
        let (events, mut parser, ..) = owned(&response);
        assert_eq!(events, []);
        let (finish, held, most) = held_by(|| parser.finish_owned().unwrap());
        assert!(matches!(finish.event, Some(OwnedEvent::Data(data)) if data.as_bytes() == &response[6..]));
        assert!(most <= 64 && held <= 64, "{most} more bytes at a time, and then {held}");
    }

    /// A short event is copied, as the next one needs the buffer again.
    #[test]
    fn short_split_events_share_one_buffer() {
        let mut parser = Parser::new();
        let read = |parser: &mut Parser| {
            let before = ALLOCATIONS.get();
            for mut chunk in [Bytes::from_static(b"data: spl"), Bytes::from_static(b"it\n\n")] {
                while let Some(event) = parser.next_owned(&mut chunk).unwrap() {
                    assert!(matches!(event, OwnedEvent::Data(data) if data.bytes() == "split"));
                }
            }
            ALLOCATIONS.get() - before
        };
        read(&mut parser);
        for _ in 0..3 {
            assert_eq!(read(&mut parser), 1);
        }
    }

    #[test]
    fn whole_owned_events_allocate_nothing() {
        let mut chunk = Bytes::from_static(&CHAT[3..]);
        let mut parser = Parser::new();
        let before = (ALLOCATIONS.get(), HELD.get());
        let mut comments = 0;
        while let Some(event) = parser.next_owned(&mut chunk).unwrap() {
            comments += usize::from(matches!(event, OwnedEvent::KeepAlive(OwnedKeepAlive::Comment(_))));
        }
        assert_eq!((ALLOCATIONS.get(), HELD.get()), before);
        assert_eq!(comments, 2);
    }
}

#[cfg(feature = "std")]
mod reader {
    use std::io::{self, ErrorKind, Read};

    use llm_response::{EventReader, Outcome, ReadError};

    use super::*;

    /// A transport that gives these bytes, and then has nothing to read yet.
    struct Waiting<'a>(&'a [u8]);

    impl Read for Waiting<'_> {
        fn read(&mut self, memory: &mut [u8]) -> io::Result<usize> {
            match self.0.len() {
                0 => Err(ErrorKind::WouldBlock.into()),
                _ => self.0.read(memory),
            }
        }
    }

    fn read_all<R: Read>(reader: &mut EventReader<R>) -> Option<ReadError> {
        loop {
            match reader.next_event() {
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(error) => return Some(error),
            }
        }
    }

    #[test]
    fn it_holds_nothing_before_it_reads_and_while_it_waits() {
        let (mut reader, held, _) = held_by(|| EventReader::new(Waiting(b": keep-alive\n\n: keep-alive\n\n")));
        assert_eq!(held, 0);
        let (error, held, most) = held_by(|| read_all(&mut reader));
        assert!(error.is_some_and(|error| error.is_timeout()));
        assert_eq!((held, most), (0, 8 * 1024));
        assert_eq!(reader.parser().keep_alives(), 2);
    }

    #[test]
    fn it_holds_the_rest_and_no_more_at_the_end() {
        let response = format!("id: 7\n\ndata: {{\"a\":\"{}", "x".repeat(8 << 20));
        let (mut reader, held, most) = held_by(|| {
            let mut reader = EventReader::new(response.as_bytes());
            assert!(read_all(&mut reader).is_none());
            reader
        });
        let rest = reader.rest().len() as isize;
        assert_eq!(rest, (8 << 20) + 6);
        assert!(held - rest <= 4096, "{held} bytes for a rest of {rest}");
        assert!(most <= (16 << 20) + 65_536, "{most} bytes at a time");
        assert_eq!(reader.close(), Outcome::Truncated);

        // Closed before the end: the id alone.
        let (mut reader, ..) = held_by(|| EventReader::new(Waiting(response.as_bytes())));
        let ((), held, _) = held_by(|| {
            assert!(read_all(&mut reader).is_some());
            assert_eq!(reader.close(), Outcome::Truncated);
        });
        assert_eq!(held, 1);
        assert_eq!(reader.parser().last_event_id(), b"7");
    }

    #[test]
    fn it_holds_the_id_alone_after_every_other_end() {
        let large = "x".repeat(1 << 20);
        let options = Options::new().max_len(2 << 20);
        for response in [
            format!("id: 7\ndata: {large}\n\n"),
            format!("id: 7\ndata: {{\"a\":\"{large}\"}}"), // given at the end
            format!("id: 7\ndata: 1\n\n: {large}"),
            format!("id: 7\ndata: 1\n\ndata: {large}{large}"), // too long
        ] {
            let (reader, held, _) = held_by(|| {
                let mut reader = EventReader::with_options(response.as_bytes(), options);
                let _ = read_all(&mut reader);
                let _ = reader.close();
                reader
            });
            let id = reader.parser().last_event_id().len() as isize;
            assert_eq!(held, id, "after {:.30}…", response);
        }
    }

    #[test]
    fn a_hundred_thousand_that_wait_hold_their_size_alone() {
        const COUNT: usize = 100_000;
        let mut readers = Vec::with_capacity(COUNT);
        let ((), held, _) = held_by(|| {
            readers.extend((0..COUNT).map(|_| {
                let mut reader = EventReader::new(Waiting(b": keep-alive\n\n"));
                assert!(read_all(&mut reader).is_some());
                reader
            }));
        });
        assert_eq!(held, 0);
        let size = size_of::<EventReader<()>>();
        assert!(size <= 192, "{size} bytes each");
    }
}

#[cfg(feature = "futures")]
mod stream {
    use std::{
        convert::Infallible,
        io,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use bytes::Bytes;
    use futures_util::{Stream, StreamExt, stream};
    use llm_response::{EventStream, Outcome, StreamError};

    use super::*;

    /// All items that are ready, and how many of them were errors; no stream here waits and goes on.
    fn read_all<S>(events: &mut EventStream<S>) -> usize
    where
        EventStream<S>: Stream<Item = Result<llm_response::OwnedEvent, StreamError>> + Unpin,
    {
        let mut context = Context::from_waker(Waker::noop());
        let mut errors = 0;
        // It is pending for a turn after many chunks.
        let mut turns = 0;
        while turns < 1000 {
            match events.poll_next_unpin(&mut context) {
                Poll::Ready(Some(item)) => errors += usize::from(item.is_err()),
                Poll::Ready(None) => break,
                Poll::Pending => turns += 1,
            }
        }
        errors
    }

    #[test]
    fn it_holds_nothing_while_it_waits() {
        let chunks = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b": keep-alive\n\n"))]);
        let (mut events, held, _) = held_by(|| EventStream::new(chunks.chain(stream::pending())));
        assert_eq!(held, 0);
        let (errors, held, most) = held_by(|| read_all(&mut events));
        assert_eq!((errors, held, most), (0, 0, 0));
        assert_eq!(events.parser().keep_alives(), 1);
    }

    #[test]
    fn it_holds_the_id_alone_after_its_end_and_when_closed() {
        let large = "x".repeat(1 << 20);
        let options = Options::new().max_len(2 << 20);
        for response in [
            format!("id: 7\ndata: {large}\n\n"),
            format!("id: 7\ndata: 1\n\ndata: {large}"),
            format!("id: 7\ndata: {{\"a\":\"{large}\"}}"), // given at the end
            format!("id: 7\ndata: 1\n\n: {large}"),
            format!("id: 7\ndata: 1\n\ndata: {large}{large}"), // too long
            format!("\n{{\"a\":\"{large}\""),
            "id: 7\ndata: 1\n\ndata: {\"short".to_owned(),
            format!("id: {}\ndata: 1\n\ndata: {large}{large}", "7".repeat(10_000)),
        ] {
            for broken in [false, true] {
                for closed in [false, true] {
                    let pieces = response.as_bytes().chunks(READ).map(Bytes::copy_from_slice);
                    let mut chunks: Vec<_> = pieces.map(Ok).collect();
                    if broken {
                        chunks.push(Err(io::Error::from(io::ErrorKind::ConnectionReset)));
                    }
                    drop(chunks.iter().map(clone).collect::<Vec<_>>()); // they are shared from now on
                    let mut events = EventStream::with_options(stream::iter(&chunks).map(clone), options);
                    let ((), held, _) = held_by(|| {
                        if closed {
                            let mut context = Context::from_waker(Waker::noop());
                            for _ in 0..8 {
                                drop(events.poll_next_unpin(&mut context));
                            }
                            let _ = events.close();
                        } else {
                            read_all(&mut events);
                            assert!(events.outcome().is_some());
                        }
                    });
                    let id = events.parser().last_event_id().len() as isize;
                    assert_eq!(held, id, "after {response:.30}…, closed: {closed}, broken: {broken}");
                }
            }
        }
    }

    fn clone(chunk: &io::Result<Bytes>) -> io::Result<Bytes> {
        match chunk {
            Ok(bytes) => Ok(bytes.clone()),
            Err(error) => Err(error.kind().into()),
        }
    }

    #[test]
    fn a_hundred_thousand_that_wait_hold_their_size_alone() {
        const COUNT: usize = 100_000;
        let mut streams = Vec::with_capacity(COUNT);
        let ((), held, _) = held_by(|| {
            streams.extend((0..COUNT).map(|_| {
                let chunks = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b": keep-alive\n\n"))]);
                let mut events = EventStream::new(chunks.chain(stream::pending()));
                let mut context = Context::from_waker(Waker::noop());
                assert!(pin!(events.next()).poll(&mut context).is_ready());
                assert!(pin!(events.next()).poll(&mut context).is_pending());
                events
            }));
        });
        assert_eq!(held, 0);
        let size = size_of::<EventStream<()>>();
        assert!(size <= 192, "{size} bytes each");
        let outcomes = streams.iter_mut().map(EventStream::close);
        assert!({ outcomes }.all(|outcome| outcome == Outcome::KeepAliveOnly));
    }

    /// A timer is one allocation, whatever number of events it outlives.
    #[test]
    fn a_watched_stream_allocates_its_timer_once() {
        use std::time::Duration;

        let chunks = stream::iter((0..100).map(|_| Ok::<_, Infallible>(Bytes::from_static(b"data: 1\n\n"))));
        let mut is_ready = false;
        let chunks = chunks.then(move |chunk| {
            std::future::poll_fn({
                let mut chunk = Some(chunk);
                move |_| {
                    is_ready = !is_ready;
                    match is_ready {
                        true => Poll::Pending,
                        false => Poll::Ready(chunk.take().expect("it is polled once more only")),
                    }
                }
            })
        });
        let watchdog = llm_response::Watchdog::new().silence(Duration::from_secs(1));
        let mut events = EventStream::new(chunks).watched(watchdog, || Duration::ZERO, |_| [0_u8; 64].never());
        let mut context = Context::from_waker(Waker::noop());
        let before = (ALLOCATIONS.get(), HELD.get());
        let mut count = 0;
        for _ in 0..200 {
            count += usize::from(matches!(events.poll_next_unpin(&mut context), Poll::Ready(Some(Ok(_)))));
        }
        assert_eq!(count, 100);
        assert_eq!(ALLOCATIONS.get() - before.0, 1);
        assert!(HELD.get() > before.1);
        let _ = events.poll_next_unpin(&mut context);
        assert!(events.outcome().is_some());
        assert_eq!(HELD.get(), before.1, "the timer is gone with the end");
    }

    trait Never: Sized {
        /// A future that holds this and never ends.
        async fn never(self) {
            let held = self;
            std::future::pending::<()>().await;
            drop(held);
        }
    }

    impl Never for [u8; 64] {}
}
