//! How many random cases a run has.

use proptest::test_runner::Config;

/// `few` cases where the build is not optimised, else `many`. What fails becomes a named test, so that no file
/// keeps it.
pub(crate) fn cases(few: u32, many: u32) -> Config {
    Config {
        cases: if cfg!(debug_assertions) { few } else { many },
        failure_persistence: None,
        ..Config::default()
    }
}
