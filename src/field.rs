//! What one line of an event stream says (R4, R5; the HTML standard, section 9.2.6).
//!
//! Lines come here without their ends. A whole line is read with [`read`]; the beginning of a line that a chunk's end
//! cut goes through [`begin`] until enough has come to tell where its value goes.

/// The fields of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Data,
    Event,
    Id,
    Retry,
}

impl Field {
    const ALL: [(Self, &[u8]); 4] = [
        (Self::Data, b"data"),
        (Self::Event, b"event"),
        (Self::Id, b"id"),
        (Self::Retry, b"retry"),
    ];
}

/// A whole line that is not blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    Comment(&'a [u8]),
    Field(Field, &'a [u8]),
    Unknown,
}

/// The beginning of a line that is no comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// Too short to tell.
    Undecided,
    /// A field, and where its value begins.
    Field(Field, usize),
    Unknown,
}

/// So many bytes of a line are never [`Beginning::Undecided`].
pub(crate) const DECIDED: usize = b"retry:".len() + 1;

/// What a whole line says.
#[inline(always)]
pub(crate) fn read(line: &[u8]) -> Line<'_> {
    let (field, rest) = match line {
        [b'd', b'a', b't', b'a', rest @ ..] => (Field::Data, rest),
        [b':', text @ ..] => return Line::Comment(without_space(text)),
        [b'e', b'v', b'e', b'n', b't', rest @ ..] => (Field::Event, rest),
        [b'i', b'd', rest @ ..] => (Field::Id, rest),
        [b'r', b'e', b't', b'r', b'y', rest @ ..] => (Field::Retry, rest),
        _ => return Line::Unknown,
    };
    match rest {
        [b':', value @ ..] => Line::Field(field, without_space(value)),
        [] => Line::Field(field, rest),
        _ => Line::Unknown,
    }
}

/// What a line that begins with `partial` can still be.
pub(crate) fn begin(partial: &[u8]) -> Beginning {
    for (field, name) in Field::ALL {
        if name.starts_with(partial) {
            return Beginning::Undecided;
        }
        match partial.strip_prefix(name) {
            Some([b':']) => return Beginning::Undecided,
            Some([b':', b' ', ..]) => return Beginning::Field(field, name.len() + 2),
            Some([b':', ..]) => return Beginning::Field(field, name.len() + 1),
            _ => {}
        }
    }
    Beginning::Unknown
}

/// Less one leading space.
#[inline]
pub(crate) fn without_space(value: &[u8]) -> &[u8] {
    match value {
        [b' ', rest @ ..] => rest,
        _ => value,
    }
}

/// The value of `retry` in milliseconds: ASCII digits and nothing else, saturating.
pub(crate) fn milliseconds(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        Some(sum.saturating_mul(10).saturating_add(digit))
    })
}
