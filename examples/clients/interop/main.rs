//! Lets a program in another language ask the server on loopback, directly and through the example `proxy`, in all
//! scenarios. `.ci/interop` runs it with the clients that its scripts need:
//!
//! ```text
//! cargo run -p llm-response-clients --example interop -- python3 examples/clients/interop/python.py
//! ```
//!
//! The program gets the cases in the variable `INTEROP_CASES`, as JSON: for each scenario two addresses, and what this
//! crate makes of each response. It compares, and its exit code is the result.

// The proxy, which is an example of its own, brings its own copy of the loopback server.
#![allow(clippy::duplicate_mod)]

#[path = "../proxy/main.rs"]
#[allow(dead_code)]
mod proxy;
#[path = "../../chat/server/mod.rs"]
mod server;

use std::env;
use std::error::Error;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use futures_util::StreamExt;
use llm_response::{EventStream, OwnedEvent};
use proxy::Upstream;
use reqwest::Client;
use serde_json::{Value, json};
use server::{Pace, SCENARIO_HEADER, Scenario, Server};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

/// Slow enough for the proxy to insert heartbeats while the request is queued.
const PACE: Pace = Pace {
    keep_alives: 3,
    after_keep_alive: Duration::from_millis(90),
    after_write: Duration::ZERO,
};
const HEARTBEAT: Duration = Duration::from_millis(25);
/// How long the program may take.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let program = arguments
        .next()
        .ok_or("which program is to ask? Name it, with its arguments")?;
    let server = Server::start_at(PACE)?;
    let client = Client::builder().no_gzip().no_proxy().build()?;
    let mut cases = Vec::new();
    for scenario in Scenario::value_variants() {
        let name = scenario.name();
        let upstream = Upstream {
            client: client.clone(),
            url: server.url("/chat/completions"),
            headers: vec![(SCENARIO_HEADER, name.clone())],
            heartbeat: HEARTBEAT,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let proxied = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async { axum::serve(listener, proxy::router(upstream)).await });
        for (way, url) in [("directly", server.url("")), ("through the proxy", proxied)] {
            let (text, outcome) = ask(&client, &url, &name).await?;
            cases.push(json!({"scenario": name, "way": way, "url": url, "text": text, "outcome": outcome}));
        }
    }
    let child = Command::new(program)
        .args(arguments)
        .env("INTEROP_CASES", Value::from(cases).to_string())
        .kill_on_drop(true)
        .spawn()?
        .wait_with_output();
    let output = timeout(PATIENCE, child)
        .await
        .map_err(|_| "the program takes too long")??;
    Ok(match output.status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The text of the answer as this crate finds it, and the outcome.
async fn ask(client: &Client, url: &str, scenario: &str) -> Result<(String, String), Box<dyn Error>> {
    let request = json!({"model": "m", "stream": true, "messages": []}).to_string();
    let request = client.post(format!("{url}/chat/completions")).body(request);
    let response = request.header(SCENARIO_HEADER, scenario).send().await?;
    let mut events = EventStream::new(response.bytes_stream());
    let mut text = String::new();
    while let Some(event) = events.next().await {
        // An error is an outcome as well.
        if let Ok(OwnedEvent::Data(data)) = event {
            let message: Value = serde_json::from_slice(data.as_bytes())?;
            text += message["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
        }
    }
    Ok((text, format!("{:?}", events.outcome())))
}
