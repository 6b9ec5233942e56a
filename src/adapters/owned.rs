//! Events that own their bytes, for channels, tasks and asynchronous streams.
//!
//! A part of an event that lies inside the chunk shares the chunk's memory; its address shows whether it does. A part that the
//! parser had to store, because a chunk ended or another line followed, is copied once. A large one is handed over with
//! its memory instead.

use alloc::vec::Vec;

use bytes::{Buf, Bytes};

use crate::{
    Body, Buffer, Data, Error, Event, Found, KeepAlive, OwnedBody, OwnedData, OwnedEvent, OwnedFinish, OwnedKeepAlive,
    Parser,
};

/// A stored event of more bytes than this is handed over instead of copied. A shorter one is copied, which costs less than a
/// new buffer for the parser.
const LARGE: usize = 4096;

impl<B: Buffer> Parser<B> {
    /// Like [`Parser::next_event`], but gives an event that owns its bytes. It takes bytes off the front of `chunk` until they
    /// complete an event. `Ok(None)` means that all of `chunk` was taken.
    ///
    /// An event contained in `chunk` is not copied; see [`OwnedEvent`] for what that keeps in memory.
    ///
    /// # Errors
    ///
    /// Those of [`Parser::next_event`]. `chunk` then starts at the byte that failed.
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
    ///         OwnedEvent::Data(data) => texts.push(data.into_bytes()),
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
        let event = match self.advance(&mut left) {
            Ok(found) => Ok(found.map(|found| self.own(found, chunk))),
            Err(error) => Err(error),
        };
        let taken = chunk.len() - left.len();
        chunk.advance(taken);
        event
    }

    /// Like [`Parser::finish`], but gives an event and a rest that own their bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Parser::finish`].
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
        let outcome = finish.outcome;
        let no_chunk = Bytes::new();
        if finish.rest.len() > LARGE {
            let event = finish.event.map(|event| event.to_owned_in(&no_chunk));
            let place = Place::of(finish.rest);
            let rest = self.take_part(place).unwrap_or_default();
            return Ok(OwnedFinish { event, outcome, rest });
        }
        let rest = Bytes::copy_from_slice(finish.rest);
        let event = match finish.event {
            Some(event) if main_part(&event).len() > LARGE => {
                let place = Place::of(main_part(&event));
                let mut owned = own(&event, &no_chunk, |_| Bytes::new());
                set_main_part(&mut owned, self.take_part(place).unwrap_or_default());
                Some(owned)
            }
            event => event.map(|event| event.to_owned_in(&no_chunk)),
        };
        Ok(OwnedFinish { event, outcome, rest })
    }

    fn own(&mut self, found: Found<'_>, chunk: &Bytes) -> OwnedEvent {
        let event = self.lend(found);
        let main = main_part(&event);
        if main.len() <= LARGE || lies_in(main, chunk).is_some() {
            return event.to_owned_in(chunk);
        }
        let place = Place::of(main);
        let mut owned = own(&event, chunk, |_| Bytes::new());
        match self.take_part(place) {
            Some(main) => set_main_part(&mut owned, main),
            None => owned = self.lend(found).to_owned_in(chunk),
        }
        owned
    }

    /// The part of the last event that is stored, with its memory.
    fn take_part(&mut self, place: Place) -> Option<Bytes> {
        let start = place.address.checked_sub(self.last_event_id().as_ptr().addr())?;
        let mut memory: Vec<u8> = self.take_stored()?;
        let range = start..start.checked_add(place.len)?;
        let part = memory.get(range.clone())?;
        if part.len() < memory.len() / 2 {
            return Some(Bytes::copy_from_slice(part)); // beside a long id
        }
        memory.truncate(range.end);
        memory.shrink_to_fit();
        Some(Bytes::from(memory).slice(range))
    }
}

/// The addresses of bytes of the last event.
#[derive(Clone, Copy)]
struct Place {
    address: usize,
    len: usize,
}

impl Place {
    fn of(part: &[u8]) -> Self {
        let address = part.as_ptr().addr();
        Self {
            address,
            len: part.len(),
        }
    }
}

impl Event<'_> {
    /// Makes an event that owns its bytes: they are shared with `chunk` if they lie in it, and copied otherwise.
    ///
    /// This is for callers of [`Parser::next_event`] who keep only a few events. `chunk` is the chunk of the event. With any
    /// other, such as an empty one, everything is copied.
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
        own(self, chunk, |main| share(main, chunk))
    }
}

/// Makes an event that owns its bytes, its main part with `own_main`.
fn own(event: &Event<'_>, chunk: &Bytes, own_main: impl FnOnce(&[u8]) -> Bytes) -> OwnedEvent {
    match event {
        Event::KeepAlive(KeepAlive::Comment(text)) => OwnedEvent::KeepAlive(OwnedKeepAlive::Comment(own_main(text))),
        Event::KeepAlive(KeepAlive::BlankLine) => OwnedEvent::KeepAlive(OwnedKeepAlive::BlankLine),
        Event::KeepAlive(KeepAlive::Ping(data)) => {
            OwnedEvent::KeepAlive(OwnedKeepAlive::Ping(own_data(data, chunk, own_main)))
        }
        Event::Data(data) => OwnedEvent::Data(own_data(data, chunk, own_main)),
        Event::Done => OwnedEvent::Done,
        Event::Body(body) => OwnedEvent::Body(OwnedBody::new(own_main(body.as_bytes()))),
        Event::Unknown(line) => OwnedEvent::Unknown(own_main(line)),
        Event::Skipped(skipped) => OwnedEvent::Skipped(*skipped),
    }
}

fn own_data(data: &Data<'_>, chunk: &Bytes, own_main: impl FnOnce(&[u8]) -> Bytes) -> OwnedData {
    OwnedData::new(
        share(data.event(), chunk),
        share(data.id(), chunk),
        own_main(data.as_bytes()),
    )
}

/// The part of an event that may be large: everything but names and ids.
fn main_part<'a>(event: &Event<'a>) -> &'a [u8] {
    match event {
        Event::KeepAlive(KeepAlive::Comment(bytes)) | Event::Unknown(bytes) => bytes,
        Event::KeepAlive(KeepAlive::Ping(data)) | Event::Data(data) => data.as_bytes(),
        Event::Body(body) => Body::as_bytes(body),
        Event::KeepAlive(KeepAlive::BlankLine) | Event::Done | Event::Skipped(_) => &[],
    }
}

fn set_main_part(event: &mut OwnedEvent, main: Bytes) {
    match event {
        OwnedEvent::KeepAlive(OwnedKeepAlive::Comment(bytes)) | OwnedEvent::Unknown(bytes) => *bytes = main,
        OwnedEvent::KeepAlive(OwnedKeepAlive::Ping(data)) | OwnedEvent::Data(data) => data.data = main,
        OwnedEvent::Body(body) => body.bytes = main,
        OwnedEvent::KeepAlive(OwnedKeepAlive::BlankLine) | OwnedEvent::Done | OwnedEvent::Skipped(_) => {}
    }
}

/// `part`, shared with `chunk` if it lies in it: then the slice at its address is the part itself.
fn share(part: &[u8], chunk: &Bytes) -> Bytes {
    match lies_in(part, chunk) {
        Some(range) => chunk.slice(range),
        None => Bytes::copy_from_slice(part),
    }
}

fn lies_in(part: &[u8], chunk: &[u8]) -> Option<core::ops::Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(chunk.as_ptr().addr())?;
    let range = start..start.checked_add(part.len())?;
    (range.end <= chunk.len() && !part.is_empty()).then_some(range)
}
