//! An asynchronous client with reqwest: deadlines that tell life from progress, and a retry only where it is safe.
//!
//! ```text
//! cargo run --example reqwest --features futures
//! cargo run --example reqwest --features futures -- --scenario closed-while-queued
//! DEEPSEEK_API_KEY=… cargo run --example reqwest --features futures -- Why is the sky blue?
//! ```

mod support;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::StreamExt;
use llm_response::{EventStream, Outcome, Phase, Watchdog};
use reqwest::Client;
use support::Api;
use tokio::time::{Instant, timeout_at};

const ATTEMPTS: u32 = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let api = Api::choose()?;
    // A decompressor would hold the latest events back.
    let builder = Client::builder().no_gzip();
    let builder = if api.is_loopback() { builder.no_proxy() } else { builder };
    let client = builder.build()?;

    for attempt in 1.. {
        let outcome = ask(&client, &api).await?;
        let exit_code = support::conclude(outcome);
        if attempt == ATTEMPTS || !outcome.is_some_and(Outcome::is_safe_to_retry) {
            return Ok(exit_code);
        }
        tokio::time::sleep(Duration::from_secs(attempt.into())).await;
    }
    unreachable!("the last attempt returns")
}

/// Sends the request and reads its response; `None` if that cannot be read.
async fn ask(client: &Client, api: &Api) -> Result<Option<Outcome>, Box<dyn Error>> {
    let mut watchdog = Watchdog::new()
        .start(Duration::from_secs(600)) // DeepSeek gives up after ten minutes in the queue
        .silence(Duration::from_secs(60)) // keep-alives count
        .stall(Duration::from_secs(180)); // keep-alives do not count
    let sent = Instant::now();
    let deadline = |watchdog: &Watchdog| sent + watchdog.next_deadline().expect("silence is always watched");

    let mut request = client.post(&api.url).body(api.body.clone());
    for (name, value) in &api.headers {
        request = request.header(*name, value);
    }
    let response = timeout_at(deadline(&watchdog), request.send()).await??;
    if !response.status().is_success() {
        support::show_text(&format!("[status {}]", response.status()));
    }

    let mut events = EventStream::new(response.bytes_stream());
    // A server may keep the connection open after the end of the response: the parser knows when it has come.
    while events.parser().phase() != Phase::Complete {
        match timeout_at(deadline(&watchdog), events.next()).await {
            Ok(Some(Ok(event))) => {
                watchdog.on_event(&event.as_event(), sent.elapsed());
                support::show(&event.as_event());
            }
            Ok(Some(Err(error))) => support::show_text(&format!("\n[{error}]")),
            Ok(None) => break,
            Err(_) => {} // the check below has the last word
        }
        watchdog.observe(events.parser(), sent.elapsed()); // bytes that completed no event
        if let Err(expired) = watchdog.check(sent.elapsed()) {
            support::show_text(&format!("\n[{expired}]"));
            break;
        }
    }
    support::show_figures(&watchdog);
    // Also where a deadline has passed: what was received decides whether a retry is safe. Dropping `events` cancels
    // the request.
    Ok(events.close())
}
