//! Limits and memory.
//!
//! One limit bounds what a server can make the parser hold: [`Options::max_len`](crate::Options::max_len), 16 MiB unless
//! another is set. It counts
//!
//! * the lines of one block, each with one byte for its end. So a flood of empty `data:` lines ends too;
//! * one comment, beside the block that it interrupts;
//! * one JSON body, or one value of a JSON stream.
//!
//! It counts all of these whether or not they had to be stored, so that the limit does not depend on chunks. The first byte
//! too many gives [`ErrorKind::TooLong`](crate::ErrorKind::TooLong) with its offset. Errors are final: the parser gives its
//! memory back, and repeats the error until [`reset`](crate::Parser::reset).
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{ErrorKind, Options, Parser};
//!
//! let mut parser = Parser::with_options(Options::new().max_len(16));
//! let error = parser.push(b"data: 1\n\ndata: more than that", |_| {}).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::TooLong { limit: 16 });
//! assert_eq!(parser.position(), error.offset());
//! ```
//!
//! # What is held, and when
//!
//! | when | memory |
//! |---|---|
//! | waiting, keep-alives or not | the last event id; nothing else |
//! | events contained in one chunk | nothing: they are borrowed |
//! | an event that is split over chunks, data of several lines, a block that a comment interrupts | up to `max_len`; an allocator may hold the old and the new block while it grows |
//! | after a large event was stored, and one more was read | at most 4 KiB |
//! | after the end or an error | the last event id |
//!
//! An id is a part of a block, so it may be as long as `max_len`. If it is longer than 4 KiB, as much again is held beside
//! it. `size_of::<Parser>()` is at most 96 bytes. [`shrink`](crate::Parser::shrink) gives spare memory back at once.
//!
//! The adapters hold the current chunk as well. An owned event is a slice of its chunk and keeps all of it in memory as long as the
//! event exists; `OwnedEvent::detach` makes a copy of its own.
//!
//! # Without an allocator
//!
//! [`Parser::in_memory`](crate::Parser::in_memory) stores in a slice, whose size is then the limit (less the last event id).
//!
//! ```
//! use llm_response::{ErrorKind, Options, Parser};
//!
//! let mut memory = [0; 32];
//! let mut parser = Parser::in_memory(&mut memory, Options::new());
//! parser.push(b"data: fits\n\n", |_| {})?;
//! let error = parser.push(b"data: does not fit into thirty-two bytes\n\n", |_| {}).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::TooLong { limit: 32 });
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! # What to bound yourself
//!
//! The parser bounds what it holds, not what it reads: a stream of small events may go on for ever. Bound its time with a
//! [`Watchdog`](crate::Watchdog), and what you collect with a limit of your own (`chat::Accumulator` has one).
