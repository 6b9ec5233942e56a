//! The end of the input, and what it means (R11–R13, R17).

use super::{
    Parser,
    block::{self, Meaning},
    json_stream::value_event,
};
use crate::{
    Buffer, Error, Finish, Outcome,
    scan::{
        field::Field,
        json::{self, Lex},
    },
    state::{BlockFlags, Control, Facts, Fault, Finding, LeadIn, OpenLine, Part, Skip, Stage},
    store::Gathered,
};

/// A [`Finish`] whose parts are named by their places.
struct End {
    found: Option<Finding<Part<'static>>>,
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

/// What is left of an event stream at the end of the input: the open line, and the block that the end completes.
struct Leftover {
    /// There is an open line, and it is not a comment.
    has_open_line: bool,
    /// What the open line gives, if it is not a field.
    of_line: Option<Finding<Part<'static>>>,
    /// The open line is `[DONE]` (R5).
    is_bare_done: bool,
    /// The number of bytes of an unknown line that are stored, after the log.
    unknown_len: usize,
    has_event: bool,
    has_data: bool,
    /// The block may be truncated.
    is_untrusted: bool,
}

impl<B: Buffer> Parser<B> {
    /// Call this when the transport has ended. It gives the last event, if the end of the input completes one, and what the end
    /// means.
    ///
    /// It takes no byte, and the parser takes none afterwards until [`Parser::reset`]. A second call gives only the outcome.
    ///
    /// An `id` or a `retry` that may be truncated does not count, so a client that resumes skips nothing. [`Finish`] borrows
    /// from the parser: copy what you need of it before you use the parser again.
    ///
    /// # Errors
    ///
    /// The error that [`Parser::next_event`] gave. If the response ends within a byte order mark, its bytes are read as
    /// anything else, which may be an error too.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// use llm_response::{Event, Outcome, Parser};
    ///
    /// let mut parser = Parser::new();
    /// parser.push(b"data: {\"text\":\"hi\"}\n\ndata: [DONE]", |_| {})?;
    /// let finish = parser.finish()?;
    /// assert_eq!(finish.event, Some(Event::Done)); // the server left out the line end
    /// let outcome = finish.outcome; // `Outcome` is `Copy`: `finish` is not needed any more
    /// assert_eq!((outcome, parser.keep_alives()), (Outcome::Complete, 0));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn finish(&mut self) -> Result<Finish<'_>, Error> {
        self.take_back();
        let end = match self.state.ended {
            Some(outcome) => End::of(outcome),
            None => self.end().map_err(|fault| self.fail(fault))?,
        };
        self.store.clear_next();
        self.state.ended = Some(end.outcome);
        if matches!(self.state.stage, Stage::DataLine | Stage::Line(OpenLine::Name)) {
            self.state.stage = Stage::Line(OpenLine::Unknown); // no short way takes bytes of such a line
        }
        self.state.control.insert(Control::LENT);
        if let Some(found) = &end.found {
            self.note(found);
        }
        Ok(Finish {
            event: end.found.map(|found| self.lend_finding(found)),
            outcome: end.outcome,
            rest: self.lend_part(end.rest),
        })
    }

    fn end(&mut self) -> Result<End, Fault> {
        if self.state.control.any(Control::DONE_NEXT) {
            return Ok(End {
                found: Some(Finding::Done),
                ..End::of(Outcome::Complete)
            });
        }
        if let Stage::LeadIn(lead_in @ (LeadIn::Mark1 | LeadIn::Mark2)) = self.state.stage {
            self.broken_mark(lead_in.mark_len())?;
        }
        Ok(match self.state.stage {
            Stage::Failed(fault) => return Err(fault),
            Stage::LeadIn(_) => End::of(self.without_output()),
            stage @ (Stage::LineStart | Stage::AfterComment | Stage::AfterCr | Stage::DataLine | Stage::Line(_)) => {
                self.end_of_lines(stage.open_line())
            }
            Stage::Body(lex) => self.end_of_body(lex),
            Stage::AfterBody if self.is_json() && !self.state.facts.any(Facts::SKIPPED) => End::of(Outcome::Complete),
            Stage::AfterBody => End::of(self.outcome_of_stream(None, false)),
            Stage::BetweenValues if self.is_in_array() && !self.state.facts.any(Facts::RECEIVING) => {
                End::of(Outcome::Truncated)
            }
            Stage::BetweenValues => End::of(self.outcome_of_values(None)),
            Stage::Value(lex) => self.end_of_value(lex),
            Stage::Skip(skip) => self.end_of_skipped(skip),
        })
    }

    // ---- R13, R17: JSON -------------------------------------------------------------------------------------------

    fn end_of_body(&mut self, lex: Lex) -> End {
        let bytes = self.stored_json();
        match lex {
            Lex::Scalar => End {
                found: Some(Finding::Body(bytes)),
                ..End::of(Outcome::Complete)
            },
            _ => self.truncated_json(bytes),
        }
    }

