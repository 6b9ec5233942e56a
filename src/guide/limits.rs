//! Limits and memory.
//!
//! One limit bounds what a server can make the parser hold: [`Options::max_len`](crate::Options::max_len). The default is
//! 16 MiB. It counts
//!
//! * the lines of one block, each with one byte for its end, so even empty `data:` lines reach the limit;
//! * one comment, together with the lines so far of the block that it interrupts;
//! * one JSON body, or one value of a JSON stream.
//!
//! These count whether or not they had to be stored, so the limit does not depend on how the response is split. At the first
//! byte beyond the limit, the parser reports [`ErrorKind::TooLong`](crate::ErrorKind::TooLong) with the offset of that byte.
//! Errors are final: the parser frees its memory, and repeats the error until [`reset`](crate::Parser::reset). With
//! [`Oversize::Skip`](crate::Oversize::Skip), the event is skipped instead: see [below](#skipping-what-is-too-large).
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
//! An id is a part of a block, so it may be as long as `max_len`. For an id of more than 4 KiB, the parser may hold up to twice
//! its length. `size_of::<Parser>()` is at most 96 bytes. [`shrink`](crate::Parser::shrink) frees spare memory at once.
//!
//! The adapters hold the current chunk as well. An owned event is a slice of its chunk, so the whole chunk stays in memory as
//! long as the event exists. `OwnedEvent::detach` copies the event, so that the chunk can be freed.
//!
//! # Without an allocator
//!
//! [`Parser::in_memory`](crate::Parser::in_memory) stores everything in a slice. The limit is then the size of the slice minus
//! the length of the last event id.
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
//! One large event should not stop a client with one or two kilobytes of memory, or a gateway that only counts events. With
//! [`Oversize::Skip`](crate::Oversize::Skip), the parser drops the stored part of the event and reads to the end of the event
//! without storing anything. There it gives [`Event::Skipped`](crate::Event::Skipped) with the length of the event. Events that
//! fit are given as usual.
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
//! assert_eq!((deltas, lost), (1, 6 + 4019)); // the lengths of two lines, including one byte for the end of each
//! assert_eq!(parser.last_event_id(), b"7");
//! assert_eq!(parser.finish()?.outcome, Outcome::Complete); // because of the end mark; only `lost` shows that output is missing
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! The parser skips what the limit counts together:
//!
//! * a block up to its blank line, including the unknown lines that follow within it;
//! * a comment up to the end of its line;
//! * a body or a value up to its last byte.
//!
//! A comment is not part of a block. So comments within a skipped block are given, if they fit into the memory beside the id of
//! the block.
//!
//! The parser reads an event as usual until the limit is reached. What it has read by then still has an effect:
//!
//! | skipped | effect |
//! |---|---|
//! | a comment | It counts as a keep-alive: [`keep_alives`](crate::Parser::keep_alives) includes it, and [`next_output`](crate::Parser::next_output) does not give it. |
//! | a block, a body or a value | It counts as output. If no end mark is received, the outcome is [`Truncated`](crate::Outcome::Truncated) (also with `end_mark(false)` and in `Dialect::EventSource`) and never safe to retry. If an end mark is received, the outcome is `Complete`; only the `Skipped` event shows that something is missing. |
//! | text: a block that has no field before the limit | It counts as HTML does: the outcome is [`Unrecognized`](crate::Outcome::Unrecognized), or `Truncated` if there was output before. |
//! | lines of a block before the limit | `Unknown` lines and comments were already given, and `retry` has already taken effect. |
//! | an `id` before the limit | It becomes the last event id at the blank line. So a client that resumes does not receive the same event again and again. |
//! | an `id` after the limit | The parser does not read it, and ignores every other id of the block. So a client that resumes receives this event once more, and misses none. |
//! | an `event` before the limit; without one, `"type"` as first member of the data | If the name ends a stream, such as `response.completed`, `Done` follows, unless another `event` line comes after the limit. |
//! | `"done": true` in a value, before the limit | `Done` follows. |
//! | an event within which the input ends | The outcome is `Truncated`, and `rest` is empty. A comment is given as [`Finish::event`](crate::Finish::event), as usual. |
//!
//! If you build an answer from deltas, check for `Skipped`: an end mark may be received although a part of the answer is missing.
//!
//! # What to limit yourself
//!
//! The parser limits what it holds, not what it reads: a stream of small events may never end. Limit the time with a
//! [`Watchdog`](crate::Watchdog), and limit what you collect yourself. (`chat::Accumulator` has a limit of its own.)
