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
//! memory back, and repeats the error until [`reset`](crate::Parser::reset). With [`Oversize::Skip`](crate::Oversize::Skip) the
//! event is passed over instead: see [below](#passing-over-what-is-too-large).
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
//! # Passing over what is too large
//!
//! A client with one or two kilobytes, and a gateway that only meters, need not fail because one event is large. With
//! [`Oversize::Skip`](crate::Oversize::Skip) the parser drops what it holds of the event, reads on to its end without
//! storing anything, and reports it there as [`Event::Skipped`](crate::Event::Skipped) with its length. Events that fit are
//! given as ever.
//!
//! ```
//! use llm_response::{Event, Options, Outcome, Oversize, Parser};
//!
//! let mut memory = [0; 64];
//! let mut parser = Parser::in_memory(&mut memory, Options::new().oversize(Oversize::Skip));
//! let (mut deltas, mut lost) = (0, 0);
//! for chunk in [&b"data: {\"text\":\"Hi\"}\n\nid: 7\ndata: {\"image\":\""[..], &[b'A'; 4000], b"\"}\n\ndata: [DONE]\n\n"] {
//!     parser.push(chunk, |event| match event {
//!         Event::Data(_) => deltas += 1,
//!         Event::Skipped(skipped) if !skipped.is_keep_alive() => lost += skipped.len(),
//!         _ => {}
//!     })?;
//! }
//! assert_eq!((deltas, lost), (1, 6 + 4019)); // two lines, each with one byte for its end
//! assert_eq!(parser.last_event_id(), b"7");
//! assert_eq!(parser.finish()?.outcome, Outcome::Complete); // the end mark came: `lost` says what is missing
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! What is counted together is passed over together: a block to its blank line, with the unknown lines in it that come after the limit
//! was hit; a comment to its line's end; a body or a value to its last byte. A comment is no part of a block, so those within a
//! block that is passed over are given if they fit, beside the id that is kept.
//!
//! | what | what still counts of it |
//! |---|---|
//! | a comment | It is a keep-alive, in [`keep_alives`](crate::Parser::keep_alives) too: [`next_output`](crate::Parser::next_output) passes it over. |
//! | a block, a body, a value | It may have been output. Without an end mark the outcome is [`Truncated`](crate::Outcome::Truncated), also with `end_mark(false)` and in `Dialect::EventSource`, and never safe to retry. With one it is `Complete`, and the caller has seen `Skipped`. |
//! | text: a block whose lines up to the limit are no fields | It makes a response [`Unrecognized`](crate::Outcome::Unrecognized), as HTML does, or `Truncated` after output. |
//! | the lines of a block before the limit was hit | `Unknown` lines and comments were given, and `retry` was taken, at their own ends. |
//! | `id`, on such a line | It becomes the last event id with the blank line, so that a client which resumes is not sent the same event for ever. |
//! | `id`, later | It is not known, and no id of the block is adopted: a client which resumes is sent this event once more, and misses none. |
//! | `event` on such a line, else `"type"` as first member of the data so far | If that name ends a stream, such as `response.completed`, `Done` follows. It does not if another `event` line comes later. |
//! | `"done": true` in a value, up to the limit | `Done` follows. |
//! | the end of the input within it | `Truncated`, with nothing in `rest`; a comment is given as [`Finish::event`](crate::Finish::event), as ever. |
//!
//! Whoever puts an answer together from its deltas must look at `Skipped`: the end mark may come all the same.
//!
//! # What to bound yourself
//!
//! The parser bounds what it holds, not what it reads: a stream of small events may go on for ever. Bound its time with a
//! [`Watchdog`](crate::Watchdog), and what you collect with a limit of your own (`chat::Accumulator` has one).
