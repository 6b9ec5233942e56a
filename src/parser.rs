//! The parser: where a chunk enters and an event leaves.
//!
//! ```text
//! chunk ─┬► common ── what servers send most, by one search ──────┐
//!        └► step ─┬── lead_in   the first byte decides (R1, R2)   ├─► found ─► Event
//!                 ├── lines     whole_lines, cut_line, field,     │
//!                 │             store, block (R3–R6)              │
//!                 └── body      json (R8) ────────────────────────┘
//! end ────► finish (R11–R13)
//! ```
//!
//! Goals, in this order: the same events for every way of cutting the bytes, nothing lost in silence, each byte looked at
//! once, and nothing copied that no cut makes necessary.
//!
//! The invariant: between two calls, all that the parser knows is [`Stage`] (what the next byte will be part of), the
//! store (what a cut made it keep) and a few counters. A step never remembers where a chunk began or ended.

use core::fmt;

use crate::{
    Buffer, Dialect, Error, Event, Format, HeapBuffer, KeepAlive, Options, Outcome, Phase, SliceBuffer,
    common::Common,
    flags::{BlockFlags, Seen},
    found::Found,
    json::Lex,
    lead_in::LeadIn,
    lines::LineState,
    store::Store,
};

/// An incremental parser of one response body at a time.
///
/// Bytes go in as they come from any transport, in chunks of any size; events come out with the byte that completes
/// them. An event that lies whole in its chunk is borrowed from it. The parser does no I/O and reads no clock.
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
/// `B` is where it stores what a chunk's end cuts: the heap, or memory that was lent ([`Parser::in_memory`]).
#[repr(C)] // keeps the two counters apart: side by side they would be updated as one vector, and stall each other
pub struct Parser<B = HeapBuffer> {
    pub(crate) store: Store<B>,
    pub(crate) position: u64,
    pub(crate) max_len: usize,
    pub(crate) keep_alives: u64,
    pub(crate) retry: Retry,
    /// Lines: what the open block counts (R9). Body: how many brackets are open (R8). Failed: the limit in force.
    pub(crate) tally: usize,
    pub(crate) stage: Stage,
    pub(crate) block: BlockFlags,
    pub(crate) seen: Seen,
    pub(crate) format: Format,
    pub(crate) dialect: Dialect,
    pub(crate) ended: Option<Outcome>,
}

/// What the next byte is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    LeadIn(LeadIn),
    Lines(LineState),
    Body(Lex),
    AfterBody,
    Failed(Fault),
}

/// What an [`ErrorKind`] needs beside [`Parser::tally`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    TooLong,
    NotJson(u8),
    TrailingBytes(u8),
}

/// The reconnection time, in milliseconds; whether each value is there is among the flags.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Retry {
    pub(crate) now: u64,
    /// What it was before the open block (R12).
    pub(crate) before: u64,
}

/// What a step gives: something found, or nothing and the chunk taken.
pub(crate) type Step<'c> = Result<Option<Found<'c>>, Fault>;

#[cfg(feature = "alloc")]
impl Parser<HeapBuffer> {
    /// A parser with [`Options::new`], which stores on the heap. Allocates nothing before a chunk's end cuts something.
    pub fn new() -> Self {
        Self::with_options(Options::new())
    }

    /// A parser which stores on the heap.
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
    /// A parser which stores in `memory` and needs no allocator. The limit is the size of `memory`, where that is less
    /// than [`Options::max_len`].
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
    /// A parser which stores in a [`Buffer`] of the caller's. What the buffer holds is dropped.
    pub fn with_buffer(buffer: B, options: Options) -> Self {
        Self {
            store: Store::new(buffer),
            max_len: options.max_len,
            position: 0,
            keep_alives: 0,
            retry: Retry::default(),
            tally: 0,
            stage: Stage::LeadIn(LeadIn::Start),
            block: BlockFlags::default(),
            seen: Seen::SPARE,
            format: options.format,
            dialect: options.dialect,
            ended: None,
        }
    }

    /// Takes bytes off the front of `chunk` until they complete an event.
    ///
    /// `Ok(None)` says that all of `chunk` was taken: you now wait for the next one, or call [`Parser::finish`] where
    /// there is none. Call it again with what is left of the chunk as long as it gives events, also when nothing is
    /// left: the last event of a chunk may be followed by a [`Event::Done`] that takes no byte. After `finish` it takes
    /// nothing and gives `Ok(None)`.
    ///
    /// # Errors
    ///
    /// Where the response cannot be read any further. `chunk` then starts at the byte that failed (or at its own start
    /// where that byte came earlier), and every further call gives the same error.
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
    #[inline]
    pub fn next_event<'p, 'c: 'p>(&'p mut self, chunk: &mut &'c [u8]) -> Result<Option<Event<'p>>, Error> {
        match self.common_step(chunk) {
            Common::Data(data) => Ok(Some(Event::Data(self.lend_data(data)))),
            Common::StoredData => Ok(Some(Event::Data(self.lend_data(self.store.log())))),
            Common::Comment(text) => Ok(Some(Event::KeepAlive(KeepAlive::Comment(text)))),
            Common::Taken => Ok(None),
            Common::Nothing(search) => match self.advance_any(chunk, search)? {
                Some(found) => Ok(Some(self.lend(found))),
                None => Ok(None),
            },
        }
    }

