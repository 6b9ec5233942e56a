//! The lines of an event stream: where they end, and what each gives (R3–R5, R9).
//!
//! A line is taken in one of two ways. Whole in its chunk, it is searched for its end once, read in place, and what it
//! gives is borrowed. Cut by the end of its chunk, what has come of it is stored, and [`LineState`] says where its next
//! bytes belong, so that no byte of it is ever looked at again.
//!
//! The fields of a block stay where they are in the chunk ([`Fields`]) for as long as that works; they move to the
//! store when the chunk ends, when data has a second line, and when a comment or an unknown line is given in between.

use core::mem;

use crate::{
    Buffer, Parser, Phase,
    block::{self, Meaning},
    field::{self, Beginning, Field, Line},
    flags::{BlockFlags, Seen},
    found::{Block, Found, Part},
    parser::{Fault, Stage, Step},
    scan::{self, Search},
};

/// What the next byte of a line is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineState {
    /// A new line.
    Start,
    /// A new line, or the LF that belongs to a CR.
    AfterCr,
    /// A field's name, or the space before its value: too little has come to tell. All of it is stored.
    Name,
    /// The value of `data`, stored where it is given from.
    Data,
    /// The value of `event`, stored behind its mark.
    Event,
    /// The value of `id`, stored behind its mark.
    Id,
    /// The value of `retry`.
    Retry,
    /// A comment, stored from its colon on.
    Comment,
    /// A line that is no known field, stored from its first byte on.
    Unknown,
}

impl LineState {
    #[inline]
    pub(crate) const fn is_open(self) -> bool {
        !matches!(self, Self::Start | Self::AfterCr)
    }

    const fn value_of(field: Field) -> Self {
        match field {
            Field::Data => Self::Data,
            Field::Event => Self::Event,
            Field::Id => Self::Id,
            Field::Retry => Self::Retry,
        }
    }

    #[inline]
    pub(crate) const fn after(line_end: u8) -> Self {
        if line_end == b'\r' { Self::AfterCr } else { Self::Start }
    }
}

/// The fields of the open block that lie in the chunk.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fields<'c> {
    pub(crate) event: Option<&'c [u8]>,
    pub(crate) id: Option<&'c [u8]>,
    pub(crate) data: Option<&'c [u8]>,
}

