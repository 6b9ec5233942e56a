//! Real clients and a real network: whatever way the bytes take, a response gives the same events and the same outcome
//! as its bytes alone.

#[path = "clients/asking.rs"]
mod asking;
#[path = "../../../tests/common/mod.rs"]
mod common;
#[path = "clients/scenarios.rs"]
mod scenarios;
#[path = "clients/server.rs"]
mod server;

use std::{
    io,
    sync::{LazyLock, atomic::Ordering},
    time::{Duration, Instant},
};

use asking::{Client, Clients, Told};
use bytes::Bytes;
use common::{
    reference::decode,
    trace::{End, Heard, Seen, Setup, Text},
};
use futures_util::{Stream, StreamExt, future::join_all, join, stream};
use http_body_util::BodyDataStream;
use llm_response::{EventReader, EventStream, Outcome, ReadError, StreamError, Timer, Watchdog};
use scenarios::Scenario;
use server::{Ending, Framing, Sending, Serving};
use tokio::time::{sleep, timeout};

/// How many responses are under way at a time.
const AT_A_TIME: usize = 16;

#[tokio::test]
async fn http_1_chunked() {
    every_scenario(Framing::Chunked, &[Client::Reqwest, Client::Hyper], &ENDINGS).await;
}

#[tokio::test]
async fn http_1_with_a_length() {
    every_scenario(Framing::Length, &[Client::Reqwest, Client::Hyper], &ENDINGS).await;
}

#[tokio::test]
async fn http_1_until_it_closes() {
    let endings = [Ending::Clean, Ending::Reset];
    every_scenario(Framing::Close, &[Client::Reqwest, Client::Hyper], &endings).await;
}

#[tokio::test]
async fn http_2() {
    let endings = [Ending::Clean, Ending::Reset];
    every_scenario(Framing::Http2, &[Client::Reqwest, Client::Hyper], &endings).await;
}

#[tokio::test]
async fn blocking() {
    every_scenario(Framing::Chunked, &[Client::Ureq], &ENDINGS).await;
    every_scenario(Framing::Length, &[Client::Ureq], &ENDINGS).await;
    every_scenario(Framing::Close, &[Client::Ureq], &[Ending::Clean, Ending::Reset]).await;
}

#[tokio::test]
async fn gzip_where_the_client_decodes_it() {
    let cases = SCENARIOS.iter().flat_map(|(scenario, heard)| {
        let zipped = |client, framing| Case {
            scenario,
            heard,
            client,
            sending: sending(scenario).framing(framing).gzip(),
        };
        [
            zipped(Client::Reqwest, Framing::Chunked),
            zipped(Client::Reqwest, Framing::Http2),
            zipped(Client::Ureq, Framing::Chunked),
        ]
    });
    compare(cases).await;
}

const ENDINGS: [Ending; 3] = [Ending::Clean, Ending::Short, Ending::Reset];

/// Made once: reqwest loads certificates.
static CLIENTS: LazyLock<Clients> = LazyLock::new(Clients::new);

/// With what the bytes alone give.
static SCENARIOS: LazyLock<Vec<(Scenario, Heard)>> = LazyLock::new(|| {
    let heard = |scenario: &Scenario| decode(&scenario.body, Setup::new()).heard();
    let scenarios = scenarios::all().into_iter();
    scenarios.map(|scenario| (scenario.clone(), heard(&scenario))).collect()
});

struct Case {
    scenario: &'static Scenario,
    heard: &'static Heard,
    client: Client,
    sending: Sending,
}

async fn every_scenario(framing: Framing, clients: &[Client], endings: &[Ending]) {
    let mut cases = Vec::new();
    for (scenario, heard) in SCENARIOS.iter() {
        for &client in clients {
            for &ending in endings {
                let sending = sending(scenario).framing(framing).ending(ending);
                cases.push(Case {
                    scenario,
                    heard,
                    client,
                    sending,
                });
            }
        }
    }
    compare(cases).await;
}

