//! The marks in a log: names and ids of the open block, which lie among its data until the block ends.

use core::ops::Range;

use memchr::memchr;

use crate::{
    scan::line_end::short_line_end,
    state::{Block, BlockFlags, Part},
};

pub(super) const MARK: u8 = b'\r';
pub(super) const EVENT: u8 = b'e';
pub(super) const ID: u8 = b'i';

/// A block's fields, by their places in the store.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(super) event: Option<Range<usize>>,
    pub(super) id: Option<Range<usize>>,
    pub(super) data: Range<usize>,
}

impl Gathered {
    /// The same places, if what they are counted from lies so far into the store.
    #[inline]
    pub(super) fn moved_by(self, len: usize) -> Self {
        let moved = |range: Range<usize>| shift(&range, len as isize);
        Self {
            event: self.event.map(moved),
            id: self.id.map(moved),
            data: moved(self.data),
        }
    }

    pub(crate) const fn has_id(&self) -> bool {
        self.id.is_some()
    }

    pub(crate) fn block(&self) -> Block<Part<'static>> {
        let part = |range: &Range<usize>| Part::Stored {
            start: range.start,
            end: range.end,
        };
        Block {
            event: self.event.as_ref().map_or(Part::EMPTY, part),
            data: part(&self.data),
        }
    }
}

/// The fields of a block that ends with this log, which is none afterwards: its marks are moved to its front.
pub(super) fn gather(log: &mut [u8], flags: BlockFlags) -> Gathered {
    let mut event = None;
    let mut id = None;
    let mut data = 0;

    if flags.any(BlockFlags::IN_LOG) {
        while let [MARK, kind, value @ ..] = &log[data..] {
            let start = data + 2;
            // Most are short.
            let end = start + short_line_end(value).unwrap_or(value.len());
            let place = if *kind == EVENT { &mut event } else { &mut id };
            *place = Some(start..end);
            data = (end + 1).min(log.len());
        }
    }
    let mut data = data..log.len();
    if flags.any(BlockFlags::MIXED_LOG) {
        if let Some(mark) = pull_last_mark(log, &mut data, EVENT) {
            event = Some(mark);
        }
        if let Some(mark) = pull_last_mark(log, &mut data, ID) {
            id = Some(mark);
        }
        data.end = remove_marks(log, data.clone());
    }
    Gathered { event, id, data }
}

pub(super) fn shift(range: &Range<usize>, by: isize) -> Range<usize> {
    range.start.wrapping_add_signed(by)..range.end.wrapping_add_signed(by)
}

/// The end of the entry that begins at `start`.
fn entry_end(log: &[u8], start: usize) -> usize {
    memchr(b'\n', &log[start..]).map_or(log.len(), |len| start + len)
}

/// Moves the last mark of this kind in front of the data, and gives the place of its value.
fn pull_last_mark(log: &mut [u8], data: &mut Range<usize>, kind: u8) -> Option<Range<usize>> {
    let mut last = None;
    let mut start = data.start;
    while start <= data.end {
        let end = entry_end(log, start);
        if log[start..end].starts_with(&[MARK, kind]) {
            last = Some(start..end);
        }
        start = end + 1;
    }
    // Data comes first, so there is an LF before the mark, which is removed with it.
    let mark = last?;
    let len = mark.len() + 1;
    log[data.start..mark.end].rotate_right(len);
    let value = data.start + 3..data.start + len;
    data.start += len;
    Some(value)
}

/// Joins the data without the marks between, and gives its new end.
fn remove_marks(log: &mut [u8], data: Range<usize>) -> usize {
    let mut to = data.start;
    let mut start = data.start;
    while start <= data.end {
        let end = entry_end(log, start);
        if log[start..end].first() != Some(&MARK) {
            if start > data.start {
                log[to] = b'\n';
                to += 1;
            }
            log.copy_within(start..end, to);
            to += end - start;
        }
        start = end + 1;
    }
    to
}
