//! A block of several whole lines: a name, an id, data on more than one line, or data that begins with a type.
//!
//! Nothing is noted before the blank line has been found in the chunk. Until then the block can be left to the general way as
//! if it had not been looked at. One mask of line ends for each 64 bytes serves all its lines, and lines of data are joined as
//! they are found.

use crate::{
    Buffer, Parser,
    parser::block::{self, Meaning},
    scan::{
        field::{self, without_space},
        line_end::{LineEnds, Search},
    },
    state::{BlockFlags, Control, Stage},
};

/// An event of several lines.
#[derive(Clone, Copy, Debug)]
pub(in crate::parser) struct WholeBlock<'c> {
    pub(in crate::parser) event: &'c [u8],
    /// On one line; else it is all that is stored beside the last event id.
    pub(in crate::parser) data: Option<&'c [u8]>,
}

/// The fields of a block, as far as it has been read.
#[derive(Clone, Copy, Debug, Default)]
struct Lines<'c> {
    event: &'c [u8],
    id: Option<&'c [u8]>,
    data: Option<&'c [u8]>,
    /// The data has several lines, and is stored.
    is_stored: bool,
    /// What the limit counts of it (R9).
    counted: usize,
}

impl<B: Buffer> Parser<B> {
    /// A block that begins with the chunk, if it is an event and all of it is in the chunk.
    #[inline(never)]
    pub(in crate::parser) fn usual_lines<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        search: Search,
    ) -> Option<WholeBlock<'c>> {
        let has_more = search.ends_before(chunk.len());
        if !has_more || self.state.block != BlockFlags::default() || !self.store.is_idle() {
            return None;
        }
        let mut lines = Lines::default();
        let event = self
            .lines_to_blank(chunk, search, &mut lines)
            .and_then(|end| self.end_lines(chunk, end, lines));
        if event.is_none() && lines.is_stored {
            self.store.clear();
        }
        event
    }

    /// Reads lines up to a blank one: where that ends.
    #[inline(always)]
    fn lines_to_blank<'c>(&mut self, bytes: &'c [u8], search: Search, lines: &mut Lines<'c>) -> Option<usize> {
        let mut ends = LineEnds::new(bytes, search);
        let mut start = 0;
        loop {
            let end = ends.next_end()?;
            let (before, after) = bytes.split_at_checked(end)?;
            let line = before.get(start..)?;
            start = match after {
                [b'\n', ..] => end + 1,
                // A blank line is complete with its CR.
                [b'\r', b'\n', ..] if !line.is_empty() => {
                    ends.next_end();
                    end + 2
                }
                _ => end + 1,
            };
            if line.is_empty() {
                return Some(start);
            }
            lines.counted += line.len() + 1;
            if !self.state.room().fits(lines.counted) {
                return None;
            }
            if let Some(value) = field::behind(line, field::DATA) {
                self.one_more_data(without_space(value), lines);
            } else if let Some(value) = field::behind(line, field::EVENT) {
                lines.event = without_space(value);
            } else if let Some(value) = field::behind(line, field::ID).filter(|value| !value.contains(&0)) {
                lines.id = Some(without_space(value));
            } else {
                return None;
            }
        }
    }

    #[inline(always)]
    fn one_more_data<'c>(&mut self, value: &'c [u8], lines: &mut Lines<'c>) {
        let Some(first) = lines.data else {
            lines.data = Some(value);
            return;
        };
        if !lines.is_stored {
            lines.is_stored = true;
            self.begin_storing();
            self.store.append(first);
        }
        self.store.append(b"\n");
        self.store.append(value);
    }

    /// The blank line has come, and ends before `end`.
    #[inline(always)]
    fn end_lines<'c>(&mut self, chunk: &mut &'c [u8], end: usize, lines: Lines<'c>) -> Option<WholeBlock<'c>> {
        let first = lines.data?;
        let data = if lines.is_stored { self.store.log() } else { first };
        if block::meaning(self.state.settings.dialect, lines.event, Some(data)) != Meaning::Data {
            return None;
        }
        self.note_event(chunk, &chunk[end..], Stage::after(chunk[end - 1]));
        if let Some(id) = lines.id {
            self.store.set_id(id);
            self.begin_block();
            self.state.control.insert(Control::SPARE);
        }
        if lines.is_stored {
            self.store.clear_next();
            self.state.control.insert(Control::LENT);
        } else {
            self.give_back();
        }
        Some(WholeBlock {
            event: lines.event,
            data: (!lines.is_stored).then_some(first),
        })
    }
}
