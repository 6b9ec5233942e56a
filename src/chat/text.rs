//! Text that may begin or end within a character.
//!
//! Servers that split text by UTF-16 units send one half of a surrogate pair at the end of a delta, the other at the
//! start of the next. Each alone reads as U+FFFD; the halves are remembered, so that they can be joined.

use alloc::{
    borrow::Cow,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, ops::Deref};

use memchr::memchr;
use serde::{Serialize, Serializer, de::MapAccess};
use serde_json::value::RawValue;

use super::{
    json_str,
    object::{self, Object},
};

/// Text of an answer, or a piece of it. It is used as a `str`.
///
/// It borrows from the event unless something in it is escaped. Half a surrogate pair reads as U+FFFD; a half at the
/// start or the end is remembered, and the [`Accumulator`](super::Accumulator) joins it with its other half.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text<'a> {
    text: Cow<'a, str>,
    /// The second half of a surrogate pair that `text` begins with, as U+FFFD; 0 for none.
    head: u16,
    /// The first half of a surrogate pair that `text` ends with, as U+FFFD; 0 for none.
    tail: u16,
}

impl<'a> Text<'a> {
    /// The text as a string.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text as a string that still borrows, where it can.
    pub fn into_cow(self) -> Cow<'a, str> {
        self.text
    }

    /// The same text, which owns its bytes.
    pub fn into_owned(self) -> Text<'static> {
        Text {
            text: Cow::Owned(self.text.into_owned()),
            head: self.head,
            tail: self.tail,
        }
    }

    /// Appends `piece`, and joins the halves of a character that was split between the two.
    pub(crate) fn push(&mut self, piece: &Text<'_>) {
        if piece.is_empty() {
            return;
        }
        if self.is_empty() {
            self.head = piece.head;
        }
        let mut rest = &*piece.text;
        let text = self.text.to_mut();
        if let (0xd800.., 0xdc00..) = (self.tail, piece.head) {
            let pair = char::decode_utf16([self.tail, piece.head]).next();
            if let Some(Ok(character)) = pair {
                text.pop();
                text.push(character);
                rest = rest.strip_prefix(char::REPLACEMENT_CHARACTER).unwrap_or(rest);
            }
        }
        text.push_str(rest);
        self.tail = piece.tail;
    }

    /// The text of a JSON value: a string, a list of parts (strings, or objects with a `text`), or one such part.
    /// A number is given by its digits.
    pub(crate) fn from_json(json: &'a str) -> Option<Self> {
        if !json.starts_with('[') {
            return Self::from_part(json);
        }
        let parts: Vec<&'a RawValue> = serde_json::from_str(json).ok()?;
        let mut parts = parts.into_iter().filter_map(|part| Self::from_part(part.get()));
        let mut all = parts.next()?;
        parts.for_each(|part| all.push(&part));
        Some(all)
    }

    fn from_part(json: &'a str) -> Option<Self> {
        if json.starts_with('{') {
            return object::from_str::<Part<'a>>(json).ok()?.0;
        }
        Self::from_leaf(json)
    }

    /// The text of a string or a number.
    pub(super) fn from_leaf(json: &'a str) -> Option<Self> {
        match json.as_bytes().first()? {
            b'"' => Self::from_string(json),
            b'-' | b'0'..=b'9' => Some(Self::from(json)),
            _ => None,
        }
    }

    /// The text of a JSON string, and nothing else.
    pub(crate) fn from_string(json: &'a str) -> Option<Self> {
        let inside = json.strip_prefix('"')?.strip_suffix('"')?;
        if memchr(b'\\', inside.as_bytes()).is_none() {
            return Some(Self::from(inside));
        }
        let (head, tail) = json_str::halves(inside.as_bytes());
        Some(Self {
            text: json_str::text(inside.as_bytes()),
            head,
            tail,
        })
    }
}

/// A string or a number as text; empty is none.
pub(super) fn word(json: &str) -> Option<Cow<'_, str>> {
    let text = Text::from_leaf(json)?.into_cow();
    (!text.is_empty()).then_some(text)
}

/// A part of a message whose content is a list.
#[derive(Default)]
struct Part<'a>(Option<Text<'a>>);

impl<'a> Object<'a> for Part<'a> {
    fn member<A: MapAccess<'a>>(&mut self, key: &[u8], map: &mut A) -> Result<(), A::Error> {
        if key == b"text" {
            self.0 = Text::from_string(object::raw(map)?);
            return Ok(());
        }
        object::skip(map)
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            head: 0,
            tail: 0,
        }
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self {
            text: Cow::Owned(text),
            head: 0,
            tail: 0,
        }
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// JSON that is kept as it is written.
///
/// Half a surrogate pair within it becomes an escaped U+FFFD, so that every reader can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw<'a>(Cow<'a, str>);

impl<'a> Raw<'a> {
    /// The JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same JSON, which owns its bytes.
    pub fn into_owned(self) -> Raw<'static> {
        Raw(Cow::Owned(self.0.into_owned()))
    }

    /// `json`, which is valid.
    pub(super) fn from_string(json: String) -> Self {
        Self(Cow::Owned(json))
    }

    /// `json`, which is valid but for halves of surrogate pairs. `None` for `null`.
    pub(crate) fn from_json(json: &'a str) -> Option<Self> {
        if json == "null" {
            None
        } else {
            Some(Self(json_str::without_halves(json)))
        }
    }
}

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&RawValue>(&self.0) {
            Ok(raw) => raw.serialize(serializer),
            Err(error) => Err(serde::ser::Error::custom(error.to_string())),
        }
    }
}
