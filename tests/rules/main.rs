//! What is read: every rule, for every split of the same bytes, against a naive decoder and against other parsers.

#[path = "../cases/mod.rs"]
mod cases;
#[path = "../common/mod.rs"]
mod common;
#[path = "../grammar/mod.rs"]
mod grammar;

mod ends_and_marks;
mod events;
mod independent;
mod oversize;
mod reference;
mod rules;
mod sent_by_servers;
mod small_world;
mod splits;
