//! The parts of an error, wherever a provider puts them: raw values, not decoded.
//!
//! An error is an object, or it is wrapped in one: `error`, `errors`, `detail`, `base_resp`, or `error` within `response`.
//! Each object on the way may have parts of the error, and the innermost one has the most exact ones. Names and values are
//! unchanged.

use crate::scan::{
    error_object::{is_something, object},
    members::{first_element, inside, members},
    name::is_error_name,
};

/// How many nested objects are searched: `response`, its `error`, and one that a gateway added.
const LEVELS: usize = 4;

/// The JSON values that are present and not empty: strings with their quotes, and numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorFields<'a> {
    /// A string.
    pub(crate) message: Option<&'a [u8]>,
    /// A string.
    pub(crate) kind: Option<&'a [u8]>,
    /// A string or a number.
    pub(crate) code: Option<&'a [u8]>,
    /// A string.
    pub(crate) param: Option<&'a [u8]>,
    /// An HTTP status of an error: three digits, which may be a string.
    pub(crate) status: Option<&'a [u8]>,
}

/// The error fields of `json`, which reports an error.
pub(super) fn error_fields(json: &[u8]) -> ErrorFields<'_> {
    let mut fields = ErrorFields::default();
    let mut next = Some(json);
    for _ in 0..LEVELS {
        let Some(json) = next else { break };
        let level = Level::new(json);
        fields = level.fields().or(fields);
        next = level.inner.value;
    }
    fields
}

impl<'a> ErrorFields<'a> {
    fn or(self, other: Self) -> Self {
        Self {
            message: self.message.or(other.message),
            kind: self.kind.or(other.kind),
            code: self.code.or(other.code),
            param: self.param.or(other.param),
            status: self.status.or(other.status),
        }
    }
}

/// The error fields of one object, from its own members.
#[derive(Debug, Default)]
struct Level<'a> {
    message: Best<'a>,
    kind: Best<'a>,
    code: Best<'a>,
    param: Best<'a>,
    status: Best<'a>,
    /// An `error` that is a string: the message, or the kind if there is a better message.
    error: Best<'a>,
    /// A nested value that may have more.
    inner: Best<'a>,
}

impl<'a> Level<'a> {
    fn new(json: &'a [u8]) -> Self {
        let mut level = Self::default();
        level.message.offer(0, text(json));
        for (name, value) in members(object(json)) {
            level.note(name, value);
        }
        level
    }

    fn note(&mut self, name: &[u8], value: &'a [u8]) {
        match name {
            b"message" => self.message.offer(1, text(value)),
            b"msg" => self.message.offer(2, text(value)),
            b"error_description" | b"error_message" | b"errorMessage" | b"error_msg" | b"status_msg" => {
                self.message.offer(3, text(value));
            }
            b"detail" => {
                self.message.offer(4, text(value));
                self.inner.offer(2, container(value));
            }
            b"type" => self.kind.offer(0, kind(value)),
            b"code" => {
                self.code.offer(0, code(value));
                self.status.offer(1, http_status(value));
            }
            b"error_code" | b"errorCode" => self.code.offer(1, code(value)),
            b"param" => self.param.offer(0, string(value)),
            b"status" | b"status_code" | b"statusCode" => {
                let status = http_status(value);
                self.status.offer(0, status);
                self.kind.offer(1, canonical_kind(value));
                if name == b"status_code" && status.is_none() {
                    self.code.offer(2, code(value));
                }
            }
            b"error" => {
                self.error.offer(0, text(value));
                self.inner
                    .offer(0, container(value).filter(|value| is_something(value)));
            }
            b"errors" => self.inner.offer(1, container(value)),
            b"base_resp" => self.inner.offer(3, container(value)),
            b"response" => self.inner.offer(4, container(value)),
            _ => {}
        }
    }

    fn fields(&self) -> ErrorFields<'a> {
        let (message, kind) = match (self.message.value, self.error.value) {
            (None, error) => (error, self.kind.value),
            (message, error) => (message, self.kind.value.or(error)),
        };
        ErrorFields {
            message,
            kind,
            code: self.code.value,
            param: self.param.value,
            status: self.status.value,
        }
    }
}

/// The value with the best name so far. Of equal names, the first counts.
#[derive(Debug, Default)]
struct Best<'a> {
    rank: u8,
    value: Option<&'a [u8]>,
}

impl<'a> Best<'a> {
    /// `value`, whose name has this `rank`: 0 is best.
    fn offer(&mut self, rank: u8, value: Option<&'a [u8]>) {
        if value.is_some() && (self.value.is_none() || rank < self.rank) {
            *self = Self { rank, value };
        }
    }
}

/// `value`, if it is a string that is not empty.
fn string(value: &[u8]) -> Option<&[u8]> {
    inside(value).filter(|text| !text.is_empty()).map(|_| value)
}

/// `value`, if it is such a string, or the first of a list of them.
fn text(value: &[u8]) -> Option<&[u8]> {
    string(first_element(value).unwrap_or(value))
}

/// A string that says more than just that this is an error.
fn kind(value: &[u8]) -> Option<&[u8]> {
    string(value).filter(|value| !inside(value).is_some_and(is_error_name))
}

/// The name of a code, as Google writes it: `RESOURCE_EXHAUSTED`.
fn canonical_kind(value: &[u8]) -> Option<&[u8]> {
    let is_canonical = |text: &[u8]| text.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    string(value).filter(|value| inside(value).is_some_and(is_canonical))
}

/// A string, or a number that is not 0.
fn code(value: &[u8]) -> Option<&[u8]> {
    match value {
        b"0" => None,
        [b'0'..=b'9' | b'-', ..] => Some(value),
        _ => string(value),
    }
}

fn http_status(value: &[u8]) -> Option<&[u8]> {
    let digits = inside(value).unwrap_or(value);
    let is_status = matches!(digits, [b'4' | b'5', b'0'..=b'9', b'0'..=b'9']);
    is_status.then_some(value)
}

fn container(value: &[u8]) -> Option<&[u8]> {
    matches!(value, [b'{' | b'[', ..]).then_some(value)
}
