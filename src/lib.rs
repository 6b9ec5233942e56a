//! Reads what language models answer: a zero-copy, incremental, push-based parser of response bodies.
//!
//! While a request waits for inference, DeepSeek's API keeps the connection open and sends empty lines where a JSON
//! answer was asked for and comments where a stream was; OpenAI-compatible servers have a dozen habits of their own.
//! Bytes from any transport go into a [`Parser`], in chunks of any size; [`Event`]s come out with the byte that completes
//! them; and at the end [`Parser::finish`] gives a verdict: complete, cut off, or closed while still queued.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Event, Outcome, Parser};
//!
//! # let transport = [&b": keep-alive\n\ndata: {\"text\":\"Hel"[..], b"lo\"}\n\ndata: [DONE]\n\n"];
//! let mut parser = Parser::new();
//! for mut chunk in transport {
//!     while let Some(event) = parser.next_event(&mut chunk)? {
//!         match event {
//!             Event::KeepAlive(_) => {}                  // the server is alive: restart the timer for silence
//!             Event::Data(data) if data.is_error() => {} // an error under status 200
//!             Event::Data(data) => println!("{}", data.to_str_lossy()),
//!             Event::Body(body) => println!("{}", body.to_str_lossy()), // JSON where a stream was expected
//!             other => println!("{other:?}"),            // `Done`, or an `Unknown` line such as HTML
//!         }
//!     }
//! }
//! let finish = parser.finish()?;
//! assert_eq!(finish.event, None); // else an event that lacks its last line end
//! assert_eq!(finish.outcome, Outcome::Complete);
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! # What it promises
//!
//! * **Chunks do not matter.** The same bytes give the same events, positions and verdict however they are cut.
//! * **Nothing is copied that no cut makes necessary.** An event that lies whole in its chunk is a slice of it. Data of
//!   several lines, ids, and blocks that a comment interrupts are stored.
//! * **Memory is bounded** by [`Options::max_len`] plus the last event id, and by the size of a [`SliceBuffer`] where
//!   there is no allocator. While it waits, a parser holds none beside the last event id.
//! * **No input panics**, and none is lost in silence: what is no event is an [`Event::Unknown`], an [`Error`] with its
//!   offset, or [`Finish::rest`].
//! * **No I/O, no clock, no `unsafe`.**
//!
//! # From where the bytes come
//!
//! | transport | entry | feature |
//! |---|---|---|
//! | slices, from anywhere | [`Parser::next_event`], [`Parser::next_output`], [`Parser::push`] | none |
//! | `Bytes`, events that outlive the chunk | `Parser::next_owned` | `bytes` |
//! | a `Stream` or an `http_body::Body`: reqwest, hyper, axum | `EventStream` | `futures` |
//! | `std::io::Read`: ureq, files, sockets | `EventReader` | `std` |
//! | none of these has a clock | [`Watchdog`] | none |
//!
//! # Features
//!
//! Features only add items.
//!
//! | feature | adds | needs |
//! |---|---|---|
//! | `std` (default) | `EventReader`; faster search, by the processor's features | `alloc` |
//! | `alloc` | [`HeapBuffer`], `Parser::new`, `to_str_lossy` | an allocator |
//! | `serde` | `Data::deserialize`, `Body::deserialize` | `alloc`, `serde`, `serde_json` |
//! | `bytes` | `OwnedEvent`, `Parser::next_owned` | `alloc`, `bytes` |
//! | `futures` | `EventStream` | `bytes`, `futures-core` |
//!
//! # Errors in a response
//!
//! An API error may come under status 200, as a body or within a stream: ask [`Data::is_error`] and [`Body::is_error`].
//! An [`Error`] of this crate says only that the bytes cannot be read any further.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod block;
mod body;
#[cfg(any(feature = "std", feature = "futures"))]
mod break_off;
mod buffer;
mod common;
mod cut_line;
mod error;
mod error_object;
mod event;
#[cfg(feature = "std")]
mod event_reader;
#[cfg(feature = "futures")]
mod event_stream;
mod field;
mod finish;
mod flags;
mod found;
#[cfg(feature = "alloc")]
mod heap_buffer;
mod json;
mod lead_in;
mod lines;
mod masks;
#[cfg(not(feature = "alloc"))]
mod no_heap;
mod options;
mod outcome;
#[cfg(feature = "bytes")]
mod owned;
#[cfg(feature = "bytes")]
mod owned_event;
mod parser;
#[cfg(feature = "std")]
mod read_error;
mod scan;
mod step;
mod store;
#[cfg(feature = "futures")]
mod stream_error;
mod watchdog;
mod whole_lines;

pub use buffer::{Buffer, SliceBuffer};
pub use error::{Error, ErrorKind};
pub use event::{Body, Data, Event, KeepAlive};
#[cfg(feature = "std")]
pub use event_reader::EventReader;
#[cfg(feature = "futures")]
pub use event_stream::EventStream;
#[cfg(feature = "alloc")]
pub use heap_buffer::HeapBuffer;
#[cfg(not(feature = "alloc"))]
pub use no_heap::HeapBuffer;
pub use options::{Dialect, Format, Options};
pub use outcome::{Finish, Outcome, Phase};
#[cfg(feature = "bytes")]
pub use owned_event::{OwnedBody, OwnedData, OwnedEvent, OwnedFinish, OwnedKeepAlive};
pub use parser::Parser;
#[cfg(feature = "std")]
pub use read_error::ReadError;
#[cfg(feature = "futures")]
pub use stream_error::StreamError;
pub use watchdog::{Expired, Timer, Watchdog};

/// The README's examples are tests.
#[cfg(all(doctest, feature = "std", feature = "serde", feature = "futures"))]
#[doc = include_str!("../README.md")]
struct Readme;
