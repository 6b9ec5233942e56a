//! Before the first byte that means something: the byte order mark and white space (R1, R2).

use crate::{
    Buffer, Format, Parser,
    found::Found,
    json::{self, Lex},
    lines::LineState,
    parser::{Fault, Stage, Step},
};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What has come so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeadIn {
    /// Nothing.
    Start,
    /// The first byte of a byte order mark.
    Mark1,
    /// Two bytes of it.
    Mark2,
    /// Line ends and nothing else.
    LineEnds,
    /// The same, and a CR was last: an LF now belongs to it.
    LineEndsCr,
    /// White space, or white space after a byte order mark.
    Space,
    /// The same, and a CR was last.
    SpaceCr,
}

impl LeadIn {
    /// R15: whether nothing but line ends has come.
    pub(crate) const fn is_clean(self) -> bool {
        matches!(self, Self::Start | Self::LineEnds | Self::LineEndsCr)
    }

    /// How many bytes of a byte order mark have come.
    pub(crate) const fn mark_len(self) -> usize {
        match self {
            Self::Mark1 => 1,
            Self::Mark2 => 2,
            _ => 0,
        }
    }

    const fn after_cr(self) -> Self {
        if self.is_clean() {
            Self::LineEndsCr
        } else {
            Self::SpaceCr
        }
    }

    const fn after_lf(self) -> Self {
        if self.is_clean() { Self::LineEnds } else { Self::Space }
    }
}

impl<B: Buffer> Parser<B> {
    /// Takes what stands before the response, from a chunk that is not empty. Without an event and with some of the chunk
    /// left, the stage has changed.
    pub(crate) fn lead_in<'c>(&mut self, lead_in: LeadIn, chunk: &mut &'c [u8]) -> Step<'c> {
        match lead_in {
            LeadIn::Start | LeadIn::Mark1 | LeadIn::Mark2 => {
                self.byte_order_mark(lead_in, chunk)?;
                Ok(None)
            }
            _ => self.white_space(lead_in, chunk),
        }
    }

    /// Takes and counts one more blank line where nothing else has come, as servers send them while an answer waits: in
    /// fewer steps than [`Parser::lead_in`] needs for it. Nothing was stored since the line before, which gave memory back.
    #[inline]
    pub(crate) fn next_blank_line(&mut self, chunk: &mut &[u8]) -> bool {
        match *chunk {
            [b'\n', rest @ ..] if self.stage == Stage::LeadIn(LeadIn::LineEnds) => {
                *chunk = rest;
                self.position += 1;
                self.keep_alives += 1;
                true
            }
            _ => false,
        }
    }

    fn byte_order_mark(&mut self, lead_in: LeadIn, chunk: &mut &[u8]) -> Result<(), Fault> {
        let taken = lead_in.mark_len();
        let missing = &BYTE_ORDER_MARK[taken..];
        if chunk.first() != missing.first() {
            self.broken_mark(taken)?;
        } else if let Some(rest) = chunk.strip_prefix(missing) {
            *chunk = rest;
            self.begin_format(LeadIn::Space);
        } else if missing.starts_with(chunk) {
            let is_first = taken + chunk.len() == 1;
            self.stage = Stage::LeadIn(if is_first { LeadIn::Mark1 } else { LeadIn::Mark2 });
            *chunk = &[];
        } else {
            self.broken_mark(taken)?;
        }
        Ok(())
    }

    /// What looked like a byte order mark, of `taken` bytes, is none: they are the first bytes of the response.
    pub(crate) fn broken_mark(&mut self, taken: usize) -> Result<(), Fault> {
        self.begin_format(LeadIn::LineEnds);
        let [first, ..] = BYTE_ORDER_MARK[..taken] else {
            return Ok(());
        };
        self.position -= taken as u64;
        self.stage = self.decide(first)?;
        let mut rest = &BYTE_ORDER_MARK[..taken];
        let begun = self.begin_line(&mut rest);
        self.position += (taken - rest.len()) as u64;
        begun
    }

    /// `EventStream` has no lead-in beside the byte order mark.
    fn begin_format(&mut self, lead_in: LeadIn) {
        self.stage = match self.format {
            Format::EventStream => Stage::Lines(LineState::Start),
            Format::Auto | Format::Json => Stage::LeadIn(lead_in),
        };
    }

    fn white_space<'c>(&mut self, mut lead_in: LeadIn, chunk: &mut &'c [u8]) -> Step<'c> {
        while let [byte, rest @ ..] = *chunk {
            let line_end = match byte {
                b'\n' if matches!(lead_in, LeadIn::LineEndsCr | LeadIn::SpaceCr) => {
                    lead_in = lead_in.after_lf();
                    false
                }
                b'\n' => {
                    lead_in = lead_in.after_lf();
                    true
                }
                b'\r' => {
                    lead_in = lead_in.after_cr();
                    true
                }
                b' ' | b'\t' => {
                    lead_in = LeadIn::Space;
                    false
                }
                _ => {
                    self.stage = self.decide(*byte)?;
                    return Ok(None);
                }
            };
            *chunk = rest;
            if line_end {
                self.stage = Stage::LeadIn(lead_in);
                return Ok(Some(Found::BlankLine));
            }
        }
        self.stage = Stage::LeadIn(lead_in);
        Ok(None)
    }

    /// R2: what begins with `byte`.
    fn decide(&self, byte: u8) -> Result<Stage, Fault> {
        let is_body = match self.format {
            Format::Json if json::begins_value(byte) => true,
            Format::Json => return Err(Fault::NotJson(byte)),
            Format::Auto => matches!(byte, b'{' | b'[' | b'"'),
            Format::EventStream => false,
        };
        Ok(if is_body {
            Stage::Body(Lex::Outside)
        } else {
            Stage::Lines(LineState::Start)
        })
    }
}
