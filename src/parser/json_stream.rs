//! JSON values one after another, or the elements of one array (R17).

use super::{Parser, advance::Step};
use crate::{
    Buffer,
    scan::{
        json::{self, Lex},
        members,
    },
    state::{Block, Facts, Fault, Finding, Part, Stage},
};

impl<B: Buffer> Parser<B> {
    #[inline]
    pub(super) const fn is_in_array(&self) -> bool {
        self.state.facts.any(Facts::ARRAY)
    }

    /// Takes the bytes between two values, before the first value, or after the last value of an array.
    pub(super) fn between_values<'c>(&mut self, chunk: &mut &'c [u8]) -> Step<'c> {
        while let [byte, rest @ ..] = *chunk {
            let is_first = !self.state.facts.any(Facts::RECEIVING);
            match byte {
                byte if json::is_white_space(*byte) => {}
                b',' if self.is_in_array() => {}
                b']' if self.is_in_array() => {
                    *chunk = rest;
                    self.state.stage = Stage::AfterBody;
                    return Ok(self.done());
                }
                b'[' if is_first && !self.is_in_array() => self.state.facts.insert(Facts::ARRAY),
                byte if json::begins_value(*byte) => {
                    *self.state.depth() = 0;
                    let is_scalar = !matches!(byte, b'{' | b'[' | b'"');
                    self.state.stage = Stage::Value(if is_scalar { Lex::Scalar } else { Lex::Outside });
                    break;
                }
                byte => return Err(Fault::NotJson(*byte)),
            }
            *chunk = rest;
        }
        Ok(None)
    }

    /// Takes bytes of a value up to its end.
    pub(super) fn value<'c>(&mut self, mut lex: Lex, chunk: &mut &'c [u8]) -> Step<'c> {
        let end = match lex {
            Lex::Scalar => json::scalar_end(chunk, self.is_in_array()),
            _ => json::body_end(&mut lex, self.state.depth(), chunk),
        };
        let Ok(taken) = self.take_json(chunk, end) else {
            return self.json_too_long(lex, chunk, end);
        };
        let Some(data) = taken else {
            self.state.stage = Stage::Value(lex);
            return Ok(None);
        };
        self.state.stage = Stage::BetweenValues;
        if self.state.is_llm() && !self.is_in_array() && members::is_done_object(self.lend_part(data)) {
            self.done_next();
        }
        Ok(Some(value_event(data)))
    }
}

/// A value as an event, which has neither a name nor an id.
pub(super) const fn value_event(data: Part<'_>) -> Finding<Part<'_>> {
    Finding::Data(Block {
        event: Part::EMPTY,
        data,
    })
}