    fn end_of_value(&mut self, lex: Lex) -> End {
        let bytes = self.stored_json();
        match lex {
            Lex::Scalar if !self.is_in_array() => {
                let found = Some(value_event(bytes));
                End {
                    found,
                    ..End::of(self.outcome_of_values(found))
                }
            }
            _ => self.truncated_json(bytes),
        }
    }

    fn truncated_json(&self, rest: Part<'static>) -> End {
        let is_done = self.state.facts.any(Facts::DONE);
        End {
            rest,
            ..End::of(if is_done { Outcome::Complete } else { Outcome::Truncated })
        }
    }

    /// R17, outside a value.
    fn outcome_of_values(&self, found: Option<Finding<Part<'_>>>) -> Outcome {
        if self.state.facts.any(Facts::DONE) {
            Outcome::Complete
        } else {
            self.unfinished(found)
        }
    }

    // ---- What is skipped -------------------------------------------------------------------------------------------

    fn end_of_skipped(&mut self, skip: Skip) -> End {
        let found = self.found_at_end_of_skipped(skip);
        let mut end = match skip {
            Skip::Comment => self.end_of_lines(None),
            Skip::Body | Skip::Value => self.truncated_json(Part::EMPTY),
            _ if self.is_lenient() && self.has_ended(None) => End::of(Outcome::Complete),
            _ if self.is_lenient() && self.state.block.any(BlockFlags::TEXT) && !self.has_output(None) => {
                End::of(Outcome::Unrecognized)
            }
            _ => End::of(Outcome::Truncated),
        };
        let is_given = self.is_lenient() || matches!(skip, Skip::Body | Skip::Value);
        if is_given && end.found.is_none() && found.is_some() {
            end.found = found;
            if end.outcome == Outcome::Empty {
                end.outcome = Outcome::KeepAliveOnly;
            }
        }
        end
    }

    // ---- R11, R12: lines ------------------------------------------------------------------------------------------

    fn end_of_lines(&mut self, line: Option<OpenLine>) -> End {
        let left = self.leave_line(line);
        if self.is_lenient() {
            self.lenient_end(&left)
        } else {
            self.strict_end(&left)
        }
    }

    /// R11 applies in dialect `Llm`, and in `EventSource` if `lenient_end` is set.
    fn is_lenient(&self) -> bool {
        self.state.is_llm() || self.state.settings.lenient_end
    }

    /// The end of the input ends the open line: a field becomes part of its block, if it can be trusted.
    fn leave_line(&mut self, line: Option<OpenLine>) -> Leftover {
        let mut left = Leftover {
            has_open_line: line.is_some_and(|line| line != OpenLine::Comment),
            of_line: None,
            is_bare_done: false,
            unknown_len: 0,
            has_event: false,
            has_data: false,
            is_untrusted: false,
        };
        let field = line.and_then(|line| self.open_field(line));
        match (field, line) {
            (Some(field @ (Field::Data | Field::Error)), _) => {
                self.end_value(field);
                left.is_untrusted = field == Field::Error || self.has_empty_data();
            }
            (Some(Field::Event), _) => {
                self.store.drop_line();
                left.has_event = true;
                left.is_untrusted = true;
            }
            (Some(Field::Id | Field::Retry), _) => self.store.drop_line(),
            (None, Some(line)) => {
                left.of_line = self.open_line(line);
                if line != OpenLine::Comment {
                    left.is_bare_done = !matches!(left.of_line, Some(Finding::Unknown(_)));
                    left.unknown_len = if left.is_bare_done { 0 } else { self.store.line().len() };
                }
            }
            (None, None) => {}
        }
        left.has_event |= self.state.block.any(BlockFlags::EVENT_IN_LOG);
        left.has_data = self.state.block.any(BlockFlags::DATA_IN_LOG);
        left
    }

    /// Whether all data lines so far are empty: the log has no bytes except its marks.
    fn has_empty_data(&self) -> bool {
        self.store
            .log()
            .split(|&byte| byte == b'\n')
            .all(|entry| matches!(entry, [] | [b'\r', ..]))
    }

    /// The block that the end of the input completes. An open line that is not a field stays after the log.
    fn gather_at_end(&mut self, left: &Leftover) -> Gathered {
        self.gather_without_end(left.of_line.is_some() || left.is_bare_done)
    }

    /// A block that has not come to its blank line. Apart from [`Parser::end_block`], whose way is warm.
    #[cold]
    #[inline(never)]
    pub(super) fn gather_without_end(&mut self, before_line: bool) -> Gathered {
        self.store.gather(self.state.block, before_line)
    }

