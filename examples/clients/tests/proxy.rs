//! The example `proxy`, between a real client and an upstream that is slow, breaks or is left alone.

#[path = "../proxy/main.rs"]
mod proxy;
#[path = "clients/scenarios.rs"]
mod scenarios;
#[path = "clients/server.rs"]
mod server;

use std::{
    io::Read as _,
    net::Ipv4Addr,
    sync::{LazyLock, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use llm_response::{Event, KeepAlive, Outcome, Parser};
use proxy::{
    Upstream,
    relay::{Kind, Relay},
};
use reqwest::Client;
use server::{Ending, Framing, Sending, Serving};
use tokio::time::{sleep, timeout};

const HEARTBEAT: &str = ": keep-alive\n";

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
    let response = client.post(url).body(REQUEST).send().await.unwrap();
    (response, serving)
}

/// Made once: it loads certificates.
static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::builder().no_proxy().no_gzip().build().unwrap());

const REQUEST: &str = r#"{"model":"m","stream":true,"messages":[]}"#;

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
        let mut relay = Relay::new(Box::pin(chunks), Kind::Unknown, Duration::from_secs(15));
        let (mut passed, mut given) = (Vec::new(), Vec::new());
        loop {
            let before = relay.account.heartbeats;
            let Some(bytes) = relay.next().await else { break };
            let bytes = bytes.unwrap();
            given.extend_from_slice(&bytes);
            if relay.account.heartbeats == before {
                passed.extend_from_slice(&bytes);
            } else {
                assert!(bytes == HEARTBEAT || bytes == "\n", "{bytes:?}");
            }
        }
        let name = &scenario.name;
        // The mark would no longer be at the beginning.
        let body = scenario
            .body
            .strip_prefix("\u{feff}".as_bytes())
            .unwrap_or(&scenario.body);
        assert_eq!(passed, body, "{name}");
        assert_eq!(outputs(&given), outputs(&scenario.body), "{name}");
        let inserted = given.len() - body.len();
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
    let mut relay = Relay::new(stream::iter(chunks), Kind::Stream, NEVER);
    while relay.next().await.is_some() {}
    let usage = relay.account.usage.as_ref().expect("the answer has it");
    assert_eq!(usage.output, Some(21));
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

/// The parser's rule is one thing, and clients another: none may make an empty event of a heartbeat, also where events
/// have ids. The decoder here gives an event for each blank line, as the strictest of them does.
#[tokio::test(start_paused = true)]
async fn no_heartbeat_ends_in_a_blank_line() {
    let body = "id: 1\ndata: {\"a\":1}\n\nid: 2\ndata: {\"a\":2}\n\ndata: [DONE]\n\n";
    let chunks = stream::iter(body.split_inclusive("\n\n").map(Bytes::from)).then(async |chunk| {
        sleep(Duration::from_secs(40)).await;
        Ok::<_, std::io::Error>(chunk)
    });
    let mut relay = Relay::new(Box::pin(chunks), Kind::Stream, Duration::from_secs(15));
    let mut given = Vec::new();
    while let Some(bytes) = relay.next().await {
        given.extend(bytes.unwrap());
    }
    let given = String::from_utf8(given).unwrap();
    assert_eq!(relay.account.heartbeats, 6, "two in each pause");
    assert!(given.starts_with(HEARTBEAT), "{given}");
    assert_eq!(given.matches(HEARTBEAT).count(), 6, "{given}");
    assert_eq!(given.matches("\n\n").count(), 3, "{given}");
    assert_eq!(given.replace(HEARTBEAT, ""), body);
}

