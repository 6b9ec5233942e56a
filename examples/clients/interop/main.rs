//! Lets a program in another language take part in a comparison with this crate. `.ci/interop` runs it with the programs
//! of this folder and with what they need.
//!
//! ```text
//! cargo run -p llm-response-clients --example interop -- openai python3 examples/clients/interop/python.py
//! ```
//!
//! The first argument says what the program gets, in a variable of its environment:
//!
//! * `openai`, `anthropic`: the program is a *client* of the server on loopback. `INTEROP_CASES` has, as JSON, the address
//!   and what this crate makes of the response, for each scenario, directly and through the example `proxy`.
//! * `reader`: the program is a *server*. `INTEROP_READER` is an address; a request to it says which response this crate
//!   is to read, and the answer is what it has read.
//!
//! The program compares, and its exit code is the result.

// The proxy, which is an example of its own, brings its own copy of the loopback server.
#![allow(clippy::duplicate_mod)]

mod loopback;
#[path = "../proxy/main.rs"]
#[allow(dead_code)]
mod proxy;
mod reader;
#[path = "../../chat/server/mod.rs"]
mod server;
mod wording;

use std::env;
use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use proxy::Upstream;
use reqwest::Client;
use server::{Pace, Server};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;
use wording::Wording;

/// Slow enough for the proxy to insert heartbeats while the request is queued.
const PACE: Pace = Pace {
    keep_alives: 3,
    after_keep_alive: Duration::from_millis(90),
    after_write: Duration::ZERO,
};
const HEARTBEAT: Duration = Duration::from_millis(25);
/// How long one response may take.
const RESPONSE: Duration = Duration::from_secs(20);
/// How long the program may take.
const PATIENCE: Duration = Duration::from_secs(90);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let role = arguments.next().unwrap_or_default();
    let program = arguments
        .next()
        .ok_or("name what the program is to get, and the program with its arguments")?;
    let server = Server::start_at(PACE)?;
    // Each response has a connection of its own: servers close those that are idle, and a request may fail by that.
    let client = Client::builder().no_gzip().no_proxy().timeout(RESPONSE);
    let client = client.pool_max_idle_per_host(0).build()?;
    let (variable, value) = match role.to_str() {
        Some("openai") => {
            let cases = loopback::cases(&client, &server, Wording::OpenAi, &[true]).await?;
            ("INTEROP_CASES", cases.to_string())
        }
        Some("anthropic") => {
            let cases = loopback::cases(&client, &server, Wording::Anthropic, &[true, false]).await?;
            ("INTEROP_CASES", cases.to_string())
        }
        Some("reader") => ("INTEROP_READER", reader::start(client).await?),
        _ => return Err(format!("the program can get `openai`, `anthropic` or `reader`, and not {role:?}").into()),
    };
    let child = Command::new(program)
        .args(arguments)
        .env(variable, value)
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

/// Serves what an upstream sends, through the example `proxy`, and gives the address.
async fn proxied(client: &Client, url: String, headers: Vec<(&'static str, String)>) -> io::Result<String> {
    let upstream = Upstream {
        client: client.clone(),
        url,
        headers,
        heartbeat: HEARTBEAT,
    };
    serve(proxy::router(upstream)).await
}

/// Serves on loopback for as long as the runtime lives, and gives the address.
async fn serve(router: axum::Router) -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(url)
}
