//! Chunks that are any `Buf`.

use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use futures_core::Stream;

/// Turns a stream of any `Buf` into one of [`Bytes`]: [`EventStream::from_bufs`](crate::EventStream::from_bufs).
///
/// ```
/// use std::collections::VecDeque;
///
/// use llm_response::EventStream;
///
/// let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(VecDeque::from(b"data: hi\n\n".to_vec()))]);
/// let events = EventStream::from_bufs(chunks);
/// let _borrowed = events.get_ref().get_ref(); // `EventStream::get_ref` gives `Bufs`, and that the stream
/// let _chunks = events.into_inner().into_inner();
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Bufs<S>(S);

impl<S> Bufs<S> {
    pub(super) fn new(stream: S) -> Self {
        Self(stream)
    }

    /// The stream of `Buf`s.
    pub fn get_ref(&self) -> &S {
        &self.0
    }

    /// The stream of `Buf`s.
    pub fn into_inner(self) -> S {
        self.0
    }
}

impl<S, D, E> Stream for Bufs<S>
where
    S: Stream<Item = Result<D, E>> + Unpin,
    D: Buf,
{
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let to_bytes = |mut chunk: D| chunk.copy_to_bytes(chunk.remaining());
        Pin::new(&mut self.0)
            .poll_next(cx)
            .map(|item| item.map(|chunk| chunk.map(to_bytes)))
    }
}

impl<S> fmt::Debug for Bufs<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bufs").finish_non_exhaustive()
    }
}
