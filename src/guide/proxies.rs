//! Proxies: how to keep a silent connection open, and forward the bytes unchanged.
//!
//! A proxy forwards each chunk unchanged, and also gives it to a parser. So it knows the [phase](crate::Parser::phase), the
//! number of keep-alives and the outcome of the response, and needs no copy of the bytes.
//!
//! If the server is silent for too long, the proxy may insert a keep-alive, but only at a place where the client still reads
//! the same events. [`Parser::heartbeat`] returns the bytes that can be inserted now:
//!
//! | the response so far | [`heartbeat`](crate::Parser::heartbeat) | [`stream_heartbeat`](crate::Parser::stream_heartbeat) |
//! |---|---|---|
//! | nothing but line ends | a line end, which fits before JSON and before a stream | a comment |
//! | between two events | a comment line | a comment line |
//! | within an event or a line, after a CR | nothing | nothing |
//! | in or after JSON, after an error | nothing | nothing |
//!
//! Use `stream_heartbeat` if the client asked for a stream.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use llm_response::{Error, Parser};
//!
//! /// Forwards a chunk, or sends a heartbeat if the server was silent (`None`).
//! fn forward(parser: &mut Parser, chunk: Option<&[u8]>, client: &mut Vec<u8>) -> Result<(), Error> {
//!     match chunk {
//!         Some(chunk) => {
//!             client.extend_from_slice(chunk);
//!             parser.push(chunk, |_| {})?;
//!         }
//!         None => client.extend_from_slice(parser.heartbeat().unwrap_or_default()),
//!     }
//!     Ok(())
//! }
//!
//! let (mut parser, mut client) = (Parser::new(), Vec::new());
//! for chunk in [None, Some(&b"data: {\"a\""[..]), None, Some(b":1}\n\n"), None, Some(b"data: [DONE]\n\n")] {
//!     forward(&mut parser, chunk, &mut client)?;
//! }
//! assert_eq!(client, b"\ndata: {\"a\":1}\n\n: keep-alive\ndata: [DONE]\n\n");
//! assert!(parser.finish()?.outcome.is_complete());
//! # Ok::<(), Error>(())
//! ```
//!
//! Send the heartbeat only to the client, not to the parser: the parser describes what the server sent.
//!
//! # Boundaries
//!
//! To insert something else, ask [`Parser::at_line_boundary`] (the next byte would begin a line, so a comment may be inserted)
//! or [`Parser::at_event_boundary`] (between two events, so a whole event may be inserted). Both are also true before the first
//! byte. Take care there: a byte order mark that follows would become data, and a JSON body may follow. `heartbeat` takes the
//! JSON body into account.
//!
//! # If the parser reports an error
//!
//! Continue to forward the bytes, and insert nothing. `heartbeat` gives nothing after an error.
//!
//! The example `proxy` in the repository (`cargo run -p llm-response-clients --example proxy`) does this over real connections.
//!
//! [`Parser::heartbeat`]: crate::Parser::heartbeat
//! [`Parser::at_line_boundary`]: crate::Parser::at_line_boundary
//! [`Parser::at_event_boundary`]: crate::Parser::at_event_boundary
