//! A proxy with axum: it passes a response through unchanged, counts what it costs, and keeps the connection alive where
//! the upstream does not.
//!
//! ```text
//! cargo run -p llm-response-clients --example proxy
//! cargo run -p llm-response-clients --example proxy -- --scenario truncated
//! DEEPSEEK_API_KEY=… cargo run -p llm-response-clients --example proxy --features tls -- Why is the sky blue?
//! ```
//!
//! It starts the proxy on loopback, sends one request through, and shows the bytes that come and what the proxy counted.
//! What every proxy needs is in [`relay`].

mod account;
mod head;
pub(crate) mod relay;
#[path = "../support/mod.rs"]
mod support;

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use relay::Relay;
use reqwest::Client;
use support::Api;
use tokio::net::TcpListener;

/// Whom the proxy asks, and how long it leaves its client without a byte.
#[derive(Clone)]
pub(crate) struct Upstream {
    pub(crate) client: Client,
    pub(crate) url: String,
    /// Sent with every request; the key is among them.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) heartbeat: Duration,
}

#[cfg_attr(test, allow(dead_code))] // `tests/proxy.rs` takes this in
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let api = Api::choose(support::HAS_TLS)?;
    // Nothing is decompressed: what comes is passed through.
    let builder = Client::builder().no_gzip();
    let builder = if api.is_loopback() { builder.no_proxy() } else { builder };
    let upstream = Upstream {
        client: builder.build()?,
        url: api.url.clone(),
        headers: api.headers.clone(),
        // Often enough to be seen here. Others do with one in 15 seconds.
        heartbeat: Duration::from_millis(100),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/chat/completions", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, router(upstream)).await });

    let client = Client::builder().no_gzip().no_proxy().build()?;
    let mut response = client.post(url).body(api.body.clone()).send().await?;
    eprintln!("status {}", response.status());
    while let Some(bytes) = response.chunk().await? {
        io::stdout().write_all(&bytes)?;
    }
    Ok(())
}

pub(crate) fn router(upstream: Upstream) -> Router {
    let relay = async move |body: Bytes| upstream.relay(body).await;
    // The paths of two APIs; which one is asked, `url` says.
    Router::new()
        .route("/chat/completions", post(relay.clone()))
        .route("/v1/messages", post(relay))
}

impl Upstream {
    /// Answers with the upstream's response: status, headers and body.
    async fn relay(&self, body: Bytes) -> Response {
        let asks_for_stream = head::asks_for_stream(&body);
        let mut request = self.client.post(&self.url).body(body);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        };
        let status = response.status();
        let kind = head::kind(asks_for_stream, status, response.headers());
        let headers = head::end_to_end(response.headers());
        let relay = Relay::new(response.bytes_stream(), kind, self.heartbeat);
        let mut answer = Response::new(Body::from_stream(relay.into_stream()));
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        answer
    }
}