    /// [`Parser::next_event`], with keep-alives counted and passed over.
    ///
    /// # Errors
    ///
    /// As [`Parser::next_event`].
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
    #[inline]
    pub fn next_output<'p, 'c: 'p>(&'p mut self, chunk: &mut &'c [u8]) -> Result<Option<Event<'p>>, Error> {
        loop {
            match self.common_step(chunk) {
                Common::Data(data) => return Ok(Some(Event::Data(self.lend_data(data)))),
                Common::StoredData => return Ok(Some(Event::Data(self.lend_data(self.store.log())))),
                Common::Comment(_) => {}
                Common::Taken => return Ok(None),
                Common::Nothing(search) => match self.advance_any(chunk, search)? {
                    Some(found) if found.is_keep_alive() => {}
                    Some(found) => return Ok(Some(self.lend(found))),
                    None => return Ok(None),
                },
            }
        }
    }

    /// The push form: takes all of `chunk` and hands over every event that it completes. After [`Parser::finish`] it
    /// takes nothing.
    ///
    /// # Errors
    ///
    /// At the first error, with the events before it handed over. [`Error::offset`] says how far it came.
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
    pub fn push(&mut self, chunk: &[u8], mut on_event: impl FnMut(Event<'_>)) -> Result<(), Error> {
        let mut rest = chunk;
        while let Some(event) = self.next_event(&mut rest)? {
            on_event(event);
        }
        Ok(())
    }

    /// How far the response has come.
    pub fn phase(&self) -> Phase {
        if self.seen.any(Seen::COMPLETE) {
            Phase::Complete
        } else if self.seen.any(Seen::RECEIVING) {
            Phase::Receiving
        } else {
            Phase::Waiting
        }
    }

    /// How many bytes were taken since the start of the response. After an event: where that event ends; after an error:
    /// its offset.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How many [`Event::KeepAlive`]s there have been, those that were passed over and that of `finish` included.
    pub fn keep_alives(&self) -> u64 {
        self.keep_alives
    }

    /// The last event id, as the HTML standard has it: what a client sends as `Last-Event-ID` when it reconnects. Empty
    /// before the first.
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
        self.seen.any(Seen::RETRY).then_some(self.retry.now)
    }

    /// Whether the next byte would begin a line of an event stream, or nothing but line ends has come yet: where a proxy
    /// may insert a comment line.
    ///
    /// It never holds in a JSON body or after an error. [`Parser::finish`], which takes no byte, leaves it as it was.
    ///
    /// What a proxy inserts becomes part of the response, so there are three places to mind:
    ///
    /// * *after a CR*, an LF that follows still belongs to that line end; with a comment between the two it would be a
    ///   blank line. Let the next byte pass first;
    /// * *at position 0*, a byte order mark that follows would become data. Let the first byte pass first;
    /// * *where nothing but line ends has come*, a JSON body may follow. Insert a line end, not a comment.
    pub fn at_line_boundary(&self) -> bool {
        match self.stage {
            Stage::LeadIn(lead_in) => lead_in.is_clean(),
            Stage::Lines(line) => !line.is_open(),
            Stage::Body(_) | Stage::AfterBody | Stage::Failed(_) => false,
        }
    }

    /// Whether [`Parser::at_line_boundary`] holds and no block is open: where a proxy may insert a whole event.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let mut parser = Parser::new();
    /// parser.push(b"data: 1\n", |_| {})?;
    /// assert!(parser.at_line_boundary() && !parser.at_event_boundary());
    /// parser.push(b"\n", |_| {})?;
    /// assert!(parser.at_event_boundary());
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn at_event_boundary(&self) -> bool {
        self.at_line_boundary() && self.tally == 0
    }

    /// Makes the parser ready for another response. It keeps the options and the storage and drops the last event id.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::{Outcome, Parser};
    /// let mut parser = Parser::new();
    /// parser.push(b"data: cut", |_| {})?;
    /// parser.reset();
    /// parser.push(b"data: [DONE]\n\n", |_| {})?;
    /// assert_eq!(parser.finish()?.outcome, Outcome::Complete);
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn reset(&mut self) {
        self.store.reset();
        self.store.give_back_above(self.max_len);
        self.position = 0;
        self.keep_alives = 0;
        self.tally = 0;
        self.stage = Stage::LeadIn(LeadIn::Start);
        self.block = BlockFlags::default();
        self.seen = Seen::SPARE;
        self.ended = None;
    }
}

impl<B: Buffer> fmt::Debug for Parser<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parser")
            .field("stage", &self.stage)
            .field("phase", &self.phase())
            .field("position", &self.position)
            .field("keep_alives", &self.keep_alives)
            .field("stored", &self.store.len())
            .finish_non_exhaustive()
    }
}
