//! Keep-alives and queueing: what a server sends before the answer.
//!
//! DeepSeek's API may queue a request. The server accepts it, answers with status 200, and keeps the connection open until
//! inference starts. Until then it sends keep-alives, in one of two forms:
//!
//! | the request asked for | the server sends while it is queued | then |
//! |---|---|---|
//! | a stream (`"stream": true`) | comments: `: keep-alive` and a blank line | server-sent events |
//! | a JSON answer | empty lines | one JSON body |
//!
//! If inference has not started after ten minutes, the server closes the connection. Other servers send blank lines within a
//! stream, events named `ping`, or events without data. All of these give [`Event::KeepAlive`]. The first byte that is not
//! white space decides whether the response is a stream or a body ([`Format::Auto`]).
//!
//! # A stream
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Event, KeepAlive, Parser, Phase};
//!
//! let mut parser = Parser::new();
//! let mut chunk = &b": keep-alive\n\n"[..];
//! let Some(Event::KeepAlive(KeepAlive::Comment(text))) = parser.next_event(&mut chunk)? else { panic!() };
//! assert_eq!(text, b"keep-alive");
//! assert_eq!(parser.next_event(&mut chunk)?, None); // the blank line belongs to the comment
//! assert_eq!(parser.phase(), Phase::Waiting);
//!
//! let mut chunk = &b"data: {\"choices\":[]}\n\n"[..];
//! assert!(matches!(parser.next_event(&mut chunk)?, Some(Event::Data(_))));
//! assert_eq!(parser.phase(), Phase::Receiving);
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! # A JSON body
//!
//! The loop is the same. The body is given as soon as its last bracket is received. You need not wait until the connection
//! closes.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Event, Outcome, Parser};
//!
//! let mut parser = Parser::new();
//! let mut answer = None;
//! for mut chunk in [&b"\n\n"[..], b"\n{\"choices\"", b":[]}"] {
//!     while let Some(event) = parser.next_event(&mut chunk)? {
//!         match event {
//!             Event::KeepAlive(_) => {} // an empty line
//!             Event::Body(body) => answer = Some(body.to_str_lossy().into_owned()),
//!             other => eprintln!("{other:?}"),
//!         }
//!     }
//! }
//! assert_eq!(parser.keep_alives(), 3);
//! assert_eq!(answer.as_deref(), Some("{\"choices\":[]}"));
//! assert_eq!(parser.finish()?.outcome, Outcome::Complete);
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! # What to do with them
//!
//! * *Restart the timer for silence.* The connection works. See [`clocks`](super::clocks).
//! * *Do not restart the timers for the start or for a stall.* A keep-alive is not progress.
//! * *Show "queued"* while [`Parser::phase`](crate::Parser::phase) is [`Phase::Waiting`](crate::Phase::Waiting).
//! * *If you do none of this, skip them*: [`Parser::next_output`](crate::Parser::next_output) counts them and gives all other events.
//!
//! # What is not a keep-alive
//!
//! A chunk without text, such as `{"choices":[{"delta":{"role":"assistant"}}]}`, is data and not a keep-alive: inference has started.
//! In [`Dialect::EventSource`](crate::Dialect::EventSource), an event named `ping` is data like any other event, as in the HTML
//! standard.
//!
//! [`Event::KeepAlive`]: crate::Event::KeepAlive
//! [`Format::Auto`]: crate::Format::Auto
