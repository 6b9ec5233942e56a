//! What has been said so far, and when; how it is shown and, at the end, judged.

use std::io;
use std::time::{Duration, Instant};

use llm_response::{Event, Outcome};
use ureq::http::StatusCode;

use crate::failure::Failure;
use crate::halves::Halves;
use crate::message::{Message, TypedEvent, Usage, error_text};
use crate::screen::{Screen, seconds};

/// How much is kept of what is no answer.
const FOREIGN_LEN: usize = 400;

/// An answer that is arriving.
pub(crate) struct Answer {
    pub(crate) screen: Screen,
    sent: Instant,
    keep_alives: u64,
    /// When the request left the queue.
    begun: Option<Duration>,
    /// When the first token of reasoning or answer came.
    first_token: Option<Duration>,
    finish_reason: Option<String>,
    usage: Option<Usage>,
    error: Option<Reported>,
    broken: Option<io::Error>,
    /// Lines that belong to no event stream: HTML, or what a dying server printed.
    foreign: String,
    halves: Halves,
}

/// An error that the server reported.
enum Reported {
    /// As an event of a stream.
    Event(String),
    /// As a JSON body, or a body that says something else than an answer.
    Body(String),
}

impl Answer {
    /// Nothing yet; the clock starts.
    pub(crate) fn new(screen: Screen) -> Self {
        Self {
            screen,
            sent: Instant::now(),
            keep_alives: 0,
            begun: None,
            first_token: None,
            finish_reason: None,
            usage: None,
            error: None,
            broken: None,
            foreign: String::new(),
            halves: Halves::default(),
        }
    }

    /// Takes what the parser gives.
    pub(crate) fn take(&mut self, event: Event<'_>) -> Result<(), Failure> {
        if let Event::KeepAlive(_) = event {
            return Ok(self.wait()?);
        }
        self.begin()?;
        match event {
            Event::Data(data) if data.is_error() => {
                self.error = Some(Reported::Event(error_text(data.as_bytes())));
            }
            // With the feature `serde`, this is `data.deserialize()?`.
            Event::Data(data) => {
                let json = self.halves.mend(data.as_bytes());
                self.screen.content(self.halves.lost())?;
                let message: Message<'_> = serde_json::from_slice(&json)?;
                match serde_json::from_slice::<TypedEvent>(&json) {
                    Ok(event) if !message.is_answer() => self.show_typed(&event)?,
                    _ => self.show(message)?,
                }
            }
            Event::Body(body) => match serde_json::from_slice::<Message<'_>>(&self.halves.mend(body.as_bytes())) {
                Ok(message) if !body.is_error() && message.is_answer() => self.show(message)?,
                _ => self.error = Some(Reported::Body(error_text(body.as_bytes()))),
            },
            Event::Unknown(line) => self.remember(line),
            // `Done` needs nothing: the outcome tells the same. Versions to come may give other events.
            _ => {}
        }
        Ok(())
    }

    /// The request has left the queue.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        if self.begun.is_none() {
            self.begun = Some(self.sent.elapsed());
            self.screen.end_queue()?;
        }
        Ok(())
    }

    /// The connection broke, which alone says nothing about what was received.
    pub(crate) fn connection_broke(&mut self, error: io::Error) {
        self.broken = Some(error);
    }

    fn wait(&mut self) -> io::Result<()> {
        if self.begun.is_none() {
            self.keep_alives += 1;
            self.screen.queued(self.keep_alives, self.sent.elapsed())?;
        }
        Ok(())
    }

    fn show(&mut self, message: Message<'_>) -> io::Result<()> {
        for choice in &message.choices {
            if let Some(said) = choice.said() {
                let calls = said.tool_calls();
                if !(said.reasoning().is_empty() && said.content().is_empty() && calls.is_empty()) {
                    self.first_token.get_or_insert_with(|| self.sent.elapsed());
                }
                self.screen.reasoning(said.reasoning())?;
                self.screen.content(said.content())?;
                self.screen.content(&calls)?;
            }
            // Some servers say `""` where others say `null`.
            if let Some(reason) = choice.finish_reason.as_ref().filter(|reason| !reason.is_empty()) {
                self.finish_reason = Some(reason.clone());
            }
        }
        self.usage = message.usage.or(self.usage);
        Ok(())
    }

    fn show_typed(&mut self, event: &TypedEvent) -> io::Result<()> {
        let (reasoning, content) = (event.reasoning(), event.content());
        if !(reasoning.is_empty() && content.is_empty()) {
            self.first_token.get_or_insert_with(|| self.sent.elapsed());
        }
        self.screen.reasoning(reasoning)?;
        self.screen.content(&content)?;
        if let Some(reason) = event.finish_reason() {
            self.finish_reason = Some(reason.to_owned());
        }
        Ok(())
    }

    fn remember(&mut self, line: &[u8]) {
        if self.foreign.len() < FOREIGN_LEN {
            let line = &line[..line.len().min(FOREIGN_LEN)];
            self.foreign += String::from_utf8_lossy(line).trim();
            self.foreign.push(' ');
        }
    }

    /// One line: the verdict, the times and the tokens.
    pub(crate) fn show_summary(&mut self, outcome: Outcome) -> io::Result<()> {
        self.screen.content(self.halves.lost_at_the_end())?;
        let total = self.sent.elapsed();
        let mut parts = Vec::new();
        if let Some(reason) = &self.finish_reason {
            parts.push(format!("finish reason {reason}"));
        }
        let queued = seconds(self.begun.unwrap_or(total));
        parts.push(format!("queued {queued}, keep-alives {}", self.keep_alives));
        if let Some(first_token) = self.first_token {
            parts.push(format!("first token after {}", seconds(first_token)));
        }
        parts.push(format!("in all {}", seconds(total)));
        parts.extend(self.usage.map(|usage| usage.to_string()));
        let is_good = outcome.is_complete() && self.error.is_none();
        self.screen
            .summary(&format!("{outcome:?}"), is_good, &parts.join(" · "))
    }

    /// Whether it is an answer, and else what it is.
    pub(crate) fn judge(self, status: StatusCode, outcome: Outcome) -> Result<(), Failure> {
        let foreign = self.foreign.trim_end().to_owned();
        match (self.error, outcome) {
            (Some(Reported::Event(error)), _) => Err(Failure::ErrorInStream(error)),
            (Some(Reported::Body(error)), _) => Err(Failure::Refused(status, error)),
            (None, Outcome::Unrecognized) => Err(Failure::NoAnswer(status, foreign)),
            _ if !status.is_success() => Err(Failure::Refused(status, foreign)),
            (None, Outcome::Complete) => Ok(()),
            // Some servers send no end mark; then the finish reason is as good. It is so as well where the response ends
            // within the end mark, or within what follows the answer.
            (None, Outcome::Unfinished | Outcome::Truncated) if self.finish_reason.is_some() => Ok(()),
            (None, outcome) if outcome.is_safe_to_retry() => Err(Failure::ClosedWhileQueued(self.broken)),
            (None, _) => Err(Failure::Cut(self.broken, foreign)),
        }
    }
}
