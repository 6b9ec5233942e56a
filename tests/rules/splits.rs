//! Random responses, split at random: compares the parser, in every form of its interface, with the reference decoder. Proptest
//! shrinks a failure to a few tokens and splits. Each finding becomes a named test in `rules.rs` or `tests/heap`.

use crate::cases;
use crate::common;
use crate::grammar;

use cases::cases;
use common::trace::check_split;
use grammar::{response, setup, splits};
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(2_000, 20_000))]

    #[test]
    fn a_response_gives_the_trace_of_the_reference_however_it_is_split(
        response in response(),
        setup in setup(),
        splits in splits(),
    ) {
        check_split(&response, setup, &splits);
    }
}
