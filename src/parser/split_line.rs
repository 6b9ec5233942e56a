//! A line that the end of its chunk splits: its beginning, more of it, and its end.
//!
//! What has come of it is stored where it will be given from, as soon as its name is known.

use super::{Parser, advance::Step};
use crate::{
    Buffer,
    scan::{
        field::{self, Beginning, Field, Line},
        line_end::Search,
    },
    state::{BlockFlags, Control, Fault, Finding, OpenLine, Part, Room, Stage},
};

impl<B: Buffer> Parser<B> {
    /// A line begins in this chunk, and does not end there.
    pub(super) fn begin_line(&mut self, chunk: &mut &[u8]) -> Result<(), Fault> {
        let piece = *chunk;
        self.begin_storing();
        let beginning = field::begin(piece, self.state.is_llm());
        let line = match beginning {
            _ if piece[0] == b':' => OpenLine::Comment,
            Beginning::Undecided => OpenLine::Name,
            Beginning::Field(field, _) => OpenLine::Value(field),
            Beginning::Unknown => OpenLine::Unknown,
        };
        if !self.count_piece(line, piece.len()) {
            return self.new_line_too_long(chunk);
        }
        let mut stored = piece;
        if let Beginning::Field(field, value_start) = beginning {
            self.begin_value(field);
            stored = &piece[value_start..];
        }
        self.store.append(stored);
        self.state.stage = Stage::in_line(line);
        *chunk = &[];
        Ok(())
    }

    /// Takes more of an open line; where the line ends in this chunk, its end and what it gives.
    pub(super) fn continue_line<'c>(&mut self, line: OpenLine, chunk: &mut &'c [u8], search: Search) -> Step<'c> {
        let bytes = *chunk;
        let end = search.line_end(bytes);
        let piece = &bytes[..end.unwrap_or(bytes.len())];
        let counted = piece.len() + usize::from(end.is_some() && line != OpenLine::Comment);
        if !self.count_piece(line, counted) {
            return self.open_line_too_long(line, chunk).map(|()| None);
        }

        let line = self.store_piece(line, piece);
        let Some(len) = end else {
            self.state.stage = Stage::in_line(line);
            *chunk = &[];
            return Ok(None);
        };
        self.state.stage = Stage::after(bytes[len]);
        *chunk = &bytes[len + 1..];
        Ok(self.end_line(line))
    }

    /// R9: what is left of the limit for more of the open line, as part of the block or as a comment beside it.
    #[inline]
    pub(super) fn room_in_line(&self, line: OpenLine) -> Room {
        let is_comment = line == OpenLine::Comment;
        let beside = if is_comment { self.store.line().len() } else { 0 };
        self.state.room().beside(beside)
    }

    /// R9: counts `added` bytes of the open line, if they fit.
    #[inline]
    fn count_piece(&mut self, line: OpenLine, added: usize) -> bool {
        let fits = self.room_in_line(line).fits(added);
        if fits && line != OpenLine::Comment {
            self.state.count(added);
        }
        fits
    }

    /// Stores more of an open line where it belongs, and says what it has turned out to be.
    #[inline(always)] // into its one warm caller
    pub(super) fn store_piece(&mut self, mut line: OpenLine, mut piece: &[u8]) -> OpenLine {
        if line == OpenLine::Name && !piece.is_empty() {
            let stored = self.store.line().len();
            let mut beginning = [0; field::DECIDED];
            let len = (stored + piece.len()).min(beginning.len());
            beginning[..stored].copy_from_slice(self.store.line());
            beginning[stored..len].copy_from_slice(&piece[..len - stored]);
            match field::begin(&beginning[..len], self.state.is_llm()) {
                Beginning::Undecided => {}
                Beginning::Field(field, value_start) => {
                    self.store.drop_line();
                    self.begin_value(field);
                    piece = &piece[value_start - stored..];
                    line = OpenLine::Value(field);
                }
                Beginning::Unknown => line = OpenLine::Unknown,
            }
        }
        self.store.append(piece);
        line
    }

    /// An open line has ended: what it gives. A field moves to the log; any other line stays behind it, to be lent.
    fn end_line<'c>(&mut self, line: OpenLine) -> Option<Finding<Part<'c>>> {
        self.state.block.insert(BlockFlags::LINE);
        if let Some(field) = self.open_field(line) {
            self.state.block.insert(BlockFlags::FIELD);
            self.end_value(field);
            return None;
        }
        if line != OpenLine::Comment {
            self.state.block.insert(BlockFlags::TEXT);
        }
        let found = self.open_line(line);
        if found.is_some() {
            self.state.control.insert(Control::LENT);
        } else {
            self.store.drop_line();
        }
        found
    }

    /// The field that an open line is, if it is one.
    pub(super) fn open_field(&mut self, line: OpenLine) -> Option<Field> {
        match line {
            OpenLine::Value(field) => Some(field),
            OpenLine::Name => match field::read(self.store.line(), self.state.is_llm()) {
                Line::Field(field, _) => {
                    // A name alone: had there been a value, it would not be `Name` any more.
                    self.store.drop_line();
                    self.begin_value(field);
                    Some(field)
                }
                Line::Comment(_) | Line::Unknown => None,
            },
            _ => None,
        }
    }

    /// What an open line that is no field gives at its end.
    pub(super) fn open_line<'c>(&self, line: OpenLine) -> Option<Finding<Part<'c>>> {
        let text = self.store.line();
        if line == OpenLine::Comment {
            let skip = text.len() - field::without_space(&text[1..]).len();
            return Some(Finding::Comment(self.store.line_part(skip)));
        }
        self.unknown_line(text, self.store.line_part(0))
    }

    /// The value of a field begins, at the end of what is stored.
    pub(super) fn begin_value(&mut self, field: Field) {
        self.begin_storing();
        match field {
            Field::Data | Field::Error => self.store.begin_data(self.state.block),
            Field::Event => self.store.begin_event(self.state.block),
            Field::Id => self.store.begin_id(self.state.block),
            Field::Retry => {}
        }
    }

    /// The value of a field has ended, and is stored.
    pub(super) fn end_value(&mut self, field: Field) {
        let flag = match field {
            Field::Data => BlockFlags::DATA_IN_LOG,
            Field::Error => {
                self.state.block.insert(BlockFlags::ERROR);
                BlockFlags::DATA_IN_LOG
            }
            Field::Event => BlockFlags::EVENT_IN_LOG,
            Field::Id if self.store.line().contains(&0) => return self.drop_value(),
            Field::Id => BlockFlags::ID_IN_LOG,
            Field::Retry => {
                if let Some(milliseconds) = field::milliseconds(self.store.line()) {
                    self.state.set_retry(milliseconds);
                }
                return self.drop_value();
            }
        };
        self.note_in_log(flag);
    }

    /// The log has one more value of this kind, at its end.
    #[inline]
    pub(super) fn note_in_log(&mut self, flag: BlockFlags) {
        if flag != BlockFlags::DATA_IN_LOG && self.state.block.any(BlockFlags::DATA_IN_LOG) {
            self.state.block.insert(BlockFlags::MIXED_LOG);
        }
        self.state.block.insert(flag);
    }

    /// What was stored of a line is of no further use.
    fn drop_value(&mut self) {
        self.store.drop_line();
        if self.state.phase() == crate::Phase::Waiting {
            self.give_back();
        }
    }
}
