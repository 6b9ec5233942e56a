//! Where a JSON body ends, by structure alone (R8).
//!
//! A byte means something by what it is inside of, which is a [`Lex`] and the number of brackets that are open. Those
//! two are all that lasts from chunk to chunk. [`step`] says what one byte does to them; the rest of this file says
//! the same of a [`Block`] at a time: the bit masks of its quotes and backslashes give the escaped bytes and the strings,
//! and those of its brackets the number outside of strings. Brackets are looked at one by one only where the last may
//! close. A block within a string, as most are, takes no more than a look for quotes.

use super::masks::{BLOCK, Block};

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
const FEW: usize = 12;

/// Finds the end of the body in `bytes`, which follow what was scanned before; `depth` is the number of open brackets.
///
/// Begins as [`Lex::Outside`] and 0, at a byte that [`begins_value`]. Returns the length up to the byte that closes the
/// body, inclusive; of a scalar, up to the white space, exclusive. `None`: all of `bytes` is within the body.
#[inline(never)]
pub(crate) fn body_end(lex: &mut Lex, depth: &mut usize, bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    if *lex == Lex::Outside && *depth == 0 {
        step(lex, depth, *bytes.first()?); // nothing ends where it begins
        at = 1;
    }
    if *lex == Lex::Scalar {
        return scalar_end(&bytes[at..], false).map(|len| at + len);
    }
    let mut inside = Inside::new(*lex, *depth);
    let end = loop {
        let Some(block) = bytes[at..].first_chunk() else {
            break rest_end(&mut inside, bytes, at);
        };
        if let Some(len) = block_end(&mut inside, block, 0) {
            break Some(at + len);
        }
        at += BLOCK;
    };
    (*lex, *depth) = (inside.lex(), inside.depth);
    end
}

/// Where a scalar ends that goes on in `bytes`: before white space, and among the elements of an array also before a comma
/// and the closing bracket (R17).
pub(crate) fn scalar_end(bytes: &[u8], is_element: bool) -> Option<usize> {
    let ends = |&byte: &u8| is_white_space(byte) || is_element && matches!(byte, b',' | b']');
    bytes.iter().position(ends)
}

/// [`body_end`] for the bytes from `at` on, which are fewer than a block.
#[inline(always)]
fn rest_end(inside: &mut Inside, bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let before = BLOCK - rest.len();
    let mut padded;
    let block = match bytes.last_chunk() {
        _ if rest.len() < FEW => return inside.bytes_end(rest).map(|len| at + len),
        // Copying the rest would take longer than to see a part of the block before again.
        Some(block) => block,
        None => {
            padded = [0; BLOCK];
            padded[before..].copy_from_slice(rest);
            &padded
        }
    };
    block_end(inside, block, before).map(|len| at + len)
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

/// What a block is inside of: [`Lex`] and depth, in the form that masks have use for.
struct Inside {
    /// A string: all bits, or none.
    string: u64,
    /// An escape: 1, or 0.
    escape: u64,
    depth: usize,
}

impl Inside {
    #[inline(always)]
    fn new(lex: Lex, depth: usize) -> Self {
        Self {
            string: if lex == Lex::Outside { 0 } else { u64::MAX },
            escape: u64::from(lex == Lex::Escape),
            depth,
        }
    }

    #[inline(always)]
    fn lex(&self) -> Lex {
        match (self.string, self.escape) {
            (0, _) => Lex::Outside,
            (_, 0) => Lex::String,
            _ => Lex::Escape,
        }
    }

    /// [`bytes_end`]. It has no reference to `self`, which so stays in registers.
    #[inline(always)]
    fn bytes_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let (lex, depth, end) = bytes_end(self.lex(), self.depth, bytes);
        *self = Self::new(lex, depth);
        end
    }
}

