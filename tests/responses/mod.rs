//! Short responses in the shapes that servers send, each with what it is read as: what every adapter is tried with.

#![allow(dead_code, unreachable_pub)]

use llm_response::{Dialect, Format};

use super::common::trace::Setup;

/// Every response, with its setup. Each has only a few bytes, because it is split at every position.
pub fn all() -> impl Iterator<Item = (&'static [u8], Setup)> {
    let llm = LLM.iter().map(|bytes| (*bytes, Setup::new()));
    let standard = LLM
        .iter()
        .map(|bytes| (*bytes, Setup::new().dialect(Dialect::EventSource)));
    let json = JSON.iter().map(|bytes| (*bytes, Setup::new().format(Format::Json)));
    let values = JSON
        .iter()
        .chain(VALUES)
        .map(|bytes| (*bytes, Setup::new().format(Format::JsonStream)));
    let short = LLM.iter().chain(JSON).map(|bytes| (*bytes, Setup::new().max_len(12)));
    llm.chain(standard).chain(json).chain(values).chain(short)
}

const LLM: &[&[u8]] = &[
    b"",
    b"\n\n\n\n",
    b"\xEF\xBB\xBF\n: keep-alive\n\ndata: {\"a\":1}\n\ndata: [DONE]\n\n",
    b": keep-alive\r\n\r\ndata: {\"a\":1}\r\n\r\ndata: {\"b\":2}\r\n\r\ndata: [DONE]\r\n\r\n",
    b": keep-alive\r\rdata:{\"a\":1}\r\rdata:[DONE]\r\r",
    b": queued\ndata: {\"a\":\n: queued\ndata: 1}\n\ndata: [DONE]",
    b"event: start\nid: 7\ndata: {\"a\":1}\n\ndata: {\"a\":2}\n\nid\ndata: {\"a\":3}\n\n",
    b"data: 1\nevent: late\nid: 8\ndata: 2\nretry: 250\n\ndata: 3\n\n",
    b"event: ping\ndata: {}\n\nevent: delta\ndata: {\"a\":1}\n\nevent: message_stop\ndata: {}\n\n",
    b"event: message_stop\ndata: {}",
    b"data: {\"a\":1}\n\n: queued",
    b": queued\n\nevent: ping\ndata: {}",
    b"data: {\"error\":{\"message\":\"busy\"}}\n\nerror: {\"code\":500}\n",
    b"<html>\n<body>busy</body>\n</html>\n",
    b"data: {\"text\":\"caf\xC3\xA9\"}\n\ndata: {\"te",
    b"data: {\"a\":1}",
    b"data: {\"a\":1}\n\nupstream died",
    b"\n         \n{\"a\":[1,\"}\"]}\n",
    b"{\"a\":[1",
    b"{\"a\":1} x",
    b"\"text\"",
    b"data: {\"type\":\"ping\"}\n\ndata: {\"type\":\"message_stop\"}\n\n",
    b"error: {\"code\":400}\n\n[DONE]\n\n",
    b": queued\n\n{\n \"error\": 1\n}\n",
    b"data: {\"a\":1}\n\n{\n \"error\": 1",
    b"{\"a\":1}data: [DONE]\n\n",
    b"{\"a\":1}\n{\"b\":2}\n",
    b"event: message_start\n: queued\n\nevent:done\ndata:\n\n",
    b"event: ping\n\nevent: error\n\n",
    b"id: 7\ndata: {}\n\nid: 8\ndata: {\"b\":",
    b"1d\r\ndata: {}\n\n\r\n0\r\n\r\n",
    b"data:\n<html>",
    b"\x1F\x8B\x08",
];

const JSON: &[&[u8]] = &[b"\n \n12", b"true ", b"<html>", b"[]]"];

const VALUES: &[&[u8]] = &[
    b"{\"done\":false}\n{\"done\":true}\n",
    b"[{\"a\":1}\n,\n\"b\",2\n]",
    b"[{\"a\":1},{\"b\"",
    b"{\"a\":1}{\"b\":2} 12",
];
