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
//! memory, and repeats the error until [`reset`](crate::Parser::reset). With [`Oversize::Skip`](crate::Oversize::Skip), the
//! event is skipped instead: see [below](#skipping-what-is-too-large).
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
//! # Skipping what is too large
//!
//! A client with one or two kilobytes of memory, or a gateway that only counts, need not fail because one event is large. With
//! [`Oversize::Skip`](crate::Oversize::Skip), the parser drops what it holds of the event, reads to its end without storing
//! anything, and reports it there as [`Event::Skipped`](crate::Event::Skipped) with its length. Events that fit are given as
//! usual.
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
//! assert_eq!(parser.finish()?.outcome, Outcome::Complete); // because of the end mark: `lost` says what is missing
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! What is counted together is skipped together: a block up to its blank line, with the unknown lines that follow in it; a comment
//! up to the end of its line; a body or a value up to its last byte. A comment is not part of a block, so the comments in a skipped
//! block are given if they fit beside the id that is kept.
//!
//! | what is skipped | what still counts of it |
//! |---|---|
//! | a comment | It is a keep-alive, in [`keep_alives`](crate::Parser::keep_alives) too: [`next_output`](crate::Parser::next_output) skips it. |
//! | a block, a body, a value | It may have been output. Without an end mark the outcome is [`Truncated`](crate::Outcome::Truncated), also with `end_mark(false)` and in `Dialect::EventSource`, and never safe to retry. With one it is `Complete`, and the caller has seen `Skipped`. |
//! | text: a block whose lines up to the limit are no fields | It makes a response [`Unrecognized`](crate::Outcome::Unrecognized), as HTML does, or `Truncated` after output. |
//! | the lines of a block before the limit was hit | `Unknown` lines and comments were given, and `retry` was taken, at their own ends. |
//! | `id`, on such a line | It becomes the last event id with the blank line, so a client that resumes does not receive the same event again and again. |
//! | `id`, later | It is not known, and no id of the block is adopted: a client that resumes receives this event once more, and misses none. |
//! | `event` on such a line, else `"type"` as first member of the data so far | If that name ends a stream, such as `response.completed`, `Done` follows. It does not if another `event` line comes later. |
//! | `"done": true` in a value, up to the limit | `Done` follows. |
//! | the end of the input within it | `Truncated`, with nothing in `rest`; a comment is given as [`Finish::event`](crate::Finish::event), as usual. |
//!
//! If you build an answer from its deltas, check for `Skipped`: the end mark may be received although a part is missing.
//!
//! # What to bound yourself
//!
//! The parser limits what it holds, not what it reads: a stream of small events may never end. Limit the time with a
//! [`Watchdog`](crate::Watchdog), and limit what you collect yourself. (`chat::Accumulator` has a limit of its own.)
