//! The text of a member, out of JSON, without an allocator. No more than a display needs: it does not validate.

use core::fmt::{self, Write};

/// The text in a JSON string. [`Display`](fmt::Display) writes it with its escapes decoded.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a>(&'a str);

/// The first member called `name` whose value is a string, at whatever depth. A name within a string is no member.
pub fn member<'a>(mut json: &'a str, name: &str) -> Option<Text<'a>> {
    loop {
        let (_, string) = json.split_once('"')?;
        let (string, after) = split_string(string)?;
        json = after;
        if string != name {
            continue;
        }
        let value = after.trim_ascii_start().strip_prefix(':');
        if let Some(text) = value.and_then(|value| value.trim_ascii_start().strip_prefix('"')) {
            return split_string(text).map(|(text, _)| Text(text));
        }
    }
}

/// Splits at the quote that ends a string, given what follows the quote that begins it.
fn split_string(json: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    let end = json.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some((json.get(..end)?, json.get(end + 1..)?))
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((plain, escape)) = rest.split_once('\\') {
            out.write_str(plain)?;
            let (char, after) = decode(escape);
            out.write_char(char)?;
            rest = after;
        }
        out.write_str(rest)
    }
}

/// The character of an escape, given what follows its backslash, and what follows the escape.
fn decode(escape: &str) -> (char, &str) {
    let mut chars = escape.chars();
    let char = match chars.next() {
        Some('b') => '\u{8}',
        Some('f') => '\u{C}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return decode_unit(chars.as_str()),
        Some(char) => char,
        None => char::REPLACEMENT_CHARACTER,
    };
    (char, chars.as_str())
}

/// The same for `\u`: a character outside the basic plane takes two such escapes, a high surrogate and a low one.
fn decode_unit(digits: &str) -> (char, &str) {
    let Some((first, rest)) = unit(digits) else {
        return (char::REPLACEMENT_CHARACTER, digits);
    };
    let second = rest.strip_prefix("\\u").and_then(unit);
    let (code, rest) = match (first, second) {
        (0xD800..=0xDBFF, Some((second @ 0xDC00..=0xDFFF, rest))) => {
            (0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF), rest)
        }
        _ => (first, rest),
    };
    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), rest)
}

fn unit(digits: &str) -> Option<(u32, &str)> {
    let (unit, rest) = digits.split_at_checked(4)?;
    Some((u32::from_str_radix(unit, 16).ok()?, rest))
}
