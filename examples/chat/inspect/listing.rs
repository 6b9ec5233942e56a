//! One line for each event, and the outcome.

use std::env;
use std::io::{self, IsTerminal, StdoutLock, Write};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use llm_response::{Data, Event, KeepAlive, Outcome, Parser, Watchdog};
use terminal_size::{Width, terminal_size_of};

use crate::typed;

/// The columns before the content, and how wide they are together.
const HEADER: &str = "   ends at   seconds  kind          content";
const CONTENT_COLUMN: usize = 36;

/// The output, and when it began.
pub(crate) struct Listing {
    out: StdoutLock<'static>,
    /// The width of the terminal, if the output is one.
    width: Option<usize>,
    has_colours: bool,
    start: Instant,
    events: u64,
    /// Without deadlines, for its figures.
    watchdog: Watchdog,
}

/// An event in words.
pub(crate) struct Line {
    kind: &'static str,
    style: Style,
    content: String,
}

impl Listing {
    pub(crate) fn new() -> Self {
        let out = io::stdout().lock();
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let terminal = out.is_terminal();
        let width = terminal_size_of(&out).map_or(80, |(Width(columns), _)| columns.into());
        Self {
            width: terminal.then_some(width),
            has_colours: terminal && !no_color,
            out,
            start: Instant::now(),
            events: 0,
            watchdog: Watchdog::new(),
        }
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Records when `event` was received, and when the first token was received. An event with only a role holds no token.
    pub(crate) fn watch(&mut self, event: &Event<'_>, arrived: Duration) {
        self.watchdog.on_event(event, arrived);
        if let Event::Data(data) = event {
            if typed::chunk(data).is_ok_and(|chunk| chunk.is_output()) {
                self.watchdog.on_token(arrived);
            }
        }
    }

    pub(crate) fn header(&mut self) -> io::Result<()> {
        let bold = self.style(Style::new().bold());
        writeln!(self.out, "{bold}{HEADER}{bold:#}")
    }

    pub(crate) fn line(&mut self, position: u64, arrived: Duration, line: &Line) -> io::Result<()> {
        self.events += 1;
        let seconds = arrived.as_secs_f64();
        let Line { kind, content, .. } = line;
        let style = self.style(line.style);
        writeln!(
            self.out,
            "{position:>10}{seconds:>10.3}  {style}{kind:<12}{style:#}  {content}"
        )
    }

    pub(crate) fn describe(&self, event: Event<'_>) -> Line {
        let plain = Style::new();
        let dim = plain.dimmed();
        let red = AnsiColor::Red.on_default();
        let green = AnsiColor::Green.on_default();
        let yellow = AnsiColor::Yellow.on_default();
        let (kind, style, content) = match event {
            Event::KeepAlive(KeepAlive::Comment(text)) => ("Comment", dim, self.shorten(text)),
            Event::KeepAlive(KeepAlive::BlankLine) => ("BlankLine", dim, String::new()),
            Event::KeepAlive(KeepAlive::Ping(data)) => ("Ping", dim, self.data(data)),
            Event::Data(data) if data.is_error() => ("Data (error)", red, self.data(data)),
            Event::Data(data) => ("Data", plain, self.data(data)),
            Event::Done => ("Done", green, String::new()),
            Event::Body(body) if body.is_error() => ("Body (error)", red, self.shorten(body.as_bytes())),
            Event::Body(body) => ("Body", plain, self.shorten(body.as_bytes())),
            Event::Unknown(line) => ("Unknown", yellow, self.shorten(line)),
            // Versions to come may say more.
            other => ("?", yellow, format!("{other:?}")),
        };
        Line { kind, style, content }
    }

    /// The name and the id, if the event has them, and then the data.
    fn data(&self, data: Data<'_>) -> String {
        let mut text = Vec::new();
        for (field, value) in [("event", data.event()), ("id", data.id())] {
            if !value.is_empty() {
                text.extend([field.as_bytes(), b"=", value, b" "].concat());
            }
        }
        text.extend(data.as_bytes());
        self.shorten(&text)
    }

    /// As much of `bytes` as fits beside the other columns.
    pub(crate) fn shorten(&self, bytes: &[u8]) -> String {
        escape(
            bytes,
            self.width
                .map_or(usize::MAX, |width| width.saturating_sub(CONTENT_COLUMN)),
        )
    }

    /// Returns the exit code for a response that cannot be read any further.
    pub(crate) fn error(&mut self, error: llm_response::Error) -> io::Result<u8> {
        let red = self.style(AnsiColor::Red.on_default().bold());
        writeln!(self.out, "\n{red}Error{red:#}: {error}")?;
        Ok(3)
    }

    /// Returns the exit code for the outcome.
    pub(crate) fn outcome(&mut self, parser: &Parser, outcome: Outcome, rest: &str) -> io::Result<u8> {
        let colour = if outcome.is_complete() {
            AnsiColor::Green
        } else {
            AnsiColor::Red
        };
        let bold = self.style(colour.on_default().bold());
        writeln!(self.out, "\n{bold}{outcome:?}{bold:#}: {}", meaning(outcome))?;
        if !rest.is_empty() {
            writeln!(self.out, "incomplete: {rest}")?;
        }
        let mut figures = format!(
            "bytes {}, events {}, keep-alives {}",
            parser.position(),
            self.events,
            parser.keep_alives()
        );
        if let Some(first_token) = self.watchdog.time_to_first_token() {
            figures += &format!(", first token after {:.3} s", first_token.as_secs_f64());
        }
        if let Some(retry) = parser.retry() {
            figures += &format!(", retry after {retry} ms");
        }
        if !parser.last_event_id().is_empty() {
            figures += &format!(", last event id {}", self.shorten(parser.last_event_id()));
        }
        writeln!(self.out, "{figures}")?;
        Ok(u8::from(!outcome.is_complete()))
    }

    fn style(&self, style: Style) -> Style {
        if self.has_colours { style } else { Style::new() }
    }
}

/// `bytes` as text of less than so many columns.
pub(crate) fn escape(bytes: &[u8], columns: usize) -> String {
    let characters = bytes.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().flat_map(shown);
        valid.chain(chunk.invalid().escape_ascii().map(char::from))
    });
    let mut text = String::new();
    let mut used = 0;
    for char in characters {
        // From the Hangul Jamo on, a character may take two columns.
        used += if char < '\u{1100}' { 1 } else { 2 };
        if used >= columns {
            text.push('…');
            break;
        }
        text.push(char);
    }
    text
}

/// The character itself, or the escape of one that a terminal might obey: controls, and changes of direction.
fn shown(char: char) -> impl Iterator<Item = char> {
    let obeyed = char.is_control() || matches!(char, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let plain = (!obeyed).then_some(char);
    let escaped = obeyed.then(|| char.escape_default());
    plain.into_iter().chain(escaped.into_iter().flatten())
}

/// What the end of the input says about the response.
pub(crate) fn meaning(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "the whole response was received",
        Outcome::Empty => "nothing was received, so the request can be sent again",
        Outcome::KeepAliveOnly => "the connection was closed while the request was queued, so it can be sent again",
        Outcome::Unfinished => "complete events but no end mark; if the server sends end marks, the end is missing",
        Outcome::Truncated => "the response ends within an event or a body; the received part was billed",
        Outcome::Unrecognized => "this is neither an event stream nor JSON; check the unknown lines",
        _ => "an outcome that this example does not know",
    }
}
