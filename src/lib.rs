//! llm-response
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod block;
mod body;
#[cfg(any(feature = "std", feature = "futures"))]
mod break_off;
mod buffer;
mod common;
mod error;
mod error_object;
mod event;
#[cfg(feature = "std")]
mod event_reader;
#[cfg(feature = "futures")]
mod event_stream;
mod field;
mod finish;
mod flags;
mod found;
mod json;
mod lead_in;
mod lines;
mod masks;
mod options;
mod outcome;
#[cfg(feature = "bytes")]
mod owned;
mod parser;
mod scan;
mod store;
mod watchdog;

pub use buffer::{Buffer, HeapBuffer, SliceBuffer};
pub use error::{Error, ErrorKind};
pub use event::{Body, Data, Event, KeepAlive};
#[cfg(feature = "std")]
pub use event_reader::{EventReader, ReadError};
#[cfg(feature = "futures")]
pub use event_stream::{EventStream, StreamError};
pub use options::{Dialect, Format, Options};
pub use outcome::{Finish, Outcome, Phase};
#[cfg(feature = "bytes")]
pub use owned::{OwnedBody, OwnedData, OwnedEvent, OwnedFinish, OwnedKeepAlive};
pub use parser::Parser;
pub use watchdog::{Expired, Timer, Watchdog};
