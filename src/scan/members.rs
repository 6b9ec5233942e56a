//! The members of a JSON object, and no deeper.
//!
//! Nothing is validated: what is malformed gives what is there, and the walk ends with the object or with the bytes.
//! Values are skipped by structure alone (R8), so a walk is linear in the bytes, whatever is nested in them.

use memchr::{memchr2, memmem};

use super::json::{Lex, body_end, is_white_space};

/// The members of the object that `json` is, or begins with; of anything else, none.
pub(crate) fn members(json: &[u8]) -> Members<'_> {
    match without_space(json) {
        [b'{', rest @ ..] => Members { rest },
        _ => Members { rest: b"" },
    }
}

/// The first element of the array that `json` is, or begins with: no bytes where the array has none.
pub(crate) fn first_element(json: &[u8]) -> Option<&[u8]> {
    let elements = without_space(without_space(json).strip_prefix(b"[")?);
    Some(&elements[..value_len(elements)])
}

/// What is between the quotes of `value`, if it is a string.
pub(crate) fn inside(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// See [`members`]. Each item is a name without its quotes and a value with them, as they are written.
#[derive(Clone, Debug)]
pub(crate) struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while let [b' ' | b'\t' | b'\r' | b'\n' | b',' | b':', rest @ ..] = self.rest {
                self.rest = rest;
            }
            let name = self.value();
            if name.is_empty() {
                return None; // the closing bracket, or the end
            }
            self.rest = without_space(self.rest);
            let Some(rest) = self.rest.strip_prefix(b":") else {
                continue; // a name without a value
            };
            self.rest = without_space(rest);
            let value = self.value();
            if let Some(name) = inside(name) {
                return Some((name, value));
            }
        }
    }
}

impl<'a> Members<'a> {
    /// Takes the value that comes next.
    fn value(&mut self) -> &'a [u8] {
        let (value, rest) = self.rest.split_at(value_len(self.rest));
        self.rest = rest;
        value
    }
}

/// Whether `json` is an object that has a member `done` that is `true` at its top level (R17).
pub(crate) fn is_done_object(json: &[u8]) -> bool {
    // One search settles it for nearly all objects that are no such thing.
    memmem::find(json, b"\"done\"").is_some() && members(json).any(|member| member == (b"done", b"true"))
}

/// The length of the value at the start of `bytes`: 0 if there is none, and the length of `bytes` if the value is truncated.
fn value_len(bytes: &[u8]) -> usize {
    let len = match bytes {
        [b'"', inside @ ..] => match memchr2(b'"', b'\\', inside) {
            Some(len) if inside[len] == b'"' => Some(len + 2),
            None => None,
            Some(_) => body_end(&mut Lex::Outside, &mut 0, bytes),
        },
        [b'{' | b'[', ..] => body_end(&mut Lex::Outside, &mut 0, bytes),
        _ => bytes
            .iter()
            .position(|&byte| is_white_space(byte) || matches!(byte, b',' | b':' | b'}' | b']')),
    };
    len.unwrap_or(bytes.len())
}

/// `bytes` without the white space that they begin with.
pub(crate) fn without_space(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}
