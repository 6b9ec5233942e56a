//! Reconnecting: `id`, `retry` and `restore`.
//!
//! Some servers, such as MCP servers, can resume a stream. The client sends the last event id as the header
//! `Last-Event-ID`, after the time that `retry` asked for. This crate sends nothing, but it keeps both values:
//!
//! | value | where | when it counts |
//! |---|---|---|
//! | last event id | [`Parser::last_event_id`](crate::Parser::last_event_id) | once the block that holds it is complete, with or without data |
//! | reconnection time | [`Parser::retry`](crate::Parser::retry), in milliseconds | at the end of its line |
//!
//! What may be incomplete does not count: the `id` of an event that was not given, or an `id` or `retry` on a last line that has no
//! line end. A client that resumed by such an id would skip an event.
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
//! [`restore`](crate::Parser::restore) works before the first byte of a response, after its end and after an error. Within a
//! response it changes nothing.
//!
//! `EventStream` and `EventReader` keep the parser: take both values from `parser()` after the end, and give the
//! restored parser to `with_parser`. If its transport fails, an adapter does not adopt the id of an event that it did not give.
//!
//! # When to resume, and when to send the request again
//!
//! * The last event id is not empty, and the server can resume: resume, whatever the outcome.
//! * It is empty, and [`Outcome::is_safe_to_retry`](crate::Outcome::is_safe_to_retry) is true: send the request again.
//! * Otherwise output was received and may have been billed: you decide. See [`ends`](super::ends).
//!
//! APIs of language models can rarely resume. Without an `id` in the stream, there is nothing to resume by.
