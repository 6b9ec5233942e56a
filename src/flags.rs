//! Small sets of facts, a byte each: what keeps `Parser` within 96 bytes.

/// Facts about the open block, dropped at the blank line that ends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockFlags(u8);

impl BlockFlags {
    /// A line of any kind has ended since the last blank line (R6).
    pub(crate) const LINE: Self = Self(1);
    /// The log holds data.
    pub(crate) const DATA: Self = Self(1 << 1);
    /// The log holds an event name.
    pub(crate) const EVENT: Self = Self(1 << 2);
    /// The log holds an id.
    pub(crate) const ID: Self = Self(1 << 3);
    /// The log holds a name or an id behind data.
    pub(crate) const MIXED: Self = Self(1 << 4);
    /// A `retry` of this block took effect.
    pub(crate) const RETRY: Self = Self(1 << 5);
    /// `Retry::before` holds a value.
    pub(crate) const RETRY_BEFORE: Self = Self(1 << 6);
    /// The log holds something.
    pub(crate) const STORED: Self = Self(Self::DATA.0 | Self::EVENT.0 | Self::ID.0);
}

/// Facts about the response, dropped by `reset`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen(u8);

impl Seen {
    /// A `Data` was given, or the first byte of a body was taken.
    pub(crate) const RECEIVING: Self = Self(1);
    /// An `Unknown` was given.
    pub(crate) const UNKNOWN: Self = Self(1 << 1);
    /// A `Done` or a `Body` was given.
    pub(crate) const COMPLETE: Self = Self(1 << 2);
    /// The next call gives `Done`.
    pub(crate) const DONE_NEXT: Self = Self(1 << 3);
    /// The event given last may borrow from the store, which the next call clears.
    pub(crate) const LENT: Self = Self(1 << 4);
    /// `finish` was called.
    pub(crate) const ENDED: Self = Self(1 << 5);
    /// `Retry::now` holds a value.
    pub(crate) const RETRY: Self = Self(1 << 6);
    /// Something was stored since memory was given back.
    pub(crate) const SPARE: Self = Self(1 << 7);
    /// What makes the next call more than taking bytes.
    pub(crate) const INTERRUPTS: Self = Self(Self::DONE_NEXT.0 | Self::LENT.0 | Self::ENDED.0);

    #[inline]
    pub(crate) fn remove(&mut self, others: Self) {
        self.0 &= !others.0;
    }

    pub(crate) fn assign(&mut self, others: Self, holds: bool) {
        self.remove(others);
        if holds {
            self.insert(others);
        }
    }
}

macro_rules! set_operations {
    ($name:ident) => {
        impl $name {
            /// Whether any of `others` holds.
            #[inline]
            pub(crate) const fn any(self, others: Self) -> bool {
                self.0 & others.0 != 0
            }

            #[inline]
            pub(crate) fn insert(&mut self, others: Self) {
                self.0 |= others.0;
            }
        }
    };
}

set_operations!(BlockFlags);
set_operations!(Seen);
