//! The lines of an event stream: where they end, and what each gives (R3–R5, R9).
//!
//! A line is taken in one of two ways. Whole in its chunk, it is searched for its end once, read in place, and what it
//! gives is borrowed ([`whole_lines`](crate::whole_lines)). Cut by the end of its chunk, what has come of it is stored
//! ([`cut_line`](crate::cut_line)), and [`LineState`] says where its next bytes belong, so that no byte of it is ever
//! looked at again.

use crate::{
    Buffer, Parser,
    field::Field,
    parser::{Stage, Step},
    scan::Search,
    whole_lines::Fields,
};

/// What the next byte of a line is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineState {
    /// A new line.
    Start,
    /// A new line, or the LF that belongs to a CR.
    AfterCr,
    /// A field's name, or the space before its value: too little has come to tell. All of it is stored.
    Name,
    /// The value of `data`, stored where it is given from.
    Data,
    /// The value of `event`, stored behind its mark.
    Event,
    /// The value of `id`, stored behind its mark.
    Id,
    /// The value of `retry`.
    Retry,
    /// A comment, stored from its colon on.
    Comment,
    /// A line that is no known field, stored from its first byte on.
    Unknown,
}

impl LineState {
    #[inline]
    pub(crate) const fn is_open(self) -> bool {
        !matches!(self, Self::Start | Self::AfterCr)
    }

    pub(crate) const fn value_of(field: Field) -> Self {
        match field {
            Field::Data => Self::Data,
            Field::Event => Self::Event,
            Field::Id => Self::Id,
            Field::Retry => Self::Retry,
        }
    }

    #[inline]
    pub(crate) const fn after(line_end: u8) -> Self {
        if line_end == b'\r' { Self::AfterCr } else { Self::Start }
    }
}

impl<B: Buffer> Parser<B> {
    /// Takes lines until one of them gives an event.
    #[inline]
    pub(crate) fn lines<'c>(&mut self, line: LineState, chunk: &mut &'c [u8], search: Search) -> Step<'c> {
        if !line.is_open() {
            return self.whole_lines(line, chunk, search, Fields::default());
        }
        let found = self.continue_line(line, chunk, search)?;
        match self.stage {
            Stage::Lines(line) if found.is_none() && !line.is_open() => {
                self.whole_lines(line, chunk, Search::NotYet, Fields::default())
            }
            _ => Ok(found),
        }
    }

    /// What the open block, with its comments and its id beside it, may count.
    #[inline]
    pub(crate) fn block_limit(&self) -> usize {
        self.max_len.min(self.store.capacity_beside_id())
    }
}