fn sending(scenario: &Scenario) -> Sending {
    Sending {
        status: scenario.status,
        content_type: scenario.content_type,
        ..Sending::new(scenario.body.clone())
    }
}

async fn compare(cases: impl IntoIterator<Item = Case>) {
    let compared = stream::iter(cases).map(|case| async move {
        let expected = case.expected();
        let Case {
            scenario,
            client,
            sending,
            ..
        } = case;
        let Sending {
            framing, ending, gzip, ..
        } = sending;
        let Serving { addr, .. } = sending.serve().await;
        let told = timeout(Duration::from_secs(60), CLIENTS.ask(client, addr, framing)).await;
        let name = &scenario.name;
        assert_eq!(
            told.expect("a response takes no minute"),
            expected,
            "{name} by {client:?}, {framing:?}, {ending:?}, gzip {gzip}"
        );
    });
    let responses = compared.buffer_unordered(AT_A_TIME).count().await;
    println!("{responses} responses compared");
}

impl Case {
    fn expected(&self) -> Told {
        let is_error = matches!(self.heard.end, End::Error(..));
        // Where only the end of the connection ends a body, ureq takes a reset for that. Then the outcome alone tells.
        let is_hidden = self.client == Client::Ureq && self.sending.framing == Framing::Close;
        let broke = self.sending.ending != Ending::Clean && !is_error && !is_hidden;
        let heard = self.heard.clone();
        Told {
            status: self.scenario.status,
            heard: if broke { broken_off(heard) } else { heard.merged() },
            broke,
        }
    }
}

/// What `close` promises: the end of the transport completes nothing, and an incomplete event with data counts as truncated.
fn broken_off(mut heard: Heard) -> Heard {
    if let End::Finish(event, outcome, rest) = &mut heard.end {
        if let Some(Seen::Data(..) | Seen::Ping(..) | Seen::Body(_)) = event.take() {
            *outcome = Outcome::Truncated;
        }
        *rest = Text::default();
    }
    heard
}

/// The other tests would prove little if the network joined the pieces.
#[tokio::test]
async fn the_writes_arrive_in_pieces() {
    for framing in [Framing::Chunked, Framing::Length, Framing::Close, Framing::Http2] {
        let Serving { addr, .. } = Sending::new(scenarios::answer()).framing(framing).serve().await;
        let response = CLIENTS.reqwest(addr, framing).await;
        let lengths: Vec<_> = response
            .bytes_stream()
            .map(|chunk| chunk.unwrap().len())
            .collect()
            .await;
        assert!(lengths.len() > 10, "{framing:?}: chunks of {lengths:?}");
    }
}

/// Nothing is lost when the reader waits, and the server waits too.
#[tokio::test]
async fn a_slow_reader_holds_the_server_back() {
    let event = format!("data: {{\"text\":\"{}\"}}\n\n", "slow ".repeat(8_000));
    let (count, done) = (300, "data: [DONE]\n\n");
    let body = event.repeat(count) + done;

    for framing in [Framing::Length, Framing::Http2] {
        let Serving { addr, sent, .. } = Sending::new(body.as_str()).framing(framing).serve().await;
        let mut events = EventStream::new(CLIENTS.reqwest(addr, framing).await.bytes_stream());
        for _ in 0..10 {
            events.next().await.unwrap().unwrap();
        }
        sleep(Duration::from_millis(300)).await;
        let taken = sent.load(Ordering::Relaxed);
        assert!(
            taken < body.len() * 2 / 3,
            "{framing:?}: the server has written {taken} bytes"
        );

        let mut data = 10;
        while let Some(event) = events.next().await {
            data += usize::from(Seen::from(event.unwrap().as_event()).is_data());
        }
        assert_eq!(data, count);
        assert_eq!(events.outcome(), Some(Outcome::Complete));
    }
}

