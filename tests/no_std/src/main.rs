//! Parses responses with neither std nor an allocator, and exits with 0 only if each gave the events that it should.
//!
//! Memory is one array on the stack. The panic handler is this program's own, so std cannot be linked beside it; there
//! is no global allocator, so alloc cannot be linked at all.
#![no_std]
#![no_main]

use core::{
    ffi::{c_int, c_void},
    fmt::{self, Write},
    panic::PanicInfo,
};

use llm_response::{Error, ErrorKind, Event, Finish, Format, KeepAlive, Options, Outcome, Parser};

/// Large enough for the longest block below, and too small for the one that is to fail.
const MEMORY: usize = 128;
const CHUNK_LENGTHS: [usize; 7] = [usize::MAX, 1, 2, 3, 5, 16, 61];

struct Case {
    name: &'static str,
    format: Format,
    bytes: &'static [u8],
    events: &'static [Expected],
    end: Result<(Outcome, &'static [u8]), (ErrorKind, u64)>,
}

enum Expected {
    Comment(&'static [u8]),
    BlankLine,
    Ping(&'static [u8]),
    Data {
        event: &'static [u8],
        id: &'static [u8],
        data: &'static [u8],
    },
    Done,
    Body(&'static [u8]),
    Unknown(&'static [u8]),
}

const CASES: &[Case] = &[
    Case {
        name: "stream",
        format: Format::Auto,
        bytes: b"\xEF\xBB\xBF: keep-alive\n\nid: 7\ndata: {\"a\":1}\n\ndata:{\"b\":\ndata:2}\r\n\r\ndata: [DONE]\n\n",
        events: &[
            Expected::Comment(b"keep-alive"),
            Expected::Data {
                event: b"",
                id: b"7",
                data: b"{\"a\":1}",
            },
            Expected::Data {
                event: b"",
                id: b"7",
                data: b"{\"b\":\n2}",
            },
            Expected::Done,
        ],
        end: Ok((Outcome::Complete, b"")),
    },
    Case {
        name: "named events",
        format: Format::Auto,
        bytes: b"event: ping\rdata: {}\r\rdata\r\revent: message_stop\rdata: {\"x\":\"\xC3\xA9\"}\r\r",
        events: &[
            Expected::Ping(b"{}"),
            Expected::Ping(b""),
            Expected::Data {
                event: b"message_stop",
                id: b"",
                data: b"{\"x\":\"\xC3\xA9\"}",
            },
            Expected::Done,
        ],
        end: Ok((Outcome::Complete, b"")),
    },
    Case {
        name: "truncated stream",
        format: Format::EventStream,
        bytes: b"<html>\n\ndata: {\"a\":1}\n\ndata: {\"b\":",
        events: &[
            Expected::Unknown(b"<html>"),
            Expected::Data {
                event: b"",
                id: b"",
                data: b"{\"a\":1}",
            },
        ],
        end: Ok((Outcome::Truncated, b"{\"b\":")),
    },
    Case {
        name: "only keep-alives",
        format: Format::Auto,
        bytes: b"\n\r\n\n",
        events: &[Expected::BlankLine, Expected::BlankLine, Expected::BlankLine],
        end: Ok((Outcome::KeepAliveOnly, b"")),
    },
    Case {
        name: "body",
        format: Format::Auto,
        bytes: b"\n \n{\"error\":{\"message\":\"}\\\"]\"}}\n",
        events: &[
            Expected::BlankLine,
            Expected::BlankLine,
            Expected::Body(b"{\"error\":{\"message\":\"}\\\"]\"}}"),
        ],
        end: Ok((Outcome::Complete, b"")),
    },
    Case {
        name: "scalar at the end",
        format: Format::Json,
        bytes: b" 12.5e3",
        events: &[Expected::Body(b"12.5e3")],
        end: Ok((Outcome::Complete, b"")),
    },
    Case {
        name: "trailing bytes",
        format: Format::Json,
        bytes: b"[] x",
        events: &[Expected::Body(b"[]")],
        end: Err((ErrorKind::TrailingBytes { byte: b'x' }, 3)),
    },
    Case {
        name: "too long",
        format: Format::EventStream,
        bytes: &[b':'; MEMORY + 2],
        events: &[],
        end: Err((ErrorKind::TooLong { limit: MEMORY }, MEMORY as u64)),
    },
];

#[unsafe(no_mangle)]
extern "C" fn main() -> c_int {
    let mut failures = 0;
    for case in CASES {
        for length in CHUNK_LENGTHS {
            if let Err(wrong) = run(case, length) {
                failures += 1;
                let _ = writeln!(Stdout, "{}, in chunks of {length}: {wrong}", case.name);
            }
        }
    }
    let _ = writeln!(
        Stdout,
        "{} responses in {} splits each from {MEMORY} bytes of memory: {failures} failures",
        CASES.len(),
        CHUNK_LENGTHS.len(),
    );
    c_int::from(failures > 0)
}

fn run(case: &Case, length: usize) -> Result<(), &'static str> {
    let mut memory = [0; MEMORY];
    let mut parser = Parser::in_memory(&mut memory, Options::new().format(case.format));
    let mut expected = case.events.iter();
    for chunk in case.bytes.chunks(length) {
        let mut chunk = chunk;
        loop {
            match parser.next_event(&mut chunk) {
                Ok(Some(event)) => check_event(event, expected.next())?,
                Ok(None) => break,
                Err(error) => return check_end(Err(error), expected.next(), case),
            }
        }
    }
    let finish = parser.finish();
    if let Ok(Finish { event: Some(event), .. }) = finish {
        check_event(event, expected.next())?;
    }
    check_end(finish, expected.next(), case)
}

fn check_event(event: Event<'_>, expected: Option<&Expected>) -> Result<(), &'static str> {
    let equal = match (event, expected) {
        (Event::KeepAlive(KeepAlive::Comment(text)), Some(Expected::Comment(wanted))) => text == *wanted,
        (Event::KeepAlive(KeepAlive::BlankLine), Some(Expected::BlankLine)) => true,
        (Event::KeepAlive(KeepAlive::Ping(ping)), Some(Expected::Ping(wanted))) => ping.as_bytes() == *wanted,
        (Event::Data(given), Some(Expected::Data { event, id, data })) => {
            given.event() == *event && given.id() == *id && given.as_bytes() == *data
        }
        (Event::Done, Some(Expected::Done)) => true,
        (Event::Body(body), Some(Expected::Body(wanted))) => body.as_bytes() == *wanted,
        (Event::Unknown(line), Some(Expected::Unknown(wanted))) => line == *wanted,
        _ => false,
    };
    if equal {
        return Ok(());
    }
    let _ = writeln!(Stdout, "not expected here: {event:?}");
    Err("another event")
}

fn check_end(end: Result<Finish<'_>, Error>, left: Option<&Expected>, case: &Case) -> Result<(), &'static str> {
    if left.is_some() {
        return Err("an event is missing");
    }
    let end = end
        .map(|finish| (finish.outcome, finish.rest))
        .map_err(|error| (error.kind(), error.offset()));
    if end == case.end { Ok(()) } else { Err("another end") }
}

struct Stdout;

impl Write for Stdout {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: the pointer and the length are those of a live slice.
        let written = unsafe { write(1, text.as_ptr().cast(), text.len()) };
        if usize::try_from(written) == Ok(text.len()) {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Stdout, "{info}");
    // SAFETY: it takes nothing and does not return.
    unsafe { abort() }
}

#[link(name = "c")]
unsafe extern "C" {
    fn write(file: c_int, bytes: *const c_void, length: usize) -> isize;
    fn abort() -> !;
}
