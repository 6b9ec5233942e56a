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
        match field::behind(behind_line_end(&value[len..]), field::DATA) {
            Some(value) if value.len() > line_end::LAST && self.state.block == BlockFlags::default() => {
                self.usual_data_behind_name(chunk, before + len)
            }
            _ => self.usual_lines(chunk, before + len, Search::NOTHING),
        }
    }

    /// The same behind the name, which ends at `name_end`.
    #[inline(never)]
    fn usual_data_behind_name<'c>(&mut self, chunk: &mut &'c [u8], name_end: usize) -> Option<WholeBlock<'c>> {
        let block = *chunk;
        let (name, after) = block.split_at(name_end);
        let line = behind_line_end(after);
        let event = without_space(&name[field::EVENT.len()..]);
        let data = without_space(&line[field::DATA.len()..]);
        let before = line.len() - data.len();
        let search = match line_end::short_data_line_end(data) {
            Some(len) => match behind_blank_line(&data[len..]) {
                Some((after, next))
                    if is_event(event, data) && self.state.room().fits(name_end + 1 + before + len + 1) =>
                {
                    let taken = block.len() - after.len();
                    let event = WholeBlock {
                        event,
                        data: Some(&data[..len]),
                    };
                    return Some(self.take_event(chunk, taken, after, next, event));
                }
                _ => Search::ends_at(before + len),
            },
            None => Search::none_before(line.len()),
        };
        self.usual_lines(chunk, name_end, search)
    }
}

/// What is behind the line end that `after` begins with.
#[inline(always)]
fn behind_line_end(after: &[u8]) -> &[u8] {
    &after[line_end::len(after)..]
}
