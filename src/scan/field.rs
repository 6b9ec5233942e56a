//! What one line of an event stream says (R4, R5; the HTML standard, section 9.2.6).
//!
//! Lines come here without their ends. [`read`] reads a whole line. If the end of a chunk splits a line, [`begin`] decides from
//! its beginning, as soon as that is long enough, where its value is stored.

/// A field that this crate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Data,
    Event,
    Id,
    Retry,
    /// A line of data that names its block `error`: in dialect `Llm` alone.
    Error,
}

impl Field {
    /// In the order in which servers send them most.
    const ALL: [Self; 5] = [Self::Data, Self::Event, Self::Id, Self::Retry, Self::Error];

    pub(crate) const fn name(self) -> &'static [u8] {
        match self {
            Self::Data => b"data",
            Self::Event => b"event",
            Self::Id => b"id",
            Self::Retry => b"retry",
            Self::Error => b"error",
        }
    }

    /// Those of the dialect.
    fn all(is_llm: bool) -> &'static [Self] {
        if is_llm { &Self::ALL } else { &Self::ALL[..4] }
    }
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
    /// Too short to decide.
    Undecided,
    /// A field, and where its value begins.
    Field(Field, usize),
    Unknown,
}

/// How a line of each field begins that servers send most.
pub(crate) const DATA: &[u8; 5] = b"data:";
pub(crate) const DATA_AND_SPACE: &[u8; 6] = b"data: ";
pub(crate) const EVENT: &[u8; 6] = b"event:";
pub(crate) const ID: &[u8; 3] = b"id:";

/// The line by which DeepSeek's API keeps a stream alive.
pub(crate) const COMMENT: &[u8; 13] = b": keep-alive\n";

/// So many bytes of a line are never [`Beginning::Undecided`].
pub(crate) const DECIDED: usize = Field::Retry.name().len() + b": ".len();

/// What a whole line says.
#[inline(always)]
pub(crate) fn read(line: &[u8], is_llm: bool) -> Line<'_> {
    let (field, rest) = match line {
        [b'd', b'a', b't', b'a', rest @ ..] => (Field::Data, rest),
        [b':', text @ ..] => return Line::Comment(without_space(text)),
        [b'e', b'v', b'e', b'n', b't', rest @ ..] => (Field::Event, rest),
        [b'i', b'd', rest @ ..] => (Field::Id, rest),
        [b'r', b'e', b't', b'r', b'y', rest @ ..] => (Field::Retry, rest),
        [b'e', b'r', b'r', b'o', b'r', rest @ ..] if is_llm => (Field::Error, rest),
        _ => return Line::Unknown,
    };
    match rest {
        [b':', value @ ..] => Line::Field(field, without_space(value)),
        [] => Line::Field(field, rest),
        _ => Line::Unknown,
    }
}

/// What a line that begins with `partial` can still be.
#[inline]
pub(crate) fn begin(partial: &[u8], is_llm: bool) -> Beginning {
    // What servers send most, and most of it.
    if let Some([next, ..]) = behind(partial, DATA) {
        return Beginning::Field(Field::Data, DATA.len() + usize::from(*next == b' '));
    }
    begin_any(partial, is_llm)
}

#[inline(never)]
fn begin_any(partial: &[u8], is_llm: bool) -> Beginning {
    for &field in Field::all(is_llm) {
        let name = field.name();
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

/// R5: whether an unknown line is the end mark, written without its `data:`.
#[inline]
pub(crate) fn is_bare_done(line: &[u8]) -> bool {
    let is_blank = |&byte: &u8| byte == b' ' || byte == b'\t';
    match line {
        [b'[' | b' ' | b'\t', ..] => {
            let start = line.iter().position(|byte| !is_blank(byte)).unwrap_or_default();
            let end = line
                .iter()
                .rposition(|byte| !is_blank(byte))
                .map_or(start, |last| last + 1);
            &line[start..end] == b"[DONE]"
        }
        _ => false,
    }
}

/// What is behind `first`, of two to eight bytes, if `bytes` begin with it. Not by `strip_prefix`: a build that inlines
/// nothing between crates would call it, and then compare by another call. Words that overlap are compared with constants.
#[inline(always)]
pub(crate) fn behind<'a, const LEN: usize>(bytes: &'a [u8], first: &[u8; LEN]) -> Option<&'a [u8]> {
    const { assert!(matches!(LEN, 2..=8)) };
    let (beginning, rest) = bytes.split_first_chunk::<LEN>()?;
    let is_same = match (
        beginning.first_chunk(),
        beginning.last_chunk(),
        first.first_chunk(),
        first.last_chunk(),
    ) {
        (Some(start), Some(end), Some(first_start), Some(first_end)) => {
            u32::from_ne_bytes(*start) == u32::from_ne_bytes(*first_start)
                && u32::from_ne_bytes(*end) == u32::from_ne_bytes(*first_end)
        }
        _ => beginning == first,
    };
    is_same.then_some(rest)
}

/// The value of a line of data, which `bytes` begin with.
#[inline(always)]
pub(crate) fn data_value(bytes: &[u8]) -> Option<&[u8]> {
    match behind(bytes, DATA_AND_SPACE) {
        None => behind(bytes, DATA), // and no space
        value => value,
    }
}

/// Whether `bytes` begin with `first`, of 8 to 16 bytes, by two words that overlap: neither by a call, as `starts_with` is in a
/// build that inlines nothing between crates, nor by three words, as arrays are compared.
#[inline(always)]
pub(crate) fn begins_with<const LEN: usize>(bytes: &[u8], first: &[u8; LEN]) -> bool {
    const { assert!(matches!(LEN, 8..=16)) };
    let words = |bytes: &[u8; LEN]| Some((*bytes.first_chunk()?, *bytes.last_chunk()?));
    let differ = |a, b| u64::from_ne_bytes(a) ^ u64::from_ne_bytes(b);
    match (bytes.first_chunk().and_then(words), words(first)) {
        (Some((start, end)), Some((first_start, first_end))) => {
            differ(start, first_start) | differ(end, first_end) == 0
        }
        _ => false,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_compared_to_its_last_byte() {
        let comment = b": keep-alive\n";
        assert!(begins_with(b": keep-alive\n", comment) && begins_with(b": keep-alive\n\n", comment));
        assert!(!begins_with(b"", comment) && !begins_with(b": keep-alive", comment));
        for at in 0..comment.len() {
            let mut other = *comment;
            other[at] ^= 1;
            assert!(!begins_with(&other, comment), "{at}");
        }
    }
}
