//! What the name of an event means (R6).
//!
//! A name is the value of the `event` field. Proxies drop that line, and what is left is the first member of the data,
//! `"type"`: [`type_member`] reads it. That runs for each event without a name, so data that begins otherwise, as nearly
//! all does, is refused by its first bytes.
//!
//! Names are compared as they are written, byte by byte.

use memchr::memchr2;

/// The string that is the value of `"type"`, where `data` begins with an object and that is its first member; else empty.
///
/// A string with a backslash in it does not count, nor one that has no end. White space may stand where JSON allows it.
/// Nothing behind the string is looked at.
#[inline]
pub(crate) fn type_member(data: &[u8]) -> &[u8] {
    match data {
        // What most data begins with is settled here.
        [b'{', b'"', letter, ..] if *letter != b't' => b"",
        [b'{' | b' ' | b'\t' | b'\r' | b'\n', ..] => type_member_of_object(data),
        _ => b"",
    }
}

#[inline(never)]
fn type_member_of_object(data: &[u8]) -> &[u8] {
    let value = behind(data, b"{")
        .and_then(|rest| behind(rest, b"\"type\""))
        .and_then(|rest| behind(rest, b":"))
        .and_then(|rest| behind(rest, b"\""));
    let Some(value) = value else { return b"" };
    match memchr2(b'"', b'\\', value) {
        Some(end) if value[end] == b'"' => &value[..end],
        _ => b"",
    }
}

/// What follows `token` at the start of `bytes`, where white space may stand before it.
#[inline(always)]
fn behind<'a>(bytes: &'a [u8], token: &[u8]) -> Option<&'a [u8]> {
    let mut rest = bytes;
    while let [b' ' | b'\t' | b'\r' | b'\n', after @ ..] = rest {
        rest = after;
    }
    rest.strip_prefix(token)
}

/// Whether the last byte alone shows that an event of this name is neither a ping nor the last one: so it is with the names
/// that servers send most.
#[inline(always)]
pub(crate) fn has_no_meaning(name: &[u8]) -> bool {
    !matches!(name.last(), None | Some(b'd' | b'e' | b'g' | b'p' | b't'))
}

/// Whether an event of this name says no more than that the server is alive (R6 b).
#[inline]
pub(crate) fn is_ping_name(name: &[u8]) -> bool {
    matches!(
        name,
        b"ping" | b"keepalive" | b"keep-alive" | b"keep_alive" | b"heartbeat"
    )
}

/// Whether an event of this name is an error, whatever its data is (R6 d).
///
/// Of the names of OpenAI's Responses, only the two that end the response count: a tool call that failed ends nothing.
#[inline]
pub(crate) fn is_error_name(name: &[u8]) -> bool {
    match name {
        [b'r', b'e', b's', b'p', b'o', b'n', b's', b'e', b'.', rest @ ..] => matches!(rest, b"error" | b"failed"),
        _ => name == b"error" || name.ends_with(b".error") || name.ends_with(b".failed"),
    }
}

