//! Shows what a response body says: one line for each event, and its outcome last.
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
