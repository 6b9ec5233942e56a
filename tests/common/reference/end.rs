//! What the end of input means: R11 to R13, and the end of R17.

use llm_response::{Dialect, Outcome};

use super::{
    super::trace::{End, Seen},
    Decoder, Place,
    words::{self, Block, Line, Meaning},
};

impl Decoder<'_> {
    pub(super) fn finish(&mut self, place: Place<'_>) -> End {
        let (event, outcome, rest) = match place {
            // R13
            Place::LeadIn => (None, self.without_output(), Vec::new()),
            Place::AfterBody => (None, Outcome::Complete, Vec::new()),
            Place::Body(bytes) if self.done => (None, Outcome::Complete, bytes.to_vec()),
            Place::Body(bytes) => (None, Outcome::Truncated, bytes.to_vec()),
            Place::Scalar(bytes) => {
                let body = Seen::Body(bytes.into());
                self.note(&body);
                (Some(body), Outcome::Complete, Vec::new())
            }
            Place::Values { open, in_array } => self.end_of_values(open, in_array),
            Place::Stream(block, line) if self.is_llm() || self.setup.lenient_end => self.end_of_stream(block, line),
            Place::Stream(block, line) => self.end_of_standard_stream(block, line),
        };
        End::Finish(event, outcome, rest[..].into())
    }

    /// R11
    fn end_of_stream(&mut self, mut block: Block, line: &[u8]) -> (Option<Seen>, Outcome, Vec<u8>) {
        // The end of input ends an open line, of which an `id` or `retry` does not count.
        let open = (!line.is_empty()).then(|| words::line(line, self.setup.dialect));
        if let Some(field @ (Line::Data(_) | Line::Error(_) | Line::Event(_))) = &open {
            block.add(field);
        }
        let open_is_unknown = matches!(open, Some(Line::Unknown));
        // Parts that may be truncated are not trusted.
        let is_withheld = match open {
            Some(Line::Event(_) | Line::Error(_)) => true,
            Some(Line::Data(_)) => block.data.iter().all(Vec::is_empty),
            _ => false,
        };
        // Then the block ends. Its `id` counts only if it gives something.
        let of_block = if is_withheld {
            None
        } else {
            self.event_of_open_block(&block)
        };
        let block_gave = of_block.is_some();
        if let (true, Some(id)) = (block_gave, &block.id) {
            self.state.last_event_id.clone_from(id);
        }
        // Else what the open line itself gives.
        let event = of_block.or_else(|| match open {
            Some(Line::Comment(text)) => Some(Seen::Comment(text.into())),
            Some(Line::Unknown) => Some(Seen::Unknown(line.into())),
            Some(Line::EndMark) if !self.done => Some(Seen::Done),
            _ => None,
        });
        let rest = if block.has_data() && !block_gave {
            block.joined()
        } else if open_is_unknown && block_gave {
            line.to_vec()
        } else {
            Vec::new()
        };
        event.iter().for_each(|event| self.note(event));

        let done_would_follow = matches!(event, Some(Seen::Data(..))) && self.is_llm() && block.is_terminal();
        // No body comes after an `Unknown` (R8, R16).
        let is_body = self.bodies == 1 && !self.output;
        let outcome = if self.done || done_would_follow || matches!(open, Some(Line::EndMark)) || is_body {
            Outcome::Complete
        } else if !block_gave && (block.has_data() || block.event.is_some()) {
            Outcome::Truncated
        } else if matches!(event, Some(Seen::Unknown(_))) {
            if self.output {
                Outcome::Truncated
            } else {
                Outcome::Unrecognized
            }
        } else if self.setup.dialect == Dialect::EventSource && (self.data || self.bodies > 0) {
            // `lenient_end`: "as by R12", which says so of a `Body` as well.
            Outcome::Complete
        } else if self.output || self.bodies > 1 {
            self.unfinished()
        } else if open_is_unknown {
            Outcome::Unrecognized
        } else {
            self.without_output()
        };
        (event, outcome, rest)
    }

    /// R11: what a block gives that the end of input ends.
    fn event_of_open_block(&self, block: &Block) -> Option<Seen> {
        let id = block.id.as_ref().unwrap_or(&self.state.last_event_id);
        match block.meaning(self.setup.dialect) {
            // A terminal name without data gives nothing here, and a further end mark neither (R7).
            Meaning::Done if block.has_data() && !self.done => Some(Seen::Done),
            Meaning::Ping => Some(block.to_ping(id)),
            // `[DONE]` is data in dialect `EventSource` alone.
            Meaning::Data if words::is_object_or_array(&block.joined()) || words::is_end_mark(&block.joined()) => {
                Some(block.to_data(id))
            }
            _ => None,
        }
    }

    /// R11: with `end_mark(false)`, what is unfinished is complete where any `Data` was given.
    fn unfinished(&self) -> Outcome {
        if self.data && !self.setup.end_mark {
            Outcome::Complete
        } else {
            Outcome::Unfinished
        }
    }

    /// R11: the last of its outcomes. R13: those before a body.
    fn without_output(&self) -> Outcome {
        if self.unknown {
            Outcome::Unrecognized
        } else if self.state.keep_alives > 0 {
            Outcome::KeepAliveOnly
        } else {
            Outcome::Empty
        }
    }

    /// R12
    fn end_of_standard_stream(&self, mut block: Block, line: &[u8]) -> (Option<Seen>, Outcome, Vec<u8>) {
        let open = (!line.is_empty()).then(|| words::line(line, self.setup.dialect));
        if let Some(field @ Line::Data(_)) = &open {
            block.add(field);
        }
        let rest = if block.has_data() {
            block.joined()
        } else if let Some(Line::Unknown) = open {
            line.to_vec()
        } else {
            Vec::new()
        };
        let open_is_truncated = open.is_some_and(|line| !matches!(line, Line::Comment(_)));
        let outcome = if block.has_data() || block.event.is_some() || open_is_truncated {
            Outcome::Truncated
        } else if self.data || self.bodies > 0 {
            Outcome::Complete
        } else {
            self.without_output()
        };
        (None, outcome, rest)
    }

    /// R17: `open` is a value that has begun.
    fn end_of_values(&mut self, open: Option<&[u8]>, in_array: bool) -> (Option<Seen>, Outcome, Vec<u8>) {
        let (scalar, truncated) = match open {
            Some(scalar) if !in_array && words::is_scalar(scalar) => (Some(words::data_of_value(scalar)), None),
            truncated => (None, truncated),
        };
        scalar.iter().for_each(|data| self.note(data));
        let outcome = if self.done {
            Outcome::Complete
        } else if truncated.is_some() || in_array && !self.data {
            Outcome::Truncated
        } else if in_array {
            Outcome::Unfinished
        } else {
            self.unfinished()
        };
        (scalar, outcome, truncated.unwrap_or_default().to_vec())
    }
}
