//! Functions of many sizes, which move those behind them to other addresses.

use std::hint::black_box;

macro_rules! paddings {
    ($($name:ident: $($step:literal)*;)*) => {
        $(
            #[inline(never)]
            fn $name(mut number: u64) -> u64 {
                $(number = black_box(number).wrapping_mul(2 * $step + 1).rotate_left($step);)*
                number
            }
        )*
        const PADDINGS: &[fn(u64) -> u64] = &[$($name),*];
    };
}

paddings! {
    one: 1;
    two: 1 2;
    three: 1 2 3;
    five: 1 2 3 4 5;
    seven: 1 2 3 4 5 6 7;
    eleven: 1 2 3 4 5 6 7 8 9 10 11;
    thirteen: 1 2 3 4 5 6 7 8 9 10 11 12 13;
}

/// Calls them, so that they are in the program.
pub(crate) fn call() {
    black_box(PADDINGS.iter().fold(1, |number, padding| black_box(padding)(number)));
}
