//! The search for a line's end.

use memchr::memchr2;

use super::masks;

/// So many bytes are searched here, which takes less than to call memchr; then wider vectors gain more than the call costs.
const MANY: usize = 512;

/// How many bytes a short line has, most often.
const NEAR: usize = 32;

/// What is known of where the first lines of a chunk end, so that no byte of them is searched twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Search {
    #[default]
    NotYet,
    /// The first does not end in this chunk.
    NoEnd,
    /// The first ends after so many bytes.
    End(usize),
    /// The same, and then the second ends so many bytes after its start.
    Ends(usize, usize),
    /// The first ends after so many bytes, and the second does not in this chunk.
    EndNoEnd(usize),
}

impl Search {
    #[inline]
    pub(crate) fn of(end: Option<usize>) -> Self {
        end.map_or(Self::NoEnd, Self::End)
    }

    /// Where the first line of `bytes`, of which this is known, ends. What stays is known of the next line.
    #[inline]
    pub(crate) fn line_end(&mut self, bytes: &[u8]) -> Option<usize> {
        match core::mem::take(self) {
            Self::NotYet => short_line_end(bytes),
            Self::NoEnd => None,
            Self::End(len) => Some(len),
            Self::Ends(len, next) => {
                *self = Self::End(next);
                Some(len)
            }
            Self::EndNoEnd(len) => {
                *self = Self::NoEnd;
                Some(len)
            }
        }
    }
}

/// Where the first LF or CR stands, likely far away.
#[inline(always)]
pub(crate) fn line_end(bytes: &[u8]) -> Option<usize> {
    if bytes.len() <= masks::BLOCK {
        near_line_end::<32>(bytes)
    } else {
        far_line_end(bytes)
    }
}

/// How many bytes are looked at together at the end of a long search.
const LAST: usize = 32;

#[inline(always)]
fn block_line_end(block: &[u8; LAST]) -> Option<usize> {
    let ends = masks::line_ends(block);
    (ends != 0).then_some(ends.trailing_zeros() as usize)
}

#[inline(never)]
fn far_line_end(bytes: &[u8]) -> Option<usize> {
    let near = &bytes[..bytes.len().min(MANY)];
    let mut rest = near;
    while let Some((block, after)) = rest.split_first_chunk::<{ 2 * masks::BLOCK }>() {
        if masks::has_low(block) {
            break;
        }
        rest = after;
    }
    while let Some((block, after)) = rest.split_first_chunk() {
        if let Some(len) = block_line_end(block) {
            return Some(near.len() - rest.len() + len);
        }
        rest = after;
    }
    if !rest.is_empty() {
        // The last block overlaps the one before, which has no line end.
        if let Some(len) = near.last_chunk().and_then(block_line_end) {
            return Some(near.len() - LAST + len);
        }
    }
    if bytes.len() == near.len() {
        return None;
    }
    memchr2(b'\n', b'\r', &bytes[near.len()..]).map(|len| near.len() + len)
}

/// Where the first LF or CR stands, likely among the first bytes.
#[inline]
pub(crate) fn short_line_end(bytes: &[u8]) -> Option<usize> {
    match bytes.split_at_checked(NEAR) {
        None => near_line_end::<16>(bytes),
        Some((near, far)) => near_line_end::<16>(near).or_else(|| memchr2(b'\n', b'\r', far).map(|len| NEAR + len)),
    }
}

/// Looks at `LEN` bytes together: many where a line is likely longer.
#[inline]
fn near_line_end<const LEN: usize>(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    while let Some((block, after)) = rest.split_first_chunk::<LEN>() {
        let ends = masks::line_ends(block);
        if ends != 0 {
            return Some(bytes.len() - rest.len() + ends.trailing_zeros() as usize);
        }
        rest = after;
    }
    if rest.is_empty() {
        return None;
    }
    match bytes.last_chunk::<LEN>() {
        // The last block overlaps the one before, which has no line end.
        Some(block) => {
            let ends = masks::line_ends(block);
            (ends != 0).then(|| bytes.len() - LEN + ends.trailing_zeros() as usize)
        }
        None if LEN > 16 => near_line_end::<16>(rest),
        None => few_line_end(rest),
    }
}

/// Looks at fewer than 16 bytes: the first eight and the last eight together.
#[inline]
fn few_line_end(bytes: &[u8]) -> Option<usize> {
    let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) else {
        return bytes.iter().position(|&byte| byte == b'\n' || byte == b'\r');
    };
    let mut both = [0; 16];
    both[..8].copy_from_slice(first);
    both[8..].copy_from_slice(last);
    let ends = masks::line_ends(&both);
    match ends.trailing_zeros() as usize {
        _ if ends == 0 => None,
        at if at < 8 => Some(at),
        at => Some(bytes.len() + at - 16),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn every_length_and_position() {
        for len in (0..200).chain(MANY - 70..MANY + 70) {
            let mut bytes = std::vec![b'a'; len];
            assert_eq!((line_end(&bytes), short_line_end(&bytes)), (None, None), "{len}");
            // From the last to the first: behind each, line ends stay.
            for at in (0..len).rev() {
                bytes[at] = if at % 3 == 0 { b'\r' } else { b'\n' };
                assert_eq!(
                    (line_end(&bytes), short_line_end(&bytes)),
                    (Some(at), Some(at)),
                    "{len} {at}"
                );
                let (alone, _) = bytes.split_at(at + 1);
                assert_eq!(
                    (line_end(alone), short_line_end(alone)),
                    (Some(at), Some(at)),
                    "{len} {at}"
                );
            }
        }
    }
}
