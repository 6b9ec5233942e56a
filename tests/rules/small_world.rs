//! A small world, complete: every string of a few tokens, in every format and dialect, split in every way.
//!
//! Each parser run here goes event by event, with the state after each, through `next_event` and `finish`, and is compared
//! with the trace of the reference decoder. Strings of up to [`ALL_SPLITS`] bytes are split in all 2^(n-1) ways; longer ones
//! whole, byte by byte, at each pair of places, and byte by byte but for each pair of places. Nothing is random.
//!
//! *What this proves*: in these worlds there is no counterexample. A rule that reads a line needs a name, a colon, a space,
//! a value and an end; a rule that reads a block needs a few lines; a split falls before, within or after each. Whatever goes
//! wrong with such parts, at such splits, would have shown here.
//!
//! *What it does not prove*: anything about more parts than that, about long ones, where vector code reads many bytes at a
//! time, about limits, or about mistakes that parser and reference share. For these there are `splits.rs`, `rules.rs`, the
//! fuzz targets, and `reference.rs` with `independent.rs`.
//!
//! ```text
//! cargo test --test rules small_world                                               # a shallow form
//! SMALL_WORLD=long cargo test --release --test rules small_world -- --nocapture     # some twenty minutes on one core
//! ```

use crate::common;

use common::{
    reference::decode,
    trace::{End, Seen, Setup, State, Text, Trace, check_split},
};
use llm_response::{Buffer, Dialect, Event, Format, KeepAlive, Parser};

/// Strings of up to this many bytes are split in all ways.
const ALL_SPLITS: usize = 10;

/// Tokens, and how many of them make a string: in the long form, and in the shallow one.
struct World {
    name: &'static str,
    tokens: &'static [&'static [u8]],
    long: usize,
    shallow: usize,
}

const WORLDS: &[World] = &[
    World {
        name: "everything",
        tokens: &[
            b"\n",
            b"\r",
            b":",
            b" ",
            b"data",
            b"event",
            b"id",
            b"retry",
            b"[DONE]",
            b"ping",
            b"{",
            b"}",
            b"[",
            b"]",
            b"\"",
            b"\\",
            b"\xEF",
            b"\xBB",
            b"\xBF",
            b"\xC3\xA9",
            b"\0",
            b"1",
            b"x",
        ],
        long: 3,
        shallow: 2,
    },
    World {
        name: "lines",
        tokens: &[b"\n", b"\r", b":", b" ", b"data", b"id", b"x"],
        long: 5,
        shallow: 3,
    },
    World {
        name: "blocks",
        tokens: &[
            b"\n",
            b"data: {\n",
            b"data:}\n",
            b"data\r",
            b"event: ping\n",
            b"id: 1\r\n",
            b"id\n",
            b"retry:1\n",
            b":\n",
            b"x\n",
        ],
        long: 4,
        shallow: 2,
    },
    World {
        name: "what is sent most",
        tokens: &[b"\n", b"\r\n", b"\r", b"data:{", b"event:", b":"],
        long: 5,
        shallow: 3,
    },
    World {
        name: "ends of streams",
        tokens: &[
            b"\n",
            b"data: [DONE]",
            b"data: {}",
            b"event: message_stop",
            b"data",
            b"x",
            b":",
        ],
        long: 3,
        shallow: 2,
    },
    World {
        name: "bodies",
        tokens: &[b"{", b"}", b"[", b"]", b"\"", b"\\", b" ", b"\n", b"1"],
        long: 6,
        shallow: 4,
    },
    World {
        name: "names",
        tokens: &[
            b"\n",
            b"data:",
            b"event:",
            b"{\"type\":\"",
            b"ping",
            b"done",
            b".failed",
            b"\"}",
            b"error:",
        ],
        long: 5,
        shallow: 2,
    },
    World {
        name: "lines that end or fail a stream",
        tokens: &[
            b"\n",
            b"[DONE]\n",
            b" [DONE]",
            b"data:\"[DONE]\"\n",
            b"data:{}\n",
            b"error: {}\n",
            b"event:ping\n",
            b"event:error\n",
            b"event:done\n",
            b"event:x\n",
            b"id:1\n",
            b"{}",
            b":\n",
            b"x\n",
        ],
        long: 4,
        shallow: 2,
    },
    World {
        name: "bodies in a stream",
        tokens: &[b"{", b"}", b"\n", b"\r", b":", b"data:{}", b"x", b" ", b"[DONE]"],
        long: 5,
        shallow: 3,
    },
    World {
        name: "values one after another",
        tokens: &[
            b"{\"done\":true}",
            b"{}",
            b"{",
            b"[",
            b"]",
            b",",
            b" ",
            b"\n",
            b"1",
            b"\"a\"",
            b"x",
        ],
        long: 5,
        shallow: 2,
    },
    World {
        name: "beginnings",
        tokens: &[b"\xEF", b"\xBB", b"\xBF", b" ", b"\n", b"\r", b":", b"{", b"1"],
        long: 5,
        shallow: 4,
    },
];

