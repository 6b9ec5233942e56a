//! What the end of a response means, and when to send the request again.
//!
//! A closed connection does not show whether the answer is complete. [`Parser::finish`](crate::Parser::finish) says what was
//! received:
//!
//! | [`Outcome`](crate::Outcome) | what was received | send the request again? |
//! |---|---|---|
//! | `Complete` | the end mark of the stream, or the whole body | no, but see *an error body* below |
//! | `Empty` | no line at all | yes |
//! | `KeepAliveOnly` | only keep-alives: the server closed the connection while the request was queued | yes |
//! | `Unfinished` | complete events, but no end mark | no: output was billed |
//! | `Truncated` | an incomplete event or body; `Finish::rest` holds the part that was received | no: output may have been billed |
//! | `Unrecognized` | lines that are not an event stream: HTML or plain text | check the lines and the HTTP status first |
//!
//! [`Outcome::is_safe_to_retry`](crate::Outcome::is_safe_to_retry) is true for `Empty` and `KeepAliveOnly`.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Error, Outcome, Parser};
//!
//! fn outcome(response: &[u8]) -> Result<Outcome, Error> {
//!     let mut parser = Parser::new();
//!     parser.push(response, |_| {})?;
//!     Ok(parser.finish()?.outcome)
//! }
//!
//! assert_eq!(outcome(b"")?, Outcome::Empty);
//! assert_eq!(outcome(b": keep-alive\n\n")?, Outcome::KeepAliveOnly);
//! assert_eq!(outcome(b"data: {}\n\n")?, Outcome::Unfinished);
//! assert_eq!(outcome(b"data: {}\n\ndata: {\"a")?, Outcome::Truncated);
//! assert_eq!(outcome(b"<html>\n")?, Outcome::Unrecognized);
//! assert_eq!(outcome(b"data: {}\n\ndata: [DONE]\n\n")?, Outcome::Complete);
//! # Ok::<(), Error>(())
//! ```
//!
//! If an event was skipped ([`Oversize::Skip`](crate::Oversize::Skip)) and no end mark was received, the outcome is `Truncated`:
//! see [`limits`](super::limits#skipping-what-is-too-large).
//!
//! If a server never sends an end mark, set [`Options::end_mark`](crate::Options::end_mark) to `false`. A response that ends
//! after complete events is then `Complete`. With feature `serde`, `chat::Conclusion` combines the outcome, the API's error and
//! the finish reason.
//!
//! # What a parser cannot see
//!
//! | what happened | what the parser says | what to do |
//! |---|---|---|
//! | no response at all: no connection, no status | nothing: it was never called | If the connection was refused, retry. After a timeout, be careful: the server may have run the request |
//! | status 429 | the body, if there is one | Wait as long as `Retry-After` says (with feature `serde`, `chat::Conclusion::retry_after` reads it), then send the request again |
//! | status 503 with `Retry-After` | the same | the same |
//! | an error body, such as `{"error":{"type":"overloaded_error"}}` | `Complete`: the body is complete | Check `Body::is_error`; with feature `serde`, `ApiError::is_retryable` says whether a retry may help |
//! | empty lines, then an answer that was lost in transit | `KeepAliveOnly` | Retry. The server may have billed the answer that was lost |
//! | an MCP server sent an event with an `id` and empty data, then closed the connection | `KeepAliveOnly` | Resume by the id. The tool may have run, although no output was received: see below |
//!
//! Trust the HTTP status more than `is_error`, which only recognizes known forms of errors. `false` does not mean success.
//!
#![cfg_attr(feature = "serde", doc = "```")]
#![cfg_attr(not(feature = "serde"), doc = "```ignore")]
//! use llm_response::{Event, Outcome, Parser};
//!
//! let mut parser = Parser::new();
//! let mut chunk = &br#"{"error":{"type":"overloaded_error","message":"Overloaded"}}"#[..];
//! let Some(Event::Body(body)) = parser.next_event(&mut chunk)? else { panic!() };
//! assert!(body.error().is_some_and(|error| error.is_retryable())); // a retry may help …
//!
//! let outcome = parser.finish()?.outcome;
//! assert_eq!(outcome, Outcome::Complete); // … although the response is complete
//! assert!(!outcome.is_safe_to_retry()); // `true` would mean that no output was received; errors do not matter here
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! # A request that has effects
//!
//! "Safe to retry" means that no *output* was received, so no output is billed twice. It does not mean that the server has done
//! nothing. An MCP server may first send an `id`, so that a client can resume, and then run a tool:
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::Parser;
//!
//! let mut parser = Parser::new();
//! parser.push(b"id: 7\ndata:\n\n", |_| {})?;
//! assert!(parser.finish()?.outcome.is_safe_to_retry()); // no output, so nothing is billed twice
//! assert_eq!(parser.last_event_id(), b"7"); // but this server can resume: send the id, not the call again
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! If a request has effects and [`Parser::last_event_id`](crate::Parser::last_event_id) is not empty, resume by the id: see
//! [`reconnecting`](super::reconnecting).
//!
//! # Responses that may surprise
//!
//! * *An answer that stopped early may still be `Complete`*, for example with the end mark `response.incomplete` or the finish
//!   reason `length`. The outcome describes the response, not the answer. Check the finish reason, or use `chat::Conclusion`.
//! * *A bare `[DONE]` line inside an open block* gives `Done` at the end of that line, before the block's `Data`. If you stop
//!   at `Done`, you miss that event.
//! * *`[ERROR] text` at the very start* is read as a JSON body, because of its bracket: `[ERROR]` is a `Body`, and ` text` is
//!   an unknown line. Set [`Format::EventStream`](crate::Format::EventStream) if your server sends this.
//! * *A JSON array in the middle of a stream* is an unknown line. Only `{` begins a body there.
//! * *NDJSON under `Format::Auto`* gives a `Body` for each line, and ends `Unfinished` after several lines. Set
//!   [`Format::JsonStream`](crate::Format::JsonStream) instead: it gives `Data` for each line and knows the end mark
//!   `"done": true`.
//! * *An error event in a stream* is `Data`. Servers send no end mark after it, so the outcome is `Unfinished`. Show your user
//!   the error, not the outcome.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Error, Format, Options, Outcome, Parser};
//!
//! fn read(response: &[u8], format: Format) -> Result<(Vec<String>, Outcome), Error> {
//!     let mut parser = Parser::with_options(Options::new().format(format));
//!     let mut events = Vec::new();
//!     parser.push(response, |event| events.push(format!("{event:?}").split([' ', '(']).next().unwrap().to_owned()))?;
//!     let outcome = parser.finish()?.outcome;
//!     Ok((events, outcome))
//! }
//!
//! let (events, _) = read(b"data: {}\n[DONE]\n\n", Format::Auto)?;
//! assert_eq!(events, ["Done", "Data"]);
//! let (events, _) = read(b"[ERROR] text\n", Format::Auto)?;
//! assert_eq!(events, ["Body", "Unknown"]);
//! let (events, _) = read(b"data: {}\n\n[1]\n", Format::Auto)?;
//! assert_eq!(events, ["Data", "Unknown"]);
//!
//! let ndjson = b"{\"n\":1}\n{\"n\":2,\"done\":true}\n";
//! assert_eq!(read(ndjson, Format::Auto)?, (vec!["Body".into(), "Body".into()], Outcome::Unfinished));
//! let (events, outcome) = read(ndjson, Format::JsonStream)?;
//! assert_eq!((events.len(), outcome), (3, Outcome::Complete)); // Data, Data, Done
//! # Ok::<(), Error>(())
//! ```
