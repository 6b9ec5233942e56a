//! What is kept between responses and events, and when memory is freed: after an event, between events, while waiting.

use super::Parser;
use crate::{
    Buffer, Phase,
    state::{Control, Stage},
    store,
};

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

    /// Hands over the stored memory that holds the last event, or the `rest` of [`Parser::finish`], so that a large one
    /// outlives the next call without a copy. The memory begins with the bytes of [`Parser::last_event_id`]; compare
    /// addresses with its address to find a part of the event in it, as below.
    ///
    /// It gives `None` if the event is not stored, or if more than the event is stored, as for a comment within a block.
    /// [`Parser::lend`] then still gives the event. If the buffer keeps its memory ([`Buffer::take`]), this is a copy.
    ///
    /// ```
    /// use llm_response::{Event, Parser};
    ///
    /// let mut parser = Parser::new();
    /// assert!(parser.advance(&mut &b"data: {\"text\":"[..])?.is_none());
    /// let found = parser.advance(&mut &b"\"hi\"}\n\n"[..])?.expect("the end of an event");
    /// let Event::Data(data) = parser.lend(found) else { panic!() };
    /// let (address, len) = (data.as_bytes().as_ptr().addr(), data.as_bytes().len());
    ///
    /// let start = address - parser.last_event_id().as_ptr().addr();
    /// let memory = parser.take_stored().expect("the event was split");
    /// assert_eq!(&memory[start..start + len], b"{\"text\":\"hi\"}");
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    #[cfg(feature = "alloc")]
    pub fn take_stored(&mut self) -> Option<alloc::vec::Vec<u8>> {
        if !self.state.control.any(Control::LENT) {
            return None;
        }
        self.store.take()
    }

    /// Sets the last event id and the reconnection time, which a client keeps when it reconnects.
    ///
    /// It works before the first byte of a response, after [`Parser::finish`] and after an error. Within a response it does
    /// nothing. An id that does not fit into the buffer is dropped.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::{Event, Parser};
    /// let mut parser = Parser::new();
    /// parser.push(b"id: 7\nretry: 3000\ndata: 1\n\n", |_| {})?;
    /// let (id, retry) = (parser.last_event_id().to_vec(), parser.retry()); // to be sent as `Last-Event-ID`
    ///
    /// parser.reset();
    /// parser.restore(&id, retry);
    /// let mut chunk = &b"data: 2\n\n"[..];
    /// assert!(matches!(parser.next_event(&mut chunk)?, Some(Event::Data(data)) if data.id() == b"7"));
    /// assert_eq!(parser.retry(), Some(3000));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn restore(&mut self, last_event_id: &[u8], retry: Option<u64>) {
        let is_new = self.state.position == 0;
        let is_failed = matches!(self.state.stage, Stage::Failed(_));
        if !is_new && !is_failed && self.state.ended.is_none() {
            return;
        }
        self.take_back();
        self.store.restore_id(last_event_id);
        self.state.restore_retry(retry);
        self.state.control.insert(Control::SPARE);
        if is_new && !is_failed {
            self.begin_block();
        }
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
            self.state.control.remove(Control::LOG_LENT);
        }
        let was_large = self.store.drop_lent() > store::KEPT;
        self.store.give_back_above();
        // Another large event may follow, and can then use the same memory.
        if !was_large || self.state.phase() != Phase::Receiving {
            self.give_back();
        }
    }

    /// The log is the event that is about to be given.
    #[inline(always)]
    pub(super) fn lend_log(&mut self) {
        self.store.clear_next();
        self.state.control.insert(Control::LENT);
        self.state.control.insert(Control::LOG_LENT);
    }

    /// The same as [`Parser::take_back`] after such an event of a usual size, in fewer steps. Whether it was one.
    #[inline(always)]
    pub(super) fn take_back_log(&mut self) -> bool {
        if self.state.control != Control::AFTER_LOG || !self.store.is_log_usual() {
            return false;
        }
        self.state.control = Control::default();
        self.store.drop_log();
        true
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
