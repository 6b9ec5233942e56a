//! What servers send most, by one search and with the fewest steps.
//!
//! Nearly every call finds one of these: an event of one `data` line and its blank line, whole or split, with LF or CR LF,
//! with a name before it or without; a comment; more of a `data` line. `next_event` and `advance` ask here first. Whatever is the
//! least bit different goes the general way, with what has been searched, so that no byte is searched twice. Both ways
//! agree: the tests split each response so that it takes one, the other, and every mixture.

use super::{
    Parser,
    block::{self, Meaning},
};
use crate::{
    Buffer,
    scan::{
        field::without_space,
        line_end::{self, Search},
        name,
    },
    state::{BlockFlags, Control, Facts, Stage},
};

/// What more of a data line did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// It was taken.
    Taken,
    /// It completed an event without name, whose data is all that is stored beside the last event id.
    Event,
    /// Nothing: the general way goes on.
    Nothing,
}

/// The line by which DeepSeek's API keeps a stream alive.
const USUAL_COMMENT: &[u8] = b": keep-alive\n";

impl<B: Buffer> Parser<B> {
    /// Whether a data line is open, of which more comes.
    #[inline(always)]
    pub(super) fn is_in_data_line(&self) -> bool {
        // In this stage nothing is lent, and `finish` leaves it.
        self.state.stage == Stage::DataLine
    }

    /// Whether a line begins with the next byte, after what has to come before it.
    #[inline(always)]
    pub(super) fn begins_line(&mut self, chunk: &mut &[u8]) -> bool {
        let is_ready = self.is_at_line_start() && !self.state.control.any(Control::INTERRUPTS);
        is_ready || (!matches!(self.state.stage, Stage::LeadIn(_)) && self.make_ready(chunk))
    }

    /// Whether the next byte is the blank line after a comment, which gives nothing.
    #[inline(always)]
    pub(super) fn has_blank(&self, chunk: &[u8]) -> bool {
        self.state.block == BlockFlags::LINE && chunk.first() == Some(&b'\n')
    }

    /// Takes that blank line.
    #[inline(always)]
    pub(super) fn take_blank(&mut self, chunk: &mut &[u8]) {
        self.state.block = BlockFlags::default();
        self.take(chunk, 1);
    }

    /// Sees to what comes before a line: what was lent is gone, and the LF that belongs to a CR is taken. Whether a line may
    /// begin now.
    #[inline(never)]
    fn make_ready(&mut self, chunk: &mut &[u8]) -> bool {
        self.take_back();
        if self.state.control.any(Control::INTERRUPTS) {
            return false; // the end, or a `Done` that takes no byte
        }
        if self.state.stage == Stage::AfterCr && !chunk.is_empty() {
            self.take(chunk, usize::from(chunk[0] == b'\n'));
            self.state.stage = Stage::LineStart;
        }
        self.is_at_line_start()
    }

