//! What is kept between responses and events, and when memory is freed: after an event, between events, while waiting.

use super::Parser;
use crate::{Buffer, Phase, state::Control, store};

impl<B: Buffer> Parser<B> {
    /// Makes the parser ready for another response. It keeps the options and the storage and drops the last event id.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::{Outcome, Parser};
    /// let mut parser = Parser::new();
    /// parser.push(b"data: split", |_| {})?;
    /// parser.reset();
    /// parser.push(b"data: [DONE]\n\n", |_| {})?;
    /// assert_eq!(parser.finish()?.outcome, Outcome::Complete);
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn reset(&mut self) {
        self.store.reset();
        self.state.reset(self.store.limit());
    }

    /// Frees all memory that is not needed for stored bytes. This is for pools: call it after [`Parser::reset`].
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let mut parser = Parser::new();
    /// parser.push(b"data: split", |_| {})?;
    /// parser.reset();
    /// parser.shrink(); // no heap is held now
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn shrink(&mut self) {
        self.take_back();
        self.store.shrink();
    }

    /// Returns the buffer, with what is stored in it, for another use.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::{Options, Parser};
    /// let mut parser = Parser::new();
    /// parser.push(b"data: split", |_| {})?;
    /// let buffer = parser.into_buffer(); // and its memory
    /// let next = Parser::with_buffer(buffer, Options::new());
    /// # let _ = next;
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn into_buffer(self) -> B {
        self.store.into_buffer()
    }

    /// The last event is no longer in use: drops the bytes that it borrowed.
    #[inline]
    pub(super) fn take_back(&mut self) {
        if self.state.control.any(Control::LENT) {
            self.take_back_lent();
        }
    }

    #[inline(never)]
    fn take_back_lent(&mut self) {
        if self.state.ended.is_none() {
            self.state.control.remove(Control::LENT);
        }
        let was_large = self.store.drop_lent() > store::KEPT;
        self.store.give_back_above();
        // Another large event may follow, and can then use the same memory.
        if !was_large || self.state.phase() != Phase::Receiving {
            self.give_back();
        }
    }

    /// From here on bytes are stored.
    #[inline]
    pub(super) fn begin_storing(&mut self) {
        self.store.begin_line();
        self.state.control.insert(Control::SPARE);
    }

    /// Frees memory, unless a block is stored.
    #[inline]
    pub(super) fn give_back(&mut self) {
        if self.state.control.any(Control::SPARE) {
            self.give_back_spare();
        }
    }

    #[cold]
    fn give_back_spare(&mut self) {
        if self.store.is_idle() {
            self.state.control.remove(Control::SPARE);
            self.store.give_back(self.state.phase() == Phase::Waiting);
        }
    }
}
