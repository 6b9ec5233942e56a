//! What is stored: the last event id, the log of the open block, and the line that a chunk's end split.
//!
//! ```text
//! | last event id | log                                          | open line |
//! |               | entry LF entry LF entry …                    |           |
//! 0            id_len                                       line_start
//! ```
//!
//! An entry of the log is a data value as it came, or a *mark*: CR, a letter, and the value of an `event` or an `id`.
//! No value contains CR or LF, so an entry needs no escape, and data lines lie there as the event wants them: joined by
//! LF. No entry is longer than the line it came from, and none needs more than one LF, hence the log never outgrows what
//! R9 counts.
//!
//! When the block ends, [`Store::gather`] finds the marks, which usually stand before the data, and takes out those that
//! do not. Each byte is moved a constant number of times, whatever the order of the fields.
//!
//! A body, or a value of a JSON stream, is an open line without a log.

use core::ops::Range;

use memchr::memchr;

use super::Buffer;
use crate::state::{Block, BlockFlags, Part};

/// What stays allocated between events that had to be stored: enough for most.
pub(crate) const KEPT: usize = 4096;

const MARK: u8 = b'\r';
const EVENT: u8 = b'e';
const ID: u8 = b'i';

/// A buffer, the two borders in it, and the limit.
pub(crate) struct Store<B> {
    buffer: B,
    id_len: usize,
    /// Where the open line begins. While an event is lent: the end of what the next call keeps. While a comment, a body or a
    /// value is passed over, of which nothing is stored: its length so far.
    line_start: usize,
    max_len: usize,
}

impl<B: Buffer> Store<B> {
    pub(crate) fn new(mut buffer: B, max_len: usize) -> Self {
        buffer.truncate(0);
        Self {
            buffer,
            id_len: 0,
            line_start: 0,
            max_len,
        }
    }

    pub(crate) fn into_buffer(self) -> B {
        self.buffer
    }

    /// The most that a block, a body or a value may count (R9).
    #[inline]
    pub(crate) fn limit(&self) -> usize {
        self.max_len.min(self.buffer.max_capacity().saturating_sub(self.id_len))
    }

    #[inline]
    pub(crate) fn last_event_id(&self) -> &[u8] {
        &self.buffer.as_slice()[..self.id_len]
    }

    /// The bytes of a part; some bytes or other where it is from another time.
    #[inline]
    pub(crate) fn slice(&self, range: Range<usize>) -> &[u8] {
        self.buffer.as_slice().get(range).unwrap_or_default()
    }

    /// How many bytes are stored beside the last event id.
    #[inline]
    pub(crate) fn log_len(&self) -> usize {
        self.buffer.as_slice().len() - self.id_len
    }

    // ---- The open line, a body or a value -------------------------------------------------------------------------

