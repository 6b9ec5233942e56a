//! What [`masks`](super::masks) does, for targets without vectors: byte by byte, which takes less code and less time there
//! than emulated vectors.

/// Bit `i` says whether byte `i`, of 64 at most, is wanted.
#[inline(never)] // small and asked for in many places
pub(super) fn mask(bytes: &[u8], is_wanted: impl Fn(u8) -> bool) -> u64 {
    let bit = |&byte| u64::from(is_wanted(byte));
    bytes.iter().rev().fold(0, |mask, byte| mask << 1 | bit(byte))
}

/// [`masks::quotes_behind_near_bytes`](super::masks::quotes_behind_near_bytes), for a piece of any length.
pub(super) fn quotes_behind_near_bytes(bytes: &[u8]) -> u64 {
    bytes.windows(3).rev().fold(0, |mask, window| {
        let is_wanted = match *window {
            [first, second, b'"'] => matches!(second.wrapping_sub(first) as i8, -3..=3 | -12),
            _ => false,
        };
        mask << 1 | u64::from(is_wanted)
    })
}
