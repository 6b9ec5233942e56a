//! An event that is too large: it ends the response, or is skipped (R9, [`Oversize`]).
//!
//! What is skipped is what R9 counts together: a comment, a block to its blank line, a body, a value. Up to the limit
//! all of it is read as ever, so what is known of it does not depend on chunks. Then nothing is kept of it but its
//! length, whether its name is terminal, and the id of a block. A comment within a block that is skipped is no part of
//! the block, and given.

use super::{Parser, advance::Step, block::Fields};
use crate::{
    Buffer, Oversize, Skipped,
    event::SkippedKind,
    scan::{
        field::{self, Field},
        json::{self, Lex},
        line_end, members, name,
    },
    state::{BlockFlags, Control, Facts, Fault, Finding, OpenLine, Part, Room, Skip, Stage},
};

/// What a step in a skipped event finds. It never fails.
type Found<'c> = Option<Finding<Part<'c>>>;

impl Skip {
    /// Where a line of the block has ended with this byte.
    const fn after(line_end: u8) -> Self {
        match line_end {
            b'\r' => Self::AfterCr,
            _ => Self::LineStart,
        }
    }
}

impl<B: Buffer> Parser<B> {
    // ---- The limit is hit -----------------------------------------------------------------------------------------

    /// A line that lies whole in the chunk does not fit.
    #[cold]
    pub(super) fn whole_line_too_long(&mut self, mut fields: Fields<'_>, chunk: &mut &[u8]) -> Result<(), Fault> {
        if self.is_skipping() {
            self.store_fields(&mut fields);
        }
        self.new_line_too_long(chunk)
    }

    /// More has come of a line that begins with the chunk than fits.
    #[cold]
    pub(super) fn new_line_too_long(&mut self, chunk: &mut &[u8]) -> Result<(), Fault> {
        let (mut piece, rest) = chunk.split_at(self.state.room().0);
        *chunk = rest;
        if !self.is_skipping() {
            return Err(self.state.too_long(self.store.limit()));
        }
        let line = if !piece.is_empty() {
            self.begin_line(&mut piece)?;
            self.state.stage.open_line()
        } else {
            self.begin_storing();
            rest.starts_with(b":").then_some(OpenLine::Comment)
        };
        self.pass_over_line(line);
        Ok(())
    }

    /// More has come of an open line than fits.
    #[cold]
    pub(super) fn open_line_too_long(&mut self, line: OpenLine, chunk: &mut &[u8]) -> Result<(), Fault> {
        let (piece, rest) = chunk.split_at(self.room_in_line(line).0);
        *chunk = rest;
        if !self.is_skipping() {
            return Err(self.state.too_long(self.store.limit()));
        }
        let line = self.store_piece(line, piece);
        self.pass_over_line(Some(line));
        Ok(())
    }

