//! Two clocks: activity and progress.
//!
//! A client that waits in a queue needs two kinds of deadline, and one timer cannot be both:
//!
//! * *Activity*: any byte shows that the connection works. A request may be queued for ten minutes. If keep-alives do not count
//!   as activity, the timer must be that long, and it takes ten minutes to find a dead connection.
//! * *Progress*: only output shows that the server works on the answer. If keep-alives count as progress, a server that sends
//!   them for ever makes the client wait for ever.
//!
//! A [`Watchdog`](crate::Watchdog) keeps three deadlines:
//!
//! | timer | what restarts it | what it detects |
//! |---|---|---|
//! | [`start`](crate::Watchdog::start) | nothing; the first output stops it | a queue that takes too long |
//! | [`silence`](crate::Watchdog::silence) | every byte | a dead connection |
//! | [`stall`](crate::Watchdog::stall) | every output after the first | a server that sends only keep-alives |
//!
//! It reads no clock. You give it the time since the request was sent, from a clock of your own.
//!
//! # In a loop of your own
//!
//! Call [`on_bytes`](crate::Watchdog::on_bytes) for each chunk, [`on_event`](crate::Watchdog::on_event) for each event and
//! [`observe`](crate::Watchdog::observe) after the chunk. Then wait for the next chunk, but not beyond
//! [`next_deadline`](crate::Watchdog::next_deadline).
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use std::time::Duration;
//! use llm_response::{Parser, Timer, Watchdog};
//!
//! let seconds = Duration::from_secs;
//! let mut watchdog = Watchdog::new().start(seconds(600)).silence(seconds(30)).stall(seconds(120));
//! let mut parser = Parser::new();
//! // A keep-alive every 20 seconds, and no output.
//! let expired = (20..).step_by(20).map(seconds).find_map(|now| {
//!     let mut chunk = &b": keep-alive\n\n"[..];
//!     if let Err(expired) = watchdog.check(now) {
//!         return Some(expired);
//!     }
//!     watchdog.on_bytes(now);
//!     while let Some(event) = parser.next_event(&mut chunk).unwrap() {
//!         watchdog.on_event(&event, now);
//!     }
//!     watchdog.observe(&parser, now);
//!     None
//! });
//! assert_eq!(expired.unwrap().timer(), Timer::Start); // never `Silence`
//! assert_eq!(expired.unwrap().deadline(), seconds(600));
//! assert!(parser.finish()?.outcome.is_safe_to_retry()); // this depends on what was received, not on the timer
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! # With an adapter
//!
//! `EventStream::watched` (feature `futures`) takes a clock and a timer of any runtime, and ends the stream with
//! `StreamError::Expired`, which contains the outcome. `EventReader::next_watched` (feature `std`) takes a clock and a function
//! that sets the read timeout of the transport. After `ReadError::Expired`, call `EventReader::close` to get the outcome. Both
//! use the time at which bytes are received, even if you ask for the events later.
//!
#![cfg_attr(all(feature = "futures", feature = "std"), doc = "```")]
#![cfg_attr(not(all(feature = "futures", feature = "std")), doc = "```ignore")]
//! use std::{convert::Infallible, time::Duration};
//! use bytes::Bytes;
//! use futures_util::{StreamExt, stream};
//! use llm_response::{EventStream, Outcome, StreamError, Watchdog};
//! use tokio::time::{Instant, sleep};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
//! let chunks = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"data: {\"n\":1}\n\n"))]);
//! let silent = chunks.chain(stream::pending()); // nothing follows, and the connection stays open
//! let watchdog = Watchdog::new().silence(Duration::from_secs(30));
//! let sent = Instant::now();
//! let mut events = EventStream::new(silent).watched(watchdog, move || sent.elapsed(), sleep);
//!
//! assert!(events.next().await.unwrap().is_ok());
//! let Some(Err(StreamError::Expired { outcome, .. })) = events.next().await else { panic!() };
//! assert_eq!(outcome, Outcome::Unfinished); // not safe to retry: output was billed
//! # });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The time of the first token
//!
//! The first event is often not the first token: many servers begin with an event that holds only a role. The watchdog does not
//! read the contents of events, so report tokens with [`on_token`](crate::Watchdog::on_token). With feature `serde`,
//! `chat::Chunk::is_output` detects them. A report changes no deadline.
//! [`time_to_first_token`](crate::Watchdog::time_to_first_token) then gives the time that users notice:
//!
#![cfg_attr(feature = "serde", doc = "```")]
#![cfg_attr(not(feature = "serde"), doc = "```ignore")]
//! use std::time::Duration;
//! use llm_response::{Event, Parser, Watchdog};
//!
//! let (mut watchdog, mut parser) = (Watchdog::new(), Parser::new());
//! let chunks: [(u64, &[u8]); 3] = [
//!     (20, b": keep-alive\n\n"),
//!     (31, b"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"),
//!     (34, b"data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n"),
//! ];
//! for (now, mut chunk) in chunks {
//!     let now = Duration::from_secs(now);
//!     while let Some(event) = parser.next_event(&mut chunk)? {
//!         watchdog.on_event(&event, now);
//!         if let Event::Data(data) = event {
//!             if data.chunk().is_ok_and(|chunk| chunk.is_output()) {
//!                 watchdog.on_token(now);
//!             }
//!         }
//!     }
//!     watchdog.observe(&parser, now);
//! }
//! assert_eq!(watchdog.time_in_queue(), Some(Duration::from_secs(31)));
//! assert_eq!(watchdog.time_to_first_token(), Some(Duration::from_secs(34)));
//! # Ok::<(), llm_response::Error>(())
//! ```
//!
//! # After the end mark
//!
//! The deadlines also apply after `Done` or a body, until the server closes the connection. If you do not want that, stop
//! reading after `Done` or a body.
//! Make a new watchdog for each response.
