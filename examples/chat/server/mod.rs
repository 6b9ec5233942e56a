//! A server on loopback that answers as DeepSeek's API does under load, or as Anthropic's: status and headers at once,
//! keep-alives while the request is queued, then the answer in uneven pieces.
//!
//! An example or a test takes it in with `#[path = "server/mod.rs"] mod server;`. It runs in a thread of its own, so
//! that a blocking client can use it as well as an asynchronous one, and ends when it is dropped:
//!
//! ```ignore
//! let server = Server::start()?;
//! let url = server.url("/chat/completions");
//! ```
//!
//! It serves `POST /chat/completions`, also under `/v1`, and Anthropic's `POST /v1/messages`, and honours `"stream"`.
//! The header `x-scenario` chooses what goes wrong ([`Scenario`]). [`Server::start_with`] sends whatever you like
//! instead, such as what [`ollama`] has for `POST /api/chat`.

// Each example uses a part of this.
#![allow(dead_code, unused_imports)]

mod anthropic;
mod deepseek;
pub(crate) mod ollama;
mod reply;
mod scenario;
mod text;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::ListenerExt;
use clap::ValueEnum;
use serde::Deserialize;
use tokio::sync::oneshot;

pub(crate) use ollama::Ending;
pub(crate) use reply::Reply;
pub(crate) use scenario::{Pace, Scenario};

/// The header whose value is the name of a [`Scenario`].
pub(crate) const SCENARIO_HEADER: &str = "x-scenario";

/// A running server; dropping it closes its connections and ends its thread.
#[derive(Debug)]
pub(crate) struct Server {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What a client asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    #[serde(default)]
    pub(crate) model: String,
    #[serde(default)]
    pub(crate) stream: bool,
    #[serde(skip)]
    pub(crate) scenario: Scenario,
    /// The path, which chooses the API.
    #[serde(skip)]
    pub(crate) path: String,
}

type Answering = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

impl Server {
    /// Starts a server that takes its time, so that a person can watch.
    pub(crate) fn start() -> io::Result<Self> {
        Self::start_at(Pace::LIVE)
    }

    /// Starts a server that queues and writes at the given pace.
    pub(crate) fn start_at(pace: Pace) -> io::Result<Self> {
        Self::start_with(move |request| reply(request, pace))
    }

    /// Starts a server that gives the replies of a function.
    pub(crate) fn start_with(answering: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        Self::start_serving(Router::new(), Arc::new(answering))
    }

    /// The server of [`Self::start_at`], and `pages` as well, which a browser then lets ask it.
    pub(crate) fn start_beside(pages: Router, pace: Pace) -> io::Result<Self> {
        Self::start_serving(pages, Arc::new(move |request| reply(request, pace)))
    }

    fn start_serving(pages: Router, answering: Answering) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("server".into()).spawn(move || {
            serve(listener, pages, answering, stopped).expect("the loopback server runs");
        })?;
        Ok(Self {
            addr,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address of one of its paths, such as `/chat/completions`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }
}

/// The reply of the API whose path was asked for.
fn reply(request: &Request, pace: Pace) -> Reply {
    let script = match request.path.as_str() {
        anthropic::PATH => anthropic::script(request),
        _ => deepseek::script(request),
    };
    script.reply(request, pace)
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed over there; a second one here would abort.
            let _ = thread.join();
        }
    }
}

/// Serves until `stopped`. The runtime takes the open connections with it when it goes.
#[tokio::main(flavor = "current_thread")]
async fn serve(
    listener: TcpListener,
    pages: Router,
    answering: Answering,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|connection| {
        // Without it the kernel joins small writes, which is kinder than a real network.
        let _ = connection.set_nodelay(true);
    });
    let router = Router::new()
        .route("/chat/completions", post(answer))
        .route("/v1/chat/completions", post(answer))
        .route(anthropic::PATH, post(answer))
        .route("/api/chat", post(answer))
        .with_state(answering)
        .merge(pages);
    tokio::select! {
        served = async { axum::serve(listener, router).await } => served,
        _ = stopped => Ok(()),
    }
}

async fn answer(State(answering): State<Answering>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    match read_request(&uri, &headers, &body) {
        Ok(request) => answering(&request).into_response(),
        Err(message) => deepseek::error(StatusCode::BAD_REQUEST, &message, "invalid_request_error").into_response(),
    }
}

fn read_request(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Request, String> {
    let mut request: Request =
        serde_json::from_slice(body).map_err(|error| format!("Failed to parse the request body as JSON: {error}"))?;
    request.path = uri.path().to_owned();
    if let Some(name) = headers.get(SCENARIO_HEADER) {
        let name = String::from_utf8_lossy(name.as_bytes());
        request.scenario = Scenario::from_str(&name, false).map_err(|_| format!("There is no scenario `{name}`"))?;
    }
    Ok(request)
}
