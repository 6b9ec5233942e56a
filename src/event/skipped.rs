//! An event that was too large.

/// An event that was skipped because it is larger than the limit ([`Oversize::Skip`](crate::Oversize::Skip)).
///
/// ```
/// use llm_response::{Event, Options, Oversize, Parser};
///
/// let mut memory = [0; 64];
/// let mut parser = Parser::in_memory(&mut memory, Options::new().oversize(Oversize::Skip));
/// parser.push(b"event: response.completed\ndata: {\"response\":{\"output\":[\"", |event| panic!("{event:?}"))?;
/// parser.push(&[b'x'; 5000], |event| panic!("{event:?}"))?;
///
/// let mut chunk = &b"\"]}}\n\n"[..];
/// let Some(Event::Skipped(skipped)) = parser.next_event(&mut chunk)? else { panic!() };
/// assert_eq!(skipped.len(), 26 + 5035); // the lengths of two lines, including one byte for the end of each
/// assert!(!skipped.is_keep_alive());
/// assert_eq!(parser.next_event(&mut chunk)?, Some(Event::Done)); // because of its name, `response.completed`
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    len: u64,
    pub(crate) kind: SkippedKind,
}

/// What was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SkippedKind {
    /// A comment.
    Comment,
    /// A block that has no field before the limit.
    Text,
    /// An event that may have been output.
    Output,
}

impl Skipped {
    pub(crate) const fn of(kind: SkippedKind, len: u64) -> Self {
        Self { len, kind }
    }

    /// Makes a skipped event of `len` bytes, for your own tests.
    pub const fn new(len: u64) -> Self {
        Self::of(SkippedKind::Output, len)
    }

    /// Makes a skipped comment of `len` bytes, for your own tests.
    ///
    /// ```
    /// use llm_response::{Event, Skipped};
    ///
    /// let skipped = Skipped::comment(70_000);
    /// assert!(skipped.is_keep_alive());
    /// assert_eq!(Event::Skipped(skipped), Event::Skipped(Skipped::comment(70_000)));
    /// ```
    pub const fn comment(len: u64) -> Self {
        Self::of(SkippedKind::Comment, len)
    }

    /// Its length in bytes, as [`Options::max_len`](crate::Options::max_len) counts it:
    ///
    /// * for a block, its lines except comments, each with one byte for its end;
    /// * for a comment, the line without its end;
    /// * for a body or a value, all bytes from the first to the last.
    ///
    /// If `usize` has fewer than 64 bits, it counts up to `usize::MAX`.
    #[allow(clippy::len_without_is_empty, reason = "it is never empty")]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it was a comment. If so, it was a sign of activity, and no output is missing.
    ///
    /// ```
    /// use llm_response::{Event, Options, Oversize, Parser};
    ///
    /// let mut parser = Parser::in_memory(&mut [], Options::new().oversize(Oversize::Skip));
    /// let mut chunk = &b": queued\n"[..];
    /// let Some(Event::Skipped(skipped)) = parser.next_event(&mut chunk)? else { panic!() };
    /// assert!(skipped.is_keep_alive());
    /// assert_eq!((skipped.len(), parser.keep_alives()), (8, 1));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub const fn is_keep_alive(&self) -> bool {
        matches!(self.kind, SkippedKind::Comment)
    }
}
