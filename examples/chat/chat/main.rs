//! Asks a model, and shows what its response says while it says it: keep-alives, reasoning, answer, tool calls, refusal,
//! and at the end what became of the request.
//!
//! Without a key it talks to a server of its own on loopback that behaves as DeepSeek does under load:
//!
//! ```text
//! cargo run --example chat
//! cargo run --example chat -- --no-stream
//! cargo run --example chat -- --scenario closed-while-queued
//! DEEPSEEK_API_KEY=… cargo run -p llm-response-chat-tls -- Why is the sky blue?
//! ```
//!
//! What every client needs is in [`read`] and in [`answer`]: the parser gives events, [`typed`] turns one into a chunk of
//! an answer, an `Accumulator` puts the chunks together, and [`end`] decides by its `Conclusion`. The rest is this client's
//! own.
//!
//! It reads chat completions, Anthropic's messages and OpenAI's Responses, as streams and as bodies, and bodies of
//! Ollama's own API. Any other response is an error, never an empty answer.

mod answer;
mod api;
mod end;
mod failure;
mod screen;
#[path = "../server/mod.rs"]
mod server;
#[path = "../typed.rs"]
mod typed;

use std::io::{self, Read};
use std::process::ExitCode;

use clap::Parser as _;
use llm_response::{Event, Outcome, Parser, Phase};

use answer::Answer;
use api::Api;
use failure::Failure;
use screen::Screen;
use server::Scenario;

/// Asks a model, and shows what its response says while it says it.
///
/// With DEEPSEEK_API_KEY set it asks the real API; that takes TLS, which `cargo run -p llm-response-chat-tls` has.
/// Otherwise it asks a server of its own on loopback, which behaves as DeepSeek does under load.
///
/// It reads chat completions, Anthropic's messages and OpenAI's Responses, as streams and as bodies, and bodies of Ollama's
/// own API. Any other response is an error, never an empty answer.
#[derive(Debug, clap::Parser)]
#[command(name = "chat", after_long_help = failure::EXIT_CODES)]
struct Args {
    /// What to ask
    #[arg(default_value = "Why do I see keep-alives before the answer?")]
    prompt: Vec<String>,

    /// Ask for one JSON body instead of a stream
    #[arg(long)]
    no_stream: bool,

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

fn main() -> ExitCode {
    let args = Args::parse();
    match Api::choose(&args).and_then(|api| chat(&api, &args, Screen::stdout())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            failure.exit_code().into()
        }
    }
}

fn chat(api: &Api, args: &Args, mut screen: Screen) -> Result<(), Failure> {
    screen.note(&api.to_string())?;
    let mut answer = Answer::new(screen);
    let response = api.ask(args)?;
    let status = response.status();
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok());
    let retry_after = retry_after.map(str::to_owned);
    let outcome = read(response.into_body().into_reader(), &mut answer)?;
    answer.finish(status, retry_after, outcome)
}

/// Reads a response to its end, and says what that end means.
fn read(mut body: impl Read, answer: &mut Answer) -> Result<Outcome, Failure> {
    let mut parser = Parser::new();
    let mut buffer = vec![0; 16 * 1024];

    // A server may keep the connection open after the end of the response: the parser knows when it has come.
    while parser.phase() != Phase::Complete {
        let length = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                // What has come until now still tells whether another attempt is safe.
                answer.connection_broke(error);
                break;
            }
        };
        let mut chunk = &buffer[..length];
        while parser.phase() != Phase::Complete {
            let Some(event) = parser.next_event(&mut chunk)? else {
                break;
            };
            answer.take(event)?;
        }
        answer.observe(&parser)?;
    }

    let finish = parser.finish()?;
    if let Some(event) = finish.event.filter(|event| !is_torn(event, finish.outcome)) {
        answer.take(event)?;
    }
    Ok(finish.outcome)
}

/// Whether the last event is a line that lacks its end, and with it perhaps the most of it. In a stream it is a piece of an
/// event, which nobody should take for the server's words. Where nothing is a stream it is all that there is, such as a
/// gateway's line of text, unless a stream may begin like that.
fn is_torn(event: &Event<'_>, outcome: Outcome) -> bool {
    let Event::Unknown(line) = event else { return false };
    let beginnings = ["data:", "event:", "id:", "retry:", "[DONE]"];
    outcome != Outcome::Unrecognized || beginnings.iter().any(|whole| whole.as_bytes().starts_with(line))
}

#[cfg(test)]
mod tests;