#[test]
fn no_counterexample_in_a_small_world() {
    // `long`, or the name of the one world that is to be explored so.
    let form = std::env::var("SMALL_WORLD").unwrap_or_default();
    let is_long = form == "long";
    let mut memory = vec![0; 1024];
    let mut parsers = parsers(&mut memory);
    let mut all = Count::default();
    let is_one = WORLDS.iter().any(|world| world.name == form);
    for world in WORLDS.iter().filter(|world| !is_one || world.name == form) {
        let depth = if is_long || is_one { world.long } else { world.shallow };
        let mut count = Count::default();
        for_each_string(world.tokens, depth, &mut Vec::new(), &mut |bytes| {
            count.strings += 1;
            for (setup, parser) in &mut parsers {
                count.traces += explore(parser, *setup, bytes);
            }
        });
        println!("{}: {count} of up to {depth} tokens", world.name);
        all.strings += count.strings;
        all.traces += count.traces;
    }
    println!("in all: {all}");
    // Who changes a world should know by how much it shrinks.
    let expected = if is_long { 500_000 } else { 10_000 };
    assert!(is_one || all.strings > expected, "the world has become smaller: {all}");
}

#[derive(Default)]
struct Count {
    strings: u64,
    traces: u64,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} strings, {} traces", self.strings, self.traces)
    }
}

fn setups() -> impl Iterator<Item = Setup> {
    let formats = [Format::Auto, Format::EventStream, Format::Json, Format::JsonStream];
    let plain = formats.into_iter().flat_map(|format| {
        [Dialect::Llm, Dialect::EventSource].map(|dialect| Setup::new().format(format).dialect(dialect))
    });
    plain.chain([
        Setup::new().dialect(Dialect::EventSource).lenient_end(true),
        Setup::new().end_mark(false),
        Setup::new().format(Format::JsonStream).end_mark(false),
    ])
}

/// One for each setup, used again for each trace.
#[cfg(feature = "alloc")]
fn parsers(_memory: &mut [u8]) -> Vec<(Setup, Parser)> {
    setups()
        .map(|setup| (setup, Parser::with_options(setup.options())))
        .collect()
}

#[cfg(not(feature = "alloc"))]
fn parsers(memory: &mut [u8]) -> Vec<(Setup, Parser<llm_response::SliceBuffer<'_>>)> {
    let size = memory.len() / setups().count();
    let pages = setups().zip(memory.chunks_mut(size));
    pages
        .map(|(setup, page)| (setup, Parser::in_memory(page, setup.options())))
        .collect()
}

/// The empty string, and then every one of up to `depth` tokens. Some can be put together in two ways, and come twice.
fn for_each_string(tokens: &[&[u8]], depth: usize, string: &mut Vec<u8>, visit: &mut impl FnMut(&[u8])) {
    visit(string);
    if depth == 0 {
        return;
    }
    for token in tokens {
        string.extend_from_slice(token);
        for_each_string(tokens, depth - 1, string, visit);
        string.truncate(string.len() - token.len());
    }
}

/// Tries every split, and returns their number.
fn explore<B: Buffer>(parser: &mut Parser<B>, setup: Setup, bytes: &[u8]) -> u64 {
    let expected = decode(bytes, setup);
    let mut count = 0;
    for_each_split(bytes.len(), |split| {
        count += 1;
        if !agrees(parser, bytes, split, &expected) {
            let positions: Vec<_> = (1..bytes.len()).filter(|&position| split.is_at(position)).collect();
            check_split(bytes, setup, &positions); // shows the difference
            panic!("\"{}\" in {setup:?}, split at {positions:?}", bytes.escape_ascii());
        }
    });
    count
}

