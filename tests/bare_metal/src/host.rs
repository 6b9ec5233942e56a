//! Prints the traces as the host has them, once each of them is the same for every cut.

#[path = "../trace_set.rs"]
mod trace_set;

use trace_set::{CUTS, Cut, RESPONSES, Response};

fn main() {
    for response in RESPONSES {
        let whole = trace(response, Cut::Whole);
        for cut in CUTS {
            assert_eq!(trace(response, cut), whole, "{cut:?}");
        }
    }
    let mut text = String::new();
    trace_set::write(&mut text).expect("a string takes everything");
    print!("{text}");
}

fn trace(response: &Response, cut: Cut) -> String {
    let mut text = String::new();
    trace_set::write_trace(response, cut, &mut text).expect("a string takes everything");
    text
}
