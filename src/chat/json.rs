//! Reads JSON text from front to back, value by value, and returns slices of it.
//!
//! `serde_json` rejects half a surrogate pair in a string, and it reads each value twice that is kept unchanged. This reader
//! reads nothing twice, decodes only on request, and does not recurse. It accepts what `serde_json` accepts, except for halves
//! of surrogate pairs and for values that are nested more than [`MOST_NESTED`] deep.

use alloc::borrow::Cow;

use wide::u8x16;

use super::json_str;

/// How deep arrays and objects may be nested within a value that is skipped.
pub(super) const MOST_NESTED: u32 = u128::BITS;

/// The text is not JSON at the current position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotJson;

/// JSON text, and the position up to which it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Json<'a> {
    text: &'a str,
    at: usize,
}

/// A value, unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Text(Quoted<'a>),
    Number(&'a str),
    /// `null`, `true` or `false`.
    Word,
    /// An array or an object.
    Nested(&'a str),
}

/// The text between the quotes of a string, unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quoted<'a> {
    pub(super) inside: &'a str,
    pub(super) is_escaped: bool,
}

impl<'a> Quoted<'a> {
    /// The decoded text.
    pub(super) fn text(self) -> Cow<'a, str> {
        if self.is_escaped {
            json_str::text_of(self.inside)
        } else {
            Cow::Borrowed(self.inside)
        }
    }
}

