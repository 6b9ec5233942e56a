//! The parser: where a chunk enters and an event leaves.
//!
//! ```text
//! chunk ─► advance ─┬► usual        what servers send most, by one search ────────┐
//!                   └► one step ─┬── lead_in      the first byte decides (R1, R2)  ├─► Found ─► lend ─► Event
//!                                ├── whole_lines, split_line       lines (R3–R5)   │
//!                                │   block        what a blank line means (R6)     │
//!                                ├── body         JSON (R8, R16)                   │
//!                                ├── json_stream  value by value (R17)             │
//!                                └── skip         what is too large (R9) ──────────┘
//! end ────► finish (R11–R13)
//! ```
//!
//! Goals, in this order: the same events for every way of splitting the bytes, nothing dropped silently, each byte looked
//! at once, and nothing copied that no split makes necessary.
//!
//! The invariant: between two calls, all that the parser knows is its [`State`] and what is in its [`Store`]. A step never
//! remembers where a chunk began or ended.

use core::fmt;

use crate::{
    Buffer, Error, Event, HeapBuffer, KeepAlive, Options, Phase, SliceBuffer,
    scan::{
        field::{COMMENT, begins_with},
        line_end::Search,
    },
    state::{BlockFlags, Control, Stage, State},
    store::Store,
};
use usual::{COMMENT_AGAIN, Piece, usual_ways};

mod advance;
mod block;
mod body;
mod boundaries;
mod finish;
mod json_stream;
mod lead_in;
mod lend;
mod memory;
mod skip;
mod split_line;
mod usual;
mod whole_lines;

/// An incremental parser of one response body at a time.
///
/// Make one with [`Parser::new`], [`Parser::with_options`] or, without an allocator, [`Parser::in_memory`]. Give it the bytes
/// of the response as the transport delivers them, in chunks of any size. It gives each event with the byte that completes
/// it. Events contained in one chunk are borrowed from that chunk. The parser does no I/O and reads no clock.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Event, Outcome, Parser};
///
/// let mut parser = Parser::new();
/// let mut text = String::new();
/// for mut chunk in [&b": keep-alive\n\nda"[..], b"ta: Hel\n\ndata: lo\n\nda", b"ta: [DONE]\n\n"] {
///     while let Some(event) = parser.next_event(&mut chunk)? {
///         match event {
///             Event::KeepAlive(_) => {} // restart the timer for silence
///             Event::Data(data) => text += &data.to_str_lossy(),
///             Event::Done => {}
///             other => eprintln!("unexpected: {other:?}"),
///         }
///     }
/// }
/// assert_eq!(text, "Hello");
/// assert_eq!(parser.finish()?.outcome, Outcome::Complete);
/// # Ok::<(), llm_response::Error>(())
/// ```
///
/// `B` is the memory in which it stores the beginning of a split event: the heap, or a slice ([`Parser::in_memory`]).
pub struct Parser<B = HeapBuffer> {
    store: Store<B>,
    state: State,
}

#[cfg(feature = "alloc")]
impl Parser<HeapBuffer> {
    /// Makes a parser with [`Options::new`] that stores on the heap. It allocates nothing until an event is split.
    ///
    /// ```
    /// use llm_response::{Parser, Phase};
    ///
    /// let parser = Parser::new();
    /// assert_eq!(parser.phase(), Phase::Waiting);
    /// ```
    pub fn new() -> Self {
        Self::with_options(Options::new())
    }

    /// Makes a parser with these options that stores on the heap.
    ///
    /// ```
    /// use llm_response::{Format, Options, Parser};
    ///
    /// let parser = Parser::with_options(Options::new().format(Format::EventStream).max_len(1 << 20));
    /// # let _ = parser;
    /// ```
    pub fn with_options(options: Options) -> Self {
        Self::with_buffer(HeapBuffer::new(), options)
    }
}

#[cfg(feature = "alloc")]
impl Default for Parser<HeapBuffer> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'m> Parser<SliceBuffer<'m>> {
    /// Makes a parser that stores in `memory` and needs no allocator. The limit is the size of `memory`, if that is less than
    /// [`Options::max_len`].
    ///
    /// ```
    /// use llm_response::{Event, Options, Parser};
    ///
    /// let mut memory = [0; 512];
    /// let mut parser = Parser::in_memory(&mut memory, Options::new());
    /// parser.push(b"data: h", |_| unreachable!())?;
    /// parser.push(b"i\n\n", |event| assert!(matches!(event, Event::Data(data) if data.as_bytes() == b"hi")))?;
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn in_memory(memory: &'m mut [u8], options: Options) -> Self {
        Self::with_buffer(SliceBuffer::new(memory), options)
    }
}