#[tokio::test(start_paused = true)]
async fn a_silent_queue_gets_heartbeats_before_the_first_byte() {
    for (kind, expected) in [
        (Kind::Stream, Some(HEARTBEAT)),
        // JSON may follow, and a line end is white space before it.
        (Kind::Unknown, Some("\n")),
        (Kind::Encoded("gzip".to_owned()), None),
    ] {
        let chunk = stream::once(async {
            sleep(Duration::from_secs(100)).await;
            Ok::<_, std::io::Error>(Bytes::from_static(b"data: [DONE]\n\n"))
        });
        let mut relay = Relay::new(Box::pin(chunk), kind.clone(), Duration::from_secs(15));
        let first = relay.next().await.unwrap().unwrap();
        assert_eq!(first, expected.unwrap_or("data: [DONE]\n\n"), "{kind:?}");
        while relay.next().await.is_some() {}
        assert_eq!(
            relay.account.heartbeats,
            if expected.is_some() { 6 } else { 0 },
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn headers_pass_but_for_those_of_the_connection() {
    let sending = Sending {
        status: 429,
        content_type: "application/json",
        headers: "retry-after: 7\r\nx-request-id: r-1\r\nx-two: a\r\nx-two: b\r\nkeep-alive: timeout=5\r\n\
            connection: x-private\r\nx-private: 1\r\n",
        ..Sending::new(r#"{"error":{"message":"slow down"}}"#)
    };
    let (response, _) = through_a_proxy(sending, NEVER).await;
    assert_eq!(response.status(), 429);
    let headers = response.headers();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["retry-after"], "7");
    assert_eq!(headers["x-request-id"], "r-1");
    assert_eq!(headers.get_all("x-two").iter().count(), 2);
    for name in ["keep-alive", "x-private"] {
        assert!(!headers.contains_key(name), "{name}: {headers:?}");
    }
}

/// The client decodes it: the header passes, the bytes are as they were, and no heartbeat stands among them.
#[tokio::test]
async fn a_compressed_body_passes_as_it_is() {
    let serving = Sending::new(scenarios::answer()).gzip();
    let (response, _) = through_a_proxy(serving, Duration::from_millis(1)).await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let body = response.bytes().await.unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&body[..])
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, scenarios::answer());
}

#[tokio::test]
async fn usage_is_read_in_the_words_of_each_api() {
    let anthropic = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":10,\
        \"cache_read_input_tokens\":5,\"cache_creation_input_tokens\":2,\"output_tokens\":1}}}\n\n\
        event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":44}}\n\n";
    let responses = "data: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":9,\
        \"input_tokens_details\":{\"cached_tokens\":4},\"output_tokens\":8}}}\n\n";
    let openai = "data: {\"choices\":[],\"usage\":null}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\
        \"completion_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":2}}}\n\n";
    let half_a_pair = "data: {\"choices\":[{\"delta\":{\"content\":\"\\ud83d\"}}],\"usage\":{\"prompt_tokens\":7,\
        \"completion_tokens\":3}}\n\n";
    for (body, expected) in [
        (anthropic, Some((Some(17), Some(5), Some(44)))),
        (responses, Some((Some(9), Some(4), Some(8)))),
        (openai, Some((Some(7), Some(2), Some(3)))),
        (half_a_pair, Some((Some(7), None, Some(3)))),
        (
            "data: {\"usage\":{\"completion_tokens\":3}}\n\n",
            Some((None, None, Some(3))),
        ),
        ("data: {\"usage\":{\"characters\":3}}\n\n", None),
        ("data: {\"text\":\"usage\"}\n\n", None),
    ] {
        let chunks = [Ok::<_, std::io::Error>(Bytes::from(body))];
        let mut relay = Relay::new(stream::iter(chunks), Kind::Stream, NEVER);
        while relay.next().await.is_some() {}
        let usage = relay.account.usage.as_ref();
        assert_eq!(
            usage.map(|usage| (usage.input, usage.cached, usage.output)),
            expected,
            "{body}"
        );
        let said = relay.account.to_string();
        assert_eq!(
            said.contains("the server reported no usage"),
            expected.is_none(),
            "{said}"
        );
        assert_eq!(
            said.contains("an unknown number of tokens in"),
            expected.is_some_and(|usage| usage.0.is_none())
        );
    }
}

/// Three bytes that may come one by one; what only begins as a mark passes.
#[tokio::test(start_paused = true)]
async fn a_byte_order_mark_after_a_heartbeat_is_left_out() {
    for (chunks, expected) in [
        (&["\u{feff}data: 1\n\n".as_bytes()][..], &b"data: 1\n\n"[..]),
        (&[b"\xef", b"\xbb", b"\xbfdata: 1\n\n"], b"data: 1\n\n"),
        (&[b"\xef", b"\xbbx\n"], b"\xef\xbbx\n"),
        (&[b"\xef\xbb"], b"\xef\xbb"),
        (&["\u{feff}\u{feff}1\n".as_bytes()], "\u{feff}1\n".as_bytes()),
    ] {
        let late = stream::iter(chunks.iter().copied()).then(async |chunk| {
            sleep(Duration::from_secs(20)).await;
            Ok::<_, std::io::Error>(Bytes::from_static(chunk))
        });
        let mut relay = Relay::new(Box::pin(late), Kind::Stream, Duration::from_secs(15));
        let mut given = Vec::new();
        while let Some(bytes) = relay.next().await {
            given.extend(bytes.unwrap());
        }
        let rest = given
            .strip_prefix(HEARTBEAT.as_bytes())
            .expect("one before the first byte");
        assert!(rest.starts_with(expected), "{chunks:?}: {rest:?}");
        assert!(relay.next().await.is_none(), "and no more");
    }
}
