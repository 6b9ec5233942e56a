//! Adapters between a transport, or a clock, and the parser.
//!
//! ```text
//! Read ────► reader ─┐                    ┌─► Event
//! Stream ──► stream ─┼─► Parser::advance ─┤
//! Bytes ───► owned ──┘                    └─► OwnedEvent
//!               ▲
//! clock ──► watchdog, watched
//! ```
//!
//! An adapter owns the chunk, or the clock; the parser knows neither. It uses the parser only as any other crate could: with
//! `advance`, `lend` and `finish`, the getters, and the calls that free memory or hand it over.

#[cfg(any(feature = "std", feature = "futures"))]
mod break_off;
#[cfg(feature = "futures")]
mod bufs;
#[cfg(feature = "std")]
mod last_event;
#[cfg(feature = "bytes")]
mod owned;
#[cfg(feature = "bytes")]
mod owned_event;
#[cfg(feature = "std")]
mod read_error;
#[cfg(feature = "std")]
mod reader;
#[cfg(feature = "futures")]
mod stream;
#[cfg(feature = "futures")]
mod stream_error;
mod watchdog;
#[cfg(feature = "futures")]
mod watched;

#[cfg(feature = "futures")]
pub use bufs::Bufs;
#[cfg(feature = "bytes")]
pub use owned_event::{OwnedBody, OwnedData, OwnedEvent, OwnedFinish, OwnedKeepAlive};
#[cfg(feature = "std")]
pub use read_error::ReadError;
#[cfg(feature = "std")]
pub use reader::EventReader;
#[cfg(feature = "futures")]
pub use stream::EventStream;
#[cfg(feature = "futures")]
pub use stream_error::StreamError;
pub use watchdog::{Expired, Timer, Watchdog};
#[cfg(feature = "futures")]
pub use watched::Watched;
