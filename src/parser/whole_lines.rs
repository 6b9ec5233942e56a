//! Lines that lie whole in their chunk.
//!
//! The fields of a block stay where they are in the chunk ([`Fields`]) for as long as that works. They move to the store
//! when the chunk ends and when a comment or an unknown line is given in between. Data of several lines is joined there.

use core::mem;

use super::{Parser, advance::Step, block::Fields};
use crate::{
    Buffer,
    scan::{
        field::{self, Field, Line},
        line_end::{LineEnds, Search},
    },
    state::{BlockFlags, Finding, Part, Stage},
};

impl<B: Buffer> Parser<B> {
    /// Takes lines that begin in this chunk, where `stage` is [`Stage::LineStart`] or [`Stage::AfterCr`].
    #[inline(never)]
    pub(super) fn whole_lines<'c>(&mut self, mut stage: Stage, chunk: &mut &'c [u8], search: Search) -> Step<'c> {
        let bytes = *chunk;
        let mut ends = LineEnds::new(bytes, search);
        let mut fields = Fields::default();
        let mut start = 0;
        let found = loop {
            let Some(&first) = bytes.get(start) else {
                self.store_fields(&mut fields);
                break None;
            };
            if first == b'{' && self.state.may_begin_body() {
                self.begin_body();
                *chunk = &bytes[start..];
                return Ok(None);
            }
            let Some(end) = ends.next_end() else {
                self.store_fields(&mut fields);
                *chunk = &bytes[start..];
                return self.begin_line(chunk).map(|()| None);
            };
            let line = &bytes[start..end];
            let is_lf_of_cr = bytes[end] == b'\n' && matches!(stage, Stage::AfterCr);
            stage = Stage::after(bytes[end]);
            start = end + 1;

            if line.is_empty() {
                if is_lf_of_cr {
                    continue;
                }
                match self.end_block(&fields) {
                    None => {
                        fields = Fields::default();
                        continue;
                    }
                    found => break found,
                }
            }
            let kind = field::read(line, self.state.is_llm());
            let counted = line.len() + usize::from(!matches!(kind, Line::Comment(_)));
            if !self.state.room().fits(counted) {
                *chunk = &bytes[end - line.len()..];
                return self.whole_line_too_long(fields, chunk).map(|()| None);
            }
            match kind {
                Line::Field(field, value) => {
                    self.state.count(counted);
                    self.take_field(field, value, &mut fields);
                }
                Line::Comment(text) => {
                    self.state.block.insert(BlockFlags::LINE);
                    self.store_fields(&mut fields);
                    break Some(Finding::Comment(Part::Chunk(text)));
                }
                Line::Unknown => {
                    self.state.count(counted);
                    self.state.block.insert(BlockFlags::LINE);
                    self.state.block.insert(BlockFlags::TEXT);
                    if let Some(found) = self.unknown_line(line, Part::Chunk(line)) {
                        self.store_fields(&mut fields);
                        break Some(found);
                    }
                }
            }
        };
        self.state.stage = stage;
        *chunk = &bytes[start..];
        Ok(found)
    }

    /// R5: what a line gives that is no comment and no known field.
    #[inline]
    pub(super) fn unknown_line<'c>(&self, line: &[u8], part: Part<'c>) -> Option<Finding<Part<'c>>> {
        if self.state.is_llm() && field::is_bare_done(line) {
            self.done()
        } else {
            Some(Finding::Unknown(part))
        }
    }

    /// A field whose line is whole in its chunk.
    #[inline]
    fn take_field<'c>(&mut self, field: Field, value: &'c [u8], fields: &mut Fields<'c>) {
        self.state.block.insert(BlockFlags::LINE);
        self.state.block.insert(BlockFlags::FIELD);
        match field {
            Field::Data => {}
            Field::Error => self.state.block.insert(BlockFlags::ERROR),
            Field::Event => {
                fields.event = Some(value);
                return;
            }
            Field::Id => {
                if !value.contains(&0) {
                    fields.id = Some(value);
                }
                return;
            }
            Field::Retry => {
                if let Some(milliseconds) = field::milliseconds(value) {
                    self.state.set_retry(milliseconds);
                }
                return;
            }
        }
        if !self.state.block.any(BlockFlags::DATA_IN_LOG) {
            match fields.data.take() {
                None => {
                    fields.data = Some(value);
                    return;
                }
                Some(first) => self.store_data(first),
            }
        }
        self.store_data(value);
    }

    /// One more line of data.
    #[inline]
    fn store_data(&mut self, value: &[u8]) {
        self.begin_value(Field::Data);
        self.store.append(value);
        self.state.block.insert(BlockFlags::DATA_IN_LOG);
    }

    /// Moves what lies in the chunk to the store, names before data.
    #[inline]
    pub(super) fn store_fields(&mut self, fields: &mut Fields<'_>) {
        let Fields { event, id, data } = mem::take(fields);
        if event.is_some() || id.is_some() {
            self.store_names(event, id);
        }
        if let Some(data) = data {
            self.store_data(data);
        }
    }

    /// An id first, so that it can become the last event id where it is.
    fn store_names(&mut self, event: Option<&[u8]>, id: Option<&[u8]>) {
        let block = self.state.block;
        if block.any(BlockFlags::DATA_IN_LOG) && !block.any(BlockFlags::MARKS_IN_LOG) {
            self.store.insert_marks(event, id);
            if id.is_some() {
                self.state.block.insert(BlockFlags::ID_IN_LOG);
            }
            if event.is_some() {
                self.state.block.insert(BlockFlags::EVENT_IN_LOG);
            }
            return;
        }
        self.begin_storing();
        if let Some(id) = id {
            self.store.begin_id(self.state.block);
            self.store.append(id);
            self.note_in_log(BlockFlags::ID_IN_LOG);
        }
        if let Some(event) = event {
            self.store.begin_event(self.state.block);
            self.store.append(event);
            self.note_in_log(BlockFlags::EVENT_IN_LOG);
        }
    }
}