    /// A block that begins with data: its data, if that is an event. A JSON object without a name is neither an end mark nor a ping.
    #[inline(never)]
    pub(super) fn usual_data<'c>(&mut self, chunk: &mut &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        let line = *chunk;
        let value = without_space(line.strip_prefix(b"data:")?);
        if self.state.block != BlockFlags::default() {
            return None;
        }
        let Some(len) = line_end::line_end(value) else {
            self.usual_split(chunk, value, search);
            return None;
        };
        let (data, after) = value.split_at(len);
        let line_len = line.len() - after.len();
        if is_nameless_object(data) && self.state.room().fits(line_len + 1) {
            match after {
                [b'\n', b'\n', ..] => {
                    self.take_event(chunk, line_len + 2);
                    return Some(data);
                }
                // The second CR completes the event, whether or not an LF belongs to it.
                [b'\r', b'\n', b'\r', ..] => {
                    self.state.stage = Stage::AfterCr;
                    self.take_event(chunk, line_len + 3);
                    return Some(data);
                }
                _ => {}
            }
        }
        *search = Search::End(line_len);
        None
    }

    /// Takes an event with data that borrows from the chunk alone.
    #[inline(always)]
    fn take_event(&mut self, chunk: &mut &[u8], len: usize) {
        self.take(chunk, len);
        self.state.facts.insert(Facts::OF_DATA);
        self.give_back();
    }

    /// The chunk's end splits the first data of a block.
    fn usual_split(&mut self, chunk: &mut &[u8], value: &[u8], search: &mut Search) {
        if value.is_empty() || !self.state.room().fits(chunk.len()) {
            *search = Search::NoEnd;
            return;
        }
        self.state.count(chunk.len());
        self.take(chunk, chunk.len());
        self.begin_storing();
        self.store.append(value);
        self.state.stage = Stage::DataLine;
    }

    /// A block begins with a name, as all of Anthropic's API and of OpenAI's Responses API do; `value` follows the first
    /// colon. Nearly always one line of data and the blank line come next. Whatever else comes goes the general way.
    #[inline(never)]
    pub(super) fn usual_named<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        search: &mut Search,
    ) -> Option<(&'c [u8], &'c [u8])> {
        let block = *chunk;
        let value = without_space(block.strip_prefix(b"event:")?);
        if self.state.block != BlockFlags::default() {
            return None;
        }
        let event_len = line_end::short_line_end(value);
        let Some((event, after)) = event_len.map(|len| value.split_at(len)) else {
            *search = Search::NoEnd;
            return None;
        };
        let first_end = block.len() - after.len();
        *search = Search::End(first_end);
        let data_line = match after {
            [b'\n', next @ ..] | [b'\r', b'\n', next @ ..] => next,
            _ => return None,
        };
        let value = without_space(data_line.strip_prefix(b"data:")?);
        let Some((data, after)) = line_end::line_end(value).map(|len| value.split_at(len)) else {
            *search = Search::EndNoEnd(first_end);
            return None;
        };
        let second_end = data_line.len() - after.len();
        *search = Search::Ends(first_end, second_end);
        let (line_ends, next) = match after {
            [b'\n', b'\n', ..] => (2, Stage::LineStart),
            [b'\r', b'\n', b'\r', ..] => (3, Stage::AfterCr),
            _ => return None,
        };
        if !self.state.room().fits(first_end + 1 + second_end + 1)
            || block::meaning(self.state.settings.dialect, event, Some(data)) != Meaning::Data
        {
            return None;
        }
        self.state.stage = next;
        self.take_event(chunk, block.len() - after.len() + line_ends);
        Some((event, data))
    }

    /// The comment that servers send most, `blank` bytes after the chunk's start: its text.
    #[inline(always)]
    pub(super) fn usual_comment<'c>(&mut self, chunk: &mut &'c [u8], blank: usize) -> Option<&'c [u8]> {
        let line = &chunk[blank..];
        // After a comparison the processor goes on at the next line; after a search it waits for the result first.
        let is_usual = line.starts_with(USUAL_COMMENT) && self.state.room().fits(USUAL_COMMENT.len());
        is_usual.then(|| {
            self.take_comment(chunk, blank + USUAL_COMMENT.len());
            &line[2..USUAL_COMMENT.len() - 1]
        })
    }

    /// Any other comment: its text.
    #[inline(never)]
    pub(super) fn other_comment<'c>(&mut self, chunk: &mut &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        let line = *chunk;
        let end = line_end::short_line_end(line);
        match end.map(|len| line.split_at(len)) {
            Some(([_, text @ ..], [b'\n', ..])) if self.state.room().fits(text.len() + 1) => {
                self.take_comment(chunk, text.len() + 2);
                Some(without_space(text))
            }
            _ => {
                *search = Search::of(end);
                None
            }
        }
    }

    /// Takes a comment's line, `taken` bytes.
    #[inline(always)]
    fn take_comment(&mut self, chunk: &mut &[u8], taken: usize) {
        self.take(chunk, taken);
        self.state.block.insert(BlockFlags::LINE);
        self.state.count_keep_alive();
        self.give_back();
    }

    /// More of a data line.
    #[inline(always)]
    pub(super) fn usual_piece(&mut self, chunk: &mut &[u8], search: &mut Search) -> Piece {
        let is_byte = matches!(*chunk, [byte] if !matches!(byte, b'\n' | b'\r'));
        if is_byte && self.state.room().fits(1) {
            self.take_piece(chunk);
            Piece::Taken
        } else if self.takes_few(chunk, search) {
            Piece::Taken
        } else {
            self.end_piece(chunk, search)
        }
    }

    /// Whether a chunk of few bytes was more of a data line, and no end of it.
    #[inline(never)]
    fn takes_few(&mut self, chunk: &mut &[u8], search: &mut Search) -> bool {
        let end = line_end::line_end(chunk);
        *search = Search::of(end);
        let is_more = end.is_none() && self.state.room().fits(chunk.len());
        if is_more {
            self.take_piece(chunk);
        }
        is_more
    }

    #[inline(always)]
    fn take_piece(&mut self, chunk: &mut &[u8]) {
        let piece = *chunk;
        *chunk = &[];
        self.state.count(piece.len());
        self.state.position += piece.len() as u64;
        self.store.append(piece);
    }

    /// The end of a data line, if that is the end of an event too.
    #[inline(never)]
    fn end_piece(&mut self, chunk: &mut &[u8], search: &mut Search) -> Piece {
        let bytes = *chunk;
        let room = self.state.room();
        let Search::End(len) = *search else {
            return Piece::Nothing;
        };
        let (piece, after) = bytes.split_at(len);
        let line_ends = match after {
            [b'\n', b'\n', ..] => 2,
            [b'\r', b'\n', b'\r', ..] => 3,
            _ => return Piece::Nothing,
        };
        if !room.fits(len + 1) || self.state.block != BlockFlags::default() {
            return Piece::Nothing;
        }
        self.store.append(piece);
        self.state.count(len);
        if !is_nameless_object(self.store.log()) {
            self.take(chunk, len);
            *search = Search::End(0);
            return Piece::Nothing;
        }
        self.take(chunk, len + line_ends);
        self.store.clear_next();
        self.state.stage = Stage::after(after[0]);
        self.state.begin_block(self.store.limit());
        self.state.facts.insert(Facts::OF_DATA);
        self.state.control.insert(Control::LENT);
        Piece::Event
    }

    #[inline(always)]
    fn take(&mut self, chunk: &mut &[u8], len: usize) {
        *chunk = &chunk[len..];
        self.state.position += len as u64;
    }
}

/// Whether data is an object that has no name of its own (R6), and so an event and nothing else in both dialects.
#[inline(always)]
fn is_nameless_object(data: &[u8]) -> bool {
    match data {
        [b'{', b'"', letter, ..] if *letter != b't' => true,
        [b'{', ..] => name::type_member(data).is_empty(),
        _ => false,
    }
}
