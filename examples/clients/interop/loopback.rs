//! The server on loopback in all scenarios, and what this crate makes of it.

use std::error::Error;

use clap::ValueEnum;
use futures_util::StreamExt;
use llm_response::chat::Accumulator;
use llm_response::{EventStream, OwnedEvent};
use reqwest::Client;
use serde_json::{Value, json};

use super::server::{SCENARIO_HEADER, Scenario, Server};
use super::wording::Wording;

/// Each scenario, directly and through the proxy, as stream or as body.
pub(crate) async fn cases(
    client: &Client,
    server: &Server,
    wording: Wording,
    stream: &[bool],
) -> Result<Value, Box<dyn Error>> {
    let mut cases = Vec::new();
    for scenario in Scenario::value_variants() {
        let name = scenario.name();
        let headers = vec![(SCENARIO_HEADER, name.clone())];
        let proxied = super::proxied(client, server.url(wording.path()), headers).await?;
        for (way, url) in [("directly", server.url("")), ("through the proxy", proxied)] {
            for stream in stream {
                let case = Case {
                    url: &url,
                    scenario: &name,
                    wording,
                    stream: *stream,
                };
                let mut value = case.ask(client).await?;
                value["way"] = way.into();
                cases.push(value);
            }
        }
    }
    Ok(cases.into())
}

struct Case<'a> {
    url: &'a str,
    scenario: &'a str,
    wording: Wording,
    stream: bool,
}

impl Case<'_> {
    /// What a client needs to ask the same, the answer as this crate finds it, and the outcome.
    async fn ask(&self, client: &Client) -> Result<Value, Box<dyn Error>> {
        let Self {
            url,
            scenario,
            wording,
            stream,
        } = *self;
        let request = json!({"model": "m", "stream": stream, "max_tokens": 64, "messages": []}).to_string();
        let request = client.post(format!("{url}{}", wording.path())).body(request);
        let response = request.header(SCENARIO_HEADER, scenario).send().await?;
        let mut events = EventStream::new(response.bytes_stream());
        let (mut answer, mut body) = (Accumulator::new(), None);
        while let Some(event) = events.next().await {
            match event {
                Ok(OwnedEvent::Data(data)) => wording.push(&mut answer, &data.as_data())?,
                Ok(OwnedEvent::Body(bytes)) => body = Some(wording.body(bytes.as_bytes())?),
                // An error is an outcome as well.
                Ok(_) | Err(_) => {}
            }
        }
        let streamed = || (answer.content().to_owned(), answer.reasoning().to_owned());
        let (text, reasoning) = body.unwrap_or_else(streamed);
        Ok(json!({
            "url": url,
            "scenario": scenario,
            "stream": stream,
            "text": text,
            "reasoning": reasoning,
            "outcome": format!("{:?}", events.outcome()),
            "keep_alives": events.parser().keep_alives(),
        }))
    }
}
