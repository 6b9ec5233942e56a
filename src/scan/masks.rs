//! Where certain bytes stand among the next few: bit `i` of a mask is about byte `i`.
//!
//! `wide` compares 16 bytes at once with the vector instructions that every machine of the target has, and this crate
//! needs no `unsafe` for it. Where the target has none, loops give the same bits.

use wide::u8x16;

use super::bytewise;

/// Where `wide` has instructions for what is done here.
pub(crate) const HAS_VECTORS: bool = cfg!(any(
    target_feature = "sse2",
    all(target_arch = "aarch64", target_feature = "neon"),
    target_feature = "simd128"
));

/// How many bytes a [`Block`] has.
pub(crate) const BLOCK: usize = 64;

const ROW: usize = 16;

/// A block of JSON, to be asked for its structure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block([u8x16; BLOCK / ROW]);

impl Block {
    #[inline(always)]
    pub(crate) fn new(bytes: &[u8; BLOCK]) -> Self {
        Self([row(bytes, 0), row(bytes, 16), row(bytes, 32), row(bytes, 48)])
    }

    #[inline(always)]
    pub(crate) fn quotes(self) -> u64 {
        self.mask(b'"')
    }

    #[inline(always)]
    pub(crate) fn backslashes(self) -> u64 {
        self.mask(b'\\')
    }

    /// `[` and `{`, then `]` and `}`: within each pair, one bit differs.
    #[inline(always)]
    pub(crate) fn brackets(self) -> (u64, u64) {
        if !HAS_VECTORS {
            let bit = b'[' ^ b'{';
            return (
                self.bytewise(|byte| byte | bit == b'{'),
                self.bytewise(|byte| byte | bit == b'}'),
            );
        }
        let bit = u8x16::splat(b'[' ^ b'{');
        let [a, b, c, d] = self.0;
        let either = Self([a | bit, b | bit, c | bit, d | bit]);
        (either.mask(b'{'), either.mask(b'}'))
    }

    #[inline(always)]
    fn mask(self, byte: u8) -> u64 {
        if !HAS_VECTORS {
            return self.bytewise(|other| other == byte);
        }
        let [a, b, c, d] = self.0;
        bits(equal(a, byte)) | bits(equal(b, byte)) << 16 | bits(equal(c, byte)) << 32 | bits(equal(d, byte)) << 48
    }

    fn bytewise(self, is_wanted: impl Fn(u8) -> bool) -> u64 {
        bytewise::mask(self.0.map(u8x16::to_array).as_flattened(), is_wanted)
    }
}

/// Where the line feeds and carriage returns are in 16, 32 or 64 bytes.
#[inline(always)]
pub(crate) fn line_ends<const LEN: usize>(bytes: &[u8; LEN]) -> u64 {
    const { assert!(matches!(LEN, 16 | 32 | BLOCK)) };
    if !HAS_VECTORS {
        return bytewise::mask(bytes, |byte| byte == b'\n' || byte == b'\r');
    }
    let mut ends = 0;
    for at in (0..LEN / ROW).map(|i| i * ROW) {
        let row = row(bytes, at);
        ends |= bits(equal(row, b'\n') | equal(row, b'\r')) << at;
    }
    ends
}

/// Where a quote stands behind two bytes of which the second is near the first: bit `i` is about byte `i + 2`.
///
/// Near is up to three above or below it, or twelve below. Why those, says `error_hint`.
#[inline(always)]
pub(crate) fn quotes_behind_near_bytes(bytes: &[u8; BLOCK + 2]) -> u64 {
    if !HAS_VECTORS {
        return bytewise::quotes_behind_near_bytes(bytes);
    }
    const ROWS: [usize; 4] = [0, ROW, 2 * ROW, 3 * ROW];
    let quotes = ROWS.map(|at| equal(row(bytes, at + 2), b'"'));
    if bits(quotes[0] | quotes[1] | quotes[2] | quotes[3]) == 0 {
        return 0;
    }
    let mut near_quotes = 0;
    for (at, quotes) in ROWS.into_iter().zip(quotes) {
        let above = row(bytes, at + 1) - row(bytes, at) + u8x16::splat(3);
        let near = above.min(u8x16::splat(6)).cmp_eq(above) | equal(above, 3_u8.wrapping_sub(12));
        near_quotes |= bits(quotes & near) << at;
    }
    near_quotes
}

/// Whether some byte is at most a carriage return, as hardly any byte of a text is that ends no line: one comparison for
/// what [`line_ends`] does in two for each row.
#[inline(always)]
pub(crate) fn has_low<const LEN: usize>(bytes: &[u8; LEN]) -> bool {
    const { assert!(matches!(LEN, 16 | 64 | 128)) };
    if !HAS_VECTORS {
        return bytes.iter().any(|&byte| byte <= b'\r');
    }
    is_low(least(bytes))
}

