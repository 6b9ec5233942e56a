//! How a response can fail, for every API.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use clap::ValueEnum;

use super::{Reply, Request};

/// What the server does. The names are used on the command line and in the header `x-scenario`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Queued for a while, then a complete answer
    #[default]
    Busy,
    /// Keep-alives, then the server closes the connection: inference never started
    ClosedWhileQueued,
    /// The answer ends in the middle of an event, and the connection is closed normally
    Truncated,
    /// The answer ends in the middle of an event, because the connection is reset
    Reset,
    /// The answer begins with status 200, and then an error follows as an event
    ErrorInStream,
    /// A JSON error with status 402 instead of a stream
    JsonError,
    /// A JSON error with status 200, after keep-alives
    LateJsonError,
    /// An HTML page of a gateway, with status 200 and content type `text/event-stream`
    Html,
}

impl Scenario {
    /// Its name on a command line and in a header.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value().expect("no variant is skipped");
        value.get_name().to_owned()
    }
}

/// How fast the server sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// The number of keep-alives before the answer.
    pub(crate) keep_alives: usize,
    /// The pause after each of them.
    pub(crate) after_keep_alive: Duration,
    /// The pause after each write of the answer.
    pub(crate) after_write: Duration,
}

impl Pace {
    /// For people: about two seconds in the queue, and three for the answer.
    pub(crate) const LIVE: Self = Self {
        keep_alives: 8,
        after_keep_alive: Duration::from_millis(280),
        after_write: Duration::from_millis(5),
    };
    /// For tests: the same bytes in the same pieces, without the waiting.
    pub(crate) const HURRIED: Self = Self {
        keep_alives: 8,
        after_keep_alive: Duration::ZERO,
        after_write: Duration::ZERO,
    };
}

/// What an API answers to one request: every scenario consists of these parts.
pub(super) struct Script {
    /// What the server repeats while a stream is queued.
    pub(super) keep_alive: &'static str,
    /// A stream or a body, depending on the request.
    pub(super) answer: String,
    /// The same, but with an error instead of the answer or after half of it.
    pub(super) failing: String,
    /// The error for an account without money.
    pub(super) refusal: Reply,
    /// An error as JSON, found while the request was queued.
    pub(super) late_error: String,
}

const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";
const JSON: &str = "application/json";

const PAGE: &str = "<!doctype html>\r\n<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <h1>502 Bad Gateway</h1>\r\n<p>The upstream server did not answer in time.</p>\r\n</body>\r\n</html>\r\n";

impl Script {
    /// What the server sends.
    pub(super) fn reply(self, request: &Request, pace: Pace) -> Reply {
        let whole = Bytes::from(self.answer);
        // This ends in the middle of an event and of the answer. If its JSON were complete, the event would count without its line end.
        let begun = &whole[..whole.len() * 2 / 3];
        let begun = begun.trim_ascii_end();
        let begun = whole.slice_ref(begun.strip_suffix(b"}").unwrap_or(begun));
        let (content_type, keep_alive) = if request.stream {
            (EVENT_STREAM, self.keep_alive)
        } else {
            (JSON, "\n")
        };
        let queue = || queued(content_type, keep_alive, pace);
        match request.scenario {
            Scenario::Busy => queue().torn(whole, pace.after_write),
            Scenario::ClosedWhileQueued => queue(),
            Scenario::Truncated => queue().torn(begun, pace.after_write),
            Scenario::Reset => queue().torn(begun, pace.after_write).reset(),
            Scenario::ErrorInStream => queue().torn(self.failing, pace.after_write),
            Scenario::JsonError => self.refusal,
            Scenario::LateJsonError => queued(EVENT_STREAM, "\n", pace).write(self.late_error),
            Scenario::Html => Reply::new(StatusCode::OK, EVENT_STREAM).torn(PAGE, pace.after_write),
        }
    }
}

/// A reply that consists only of the keep-alives of a queued request, so far.
fn queued(content_type: &'static str, keep_alive: &'static str, pace: Pace) -> Reply {
    let reply = Reply::new(StatusCode::OK, content_type);
    (0..pace.keep_alives).fold(reply, |reply, _| reply.write(keep_alive).pause(pace.after_keep_alive))
}
