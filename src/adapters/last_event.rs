//! An event that only the end of the input completes, as positions of its parts. The parser gives the event, and then the
//! adapter takes over the memory with these parts.

use core::ops::Range;

use crate::{Body, Data, Event, KeepAlive, Skipped};

/// An [`Event`] without its borrow.
#[derive(Clone, Copy)]
pub(super) struct LastEvent {
    kind: Kind,
    /// `None`: it is `error`, which a field of that name gives without storing it (R5).
    name: Option<Place>,
    main: Place,
}

#[derive(Clone, Copy)]
enum Kind {
    Comment,
    BlankLine,
    Ping,
    Data,
    Done,
    Body,
    Unknown,
    Skipped(Skipped),
}

#[derive(Clone, Copy)]
struct Place {
    address: usize,
    len: usize,
}

impl LastEvent {
    pub(super) fn of(event: &Event<'_>) -> Self {
        let (kind, name, main) = match event {
            Event::KeepAlive(KeepAlive::Comment(text)) => (Kind::Comment, &[][..], *text),
            Event::KeepAlive(KeepAlive::BlankLine) => (Kind::BlankLine, &[][..], &[][..]),
            Event::KeepAlive(KeepAlive::Ping(data)) => (Kind::Ping, data.event(), data.as_bytes()),
            Event::Data(data) => (Kind::Data, data.event(), data.as_bytes()),
            Event::Done => (Kind::Done, &[][..], &[][..]),
            Event::Body(body) => (Kind::Body, &[][..], body.as_bytes()),
            Event::Unknown(line) => (Kind::Unknown, &[][..], *line),
            Event::Skipped(skipped) => (Kind::Skipped(*skipped), &[][..], &[][..]),
        };
        Self {
            kind,
            name: (name != b"error").then(|| Place::of(name)),
            main: Place::of(main),
        }
    }

    /// Borrows from `memory`, whose first byte was at `base` when the parser gave the event.
    pub(super) fn lend<'m>(self, memory: &'m [u8], base: *const u8, id: &'m [u8]) -> Event<'m> {
        let main = self.main.lend(memory, base);
        let name = self.name.map_or(&b"error"[..], |name| name.lend(memory, base));
        let data = || Data::new(name, id, main);
        match self.kind {
            Kind::Comment => Event::KeepAlive(KeepAlive::Comment(main)),
            Kind::BlankLine => Event::KeepAlive(KeepAlive::BlankLine),
            Kind::Ping => Event::KeepAlive(KeepAlive::Ping(data())),
            Kind::Data => Event::Data(data()),
            Kind::Done => Event::Done,
            Kind::Body => Event::Body(Body::new(main)),
            Kind::Unknown => Event::Unknown(main),
            Kind::Skipped(skipped) => Event::Skipped(skipped),
        }
    }
}

impl Place {
    fn of(part: &[u8]) -> Self {
        let address = part.as_ptr().addr();
        Self {
            address,
            len: part.len(),
        }
    }

    fn lend(self, memory: &[u8], base: *const u8) -> &[u8] {
        let end = self.address.saturating_add(self.len);
        memory.get(range(base, self.address, end)).unwrap_or_default()
    }
}

/// Where a part lies in `memory`, whose first byte was at `base`; nowhere, if it is empty.
pub(super) fn range_in(memory: &[u8], base: *const u8, part: &Range<*const u8>) -> Range<usize> {
    let range = range(base, part.start.addr(), part.end.addr());
    if range.is_empty() || range.end > memory.len() {
        0..0
    } else {
        range
    }
}

fn range(base: *const u8, start: usize, end: usize) -> Range<usize> {
    start.wrapping_sub(base.addr())..end.wrapping_sub(base.addr())
}
