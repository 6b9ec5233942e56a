//! A search that settles that most bytes report no error (R18), before anything walks through them.
//!
//! A server sends hundreds of deltas, and none of them is an error. All that R18 goes by has one of few strings in it:
//! the names of members, and what a `type` says. A quote ends each such string, and of the two letters before that quote
//! the second is near the first in the alphabet (`or`, `rs`, `de`, `ed`, `ss`, `sp`, `ge`, `il`), or twelve before it
//! (`sg`). Of other strings few end so. Sixteen quotes' places are compared at once, a block of text without quotes is
//! skipped, and the strings that are left are compared in full.

use super::masks::{self, BLOCK};

/// A block of quotes, with the two bytes before the first.
const WINDOW: usize = BLOCK + 2;

/// Whether `json` may report an error; never false where it does.
pub(crate) fn may_report_error(json: &[u8]) -> bool {
    if let Some(last) = json.last_chunk::<WINDOW>() {
        let mut at = 0;
        while let Some(window) = json[at..].first_chunk() {
            if has_sign(window, json, at) {
                return true;
            }
            at += BLOCK;
        }
        // What is left is fewer bytes than a block: those before it are seen again.
        has_sign(last, json, json.len() - WINDOW)
    } else {
        let mut window = [0; WINDOW];
        window[..json.len()].copy_from_slice(json);
        has_sign(&window, json, 0)
    }
}

/// [`may_report_error`] for the quotes in a part of `json`, which begins at `at`.
#[inline(always)]
fn has_sign(window: &[u8; WINDOW], json: &[u8], at: usize) -> bool {
    let mut quotes = masks::quotes_behind_near_bytes(window);
    while quotes != 0 {
        let quote = at + 2 + quotes.trailing_zeros() as usize;
        if is_sign(&json[..quote], &json[quote + 1..]) {
            return true;
        }
        quotes &= quotes - 1;
    }
    false
}

/// Whether a string that ends as `before` does, and is followed by a quote and `after`, may be what R18 goes by.
#[inline(always)]
fn is_sign(before: &[u8], after: &[u8]) -> bool {
    let Some(end) = before.last_chunk::<4>() else {
        return false;
    };
    match end {
        // `error`, `errors`, `error_code`; names that end in `.error` or `.failed`; `success`, `base_resp`.
        b"rror" | b"rors" | b"code" | b"iled" | b"cess" | b"resp" => !has_value(after, b"null"),
        // `message` and `msg`, where they are text. Ollama has an object of that name in each line.
        b"sage" | b"\"msg" => !has_value(after, b"null") && !has_value(after, b"{"),
        // `detail`, which counts whatever it is.
        b"tail" => true,
        _ => false,
    }
}

/// Whether a colon and a value that begins with `value` follow, with at most one space between them.
#[inline(always)]
fn has_value(after: &[u8], value: &[u8]) -> bool {
    let after = after.strip_prefix(b":").unwrap_or(b"");
    after.strip_prefix(b" ").unwrap_or(after).starts_with(value)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::format;

    use super::*;

    /// Wherever it stands, and whatever stands around it.
    #[test]
    fn no_sign_is_missed() {
        for sign in [
            "error",
            "errors",
            "error_code",
            "x.error",
            "x.failed",
            "success",
            "base_resp",
            "message",
            "msg",
            "detail",
        ] {
            for before in 0..200 {
                for after in [0, 1, 63, 64, 65, 130] {
                    let json = format!("{{{}\"{sign}\":1}}{}", "x".repeat(before), "y".repeat(after));
                    assert!(may_report_error(json.as_bytes()), "{json}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_sign_ends_here() {
        for json in [
            "",
            "\"",
            "{}",
            r#"{"id":"a36","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"content":" Hello"},"finish_reason":null}],"usage":null}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"the detail of an error, which occurred"}}"#,
            r#"{"model":"m","message":{"role":"assistant","content":"Hi"},"done":false}"#,
            r#"{"model":"m", "message": {"role": "assistant"}, "msg":null}"#,
            r#"{"error":null,"a":{"error": null}}"#,
            r#"{"text":"{\"error\":1,\"detail\":\"x\"}"}"#,
        ] {
            assert!(!may_report_error(json.as_bytes()), "{json}");
        }
    }
}
