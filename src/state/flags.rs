//! Three small sets of one or two bytes each, which keep a parser within 96 bytes.

macro_rules! set {
    ($(#[$about:meta])* $name:ident($bits:ty) { $($(#[$doc:meta])* $flag:ident = $bit:expr;)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) struct $name($bits);

        impl $name {
            $($(#[$doc])* pub(crate) const $flag: Self = Self($bit);)+

            /// Whether any of `others` holds.
            #[inline(always)]
            pub(crate) const fn any(self, others: Self) -> bool {
                self.0 & others.0 != 0
            }

            #[inline(always)]
            pub(crate) fn insert(&mut self, others: Self) {
                self.0 |= others.0;
            }

            #[allow(dead_code, reason = "no set needs all operations")]
            #[inline]
            pub(crate) fn remove(&mut self, others: Self) {
                self.0 &= !others.0;
            }
        }
    };
}

set! {
    /// Facts about the open block. The blank line that ends the block clears them.
    BlockFlags(u8) {
        /// A line of any kind has ended since the last blank line (R6).
        LINE = 1;
        /// One of them was a field (R16).
        FIELD = 1 << 1;
        /// One of them was the field `error` (R5).
        ERROR = 1 << 2;
        /// The log in the store holds data of this block. (Data that lies in the chunk is not in the log.)
        DATA_IN_LOG = 1 << 3;
        /// The log holds an event name.
        EVENT_IN_LOG = 1 << 4;
        /// The log holds an id.
        ID_IN_LOG = 1 << 5;
        /// The log holds a name or an id after data.
        MIXED_LOG = 1 << 6;
        /// One of the lines was neither a comment nor a field (R15).
        TEXT = 1 << 7;
        /// What only the general way can end.
        UNUSUAL = Self::ERROR.0 | Self::MIXED_LOG.0 | Self::TEXT.0;
        /// The log holds a name or an id.
        MARKS_IN_LOG = Self::EVENT_IN_LOG.0 | Self::ID_IN_LOG.0;
        /// The log holds something.
        IN_LOG = Self::DATA_IN_LOG.0 | Self::EVENT_IN_LOG.0 | Self::ID_IN_LOG.0;
    }
}

set! {
    /// Facts about the response. Once true, they stay true until `reset`, or for `RETRY` until `restore`.
    Facts(u16) {
        /// Output was given, or the first byte of a body or a value was taken (R14).
        RECEIVING = 1;
        /// Output was given (R11): a `Data`, or a block with a name and no data.
        OUTPUT = 1 << 1;
        /// A `Data` was given.
        DATA = 1 << 2;
        /// An `Unknown` was given.
        UNKNOWN = 1 << 3;
        /// A `Done` was given.
        DONE = 1 << 4;
        /// A `Body` was given.
        BODY = 1 << 5;
        /// More than one was.
        BODIES = 1 << 6;
        /// A `Done` was given, or a `Body` before any output and any `Unknown` (R14).
        COMPLETE = 1 << 7;
        /// There is a reconnection time.
        RETRY = 1 << 8;
        /// The values are the elements of an array (R17).
        ARRAY = 1 << 9;
        /// Something too large was skipped that is no comment.
        SKIPPED = 1 << 10;
        /// All of these that a `Data` sets.
        OF_DATA = Self::RECEIVING.0 | Self::OUTPUT.0 | Self::DATA.0;
        /// What a `Skipped` is to them, of text and of anything else.
        OF_SKIPPED_TEXT = Self::UNKNOWN.0 | Self::SKIPPED.0;
        OF_SKIPPED = Self::RECEIVING.0 | Self::OUTPUT.0 | Self::SKIPPED.0;
    }
}

set! {
    /// What the next call must do before it takes a byte.
    Control(u8) {
        /// It gives `Done`.
        DONE_NEXT = 1;
        /// The last event may borrow from the store: drop those bytes.
        LENT = 1 << 1;
        /// Bytes were stored since memory was last freed.
        SPARE = 1 << 2;
        /// `Done` follows what is being skipped.
        SKIPS_LAST = 1 << 3;
        /// With `LENT`: nothing but the block of that event is stored beside the last event id, and the response has not ended.
        LOG_LENT = 1 << 4;
        /// Within one call: it has completed a block that is stored, and gives its event.
        STORED_NEXT = 1 << 5;
        /// All that is to be done before the call after such an event.
        AFTER_LOG = Self::LENT.0 | Self::SPARE.0 | Self::LOG_LENT.0;
        /// All of these that give the next call more to do than to take bytes.
        INTERRUPTS = Self::DONE_NEXT.0 | Self::LENT.0;
    }
}
