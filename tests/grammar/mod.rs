//! Random responses, setups and splits.
//!
//! Responses are made from a grammar of what servers send, then mutated: bytes dropped, doubled, replaced, and the end
//! removed.

use llm_response::{Dialect, Format};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::common::trace::Setup;

/// What lines and bodies are made of; small enough that two of a kind often meet.
const TOKENS: &[&str] = &[
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\r\n\r\n",
    ":",
    ": ",
    " ",
    "\t",
    "data",
    "data:",
    "data: ",
    "event",
    "event: ",
    "id",
    "id: ",
    "retry",
    "retry: ",
    "[DONE]",
    "ping",
    "error",
    "message_stop",
    "response.failed",
    "tool.failed",
    "heartbeat",
    "done",
    "message-end",
    "error:",
    "error: ",
    "\"[DONE]\"",
    "{\"type\":\"ping\"}",
    "{ \"type\" : \"error\",",
    "{\"type\":\"message_stop\"}",
    "{\"type\":\"delta\"",
    ",",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "{\"a\":1}",
    "{\"error\":{}}",
    "true",
    "-1",
    "12",
    "5000",
    "99999999999999999999",
    "\0",
    "x",
    "keep-alive",
    "<html>",
    "é",
    "思",
    "da",
    "ta",
    "dat",
    "even",
    "ret",
    "i",
];
const BYTES: &[&[u8]] = &[b"\xEF", b"\xBB", b"\xBF", b"\xEF\xBB\xBF", b"\xFF", b"\xE6\x80"];

fn token() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        12 => select(TOKENS).prop_map(|token| token.as_bytes().to_vec()),
        1 => select(BYTES).prop_map(<[u8]>::to_vec),
    ]
}

fn soup() -> impl Strategy<Value = Vec<u8>> {
    vec(token(), 0..24).prop_map(|tokens| tokens.concat())
}

fn line_end() -> impl Strategy<Value = &'static str> {
    select(&["\n", "\r", "\r\n"][..])
}

/// One line of a stream, without its end.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "data: ?[a-z{}\"思]{0,20}",
        // As long as what the short ways look at together.
        3 => "data: ?\\{\"[a-z][a-z\"{},:\t思]{16,80}",
        1 => "data: ?\\{\"[a-z][a-z\"{},:]{100,330}",
        3 => "event: ?(ping|message|error|message_stop|delta|response.completed|response.failed|tool.failed|done|end|)",
        2 => "data: ?\\{ ?\"type\" ?: ?\"(ping|delta|error|message_stop|response.done|a.error)\"[a-z{}\",]{0,8}",
        1 => "error: ?[a-z{}]{0,6}",
        1 => "[ \t]?\\[DONE\\][ \t]?",
        1 => "data: ?\"?\\[DONE\\]\"?",
        1 => "\\{[a-z\" ]{0,6}\\}?",
        2 => "id: ?[0-9a-z]{0,6}",
        1 => "retry: ?[0-9]{0,22}",
        1 => "retry: [+ x][0-9]",
        2 => ": ?[a-z]{0,12}",
        1 => "data: \\[DONE\\]",
        1 => "data: *\\[DONE\\] *",
        1 => "[a-zA-Z<> ]{1,12}",
        1 => select(&["data", "event", "id", "retry", "datax", "Data: x", " data: x", "error: {}", "id: a\0b"][..])
            .prop_map(String::from),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let block = (vec(line(), 0..5), line_end(), line_end());
    vec(block, 0..8).prop_map(|blocks| {
        let mut stream = String::new();
        for (lines, line_end, blank) in blocks {
            for line in lines {
                stream.push_str(&line);
                stream.push_str(line_end);
            }
            stream.push_str(blank);
        }
        stream.into_bytes()
    })
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<i32>().prop_map(|number| number.to_string()),
        "\"([a-z{}\\[\\]思 ]|\\\\\\\\|\\\\\"|\\\\n){0,20}\"",
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec(("[a-z]{1,5}", inner), 0..4).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("\"{key}\": {value}"))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }),
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let space = "[ \t\r\n]{0,12}";
    (space, json(), space).prop_map(|(before, json, after)| format!("{before}{json}{after}").into_bytes())
}

