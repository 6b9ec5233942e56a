//! Random responses, cut at random: the parser in all its forms against the reference decoder. Proptest shrinks a failure
//! to a few tokens and cuts; what is found becomes a named test in `tests/rules.rs` or `tests/cost_heap.rs`.

mod common;
mod grammar;

use common::trace::check_cut;
use grammar::{cuts, response, setup};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 2_000 } else { 20_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_response_gives_the_trace_of_the_reference_however_it_is_cut(
        response in response(),
        setup in setup(),
        cuts in cuts(),
    ) {
        check_cut(&response, setup, &cuts);
    }
}
