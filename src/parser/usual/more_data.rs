//! More of a data line that the end of a chunk has split, and its end.

use super::{
    behind_blank_line,
    data::begins_without_type,
    lines::{Lines, is_event_alone},
};
use crate::{
    Buffer, Parser,
    scan::{
        field,
        line_end::{self, Search},
        masks,
    },
    state::{Block, BlockFlags, Control, Part, Stage},
};

/// What more of a data line did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::parser) enum Piece {
    /// It was taken.
    Taken,
    /// It completed an event without name, whose data is all that is stored beside the last event id.
    Event,
    /// Nothing, or what was taken completed nothing: the general way goes on with what is left. Or it completed an event that
    /// is stored with a name or an id, which [`Control::STORED_NEXT`] says, and the general way gives first.
    Nothing,
}

impl<B: Buffer> Parser<B> {
    /// More of a data line.
    #[inline(always)]
    pub(in crate::parser) fn more_data(&mut self, chunk: &mut &[u8]) -> Piece {
        match *chunk {
            // No line end: whatever else is below a space goes the longer way too.
            &[byte] if byte > b'\r' && self.state.room().fits(1) => {
                self.count_piece_of_data(1);
                *chunk = &[];
                // Not by `append_few`, with which the caller's loop takes an instruction more.
                if !self.store.append_if_fits(&[byte]) {
                    self.store.append(&[byte]);
                }
                Piece::Taken
            }
            _ => self.piece_of_data(chunk),
        }
    }

    #[inline(always)]
    fn count_piece_of_data(&mut self, len: usize) {
        self.state.count(len);
        self.state.position += len as u64;
    }

    /// More than a byte of a data line. The functions that it goes on with are separate, so that none saves registers
    /// for another.
    #[inline(never)]
    fn piece_of_data(&mut self, chunk: &mut &[u8]) -> Piece {
        match chunk.len() {
            16 if masks::HAS_VECTORS => match self.takes_all::<16>(chunk) {
                true => Piece::Taken,
                false => self.end_of_short_piece::<16>(chunk),
            },
            17.. if masks::HAS_VECTORS => self.piece_of_blocks(chunk),
            _ => self.long_piece_of_data(chunk),
        }
    }

    /// The same for more than 16 bytes.
    #[inline(never)]
    fn piece_of_blocks(&mut self, chunk: &mut &[u8]) -> Piece {
        let is_taken = match chunk.len() {
            64 => self.takes_all::<64>(chunk),
            65.. => return self.long_piece_of_data(chunk),
            33.. => self.takes_halves::<32>(chunk),
            _ => self.takes_halves::<16>(chunk),
        };
        match chunk.len() {
            _ if is_taken => Piece::Taken,
            33.. => self.end_of_short_piece::<32>(chunk),
            _ => self.end_of_short_piece::<16>(chunk),
        }
    }

    /// Whether the chunk's `LEN` bytes were more of a data line, and no end of it. Microcontrollers receive 16 bytes at once, or 64:
    /// what a UART stores, or a packet of USB.
    #[inline(always)]
    fn takes_all<const LEN: usize>(&mut self, chunk: &mut &[u8]) -> bool {
        let Some(bytes) = chunk.first_chunk::<LEN>() else {
            return false;
        };
        let is_taken = !masks::has_low(bytes) && self.state.room().fits(LEN) && self.store.append_if_fits(bytes);
        if is_taken {
            self.count_piece_of_data(LEN);
            *chunk = &chunk[LEN..];
        }
        is_taken
    }

    /// The same of `LEN` to twice as many bytes, which are compared and stored as two halves that overlap.
    #[inline(always)]
    fn takes_halves<const LEN: usize>(&mut self, chunk: &mut &[u8]) -> bool {
        let bytes = *chunk;
        let (Some(first), Some(last)) = (bytes.first_chunk::<LEN>(), bytes.last_chunk::<LEN>()) else {
            return false;
        };
        let is_more = !masks::has_low_of_two(first, last) && self.state.room().fits(bytes.len());
        let is_taken = is_more && self.store.append_halves(first, last, bytes.len());
        if is_taken {
            self.count_piece_of_data(bytes.len());
            *chunk = &bytes[bytes.len()..];
        }
        is_taken
    }

    /// Likely the end of a data line, among `LEN` to twice as many bytes. All of them are stored, and then those behind the line are
    /// dropped: that takes less than a copy of its length.
    #[inline(never)]
    fn end_of_short_piece<const LEN: usize>(&mut self, chunk: &mut &[u8]) -> Piece {
        let bytes = *chunk;
        let (Some(first), Some(last)) = (bytes.first_chunk::<LEN>(), bytes.last_chunk::<LEN>()) else {
            return self.long_piece_of_data(chunk);
        };
        let ends = masks::line_ends(first) | masks::line_ends(last) << (bytes.len() - LEN);
        if ends == 0 {
            return self.long_piece_of_data(chunk);
        }
        let len = ends.trailing_zeros() as usize;
        let is_usual = self.state.block == BlockFlags::default() && self.state.room().fits(len + 1);
        match field::behind(&bytes[len..], b"\n\n") {
            Some(_) if is_usual && self.store.append_halves(first, last, bytes.len()) => {
                self.store.drop_last(bytes.len() - len);
                self.end_of_stored_data(chunk, len, 2, Stage::LineStart)
            }
            _ => self.end_of_piece(chunk, len),
        }
    }

