//! The search for a line's end.

use memchr::memchr2;

use crate::masks;

/// Up to so many bytes are searched here, which takes less than to call memchr.
const FEW: usize = 64;

/// How many bytes a short line has, most often.
const NEAR: usize = 32;

/// What is known of where the first line of a chunk ends, so that no byte of it is searched twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Search {
    #[default]
    NotYet,
    /// Not in this chunk.
    NoEnd,
    /// After so many bytes.
    End(usize),
}

impl Search {
    #[inline]
    pub(crate) fn of(end: Option<usize>) -> Self {
        end.map_or(Self::NoEnd, Self::End)
    }

    /// Where the first line of `bytes`, which this knows, ends.
    #[inline]
    pub(crate) fn line_end(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::NotYet => short_line_end(bytes),
            Self::NoEnd => None,
            Self::End(len) => Some(len),
        }
    }
}

/// Where the first LF or CR stands, likely far away.
#[inline]
pub(crate) fn line_end(bytes: &[u8]) -> Option<usize> {
    if bytes.len() > FEW {
        memchr2(b'\n', b'\r', bytes)
    } else {
        near_line_end::<32>(bytes)
    }
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
        for len in 0..3 * FEW {
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
