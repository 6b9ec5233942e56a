//! Where a JSON body ends, by structure alone (R8).
//!
//! A byte means something by what it is inside of, which is a [`Lex`] and the number of brackets that are open. Those
//! two are all that lasts from chunk to chunk. [`step`] says what one byte does to them; the rest of this file says
//! the same of many at a time:
//!
//! * within a string, `memchr` looks for the next quote, and the backslashes right before it say whether it counts;
//! * elsewhere, blocks of [`BLOCK`] bytes become bit [`Masks`]. From those follow the escaped bytes, the strings and
//!   the number of brackets outside of them. Brackets are looked at one by one only where the last may close.
//!
//! Going back to blocks after every escaped quote took 40 % more instructions on text.

use crate::masks::{BLOCK, Mask, Masks};

/// What the scanner is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lex {
    /// No string: between the brackets of the body, or before it.
    Outside,
    /// A string.
    String,
    /// A string, right after a backslash: the next byte is part of the string, whatever it is.
    Escape,
    /// A body that is neither bracketed nor a string. It lasts until white space.
    Scalar,
}

/// Below this many bytes, a block costs more than they do one by one.
const FEW: usize = 24;

/// Finds the end of the body in `bytes`, which follow what was scanned before; `depth` is the number of open brackets.
///
/// Begins as [`Lex::Outside`] and 0, at a byte that [`begins_value`]. Returns the length up to the byte that closes the
/// body, inclusive; of a scalar, up to the white space, exclusive. `None`: all of `bytes` is within the body.
pub(crate) fn body_end(lex: &mut Lex, depth: &mut usize, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let rest @ [first, ..] = &bytes[at..] {
        at += match *lex {
            Lex::Scalar => return rest.iter().position(|&byte| is_white_space(byte)).map(|len| at + len),
            Lex::Outside if *depth == 0 => {
                step(lex, depth, *first);
                1
            }
            Lex::String | Lex::Escape if *depth == 0 || has_no_quote(rest) => {
                let len = string_end(lex, rest);
                if *lex == Lex::Outside && *depth == 0 {
                    return Some(at + len);
                }
                len
            }
            _ => match block_end(lex, depth, rest) {
                Some(len) => return Some(at + len),
                None => rest.len().min(BLOCK),
            },
        }
    }
    None
}

/// Whether a JSON value can begin with `byte`.
pub(crate) fn begins_value(byte: u8) -> bool {
    matches!(byte, b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'{' | b'[')
}

/// Whether `bytes` are one object or array from end to end, but for white space around it (R11).
pub(crate) fn is_complete_container(bytes: &[u8]) -> bool {
    let bytes = trim(bytes);
    matches!(bytes.first(), Some(b'{' | b'[')) && body_end(&mut Lex::Outside, &mut 0, bytes) == Some(bytes.len())
}

/// White space as the contract has it everywhere.
pub(crate) fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// `bytes` without the white space around them. (`trim_ascii` would take form feeds too.)
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    let is_text = |&byte: &u8| !is_white_space(byte);
    let first = bytes.iter().position(is_text).unwrap_or(bytes.len());
    let last = bytes.iter().rposition(is_text).map_or(first, |last| last + 1);
    &bytes[first..last]
}

/// Whether a whole block is before the next quote.
#[inline(always)]
fn has_no_quote(bytes: &[u8]) -> bool {
    match bytes.first_chunk::<BLOCK>() {
        Some(block) => !block.iter().fold(false, |found, &byte| found | (byte == b'"')),
        None => false,
    }
}

/// Takes bytes of a string, up to its end or to where escaped quotes are so frequent that blocks are quicker; returns
/// how many.
fn string_end(lex: &mut Lex, bytes: &[u8]) -> usize {
    let mut at = (*lex == Lex::Escape) as usize;
    let mut quotes = 0;
    loop {
        let Some(len) = memchr::memchr(b'"', &bytes[at..]) else {
            *lex = if ends_in_escape(&bytes[at..]) {
                Lex::Escape
            } else {
                Lex::String
            };
            return bytes.len();
        };
        let quote = at + len;
        let escaped = ends_in_escape(&bytes[at..quote]);
        at = quote + 1;
        if !escaped {
            *lex = Lex::Outside;
            return at;
        }
        *lex = Lex::String;
        quotes += 1;
        if at < quotes * BLOCK {
            return at;
        }
    }
}

