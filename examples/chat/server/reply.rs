//! A reply as the network sees it: a status, a content type, and then writes and pauses.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};

/// What the server sends, and when. Its end closes the response cleanly, unless it is a [`Reply::reset`].
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    content_type: &'static str,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Write(Bytes),
    Pause(Duration),
    Reset,
}

/// How long the pieces of [`Reply::torn`] are, over and over; no two neighbours alike.
const LENGTHS: [usize; 9] = [61, 7, 148, 1, 33, 211, 2, 97, 180];

impl Reply {
    /// A reply without a body, so far.
    pub(crate) fn new(status: StatusCode, content_type: &'static str) -> Self {
        Self {
            status,
            content_type,
            steps: Vec::new(),
        }
    }

    /// Writes `bytes` to the connection in one piece.
    pub(crate) fn write(mut self, bytes: impl Into<Bytes>) -> Self {
        self.steps.push(Step::Write(bytes.into()));
        self
    }

    /// Says nothing for a while.
    pub(crate) fn pause(mut self, pause: Duration) -> Self {
        self.steps.push(Step::Pause(pause));
        self
    }

    /// Writes `bytes` as a busy network delivers them: in uneven pieces that split lines and characters, with a pause after each.
    pub(crate) fn torn(mut self, bytes: impl Into<Bytes>, pause: Duration) -> Self {
        let mut rest = bytes.into();
        for length in LENGTHS.into_iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let piece = rest.split_to(border(&rest, length));
            self = self.write(piece).pause(pause);
        }
        self
    }

    /// Breaks the connection instead of closing the response.
    pub(crate) fn reset(mut self) -> Self {
        self.steps.push(Step::Reset);
        self
    }
}

/// Where to split `bytes` after about `length`: inside a character of several bytes if there is one near.
fn border(bytes: &[u8], length: usize) -> usize {
    let length = length.min(bytes.len());
    let near = bytes[length..].iter().take(60);
    match near.copied().position(|byte| byte >= 0xC0) {
        Some(ahead) => length + ahead + 1,
        None => length,
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.content_type),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        let body = Body::from_stream(stream::iter(self.steps).filter_map(take));
        (self.status, headers, body).into_response()
    }
}

async fn take(step: Step) -> Option<io::Result<Bytes>> {
    // A body that is not ready for a moment makes hyper write out what it holds: one step, one write.
    tokio::task::yield_now().await;
    match step {
        Step::Write(bytes) => Some(Ok(bytes)),
        Step::Pause(pause) if pause.is_zero() => None,
        Step::Pause(pause) => {
            tokio::time::sleep(pause).await;
            None
        }
        Step::Reset => Some(Err(io::ErrorKind::ConnectionReset.into())),
    }
}
