//! What lines, blocks, names and JSON values are, whatever came before them: R4 to R6, R8, and the `done` of R17.

use llm_response::Dialect;

use super::super::trace::{Seen, Text};

const PING_NAMES: &str = "ping keepalive keep-alive keep_alive heartbeat";
const TERMINAL_NAMES: &str = "message_stop message_end message-end stream-end done end \
                              response.completed response.failed response.incomplete response.done";

fn is_among(name: &[u8], names: &str) -> bool {
    names.split_whitespace().any(|one| one.as_bytes() == name)
}

/// White space is space, tab, CR and LF throughout.
pub(super) fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn trim_start(bytes: &[u8], is_trimmed: impl Fn(u8) -> bool) -> &[u8] {
    let start = bytes.iter().position(|byte| !is_trimmed(*byte));
    &bytes[start.unwrap_or(bytes.len())..]
}

fn trim(bytes: &[u8], is_trimmed: impl Fn(u8) -> bool) -> &[u8] {
    let last = bytes.iter().rposition(|byte| !is_trimmed(*byte));
    trim_start(&bytes[..last.map_or(0, |last| last + 1)], is_trimmed)
}

/// What a line that is not empty says.
pub(super) enum Line<'l> {
    Comment(&'l [u8]),
    Data(&'l [u8]),
    /// A line of data, too, in `Llm`.
    Error(&'l [u8]),
    Event(&'l [u8]),
    /// `None`: it is ignored.
    Id(Option<&'l [u8]>),
    /// `None`: it is ignored.
    Retry(Option<u64>),
    /// `[DONE]` without `data:`.
    EndMark,
    Unknown,
}

/// R4, R5
pub(super) fn line(line: &[u8], dialect: Dialect) -> Line<'_> {
    let (name, value) = match line.iter().position(|&byte| byte == b':') {
        Some(colon) => (&line[..colon], &line[colon + 1..]),
        None => (line, &b""[..]),
    };
    let value = value.strip_prefix(b" ").unwrap_or(value);
    let is_llm = dialect == Dialect::Llm;
    match name {
        b"" => Line::Comment(value),
        b"data" => Line::Data(value),
        b"error" if is_llm => Line::Error(value),
        b"event" => Line::Event(value),
        b"id" => Line::Id(Some(value).filter(|value| !value.contains(&0))),
        b"retry" => Line::Retry(milliseconds(value)),
        _ if is_llm && trim(line, |byte| matches!(byte, b' ' | b'\t')) == b"[DONE]" => Line::EndMark,
        _ => Line::Unknown,
    }
}

/// R5: ASCII digits only, saturating at `u64::MAX`.
fn milliseconds(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |number: u64, digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    }))
}

/// The lines since the last blank line.
#[derive(Default)]
pub(super) struct Block {
    /// A line of any kind, comments included.
    pub(super) has_line: bool,
    pub(super) has_field: bool,
    /// R9: what the lines that are no comments count.
    pub(super) held: usize,
    /// The value of the last field `event`.
    pub(super) event: Option<Vec<u8>>,
    /// R5: a field `error` has named the block.
    pub(super) is_error: bool,
    pub(super) id: Option<Text>,
    /// The values of its lines of data.
    pub(super) data: Vec<Vec<u8>>,
}

/// What the blank line at the end of a block gives (R6).
pub(super) enum Meaning {
    Nothing,
    /// Nothing, but it is output received (e).
    Output,
    Done,
    Ping,
    Data,
}

impl Block {
    pub(super) fn add(&mut self, field: &Line<'_>) {
        self.has_field = true;
        match field {
            Line::Data(value) => self.data.push(value.to_vec()),
            Line::Error(value) => {
                self.data.push(value.to_vec());
                self.is_error = true;
            }
            Line::Event(value) => self.event = Some(value.to_vec()),
            Line::Id(Some(value)) => self.id = Some((*value).into()),
            Line::Id(None) | Line::Retry(_) => {}
            Line::Comment(_) | Line::EndMark | Line::Unknown => unreachable!("this is no field"),
        }
    }

    pub(super) fn has_data(&self) -> bool {
        !self.data.is_empty()
    }

    /// R6: data lines are joined by LF.
    pub(super) fn joined(&self) -> Vec<u8> {
        self.data.join(&b'\n')
    }

    /// R6: the field as it came, or `error` by R5.
    fn event(&self) -> &[u8] {
        if self.is_error {
            return b"error";
        }
        self.event.as_deref().unwrap_or_default()
    }

    /// R6
    pub(super) fn meaning(&self, dialect: Dialect) -> Meaning {
        if dialect == Dialect::EventSource {
            return if self.has_data() {
                Meaning::Data
            } else {
                Meaning::Nothing
            };
        }
        let data = self.joined();
        let name = name(self.event(), &data);
        if self.has_data() && is_end_mark(&data) {
            Meaning::Done // a
        } else if is_among(name, PING_NAMES) || self.has_data() && data.is_empty() && name.is_empty() {
            Meaning::Ping // b, c
        } else if self.has_data() || is_error_name(name) {
            Meaning::Data // d
        } else if name.is_empty() {
            Meaning::Nothing
        } else if self.is_terminal() {
            Meaning::Done
        } else {
            Meaning::Output // e
        }
    }

