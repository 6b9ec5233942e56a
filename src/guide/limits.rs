//! Limits and memory.
//!
//! One limit bounds what a server can make the parser hold: [`Options::max_len`](crate::Options::max_len). The default is
//! 16 MiB. It counts
//!
//! * the lines of one block, each with one byte for its end, so even empty `data:` lines reach the limit;
//! * one comment, together with the block that it interrupts;
//! * one JSON body, or one value of a JSON stream.
//!
//! These count whether or not they had to be stored, so the limit does not depend on how the response is split. The first byte
//! beyond it gives [`ErrorKind::TooLong`](crate::ErrorKind::TooLong) with its offset. Errors are final: the parser frees its
//! memory, and repeats the error until [`reset`](crate::Parser::reset).
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
//! # What is held in memory
//!
//! | when | memory |
//! |---|---|
//! | while waiting, with or without keep-alives | only the last event id |
//! | events contained in one chunk | nothing more: they are borrowed |
//! | an event that is split over chunks, data of several lines, a block that a comment interrupts | up to `max_len`; while the buffer grows, the allocator may hold the old and the new one |
//! | after a large event was stored, and one more was read | at most 4 KiB |
//! | after the end or an error | only the last event id |
//!
//! An id is a part of a block, so it may be as long as `max_len`. Beside an id of more than 4 KiB, as much memory again may be
//! held. `size_of::<Parser>()` is at most 96 bytes. [`shrink`](crate::Parser::shrink) frees spare memory at once.
//!
//! The adapters hold the current chunk as well. An owned event is a slice of its chunk, and keeps the whole chunk in memory as
//! long as the event exists. `OwnedEvent::detach` copies the event, so that the chunk can be freed.
//!
//! # Without an allocator
//!
//! [`Parser::in_memory`](crate::Parser::in_memory) stores in a slice. The size of the slice, less the last event id, is then the
//! limit.
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
//! The parser limits what it holds, not what it reads: a stream of small events may never end. Limit the time with a
//! [`Watchdog`](crate::Watchdog), and limit what you collect yourself. (`chat::Accumulator` has a limit of its own.)
