//! The tests that need nothing but what builds for every target.

#[path = "../cases/mod.rs"]
mod cases;
#[path = "../common/mod.rs"]
mod common;
#[path = "../grammar/mod.rs"]
mod grammar;
#[path = "../responses/mod.rs"]
mod responses;

#[path = "../rules/events.rs"]
mod events;
#[path = "../adapters/owned.rs"]
mod owned;
#[path = "../rules/reference.rs"]
mod reference;
#[path = "../rules/rules.rs"]
mod rules;
#[path = "../rules/splits.rs"]
mod splits;
#[path = "../adapters/watchdog.rs"]
mod watchdog;
