//! What is parsed: bytes as servers send them, made anew by each run of a bench and always the same.
//!
//! An [`Input`] counts what it holds while it is written, line by line, without any parser. Every contestant is held to
//! these counts.

use std::hint::black_box;

/// How an input is cut into chunks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cut {
    /// Every so many bytes.
    Every(usize),
    /// After each event (or keep-alive), as servers flush.
    Event,
    /// Not at all.
    Whole,
}

/// The bytes of a response and what is in them.
pub(crate) struct Input {
    pub(crate) bytes: Vec<u8>,
    /// Where each event or keep-alive ends.
    pub(crate) ends: Vec<usize>,
    pub(crate) counts: Counts,
}

/// What an input holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) events: u64,
    /// The bytes of all events' data, or of the body.
    pub(crate) event_bytes: u64,
    pub(crate) keep_alives: u64,
    pub(crate) lines: u64,
    /// The bytes of all lines, without their ends.
    pub(crate) line_bytes: u64,
    pub(crate) bytes: u64,
}

impl Counts {
    pub(crate) fn times(self, times: u64) -> Self {
        Self {
            events: self.events * times,
            event_bytes: self.event_bytes * times,
            keep_alives: self.keep_alives * times,
            lines: self.lines * times,
            line_bytes: self.line_bytes * times,
            bytes: self.bytes * times,
        }
    }

    /// Counts what was handed out, and lets the compiler believe that somebody reads it.
    pub(crate) fn event(&mut self, data: &[u8]) {
        self.events += 1;
        self.event_bytes += black_box(data).len() as u64;
    }

    pub(crate) fn keep_alive(&mut self, text: &[u8]) {
        self.keep_alives += 1;
        black_box(text);
    }

    pub(crate) fn line(&mut self, line: &[u8]) {
        self.lines += 1;
        self.line_bytes += black_box(line).len() as u64;
    }
}

/// About 270 bytes an event, as chat completions are streamed: one line of JSON with a word in it.
pub(crate) fn deltas(events: usize, line_end: &'static str) -> Input {
    let mut text = Text::new(1);
    let mut writer = Writer::new(line_end);
    for _ in 0..events {
        let word = text.word();
        writer.line(&format!(
            "data: {{\"id\":\"5b1f0a37-83c9-4c27-9f3e-20d1c7a4e6b8\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,\
             \"model\":\"deepseek-chat\",\"system_fingerprint\":\"fp_3d5141a69a_prod0225\",\"choices\":[{{\"index\":0,\
             \"delta\":{{\"content\":\"{word} \"}},\"logprobs\":null,\"finish_reason\":null}}]}}"
        ));
        writer.end_event();
    }
    writer.input
}

/// Shorter ones with names, as Anthropic's API and OpenAI's Responses API send them.
pub(crate) fn named(events: usize) -> Input {
    let mut text = Text::new(5);
    let mut writer = Writer::new("\n");
    for _ in 0..events {
        let word = text.word();
        writer.line("event: content_block_delta");
        writer.line(&format!(
            "data: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{word} \"}}}}"
        ));
        writer.end_event();
    }
    writer.input
}

/// Comments that say that the server is alive, and one event at last, by which parsers that hide comments show that
/// they came through.
pub(crate) fn keep_alives(count: usize) -> Input {
    let mut writer = Writer::new("\n");
    for _ in 0..count {
        writer.line(": keep-alive");
        writer.end_keep_alive();
    }
    writer.line("data: {\"choices\":[]}");
    writer.end_event();
    writer.input
}

/// Events with one long line each, such as an image in base 64.
pub(crate) fn large_events(events: usize, len: usize) -> Input {
    let mut text = Text::new(2);
    let mut writer = Writer::new("\n");
    for _ in 0..events {
        let image = text.base64(len - "{\"b64_json\":\"\"}".len());
        writer.line(&format!("data: {{\"b64_json\":\"{image}\"}}"));
        writer.end_event();
    }
    writer.input
}

