//! What servers send most, by one search and with the fewest steps.
//!
//! Nearly every call finds one of these: an event of one `data` line and its blank line, whole or split, with LF or CR LF,
//! with a name before it or without; a comment; more of a `data` line. `next_event` and `advance` ask here first. Whatever is the
//! least bit different goes the general way, with what has been searched, so that no byte is searched twice. Both ways
//! agree: the tests split each response so that it takes one, the other, and every mixture.
//!
//! What a caller's loop compiles is in [`usual_ways`]: a look at the stage and at the first bytes, and the call that fits.
//! The functions that it calls are written so that their usual way calls nothing itself: then they save no registers.

use super::Parser;
use crate::{
    Buffer,
    scan::{
        field::{Field, without_space},
        line_end::{self, Search},
        masks, name,
    },
    state::{BlockFlags, Control, Facts, OpenLine, Stage},
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

const DATA: &[u8] = b"data:";

/// The line by which DeepSeek's API keeps a stream alive.
pub(super) const COMMENT: &[u8] = b": keep-alive\n";

/// The same after another comment and its blank line.
pub(super) const COMMENT_AGAIN: &[u8] = b"\n: keep-alive\n";

/// Returns from the calling function what the usual ways find; else leaves what has been searched in `$search`.
///
/// A macro, as the two callers name what was found differently, and both are to be compiled as if written out: an enum
/// between them goes through memory.
macro_rules! usual_ways {
    ($self:ident, $chunk:ident, $search:ident, { comment: $comment:expr, data: $data:expr, stored: $stored:expr $(,)? }) => {
        let mut $search;
        let stage = $self.state.stage;
        'general: {
            if !matches!(stage, Stage::DataLine) {
                let is_free = $self.state.control == Control::default();
                if is_free && matches!(stage, Stage::AfterComment) && $chunk.starts_with(COMMENT_AGAIN) {
                    if let Some(text) = $self.usual_comment($chunk, COMMENT_AGAIN.len()) {
                        return Ok(Some($comment(text)));
                    }
                }
                let is_ready = is_free && matches!(stage, Stage::LineStart | Stage::AfterComment);
                if is_ready || $self.make_ready($chunk) {
                    if matches!($self.state.stage, Stage::AfterComment) && $chunk.first() == Some(&b'\n') {
                        $self.take_blank($chunk);
                    }
                    let Some(&first) = $chunk.first() else { return Ok(None) };
                    $search = Search::NOTHING;
                    match first {
                        b'd' => {
                            if let Some(data) = $self.usual_data($chunk, &mut $search) {
                                return Ok(Some($data($self, &[], data)));
                            }
                            if $chunk.is_empty() {
                                return Ok(None);
                            }
                        }
                        b':' => {
                            if is_ready && $self.state.block == BlockFlags::default() && $chunk.starts_with(COMMENT) {
                                if let Some(text) = $self.usual_comment($chunk, COMMENT.len()) {
                                    return Ok(Some($comment(text)));
                                }
                            } else if let Some(text) = $self.other_comment($chunk, &mut $search) {
                                return Ok(Some($comment(text)));
                            }
                        }
                        b'e' => {
                            if let Some((event, data)) = $self.usual_named($chunk, &mut $search) {
                                return Ok(Some($data($self, event, data)));
                            }
                        }
                        _ => {}
                    }
                    break 'general;
                }
                $search = Search::NOTHING;
                if !matches!($self.state.stage, Stage::DataLine) {
                    break 'general;
                }
            } else {
                $search = Search::NOTHING;
            }
            match $self.more_data($chunk, &mut $search) {
                Piece::Taken => return Ok(None),
                Piece::Event => return Ok(Some($stored($self))),
                Piece::Nothing => {}
            }
        }
    };
}
pub(super) use usual_ways;

