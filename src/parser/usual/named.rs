//! A block of a name and one line of data.

use super::{
    behind_blank_line,
    lines::{WholeBlock, is_event},
};
use crate::{
    Buffer, Parser,
    scan::{
        field::{self, without_space},
        line_end::{self, Search},
    },
    state::BlockFlags,
};

impl<B: Buffer> Parser<B> {
    /// A block begins with a name, as all of Anthropic's API and of OpenAI's Responses API do. Nearly always one line of
    /// data and the blank line come next. Whatever else comes is read line by line.
    ///
    /// Each of these functions ends with its last call, so that none saves registers for another.
    #[inline(never)]
    pub(in crate::parser) fn usual_named<'c>(&mut self, chunk: &mut &'c [u8]) -> Option<WholeBlock<'c>> {
        let block = *chunk;
        let Some(value) = field::behind(block, field::EVENT) else {
            return self.usual_lines(chunk, 0, Search::NOTHING);
        };
        let value = without_space(value);
        let before = block.len() - value.len();
        let Some(beginning) = value.first_chunk() else {
            return self.usual_lines(chunk, 0, Search::NOTHING);
        };
        let Some(len) = line_end::block_line_end(beginning) else {
            return self.usual_lines(chunk, 0, Search::none_before(before + beginning.len()));
        };
        let after = &value[len..];
        match field::data_value(&after[line_end::len(after)..]) {
            Some(data) if data.len() > line_end::LAST && self.state.block == BlockFlags::default() => {
                self.usual_data_behind_name(chunk, before + len, block.len() - data.len())
            }
            _ => self.usual_lines(chunk, before + len, Search::NOTHING),
        }
    }

    /// The same of the data, which begins at `data_start`, behind a name that ends at `name_end`.
    #[inline(never)]
    fn usual_data_behind_name<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        name_end: usize,
        data_start: usize,
    ) -> Option<WholeBlock<'c>> {
        let (before, data) = chunk.split_at(data_start);
        let event = without_space(&before[field::EVENT.len()..name_end]);
        let end = line_end::short_data_line_end(data);
        if let Some(len) = end {
            if let Some((after, next)) = behind_blank_line(&data[len..]) {
                // If the name ends with CR LF, this counts a byte too many: a block that just fits is left to `usual_lines`.
                if is_event(event, data) && self.state.room().fits(data_start + len + 1) {
                    let taken = chunk.len() - after.len();
                    let event = WholeBlock {
                        event,
                        data: Some(&data[..len]),
                    };
                    return Some(self.take_event(chunk, taken, after, next, event));
                }
            }
        }
        let line_start = name_end + line_end::len(&chunk[name_end..]);
        let search = match end {
            Some(len) => Search::ends_at(data_start + len - line_start),
            None => Search::none_before(chunk.len() - line_start),
        };
        self.usual_lines(chunk, name_end, search)
    }
}
