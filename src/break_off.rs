//! What a response amounts to whose transport broke, or was given up.

use crate::{Buffer, Event, KeepAlive, Outcome, Parser, Phase};

impl<B: Buffer> Parser<B> {
    /// The outcome of what was received, which ends with `chunk`; `None` if it cannot be read.
    ///
    /// This is no end of input, so it completes nothing: an event with data that only [`Parser::finish`] would give may
    /// as well be the beginning of a longer one, and counts as cut. What comes after the end of the response does not
    /// matter any more.
    pub(crate) fn break_off(&mut self, chunk: &[u8]) -> Option<Outcome> {
        self.push(chunk, |_| {}).ok()?;
        let is_complete = self.phase() == Phase::Complete;
        let finish = self.finish().ok()?;
        Some(match finish.event {
            _ if is_complete => finish.outcome,
            Some(Event::Data(_) | Event::Body(_) | Event::KeepAlive(KeepAlive::Ping(_))) => Outcome::Truncated,
            _ => finish.outcome,
        })
    }
}
