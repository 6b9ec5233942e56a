//! Properties that hold for any bytes and any split. Each is a plain function that panics if the property does not hold.
//!
//! A fuzz target calls one of them (`fuzz_targets/`), and so does the test that replays the corpus (`tests/corpus.rs`).
//!
//! ```text
//! cargo +nightly fuzz run chunk_splits -- -dict=fuzz/dictionary -max_len=6000 -max_total_time=60
//! cargo fuzz run -s none chunk_splits                                                  # without nightly
//! cargo test --manifest-path fuzz/Cargo.toml --no-default-features --features alloc    # the corpus, on stable
//! ```
//!
//! Inputs that reach new code are added to `corpus/`; give a directory before it to keep them elsewhere. Few bytes are enough
//! for every rule, so `-max_len` is best low. Every finding becomes a test of the crate, and its input stays in the corpus.

#![warn(missing_docs, missing_debug_implementations)]

#[cfg(not(feature = "alloc"))]
compile_error!("the heap is left out without feature `alloc`");

#[path = "../../tests/common/mod.rs"]
mod common;

pub mod chat;
pub mod chunk_splits;
pub mod event_reader;
pub mod event_stream;
mod input;
pub mod is_error;
pub mod json_body;
pub mod limits;
pub mod owned;

/// A property, for any bytes.
pub type Property = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: [(&str, Property); 8] = [
    ("chat", chat::run),
    ("chunk_splits", chunk_splits::run),
    ("event_reader", event_reader::run),
    ("event_stream", event_stream::run),
    ("is_error", is_error::run),
    ("json_body", json_body::run),
    ("limits", limits::run),
    ("owned", owned::run),
];
