//! The text of the answer, and nothing else.

use std::io::{self, Read, Write};
use std::num::NonZeroUsize;

use llm_response::chat::{Accumulator, ApiError, Conclusion, DecodeError};
use llm_response::{Event, Parser};

use crate::listing::{escape, meaning};
use crate::{Args, typed};

/// Prints the answer. A character may be split over two events, so everything is printed at the end.
pub(crate) fn text_alone(args: &Args, mut input: impl Read, out: &mut impl Write) -> io::Result<u8> {
    let mut response = Vec::new();
    input.read_to_end(&mut response)?;
    let mut text = Text::default();
    let mut parser = Parser::with_options(args.options());
    let piece = args.chunk.map_or(usize::MAX, NonZeroUsize::get);
    let read = response
        .chunks(piece)
        .try_for_each(|chunk| parser.push(chunk, |event| text.take(event)));
    let outcome = read.and_then(|()| {
        let finish = parser.finish()?;
        finish.event.into_iter().for_each(|event| text.take(event));
        Ok(finish.outcome)
    });
    writeln!(out, "{}", text.answer.content())?;
    if let Some(error) = &text.unreadable {
        eprintln!("inspect: {error}");
    }
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            eprintln!("inspect: {error}");
            return Ok(3);
        }
    };
    if !outcome.is_complete() {
        eprintln!("inspect: {outcome:?}: {}", meaning(outcome));
    }
    let is_answer = match text.answer.conclusion(outcome, text.error) {
        Conclusion::Failed { error, .. } => {
            say("the API reports an error", &error.to_string());
            false
        }
        Conclusion::Refused => {
            let completion = text.answer.completion();
            let refusals = completion.choices.iter().flat_map(|choice| &choice.message.refusal);
            refusals.for_each(|refusal| say("the model declines to answer", refusal));
            true
        }
        Conclusion::Stopped(reason) => {
            say("the answer was stopped", reason.as_str());
            true
        }
        Conclusion::NeverStarted { .. } => {
            eprintln!("inspect: there is no answer in it that this program can read");
            false
        }
        _ => true,
    };
    Ok(u8::from(
        !(is_answer && outcome.is_complete() && text.unreadable.is_none()),
    ))
}

/// Says on stderr what the server says, without what a terminal might obey.
fn say(what: &str, words: &str) {
    eprintln!("inspect: {what}: {}", escape(words.as_bytes(), usize::MAX));
}

/// The answer, and what is in its place.
#[derive(Default)]
struct Text {
    answer: Accumulator,
    error: Option<ApiError<'static>>,
    /// Why an event is no part of the answer.
    unreadable: Option<String>,
}

impl Text {
    fn take(&mut self, event: Event<'_>) {
        let chunk = match event {
            Event::Data(data) => typed::chunk(&data),
            Event::Body(body) => typed::body(&body),
            _ => return,
        };
        let unreadable = match chunk {
            Ok(chunk) => self.answer.push(&chunk).err().map(|error| error.to_string()),
            Err(DecodeError::Api(error)) => {
                self.error.get_or_insert(error.into_owned());
                None
            }
            Err(error) => Some(error.to_string()),
        };
        self.unreadable = self.unreadable.take().or(unreadable);
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    /// What `--text` prints of a response, and the exit code.
    fn text(args: &[&str], response: &str) -> (String, u8) {
        let args = Args::parse_from([&["inspect", "--text"], args].concat());
        let mut out = Vec::new();
        let code = text_alone(&args, response.as_bytes(), &mut out).unwrap();
        (String::from_utf8(out).unwrap(), code)
    }

    #[test]
    fn the_text_alone_is_printed() {
        let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"a\\ud83d\"}}]}\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"\\udc0b\"},\"finish_reason\":\"stop\"}]}\n\n\
            data: [DONE]\n\n";
        for chunk in ["1", "7", "1000"] {
            assert_eq!(text(&["--chunk", chunk], stream), ("a🐋\n".into(), 0));
        }
        let body = r#"{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#;
        assert_eq!(text(&[], body), ("Hi\n".into(), 0));
        let body = r#"{"type":"message","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}"#;
        assert_eq!(text(&[], body), ("Hi\n".into(), 0));
        let lines = "{\"message\":{\"content\":\"H\"},\"done\":false}\n\
            {\"message\":{\"content\":\"i\"},\"done\":true,\"done_reason\":\"stop\"}\n";
        assert_eq!(text(&["--format", "json-stream"], lines), ("Hi\n".into(), 0));
        // Without the format these are several bodies, and no end.
        assert_eq!(text(&[], lines), ("Hi\n".into(), 1));
    }

    #[test]
    fn what_is_no_answer_has_an_exit_code() {
        for response in [
            r#"{"error":{"message":"no"}}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}"#,
            "data: [DONE]\n\n",
            "<html>\n",
            "",
        ] {
            assert_eq!(text(&[], response), ("\n".into(), 1), "{response}");
        }
        assert_eq!(text(&["--max-len", "4"], "data: 12345\n\n"), ("\n".into(), 3));
    }
}
