//! The naive reference decoder: it has the whole response before it, looks ahead as far as it likes, copies everything,
//! and is meant to be compared with the contract line by line. It shares the vocabulary of the crate with the parser,
//! and no code. Functions are in the order of the rules that they quote.
//!
//! * this file: how a response goes on from one event to the next (R1 to R3, R7 to R10, R16, R17), and what can be
//!   asked after each (R14, R15);
//! * `words`: what a line, a block, a name and a JSON value are, each by itself (R4 to R6, R8);
//! * `end`: what the end of input means (R11 to R13, R17).

mod end;
mod words;

use llm_response::{Dialect, ErrorKind, Format, Phase};

use super::trace::{End, Seen, Setup, State, Step, Storage, Trace};
use words::{Block, Line, Meaning};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The whole trace of a response.
pub fn decode(bytes: &[u8], setup: Setup) -> Trace {
    let mut decoder = Decoder::new(bytes, setup);
    let place = decoder.response();
    let mut taken = place.is_ok().then(|| decoder.state());
    // What could still become a byte order mark is judged by the end of input alone (R1).
    if BYTE_ORDER_MARK[..2].starts_with(bytes) && !bytes.is_empty() {
        taken = Some(State {
            position: bytes.len() as u64,
            at_line_boundary: false,
            at_event_boundary: false,
            ..State::default()
        });
    }
    let end = match place {
        Ok(place) => decoder.finish(place),
        Err(Failure(kind)) => {
            // R10: the position is the offset. R15: after an error neither boundary holds.
            decoder.between_lines = false;
            End::Error(kind, decoder.at as u64)
        }
    };
    Trace {
        taken,
        end,
        after: decoder.state(),
        steps: decoder.steps,
    }
}

/// An error, at the place that the decoder has reached.
struct Failure(ErrorKind);

