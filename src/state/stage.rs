//! What the next byte is part of. Every call asks this first.

use crate::scan::{field::Field, json::Lex};

/// What the next byte is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)] // a byte of its own, that is compared as it is: the compiler would use gaps in what the stages hold
pub(crate) enum Stage {
    /// What comes before the response proper (R1, R2).
    LeadIn(LeadIn),
    /// A line of an event stream begins (R3).
    LineStart,
    /// The same, and nothing but comments has ended since the last blank line: the next one gives nothing. The short ways
    /// use it; for all others it is `LineStart` with [`BlockFlags::LINE`](super::BlockFlags::LINE). The limit has room for
    /// another comment of the usual length.
    AfterComment,
    /// A line begins, or the LF that belongs to a CR comes.
    AfterCr,
    /// More of a `data` value. It is what servers send most, so it has a stage of its own, which one comparison finds.
    DataLine,
    /// More of any other line.
    Line(OpenLine),
    /// A JSON body (R8).
    Body(Lex),
    /// After a body, or after the end of an array of values: only white space was received since.
    AfterBody,
    /// Between two values of a JSON stream (R17).
    BetweenValues,
    /// A value of a JSON stream.
    Value(Lex),
    /// An event that is too large, which is skipped.
    Skip(Skip),
    /// Nothing: an error is final (R10).
    Failed(Fault),
}

/// What the next byte is part of, in an event that is skipped. It is one byte, so that [`Stage`] stays two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Skip {
    /// A comment, beside a block that is not skipped.
    Comment,
    /// A block: a line begins.
    LineStart,
    /// A block: the same, or the LF that belongs to a CR.
    AfterCr,
    /// A block: a line that so far is the beginning of `event`.
    Event,
    /// A block: a line that so far is the beginning of `id`.
    Id,
    /// A block: any other line.
    Line,
    /// A block: a comment in it, which is stored.
    BlockComment,
    /// A block: a comment in it, which is skipped too.
    BlockSkippedComment,
    /// A JSON body.
    Body,
    /// A value of a JSON stream.
    Value,
}

/// What was received before the response proper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeadIn {
    /// Nothing.
    Start,
    /// The first byte of a byte order mark.
    Mark1,
    /// Two bytes of it.
    Mark2,
    /// Line ends and nothing else.
    LineEnds,
    /// The same, and a CR was last: an LF now belongs to it.
    LineEndsCr,
    /// White space, or white space after a byte order mark.
    Space,
    /// The same, and a CR was last.
    SpaceCr,
}

impl LeadIn {
    /// R15: whether only line ends were received, and the last of them is complete.
    pub(crate) const fn is_at_boundary(self) -> bool {
        matches!(self, Self::Start | Self::LineEnds)
    }

    /// How many bytes of a byte order mark were received.
    pub(crate) const fn mark_len(self) -> usize {
        match self {
            Self::Mark1 => 1,
            Self::Mark2 => 2,
            _ => 0,
        }
    }

    pub(crate) const fn is_after_cr(self) -> bool {
        matches!(self, Self::LineEndsCr | Self::SpaceCr)
    }

    pub(crate) const fn after_cr(self) -> Self {
        match self {
            Self::Start | Self::LineEnds | Self::LineEndsCr => Self::LineEndsCr,
            _ => Self::SpaceCr,
        }
    }

    pub(crate) const fn after_lf(self) -> Self {
        match self {
            Self::Start | Self::LineEnds | Self::LineEndsCr => Self::LineEnds,
            _ => Self::Space,
        }
    }
}

impl Stage {
    /// Where a line has ended with this byte.
    #[inline]
    pub(crate) const fn after(line_end: u8) -> Self {
        if line_end == b'\r' {
            Self::AfterCr
        } else {
            Self::LineStart
        }
    }

    /// Where a line is open.
    #[inline]
    pub(crate) const fn in_line(line: OpenLine) -> Self {
        match line {
            OpenLine::Value(Field::Data) => Self::DataLine,
            _ => Self::Line(line),
        }
    }

    /// The line that is open, if one is.
    #[inline]
    pub(crate) const fn open_line(self) -> Option<OpenLine> {
        match self {
            Self::DataLine => Some(OpenLine::Value(Field::Data)),
            Self::Line(line) => Some(line),
            _ => None,
        }
    }
}

/// What the next byte of an open line is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenLine {
    /// A field's name, or the space before its value: it is not decided yet which. All of it is stored.
    Name,
    /// The value of a field, stored where the event borrows it: `data` and `error` in the log of the block, `event` and `id`
    /// there after their marks, `retry` after the log.
    Value(Field),
    /// A comment, stored from its colon on.
    Comment,
    /// A line that is not a known field, stored from its first byte on.
    Unknown,
}

/// Why a response cannot be read any further: the part of an [`ErrorKind`](crate::ErrorKind) that the state does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    TooLong,
    NotJson(u8),
    NotText(u8),
    TrailingBytes(u8),
}
