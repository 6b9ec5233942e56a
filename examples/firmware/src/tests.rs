use std::fmt::Write;

use embedded_io::{ErrorType, Read};

use crate::responses::{MEMORY, RESPONSES};
use crate::uart::SimulatedUart;
use crate::{answer, json};

/// What `.ci/firmware` compares the device's output with.
const EXPECTED: &str = include_str!("../responses/expected");

/// Gives the same number of bytes each time.
struct Port {
    rest: &'static [u8],
    length: usize,
}

impl ErrorType for Port {
    type Error = std::convert::Infallible;
}

impl Read for Port {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        let (bytes, rest) = self.rest.split_at(self.length.min(self.rest.len()));
        buffer[..bytes.len()].copy_from_slice(bytes);
        self.rest = rest;
        Ok(bytes.len())
    }
}

fn printed<R: Read>(port: impl Fn(&'static [u8]) -> R) -> String {
    let mut memory = [0; MEMORY];
    let mut text = String::new();
    for response in RESPONSES {
        writeln!(text, "--- {}", response.name).unwrap();
        answer::print(&mut port(response.bytes), &mut memory[..response.memory], &mut text).unwrap();
    }
    text
}

#[test]
fn the_text_is_the_same_however_the_port_splits_it() {
    assert_eq!(printed(SimulatedUart::new), EXPECTED);
    for length in 1..=crate::uart::FIFO {
        assert_eq!(printed(|rest| Port { rest, length }), EXPECTED, "{length} bytes a read");
    }
}

#[test]
fn the_port_gives_every_number_of_bytes() {
    let mut port = SimulatedUart::new(&[0; 1000]);
    let mut seen = [false; 16];
    for _ in 0..16 {
        seen[port.read(&mut [0; 16]).unwrap() - 1] = true;
    }
    assert_eq!(seen, [true; 16]);
}

fn member(json: &str) -> Option<String> {
    json::member(json, "content").map(|text| text.to_string())
}

#[test]
fn a_member_is_found_where_it_is_one() {
    for (json, text) in [
        (r#"{"content":"a"}"#, Some("a")),
        (r#"{ "content" : "a" }"#, Some("a")),
        (r#"{"choices":[{"delta":{"role":"x","content":""}}]}"#, Some("")),
        (r#"{"content":null,"delta":{"content":"b"}}"#, Some("b")),
        (r#"["content", "content"]"#, None),
        (r#"{"a":"\"content\":\"no\"","content":"yes"}"#, Some("yes")),
        (r#"{"reasoning_content":"no"}"#, None),
        (r#"{"content":"no end"#, None),
        (r#"{"content"#, None),
        (r#"{"a\"#, None),
        ("", None),
    ] {
        assert_eq!(member(json).as_deref(), text, "{json}");
    }
}

#[test]
fn escapes_are_decoded() {
    for (json, text) in [
        (r"\n\t\r\b\f", "\n\t\r\u{8}\u{C}"),
        (r#"\"\\\/"#, "\"\\/"),
        (r"\u00e9\u4E16", "é世"),
        (r"\ud83d\udc0b!", "🐋!"),
        // Half a pair, and what follows it.
        (r"\ud83d!", "\u{FFFD}!"),
        (r"\ud83d\n", "\u{FFFD}\n"),
        (r"\udc0b\ud83d", "\u{FFFD}\u{FFFD}"),
        (r"\ud83d\u0041", "\u{FFFD}A"),
        // No JSON, and no reason to panic.
        (r"\u12", "\u{FFFD}12"),
        (r"\u12é4", "\u{FFFD}12é4"),
        (r"\x", "x"),
    ] {
        assert_eq!(
            member(&format!(r#"{{"content":"{json}"}}"#)).as_deref(),
            Some(text),
            "{json}"
        );
    }
}