/// In the middle of a line, the server says no more.
#[tokio::test]
async fn a_server_that_falls_silent_is_found_out() {
    let watchdog = Watchdog::new()
        .start(Duration::from_secs(60))
        .silence(Duration::from_secs(1));
    let framings = [Framing::Chunked, Framing::Length, Framing::Close, Framing::Http2];
    let watched = framings.into_iter().flat_map(|framing| {
        let queued = Sending::new(": keep-alive\n\n: keep-al")
            .framing(framing)
            .ending(Ending::Stall);
        let begun = Sending {
            body: b": keep-alive\n\ndata: {\"a\":1}\n\ndata: {\"b".to_vec(),
            ..queued.clone()
        };
        let watch_all = |sending, outcome| watch_all(sending, watchdog, (Timer::Silence, outcome));
        [
            watch_all(queued, Outcome::KeepAliveOnly),
            watch_all(begun, Outcome::Truncated),
        ]
    });
    join_all(watched).await;
}

/// Keep-alives are life and no progress.
#[tokio::test]
async fn a_server_that_only_keeps_alive_is_found_out() {
    let watchdog = Watchdog::new()
        .start(Duration::from_millis(400))
        .silence(Duration::from_secs(60))
        .stall(Duration::from_millis(400));
    let alive = Ending::Endless(b": keep-alive\n\n");
    let queued = Sending::new(": keep-alive\n\n").ending(alive);
    let begun = Sending::new("data: {\"a\":1}\n\n").ending(alive);
    join_all([
        watch_all(queued, watchdog, (Timer::Start, Outcome::KeepAliveOnly)),
        watch_all(begun, watchdog, (Timer::Stall, Outcome::Unfinished)),
    ])
    .await;
}

/// With every client until the watchdog expires; then the server must see that the client has gone.
async fn watch_all(sending: Sending, watchdog: Watchdog, expected: (Timer, Outcome)) {
    let framing = sending.framing;
    let by_reqwest = async {
        let Serving { addr, over, .. } = sending.clone().serve().await;
        let events = EventStream::new(CLIENTS.reqwest(addr, framing).await.bytes_stream());
        assert_eq!(watch(events, watchdog).await, expected, "reqwest, {framing:?}");
        // With HTTP/2 only the stream ends, and the connection stays.
        if framing != Framing::Http2 {
            let over = timeout(Duration::from_secs(20), over).await;
            let _ = over.expect("dropping the stream cancels the request");
        }
    };
    let by_hyper = async {
        let Serving { addr, .. } = sending.clone().serve().await;
        let body = CLIENTS.hyper(addr, framing).await.into_body();
        let events = EventStream::new(BodyDataStream::new(body));
        assert_eq!(watch(events, watchdog).await, expected, "hyper, {framing:?}");
    };
    let by_ureq = async {
        if framing != Framing::Http2 {
            let Serving { addr, .. } = sending.clone().serve().await;
            let watched = move || watch_blocking(asking::impatient(addr), watchdog);
            let watched = tokio::task::spawn_blocking(watched).await;
            assert_eq!(watched.unwrap(), expected, "ureq, {framing:?}");
        }
    };
    join!(by_reqwest, by_hyper, by_ureq);
}

async fn watch<S, E>(events: EventStream<S>, watchdog: Watchdog) -> (Timer, Outcome)
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let sent = Instant::now();
    let mut events = events.watched(watchdog, move || sent.elapsed(), sleep);
    loop {
        match events.next().await.expect("the server does not end") {
            Ok(_) => {}
            Err(StreamError::Expired { expired, outcome, .. }) => return (expired.timer(), outcome),
            Err(error) => panic!("{error:#}"),
        }
    }
}

/// ureq reads on after a timeout of its own, which wakes the watchdog.
fn watch_blocking(body: impl io::Read, mut watchdog: Watchdog) -> (Timer, Outcome) {
    let sent = Instant::now();
    let mut reader = EventReader::new(body);
    loop {
        match reader.next_watched(&mut watchdog, || sent.elapsed(), |_, _| Ok(())) {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the server does not end"),
            Err(ReadError::Expired(expired)) => return (expired.timer(), reader.close()),
            Err(error) => assert!(asking::is_timeout(&error), "{error:?}"),
        }
    }
}