    /// R12.
    fn strict_end(&mut self, left: &Leftover) -> End {
        let block = self.gather_at_end(left).block();
        let rest = if left.has_data {
            block.data
        } else {
            self.store.last_part(left.unknown_len)
        };
        let outcome = if left.has_open_line || left.has_data || left.has_event {
            Outcome::Truncated
        } else {
            self.outcome_of_stream(None, false)
        };
        End {
            rest,
            ..End::of(outcome)
        }
    }

    /// R11.
    fn lenient_end(&mut self, left: &Leftover) -> End {
        let mut gathered = self.gather_at_end(left);
        let mut block = gathered.block();
        if self.state.block.any(BlockFlags::ERROR) {
            block.event = Part::Error;
        }
        let meaning = self.block_meaning(block, left.has_data);
        let mut of_block = match meaning {
            _ if left.is_untrusted => None,
            Meaning::Done if left.has_data => self.done(),
            Meaning::Ping => Some(Finding::Ping(block)),
            Meaning::Data | Meaning::LastData if self.is_whole(block.data) => Some(Finding::Data(block)),
            _ => None,
        };
        if let Some(Finding::Ping(block) | Finding::Data(block)) = &mut of_block {
            self.store.adopt_gathered_id(&mut gathered);
            let moved = gathered.block();
            block.data = moved.data;
            if !matches!(block.event, Part::Error) {
                block.event = moved.event;
            }
        } else if of_block.is_some() {
            self.store.adopt_gathered_id(&mut gathered);
        }

        let is_withheld = of_block.is_none() && (left.has_data || left.has_event);
        let is_end = left.is_bare_done
            || matches!(of_block, Some(Finding::Done))
            || meaning == Meaning::LastData && of_block.is_some();
        let found = of_block.or(left.of_line);
        let outcome = if is_end || self.has_ended(found) {
            Outcome::Complete
        } else if is_withheld {
            Outcome::Truncated
        } else {
            self.outcome_of_stream(found, left.unknown_len > 0)
        };
        let rest = if left.has_data && of_block.is_none() {
            block.data
        } else if matches!(found, Some(Finding::Unknown(_))) {
            Part::EMPTY
        } else {
            self.store.last_part(left.unknown_len)
        };
        End { found, outcome, rest }
    }

    /// Whether data is certainly not truncated: it is one complete JSON object or array. In the standard's dialect, which has no
    /// end marks, data that looks like an end mark is complete too.
    fn is_whole(&self, data: Part<'_>) -> bool {
        let data = self.lend_part(data);
        json::is_complete_container(data) || !self.state.is_llm() && block::is_done(data)
    }

    /// R11: whether the response is complete, whatever is still open.
    fn has_ended(&self, found: Option<Finding<Part<'_>>>) -> bool {
        let facts = self.state.facts;
        let is_one_body = facts.any(Facts::BODY) && !facts.any(Facts::BODIES) && !facts.any(Facts::SKIPPED);
        let is_one_body = is_one_body && !self.has_output(found);
        facts.any(Facts::DONE) || is_one_body
    }

    fn has_output(&self, found: Option<Finding<Part<'_>>>) -> bool {
        self.state.facts.any(Facts::OUTPUT) || matches!(found, Some(Finding::Data(_)))
    }

    /// The outcome of an event stream if nothing is withheld and `found` is given now: the first case of R11 that applies. The
    /// open line may hold text that is not a field.
    fn outcome_of_stream(&self, found: Option<Finding<Part<'_>>>, has_unknown_line: bool) -> Outcome {
        let facts = self.state.facts;
        match found {
            _ if self.has_ended(found) => Outcome::Complete,
            Some(Finding::Unknown(_)) if self.has_output(found) => Outcome::Truncated,
            Some(Finding::Unknown(_)) => Outcome::Unrecognized,
            _ if self.has_output(found) || facts.any(Facts::BODIES) => self.unfinished(found),
            _ if facts.any(Facts::UNKNOWN) || has_unknown_line => Outcome::Unrecognized,
            Some(_) => Outcome::KeepAliveOnly,
            None => self.without_output(),
        }
    }

    /// The outcome of whole events or values without an end mark. If the dialect or the options say that no end mark is sent,
    /// the response is complete.
    fn unfinished(&self, found: Option<Finding<Part<'_>>>) -> Outcome {
        let facts = self.state.facts;
        let has_data = facts.any(Facts::DATA) || matches!(found, Some(Finding::Data(_)));
        let is_by_standard = !self.state.is_llm() && !self.is_json() && (has_data || facts.any(Facts::BODY));
        let is_by_options = !self.state.settings.end_mark && has_data && !self.is_in_array();
        if facts.any(Facts::SKIPPED) {
            Outcome::Truncated
        } else if is_by_standard || is_by_options {
            Outcome::Complete
        } else {
            Outcome::Unfinished
        }
    }

    /// The outcome if at most keep-alives were received.
    fn without_output(&self) -> Outcome {
        if self.state.keep_alives > 0 {
            Outcome::KeepAliveOnly
        } else {
            Outcome::Empty
        }
    }
}