impl<B: Buffer> Parser<B> {
    /// Takes lines until one of them gives an event.
    #[inline]
    pub(crate) fn lines<'c>(&mut self, line: LineState, chunk: &mut &'c [u8], search: Search) -> Step<'c> {
        if !line.is_open() {
            return self.whole_lines(line, chunk, search, Fields::default());
        }
        let found = self.continue_line(line, chunk, search)?;
        match self.stage {
            Stage::Lines(line) if found.is_none() && !line.is_open() => {
                self.whole_lines(line, chunk, Search::NotYet, Fields::default())
            }
            _ => Ok(found),
        }
    }

    /// What the open block, with its comments and its id beside it, may count.
    #[inline]
    pub(crate) fn block_limit(&self) -> usize {
        self.max_len.min(self.store.capacity_beside_id())
    }

    /// Takes a block that begins with a name, as all of Anthropic's API and of OpenAI's Responses API do; `value` follows
    /// the first colon. Nearly always one line of data and the blank line come next, and are taken in few steps. Whatever
    /// else comes goes the general way, with what has been searched.
    pub(crate) fn named_block<'c>(&mut self, chunk: &mut &'c [u8], value: &'c [u8]) -> Step<'c> {
        let block = *chunk;
        let limit = self.block_limit();
        let value = field::without_space(value);
        let start = block.len() - value.len();
        let end = scan::short_line_end(value);
        let counted = start + end.unwrap_or_default() + 1;
        let (event, next) = match end.map(|len| value.split_at(len)) {
            Some((event, [b'\n', next @ ..])) if counted <= limit => (event, next),
            _ => {
                let search = Search::of(end.map(|len| start + len));
                return self.whole_lines(LineState::Start, chunk, search, Fields::default());
            }
        };
        let mut search = Search::NotYet;
        if let Some(value) = next.strip_prefix(b"data:") {
            let value = field::without_space(value);
            let start = next.len() - value.len();
            let end = scan::line_end(value);
            if let Some((data, [b'\n', b'\n', ..])) = end.map(|len| value.split_at(len)) {
                let counted = counted + start + data.len() + 1;
                if counted <= limit && block::meaning(self.dialect, event, data) == Meaning::Data {
                    *chunk = &block[counted + 1..];
                    return Ok(Some(Found::Data(Block {
                        event: Part::Chunk(event),
                        data: Part::Chunk(data),
                    })));
                }
            }
            search = Search::of(end.map(|len| start + len));
        }
        *chunk = next;
        self.block = BlockFlags::LINE;
        self.tally = counted;
        let fields = Fields {
            event: Some(event),
            ..Fields::default()
        };
        self.whole_lines(LineState::Start, chunk, search, fields)
    }

    /// Takes lines that begin in this chunk. `fields` are those of the open block before it.
    fn whole_lines<'c>(
        &mut self,
        mut state: LineState,
        chunk: &mut &'c [u8],
        mut search: Search,
        mut fields: Fields<'c>,
    ) -> Step<'c> {
        let mut rest = *chunk;
        loop {
            let [first, after_first @ ..] = rest else {
                self.stage = Stage::Lines(state);
                *chunk = rest;
                self.store_fields(&mut fields);
                return Ok(None);
            };
            match first {
                b'\n' if state == LineState::AfterCr => {
                    state = LineState::Start;
                    rest = after_first;
                    continue;
                }
                b'\n' | b'\r' => {
                    state = LineState::after(*first);
                    rest = after_first;
                    if let Some(found) = self.end_block(fields) {
                        self.stage = Stage::Lines(state);
                        *chunk = rest;
                        return Ok(Some(found));
                    }
                    fields = Fields::default();
                    continue;
                }
                _ => {}
            }

            let limit = self.block_limit();
            let room = limit - self.tally;
            let Some(len) = mem::take(&mut search).line_end(rest) else {
                *chunk = rest;
                self.store_fields(&mut fields);
                return self.begin_line(chunk).map(|()| None);
            };
            let line = &rest[..len];
            let kind = field::read(line);
            let counted = len + usize::from(!matches!(kind, Line::Comment(_)));
            if counted > room {
                *chunk = &rest[room..];
                return Err(self.too_long(limit));
            }
            state = LineState::after(rest[len]);
            rest = &rest[len + 1..];
            self.block.insert(BlockFlags::LINE);

            let found = match kind {
                Line::Field(field, value) => {
                    self.tally += counted;
                    self.take_field(field, value, &mut fields);
                    continue;
                }
                Line::Comment(text) => Found::Comment(Part::Chunk(text)),
                Line::Unknown => {
                    self.tally += counted;
                    Found::Unknown(Part::Chunk(line))
                }
            };
            self.store_fields(&mut fields);
            self.stage = Stage::Lines(state);
            *chunk = rest;
            return Ok(Some(found));
        }
    }

    /// A field whose line is whole in its chunk.
    #[inline]
    fn take_field<'c>(&mut self, field: Field, value: &'c [u8], fields: &mut Fields<'c>) {
        let slot = match field {
            Field::Data => &mut fields.data,
            Field::Event => &mut fields.event,
            Field::Id if value.contains(&0) => return,
            Field::Id => &mut fields.id,
            Field::Retry => {
                if let Some(milliseconds) = field::milliseconds(value) {
                    self.set_retry(milliseconds);
                }
                return;
            }
        };
        let is_second_data = field == Field::Data && slot.is_some();
        if !is_second_data && !self.block.any(BlockFlags::STORED) {
            *slot = Some(value);
            return;
        }
        self.store_fields(fields);
        self.store_field(field, value);
    }

    /// Moves what lies in the chunk to the store, names before data.
    #[inline]
    fn store_fields(&mut self, fields: &mut Fields<'_>) {
        let Fields { event, id, data } = mem::take(fields);
        for (field, value) in [(Field::Event, event), (Field::Id, id), (Field::Data, data)] {
            if let Some(value) = value {
                self.store_field(field, value);
            }
        }
    }

    fn store_field(&mut self, field: Field, value: &[u8]) {
        self.begin_value(field);
        self.store.append(value, self.max_len);
        self.end_value(field);
    }

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
    fn continue_line<'c>(&mut self, line: LineState, chunk: &mut &'c [u8], search: Search) -> Step<'c> {
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
    fn begin_value(&mut self, field: Field) {
        self.begin_storing();
        match field {
            Field::Data => self.store.begin_data(self.block, self.max_len),
            Field::Event => self.store.begin_event(self.block, self.max_len),
            Field::Id => self.store.begin_id(self.block, self.max_len),
            Field::Retry => {}
        }
    }

    /// The value of a field has ended, and is stored.
    fn end_value(&mut self, field: Field) {
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
