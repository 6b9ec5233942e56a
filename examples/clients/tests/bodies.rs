//! The bodies of axum and reqwest, without a network: `EventStream` takes them as they are.

use std::error::Error;

use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt, TryStreamExt};
use llm_response::{EventStream, Outcome, OwnedEvent};

const RESPONSE: &str = ": queued\n\ndata: {\"a\":1}\n\ndata: [DONE]\n\n";

/// Everything is there at once, so nothing has to be waited for.
fn reads_response<S, E>(chunks: S)
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let mut events = EventStream::new(chunks);
    let texts = events.by_ref().map_ok(|event| match event {
        OwnedEvent::KeepAlive(_) => String::from("keep-alive"),
        OwnedEvent::Data(data) => data.to_str().unwrap().into(),
        other => format!("{other:?}"),
    });
    let texts: Vec<String> = texts.try_collect().now_or_never().unwrap().unwrap();
    assert_eq!(texts, ["keep-alive", "{\"a\":1}", "Done"]);
    assert_eq!(events.outcome(), Some(Outcome::Complete));
}

#[test]
fn reads_the_body_of_axum() {
    reads_response(axum::body::Body::from(RESPONSE).into_data_stream());
}

#[test]
fn reads_the_body_of_reqwest() {
    let response = reqwest::Response::from(hyper::Response::new(RESPONSE));
    reads_response(Box::pin(response.bytes_stream()));
}