impl<B: Buffer> Parser<B> {
    /// Makes a parser that stores in a [`Buffer`] of your own. The contents of the buffer are dropped.
    ///
    /// ```
    /// use llm_response::{Options, Parser, SliceBuffer};
    ///
    /// let mut page = [0; 4096]; // or a `Buffer` of your own
    /// let mut parser = Parser::with_buffer(SliceBuffer::new(&mut page), Options::new());
    /// parser.push(b"data: {}\n\n", |event| println!("{event:?}"))?;
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn with_buffer(buffer: B, options: Options) -> Self {
        let store = Store::new(buffer, options.get_max_len());
        let state = State::new(options, store.limit());
        Self { store, state }
    }

    /// Takes bytes off the front of `chunk` until they complete an event.
    ///
    /// As long as it gives events, call it again with what is left of the chunk, even if nothing is left: an
    /// [`Event::Done`] that takes no byte may follow the last event of a chunk. `Ok(None)` means that all of `chunk` was
    /// taken: wait for the next chunk, or call [`Parser::finish`] if there is none. After `finish` it takes nothing and gives
    /// `Ok(None)`.
    ///
    /// # Errors
    ///
    /// If the response cannot be read any further. `chunk` then starts at the byte that failed, or at its own start if that
    /// byte was in an earlier chunk. Every further call gives the same error.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::{Event, KeepAlive, Parser};
    /// let mut parser = Parser::new();
    /// let mut chunk = &b": keep-alive\n\ndata: hello\n\ndata: wor"[..];
    ///
    /// assert_eq!(parser.next_event(&mut chunk)?, Some(Event::KeepAlive(KeepAlive::Comment(b"keep-alive"))));
    /// assert!(matches!(parser.next_event(&mut chunk)?, Some(Event::Data(data)) if data.as_bytes() == b"hello"));
    /// assert_eq!(chunk, b"data: wor");
    /// assert_eq!(parser.next_event(&mut chunk)?, None);
    /// assert_eq!(chunk, b"");
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    #[inline(always)] // in any build, so that the cost does not depend on how often a program calls it
    pub fn next_event<'p, 'c: 'p>(&'p mut self, chunk: &mut &'c [u8]) -> Result<Option<Event<'p>>, Error> {
        usual_ways!(self, chunk, search, {
            nothing => return Ok(None),
            comment(text) => return Ok(Some(Event::KeepAlive(KeepAlive::Comment(text)))),
            data(event, data) => return Ok(Some(Event::Data(self.lend_data(event, data)))),
            stored(event) => return Ok(Some(Event::Data(self.lend_data(event, self.store.log())))),
        });
        self.next_event_any(chunk, search)
    }

