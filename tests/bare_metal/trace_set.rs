//! Responses of every kind, and their traces as text. The text is the same on every machine and for every split.

use core::fmt::{self, Write};

use llm_response::{Dialect, Event, Format, KeepAlive, Options, Parser, SliceBuffer};

/// Holds the longest block and body below, and not the two that are to be too long.
const MEMORY: usize = 1024;

pub(crate) struct Response {
    name: &'static str,
    options: Options,
    bytes: &'static [u8],
}

const fn auto(name: &'static str, bytes: &'static [u8]) -> Response {
    Response {
        name,
        options: Options::new(),
        bytes,
    }
}

const fn with(name: &'static str, options: Options, bytes: &'static [u8]) -> Response {
    Response { name, options, bytes }
}

const STANDARD: Options = Options::new().dialect(Dialect::EventSource);
const JSON: Options = Options::new().format(Format::Json);
const STREAM: Options = Options::new().format(Format::EventStream);

#[rustfmt::skip]
pub(crate) const RESPONSES: &[Response] = &[
    auto("nothing", b""),
    auto("a queue that ended", b"\n\n\n\n"),
    auto("comments that ended", b": keep-alive\n\n: keep-alive\n\n:\n:  two spaces"),
    auto("a chat", b": keep-alive\n\n\
        data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"Gr\xC3\xBC\xC3\x9Fe, \xE4\xB8\x96\xE7\x95\x8C \xF0\x9F\x8C\x8D\"},\"finish_reason\":null}]}\n\n\
        : keep-alive\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}],\"usage\":{\"total_tokens\":21}}\n\n\
        data: [DONE]\n\n"),
    auto("no space, no blank line after the end mark", b"data:{\"x\":1}\n\ndata:{\"x\":2}\n\ndata:[DONE]"),
    auto("named events", b"event: message_start\ndata: {\"type\":\"message_start\"}\n\n\
        event: ping\ndata: {\"type\": \"ping\"}\n\n\
        event: content_block_delta\ndata: {\"delta\":{\"text\":\"Hi\"}}\n\n\
        event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n\
        event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
    auto("a completed response without its blank line", b"event: response.created\ndata: {}\n\n\
        event: response.completed\ndata: {\"response\":{\"output\":[]}}"),
    auto("CRLF and no end mark", b"data: {\"candidates\":[]}\r\n\r\n: OPENROUTER PROCESSING\r\n\r\ndata: {\"candidates\":[1]}\r\n\r\n"),
    auto("CR, ids, retries", b"id: 1\rdata: a\r\rid\rdata: b\rretry: 15000\r\rid: 2\0\rretry: 99999999999999999999999999\rdata: c\r\rretry: 1x\rid: \xFF\xFE\r\r\n\n"),
    auto("a byte order mark, lines in one event", b"\xEF\xBB\xBFdata: {\"a\":\ndata:  [1,\ndata\n: within\nevent: x\ndata: 2]}\n\n\xEF\xBB\xBFdata: late\n\nDATA: y\nunknown\n\n"),
    auto("half a byte order mark", b"\xEF\xBBdata: x\n\n"),
    auto("a page", b"<!DOCTYPE html>\n<html>\n\n<title>502 Bad Gateway</title>\r\n</html>\n"),
    auto("truncated within an event", b"data: {\"a\":1}\n\nevent: delta\ndata: {\"b\":\"\\"),
    auto("truncated after an event's data", b"data: {\"a\":1}\n\nid: 9\ndata: {\"b\":[\"}\"]} \n"),
    auto("truncated within plain text", b"data: {\"a\":1}\n\nupstream error"),
    auto("after the end", b"data: [DONE]\n\ndata: {\"cost\":1}\n\ndata: [DONE]\n\n"),
    auto("an error under 200", b"\n         \n\r\n\r\r {\"error\":{\"message\":\"Insufficient \\\"Balance\\\" }]\",\"code\":null}}\n\n"),
    auto("a truncated body", b"\n{\"choices\":[{\"message\":{\"content\":\"one\\"),
    auto("two bodies", b"{\"a\":1} \n [2]"),
    auto("a string", b"\t\"a \\\\\\\" [ b\" "),
    with("a number", JSON, b"\n-12.5e+3"),
    with("a number and white space", JSON, b"true\n"),
    with("no JSON", JSON, b"\n  <html>"),
    with("a stream by order", STREAM, b"  data: x\n{\"a\":1}\ndata: {}\n\n"),
    with("the standard", STANDARD, b"data\n\nevent: ping\ndata: 1\n\ndata: [DONE]\n\nid: 5\nretry: 7\ndata: left\ndata: ou"),
    with("the standard, whole", STANDARD, b"event: message_stop\ndata: {}\n\n: end\n"),
    auto("a long event", &LONG_EVENT),
    auto("a long body", &LONG_BODY),
    auto("a comment without end", &[b':'; MEMORY + 100]),
    auto("a body without end", &[b'['; MEMORY + 100]),
    with("a low limit", Options::new().max_len(24), b"data: {\"a\":1}\n: abcdefg\n\ndata: 12345678901234567\n: \n\ndata\ndata\ndata\ndata\ndata\ndata\n\n"),
];

/// Enough for the code that reads many bytes at a time.
const LONG_EVENT: [u8; 900] = long(
    b"data: {\"content\":\"",
    b"na\\\"\xC3\xAFve: ",
    b"\"}\n\ndata: [DONE]\n\n",
);
const LONG_BODY: [u8; 900] = long(b"{\"content\":[\"", b"}\\\\\",{\"\xC3\xAF\":[]},\"", b"\"]}\n");

const fn long<const N: usize>(start: &[u8], middle: &[u8], end: &[u8]) -> [u8; N] {
    let mut bytes = [b'.'; N];
    let middle_end = start.len() + (N - start.len() - end.len()) / middle.len() * middle.len();
    let mut i = 0;
    while i < N {
        if i < start.len() {
            bytes[i] = start[i];
        } else if i < middle_end {
            bytes[i] = middle[(i - start.len()) % middle.len()];
        } else if i >= N - end.len() {
            bytes[i] = end[i + end.len() - N];
        }
        i += 1;
    }
    bytes
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Split {
    Whole,
    Every(usize),
    /// Chunks of 0 to 15 bytes, drawn from this seed.
    Drawn(u32),
}

pub(crate) const SPLITS: [Split; 6] = [
    Split::Whole,
    Split::Every(1),
    Split::Every(2),
    Split::Every(63),
    Split::Drawn(1),
    Split::Drawn(2026),
];

impl Split {
    fn next_len(&mut self) -> usize {
        match self {
            Self::Whole => usize::MAX,
            Self::Every(len) => *len,
            Self::Drawn(state) => {
                *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (*state >> 28) as usize
            }
        }
    }
}

/// Writes the trace of each response, split in each way.
pub(crate) fn write(out: &mut impl Write) -> fmt::Result {
    for response in RESPONSES {
        for (number, split) in SPLITS.iter().enumerate() {
            writeln!(out, "{}, split {number}", response.name)?;
            write_trace(response, *split, out)?;
        }
    }
    Ok(())
}

/// Writes the trace of `response`, split in this way: its events, the state after each event, and then its end.
pub(crate) fn write_trace(response: &Response, mut split: Split, out: &mut impl Write) -> fmt::Result {
    let mut memory = [0; MEMORY];
    let mut parser = Parser::in_memory(&mut memory, response.options);
    let mut left = response.bytes;
    while !left.is_empty() {
        let (mut chunk, after) = left.split_at(split.next_len().min(left.len()));
        left = after;
        loop {
            match parser.next_event(&mut chunk) {
                Ok(Some(event)) => write_event(event, out)?,
                Ok(None) => break,
                Err(error) => {
                    writeln!(out, "  error {:?} at {}: {error}", error.kind(), error.offset())?;
                    return write_state(&parser, out);
                }
            }
            write_state(&parser, out)?;
        }
    }
    match parser.finish() {
        Ok(finish) => {
            if let Some(event) = finish.event {
                write_event(event, out)?;
            }
            writeln!(out, "  {:?}, rest \"{}\"", finish.outcome, finish.rest.escape_ascii())?;
        }
        Err(error) => writeln!(out, "  error {:?} at {}: {error}", error.kind(), error.offset())?,
    }
    write_state(&parser, out)
}

fn write_event(event: Event<'_>, out: &mut impl Write) -> fmt::Result {
    let (name, text) = match event {
        Event::KeepAlive(KeepAlive::Comment(text)) => ("comment", text),
        Event::KeepAlive(KeepAlive::BlankLine) => ("blank line", &b""[..]),
        Event::KeepAlive(KeepAlive::Ping(data)) => ("ping", data.as_bytes()),
        Event::Data(data) => ("data", data.as_bytes()),
        Event::Done => ("done", &b""[..]),
        Event::Body(body) => ("body", body.as_bytes()),
        Event::Unknown(line) => ("unknown", line),
        _ => ("an event that is new", &b""[..]),
    };
    write!(out, "  {name} \"{}\"", text.escape_ascii())?;
    if let Event::Data(data) | Event::KeepAlive(KeepAlive::Ping(data)) = event {
        let (event, id) = (data.event().escape_ascii(), data.id().escape_ascii());
        write!(out, " event \"{event}\" id \"{id}\"")?;
        write!(out, " error {} text {}", data.is_error(), data.to_str().is_ok())?;
    }
    if let Event::Body(body) = event {
        write!(out, " error {}", body.is_error())?;
    }
    writeln!(out)
}

fn write_state(parser: &Parser<SliceBuffer<'_>>, out: &mut impl Write) -> fmt::Result {
    writeln!(
        out,
        "    at {} {:?} keep-alives {} id \"{}\" retry {:?} boundary of line {} of event {}",
        parser.position(),
        parser.phase(),
        parser.keep_alives(),
        parser.last_event_id().escape_ascii(),
        parser.retry(),
        parser.at_line_boundary(),
        parser.at_event_boundary(),
    )
}
