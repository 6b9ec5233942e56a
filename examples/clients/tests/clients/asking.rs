//! Three HTTP clients, each with the adapter that its users would take.

#![allow(dead_code, unreachable_pub)]

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body_util::{BodyDataStream, Empty};
use hyper_util::rt::TokioExecutor;
use llm_response::{EventReader, EventStream, ReadError, StreamError};

use super::{
    common::trace::{End, Heard, Seen, State, Text},
    server::Framing,
};

/// What a client makes of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    /// With the last event among the others. If the transport broke, the end holds what `close` gave.
    pub heard: Heard,
    /// The transport broke.
    pub broke: bool,
}

/// One of each, and another for HTTP/2.
#[derive(Debug)]
pub struct Clients {
    http1: reqwest::Client,
    http2: reqwest::Client,
    hyper1: HyperClient,
    hyper2: HyperClient,
    ureq: ureq::Agent,
}

type HyperClient = hyper_util::client::legacy::Client<hyper_util::client::legacy::connect::HttpConnector, Empty<Bytes>>;

/// One of them; ureq knows no HTTP/2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    Reqwest,
    Hyper,
    Ureq,
}

impl Clients {
    pub fn new() -> Self {
        let reqwest = || reqwest::Client::builder().no_proxy();
        let hyper = || hyper_util::client::legacy::Client::builder(TokioExecutor::new());
        let ureq = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_per_read(Some(Duration::from_secs(20)));
        Self {
            http1: reqwest().build().unwrap(),
            http2: reqwest().http2_prior_knowledge().build().unwrap(),
            hyper1: hyper().build_http(),
            hyper2: hyper().http2_only(true).build_http(),
            ureq: ureq.build().into(),
        }
    }

    /// Sends a request, and reads its response to the end.
    pub async fn ask(&self, client: Client, addr: SocketAddr, framing: Framing) -> Told {
        match client {
            Client::Reqwest => {
                let response = self.reqwest(addr, framing).await;
                told(response.status().as_u16(), EventStream::new(response.bytes_stream())).await
            }
            Client::Hyper => {
                let response = self.hyper(addr, framing).await;
                let status = response.status().as_u16();
                told(status, EventStream::new(BodyDataStream::new(response.into_body()))).await
            }
            Client::Ureq => {
                let agent = self.ureq.clone();
                let read = move || {
                    let response = agent.get(url(addr)).call().expect("ureq gives a head");
                    let status = response.status().as_u16();
                    told_by_reader(status, EventReader::new(response.into_body().into_reader()))
                };
                tokio::task::spawn_blocking(read).await.unwrap()
            }
        }
    }

    pub async fn reqwest(&self, addr: SocketAddr, framing: Framing) -> reqwest::Response {
        let client = if framing == Framing::Http2 {
            &self.http2
        } else {
            &self.http1
        };
        client.get(url(addr)).send().await.expect("reqwest gives a head")
    }

    pub async fn hyper(&self, addr: SocketAddr, framing: Framing) -> hyper::Response<hyper::body::Incoming> {
        let client = if framing == Framing::Http2 {
            &self.hyper2
        } else {
            &self.hyper1
        };
        client
            .get(url(addr).parse().unwrap())
            .await
            .expect("hyper gives a head")
    }
}

/// The body of a response, by a ureq that reports a timeout after every 400 milliseconds without a byte.
pub fn impatient(addr: SocketAddr) -> impl std::io::Read {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let request = agent.get(url(addr)).config();
    let response = request
        .timeout_per_read(Some(Duration::from_millis(400)))
        .build()
        .call();
    response.expect("ureq gives a head").into_body().into_reader()
}

/// ureq's own timeout, which it wraps into an error of no kind.
pub fn is_timeout(error: &ReadError) -> bool {
    let ReadError::Io(error) = error else {
        return false;
    };
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>());
    matches!(inner, Some(ureq::Error::Timeout(_)))
}

fn url(addr: SocketAddr) -> String {
    format!("http://{addr}/")
}

async fn told<S, E>(status: u16, mut events: EventStream<S>) -> Told
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut seen, mut rest, mut broke, mut failed) = (Vec::new(), Text::default(), false, None);
    while let Some(item) = events.next().await {
        match item {
            Ok(event) => seen.push(Seen::from(event.as_event())),
            Err(StreamError::Incomplete {
                rest: truncated,
                outcome,
                ..
            }) => {
                assert_eq!(events.outcome(), Some(outcome));
                rest = Text(truncated.to_vec());
            }
            Err(StreamError::Transport { .. }) => broke = true,
            Err(StreamError::Parse { error, .. }) => failed = Some(error),
            Err(_) => panic!("no such error is known here"),
        }
    }
    let end = match failed {
        Some(error) => End::from(error),
        None => End::Finish(None, events.outcome().expect("the end has been reached"), rest),
    };
    let after = State::of(events.parser());
    let events = seen;
    Told {
        status,
        heard: Heard { events, end, after },
        broke,
    }
}

fn told_by_reader(status: u16, mut reader: EventReader<impl std::io::Read>) -> Told {
    let (mut events, mut broke) = (Vec::new(), false);
    let failed = loop {
        match reader.next_event() {
            Ok(Some(event)) => events.push(Seen::from(event)),
            Ok(None) => break None,
            Err(ReadError::Parse(error)) => break Some(error),
            Err(_) => {
                broke = true;
                let _ = reader.close();
                break None;
            }
        }
    };
    let end = match failed {
        Some(error) => End::from(error),
        None => End::Finish(
            None,
            reader.outcome().expect("the end has been reached"),
            reader.rest().into(),
        ),
    };
    let after = State::of(reader.parser());
    Told {
        status,
        heard: Heard { events, end, after },
        broke,
    }
}
