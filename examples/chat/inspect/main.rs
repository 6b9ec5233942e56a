//! Lists the events of a response body, one in each line, and then the outcome.
//!
//! ```text
//! cargo run --example inspect -- response.txt
//! curl -N https://… | cargo run --example inspect
//! printf ': keep-alive\n\ndata: {"a":1}\n\ndata: [DO' | cargo run --example inspect -- --chunk 3
//! cargo run --example inspect -- --text response.txt
//! ```

mod listing;
mod text;
#[path = "../typed.rs"]
mod typed;

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser as _, ValueEnum};
use llm_response::{Dialect, Format, Options, Parser};

use listing::Listing;

const EXIT_CODES: &str = "\
Exit codes:
  0  the response is complete
  1  the response is not complete, or (with --text) contains no answer: see the outcome
  2  wrong arguments
  3  the response cannot be read any further: see the error
  4  the input cannot be read, or the output cannot be written";

/// Lists the events of a response body, one in each line, and then the outcome.
///
/// A line shows the number of bytes up to the end of the event, the time in seconds at which the last of these bytes was
/// received, the kind of the event, and its content. In a terminal, the content is shortened to one line; in a file or a pipe, it
/// is complete.
#[derive(Debug, clap::Parser)]
#[command(name = "inspect", after_long_help = EXIT_CODES)]
struct Args {
    /// The file with the body; standard input if missing or `-`
    file: Option<PathBuf>,

    /// Give the parser chunks of at most this many bytes
    #[arg(long, value_name = "N")]
    chunk: Option<NonZeroUsize>,

    /// The format of the response
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,

    /// The rules for the events of a stream
    #[arg(long, value_enum, default_value_t)]
    dialect: DialectName,

    /// Print only the text of the answer, at the end; errors go to standard error
    #[arg(long)]
    text: bool,

    /// The limit for one event, comment or body, in bytes [default: 16 MiB]
    #[arg(long, value_name = "N")]
    max_len: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum FormatName {
    /// The first byte that is not white space decides
    #[default]
    Auto,
    /// Server-sent events
    EventStream,
    /// One JSON value
    Json,
    /// JSON values one after another, such as NDJSON
    JsonStream,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum DialectName {
    /// The rules that APIs of language models follow
    #[default]
    Llm,
    /// The rules of the HTML standard
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

/// Returns the exit code, or an error of reading or writing.
fn inspect(args: &Args) -> io::Result<u8> {
    let mut input = open(args.file.as_deref())?;
    if args.text {
        return text::text_alone(args, input, &mut io::stdout().lock());
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
        let arrived = listing.elapsed();
        for mut chunk in buffer[..length].chunks(piece) {
            loop {
                match parser.next_event(&mut chunk) {
                    Ok(None) => break,
                    Ok(Some(event)) => {
                        listing.watch(&event, arrived);
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

fn finish(mut parser: Parser, mut listing: Listing) -> io::Result<u8> {
    let finish = match parser.finish() {
        Ok(finish) => finish,
        Err(error) => return listing.error(error),
    };
    let outcome = finish.outcome;
    let arrived = listing.elapsed();
    let last = finish.event.map(|event| {
        listing.watch(&event, arrived);
        listing.describe(event)
    });
    let rest = listing.shorten(finish.rest);
    if let Some(line) = last {
        listing.line(parser.position(), arrived, &line)?;
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
