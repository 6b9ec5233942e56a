//! The naive reference decoder: what the parser is measured by.
//!
//! It has the whole response before it, looks at it line by line, copies whatever it likes and is never optimised. It
//! shares no code with the parser and is written from the rules alone: the numbers (`R6`) are those of the crate's
//! contract, and a block is what section 9.2.6 of the HTML standard says. `tests/reference.rs` holds it against traces
//! that were written by hand; `trace::check` holds the parser against it.
//!
//! In reading order: the byte order mark, the lead-in, then either a JSON body or an event stream, then the end.

use std::mem;

use llm_response::{Dialect, ErrorKind, Format, Outcome, Phase};

use super::trace::{End, Seen, Setup, State, Step, Storage, Text, Trace};

/// The whole trace of one response.
pub fn decode(bytes: &[u8], setup: Setup) -> Trace {
    let mut decoder = Decoder {
        bytes,
        setup,
        at: 0,
        state: State::default(),
        steps: Vec::new(),
        taken: None,
        block: Block::default(),
        retry_before_block: None,
    };
    let end = decoder.response().unwrap_or_else(|failure| decoder.fail(failure));
    Trace {
        steps: decoder.steps,
        taken: decoder.taken,
        end,
        after: decoder.state,
    }
}

struct Decoder<'a> {
    bytes: &'a [u8],
    setup: Setup,
    /// Everything before this index has been taken.
    at: usize,
    state: State,
    steps: Vec<Step>,
    /// The state when all bytes have been taken and `finish` has not been called yet.
    taken: Option<State>,
    block: Block,
    /// R12: what `retry` was when the last block ended.
    retry_before_block: Option<u64>,
}

/// What came since the last blank line.
#[derive(Default)]
struct Block {
    /// Any line that is no comment: the block is open.
    open: bool,
    /// Any comment.
    commented: bool,
    /// R9: the lengths of its lines that are no comments, each plus one for its end.
    counted: usize,
    data: Vec<Vec<u8>>,
    event: Option<Vec<u8>>,
    id: Option<Vec<u8>>,
}

/// With the offset of the byte that fails.
type Failure = (ErrorKind, usize);

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

fn is_white_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t' || is_line_end(byte)
}

fn trim(bytes: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !is_white_space(*byte);
    let Some(first) = bytes.iter().position(is_text) else {
        return b"";
    };
    let last = bytes.iter().rposition(is_text).unwrap_or(first);
    &bytes[first..=last]
}

