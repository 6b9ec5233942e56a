//! What a block means when its blank line ends it (R6, R7).

use super::Parser;
use crate::{
    Buffer, Dialect,
    scan::{json, name},
    state::{Block, BlockFlags, Control, Facts, Finding, Part},
};

/// The fields of the open block that lie in the chunk. Each replaces the same field in the log.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields<'c> {
    pub(super) event: Option<&'c [u8]>,
    pub(super) id: Option<&'c [u8]>,
    /// Used only if the log holds no data.
    pub(super) data: Option<&'c [u8]>,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// No event: it has neither data nor a name, or the dialect is the standard's.
    Nothing,
    /// Output without an event: it has a name, but no data.
    Output,
    /// The stream's end mark.
    Done,
    Ping,
    Data,
    /// Data that is also the end of the stream.
    LastData,
}

/// R6, for a block with this value of `event`, and this data if it has any.
#[inline]
pub(super) fn meaning(dialect: Dialect, event: &[u8], data: Option<&[u8]>) -> Meaning {
    match (dialect, data) {
        (Dialect::EventSource, Some(_)) => Meaning::Data,
        (Dialect::EventSource, None) => Meaning::Nothing,
        (Dialect::Llm, Some(data)) if is_done(data) => Meaning::Done,
        (Dialect::Llm, Some(data)) => {
            let name = if event.is_empty() {
                name::type_member(data)
            } else {
                event
            };
            match name {
                [] if data.is_empty() => Meaning::Ping,
                [] => Meaning::Data,
                _ if name::has_no_meaning(name) => Meaning::Data,
                _ if name::is_ping_name(name) => Meaning::Ping,
                _ if name::is_terminal_name(name) => Meaning::LastData,
                _ => Meaning::Data,
            }
        }
        (Dialect::Llm, None) => match event {
            [] => Meaning::Nothing,
            _ if name::is_ping_name(event) => Meaning::Ping,
            _ if name::is_error_name(event) && name::is_terminal_name(event) => Meaning::LastData,
            _ if name::is_error_name(event) => Meaning::Data,
            _ if name::is_terminal_name(event) => Meaning::Done,
            _ => Meaning::Output,
        },
    }
}

/// R6 a.
#[inline]
pub(super) fn is_done(data: &[u8]) -> bool {
    let may_be = |&byte: &u8| matches!(byte, b'[' | b'"') || json::is_white_space(byte);
    data.first().is_some_and(may_be) && matches!(json::trim(data), b"[DONE]" | b"\"[DONE]\"")
}

impl<B: Buffer> Parser<B> {
    /// A block begins, which has all of the limit.
    #[inline]
    pub(super) fn begin_block(&mut self) {
        self.state.begin_block(self.store.limit());
    }

    /// Ends the block at a blank line, and gives its event. `fields` are those in the chunk; the others are in the log.
    #[inline]
    pub(super) fn end_block<'c>(&mut self, fields: &Fields<'c>) -> Option<Finding<Part<'c>>> {
        let flags = self.state.block;
        if flags == BlockFlags::default() {
            return Some(Finding::BlankLine);
        }
        if let Some(id) = fields.id {
            self.store.set_id(id);
            self.state.control.insert(Control::SPARE);
        }
        let mut block = Block {
            event: Part::EMPTY,
            data: Part::EMPTY,
        };
        if flags.any(BlockFlags::IN_LOG) {
            block = self.end_log(flags, fields.id.is_none());
        }
        self.begin_block();
        if let Some(event) = fields.event {
            block.event = Part::Chunk(event);
        }
        if let Some(data) = fields.data {
            block.data = Part::Chunk(data);
        }
        if flags.any(BlockFlags::ERROR) {
            block.event = Part::Error;
        }
        let has_data = fields.data.is_some() || flags.any(BlockFlags::DATA_IN_LOG);
        let found = self.give_block(block, has_data);
        if found.is_none() && flags.any(BlockFlags::IN_LOG) {
            self.take_back();
        }
        found
    }

    /// The part of a block that is stored. The next call drops it.
    #[inline]
    fn end_log(&mut self, flags: BlockFlags, adopt_id: bool) -> Block<Part<'static>> {
        if !flags.any(BlockFlags::MARKS_IN_LOG) {
            let data = self.store.log_part();
            self.store.clear_next();
            self.state.control.insert(Control::LENT);
            return Block {
                event: Part::EMPTY,
                data,
            };
        }
        self.end_log_with_marks(flags, adopt_id)
    }

    #[inline(never)]
    fn end_log_with_marks(&mut self, flags: BlockFlags, adopt_id: bool) -> Block<Part<'static>> {
        let mut gathered = self.store.gather(flags, false);
        if adopt_id {
            self.store.adopt_gathered_id(&mut gathered);
        }
        self.store.clear_next();
        self.state.control.insert(Control::LENT);
        gathered.block()
    }

    /// The event of a block.
    #[inline]
    fn give_block<'c>(&mut self, block: Block<Part<'c>>, has_data: bool) -> Option<Finding<Part<'c>>> {
        match self.block_meaning(block, has_data) {
            Meaning::Nothing => None,
            Meaning::Output => {
                self.state.facts.insert(Facts::RECEIVING);
                self.state.facts.insert(Facts::OUTPUT);
                None
            }
            Meaning::Done => self.done(),
            Meaning::Ping => Some(Finding::Ping(block)),
            Meaning::Data => Some(Finding::Data(block)),
            Meaning::LastData => {
                self.done_next();
                Some(Finding::Data(block))
            }
        }
    }

    #[inline]
    pub(super) fn block_meaning(&self, block: Block<Part<'_>>, has_data: bool) -> Meaning {
        let data = has_data.then(|| self.lend_part(block.data));
        meaning(self.state.settings.dialect, self.lend_part(block.event), data)
    }
}
