//! What is stored: the last event id, the log of the open block, and the line that a chunk's end cut.
//!
//! ```text
//! | last event id | log                                          | open line |
//! |               | entry LF entry LF entry …                    |           |
//! 0            id_len                                       line_start
//! ```
//!
//! An entry of the log is a data value as it came, or a *mark*: CR, a letter, and the value of an `event` or an `id`.
//! No value contains CR or LF, so an entry needs no escape, and data lines lie there as the event wants them: joined by
//! LF. No entry is longer than the line it came from, and none needs more than one LF, hence the log never outgrows what R9 counts.
//!
//! When the block ends, [`Store::gather`] finds the marks, which usually stand before the data, and cuts out those that
//! do not. Each byte is moved a constant number of times, whatever the order of the fields.

use core::ops::Range;

use memchr::memchr;

use crate::{
    Buffer,
    flags::BlockFlags,
    found::{Block, Part},
};

/// What stays allocated between events that had to be stored: enough for most.
pub(crate) const KEPT: usize = 4096;

const MARK: u8 = b'\r';
const EVENT: u8 = b'e';
const ID: u8 = b'i';

/// A buffer and the two borders in it.
pub(crate) struct Store<B> {
    buffer: B,
    id_len: usize,
    /// Where the open line begins. While an event is lent: what the next call keeps.
    line_start: usize,
}

/// A block's fields, by their places in the store.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) event: Range<usize>,
    pub(crate) data: Range<usize>,
}

impl Gathered {
    pub(crate) fn block(self) -> Block<'static> {
        let part = |range: Range<usize>| Part::Stored {
            start: range.start,
            end: range.end,
        };
        Block {
            event: part(self.event),
            data: part(self.data),
        }
    }
}

impl<B: Buffer> Store<B> {
    pub(crate) fn new(mut buffer: B) -> Self {
        buffer.truncate(0);
        Self {
            buffer,
            id_len: 0,
            line_start: 0,
        }
    }

