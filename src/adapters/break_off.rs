//! The outcome of a response if the transport failed, or if the caller ended the response.

use alloc::vec::Vec;

use crate::{Buffer, Error, ErrorKind, Event, KeepAlive, Outcome, Parser, Phase};

/// Ends the response after `chunk`, its last bytes, and returns the outcome of what was received.
///
/// This is not the end of the input, so it completes nothing: an event that only [`Parser::finish`] would give may be the
/// beginning of a longer one, and counts as truncated. Only the end mark or a body makes the response complete. Bytes after the
/// end mark or the body do not matter.
///
/// The id and the retry time stay as they were, because the caller does not receive the events of `chunk`: a client that resumed
/// by their ids would skip them (R11).
pub(super) fn break_off<B: Buffer>(parser: &mut Parser<B>, chunk: &[u8]) -> Outcome {
    let (id, retry) = (Vec::from(parser.last_event_id()), parser.retry());
    let outcome = outcome_of_all(parser, chunk);
    if parser.last_event_id() != id || parser.retry() != retry {
        parser.restore(&id, retry);
    }
    parser.shrink();
    outcome
}

/// The outcome of a response that cannot be read. It is never safe to retry: what was received may have been billed.
pub(super) fn outcome_of_error<B: Buffer>(parser: &Parser<B>, error: Error) -> Outcome {
    match parser.phase() {
        Phase::Complete => Outcome::Complete,
        Phase::Receiving => Outcome::Truncated,
        _ if matches!(error.kind(), ErrorKind::TooLong { .. }) => Outcome::Truncated,
        _ => Outcome::Unrecognized,
    }
}

fn outcome_of_all<B: Buffer>(parser: &mut Parser<B>, chunk: &[u8]) -> Outcome {
    if let Err(error) = parser.push(chunk, |_| {}) {
        return outcome_of_error(parser, error);
    }
    let was_complete = parser.phase() == Phase::Complete;
    let finish = match parser.finish() {
        Ok(finish) => (finish.event, finish.outcome),
        Err(error) => return outcome_of_error(parser, error),
    };
    match finish {
        (_, outcome) if was_complete => outcome,
        (Some(Event::Data(_) | Event::Body(_) | Event::KeepAlive(KeepAlive::Ping(_))), _) => Outcome::Truncated,
        (Some(Event::Done), outcome) => outcome,
        // Only the end of the input made it complete, as in a dialect without an end mark.
        (_, Outcome::Complete) => Outcome::Unfinished,
        (_, outcome) => outcome,
    }
}
