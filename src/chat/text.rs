//! Text that may begin or end within a character.
//!
//! Some servers split text by UTF-16 units: they send one half of a surrogate pair at the end of a delta, and the other half at
//! the start of the next. Each half alone is read as U+FFFD. The halves are remembered, so that they can be joined.

use alloc::{
    borrow::Cow,
    string::{String, ToString},
};
use core::{fmt, ops::Deref};

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{
    json::{Json, NotJson, Quoted, Value},
    json_str,
    object::{self, Object},
};

/// Text of an answer, or a piece of it. Use it as a `str`.
///
/// It borrows from the event unless it contains escapes. Half a surrogate pair is read as U+FFFD. A half at the start or the end
/// is remembered, and the [`Accumulator`](super::Accumulator) joins it with its other half.
///
/// ```
/// use std::borrow::Cow;
///
/// use llm_response::Data;
///
/// let content = |json: &'static str| Data::new(b"", b"", json.as_bytes()).chunk().unwrap().choices[0].delta.content.clone().unwrap();
/// assert!(matches!(content(r#"{"choices":[{"delta":{"content":"hi"}}]}"#).into_cow(), Cow::Borrowed("hi")));
/// assert_eq!(content(r#"{"choices":[{"delta":{"content":"hi\n"}}]}"#), "hi\n");
/// assert_eq!(content(r#"{"choices":[{"delta":{"content":"hi \ud83d"}}]}"#), "hi \u{fffd}");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text<'a> {
    text: Cow<'a, str>,
    /// If `text` begins with the second half of a surrogate pair, as U+FFFD: that half; otherwise 0.
    head: u16,
    /// If `text` ends with the first half of a surrogate pair, as U+FFFD: that half; otherwise 0.
    tail: u16,
}

impl<'a> Text<'a> {
    /// The text as a string.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text as a string, which still borrows if possible.
    pub fn into_cow(self) -> Cow<'a, str> {
        self.text
    }

    /// Converts the text into one that owns its bytes.
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

    /// Takes the next value as text: a string, a list of parts (strings, or objects with a `text`), or one such part. A number is
    /// read as text.
    pub(super) fn content(json: &mut Json<'a>) -> Result<Option<Self>, NotJson> {
        match json.peek() {
            Some(b'[' | b'{') => {}
            _ => return Self::leaf(json),
        }
        let mut all: Option<Self> = None;
        object::elements(json, |json| {
            let part = match json.peek() {
                Some(b'{') => object::object::<Part<'a>>(json)?.and_then(|part| part.0),
                _ => Self::leaf(json)?,
            };
            match (&mut all, part) {
                (Some(all), Some(part)) => all.push(&part),
                (None, part) => all = part,
                (Some(_), None) => {}
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// Takes the next value: the text of a string or a number; `None` for any other value.
    #[inline]
    pub(super) fn leaf(json: &mut Json<'a>) -> Result<Option<Self>, NotJson> {
        json.value().map(Self::from_leaf)
    }

    /// The text of a string or a number.
    pub(super) fn from_leaf(value: Value<'a>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(Self::from_quoted(text)),
            Value::Number(digits) => Some(Self::from(digits)),
            Value::Word | Value::Nested(_) => None,
        }
    }

    fn from_quoted(quoted: Quoted<'a>) -> Self {
        let (head, tail) = if quoted.is_escaped {
            json_str::halves(quoted.inside.as_bytes())
        } else {
            (0, 0)
        };
        Self {
            text: quoted.text(),
            head,
            tail,
        }
    }
}

/// Takes the next value: a string or a number as text; `None` if it is empty or anything else.
#[inline]
pub(super) fn word<'a>(json: &mut Json<'a>) -> Result<Option<Cow<'a, str>>, NotJson> {
    Ok(match json.value()? {
        Value::Text(Quoted { inside: "", .. }) | Value::Word | Value::Nested(_) => None,
        Value::Text(text) => Some(text.text()),
        Value::Number(digits) => Some(Cow::Borrowed(digits)),
    })
}

/// Converts the text into one that owns its bytes.
pub(super) fn owned(text: Option<Cow<'_, str>>) -> Option<Cow<'static, str>> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

/// Sets a value that the server sends once or in every chunk: the first one counts.
pub(super) fn set(place: &mut Option<Cow<'static, str>>, text: Option<&str>) {
    if let (None, Some(text)) = (&place, text) {
        *place = Some(Cow::Owned(String::from(text)));
    }
}

/// How many bytes [`set`] adds.
pub(super) fn len_to_set(place: &Option<Cow<'static, str>>, text: &Option<Cow<'_, str>>) -> usize {
    match (place, text) {
        (None, Some(text)) => text.len(),
        _ => 0,
    }
}

/// A part of a message, if its content is a list.
#[derive(Default)]
struct Part<'a>(Option<Text<'a>>);

impl<'a> Object<'a> for Part<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        if name == b"text" {
            if let Value::Text(text) = json.value()? {
                self.0 = Some(Text::from_quoted(text));
            }
            return Ok(());
        }
        json.skip()
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

/// JSON that is kept unchanged.
///
/// The only exception: half a surrogate pair becomes an escaped U+FFFD, so that every JSON reader accepts it.
///
/// ```
/// use llm_response::Data;
///
/// let data = Data::new(b"", b"", br#"{"choices":[{"logprobs":{"content":[{"token":"hi","logprob":-0.5}]}}]}"#);
/// let chunk = data.chunk().unwrap();
/// let logprobs: serde_json::Value = serde_json::from_str(chunk.choices[0].logprobs.as_ref().unwrap().as_str())?;
/// assert_eq!(logprobs["content"][0]["logprob"], -0.5);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw<'a>(Cow<'a, str>);

impl<'a> Raw<'a> {
    /// The JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Converts the JSON into one that owns its bytes.
    pub fn into_owned(self) -> Raw<'static> {
        Raw(Cow::Owned(self.0.into_owned()))
    }

    /// `json`, which is valid.
    pub(super) fn from_string(json: String) -> Self {
        Self(Cow::Owned(json))
    }

    /// Takes the next value unchanged; `null` is `None`.
    pub(super) fn read(json: &mut Json<'a>) -> Result<Option<Self>, NotJson> {
        let raw = json.raw()?;
        Ok((raw != "null").then(|| Self(json_str::without_halves(raw))))
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
