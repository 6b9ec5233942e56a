//! Where certain bytes stand among the next few: bit `i` of a mask is about byte `i`.
//!
//! `wide` compares 16 bytes at once with the vector instructions that every machine of the target has, and this crate
//! needs no `unsafe` for it. Where the target has none, code of its own gives the same bits.

use wide::u8x16;

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
        let bit = u8x16::splat(b'[' ^ b'{');
        let [a, b, c, d] = self.0;
        let either = Self([a | bit, b | bit, c | bit, d | bit]);
        (either.mask(b'{'), either.mask(b'}'))
    }

    #[inline] // where there are no vectors, this is long
    fn mask(self, byte: u8) -> u64 {
        let [a, b, c, d] = self.0;
        bits(equal(a, byte)) | bits(equal(b, byte)) << 16 | bits(equal(c, byte)) << 32 | bits(equal(d, byte)) << 48
    }
}

/// Where the line feeds and carriage returns are in 16 or 32 bytes.
#[inline(always)]
pub(crate) fn line_ends<const LEN: usize>(bytes: &[u8; LEN]) -> u64 {
    const { assert!(matches!(LEN, 16 | 32)) };
    let mut ends = 0;
    for at in (0..LEN / ROW).map(|i| i * ROW) {
        let row = row(bytes, at);
        ends |= bits(equal(row, b'\n') | equal(row, b'\r')) << at;
    }
    ends
}

#[inline(always)]
fn row(bytes: &[u8], at: usize) -> u8x16 {
    let mut row = [0; ROW];
    row.copy_from_slice(&bytes[at..at + ROW]);
    u8x16::new(row)
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
                }
            }
        }
    }
}
