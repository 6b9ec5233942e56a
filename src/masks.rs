//! Where quotes, backslashes and brackets are in a block of 128 bytes, without `unsafe` and so without intrinsics.
//!
//! (Functions with target features, SSE2 included, are safe to call only from functions that name these features, which
//! those that a user calls do not.)
//!
//! The block is seen as 8 rows of 16 bytes. Three rounds of exchanges between rows turn it into 8 *planes*: bit `k` of
//! byte `i` of plane `b` is bit `b` of byte `i` of row `k`. A set of byte values is then a boolean expression in the
//! planes, for all 128 bytes at once. Counted in operations, that is half of comparing each word with each value.
//!
//! The price is that the bits of a [`Mask`] stand in columns: position `16 k + i` is bit `k` of byte `i`. Shifts and
//! prefix sums follow the positions all the same; [`Mask::in_order`] puts the bits in rows where they must be visited.

use core::ops::{BitAnd, BitOr, Not};

/// How many bytes a [`Mask`] speaks of.
pub(crate) const BLOCK: usize = 128;

/// One bit for each position of a block, in columns: of the 16 bytes of a row, each half has a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mask([u64; 2]);

/// The bytes of a block that make the structure of JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Masks {
    pub(crate) quotes: Mask,
    pub(crate) backslashes: Mask,
    /// `[` and `{`
    pub(crate) opening: Mask,
    /// `]` and `}`
    pub(crate) closing: Mask,
}

/// 1 in every byte.
const ONES: u64 = u64::MAX / 255;

impl Masks {
    pub(crate) fn of(block: &[u8; BLOCK]) -> Self {
        let mut planes = [[0; 2]; 8];
        transpose(&mut planes, block);
        let mut masks = Self::default();
        masks.set_from(&planes);
        masks
    }

    #[inline(never)] // as `transpose`
    #[expect(clippy::needless_range_loop, reason = "a map over planes does not become vectors")]
    fn set_from(&mut self, planes: &[[u64; 2]; 8]) {
        for half in 0..2 {
            let bit = |b: usize| planes[b][half];
            // 0x5B [, 0x5C \, 0x5D ], 0x7B {, 0x7D }
            let high = !bit(7) & bit(6) & bit(4) & bit(3);
            let brackets = high & bit(0) & (bit(1) ^ bit(2));
            self.opening.0[half] = brackets & bit(1);
            self.closing.0[half] = brackets & bit(2);
            self.backslashes.0[half] = high & !bit(5) & bit(2) & !(bit(1) | bit(0));
            // 0x22
            let zeros = bit(7) | bit(6) | bit(4) | bit(3) | bit(2) | bit(0);
            self.quotes.0[half] = !zeros & bit(5) & bit(1);
        }
    }
}

/// Rows and bits change places: in groups of four, of two, then one by one.
///
/// Written out and not inlined: with loops, or with results by value, the compiler makes vectors of less of this.
#[inline(never)]
fn transpose(planes: &mut [[u64; 2]; 8], block: &[u8; BLOCK]) {
    let row = |k: usize| [word(block, 16 * k), word(block, 16 * k + 8)];
    *planes = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
    let [a, b, c, d, e, f, g, h] = planes;
    exchange::<4>(a, e, ONES * 0x0f);
    exchange::<4>(b, f, ONES * 0x0f);
    exchange::<4>(c, g, ONES * 0x0f);
    exchange::<4>(d, h, ONES * 0x0f);
    exchange::<2>(a, c, ONES * 0x33);
    exchange::<2>(b, d, ONES * 0x33);
    exchange::<2>(e, g, ONES * 0x33);
    exchange::<2>(f, h, ONES * 0x33);
    exchange::<1>(a, b, ONES * 0x55);
    exchange::<1>(c, d, ONES * 0x55);
    exchange::<1>(e, f, ONES * 0x55);
    exchange::<1>(g, h, ONES * 0x55);
}

#[inline(always)]
fn word(block: &[u8; BLOCK], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&block[at..at + 8]);
    u64::from_le_bytes(word)
}

/// Exchanges the high bits of one row with the low bits of another, in groups of `N` bits.
#[inline(always)]
fn exchange<const N: usize>(one: &mut [u64; 2], other: &mut [u64; 2], low: u64) {
    let left = (one[0] >> N ^ other[0]) & low;
    let right = (one[1] >> N ^ other[1]) & low;
    *one = [one[0] ^ left << N, one[1] ^ right << N];
    *other = [other[0] ^ left, other[1] ^ right];
}

impl Mask {
    #[inline(always)]
    pub(crate) fn any(self) -> bool {
        self.0[0] | self.0[1] != 0
    }

    #[inline(always)]
    pub(crate) fn count(self) -> usize {
        (self.0[0].count_ones() + self.0[1].count_ones()) as usize
    }

