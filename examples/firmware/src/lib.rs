//! All of the firmware that needs no hardware, so that it can be tested on the host, and [`board`], which does.
//!
//! ```text
//! cargo test --manifest-path examples/firmware/Cargo.toml
//! ```
#![cfg_attr(not(test), no_std)]

pub mod answer;
#[cfg(target_os = "none")]
pub mod board;
pub mod json;
pub mod responses;
pub mod uart;

#[cfg(test)]
mod tests;
