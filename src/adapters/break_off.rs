//! What a response amounts to whose transport broke, or was given up.

use alloc::vec::Vec;

use crate::{Buffer, Error, ErrorKind, Event, KeepAlive, Outcome, Parser, Phase};

/// Ends the response: the outcome of what was received, which ends with `chunk`.
///
/// This is no end of input, so it completes nothing: an event with data that only [`Parser::finish`] would give may as
/// well be the beginning of a longer one, and counts as truncated. Without the end of the input, the end mark alone makes
/// a stream complete. What comes after the end of the response does not matter any more.
///
/// The id and the retry time stay what they were, as nobody is given the events of `chunk` any more: a client that
/// resumed by their ids would skip them (R11).
pub(super) fn break_off<B: Buffer>(parser: &mut Parser<B>, chunk: &[u8]) -> Outcome {
    let (id, retry) = (Vec::from(parser.last_event_id()), parser.retry());
    let outcome = outcome_of_all(parser, chunk);
    if parser.last_event_id() != id || parser.retry() != retry {
        parser.restore(&id, retry);
    }
    parser.shrink();
    outcome
}

/// What a response amounts to that cannot be read. Something was received that no parser understands, so that a retry
/// may bill it twice.
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
        // By the end of the input alone, as in a dialect without end mark.
        (_, Outcome::Complete) => Outcome::Unfinished,
        (_, outcome) => outcome,
    }
}
