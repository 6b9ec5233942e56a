//! A line that the end of its chunk cuts: its beginning, more of it, and its end.
//!
//! What has come of it is stored where it will be given from, as soon as its name is known.

use crate::{
    Buffer, Parser, Phase,
    field::{self, Beginning, Field, Line},
    flags::{BlockFlags, Seen},
    found::{Found, Part},
    lines::LineState,
    parser::{Fault, Stage, Step},
    scan::Search,
};

impl<B: Buffer> Parser<B> {
    /// A line begins in this chunk, and does not end there.
    pub(crate) fn begin_line(&mut self, chunk: &mut &[u8]) -> Result<(), Fault> {
        let piece = *chunk;
        let limit = self.block_limit();
        self.begin_storing();
        let beginning = field::begin(piece);
        let line = match beginning {
            _ if piece[0] == b':' => LineState::Comment,
            Beginning::Undecided => LineState::Name,
            Beginning::Field(field, _) => LineState::value_of(field),
            Beginning::Unknown => LineState::Unknown,
        };
        self.count(line, piece.len(), chunk, limit)?;
        let mut stored = piece;
        if let Beginning::Field(field, value_start) = beginning {
            self.begin_value(field);
            stored = &piece[value_start..];
        }
        self.store.append(stored, self.max_len);
        self.stage = Stage::Lines(line);
        *chunk = &[];
        Ok(())
    }

    /// Takes more of an open line; where the line ends in this chunk, its end and what it gives.
    pub(crate) fn continue_line<'c>(&mut self, line: LineState, chunk: &mut &'c [u8], search: Search) -> Step<'c> {
        let bytes = *chunk;
        let end = search.line_end(bytes);
        let piece = &bytes[..end.unwrap_or(bytes.len())];
        let counted = piece.len() + usize::from(end.is_some() && line != LineState::Comment);
        let limit = self.block_limit();
        self.count(line, counted, chunk, limit)?;

        let line = self.store_piece(line, piece);
        let Some(len) = end else {
            self.stage = Stage::Lines(line);
            *chunk = &[];
            return Ok(None);
        };
        self.stage = Stage::Lines(LineState::after(bytes[len]));
        *chunk = &bytes[len + 1..];
        Ok(self.end_line(line))
    }

    /// R9: counts `added` bytes of the open line, as part of the block or as a comment beside it.
    #[inline]
    fn count(&mut self, line: LineState, added: usize, chunk: &mut &[u8], limit: usize) -> Result<(), Fault> {
        let is_comment = line == LineState::Comment;
        let comment_before = if is_comment { self.store.line().len() } else { 0 };
        let room = limit - self.tally - comment_before;
        if added > room {
            *chunk = &chunk[room..];
            return Err(self.too_long(limit));
        }
        if !is_comment {
            self.tally += added;
        }
        Ok(())
    }

    /// Stores more of an open line where it belongs, and tells what it has turned out to be.
    #[inline]
    fn store_piece(&mut self, mut line: LineState, mut piece: &[u8]) -> LineState {
        if line == LineState::Name && !piece.is_empty() {
            let stored = self.store.line().len();
            let mut beginning = [0; field::DECIDED];
            let len = (stored + piece.len()).min(beginning.len());
            beginning[..stored].copy_from_slice(self.store.slice(self.store.line()));
            beginning[stored..len].copy_from_slice(&piece[..len - stored]);
            match field::begin(&beginning[..len]) {
                Beginning::Undecided => {}
                Beginning::Field(field, value_start) => {
                    self.store.drop_line();
                    self.begin_value(field);
                    piece = &piece[value_start - stored..];
                    line = LineState::value_of(field);
                }
                Beginning::Unknown => line = LineState::Unknown,
            }
        }
        self.store.append(piece, self.max_len);
        line
    }

    /// An open line has ended: what it gives.
    pub(crate) fn end_line<'c>(&mut self, line: LineState) -> Option<Found<'c>> {
        self.block.insert(BlockFlags::LINE);
        let stored = self.store.line();
        let field = match line {
            LineState::Data => Some(Field::Data),
            LineState::Event => Some(Field::Event),
            LineState::Id => Some(Field::Id),
            LineState::Retry => Some(Field::Retry),
            LineState::Name => match field::read(self.store.slice(stored.clone())) {
                Line::Field(field, _) => {
                    // A name alone: had there been a value, it would not be `Name` any more.
                    self.store.drop_line();
                    self.begin_value(field);
                    Some(field)
                }
                Line::Comment(_) | Line::Unknown => None,
            },
            _ => None,
        };
        if let Some(field) = field {
            self.end_value(field);
            return None;
        }
        let mut start = stored.start;
        if line == LineState::Comment {
            start = stored.end - field::without_space(&self.store.slice(stored.clone())[1..]).len();
        }
        let part = Part::Stored { start, end: stored.end };
        let found = match line {
            LineState::Comment => Found::Comment(part),
            _ => Found::Unknown(part),
        };
        self.seen.insert(Seen::LENT);
        Some(found)
    }

    /// Something begins that is stored.
    #[inline]
    pub(crate) fn begin_storing(&mut self) {
        self.store.begin_line();
        self.seen.insert(Seen::SPARE);
    }

    /// The value of a field begins, at the end of what is stored.
    pub(crate) fn begin_value(&mut self, field: Field) {
        self.begin_storing();
        match field {
            Field::Data => self.store.begin_data(self.block, self.max_len),
            Field::Event => self.store.begin_event(self.block, self.max_len),
            Field::Id => self.store.begin_id(self.block, self.max_len),
            Field::Retry => {}
        }
    }

    /// The value of a field has ended, and is stored.
    pub(crate) fn end_value(&mut self, field: Field) {
        let flag = match field {
            Field::Data => BlockFlags::DATA,
            Field::Event => BlockFlags::EVENT,
            Field::Id if self.store.slice(self.store.line()).contains(&0) => {
                self.drop_value();
                return;
            }
            Field::Id => BlockFlags::ID,
            Field::Retry => {
                let milliseconds = field::milliseconds(self.store.slice(self.store.line()));
                self.drop_value();
                if let Some(milliseconds) = milliseconds {
                    self.set_retry(milliseconds);
                }
                return;
            }
        };
        if flag != BlockFlags::DATA && self.block.any(BlockFlags::DATA) {
            self.block.insert(BlockFlags::MIXED);
        }
        self.block.insert(flag);
    }

    /// What was stored of a line is of no further use.
    fn drop_value(&mut self) {
        self.store.drop_line();
        if self.phase() == Phase::Waiting {
            self.give_back();
        }
    }
}
