//! Chunk borders: what happens when an event is split, and how that is tested.
//!
//! A transport may split a response anywhere: within a character, between CR and LF, within the byte order mark. The promise is:
//!
//! *The same bytes give the same events, positions and outcome, however they are split.* An event is given as soon as the byte
//! that completes it is received, and no byte after that one is taken.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Error, Parser};
//!
//! fn trace<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<String>, Error> {
//!     let mut parser = Parser::new();
//!     let mut trace = Vec::new();
//!     for chunk in chunks {
//!         parser.push(chunk, |event| trace.push(format!("{event:?}")))?;
//!     }
//!     trace.push(format!("{:?}", parser.finish()?));
//!     Ok(trace)
//! }
//!
//! let response = "\u{feff}: keep-alive\r\n\r\ndata: {\"text\":\"深度\"}\r\n\r\ndata: [DONE]\r\n\r\n".as_bytes();
//! let whole = trace([response])?;
//! assert_eq!(whole, trace(response.chunks(1))?);
//! for border in 0..=response.len() {
//!     let (left, right) = response.split_at(border);
//!     assert_eq!(whole, trace([left, right])?);
//! }
//! # Ok::<(), Error>(())
//! ```
//!
//! # What is copied
//!
//! Events contained in one chunk are borrowed from it. If a chunk ends within an event, the parser stores the beginning of the
//! event, and the next chunk completes it. Data of several lines is stored too, because its line ends are replaced by LF.
//! No byte is searched twice, so the time is linear in the number of bytes, for chunks of any size.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Event, Parser};
//!
//! let chunk = &b"data: whole\n\nda"[..];
//! let mut rest = chunk;
//! let mut parser = Parser::new();
//! let Some(Event::Data(data)) = parser.next_event(&mut rest)? else { panic!() };
//! assert_eq!(data.as_bytes().as_ptr(), chunk[6..].as_ptr()); // the same memory
//! assert!(parser.next_event(&mut rest)?.is_none()); // `da` is stored
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! # How it is tested
//!
//! * `tests/common/reference.rs` is a naive decoder. It reads the whole input, was written only from the rules, and shares no
//!   code with the parser. It is tested against traces written by hand (`tests/rules/reference.rs`).
//! * `tests/rules/small_world.rs` tries *every* string of tokens up to a certain length, split in every feasible way, and
//!   compares the parser with the naive decoder.
//! * `tests/rules/splits.rs` does the same with long random responses and random splits; the fuzz target `chunk_splits`
//!   is guided by coverage.
//! * `tests/rules/rules.rs` runs each response in one chunk, byte by byte, and split once at every position.
//! * `tests/adapters/same_events.rs` compares owned events, readers and streams with the parser.
//! * `tests/cost/main.rs` proves borrowing by comparing pointers, and linear time by counting stored bytes.
//!
//! The figures and commands are in `tests/PROOF.md`.
