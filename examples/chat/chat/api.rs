//! Whom to ask, and how: the real API, a compatible one, or a server of our own.

use std::env;
use std::fmt;
use std::time::Duration;

use serde_json::json;
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::Args;
use crate::failure::Failure;
use crate::server::{SCENARIO_HEADER, Scenario, Server};

const DEEPSEEK: &str = "https://api.deepseek.com";

/// Two packages build these files, and one of them asks ureq for TLS. The other knows at once that it has none; ureq
/// would find out when it has connected.
const HAS_TLS: bool = matches!(env!("CARGO_PKG_NAME").as_bytes(), b"llm-response-chat-tls");

/// How long a connection may be silent. Keep-alives count as activity here, so this can be much shorter than the ten
/// minutes that a request may be queued.
const SILENCE: Duration = Duration::from_secs(120);

/// The API that is asked.
pub(crate) enum Api {
    Remote { base_url: String, key: Option<String> },
    Loopback { server: Server, scenario: Scenario },
}

impl Api {
    /// The one that the arguments and the environment ask for.
    pub(crate) fn choose(args: &Args) -> Result<Self, Failure> {
        let key = env::var("DEEPSEEK_API_KEY").ok();
        let key = key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
        let asks_remote = args.base_url.is_some() || key.is_some();
        if args.scenario.is_none() && asks_remote {
            let base_url = args.base_url.as_deref().unwrap_or(DEEPSEEK);
            let base_url = base_url.trim_end_matches('/').to_owned();
            if !HAS_TLS
                && base_url
                    .get(..6)
                    .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
            {
                return Err(Failure::NoTls(base_url));
            }
            Ok(Self::Remote { base_url, key })
        } else {
            let server = Server::start().map_err(Failure::NoServer)?;
            let scenario = args.scenario.unwrap_or_default();
            Ok(Self::Loopback { server, scenario })
        }
    }

    /// Sends the request, and returns when status and headers are there. DeepSeek sends these at once, whatever it
    /// finds out later.
    pub(crate) fn ask(&self, args: &Args) -> Result<Response<Body>, Failure> {
        let request = match self {
            Self::Remote { base_url, key } => {
                let request = agent(false).post(format!("{base_url}/chat/completions"));
                match key {
                    Some(key) => request.header("authorization", format!("Bearer {key}")),
                    None => request,
                }
            }
            Self::Loopback { server, scenario } => agent(true)
                .post(server.url("/chat/completions"))
                .header(SCENARIO_HEADER, scenario.name()),
        };
        request.send_json(question(args)).map_err(Failure::NoResponse)
    }
}

fn agent(loopback: bool) -> Agent {
    let config = Agent::config_builder()
        // The body of an error says more than its status.
        .http_status_as_error(false)
        // A decompressor would hold the latest events back.
        .accept_encoding("identity")
        .timeout_connect(Some(Duration::from_secs(20)))
        .timeout_per_read(Some(SILENCE));
    if loopback { config.proxy(None) } else { config }.build().into()
}

fn question(args: &Args) -> serde_json::Value {
    let mut question = json!({
        "model": args.model,
        "messages": [{"role": "user", "content": args.prompt.join(" ")}],
        "stream": !args.no_stream,
    });
    if !args.no_stream {
        // DeepSeek reports the usage anyway, others only if asked.
        question["stream_options"] = json!({"include_usage": true});
    }
    question
}

/// Never shows the key.
impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote { base_url, .. } => write!(f, "asking {base_url}"),
            Self::Loopback { server, scenario } => write!(
                f,
                "asking a server on {}, scenario `{}` (set DEEPSEEK_API_KEY to ask {DEEPSEEK})",
                server.addr(),
                scenario.name(),
            ),
        }
    }
}
