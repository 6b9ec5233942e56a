//! Many streams at a time through one process, for a few seconds: none is lost, and memory does not grow.
//!
//! `SOAK_SECONDS` prolongs it. `cargo test -p llm-response-clients --test soak -- --nocapture` shows the figures.

use std::{
    env, fs, io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::{BodyDataStream, Empty};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use llm_response::{EventStream, Outcome, OwnedEvent, StreamError};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

const STREAMS: usize = 2000;
/// Between two writes of a stream.
const TICK: Duration = Duration::from_millis(250);
/// How many connect at a time: more than a listener has room for would be turned away for a second.
const CONNECTING: usize = 100;
/// What memory may grow by while nothing but time passes.
const NOISE: usize = 4 << 20;

/// How a stream goes; the client knows it by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Complete,
    Cut,
    Reset,
    Queued,
}

impl Fate {
    fn of(number: usize) -> Self {
        match number % 20 {
            7 => Self::Cut,
            11 => Self::Reset,
            13 => Self::Queued,
            _ => Self::Complete,
        }
    }

    fn outcome(self) -> Outcome {
        match self {
            Self::Complete => Outcome::Complete,
            Self::Cut | Self::Reset => Outcome::Truncated,
            Self::Queued => Outcome::KeepAliveOnly,
        }
    }
}

#[derive(Debug, Default)]
struct Figures {
    open: AtomicUsize,
    sent: AtomicUsize,
    events: AtomicUsize,
    keep_alives: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_streams() {
    let seconds = env::var("SOAK_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let duration = Duration::from_secs(seconds.unwrap_or(4));
    let streams = streams_by_sockets();
    let figures = Arc::new(Figures::default());
    let (stop, stopped) = watch::channel(false);
    let start = Instant::now();

    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(1024).unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, figures.clone(), stopped));

    let readers: Vec<_> = stream::iter(0..streams)
        .map(|number| connect(addr, number))
        .buffered(CONNECTING)
        .map(|body| tokio::spawn(read(body.expect("it connects"), figures.clone())))
        .collect()
        .await;
    // Every buffer has had time to become as large as it will be.
    sleep(TICK * 4).await;
    assert_eq!(figures.open.load(Relaxed), streams);
    let connected = start.elapsed();

    let settled = resident();
    let mut most = settled;
    let steady = Instant::now();
    while steady.elapsed() < duration {
        sleep(Duration::from_millis(200)).await;
        most = most.max(resident());
    }
    stop.send(true).unwrap();

    let mut lost = Vec::new();
    for (number, reader) in readers.into_iter().enumerate() {
        let outcome = timeout(Duration::from_secs(30), reader)
            .await
            .expect("it ends")
            .unwrap();
        if outcome != Some(Fate::of(number).outcome()) {
            lost.push((number, outcome));
        }
    }

    let figure = |counter: &AtomicUsize| counter.load(Relaxed);
    println!(
        "{streams} streams at a time, all open after {connected:.1?}, then for {duration:?}; \
         {} events and {} keep-alives, {:.1} MB; lost: {}",
        figure(&figures.events),
        figure(&figures.keep_alives),
        figure(&figures.sent) as f64 / 1e6,
        lost.len(),
    );
    match (settled, most) {
        (Some(settled), Some(most)) => {
            println!(
                "memory: {:.1} MB once all were open, {:.1} MB at most; {:.1} KB a stream, both ends",
                settled as f64 / 1e6,
                most as f64 / 1e6,
                settled as f64 / 1e3 / streams as f64,
            );
            assert!(most <= settled + settled / 20 + NOISE, "memory has grown");
        }
        _ => println!("memory: not measured on this system"),
    }
    assert!(lost.is_empty(), "{lost:?}");
}

/// As many as the process may have sockets for: two each.
fn streams_by_sockets() -> usize {
    let spare = 100;
    let sockets = raise_socket_limit(2 * STREAMS + spare);
    let streams = STREAMS.min(sockets.saturating_sub(spare) / 2);
    if streams < STREAMS {
        println!("only {streams} streams, because this process may have {sockets} sockets (see `ulimit -n`)");
    }
    assert!(streams > 0, "no sockets");
    streams
}

