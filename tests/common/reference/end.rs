//! What the end of input means: R11 to R13, and the end of R17.

use llm_response::{Dialect, Outcome};

use super::{
    super::trace::{Seen, Text},
    Decoder, Place,
    words::{self, Block, Line, Meaning},
};

/// What `finish` gives.
pub(super) struct Finish {
    pub(super) event: Option<Seen>,
    pub(super) outcome: Outcome,
    pub(super) rest: Text,
}

impl Decoder<'_> {
    pub(super) fn finish(&mut self, place: Place<'_>) -> Finish {
        let without_event = |outcome, rest: &[u8]| Finish {
            event: None,
            outcome,
            rest: rest.into(),
        };
        match place {
            // R13
            Place::LeadIn if self.keep_alives > 0 => without_event(Outcome::KeepAliveOnly, b""),
            Place::LeadIn => without_event(Outcome::Empty, b""),
            Place::AfterBody => without_event(Outcome::Complete, b""),
            Place::Body(bytes) if self.done => without_event(Outcome::Complete, bytes),
            Place::Body(bytes) => without_event(Outcome::Truncated, bytes),
            Place::Scalar(bytes) => self.with_event(Seen::Body(bytes.into()), Outcome::Complete),
            Place::Values { open, in_array } => self.end_of_values(open, in_array),
            Place::Stream(block, line) if self.is_llm() || self.setup.lenient_end => self.end_of_stream(block, line),
            Place::Stream(block, line) => self.end_of_standard_stream(block, line),
        }
    }

    fn with_event(&mut self, event: Seen, outcome: Outcome) -> Finish {
        self.note(&event);
        Finish {
            event: Some(event),
            outcome,
            rest: Text::default(),
        }
    }

    /// R17, the end. What is open is a value.
    fn end_of_values(&mut self, open: Option<&[u8]>, in_array: bool) -> Finish {
        let mut event = None;
        let mut rest = Text::default();
        match open {
            Some(scalar) if !in_array && words::is_scalar(scalar) => event = Some(words::data_of_value(scalar)),
            Some(value) => rest = value.into(),
            None => {}
        }
        let is_cut = open.is_some() && event.is_none();
        if let Some(event) = &event {
            self.note(event);
        }
        let outcome = if self.done {
            Outcome::Complete
        } else if is_cut || in_array && !self.data {
            Outcome::Truncated
        } else if in_array {
            Outcome::Unfinished
        } else {
            self.unfinished()
        };
        Finish { event, outcome, rest }
    }

    /// R11, with `end_mark(false)`: what is unfinished is complete where any `Data` was given.
    fn unfinished(&self) -> Outcome {
        if self.data && !self.setup.end_mark {
            Outcome::Complete
        } else {
            Outcome::Unfinished
        }
    }

    /// R11
    fn end_of_stream(&mut self, mut block: Block, line: &[u8]) -> Finish {
        // The end of input ends an open line, but its `id` and `retry` do not count.
        let open = (!line.is_empty()).then(|| words::line(line, self.setup.dialect));
        if let Some(field @ (Line::Data(_) | Line::Error(_) | Line::Event(_))) = &open {
            block.add(field);
        }
        // What may be cut is not trusted.
        let is_withheld = match open {
            Some(Line::Event(_) | Line::Error(_)) => true,
            Some(Line::Data(_)) => block.data.iter().all(Vec::is_empty),
            _ => false,
        };
        // Then it ends the block.
        let mut event = None;
        let mut is_terminal = false;
        if !is_withheld {
            (event, is_terminal) = self.event_of_open_block(&block);
        }
        let block_gave = event.is_some();
        if let (true, Some(id)) = (block_gave, &block.id) {
            self.last_event_id.clone_from(id);
        }
        // Else it is what the open line itself gives.
        if !block_gave {
            event = match open {
                Some(Line::Comment(text)) => Some(Seen::Comment(text.into())),
                Some(Line::Unknown) => Some(Seen::Unknown(line.into())),
                Some(Line::EndMark) if !self.done => Some(Seen::Done),
                _ => None,
            };
        }
        let open_is_unknown = matches!(open, Some(Line::Unknown));
        let rest = if block.has_data() && !block_gave {
            Text(block.joined())
        } else if open_is_unknown && block_gave {
            line.into()
        } else {
            Text::default()
        };
        if let Some(event) = &event {
            self.note(event);
        }
        let outcome = if self.done
            || is_terminal
            || matches!(open, Some(Line::EndMark))
            // No body comes after an `Unknown` (R16, R8).
            || self.bodies == 1 && !self.output
        {
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
        } else if self.unknown || open_is_unknown {
            Outcome::Unrecognized
        } else if self.keep_alives > 0 {
            Outcome::KeepAliveOnly
        } else {
            Outcome::Empty
        };
        Finish { event, outcome, rest }
    }

    /// R11: what a block gives that the end of input ends, and whether `Done` would have followed.
    fn event_of_open_block(&self, block: &Block) -> (Option<Seen>, bool) {
        let id = block.id.as_ref().unwrap_or(&self.last_event_id);
        match block.meaning(self.setup.dialect) {
            // A terminal name without data gives nothing here, and a further end mark neither (R7).
            Meaning::Done if block.has_data() && !self.done => (Some(Seen::Done), false),
            Meaning::Ping => (Some(block.to_ping(id)), false),
            Meaning::Data { is_terminal } => {
                let data = block.joined();
                // `[DONE]` is data in dialect `EventSource` alone.
                if words::is_object_or_array(&data) || words::is_end_mark(&data) {
                    (Some(block.to_data(id)), is_terminal)
                } else {
                    (None, false)
                }
            }
            Meaning::Done | Meaning::Nothing | Meaning::Output => (None, false),
        }
    }

    /// R12
    fn end_of_standard_stream(&self, mut block: Block, line: &[u8]) -> Finish {
        let open = (!line.is_empty()).then(|| words::line(line, self.setup.dialect));
        if let Some(field @ Line::Data(_)) = &open {
            block.add(field);
        }
        let rest = if block.has_data() {
            Text(block.joined())
        } else if let Some(Line::Unknown) = open {
            line.into()
        } else {
            Text::default()
        };
        let outcome = if block.has_data()
            || block.event.is_some()
            || open.is_some_and(|line| !matches!(line, Line::Comment(_)))
        {
            Outcome::Truncated
        } else if self.data || self.bodies > 0 {
            Outcome::Complete
        } else if self.unknown {
            Outcome::Unrecognized
        } else if self.keep_alives > 0 {
            Outcome::KeepAliveOnly
        } else {
            Outcome::Empty
        };
        Finish {
            event: None,
            outcome,
            rest,
        }
    }
}
