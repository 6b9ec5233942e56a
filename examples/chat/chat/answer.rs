//! What has been said so far, and when, and how it is shown.

use std::io;
use std::time::Instant;

use llm_response::chat::{Accumulator, Chunk, Completion, DecodeError, Usage};
use llm_response::{Event, Outcome, Parser, Phase, Watchdog};
use ureq::http::StatusCode;

use crate::end::{End, Reported};
use crate::failure::Failure;
use crate::screen::{Screen, seconds};
use crate::typed;

/// How much is kept of what is no answer.
const FOREIGN_LEN: usize = 400;

/// An answer that is arriving.
pub(crate) struct Answer {
    pub(crate) screen: Screen,
    said: Accumulator,
    /// How many bytes are shown of the reasoning and of the text.
    shown: [usize; 2],
    sent: Instant,
    /// It has no deadlines, because the user sees what happens. It only records figures.
    watchdog: Watchdog,
    has_begun: bool,
    error: Option<Reported>,
    broken: Option<io::Error>,
    /// Lines that belong to no event stream: HTML, or what a dying server printed.
    foreign: String,
    /// JSON that adds nothing to an answer.
    unread: String,
}

impl Answer {
    /// Nothing yet; the clock starts.
    pub(crate) fn new(screen: Screen) -> Self {
        Self {
            screen,
            said: Accumulator::new(),
            shown: [0; 2],
            sent: Instant::now(),
            watchdog: Watchdog::new(),
            has_begun: false,
            error: None,
            broken: None,
            foreign: String::new(),
            unread: String::new(),
        }
    }

    /// Takes what the parser gives.
    pub(crate) fn take(&mut self, event: Event<'_>) -> Result<(), Failure> {
        self.watchdog.on_event(&event, self.sent.elapsed());
        if let Event::KeepAlive(_) = event {
            return Ok(self.wait()?);
        }
        self.begin()?;
        match event {
            Event::Data(data) => self.add(data.as_bytes(), typed::chunk(&data), false),
            Event::Body(body) => self.add(body.as_bytes(), typed::body(&body), true),
            Event::Unknown(line) => {
                remember(&mut self.foreign, line);
                Ok(())
            }
            // `Done` needs nothing: the outcome includes it. Versions to come may give other events.
            _ => Ok(()),
        }
    }

