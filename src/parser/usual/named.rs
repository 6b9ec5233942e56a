//! A block of a name and one line of data.

use super::{
    behind_blank_line,
    lines::{Name, WholeBlock, is_event},
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
    #[inline(never)]
    pub(in crate::parser) fn usual_named<'c>(&mut self, chunk: &mut &'c [u8]) -> Option<WholeBlock<'c>> {
        let block = *chunk;
        let Some(value) = field::behind(block, field::EVENT) else {
            return self.usual_lines(chunk, None, Search::NOTHING);
        };
        let value = without_space(value);
        let Some(len) = line_end::short_line_end(value) else {
            return self.usual_lines(chunk, None, Search::none_before(block.len()));
        };
        let (event, after) = value.split_at(len);
        let counted = block.len() - after.len() + 1;
        let rest = &after[line_end::len(after)..];
        let name = Name {
            value: event,
            counted,
            next: block.len() - rest.len(),
        };
        let data = match field::behind(rest, field::DATA) {
            Some(value) if value.len() > line_end::LAST && self.state.block == BlockFlags::default() => {
                without_space(value)
            }
            _ => return self.usual_lines(chunk, Some(name), Search::NOTHING),
        };
        let before = rest.len() - data.len();
        let search = match line_end::short_data_line_end(data) {
            Some(len) => match behind_blank_line(&data[len..]) {
                Some((after, next)) if is_event(event, data) && self.state.room().fits(counted + before + len + 1) => {
                    let taken = block.len() - after.len();
                    let event = WholeBlock {
                        event,
                        data: Some(&data[..len]),
                    };
                    return Some(self.take_event(chunk, taken, after, next, event));
                }
                _ => Search::ends_at(before + len),
            },
            None => Search::none_before(rest.len()),
        };
        self.usual_lines(chunk, Some(name), search)
    }
}