impl<'a> Json<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is not white space: the first byte of the next value, in valid JSON.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                next => return next.copied(),
            }
        }
    }

    /// Takes `byte` if it is the next byte.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Like [`take`](Self::take), but any other byte is an error.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.take(byte) { Ok(()) } else { Err(NotJson) }
    }

    /// Whether nothing but white space is left.
    pub(super) fn end(&mut self) -> Result<(), NotJson> {
        if self.peek().is_none() { Ok(()) } else { Err(NotJson) }
    }

    /// Takes the next value, whatever it is.
    pub(super) fn value(&mut self) -> Result<Value<'a>, NotJson> {
        match self.peek() {
            Some(b'"') => {
                let start = self.at + 1;
                let is_escaped = self.skip_string()?;
                let inside = self.text.get(start..self.at - 1).ok_or(NotJson)?;
                Ok(Value::Text(Quoted { inside, is_escaped }))
            }
            Some(b'{' | b'[') => {
                let start = self.at;
                self.skip_nested()?;
                self.since(start).map(Value::Nested)
            }
            Some(b'-' | b'0'..=b'9') => {
                let start = self.at;
                self.skip_number()?;
                self.since(start).map(Value::Number)
            }
            _ => {
                self.skip_word()?;
                Ok(Value::Word)
            }
        }
    }

    /// Skips the next value.
    #[inline]
    pub(super) fn skip(&mut self) -> Result<(), NotJson> {
        match self.peek() {
            Some(b'"') => self.skip_string().map(drop),
            Some(b'{' | b'[') => self.skip_nested(),
            Some(b'-' | b'0'..=b'9') => self.skip_number(),
            _ => self.skip_word(),
        }
    }

    /// Takes the next value, unchanged.
    pub(super) fn raw(&mut self) -> Result<&'a str, NotJson> {
        self.peek();
        let start = self.at;
        self.skip()?;
        self.since(start)
    }

    /// Takes the name of a member and its colon: the text between its quotes, and whether that has escapes.
    #[inline]
    pub(super) fn name(&mut self) -> Result<(&'a [u8], bool), NotJson> {
        if self.peek() != Some(b'"') {
            return Err(NotJson);
        }
        let start = self.at + 1;
        let is_escaped = self.skip_string()?;
        let inside = self.text.as_bytes().get(start..self.at - 1).ok_or(NotJson)?;
        self.expect(b':')?;
        Ok((inside, is_escaped))
    }

    /// Takes a string, which begins with the next byte, and returns whether it has escapes.
    #[inline]
    fn skip_string(&mut self) -> Result<bool, NotJson> {
        self.at += 1;
        self.skip_plain_text();
        let is_escaped = self.is_here(b'\\');
        if is_escaped {
            self.skip_escaped_text()?;
        }
        // The byte after the text may be a control character, or the input may have ended.
        self.expect_here(b'"')?;
        Ok(is_escaped)
    }

    /// The rest of a string that has escapes, up to its last quote.
    fn skip_escaped_text(&mut self) -> Result<(), NotJson> {
        while self.is_here(b'\\') {
            let rest = &self.text.as_bytes()[self.at..];
            self.at += match rest.get(1) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
                Some(b'u')
                    if rest
                        .get(2..6)
                        .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) =>
                {
                    6
                }
                _ => return Err(NotJson),
            };
            self.skip_plain_text();
        }
        Ok(())
    }

    /// Skips bytes up to a quote, a backslash or a control character: sixteen at a time.
    #[inline]
    fn skip_plain_text(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(&block) = bytes.get(self.at..).and_then(|rest| rest.first_chunk()) {
            let ends = ends_of_plain_text(block);
            if ends != 0 {
                self.at += ends.trailing_zeros() as usize;
                return;
            }
            self.at += BLOCK;
        }
        while bytes
            .get(self.at)
            .is_some_and(|byte| !matches!(byte, ..0x20 | b'"' | b'\\'))
        {
            self.at += 1;
        }
    }

    fn skip_number(&mut self) -> Result<(), NotJson> {
        self.take_here(b'-');
        // A number has no zeros before it.
        if !self.take_here(b'0') {
            self.skip_digits()?;
        }
        if self.take_here(b'.') {
            self.skip_digits()?;
        }
        if self.take_here(b'e') || self.take_here(b'E') {
            if !self.take_here(b'+') {
                self.take_here(b'-');
            }
            self.skip_digits()?;
        }
        Ok(())
    }

    /// One digit or more.
    #[inline]
    fn skip_digits(&mut self) -> Result<(), NotJson> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(NotJson) }
    }

    /// `null`, `true` or `false`.
    #[inline]
    fn skip_word(&mut self) -> Result<(), NotJson> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += match rest.first_chunk() {
            Some(b"null" | b"true") => 4,
            _ if rest.starts_with(b"false") => 5,
            _ => return Err(NotJson),
        };
        Ok(())
    }

    /// An array or an object. One bit for each level says which of the two it is: 1 for an object.
    fn skip_nested(&mut self) -> Result<(), NotJson> {
        let mut objects = 0u128;
        let mut depth = 0;
        loop {
            // A value begins here.
            match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    self.at += 1;
                    if depth == MOST_NESTED {
                        return Err(NotJson);
                    }
                    let is_object = open == b'{';
                    objects = objects << 1 | u128::from(is_object);
                    depth += 1;
                    // The bracket of an empty one is taken below.
                    let closes = if is_object { b'}' } else { b']' };
                    if self.peek() != Some(closes) {
                        if is_object {
                            self.name()?;
                        }
                        continue;
                    }
                }
                Some(b'"') => drop(self.skip_string()?),
                Some(b'-' | b'0'..=b'9') => self.skip_number()?,
                _ => self.skip_word()?,
            }
            // A value has ended here.
            loop {
                let is_object = objects & 1 == 1;
                if self.take(b',') {
                    if is_object {
                        self.name()?;
                    }
                    break;
                }
                self.expect(if is_object { b'}' } else { b']' })?;
                objects >>= 1;
                depth -= 1;
                if depth == 0 {
                    return Ok(());
                }
            }
        }
    }

    #[inline]
    fn take_here(&mut self, byte: u8) -> bool {
        let is_next = self.is_here(byte);
        self.at += usize::from(is_next);
        is_next
    }

    #[inline]
    fn is_here(&self, byte: u8) -> bool {
        self.text.as_bytes().get(self.at) == Some(&byte)
    }

    #[inline]
    fn expect_here(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.take_here(byte) { Ok(()) } else { Err(NotJson) }
    }

    #[inline]
    fn since(&self, start: usize) -> Result<&'a str, NotJson> {
        self.text.get(start..self.at).ok_or(NotJson)
    }
}