    /// The same for any number of bytes.
    #[inline(never)]
    fn long_piece_of_data(&mut self, chunk: &mut &[u8]) -> Piece {
        let bytes = *chunk;
        if bytes.len() < line_end::LAST {
            return match line_end::line_end(bytes) {
                Some(len) => self.end_of_piece(chunk, len),
                None => self.take_piece(chunk),
            };
        }
        match line_end::data_line_end(bytes) {
            Some(len) => match field::behind(&bytes[len..], b"\n\n") {
                Some(_) if self.state.block == BlockFlags::default() && self.state.room().fits(len + 1) => {
                    self.end_by_copy(chunk, len)
                }
                _ => self.end_of_piece(chunk, len),
            },
            None => self.take_piece(chunk),
        }
    }

    /// The line and its block end after `len` bytes, with an LF each.
    #[inline(never)]
    fn end_by_copy(&mut self, chunk: &mut &[u8], len: usize) -> Piece {
        self.store.append(&chunk[..len]);
        self.end_of_stored_data(chunk, len, 2, Stage::LineStart)
    }

    /// All of the chunk is more of the line.
    #[inline(never)]
    fn take_piece(&mut self, chunk: &mut &[u8]) -> Piece {
        let bytes = *chunk;
        if !self.state.room().fits(bytes.len()) {
            return Piece::Nothing;
        }
        *chunk = &bytes[bytes.len()..];
        self.count_piece_of_data(bytes.len());
        self.store.append(bytes);
        Piece::Taken
    }

    /// The line ends after so many bytes.
    #[inline(never)]
    fn end_of_piece(&mut self, chunk: &mut &[u8], len: usize) -> Piece {
        if !self.state.room().fits(len + 1) {
            return Piece::Nothing;
        }
        let (piece, after) = chunk.split_at(len);
        self.store.append(piece);
        match behind_blank_line(after) {
            Some((rest, next)) if self.state.block == BlockFlags::default() => {
                self.end_of_stored_data(chunk, len, after.len() - rest.len(), next)
            }
            _ => self.end_line_of_data(chunk, len),
        }
    }

    /// The same where these bytes are stored, and `end_len` more bytes end the block.
    #[inline(always)]
    fn end_of_stored_data(&mut self, chunk: &mut &[u8], len: usize, end_len: usize, next: Stage) -> Piece {
        if !begins_without_type(self.store.log()) {
            return self.end_line_of_data(chunk, len);
        }
        self.note_event(chunk, len + end_len, &chunk[len + end_len..], next);
        self.begin_block();
        self.lend_log();
        Piece::Event
    }

    /// The line ends after these bytes, which are stored. Lines of data that follow are stored too. If the block ends
    /// behind them as an event and nothing else, that is given next. Else the general way goes on.
    #[inline(never)]
    fn end_line_of_data(&mut self, chunk: &mut &[u8], len: usize) -> Piece {
        let mut lines = Lines::of_stored_data(len + 1);
        let next = len + line_end::len(&chunk[len..]);
        let (mut start, mut search) = (next, Search::NOTHING);
        if field::behind(&chunk[next..], field::DATA).is_some() {
            (start, search) = self.data_lines(chunk, next, &mut lines);
        }
        if matches!(chunk[start..], [b'\n' | b'\r', ..]) && self.is_stored_event() {
            self.note_event(chunk, start + 1, &chunk[start + 1..], Stage::after(chunk[start]));
            self.state.control.insert(Control::STORED_NEXT);
            return Piece::Nothing;
        }
        self.state.count(lines.counted);
        self.state.block.insert(BlockFlags::LINE);
        self.state.block.insert(BlockFlags::FIELD);
        self.state.block.insert(BlockFlags::DATA_IN_LOG);
        self.state.stage = Stage::after(chunk[start - 1]);
        self.take(chunk, start);
        if search == Search::none_before(chunk.len()) && self.state.room().fits(chunk.len()) {
            self.take_split_line(chunk);
            return Piece::Taken;
        }
        Piece::Nothing
    }

    /// Whether the block that is stored is an event and nothing else in its dialect.
    fn is_stored_event(&mut self) -> bool {
        let flags = self.state.block;
        if flags.any(BlockFlags::UNUSUAL) {
            return false;
        }
        let dialect = self.state.settings.dialect;
        match self.store.mark_data(flags.any(BlockFlags::ID_IN_LOG)) {
            Some((event, data)) => is_event_alone(dialect, event, data),
            None => false,
        }
    }

    /// Gives that event.
    pub(in crate::parser) fn give_stored<'c>(&mut self) -> Block<Part<'c>> {
        let has_id = self.state.block.any(BlockFlags::ID_IN_LOG);
        let block = self.store.take_stored_parts(has_id);
        self.begin_block();
        self.state.control.remove(Control::STORED_NEXT);
        self.lend_log();
        block
    }
}
