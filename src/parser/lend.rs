//! Turns what was found into the event, which borrows from the parser.

use super::Parser;
use crate::{
    Body, Buffer, Data, Event, KeepAlive,
    state::{Block, Finding, Found, Part},
};

impl<B: Buffer> Parser<B> {
    /// The second half of [`Parser::next_event`]: gives the event that [`Parser::advance`] found. It is valid until the next call
    /// that changes the parser.
    ///
    /// If `found` is not from the last call, the event holds arbitrary bytes. There is no panic.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::{Event, Parser};
    /// let mut parser = Parser::new();
    /// let mut chunk = &b"data: {}\n\n"[..];
    /// let found = parser.advance(&mut chunk)?.expect("an event");
    /// let position = parser.position(); // not while an event is held that borrows from the parser
    /// let Event::Data(data) = parser.lend(found) else { panic!() };
    /// assert_eq!((data.as_bytes(), position), (&b"{}"[..], 10));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    #[inline]
    pub fn lend<'p, 'c: 'p>(&'p self, found: Found<'c>) -> Event<'p> {
        self.lend_finding(found.0)
    }

    #[inline]
    pub(super) fn lend_finding<'p, 'c: 'p>(&'p self, finding: Finding<Part<'c>>) -> Event<'p> {
        match finding {
            Finding::Data(block) => Event::Data(self.lend_block(block)),
            Finding::Comment(text) => Event::KeepAlive(KeepAlive::Comment(self.lend_part(text))),
            Finding::BlankLine => Event::KeepAlive(KeepAlive::BlankLine),
            Finding::Ping(block) => Event::KeepAlive(KeepAlive::Ping(self.lend_block(block))),
            Finding::Done => Event::Done,
            Finding::Body(bytes) => Event::Body(Body::new(self.lend_part(bytes))),
            Finding::Unknown(line) => Event::Unknown(self.lend_part(line)),
            Finding::Skipped(skipped) => Event::Skipped(skipped),
        }
    }

    #[inline(always)]
    pub(super) fn lend_data<'p>(&'p self, event: &'p [u8], data: &'p [u8]) -> Data<'p> {
        Data::new(event, self.store.last_event_id(), data)
    }

    #[inline]
    pub(super) fn lend_block<'p, 'c: 'p>(&'p self, block: Block<Part<'c>>) -> Data<'p> {
        self.lend_data(self.lend_part(block.event), self.lend_part(block.data))
    }

    #[inline]
    pub(super) fn lend_part<'p, 'c: 'p>(&'p self, part: Part<'c>) -> &'p [u8] {
        match part {
            Part::Chunk(bytes) => bytes,
            Part::Stored { start, end } => self.store.slice(start..end),
            Part::Error => b"error",
        }
    }
}
