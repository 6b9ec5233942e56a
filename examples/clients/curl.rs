//! Reads a response from a pipe, as of `curl`: whatever can be read gives events.
//!
//! ```text
//! curl --silent --no-buffer https://… | cargo run -p llm-response-clients --example curl
//! cargo run -p llm-response-clients --example curl
//! ```
//!
//! Where nothing is piped in, it runs `curl` itself: against a server of its own on loopback, or against the real API
//! if DEEPSEEK_API_KEY is set.

mod support;

use std::error::Error;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};

use llm_response::{EventReader, Outcome};
use support::Api;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut stdin = io::stdin().lock();
    if !stdin.is_terminal() && !stdin.fill_buf()?.is_empty() {
        return Ok(support::conclude(read(stdin)));
    }
    eprintln!("nothing is piped in, so this runs curl itself");
    let api = Api::choose(true)?;
    let (mut curl, response) = run_curl(&api)?;
    let outcome = read(response);
    // curl tells on its own why a transfer broke.
    let status = curl.wait()?;
    if !status.success() {
        support::show_text(&format!("\n[curl: {status}]"));
    }
    Ok(support::conclude(outcome))
}

/// Reads to the end and says what that means.
fn read(response: impl Read) -> Outcome {
    let mut reader = EventReader::new(response);
    loop {
        match reader.next_event() {
            Ok(Some(event)) => support::show(&event),
            Ok(None) => break,
            Err(error) => {
                support::show_text(&format!("\n[{error}]"));
                break;
            }
        }
    }
    reader.close()
}

fn run_curl(api: &Api) -> Result<(Child, ChildStdout), Box<dyn Error>> {
    let mut curl = Command::new("curl")
        .args(["--silent", "--show-error", "--no-buffer"])
        // The headers come by its standard input: a list of processes shall not show the key.
        .args(["--header", "@-", "--data", &api.body, &api.url])
        .args(api.is_loopback().then_some("--noproxy"))
        .args(api.is_loopback().then_some("*"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("curl does not start ({error}); pipe a response into this example instead"))?;
    let mut stdin = curl.stdin.take().expect("it is piped");
    for (name, value) in &api.headers {
        writeln!(stdin, "{name}: {value}")?;
    }
    let response = curl.stdout.take().expect("it is piped");
    Ok((curl, response))
}