/// [`body_end`] for what follows the first `before` bytes of a block that is not of a scalar.
#[inline(always)]
fn block_end(inside: &mut Inside, bytes: &[u8; BLOCK], before: usize) -> Option<usize> {
    let all = u64::MAX << before;
    let block = Block::new(bytes);
    let quotes = block.quotes() & all;
    if quotes == 0 && inside.string != 0 && bytes[BLOCK - 1] != b'\\' {
        inside.escape = 0;
        return None;
    }
    let backslashes = block.backslashes() & all;
    let escaped = inside.escape << before;
    let escaping = escaping(backslashes, escaped);
    let quotes = quotes & !(escaping << 1 | escaped);
    let ends_in_escape = escaping >> (BLOCK - 1);
    if quotes == 0 && inside.string != 0 {
        // All of it is within the string, as text with escaped quotes is.
        inside.escape = ends_in_escape;
        return None;
    }
    let strings = spans(quotes) ^ inside.string;
    let outside = all & !strings;
    if is_misjudged(backslashes, outside) {
        return inside.bytes_end(&bytes[before..]);
    }
    if inside.depth == 0 {
        // The body is a string, and this is its end.
        inside.string = 0;
        return Some(quotes.trailing_zeros() as usize + 1 - before);
    }
    inside.string = ((strings as i64) >> (BLOCK - 1)) as u64;
    inside.escape = ends_in_escape;
    if outside == 0 {
        return None;
    }
    let (opening, closing) = block.brackets();
    let (opening, closing) = (opening & outside, closing & outside);
    if opening | closing == 0 {
        return None;
    }
    let closed = closing.count_ones() as usize;
    if closed >= inside.depth {
        let end;
        (inside.depth, end) = brackets_end(inside.depth, opening, closing);
        return end.map(|len| len - before);
    }
    inside.depth = inside.depth + opening.count_ones() as usize - closed;
    None
}

/// Whether this is no JSON: outside of strings backslashes escape nothing, and what follows them was misjudged.
#[inline(always)]
fn is_misjudged(backslashes: u64, outside: u64) -> bool {
    backslashes & outside != 0
}

/// The backslashes that escape what follows: the first, third, fifth … of each run, where one that is `escaped` is in no
/// run. (It is simdjson's way to find them.)
#[inline(always)]
fn escaping(backslashes: u64, escaped: u64) -> u64 {
    const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    let runs = backslashes & !escaped;
    // The subtraction turns every other bit of a run over, from its start on, at an even or at an odd position alike.
    (((runs << 1 | ODD).wrapping_sub(runs)) ^ ODD) & backslashes
}

/// The positions from the first bit to before the second, from the third to before the fourth, and so on.
#[inline(always)]
fn spans(mut bits: u64) -> u64 {
    for distance in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << distance;
    }
    bits
}

/// [`body_end`] for a block in which the last bracket may close. Also returns the depth after it.
#[inline(never)]
fn brackets_end(mut depth: usize, opening: u64, closing: u64) -> (usize, Option<usize>) {
    let mut brackets = opening | closing;
    while brackets != 0 {
        let at = brackets.trailing_zeros();
        depth = depth + (opening >> at & 1) as usize * 2 - 1;
        if depth == 0 {
            return (depth, Some(at as usize + 1));
        }
        brackets &= brackets - 1;
    }
    (depth, None)
}

/// [`body_end`], byte by byte. Also returns the state after it.
#[inline(never)]
fn bytes_end(mut lex: Lex, mut depth: usize, bytes: &[u8]) -> (Lex, usize, Option<usize>) {
    let last = bytes.iter().position(|&byte| step(&mut lex, &mut depth, byte));
    (lex, depth, last.map(|last| last + 1))
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
    fn assert_all_splits(bytes: &[u8]) {
        let expected = naive(bytes);
        for split in 0..=bytes.len() {
            let (one, other) = bytes.split_at(split);
            assert_eq!(
                in_chunks([one, other]),
                expected,
                "{:?} split at {split}",
                bytes.escape_ascii()
            );
        }
        for size in [1, 2, 3, FEW, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + FEW] {
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
                    assert_all_splits(&bytes);
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
            for before in [
                0,
                1,
                28,
                29,
                30,
                31,
                BLOCK - 4,
                BLOCK - 3,
                BLOCK - 2,
                BLOCK - 1,
                BLOCK,
                3 * BLOCK,
            ] {
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
    fn escapes_and_spans_are_those_of_steps() {
        for bits in 0..1 << 12 {
            for shift in [0, 1, 29, 52] {
                let bits = bits << shift;
                for escaped in [0, 1] {
                    let (mut expected, mut is_escaped) = (0, escaped == 1);
                    let (mut spans_expected, mut is_inside) = (0, false);
                    for i in 0..64 {
                        let bit = bits >> i & 1 == 1;
                        is_escaped = bit && !is_escaped;
                        expected |= u64::from(is_escaped) << i;
                        is_inside ^= bit;
                        spans_expected |= u64::from(is_inside) << i;
                    }
                    assert_eq!(escaping(bits, escaped), expected, "{bits:b} {escaped}");
                    assert_eq!(spans(bits), spans_expected, "{bits:b}");
                }
            }
        }
    }

    #[test]
    fn ends_anywhere_in_a_block() {
        for depth in [1, 2, 31, 32, 63, 64, 65, 300] {
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
                let (chunk, rest) = left.split_at(size.min(left.len()));
                left = rest;
                (!chunk.is_empty()).then_some(chunk)
            });
            prop_assert_eq!(in_chunks(chunks), expected);
        }
    }
}
