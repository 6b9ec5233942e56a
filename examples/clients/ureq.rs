//! A blocking client with ureq: the shortest way from a request to events.
//!
//! ```text
//! cargo run -p llm-response-clients --example ureq
//! DEEPSEEK_API_KEY=… cargo run -p llm-response-clients --example ureq --features tls -- Why is the sky blue?
//! ```

mod support;

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use llm_response::{EventReader, Phase, Watchdog};
use support::Api;
use ureq::Agent;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let api = Api::choose(support::HAS_TLS)?;
    let config = Agent::config_builder()
        // The body of an error says more than its status.
        .http_status_as_error(false)
        // A decompressor would hold the latest events back.
        .accept_encoding("identity")
        // Silence: every byte restarts this clock, keep-alives too.
        .timeout_per_read(Some(Duration::from_secs(60)));
    let config = if api.is_loopback() { config.proxy(None) } else { config };
    let agent: Agent = config.build().into();

    // What keep-alives do not restart. Each of them wakes us, so that these deadlines need no timer of their own.
    let mut watchdog = Watchdog::new()
        .start(Duration::from_secs(600)) // DeepSeek gives up after ten minutes in the queue
        .stall(Duration::from_secs(180));
    let sent = Instant::now();

    let mut request = agent.post(&api.url);
    for (name, value) in &api.headers {
        request = request.header(*name, value);
    }
    let response = request.send(&api.body)?;
    if !response.status().is_success() {
        support::show_text(&format!("[status {}]", response.status()));
    }

    let mut reader = EventReader::new(response.into_body().into_reader());
    // A server may keep the connection open after the end of the response: the parser knows when it has come.
    while reader.parser().phase() != Phase::Complete {
        // Silence is for ureq to watch, so no read has a deadline of its own.
        match reader.next_watched(&mut watchdog, || sent.elapsed(), |_, _| Ok(())) {
            Ok(Some(event)) => support::show(&event),
            Ok(None) => break,
            Err(error) => {
                // Broken, silent or without output for too long, or not to be read.
                support::show_text(&format!("\n[{error}]"));
                break;
            }
        }
    }
    support::show_figures(&watchdog);
    // Whatever the end was, what had been received decides whether a retry is safe.
    Ok(support::conclude(reader.close()))
}
