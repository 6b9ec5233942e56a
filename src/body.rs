//! A JSON body: its bytes, from the one that decided to the one that closes it (R8).

use crate::{
    Buffer, Parser,
    flags::Seen,
    found::{Found, Part},
    json::{self, Lex},
    parser::{Fault, Stage, Step},
};

impl<B: Buffer> Parser<B> {
    /// Takes bytes of the body up to its end.
    pub(crate) fn body<'c>(&mut self, mut lex: Lex, chunk: &mut &'c [u8]) -> Step<'c> {
        let bytes = *chunk;
        let stored = self.store.len();
        let limit = self.max_len.min(self.store.capacity());
        let room = limit - stored;

        let end = json::body_end(&mut lex, &mut self.tally, bytes);
        let len = end.unwrap_or(bytes.len());
        if len.min(room) > 0 {
            self.seen.insert(Seen::RECEIVING);
        }
        if len > room {
            *chunk = &bytes[room..];
            return Err(self.too_long(limit));
        }
        *chunk = &bytes[len..];
        if end.is_none() {
            self.seen.insert(Seen::SPARE);
            self.store.append(bytes, self.max_len);
            self.stage = Stage::Body(lex);
            return Ok(None);
        }
        self.stage = Stage::AfterBody;
        if stored == 0 {
            return Ok(Some(Found::Body(Part::Chunk(&bytes[..len]))));
        }
        self.store.append(&bytes[..len], self.max_len);
        Ok(Some(self.stored_body()))
    }

    /// The body, all of which is stored.
    pub(crate) fn stored_body(&mut self) -> Found<'static> {
        let end = self.store.len();
        self.store.clear_next();
        self.seen.insert(Seen::LENT);
        Found::Body(Part::Stored { start: 0, end })
    }

    /// White space may follow a body, and nothing else.
    pub(crate) fn after_body<'c>(&mut self, chunk: &mut &'c [u8]) -> Step<'c> {
        let bytes = *chunk;
        let space = bytes.iter().position(|&byte| !json::is_white_space(byte));
        *chunk = &bytes[space.unwrap_or(bytes.len())..];
        match space {
            Some(at) => Err(Fault::TrailingBytes(bytes[at])),
            None => Ok(None),
        }
    }
}
