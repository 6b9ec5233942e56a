//! What a block means once its blank line has come (R6).

use crate::{
    Buffer, Dialect, Parser,
    flags::{BlockFlags, Seen},
    found::{Block, Found, Part},
    json,
    whole_lines::Fields,
};

/// What a block with data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The stream's end mark.
    Done,
    /// Data after which the stream is done.
    LastData,
    Ping,
    Data,
}

/// R6, for a block that has data.
#[inline]
pub(crate) fn meaning(dialect: Dialect, event: &[u8], data: &[u8]) -> Meaning {
    match dialect {
        Dialect::EventSource => Meaning::Data,
        Dialect::Llm if is_done(data) => Meaning::Done,
        Dialect::Llm if event.is_empty() && !data.is_empty() => Meaning::Data,
        Dialect::Llm => match event {
            b"message_stop" | b"response.completed" | b"response.failed" | b"response.incomplete" => Meaning::LastData,
            b"ping" | b"keepalive" | b"keep-alive" | b"keep_alive" | b"heartbeat" => Meaning::Ping,
            _ if data.is_empty() => Meaning::Ping,
            _ => Meaning::Data,
        },
    }
}

#[inline]
fn is_done(data: &[u8]) -> bool {
    let may_be = |&byte: &u8| byte == b'[' || json::is_white_space(byte);
    data.first().is_some_and(may_be) && json::trim(data) == b"[DONE]"
}

impl<B: Buffer> Parser<B> {
    /// A blank line has come: what it gives. `fields` are those that lie in the chunk; where some are stored, all are.
    #[inline]
    pub(crate) fn end_block<'c>(&mut self, fields: Fields<'c>) -> Option<Found<'c>> {
        let flags = core::mem::take(&mut self.block);
        self.tally = 0;
        if flags == BlockFlags::default() {
            return Some(Found::BlankLine);
        }
        if flags.any(BlockFlags::STORED) {
            return self.end_stored_block(flags);
        }
        if let Some(id) = fields.id {
            self.store.set_id(id, self.max_len);
            self.seen.insert(Seen::SPARE);
        }
        let block = Block {
            event: Part::Chunk(fields.event.unwrap_or_default()),
            data: Part::Chunk(fields.data?),
        };
        Some(self.give(block))
    }

    fn end_stored_block<'c>(&mut self, flags: BlockFlags) -> Option<Found<'c>> {
        let old_id_len = self.store.last_event_id().len();
        let mut gathered = self.store.gather(flags, self.store.len(), true);
        if flags.any(BlockFlags::ID) {
            gathered = self.store.cut_old_id_out(old_id_len, gathered, self.max_len);
        }
        self.store.clear_next();
        self.seen.insert(Seen::LENT);
        if !flags.any(BlockFlags::DATA) {
            self.take_back();
            return None;
        }
        Some(self.give(gathered.block()))
    }

    /// The event of a block that has data.
    #[inline]
    fn give<'c>(&mut self, block: Block<'c>) -> Found<'c> {
        match meaning(self.dialect, self.lend_part(block.event), self.lend_part(block.data)) {
            Meaning::Done => Found::Done,
            Meaning::LastData => {
                self.seen.insert(Seen::DONE_NEXT);
                Found::Data(block)
            }
            Meaning::Ping => Found::Ping(block),
            Meaning::Data => Found::Data(block),
        }
    }
}
