//! The places that call the parser.

#[cfg(not(feature = "other-order"))]
mod client;

#[cfg(feature = "other-order")]
mod pushed;

mod outputs;

#[cfg(feature = "other-order")]
mod client;

#[cfg(not(feature = "other-order"))]
mod pushed;

/// Parses a response and says how many events it had, keep-alives included.
pub(crate) type Caller = fn(&[&[u8]]) -> u64;

#[cfg(not(feature = "other-callers"))]
pub(crate) const CALLERS: [(&str, Caller); 3] = [
    ("next_event", client::client),
    ("next_output", outputs::outputs),
    ("push", pushed::pushed),
];

#[cfg(feature = "other-callers")]
pub(crate) const CALLERS: [(&str, Caller); 3] = [
    ("next_event", client::proxy),
    ("next_output", outputs::first_then_rest),
    ("push", pushed::twice),
];
