//! A block that begins with data, whole or split within its first line.

use crate::{
    Buffer, Parser,
    scan::{
        field::{self, Field, without_space},
        line_end::{self, Search},
    },
    state::{BlockFlags, OpenLine, Stage},
};

impl<B: Buffer> Parser<B> {
    /// A block that begins with data: its data, if that is an event. A JSON object without a name is neither an end mark nor a ping.
    #[inline(never)]
    pub(in crate::parser) fn usual_data<'c>(&mut self, chunk: &mut &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        let line = *chunk;
        let Some(value) = field::behind(line, field::DATA) else {
            return self.begin_name_of_data(chunk);
        };
        if self.state.block != BlockFlags::default() {
            return None;
        }
        let value = without_space(value);
        if value.len() < line_end::LAST {
            return self.few_data(chunk, value, search);
        }
        match line_end::in_many(value) {
            Ok(len) => self.end_usual_data(chunk, value, len, search),
            Err(searched) => self.long_data(chunk, value, searched, search),
        }
    }

    /// The same where little has come.
    #[inline(never)]
    fn few_data<'c>(&mut self, chunk: &mut &'c [u8], value: &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        self.end_or_split(chunk, value, line_end::line_end(value), search)
    }

    /// The same for a line that is very long, or does not end in this chunk.
    #[inline(never)]
    fn long_data<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        value: &'c [u8],
        searched: usize,
        search: &mut Search,
    ) -> Option<&'c [u8]> {
        self.end_or_split(chunk, value, line_end::beyond(value, searched), search)
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
        if let Some(len) = end {
            return self.end_usual_data(chunk, value, len, search);
        }
        self.usual_split(chunk, value, search);
        None
    }

    #[inline(always)]
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
            // `behind_blank_line` written out: by the call, the stage costs the most frequent event six instructions.
            match after {
                [b'\n', b'\n', rest @ ..] => return self.take_event(chunk, rest, Stage::LineStart, data),
                [b'\r', b'\n', b'\r', rest @ ..] => return self.take_event(chunk, rest, Stage::AfterCr, data),
                _ => {}
            }
        }
        *search = Search::ends_at(line_len, line_len + 1);
        None
    }

    /// The chunk's end splits the first data of a block.
    fn usual_split(&mut self, chunk: &mut &[u8], value: &[u8], search: &mut Search) {
        if value.is_empty() || !self.state.room().fits(chunk.len()) {
            *search = Search::none_before(chunk.len());
            return;
        }
        self.state.count(chunk.len());
        self.take(chunk, chunk.len());
        self.begin_storing();
        self.store.append(value);
        self.state.stage = Stage::DataLine;
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
    matches!(data, [b'{', b'"', letter, ..] if *letter != b't')
}
