//! What the heads of request and response say, and which headers go through a proxy.

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use serde::Deserialize;

use super::relay::Kind;

/// Whether the body of a request asks for a stream.
pub(crate) fn asks_for_stream(request: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Request {
        #[serde(default)]
        stream: Option<bool>,
    }
    serde_json::from_slice(request).is_ok_and(|Request { stream }| stream == Some(true))
}

/// What is known of a body before its first byte. An error comes as JSON, even where a stream was asked for.
pub(crate) fn kind(asks_for_stream: bool, status: StatusCode, headers: &HeaderMap) -> Kind {
    let value = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let coding = value(header::CONTENT_ENCODING).trim();
    if !(coding.is_empty() || coding.eq_ignore_ascii_case("identity")) {
        return Kind::Encoded(coding.to_owned());
    }
    let media_type = value(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    let promises_stream = media_type.eq_ignore_ascii_case("text/event-stream");
    match asks_for_stream && status.is_success() && promises_stream {
        true => Kind::Stream,
        false => Kind::Unknown,
    }
}

/// The headers that concern the client: `content-type`, `content-encoding`, `retry-after`, the ids of requests, what is
/// left of a quota, and all that servers invent.
///
/// Those that concern one connection stay behind (RFC 9110, section 7.6.1), and so does the length, which heartbeats
/// change.
pub(crate) fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let named: Vec<_> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let stays = |name: &HeaderName| {
        HOP_BY_HOP.contains(&name.as_str()) || named.iter().any(|other| other.eq_ignore_ascii_case(name.as_str()))
    };
    headers
        .iter()
        .filter(|(name, _)| !stays(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