    fn add(&mut self, json: &[u8], chunk: Result<Chunk<'_>, DecodeError<'_>>, is_body: bool) -> Result<(), Failure> {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            // What comes after an error may be another one. The first is the cause.
            Err(DecodeError::Api(error)) => {
                let error = error.into_owned();
                let is_body = is_body && self.said.is_empty();
                self.error.get_or_insert(Reported { error, is_body });
                return Ok(());
            }
            Err(DecodeError::Json { error, .. }) => {
                return Err(Failure::Unreadable(format!("an event is not JSON: {error}").into()));
            }
        };
        if chunk.is_output() {
            // The role, which comes alone in the first chunk, is no token. A body says nothing about its tokens' times.
            if !is_body {
                self.watchdog.on_token(self.sent.elapsed());
            }
        } else if chunk.choices.is_empty() && chunk.usage.is_none() {
            remember(&mut self.unread, json);
        }
        self.said.push(&chunk)?;
        Ok(self.show_news(false)?)
    }

    /// The parser has taken a chunk. The first byte of a JSON body ends the queue, long before the event of the body.
    pub(crate) fn observe(&mut self, parser: &Parser) -> io::Result<()> {
        self.watchdog.observe(parser, self.sent.elapsed());
        if parser.phase() == Phase::Waiting {
            return Ok(());
        }
        self.begin()
    }

    /// The request has left the queue.
    fn begin(&mut self) -> io::Result<()> {
        if !self.has_begun {
            self.has_begun = true;
            self.screen.end_queue()?;
        }
        Ok(())
    }

    /// The connection broke, which alone says nothing about what was received.
    pub(crate) fn connection_broke(&mut self, error: io::Error) {
        self.broken = Some(error);
    }

    fn wait(&mut self) -> io::Result<()> {
        if !self.has_begun {
            self.screen.queued(self.watchdog.keep_alives(), self.sent.elapsed())?;
        }
        Ok(())
    }

    /// Shows what has come since the last time.
    ///
    /// A U+FFFD at the end may be half a character: some servers send the other half with the next delta, and the
    /// accumulator joins them. So it waits.
    fn show_news(&mut self, is_end: bool) -> io::Result<()> {
        let settled = |text: &'_ str| match text.strip_suffix(char::REPLACEMENT_CHARACTER) {
            Some(settled) if !is_end => settled.len(),
            _ => text.len(),
        };
        let (reasoning, content) = (self.said.reasoning(), self.said.content());
        let ends = [settled(reasoning), settled(content)];
        // The ranges are empty where a choice with a lower number comes late: one was asked for.
        let [reasoning_shown, content_shown] = self.shown;
        self.screen
            .reasoning(reasoning.get(reasoning_shown..ends[0]).unwrap_or_default())?;
        self.screen
            .content(content.get(content_shown..ends[1]).unwrap_or_default())?;
        self.shown = ends;
        Ok(())
    }

    /// What is shown as a whole: the arguments of a tool call come in pieces that may belong to any of several calls.
    fn show_rest(&mut self, completion: &Completion<'_>) -> io::Result<()> {
        self.show_news(true)?;
        for choice in &completion.choices {
            if let Some(refusal) = &choice.message.refusal {
                self.screen.refusal(refusal)?;
            }
            for call in &choice.message.tool_calls {
                self.screen.call(&call.function.name, &call.function.arguments)?;
            }
        }
        Ok(())
    }

    /// Shows what remains and one line of figures. Then it says whether it is an answer, and else what it is.
    pub(crate) fn finish(
        mut self,
        status: StatusCode,
        retry_after: Option<String>,
        outcome: Outcome,
    ) -> Result<(), Failure> {
        let completion = self.said.completion();
        self.show_rest(&completion)?;
        let figures = self.figures(outcome);
        let end = End {
            status,
            retry_after,
            outcome,
            completion,
            error: self.error,
            broken: self.broken,
            foreign: self.foreign,
            unread: self.unread,
        };
        let (word, judged) = end.judge();
        self.screen.summary(word, judged.is_ok(), &figures)?;
        judged
    }

    /// The outcome, the times and the tokens.
    fn figures(&self, outcome: Outcome) -> String {
        let total = self.sent.elapsed();
        let mut parts = vec![format!("outcome {outcome:?}")];
        if let Some(reason) = self.said.finish_reason() {
            parts.push(format!("finish reason {}", reason.as_str()));
        }
        let queued = seconds(self.watchdog.time_in_queue().unwrap_or(total));
        parts.push(format!("queued {queued}, keep-alives {}", self.watchdog.keep_alives()));
        if let Some(first_token) = self.watchdog.time_to_first_token() {
            parts.push(format!("first token after {}", seconds(first_token)));
        }
        parts.push(format!("in all {}", seconds(total)));
        parts.extend(self.said.usage().map(tokens));
        parts.join(" · ")
    }
}

fn remember(place: &mut String, line: &[u8]) {
    if place.len() < FOREIGN_LEN {
        let line = &line[..line.len().min(FOREIGN_LEN)];
        if !place.is_empty() {
            place.push(' ');
        }
        *place += String::from_utf8_lossy(line).trim();
    }
}

/// What the server says of the tokens, and no more: where it says nothing, zero would be a claim.
fn tokens(usage: &Usage) -> String {
    let mut parts = Vec::new();
    if let Some(prompt) = usage.prompt_tokens {
        let hit = usage.prompt_cache_hit_tokens.or(usage.cached_tokens);
        let hit = hit.map(|hit| format!(" ({hit} from the cache)")).unwrap_or_default();
        parts.push(format!("{prompt} tokens in{hit}"));
    }
    if let Some(completion) = usage.completion_tokens {
        let reasoning = usage.reasoning_tokens;
        let reasoning = reasoning
            .map(|count| format!(" ({count} of reasoning)"))
            .unwrap_or_default();
        parts.push(format!("{completion} tokens out{reasoning}"));
    }
    parts.join(", ")
}
