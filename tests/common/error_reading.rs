//! R18 as a deserializer reads it: what `is_error` says of valid JSON. Members that come twice are both kept.
//!
//! Strings are compared after their escapes were undone, and numbers by their value, so a test leaves out JSON in which that
//! makes a difference: see [`is_comparable`].

extern crate std;

use std::{
    boxed::Box,
    fmt::{self, Formatter},
    str,
    string::String,
    vec::Vec,
};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

/// Whether `json` reports an error by R18; `None` where it is not valid JSON.
pub(crate) fn reports_error(json: &[u8]) -> Option<bool> {
    let json: Top = serde_json::from_slice(json).ok()?;
    Some(match json {
        Top::Object(members) => object_reports_error(&members),
        Top::Array(Some(first)) => matches!(*first, Top::Object(members) if object_reports_error(&members)),
        Top::Array(None) | Top::Other => false,
    })
}

/// Whether a deserializer's reading can be compared with a reading of the bytes.
pub(crate) fn is_comparable(json: &[u8]) -> bool {
    let Ok(json) = str::from_utf8(json) else { return false };
    // `\u0065` and `\/` are other ways to write a character, and a long number becomes one with an exponent.
    let has_other_writing = json.contains("\\u") || json.contains("\\/");
    let has_long_number = json
        .split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() > 18);
    // Within `base_resp`, a deserializer keeps one of two.
    !has_other_writing && !has_long_number && json.matches("\"status_code\"").count() < 2
}

fn object_reports_error(members: &[(String, Value)]) -> bool {
    let any = |names: &[&str], is: &dyn Fn(&Value) -> bool| {
        members
            .iter()
            .any(|(name, value)| names.contains(&name.as_str()) && is(value))
    };
    let text = any(&["message", "msg", "detail"], &Value::is_string);
    let code = any(&["code", "status", "status_code", "statusCode"], &|value| {
        value.as_u64().is_some_and(|code| code >= 400)
    }) || any(&["code"], &|value| {
        value.as_str().is_some_and(|code| !code.is_empty() && !is_number(code))
    });
    let answer = ["choices", "candidates", "content", "delta", "output", "data", "result"];

    // a
    any(&["error"], &|value| !is_nothing(value))
        // b
        || any(&["type", "object"], &|value| value.as_str().is_some_and(is_error_name))
        // c
        || any(&["errors"], &|value| match value {
            Value::Array(list) => !list.is_empty(),
            Value::Object(map) => !map.is_empty(),
            _ => false,
        })
        || any(&["success"], &|value| *value == Value::Bool(false))
        // d
        || any(&["error_code"], &is_code)
        || any(&["base_resp"], &|value| value.get("status_code").is_some_and(is_code))
        // e
        || (text && code && !any(&answer, &|_| true))
        // f
        || (!members.is_empty() && members.iter().all(|(name, _)| name == "detail"))
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(bool) => !bool,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

fn is_code(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Number(number) => number.as_u64() != Some(0),
        Value::String(text) => !text.is_empty() && text != "0",
        _ => true,
    }
}

fn is_error_name(name: &str) -> bool {
    let is_error = name == "error" || name.ends_with(".error") || name.ends_with(".failed");
    is_error && (!name.starts_with("response.") || name == "response.error" || name == "response.failed")
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok() && text.contains(|c: char| c.is_ascii_digit())
}

/// A value, of which one level is kept with all that it has.
enum Top {
    Object(Vec<(String, Value)>),
    Array(Option<Box<Top>>),
    Other,
}

impl<'de> Deserialize<'de> for Top {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TopVisitor)
    }
}

struct TopVisitor;

impl<'de> Visitor<'de> for TopVisitor {
    type Value = Top;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Top::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Top, A::Error> {
        let first = seq.next_element()?.map(Box::new);
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Top::Array(first))
    }

    fn visit_unit<E>(self) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Top, E> {
        Ok(Top::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Top, E> {
        Ok(Top::Other)
    }
}
