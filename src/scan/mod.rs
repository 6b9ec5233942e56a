//! Bytes in, positions out: nothing here knows what a response has been so far.

mod bytewise;
mod error_hint;
pub(crate) mod error_object;
pub(crate) mod field;
pub(crate) mod json;
pub(crate) mod line_end;
pub(crate) mod masks;
pub(crate) mod members;
pub(crate) mod name;
