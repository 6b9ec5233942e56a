//! A response on its way through. The parser looks on: it tells what was spent, and where a heartbeat may stand.
//!
//! The client pulls, so a slow one holds the upstream back and gets no heartbeats; one that goes away drops the relay,
//! and the relay drops the upstream. An upstream that breaks breaks the client's response, which must not look whole.

use std::time::Duration;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt, stream};
use llm_response::{Event, KeepAlive, Parser, Phase};
use tokio::time::timeout;

use super::account::Account;

/// What passes through, from `upstream`.
pub(crate) struct Relay<S> {
    upstream: S,
    /// How long the client is left without a byte, where it can be helped.
    heartbeat: Duration,
    parser: Parser,
    /// More than blank lines came, which a JSON body may still follow.
    has_begun: bool,
    /// Where the event began that comes next.
    start: u64,
    pub(crate) account: Account,
}

impl<S, E> Relay<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    pub(crate) fn new(upstream: S, heartbeat: Duration) -> Self {
        Self {
            upstream,
            heartbeat,
            parser: Parser::new(),
            has_begun: false,
            start: 0,
            account: Account::default(),
        }
    }

    /// What the client gets.
    pub(crate) fn into_stream(self) -> impl Stream<Item = Result<Bytes, E>> {
        stream::unfold(self, async |mut relay| Some((relay.next().await?, relay)))
    }

    /// The next bytes of the upstream, as they are; or a heartbeat where they are late and it may stand.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, E>> {
        loop {
            match timeout(self.heartbeat, self.upstream.next()).await {
                Ok(Some(Ok(chunk))) => {
                    self.look_at(&chunk);
                    return Some(Ok(chunk));
                }
                Ok(Some(Err(error))) => return Some(Err(error)),
                Ok(None) => {
                    self.finish();
                    return None;
                }
                Err(_) => {
                    if let Some(heartbeat) = self.heartbeat() {
                        self.account.heartbeats += 1;
                        return Some(Ok(Bytes::from_static(heartbeat)));
                    }
                }
            }
        }
    }

    /// `None` in the middle of an event, which must not be torn, in a JSON body, and before the first byte, because a
    /// byte order mark is one only there. Where it is still open what comes, a blank line is a keep-alive for all.
    fn heartbeat(&self) -> Option<&'static [u8]> {
        let is_under_way = self.parser.position() > 0 && self.parser.phase() != Phase::Complete;
        let may_stand = is_under_way && self.parser.at_event_boundary();
        may_stand.then_some(match self.has_begun {
            true => b": keep-alive\n\n",
            false => b"\n",
        })
    }

    /// A response that cannot be parsed is passed on all the same, without heartbeats from then on.
    fn look_at(&mut self, mut chunk: &[u8]) {
        self.account.bytes += chunk.len() as u64;
        while let Ok(Some(event)) = self.parser.next_event(&mut chunk) {
            self.has_begun |= event != Event::KeepAlive(KeepAlive::BlankLine);
            let usage = self.account.count(&event);
            let end = self.parser.position();
            self.account.add(usage, self.start..end);
            self.start = end;
        }
    }

    fn finish(&mut self) {
        let end = self.parser.position();
        if let Ok(finish) = self.parser.finish() {
            self.account.outcome = Some(finish.outcome);
            let usage = finish.event.and_then(|event| self.account.count(&event));
            self.account.add(usage, self.start..end);
        }
    }
}