impl<B: Buffer> Parser<B> {
    /// Sees to what comes before a line: what was lent is gone, and the LF that belongs to a CR is taken. Whether a line may
    /// begin now. A name that was split is completed, which may begin a data line.
    #[inline(never)]
    pub(super) fn make_ready(&mut self, chunk: &mut &[u8]) -> bool {
        match self.state.stage {
            Stage::LeadIn(_) => return false,
            Stage::Line(OpenLine::Name) => return self.complete_name_of_data(chunk),
            _ => {}
        }
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

    /// Takes the blank line after a comment, which gives nothing.
    #[inline(always)]
    pub(super) fn take_blank(&mut self, chunk: &mut &[u8]) {
        self.state.stage = Stage::LineStart;
        self.take(chunk, 1);
    }

    /// A block that begins with data: its data, if that is an event. A JSON object without a name is neither an end mark nor a ping.
    #[inline(never)]
    pub(super) fn usual_data<'c>(&mut self, chunk: &mut &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        let line = *chunk;
        let Some(value) = line.strip_prefix(DATA) else {
            return self.begin_name_of_data(chunk);
        };
        if self.state.block != BlockFlags::default() {
            return None;
        }
        let value = without_space(value);
        if value.len() < line_end::LAST {
            return self.few_data(chunk, value, search);
        }
        match line_end::in_many(value) {
            Ok(len) => self.end_usual_data(chunk, value, len, search),
            Err(searched) => self.long_data(chunk, value, searched, search),
        }
    }

