//! What it costs to ask whether an event reports an error, in instructions, against a search for `"error"`.
//!
//! That search is what a user would write instead, and it sees two of the shapes that R18 knows. `cargo bench -p llm-response-benches --bench errors`
//! counts both under valgrind, as `instructions` does: this program runs itself under callgrind, once for each case. For an
//! ordinary event [`MOST`] times the search is the limit; an event that has to be walked through is printed alone.

#[path = "common/callgrind.rs"]
mod callgrind;

use std::{env, hint::black_box, io, process::ExitCode};

use llm_response::Data;
use memchr::memmem;

/// Instructions for an ordinary event, over those for the search.
const MOST: f64 = 1.1;

const EVENTS: u64 = 1_000;

/// Name, whether a search must settle it, whether it is an error, and the data.
const CASES: [(&str, bool, bool, &str); 9] = [
    (
        "delta",
        true,
        false,
        r#"{"id":"5b1f0a37-83c9-4c27-9f3e-20d1c7a4e6b8","object":"chat.completion.chunk","created":1764000000,"model":"deepseek-chat","system_fingerprint":"fp_3d5141a69a_prod0225","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}"#,
    ),
    (
        "reasoning delta",
        true,
        false,
        r#"{"id":"5b1f0a37-83c9-4c27-9f3e-20d1c7a4e6b8","object":"chat.completion.chunk","created":1764000000,"model":"deepseek-reasoner","system_fingerprint":"fp_3d5141a69a_prod0225","choices":[{"index":0,"delta":{"content":null,"reasoning_content":" word"},"logprobs":null,"finish_reason":null}]}"#,
    ),
    (
        "Anthropic",
        true,
        false,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}"#,
    ),
    (
        "Responses",
        true,
        false,
        r#"{"type":"response.output_text.delta","sequence_number":9,"item_id":"msg_67c9","output_index":0,"content_index":0,"delta":" word","logprobs":[]}"#,
    ),
    (
        "Gemini",
        true,
        false,
        r#"{"candidates":[{"content":{"parts":[{"text":" word"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":4,"totalTokenCount":9},"modelVersion":"m","responseId":"r"}"#,
    ),
    (
        "Ollama",
        true,
        false,
        r#"{"model":"m","created_at":"2026-08-04T08:52:19.385406455Z","message":{"role":"assistant","content":" word"},"done":false}"#,
    ),
    (
        "error null",
        true,
        false,
        r#"{"id":"gen-1","error":null,"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}"#,
    ),
    (
        "text of an error",
        false,
        false,
        r#"{"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" an error"},"finish_reason":null}]}"#,
    ),
    (
        "error",
        false,
        true,
        r#"{"error":{"message":"Rate limit reached","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}"#,
    ),
];

fn main() -> io::Result<ExitCode> {
    let args: Vec<_> = env::args().skip(1).collect();
    if let [flag, work, case] = &args[..] {
        if flag == "--case" {
            run(work, case);
            return Ok(ExitCode::SUCCESS);
        }
    }
    if !args.iter().any(|arg| arg == "--bench") || args.iter().any(|arg| arg == "--test") {
        for (case, ..) in CASES {
            run("is_error", case);
            run("search", case);
            println!("{case}: ok");
        }
        return Ok(ExitCode::SUCCESS);
    }
    if !callgrind::is_installed() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut is_good = true;
    println!("{:<20} {:>6} {:>9} {:>7}", "an event", "bytes", "is_error", "search");
    for (case, is_ordinary, _, json) in CASES {
        let (is_error, search) = (count("is_error", case)?, count("search", case)?);
        let is_above = is_ordinary && is_error as f64 > search as f64 * MOST;
        let mark = if is_above { "  ABOVE" } else { "" };
        println!("{case:<20} {:>6} {is_error:>9} {search:>7}{mark}", json.len());
        is_good &= !is_above;
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks [`EVENTS`] times.
fn run(work: &str, case: &str) {
    let (.., expected, json) = CASES
        .into_iter()
        .find(|(name, ..)| *name == case)
        .expect("a case of this name");
    let data = Data::new(b"", b"", json.as_bytes());
    assert_eq!(data.is_error(), expected, "{case}");
    match work {
        "is_error" => measured(|| black_box(data).is_error()),
        _ => measured(|| memmem::find(black_box(data).as_bytes(), br#""error""#).is_some()),
    }
}

/// Only what happens in here is counted.
#[inline(never)]
fn measured(work: impl Fn() -> bool) {
    for _ in 0..EVENTS {
        black_box(work());
    }
}

/// The instructions for one event.
fn count(work: &str, case: &str) -> io::Result<u64> {
    Ok(callgrind::count("errors", &["--case", work, case])? / EVENTS)
}
