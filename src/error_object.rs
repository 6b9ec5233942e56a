//! Whether a JSON object reports an error.
//!
//! Providers report what went wrong within a response of status 200, each in its own shape: a member `error` (OpenAI,
//! OpenRouter, Gemini), or one that says `"type": "error"` (Anthropic, OpenAI Responses) or `"object": "error"` (vLLM).
//! All of these contain the bytes `"error"`, and hardly any other event does, so that one search settles most.

use memchr::memmem;

use crate::json::{Lex, body_end, is_white_space, trim};

const ERROR: &[u8] = br#""error""#;

/// Whether `json` begins as an object and has a member `error` that is neither `null`, `false` nor empty text, or a
/// member `type` or `object` that is `"error"`.
///
/// Only the members of the object itself count. Names and values are compared as they are written, without
/// undoing escapes: no provider writes `"\u0065rror"`. What is cut or malformed is judged by what is there.
pub(crate) fn is_error(json: &[u8]) -> bool {
    let [b'{', members @ ..] = trim(json) else {
        return false;
    };
    memmem::find(members, ERROR).is_some() && has_error_member(members)
}

fn has_error_member(mut rest: &[u8]) -> bool {
    loop {
        rest = skip(rest, |byte| is_white_space(byte) || matches!(byte, b',' | b':'));
        let (name, after) = rest.split_at(value_len(rest));
        if name.is_empty() {
            return false; // the closing bracket, or the end
        }
        rest = skip(after, is_white_space);
        let [b':', after @ ..] = rest else {
            continue; // a name without a value
        };
        let after = skip(after, is_white_space);
        let (value, after) = after.split_at(value_len(after));
        match name {
            ERROR if !is_nothing(value) => return true,
            br#""type""# | br#""object""# if value == ERROR => return true,
            _ => rest = after,
        }
    }
}

/// The length of the value at the start of `bytes`: 0 where there is none, all of them where it is cut.
fn value_len(bytes: &[u8]) -> usize {
    let end = match bytes.first() {
        Some(b'"' | b'{' | b'[') => body_end(&mut Lex::Outside, &mut 0, bytes),
        _ => bytes
            .iter()
            .position(|&byte| is_white_space(byte) || matches!(byte, b',' | b':' | b'}' | b']')),
    };
    end.unwrap_or(bytes.len())
}

/// Whether `value` is one of those that say that there is no error, or what a cut has left of one.
fn is_nothing(value: &[u8]) -> bool {
    [&b"null"[..], b"false", b"\"\""]
        .iter()
        .any(|nothing| nothing.starts_with(value))
}

fn skip(bytes: &[u8], is_skipped: impl Fn(u8) -> bool) -> &[u8] {
    let len = bytes.iter().position(|&byte| !is_skipped(byte));
    &bytes[len.unwrap_or(bytes.len())..]
}

#[cfg(test)]
mod tests {
    extern crate std;

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    #[test]
    fn errors_of_providers() {
        for json in [
            // OpenAI, Gemini, DeepSeek
            r#"{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}"#,
            r#"{"error": {"code": 429, "message": "Resource exhausted", "status": "RESOURCE_EXHAUSTED"}}"#,
            // OpenRouter, in the middle of a stream
            r#"{"id":"gen-1","object":"chat.completion.chunk","error":{"code":502,"message":"Upstream"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
            // Anthropic
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            // OpenAI Responses
            r#"{"type":"error","code":"ERR_SOMETHING","message":"Something went wrong","param":null,"sequence_number":1}"#,
            // vLLM
            r#"{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}"#,
            // Ollama
            r#"{"error":"model not found"}"#,
        ] {
            assert!(is_error(json.as_bytes()), "{json}");
        }
    }

