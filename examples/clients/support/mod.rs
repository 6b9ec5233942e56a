//! What the client examples share: whom to ask and what, and how to show what comes. What is worth copying is in the
//! examples themselves.

// Each example uses a part of this.
#![allow(dead_code)]

#[path = "../../chat/server/mod.rs"]
pub(crate) mod server;

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use clap::Parser as _;
use llm_response::{Event, KeepAlive, Outcome, Watchdog};
use serde_json::{Value, json};

use server::{SCENARIO_HEADER, Scenario, Server};

const DEEPSEEK: &str = "https://api.deepseek.com";

/// Whether the clients speak TLS, which takes a C compiler to build.
pub(crate) const HAS_TLS: bool = cfg!(feature = "tls");

/// Asks a model, and shows what its response says.
///
/// With DEEPSEEK_API_KEY set it asks the real API; that takes TLS, which is built with `--features tls`. Otherwise it asks a server of its own on loopback, which behaves as
/// DeepSeek does under load.
#[derive(Debug, clap::Parser)]
struct Args {
    /// What to ask
    #[arg(default_value = "Why do I see keep-alives before the answer?")]
    prompt: Vec<String>,

    /// Ask the server on loopback, even with a key, and choose what it does
    #[arg(long, value_enum, conflicts_with = "base_url")]
    scenario: Option<Scenario>,

    /// Ask the API at this address, with the key in DEEPSEEK_API_KEY if that is set
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    /// The model to ask
    #[arg(long, default_value = "deepseek-v4-flash")]
    model: String,
}

/// A request to make, and the server on loopback if it goes there.
pub(crate) struct Api {
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    server: Option<Server>,
}

impl Api {
    /// The request that the arguments and the environment ask for, if the client can make it.
    pub(crate) fn choose(has_tls: bool) -> io::Result<Self> {
        let args = Args::parse();
        let key = env::var("DEEPSEEK_API_KEY").unwrap_or_default();
        let key = key.trim();
        let body = json!({
            "model": args.model,
            "messages": [{"role": "user", "content": args.prompt.join(" ")}],
            "stream": true,
            // DeepSeek tells the usage anyway, others only if asked.
            "stream_options": {"include_usage": true},
        });
        let mut headers = vec![("content-type", "application/json".to_owned())];

        let (base_url, server) = if args.scenario.is_none() && (args.base_url.is_some() || !key.is_empty()) {
            if !key.is_empty() {
                headers.push(("authorization", format!("Bearer {key}")));
            }
            (args.base_url.unwrap_or(DEEPSEEK.to_owned()), None)
        } else {
            headers.push((SCENARIO_HEADER, args.scenario.unwrap_or_default().name()));
            let server = Server::start()?;
            (server.url(""), Some(server))
        };
        if !has_tls
            && base_url
                .get(..6)
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
        {
            let message = format!(
                "{base_url} takes TLS, which this client has not: add `--features tls` before `--example` (`no_alloc` \
                 speaks none), or ask the server on loopback with `--scenario busy`"
            );
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        eprintln!("asking {base_url}\n");
        Ok(Self {
            url: format!("{}/chat/completions", base_url.trim_end_matches('/')),
            headers,
            body: body.to_string(),
            server,
        })
    }

    /// Whether no proxy can be of use.
    pub(crate) fn is_loopback(&self) -> bool {
        self.server.is_some()
    }
}

/// Whether an event reported an error: then even a complete response is no answer.
static HAS_FAILED: AtomicBool = AtomicBool::new(false);

/// Shows an event: the text of an answer as it is, all else in brackets.
pub(crate) fn show(event: &Event<'_>) {
    show_text(&match event {
        Event::KeepAlive(KeepAlive::Comment(text)) => format!("[{}] ", String::from_utf8_lossy(text)),
        Event::KeepAlive(_) => "[alive] ".to_owned(),
        Event::Data(data) if data.is_error() => failure(data.as_bytes()),
        Event::Data(data) => said(data.as_bytes(), "delta"),
        Event::Body(body) if body.is_error() => failure(body.as_bytes()),
        Event::Body(body) => said(body.as_bytes(), "message"),
        Event::Done => "\n[done]".to_owned(),
        Event::Unknown(line) => format!("\n[unknown: {}]", String::from_utf8_lossy(line)),
        other => format!("\n[{other:?}]"),
    });
}

fn failure(json: &[u8]) -> String {
    HAS_FAILED.store(true, Relaxed);
    format!("\n[error: {}]", String::from_utf8_lossy(json))
}

/// The text of a chat completion: its reasoning or its answer.
fn said(json: &[u8], member: &str) -> String {
    let message: Value = serde_json::from_slice(json).unwrap_or_default();
    let said = &message["choices"][0][member];
    ["reasoning_content", "content"]
        .iter()
        .filter_map(|name| said[*name].as_str())
        .collect()
}

/// Prints at once, without what a terminal would obey.
pub(crate) fn show_text(text: &str) {
    let text: String = text
        .chars()
        .filter(|char| *char == '\n' || !char.is_control())
        .collect();
    let mut out = io::stdout().lock();
    // Who closes the pipe has seen enough.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The outcome, and the exit code that goes with it. `None`: the response could not be read.
pub(crate) fn conclude(outcome: impl Into<Option<Outcome>>) -> ExitCode {
    let outcome = outcome.into();
    let has_failed = HAS_FAILED.load(Relaxed);
    let advice = match outcome {
        Some(_) if has_failed => "the server reported an error, see above",
        Some(Outcome::Complete) => "the whole response was received",
        Some(Outcome::Unrecognized) => "the response does not come from the API",
        Some(outcome) if outcome.is_safe_to_retry() => "nothing was generated, so it is safe to send the request again",
        Some(_) => "the part that was received was billed, and a new request is billed again",
        None => "the response cannot be read",
    };
    let name = outcome.map_or("Unreadable".to_owned(), |outcome| format!("{outcome:?}"));
    show_text(&format!("\n\n{name}: {advice}\n"));
    match outcome {
        Some(Outcome::Complete) if !has_failed => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// What one logs about a response.
pub(crate) fn show_figures(watchdog: &Watchdog) {
    let seconds = |time: Option<Duration>| time.map_or("–".to_owned(), |time| format!("{time:.2?}"));
    show_text(&format!(
        "\n\nfirst byte {}, first output {}, longest gap {}, keep-alives {}",
        seconds(watchdog.time_to_first_byte()),
        seconds(watchdog.time_in_queue()),
        seconds(Some(watchdog.longest_gap())),
        watchdog.keep_alives(),
    ));
}
