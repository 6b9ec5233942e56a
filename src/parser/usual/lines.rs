//! A block of several lines: a name, an id, data on more than one line, or data that begins with a type.
//!
//! Nothing is noted before the blank line or the chunk's end has been found. Until then the block can be left to the general
//! way as if it had not been looked at: data of several lines is stored meanwhile, and then dropped again. Lines of data that
//! follow each other are joined in a loop of their own, which needs to know nothing of the other lines.

use crate::{
    Buffer, Dialect, Parser,
    parser::block::{self, Fields, Meaning},
    scan::{
        field::{self, Field, without_space},
        line_end::{self, Search},
        name,
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
pub(super) struct Lines<'c> {
    event: Option<&'c [u8]>,
    id: Option<&'c [u8]>,
    data: Option<&'c [u8]>,
    /// The data has several lines, and is stored.
    is_stored: bool,
    /// What the limit counts of it (R9).
    pub(super) counted: usize,
}

impl Lines<'_> {
    /// A line of data has been stored, for which the limit counts so much.
    pub(super) fn of_stored_data(counted: usize) -> Self {
        Self {
            is_stored: true,
            counted,
            ..Self::default()
        }
    }
}

/// Where the lines of a block lead.
enum End {
    /// To a blank line, which ends there.
    Blank(usize),
    /// To the chunk's end, in a line that begins there.
    Chunk(usize),
    /// To a line that the general way reads.
    Other,
}

