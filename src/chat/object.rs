//! Reads JSON objects. A value of an unexpected type is never an error: it counts as missing.

use super::{
    json::{Json, NotJson, Value},
    json_str,
};

/// A type that a JSON object can be read into.
pub(super) trait Object<'a>: Default {
    /// Takes the value of the member `name` from `json`, whether it is used or not.
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson>;
}

/// Reads all of `json`: an object, or `null`, which counts as an empty object.
pub(super) fn whole<'a, T: Object<'a>>(json: &'a str) -> Result<T, serde_json::Error> {
    let mut object = T::default();
    match whole_into(&mut object, json) {
        Ok(true) => Ok(object),
        Ok(false) => Err(serde::de::Error::custom("expected an object")),
        Err(NotJson) => Err(syntax_error(json)),
    }
}

fn whole_into<'a, T: Object<'a>>(object: &mut T, json: &'a str) -> Result<bool, NotJson> {
    let mut json = Json::new(json);
    let is_null = json.peek() == Some(b'n');
    let is_object = object_into(object, &mut json)?;
    json.end()?;
    Ok(is_object || is_null)
}

/// What is wrong with `json`, which was rejected, and where.
#[cold]
fn syntax_error(json: &str) -> serde_json::Error {
    match serde_json::from_str::<serde::de::IgnoredAny>(json) {
        Err(error) => error,
        Ok(_) => serde::de::Error::custom("it is nested too deep"),
    }
}

/// Takes the next value, if it is an object; any other is skipped.
pub(super) fn object<'a, T: Object<'a>>(json: &mut Json<'a>) -> Result<Option<T>, NotJson> {
    let mut object = T::default();
    Ok(object_into(&mut object, json)?.then_some(object))
}

/// Like [`object`], but reads it in place, so that large objects are not moved. Returns whether it was an object.
pub(super) fn object_into<'a, T: Object<'a>>(object: &mut T, json: &mut Json<'a>) -> Result<bool, NotJson> {
    let is_object = json.peek() == Some(b'{');
    if is_object {
        members(json, |name, json| object.member(name, json))?;
    } else {
        json.skip()?;
    }
    Ok(is_object)
}

/// Takes the next value, an object: `member` takes the value of each member.
pub(super) fn members<'a>(
    json: &mut Json<'a>,
    mut member: impl FnMut(&[u8], &mut Json<'a>) -> Result<(), NotJson>,
) -> Result<(), NotJson> {
    json.expect(b'{')?;
    if json.take(b'}') {
        return Ok(());
    }
    loop {
        let (name, is_escaped) = json.name()?;
        if is_escaped {
            member(json_str::text(name).as_bytes(), json)?;
        } else {
            member(name, json)?;
        }
        if !json.take(b',') {
            return json.expect(b'}');
        }
    }
}

/// Takes the next value: `element` takes each element of an array, or the value itself if it is not an array.
pub(super) fn elements<'a>(
    json: &mut Json<'a>,
    mut element: impl FnMut(&mut Json<'a>) -> Result<(), NotJson>,
) -> Result<(), NotJson> {
    if !json.take(b'[') {
        return element(json);
    }
    if json.take(b']') {
        return Ok(());
    }
    loop {
        element(json)?;
        if !json.take(b',') {
            return json.expect(b']');
        }
    }
}

/// Takes the next value: the objects of a list, or one object.
pub(super) fn list<'a, T: Object<'a>>(json: &mut Json<'a>, mut add: impl FnMut(T)) -> Result<(), NotJson> {
    elements(json, |json| {
        if let Some(element) = object(json)? {
            add(element);
        }
        Ok(())
    })
}

/// Takes the next value as a count: an integer, a float, or a string of one.
pub(super) fn count(json: &mut Json<'_>) -> Result<Option<u64>, NotJson> {
    let digits = match json.value()? {
        Value::Number(number) => number,
        Value::Text(text) => text.inside.trim_ascii(),
        Value::Word | Value::Nested(_) => return Ok(None),
    };
    Ok(digits.parse().ok().or_else(|| whole_part(digits)))
}

/// The count of a float. `nan` gives none, and the conversion saturates.
#[cold]
fn whole_part(digits: &str) -> Option<u64> {
    let count: f64 = digits.parse().ok()?;
    (count.is_finite() && count >= 0.0).then_some(count as u64)
}

/// Like [`count`], for an index.
pub(super) fn index(json: &mut Json<'_>) -> Result<Option<u32>, NotJson> {
    Ok(count(json)?.and_then(|index| index.try_into().ok()))
}