    #[test]
    fn no_errors() {
        for json in [
            r#"{"error":null,"choices":[]}"#,
            r#"{"error":false}"#,
            r#"{"error":""}"#,
            r#"{"response":{"error":{"code":1}}}"#,
            r#"{"a":[{"error":1}],"b":{"type":"error"}}"#,
            r#"{"a":"error"}"#,
            r#"{"a":"error","b":1}"#,
            r#"{"a":["error",1],"b":["type","error"]}"#,
            r#"{"content":"{\"error\":1,\"type\":\"error\"}"}"#,
            r#"{"content":"\\","x":"\"error\":1, \"error"}"#,
            r#"{"Error":1,"errors":[],"error ":1,"\"error":1}"#,
            r#"{"type":"errors","object":"chat.completion","type ":"error"}"#,
            r#"{"type":["error"],"object":{"error":"error"}}"#,
            r#"{"finish_reason":"error"}"#,
            r#"[{"error":1}]"#,
            r#""error""#,
            r#"{}"#,
            "",
            " ",
            "{",
            r#"{"x":1}{"error":1}"#,
            "Internal Server Error: \"error\"",
        ] {
            assert!(!is_error(json.as_bytes()), "{json}");
        }
    }

    #[test]
    fn every_value_but_three_is_an_error() {
        for value in [
            "0", "1", "true", "{}", "[]", "\" \"", "\"\\\"\"", "\"null\"", "-1.5", "[null]", "nulls",
        ] {
            assert!(is_error(std::format!("{{\"error\":{value}}}").as_bytes()), "{value}");
        }
    }

    #[test]
    fn white_space_everywhere() {
        assert!(is_error(b"\r\n { \t\"a\" : [ 1 , 2 ] , \"error\"\n:\r\n1 } \t"));
        assert!(is_error(b"{ \"type\" : \"error\" }"));
        assert!(!is_error(b" { \"error\" :\tnull , \"a\" :\n\"error\" } "));
        assert!(is_error(b"{ \"a\":1 ,\"b\" : null,\"error\":true}"));
    }

    #[test]
    fn each_of_several_counts() {
        assert!(is_error(br#"{"error":null,"error":{"code":1}}"#));
        assert!(is_error(br#"{"error":{"code":1},"error":null}"#));
        assert!(is_error(br#"{"type":"x","type":"error"}"#));
    }

    #[test]
    fn what_is_cut_or_malformed() {
        for (json, expected) in [
            (r#"{"error""#, false),
            (r#"{"error":"#, false),
            (r#"{"error":nul"#, false),
            (r#"{"error":""#, false),
            (r#"{"error":"x"#, true),
            (r#"{"error":{"#, true),
            (r#"{"type":"error"#, false),
            (r#"{"type":"error""#, true),
            (r#"{"error":,"a":1}"#, false),
            (r#"{"error","a":1}"#, false),
            (r#"{"a" "error":1}"#, true),
            (r#"{,,:"error"::1}"#, false),
            (r#"{"a":1]"error":1}"#, false),
            (r#"{"a":}"error":1}"#, false),
        ] {
            assert_eq!(is_error(json.as_bytes()), expected, "{json}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_give_an_answer(bytes in vec(prop_oneof![any::<u8>(), select(&b"{}[]\":, \\"[..])], 0..200)) {
            let mut json = std::vec::Vec::from(&b"{\"a\":\"error\","[..]);
            json.extend(bytes);
            is_error(&json);
        }

        /// Of JSON, the answer is what `serde_json` sees.
        #[test]
        fn as_a_deserializer_sees_it(
            members in vec((
                select(&["error", "type", "object", "a", "errors"][..]),
                select(&["null", "false", "true", "\"\"", "\"error\"", "{\"error\":1}", "[]", "0", "\"\\\"error\\\"\""][..]),
            ), 0..5),
            space in select(&["", " ", "\n\t"][..]),
        ) {
            let members: std::vec::Vec<_> = members.into_iter().enumerate().map(|(i, (name, value))| {
                // A name of its own for each, lest one hides another.
                let name = if i == 0 { std::string::String::from(name) } else { std::format!("{name}{i}") };
                std::format!("\"{name}\"{space}:{space}{value}{space}")
            }).rev().collect();
            let json = std::format!("{{{space}{}}}{space}", members.join(","));
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            let expected = value.get("error").is_some_and(|error| !error.is_null() && error != false && error != "")
                || value.get("type").is_some_and(|kind| kind == "error")
                || value.get("object").is_some_and(|kind| kind == "error");
            prop_assert_eq!(is_error(json.as_bytes()), expected, "{}", json);
        }
    }
}
