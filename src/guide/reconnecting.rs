//! Reconnecting: `id`, `retry` and `restore`.
//!
//! Some servers, such as MCP servers, can resume a stream. The client sends the last event id as the header
//! `Last-Event-ID`, after the time that `retry` asked for. This crate sends nothing, but it keeps both values:
//!
//! | value | where | when it takes effect |
//! |---|---|---|
//! | last event id | [`Parser::last_event_id`](crate::Parser::last_event_id) | once the block that holds it is complete, with or without data |
//! | reconnection time | [`Parser::retry`](crate::Parser::retry), in milliseconds | at the end of its line |
//!
//! The parser ignores values that may be incomplete: the `id` of an event that was not given, and an `id` or `retry` on a last
//! line without a line end. With such an id, a client would skip an event when it resumes.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Error, Event, Parser};
//!
//! let mut parser = Parser::new();
//! parser.push(b"retry: 3000\n\nid: 7\ndata: one\n\nid: 8\ndata: tw", |_| {})?;
//! assert!(parser.finish()?.event.is_none()); // the connection broke within event 8
//! let (id, retry) = (parser.last_event_id().to_vec(), parser.retry());
//! assert_eq!((&id[..], retry), (&b"7"[..], Some(3000))); // wait 3 seconds, then send `Last-Event-ID: 7`
//!
//! parser.reset(); // for the next response; this drops the id
//! parser.restore(&id, retry); // events without an id of their own still have this one
//! let mut chunk = &b"data: two\n\n"[..];
//! assert!(matches!(parser.next_event(&mut chunk)?, Some(Event::Data(data)) if data.id() == b"7"));
//! # Ok::<(), Error>(())
//! ```
//!
//! Call [`restore`](crate::Parser::restore) before the first byte of a response, after its end or after an error. Within a
//! response, it has no effect.
//!
//! `EventStream` and `EventReader` contain a parser: take both values from `parser()` after the end, and give the restored
//! parser to `with_parser`. If the transport fails, an adapter ignores the ids of events that it did not give.
//!
//! # When to resume, and when to send the request again
//!
//! * If the last event id is not empty and the server can resume, resume, whatever the outcome.
//! * If the id is empty and [`Outcome::is_safe_to_retry`](crate::Outcome::is_safe_to_retry) is true, send the request again.
//! * Otherwise, output was received and may have been billed. Whether to send the request again is your decision: see
//!   [`ends`](super::ends).
//!
//! Few APIs of language models can resume. A stream without an `id` cannot be resumed.
