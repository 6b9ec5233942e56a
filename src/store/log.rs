//! What is stored: the last event id, the log of the open block, and the line that a chunk's end split.
//!
//! ```text
//! | last event id | log                                          | open line |
//! |               | entry LF entry LF entry …                    |           |
//! 0            id_len                                       line_start
//! ```
//!
//! An entry of the log is a data value as it came, or a *mark*: CR, a letter, and the value of an `event` or an `id`.
//! No value contains CR or LF, so entries need no escapes, and the data lines are stored as the event gives them: joined by LF.
//! No entry is longer than its line, and none needs more than one LF, so the log is never longer than what R9 counts.
//!
//! When the block ends, [`Store::gather`] finds the marks. Most stand before the data; it moves the others there. Each byte is
//! moved a constant number of times, whatever the order of the fields. What comes from a chunk is stored in the order id, name,
//! data: an id as long as the last event id is then copied over that, and nothing is gathered ([`Store::mark_data`]).
//!
//! A body, or a value of a JSON stream, is stored as an open line without a log.

use core::ops::Range;

use super::{
    Buffer,
    marks::{EVENT, Gathered, ID, MARK, gather},
};
use crate::{
    scan::line_end::short_line_end,
    state::{Block, BlockFlags, Part},
};

/// The memory that stays allocated between events that had to be stored, in bytes. It is enough for most events.
pub(crate) const KEPT: usize = 4096;

/// A buffer, the two borders in it, and the limit.
pub(crate) struct Store<B> {
    pub(super) buffer: B,
    pub(super) id_len: usize,
    /// Where the open line begins. While the last event is stored: the end of what the next call keeps. While a comment, a body or
    /// a value is skipped, of which nothing is stored: its length so far. After [`Store::mark_data`]: where the data begins.
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

    /// The limit for a block, a body or a value (R9).
    #[inline]
    pub(crate) fn limit(&self) -> usize {
        self.max_len.min(self.buffer.max_capacity().saturating_sub(self.id_len))
    }

    /// The bytes of a part; arbitrary bytes if the part is from an earlier call.
    #[inline]
    pub(crate) fn slice(&self, range: Range<usize>) -> &[u8] {
        self.buffer.as_slice().get(range).unwrap_or_default()
    }

    /// The number of stored bytes, without the last event id.
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

    /// Appends a few bytes, nearly always without a call.
    #[inline(always)]
    pub(crate) fn append_few<const LEN: usize>(&mut self, bytes: &[u8; LEN]) {
        if !self.buffer.append_if_fits(bytes) {
            self.append(bytes);
        }
    }

    /// Appends `bytes` where that needs no more memory. Whether it did.
    #[inline(always)]
    pub(crate) fn append_if_fits<const LEN: usize>(&mut self, bytes: &[u8; LEN]) -> bool {
        self.buffer.append_if_fits(bytes)
    }

    /// The same for `len` bytes, of which those are the first and the last, together all of them: two copies of a fixed
    /// length, and no call.
    #[inline(always)]
    pub(crate) fn append_halves<const LEN: usize>(&mut self, first: &[u8; LEN], last: &[u8; LEN], len: usize) -> bool {
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

    /// Drops the last `len` bytes.
    #[inline(always)]
    pub(crate) fn drop_last(&mut self, len: usize) {
        let stored = self.buffer.as_slice().len();
        self.buffer.truncate(stored - len);
    }

    /// A line begins at the end of what is stored.
    #[inline]
    pub(crate) fn begin_line(&mut self) {
        self.line_start = self.buffer.as_slice().len();
    }

    /// The stored part of the open line.
    #[inline]
    pub(crate) fn line(&self) -> &[u8] {
        &self.buffer.as_slice()[self.line_start..]
    }

    /// The place of the open line without its first `skip` bytes.
    #[inline]
    pub(crate) fn line_part(&self, skip: usize) -> Part<'static> {
        Part::Stored {
            start: self.line_start + skip,
            end: self.buffer.as_slice().len(),
        }
    }