    #[inline]
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        let limit = self.max_len.saturating_add(self.id_len);
        self.buffer.append(bytes, limit);
    }

    /// Appends `len` bytes, of which these are the first and the last, together all of them, where that needs no more
    /// memory: two copies of a fixed length, and no call.
    #[inline(always)]
    pub(crate) fn append_halves<const LEN: usize>(&mut self, first: &[u8; LEN], last: &[u8; LEN], len: usize) -> bool {
        if len == LEN {
            return self.buffer.append_if_fits(first);
        }
        let stored = self.buffer.as_slice().len();
        if !self.buffer.append_if_fits(first) {
            return false;
        }
        self.buffer.truncate(stored + len - LEN);
        let is_appended = self.buffer.append_if_fits(last);
        if !is_appended {
            self.buffer.truncate(stored);
        }
        is_appended
    }

    /// A line begins at the end of what is stored.
    #[inline]
    pub(crate) fn begin_line(&mut self) {
        self.line_start = self.buffer.as_slice().len();
    }

    /// The open line, as far as it is stored.
    #[inline]
    pub(crate) fn line(&self) -> &[u8] {
        &self.buffer.as_slice()[self.line_start..]
    }

    /// Where the open line lies, less its first `skip` bytes.
    #[inline]
    pub(crate) fn line_part(&self, skip: usize) -> Part<'static> {
        Part::Stored {
            start: self.line_start + skip,
            end: self.buffer.as_slice().len(),
        }
    }

    /// Where the last `len` stored bytes lie.
    pub(crate) fn last_part(&self, len: usize) -> Part<'static> {
        let end = self.buffer.as_slice().len();
        Part::Stored { start: end - len, end }
    }

    /// Drops the open line.
    #[inline]
    pub(crate) fn drop_line(&mut self) {
        self.buffer.truncate(self.line_start);
    }

    // ---- The log --------------------------------------------------------------------------------------------------

    /// An entry with data begins.
    #[inline]
    pub(crate) fn begin_data(&mut self, flags: BlockFlags) {
        if flags.any(BlockFlags::IN_LOG) {
            self.append(b"\n");
        }
    }

    /// An entry with an event name begins.
    pub(crate) fn begin_event(&mut self, flags: BlockFlags) {
        self.begin_data(flags);
        self.append(&[MARK, EVENT]);
    }

    /// An entry with an id begins.
    pub(crate) fn begin_id(&mut self, flags: BlockFlags) {
        self.begin_data(flags);
        self.append(&[MARK, ID]);
    }

    /// The log as it stands.
    #[inline]
    pub(crate) fn log(&self) -> &[u8] {
        &self.buffer.as_slice()[self.id_len..]
    }

    /// Where the log lies.
    #[inline]
    pub(crate) fn log_part(&self) -> Part<'static> {
        Part::Stored {
            start: self.id_len,
            end: self.buffer.as_slice().len(),
        }
    }

    /// The block has ended: where its name and its data are. The log ends before the open line if `before_line`. It is no
    /// log any more: [`Store::clear_next`] comes next.
    pub(crate) fn gather(&mut self, flags: BlockFlags, before_line: bool) -> Gathered {
        let end = if before_line {
            self.line_start
        } else {
            self.buffer.as_slice().len()
        };
        let log = &mut self.buffer.as_mut_slice()[self.id_len..end];
        let mut event = None;
        let mut id = None;
        let mut data = 0;

        if flags.any(BlockFlags::IN_LOG) {
            while log.get(data) == Some(&MARK) {
                let end = entry_end(log, data);
                let place = if log[data + 1] == EVENT { &mut event } else { &mut id };
                *place = Some(data + 2..end);
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
            data.end = cut_marks_out(log, data.clone());
        }

        let absolute = |range: Range<usize>| self.id_len + range.start..self.id_len + range.end;
        Gathered {
            event: event.map(absolute),
            id: id.map(absolute),
            data: absolute(data),
        }
    }

    /// The id of a block becomes the last event id, which moves what is stored of the block.
    pub(crate) fn adopt_gathered_id(&mut self, gathered: &mut Gathered) {
        let Some(id) = gathered.id.take() else { return };
        let old_len = self.id_len;
        self.id_len = id.len();
        self.buffer.as_mut_slice()[..id.end].rotate_left(id.start);
        if let Some(event) = &mut gathered.event {
            if event.start < id.start {
                *event = shift(event, id.len() as isize);
            }
        }
        // The old id lies behind the new one now. A short one may as well wait until the event has been lent.
        if old_len > KEPT {
            self.buffer.as_mut_slice().copy_within(id.len() + old_len.., id.len());
            self.buffer.truncate(self.buffer.as_slice().len() - old_len);
            self.give_back_above();
            let by = -(old_len as isize);
            gathered.data = shift(&gathered.data, by);
            gathered.event = gathered.event.take().map(|event| shift(&event, by));
        }
    }

    /// An id that lies in the chunk becomes the last event id; the log moves with it.
    pub(crate) fn set_id(&mut self, id: &[u8]) {
        let (old_len, len) = (self.id_len, id.len());
        self.id_len = len;
        let stored = self.buffer.as_slice().len();
        if len > old_len {
            self.append(&id[..len - old_len]); // for the length alone
            self.buffer.as_mut_slice().copy_within(old_len..stored, len);
        } else if len < old_len {
            self.buffer.as_mut_slice().copy_within(old_len.., len);
            self.buffer.truncate(stored - (old_len - len));
        }
        self.buffer.as_mut_slice()[..len].copy_from_slice(id);
        if len < old_len {
            self.give_back_above();
        }
    }

    /// Replaces the last event id and drops all else; an id that does not fit is no id.
    pub(crate) fn restore_id(&mut self, id: &[u8]) {
        self.clear();
        let fits = id.len() <= self.buffer.max_capacity();
        self.set_id(if fits { id } else { &[] });
        self.clear_next();
    }

    // ---- What is passed over --------------------------------------------------------------------------------------

    /// The open line, a body or a value is passed over, `len` bytes so far, of which nothing is stored any more.
    pub(crate) fn begin_skipped(&mut self, len: usize) {
        self.line_start = len;
    }

    /// So much more of it has come.
    pub(crate) fn count_skipped(&mut self, len: usize) {
        self.line_start = self.line_start.saturating_add(len);
    }

    /// Its end: its length. The next line begins at the end of what is stored.
    pub(crate) fn end_skipped(&mut self) -> usize {
        let len = self.line_start;
        self.begin_line();
        len
    }

    /// A block is passed over: nothing stays of its log but the id, without its mark.
    pub(crate) fn keep_id(&mut self, gathered: &Gathered) {
        let id = gathered.id.clone().unwrap_or(self.id_len..self.id_len);
        let end = self.id_len + id.len();
        self.buffer.as_mut_slice().copy_within(id, self.id_len);
        self.buffer.truncate(end);
        self.begin_line();
    }

    /// All that is stored is the id of a block, and becomes the last event id.
    pub(crate) fn adopt_kept_id(&mut self) {
        let old_len = self.id_len;
        self.id_len = self.log_len();
        self.buffer.as_mut_slice().copy_within(old_len.., 0);
        self.clear();
        if self.id_len < old_len {
            self.give_back_above();
        }
    }

    // ---- What stays -----------------------------------------------------------------------------------------------

    /// What is stored beside the last event id goes with the next [`Store::drop_lent`].
    #[inline]
    pub(crate) fn clear_next(&mut self) {
        self.line_start = self.id_len;
    }

    /// Drops what was lent, and says how long it was.
    #[inline]
    pub(crate) fn drop_lent(&mut self) -> usize {
        let len = self.buffer.as_slice().len() - self.line_start;
        self.drop_line();
        len
    }

    /// Drops everything but the last event id.
    pub(crate) fn clear(&mut self) {
        self.clear_next();
        self.drop_line();
    }

    /// Drops the last event id too.
    pub(crate) fn reset(&mut self) {
        self.id_len = 0;
        self.clear();
        self.give_back_above();
    }

    /// Gives memory back that can never be needed, now that the last event id may be shorter than one before.
    #[inline]
    pub(crate) fn give_back_above(&mut self) {
        self.buffer.shrink_to(self.max_len.saturating_add(self.id_len));
    }

    /// Whether nothing but the last event id is stored.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.log_len() == 0
    }

    /// Gives memory back: while `waiting` all but the last event id, else what is above a few kilobytes. An id that is
    /// longer keeps as much beside it: to move it for each comment that is split would take more than linear time.
    pub(crate) fn give_back(&mut self, waiting: bool) {
        let kept = match (waiting, self.id_len) {
            (true, ..=KEPT) => self.id_len,
            (false, ..=KEPT) => KEPT,
            (_, id_len) => id_len.saturating_mul(2),
        };
        self.buffer.shrink_to(kept);
    }

    /// Hands over all that is stored, with its memory where that is from the heap, and keeps a copy of the last event id;
    /// `None` where more than the id must stay.
    #[cfg(feature = "alloc")]
    pub(crate) fn take(&mut self) -> Option<alloc::vec::Vec<u8>> {
        if self.line_start != self.id_len {
            return None;
        }
        let Some(taken) = self.buffer.take() else {
            return Some(self.buffer.as_slice().to_vec());
        };
        self.append(&taken[..self.id_len]);
        Some(taken)
    }

    /// Gives back all that nothing stored needs.
    pub(crate) fn shrink(&mut self) {
        self.buffer.shrink_to(0);
    }
}

/// A block's fields, by their places in the store.
#[derive(Debug)]
pub(crate) struct Gathered {
    event: Option<Range<usize>>,
    id: Option<Range<usize>>,
    data: Range<usize>,
}

impl Gathered {
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

fn shift(range: &Range<usize>, by: isize) -> Range<usize> {
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
