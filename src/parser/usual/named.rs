//! A block of a name and one line of data.

use super::behind_blank_line;
use crate::{
    Buffer, Parser,
    scan::{
        field::{self, without_space},
        line_end::{self, Search},
        name,
    },
    state::{BlockFlags, Stage},
};

impl<B: Buffer> Parser<B> {
    /// A block begins with a name, as all of Anthropic's API and of OpenAI's Responses API do. Nearly always one line of
    /// data and the blank line come next. Whatever else comes goes the general way.
    #[inline(never)]
    pub(in crate::parser) fn usual_named<'c>(&mut self, chunk: &mut &'c [u8]) -> Result<(&'c [u8], &'c [u8]), Search> {
        let block = *chunk;
        if self.state.block != BlockFlags::default() {
            return Err(Search::NOTHING);
        }
        let named = named_block(block)?;
        if !is_event(named.event, named.data) || !self.state.room().fits(named.counted) {
            return Err(named.searched);
        }
        let taken = block.len() - named.rest.len();
        Ok(self.take_event(chunk, taken, named.rest, named.next, (named.event, named.data)))
    }
}

/// Whether this is an object under a name that is neither terminal nor a ping, and so an event and nothing else in both
/// dialects.
#[inline(always)]
pub(super) fn is_event(event: &[u8], data: &[u8]) -> bool {
    data.first() == Some(&b'{') && name::has_no_meaning(event)
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
    let value = without_space(field::behind(block, field::EVENT).ok_or(Search::NOTHING)?);
    let event_len = line_end::short_line_end(value).ok_or(Search::none_before(block.len()))?;
    let (event, after) = value.split_at(event_len);
    let first_end = block.len() - after.len();
    let first_alone = Search::ends_at(first_end, first_end + 1);
    let data_line = match after {
        [b'\n', next @ ..] | [b'\r', b'\n', next @ ..] => next,
        _ => return Err(first_alone),
    };
    let value = without_space(field::behind(data_line, field::DATA).ok_or(first_alone)?);
    if value.len() < line_end::LAST {
        return Err(first_alone);
    }
    let second_end = match line_end::in_fewer(value) {
        Ok(len) => block.len() - value.len() + len,
        Err(searched) => return Err(Search::ends_at(first_end, block.len() - value.len() + searched)),
    };
    let (lines, after) = block.split_at(second_end);
    let searched = Search::ends_at(first_end, second_end);
    let (rest, next) = behind_blank_line(after).ok_or(searched)?;
    let data = &lines[block.len() - value.len()..];
    let data_line_len = second_end - (block.len() - data_line.len());
    Ok(Named {
        event,
        data,
        rest,
        next,
        counted: first_end + 1 + data_line_len + 1,
        searched,
    })
}