/// Whether an event of this name is the last one (R6).
#[inline]
pub(crate) fn is_terminal_name(name: &[u8]) -> bool {
    match name {
        [b'r', b'e', b's', b'p', b'o', b'n', b's', b'e', b'.', rest @ ..] => {
            matches!(rest, b"completed" | b"failed" | b"incomplete" | b"done")
        }
        _ => matches!(
            name,
            b"message_stop" | b"message_end" | b"message-end" | b"stream-end" | b"done" | b"end"
        ),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{format, string::String, vec::Vec};

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    #[test]
    fn the_first_member_is_the_name() {
        for (data, name) in [
            (r#"{"type":"ping"}"#, "ping"),
            (r#"{"type":"message_stop"}"#, "message_stop"),
            (
                r#"{"type":"response.output_text.delta","delta":"Hi"}"#,
                "response.output_text.delta",
            ),
            (r#"{"type":"","a":1}"#, ""),
            // White space, wherever JSON allows it.
            ("\r\n\t { \"type\"\n:\r \"ping\" }", "ping"),
            ("{\n  \"type\": \"error\",\n  \"error\": {}\n}", "error"),
            // What follows the string is not looked at.
            (r#"{"type":"ping""#, "ping"),
            (r#"{"type":"ping"]x"#, "ping"),
            (r#"{"type":"a b{}:,","x":1}"#, "a b{}:,"),
        ] {
            assert_eq!(type_member(data.as_bytes()), name.as_bytes(), "{data}");
        }
    }

    #[test]
    fn what_is_no_name() {
        for data in [
            "",
            " ",
            "{",
            "{}",
            "[DONE]",
            "null",
            r#"{"id":"x","type":"ping"}"#,
            r#"{"a":{"type":"ping"}}"#,
            r#"[{"type":"ping"}]"#,
            r#""type":"ping""#,
            r#"{{"type":"ping"}"#,
            r#"{,"type":"ping"}"#,
            r#"{"type""#,
            r#"{"type":"#,
            r#"{"type":""#,
            r#"{"type":"ping"#,
            r#"{"type":ping}"#,
            r#"{"type":null}"#,
            r#"{"type":["ping"]}"#,
            r#"{"type"::"ping"}"#,
            r#"{"type" "ping"}"#,
            r#"{"typ":"ping"}"#,
            r#"{"types":"ping"}"#,
            r#"{"Type":"ping"}"#,
            r#"{" type":"ping"}"#,
            r#"{"\u0074ype":"ping"}"#,
            r#"{"type":"pi\u006eg"}"#,
            r#"{"type":"ping\"}"#,
            "\u{feff}{\"type\":\"ping\"}",
            "\u{c}{\"type\":\"ping\"}",
        ] {
            assert_eq!(type_member(data.as_bytes()), b"", "{data}");
        }
    }

    /// Every name of the contract, and what it means: ping, error, terminal.
    #[test]
    fn what_names_mean() {
        for (name, meaning) in [
            ("ping", "p"),
            ("keepalive", "p"),
            ("keep-alive", "p"),
            ("keep_alive", "p"),
            ("heartbeat", "p"),
            ("error", "e"),
            ("conversation.chat.failed", "e"),
            ("chat.error", "e"),
            ("thread.run.failed", "e"),
            (".error", "e"),
            (".failed", "e"),
            ("response.error", "e"),
            ("response.failed", "et"),
            ("message_stop", "t"),
            ("message_end", "t"),
            ("message-end", "t"),
            ("stream-end", "t"),
            ("done", "t"),
            ("end", "t"),
            ("response.completed", "t"),
            ("response.incomplete", "t"),
            ("response.done", "t"),
            // Beside them.
            ("", ""),
            ("message", ""),
            ("Ping", ""),
            ("pings", ""),
            ("ping ", ""),
            ("Error", ""),
            ("errors", ""),
            ("an_error", ""),
            ("failed", ""),
            ("task_failed", ""),
            ("error.x", ""),
            ("response.", ""),
            ("response.mcp_call.failed", ""),
            ("response.mcp_list_tools.failed", ""),
            ("response.x.error", ""),
            ("response.output_text.done", ""),
            ("response.output_text.delta", ""),
            ("xresponse.mcp_call.failed", "e"),
            ("response_failed", ""),
            ("message_stop2", ""),
            ("stop", ""),
            ("thread.done", ""),
        ] {
            let bytes = name.as_bytes();
            let mut found = String::new();
            found.extend(is_ping_name(bytes).then_some('p'));
            found.extend(is_error_name(bytes).then_some('e'));
            found.extend(is_terminal_name(bytes).then_some('t'));
            assert_eq!(found, meaning, "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_give_a_name(bytes in vec(prop_oneof![any::<u8>(), select(&b"{\"type: \n\\"[..])], 0..40)) {
            let name = type_member(&bytes);
            prop_assert!(!name.contains(&b'"') && !name.contains(&b'\\'));
            prop_assert!(name.is_empty() || bytes.windows(name.len()).any(|window| window == name));
        }

        /// Of JSON, the name is what `serde_json` sees.
        #[test]
        fn as_a_deserializer_sees_it(
            members in vec((
                select(&["type", "typ", "id", ""][..]),
                select(&["null", "1", "\"\"", "\"ping\"", "\"a\\\"b\"", "{\"type\":\"x\"}", "[\"type\"]"][..]),
            ), 0..4),
            space in select(&["", " ", "\r\n\t"][..]),
        ) {
            let texts: Vec<_> = members.iter()
                .map(|(name, value)| format!("{space}\"{name}\"{space}:{space}{value}{space}"))
                .collect();
            let json = format!("{space}{{{}{space}}}{space}", texts.join(","));
            let expected = match members.first() {
                Some((name, value)) if *name == "type" && !value.contains('\\') => {
                    serde_json::from_str::<String>(value).unwrap_or_default()
                }
                _ => String::new(),
            };
            prop_assert_eq!(type_member(json.as_bytes()), expected.as_bytes(), "{}", json);
        }
    }
}