/// Something goes wrong on the way.
#[derive(Clone, Debug)]
enum Mutation {
    Drop(prop::sample::Index),
    Double(prop::sample::Index),
    Replace(prop::sample::Index, u8),
    CutEnd(prop::sample::Index),
    ByteOrderMark,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        any::<prop::sample::Index>().prop_map(Mutation::Drop),
        any::<prop::sample::Index>().prop_map(Mutation::Double),
        (any::<prop::sample::Index>(), select(&b"\n\r: {\"\\}x\0\xEF"[..]))
            .prop_map(|(index, byte)| Mutation::Replace(index, byte)),
        any::<prop::sample::Index>().prop_map(Mutation::CutEnd),
        Just(Mutation::ByteOrderMark),
    ]
}

fn mutate(mut bytes: Vec<u8>, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        if bytes.is_empty() {
            break;
        }
        match mutation {
            Mutation::Drop(index) => {
                bytes.remove(index.index(bytes.len()));
            }
            Mutation::Double(index) => {
                let at = index.index(bytes.len());
                bytes.insert(at, bytes[at]);
            }
            Mutation::Replace(index, byte) => {
                let at = index.index(bytes.len());
                bytes[at] = *byte;
            }
            Mutation::CutEnd(index) => bytes.truncate(index.index(bytes.len())),
            Mutation::ByteOrderMark => bytes.splice(0..0, *b"\xEF\xBB\xBF").for_each(drop),
        }
    }
    bytes
}

/// Values as a JSON stream has them, and as they follow each other in any other format.
fn values() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![3 => json(), 1 => select(&["{\"done\":true}", "{\"done\": false}", "true", "-1.5e3", "\"a\""][..]).prop_map(String::from)];
    let between = select(&["", " ", "\n", "\r\n", ",", " ,\n", "\n\n"][..]);
    let (open, close) = (
        select(&["", "", "[", " [\n"][..]),
        select(&["", "]", "\n]\n", "] x"][..]),
    );
    (open, vec((value, between), 0..6), close, any::<prop::sample::Index>()).prop_map(|(open, values, close, end)| {
        let values: String = values
            .iter()
            .map(|(value, between)| format!("{value}{between}"))
            .collect();
        let mut bytes = format!("{open}{values}{close}").into_bytes();
        // One in four is truncated.
        if !bytes.is_empty() && end.index(4) == 0 {
            bytes.truncate(end.index(bytes.len()));
        }
        bytes
    })
}

pub(crate) fn response() -> impl Strategy<Value = Vec<u8>> {
    let valid = prop_oneof![4 => stream(), 2 => body(), 3 => soup()];
    let mutated = (valid, vec(mutation(), 0..3)).prop_map(|(bytes, mutations)| mutate(bytes, &mutations));
    // Not mutated, as only of valid JSON it is agreed what its members are.
    prop_oneof![5 => mutated, 1 => values()]
}

pub(crate) fn setup() -> impl Strategy<Value = Setup> {
    let format = select(
        &[
            Format::Auto,
            Format::Auto,
            Format::EventStream,
            Format::Json,
            Format::JsonStream,
        ][..],
    );
    let dialect = select(&[Dialect::Llm, Dialect::EventSource][..]);
    let max_len = prop_oneof![3 => Just(1 << 20), 1 => 0..64_usize, 1 => 30..500_usize];
    let slice = prop_oneof![3 => Just(None), 1 => (0..64_usize).prop_map(Some), 1 => (30..500_usize).prop_map(Some)];
    let ends = (prop::bool::weighted(0.8), prop::bool::weighted(0.3));
    (format, dialect, max_len, slice, ends).prop_map(|(format, dialect, max_len, slice, (end_mark, lenient_end))| {
        let setup = Setup::new().format(format).dialect(dialect).max_len(max_len);
        let setup = setup.end_mark(end_mark).lenient_end(lenient_end);
        match slice {
            Some(size) => setup.slice(size),
            None => setup,
        }
    })
}

pub(crate) fn splits() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        2 => vec(0..200_usize, 0..12),
        1 => Just((0..400).collect()),
        1 => (1..9_usize).prop_map(|size| (0..400).step_by(size).collect()),
        1 => (9..150_usize).prop_map(|size| (0..4_000).step_by(size).collect()),
    ]
}
