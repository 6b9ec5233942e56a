//! The search for a line's end.

use memchr::memchr2;

use super::masks;

/// So many bytes are searched here, which takes less than to call memchr; then wider vectors gain more than the call costs.
const MANY: usize = 512;

/// How many bytes a short line has, most often.
const NEAR: usize = 32;

/// What is known of where the lines of a chunk end, so that no byte of them is searched twice: before `first` there is no
/// line end; if `then` is greater, there is one at `first`, and no other before `then` but the LF that belongs to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Search {
    first: usize,
    then: usize,
}

impl Search {
    /// Nothing is known.
    pub(crate) const NOTHING: Self = Self::none_before(0);

    /// The first line does not end before this place.
    #[inline(always)]
    pub(crate) const fn none_before(first: usize) -> Self {
        Self { first, then: first }
    }

    /// The first line ends at `first`, and the second not before `then`.
    #[inline(always)]
    pub(crate) const fn ends_at(first: usize, then: usize) -> Self {
        Self { first, then }
    }

    /// Where the first line of `bytes`, of which this is known, ends.
    #[inline]
    pub(crate) fn line_end(self, bytes: &[u8]) -> Option<usize> {
        if self.then > self.first {
            return Some(self.first);
        }
        short_line_end(&bytes[self.first..]).map(|len| self.first + len)
    }
}

/// What is known of where the first line of a chunk ends, in one word: twice a place, and one more if the line ends there. Else it
/// does not end before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FirstEnd(usize);

impl FirstEnd {
    pub(crate) const NOTHING: Self = Self::none_before(0);

    #[inline(always)]
    pub(crate) const fn none_before(len: usize) -> Self {
        Self(len << 1)
    }

    #[inline(always)]
    pub(crate) const fn at(len: usize) -> Self {
        Self(len << 1 | 1)
    }
}

impl FirstEnd {
    /// Where the first line of `bytes`, of which this is known, ends.
    #[inline(always)]
    pub(crate) fn line_end(self, bytes: &[u8]) -> Option<usize> {
        let FirstEnd(word) = self;
        if word & 1 != 0 {
            return Some(word >> 1);
        }
        any_line_end(&bytes[word >> 1..]).map(|len| (word >> 1) + len)
    }
}

/// The length of the line end that `after` begins with: two for CR LF.
#[inline(always)]
pub(crate) fn len(after: &[u8]) -> usize {
    1 + usize::from(matches!(after, [b'\r', b'\n', ..]))
}

/// Where the first LF or CR stands, near or not.
#[inline(never)]
pub(crate) fn any_line_end(bytes: &[u8]) -> Option<usize> {
    likely_line_end(bytes)
}

#[inline(always)]
pub(crate) fn likely_line_end(bytes: &[u8]) -> Option<usize> {
    if bytes.len() < LAST {
        return last_line_end(bytes);
    }
    match in_fewer(bytes) {
        Ok(len) => Some(len),
        Err(searched) => far_line_end(bytes, searched),
    }
}

#[inline(never)]
fn last_line_end(bytes: &[u8]) -> Option<usize> {
    near_line_end::<16>(bytes)
}

#[inline(never)]
fn far_line_end(bytes: &[u8], searched: usize) -> Option<usize> {
    beyond(bytes, searched)
}

impl From<FirstEnd> for Search {
    #[inline(always)]
    fn from(FirstEnd(word): FirstEnd) -> Self {
        let first = word >> 1;
        Self {
            first,
            then: first + (word & 1),
        }
    }
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
        let mut ends = Self {
            bytes,
            mask: 0,
            base: search.first,
            next: search.then,
        };
        if search.then > search.first {
            let has_lf = bytes[search.first..].starts_with(b"\r\n");
            ends.mask = 1 | u64::from(has_lf) << 1;
            ends.next = search.then.max(search.first + 1 + usize::from(has_lf));
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

/// Where the first LF or CR stands, likely far away.
#[inline(always)]
pub(crate) fn line_end(bytes: &[u8]) -> Option<usize> {
    if bytes.len() <= masks::BLOCK {
        near_line_end::<32>(bytes)
    } else {
        any_line_end(bytes)
    }
}

/// How many bytes are looked at together at the end of a long search.
pub(crate) const LAST: usize = 32;

#[inline(always)]
fn block_line_end(block: &[u8; LAST]) -> Option<usize> {
    let ends = masks::line_ends(block);
    (ends != 0).then_some(ends.trailing_zeros() as usize)
}

/// [`line_end`], which calls nothing for a line of the usual length, and so takes more code where it is used.
#[inline(always)]
pub(crate) fn without_call(bytes: &[u8]) -> Option<usize> {
    if bytes.len() < LAST {
        return near_line_end::<16>(bytes);
    }
    match in_many(bytes) {
        Ok(len) => Some(len),
        Err(searched) => beyond(bytes, searched),
    }
}

/// Where the first LF or CR stands among the first few hundred bytes, without a call; else how many bytes have none.
/// There are at least [`LAST`] bytes.
#[inline(always)]
pub(crate) fn in_many(bytes: &[u8]) -> Result<usize, usize> {
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
            return Ok(near.len() - rest.len() + len);
        }
        rest = after;
    }
    if !rest.is_empty() {
        // The last block overlaps the one before, which has no line end.
        if let Some(len) = near.last_chunk().and_then(block_line_end) {
            return Ok(near.len() - LAST + len);
        }
    }
    Err(near.len())
}

/// The same for a line that is likely shorter than 128 bytes: these are compared at once.
#[inline(always)]
pub(crate) fn in_fewer(bytes: &[u8]) -> Result<usize, usize> {
    const FEW: usize = 4 * LAST;
    let Some((few, rest)) = bytes.split_first_chunk::<FEW>() else {
        return in_many(bytes);
    };
    for at in (0..FEW).step_by(LAST) {
        if let Some(len) = few[at..].first_chunk().and_then(block_line_end) {
            return Ok(at + len);
        }
    }
    if rest.len() < LAST {
        return Err(FEW);
    }
    in_many(rest).map(|len| FEW + len).map_err(|searched| FEW + searched)
}

/// Where the first LF or CR stands, behind so many bytes that have none.
#[inline]
pub(crate) fn beyond(bytes: &[u8], searched: usize) -> Option<usize> {
    if bytes.len() == searched {
        return None;
    }
    memchr2(b'\n', b'\r', &bytes[searched..]).map(|len| searched + len)
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
            if let [first, others @ ..] = &naive[..] {
                let is_pair = bytes[*first..].starts_with(b"\r\n");
                let second = others.get(usize::from(is_pair)).copied().unwrap_or(len);
                let start = first + 1;
                let then = start + random((second - start) as u64 + 1) as usize;
                assert_eq!(all(Search::ends_at(*first, then)), naive);
                assert_eq!(Search::ends_at(*first, then).line_end(&bytes), Some(*first));
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
