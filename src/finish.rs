//! The end of the input, and what it means (R11–R13).

use crate::{
    Buffer, Dialect, Error, Finish, Outcome, Parser,
    block::{self, Meaning},
    flags::{BlockFlags, Seen},
    found::{Block, Found, Part},
    json::{self, Lex},
    lead_in::LeadIn,
    lines::LineState,
    parser::{Fault, Stage},
};

/// A [`Finish`] before it is lent.
struct End {
    found: Option<Found<'static>>,
    outcome: Outcome,
    rest: Part<'static>,
}

impl End {
    const fn of(outcome: Outcome) -> Self {
        Self {
            found: None,
            outcome,
            rest: Part::EMPTY,
        }
    }
}

impl<B: Buffer> Parser<B> {
    /// The transport has ended: the last event, if one was left open, and what the end means.
    ///
    /// It takes no byte, and the parser takes none afterwards until [`Parser::reset`]. Called again, it gives the outcome
    /// alone.
    ///
    /// # Errors
    ///
    /// The error that [`Parser::next_event`] gave; or, where the end breaks a byte order mark, the one that its bytes
    /// give when they are read as anything else.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// use llm_response::{Event, Outcome, Parser};
    ///
    /// let mut parser = Parser::new();
    /// parser.push(b"data: {\"text\":\"hi\"}\n\ndata: [DONE]", |_| {})?;
    /// let finish = parser.finish()?;
    /// assert_eq!(finish.event, Some(Event::Done)); // the server left out the line end
    /// assert_eq!(finish.outcome, Outcome::Complete);
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn finish(&mut self) -> Result<Finish<'_>, Error> {
        self.take_back();
        let end = match self.ended {
            Some(outcome) => End::of(outcome),
            None => self.end().map_err(|fault| self.fail(fault))?,
        };
        self.store.clear_next();
        self.ended = Some(end.outcome);
        self.seen.insert(Seen::ENDED);
        self.seen.insert(Seen::LENT);
        if let Some(found) = &end.found {
            self.note(found);
        }
        Ok(Finish {
            event: end.found.map(|found| self.lend(found)),
            outcome: end.outcome,
            rest: self.lend_part(end.rest),
        })
    }

    fn end(&mut self) -> Result<End, Fault> {
        if let Stage::LeadIn(lead_in @ (LeadIn::Mark1 | LeadIn::Mark2)) = self.stage {
            self.broken_mark(lead_in.mark_len())?;
        }
        Ok(match self.stage {
            Stage::Failed(fault) => return Err(fault),
            Stage::LeadIn(_) => End::of(self.without_output()),
            Stage::Lines(line) => match self.dialect {
                Dialect::Llm => self.end_of_stream(line),
                Dialect::EventSource => self.end_of_event_source(line),
            },
            Stage::Body(lex) => self.end_of_body(lex),
            Stage::AfterBody => End::of(Outcome::Complete),
        })
    }

    /// R13.
    fn end_of_body(&mut self, lex: Lex) -> End {
        if lex == Lex::Scalar {
            End {
                found: Some(self.stored_body()),
                ..End::of(Outcome::Complete)
            }
        } else {
            let end = self.store.len();
            End {
                rest: Part::Stored { start: 0, end },
                ..End::of(Outcome::Truncated)
            }
        }
    }

    /// R11.
    fn end_of_stream(&mut self, line: LineState) -> End {
        if self.seen.any(Seen::DONE_NEXT) {
            return End {
                found: Some(Found::Done),
                ..End::of(Outcome::Complete)
            };
        }
        let of_line = if line.is_open() { self.end_line(line) } else { None };
        let block = self.gather_at_end(of_line.is_some(), true);
        let has_data = self.block.any(BlockFlags::DATA);
        let meaning = block::meaning(self.dialect, self.lend_part(block.event), self.lend_part(block.data));
        let is_whole = json::is_complete_container(self.lend_part(block.data));
        let of_block = match meaning {
            _ if !has_data => None,
            Meaning::Done => Some(Found::Done),
            Meaning::Ping => Some(Found::Ping(block)),
            Meaning::LastData | Meaning::Data if is_whole => Some(Found::Data(block)),
            Meaning::LastData | Meaning::Data => None,
        };
        let found = of_block.or(of_line);

        let is_cut = if has_data {
            of_block.is_none()
        } else {
            self.block.any(BlockFlags::EVENT)
        };
        let outcome = match found {
            _ if self.seen.any(Seen::COMPLETE) => Outcome::Complete,
            Some(Found::Done) => Outcome::Complete,
            Some(Found::Data(_)) if meaning == Meaning::LastData => Outcome::Complete,
            _ if is_cut => Outcome::Truncated,
            Some(Found::Unknown(_)) if self.seen.any(Seen::RECEIVING) => Outcome::Truncated,
            Some(Found::Unknown(_)) => Outcome::Unrecognized,
            Some(Found::Data(_)) => Outcome::Unfinished,
            _ if self.seen.any(Seen::RECEIVING) => Outcome::Unfinished,
            _ if self.seen.any(Seen::UNKNOWN) => Outcome::Unrecognized,
            Some(_) => Outcome::KeepAliveOnly,
            None => self.without_output(),
        };
        End {
            found,
            outcome,
            rest: if has_data && of_block.is_none() {
                block.data
            } else {
                Part::EMPTY
            },
        }
    }

    /// R12.
    fn end_of_event_source(&mut self, line: LineState) -> End {
        let is_cut_line = line.is_open() && line != LineState::Comment;
        let of_line = if line.is_open() { self.end_line(line) } else { None };
        let block = self.gather_at_end(of_line.is_some(), false);
        self.restore_retry();
        let has_data = self.block.any(BlockFlags::DATA);
        let outcome = if is_cut_line || has_data || self.block.any(BlockFlags::EVENT) {
            Outcome::Truncated
        } else if self.seen.any(Seen::RECEIVING) {
            Outcome::Complete
        } else if self.seen.any(Seen::UNKNOWN) {
            Outcome::Unrecognized
        } else {
            self.without_output()
        };
        End {
            rest: if has_data { block.data } else { Part::EMPTY },
            ..End::of(outcome)
        }
    }

    /// The open block, which the end of the input ended. An open line that was no field stays behind the log.
    fn gather_at_end(&mut self, with_line: bool, adopt_id: bool) -> Block<'static> {
        let log_end = if with_line {
            self.store.line().start
        } else {
            self.store.len()
        };
        self.store.gather(self.block, log_end, adopt_id).block()
    }

    /// The outcome where nothing but keep-alives came.
    fn without_output(&self) -> Outcome {
        if self.keep_alives > 0 {
            Outcome::KeepAliveOnly
        } else {
            Outcome::Empty
        }
    }
}
