//! More of a data line that the end of a chunk has split, and its end.

use super::{behind_blank_line, data::begins_without_type, named::is_event};
use crate::{
    Buffer, Parser,
    scan::{
        line_end::{self, Search},
        masks,
    },
    state::{BlockFlags, Control, Stage},
};

/// What more of a data line did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::parser) enum Piece {
    /// It was taken.
    Taken,
    /// It completed an event without name, whose data is all that is stored beside the last event id.
    Event,
    /// Nothing: the general way goes on.
    Nothing,
}

impl<B: Buffer> Parser<B> {
    /// More of a data line.
    #[inline(always)]
    pub(in crate::parser) fn more_data(&mut self, chunk: &mut &[u8], search: &mut Search) -> Piece {
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
        match chunk.len() {
            16..=32 if masks::HAS_VECTORS && self.takes_halves::<16, 16>(chunk) => Piece::Taken,
            33..=64 if masks::HAS_VECTORS => self.middle_piece_of_data(chunk, search),
            _ => self.long_piece_of_data(chunk, search),
        }
    }

    /// A function of its own, so that the one before saves no registers.
    #[inline(never)]
    fn middle_piece_of_data(&mut self, chunk: &mut &[u8], search: &mut Search) -> Piece {
        if self.takes_halves::<32, 64>(chunk) {
            return Piece::Taken;
        }
        self.long_piece_of_data(chunk, search)
    }

    /// Whether `LEN` to twice as many bytes were more of a data line, and no end of it. `WHOLE` is the most likely number.
    #[inline(always)]
    fn takes_halves<const LEN: usize, const WHOLE: usize>(&mut self, chunk: &mut &[u8]) -> bool {
        let bytes = *chunk;
        let (Some(first), Some(last)) = (bytes.first_chunk::<LEN>(), bytes.last_chunk::<LEN>()) else {
            return false;
        };
        let is_more = !masks::has_low_of_two(first, last) && self.state.room().fits(bytes.len());
        let is_taken = is_more && self.store.append_halves::<LEN, WHOLE>(first, last, bytes);
        if is_taken {
            self.count_piece_of_data(bytes.len());
            *chunk = &bytes[bytes.len()..];
        }
        is_taken
    }

    #[inline(never)]
    fn long_piece_of_data(&mut self, chunk: &mut &[u8], search: &mut Search) -> Piece {
        let bytes = *chunk;
        let Some(len) = line_end::without_call(bytes) else {
            *search = Search::none_before(bytes.len());
            if !self.state.room().fits(bytes.len()) {
                return Piece::Nothing;
            }
            *chunk = &[];
            self.count_piece_of_data(bytes.len());
            self.store.append(bytes);
            return Piece::Taken;
        };
        *search = Search::ends_at(len, len + 1);
        let (piece, after) = bytes.split_at(len);
        let Some((rest, next)) = behind_blank_line(after) else {
            return Piece::Nothing;
        };
        if !self.state.room().fits(len + 1) {
            return Piece::Nothing;
        }
        if self.state.block != BlockFlags::default() {
            return self.end_of_named_data(chunk, piece, rest, next, search);
        }
        self.store.append(piece);
        if !begins_without_type(self.store.log()) {
            return self.other_data(chunk, len, search);
        }
        self.note_event(chunk, rest, next);
        self.store.clear_next();
        self.begin_block();
        self.state.control.insert(Control::LENT);
        Piece::Event
    }

    /// The same where a name has come before. It is the event if it is an object under a name that has no meaning, and so an
    /// event and nothing else in both dialects.
    #[inline(never)]
    fn end_of_named_data<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        piece: &[u8],
        rest: &'c [u8],
        next: Stage,
        search: &mut Search,
    ) -> Piece {
        if self.state.block != BlockFlags::NAMED {
            return Piece::Nothing;
        }
        self.store.append(piece);
        match self.store.named_data() {
            Some((event, data)) if is_event(event, data) => {
                self.note_event(chunk, rest, next);
                self.begin_block();
                self.state.control.insert(Control::NAMED_NEXT);
                Piece::Nothing
            }
            _ => self.other_data(chunk, piece.len(), search),
        }
    }

    /// The general way goes on behind data that was stored.
    #[inline(never)]
    fn other_data(&mut self, chunk: &mut &[u8], len: usize, search: &mut Search) -> Piece {
        self.state.count(len);
        self.take(chunk, len);
        *search = Search::ends_at(0, 1);
        Piece::Nothing
    }
}
