//! What comes before the response proper: the byte order mark and white space (R1, R2).

use super::{Parser, advance::Step};
use crate::{
    Buffer, Format,
    scan::json,
    state::{Fault, Finding, LeadIn, Stage},
};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl<B: Buffer> Parser<B> {
    /// Takes what comes before the response proper, from a chunk that is not empty. If it gives no event and leaves some of the
    /// chunk, the stage has changed.
    pub(super) fn lead_in<'c>(&mut self, lead_in: LeadIn, chunk: &mut &'c [u8]) -> Step<'c> {
        match lead_in {
            LeadIn::Start | LeadIn::Mark1 | LeadIn::Mark2 => {
                self.byte_order_mark(lead_in, chunk)?;
                Ok(None)
            }
            _ => self.white_space(lead_in, chunk),
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
            self.state.stage = Stage::LeadIn(if is_first { LeadIn::Mark1 } else { LeadIn::Mark2 });
            *chunk = &[];
        } else {
            self.broken_mark(taken)?;
        }
        Ok(())
    }

    /// The `taken` bytes looked like a byte order mark, but are the first bytes of the response.
    pub(super) fn broken_mark(&mut self, taken: usize) -> Result<(), Fault> {
        self.begin_format(LeadIn::LineEnds);
        let [first, ..] = BYTE_ORDER_MARK[..taken] else {
            return Ok(());
        };
        self.state.position -= taken as u64;
        self.begin(first)?;
        let mut rest = &BYTE_ORDER_MARK[..taken];
        let begun = self.begin_line(&mut rest);
        if let Stage::Skip(skip) = self.state.stage {
            self.skip(skip, &mut rest)?; // finds nothing in these bytes
        }
        self.state.position += (taken - rest.len()) as u64;
        begun
    }

    /// `EventStream` has no lead-in except the byte order mark.
    fn begin_format(&mut self, lead_in: LeadIn) {
        self.state.stage = match self.state.settings.format {
            Format::EventStream => Stage::LineStart,
            Format::Auto | Format::Json | Format::JsonStream => Stage::LeadIn(lead_in),
        };
    }

    fn white_space<'c>(&mut self, mut lead_in: LeadIn, chunk: &mut &'c [u8]) -> Step<'c> {
        while let [byte, rest @ ..] = *chunk {
            let line_end = match byte {
                b'\n' if lead_in.is_after_cr() => {
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
                    self.begin(*byte)?;
                    return Ok(None);
                }
            };
            *chunk = rest;
            if line_end {
                self.state.stage = Stage::LeadIn(lead_in);
                return Ok(Some(Finding::BlankLine));
            }
        }
        self.state.stage = Stage::LeadIn(lead_in);
        Ok(None)
    }

    /// R2: what kind of response begins with `byte`.
    fn begin(&mut self, byte: u8) -> Result<(), Fault> {
        match self.state.settings.format {
            Format::Auto if matches!(byte, b'{' | b'[' | b'"') => self.begin_body(),
            Format::Auto if byte < b' ' => return Err(Fault::NotText(byte)),
            Format::Json if json::begins_value(byte) => self.begin_body(),
            Format::JsonStream if json::begins_value(byte) => self.state.stage = Stage::BetweenValues,
            Format::Json | Format::JsonStream => return Err(Fault::NotJson(byte)),
            Format::Auto | Format::EventStream => self.state.stage = Stage::LineStart,
        }
        Ok(())
    }
}
