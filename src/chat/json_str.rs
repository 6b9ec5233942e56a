//! Decodes a JSON string to text, even if it is invalid.
//!
//! `serde_json` rejects a string with half a surrogate pair. Servers that split text by UTF-16 units send such strings, and an
//! error message in one should still be readable. So this decoder never fails: invalid characters become U+FFFD, and invalid
//! escapes stay unchanged.

use alloc::{borrow::Cow, string::String};

use memchr::memchr;

/// The text of `json`, which is a JSON string from its first quote to its last; `None` if it is anything else.
///
/// Borrowed if it has no escapes and is UTF-8.
pub(crate) fn string(json: &[u8]) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    Some(text(inside))
}

/// The text of a JSON string, given without its quotes.
pub(crate) fn text(inside: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(inside) {
        Cow::Borrowed(inside) => text_of(inside),
        Cow::Owned(inside) => Cow::Owned(text_of(&inside).into_owned()),
    }
}

/// Like [`text`], for text that is known to be UTF-8.
pub(crate) fn text_of(inside: &str) -> Cow<'_, str> {
    let Some((mut before, mut rest)) = split_at_escape(inside) else {
        return Cow::Borrowed(inside);
    };
    let mut text = String::with_capacity(inside.len());
    loop {
        text.push_str(before);
        let (character, len) = escape(rest.as_bytes());
        text.push(character);
        rest = rest.get(len..).unwrap_or_default();
        match split_at_escape(rest) {
            Some(parts) => (before, rest) = parts,
            None => break,
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Splits at the first backslash.
fn split_at_escape(text: &str) -> Option<(&str, &str)> {
    text.split_at_checked(memchr(b'\\', text.as_bytes())?)
}

/// The halves of surrogate pairs at the borders of a JSON string, which is given without its quotes: the second half of a pair
/// at its start, and the first half of a pair at its end; 0 for none.
pub(crate) fn halves(inside: &[u8]) -> (u16, u16) {
    let half = |bytes: &[u8], first, last| match unit(bytes) {
        Some(unit) if (first..=last).contains(&unit) => u16::try_from(unit).unwrap_or(0),
        _ => 0,
    };
    let head = half(inside, 0xdc00, 0xdfff);
    let (before, end) = inside.split_at(inside.len().saturating_sub(6));
    let backslashes = before.iter().rev().take_while(|&&byte| byte == b'\\').count();
    // After an odd number of backslashes, the next one is escaped.
    let tail = if backslashes % 2 == 0 {
        half(end, 0xd800, 0xdbff)
    } else {
        0
    };
    (head, tail)
}

/// `json` with an escaped U+FFFD for every half of a surrogate pair that lacks its other half.
pub(crate) fn without_halves(json: &str) -> Cow<'_, str> {
    let mut json = Cow::Borrowed(json);
    let mut at = 0;
    while let Some(backslash) = json.as_bytes().get(at..).and_then(|rest| memchr(b'\\', rest)) {
        at += backslash;
        let (character, len) = escape(&json.as_bytes()[at..]);
        let is_half = character == char::REPLACEMENT_CHARACTER && len == 6;
        if is_half {
            json.to_mut().replace_range(at..at + len, "\\ufffd");
        }
        at += len;
    }
    json
}

/// The character of the escape at the start of `bytes`, and the length of the escape in bytes.
fn escape(bytes: &[u8]) -> (char, usize) {
    let character = match bytes.get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        _ => return utf16_escape(bytes).unwrap_or(('\\', 1)),
    };
    (character, 2)
}

/// [`escape`] for `\uXXXX`, or for two that are the halves of one character.
fn utf16_escape(bytes: &[u8]) -> Option<(char, usize)> {
    let first = unit(bytes)?;
    if let 0xd800..=0xdbff = first {
        if let Some(second @ 0xdc00..=0xdfff) = bytes.get(6..).and_then(unit) {
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return char::from_u32(code).map(|character| (character, 12));
        }
    }
    Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6))
}

