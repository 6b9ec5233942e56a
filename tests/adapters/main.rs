//! The adapters: the events of the parser, from every transport, with deadlines; and what may be sent to other threads.

#[cfg(all(feature = "std", feature = "futures"))]
#[path = "../cases/mod.rs"]
mod cases;
#[path = "../common/mod.rs"]
mod common;
#[cfg(all(feature = "std", feature = "futures"))]
#[path = "../grammar/mod.rs"]
mod grammar;
#[cfg(any(feature = "std", feature = "bytes"))]
#[path = "../responses/mod.rs"]
mod responses;

mod auto_traits;
#[cfg(all(feature = "std", feature = "futures"))]
mod deadlines;
#[cfg(all(feature = "std", feature = "futures"))]
mod oversize;
#[cfg(feature = "bytes")]
mod owned;
#[cfg(feature = "std")]
mod reader;
#[cfg(all(feature = "std", feature = "futures"))]
mod same_events;
#[cfg(feature = "futures")]
mod stream;
mod watchdog;
