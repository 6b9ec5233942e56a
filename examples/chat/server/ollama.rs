//! Answers as Ollama's own API does: lines of JSON, the last of which says `"done":true`.

use std::time::Duration;

use axum::http::StatusCode;
use clap::ValueEnum;

use super::reply::Reply;

const LINES: &str = r#"{"model":"tiny","message":{"role":"assistant","content":"","thinking":"A greeting."},"done":false}
{"model":"tiny","message":{"role":"assistant","content":"Grüß "},"done":false}
{"model":"tiny","message":{"role":"assistant","content":"dich!\n"},"done":false}
"#;
const LAST: &str = r#"{"model":"tiny","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":11,"eval_count":4}
"#;
const ERROR: &str = r#"{"error":"model runner has unexpectedly stopped"}
"#;

/// How the response ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ending {
    /// With the line that says `"done":true`
    #[default]
    Done,
    /// With a line that reports an error, after a part of the answer
    Error,
    /// Within a line
    Truncated,
    /// After a line, and before the last one
    Unfinished,
}

/// A response of `/api/chat`, in pieces with a pause after each.
pub(crate) fn reply(ending: Ending, pause: Duration) -> Reply {
    let body = match ending {
        Ending::Done => [LINES, LAST].concat(),
        Ending::Error => [LINES, ERROR].concat(),
        Ending::Truncated => [LINES, &LAST[..LAST.len() / 2]].concat(),
        Ending::Unfinished => LINES.to_owned(),
    };
    Reply::new(StatusCode::OK, "application/x-ndjson").torn(body, pause)
}
