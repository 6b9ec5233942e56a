//! A block that begins with data, whole or split within its first line.

use super::behind_blank_line;
use crate::{
    Buffer, Parser,
    scan::{
        field::{self, Field, without_space},
        line_end::{self, Search},
    },
    state::{BlockFlags, OpenLine, Stage},
};

/// How data begins that servers send most, in one word.
const OBJECT: &[u8; 8] = b"data: {\"";

/// Where its value begins.
const VALUE: usize = OBJECT.len() - 2;

impl<B: Buffer> Parser<B> {
    /// A block that begins with data: its data, if that is an event. A JSON object without a name is neither an end mark nor a ping.
    ///
    /// Each of these functions ends with its last call, so that none saves registers for another.
    #[inline(never)]
    pub(in crate::parser) fn usual_data<'c>(&mut self, chunk: &mut &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        let line = *chunk;
        let is_usual = line.len() >= VALUE + line_end::LAST
            && field::begins_with(line, OBJECT)
            && line[OBJECT.len()] != b't'
            && self.state.block == BlockFlags::default();
        if is_usual {
            self.usual_object(chunk, search)
        } else {
            self.other_data(chunk, search)
        }
    }

    /// It begins with [`OBJECT`], and has no name.
    #[inline(never)]
    fn usual_object<'c>(&mut self, chunk: &mut &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        let value = &chunk[VALUE..];
        match line_end::data_line_end(value) {
            Some(len) => match field::behind(&value[len..], b"\n\n") {
                Some(rest) if self.state.room().fits(VALUE + len + 1) => {
                    Some(self.take_event(chunk, VALUE + len + 2, rest, Stage::LineStart, &value[..len]))
                }
                _ => self.end_usual_data(chunk, value, len, search),
            },
            None => self.usual_split(chunk, value, search),
        }
    }

    /// It is written otherwise, or little of it has come.
    #[inline(never)]
    fn other_data<'c>(&mut self, chunk: &mut &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        let Some(value) = field::behind(chunk, field::DATA) else {
            return self.begin_name_of_data(chunk);
        };
        if self.state.block != BlockFlags::default() {
            return None;
        }
        let value = without_space(value);
        if value.len() < line_end::LAST {
            self.few_data(chunk, value, search)
        } else {
            self.more_than_few_data(chunk, value, search)
        }
    }

    /// Less than the first vectors of a search hold.
    #[inline(never)]
    fn few_data<'c>(&mut self, chunk: &mut &'c [u8], value: &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        self.end_or_split(chunk, value, line_end::near_line_end(value), search)
    }

    #[inline(never)]
    fn more_than_few_data<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        value: &'c [u8],
        search: &mut Search,
    ) -> Option<&'c [u8]> {
        self.end_or_split(chunk, value, line_end::line_end(value), search)
    }

    /// The line ends after `end` bytes of its value, or not in this chunk.
    #[inline(always)]
    fn end_or_split<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        value: &'c [u8],
        end: Option<usize>,
        search: &mut Search,
    ) -> Option<&'c [u8]> {
        match end {
            Some(len) => self.end_usual_data(chunk, value, len, search),
            None => self.usual_split(chunk, value, search),
        }
    }

    /// The line ends after `len` bytes of its value.
    #[inline(never)]
    fn end_usual_data<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        value: &'c [u8],
        len: usize,
        search: &mut Search,
    ) -> Option<&'c [u8]> {
        let (data, after) = value.split_at(len);
        let line_len = chunk.len() - after.len();
        if begins_without_type(value) && self.state.room().fits(line_len + 1) {
            if let Some((rest, next)) = behind_blank_line(after) {
                let taken = chunk.len() - rest.len();
                return Some(self.take_event(chunk, taken, rest, next, data));
            }
        }
        *search = Search::ends_at(line_len);
        None
    }

    /// The chunk's end splits the first data of a block.
    #[inline(never)]
    fn usual_split<'c>(&mut self, chunk: &mut &'c [u8], value: &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        if value.is_empty() || !self.state.room().fits(chunk.len()) {
            *search = Search::none_before(chunk.len());
            return None;
        }
        self.state.count(chunk.len());
        self.take(chunk, chunk.len());
        self.state.stage = Stage::DataLine;
        self.begin_storing();
        self.store.append(value);
        None
    }

    /// The chunk's end splits the name before the first data of a block.
    #[cold]
    fn begin_name_of_data<'c>(&mut self, chunk: &mut &'c [u8]) -> Option<&'c [u8]> {
        let is_usual = field::DATA.starts_with(chunk)
            && self.state.block == BlockFlags::default()
            && self.state.room().fits(chunk.len());
        if is_usual {
            self.begin_storing();
            self.take_piece_of_name(chunk);
            self.state.stage = Stage::Line(OpenLine::Name);
        }
        None
    }

    fn take_piece_of_name(&mut self, chunk: &mut &[u8]) {
        self.state.count(chunk.len());
        self.store.append(chunk);
        self.take(chunk, chunk.len());
    }

    /// More of a line whose name was split: if it is a data line, takes its name and the space after it.
    #[inline(never)]
    pub(super) fn complete_name_of_data(&mut self, chunk: &mut &[u8]) {
        let Some(missing) = field::DATA.strip_prefix(self.store.line()) else {
            return;
        };
        if !self.state.room().fits(field::DATA.len() + 1) {
            return;
        }
        match chunk.strip_prefix(missing) {
            Some(value @ [_, ..]) => {
                let taken = chunk.len() - without_space(value).len();
                self.state.count(taken);
                self.take(chunk, taken);
                self.store.drop_line();
                self.begin_value(Field::Data);
                self.state.stage = Stage::DataLine;
            }
            Some(_) => {}
            None if missing.starts_with(chunk) => self.take_piece_of_name(chunk),
            None => {}
        }
    }
}

/// Whether data is an object that has no name of its own (R6), by its first bytes, and so an event and nothing else in both
/// dialects.
#[inline(always)]
pub(super) fn begins_without_type(data: &[u8]) -> bool {
    matches!(field::behind(data, b"{\""), Some([letter, ..]) if *letter != b't')
}