/// Whether the last byte is a backslash that is not itself escaped.
#[inline(always)]
fn ends_in_escape(bytes: &[u8]) -> bool {
    bytes.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// [`body_end`] for the first [`BLOCK`] of `bytes`, which are between brackets.
#[inline(always)]
fn block_end(lex: &mut Lex, depth: &mut usize, bytes: &[u8]) -> Option<usize> {
    let mut padded;
    let (block, len) = match bytes.first_chunk() {
        Some(block) => (block, BLOCK),
        None if bytes.len() < FEW => return bytes_end(lex, depth, bytes),
        None => {
            padded = [0; BLOCK];
            padded[..bytes.len()].copy_from_slice(bytes);
            (&padded, bytes.len())
        }
    };
    let masks = Masks::of(block);
    let mut quotes = masks.quotes;
    let mut ends_in_escape = false;
    let escaped = *lex == Lex::Escape;
    if escaped || masks.backslashes.any() {
        let escaping = escaping(masks.backslashes, escaped);
        quotes = quotes & !escaping.after(escaped);
        ends_in_escape = escaping.contains(len - 1);
    }
    let strings = quotes.spans(*lex != Lex::Outside);
    if (masks.backslashes & !strings).any() {
        // Not JSON: out here they escape nothing, and what follows them was misjudged.
        return bytes_end(lex, depth, &bytes[..len]);
    }
    *lex = match strings.contains_last() {
        _ if ends_in_escape => Lex::Escape,
        true => Lex::String,
        false => Lex::Outside,
    };
    let opening = masks.opening & !strings;
    let closing = masks.closing & !strings;
    if !(opening | closing).any() {
        return None;
    }
    let closed = closing.count();
    if closed >= *depth {
        return brackets_end(depth, opening, closing);
    }
    *depth = *depth + opening.count() - closed;
    None
}

/// The backslashes that escape what follows: the first, third, fifth … of each run. `escaped`: so is the first byte.
#[inline(always)]
fn escaping(backslashes: Mask, escaped: bool) -> Mask {
    let candidates = backslashes & !Mask::default().after(escaped);
    let mut escaping = candidates & !candidates.after(false);
    loop {
        // The one in between is a candidate as well, else this one began a run.
        let more = escaping | candidates & escaping.after(false).after(false);
        if more == escaping {
            return escaping;
        }
        escaping = more;
    }
}

/// [`body_end`] for a block in which the last bracket may close.
#[inline(never)]
fn brackets_end(depth: &mut usize, opening: Mask, closing: Mask) -> Option<usize> {
    let (opening, closing) = (opening.in_order(), closing.in_order());
    for half in [0, 64] {
        let opening = (opening >> half) as u64;
        let mut brackets = opening | (closing >> half) as u64;
        while brackets != 0 {
            let bracket = brackets & brackets.wrapping_neg();
            if opening & bracket != 0 {
                *depth += 1;
            } else {
                *depth -= 1;
            }
            if *depth == 0 {
                return Some(half + bracket.trailing_zeros() as usize + 1);
            }
            brackets ^= bracket;
        }
    }
    None
}

/// [`body_end`], byte by byte.
#[inline(never)]
fn bytes_end(lex: &mut Lex, depth: &mut usize, bytes: &[u8]) -> Option<usize> {
    let last = bytes.iter().position(|&byte| step(lex, depth, byte))?;
    Some(last + 1)
}

/// Takes one byte that is not part of a scalar; returns whether it closes the body.
#[inline(always)]
fn step(lex: &mut Lex, depth: &mut usize, byte: u8) -> bool {
    match (*lex, byte) {
        (Lex::Escape, _) => *lex = Lex::String,
        (Lex::String, b'\\') => *lex = Lex::Escape,
        (Lex::String, b'"') => {
            *lex = Lex::Outside;
            return *depth == 0;
        }
        (Lex::String, _) => {}
        (_, b'"') => *lex = Lex::String,
        (_, b'{' | b'[') => *depth += 1,
        (_, b'}' | b']') => {
            *depth = depth.saturating_sub(1);
            return *depth == 0;
        }
        _ if *depth == 0 => *lex = Lex::Scalar,
        _ => {}
    }
    false
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{format, string::String, vec::Vec};

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    /// The whole body at once, one byte after the other.
    fn naive(bytes: &[u8]) -> Option<usize> {
        let is_container = matches!(bytes.first()?, b'{' | b'[');
        if !is_container && bytes[0] != b'"' {
            return bytes.iter().position(|byte| b" \t\r\n".contains(byte));
        }
        let (mut depth, mut in_string, mut i) = (0, false, 0);
        while i < bytes.len() {
            match bytes[i] {
                b'\\' if in_string => i += 1,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => depth -= 1,
                _ => {}
            }
            i += 1;
            if depth == 0 && !in_string {
                return Some(i);
            }
        }
        None
    }

    fn in_chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Option<usize> {
        let (mut lex, mut depth, mut at) = (Lex::Outside, 0, 0);
        for chunk in chunks {
            if let Some(len) = body_end(&mut lex, &mut depth, chunk) {
                return Some(at + len);
            }
            at += chunk.len();
        }
        None
    }

    /// In one chunk, in two at every place, and in chunks of several sizes.
    fn assert_all_cuts(bytes: &[u8]) {
        let expected = naive(bytes);
        for cut in 0..=bytes.len() {
            let (one, other) = bytes.split_at(cut);
            assert_eq!(
                in_chunks([one, other]),
                expected,
                "{:?} cut at {cut}",
                bytes.escape_ascii()
            );
        }
        for size in [1, 2, 3, FEW, BLOCK - 1, BLOCK, BLOCK + 1] {
            assert_eq!(
                in_chunks(bytes.chunks(size)),
                expected,
                "{:?} by {size}",
                bytes.escape_ascii()
            );
        }
    }

    #[test]
    fn all_short_bodies() {
        let alphabet = br#"{]"\a "#;
        for len in 1..=6 {
            for number in 0..alphabet.len().pow(len) {
                let digit = |i| alphabet[number / alphabet.len().pow(i) % alphabet.len()];
                let bytes: Vec<u8> = (0..len).map(digit).collect();
                if begins_value(bytes[0]) || bytes[0] == b'a' {
                    assert_all_cuts(&bytes);
                    // The same within a block.
                    let mut long = [b' '; BLOCK];
                    long[0] = b'[';
                    long[1..][..bytes.len()].copy_from_slice(&bytes);
                    assert_eq!(in_chunks([&long[..]]), naive(&long), "{:?}", long.escape_ascii());
                }
            }
        }
    }

    #[test]
    fn runs_of_backslashes_around_block_borders() {
        for run in 1..=2 * BLOCK + 2 {
            for before in [0, 1, 60, 61, 62, 63, BLOCK - 3, BLOCK - 2, BLOCK - 1, BLOCK, 3 * BLOCK] {
                let body = format!("[\"{}{}\",1]\"] ]", "a".repeat(before), "\\".repeat(run));
                let bytes = body.as_bytes();
                let expected = naive(bytes);
                for size in [bytes.len(), before + 1, before + 2, before + run + 2, 7] {
                    assert_eq!(in_chunks(bytes.chunks(size)), expected, "{before} {run} {size}");
                }
            }
        }
    }

    #[test]
    fn ends_anywhere_in_a_block() {
        for depth in [1, 2, 63, 64, 127, 128, 129, 300] {
            for before in 0..=BLOCK {
                let fill = String::from_utf8(std::vec![b'1'; before]).unwrap();
                let body = format!("{}{fill}{}]]", "{[".repeat(depth), "]}".repeat(depth));
                assert_eq!(in_chunks([body.as_bytes()]), Some(body.len() - 2), "{depth} {before}");
                assert_eq!(in_chunks(body.as_bytes().chunks(100)), Some(body.len() - 2));
            }
        }
    }

    #[test]
    fn scalars_and_strings() {
        assert_eq!(in_chunks([&b"-1.5e3"[..], b"0\n1"]), Some(7));
        assert_eq!(in_chunks([&b"true"[..]]), None);
        assert_eq!(in_chunks([&br#""a\"#[..], br#""]" "#]), Some(6));
        assert_eq!(in_chunks([&b""[..], b"\"", b"\""]), Some(2));
        for byte in 0..=255 {
            let expected = b"\"-0123456789tfn{[".contains(&byte);
            assert_eq!(begins_value(byte), expected, "{byte}");
        }
    }

    #[test]
    fn complete_containers() {
        for yes in ["{}", "[]", " \t\r\n{\"a\":\"}\"}\n ", "[[],[1]]"] {
            assert!(is_complete_container(yes.as_bytes()), "{yes}");
        }
        for no in [
            "",
            " ",
            "{",
            "{}{}",
            "{}]",
            "1",
            "\"a\"",
            "\x0c{}",
            "{}\x0c",
            "]",
            "[\"]",
            "{\"a\":1} x",
        ] {
            assert!(!is_complete_container(no.as_bytes()), "{no}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn as_naive(
            opening in 1..40usize,
            rest in vec(prop_oneof![40 => select(&b"{}[]\"\\ab \n"[..]), 30 => Just(b'a'), 1 => any::<u8>()], 0..700),
            sizes in vec(1..300usize, 1..8),
        ) {
            let mut bytes = std::vec![b'['; opening];
            bytes.extend(rest);
            let expected = naive(&bytes);
            prop_assert_eq!(in_chunks([&bytes[..]]), expected);
            let mut left = &bytes[..];
            let chunks = sizes.iter().cycle().map_while(|&size| {
                let chunk = left.split_off(..size.min(left.len()))?;
                (!chunk.is_empty()).then_some(chunk)
            });
            prop_assert_eq!(in_chunks(chunks), expected);
        }
    }
}