    /// What [`Parser::next_event`] does not do itself.
    #[inline(never)]
    fn next_event_any<'p, 'c: 'p>(
        &'p mut self,
        chunk: &mut &'c [u8],
        search: Search,
    ) -> Result<Option<Event<'p>>, Error> {
        if self.state.control.any(Control::STORED_NEXT) {
            return self.stored_event();
        }
        self.next_event_general(chunk, search)
    }

    /// The event of a block that is stored.
    #[inline(never)]
    fn stored_event(&mut self) -> Result<Option<Event<'_>>, Error> {
        let block = self.give_stored();
        Ok(Some(Event::Data(self.lend_block(block))))
    }

    #[inline(never)]
    fn next_event_general<'p, 'c: 'p>(
        &'p mut self,
        chunk: &mut &'c [u8],
        search: Search,
    ) -> Result<Option<Event<'p>>, Error> {
        match self.advance_any(chunk, search)? {
            Some(finding) => Ok(Some(self.lend_finding(finding))),
            None => Ok(None),
        }
    }

    /// Like [`Parser::next_event`], but counts keep-alives and skips them.
    ///
    /// # Errors
    ///
    /// Those of [`Parser::next_event`].
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::{Event, Parser};
    /// let mut parser = Parser::new();
    /// let mut chunk = &b": keep-alive\n\n: keep-alive\n\ndata: hello\n\n"[..];
    ///
    /// assert!(matches!(parser.next_output(&mut chunk)?, Some(Event::Data(_))));
    /// assert_eq!(parser.keep_alives(), 2);
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    #[inline(always)]
    pub fn next_output<'p, 'c: 'p>(&'p mut self, chunk: &mut &'c [u8]) -> Result<Option<Event<'p>>, Error> {
        'comments: loop {
            usual_ways!(self, chunk, search, {
                nothing => return Ok(None),
                comment(_text) => continue 'comments,
                data(event, data) => return Ok(Some(Event::Data(self.lend_data(event, data)))),
                stored(event) => return Ok(Some(Event::Data(self.lend_data(event, self.store.log())))),
            });
            return self.next_output_any(chunk, search);
        }
    }

    #[inline(never)]
    fn next_output_any<'p, 'c: 'p>(
        &'p mut self,
        chunk: &mut &'c [u8],
        search: Search,
    ) -> Result<Option<Event<'p>>, Error> {
        let mut finding = self.advance_any(chunk, search)?;
        loop {
            match finding {
                Some(finding) if finding.is_keep_alive() => {}
                Some(finding) => return Ok(Some(self.lend_finding(finding))),
                None => return Ok(None),
            }
            finding = self.advance(chunk)?.map(|found| found.0);
        }
    }

    /// The push form: takes all of `chunk` and calls `on_event` with every event that it completes. After
    /// [`Parser::finish`] it takes nothing.
    ///
    /// # Errors
    ///
    /// It stops at the first error. The events before that were passed to `on_event`; [`Error::offset`] is the byte that failed.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let mut parser = Parser::new();
    /// let mut events = 0;
    /// parser.push(b"data: 1\n\ndata: 2\n\ndata: 3", |_event| events += 1)?;
    /// assert_eq!(events, 2);
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    #[inline]
    pub fn push(&mut self, chunk: &[u8], mut on_event: impl FnMut(Event<'_>)) -> Result<(), Error> {
        let mut rest = chunk;
        let rest = &mut rest;
        'events: loop {
            usual_ways!(self, rest, search, {
                nothing => return Ok(()),
                comment(text) => {
                    on_event(Event::KeepAlive(KeepAlive::Comment(text)));
                    continue 'events;
                },
                data(event, data) => {
                    on_event(Event::Data(self.lend_data(event, data)));
                    continue 'events;
                },
                stored(event) => {
                    on_event(Event::Data(self.lend_data(event, self.store.log())));
                    continue 'events;
                },
            });
            match self.next_event_any(rest, search)? {
                Some(event) => on_event(event),
                None => return Ok(()),
            }
        }
    }

    /// How far the response has progressed.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::{Parser, Phase};
    /// let mut parser = Parser::new();
    /// parser.push(b"\n\n", |_| {})?;
    /// assert_eq!(parser.phase(), Phase::Waiting); // show "queued"
    /// parser.push(b"{\"choices\"", |_| {})?;
    /// assert_eq!(parser.phase(), Phase::Receiving); // a body is on its way
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn phase(&self) -> Phase {
        self.state.phase()
    }

    /// The number of bytes taken since the start of the response. After an event, this is where the event ends; after an error,
    /// it is the offset of the error.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let mut parser = Parser::new();
    /// let mut chunk = &b"data: 1\n\ndata: 2\n\n"[..];
    /// assert!(parser.next_event(&mut chunk)?.is_some());
    /// assert_eq!(parser.position(), 9); // the first event ends here
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn position(&self) -> u64 {
        self.state.position
    }

    /// The number of keep-alives so far, including those that [`Parser::next_output`] or [`Oversize::Skip`](crate::Oversize::Skip)
    /// skipped, and one that `finish` gave.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let mut parser = Parser::new();
    /// parser.push(b": queued\n\n: queued\n\ndata: {}\n\n", |_| {})?;
    /// assert_eq!(parser.keep_alives(), 2);
    ///
    /// let outcome = parser.finish()?.outcome; // `finish` borrows the parser: take what you need from it,
    /// println!("{outcome} ({} keep-alives)", parser.keep_alives()); // then ask the parser again
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn keep_alives(&self) -> u64 {
        self.state.keep_alives
    }

    /// The last event id, as defined by the HTML standard: a client sends it as `Last-Event-ID` when it reconnects. Empty
    /// before the first id.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let mut parser = Parser::new();
    /// parser.push(b"id: 7\ndata: 1\n\nid: 8\ndata: 2\n", |_| {})?;
    /// assert_eq!(parser.last_event_id(), b"7"); // the second event is not complete yet
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn last_event_id(&self) -> &[u8] {
        self.store.last_event_id()
    }

    /// The reconnection time that the server asked for with `retry`, in milliseconds.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let mut parser = Parser::new();
    /// parser.push(b"retry: 3000\n", |_| {})?;
    /// assert_eq!(parser.retry(), Some(3000));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn retry(&self) -> Option<u64> {
        self.state.retry()
    }
}

impl<B: Buffer> fmt::Debug for Parser<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parser")
            .field("stage", &self.state.stage)
            .field("phase", &self.phase())
            .field("position", &self.state.position)
            .field("keep_alives", &self.state.keep_alives)
            .field("stored", &self.store.log_len())
            .finish_non_exhaustive()
    }
}
