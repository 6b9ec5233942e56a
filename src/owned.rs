//! Events that own their bytes, for channels, tasks and asynchronous streams.
//!
//! A part of an event that lies inside the chunk shares the chunk's memory; which part does is told by its address. What
//! the parser had to store, because a cut or another line came between, is copied once.

use bytes::{Buf, Bytes};

use crate::{
    Buffer, Data, Error, Event, KeepAlive, OwnedBody, OwnedData, OwnedEvent, OwnedFinish, OwnedKeepAlive, Parser,
};

impl<B: Buffer> Parser<B> {
    /// As [`Parser::next_event`], with an event that owns its bytes: takes bytes off the front of `chunk` until they
    /// complete an event. `Ok(None)`: all of `chunk` was taken.
    ///
    /// Nothing is copied where the event lies inside `chunk`; see [`OwnedEvent`] for what that keeps in memory.
    ///
    /// # Errors
    ///
    /// As [`Parser::next_event`]; `chunk` then starts at the byte that failed.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use llm_response::{OwnedEvent, Parser};
    ///
    /// let mut parser = Parser::new();
    /// let mut chunk = Bytes::from_static(b": keep-alive\n\ndata: {\"text\":\"hi\"}\n\n");
    /// let (mut keep_alives, mut texts) = (0, Vec::new());
    /// while let Some(event) = parser.next_owned(&mut chunk)? {
    ///     match event {
    ///         OwnedEvent::KeepAlive(_) => keep_alives += 1,
    ///         OwnedEvent::Data(data) => texts.push(data.bytes().clone()),
    ///         _ => {}
    ///     }
    /// }
    ///
    /// assert_eq!(keep_alives, 1);
    /// assert_eq!(texts, [&b"{\"text\":\"hi\"}"[..]]);
    /// assert!(chunk.is_empty());
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn next_owned(&mut self, chunk: &mut Bytes) -> Result<Option<OwnedEvent>, Error> {
        let mut left: &[u8] = chunk;
        let event = match self.next_event(&mut left) {
            Ok(event) => Ok(event.map(|event| event.to_owned_in(chunk))),
            Err(error) => Err(error),
        };
        let taken = chunk.len() - left.len();
        chunk.advance(taken);
        event
    }

    /// As [`Parser::finish`], with an event and a rest that own their bytes: they are copied, as no chunk is at hand.
    ///
    /// # Errors
    ///
    /// As [`Parser::finish`].
    ///
    /// ```
    /// use bytes::Bytes;
    /// use llm_response::{Outcome, Parser};
    ///
    /// let mut parser = Parser::new();
    /// let mut chunk = Bytes::from_static(b"data: {\"text\":");
    /// assert_eq!(parser.next_owned(&mut chunk)?, None);
    /// let finish = parser.finish_owned()?;
    ///
    /// assert_eq!(finish.outcome, Outcome::Truncated);
    /// assert_eq!(finish.rest, &b"{\"text\":"[..]);
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn finish_owned(&mut self) -> Result<OwnedFinish, Error> {
        let finish = self.finish()?;
        Ok(OwnedFinish {
            event: finish.event.map(|event| event.to_owned_in(&Bytes::new())),
            outcome: finish.outcome,
            rest: Bytes::copy_from_slice(finish.rest),
        })
    }
}

impl Event<'_> {
    /// The same event with bytes of its own: shared with `chunk` where they lie in it, copied where they do not.
    ///
    /// For callers of [`Parser::next_event`] who keep only a few events. `chunk` is the one that the event came from, or
    /// any other, such as an empty one, to copy everything.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use llm_response::{Event, Parser};
    ///
    /// let chunk = Bytes::from_static(b": queued\n\ndata: hi\n\n");
    /// let mut parser = Parser::new();
    /// let mut left = &chunk[..];
    /// let mut kept = None;
    /// while let Some(event) = parser.next_output(&mut left)? {
    ///     kept = Some(event.to_owned_in(&chunk));
    /// }
    ///
    /// drop(chunk); // `kept` keeps the memory alive
    /// assert!(matches!(kept.unwrap().as_event(), Event::Data(data) if data.as_bytes() == b"hi"));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn to_owned_in(&self, chunk: &Bytes) -> OwnedEvent {
        match self {
            Self::KeepAlive(KeepAlive::Comment(text)) => {
                OwnedEvent::KeepAlive(OwnedKeepAlive::Comment(share(text, chunk)))
            }
            Self::KeepAlive(KeepAlive::BlankLine) => OwnedEvent::KeepAlive(OwnedKeepAlive::BlankLine),
            Self::KeepAlive(KeepAlive::Ping(data)) => {
                OwnedEvent::KeepAlive(OwnedKeepAlive::Ping(share_data(data, chunk)))
            }
            Self::Data(data) => OwnedEvent::Data(share_data(data, chunk)),
            Self::Done => OwnedEvent::Done,
            Self::Body(body) => OwnedEvent::Body(OwnedBody {
                bytes: share(body.bytes, chunk),
            }),
            Self::Unknown(line) => OwnedEvent::Unknown(share(line, chunk)),
        }
    }
}

fn share_data(data: &Data<'_>, chunk: &Bytes) -> OwnedData {
    OwnedData {
        event: share(data.event, chunk),
        id: share(data.id, chunk),
        data: share(data.data, chunk),
    }
}

/// `part`, shared with `chunk` if it lies in it. Where it does, the slice at its address is the part itself.
fn share(part: &[u8], chunk: &Bytes) -> Bytes {
    let start = part.as_ptr().addr().checked_sub(chunk.as_ptr().addr());
    let inside = start
        .and_then(|start| Some(start..start.checked_add(part.len())?))
        .filter(|range| range.end <= chunk.len() && !part.is_empty());
    match inside {
        Some(range) => chunk.slice(range),
        None => Bytes::copy_from_slice(part),
    }
}
