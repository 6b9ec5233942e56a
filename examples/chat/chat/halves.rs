//! Characters that a server has split: JSON writes one beyond U+FFFF as two escapes, and some servers send one half with
//! one delta and the other with the next.
//!
//! A string with a half alone is valid JSON and no text, so deserializers give it up, and the whole delta with it. Halves
//! that follow each other are joined here; one that stays alone becomes U+FFFD.

use std::borrow::Cow;
use std::mem;

/// The half at the end of the last delta, if there was one.
#[derive(Debug, Default)]
pub(crate) struct Halves {
    first: Option<[u8; ESCAPE_LEN]>,
    /// One whose other half did not come.
    is_lost: bool,
}

const ESCAPE_LEN: usize = 6;
const REPLACEMENT: &[u8] = b"\\ufffd";

impl Halves {
    /// The JSON of the next event, with no half alone.
    pub(crate) fn mend<'j>(&mut self, json: &'j [u8]) -> Cow<'j, [u8]> {
        if self.first.is_none() && !json.windows(3).any(|three| matches!(three, b"\\ud" | b"\\uD")) {
            return json.into();
        }
        let waiting = mem::take(&mut self.first);
        let mut waits = waiting.is_some();
        let mut mended = Vec::with_capacity(json.len() + ESCAPE_LEN);
        let mut at = 0;
        while at < json.len() {
            let rest = &json[at..];
            let len = match (rest[0], half(rest)) {
                (b'\\', None) => 2.min(rest.len()),
                (_, None) => 1,
                (_, Some(Half::First)) if half(&rest[ESCAPE_LEN..]) == Some(Half::Second) => 2 * ESCAPE_LEN,
                (_, Some(Half::First)) if rest.get(ESCAPE_LEN) == Some(&b'"') => {
                    self.is_lost |= self.first.is_some();
                    self.first = rest[..ESCAPE_LEN].try_into().ok();
                    at += ESCAPE_LEN;
                    continue;
                }
                (_, Some(Half::Second)) if waits && mended.last() == Some(&b'"') => {
                    waits = false;
                    mended.extend(waiting.into_iter().flatten());
                    ESCAPE_LEN
                }
                (_, Some(_)) => {
                    mended.extend(REPLACEMENT);
                    at += ESCAPE_LEN;
                    continue;
                }
            };
            mended.extend(&rest[..len]);
            at += len;
        }
        self.is_lost |= waits;
        mended.into()
    }

    /// What to show before the event that was mended last: U+FFFD for a half that turned out to be alone.
    pub(crate) fn lost(&mut self) -> &'static str {
        if mem::take(&mut self.is_lost) { "\u{fffd}" } else { "" }
    }

    /// The same at the end, when nothing more comes.
    pub(crate) fn lost_at_the_end(&mut self) -> &'static str {
        self.is_lost |= mem::take(&mut self.first).is_some();
        self.lost()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    First,
    Second,
}

/// Which half the escape is with which `json` begins.
fn half(json: &[u8]) -> Option<Half> {
    let digits = json.strip_prefix(b"\\u")?.get(..4)?;
    let code = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    match code {
        0xd800..0xdc00 => Some(Half::First),
        0xdc00..0xe000 => Some(Half::Second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(deltas: &[&str]) -> String {
        let mut halves = Halves::default();
        let mut text = String::new();
        for json in deltas {
            let mended: String = serde_json::from_slice(&halves.mend(json.as_bytes())).unwrap();
            text = text + halves.lost() + &mended;
        }
        text + halves.lost_at_the_end()
    }

    #[test]
    fn halves_of_two_deltas_are_joined() {
        assert_eq!(texts(&[r#""a\ud83d""#, r#""\ude00b""#]), "a😀b");
        assert_eq!(texts(&[r#""\ud83d\ude00""#, r#""x""#]), "😀x");
    }

    #[test]
    fn a_half_alone_is_replaced() {
        assert_eq!(texts(&[r#""a\ud83db""#]), "a\u{fffd}b");
        assert_eq!(texts(&[r#""a\ude00""#]), "a\u{fffd}");
        assert_eq!(texts(&[r#""a\ud83d""#, r#""b""#, r#""c""#]), "a\u{fffd}bc");
        assert_eq!(texts(&[r#""a\ud83d""#]), "a\u{fffd}");
        assert_eq!(texts(&[r#""\ud83d\ud83d\ude00""#]), "\u{fffd}😀");
    }

    #[test]
    fn what_only_looks_like_a_half_stays() {
        assert_eq!(texts(&[r#""\\ud83d""#]), r"\ud83d");
        assert_eq!(texts(&[r#""\u00e9\"\ud7ff""#]), "é\"\u{d7ff}");
    }
}