    /// The place of the last `len` stored bytes.
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
            self.append_few(b"\n");
        }
    }

    /// An entry with an event name begins.
    #[inline]
    pub(crate) fn begin_event(&mut self, flags: BlockFlags) {
        self.begin_data(flags);
        self.append_few(&[MARK, EVENT]);
    }

    /// An entry with an id begins.
    #[inline]
    pub(crate) fn begin_id(&mut self, flags: BlockFlags) {
        self.begin_data(flags);
        self.append_few(&[MARK, ID]);
    }

    /// Inserts a name, an id, or both before data, in a log without marks.
    pub(crate) fn insert_marks(&mut self, event: Option<&[u8]>, id: Option<&[u8]>) {
        let stored = self.buffer.as_slice().len();
        for (kind, value) in [(ID, id), (EVENT, event)] {
            if let Some(value) = value {
                self.append_few(&[MARK, kind]);
                self.append(value);
                self.append_few(b"\n");
            }
        }
        let added = self.buffer.as_slice().len() - stored;
        self.buffer.as_mut_slice()[self.id_len..].rotate_right(added);
        self.begin_line();
    }

    /// The bytes of the log.
    #[inline(always)]
    pub(crate) fn log(&self) -> &[u8] {
        &self.buffer.as_slice()[self.id_len..]
    }

    /// The name and the data of a log that holds, in this order, an id as long as the last event id, if `has_id`, a name, if any,
    /// and data. Notes the place of the data as the open line, for [`Store::take_stored_parts`].
    #[inline]
    pub(crate) fn mark_data(&mut self, has_id: bool) -> Option<(&[u8], &[u8])> {
        let bytes = self.buffer.as_slice();
        let mut log = &bytes[self.id_len..];
        if has_id {
            let [MARK, ID, id @ ..] = log else { return None };
            if short_line_end(id) != Some(self.id_len) {
                return None;
            }
            log = &id[self.id_len + 1..];
        }
        let (name, data) = match log {
            [MARK, EVENT, value @ ..] => {
                let (name, after) = value.split_at(short_line_end(value)?);
                (name, after.get(1..)?)
            }
            data => (&[][..], data),
        };
        if let [MARK, ..] = data {
            return None;
        }
        self.line_start = bytes.len() - data.len();
        Some((name, data))
    }

    /// The same by their places. The id, if it has one, becomes the last event id where it is.
    #[inline]
    pub(crate) fn take_stored_parts(&mut self, has_id: bool) -> Block<Part<'static>> {
        let mut start = self.id_len;
        if has_id {
            let id = start + 2..start + 2 + self.id_len;
            start = id.end + 1;
            self.buffer.as_mut_slice().copy_within(id, 0);
        }
        let data_start = self.line_start;
        let part = |start, end| Part::Stored { start, end };
        let event = if start == data_start {
            Part::EMPTY
        } else {
            part(start + 2, data_start - 1)
        };
        Block {
            event,
            data: part(data_start, self.buffer.as_slice().len()),
        }
    }

    /// The place of the log.
    #[inline]
    pub(crate) fn log_part(&self) -> Part<'static> {
        Part::Stored {
            start: self.id_len,
            end: self.buffer.as_slice().len(),
        }
    }

    /// Ends the block, and gives the places of its name and its data. If `before_line`, the log ends before the open line. It is
    /// not a log afterwards: call [`Store::clear_next`] next.
    pub(crate) fn gather(&mut self, flags: BlockFlags, before_line: bool) -> Gathered {
        let end = if before_line {
            self.line_start
        } else {
            self.buffer.as_slice().len()
        };
        let log = &mut self.buffer.as_mut_slice()[self.id_len..end];
        gather(log, flags).moved_by(self.id_len)
    }

    // ---- What is skipped -------------------------------------------------------------------------------------------

    /// The open line, a body or a value is skipped, `len` bytes so far, of which nothing is stored any more.
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

    // ---- What stays -----------------------------------------------------------------------------------------------

    /// Leaves what is stored after the last event id to the next [`Store::drop_lent`].
    #[inline]
    pub(crate) fn clear_next(&mut self) {
        self.line_start = self.id_len;
    }

    /// Drops the bytes of the last event, and returns how many they were.
    #[inline]
    pub(crate) fn drop_lent(&mut self) -> usize {
        let len = self.buffer.as_slice().len() - self.line_start;
        self.drop_line();
        len
    }

    /// Whether no more is stored than what may stay allocated between events.
    #[inline(always)]
    pub(crate) fn is_log_usual(&self) -> bool {
        self.buffer.as_slice().len() <= KEPT
    }

    /// Drops such a log, which was given, and frees what may not stay allocated.
    #[inline(always)]
    pub(crate) fn drop_log(&mut self) {
        self.buffer.truncate(self.id_len);
        self.buffer.shrink_to(KEPT);
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

    /// Frees memory that can never be needed again, because the last event id may have become shorter.
    #[inline]
    pub(crate) fn give_back_above(&mut self) {
        self.buffer.shrink_to(self.max_len.saturating_add(self.id_len));
    }

    /// Whether nothing but the last event id is stored.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.log_len() == 0
    }

    /// Frees memory: while `waiting`, everything but the last event id; otherwise all but a few kilobytes. Beside a longer id,
    /// as much memory again is kept: if every split comment moved that id, the time would not be linear.
    pub(crate) fn give_back(&mut self, waiting: bool) {
        let kept = match (waiting, self.id_len) {
            (true, ..=KEPT) => self.id_len,
            (false, ..=KEPT) => KEPT,
            (_, id_len) => id_len.saturating_mul(2),
        };
        self.buffer.shrink_to(kept);
    }

    /// Hands over all stored bytes, with their memory if that is from the heap, and keeps a copy of the last event id. `None` if
    /// more than the id must stay.
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

    /// Frees all memory that no stored byte needs.
    pub(crate) fn shrink(&mut self) {
        self.buffer.shrink_to(0);
    }
}