    #[inline(always)]
    pub(crate) fn contains(self, position: usize) -> bool {
        self.0[position / 8 % 2] >> (position % 8 * 8 + position / 16) & 1 != 0
    }

    #[inline(always)]
    pub(crate) fn contains_last(self) -> bool {
        self.0[1] >> 63 != 0
    }

    /// Each bit at the position after its own, and `first` at the first.
    #[inline(always)]
    pub(crate) fn after(self, first: bool) -> Self {
        let [left, right] = self.0;
        Self([
            left << 8 | right >> 55 & 0xfe | u64::from(first),
            right << 8 | left >> 56,
        ])
    }

    /// The positions from the first bit to before the second, from the third to before the fourth, and so on; where
    /// `inside`, from the start to before the first bit, from the second, and so on.
    #[inline(always)]
    pub(crate) fn spans(self, inside: bool) -> Self {
        let [left, right] = self.0.map(|mut word| {
            word ^= word << 8;
            word ^= word << 16;
            word ^ word << 32
        });
        // The last byte of each half has the parity of each of its rows.
        let mut rows = (left ^ right) >> 56;
        rows ^= rows << 1;
        rows ^= rows << 2;
        rows ^= rows << 4;
        let before = (rows << 1 ^ if inside { 0xff } else { 0 }) & 0xff;
        Self([left ^ (before * ONES), right ^ ((before ^ (left >> 56)) * ONES)])
    }

    /// Position `i` as bit `i`.
    pub(crate) fn in_order(self) -> u128 {
        let halves = self.0.map(|mut word| {
            // The exchanges of `planes`, within a word.
            let mut different = (word ^ word >> 7) & 0x00aa_00aa_00aa_00aa;
            word ^= different ^ different << 7;
            different = (word ^ word >> 14) & 0x0000_cccc_0000_cccc;
            word ^= different ^ different << 14;
            different = (word ^ word >> 28) & 0x0000_0000_f0f0_f0f0;
            (word ^ different ^ different << 28).to_le_bytes()
        });
        let mut bytes = [0; 16];
        for k in 0..8 {
            bytes[2 * k] = halves[0][k];
            bytes[2 * k + 1] = halves[1][k];
        }
        u128::from_le_bytes(bytes)
    }
}

impl BitAnd for Mask {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self([self.0[0] & other.0[0], self.0[1] & other.0[1]])
    }
}

impl BitOr for Mask {
    type Output = Self;

    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }
}

impl Not for Mask {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Self(self.0.map(|word| !word))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    /// The mask of the positions where `is` holds, bit by bit as the module says.
    fn naive(is: impl Fn(usize) -> bool) -> Mask {
        let mut mask = Mask::default();
        for position in (0..BLOCK).filter(|&position| is(position)) {
            let (k, i) = (position / 16, position % 16);
            mask.0[i / 8] |= 1 << (8 * (i % 8) + k);
        }
        mask
    }

    fn assert_masks(block: &[u8; BLOCK]) {
        let masks = Masks::of(block);
        assert_eq!(masks.quotes, naive(|i| block[i] == b'"'));
        assert_eq!(masks.backslashes, naive(|i| block[i] == b'\\'));
        assert_eq!(masks.opening, naive(|i| matches!(block[i], b'[' | b'{')));
        assert_eq!(masks.closing, naive(|i| matches!(block[i], b']' | b'}')));
    }

    #[test]
    fn every_byte_at_every_position() {
        for byte in 0..=255 {
            for position in 0..BLOCK {
                let mut block = [b'"' ^ (position % 2 * 3) as u8; BLOCK];
                block[position] = byte;
                assert_masks(&block);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_block(block in vec(prop_oneof![any::<u8>(), select(&b"[]{}\"\\"[..])], BLOCK)) {
            assert_masks(block.as_slice().try_into().unwrap());
        }

        #[test]
        fn operations_follow_the_positions(bits in any::<[bool; BLOCK]>(), first in any::<bool>()) {
            let mask = naive(|i| bits[i]);
            prop_assert_eq!(mask.any(), bits.contains(&true));
            prop_assert_eq!(mask.count(), bits.iter().filter(|&&bit| bit).count());
            prop_assert_eq!(mask.contains_last(), bits[BLOCK - 1]);
            for (i, &bit) in bits.iter().enumerate() {
                prop_assert_eq!(mask.contains(i), bit);
                prop_assert_eq!(mask.in_order() >> i & 1 == 1, bit);
            }
            prop_assert_eq!(mask.after(first), naive(|i| if i == 0 { first } else { bits[i - 1] }));
            let ends = |i: usize| bits[..=i].iter().filter(|&&bit| bit).count();
            prop_assert_eq!(mask.spans(first), naive(|i| (ends(i) % 2 == 1) != first));
        }
    }
}
