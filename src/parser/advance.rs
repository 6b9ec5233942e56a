//! One step: from the stage to what it finds, and what is noted of it.

use super::{
    Parser,
    usual::{COMMENT_AGAIN, Piece, usual_ways},
};
use crate::{
    Buffer, Error, ErrorKind, Format,
    scan::{
        field::{COMMENT, Field, begins_with},
        line_end::Search,
    },
    state::{Block, BlockFlags, Control, Facts, Fault, Finding, Found, LeadIn, OpenLine, Part, Stage},
};

/// What a step gives: something found, or nothing and the chunk taken.
pub(super) type Step<'c> = Result<Option<Finding<Part<'c>>>, Fault>;

impl<B: Buffer> Parser<B> {
    /// The first half of [`Parser::next_event`]: finds an event, but does not borrow the parser for it. [`Parser::lend`] is the
    /// second half and gives the event.
    ///
    /// This is for code that wraps the parser. It can ask the parser something, or call `advance` again, before it takes the
    /// event. It can also return the event from a loop, which the borrow checker does not allow with `next_event`.
    ///
    /// # Errors
    ///
    /// Those of [`Parser::next_event`].
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// use llm_response::{Error, Event, Parser};
    ///
    /// /// Reads chunks until there is an event.
    /// fn next<'a>(
    ///     parser: &'a mut Parser,
    ///     chunk: &mut &'a [u8],
    ///     chunks: &mut impl Iterator<Item = &'a [u8]>,
    /// ) -> Result<Option<Event<'a>>, Error> {
    ///     loop {
    ///         if let Some(found) = parser.advance(chunk)? {
    ///             return Ok(Some(parser.lend(found)));
    ///         }
    ///         let Some(next) = chunks.next() else { return Ok(None) };
    ///         *chunk = next;
    ///     }
    /// }
    ///
    /// let mut parser = Parser::new();
    /// let event = next(&mut parser, &mut &b""[..], &mut [&b"da"[..], b"ta: {}\n", b"\n"].into_iter())?;
    /// assert!(matches!(event, Some(Event::Data(data)) if data.as_bytes() == b"{}"));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)] // as `next_event`
    pub fn advance<'c>(&mut self, chunk: &mut &'c [u8]) -> Result<Option<Found<'c>>, Error> {
        let found = |event, data| Ok(Some(Found(Finding::Data(Block { event, data }))));
        usual_ways!(self, chunk, search, {
            nothing => return Ok(None),
            comment(text) => return Ok(Some(Found(Finding::Comment(Part::Chunk(text))))),
            data(event, data) => return found(Part::Chunk(event), Part::Chunk(data)),
            stored(event) => return found(Part::Chunk(event), self.store.log_part()),
        });
        Ok(self.advance_any(chunk, search)?.map(Found))
    }

    /// One step, the general way; first what takes no more than a look. `search` is what is known of the chunk.
    #[inline]
    pub(super) fn advance_any<'c>(
        &mut self,
        chunk: &mut &'c [u8],
        search: Search,
    ) -> Result<Option<Finding<Part<'c>>>, Error> {
        if self.next_blank_line(chunk) {
            return Ok(Some(Finding::BlankLine));
        }
        if self.state.control.any(Control::STORED_NEXT) {
            return Ok(Some(Finding::Data(self.give_stored())));
        }
        self.take_back();
        if self.state.ended.is_some() {
            return Ok(None);
        }
        if self.state.control.any(Control::DONE_NEXT) {
            self.note(&Finding::Done);
            return Ok(Some(Finding::Done));
        }
        if chunk.is_empty() && !matches!(self.state.stage, Stage::Failed(_)) {
            return Ok(None);
        }
        self.advance_stage(chunk, search)
    }

    /// A function of its own, so that waiting needs no large frame.
    #[inline(never)]
    fn advance_stage<'c>(&mut self, chunk: &mut &'c [u8], search: Search) -> Result<Option<Finding<Part<'c>>>, Error> {
        let len = chunk.len();
        self.state.split_comment();
        let step = self.take_step(chunk, search);
        self.state.position += (len - chunk.len()) as u64;
        match step {
            Ok(Some(finding)) => {
                self.note(&finding);
                self.state.join_comment();
                Ok(Some(finding))
            }
            Ok(None) => Ok(None),
            Err(fault) => Err(self.fail(fault)),
        }
    }

    /// Goes on from stage to stage until one of them finds something, or the chunk is taken.
    #[inline]
    fn take_step<'c>(&mut self, chunk: &mut &'c [u8], mut search: Search) -> Step<'c> {
        loop {
            let found = match self.state.stage {
                stage @ (Stage::LineStart | Stage::AfterComment | Stage::AfterCr) => {
                    self.whole_lines(stage, chunk, core::mem::take(&mut search))?
                }
                Stage::DataLine => {
                    self.continue_line(OpenLine::Value(Field::Data), chunk, core::mem::take(&mut search))?
                }
                Stage::Line(line) => self.continue_line(line, chunk, core::mem::take(&mut search))?,
                Stage::LeadIn(lead_in) => self.lead_in(lead_in, chunk)?,
                Stage::Body(lex) => self.body(lex, chunk)?,
                Stage::AfterBody => self.after_body(chunk)?,
                Stage::BetweenValues => self.between_values(chunk)?,
                Stage::Value(lex) => self.value(lex, chunk)?,
                Stage::Skip(skip) => self.skip(skip, chunk)?,
                Stage::Failed(fault) => return Err(fault),
            };
            if found.is_some() || chunk.is_empty() {
                return Ok(found);
            }
        }
    }

    /// Notes an event that is about to be given, and gives memory back that it does not borrow.
    #[inline]
    pub(super) fn note(&mut self, finding: &Finding<Part<'_>>) {
        let state = &mut self.state;
        match finding {
            Finding::Data(_) => state.facts.insert(Facts::OF_DATA),
            Finding::Comment(_) | Finding::BlankLine | Finding::Ping(_) => state.count_keep_alive(),
            Finding::Done => {
                state.facts.insert(Facts::DONE);
                state.facts.insert(Facts::COMPLETE);
                state.control.remove(Control::DONE_NEXT);
            }
            Finding::Body(_) => {
                if !state.facts.any(Facts::OUTPUT) && !state.facts.any(Facts::UNKNOWN) {
                    state.facts.insert(Facts::COMPLETE);
                }
                let is_second = state.facts.any(Facts::BODY);
                state.facts.insert(if is_second { Facts::BODIES } else { Facts::BODY });
            }
            Finding::Unknown(_) => state.facts.insert(Facts::UNKNOWN),
            Finding::Skipped(skipped) => state.note_skipped(*skipped),
        }
        if !self.state.control.any(Control::LENT) {
            self.give_back();
        }
    }

    /// R7: an end mark has come, which is given once.
    pub(super) fn done<'c>(&self) -> Option<Finding<Part<'c>>> {
        (!self.state.facts.any(Facts::DONE)).then_some(Finding::Done)
    }

    /// The end mark follows with the next call, unless it was given before.
    pub(super) fn done_next(&mut self) {
        if !self.state.facts.any(Facts::DONE) {
            self.state.control.insert(Control::DONE_NEXT);
        }
    }

    #[inline]
    pub(super) const fn is_json(&self) -> bool {
        matches!(self.state.settings.format, Format::Json | Format::JsonStream)
    }

    /// Where a line of an event stream may begin.
    #[inline]
    pub(super) const fn is_at_line_start(&self) -> bool {
        matches!(self.state.stage, Stage::LineStart | Stage::AfterComment)
    }

    /// Takes and counts one more blank line where nothing else has come, as servers send them while an answer waits: in
    /// fewer steps than [`Parser::lead_in`] needs for it. Nothing was stored since the line before, which gave memory back.
    #[inline(always)]
    pub(super) fn next_blank_line(&mut self, chunk: &mut &[u8]) -> bool {
        let is_next = self.state.stage == Stage::LeadIn(LeadIn::LineEnds) && self.state.ended.is_none();
        match *chunk {
            [b'\n', rest @ ..] if is_next => {
                *chunk = rest;
                self.state.position += 1;
                self.state.count_keep_alive();
                true
            }
            _ => false,
        }
    }

    /// Moves to the end that R10 describes. The position is that of the byte that failed.
    #[cold]
    pub(super) fn fail(&mut self, fault: Fault) -> Error {
        self.state.stage = Stage::Failed(fault);
        self.store.clear();
        self.store.give_back(true);
        let kind = match fault {
            Fault::TooLong => ErrorKind::TooLong {
                limit: self.state.failed_limit(),
            },
            Fault::NotJson(byte) => ErrorKind::NotJson { byte },
            Fault::NotText(byte) => ErrorKind::NotText { byte },
            Fault::TrailingBytes(byte) => ErrorKind::TrailingBytes { byte },
        };
        Error::new(kind, self.state.position)
    }
}
