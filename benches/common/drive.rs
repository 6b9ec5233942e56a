//! How parsers are driven: those that are given chunks by a loop over the chunks, streams by a stream of chunks that is
//! always ready, without a runtime.
//!
//! As in a user's program, each is called in several places: for what comes first, and for the rest. One place alone would
//! let the compiler inline all of a parser into one loop.

use std::{
    convert::Infallible,
    hint::black_box,
    pin::{Pin, pin},
    slice,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use serde::de::IgnoredAny;

use super::{
    EventChunks, Shape, Workload,
    workloads::{Counts, Cut},
};

/// One pass over a workload. It returns what it has counted.
pub(crate) type Run = Box<dyn FnMut() -> Counts>;

/// A parser that is given chunks.
pub(crate) trait Push: Sized + 'static {
    fn new() -> Self;
    /// The first chunk of a response: a place of its own that calls the parser.
    fn begin(&mut self, chunk: &[u8], counts: &mut Counts);
    fn take(&mut self, chunk: &[u8], counts: &mut Counts);
    fn end(&mut self) {}
}

/// A parser that takes chunks out of a stream.
pub(crate) trait Pull: 'static {
    type Item;
    fn open(
        chunks: impl Stream<Item = Result<Bytes, Infallible>> + 'static,
    ) -> impl Stream<Item = Self::Item> + 'static;
    fn count(item: Self::Item, counts: &mut Counts);
}

pub(crate) fn pushed<P: Push>(workload: &'static Workload) -> Run {
    fn run<P: Push>(mut chunks: impl Iterator<Item = &'static [u8]>, counts: &mut Counts) {
        let mut parser = P::new();
        if let Some(first) = chunks.next() {
            parser.begin(first, counts);
        }
        for chunk in chunks {
            parser.take(chunk, counts);
        }
        parser.end();
    }
    repeated(workload, run::<P>, run::<P>)
}

pub(crate) fn pulled<P: Pull>(workload: &'static Workload) -> Run {
    fn run<P: Pull>(chunks: impl Iterator<Item = &'static [u8]> + 'static, counts: &mut Counts) {
        // A static `Bytes` costs nothing to make and to drop, less than one that comes from a transport.
        let chunks = stream::iter(chunks.map(|chunk| Ok(Bytes::from_static(chunk))));
        let mut events = pin!(P::open(chunks));
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(Some(first)) = events.as_mut().poll_next(&mut context) {
            P::count(first, counts);
        }
        drain::<P>(events.as_mut(), counts);
    }
    repeated(workload, run::<P>, run::<P>)
}

/// What users do without an incremental parser: they collect the body, then look at it.
pub(crate) fn collected(workload: &'static Workload) -> Run {
    fn parse(response: &[u8], counts: &mut Counts) {
        let body = response.trim_ascii();
        serde_json::from_slice::<IgnoredAny>(black_box(body)).expect("the body is JSON");
        counts.event(body);
    }
    fn collect(chunks: impl Iterator<Item = &'static [u8]>, counts: &mut Counts) {
        let mut response = Vec::new();
        for chunk in chunks {
            response.extend_from_slice(chunk);
        }
        parse(&response, counts);
    }
    if workload.cut == Cut::Whole {
        return repeated(
            workload,
            |mut chunks, counts| parse(chunks.next().expect("one chunk"), counts),
            collect,
        );
    }
    repeated(workload, collect, collect)
}

/// Goes over a workload's chunks as often as one run does. The two closures are one function, for the two types of
/// iterators.
fn repeated(
    workload: &'static Workload,
    over_slices: impl Fn(slice::Chunks<'static, u8>, &mut Counts) + 'static,
    over_events: impl Fn(EventChunks, &mut Counts) + 'static,
) -> Run {
    let bytes = &workload.input.bytes[..];
    let size = match workload.cut {
        Cut::Every(size) => size,
        Cut::Whole => bytes.len(),
        Cut::Event => {
            return Box::new(move || {
                let mut counts = Counts::default();
                over_events(EventChunks::new(workload.input), &mut counts);
                counts
            });
        }
    };
    let times = if let Shape::Bodies(times) = workload.shape {
        times
    } else {
        1
    };
    Box::new(move || {
        let mut counts = Counts::default();
        for _ in 0..times {
            over_slices(black_box(bytes).chunks(size), &mut counts);
        }
        counts
    })
}

pub(crate) fn pushed_in_turns<P: Push>(workload: &'static Workload) -> Run {
    // Each has its place on the heap, like the task of a connection.
    let mut parsers: Vec<_> = turns(workload).map(|chunk| (Box::new(P::new()), chunk)).collect();
    Box::new(move || {
        let mut counts = Counts::default();
        for turn in shuffled(parsers.len()) {
            let (parser, chunk) = &mut parsers[turn];
            parser.take(chunk, &mut counts);
        }
        counts
    })
}

pub(crate) fn pulled_in_turns<P: Pull>(workload: &'static Workload) -> Run {
    let open = |chunk| {
        let mut arrived = false;
        P::open(stream::poll_fn(move |_| {
            arrived = !arrived;
            if arrived {
                Poll::Ready(Some(Ok(Bytes::from_static(chunk))))
            } else {
                Poll::Pending
            }
        }))
    };
    let mut streams: Vec<_> = turns(workload).map(|chunk| Box::pin(open(chunk))).collect();
    Box::new(move || {
        let mut counts = Counts::default();
        for turn in shuffled(streams.len()) {
            drain::<P>(streams[turn].as_mut(), &mut counts);
        }
        counts
    })
}

/// The chunk for each of the parsers that take turns.
fn turns(workload: &'static Workload) -> impl Iterator<Item = &'static [u8]> {
    let Shape::Turns(parsers) = workload.shape else {
        panic!("{} has no turns", workload.id())
    };
    let chunks: Vec<_> = EventChunks::new(workload.input).collect();
    chunks.into_iter().cycle().take(parsers)
}

/// All numbers below `len`, which is no multiple of this prime.
fn shuffled(len: usize) -> impl Iterator<Item = usize> {
    (0..len).map(move |turn| turn * 7_919 % len)
}

/// Takes events until there is none for now.
fn drain<P: Pull>(mut events: Pin<&mut impl Stream<Item = P::Item>>, counts: &mut Counts) {
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(item)) = events.as_mut().poll_next(&mut context) {
        P::count(item, counts);
    }
}
