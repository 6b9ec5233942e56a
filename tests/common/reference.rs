//! The naive reference decoder: what the parser is measured by.
//!
//! It has the whole response before it, looks at it line by line, copies whatever it likes and is never optimised. It
//! shares no code with the parser and is written from the rules alone: the numbers (`R6`) are those of the crate's
//! contract, and a block is what section 9.2.6 of the HTML standard says. `tests/rules/reference.rs` holds it against traces
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
        has_output: false,
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
    /// R11: a `Data` was given, or a block by R6 e came.
    has_output: bool,
}

/// What came since the last blank line.
#[derive(Default)]
struct Block {
    /// Any line that is no comment (R15).
    has_line: bool,
    /// Any field (R16).
    has_field: bool,
    /// Any comment.
    has_comment: bool,
    /// R9: the lengths of its lines that are no comments, each plus one for its end.
    counted: usize,
    data: Vec<Vec<u8>>,
    event: Option<Vec<u8>>,
    /// A field `error` came (R5).
    is_error: bool,
    id: Option<Vec<u8>>,
}

/// What a line is that has no meaning but for its block, or gives something by itself.
enum Line {
    Nothing,
    Gives(Seen),
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
        // R15
        self.stand(true, true);
        // R1
        if self.bytes.starts_with(BYTE_ORDER_MARK) {
            self.at = BYTE_ORDER_MARK.len();
        }
        // R2
        if self.setup.format == Format::EventStream {
            return self.stream();
        }
        self.lead_in();
        let Some(&byte) = self.bytes.get(self.at) else {
            return Ok(self.finish(None, self.without_output(None), Vec::new()));
        };
        match self.setup.format {
            Format::Json | Format::JsonStream if !begins_value(byte) => Err((ErrorKind::NotJson { byte }, self.at)),
            Format::Json => self.bodies(),
            Format::JsonStream => self.values(),
            _ if matches!(byte, b'{' | b'[' | b'"') => self.bodies(),
            _ if byte < 0x20 => Err((ErrorKind::NotText { byte }, self.at)),
            _ => self.stream(),
        }
    }

    fn is_llm(&self) -> bool {
        self.setup.dialect == Dialect::Llm
    }

    fn is_json(&self) -> bool {
        matches!(self.setup.format, Format::Json | Format::JsonStream)
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

    /// R8, R16: one body, and those that follow it with nothing but white space between.
    fn bodies(&mut self) -> Result<End, Failure> {
        loop {
            let ahead = &self.bytes[self.at..];
            let end = json_end(ahead);
            let body = ahead[..end.unwrap_or(ahead.len())].to_vec();
            self.take_json(&body)?;
            if end.is_none() {
                // R13
                return Ok(if is_scalar(&body) {
                    self.finish(Some(Seen::Body(Text(body))), Outcome::Complete, Vec::new())
                } else {
                    self.finish(None, self.truncated_json(), vec![body])
                });
            }
            let is_end_mark = self.setup.format == Format::Auto && self.is_llm() && body == b"[DONE]";
            self.give(if is_end_mark {
                Seen::Done
            } else {
                Seen::Body(Text(body))
            });

            while self.bytes.get(self.at).is_some_and(|byte| is_white_space(*byte)) {
                self.at += 1;
            }
            self.stand(false, false);
            match self.bytes.get(self.at) {
                None if self.is_json() => return Ok(self.finish(None, Outcome::Complete, Vec::new())),
                None => {
                    let outcome = self.outcome(None, false, false, false);
                    return Ok(self.finish(None, outcome, Vec::new()));
                }
                Some(&byte) if self.is_json() => return Err((ErrorKind::TrailingBytes { byte }, self.at)),
                Some(b'{') => {}
                Some(_) => return self.stream(),
            }
        }
    }

    /// R9, R14: a body or a value. A byte that is beyond the limit has not come.
    fn take_json(&mut self, json: &[u8]) -> Result<(), Failure> {
        let limit = self.limit();
        if limit > 0 && self.state.phase == Phase::Waiting {
            self.state.phase = Phase::Receiving;
        }
        if json.len() > limit {
            return Err((ErrorKind::TooLong { limit }, self.at + limit));
        }
        self.at += json.len();
        self.stand(false, false);
        Ok(())
    }

    fn truncated_json(&self) -> Outcome {
        if self.was_given(Seen::is_done) {
            Outcome::Complete
        } else {
            Outcome::Truncated
        }
    }

    /// R17
    fn values(&mut self) -> Result<End, Failure> {
        let is_array = self.bytes[self.at] == b'[';
        self.at += usize::from(is_array);
        let mut done_follows = false;
        loop {
            while let Some(&byte) = self.bytes.get(self.at) {
                let is_skipped = is_white_space(byte) || is_array && byte == b',';
                if !is_skipped {
                    break;
                }
                self.at += 1;
            }
            self.stand(false, false);
            let Some(&byte) = self.bytes.get(self.at) else {
                let outcome = match self.state.phase {
                    _ if done_follows || self.was_given(Seen::is_done) => Outcome::Complete,
                    Phase::Waiting => Outcome::Truncated, // an array before any value
                    _ => self.unfinished(None, is_array),
                };
                return Ok(self.finish(None, outcome, Vec::new()));
            };
            if is_array && byte == b']' {
                self.at += 1;
                self.stand(false, false);
                self.give(Seen::Done);
                while self.bytes.get(self.at).is_some_and(|byte| is_white_space(*byte)) {
                    self.at += 1;
                }
                self.stand(false, false);
                return match self.bytes.get(self.at) {
                    None => Ok(self.finish(None, Outcome::Complete, Vec::new())),
                    Some(&byte) => Err((ErrorKind::TrailingBytes { byte }, self.at)),
                };
            }
            if !begins_value(byte) {
                return Err((ErrorKind::NotJson { byte }, self.at));
            }
            let ahead = &self.bytes[self.at..];
            let end = if is_scalar(ahead) {
                let ends = |byte: &u8| is_white_space(*byte) || is_array && (*byte == b',' || *byte == b']');
                ahead.iter().position(ends)
            } else {
                json_end(ahead)
            };
            let value = ahead[..end.unwrap_or(ahead.len())].to_vec();
            self.take_json(&value)?;
            let seen = Seen::Data(Text::default(), Text::default(), Text(value.clone()));
            if end.is_none() {
                return Ok(if is_scalar(&value) && !is_array {
                    let outcome = if self.was_given(Seen::is_done) {
                        Outcome::Complete
                    } else {
                        self.unfinished(Some(&seen), false)
                    };
                    self.finish(Some(seen), outcome, Vec::new())
                } else {
                    self.finish(None, self.truncated_json(), vec![value])
                });
            }
            self.give(seen);
            done_follows = self.is_llm() && !is_array && says_done(&value) && !self.was_given(Seen::is_done);
            if done_follows {
                self.give(Seen::Done);
            }
        }
    }

    /// Line by line (R3), to the end.
    fn stream(&mut self) -> Result<End, Failure> {
        self.block = Block::default();
        loop {
            if self.within_crlf() {
                self.at += 1;
            }
            let ahead = &self.bytes[self.at..];
            // R16
            if ahead.starts_with(b"{") && self.is_llm() && !self.block.has_field && !self.was_given(Seen::is_unknown) {
                return self.bodies();
            }
            let end = ahead.iter().position(|&byte| is_line_end(byte));
            let line = &ahead[..end.unwrap_or(ahead.len())];
            self.check_limit(line, end.is_some())?;
            self.at += line.len();
            if end.is_none() {
                self.stand(line.is_empty(), line.is_empty() && !self.block.has_line);
                self.taken = Some(self.state.clone());
                return Ok(if self.is_llm() || self.setup.lenient_end {
                    self.end(line)
                } else {
                    self.end_by_the_standard(line)
                });
            }
            self.at += 1;
            if line.is_empty() {
                self.blank_line();
            } else {
                let given = self.line(line);
                self.stand(true, !self.block.has_line);
                if let Line::Gives(seen) = given {
                    self.give(seen);
                }
            }
        }
    }

    /// R9: a line has as much room as the block has left; a comment's end and a blank line need none.
    fn check_limit(&self, line: &[u8], ended: bool) -> Result<(), Failure> {
        let is_free = line.is_empty() || line.starts_with(b":");
        let needed = line.len() + usize::from(ended && !is_free);
        let limit = self.limit();
        let room = limit - self.block.counted;
        if needed > room {
            return Err((ErrorKind::TooLong { limit }, self.at + room));
        }
        Ok(())
    }

    /// Reads a line that is whole and not blank.
    fn line(&mut self, line: &[u8]) -> Line {
        // R4
        if line.starts_with(b":") {
            self.block.has_comment = true;
            return Line::Gives(comment(line));
        }
        self.block.has_line = true;
        self.block.counted += line.len() + 1;
        // R5
        let (name, value) = field(line);
        if !self.is_field(name) {
            return match self.is_bare_done(line) {
                true if self.was_given(Seen::is_done) => Line::Nothing,
                true => Line::Gives(Seen::Done),
                false => Line::Gives(Seen::Unknown(line.into())),
            };
        }
        self.block.has_field = true;
        match name {
            b"data" => self.block.data.push(value.to_vec()),
            b"error" => {
                self.block.data.push(value.to_vec());
                self.block.is_error = true;
            }
            b"event" => self.block.event = Some(value.to_vec()),
            b"id" if value.contains(&0) => {}
            b"id" => self.block.id = Some(value.to_vec()),
            _ if value.is_empty() || !value.iter().all(u8::is_ascii_digit) => {}
            _ => {
                let digits = value.iter().map(|digit| u64::from(digit - b'0'));
                self.state.retry = Some(digits.fold(0, |sum, digit| sum.saturating_mul(10).saturating_add(digit)));
            }
        }
        Line::Nothing
    }

    fn is_field(&self, name: &[u8]) -> bool {
        matches!(name, b"data" | b"event" | b"id" | b"retry") || name == b"error" && self.is_llm()
    }

    fn is_bare_done(&self, line: &[u8]) -> bool {
        let is_blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
        let start = line.iter().position(|byte| !is_blank(byte)).unwrap_or(0);
        let end = line
            .iter()
            .rposition(|byte| !is_blank(byte))
            .map_or(start, |last| last + 1);
        self.is_llm() && &line[start..end] == b"[DONE]"
    }

    /// R6
    fn blank_line(&mut self) {
        self.stand(true, true);
        if !self.block.has_line && !self.block.has_comment {
            self.give(Seen::BlankLine);
        }
        let block = mem::take(&mut self.block);
        if let Some(id) = &block.id {
            self.state.last_event_id = Text(id.clone());
        }
        let seen = self.meaning(&block);
        if seen.is_empty()
            && block
                .event
                .as_ref()
                .is_some_and(|name| self.is_llm() && !name.is_empty())
            && !is_terminal(&block)
        {
            // R6 e
            self.has_output = true;
            if self.state.phase == Phase::Waiting {
                self.state.phase = Phase::Receiving;
            }
        }
        for seen in seen {
            if !(seen.is_done() && self.was_given(Seen::is_done)) {
                self.give(seen);
            }
        }
    }

    /// R6: nothing, one event, or one and the `Done` that follows it.
    fn meaning(&self, block: &Block) -> Vec<Seen> {
        let data = block.data.join(&b'\n');
        let has_data = !block.data.is_empty();
        let event = block.event();
        let name = block.name();
        let id = self.state.last_event_id.clone();
        let as_data = Seen::Data(Text(event.clone()), id.clone(), Text(data.clone()));
        let as_ping = Seen::Ping(Text(event), id, Text(data.clone()));

        if !self.is_llm() {
            return if has_data { vec![as_data] } else { Vec::new() };
        }
        if has_data && says_done_mark(&data) {
            return vec![Seen::Done];
        }
        if [&b"ping"[..], b"keepalive", b"keep-alive", b"keep_alive", b"heartbeat"].contains(&&name[..]) {
            return vec![as_ping];
        }
        if has_data && data.is_empty() && name.is_empty() {
            return vec![as_ping];
        }
        let gives_data = has_data || is_error_name(&name);
        match (gives_data, is_terminal(block)) {
            (true, true) => vec![as_data, Seen::Done],
            (true, false) => vec![as_data],
            (false, true) => vec![Seen::Done],
            (false, false) => Vec::new(),
        }
    }

    /// R11
    fn end(&mut self, open_line: &[u8]) -> End {
        let mut block = mem::take(&mut self.block);
        let (name, value) = field(open_line);
        let is_comment = open_line.starts_with(b":");
        let is_open_field = !open_line.is_empty() && !is_comment && self.is_field(name);
        let is_unknown = !open_line.is_empty() && !is_comment && !is_open_field;
        let is_bare_done = is_unknown && self.is_bare_done(open_line);
        let is_unknown = is_unknown && !is_bare_done;

        // What may be truncated is not trusted.
        let mut is_withheld = false;
        if is_open_field {
            match name {
                b"data" => {
                    block.data.push(value.to_vec());
                    is_withheld = block.data.iter().all(Vec::is_empty);
                }
                b"error" => {
                    block.data.push(value.to_vec());
                    block.is_error = true;
                    is_withheld = true;
                }
                b"event" => {
                    block.event = Some(value.to_vec());
                    is_withheld = true;
                }
                _ => {}
            }
        }
        let id_before = self.state.last_event_id.clone();
        if let Some(id) = &block.id {
            self.state.last_event_id = Text(id.clone());
        }
        let data = block.data.join(&b'\n');
        let mut of_block = if is_withheld { Vec::new() } else { self.meaning(&block) };
        match of_block.first() {
            Some(Seen::Done) if block.data.is_empty() => of_block.clear(),
            Some(Seen::Done) if self.was_given(Seen::is_done) => of_block.clear(),
            Some(Seen::Data(..)) => {
                let is_whole = is_object_or_array(trim(&data)) || !self.is_llm() && says_done_mark(&data);
                if !is_whole {
                    of_block.clear();
                }
            }
            _ => {}
        }
        if of_block.is_empty() {
            self.state.last_event_id = id_before;
        }

        let gives_event = !of_block.is_empty();
        let is_cut = !gives_event && (!block.data.is_empty() || block.event.is_some());
        let done_follows = of_block.iter().any(Seen::is_done) || is_bare_done;
        let of_line = if is_comment {
            Some(comment(open_line))
        } else if is_unknown {
            Some(Seen::Unknown(open_line.into()))
        } else if is_bare_done && !self.was_given(Seen::is_done) {
            Some(Seen::Done)
        } else {
            None
        };
        let event = of_block.into_iter().next().or(of_line);
        let outcome = self.outcome(event.as_ref(), done_follows, is_cut, is_unknown);
        let rest = if !block.data.is_empty() && !gives_event {
            data
        } else if is_unknown && !event.as_ref().is_some_and(Seen::is_unknown) {
            open_line.to_vec()
        } else {
            Vec::new()
        };
        self.finish(event, outcome, vec![rest])
    }

    /// R12
    fn end_by_the_standard(&mut self, open_line: &[u8]) -> End {
        let mut block = mem::take(&mut self.block);
        let is_open = !open_line.is_empty() && !open_line.starts_with(b":");
        let (name, value) = field(open_line);
        if name == b"data" {
            block.data.push(value.to_vec());
        }
        let outcome = if is_open || block.event.is_some() || !block.data.is_empty() {
            Outcome::Truncated
        } else {
            self.outcome(None, false, false, false)
        };
        let rest = if !block.data.is_empty() {
            block.data
        } else if is_open && !self.is_field(name) {
            vec![open_line.to_vec()]
        } else {
            Vec::new()
        };
        self.finish(None, outcome, rest)
    }

    /// R11: the first that holds. `event` is that of the end.
    fn outcome(&self, event: Option<&Seen>, done_follows: bool, is_cut: bool, is_open_unknown: bool) -> Outcome {
        let bodies = self.steps.iter().filter(|step| step.seen.is_body()).count();
        let has_output = self.has_output || event.is_some_and(Seen::is_data);
        let gives_unknown = event.is_some_and(Seen::is_unknown);
        if done_follows || self.was_given(Seen::is_done) || (bodies == 1 && !has_output) {
            Outcome::Complete
        } else if is_cut || (gives_unknown && has_output) {
            Outcome::Truncated
        } else if gives_unknown {
            Outcome::Unrecognized
        } else if has_output || bodies > 1 {
            self.unfinished(event, false)
        } else if self.was_given(Seen::is_unknown) || is_open_unknown {
            Outcome::Unrecognized
        } else {
            self.without_output(event)
        }
    }

    /// R11, R12, R17: whole events and no end mark.
    fn unfinished(&self, event: Option<&Seen>, is_in_array: bool) -> Outcome {
        let has_data = self.was_given(Seen::is_data) || event.is_some_and(Seen::is_data);
        let needs_no_mark = !self.setup.end_mark && !is_in_array && has_data;
        let is_standard = !self.is_llm() && !self.is_json() && (has_data || self.was_given(Seen::is_body));
        if needs_no_mark || is_standard {
            Outcome::Complete
        } else {
            Outcome::Unfinished
        }
    }

    fn without_output(&self, event: Option<&Seen>) -> Outcome {
        if self.was_given(Seen::is_keep_alive) || event.is_some_and(Seen::is_keep_alive) {
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

    /// R14, what is output, and the number of keep-alives.
    fn count(&mut self, seen: &Seen) {
        match seen {
            Seen::Comment(_) | Seen::BlankLine | Seen::Ping(..) => self.state.keep_alives += 1,
            Seen::Data(..) => {
                self.has_output = true;
                if self.state.phase == Phase::Waiting {
                    self.state.phase = Phase::Receiving;
                }
            }
            Seen::Done => self.state.phase = Phase::Complete,
            Seen::Body(_) if !self.has_output && !self.was_given(Seen::is_unknown) => {
                self.state.phase = Phase::Complete;
            }
            Seen::Body(_) | Seen::Unknown(_) => {}
        }
    }

    fn was_given(&self, is_it: impl Fn(&Seen) -> bool) -> bool {
        self.steps.iter().any(|step| is_it(&step.seen))
    }

    /// R15, and the position.
    fn stand(&mut self, at_line_boundary: bool, at_event_boundary: bool) {
        let may_stand = !self.is_json() && !self.bytes[..self.at].ends_with(b"\r");
        self.state.position = self.at as u64;
        self.state.at_line_boundary = at_line_boundary && may_stand;
        self.state.at_event_boundary = at_event_boundary && may_stand;
    }

    /// R3: whether an LF comes next that is part of a line end already taken.
    fn within_crlf(&self) -> bool {
        self.bytes[self.at..].starts_with(b"\n") && self.bytes[..self.at].ends_with(b"\r")
    }

    /// R9
    fn limit(&self) -> usize {
        match self.setup.storage {
            Storage::Heap => self.setup.max_len,
            Storage::Slice(size) => {
                let id_len = self.state.last_event_id.0.len();
                self.setup.max_len.min(size.saturating_sub(id_len))
            }
        }
    }
}

impl Block {
    /// R5: the value of `event`, or `error`.
    fn event(&self) -> Vec<u8> {
        if self.is_error {
            b"error".to_vec()
        } else {
            self.event.clone().unwrap_or_default()
        }
    }

    /// R6
    fn name(&self) -> Vec<u8> {
        let event = self.event();
        if event.is_empty() {
            first_member_type(&self.data.join(&b'\n')).to_vec()
        } else {
            event
        }
    }
}

fn comment(line: &[u8]) -> Seen {
    let text = &line[1..];
    Seen::Comment(text.strip_prefix(b" ").unwrap_or(text).into())
}

/// R6 a
fn says_done_mark(data: &[u8]) -> bool {
    [&b"[DONE]"[..], b"\"[DONE]\""].contains(&trim(data))
}

/// R6 d
fn is_error_name(name: &[u8]) -> bool {
    if name.starts_with(b"response.") {
        return name == b"response.error" || name == b"response.failed";
    }
    name == b"error" || name.ends_with(b".error") || name.ends_with(b".failed")
}

/// R6
fn is_terminal(block: &Block) -> bool {
    const NAMES: [&str; 10] = [
        "message_stop",
        "message_end",
        "message-end",
        "stream-end",
        "done",
        "end",
        "response.completed",
        "response.failed",
        "response.incomplete",
        "response.done",
    ];
    NAMES.iter().any(|name| name.as_bytes() == block.name())
}

/// R6: the value of `"type"`, if the data begins with an object whose first member that is.
pub fn first_member_type(data: &[u8]) -> &[u8] {
    let mut rest = data;
    for token in [&b"{"[..], b"\"type\"", b":", b"\""] {
        while rest.first().is_some_and(|byte| is_white_space(*byte)) {
            rest = &rest[1..];
        }
        match rest.strip_prefix(token) {
            Some(after) => rest = after,
            None => return b"",
        }
    }
    match rest.iter().position(|&byte| byte == b'"' || byte == b'\\') {
        Some(end) if rest[end] == b'"' => &rest[..end],
        _ => b"",
    }
}

/// R17: whether this is an object that has `"done": true` at its top level. What is no JSON says no such thing as far as
/// it was written for.
fn says_done(value: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(value)
        .is_ok_and(|object| object.get("done") == Some(&serde_json::Value::Bool(true)))
}

fn begins_value(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
}

fn is_scalar(json: &[u8]) -> bool {
    !matches!(json[0], b'{' | b'[' | b'"')
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
    if is_scalar(bytes) {
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
