//! Migrating from `eventsource-stream` and `reqwest-eventsource`.
//!
//! # From `eventsource-stream`
//!
//! Before:
//!
//! ```text
//! let mut events = response.bytes_stream().eventsource();
//! while let Some(event) = events.next().await {
//!     let event = event?;
//!     if event.data == "[DONE]" { break; }
//!     let chunk: Chunk = serde_json::from_str(&event.data)?;
//!     …
//! }
//! ```
//!
//! After (features `futures` and `serde`):
//!
#![cfg_attr(all(feature = "futures", feature = "serde"), doc = "```")]
#![cfg_attr(not(all(feature = "futures", feature = "serde")), doc = "```ignore")]
//! use futures_util::TryStreamExt;
//! use llm_response::{EventStream, OwnedEvent};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let bytes_stream = futures_util::stream::iter([Ok::<_, std::io::Error>("data: {\"n\":1}\n\ndata: [DONE]\n\n")]);
//! # let mut sum = 0;
//! let mut events = EventStream::new(bytes_stream); // response.bytes_stream()
//! while let Some(event) = events.try_next().await? {
//!     match event {
//!         OwnedEvent::Data(data) if data.is_error() => return Err(data.to_str_lossy().into()),
//!         OwnedEvent::Data(data) => {
//!             let chunk: serde_json::Value = data.deserialize()?; // or a type of yours, or `data.as_data().chunk()?`
//!             # sum += chunk["n"].as_i64().unwrap();
//!         }
//!         OwnedEvent::Done | OwnedEvent::KeepAlive(_) => {}
//!         other => eprintln!("unexpected: {other:?}"),
//!     }
//! }
//! # assert_eq!(sum, 1);
//! # Ok(())
//! # }
//! ```
//!
//! | before | after |
//! |---|---|
//! | `event.data`, a `String` | `data.to_str()`, `data.to_str_lossy()`, `data.as_bytes()` |
//! | `event.event`, `"message"` by default | `data.event_or_message()`; `data.event()` is empty by default |
//! | `event.id` | `data.id()` |
//! | `event.retry` | `events.parser().retry()`, in milliseconds |
//! | `event.data == "[DONE]"` | `OwnedEvent::Done` |
//! | comments are hidden | `OwnedEvent::KeepAlive` |
//!
//! If you want only the events of the HTML standard, use [`Options::event_source`](crate::Options::event_source).
//!
//! # From `reqwest-eventsource`
//!
//! That crate sends the request, checks the status and the content type, and reconnects. With this crate, you do that yourself:
//!
//! ```text
//! before: let mut events = EventSource::new(client.post(url).json(&request))?;
//! after:  let response = client.post(url).json(&request).send().await?;
//!         // check response.status() and the header `retry-after`
//!         let mut events = EventStream::new(response.bytes_stream());
//! ```
//!
//! | before | after |
//! |---|---|
//! | `Event::Open` | `send().await` has returned |
//! | `Event::Message(message)` | `OwnedEvent::Data(data)` |
//! | `Error::StreamEnded` | the stream ends, and [`Outcome`](crate::Outcome) says what the end means |
//! | `Error::InvalidStatusCode`, `InvalidContentType` | `response.status()`, `response.headers()`; a body of HTML gives `Unknown` lines |
//! | reconnects by itself, even for a POST | you decide whether to send the request again: see [`reconnecting`](super::reconnecting) and [`ends`](super::ends) |
//!
//! If you want a browser's `EventSource` with its reconnection, keep that crate.
//!
//! # What is an error now
//!
//! | the response | `eventsource-stream` 0.2 | here |
//! |---|---|---|
//! | ends within an event | ends without an error | `StreamError::Incomplete`, [`Outcome::Truncated`](crate::Outcome::Truncated) |
//! | ends without an end mark | ends without an error | `StreamError::Incomplete`, [`Outcome::Unfinished`](crate::Outcome::Unfinished); none with `Options::end_mark(false)` |
//! | ends before any event | ends without an error | `StreamError::Incomplete`, `Empty` or `KeepAliveOnly`; safe to retry |
//! | a JSON error under status 200 | no event | `OwnedEvent::Body`, `is_error()` |
//! | HTML | no event | `OwnedEvent::Unknown` for each line, then `StreamError::Incomplete`, `Unrecognized` |
//! | an event longer than 16 MiB | is held in memory, whatever its length | `StreamError::Parse`, [`ErrorKind::TooLong`](crate::ErrorKind::TooLong) |
//! | compressed or binary bytes | is not recognized | `StreamError::Parse`, [`ErrorKind::NotText`](crate::ErrorKind::NotText) |
//! | text that is not UTF-8 | no event after it | the event is given; `to_str()` fails, `to_str_lossy()` replaces the invalid bytes |
//! | begins with a byte order mark | panics | the mark is skipped |
//!
//! The middle column describes version 0.2.3.