    /// The most that a body may count.
    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.buffer.max_capacity()
    }

    /// The most that a block may count.
    #[inline]
    pub(crate) fn capacity_beside_id(&self) -> usize {
        self.buffer.max_capacity().saturating_sub(self.id_len)
    }

    #[inline]
    pub(crate) fn last_event_id(&self) -> &[u8] {
        &self.buffer.as_slice()[..self.id_len]
    }

    #[inline]
    pub(crate) fn slice(&self, range: Range<usize>) -> &[u8] {
        &self.buffer.as_slice()[range]
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.buffer.as_slice().len()
    }

    // ---- The open line, or the body -------------------------------------------------------------------------------

    #[inline]
    pub(crate) fn append(&mut self, bytes: &[u8], max_len: usize) {
        let limit = max_len.saturating_add(self.id_len);
        self.buffer.append(bytes, limit);
    }

    /// A line begins at the end of what is stored.
    #[inline]
    pub(crate) fn begin_line(&mut self) {
        self.line_start = self.len();
    }

    /// The open line, as far as it is stored.
    #[inline]
    pub(crate) fn line(&self) -> Range<usize> {
        self.line_start..self.len()
    }

    /// Drops the open line, or what was lent.
    #[inline]
    pub(crate) fn drop_line(&mut self) {
        self.buffer.truncate(self.line_start);
    }

    // ---- The log --------------------------------------------------------------------------------------------------

    /// An entry with data begins.
    pub(crate) fn begin_data(&mut self, flags: BlockFlags, max_len: usize) {
        if flags.any(BlockFlags::STORED) {
            self.append(b"\n", max_len);
        }
    }

    /// An entry with an event name begins.
    pub(crate) fn begin_event(&mut self, flags: BlockFlags, max_len: usize) {
        self.begin_data(flags, max_len);
        self.append(&[MARK, EVENT], max_len);
    }

    /// An entry with an id begins.
    pub(crate) fn begin_id(&mut self, flags: BlockFlags, max_len: usize) {
        self.begin_data(flags, max_len);
        self.append(&[MARK, ID], max_len);
    }

    /// The block has ended: where its fields are, with `log_end` the end of the log. If `adopt_id`, the block's id
    /// becomes the last event id. The log is then no log any more: [`Store::clear`] comes next.
    pub(crate) fn gather(&mut self, flags: BlockFlags, log_end: usize, adopt_id: bool) -> Gathered {
        let log = &mut self.buffer.as_mut_slice()[self.id_len..log_end];
        let mut event = None;
        let mut id = None;
        let mut data = 0;

        if flags.any(BlockFlags::STORED) {
            while log.get(data) == Some(&MARK) {
                let end = entry_end(log, data);
                let place = if log[data + 1] == EVENT { &mut event } else { &mut id };
                *place = Some(data + 2..end);
                data = (end + 1).min(log.len());
            }
        }
        let mut data = data..log.len();
        if flags.any(BlockFlags::MIXED) {
            if let Some(mark) = pull_last_mark(log, &mut data, EVENT) {
                event = Some(mark);
            }
            if let Some(mark) = pull_last_mark(log, &mut data, ID) {
                id = Some(mark);
            }
            data.end = cut_marks_out(log, data.clone());
        }

        let absolute = |range: Range<usize>| self.id_len + range.start..self.id_len + range.end;
        let mut gathered = Gathered {
            event: event.map(absolute).unwrap_or_default(),
            data: absolute(data),
        };
        if let Some(id) = id.map(absolute).filter(|_| adopt_id) {
            self.id_len = id.len();
            self.buffer.as_mut_slice()[..id.end].rotate_left(id.start);
            if gathered.event.start < id.start {
                gathered.event = shift(gathered.event, id.len() as isize);
            }
        }
        gathered
    }

    /// Cuts the last event id out that a block has just replaced, of which `gathered` is all that is left to be lent. A
    /// short one may as well wait until that has been.
    pub(crate) fn cut_old_id_out(&mut self, old_len: usize, gathered: Gathered, max_len: usize) -> Gathered {
        if old_len <= KEPT {
            return gathered;
        }
        self.buffer
            .as_mut_slice()
            .copy_within(self.id_len + old_len.., self.id_len);
        self.buffer.truncate(self.len() - old_len);
        self.give_back_above(max_len);
        let moved = |range: Range<usize>| match range.is_empty() {
            true => 0..0,
            false => shift(range, -(old_len as isize)),
        };
        Gathered {
            event: moved(gathered.event),
            data: moved(gathered.data),
        }
    }

    /// The log as it stands.
    #[inline]
    pub(crate) fn log(&self) -> &[u8] {
        &self.buffer.as_slice()[self.id_len..]
    }

    #[cfg(feature = "std")]
    pub(crate) fn log_part(&self) -> Part<'static> {
        Part::Stored {
            start: self.id_len,
            end: self.len(),
        }
    }

    /// Replaces the last event id. Nothing else may be stored.
    pub(crate) fn set_id(&mut self, id: &[u8], max_len: usize) {
        self.buffer.truncate(0);
        self.buffer.append(id, id.len());
        self.id_len = id.len();
        self.give_back_above(max_len);
    }

    // ---- What stays -----------------------------------------------------------------------------------------------

    /// What is stored of the block goes with the next [`Store::drop_line`].
    #[inline]
    pub(crate) fn clear_next(&mut self) {
        self.line_start = self.id_len;
    }

    /// Drops everything but the last event id.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.clear_next();
        self.drop_line();
    }

    /// Drops the last event id too.
    pub(crate) fn reset(&mut self) {
        self.id_len = 0;
        self.clear();
    }

    /// Gives memory back that can never be needed, now that the last event id may be shorter than one before.
    #[inline]
    pub(crate) fn give_back_above(&mut self, max_len: usize) {
        self.buffer.shrink_to(max_len.saturating_add(self.id_len));
    }

    /// Whether nothing but the last event id is stored.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.len() == self.id_len
    }

    /// Gives memory back: while `waiting` all but the last event id, else what is above a few kilobytes. An id that is
    /// longer keeps as much beside it: to move it for each comment that is cut would take more than linear time.
    pub(crate) fn give_back(&mut self, waiting: bool) {
        let kept = match (waiting, self.id_len) {
            (true, ..=KEPT) => self.id_len,
            (false, ..=KEPT) => KEPT,
            (_, id_len) => id_len.saturating_mul(2),
        };
        self.buffer.shrink_to(kept);
    }
}

fn shift(range: Range<usize>, by: isize) -> Range<usize> {
    range.start.wrapping_add_signed(by)..range.end.wrapping_add_signed(by)
}

/// Where the entry that begins at `start` ends.
fn entry_end(log: &[u8], start: usize) -> usize {
    memchr(b'\n', &log[start..]).map_or(log.len(), |len| start + len)
}

/// Moves the last mark of this kind to before the data, and gives the place of its value.
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
    // Data comes first, so the LF before the mark is there, and goes with it.
    let mark = last?;
    let len = mark.len() + 1;
    log[data.start..mark.end].rotate_right(len);
    let value = data.start + 3..data.start + len;
    data.start += len;
    Some(value)
}

/// Joins the data again without the marks between, and gives its new end.
fn cut_marks_out(log: &mut [u8], data: Range<usize>) -> usize {
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
