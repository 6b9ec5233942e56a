//! What servers send most, by one search and with the fewest steps.
//!
//! Nearly every call finds one of these: an event of one `data` line and its blank line, whole or cut, with LF or CR LF;
//! a comment; more of a `data` line. [`Parser::common_step`] sees to them. Whatever is the least bit different goes the
//! general way, with what has been searched, so that no byte is searched twice; there, blocks that have a name come
//! first ([`Parser::named_block`]). All ways agree: the tests cut each response so that it takes one, the other, and
//! every mixture.

use crate::{
    Buffer, Parser,
    field::without_space,
    flags::{BlockFlags, Seen},
    lines::LineState,
    parser::Stage,
    scan::{self, Search},
};

/// What a common step did: small enough for registers. Events are noted already.
pub(crate) enum Common<'c> {
    /// It found an event without name, which has this data.
    Data(&'c [u8]),
    /// The same, and the data is all that is stored beside the last event id.
    StoredData,
    /// It found a comment.
    Comment(&'c [u8]),
    /// It took the whole chunk.
    Taken,
    /// Nothing; and this is known of the chunk.
    Nothing(Search),
}

/// The line by which DeepSeek's API keeps a stream alive.
const USUAL_COMMENT: &[u8] = b": keep-alive\n";

impl<B: Buffer> Parser<B> {
    #[inline]
    pub(crate) fn common_step<'c>(&mut self, chunk: &mut &'c [u8]) -> Common<'c> {
        if self.seen.any(Seen::INTERRUPTS) && self.is_interrupted() {
            return Common::Nothing(Search::NotYet);
        }
        if self.stage != Stage::Lines(LineState::Start) {
            if self.stage == Stage::Lines(LineState::Data) {
                return self.common_piece(chunk);
            }
            if !self.end_cr_lf(chunk) {
                return Common::Nothing(Search::NotYet);
            }
        }
        self.common_line(chunk)
    }

    /// After a CR: takes the LF that belongs to it, and a line begins. Whether a CR was last and a byte follows.
    #[inline]
    fn end_cr_lf(&mut self, chunk: &mut &[u8]) -> bool {
        let is_after_cr = self.stage == Stage::Lines(LineState::AfterCr) && !chunk.is_empty();
        if is_after_cr {
            self.take(chunk, usize::from(chunk[0] == b'\n'));
            self.stage = Stage::Lines(LineState::Start);
        }
        is_after_cr
    }

    /// A line begins.
    #[inline]
    fn common_line<'c>(&mut self, chunk: &mut &'c [u8]) -> Common<'c> {
        let bytes = *chunk;
        let line = match bytes {
            // The blank line after a comment or an unknown line gives nothing.
            [b'\n', rest @ ..] if self.block == BlockFlags::LINE => {
                self.block = BlockFlags::default();
                self.tally = 0;
                rest
            }
            _ => bytes,
        };
        let blank = bytes.len() - line.len();
        match line {
            [b':', ..] => self.common_comment(chunk, blank, line),
            [b'd', b'a', b't', b'a', b':', value @ ..] if self.block == BlockFlags::default() => {
                self.common_data(chunk, blank, line, value)
            }
            [] => {
                self.take(chunk, blank);
                Common::Taken
            }
            _ => {
                self.take(chunk, blank);
                Common::Nothing(Search::NotYet)
            }
        }
    }

    /// A block begins with data. A JSON object is neither an end mark nor a ping.
    #[inline]
    fn common_data<'c>(&mut self, chunk: &mut &'c [u8], blank: usize, line: &'c [u8], value: &'c [u8]) -> Common<'c> {
        let value = without_space(value);
        let limit = self.block_limit();
        let Some(len) = scan::line_end(value) else {
            return self.common_cut(chunk, blank, line, value, limit);
        };
        let line_len = line.len() - value.len() + len;
        match value.split_at(len) {
            (data @ [b'{', ..], [b'\n', b'\n', ..]) if line_len < limit => {
                self.take(chunk, blank + line_len + 2);
                self.seen.insert(Seen::RECEIVING);
                self.give_back();
                Common::Data(data)
            }
            // The second CR completes the event, whether or not an LF belongs to it. (What follows is not shared with the
            // other: a function of its own costs each event 25 instructions.)
            (data @ [b'{', ..], [b'\r', b'\n', b'\r', ..]) if line_len < limit => {
                self.take(chunk, blank + line_len + 3);
                self.stage = Stage::Lines(LineState::AfterCr);
                self.seen.insert(Seen::RECEIVING);
                self.give_back();
                Common::Data(data)
            }
            _ => {
                self.take(chunk, blank);
                Common::Nothing(Search::End(line_len))
            }
        }
    }

    /// The chunk's end cuts the first data of a block.
    #[inline]
    fn common_cut<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        blank: usize,
        line: &'c [u8],
        value: &'c [u8],
        limit: usize,
    ) -> Common<'c> {
        if value.is_empty() || line.len() > limit {
            self.take(chunk, blank);
            return Common::Nothing(Search::NoEnd);
        }
        self.take(chunk, blank + line.len());
        self.tally = line.len();
        self.begin_storing();
        self.store.append(value, self.max_len);
        self.stage = Stage::Lines(LineState::Data);
        Common::Taken
    }

    #[inline]
    fn common_comment<'c>(&mut self, chunk: &mut &'c [u8], blank: usize, line: &'c [u8]) -> Common<'c> {
        let room = self.block_limit() - self.tally;
        // After a comparison the processor goes on at the next line; after a search it waits for the result first.
        if room >= USUAL_COMMENT.len() && line.starts_with(USUAL_COMMENT) {
            let text = &line[2..USUAL_COMMENT.len() - 1];
            return self.take_comment(chunk, blank + USUAL_COMMENT.len(), text);
        }
        let end = scan::short_line_end(line);
        match end.map(|len| line.split_at(len)) {
            Some(([_, text @ ..], [b'\n', ..])) if text.len() < room => {
                self.take_comment(chunk, blank + text.len() + 2, without_space(text))
            }
            _ => {
                self.take(chunk, blank);
                Common::Nothing(Search::of(end))
            }
        }
    }

    /// Takes a comment's line, `taken` bytes with the blank line before it.
    #[inline]
    fn take_comment<'c>(&mut self, chunk: &mut &'c [u8], taken: usize, text: &'c [u8]) -> Common<'c> {
        self.take(chunk, taken);
        self.block.insert(BlockFlags::LINE);
        self.keep_alives += 1;
        self.give_back();
        Common::Comment(text)
    }

    /// More of a data line.
    #[inline]
    fn common_piece<'c>(&mut self, chunk: &mut &'c [u8]) -> Common<'c> {
        let bytes = *chunk;
        if bytes.is_empty() {
            return Common::Taken;
        }
        let room = self.block_limit() - self.tally;
        let Some(len) = scan::line_end(bytes) else {
            if bytes.len() > room {
                return Common::Nothing(Search::NoEnd);
            }
            self.tally += bytes.len();
            self.store.append(bytes, self.max_len);
            self.take(chunk, bytes.len());
            return Common::Taken;
        };
        match bytes.split_at(len) {
            (piece, [b'\n', b'\n', ..] | [b'\r', b'\n', b'\r', ..])
                if len < room && self.block == BlockFlags::default() && self.store.log().first() == Some(&b'{') =>
            {
                let line_ends = if bytes[len] == b'\n' { 2 } else { 3 };
                self.take(chunk, len + line_ends);
                self.store.append(piece, self.max_len);
                self.store.clear_next();
                self.stage = Stage::Lines(LineState::after(bytes[len]));
                self.tally = 0;
                self.seen.insert(Seen::RECEIVING);
                self.seen.insert(Seen::LENT);
                Common::StoredData
            }
            _ => Common::Nothing(Search::End(len)),
        }
    }

    #[inline]
    fn take(&mut self, chunk: &mut &[u8], len: usize) {
        *chunk = &chunk[len..];
        self.position += len as u64;
    }
}