    /// The same where little has come.
    #[inline(never)]
    fn few_data<'c>(&mut self, chunk: &mut &'c [u8], value: &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        match line_end::line_end(value) {
            Some(len) => self.end_usual_data(chunk, value, len, search),
            None => {
                self.usual_split(chunk, value, search);
                None
            }
        }
    }

    /// The same for a line that is very long, or does not end in this chunk.
    #[inline(never)]
    fn long_data<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        value: &'c [u8],
        searched: usize,
        search: &mut Search,
    ) -> Option<&'c [u8]> {
        match line_end::beyond(value, searched) {
            Some(len) => self.end_usual_data(chunk, value, len, search),
            None => {
                self.usual_split(chunk, value, search);
                None
            }
        }
    }

    #[inline(always)]
    fn end_usual_data<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        value: &'c [u8],
        len: usize,
        search: &mut Search,
    ) -> Option<&'c [u8]> {
        let (data, after) = value.split_at(len);
        let line_len = chunk.len() - after.len();
        if begins_without_type(value) && self.state.room().fits(line_len + 1) {
            match after {
                [b'\n', b'\n', rest @ ..] => return self.take_event(chunk, rest, Stage::LineStart, data),
                // The second CR completes the event, whether or not an LF belongs to it.
                [b'\r', b'\n', b'\r', rest @ ..] => return self.take_event(chunk, rest, Stage::AfterCr, data),
                _ => {}
            }
        }
        *search = Search::ends_at(line_len, line_len + 1);
        None
    }

    /// Takes an event with data that borrows from the chunk alone: all before `rest`.
    #[inline(always)]
    fn take_event<'c, T>(&mut self, chunk: &mut &'c [u8], rest: &'c [u8], next: Stage, event: T) -> Option<T> {
        self.state.position += (chunk.len() - rest.len()) as u64;
        *chunk = rest;
        self.state.stage = next;
        self.state.facts.insert(Facts::OF_DATA);
        if self.state.control.any(Control::SPARE) {
            return self.give_back_with(event);
        }
        Some(event)
    }

    /// A call that returns what it is given, so that the caller ends with it.
    #[cold]
    fn give_back_with<T>(&mut self, event: T) -> Option<T> {
        self.give_back();
        Some(event)
    }

    /// The chunk's end splits the first data of a block.
    fn usual_split(&mut self, chunk: &mut &[u8], value: &[u8], search: &mut Search) {
        if value.is_empty() || !self.state.room().fits(chunk.len()) {
            *search = Search::none_before(chunk.len());
            return;
        }
        self.state.count(chunk.len());
        self.take(chunk, chunk.len());
        self.begin_storing();
        self.store.append(value);
        self.state.stage = Stage::DataLine;
    }

    /// The chunk's end splits the name before the first data of a block.
    #[cold]
    fn begin_name_of_data<'c>(&mut self, chunk: &mut &'c [u8]) -> Option<&'c [u8]> {
        let is_usual =
            DATA.starts_with(chunk) && self.state.block == BlockFlags::default() && self.state.room().fits(chunk.len());
        if is_usual {
            self.begin_storing();
            self.take_piece_of_name(chunk);
            self.state.stage = Stage::Line(OpenLine::Name);
        }
        None
    }

    fn take_piece_of_name(&mut self, chunk: &mut &[u8]) {
        self.state.count(chunk.len());
        self.store.append(chunk);
        self.take(chunk, chunk.len());
    }

    /// More of a line whose name was split: if it is a data line, takes its name and the space after it. Never the beginning
    /// of a line.
    #[inline(never)]
    fn complete_name_of_data(&mut self, chunk: &mut &[u8]) -> bool {
        let Some(missing) = DATA.strip_prefix(self.store.line()) else {
            return false;
        };
        if !self.state.room().fits(DATA.len() + 1) {
            return false;
        }
        match chunk.strip_prefix(missing) {
            Some(value @ [_, ..]) => {
                let taken = chunk.len() - without_space(value).len();
                self.state.count(taken);
                self.take(chunk, taken);
                self.store.drop_line();
                self.begin_value(Field::Data);
                self.state.stage = Stage::DataLine;
            }
            Some(_) => {}
            None if missing.starts_with(chunk) => self.take_piece_of_name(chunk),
            None => {}
        }
        false
    }

    /// A block begins with a name, as all of Anthropic's API and of OpenAI's Responses API do. Nearly always one line of
    /// data and the blank line come next. Whatever else comes goes the general way.
    #[inline(never)]
    pub(super) fn usual_named<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        search: &mut Search,
    ) -> Option<(&'c [u8], &'c [u8])> {
        let block = *chunk;
        if self.state.block != BlockFlags::default() {
            return None;
        }
        let named = match named_block(block) {
            Ok(named) => named,
            Err(searched) => {
                *search = searched;
                return None;
            }
        };
        // An object under a name that is neither terminal nor a ping is an event and nothing else in both dialects.
        let is_event =
            named.data.first() == Some(&b'{') && !named.event.is_empty() && name::has_no_meaning(named.event);
        if !is_event || !self.state.room().fits(named.counted) {
            *search = named.searched;
            return None;
        }
        self.take_event(chunk, named.rest, named.next, (named.event, named.data))
    }

    /// The comment that servers send most, in so many bytes at the chunk's start: its text. For a ready parser, between blocks.
    #[inline(always)]
    pub(super) fn usual_comment<'c>(&mut self, chunk: &mut &'c [u8], taken: usize) -> Option<&'c [u8]> {
        // After a comparison the processor goes on at the next line; after a search it waits for the result first.
        if !self.state.room().fits(COMMENT.len()) {
            return None;
        }
        let text = &chunk[taken - COMMENT.len() + 2..taken - 1];
        self.take(chunk, taken);
        self.state.stage = Stage::AfterComment;
        self.state.count_keep_alive();
        Some(text)
    }

    /// Any other comment: its text.
    #[inline(never)]
    pub(super) fn other_comment<'c>(&mut self, chunk: &mut &'c [u8], search: &mut Search) -> Option<&'c [u8]> {
        let line = *chunk;
        let end = line_end::short_line_end(line);
        match end.map(|len| line.split_at(len)) {
            Some(([_, text @ ..], [b'\n', ..])) if self.state.room().fits(text.len() + 1) => {
                self.take(chunk, text.len() + 2);
                if self.state.block == BlockFlags::default() {
                    self.state.stage = Stage::AfterComment;
                }
                self.state.count_keep_alive();
                self.give_back();
                Some(without_space(text))
            }
            _ => {
                *search = end.map_or(Search::none_before(line.len()), |len| Search::ends_at(len, len + 1));
                None
            }
        }
    }

    /// More of a data line.
    #[inline(always)]
    pub(super) fn more_data(&mut self, chunk: &mut &[u8], search: &mut Search) -> Piece {
        match *chunk {
            // No line end: whatever else is below a space goes the longer way too.
            &[byte] if byte > b'\r' && self.state.room().fits(1) => {
                self.count_piece_of_data(1);
                *chunk = &[];
                self.store.append(&[byte]);
                Piece::Taken
            }
            _ => self.piece_of_data(chunk, search),
        }
    }

    #[inline(always)]
    fn count_piece_of_data(&mut self, len: usize) {
        self.state.count(len);
        self.state.position += len as u64;
    }

    /// More than a byte of a data line: a few that are no end of it are compared and stored as two overlapping halves.
    #[inline(never)]
    fn piece_of_data(&mut self, chunk: &mut &[u8], search: &mut Search) -> Piece {
        let bytes = *chunk;
        let is_taken = match bytes.len() {
            16..=32 => self.takes_halves::<16>(bytes),
            33..=64 => self.takes_halves::<32>(bytes),
            _ => false,
        };
        if is_taken {
            *chunk = &bytes[bytes.len()..];
            return Piece::Taken;
        }
        self.long_piece_of_data(chunk, search)
    }

    /// Whether `LEN` to twice as many bytes were more of a data line, and no end of it.
    #[inline(always)]
    fn takes_halves<const LEN: usize>(&mut self, bytes: &[u8]) -> bool {
        let (Some(first), Some(last)) = (bytes.first_chunk::<LEN>(), bytes.last_chunk::<LEN>()) else {
            return false;
        };
        let is_more = !masks::has_low_of_two(first, last) && self.state.room().fits(bytes.len());
        let is_taken = is_more && self.store.append_halves(first, last, bytes.len());
        if is_taken {
            self.count_piece_of_data(bytes.len());
        }
        is_taken
    }

    #[inline(never)]
    fn long_piece_of_data(&mut self, chunk: &mut &[u8], search: &mut Search) -> Piece {
        let piece = *chunk;
        let Some(len) = line_end::line_end(piece) else {
            *search = Search::none_before(piece.len());
            if !self.state.room().fits(piece.len()) {
                return Piece::Nothing;
            }
            *chunk = &[];
            self.count_piece_of_data(piece.len());
            self.store.append(piece);
            return Piece::Taken;
        };
        *search = Search::ends_at(len, len + 1);
        self.end_of_data(chunk, len, search)
    }

    /// The end of a data line, if that is the end of an event too.
    #[inline(always)]
    fn end_of_data(&mut self, chunk: &mut &[u8], len: usize, search: &mut Search) -> Piece {
        let (piece, after) = chunk.split_at(len);
        let (line_ends, next) = match after {
            [b'\n', b'\n', ..] => (2, Stage::LineStart),
            [b'\r', b'\n', b'\r', ..] => (3, Stage::AfterCr),
            _ => return Piece::Nothing,
        };
        if !self.state.room().fits(len + 1) || self.state.block != BlockFlags::default() {
            return Piece::Nothing;
        }
        self.store.append(piece);
        if !begins_without_type(self.store.log()) {
            self.state.count(len);
            self.take(chunk, len);
            *search = Search::ends_at(0, 1);
            return Piece::Nothing;
        }
        self.take(chunk, len + line_ends);
        self.store.clear_next();
        self.state.stage = next;
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

/// A block of a name and one line of data, and what follows it.
struct Named<'c> {
    event: &'c [u8],
    data: &'c [u8],
    rest: &'c [u8],
    next: Stage,
    /// What the limit counts of it (R9).
    counted: usize,
    searched: Search,
}

