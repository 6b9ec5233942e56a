//! An asynchronous client with hyper, by HTTP/2 where the server offers it: the same for tower, axum and tonic, or
//! whatever else has an `http_body::Body`.
//!
//! ```text
//! cargo run -p llm-response-clients --example hyper
//! DEEPSEEK_API_KEY=… cargo run -p llm-response-clients --example hyper --features tls -- Why is the sky blue?
//! ```

mod support;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::StreamExt;
use http_body_util::{BodyDataStream, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use llm_response::{EventStream, OwnedEvent, Watchdog};
use support::Api;
use tokio::time::{Instant, sleep, timeout};

/// How long a connection may be silent. Keep-alives count as life, so this is much shorter than a queue may be long.
/// (The example `reqwest` has all three deadlines.)
const SILENCE: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let api = Api::choose(support::HAS_TLS)?;
    #[cfg(not(feature = "tls"))]
    let connector = hyper_util::client::legacy::connect::HttpConnector::new();
    #[cfg(feature = "tls")]
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())?
        .https_or_http()
        .enable_all_versions()
        .build();
    let client = Client::builder(TokioExecutor::new()).build::<_, Full<Bytes>>(connector);

    let mut request = Request::post(&api.url);
    for (name, value) in &api.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::from(api.body.clone()))?;
    let response = timeout(SILENCE, client.request(request)).await??;
    if !response.status().is_success() {
        support::show_text(&format!("[status {}]", response.status()));
    }

    let sent = Instant::now();
    let watchdog = Watchdog::new().silence(SILENCE);
    let events = EventStream::new(BodyDataStream::new(response.into_body()));
    let mut events = events.watched(watchdog, move || sent.elapsed(), sleep);
    loop {
        match events.next().await {
            Some(Ok(event)) => {
                support::show(&event.as_event());
                if matches!(event, OwnedEvent::Done | OwnedEvent::Body(_)) {
                    break;
                }
            }
            // Broken, truncated, silent for a minute, or not to be read: the outcome says what that means.
            Some(Err(error)) => support::show_text(&format!("\n[{error:#}]")),
            None => break,
        }
    }
    Ok(support::conclude(events.close()))
}