/// The UTF-16 unit of a `\uXXXX` at the start of `bytes`.
fn unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, &digit| {
        char::from(digit).to_digit(16).map(|digit| unit << 4 | digit)
    })
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{char::decode_utf16, format, string::String, vec::Vec};

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    #[test]
    fn what_strings_say() {
        for (json, expected) in [
            (r#""""#, ""),
            (r#""a b""#, "a b"),
            (r#""ä€🐋""#, "ä€🐋"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""\u0041\u00e4\u20AC""#, "Aä€"),
            (r#""\ud83d\udc0b""#, "🐋"),
            (r#""\uD83D\uDC0B!""#, "🐋!"),
            (r#""\\ud83d""#, r"\ud83d"),
            (r#""\u0000""#, "\0"),
            // Half a pair.
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""\udc0bb""#, "\u{fffd}b"),
            (r#""\ud83d\ud83d\udc0b""#, "\u{fffd}🐋"),
            (r#""\udc0b\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83dudc0b""#, "\u{fffd}udc0b"),
            (r#""\ud83d\udc0""#, "\u{fffd}\\udc0"),
            // An invalid escape stays unchanged.
            (r#""\q""#, r"\q"),
            (r#""\u12g4""#, r"\u12g4"),
            (r#""\u+123""#, r"\u+123"),
            (r#""\u12""#, r"\u12"),
            ("\"a\nb\"", "a\nb"),
            ("\"\\\u{e4}\"", "\\ä"),
        ] {
            assert_eq!(string(json.as_bytes()).as_deref(), Some(expected), "{json}");
        }
        assert_eq!(text(b"\\"), "\\");
        assert_eq!(text(b"a\xff\\n\xc3"), "a\u{fffd}\n\u{fffd}");
    }

    #[test]
    fn what_is_no_string() {
        for json in ["", "\"", "null", "1", "{}", "\"a", "a\"", " \"a\""] {
            assert_eq!(string(json.as_bytes()), None, "{json}");
        }
    }

    #[test]
    fn what_needs_no_change_is_borrowed() {
        assert!(matches!(string("\"ä b\"".as_bytes()), Some(Cow::Borrowed("ä b"))));
        assert!(matches!(string(b"\"a\\nb\""), Some(Cow::Owned(_))));
    }

    #[test]
    fn halves_at_the_start_and_the_end() {
        for (inside, expected) in [
            (r"", (0, 0)),
            (r"a", (0, 0)),
            (r"\ud83d", (0, 0xd83d)),
            (r"\uDC0B", (0xdc0b, 0)),
            (r"\udc0b\ud83d", (0xdc0b, 0xd83d)),
            (r"\udc0ba\ud83d", (0xdc0b, 0xd83d)),
            (r"\ud83d\udc0b", (0, 0)),
            // An escaped backslash before it.
            (r"\\ud83d", (0, 0)),
            (r"\\\ud83d", (0, 0xd83d)),
            (r"\\udc0b", (0, 0)),
        ] {
            assert_eq!(halves(inside.as_bytes()), expected, "{inside}");
        }
    }

    #[test]
    fn json_without_halves() {
        for (json, expected) in [
            (r#"["a",1]"#, r#"["a",1]"#),
            (r#"["\ud83d\udc0b\n"]"#, r#"["\ud83d\udc0b\n"]"#),
            (r#"["\ud83d","\udc0b"]"#, r#"["\ufffd","\ufffd"]"#),
            (r#"["\\ud83d"]"#, r#"["\\ud83d"]"#),
            (r#"["ä\ud83d\ud83d\udc0b"]"#, r#"["ä\ufffd\ud83d\udc0b"]"#),
        ] {
            assert_eq!(without_halves(json), expected, "{json}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_give_text(bytes in vec(prop_oneof![any::<u8>(), select(&b"\\u\"dD89aAcC0"[..])], 0..60)) {
            text(&bytes);
        }

        /// The text of a valid JSON string is the text that `serde_json` gives.
        #[test]
        fn as_a_deserializer_sees_it(text_ in any::<String>()) {
            let json = serde_json::to_string(&text_).unwrap();
            prop_assert_eq!(string(json.as_bytes()).unwrap(), text_);
        }

        /// The text of UTF-16 units is the text that the standard library decodes.
        #[test]
        fn units_are_decoded_as_the_standard_library_does(
            units in vec(prop_oneof![any::<u16>(), 0xd800..0xe000u16], 0..20),
        ) {
            let json: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let expected: Vec<_> = decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect();
            prop_assert_eq!(text(json.as_bytes()).chars().collect::<Vec<_>>(), expected);
        }
    }
}