/// The same of four blocks: the first half, 0 or 1, in which such a byte is.
#[inline(always)]
pub(crate) fn low_half(bytes: &[u8; 4 * BLOCK]) -> Option<usize> {
    const HALF: usize = 2 * BLOCK;
    let (first, last) = (least(bytes.first_chunk::<HALF>()?), least(bytes.last_chunk::<HALF>()?));
    if !is_low(first.min(last)) {
        return None;
    }
    Some(usize::from(!is_low(first)))
}

/// The same of two times 16 or 32 bytes.
#[inline(always)]
pub(crate) fn has_low_of_two<const LEN: usize>(first: &[u8; LEN], last: &[u8; LEN]) -> bool {
    const { assert!(matches!(LEN, 16 | 32)) };
    if !HAS_VECTORS {
        return first.iter().chain(last).any(|&byte| byte <= b'\r');
    }
    is_low(least(first).min(least(last)))
}

/// Of each column of rows, the least byte: by pairs, so that fewer comparisons wait for each other.
#[inline(always)]
fn least<const LEN: usize>(bytes: &[u8; LEN]) -> u8x16 {
    let pair = |at| row(bytes, at).min(row(bytes, at + ROW));
    if LEN == ROW {
        return row(bytes, 0);
    }
    let mut least = pair(0);
    for at in (2 * ROW..LEN).step_by(2 * ROW) {
        least = least.min(pair(at));
    }
    least
}

#[inline(always)]
fn is_low(least: u8x16) -> bool {
    bits(least.min(u8x16::splat(b'\r')).cmp_eq(least)) != 0
}

#[inline(always)]
fn row(bytes: &[u8], at: usize) -> u8x16 {
    // Not by `copy_from_slice`: a build that inlines nothing between crates would call it.
    let row: &[u8; ROW] = bytes[at..at + ROW].first_chunk().expect("as many bytes as a row has");
    u8x16::new(*row)
}

#[inline(always)]
fn equal(row: u8x16, byte: u8) -> u8x16 {
    row.cmp_eq(u8x16::splat(byte))
}

#[inline(always)]
fn bits(row: u8x16) -> u64 {
    row.move_mask() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(bytes: &[u8], wanted: &[u8]) -> u64 {
        let at = |i: usize| u64::from(wanted.contains(&bytes[i])) << i;
        (0..bytes.len()).map(at).sum()
    }

    #[test]
    fn every_pair_of_bytes_before_a_quote() {
        for [first, second] in (0..=u16::MAX).map(u16::to_le_bytes) {
            let above = i16::from(second) - i16::from(first);
            // Bytes go round: 255 is next to 0.
            let is_near = [-12, -3, -2, -1, 0, 1, 2, 3].contains(&(above as i8));
            let at = usize::from(first) % BLOCK;
            let mut bytes = [b' '; BLOCK + 2];
            bytes[at..at + 3].copy_from_slice(&[first, second, b'"']);
            let others = |mask: u64| mask & 1 << at;
            assert_eq!(
                quotes_behind_near_bytes(&bytes),
                bytewise::quotes_behind_near_bytes(&bytes)
            );
            assert_eq!(others(quotes_behind_near_bytes(&bytes)), u64::from(is_near) << at);
            bytes[at + 2] = b'x';
            assert_eq!(others(quotes_behind_near_bytes(&bytes)), 0);
        }
    }

    #[test]
    fn every_byte_at_every_position() {
        for byte in 0..=255 {
            for position in 0..BLOCK {
                for fill in *b"a\"\\[{]}\n\r" {
                    let mut bytes = [fill; BLOCK];
                    bytes[position] = byte;
                    let block = Block::new(&bytes);
                    let quotes = naive(&bytes, b"\"");
                    assert_eq!(block.quotes(), quotes);
                    assert_eq!(block.backslashes(), naive(&bytes, b"\\"));
                    assert_eq!(block.brackets(), (naive(&bytes, b"[{"), naive(&bytes, b"]}")));
                    let (half, quarter) = (bytes.first_chunk::<32>().unwrap(), bytes.first_chunk::<16>().unwrap());
                    assert_eq!(line_ends(half), naive(half, b"\n\r"));
                    assert_eq!(line_ends(quarter), naive(quarter, b"\n\r"));
                    assert_eq!(line_ends(&bytes), naive(&bytes, b"\n\r"));
                    assert_eq!(block.bytewise(|byte| byte == b'"'), quotes);
                    let is_low = |bytes: &[u8]| bytes.iter().any(|&byte| byte <= b'\r');
                    assert_eq!(has_low_of_two(half, &[b'a'; 32]), is_low(half));
                    assert_eq!(has_low_of_two(&[b'a'; 16], quarter), is_low(quarter));
                    let mut two = [fill; 2 * BLOCK];
                    two[position * 2] = byte;
                    assert_eq!(has_low(&two), is_low(&two));
                    assert_eq!(has_low(quarter), is_low(quarter));
                    assert_eq!(has_low(&bytes), is_low(&bytes));
                    let mut four = [fill; 4 * BLOCK];
                    four[position * 4] = byte;
                    let first_low = four.iter().position(|&byte| byte <= b'\r');
                    assert_eq!(low_half(&four), first_low.map(|at| at / (2 * BLOCK)));
                }
            }
        }
    }
}