/// Where in the response the end of input came.
enum Place<'b> {
    /// In the lead-in.
    LeadIn,
    /// In a block of an event stream, and in this line of it, which is empty where a line has just ended.
    Stream(Block, &'b [u8]),
    /// After the only body that `Format::Json` allows.
    AfterBody,
    /// In a body that began here.
    Body(&'b [u8]),
    /// In a body that is a scalar, which the end of input ends.
    Scalar(&'b [u8]),
    /// R17
    Values {
        /// The value that has begun and has not ended.
        open: Option<&'b [u8]>,
        in_array: bool,
    },
}

struct Decoder<'b> {
    bytes: &'b [u8],
    setup: Setup,
    /// How many bytes have been taken.
    at: usize,
    steps: Vec<Step>,

    /// What can be asked; position and boundaries are computed when it is.
    state: State,

    /// R15, but for what a CR makes of it.
    between_lines: bool,
    /// A line that is no comment has ended since the last blank line.
    in_block: bool,

    /// What was given so far.
    done: bool,
    data: bool,
    bodies: usize,
    unknown: bool,
    /// `Data`, or a block by R6 e.
    output: bool,
}

impl<'b> Decoder<'b> {
    fn new(bytes: &'b [u8], setup: Setup) -> Self {
        Self {
            bytes,
            setup,
            at: 0,
            steps: Vec::new(),
            state: State::default(),
            between_lines: false,
            in_block: false,
            done: false,
            data: false,
            bodies: 0,
            unknown: false,
            output: false,
        }
    }

    fn is_llm(&self) -> bool {
        self.setup.dialect == Dialect::Llm
    }

    /// The byte that comes next.
    fn next(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool) {
        while self.next().is_some_and(&is_skipped) {
            self.at += 1;
        }
    }

    /// From the first byte to the end of input.
    fn response(&mut self) -> Result<Place<'b>, Failure> {
        // R1
        if self.bytes.starts_with(BYTE_ORDER_MARK) {
            self.at = BYTE_ORDER_MARK.len();
        }
        if self.setup.format == Format::EventStream {
            return self.stream();
        }
        let Some(first) = self.lead_in() else {
            return Ok(Place::LeadIn);
        };
        // R2
        match self.setup.format {
            Format::Auto => match first {
                b'{' | b'[' | b'"' => match self.bodies()? {
                    Some(place) => Ok(place),
                    None => self.stream(),
                },
                0..b' ' => Err(Failure(ErrorKind::NotText { byte: first })),
                _ => self.stream(),
            },
            _ if !words::can_begin_value(first) => Err(Failure(ErrorKind::NotJson { byte: first })),
            Format::Json => self.json(),
            Format::JsonStream => self.values(),
            other => panic!("no such format is known here: {other:?}"),
        }
    }

    /// R2: gives the byte that decides, which is not taken.
    fn lead_in(&mut self) -> Option<u8> {
        // R15: nothing but line ends has come yet, and what follows may be an event stream.
        self.between_lines = self.setup.format == Format::Auto && self.at == 0;
        while let Some(byte) = self.next() {
            match byte {
                b' ' | b'\t' => {
                    self.at += 1;
                    self.between_lines = false;
                }
                b'\r' | b'\n' => {
                    self.at += 1;
                    self.give(Seen::BlankLine);
                    self.skip_lf_of_crlf();
                }
                _ => {
                    self.between_lines = false;
                    return Some(byte);
                }
            }
        }
        None
    }

    /// R3: an LF that follows a CR is part of the same line end. It is taken after the event that the CR completed.
    fn skip_lf_of_crlf(&mut self) {
        if self.bytes[self.at - 1] == b'\r' && self.next() == Some(b'\n') {
            self.at += 1;
        }
    }

    /// The lines of an event stream, up to the end of input.
    fn stream(&mut self) -> Result<Place<'b>, Failure> {
        let mut block = Block::default();
        self.in_block = false;
        loop {
            let rest = &self.bytes[self.at..];
            // R16
            if rest.starts_with(b"{") && self.is_llm() && !block.has_field && !self.unknown {
                if let Some(place) = self.bodies()? {
                    return Ok(place);
                }
                block = Block::default();
                self.in_block = false;
                continue;
            }
            self.between_lines = rest.is_empty();
            // R3
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let line = &rest[..end.unwrap_or(rest.len())];
            self.limit_of_line(&block, line, end.is_some())?;
            self.at += line.len();
            if end.is_none() {
                return Ok(Place::Stream(block, line));
            }
            self.at += 1;
            self.between_lines = true;
            if line.is_empty() {
                self.blank_line(&block);
                block = Block::default();
            } else {
                self.line(&mut block, line);
            }
            self.skip_lf_of_crlf();
        }
    }

    /// R4, R5: a line that is not empty, at its own end.
    fn line(&mut self, block: &mut Block, line: &[u8]) {
        let parsed = words::line(line, self.setup.dialect);
        block.has_line = true;
        if !matches!(parsed, Line::Comment(_)) {
            self.in_block = true;
            block.held += line.len() + 1;
        }
        match parsed {
            Line::Comment(text) => self.give(Seen::Comment(text.into())),
            Line::Unknown => self.give(Seen::Unknown(line.into())),
            Line::EndMark => self.give_done(),
            field => {
                block.add(&field);
                if let Line::Retry(Some(milliseconds)) = field {
                    self.state.retry = Some(milliseconds);
                }
            }
        }
    }

    /// R6
    fn blank_line(&mut self, block: &Block) {
        self.in_block = false;
        if !block.has_line {
            return self.give(Seen::BlankLine);
        }
        if let Some(id) = &block.id {
            self.state.last_event_id.clone_from(id);
        }
        match block.meaning(self.setup.dialect) {
            Meaning::Nothing => {}
            Meaning::Output => self.note_output(),
            Meaning::Done => self.give_done(),
            Meaning::Ping => {
                let ping = block.to_ping(&self.state.last_event_id);
                self.give(ping);
            }
            Meaning::Data => {
                let data = block.to_data(&self.state.last_event_id);
                self.give(data);
                if self.is_llm() && block.is_terminal() {
                    self.give_done();
                }
            }
        }
    }

    /// R7: `Done` is given once, and reading goes on.
    fn give_done(&mut self) {
        if !self.done {
            self.give(Seen::Done);
        }
    }

    /// R8 in `Auto` and `EventStream`: a body that begins here, and those that follow it. Gives nothing where an event
    /// stream goes on.
    fn bodies(&mut self) -> Result<Option<Place<'b>>, Failure> {
        loop {
            if let Some(place) = self.body()? {
                return Ok(Some(place));
            }
            match self.next() {
                // The end of an event stream without an open block.
                None => return Ok(Some(Place::Stream(Block::default(), b""))),
                Some(b'{') => {}
                Some(_) => return Ok(None),
            }
        }
    }

    /// R8 in `Json`.
    fn json(&mut self) -> Result<Place<'b>, Failure> {
        if let Some(place) = self.body()? {
            return Ok(place);
        }
        match self.next() {
            None => Ok(Place::AfterBody),
            Some(byte) => Err(Failure(ErrorKind::TrailingBytes { byte })),
        }
    }

    /// R8: a body that begins here, and the white space behind it; or the end of input in it.
    fn body(&mut self) -> Result<Option<Place<'b>>, Failure> {
        // R15
        self.between_lines = false;
        let rest = &self.bytes[self.at..];
        let len = words::value_len(rest, words::is_white_space);
        self.take_value(len.unwrap_or(rest.len()))?;
        let Some(len) = len else {
            let is_scalar = words::is_scalar(rest);
            return Ok(Some(if is_scalar {
                Place::Scalar(rest)
            } else {
                Place::Body(rest)
            }));
        };
        let body = &rest[..len];
        if body == b"[DONE]" && self.setup.format == Format::Auto && self.is_llm() {
            self.give_done();
        } else {
            self.give(Seen::Body(body.into()));
        }
        self.skip(words::is_white_space);
        Ok(None)
    }

    /// R9: what may be held at a time.
    fn limit(&self) -> usize {
        match self.setup.storage {
            Storage::Heap => self.setup.max_len,
            Storage::Slice(size) => self
                .setup
                .max_len
                .min(size.saturating_sub(self.state.last_event_id.0.len())),
        }
    }

    /// R9: `counted` so far, and then so many bytes that each count one. The first too many is not taken.
    fn count(&mut self, counted: usize, more: usize) -> Result<(), Failure> {
        let limit = self.limit();
        if counted + more <= limit {
            return Ok(());
        }
        self.at += limit.saturating_sub(counted);
        Err(Failure(ErrorKind::TooLong { limit }))
    }

    /// R9: the bytes of a line, and its end unless the line is blank or a comment.
    fn limit_of_line(&mut self, block: &Block, line: &[u8], is_ended: bool) -> Result<(), Failure> {
        let end_counts = is_ended && !line.is_empty() && !line.starts_with(b":");
        self.count(block.held, line.len() + usize::from(end_counts))
    }

    /// R9: a body or value of this length, or what there is of one. R14: its first byte ends the waiting.
    fn take_value(&mut self, len: usize) -> Result<(), Failure> {
        if self.limit() > 0 {
            self.receive();
        }
        self.count(0, len)?;
        self.at += len;
        Ok(())
    }

    /// R17
    fn values(&mut self) -> Result<Place<'b>, Failure> {
        let in_array = self.next() == Some(b'[');
        if in_array {
            self.at += 1;
        }
        let ends_scalar = |byte| words::is_white_space(byte) || in_array && matches!(byte, b',' | b']');
        loop {
            self.skip(|byte| words::is_white_space(byte) || in_array && byte == b',');
            let Some(first) = self.next() else {
                return Ok(Place::Values { open: None, in_array });
            };
            if in_array && first == b']' {
                self.at += 1;
                self.give_done();
                self.skip(words::is_white_space);
                return match self.next() {
                    None => Ok(Place::Values { open: None, in_array }),
                    Some(byte) => Err(Failure(ErrorKind::TrailingBytes { byte })),
                };
            }
            if !words::can_begin_value(first) {
                return Err(Failure(ErrorKind::NotJson { byte: first }));
            }
            let rest = &self.bytes[self.at..];
            let len = words::value_len(rest, ends_scalar);
            self.take_value(len.unwrap_or(rest.len()))?;
            let Some(len) = len else {
                return Ok(Place::Values {
                    open: Some(rest),
                    in_array,
                });
            };
            let value = &rest[..len];
            self.give(words::data_of_value(value));
            if self.is_llm() && !in_array && words::says_done(value) {
                self.give_done();
            }
        }
    }

    /// An event, and the state after it.
    fn give(&mut self, seen: Seen) {
        self.note(&seen);
        let state = self.state();
        self.steps.push(Step { seen, state });
    }

    /// What an event counts for: at once, and at the end.
    fn note(&mut self, seen: &Seen) {
        match seen {
            Seen::Comment(_) | Seen::BlankLine | Seen::Ping(..) => self.state.keep_alives += 1,
            Seen::Unknown(_) => self.unknown = true,
            Seen::Data(..) => {
                self.data = true;
                self.note_output();
            }
            Seen::Body(_) => {
                self.bodies += 1;
                // R14
                if !self.output && !self.unknown {
                    self.state.phase = Phase::Complete;
                }
            }
            Seen::Done => {
                self.done = true;
                self.state.phase = Phase::Complete;
            }
        }
    }

    fn note_output(&mut self) {
        self.output = true;
        self.receive();
    }

    /// R14: the phase never goes back.
    fn receive(&mut self) {
        if self.state.phase == Phase::Waiting {
            self.state.phase = Phase::Receiving;
        }
    }

    fn state(&self) -> State {
        // R15: after a CR neither boundary holds, as an LF may follow.
        let after_cr = self.bytes[..self.at].ends_with(b"\r");
        let at_line_boundary = self.between_lines && !after_cr;
        State {
            position: self.at as u64,
            at_line_boundary,
            at_event_boundary: at_line_boundary && !self.in_block,
            ..self.state.clone()
        }
    }
}
