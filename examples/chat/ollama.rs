//! Asks Ollama by its own API, which answers in lines of JSON, and shows the typed answer.
//!
//! Without an address it asks a server of its own on loopback:
//!
//! ```text
//! cargo run --example ollama
//! cargo run --example ollama -- --ending error
//! cargo run --example ollama -- --base-url http://localhost:11434 --model llama3.2 Why is the sky blue?
//! ```

mod server;

use std::error::Error;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use llm_response::chat::{Accumulator, Conclusion};
use llm_response::{Event, EventReader, Format, Options, Phase};
use serde_json::json;
use server::{Ending, Server, ollama};
use ureq::Agent;

/// Asks Ollama by its own API, or a server on loopback that answers as Ollama does.
#[derive(Debug, clap::Parser)]
#[command(name = "ollama")]
struct Args {
    /// What to ask
    #[arg(default_value = "Say hello.")]
    prompt: Vec<String>,

    /// Ask the Ollama at this address
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    /// How the response of the server on loopback ends
    #[arg(long, value_enum, default_value_t, conflicts_with = "base_url")]
    ending: Ending,

    /// The model to ask
    #[arg(long, default_value = "llama3.2")]
    model: String,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let args = Args::parse();
    // It answers as long as it is held.
    let mut loopback = None;
    let base_url = match &args.base_url {
        Some(base_url) => base_url.trim_end_matches('/').to_owned(),
        None => {
            let ending = args.ending;
            let pause = Duration::from_millis(80);
            let server = loopback.insert(Server::start_with(move |_| ollama::reply(ending, pause))?);
            server.url("")
        }
    };
    show(ask(&format!("{base_url}/api/chat"), &args)?)
}

fn ask(url: &str, args: &Args) -> Result<impl Read + use<>, ureq::Error> {
    let config = Agent::config_builder()
        // The body of an error says more than its status.
        .http_status_as_error(false)
        // A decompressor would hold the latest events back.
        .accept_encoding("identity")
        // A model that is loaded from a disk says nothing for a long time, and Ollama sends no keep-alives.
        .timeout_per_read(Some(Duration::from_secs(300)))
        // Ollama runs on this machine, or near it.
        .proxy(None);
    let response = Agent::from(config.build()).post(url).send_json(json!({
        "model": args.model,
        "messages": [{"role": "user", "content": args.prompt.join(" ")}],
    }))?;
    Ok(response.into_body().into_reader())
}

fn show(body: impl Read) -> Result<ExitCode, Box<dyn Error>> {
    let mut out = io::stdout();
    let (answer, conclusion) = read(body, |text| {
        out.write_all(text.as_bytes())?;
        out.flush()
    })?;
    if let Some(usage) = answer.usage() {
        eprintln!(
            "[{:?} tokens in, {:?} out]",
            usage.prompt_tokens, usage.completion_tokens
        );
    }
    eprintln!("[{conclusion:?}]");
    Ok(match conclusion {
        Conclusion::Whole => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Reads a response to its end; `on_text` gets each piece of the answer when it arrives.
fn read(
    body: impl Read,
    mut on_text: impl FnMut(&str) -> io::Result<()>,
) -> Result<(Accumulator, Conclusion<'static>), Box<dyn Error>> {
    let mut reader = EventReader::with_options(body, Options::new().format(Format::JsonStream));
    let (mut answer, mut reported) = (Accumulator::new(), None);
    // The server may keep the connection open after the last line.
    while reader.parser().phase() != Phase::Complete {
        let Some(event) = reader.next_event()? else { break };
        let Event::Data(data) = event else { continue };
        if let Some(error) = data.error() {
            reported = Some(error.into_owned());
            continue;
        }
        // An error borrows the line, which is gone with the next one: its text is kept.
        let chunk = data.ollama().map_err(|error| error.to_string())?.chunk();
        for choice in &chunk.choices {
            on_text(choice.delta.content.as_deref().unwrap_or_default())?;
        }
        answer.push(&chunk)?;
    }
    let outcome = reader.close();
    let conclusion = answer.completion().conclusion(outcome, reported);
    Ok((answer, conclusion))
}

#[cfg(test)]
mod tests {
    use llm_response::chat::FinishReason;

    use super::*;

    /// Over a real connection: the text as it arrived, the answer, and how it ended.
    fn asked(ending: Ending) -> (String, Accumulator, Conclusion<'static>) {
        let server = Server::start_with(move |_| ollama::reply(ending, Duration::ZERO)).unwrap();
        let body = ask(&server.url("/api/chat"), &Args::parse_from(["ollama"])).unwrap();
        let mut text = String::new();
        let (answer, conclusion) = read(body, |piece| {
            text += piece;
            Ok(())
        })
        .unwrap();
        (text, answer, conclusion)
    }

    #[test]
    fn an_answer_is_read_to_its_last_line() {
        let (text, answer, conclusion) = asked(Ending::Done);
        assert_eq!(text, "Grüß dich!\n");
        assert_eq!(answer.content(), text);
        assert_eq!(answer.reasoning(), "A greeting.");
        assert_eq!(answer.finish_reason(), Some(&FinishReason::Stop));
        let usage = answer.usage().unwrap();
        assert_eq!((usage.prompt_tokens, usage.completion_tokens), (Some(11), Some(4)));
        assert_eq!(conclusion, Conclusion::Whole);
    }

    #[test]
    fn an_error_in_the_stream_is_reported_and_not_retried_after_text() {
        let (text, _, conclusion) = asked(Ending::Error);
        assert_eq!(text, "Grüß dich!\n");
        let Conclusion::Failed { error, retry } = conclusion else {
            panic!("{conclusion:?}");
        };
        assert_eq!(error.message, "model runner has unexpectedly stopped");
        assert!(!retry);
    }

    #[test]
    fn a_stream_that_ends_early_is_truncated() {
        for ending in [Ending::Truncated, Ending::Unfinished] {
            let (text, answer, conclusion) = asked(ending);
            assert_eq!(text, "Grüß dich!\n");
            assert_eq!(answer.finish_reason(), None);
            assert_eq!(conclusion, Conclusion::Truncated, "{ending:?}");
        }
    }
}
