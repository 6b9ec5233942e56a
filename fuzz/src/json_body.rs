//! A body ends where serde_json says that the first value ends, wherever that accepts one.

use llm_response::{Dialect, ErrorKind, Format, Outcome, Parser};
use serde::de::IgnoredAny;
use serde_json::StreamDeserializer;

use crate::{
    common::trace::{End, Seen, Setup, trace_of},
    input::Input,
};

/// Takes any bytes; panics where the property does not hold.
pub fn run(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let format = if input.limit % 2 == 0 {
        Format::Json
    } else {
        Format::Auto
    };
    let bytes = input.response;
    let start = bytes.len() - without_lead_in(bytes).len();
    let ahead = &bytes[start..];
    let is_closed = matches!(ahead.first(), Some(b'{' | b'[' | b'"'));
    if format == Format::Auto && !is_closed {
        return;
    }

    let setup = Setup::new().format(format).dialect(Dialect::Llm);
    let mut parser = Parser::with_options(setup.options());
    let heard = trace_of(&mut parser, input.chunks(bytes)).heard().merged();
    // What comes first, behind blank lines: after a `[DONE]` in the place of a body another body may follow (R8).
    let body = heard.events.iter().find(|event| **event != Seen::BlankLine);
    let body = body.and_then(|event| match event {
        Seen::Body(body) => Some(&body.0),
        _ => None,
    });

    let mut values = StreamDeserializer::<_, IgnoredAny>::new(serde_json::de::SliceRead::new(ahead));
    let accepted = matches!(values.next(), Some(Ok(_)));
    let len = values.byte_offset();
    // What ends no value by itself goes on to the next white space (R8).
    let is_whole = is_closed || ahead.get(len).is_none_or(|byte| is_white_space(*byte));
    if accepted && is_whole {
        assert_eq!(
            body.map(|body| &body[..]),
            Some(&ahead[..len]),
            "the body ends elsewhere"
        );
        let rest = ahead[len..].iter().position(|byte| !is_white_space(*byte));
        let end = match rest {
            None => End::Finish(None, Outcome::Complete, b""[..].into()),
            Some(at) => {
                let byte = ahead[len + at];
                End::Error(ErrorKind::TrailingBytes { byte }, (start + len + at) as u64)
            }
        };
        // In `Auto`, an event stream may follow (R8).
        if format == Format::Json || rest.is_none() {
            assert_eq!(heard.end, end);
        }
    } else if let Some(body) = body {
        let parsed = serde_json::from_slice::<IgnoredAny>(body);
        assert!(parsed.is_err(), "serde_json takes the body only if it is alone");
    }
}

fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn without_lead_in(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = bytes.iter().position(|byte| !is_white_space(*byte));
    &bytes[start.unwrap_or(bytes.len())..]
}
