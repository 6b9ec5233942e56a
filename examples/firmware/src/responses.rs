//! What the serial port brings: responses as servers send them, one that went well and some that did not.

pub struct Response {
    pub name: &'static str,
    pub bytes: &'static [u8],
    /// How much memory the parser has for it.
    pub memory: usize,
}

/// The most that any of them is read with.
pub const MEMORY: usize = 512;

const fn new(name: &'static str, bytes: &'static [u8]) -> Response {
    Response {
        name,
        bytes,
        memory: MEMORY,
    }
}

pub const RESPONSES: &[Response] = &[
    new("an answer", ANSWER),
    new("a queue that ended", b": keep-alive\n\n: keep-alive\n\n"),
    new(
        "an error where a stream was expected",
        b"\n\n\n{\"error\":{\"message\":\"Insufficient \\\"Balance\\\"\"}}",
    ),
    new(
        "an error in mid-answer",
        b"data: {\"delta\":{\"content\":\"Half\"}}\n\nevent: error\ndata: {\"message\":\"overloaded\"}\n\n",
    ),
    new(
        "truncated within an event",
        b"data: {\"delta\":{\"content\":\"Half\"}}\n\ndata: {\"delta\":{\"cont",
    ),
    Response {
        memory: 64,
        ..new("an event that is longer than the memory", ANSWER)
    },
];

const ANSWER: &[u8] = include_bytes!("../responses/answer");
