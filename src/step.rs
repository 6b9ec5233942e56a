//! One step: from the stage to what it finds, and what is noted of it.

use crate::{
    Buffer, Error, ErrorKind, Parser, Phase,
    flags::{BlockFlags, Seen},
    found::Found,
    lines::LineState,
    parser::{Fault, Stage, Step},
    scan::Search,
    store,
};
#[cfg(feature = "std")]
use crate::{
    common::Common,
    found::{Block, Part},
};

impl<B: Buffer> Parser<B> {
    /// What [`Parser::next_event`] gives, before it is lent.
    #[cfg(feature = "std")]
    pub(crate) fn advance<'c>(&mut self, chunk: &mut &'c [u8]) -> Result<Option<Found<'c>>, Error> {
        let data = match self.common_step(chunk) {
            Common::Data(data) => Part::Chunk(data),
            Common::StoredData => self.store.log_part(),
            Common::Comment(text) => return Ok(Some(Found::Comment(Part::Chunk(text)))),
            Common::Taken => return Ok(None),
            Common::Nothing(search) => return self.advance_any(chunk, search),
        };
        let event = Part::EMPTY;
        Ok(Some(Found::Data(Block { event, data })))
    }

    /// What was given last is gone. Whether that is why the next call takes no byte.
    #[inline]
    pub(crate) fn is_interrupted(&mut self) -> bool {
        self.take_back();
        self.seen.any(Seen::INTERRUPTS)
    }

    /// One step, the general way; first what takes no more than a look. `search` is what is known of the chunk.
    #[inline(never)]
    pub(crate) fn advance_any<'c>(&mut self, chunk: &mut &'c [u8], search: Search) -> Result<Option<Found<'c>>, Error> {
        if self.seen.any(Seen::ENDED) {
            return Ok(None);
        }
        if self.seen.any(Seen::DONE_NEXT) {
            self.note(&Found::Done);
            return Ok(Some(Found::Done));
        }
        if self.next_blank_line(chunk) {
            return Ok(Some(Found::BlankLine));
        }
        if chunk.is_empty() && !matches!(self.stage, Stage::Failed(_)) {
            return Ok(None);
        }
        match chunk.strip_prefix(b"event:") {
            Some(value) if self.stage == Stage::Lines(LineState::Start) && self.block == BlockFlags::default() => {
                self.advance_named(chunk, value)
            }
            _ => self.advance_stage(chunk, search),
        }
    }

    /// A block begins with a name, which `value` follows. (A function of its own, so that waiting needs no large frame;
    /// so is the next.)
    #[inline(never)]
    fn advance_named<'c>(&mut self, chunk: &mut &'c [u8], value: &'c [u8]) -> Result<Option<Found<'c>>, Error> {
        let len = chunk.len();
        let step = self.named_block(chunk, value);
        self.end_step(len - chunk.len(), step)
    }

    #[inline(never)]
    fn advance_stage<'c>(&mut self, chunk: &mut &'c [u8], search: Search) -> Result<Option<Found<'c>>, Error> {
        let len = chunk.len();
        let step = self.step(chunk, search);
        self.end_step(len - chunk.len(), step)
    }

    /// Notes what a step that took so many bytes has found.
    #[inline]
    fn end_step<'c>(&mut self, taken: usize, step: Step<'c>) -> Result<Option<Found<'c>>, Error> {
        self.position += taken as u64;
        match step {
            Ok(Some(found)) => {
                self.note(&found);
                Ok(Some(found))
            }
            Ok(None) => Ok(None),
            Err(fault) => Err(self.fail(fault)),
        }
    }

    #[inline]
    fn step<'c>(&mut self, chunk: &mut &'c [u8], search: Search) -> Step<'c> {
        loop {
            match self.stage {
                Stage::Lines(line) => return self.lines(line, chunk, search),
                Stage::LeadIn(lead_in) => {
                    let found = self.lead_in(lead_in, chunk)?;
                    if found.is_some() || chunk.is_empty() {
                        return Ok(found);
                    }
                }
                Stage::Body(lex) => return self.body(lex, chunk),
                Stage::AfterBody => return self.after_body(chunk),
                Stage::Failed(fault) => return Err(fault),
            }
        }
    }

    /// Counts an event that is about to be given, and gives memory back that it does not borrow.
    #[inline]
    pub(crate) fn note(&mut self, found: &Found<'_>) {
        match found {
            Found::Data(_) => self.seen.insert(Seen::RECEIVING),
            Found::Comment(_) | Found::BlankLine | Found::Ping(_) => self.keep_alives += 1,
            Found::Done => {
                self.seen.insert(Seen::COMPLETE);
                self.seen.remove(Seen::DONE_NEXT);
            }
            Found::Body(_) => self.seen.insert(Seen::COMPLETE),
            Found::Unknown(_) => self.seen.insert(Seen::UNKNOWN),
        }
        if !self.seen.any(Seen::LENT) {
            self.give_back();
        }
    }

    /// The event given last is gone: drops what it borrowed.
    #[inline]
    pub(crate) fn take_back(&mut self) {
        if self.seen.any(Seen::LENT) {
            self.seen.remove(Seen::LENT);
            let was_large = self.store.line().len() > store::KEPT;
            self.store.drop_line();
            self.store.give_back_above(self.max_len);
            // Another large event may follow one, and then has its memory.
            if !was_large || self.phase() != Phase::Receiving {
                self.give_back();
            }
        }
    }

    /// Gives memory back, unless a block is stored.
    #[inline]
    pub(crate) fn give_back(&mut self) {
        if self.seen.any(Seen::SPARE) {
            self.give_back_spare();
        }
    }

    #[cold]
    fn give_back_spare(&mut self) {
        if self.store.is_idle() {
            self.seen.remove(Seen::SPARE);
            self.store.give_back(!self.seen.any(Seen::RECEIVING));
        }
    }

    pub(crate) fn set_retry(&mut self, milliseconds: u64) {
        if !self.block.any(BlockFlags::RETRY) {
            self.block.insert(BlockFlags::RETRY);
            self.retry.before = self.retry.now;
            if self.seen.any(Seen::RETRY) {
                self.block.insert(BlockFlags::RETRY_BEFORE);
            }
        }
        self.retry.now = milliseconds;
        self.seen.insert(Seen::RETRY);
    }

    /// Undoes what the open block did to the reconnection time.
    pub(crate) fn restore_retry(&mut self) {
        if self.block.any(BlockFlags::RETRY) {
            self.retry.now = self.retry.before;
            self.seen.assign(Seen::RETRY, self.block.any(BlockFlags::RETRY_BEFORE));
        }
    }

    pub(crate) fn too_long(&mut self, limit: usize) -> Fault {
        self.tally = limit;
        Fault::TooLong
    }

    /// Moves to the end that R10 describes. The position is that of the byte that failed.
    #[cold]
    pub(crate) fn fail(&mut self, fault: Fault) -> Error {
        self.stage = Stage::Failed(fault);
        self.store.clear();
        self.store.give_back(true);
        self.error(fault)
    }

    pub(crate) fn error(&self, fault: Fault) -> Error {
        let kind = match fault {
            Fault::TooLong => ErrorKind::TooLong { limit: self.tally },
            Fault::NotJson(byte) => ErrorKind::NotJson { byte },
            Fault::TrailingBytes(byte) => ErrorKind::TrailingBytes { byte },
        };
        Error::new(kind, self.position)
    }
}
