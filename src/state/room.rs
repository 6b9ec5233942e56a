//! R9: how many more bytes are allowed.

/// What is left of the limit, in bytes, for a block, a comment, a body or a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room(pub(crate) usize);

impl Room {
    #[inline(always)]
    pub(crate) const fn fits(self, len: usize) -> bool {
        len <= self.0
    }

    /// What is left after so many bytes.
    #[inline(always)]
    pub(crate) const fn beside(self, len: usize) -> Self {
        Self(self.0.saturating_sub(len))
    }
}
