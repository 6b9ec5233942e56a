//! What a step has found, before it is lent out.
//!
//! A [`Found`] borrows from the chunk alone and names what is stored by its place. So a step can be followed by another
//! one, or passed over, before [`lend`](crate::Parser::lend) ties the event to the parser.

use crate::{Body, Buffer, Data, Event, KeepAlive, Parser};

/// Bytes of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'c> {
    /// In the chunk.
    Chunk(&'c [u8]),
    /// In the store, from `start` to `end`.
    Stored { start: usize, end: usize },
}

impl Part<'_> {
    pub(crate) const EMPTY: Self = Self::Chunk(&[]);
}

/// A block that has data.
pub(crate) type Block<'c> = BlockOf<Part<'c>>;

/// A block that has data, in parts of any kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockOf<P> {
    pub(crate) event: P,
    pub(crate) data: P,
}

/// An event that is about to be given.
pub(crate) type Found<'c> = FoundOf<Part<'c>>;

/// An event that is about to be given, in parts of any kind.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FoundOf<P> {
    Comment(P),
    BlankLine,
    Ping(BlockOf<P>),
    Data(BlockOf<P>),
    Done,
    Body(P),
    Unknown(P),
}

impl<P> FoundOf<P> {
    #[inline]
    pub(crate) const fn is_keep_alive(&self) -> bool {
        matches!(self, Self::Comment(_) | Self::BlankLine | Self::Ping(_))
    }

    /// The same event with its parts named otherwise.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) fn map<Q>(self, part: impl Fn(P) -> Q) -> FoundOf<Q> {
        let block = |block: BlockOf<P>| BlockOf {
            event: part(block.event),
            data: part(block.data),
        };
        match self {
            Self::Comment(text) => FoundOf::Comment(part(text)),
            Self::BlankLine => FoundOf::BlankLine,
            Self::Ping(data) => FoundOf::Ping(block(data)),
            Self::Data(data) => FoundOf::Data(block(data)),
            Self::Done => FoundOf::Done,
            Self::Body(bytes) => FoundOf::Body(part(bytes)),
            Self::Unknown(line) => FoundOf::Unknown(part(line)),
        }
    }
}

impl<B: Buffer> Parser<B> {
    /// The event of what was found.
    #[inline]
    pub(crate) fn lend<'p, 'c: 'p>(&'p self, found: Found<'c>) -> Event<'p> {
        match found {
            Found::Data(block) => Event::Data(self.lend_block(block)),
            Found::Comment(text) => Event::KeepAlive(KeepAlive::Comment(self.lend_part(text))),
            Found::BlankLine => Event::KeepAlive(KeepAlive::BlankLine),
            Found::Ping(block) => Event::KeepAlive(KeepAlive::Ping(self.lend_block(block))),
            Found::Done => Event::Done,
            Found::Body(bytes) => Event::Body(Body {
                bytes: self.lend_part(bytes),
            }),
            Found::Unknown(line) => Event::Unknown(self.lend_part(line)),
        }
    }

    #[inline]
    pub(crate) fn lend_data<'p>(&'p self, data: &'p [u8]) -> Data<'p> {
        Data {
            event: &[],
            id: self.store.last_event_id(),
            data,
        }
    }

    #[inline]
    fn lend_block<'p, 'c: 'p>(&'p self, block: Block<'c>) -> Data<'p> {
        Data {
            event: self.lend_part(block.event),
            id: self.store.last_event_id(),
            data: self.lend_part(block.data),
        }
    }

    #[inline]
    pub(crate) fn lend_part<'p, 'c: 'p>(&'p self, part: Part<'c>) -> &'p [u8] {
        match part {
            Part::Chunk(bytes) => bytes,
            Part::Stored { start, end } => self.store.slice(start..end),
        }
    }
}