    /// R6: `Done` follows its `Data`, or stands in its place.
    pub(super) fn is_terminal(&self) -> bool {
        is_among(name(self.event(), &self.joined()), TERMINAL_NAMES)
    }

    pub(super) fn to_data(&self, last_event_id: &Text) -> Seen {
        let data = self.joined();
        let name = name(self.event(), &data);
        Seen::Data(self.event().into(), name.into(), last_event_id.clone(), data[..].into())
    }

    pub(super) fn to_ping(&self, last_event_id: &Text) -> Seen {
        match self.to_data(last_event_id) {
            Seen::Data(event, name, id, data) => Seen::Ping(event, name, id, data),
            _ => unreachable!(),
        }
    }
}

/// R6 a
pub(super) fn is_end_mark(data: &[u8]) -> bool {
    matches!(trim(data, is_white_space), b"[DONE]" | b"\"[DONE]\"")
}

/// R6 d
fn is_error_name(name: &[u8]) -> bool {
    if name.starts_with(b"response.") {
        return matches!(name, b"response.error" | b"response.failed");
    }
    name == b"error" || name.ends_with(b".error") || name.ends_with(b".failed")
}

/// R6: the value of `event`; where that is empty, the `"type"` that the data begins with.
pub(super) fn name<'n>(event: &'n [u8], data: &'n [u8]) -> &'n [u8] {
    if !event.is_empty() {
        return event;
    }
    type_in_front(data).unwrap_or_default()
}

/// R6: the string of the first member of an object, if that is `"type"` and the string has no backslash.
fn type_in_front(data: &[u8]) -> Option<&[u8]> {
    let value = member_value(trim_start(data, is_white_space).strip_prefix(b"{")?, b"\"type\"")?;
    let string = value.strip_prefix(b"\"")?;
    let string = &string[..string.iter().position(|&byte| byte == b'"')?];
    (!string.contains(&b'\\')).then_some(string)
}

/// What stands behind the colon of a member that begins here, if this is its key (with the quotes around it).
fn member_value<'j>(json: &'j [u8], key: &[u8]) -> Option<&'j [u8]> {
    let after_key = trim_start(json, is_white_space).strip_prefix(key)?;
    let value = trim_start(after_key, is_white_space).strip_prefix(b":")?;
    Some(trim_start(value, is_white_space))
}

/// R2, R17: a byte that can begin a JSON value.
pub(super) fn can_begin_value(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
}

/// A value that begins with neither bracket nor quote.
pub(super) fn is_scalar(value: &[u8]) -> bool {
    !matches!(value[0], b'{' | b'[' | b'"')
}

/// R8: the length of the value that `json` begins with, or nothing if its end is not there.
pub(super) fn value_len(json: &[u8], ends_scalar: impl Fn(u8) -> bool) -> Option<usize> {
    if is_scalar(json) {
        return json.iter().position(|&byte| ends_scalar(byte));
    }
    tokens(json).find(|token| token.depth == 0).map(|token| token.end)
}

/// A bracket, or a string with its quotes.
struct Token {
    start: usize,
    end: usize,
    /// How many brackets are open behind it.
    depth: usize,
}

/// Brackets inside strings are no tokens, and a string that does not end is none.
fn tokens(json: &[u8]) -> impl Iterator<Item = Token> {
    let (mut depth, mut string, mut is_escaped) = (0_usize, None, false);
    json.iter().enumerate().filter_map(move |(at, byte)| {
        if let Some(start) = string {
            let is_quote = *byte == b'"' && !is_escaped;
            is_escaped = *byte == b'\\' && !is_escaped;
            string = string.filter(|_| !is_quote);
            let end = at + 1;
            return is_quote.then_some(Token { start, end, depth });
        }
        match byte {
            b'"' => {
                string = Some(at);
                return None;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => return None,
        }
        let (start, end) = (at, at + 1);
        Some(Token { start, end, depth })
    })
}

/// R11: one complete JSON object or array by R8, white space trimmed.
pub(super) fn is_object_or_array(data: &[u8]) -> bool {
    let data = trim(data, is_white_space);
    matches!(data.first(), Some(b'{' | b'[')) && value_len(data, is_white_space) == Some(data.len())
}

/// R17: without event and id.
pub(super) fn data_of_value(value: &[u8]) -> Seen {
    Seen::Data(b""[..].into(), name(b"", value).into(), b""[..].into(), value.into())
}

/// R17: an object with a top-level member `done` that is `true`. As R18 has it, this is a shallow scan: a string of the
/// object itself is a key where a colon follows it. What the members of an object are that is no JSON, the rules do not
/// say, so the parser may differ there.
pub(super) fn says_done(value: &[u8]) -> bool {
    value.starts_with(b"{")
        && tokens(value).filter(|token| token.depth == 1).any(|token| {
            let member = member_value(&value[token.start..], b"\"done\"").unwrap_or_default();
            let is_end = |&byte: &u8| is_white_space(byte) || matches!(byte, b',' | b'}' | b']');
            member.split(is_end).next() == Some(b"true")
        })
}
