//! What servers send most, by one search and with the fewest steps.
//!
//! Nearly every call finds one of these: an event of one `data` line and its blank line, whole or split, with LF or CR LF,
//! with a name or an id before it or without; a block of several lines of data; a comment; more of a `data` line. All ways into
//! the parser ask here first. Whatever is the least bit different goes the general way. What has been searched goes with it, but
//! for a block of several lines, which is then read again. Both ways agree: the tests split each response so that it takes one,
//! the other, and every mixture.
//!
//! What a caller's loop compiles is in [`usual_ways`]: a look at the stage and at the first bytes, and the call that fits.
//! The functions that it calls are written so that their usual way calls nothing itself, or ends with a call: then they save no
//! registers.

mod data;
mod lines;
mod more_data;
mod named;

use super::Parser;
use crate::{
    Buffer,
    scan::{
        field::{self, COMMENT, without_space},
        line_end::{self, Search},
    },
    state::{BlockFlags, Control, Facts, OpenLine, Stage},
};
pub(super) use more_data::Piece;

/// [`COMMENT`] after another comment and its blank line.
pub(super) const COMMENT_AGAIN: &[u8; 1 + COMMENT.len()] = b"\n: keep-alive\n";

/// The usual ways. Each arm says what to do with one result; `nothing` is for a chunk that was taken and gave nothing. Every arm must
/// leave the macro, by `return` or `continue`. Behind the macro the general way goes on, with what is known of the first line in
/// `$search`.
///
/// A macro, as its callers name what was found differently, and all are to be compiled as if written out: an enum
/// between them goes through memory.
macro_rules! usual_ways {
    ($self:ident, $chunk:ident, $search:ident, {
        nothing => $nothing:expr,
        comment($text:ident) => $comment:expr,
        data($event:ident, $data:ident) => $whole:expr,
        stored($stored_event:ident) => $stored:expr $(,)?
    }) => {
        let mut $search;
        let stage = $self.state.stage;
        'general: {
            if !matches!(stage, Stage::DataLine) {
                let is_free = $self.state.control == Control::default();
                if is_free && matches!(stage, Stage::AfterComment) {
                    if begins_with($chunk, COMMENT_AGAIN) {
                        let $text = $self.usual_comment::<{ COMMENT_AGAIN.len() }>($chunk);
                        $comment
                    }
                    if matches!(*$chunk, [b'\n']) {
                        $self.take_blank($chunk);
                        $nothing
                    }
                }
                let is_ready = is_free && matches!(stage, Stage::LineStart | Stage::AfterComment);
                if is_ready || $self.make_ready($chunk) {
                    if matches!($self.state.stage, Stage::AfterComment) && $chunk.first() == Some(&b'\n') {
                        $self.take_blank($chunk);
                    }
                    let Some(&first) = $chunk.first() else { $nothing };
                    $search = Search::NOTHING;
                    let block = if first == b'd' {
                        if let Some(data) = $self.usual_data($chunk, &mut $search) {
                            let ($event, $data): (&[u8], &[u8]) = (&[], data);
                            $whole
                        }
                        if $chunk.is_empty() {
                            $nothing
                        }
                        $self.usual_lines($chunk, 0, $search)
                    } else if first == b':' {
                        let is_usual = is_ready
                            && $self.state.block == BlockFlags::default()
                            && begins_with($chunk, COMMENT)
                            && $self.state.room().fits(COMMENT.len());
                        if is_usual {
                            let $text = $self.usual_comment::<{ COMMENT.len() }>($chunk);
                            $comment
                        }
                        if let Some($text) = $self.other_comment($chunk, &mut $search) {
                            $comment
                        }
                        break 'general;
                    } else if first == b'e' {
                        $self.usual_named($chunk)
                    } else if first == b'i' {
                        $self.usual_lines($chunk, 0, Search::NOTHING)
                    } else {
                        break 'general;
                    };
                    if let Some(block) = block {
                        if let Some($data) = block.data {
                            let $event = block.event;
                            $whole
                        }
                        let $stored_event = block.event;
                        $stored
                    }
                    if $chunk.is_empty() {
                        $nothing
                    }
                    break 'general;
                }
                if !matches!($self.state.stage, Stage::DataLine) {
                    $search = Search::NOTHING;
                    break 'general;
                }
            }
            match $self.more_data($chunk) {
                Piece::Taken => $nothing,
                Piece::Event => {
                    let $stored_event: &[u8] = &[];
                    $stored
                }
                Piece::Nothing => $search = Search::NOTHING,
            }
        }
    };
}
pub(super) use usual_ways;