/// How many bytes are compared at once.
const BLOCK: usize = 16;

/// The bytes of `block` that are a quote, a backslash or a control character: a bit for each.
#[inline]
fn ends_of_plain_text(block: [u8; BLOCK]) -> i32 {
    let block = u8x16::new(block);
    let is_control = block.min(u8x16::splat(0x1f)).cmp_eq(block);
    let is_quote = block.cmp_eq(u8x16::splat(b'"'));
    let is_backslash = block.cmp_eq(u8x16::splat(b'\\'));
    (is_control | is_quote | is_backslash).move_mask()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{format, string::String, vec::Vec};

    use proptest::{collection::vec, prelude::*, sample::select};
    use serde::de::IgnoredAny;

    use super::*;

    fn is_json(text: &str) -> bool {
        let mut skipped = Json::new(text);
        let is_json = skipped.skip().and_then(|()| skipped.end()).is_ok();
        let mut taken = Json::new(text);
        assert_eq!(taken.value().and_then(|_| taken.end()).is_ok(), is_json, "{text}");
        is_json
    }

    #[test]
    fn what_is_json() {
        for text in [
            "0",
            "-0",
            "10",
            "1.5",
            "-1e9",
            "1E+9",
            "1.0e-9",
            "null",
            " true ",
            "false\n",
            "\"\"",
            "\"ä\u{7f}\"",
            r#""\"\\\/\b\f\n\r\t\u00e4""#,
            r#""\ud83d""#,
            "[]",
            "[[],{}]",
            "{}",
            " { } ",
            r#"{"a":{"b":[1 , 2]} , "c":null}"#,
        ] {
            assert!(is_json(text), "{text}");
        }
        for text in [
            "",
            " ",
            "-",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "1e+",
            "nul",
            "nulll",
            "True",
            "\"",
            "\"\\\"",
            "\"\\q\"",
            "\"\\u12g4\"",
            "\"\\u12\"",
            "\"a\nb\"",
            "\"aaaaaaaa\u{1f}\"",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "[,]",
            "[1 2]",
            "[1}",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,}",
            "{\"a\":1]",
            "{a:1}",
            "{1:1}",
            "{}{}",
            "{},",
            "]",
        ] {
            assert!(!is_json(text), "{text}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_json(&nested(MOST_NESTED as usize)));
        assert!(!is_json(&nested(MOST_NESTED as usize + 1)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// `serde_json` agrees on what is valid JSON.
        #[test]
        fn as_a_deserializer_decides(
            parts in vec(select(&[
                "{", "}", "[", "]", ":", ",", "\"", "\"a\"", "\"a\":", "\\", "\\n", "\\u00e4", "1", "-", ".5", "e9", "0", "null",
                "true", "fals", "e", " ", "\n", "ä", "\u{1}", "text of some length", "{\"a\":[1,{}]}",
            ][..]), 0..12),
        ) {
            let text: String = parts.concat();
            prop_assert_eq!(is_json(&text), serde_json::from_str::<IgnoredAny>(&text).is_ok());
        }

        /// Strings that end at any of the eight bytes, with any contents.
        #[test]
        fn strings_end_where_they_end(text in "[a-zä🐋\u{7f}]{0,30}", end in select(&["\"", "\\", "\u{0}", "\u{1f}", ""][..]), after in "[a-z\"\\\\\u{1}]{0,12}") {
            let json = format!("\"{text}{end}{after}");
            let mut reader = Json::new(&json);
            match end {
                "\"" => prop_assert_eq!(reader.value(), Ok(Value::Text(Quoted { inside: &text, is_escaped: false }))),
                "" => prop_assert_eq!(reader.skip().is_ok(), serde_json::Deserializer::from_str(&json).into_iter::<String>().next().unwrap().is_ok()),
                "\\" => {}
                _ => prop_assert_eq!(reader.value(), Err(NotJson)),
            }
        }

        #[test]
        fn any_text_is_read(text in any::<String>()) {
            let _: Vec<_> = [is_json(&text), is_json(&format!("\"{text}")), is_json(&format!("[{text}"))].into();
        }
    }
}
