//! The search for a line's end.

use memchr::memchr2;

use super::masks;

/// How many bytes a short line has, most often.
const NEAR: usize = 32;

/// What is known of where the first line of a chunk ends, so that no byte of it is searched twice. It is one word: twice a place,
/// and one more if the line ends there; else it does not end before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Search(usize);

impl Search {
    /// Nothing is known.
    pub(crate) const NOTHING: Self = Self::none_before(0);

    /// The line does not end before this place.
    #[inline(always)]
    pub(crate) const fn none_before(place: usize) -> Self {
        Self(place << 1)
    }

    /// The line ends here.
    #[inline(always)]
    pub(crate) const fn ends_at(place: usize) -> Self {
        Self(place << 1 | 1)
    }

    /// Before this place no line ends, and whether one ends there.
    #[inline(always)]
    const fn place(self) -> (usize, bool) {
        (self.0 >> 1, self.0 & 1 != 0)
    }

    /// Where the first line of `bytes`, of which this is known, ends.
    #[inline(always)]
    pub(crate) fn line_end(self, bytes: &[u8]) -> Option<usize> {
        match self.place() {
            (place, true) => Some(place),
            (place, false) => line_end(&bytes[place..]).map(|len| place + len),
        }
    }

    /// The same for a line that is likely short.
    #[inline(always)]
    pub(crate) fn short_line_end(self, bytes: &[u8]) -> Option<usize> {
        if self == Self::NOTHING {
            return short_line_end(bytes);
        }
        self.line_end(bytes)
    }
}

/// How long the line end is that `bytes` begin with: two for CR LF.
#[inline(always)]
pub(crate) fn len(bytes: &[u8]) -> usize {
    1 + usize::from(matches!(bytes, [b'\r', b'\n', ..]))
}

/// All line ends of a chunk, one after another: a mask of 64 bytes serves all lines that end in them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineEnds<'a> {
    bytes: &'a [u8],
    /// Bit `i` is about byte `base + i`: those that were not given yet.
    mask: u64,
    base: usize,
    /// What follows was not looked at yet.
    next: usize,
}

impl<'a> LineEnds<'a> {
    #[inline]
    pub(crate) fn new(bytes: &'a [u8], search: Search) -> Self {
        let (base, is_end) = search.place();
        let mut ends = Self {
            bytes,
            mask: 0,
            base,
            next: base,
        };
        if is_end {
            let len = len(&bytes[base..]);
            ends.mask = (1 << len) - 1;
            ends.next = base + len;
        }
        ends
    }

    /// The place of the next LF or CR.
    #[inline(always)]
    pub(crate) fn next_end(&mut self) -> Option<usize> {
        if self.mask == 0 && !self.look_on() {
            return None;
        }
        let at = self.base + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(at)
    }

    /// Looks at the next bytes that have a line end; whether there are any.
    #[inline(always)]
    fn look_on(&mut self) -> bool {
        while let Some(block) = self.bytes[self.next..].first_chunk() {
            self.base = self.next;
            self.mask = masks::line_ends::<{ masks::BLOCK }>(block);
            self.next += masks::BLOCK;
            if self.mask != 0 {
                return true;
            }
            while let Some(block) = self.bytes[self.next..].first_chunk::<{ 2 * masks::BLOCK }>() {
                if masks::has_low(block) {
                    break;
                }
                self.next += block.len();
            }
        }
        self.base = self.next;
        self.next = self.bytes.len();
        self.mask = last_line_ends(self.bytes, self.base);
        self.mask != 0
    }
}

/// The line ends from `next` on, where fewer bytes follow than a block has.
#[inline(never)]
fn last_line_ends(bytes: &[u8], next: usize) -> u64 {
    let last = &bytes[next..];
    match bytes.last_chunk() {
        _ if last.is_empty() => 0,
        // It overlaps what was looked at before.
        Some(block) => masks::line_ends::<{ masks::BLOCK }>(block) >> (masks::BLOCK - last.len()),
        None => {
            let mut block = [0; masks::BLOCK];
            block[..last.len()].copy_from_slice(last);
            masks::line_ends(&block)
        }
    }
}

/// Where the first LF or CR stands: most lines are shorter than 128 bytes.
#[inline(never)]
pub(crate) fn line_end(bytes: &[u8]) -> Option<usize> {
    inlined_line_end(bytes)
}

/// The same where the call would cost. What is rare is in functions of their own, so that nothing here saves registers.
#[inline(always)]
pub(crate) fn inlined_line_end(bytes: &[u8]) -> Option<usize> {
    if bytes.len() < LAST {
        return last_line_end(bytes);
    }
    short_data_line_end(bytes)
}

/// Where it stands in `bytes`, which come behind so many others.
#[inline(never)]
fn line_end_behind(bytes: &[u8], others: usize) -> Option<usize> {
    let len = if bytes.len() < LAST {
        last_line_end(bytes)
    } else {
        data_line_end(bytes)
    };
    Some(others + len?)
}

#[inline(never)]
fn last_line_end(bytes: &[u8]) -> Option<usize> {
    if !masks::HAS_VECTORS {
        return data_line_end(bytes);
    }
    near_line_end(bytes)
}

/// How many bytes are looked at together in a long search.
const FAR: usize = 2 * masks::BLOCK;

/// How many bytes are looked at together at the end of a long search.
pub(crate) const LAST: usize = 32;