impl<B: Buffer> Parser<B> {
    /// Whether a line may begin now, once the last event is dropped and the LF that belongs to a CR is taken. A name that was
    /// split is completed, which may begin a data line.
    #[inline(never)]
    pub(super) fn make_ready(&mut self, chunk: &mut &[u8]) -> bool {
        if self.take_back_log() && self.state.stage == Stage::LineStart {
            return true;
        }
        self.make_ready_otherwise(chunk)
    }

    #[inline(never)]
    fn make_ready_otherwise(&mut self, chunk: &mut &[u8]) -> bool {
        if self.state.stage == Stage::AfterCr && self.state.control == Control::default() && !chunk.is_empty() {
            self.take_lf_of_cr(chunk);
            return true;
        }
        match self.state.stage {
            Stage::LineStart | Stage::AfterComment | Stage::AfterCr => self.make_free(chunk),
            Stage::Line(OpenLine::Name) => {
                self.complete_name_of_data(chunk);
                false
            }
            _ => false,
        }
    }

    /// The same where more is to be done first.
    #[inline(never)]
    fn make_free(&mut self, chunk: &mut &[u8]) -> bool {
        self.take_back();
        if self.state.control.any(Control::INTERRUPTS) {
            return false; // the end, or a `Done` that takes no byte
        }
        if self.state.stage == Stage::AfterCr && !chunk.is_empty() {
            self.take_lf_of_cr(chunk);
        }
        self.is_at_line_start()
    }

    #[inline(always)]
    fn take_lf_of_cr(&mut self, chunk: &mut &[u8]) {
        self.take(chunk, usize::from(chunk[0] == b'\n'));
        self.state.stage = Stage::LineStart;
    }

    /// Takes the blank line after a comment, which gives nothing.
    #[inline(always)]
    pub(super) fn take_blank(&mut self, chunk: &mut &[u8]) {
        self.state.stage = Stage::LineStart;
        self.take(chunk, 1);
    }

    /// Takes an event with data that borrows from the chunk alone: `taken` bytes, before `rest`.
    #[inline(always)]
    fn take_event<'c, T>(&mut self, chunk: &mut &'c [u8], taken: usize, rest: &'c [u8], next: Stage, event: T) -> T {
        self.note_event(chunk, taken, rest, next);
        if self.state.control.any(Control::SPARE) {
            return self.give_back_with(event);
        }
        event
    }

    /// Notes an event with data, which is the `taken` bytes of the chunk before `rest`.
    #[inline(always)]
    fn note_event<'c>(&mut self, chunk: &mut &'c [u8], taken: usize, rest: &'c [u8], next: Stage) {
        self.state.position += taken as u64;
        *chunk = rest;
        self.state.stage = next;
        self.state.facts.insert(Facts::OF_DATA);
    }

    /// A call that returns what it is given, so that the caller ends with it.
    #[cold]
    fn give_back_with<T>(&mut self, event: T) -> T {
        self.give_back();
        event
    }

    /// The comment that servers send most, in `TAKEN` bytes at the chunk's start: its text. For a ready parser, between blocks,
    /// where the limit has room for it.
    #[inline(always)]
    pub(super) fn usual_comment<'c, const TAKEN: usize>(&mut self, chunk: &mut &'c [u8]) -> &'c [u8] {
        // After a comparison the processor goes on at the next line; after a search it waits for the result first.
        let text = &chunk[TAKEN - COMMENT.len() + 2..TAKEN - 1];
        self.take(chunk, TAKEN);
        if TAKEN == COMMENT.len() {
            self.state.stage = Stage::AfterComment; // else it is that already
        }
        self.state.count_keep_alive();
        text
    }

    /// Any other comment: its text.
    #[inline(never)]
    pub(super) fn other_comment<'c>(&mut self, chunk: &mut &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        let line = *chunk;
        let Some(len) = line_end::short_line_end(line) else {
            *search = Search::none_before(line.len());
            return None;
        };
        match line.split_at(len) {
            ([_, text @ ..], [b'\n', ..]) if self.state.room().fits(len) => {
                self.take(chunk, len + 1);
                self.state.split_comment();
                self.state.block.insert(BlockFlags::LINE);
                self.state.join_comment();
                self.state.count_keep_alive();
                self.give_back();
                Some(without_space(text))
            }
            _ => {
                *search = Search::ends_at(len);
                None
            }
        }
    }

    #[inline(always)]
    fn take(&mut self, chunk: &mut &[u8], len: usize) {
        *chunk = &chunk[len..];
        self.state.position += len as u64;
    }
}

/// What follows a blank line, if `after` is the end of a line and then that, and the stage there.
#[inline(always)]
fn behind_blank_line(after: &[u8]) -> Option<(&[u8], Stage)> {
    if let Some(rest) = field::behind(after, b"\n\n") {
        return Some((rest, Stage::LineStart));
    }
    // The second CR completes the event, whether or not an LF belongs to it.
    field::behind(after, b"\r\n\r").map(|rest| (rest, Stage::AfterCr))
}