/// Events with a name, an id and four lines of data, in CRLF.
pub(crate) fn multi_line(events: usize) -> Input {
    let mut text = Text::new(3);
    let mut writer = Writer::new("\r\n");
    for number in 0..events {
        writer.line("event: message");
        writer.line(&format!("id: {number:06}"));
        for _ in 0..4 {
            let words = text.words(40);
            writer.line(&format!("data: {words}"));
        }
        writer.end_event();
    }
    writer.input
}

/// A JSON body of about `len` bytes behind four blank lines, by which the server kept the connection alive: many
/// choices with some hundred bytes of escaped text each.
pub(crate) fn body(len: usize) -> Input {
    let mut text = Text::new(4);
    let mut json =
        String::from("{\"id\":\"5b1f0a37\",\"object\":\"chat.completion\",\"created\":1764000000,\"choices\":[");
    for index in 0.. {
        let paragraph: Vec<String> = (0..12).map(|_| text.words(60)).collect();
        let content = paragraph.join("\\n\\\"");
        json += &format!(
            "{{\"index\":{index},\"message\":{{\"role\":\"assistant\",\"content\":\"{content}\"}},\"logprobs\":null,\
             \"finish_reason\":\"stop\"}}"
        );
        if json.len() + content.len() / 2 >= len {
            break;
        }
        json += ",";
    }
    json += "],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":345,\"total_tokens\":357}}";

    let mut writer = Writer::new("\n");
    for _ in 0..4 {
        writer.end_keep_alive();
    }
    let mut input = writer.input;
    input.counts.events = 1;
    input.counts.event_bytes = json.len() as u64;
    input.bytes.extend_from_slice(json.as_bytes());
    input.counts.bytes = input.bytes.len() as u64;
    input
}

/// Writes an input and counts what it writes.
struct Writer {
    input: Input,
    line_end: &'static str,
    data_lines: u64,
}

impl Writer {
    fn new(line_end: &'static str) -> Self {
        let input = Input {
            bytes: Vec::new(),
            ends: Vec::new(),
            counts: Counts::default(),
        };
        Self {
            input,
            line_end,
            data_lines: 0,
        }
    }

    fn line(&mut self, line: &str) {
        self.input.bytes.extend_from_slice(line.as_bytes());
        self.input.bytes.extend_from_slice(self.line_end.as_bytes());
        self.input.counts.bytes = self.input.bytes.len() as u64;
        self.input.counts.lines += 1;
        self.input.counts.line_bytes += line.len() as u64;
        if let Some(data) = line.strip_prefix("data: ") {
            self.input.counts.event_bytes += data.len() as u64;
            self.data_lines += 1;
        }
    }

    fn end_event(&mut self) {
        self.line("");
        self.input.counts.events += 1;
        // A line feed between two lines of data belongs to the data.
        self.input.counts.event_bytes += self.data_lines - 1;
        self.data_lines = 0;
        self.input.ends.push(self.input.bytes.len());
    }

    fn end_keep_alive(&mut self) {
        self.line("");
        self.input.counts.keep_alives += 1;
        self.input.ends.push(self.input.bytes.len());
    }
}

/// Words out of a random generator (Marsaglia's xorshift) with a fixed seed.
struct Text {
    state: u64,
}

impl Text {
    const WORDS: [&str; 16] = [
        "the",
        "parser",
        "of",
        "answers",
        "a",
        "waiting",
        "line",
        "und",
        "größer",
        "is",
        "stream",
        "模型",
        "token",
        "at",
        "naïve",
        "understanding",
    ];

    const BASE64: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        }
    }

    fn next(&mut self) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 40) as usize
    }

    fn word(&mut self) -> &'static str {
        Self::WORDS[self.next() % Self::WORDS.len()]
    }

    /// Words of together at least `len` bytes.
    fn words(&mut self, len: usize) -> String {
        let mut words = String::from(self.word());
        while words.len() < len {
            words.push(' ');
            words.push_str(self.word());
        }
        words
    }

    fn base64(&mut self, len: usize) -> String {
        (0..len).map(|_| char::from(Self::BASE64[self.next() % 64])).collect()
    }
}