/// Where the first LF or CR stands in these: without a call where there are vectors.
#[inline(always)]
pub(crate) fn block_line_end(block: &[u8; LAST]) -> Option<usize> {
    if !masks::HAS_VECTORS {
        return memchr2(b'\n', b'\r', block);
    }
    let ends = masks::line_ends(block);
    (ends != 0).then_some(ends.trailing_zeros() as usize)
}

/// Where the first LF or CR stands, without a call: most lines of data are some hundred bytes long. There are at least [`LAST`]
/// bytes.
#[inline(always)]
pub(crate) fn data_line_end(bytes: &[u8]) -> Option<usize> {
    if !masks::HAS_VECTORS {
        return memchr2(b'\n', b'\r', bytes);
    }
    let mut rest = bytes;
    'low: {
        if let Some((blocks, after)) = rest.split_first_chunk::<{ 2 * FAR }>() {
            if let Some(half) = masks::low_half(blocks) {
                rest = &rest[half * FAR..];
                break 'low;
            }
            rest = after;
            // Most deltas end here.
            if let Some((block, after)) = rest.split_first_chunk() {
                if let Some(len) = block_line_end(block) {
                    return Some(2 * FAR + len);
                }
                rest = after;
            }
        }
        rest = behind_high(rest);
    }
    loop {
        let near = &rest[..rest.len().min(FAR)];
        let mut left = near;
        while let Some((block, after)) = left.split_first_chunk() {
            if let Some(len) = block_line_end(block) {
                return Some(bytes.len() - rest.len() + (near.len() - left.len()) + len);
            }
            left = after;
        }
        if near.len() < FAR {
            break;
        }
        rest = behind_high(&rest[FAR..]);
    }
    // The last block overlaps the one before, which has no line end. Where nothing is left it has none either: to ask first would
    // take seven instructions for each event, and save fifteen for one in 32.
    let len = bytes.last_chunk().and_then(block_line_end)?;
    Some(bytes.len() - LAST + len)
}

/// What is left behind blocks that have no low byte.
#[inline(always)]
fn behind_high(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some((blocks, after)) = rest.split_first_chunk::<FAR>() {
        if masks::has_low(blocks) {
            break;
        }
        rest = after;
    }
    rest
}

/// The same for a line that is likely shorter than 128 bytes.
#[inline(always)]
pub(crate) fn short_data_line_end(bytes: &[u8]) -> Option<usize> {
    if !masks::HAS_VECTORS {
        return data_line_end(bytes);
    }
    let Some((few, rest)) = bytes.split_first_chunk::<FAR>() else {
        return data_line_end(bytes);
    };
    let (first, last) = (few.first_chunk()?, few.last_chunk()?);
    // Most lines of JSON are longer than these, and one comparison for each row says so.
    if masks::has_low::<{ masks::BLOCK }>(first) {
        if let Some(len) = halves_line_end(first) {
            return Some(len);
        }
    }
    match halves_line_end(last) {
        Some(len) => Some(masks::BLOCK + len),
        None => line_end_behind(rest, FAR),
    }
}

#[inline(always)]
fn halves_line_end(block: &[u8; masks::BLOCK]) -> Option<usize> {
    if let Some(len) = block.first_chunk().and_then(block_line_end) {
        return Some(len);
    }
    let len = block.last_chunk().and_then(block_line_end)?;
    Some(LAST + len)
}

/// Where the first LF or CR stands, likely among the first bytes.
#[inline]
pub(crate) fn short_line_end(bytes: &[u8]) -> Option<usize> {
    if !masks::HAS_VECTORS {
        return data_line_end(bytes);
    }
    match bytes.split_at_checked(NEAR) {
        None => near_line_end(bytes),
        Some((near, far)) => near_line_end(near).or_else(|| line_end_behind(far, NEAR)),
    }
}

/// The same, and not many bytes: looks at 16 together.
#[inline]
pub(crate) fn near_line_end(bytes: &[u8]) -> Option<usize> {
    const LEN: usize = 16;
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
    fn all_ends_of_random_bytes() {
        let mut seed = 7_u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        };
        for round in 0..20_000 {
            let len = random(if round % 50 == 0 { 1500 } else { 300 }) as usize;
            let rare = [2, 5, 40, 300][round % 4];
            let byte = |n: u64| match n {
                0 => b'\n',
                1 => b'\r',
                2 => b'\t',
                _ => b'a',
            };
            let bytes: std::vec::Vec<u8> = (0..len).map(|_| byte(random(rare))).collect();
            let is_end = |&at: &usize| matches!(bytes[at], b'\n' | b'\r');
            let naive: std::vec::Vec<usize> = (0..len).filter(is_end).collect();
            let all = |search| {
                let mut ends = LineEnds::new(&bytes, search);
                core::iter::from_fn(|| ends.next_end()).collect::<std::vec::Vec<usize>>()
            };
            assert_eq!(all(Search::NOTHING), naive);
            let first = naive.first().copied().unwrap_or(len);
            let none_before = random(first as u64 + 1) as usize;
            assert_eq!(all(Search::none_before(none_before)), naive);
            if let [first, ..] = naive[..] {
                assert_eq!(all(Search::ends_at(first)), naive);
                assert_eq!(Search::ends_at(first).line_end(&bytes), Some(first));
            }
            assert_eq!(
                Search::none_before(none_before).line_end(&bytes),
                naive.first().copied()
            );
            assert_eq!(line_end(&bytes), naive.first().copied());
        }
    }

    #[test]
    fn every_length_and_position() {
        for len in (0..200).chain(2 * FAR - 70..4 * FAR + 70) {
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
