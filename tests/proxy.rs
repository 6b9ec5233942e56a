//! The example `proxy`, between a real client and an upstream that is slow, breaks or is left alone.

#[path = "../examples/proxy/main.rs"]
mod proxy;
#[path = "clients/scenarios.rs"]
mod scenarios;
#[path = "clients/server.rs"]
mod server;

use std::{
    net::Ipv4Addr,
    sync::{LazyLock, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use llm_response::{Event, KeepAlive, Outcome, Parser};
use proxy::{Upstream, relay::Relay};
use reqwest::Client;
use server::{Ending, Framing, Sending, Serving};
use tokio::time::{sleep, timeout};

const HEARTBEAT: &str = ": keep-alive\n\n";

/// Sends a request through a proxy to an upstream.
async fn through_a_proxy(sending: Sending, heartbeat: Duration) -> (reqwest::Response, Serving) {
    let client = &*CLIENT;
    let serving = sending.serve().await;
    let upstream = Upstream {
        client: client.clone(),
        url: format!("http://{}/", serving.addr),
        headers: Vec::new(),
        heartbeat,
    };
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/chat/completions", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, proxy::router(upstream)).await });
    let response = client.post(url).body("{}").send().await.unwrap();
    (response, serving)
}

/// Made once: it loads certificates.
static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::builder().no_proxy().no_gzip().build().unwrap());

const NEVER: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn every_response_passes_unchanged() {
    for scenario in scenarios::all() {
        let sending = Sending {
            status: scenario.status,
            content_type: scenario.content_type,
            ..Sending::new(scenario.body.clone())
        };
        let (response, _) = through_a_proxy(sending, NEVER).await;
        assert_eq!(response.status(), scenario.status, "{}", scenario.name);
        assert_eq!(response.headers()["content-type"], scenario.content_type);
        let body = response.bytes().await.unwrap();
        assert_eq!(body, scenario.body, "{}", scenario.name);
    }
}

/// An upstream that pauses after every half of a line, and between CR and LF: the clock of the test runs by itself.
#[tokio::test(start_paused = true)]
async fn heartbeats_stand_between_events_and_nowhere_else() {
    for scenario in scenarios::all() {
        let lines = scenario.body.split_inclusive(|byte| matches!(byte, b'\r' | b'\n'));
        let halves = lines.flat_map(|line| <[_; 2]>::from(line.split_at(line.len() / 2)));
        let chunks = stream::iter(halves.map(Bytes::copy_from_slice)).then(async |chunk| {
            sleep(Duration::from_secs(40)).await;
            Ok::<_, std::io::Error>(chunk)
        });
        let mut relay = Relay::new(Box::pin(chunks), Duration::from_secs(15));
        let (mut passed, mut given) = (Vec::new(), Vec::new());
        while let Some(bytes) = relay.next().await {
            let bytes = bytes.unwrap();
            given.extend_from_slice(&bytes);
            let is_heartbeat = bytes == HEARTBEAT || (bytes == "\n" && relay.account.bytes == passed.len() as u64);
            if !is_heartbeat {
                passed.extend_from_slice(&bytes);
            }
        }
        let name = &scenario.name;
        assert_eq!(passed, scenario.body, "{name}");
        assert_eq!(outputs(&given), outputs(&scenario.body), "{name}");
        let inserted = given.len() - scenario.body.len();
        assert_eq!(inserted > 0, relay.account.heartbeats > 0, "{name}");
        if name == "DeepSeek" {
            // Two after each event.
            assert!(relay.account.heartbeats >= 2 * 13, "{:?}", relay.account);
        }
    }
}

/// All but keep-alives, and how it ends.
fn outputs(bytes: &[u8]) -> (Vec<String>, String) {
    let (mut parser, mut left, mut outputs) = (Parser::new(), bytes, Vec::new());
    let error = loop {
        match parser.next_output(&mut left) {
            Ok(Some(event)) => outputs.push(format!("{event:?}")),
            Ok(None) => break None,
            Err(error) => break Some(error.kind()),
        }
    };
    if let Some(error) = error {
        return (outputs, format!("{error:?}"));
    }
    let finish = parser.finish().unwrap();
    let last = finish
        .event
        .filter(|event| !matches!(event, Event::KeepAlive(KeepAlive::Comment(_))));
    (outputs, format!("{last:?} {:?}", finish.outcome))
}

#[tokio::test]
async fn usage_is_counted() {
    let chunks = [Ok::<_, std::io::Error>(Bytes::from(scenarios::answer()))];
    let mut relay = Relay::new(stream::iter(chunks), NEVER);
    while relay.next().await.is_some() {}
    let usage = relay.account.usage.as_ref().expect("the answer tells it");
    assert_eq!(usage.completion_tokens, 21);
    assert!(usage.cents() > 0.0);
    let answer = scenarios::answer();
    let place = &answer[usage.place.start as usize..usage.place.end as usize];
    assert!(place.starts_with("data: {") && place.ends_with("}}}\n\n"), "{place}");
    assert_eq!(relay.account.outcome, Some(Outcome::Complete));
}

#[tokio::test]
async fn a_client_that_goes_away_takes_the_upstream_with_it() {
    let sending = Sending::new(scenarios::answer()).ending(Ending::Endless(b": alive\n\n"));
    let (mut response, serving) = through_a_proxy(sending, NEVER).await;
    response.chunk().await.unwrap().expect("it begins");
    drop(response);
    let over = timeout(Duration::from_secs(20), serving.over).await;
    let _ = over.expect("the upstream sees its connection close");
}

#[tokio::test]
async fn a_client_that_waits_holds_the_upstream_back() {
    let event = format!("data: {{\"text\":\"{}\"}}\n\n", "slow ".repeat(8_000));
    let body = event.repeat(600);
    let sending = Sending::new(body.as_str()).framing(Framing::Length);
    let (response, serving) = through_a_proxy(sending, Duration::from_millis(5)).await;
    sleep(Duration::from_millis(500)).await;
    let sent = serving.sent.load(Ordering::Relaxed);
    assert!(sent < body.len() * 2 / 3, "the upstream has written {sent} bytes");

    let received = response.text().await.unwrap();
    assert_eq!(received.replace(HEARTBEAT, "").len(), body.len());
}

#[tokio::test]
async fn an_upstream_that_breaks_breaks_the_response() {
    for ending in [Ending::Short, Ending::Reset] {
        let (response, _) = through_a_proxy(Sending::new("data: {\"a\":").ending(ending), NEVER).await;
        assert!(response.bytes().await.is_err(), "{ending:?}");
    }
}