/// What `block` begins with, if it is that; else what has been searched of it.
#[inline(always)]
fn named_block(block: &[u8]) -> Result<Named<'_>, Search> {
    let value = without_space(block.strip_prefix(b"event:").ok_or(Search::NOTHING)?);
    let event_len = line_end::short_line_end(value).ok_or(Search::none_before(block.len()))?;
    let (event, after) = value.split_at(event_len);
    let first_end = block.len() - after.len();
    let first_alone = Search::ends_at(first_end, first_end + 1);
    let data_line = match after {
        [b'\n', next @ ..] | [b'\r', b'\n', next @ ..] => next,
        _ => return Err(first_alone),
    };
    let value = without_space(data_line.strip_prefix(DATA).ok_or(first_alone)?);
    if value.len() < line_end::LAST {
        return Err(first_alone);
    }
    let second_end = match line_end::in_fewer(value) {
        Ok(len) => block.len() - value.len() + len,
        Err(searched) => return Err(Search::ends_at(first_end, block.len() - value.len() + searched)),
    };
    let (lines, after) = block.split_at(second_end);
    let (rest, next) = match after {
        [b'\n', b'\n', rest @ ..] => (rest, Stage::LineStart),
        [b'\r', b'\n', b'\r', rest @ ..] => (rest, Stage::AfterCr),
        _ => return Err(Search::ends_at(first_end, second_end)),
    };
    let data = &lines[block.len() - value.len()..];
    let data_line_len = second_end - (block.len() - data_line.len());
    Ok(Named {
        event,
        data,
        rest,
        next,
        counted: first_end + 1 + data_line_len + 1,
        searched: Search::ends_at(first_end, second_end),
    })
}

/// Whether data is an object that has no name of its own (R6), by its first bytes, and so an event and nothing else in both
/// dialects.
#[inline(always)]
fn begins_without_type(data: &[u8]) -> bool {
    matches!(data, [b'{', b'"', letter, ..] if *letter != b't')
}
