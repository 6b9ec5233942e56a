//! Asks a model, and shows what its response says while it says it: keep-alives, reasoning, answer, verdict.
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
//! What every client needs is in [`read`]; the rest is this client's own.

mod answer;
mod api;
mod failure;
mod halves;
mod message;
mod screen;
#[path = "../server/mod.rs"]
mod server;

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
    match chat(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            failure.exit_code()
        }
    }
}

fn chat(args: &Args) -> Result<(), Failure> {
    let api = Api::choose(args)?;
    let mut answer = Answer::new(Screen::new());
    answer.screen.note(&api.to_string())?;

    let response = api.ask(args)?;
    let status = response.status();
    let outcome = read(response.into_body().into_reader(), &mut answer)?;
    answer.show_summary(outcome)?;
    answer.judge(status, outcome)
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
        if parser.phase() != Phase::Waiting {
            // Also at the first byte of a JSON body, long before its event.
            answer.begin()?;
        }
    }

    let finish = parser.finish()?;
    // What was left in the middle of a line is a piece of an answer, unless nothing here is one: then it is all there is.
    let is_torn = |event: &Event<'_>| matches!(event, Event::Unknown(_)) && finish.outcome != Outcome::Unrecognized;
    if let Some(event) = finish.event.filter(|event| !is_torn(event)) {
        answer.take(event)?;
    }
    Ok(finish.outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":null}]}\n\n";
    const LAST: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    const END: &str = "data: [DONE]\n\n";

    fn judged(body: &[u8]) -> Result<(), Failure> {
        let mut answer = Answer::new(Screen::new());
        let outcome = read(body, &mut answer)?;
        answer.judge(ureq::http::StatusCode::OK, outcome)
    }

    /// The answer is whole: what ends within the end mark, or before it, has one exit code.
    #[test]
    fn after_a_finish_reason_every_end_is_good() {
        let body = [ANSWER, LAST, END].concat();
        for end in ANSWER.len() + LAST.len()..=body.len() {
            let judged = judged(&body.as_bytes()[..end]);
            assert!(
                judged.is_ok(),
                "ends with {:?}: {judged:?}",
                &body[..end].lines().last()
            );
        }
    }

    #[test]
    fn before_a_finish_reason_no_end_is_good_and_no_torn_line_is_quoted() {
        let body = [ANSWER, LAST].concat();
        for end in ANSWER.len()..body.len() - 2 {
            match judged(&body.as_bytes()[..end]) {
                Err(Failure::Cut(None, foreign)) => assert_eq!(foreign, "", "after {end} bytes"),
                judged => panic!("after {end} bytes: {judged:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_answer_is_quoted_to_its_last_line() {
        match judged(b"<html>\n<p>Bad gateway") {
            Err(Failure::NoAnswer(_, foreign)) => assert_eq!(foreign, "<html> <p>Bad gateway"),
            judged => panic!("{judged:?}"),
        }
    }
}
