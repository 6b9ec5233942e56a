//! What a step has found, before it becomes an event.
//!
//! A finding borrows only from the chunk, and names stored bytes by their place. So another step can follow, or the finding can
//! be skipped, before an event borrows from the parser.

use crate::Skipped;

/// Bytes of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'c> {
    /// In the chunk.
    Chunk(&'c [u8]),
    /// In the store, from `start` to `end`.
    Stored { start: usize, end: usize },
    /// The name `error`, which a field of that name gives its block (R5).
    Error,
}

impl Part<'_> {
    pub(crate) const EMPTY: Self = Self::Chunk(&[]);
}

/// The name and the data of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<P> {
    pub(crate) event: P,
    pub(crate) data: P,
}

/// An event that is about to be given. `P` is the type that names its parts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Finding<P> {
    Comment(P),
    BlankLine,
    Ping(Block<P>),
    Data(Block<P>),
    Done,
    Body(P),
    Unknown(P),
    Skipped(Skipped),
}

impl<P> Finding<P> {
    #[inline]
    pub(crate) const fn is_keep_alive(&self) -> bool {
        match self {
            Self::Comment(_) | Self::BlankLine | Self::Ping(_) => true,
            Self::Skipped(skipped) => skipped.is_keep_alive(),
            _ => false,
        }
    }

    /// The same event, its parts named by another type.
    #[inline]
    fn map<Q>(self, part: impl Fn(P) -> Q) -> Finding<Q> {
        let block = |block: Block<P>| Block {
            event: part(block.event),
            data: part(block.data),
        };
        match self {
            Self::Comment(text) => Finding::Comment(part(text)),
            Self::BlankLine => Finding::BlankLine,
            Self::Ping(data) => Finding::Ping(block(data)),
            Self::Data(data) => Finding::Data(block(data)),
            Self::Done => Finding::Done,
            Self::Body(bytes) => Finding::Body(part(bytes)),
            Self::Unknown(line) => Finding::Unknown(part(line)),
            Self::Skipped(skipped) => Finding::Skipped(skipped),
        }
    }
}

/// An event that [`Parser::advance`](crate::Parser::advance) has found. [`Parser::lend`](crate::Parser::lend) gives it.
///
/// It borrows from the chunk and not from the parser. So you can ask the parser for its position, or call it again, before you
/// call `lend`.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Event, Parser};
///
/// let mut parser = Parser::new();
/// let mut chunk = &b": queued\n\ndata: {}\n\n"[..];
///
/// let found = loop {
///     match parser.advance(&mut chunk)? {
///         Some(found) if found.is_keep_alive() => {}
///         Some(found) => break found,
///         None => panic!("there is an event"),
///     }
/// };
/// assert_eq!(parser.position(), 20);
/// assert!(matches!(parser.lend(found), Event::Data(_)));
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Found<'c>(pub(crate) Finding<Part<'c>>);

impl<'c> Found<'c> {
    /// Whether the event is an [`Event::KeepAlive`](crate::Event::KeepAlive), or a comment that was skipped
    /// ([`Skipped::is_keep_alive`](crate::Skipped::is_keep_alive)).
    #[inline]
    pub const fn is_keep_alive(&self) -> bool {
        self.0.is_keep_alive()
    }

    /// Removes the borrow. `memory` is the slice that the chunk was a part of.
    ///
    /// This is for code that owns the memory into which it reads, as `EventReader` does: it can keep what it found and use its
    /// memory. [`Detached::attach`] borrows again.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// use llm_response::{Detached, Error, Event, Parser};
    ///
    /// /// Owns its memory, and so cannot return a `Found` from a loop that also writes to it.
    /// struct Reader {
    ///     parser: Parser,
    ///     memory: Vec<u8>,
    /// }
    ///
    /// impl Reader {
    ///     fn find(&mut self, mut next: impl Iterator<Item = &'static [u8]>) -> Result<Option<Detached>, Error> {
    ///         loop {
    ///             let mut chunk = &self.memory[..];
    ///             let found = self.parser.advance(&mut chunk)?;
    ///             let found = found.map(|found| found.detach(&self.memory));
    ///             if found.is_some() {
    ///                 return Ok(found); // what is left of the chunk is dropped, to keep this short
    ///             }
    ///             let Some(bytes) = next.next() else { return Ok(None) };
    ///             self.memory = bytes.to_vec();
    ///         }
    ///     }
    /// }
    ///
    /// let mut reader = Reader { parser: Parser::new(), memory: Vec::new() };
    /// let found = reader.find([&b"data"[..], b": {}\n\n"].into_iter())?.expect("an event");
    /// assert!(matches!(reader.parser.lend(found.attach(&reader.memory)), Event::Data(_)));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn detach(self, memory: &[u8]) -> Detached {
        Detached(self.0.map(|part| match part {
            // An empty part may come from elsewhere; its place does not matter.
            Part::Chunk(bytes) => Place::Memory {
                start: bytes.as_ptr().addr().wrapping_sub(memory.as_ptr().addr()),
                len: bytes.len(),
            },
            Part::Stored { start, end } => Place::Stored { start, end },
            Part::Error => Place::Error,
        }))
    }
}

/// A [`Found`] without its borrow, from [`Found::detach`].
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Event, Parser};
///
/// let mut parser = Parser::new();
/// let memory = b"data: {}\n\n".to_vec();
/// let found = parser.advance(&mut &memory[..])?.expect("an event").detach(&memory);
/// assert!(!found.is_keep_alive());
/// assert!(matches!(parser.lend(found.attach(&memory)), Event::Data(_)));
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Detached(Finding<Place>);

impl Detached {
    /// Whether the event is an [`Event::KeepAlive`](crate::Event::KeepAlive), or a comment that was skipped
    /// ([`Skipped::is_keep_alive`](crate::Skipped::is_keep_alive)).
    #[inline]
    pub const fn is_keep_alive(&self) -> bool {
        self.0.is_keep_alive()
    }

    /// Borrows again from `memory`, which must be the unchanged memory that it was detached from. With any other memory, the
    /// event holds arbitrary bytes. There is no panic.
    pub fn attach(self, memory: &[u8]) -> Found<'_> {
        Found(self.0.map(|place| match place {
            Place::Memory { len: 0, .. } => Part::EMPTY,
            Place::Memory { start, len } => {
                let end = start.saturating_add(len);
                Part::Chunk(memory.get(start..end).unwrap_or_default())
            }
            Place::Stored { start, end } => Part::Stored { start, end },
            Place::Error => Part::Error,
        }))
    }
}

/// Where a part of an event lies.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// In the memory that the chunk was a part of.
    Memory { start: usize, len: usize },
    /// In the parser's store.
    Stored { start: usize, end: usize },
    /// Nowhere.
    Error,
}