impl<B: Buffer> Parser<B> {
    /// A block that begins with the chunk: its event, if all of it is in the chunk. If the chunk's end splits it, its lines are
    /// stored, and the chunk is taken. If its first line is known to be a name, `name_end` is where that ends, else 0. `search` is
    /// what is known of the first line that is left to read.
    #[inline(never)]
    pub(in crate::parser) fn usual_lines<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        name_end: usize,
        search: Search,
    ) -> Option<WholeBlock<'c>> {
        if self.state.block != BlockFlags::default() || !self.store.is_idle() {
            return None;
        }
        let mut lines = Lines::default();
        let mut start = 0;
        if name_end > 0 {
            let (name, after) = chunk.split_at(name_end);
            lines.event = Some(without_space(&name[field::EVENT.len()..]));
            lines.counted = name_end + 1;
            start = name_end + line_end::len(after);
        }
        let event = match self.lines_to_end(chunk, start, search, &mut lines) {
            End::Blank(end) => self.end_lines(chunk, end, &lines),
            End::Chunk(start) => self.split_lines(chunk, start, lines),
            End::Other => None,
        };
        if event.is_none() && lines.is_stored && !chunk.is_empty() {
            self.store.clear();
        }
        event
    }

    /// Reads lines from `start` up to a blank one.
    #[inline(always)]
    fn lines_to_end<'c>(
        &mut self,
        bytes: &'c [u8],
        mut start: usize,
        mut search: Search,
        lines: &mut Lines<'c>,
    ) -> End {
        loop {
            let rest = &bytes[start..];
            if search == Search::NOTHING && field::behind(rest, field::DATA).is_some() {
                (start, search) = self.data_lines(bytes, start, lines);
                continue;
            }
            if let [b'\n' | b'\r', ..] = rest {
                return End::Blank(start + 1);
            }
            let Some(len) = search.short_line_end(rest) else {
                return End::Chunk(start);
            };
            search = Search::NOTHING;
            let (line, after) = rest.split_at(len);
            lines.counted += len + 1;
            if !self.state.room().fits(lines.counted) {
                return End::Other;
            }
            start += len + line_end::len(after);
            if let Some(value) = field::behind(line, field::ID).filter(|value| !value.contains(&0)) {
                lines.id = Some(without_space(value));
            } else if let Some(value) = field::behind(line, field::EVENT) {
                lines.event = Some(without_space(value));
            } else if let Some(value) = field::behind(line, field::DATA) {
                self.add_data(without_space(value), lines);
            } else {
                return End::Other;
            }
        }
    }

    /// Takes the line of data that begins at `start`, and those that follow it behind an LF or a CR LF. Gives where the first
    /// other line begins, or the first that does not end or fit, and what is known of it.
    #[inline(never)]
    pub(super) fn data_lines<'c>(&mut self, bytes: &'c [u8], start: usize, lines: &mut Lines<'c>) -> (usize, Search) {
        let mut value = without_space(&bytes[start + field::DATA.len()..]);
        let mut before = bytes.len() - start - value.len();
        loop {
            let Some(len) = line_end::inlined_line_end(value) else {
                let rest = before + value.len();
                return (bytes.len() - rest, Search::none_before(rest));
            };
            let (data, after) = value.split_at(len);
            let counted = lines.counted + before + len + 1;
            if !self.state.room().fits(counted) {
                return (bytes.len() - value.len() - before, Search::ends_at(before + len));
            }
            lines.counted = counted;
            self.add_data(data, lines);
            match next_data(after) {
                Some(next) => (before, value) = next,
                None => return (bytes.len() - after.len() + line_end::len(after), Search::NOTHING),
            }
        }
    }

    /// The chunk ends before the block: its lines are stored, and the beginning of the one that is split at `start`.
    #[inline(never)]
    fn split_lines<'c>(&mut self, chunk: &mut &'c [u8], start: usize, lines: Lines<'c>) -> Option<WholeBlock<'c>> {
        let (whole, piece) = chunk.split_at(start);
        if !self.state.room().fits(lines.counted + piece.len()) {
            return None;
        }
        self.state.split_comment();
        if let Some(&last) = whole.last() {
            self.state.block.insert(BlockFlags::LINE);
            self.state.block.insert(BlockFlags::FIELD);
            self.state.stage = Stage::after(last);
        }
        self.state.count(lines.counted);
        if lines.is_stored {
            self.state.block.insert(BlockFlags::DATA_IN_LOG);
        }
        self.store_fields(&mut Fields {
            event: lines.event,
            id: lines.id,
            data: lines.data.filter(|_| !lines.is_stored),
        });
        self.take(chunk, start);
        self.take_split_line(chunk);
        None
    }

    /// Takes the rest of the chunk: the beginning of a line, if anything, for which the limit has room.
    #[inline]
    pub(super) fn take_split_line(&mut self, chunk: &mut &[u8]) {
        let mut piece = *chunk;
        self.take(chunk, piece.len());
        if let Some(value) = field::behind(piece, field::DATA_AND_SPACE) {
            self.begin_value(Field::Data);
            self.store.append(value);
            self.state.count(piece.len());
            self.state.stage = Stage::DataLine;
        } else if !piece.is_empty() {
            let begun = self.begin_line(&mut piece);
            debug_assert!(begun.is_ok(), "it fits");
        }
    }

    /// Adds a value to the data of a block. The second makes it store the first.
    #[inline(always)]
    fn add_data<'c>(&mut self, value: &'c [u8], lines: &mut Lines<'c>) {
        if !lines.is_stored {
            let Some(first) = lines.data else {
                lines.data = Some(value);
                return;
            };
            lines.is_stored = true;
            self.begin_storing();
            self.store.append(first);
        }
        self.store.append_few(b"\n");
        self.store.append(value);
    }

    /// The blank line has come, and ends before `end`.
    #[inline(always)]
    fn end_lines<'c>(&mut self, chunk: &mut &'c [u8], end: usize, lines: &Lines<'c>) -> Option<WholeBlock<'c>> {
        let first = lines.data?;
        let data = if lines.is_stored { self.store.log() } else { first };
        let event = lines.event.unwrap_or_default();
        if !is_event_alone(self.state.settings.dialect, event, data) {
            return None;
        }
        self.note_event(chunk, end, &chunk[end..], Stage::after(chunk[end - 1]));
        if let Some(id) = lines.id {
            if !self.store.set_id_in_place(id) {
                self.store.set_id(id);
                self.begin_block();
                self.state.control.insert(Control::SPARE);
            }
        }
        if lines.is_stored {
            self.lend_log();
        } else {
            self.give_back();
        }
        Some(WholeBlock {
            event,
            data: (!lines.is_stored).then_some(first),
        })
    }
}

/// If another line of data begins behind this line end: how much of it is before its value, and what begins with that. One
/// comparison of a word finds what servers send most.
#[inline(always)]
fn next_data(after: &[u8]) -> Option<(usize, &[u8])> {
    let spaced = match field::behind(after, b"\r\ndata: ") {
        None => field::behind(after, b"\ndata: "),
        value => value,
    };
    if let Some(value) = spaced {
        return Some((field::DATA_AND_SPACE.len(), value));
    }
    let value = match field::behind(after, b"\r\ndata:") {
        None => field::behind(after, b"\ndata:")?,
        Some(value) => value,
    };
    Some((field::DATA.len(), value))
}

/// Whether this is an event and nothing else in its dialect.
#[inline(always)]
pub(super) fn is_event_alone(dialect: Dialect, event: &[u8], data: &[u8]) -> bool {
    is_event(event, data) || block::meaning(dialect, event, Some(data)) == Meaning::Data
}

/// Whether this is an object under a name that is neither terminal nor a ping, and so an event and nothing else in both
/// dialects.
#[inline(always)]
pub(super) fn is_event(event: &[u8], data: &[u8]) -> bool {
    data.first() == Some(&b'{') && name::has_no_meaning(event)
}
