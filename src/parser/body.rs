//! A JSON body: its bytes, from the one that begins it to the one that closes it (R8, R16).

use super::{Parser, advance::Step};
use crate::{
    Buffer, Format,
    scan::json::{self, Lex},
    state::{Control, Facts, Fault, Finding, Part, Room, Stage},
};

/// A body or a value is longer than the limit.
pub(super) struct DoesNotFit;

impl<B: Buffer> Parser<B> {
    /// The next byte begins a body. It ends the open block, in which there may be comments.
    pub(super) fn begin_body(&mut self) {
        self.begin_block();
        *self.state.depth() = 0;
        self.state.stage = Stage::Body(Lex::Outside);
    }

    /// Takes bytes of the body up to its end.
    pub(super) fn body<'c>(&mut self, mut lex: Lex, chunk: &mut &'c [u8]) -> Step<'c> {
        let end = json::body_end(&mut lex, self.state.depth(), chunk);
        let Ok(taken) = self.take_json(chunk, end) else {
            return self.json_too_long(lex, chunk, end);
        };
        match taken {
            None => {
                self.state.stage = Stage::Body(lex);
                Ok(None)
            }
            Some(bytes) => {
                self.state.stage = Stage::AfterBody;
                let is_done = self.state.is_llm()
                    && self.state.settings.format == Format::Auto
                    && self.lend_part(bytes) == b"[DONE]";
                Ok(if is_done {
                    self.done()
                } else {
                    Some(Finding::Body(bytes))
                })
            }
        }
    }

    /// Takes bytes of a body or a value: up to `end`, or all of the chunk if it does not end there. Gives it when it is complete.
    /// Takes nothing if it is too long.
    #[inline]
    pub(super) fn take_json<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        end: Option<usize>,
    ) -> Result<Option<Part<'c>>, DoesNotFit> {
        let stored = self.store.log_len();
        let room = Room(self.store.limit()).beside(stored);
        let (bytes, rest) = chunk.split_at(end.unwrap_or(chunk.len()));
        if bytes.len().min(room.0) > 0 {
            self.state.facts.insert(Facts::RECEIVING);
        }
        if !room.fits(bytes.len()) {
            return Err(DoesNotFit);
        }
        *chunk = rest;
        if end.is_some() && stored == 0 {
            return Ok(Some(Part::Chunk(bytes)));
        }
        self.state.control.insert(Control::SPARE);
        self.store.append(bytes);
        Ok(end.map(|_| self.stored_json()))
    }

    /// The body or the value, all of which is stored. The next call drops it.
    pub(super) fn stored_json(&mut self) -> Part<'static> {
        let part = self.store.log_part();
        self.store.clear_next();
        self.state.control.insert(Control::LENT);
        part
    }

    /// Takes white space after a body. In a stream, something else may follow.
    pub(super) fn after_body<'c>(&mut self, chunk: &mut &'c [u8]) -> Step<'c> {
        let bytes = *chunk;
        let space = bytes.iter().position(|&byte| !json::is_white_space(byte));
        *chunk = &bytes[space.unwrap_or(bytes.len())..];
        match chunk.first() {
            None => {}
            Some(&byte) if self.is_json() => return Err(Fault::TrailingBytes(byte)),
            Some(b'{') => self.begin_body(),
            Some(_) => {
                self.begin_block();
                self.state.stage = Stage::LineStart;
            }
        }
        Ok(None)
    }
}
