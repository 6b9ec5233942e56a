//! A response on its way through. The parser looks on: it finds what was spent, and where a heartbeat may stand.
//!
//! The client pulls, so a slow one holds the upstream back and gets no heartbeats; one that goes away drops the relay,
//! and the relay drops the upstream. An upstream that breaks breaks the client's response, which must not look whole.

use std::time::Duration;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt, stream};
use llm_response::{Parser, Phase};
use tokio::time::timeout;

use super::account::Account;

/// What passes through, from `upstream`.
pub(crate) struct Relay<S> {
    upstream: S,
    /// How long the client is left without a byte, where it can be helped.
    heartbeat: Duration,
    kind: Kind,
    parser: Parser,
    /// How much of a byte order mark is held back, where one would be in the wrong place.
    mark: Option<usize>,
    is_over: bool,
    /// Where the event began that comes next.
    start: u64,
    pub(crate) account: Account,
}

/// What the heads of request and response say of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A stream was asked for, and promised: the client reads one, whatever comes first.
    Stream,
    /// An event stream or JSON: the body decides.
    Unknown,
    /// Bytes of this content coding, which only the client can read; nothing may be inserted.
    Encoded(String),
}

const MARK: &[u8] = "\u{feff}".as_bytes();

impl<S, E> Relay<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    pub(crate) fn new(upstream: S, kind: Kind, heartbeat: Duration) -> Self {
        let mut account = Account::default();
        if let Kind::Encoded(coding) = &kind {
            account.coding = Some(coding.clone());
        }
        Self {
            upstream,
            heartbeat,
            kind,
            parser: Parser::new(),
            mark: None,
            is_over: false,
            start: 0,
            account,
        }
    }

    /// What the client gets.
    pub(crate) fn into_stream(self) -> impl Stream<Item = Result<Bytes, E>> {
        stream::unfold(self, async |mut relay| Some((relay.next().await?, relay)))
    }

    /// The next bytes of the upstream, as they are; or a heartbeat where they are late and it may stand.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, E>> {
        while !self.is_over {
            match timeout(self.heartbeat, self.upstream.next()).await {
                Ok(Some(Ok(chunk))) => {
                    self.look_at(&chunk);
                    let chunk = self.without_mark(chunk);
                    if !chunk.is_empty() {
                        return Some(Ok(chunk));
                    }
                }
                Ok(Some(Err(error))) => return Some(Err(error)),
                Ok(None) => {
                    self.is_over = true;
                    self.finish();
                    let held = &MARK[..self.mark.take().unwrap_or(0)];
                    return (!held.is_empty()).then_some(Ok(Bytes::from_static(held)));
                }
                Err(_) => {
                    if let Some(heartbeat) = self.heartbeat() {
                        self.account.heartbeats += 1;
                        if self.account.bytes == 0 {
                            self.mark = Some(0);
                        }
                        return Some(Ok(Bytes::from_static(heartbeat)));
                    }
                }
            }
        }
        None
    }

    /// A byte order mark is one only at the beginning. Where a heartbeat went first, it would be read as text, so it is
    /// left out; it may come in pieces.
    fn without_mark(&mut self, chunk: Bytes) -> Bytes {
        let Some(held) = self.mark else {
            return chunk;
        };
        let len = chunk.len().min(MARK.len() - held);
        if chunk[..len] != MARK[held..held + len] {
            self.mark = None;
            return [&MARK[..held], &chunk].concat().into();
        }
        self.mark = Some(held + len).filter(|held| *held < MARK.len());
        chunk.slice(len..)
    }

    /// What may be sent now, by what the parser has seen; after the end nothing is needed.
    fn heartbeat(&self) -> Option<&'static [u8]> {
        if self.parser.phase() == Phase::Complete {
            return None;
        }
        match self.kind {
            Kind::Stream => self.parser.stream_heartbeat(),
            Kind::Unknown => self.parser.heartbeat(),
            Kind::Encoded(_) => None,
        }
    }

    /// A response that cannot be parsed is passed on all the same, without heartbeats from then on.
    fn look_at(&mut self, mut chunk: &[u8]) {
        self.account.bytes += chunk.len() as u64;
        if let Kind::Encoded(_) = self.kind {
            return;
        }
        while let Ok(Some(event)) = self.parser.next_event(&mut chunk) {
            let usage = self.account.count(&event);
            let end = self.parser.position();
            self.account.add(usage, self.start..end);
            self.start = end;
        }
    }

    fn finish(&mut self) {
        if let Kind::Encoded(_) = self.kind {
            return;
        }
        let end = self.parser.position();
        if let Ok(finish) = self.parser.finish() {
            self.account.outcome = Some(finish.outcome);
            let usage = finish.event.and_then(|event| self.account.count(&event));
            self.account.add(usage, self.start..end);
        }
    }
}
