//! Prints the traces of the host, after checking that each of them is the same for every split.

#[path = "../trace_set.rs"]
mod trace_set;

use trace_set::{RESPONSES, Response, SPLITS, Split};

fn main() {
    for response in RESPONSES {
        let whole = trace(response, Split::Whole);
        for split in SPLITS {
            assert_eq!(trace(response, split), whole, "{split:?}");
        }
    }
    let mut text = String::new();
    trace_set::write(&mut text).expect("a string takes everything");
    print!("{text}");
}

fn trace(response: &Response, split: Split) -> String {
    let mut text = String::new();
    trace_set::write_trace(response, split, &mut text).expect("a string takes everything");
    text
}
