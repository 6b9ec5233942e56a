//! Reads a response of some server with this crate, on request: over a real connection, as the chunks come.
//!
//! A stream is read twice at once, as the standard has it and in the dialect of language models.

use std::error::Error;
use std::io;

use axum::Json;
use axum::http::StatusCode;
use axum::routing::post;
use llm_response::chat::Accumulator;
use llm_response::{Data, Event, Format, KeepAlive, Options, Parser};
use reqwest::Client;
use serde::{Deserialize, Serialize};

use super::wording::Wording;

/// Which response is to be read.
#[derive(Deserialize)]
struct Order {
    url: String,
    /// The body of the request, which is a POST.
    body: String,
    wording: Wording,
    #[serde(default)]
    is_json_stream: bool,
    #[serde(default)]
    through_the_proxy: bool,
}

/// What has been read.
#[derive(Serialize)]
struct Report {
    status: u16,
    chunks: usize,
    /// The connection broke.
    is_broken: bool,
    /// All bytes, for a message; what is not UTF-8 is shown as U+FFFD.
    bytes: String,
    text: String,
    reasoning: String,
    /// As the standard has it; the same as `llm` for a JSON stream.
    standard: Trace,
    llm: Trace,
}

#[derive(Default, Serialize)]
struct Trace {
    events: Vec<Seen>,
    keep_alives: u64,
    retry: Option<u64>,
    last_event_id: String,
    outcome: String,
}

#[derive(Serialize)]
struct Seen {
    kind: &'static str,
    event: String,
    id: String,
    data: String,
    is_error: bool,
}

/// Starts the service and gives its address.
pub(crate) async fn start(client: Client) -> io::Result<String> {
    let answer = async move |Json(order): Json<Order>| match read(&client, &order).await {
        Ok(report) => Ok(Json(report)),
        Err(error) => Err((StatusCode::BAD_GATEWAY, error.to_string())),
    };
    super::serve(axum::Router::new().route("/", post(answer))).await
}

async fn read(client: &Client, order: &Order) -> Result<Report, Box<dyn Error + Send + Sync>> {
    let json = ("content-type", "application/json".to_owned());
    let url = match order.through_the_proxy {
        true => super::proxied(client, order.url.clone(), vec![json.clone()]).await? + Wording::OpenAi.path(),
        false => order.url.clone(),
    };
    let request = client.post(url).header(json.0, json.1).body(order.body.clone());
    let mut response = request.send().await?;
    let status = response.status().as_u16();
    let (standard, llm) = match order.is_json_stream {
        true => (
            Options::new().format(Format::JsonStream),
            Options::new().format(Format::JsonStream),
        ),
        false => (Options::event_source(), Options::new()),
    };
    let (mut standard, mut llm) = (Reading::new(standard), Reading::new(llm));
    let (mut chunks, mut bytes, mut answer) = (0, Vec::new(), Accumulator::new());
    let (mut failure, mut is_broken) = (None, false);
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(error) if error.is_timeout() => return Err(error.into()),
            Err(_) => {
                is_broken = true;
                break;
            }
        };
        chunks += 1;
        bytes.extend_from_slice(&chunk);
        standard.push(&chunk, |_| {})?;
        llm.push(&chunk, |data| {
            failure = order.wording.push(&mut answer, data).err().or(failure.take())
        })?;
    }
    let (standard, llm) = (standard.finish()?, llm.finish()?);
    match failure {
        Some(failure) => Err(failure.into()),
        None => Ok(Report {
            status,
            chunks,
            is_broken,
            bytes: String::from_utf8_lossy(&bytes).into_owned(),
            text: answer.content().to_owned(),
            reasoning: answer.reasoning().to_owned(),
            standard,
            llm,
        }),
    }
}

struct Reading {
    parser: Parser,
    events: Vec<Seen>,
}

impl Reading {
    fn new(options: Options) -> Self {
        let (parser, events) = (Parser::with_options(options), Vec::new());
        Self { parser, events }
    }

    fn push(&mut self, chunk: &[u8], mut on_data: impl FnMut(&Data<'_>)) -> Result<(), llm_response::Error> {
        self.parser.push(chunk, |event| {
            if let Event::Data(data) = &event {
                on_data(data);
            }
            self.events.push(Seen::new(&event));
        })
    }

    fn finish(mut self) -> Result<Trace, llm_response::Error> {
        let finish = self.parser.finish()?;
        let outcome = format!("{:?}", finish.outcome);
        self.events.extend(finish.event.as_ref().map(Seen::new));
        Ok(Trace {
            events: self.events,
            keep_alives: self.parser.keep_alives(),
            retry: self.parser.retry(),
            last_event_id: text(self.parser.last_event_id()),
            outcome,
        })
    }
}

impl Seen {
    fn new(event: &Event<'_>) -> Self {
        let none = Data::new(b"", b"", b"");
        let (kind, data) = match event {
            Event::Data(data) => ("data", *data),
            Event::KeepAlive(KeepAlive::Ping(data)) => ("ping", *data),
            Event::KeepAlive(KeepAlive::Comment(comment)) => ("comment", Data::new(b"", b"", comment)),
            Event::KeepAlive(_) => ("blank line", none),
            Event::Done => ("done", none),
            Event::Body(body) => ("body", Data::new(b"", b"", body.as_bytes())),
            Event::Unknown(line) => ("unknown", Data::new(b"", b"", line)),
            _ => ("other", none),
        };
        Self {
            kind,
            event: text(data.event()),
            id: text(data.id()),
            data: text(data.as_bytes()),
            is_error: data.is_error(),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
