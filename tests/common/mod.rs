//! What the tests share: the naive reference decoder, and traces to compare it with the parser by.

#![allow(dead_code, unreachable_pub)]

pub mod reference;
pub mod trace;
