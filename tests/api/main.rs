//! The names and signatures that users rely on, on any compiler: code that stops to compile if one of them changes.
//!
//! Each signature is written out, as a function pointer or as a call with the types of all that goes in and comes out. The
//! whole API, word by word, is in `public.txt`, which `.ci/api` checks with a nightly compiler.

#![allow(clippy::type_complexity, reason = "signatures are written out on purpose")]

mod names;
