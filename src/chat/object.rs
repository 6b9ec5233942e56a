//! Reads JSON objects without ever refusing one for the type of a value: what is not as expected is as if it were missing.
//!
//! Leaves are taken as they are written, since `serde_json` refuses half a surrogate pair in a string. Nested objects and
//! lists are read in place, so that nothing is scanned twice but strings.

use alloc::{borrow::Cow, vec::Vec};
use core::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;

/// Something that a JSON object is read into.
pub(super) trait Object<'a>: Default {
    /// Takes the value of the member `key` from `map`, in any case.
    fn member<A: MapAccess<'a>>(&mut self, key: &[u8], map: &mut A) -> Result<(), A::Error>;
}

/// Reads an object; any other JSON is as if it were an empty one.
pub(super) fn from_str<'a, T: Object<'a>>(json: &'a str) -> serde_json::Result<T> {
    serde_json::from_str::<Reader<T>>(json).map(|reader| reader.0)
}

/// As [`from_str`], but what is neither an object nor `null` is an error.
pub(super) fn whole<'a, T: Object<'a>>(json: &'a str) -> serde_json::Result<T> {
    match serde_json::from_str::<Maybe<T>>(json)? {
        Maybe(Some(object)) => Ok(object),
        Maybe(None) if json.trim_ascii() == "null" => Ok(T::default()),
        Maybe(None) => Err(serde::de::Error::custom("expected an object")),
    }
}

/// Skips the value of a member.
pub(super) fn skip<'a, A: MapAccess<'a>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(|_| ())
}

/// The value of a member, as it is written.
pub(super) fn raw<'a, A: MapAccess<'a>>(map: &mut A) -> Result<&'a str, A::Error> {
    map.next_value::<&'a RawValue>().map(RawValue::get)
}

/// The value of a member, if it is an object.
pub(super) fn object<'a, T: Object<'a>, A: MapAccess<'a>>(map: &mut A) -> Result<Option<T>, A::Error> {
    let Maybe(reader) = map.next_value::<Maybe<T>>()?;
    Ok(reader)
}

/// The objects that the value of a member lists; one object is a list of one.
pub(super) fn list<'a, T: Object<'a>, A: MapAccess<'a>>(map: &mut A) -> Result<Vec<T>, A::Error> {
    map.next_value::<List<T>>().map(|list| list.0)
}

/// A count, whether it is written as an integer, a float, or a string of one.
pub(super) fn count(json: &str) -> Option<u64> {
    let digits = json.trim_matches('"').trim();
    if let Ok(count) = digits.parse() {
        return Some(count);
    }
    let count: f64 = digits.parse().ok()?;
    // What is no number at all, such as `nan`, is no count either. The conversion saturates.
    (count.is_finite() && count >= 0.0).then_some(count as u64)
}

/// As [`count`], for an index.
pub(super) fn index(json: &str) -> Option<u32> {
    count(json).and_then(|index| index.try_into().ok())
}

/// Reads an object, or nothing.
pub(super) struct Reader<T>(pub(super) T);

impl<'de, T: Object<'de>> Deserialize<'de> for Reader<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Maybe::deserialize(deserializer).map(|Maybe(object)| Self(object.unwrap_or_default()))
    }
}

/// An object, or anything else.
struct Maybe<T>(Option<T>);

impl<'de, T: Object<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MaybeVisitor(PhantomData))
    }
}

struct MaybeVisitor<T>(PhantomData<T>);

/// The methods of a visitor for what is skipped.
macro_rules! nothing {
    ($($visit:ident($value:ty)),*) => {
        $(fn $visit<E>(self, _: $value) -> Result<Self::Value, E> {
            Ok(Default::default())
        })*

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }
    };
}

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Object<'de>> Visitor<'de> for MaybeVisitor<T> {
    type Value = Maybe<T>;

    nothing!(
        visit_bool(bool),
        visit_u64(u64),
        visit_i64(i64),
        visit_f64(f64),
        visit_str(&str)
    );

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = T::default();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            object.member(&key.0, &mut map)?;
        }
        Ok(Maybe(Some(object)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Maybe(None))
    }
}

/// A list of objects.
struct List<T>(Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Object<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Object<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    nothing!(
        visit_bool(bool),
        visit_u64(u64),
        visit_i64(i64),
        visit_f64(f64),
        visit_str(&str)
    );

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let Maybe(object) = Maybe::deserialize(MapAccessDeserializer::new(map))?;
        Ok(List(object.into_iter().collect()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut objects = Vec::new();
        while let Some(Maybe(object)) = list.next_element::<Maybe<T>>()? {
            // Room for one: most lists have no more.
            objects.reserve_exact(usize::from(objects.is_empty()));
            objects.extend(object);
        }
        Ok(List(objects))
    }
}

/// The name of a member. It is taken as bytes, since half a surrogate pair may be in it.
struct Key<'a>(Cow<'a, [u8]>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_borrowed_bytes<E>(self, key: &'de [u8]) -> Result<Self::Value, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(key.to_vec())))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(key.as_bytes().to_vec())))
    }
}
