//! Asks a model and shows the response while it is received: keep-alives, reasoning, answer, tool calls, refusal, and at the end
//! how the request ended.
//!
//! Without an API key, it talks to a local server that behaves like DeepSeek under load:
//!
//! ```text
//! cargo run --example chat
//! cargo run --example chat -- --no-stream
//! cargo run --example chat -- --scenario closed-while-queued
//! DEEPSEEK_API_KEY=… cargo run -p llm-response-chat-tls -- Why is the sky blue?
//! ```
//!
//! Every client needs the code of [`read`] and [`answer`]: the parser gives events, [`typed`] turns an event into a chunk of an
//! answer, an `Accumulator` joins the chunks, and [`end`] evaluates the `Conclusion`. The rest is specific to this client.
//!
//! It reads streams and bodies of chat completions, of Anthropic's messages API and of OpenAI's Responses API, and bodies of
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

/// Asks a model and shows the response while it is received.
///
/// If DEEPSEEK_API_KEY is set, it uses the real API. This needs TLS: run `cargo run -p llm-response-chat-tls`. Otherwise it uses
/// a local server that behaves like DeepSeek under load.
///
/// It reads streams and bodies of chat completions, of Anthropic's messages API and of OpenAI's Responses API, and bodies of
/// Ollama's own API. Any other response is an error, never an empty answer.
#[derive(Debug, clap::Parser)]
#[command(name = "chat", after_long_help = failure::EXIT_CODES)]
struct Args {
    /// What to ask
    #[arg(default_value = "Why do I see keep-alives before the answer?")]
    prompt: Vec<String>,

    /// Ask for one JSON body instead of a stream
    #[arg(long)]
    no_stream: bool,

    /// Use the local server, even if a key is set, and choose what it sends
    #[arg(long, value_enum, conflicts_with = "base_url")]
    scenario: Option<Scenario>,

    /// Use the API at this address, with the key in DEEPSEEK_API_KEY if it is set
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

/// Reads a response to its end, and returns the outcome.
fn read(mut body: impl Read, answer: &mut Answer) -> Result<Outcome, Failure> {
    let mut parser = Parser::new();
    let mut buffer = vec![0; 16 * 1024];

    // A server may keep the connection open after the end of the response. The parser knows when the response is complete.
    while parser.phase() != Phase::Complete {
        let length = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                // The part that was received still shows whether a retry is safe.
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

/// Whether the last event is an incomplete line that should not be shown. In a stream, a line without its end is a piece of an
/// event. If the response is not a stream, the line is a text to show, such as a gateway's message, unless it may be the
/// beginning of a stream.
fn is_torn(event: &Event<'_>, outcome: Outcome) -> bool {
    let Event::Unknown(line) = event else { return false };
    let beginnings = ["data:", "event:", "id:", "retry:", "[DONE]"];
    outcome != Outcome::Unrecognized || beginnings.iter().any(|whole| whole.as_bytes().starts_with(line))
}

#[cfg(test)]
mod tests;
