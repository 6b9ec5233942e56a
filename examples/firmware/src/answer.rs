//! What the example is about: prints an answer while it comes, in fixed memory.

use core::fmt::{self, Write};

use embedded_io::Read;
use llm_response::{Event, KeepAlive, Options, Parser, Phase};

use crate::{json, uart::FIFO};

/// Reads a response from `port` and prints the text of its deltas, a dot for each keep-alive, and how it ended.
///
/// `memory` is for events that a read splits, hence also the longest event that can be read.
pub fn print(port: &mut impl Read, memory: &mut [u8], out: &mut impl Write) -> fmt::Result {
    let mut parser = Parser::in_memory(memory, Options::new());
    let mut bytes = [0; FIFO];
    while parser.phase() != Phase::Complete {
        let length = match port.read(&mut bytes) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) => return writeln!(out, "\n[the port fails: {error:?}]"),
        };
        let mut chunk = &bytes[..length];
        loop {
            match parser.next_event(&mut chunk) {
                Ok(Some(event)) => print_event(event, out)?,
                Ok(None) => break,
                Err(error) => return writeln!(out, "\n[{error}]"),
            }
        }
    }
    let outcome = match parser.finish() {
        Ok(finish) => {
            if let Some(event) = finish.event {
                print_event(event, out)?;
            }
            finish.outcome
        }
        Err(error) => return writeln!(out, "\n[{error}]"),
    };
    writeln!(out, "\n[{outcome}; {} keep-alives]", parser.keep_alives())
}

fn print_event(event: Event<'_>, out: &mut impl Write) -> fmt::Result {
    match event {
        Event::KeepAlive(KeepAlive::Comment(_) | KeepAlive::BlankLine | KeepAlive::Ping(_)) => out.write_char('.'),
        // Under status 200, too: in an event, or as a body where a stream was asked for.
        Event::Data(data) if data.is_error() => print_text("\nerror: ", data.to_str(), "message", out),
        Event::Body(body) if body.is_error() => print_text("\nerror: ", body.to_str(), "message", out),
        Event::Data(data) => print_text("", data.to_str(), "content", out),
        Event::Body(body) => print_text("", body.to_str(), "content", out),
        Event::Unknown(_) => out.write_str("[a line that is no event]"),
        _ => Ok(()),
    }
}

/// Many deltas have no text: the first gives the role, the last the usage.
pub fn print_text<E>(label: &str, json: Result<&str, E>, name: &str, out: &mut impl Write) -> fmt::Result {
    match json.map(|json| json::member(json, name)) {
        Ok(Some(text)) => write!(out, "{label}{text}"),
        Ok(None) => Ok(()),
        Err(_) => out.write_str("[not UTF-8]"),
    }
}
