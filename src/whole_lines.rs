//! Lines that lie whole in their chunk.
//!
//! The fields of a block stay where they are in the chunk ([`Fields`]) for as long as that works; they move to the
//! store when the chunk ends, when data has a second line, and when a comment or an unknown line is given in between.

use core::mem;

use crate::{
    Buffer, Parser,
    block::{self, Meaning},
    field::{self, Field, Line},
    flags::BlockFlags,
    found::{Block, Found, Part},
    lines::LineState,
    parser::{Stage, Step},
    scan::{self, Search},
};

/// The fields of the open block that lie in the chunk.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fields<'c> {
    pub(crate) event: Option<&'c [u8]>,
    pub(crate) id: Option<&'c [u8]>,
    pub(crate) data: Option<&'c [u8]>,
}

impl<B: Buffer> Parser<B> {
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
    pub(crate) fn whole_lines<'c>(
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
}
