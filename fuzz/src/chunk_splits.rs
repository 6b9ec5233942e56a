//! However a response is split, every form of the interface gives the trace of the reference decoder.

use crate::{common::trace::check_split, input::Input};

/// Takes any bytes; panics where the property does not hold.
pub fn run(data: &[u8]) {
    if let Some(input) = Input::new(data) {
        check_split(input.response, input.setup, &input.splits(input.response));
    }
}
