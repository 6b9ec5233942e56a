//! An asynchronous client with reqwest: deadlines that tell activity from progress, and a retry only where it is safe.
//!
//! ```text
//! cargo run -p llm-response-clients --example reqwest
//! cargo run -p llm-response-clients --example reqwest -- --scenario closed-while-queued
//! DEEPSEEK_API_KEY=… cargo run -p llm-response-clients --example reqwest --features tls -- Why is the sky blue?
//! ```

mod support;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::StreamExt;
use llm_response::{EventStream, Outcome, Phase, Watchdog};
use reqwest::Client;
use support::Api;
use tokio::time::{Instant, sleep, timeout_at};

const ATTEMPTS: u32 = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let api = Api::choose(support::HAS_TLS)?;
    // A decompressor would hold the latest events back.
    let builder = Client::builder().no_gzip();
    let builder = if api.is_loopback() { builder.no_proxy() } else { builder };
    let client = builder.build()?;

    for attempt in 1.. {
        let outcome = ask(&client, &api).await?;
        let exit_code = support::conclude(outcome);
        if attempt == ATTEMPTS || !outcome.is_safe_to_retry() {
            return Ok(exit_code);
        }
        sleep(Duration::from_secs(attempt.into())).await;
    }
    unreachable!("the last attempt returns")
}

/// Sends the request and reads its response.
async fn ask(client: &Client, api: &Api) -> Result<Outcome, Box<dyn Error>> {
    let watchdog = Watchdog::new()
        .start(Duration::from_secs(600)) // DeepSeek gives up after ten minutes in the queue
        .silence(Duration::from_secs(60)) // keep-alives count
        .stall(Duration::from_secs(180)); // keep-alives do not count
    let sent = Instant::now();
    let deadline = sent + watchdog.next_deadline().expect("silence is always watched");

    let mut request = client.post(&api.url).body(api.body.clone());
    for (name, value) in &api.headers {
        request = request.header(*name, value);
    }
    let response = timeout_at(deadline, request.send()).await??;
    if !response.status().is_success() {
        support::show_text(&format!("[status {}]", response.status()));
    }

    let events = EventStream::new(response.bytes_stream());
    let mut events = events.watched(watchdog, move || sent.elapsed(), sleep);
    // A server may keep the connection open after the end of the response: the parser knows when it has come.
    while events.events().parser().phase() != Phase::Complete {
        match events.next().await {
            Some(Ok(event)) => support::show(&event.as_event()),
            Some(Err(error)) => support::show_text(&format!("\n[{error:#}]")), // a deadline, too
            None => break,
        }
    }
    support::show_figures(events.watchdog());
    // Also where a deadline has passed: what was received decides whether a retry is safe. Dropping `events` cancels
    // the request.
    Ok(events.close())
}
