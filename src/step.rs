//! One step: from the stage to what it finds, and what is noted of it.

use crate::{
    Buffer, Error, ErrorKind, Parser, Phase,
    flags::{BlockFlags, Seen},
    found::Found,
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

    /// One step, the general way. `search` is what is known of the chunk.
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
            self.note(&Found::BlankLine);
            return Ok(Some(Found::BlankLine));
        }
        let len = chunk.len();
        let step = self.step(chunk, search);
        self.position += (len - chunk.len()) as u64;
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
