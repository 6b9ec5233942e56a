//! An incremental, zero-copy parser for the responses of language model APIs: server-sent events, JSON bodies, JSON streams,
//! and the keep-alives before them.
//!
//! Give the parser the bytes of a response as any transport delivers them, in chunks of any size. It gives each [`Event`] as
//! soon as the event is complete. At the end, [`Parser::finish`] says what the end means: for example that the response is
//! complete, that it is truncated, or that the server closed the connection while the request was still queued.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Event, Outcome, Parser};
//!
//! # let transport = [&b": keep-alive\n\ndata: {\"text\":\"Hel"[..], b"lo\"}\n\ndata: [DONE]\n\n"];
//! let mut parser = Parser::new();
//! for mut chunk in transport {
//!     // Each call takes one event off the front of the chunk. The parser keeps the beginning of a split event.
//!     while let Some(event) = parser.next_event(&mut chunk)? {
//!         match event {
//!             Event::KeepAlive(_) => {} // the connection works: restart the timer for silence
//!             Event::Data(data) if data.is_error() => eprintln!("{}", data.to_str_lossy()), // despite status 200
//!             Event::Data(data) => println!("{}", data.to_str_lossy()),
//!             Event::Body(body) => println!("{}", body.to_str_lossy()), // JSON instead of a stream
//!             other => println!("{other:?}"), // `Done`, or an `Unknown` line such as HTML
//!         }
//!     }
//! }
//! let finish = parser.finish()?;
//! assert_eq!(finish.event, None); // otherwise: a last event without its final line end, to handle like any other
//! assert_eq!(finish.outcome, Outcome::Complete);
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! # Events and outcomes
//!
//! | [`Event`] | what it is | what to do |
//! |---|---|---|
//! | [`KeepAlive`](Event::KeepAlive) | a comment, a blank line or a ping, in a stream or before a body | restart the timer for silence |
//! | [`Data`](Event::Data) | one server-sent event, or one value of a JSON stream | check [`Data::is_error`], then deserialize it |
//! | [`Done`](Event::Done) | the end mark: `[DONE]`, `message_stop`, `response.completed` and others | stop, or read to the end |
//! | [`Body`](Event::Body) | a complete JSON body | check [`Body::is_error`], then deserialize it |
//! | [`Unknown`](Event::Unknown) | a line that is neither a comment nor a known field: HTML, plain text | log it |
//! | [`Skipped`](Event::Skipped) | an event larger than the limit, only with [`Oversize::Skip`] | remember that output is missing |
//!
//! | [`Outcome`] | what was received | send the request again? |
//! |---|---|---|
//! | `Complete` | the end mark, or the whole body | no, unless the response reports a temporary error |
//! | `Empty`, `KeepAliveOnly` | no output: the server closed the connection while the request was queued | yes: [`Outcome::is_safe_to_retry`] |
//! | `Unfinished` | complete events, but no end mark | no: output was billed |
//! | `Truncated` | an incomplete event or body; [`Finish::rest`] holds the part that was received | no: output may have been billed |
//! | `Unrecognized` | lines that are not an event stream | check the lines and the HTTP status first |
//!
//! The page [`guide::ends`] also covers what a parser cannot see, such as status 429.
//!
//! # Input sources
//!
//! | source | entry point | feature |
//! |---|---|---|
//! | slices | [`Parser::next_event`], [`Parser::next_output`], [`Parser::push`] | none |
//! | slices, without an allocator | [`Parser::in_memory`] | none |
//! | `Bytes`, for events that outlive the chunk | `Parser::next_owned` | `bytes` |
//! | a `Stream` of chunks or an `http_body::Body`: reqwest, hyper, axum | `EventStream` | `futures` |
//! | `std::io::Read`: ureq, files, sockets | `EventReader` | `std` |
//!
//! None of these reads a clock. [`Watchdog`], `EventStream::watched` and `EventReader::next_watched` enforce deadlines with a
//! clock of your own: see [`guide::clocks`].
//!
//! # Features
//!
//! Features only add items.
//!
//! | feature | adds | needs |
//! |---|---|---|
//! | `std` (default) | `EventReader`; faster search, because it detects the features of the processor | `alloc` |
//! | `alloc` | [`HeapBuffer`], `Parser::new`, `to_str_lossy` | an allocator |
//! | `serde` | `Data::deserialize`, `Body::deserialize`, `Data::error`, `Body::error`, and the module `chat` | `alloc`, `serde`, `serde_json` |
//! | `bytes` | `OwnedEvent`, `Parser::next_owned` | `alloc`, `bytes` |
//! | `futures` | `EventStream` | `bytes`, `futures-core` |
//!
//! # Typed answers
//!
//! With feature `serde`, the module `chat` reads the answers of OpenAI-compatible servers, Anthropic, OpenAI's Responses API and
//! Ollama. `Data::chunk` gives one piece of an answer, and `Body::completion` gives a whole answer. `chat::Accumulator` joins
//! the pieces. `chat::Conclusion` says how the request ended: it combines the outcome, the API's error and the finish reason.
//!
#![cfg_attr(all(feature = "std", feature = "serde"), doc = "```")]
#![cfg_attr(not(all(feature = "std", feature = "serde")), doc = "```ignore")]
//! use llm_response::{Event, EventReader, chat::{Accumulator, Conclusion}};
//!
//! # let response = &b"\n: queued\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"[..];
//! let (mut events, mut answer) = (EventReader::new(response), Accumulator::new());
//! let mut error = None;
//! while let Some(event) = events.next_output()? {
//!     match event {
//!         Event::Data(data) if data.is_error() => error = data.error().map(|error| error.into_owned()),
//!         Event::Data(data) => answer.push(&data.chunk().map_err(|error| error.to_string())?)?,
//!         Event::Body(body) => error = body.error().map(|error| error.into_owned()),
//!         other => println!("{other:?}"),
//!     }
//! }
//! let outcome = events.outcome().expect("the end was read");
//! assert_eq!(answer.conclusion(outcome, error), Conclusion::Whole);
//! assert_eq!(answer.content(), "Hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Errors in a response
//!
//! A server may report an error although the status is 200, as a body or within a stream. [`Data::is_error`] and
//! [`Body::is_error`] detect it without an allocator. With feature `serde`, `Data::error` and `Body::error` give its message,
//! type, code and status, and say whether a retry may help.
//!
//! An [`Error`] of this crate means something else: the parser cannot read the response any further. It has a kind and an
//! offset.
//!
//! # JSON streams
//!
//! [`Format::JsonStream`] reads NDJSON and JSON lines (Ollama), and the elements of one array (Gemini). Each value is an
//! [`Event::Data`], given as soon as its last byte is received.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Format, Options, Outcome, Parser};
//!
//! let mut parser = Parser::with_options(Options::new().format(Format::JsonStream));
//! let mut events = 0;
//! for chunk in [&b"{\"response\":\"Hel"[..], b"lo\"}\n{\"response\":\"\",\"done\":true}\n"] {
//!     parser.push(chunk, |_| events += 1)?;
//! }
//! assert_eq!(events, 3); // two values, and `Done` after `"done": true`
//! assert_eq!(parser.finish()?.outcome, Outcome::Complete);
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! # Promises
//!
//! * *Chunks do not matter.* The same bytes give the same events, positions and outcome, however they are split.
//! * *Events contained in one chunk are borrowed from it.* There are three exceptions, which are stored: data of several lines,
//!   ids, and blocks that a comment or an unknown line interrupts.
//! * *Memory is bounded* by [`Options::max_len`] plus the last event id. A waiting parser holds only the last event id.
//!   [`guide::limits`] has the details, also for the adapters.
//! * *No input causes a panic, and nothing is dropped silently.* If a part of the input is not an event, you receive an
//!   [`Event::Unknown`], an [`Event::Skipped`], an [`Error`] with its offset, or [`Finish::rest`].
//! * *No I/O, no clock, no `unsafe`, no recursion.*
//!
//! # Guide
//!
//! [`keep_alives`](guide::keep_alives), [`ends`](guide::ends), [`clocks`](guide::clocks), [`limits`](guide::limits),
//! [`chunk_borders`](guide::chunk_borders), [`proxies`](guide::proxies), [`reconnecting`](guide::reconnecting),
//! [`migrating`](guide::migrating).
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod adapters;
#[cfg(feature = "serde")]
pub mod chat;
mod error;
mod event;
pub mod guide;
mod options;
mod outcome;
mod parser;
mod scan;
mod state;
mod store;

#[cfg(feature = "futures")]
pub use adapters::{Bufs, EventStream, StreamError, Watched};
#[cfg(feature = "std")]
pub use adapters::{EventReader, ReadError};
pub use adapters::{Expired, Timer, Watchdog};
#[cfg(feature = "bytes")]
pub use adapters::{OwnedBody, OwnedData, OwnedEvent, OwnedFinish, OwnedKeepAlive};
pub use error::{Error, ErrorKind};
pub use event::{Body, Data, Event, KeepAlive, Skipped};
pub use options::{Dialect, Format, Options, Oversize};
pub use outcome::{Finish, Outcome, Phase};
pub use parser::Parser;
pub use state::{Detached, Found};
pub use store::{Buffer, HeapBuffer, SliceBuffer};

/// The README's examples are tests.
#[cfg(all(doctest, feature = "std", feature = "serde", feature = "futures"))]
#[doc = include_str!("../README.md")]
struct Readme;
