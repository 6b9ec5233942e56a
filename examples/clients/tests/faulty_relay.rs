//! A relay between server and client that forwards in random sizes, stalls, half-closes and resets. No whole response is
//! called truncated, and no truncated one complete. Each run has a fixed seed, which a failure names.

#[path = "clients/asking.rs"]
mod asking;
#[path = "../../../tests/common/mod.rs"]
mod common;
#[path = "clients/scenarios.rs"]
mod scenarios;
#[path = "clients/server.rs"]
mod server;

use std::{io, net::Ipv4Addr, sync::LazyLock, time::Duration};

use asking::{Client, Clients};
use common::{
    reference::decode,
    trace::{End, Heard, Seen, Setup, Text},
};
use futures_util::{StreamExt, stream};
use llm_response::Outcome;
use server::{Framing, Sending};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, yield_now},
    time::{sleep, timeout},
};

/// How many runs each pair of client and framing has.
const RUNS: u64 = 40;
/// How many of them are under way at a time.
const AT_A_TIME: usize = 16;

static CLIENTS: LazyLock<Clients> = LazyLock::new(Clients::new);

#[tokio::test]
async fn no_outcome_is_wrong() {
    let all = scenarios::all();
    let mut runs = Vec::new();
    for (case, client) in [Client::Reqwest, Client::Hyper, Client::Ureq].into_iter().enumerate() {
        for (kind, framing) in [Framing::Chunked, Framing::Length, Framing::Close]
            .into_iter()
            .enumerate()
        {
            let first = (case * 3 + kind) as u64 * RUNS;
            runs.extend((first..first + RUNS).map(|seed| (client, framing, seed)));
        }
    }
    let tally = stream::iter(runs)
        .map(|(client, framing, seed)| {
            let scenario = &all[seed as usize * 7 % all.len()];
            let sending = Sending {
                status: scenario.status,
                content_type: scenario.content_type,
                ..Sending::new(scenario.body.clone()).framing(framing)
            };
            async move {
                let name = format!("seed {seed}: {} by {client:?}, {framing:?}", scenario.name);
                let run = run(client, sending, seed, &name);
                timeout(Duration::from_secs(60), run).await.expect(&name)
            }
        })
        .buffer_unordered(AT_A_TIME)
        .fold([0; 3], async |mut tally, end: Fault| {
            tally[end as usize] += 1;
            tally
        })
        .await;
    println!("{} whole, {} half-closed, {} reset", tally[0], tally[1], tally[2]);
    assert!(
        tally.iter().all(|runs| *runs >= 60),
        "each ending has its share: {tally:?}"
    );
}

/// How the relay ends the client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    HalfClose,
    Reset,
}

/// Random numbers that are the same in each run (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) % limit.max(1) as u64) as usize
    }
}

async fn run(client: Client, sending: Sending, seed: u64, name: &str) -> Fault {
    let (body, framing) = (sending.body.clone(), sending.framing);
    let server = sending.serve().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let relay: JoinHandle<io::Result<_>> = tokio::spawn(async move {
        let (to_client, _) = listener.accept().await?;
        let to_server = TcpStream::connect(server.addr).await?;
        relay(to_client, to_server, Random(seed)).await
    });
    let told = CLIENTS.ask(client, addr, framing).await;
    let (fault, forwarded) = relay.await.unwrap().expect(name);

    let received = payload(&forwarded, framing);
    assert!(body.starts_with(&received), "{name}: the relay changes nothing");
    let prefix = decode(&received, Setup::new()).heard();
    match fault {
        Fault::None => assert_eq!(
            told.heard,
            decode(&body, Setup::new()).heard().merged(),
            "{name}, whole"
        ),
        // The end of the connection is the end of the body: what came is all that the server said.
        Fault::HalfClose if framing == Framing::Close => assert_eq!(told.heard, prefix.merged(), "{name}, half-closed"),
        Fault::HalfClose => assert_eq!(told.heard, broken_off(prefix), "{name}, half-closed"),
        // Some of what was forwarded may be lost with the connection.
        Fault::Reset => {
            let is_complete = outcome(&told.heard) == Some(Outcome::Complete);
            let may_be = outcome(&prefix) == Some(Outcome::Complete);
            assert!(
                may_be || !is_complete,
                "{name}, reset: {:?} of {received:?}",
                told.heard
            );
        }
    }
    fault
}

fn outcome(heard: &Heard) -> Option<Outcome> {
    match &heard.end {
        End::Finish(_, outcome, _) => Some(*outcome),
        End::Error(..) => None,
    }
}

/// What `close` promises: the end of the transport completes nothing.
fn broken_off(mut heard: Heard) -> Heard {
    if let End::Finish(event, outcome, rest) = &mut heard.end {
        if let Some(Seen::Data(..) | Seen::Ping(..) | Seen::Body(_)) = event.take() {
            *outcome = Outcome::Truncated;
        }
        *rest = Text::default();
    }
    heard
}

/// Passes a request on, and the response back. Gives the fault, and what of the response went to the client.
async fn relay(mut to_client: TcpStream, mut to_server: TcpStream, mut random: Random) -> io::Result<(Fault, Vec<u8>)> {
    to_client.set_nodelay(true)?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if to_client.read_buf(&mut request).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    to_server.write_all(&request).await?;
    let mut response = Vec::new();
    to_server.read_to_end(&mut response).await?;
    drop(to_server);

    // A client without a head has no response to read.
    let head = head_len(&response);
    let fault = [Fault::None, Fault::HalfClose, Fault::Reset][random.below(3)];
    if fault != Fault::None {
        response.truncate(head + random.below(response.len() - head));
    }
    let largest = [3, 40, 700][random.below(3)];
    let mut stalls = 3;
    let mut left = &response[..];
    while !left.is_empty() {
        let (piece, rest) = left.split_at((1 + random.below(largest)).min(left.len()));
        to_client.write_all(piece).await?;
        left = rest;
        if stalls > 0 && random.below(20) == 0 {
            stalls -= 1;
            sleep(Duration::from_millis(random.below(40) as u64)).await;
        } else {
            yield_now().await;
        }
    }
    if fault == Fault::Reset {
        sleep(Duration::from_millis(random.below(20) as u64)).await;
        to_client.set_zero_linger()?;
        return Ok((fault, response));
    }
    to_client.shutdown().await?;
    let mut late = [0; 64];
    // The other half stays open until the client goes; how it goes is its own affair.
    while to_client.read(&mut late).await.is_ok_and(|len| len > 0) {}
    Ok((fault, response))
}

fn head_len(response: &[u8]) -> usize {
    let end = response.windows(4).position(|window| window == b"\r\n\r\n");
    end.expect("the server sends a head") + 4
}

/// The body in a response that may end anywhere.
fn payload(response: &[u8], framing: Framing) -> Vec<u8> {
    let mut left = &response[head_len(response)..];
    if framing != Framing::Chunked {
        return left.to_vec();
    }
    let mut payload = Vec::new();
    while let Some(end) = left.windows(2).position(|window| window == b"\r\n") {
        let size = left[..end].split(|byte| *byte == b';').next().unwrap_or_default();
        let size = usize::from_str_radix(std::str::from_utf8(size).unwrap(), 16).unwrap();
        left = &left[end + 2..];
        payload.extend(&left[..size.min(left.len())]);
        left = left.get(size + 2..).unwrap_or_default();
    }
    payload
}