    /// More has come of a body or a value than fits, in this chunk up to `end`.
    #[cold]
    pub(super) fn json_too_long<'c>(&mut self, lex: Lex, chunk: &mut &'c [u8], end: Option<usize>) -> Step<'c> {
        let limit = self.store.limit();
        let stored = self.store.log_len();
        let fits = Room(limit).beside(stored).0;
        if !self.is_skipping() {
            *chunk = &chunk[fits..];
            return Err(self.state.too_long(limit));
        }
        let is_value = matches!(self.state.stage, Stage::Value(_));
        let (bytes, rest) = chunk.split_at(end.unwrap_or(chunk.len()));
        if is_value && self.state.is_llm() && !self.is_in_array() {
            self.store.append(&bytes[..fits]);
            if is_done_so_far(self.store.log()) {
                self.state.control.insert(Control::SKIPS_LAST);
            }
        }
        self.store.clear();
        self.store.give_back(false);
        self.store.begin_skipped(stored.saturating_add(bytes.len()));
        self.state.facts.insert(Facts::RECEIVING);
        *chunk = rest;
        self.state.stage = Stage::Skip(if is_value { Skip::Value } else { Skip::Body });
        self.state.skipped_lex = lex;
        Ok(end.map(|_| self.end_skipped_json(is_value)))
    }

    fn is_skipping(&self) -> bool {
        self.state.settings.oversize == Oversize::Skip
    }

    /// All of the limit is used up, by this open line at last if there is one, and there is more of it.
    fn pass_over_line(&mut self, line: Option<OpenLine>) {
        if line == Some(OpenLine::Comment) {
            let len = self.store.line().len();
            self.store.drop_line();
            self.store.begin_skipped(len);
            self.state.stage = Stage::Skip(Skip::Comment);
        } else {
            self.pass_over_block(line);
        }
        self.store.give_back(false);
    }

    fn pass_over_block(&mut self, line: Option<OpenLine>) {
        let (mut is_event, mut is_id) = (false, false);
        let mut stage = Skip::Line;
        match line {
            None => stage = Skip::LineStart,
            Some(OpenLine::Value(field @ (Field::Data | Field::Error))) => {
                self.state.block.insert(BlockFlags::DATA_IN_LOG);
                if field == Field::Error {
                    self.state.block.insert(BlockFlags::ERROR);
                }
            }
            Some(OpenLine::Value(field)) => (is_event, is_id) = (field == Field::Event, field == Field::Id),
            Some(_) => {
                let text = self.store.line();
                (is_event, is_id) = (text == field::EVENT, text == field::ID);
                stage = in_line(text);
                self.state.matched = text.len() as u8;
            }
        }
        if !matches!(line, Some(OpenLine::Value(Field::Data | Field::Error))) {
            self.store.drop_line();
        }

        let flags = self.state.block;
        let gathered = self.gather_without_end(false);
        if self.state.is_llm() && !is_event && !flags.any(BlockFlags::ERROR) {
            let block = gathered.block();
            let name = match self.lend_part(block.event) {
                [] => name::type_member(self.lend_part(block.data)),
                event => event,
            };
            if name::is_terminal_name(name) {
                self.state.control.insert(Control::SKIPS_LAST);
            }
        }
        self.store.keep_id(&gathered);
        let is_text = line == Some(OpenLine::Unknown) && !flags.any(BlockFlags::FIELD);
        self.state.block = if is_text { BlockFlags::TEXT } else { BlockFlags::FIELD };
        if gathered.has_id() {
            self.state.block.insert(BlockFlags::ID_IN_LOG);
        }
        if is_id {
            self.forget_id();
        }
        *self.state.skipped() = self.store.limit();
        self.state.stage = Stage::Skip(stage);
    }

    /// Another id came later than the limit was hit, and is not known: none is adopted.
    fn forget_id(&mut self) {
        self.state.block.remove(BlockFlags::ID_IN_LOG);
        self.store.clear();
    }

    // ---- What is skipped -------------------------------------------------------------------------------------------

    /// Takes more of an event that is skipped, from a chunk that is not empty.
    #[cold]
    #[inline(never)]
    pub(super) fn skip<'c>(&mut self, skip: Skip, chunk: &mut &'c [u8]) -> Step<'c> {
        Ok(match skip {
            Skip::Comment | Skip::BlockSkippedComment => self.skip_comment(chunk),
            Skip::BlockComment => self.comment_in_skipped(chunk),
            Skip::Body | Skip::Value => self.skip_json(chunk),
            _ => self.skip_block(skip, chunk),
        })
    }

    fn skip_block<'c>(&mut self, mut skip: Skip, chunk: &mut &'c [u8]) -> Found<'c> {
        while let Some(&first) = chunk.first() {
            let taken = match skip {
                Skip::AfterCr if first == b'\n' => {
                    *chunk = &chunk[1..];
                    skip = Skip::LineStart;
                    continue;
                }
                Skip::LineStart | Skip::AfterCr => match first {
                    b'\n' | b'\r' => {
                        *chunk = &chunk[1..];
                        return Some(self.end_skipped_block(first));
                    }
                    b':' => {
                        self.begin_storing();
                        self.state.stage = Stage::Skip(Skip::BlockComment);
                        return None;
                    }
                    _ => {
                        skip = in_line(&[first]);
                        self.state.matched = 1;
                        1
                    }
                },
                Skip::Event | Skip::Id => {
                    let name = if skip == Skip::Id {
                        Field::Id.name()
                    } else {
                        Field::Event.name()
                    };
                    let next = name.get(usize::from(self.state.matched));
                    let is_more = next == Some(&first);
                    if next.is_none() && matches!(first, b':' | b'\n' | b'\r') {
                        match skip {
                            Skip::Id => self.forget_id(),
                            _ => self.state.control.remove(Control::SKIPS_LAST),
                        }
                    }
                    if is_more {
                        self.state.matched += 1;
                    } else {
                        skip = Skip::Line;
                    }
                    usize::from(is_more)
                }
                _ => match line_end::line_end(chunk) {
                    Some(len) => {
                        skip = Skip::after(chunk[len]);
                        len + 1
                    }
                    None => chunk.len(),
                },
            };
            let len = self.state.skipped();
            *len = len.saturating_add(taken);
            *chunk = &chunk[taken..];
        }
        self.state.stage = Stage::Skip(skip);
        None
    }

    /// The blank line after a block that was skipped.
    fn end_skipped_block(&mut self, line_end: u8) -> Finding<Part<'static>> {
        let len = *self.state.skipped();
        let is_text = self.state.block.any(BlockFlags::TEXT);
        if self.state.block.any(BlockFlags::ID_IN_LOG) {
            self.store.adopt_kept_id();
            self.state.control.insert(Control::SPARE);
        }
        self.state.stage = Stage::after(line_end);
        self.begin_block();
        self.end_skipped(
            if is_text {
                SkippedKind::Text
            } else {
                SkippedKind::Output
            },
            len,
        )
    }

    /// A comment in a block that is skipped. What is kept of the block counts as the block itself does elsewhere.
    fn comment_in_skipped<'c>(&mut self, chunk: &mut &'c [u8]) -> Found<'c> {
        let end = line_end::short_line_end(chunk);
        let (piece, rest) = chunk.split_at(end.unwrap_or(chunk.len()));
        if !Room(self.store.limit()).beside(self.store.log_len()).fits(piece.len()) {
            let len = self.store.line().len();
            self.store.drop_line();
            self.store.begin_skipped(len);
            self.state.stage = Stage::Skip(Skip::BlockSkippedComment);
            return self.skip_comment(chunk);
        }
        self.store.append(piece);
        *chunk = rest;
        let (&line_end, rest) = rest.split_first()?;
        *chunk = rest;
        self.state.stage = Stage::Skip(Skip::after(line_end));
        self.state.control.insert(Control::LENT);
        self.open_line(OpenLine::Comment)
    }

    fn skip_comment<'c>(&mut self, chunk: &mut &'c [u8]) -> Found<'c> {
        let len = line_end::line_end(chunk).unwrap_or(chunk.len());
        self.store.count_skipped(len);
        *chunk = &chunk[len..];
        let (&line_end, rest) = chunk.split_first()?;
        *chunk = rest;
        self.state.stage = if self.state.stage == Stage::Skip(Skip::Comment) {
            self.state.block.insert(BlockFlags::LINE);
            Stage::after(line_end)
        } else {
            Stage::Skip(Skip::after(line_end))
        };
        let len = self.store.end_skipped();
        Some(skipped(SkippedKind::Comment, len))
    }

    fn skip_json<'c>(&mut self, chunk: &mut &'c [u8]) -> Found<'c> {
        let is_value = self.state.stage == Stage::Skip(Skip::Value);
        let mut lex = self.state.skipped_lex;
        let end = match lex {
            Lex::Scalar if is_value => json::scalar_end(chunk, self.is_in_array()),
            _ => json::body_end(&mut lex, self.state.depth(), chunk),
        };
        let len = end.unwrap_or(chunk.len());
        self.store.count_skipped(len);
        *chunk = &chunk[len..];
        self.state.skipped_lex = lex;
        end.map(|_| self.end_skipped_json(is_value))
    }

    fn end_skipped_json(&mut self, is_value: bool) -> Finding<Part<'static>> {
        self.state.stage = if is_value {
            Stage::BetweenValues
        } else {
            Stage::AfterBody
        };
        let len = self.store.end_skipped();
        self.end_skipped(SkippedKind::Output, len)
    }

    /// An event that was skipped has come to its end.
    fn end_skipped(&mut self, kind: SkippedKind, len: usize) -> Finding<Part<'static>> {
        if self.state.control.any(Control::SKIPS_LAST) {
            self.state.control.remove(Control::SKIPS_LAST);
            self.done_next();
        }
        skipped(kind, len)
    }

    /// The end of the input, within an event that is skipped: what it gives.
    pub(super) fn found_at_end_of_skipped(&mut self, skip: Skip) -> Found<'static> {
        match skip {
            Skip::Comment | Skip::BlockSkippedComment => {
                let len = self.store.end_skipped();
                Some(skipped(SkippedKind::Comment, len))
            }
            Skip::BlockComment => self.open_line(OpenLine::Comment),
            // It ends a scalar, but not among the elements of an array (R13, R17).
            Skip::Body | Skip::Value if self.state.skipped_lex == Lex::Scalar && !self.is_in_array() => {
                let len = self.store.end_skipped();
                Some(skipped(SkippedKind::Output, len))
            }
            _ => None,
        }
    }
}

/// In a line that has begun so. Of a field that came later than the limit was hit, no more than that it came counts.
fn in_line(beginning: &[u8]) -> Skip {
    match beginning {
        _ if Field::Event.name().starts_with(beginning) => Skip::Event,
        _ if Field::Id.name().starts_with(beginning) => Skip::Id,
        _ => Skip::Line,
    }
}

fn skipped(kind: SkippedKind, len: usize) -> Finding<Part<'static>> {
    Finding::Skipped(Skipped::of(kind, len as u64))
}

/// Whether an object that goes on behind `beginning` has a member `done` that is `true` (R17).
fn is_done_so_far(beginning: &[u8]) -> bool {
    // Without its last byte too: what may go on there is not trusted.
    let is_done = |json: &[u8]| members::is_done_object(json);
    is_done(beginning) && beginning.split_last().is_some_and(|(_, before)| is_done(before))
}
