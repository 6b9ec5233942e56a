//! Of JSON, `is_error` says what a deserializer sees (R18). Of any bytes, an error is readable exactly where there is one.

use llm_response::{Data, chat::ApiError};

#[path = "../../tests/common/error_reading.rs"]
mod error_reading;

/// Takes any bytes; panics where the property does not hold.
pub fn run(json: &[u8]) {
    let error = check(b"", json);
    check(b"error", json);
    check(b"response.failed", json);

    if error_reading::is_comparable(json) {
        if let Some(expected) = error_reading::reports_error(json) {
            assert_eq!(error.is_some(), expected, "a deserializer sees something else");
            // White space around it, and what follows in a list, change nothing.
            let spaced = [b" \r\n\t", json, b" \r\n\t"].concat();
            assert_eq!(check(b"", &spaced).is_some(), expected, "with white space");
            if json.trim_ascii_start().starts_with(b"{") {
                let list = [b"[", json, b",{\"error\":1}]"].concat();
                assert_eq!(check(b"", &list).is_some(), expected, "in a list");
            }
        }
    }
}

/// The error that such an event is.
fn check<'a>(name: &'a [u8], json: &'a [u8]) -> Option<ApiError<'a>> {
    let data = Data::new(name, b"", json);
    let error = data.error();
    assert_eq!(error.is_some(), data.is_error());
    if let Some(error) = &error {
        assert!(!error.message.is_empty(), "an error without a message");
        assert!(error.status.is_none_or(|status| (400..600).contains(&status)));
        assert_eq!(error.is_retryable(), error.clone().into_owned().is_retryable());
    }
    error
}
