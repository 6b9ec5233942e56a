//! Responses as servers send them, always the same, and the chunks that they come in.

/// A response, how it is split, and how many events it has.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) events: u64,
    bytes: Vec<u8>,
    /// Where the response begins in `bytes`.
    start: usize,
    /// The bytes of a chunk; 0 where each event has its own.
    chunk: usize,
    /// Where each event ends.
    ends: Vec<usize>,
}

impl Workload {
    pub(crate) fn all(shift: usize) -> Vec<Self> {
        let new = |name, chunk, events: Vec<String>| {
            let mut bytes = vec![b' '; shift];
            let mut ends = Vec::new();
            for event in &events {
                bytes.extend_from_slice(event.as_bytes());
                ends.push(bytes.len());
            }
            Self {
                name,
                events: events.len() as u64,
                bytes,
                start: shift,
                chunk,
                ends,
            }
        };
        vec![
            new("deltas, one to a chunk", 0, deltas(200)),
            new("deltas, chunks of 1", 1, deltas(100)),
            new("deltas, chunks of 16", 16, deltas(200)),
            new("deltas, chunks of 64", 64, deltas(200)),
            new("deltas, chunks of 1400", 1_400, deltas(200)),
            new("keep-alives, chunks of 14", 14, keep_alives(1_000)),
            new("keep-alives, chunks of 1400", 1_400, keep_alives(1_000)),
            new("named, chunks of 1400", 1_400, named(300)),
            new("CR LF, chunks of 1400", 1_400, several_lines(150)),
            new("64 KiB, chunks of 1400", 1_400, large(4)),
        ]
    }

    pub(crate) fn chunks(&self) -> Vec<&[u8]> {
        if self.chunk > 0 {
            return self.bytes[self.start..].chunks(self.chunk).collect();
        }
        let starts = [self.start].into_iter().chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| &self.bytes[start..end])
            .collect()
    }
}

/// Pieces of text of many lengths, some with more than one byte a character, some escaped.
const PIECES: [&str; 12] = [
    "The",
    " wait",
    " is",
    " over",
    ": größer",
    " \\\"quoted\\\"",
    "\\n\\n",
    " 模型",
    ",",
    " 3.14",
    " understanding",
    " 🙂",
];

fn piece(number: usize) -> &'static str {
    PIECES[number * 7 % PIECES.len()]
}

/// About 270 bytes each, as chat completions are streamed.
fn deltas(events: usize) -> Vec<String> {
    let event = |number| {
        format!(
            "data: {{\"id\":\"chatcmpl-7f2c41d09be3\",\"object\":\"chat.completion.chunk\",\"created\":1764201600,\
             \"model\":\"some-model-of-2026\",\"system_fingerprint\":\"fp_5d20e1c4a7_release\",\"choices\":[{{\"index\":0,\
             \"delta\":{{\"role\":\"assistant\",\"content\":\"{}\"}},\"logprobs\":null,\"finish_reason\":null}}]}}\n\n",
            piece(number)
        )
    };
    (0..events).map(event).collect()
}

fn keep_alives(events: usize) -> Vec<String> {
    vec![String::from(": keep-alive\n\n"); events]
}

/// An `event` line and one line of data.
fn named(events: usize) -> Vec<String> {
    let event = |number| {
        format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
             \"delta\":{{\"type\":\"text_delta\",\"text\":\"{}\"}}}}\n\n",
            piece(number)
        )
    };
    (0..events).map(event).collect()
}

/// A name, an id and three lines of data, in CR LF.
fn several_lines(events: usize) -> Vec<String> {
    let event = |number| {
        let words: String = (0..9).map(|word| piece(number + word)).collect();
        format!(
            "event: message\r\nid: {number}\r\n{}\r\n",
            format!("data: {words}\r\n").repeat(3)
        )
    };
    (0..events).map(event).collect()
}

/// 64 KiB each, in one line.
fn large(events: usize) -> Vec<String> {
    let event = |number| {
        let mut text = String::with_capacity(64 << 10);
        for word in 0.. {
            text.push_str(piece(number + word));
            if text.len() >= (64 << 10) - 64 {
                break;
            }
        }
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
    };
    (0..events).map(event).collect()
}