#[cfg(unix)]
fn raise_socket_limit(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let allowed = limit.maximum.map_or(wanted, |maximum| wanted.min(maximum as usize));
    let current = limit.current.map_or(wanted, |current| current as usize);
    let raised = Rlimit {
        current: Some(allowed as u64),
        ..limit
    };
    match current < allowed && setrlimit(Resource::Nofile, raised).is_ok() {
        true => allowed,
        false => current,
    }
}

#[cfg(not(unix))]
fn raise_socket_limit(wanted: usize) -> usize {
    wanted
}

/// The memory that this process has, in bytes, where the system tells.
fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

async fn serve(listener: TcpListener, figures: Arc<Figures>, stopped: watch::Receiver<bool>) {
    while let Ok((connection, _)) = listener.accept().await {
        // An error is the client's to notice.
        tokio::spawn(send(connection, figures.clone(), stopped.clone()));
    }
}

/// Events that every write splits, until everything is stopped.
async fn send(mut connection: TcpStream, figures: Arc<Figures>, mut stopped: watch::Receiver<bool>) -> io::Result<()> {
    let number = read_request(&mut connection).await?;
    let fate = Fate::of(number);
    connection.set_nodelay(true)?;
    connection
        .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        .await?;
    figures.open.fetch_add(1, Relaxed);

    // Not all at the same time.
    sleep(TICK.mul_f64(number as f64 / STREAMS as f64)).await;
    let mut begun = String::new();
    for count in 0.. {
        let event = match fate {
            Fate::Queued => ": keep-alive\n\n".to_owned(),
            _ => format!(
                "data: {{\"count\":{count},\"choices\":[{{\"delta\":{{\"content\":\"Grüße {number}\"}}}}]}}\n\n: alive\n\n"
            ),
        };
        let (first, rest) = event.split_at(event.len() / 3);
        let text = begun + first;
        begun = rest.to_owned();
        write(&mut connection, &text, &figures).await?;
        if timeout(TICK, stopped.wait_for(|stopped| *stopped)).await.is_ok() {
            break;
        }
    }
    match fate {
        Fate::Complete => write(&mut connection, &(begun + "data: [DONE]\n\n"), &figures).await?,
        Fate::Queued => write(&mut connection, &begun, &figures).await?,
        Fate::Cut => {}
        Fate::Reset => {
            // So that the client has read what came before: some systems would throw it away.
            sleep(Duration::from_millis(500)).await;
            return connection.set_zero_linger();
        }
    }
    connection.write_all(b"0\r\n\r\n").await
}

async fn write(connection: &mut TcpStream, text: &str, figures: &Figures) -> io::Result<()> {
    figures.sent.fetch_add(text.len(), Relaxed);
    connection
        .write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes())
        .await
}

/// The number of the stream, which is its path.
async fn read_request(connection: &mut TcpStream) -> io::Result<usize> {
    let mut request = Vec::with_capacity(256);
    while !request.ends_with(b"\r\n\r\n") {
        if connection.read_buf(&mut request).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or_default();
    path.trim_start_matches('/').parse().map_err(io::Error::other)
}

async fn connect(addr: SocketAddr, number: usize) -> Result<hyper::body::Incoming, Box<dyn std::error::Error>> {
    let connection = TcpStream::connect(addr).await?;
    let (mut sender, driver) = http1::handshake(TokioIo::new(connection)).await?;
    tokio::spawn(driver);
    let request = Request::get(format!("/{number}"))
        .header("host", addr.to_string())
        .body(Empty::<Bytes>::new())?;
    Ok(sender.send_request(request).await?.into_body())
}

/// Reads to the end; no event may be missing.
async fn read(body: hyper::body::Incoming, figures: Arc<Figures>) -> Option<Outcome> {
    let mut events = EventStream::new(BodyDataStream::new(body));
    let mut count = 0;
    while let Some(event) = events.next().await {
        match event {
            Ok(OwnedEvent::Data(data)) => {
                let prefix = format!("{{\"count\":{count},");
                assert!(
                    data.as_bytes().starts_with(prefix.as_bytes()),
                    "not {prefix} but {data:?}"
                );
                count += 1;
            }
            Ok(_) | Err(StreamError::Transport { .. } | StreamError::Incomplete { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    figures.events.fetch_add(count, Relaxed);
    figures
        .keep_alives
        .fetch_add(events.parser().keep_alives() as usize, Relaxed);
    events.outcome()
}