impl Decoder<'_> {
    fn response(&mut self) -> Result<End, Failure> {
        // R1
        if self.bytes.starts_with(BYTE_ORDER_MARK) {
            self.at = BYTE_ORDER_MARK.len();
        }
        // R2
        if self.setup.format == Format::EventStream {
            return self.stream();
        }
        self.lead_in();
        match (self.setup.format, self.bytes.get(self.at)) {
            (_, None) => Ok(self.end_in_lead_in()),
            (_, Some(b'{' | b'[' | b'"')) => self.body(),
            (Format::Json, Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n')) => self.body(),
            (Format::Json, Some(&byte)) => Err((ErrorKind::NotJson { byte }, self.at)),
            (_, Some(_)) => self.stream(),
        }
    }

    /// R2: up to the byte that decides. R15: both boundaries hold while nothing but line ends has come.
    fn lead_in(&mut self) {
        let mut only_line_ends = self.at == 0;
        self.stand(only_line_ends, only_line_ends);
        while let Some(&byte) = self.bytes.get(self.at) {
            if !is_white_space(byte) {
                break;
            }
            only_line_ends &= is_line_end(byte);
            let within_crlf = self.within_crlf();
            self.at += 1;
            self.stand(only_line_ends, only_line_ends);
            if is_line_end(byte) && !within_crlf {
                self.give(Seen::BlankLine);
            }
        }
    }

    /// R13, and R11 for a stream that never began.
    fn end_in_lead_in(&mut self) -> End {
        let outcome = self.outcome_without_data(None);
        self.finish(None, outcome, Vec::new())
    }

    /// R8
    fn body(&mut self) -> Result<End, Failure> {
        let ahead = &self.bytes[self.at..];
        let end = json_end(ahead);
        let body = &ahead[..end.unwrap_or(ahead.len())];

        // R14; a byte that is beyond the limit has not come
        let limit = self.limit(0);
        if limit > 0 {
            self.state.phase = Phase::Receiving;
        }
        // R9
        if body.len() > limit {
            return Err((ErrorKind::TooLong { limit }, self.at + limit));
        }
        self.at += body.len();
        self.stand(false, false);
        if end.is_none() {
            // R13
            let is_scalar = !matches!(body[0], b'{' | b'[' | b'"');
            return Ok(if is_scalar {
                self.finish(Some(Seen::Body(body.into())), Outcome::Complete, Vec::new())
            } else {
                self.finish(None, Outcome::Truncated, vec![body.to_vec()])
            });
        }
        self.give(Seen::Body(body.into()));

        while let Some(&byte) = self.bytes.get(self.at) {
            if !is_white_space(byte) {
                return Err((ErrorKind::TrailingBytes { byte }, self.at));
            }
            self.at += 1;
        }
        self.stand(false, false);
        Ok(self.finish(None, Outcome::Complete, Vec::new()))
    }

    /// Line by line (R3), to the end.
    fn stream(&mut self) -> Result<End, Failure> {
        loop {
            if self.within_crlf() {
                self.at += 1;
            }
            let ahead = &self.bytes[self.at..];
            let end = ahead.iter().position(|&byte| is_line_end(byte));
            let line = &ahead[..end.unwrap_or(ahead.len())];
            self.check_limit(line, end.is_some())?;
            self.at += line.len();
            if end.is_none() {
                return Ok(self.end_of_stream(line));
            }
            self.at += 1;
            if line.is_empty() {
                self.blank_line();
            } else {
                let seen = self.line(line);
                self.stand(true, !self.block.open);
                seen.into_iter().for_each(|seen| self.give(seen));
            }
        }
    }

    /// R9: a line has as much room as the block has left; a comment's end and a blank line need none.
    fn check_limit(&self, line: &[u8], ended: bool) -> Result<(), Failure> {
        let is_free = line.is_empty() || line.starts_with(b":");
        let needed = line.len() + usize::from(ended && !is_free);
        let limit = self.limit(self.state.last_event_id.0.len());
        let room = limit - self.block.counted;
        if needed > room {
            return Err((ErrorKind::TooLong { limit }, self.at + room));
        }
        Ok(())
    }

    /// Reads a line that belongs to the block: what it gives at its own end.
    fn line(&mut self, line: &[u8]) -> Option<Seen> {
        if line.is_empty() {
            return None;
        }
        // R4
        if let Some(text) = line.strip_prefix(b":") {
            self.block.commented = true;
            return Some(Seen::Comment(text.strip_prefix(b" ").unwrap_or(text).into()));
        }
        self.block.open = true;
        self.block.counted += line.len() + 1;
        // R5
        let (name, value) = field(line);
        match name {
            b"data" => self.block.data.push(value.to_vec()),
            b"event" => self.block.event = Some(value.to_vec()),
            b"id" if value.contains(&0) => {}
            b"id" => self.block.id = Some(value.to_vec()),
            b"retry" if value.is_empty() || !value.iter().all(u8::is_ascii_digit) => {}
            b"retry" => {
                let digits = value.iter().map(|digit| u64::from(digit - b'0'));
                self.state.retry = Some(digits.fold(0, |sum, digit| sum.saturating_mul(10).saturating_add(digit)));
            }
            _ => return Some(Seen::Unknown(line.into())),
        }
        None
    }

    /// R6
    fn blank_line(&mut self) {
        self.stand(true, true);
        if !self.block.open && !self.block.commented {
            self.give(Seen::BlankLine);
        }
        let block = mem::take(&mut self.block);
        self.retry_before_block = self.state.retry;
        self.set_last_event_id(&block);
        for seen in self.meaning(&block) {
            self.give(seen);
        }
    }

    fn set_last_event_id(&mut self, block: &Block) {
        if let Some(id) = &block.id {
            self.state.last_event_id = Text(id.clone());
        }
    }

    /// R6: nothing, one event, or one and the `Done` that follows it.
    fn meaning(&self, block: &Block) -> Vec<Seen> {
        if block.data.is_empty() {
            return Vec::new();
        }
        let event = block.event.clone().unwrap_or_default();
        let data = block.data.join(&b'\n');
        let (name, id, text) = (
            Text(event.clone()),
            self.state.last_event_id.clone(),
            Text(data.clone()),
        );
        let as_data = Seen::Data(name.clone(), id.clone(), text.clone());
        let as_ping = Seen::Ping(name, id, text);

        if self.setup.dialect == Dialect::EventSource {
            return vec![as_data];
        }
        if trim(&data) == b"[DONE]" {
            return vec![Seen::Done];
        }
        match &event[..] {
            b"message_stop" | b"response.completed" | b"response.failed" | b"response.incomplete" => {
                vec![as_data, Seen::Done]
            }
            b"ping" | b"keepalive" | b"keep-alive" | b"keep_alive" | b"heartbeat" => vec![as_ping],
            _ if data.is_empty() => vec![as_ping],
            _ => vec![as_data],
        }
    }

    fn end_of_stream(&mut self, open_line: &[u8]) -> End {
        self.stand(open_line.is_empty(), open_line.is_empty() && !self.block.open);
        self.taken = Some(self.state.clone());
        match self.setup.dialect {
            Dialect::EventSource => self.end_of_event_source(open_line),
            _ => self.end_of_llm(open_line),
        }
    }

    /// R11
    fn end_of_llm(&mut self, open_line: &[u8]) -> End {
        let of_line = self.line(open_line);
        let block = mem::take(&mut self.block);
        self.set_last_event_id(&block);
        let mut of_block = self.meaning(&block);
        if matches!(of_block.first(), Some(Seen::Data(_, _, data)) if !is_object_or_array(trim(&data.0))) {
            of_block.clear();
        }

        let gives_event = !of_block.is_empty();
        let is_block_cut = !gives_event && (!block.data.is_empty() || block.event.is_some());
        let is_done = of_block.contains(&Seen::Done) || self.was_given(|seen| *seen == Seen::Done);
        let data_before = self.was_given(Seen::is_data);

        let event = of_block.into_iter().next().or(of_line);
        let outcome = if is_done {
            Outcome::Complete
        } else if is_block_cut || (data_before && event.as_ref().is_some_and(Seen::is_unknown)) {
            Outcome::Truncated
        } else if data_before || event.as_ref().is_some_and(Seen::is_data) {
            Outcome::Unfinished
        } else {
            self.outcome_without_data(event.as_ref())
        };
        let rest = if gives_event { Vec::new() } else { block.data };
        self.finish(event, outcome, rest)
    }

    /// R12
    fn end_of_event_source(&mut self, open_line: &[u8]) -> End {
        self.state.retry = self.retry_before_block;
        let mut block = mem::take(&mut self.block);
        let is_line_cut = !open_line.is_empty() && !open_line.starts_with(b":");
        let (name, value) = field(open_line);
        if name == b"data" {
            block.data.push(value.to_vec());
        }
        let outcome = if is_line_cut || block.event.is_some() || !block.data.is_empty() {
            Outcome::Truncated
        } else if self.was_given(Seen::is_data) {
            Outcome::Complete
        } else {
            self.outcome_without_data(None)
        };
        self.finish(None, outcome, block.data)
    }

    /// R11, its last three outcomes. `event` is that of the end.
    fn outcome_without_data(&self, event: Option<&Seen>) -> Outcome {
        let any = |is_it: fn(&Seen) -> bool| self.was_given(is_it) || event.is_some_and(is_it);
        if any(Seen::is_unknown) {
            Outcome::Unrecognized
        } else if any(Seen::is_keep_alive) {
            Outcome::KeepAliveOnly
        } else {
            Outcome::Empty
        }
    }

    /// `rest` are lines.
    fn finish(&mut self, event: Option<Seen>, outcome: Outcome, rest: Vec<Vec<u8>>) -> End {
        self.taken.get_or_insert(self.state.clone());
        event.iter().for_each(|seen| self.count(seen));
        End::Finish(event, outcome, Text(rest.join(&b'\n')))
    }

    /// R10
    fn fail(&mut self, (kind, offset): Failure) -> End {
        // What may still become a byte order mark fails no sooner than the input ends.
        if self.bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(self.bytes) {
            self.taken = Some(State {
                position: self.bytes.len() as u64,
                at_line_boundary: false,
                at_event_boundary: false,
                ..State::default()
            });
        }
        self.at = offset;
        self.stand(false, false);
        End::Error(kind, offset as u64)
    }

    fn give(&mut self, seen: Seen) {
        self.count(&seen);
        let state = self.state.clone();
        self.steps.push(Step { seen, state });
    }

    /// R14, and the number of keep-alives.
    fn count(&mut self, seen: &Seen) {
        match seen {
            Seen::Comment(_) | Seen::BlankLine | Seen::Ping(..) => self.state.keep_alives += 1,
            Seen::Data(..) if self.state.phase == Phase::Waiting => self.state.phase = Phase::Receiving,
            Seen::Done | Seen::Body(_) => self.state.phase = Phase::Complete,
            Seen::Data(..) | Seen::Unknown(_) => {}
        }
    }

    fn was_given(&self, is_it: impl Fn(&Seen) -> bool) -> bool {
        self.steps.iter().any(|step| is_it(&step.seen))
    }

    /// R15, and the position.
    fn stand(&mut self, at_line_boundary: bool, at_event_boundary: bool) {
        self.state.position = self.at as u64;
        self.state.at_line_boundary = at_line_boundary;
        self.state.at_event_boundary = at_event_boundary;
    }

    /// R3: whether an LF comes next that is part of a line end already taken.
    fn within_crlf(&self) -> bool {
        self.bytes[self.at..].starts_with(b"\n") && self.bytes[..self.at].ends_with(b"\r")
    }

    /// R9
    fn limit(&self, id_len: usize) -> usize {
        match self.setup.storage {
            Storage::Heap => self.setup.max_len,
            Storage::Slice(size) => self.setup.max_len.min(size.saturating_sub(id_len)),
        }
    }
}

/// R5: name and value of a line.
fn field(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(colon) = line.iter().position(|&byte| byte == b':') else {
        return (line, b"");
    };
    let value = &line[colon + 1..];
    (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
}

/// R8: how long the JSON value is that `bytes` begins with, by structure alone; `None` where it does not end.
fn json_end(bytes: &[u8]) -> Option<usize> {
    if !matches!(bytes[0], b'{' | b'[' | b'"') {
        return bytes.iter().position(|&byte| is_white_space(byte));
    }
    let mut depth = 0;
    let mut in_string = false;
    let mut escaped = false;
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && !in_string {
            return Some(index + 1);
        }
    }
    None
}

fn is_object_or_array(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(b'{' | b'[')) && json_end(bytes) == Some(bytes.len())
}
