//! Random responses, cut at random: the parser in all its forms against the reference decoder. Proptest shrinks a failure
//! to a few tokens and cuts; what is found becomes a named test in `rules.rs` or `tests/heap`.

use crate::cases;
use crate::common;
use crate::grammar;

use cases::cases;
use common::trace::check_cut;
use grammar::{cuts, response, setup};
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(2_000, 20_000))]

    #[test]
    fn a_response_gives_the_trace_of_the_reference_however_it_is_cut(
        response in response(),
        setup in setup(),
        cuts in cuts(),
    ) {
        check_cut(&response, setup, &cuts);
    }
}