/// A bit for each place between two bytes: the lowest for the one before byte 1.
#[derive(Clone, Copy)]
struct Places(u128);

impl Places {
    fn is_at(self, position: usize) -> bool {
        self.0 >> (position - 1) & 1 == 1
    }
}

fn for_each_split(len: usize, mut visit: impl FnMut(Places)) {
    let places = len.saturating_sub(1);
    assert!(places < 128, "too long a string");
    if len <= ALL_SPLITS {
        return (0..1_u128 << places).for_each(|split| visit(Places(split)));
    }
    let everywhere = (1_u128 << places) - 1;
    for split in [0, everywhere] {
        visit(Places(split));
    }
    for first in 0..places {
        for second in first..places {
            let pair = 1_u128 << first | 1 << second;
            visit(Places(pair));
            visit(Places(everywhere ^ pair));
        }
    }
}

/// Whether the parser gives the expected trace for this split. It copies nothing, because there are millions of splits.
fn agrees<B: Buffer>(parser: &mut Parser<B>, bytes: &[u8], split: Places, expected: &Trace) -> bool {
    parser.reset();
    let mut steps = expected.steps.iter();
    let mut start = 0;
    for end in 1..=bytes.len() {
        if end < bytes.len() && !split.is_at(end) {
            continue;
        }
        let mut chunk = &bytes[start..end];
        start = end;
        loop {
            match parser.next_event(&mut chunk) {
                Ok(None) => break,
                Ok(Some(event)) => {
                    let Some(step) = steps.next() else { return false };
                    if !is_same_event(event, &step.seen) || !is_same_state(parser, &step.state) {
                        return false;
                    }
                }
                Err(error) => {
                    return steps.next().is_none()
                        && expected.end == End::from(error)
                        && is_same_state(parser, &expected.after);
                }
            }
        }
    }
    if steps.next().is_some() || !expected.taken.iter().all(|state| is_same_state(parser, state)) {
        return false;
    }
    let is_same_end = match (parser.finish(), &expected.end) {
        (Ok(finish), End::Finish(event, outcome, rest)) => {
            let is_same_event = match (finish.event, event) {
                (Some(given), Some(expected)) => is_same_event(given, expected),
                (given, expected) => given.is_none() && expected.is_none(),
            };
            is_same_event && finish.outcome == *outcome && finish.rest == rest.0
        }
        (Err(error), expected) => End::from(error) == *expected,
        (Ok(_), End::Error(..)) => false,
    };
    is_same_end && is_same_state(parser, &expected.after)
}

fn is_same_event(given: Event<'_>, expected: &Seen) -> bool {
    let is_same_data = |data: llm_response::Data<'_>, [event, name, id, text]: [&Text; 4]| {
        data.event() == event.0 && data.name() == name.0 && data.id() == id.0 && data.as_bytes() == text.0
    };
    match (given, expected) {
        (Event::Data(data), Seen::Data(event, name, id, text)) => is_same_data(data, [event, name, id, text]),
        (Event::KeepAlive(KeepAlive::Ping(data)), Seen::Ping(event, name, id, text)) => {
            is_same_data(data, [event, name, id, text])
        }
        (Event::KeepAlive(KeepAlive::Comment(given)), Seen::Comment(text)) => given == text.0,
        (Event::KeepAlive(KeepAlive::BlankLine), Seen::BlankLine) => true,
        (Event::Done, Seen::Done) => true,
        (Event::Body(body), Seen::Body(text)) => body.as_bytes() == text.0,
        (Event::Unknown(line), Seen::Unknown(text)) => line == text.0,
        _ => false,
    }
}

fn is_same_state<B: Buffer>(parser: &Parser<B>, expected: &State) -> bool {
    parser.position() == expected.position
        && parser.phase() == expected.phase
        && parser.keep_alives() == expected.keep_alives
        && parser.last_event_id() == expected.last_event_id.0
        && parser.retry() == expected.retry
        && parser.at_line_boundary() == expected.at_line_boundary
        && parser.at_event_boundary() == expected.at_event_boundary
}
