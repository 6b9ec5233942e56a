//! Shows what a response body says: one line for each event, and its outcome last.
//!
//! ```text
//! cargo run --example inspect -- response.txt
//! curl -N https://… | cargo run --example inspect
//! printf ': keep-alive\n\ndata: {"a":1}\n\ndata: [DO' | cargo run --example inspect -- --chunk 3
//! cargo run --example inspect -- --text response.txt
//! ```

mod typed;

use std::env;
use std::fs::File;
use std::io::{self, IsTerminal, Read, StdoutLock, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anstyle::{AnsiColor, Style};
use clap::{Parser as _, ValueEnum};
use llm_response::chat::{Accumulator, ApiError, Conclusion, DecodeError};
use llm_response::{Data, Dialect, Event, Format, KeepAlive, Options, Outcome, Parser};
use terminal_size::{Width, terminal_size_of};

const EXIT_CODES: &str = "\
Exit codes:
  0  the response is complete
  1  it is not, or (with --text) there is no answer in it: see the outcome
  2  wrong arguments
  3  it cannot be read any further: see the error
  4  the input cannot be read, or the output cannot be written";

/// Shows what a response body says: one line for each event, and its outcome last.
///
/// A line gives the byte at which the event ended (how many bytes of the response had been taken), the seconds since
/// the start at which that byte arrived, the kind of the event, and its content. A terminal gets as much of the content
/// as fits into a line; a file or a pipe gets all of it.
#[derive(Debug, clap::Parser)]
#[command(name = "inspect", after_long_help = EXIT_CODES)]
struct Args {
    /// The file that holds the body; standard input if absent or `-`
    file: Option<PathBuf>,

    /// Feed the parser in pieces of at most this many bytes
    #[arg(long, value_name = "N")]
    chunk: Option<NonZeroUsize>,

    /// What the bytes are taken for
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,

    /// What the events of a stream mean
    #[arg(long, value_enum, default_value_t)]
    dialect: DialectName,

    /// Print the text of the answer and nothing else, at its end; errors go to standard error
    #[arg(long)]
    text: bool,

    /// The most that is held at a time, in bytes [default: 16 MiB]
    #[arg(long, value_name = "N")]
    max_len: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum FormatName {
    /// The first byte that is no white space decides
    #[default]
    Auto,
    /// Server-sent events
    EventStream,
    /// One JSON value
    Json,
    /// JSON values one after the other, such as lines of JSON
    JsonStream,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum DialectName {
    /// As the APIs of language models use event streams
    #[default]
    Llm,
    /// As the HTML standard has them
    EventSource,
}

fn main() -> ExitCode {
    match inspect(&Args::parse()) {
        Ok(code) => ExitCode::from(code),
        // The reader of our output has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(4),
        Err(error) => {
            eprintln!("inspect: {error}");
            ExitCode::from(4)
        }
    }
}

/// Gives the exit code; an error is one of reading or writing.
fn inspect(args: &Args) -> io::Result<u8> {
    let mut input = open(args.file.as_deref())?;
    if args.text {
        return text_alone(args, input, &mut io::stdout().lock());
    }
    let mut listing = Listing::new();
    let mut parser = Parser::with_options(args.options());
    let mut buffer = vec![0; 64 * 1024];
    let piece = args.chunk.map_or(buffer.len(), NonZeroUsize::get);

    listing.header()?;
    loop {
        let length = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let arrived = listing.seconds();
        for mut chunk in buffer[..length].chunks(piece) {
            loop {
                match parser.next_event(&mut chunk) {
                    Ok(None) => break,
                    Ok(Some(event)) => {
                        // An event borrows the parser: it is put into words before the parser is asked where it is.
                        let line = listing.describe(event);
                        listing.line(parser.position(), arrived, &line)?;
                    }
                    Err(error) => return listing.error(error),
                }
            }
        }
    }
    finish(parser, listing)
}

/// Prints the answer. A character may be split over two events, so nothing is printed before all of it is there.
fn text_alone(args: &Args, mut input: impl Read, out: &mut impl Write) -> io::Result<u8> {
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
            eprintln!("inspect: the API reports an error: {error}");
            false
        }
        Conclusion::Refused => {
            eprintln!("inspect: the model declines to answer, and has no other text");
            true
        }
        Conclusion::Stopped(reason) => {
            eprintln!("inspect: the answer was stopped: {}", reason.as_str());
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

fn finish(mut parser: Parser, mut listing: Listing) -> io::Result<u8> {
    let finish = match parser.finish() {
        Ok(finish) => finish,
        Err(error) => return listing.error(error),
    };
    let outcome = finish.outcome;
    let last = finish.event.map(|event| listing.describe(event));
    let rest = listing.shorten(finish.rest);
    let seconds = listing.seconds();
    if let Some(line) = last {
        listing.line(parser.position(), seconds, &line)?;
    }
    listing.outcome(&parser, outcome, &rest)
}

fn open(file: Option<&Path>) -> io::Result<Box<dyn Read>> {
    match file {
        Some(path) if path != Path::new("-") => match File::open(path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
        },
        _ => Ok(Box::new(io::stdin().lock())),
    }
}

impl Args {
    fn options(&self) -> Options {
        let format = match self.format {
            FormatName::Auto => Format::Auto,
            FormatName::EventStream => Format::EventStream,
            FormatName::Json => Format::Json,
            FormatName::JsonStream => Format::JsonStream,
        };
        let dialect = match self.dialect {
            DialectName::Llm => Dialect::Llm,
            DialectName::EventSource => Dialect::EventSource,
        };
        let options = Options::new().format(format).dialect(dialect);
        match self.max_len {
            Some(max_len) => options.max_len(max_len),
            None => options,
        }
    }
}

/// The columns before the content, and how wide they are together.
const HEADER: &str = "   ends at   seconds  kind          content";
const CONTENT_COLUMN: usize = 36;

/// What is printed, and since when.
struct Listing {
    out: StdoutLock<'static>,
    /// How wide the terminal is, if the output is one.
    width: Option<usize>,
    has_colours: bool,
    start: Instant,
    events: u64,
}

/// An event in words.
struct Line {
    kind: &'static str,
    style: Style,
    content: String,
}

impl Listing {
    fn new() -> Self {
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
        }
    }

    fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    fn header(&mut self) -> io::Result<()> {
        let bold = self.style(Style::new().bold());
        writeln!(self.out, "{bold}{HEADER}{bold:#}")
    }

    fn line(&mut self, position: u64, seconds: f64, line: &Line) -> io::Result<()> {
        self.events += 1;
        let Line { kind, content, .. } = line;
        let style = self.style(line.style);
        writeln!(
            self.out,
            "{position:>10}{seconds:>10.3}  {style}{kind:<12}{style:#}  {content}"
        )
    }

    fn describe(&self, event: Event<'_>) -> Line {
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

    /// Its name and id, where it has any, and then the data.
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
    fn shorten(&self, bytes: &[u8]) -> String {
        escape(
            bytes,
            self.width
                .map_or(usize::MAX, |width| width.saturating_sub(CONTENT_COLUMN)),
        )
    }

    /// The exit code is that of a response that cannot be read any further.
    fn error(&mut self, error: llm_response::Error) -> io::Result<u8> {
        let red = self.style(AnsiColor::Red.on_default().bold());
        writeln!(self.out, "\n{red}Error{red:#}: {error}")?;
        Ok(3)
    }

    /// The exit code is that of the outcome.
    fn outcome(&mut self, parser: &Parser, outcome: Outcome, rest: &str) -> io::Result<u8> {
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
fn escape(bytes: &[u8], columns: usize) -> String {
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
fn meaning(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "all of it has come",
        Outcome::Empty => "nothing came, so the request may be sent again",
        Outcome::KeepAliveOnly => "closed while the request was queued, so it may be sent again",
        Outcome::Unfinished => "whole events but no end mark; from a server that sends one, the end is missing",
        Outcome::Truncated => "it ends within an event or a body; what came has been billed",
        Outcome::Unrecognized => "this is neither an event stream nor JSON; look at the unknown lines",
        _ => "an outcome that this example does not know",
    }
}

#[cfg(test)]
mod tests {
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
