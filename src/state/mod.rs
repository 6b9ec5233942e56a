//! Plain data: what lasts between two calls, and what a step returns. This code reads no byte of a response.

mod flags;
mod found;
mod room;
mod stage;

use crate::{
    Dialect, Format, Options, Outcome, Oversize, Phase, Skipped,
    event::SkippedKind,
    scan::{field, json::Lex},
};

pub(crate) use flags::{BlockFlags, Control, Facts};
pub(crate) use found::{Block, Finding, Part};
pub use found::{Detached, Found};
pub(crate) use room::Room;
pub(crate) use stage::{Fault, LeadIn, OpenLine, Skip, Stage};

/// All that a parser remembers, except stored bytes.
#[derive(Clone, Copy, Debug)]
// Keeps `position` apart from the other counters: side by side they would be updated as one vector, and stall each other.
#[repr(C)]
pub(crate) struct State {
    pub(crate) position: u64,
    retry: u64,
    word: usize,
    pub(crate) keep_alives: u64,
    pub(crate) stage: Stage,
    pub(crate) block: BlockFlags,
    pub(crate) control: Control,
    pub(crate) facts: Facts,
    /// What the end means, after `finish` was called.
    pub(crate) ended: Option<Outcome>,
    /// In a body or a value that is skipped.
    pub(crate) skipped_lex: Lex,
    /// How much of `event` or `id` has come, in a line of a block that is skipped.
    pub(crate) matched: u8,
    pub(crate) settings: Settings,
}

/// The options, except the limit, which the store keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) format: Format,
    pub(crate) dialect: Dialect,
    pub(crate) end_mark: bool,
    pub(crate) lenient_end: bool,
    pub(crate) oversize: Oversize,
}

impl State {
    pub(crate) fn new(options: Options, limit: usize) -> Self {
        let settings = Settings {
            format: options.get_format(),
            dialect: options.get_dialect(),
            end_mark: options.get_end_mark(),
            lenient_end: options.get_lenient_end(),
            oversize: options.get_oversize(),
        };
        Self::with_settings(settings, limit)
    }

    /// The same settings, for another response.
    pub(crate) fn reset(&mut self, limit: usize) {
        *self = Self::with_settings(self.settings, limit);
    }

    fn with_settings(settings: Settings, limit: usize) -> Self {
        Self {
            position: 0,
            word: limit,
            keep_alives: 0,
            retry: 0,
            stage: Stage::LeadIn(LeadIn::Start),
            block: BlockFlags::default(),
            control: Control::SPARE, // the memory of the response before
            facts: Facts::default(),
            ended: None,
            skipped_lex: Lex::Outside,
            matched: 0,
            settings,
        }
    }

    #[inline]
    pub(crate) const fn is_llm(&self) -> bool {
        matches!(self.settings.dialect, Dialect::Llm)
    }

    /// Counts a keep-alive that is given or skipped.
    #[inline(always)]
    pub(crate) fn count_keep_alive(&mut self) {
        self.keep_alives += 1;
    }

    /// An event that was skipped is given.
    #[cold]
    pub(crate) fn note_skipped(&mut self, skipped: Skipped) {
        match skipped.kind {
            SkippedKind::Comment => self.count_keep_alive(),
            SkippedKind::Text => self.facts.insert(Facts::OF_SKIPPED_TEXT),
            SkippedKind::Output => self.facts.insert(Facts::OF_SKIPPED),
        }
    }

    /// R14.
    pub(crate) const fn phase(&self) -> Phase {
        if self.facts.any(Facts::COMPLETE) {
            Phase::Complete
        } else if self.facts.any(Facts::RECEIVING) {
            Phase::Receiving
        } else {
            Phase::Waiting
        }
    }

    pub(crate) fn retry(&self) -> Option<u64> {
        self.facts.any(Facts::RETRY).then_some(self.retry)
    }

    /// R5: takes effect at once, and stays.
    pub(crate) fn set_retry(&mut self, milliseconds: u64) {
        self.retry = milliseconds;
        self.facts.insert(Facts::RETRY);
    }

    pub(crate) fn restore_retry(&mut self, retry: Option<u64>) {
        self.facts.remove(Facts::RETRY);
        if let Some(milliseconds) = retry {
            self.set_retry(milliseconds);
        }
    }

    // ---- One word, four uses: the stage says which ---------------------------------------------------------------

    /// Lines: the rest of the limit for the open block (R9).
    #[inline(always)]
    pub(crate) const fn room(&self) -> Room {
        Room(self.word)
    }

    /// Lines: counts `len` more bytes of the block, which [fit](Room::fits).
    #[inline(always)]
    pub(crate) fn count(&mut self, len: usize) {
        self.word -= len;
    }

    /// A body or a value: how many brackets are open (R8).
    #[inline]
    pub(crate) fn depth(&mut self) -> &mut usize {
        &mut self.word
    }

    /// A block that is skipped: how long it is so far (R9).
    pub(crate) fn skipped(&mut self) -> &mut usize {
        &mut self.word
    }

    /// Failed with [`Fault::TooLong`]: the limit that was in force.
    pub(crate) const fn failed_limit(&self) -> usize {
        self.word
    }

    #[cold]
    pub(crate) fn too_long(&mut self, limit: usize) -> Fault {
        self.word = limit;
        Fault::TooLong
    }

    // ---- Blocks ----------------------------------------------------------------------------------------------------

    /// Begins a block, which has the whole limit.
    #[inline]
    pub(crate) fn begin_block(&mut self, limit: usize) {
        self.word = limit;
        self.block = BlockFlags::default();
    }

    /// That nothing but comments has ended since the last blank line is one stage for the short ways, if there is room for one
    /// more: then they need not ask ...
    #[inline]
    pub(crate) fn join_comment(&mut self) {
        let is_after_comment = matches!(self.stage, Stage::LineStart) && self.block == BlockFlags::LINE;
        if is_after_comment && self.room().fits(field::COMMENT.len()) {
            self.block = BlockFlags::default();
            self.stage = Stage::AfterComment;
        }
    }

    /// ... and a stage and a flag for the general way.
    #[inline]
    pub(crate) fn split_comment(&mut self) {
        if matches!(self.stage, Stage::AfterComment) {
            self.block.insert(BlockFlags::LINE);
            self.stage = Stage::LineStart;
        }
    }

    /// Whether no line but comments has ended since the last blank line (R15).
    pub(crate) const fn is_between_blocks(&self) -> bool {
        !self.block.any(BlockFlags::FIELD) && !self.block.any(BlockFlags::TEXT)
    }

    /// R16: whether a line that begins here with `{` begins a body.
    #[inline]
    pub(crate) const fn may_begin_body(&self) -> bool {
        self.is_llm() && !self.block.any(BlockFlags::FIELD) && !self.facts.any(Facts::UNKNOWN)
    }
}
