//! The server on loopback in all scenarios, and what this crate makes of it.

use std::error::Error;

use clap::ValueEnum;
use futures_util::StreamExt;
use futures_util::future::try_join_all;
use llm_response::chat::Accumulator;
use llm_response::{EventStream, OwnedEvent};
use reqwest::Client;
use serde_json::{Value, json};

use super::server::{SCENARIO_HEADER, Scenario, Server};
use super::wording::Wording;

/// Each scenario, directly and through the proxy, as stream or as body; all are asked at once.
pub(crate) async fn cases(
    client: &Client,
    server: &Server,
    wording: Wording,
    streams: &[bool],
) -> Result<Value, Box<dyn Error>> {
    let mut cases = Vec::new();
    for scenario in Scenario::value_variants() {
        let name = scenario.name();
        let headers = vec![(SCENARIO_HEADER, name.clone())];
        let proxied = super::proxied(client, server.url(wording.path()), headers).await?;
        for (way, url) in [("directly", server.url("")), ("through the proxy", proxied)] {
            cases.extend(streams.iter().map(|stream| Case {
                way,
                url: url.clone(),
                scenario: name.clone(),
                wording,
                stream: *stream,
            }));
        }
    }
    Ok(try_join_all(cases.iter().map(|case| case.ask(client))).await?.into())
}

struct Case {
    way: &'static str,
    url: String,
    scenario: String,
    wording: Wording,
    stream: bool,
}

impl Case {
    /// What a client needs to ask the same, the answer as this crate finds it, and the outcome.
    async fn ask(&self, client: &Client) -> Result<Value, Box<dyn Error>> {
        let Self {
            way,
            url,
            scenario,
            wording,
            stream,
        } = self;
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
            "way": way,
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
