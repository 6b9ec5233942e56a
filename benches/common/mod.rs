//! What the benches share: inputs, ways of cutting them, and those who parse them.

pub(crate) mod contestants;
mod drive;
mod floors;
mod ours;
mod peers;
pub(crate) mod workloads;

use std::slice;

use workloads::{Counts, Cut, Input, body, deltas, keep_alives, large_events, multi_line, named};

/// An input, a way of cutting it, and how one run goes over it.
pub(crate) struct Workload {
    pub(crate) input: &'static Input,
    pub(crate) cut: Cut,
    pub(crate) shape: Shape,
    name: &'static str,
}

/// What a run does with the input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// A new parser reads an event stream, chunk by chunk.
    Stream,
    /// So many new parsers, one after another, read a JSON body, chunk by chunk.
    Bodies(u64),
    /// So many parsers, all in use before, take one event each, in an order that no cache foresees.
    Turns(usize),
}

impl Workload {
    /// Those whose id is wanted; inputs are made only for these.
    pub(crate) fn select(wanted: impl Fn(&str) -> bool) -> Vec<&'static Self> {
        const CUTS: [Cut; 3] = [Cut::Every(1_400), Cut::Every(16_384), Cut::Whole];
        const EVENT_AND_CUTS: [Cut; 4] = [Cut::Event, CUTS[0], CUTS[1], CUTS[2]];
        const TINY: [Cut; 3] = [Cut::Every(1), Cut::Every(16), Cut::Every(64)];

        let mut selected = Vec::new();
        let mut add = |name, input: &dyn Fn() -> Input, shape, cuts: &[Cut]| {
            let cuts: Vec<_> = cuts.iter().filter(|&&cut| wanted(&id(name, cut))).collect();
            if !cuts.is_empty() {
                let input: &'static Input = Box::leak(Box::new(input()));
                selected.extend(cuts.iter().map(|&&cut| {
                    &*Box::leak(Box::new(Self {
                        input,
                        cut,
                        shape,
                        name,
                    }))
                }));
            }
        };
        add("deltas", &|| deltas(1_000, "\n"), Shape::Stream, &TINY);
        add("deltas", &|| deltas(1_000, "\n"), Shape::Stream, &EVENT_AND_CUTS);
        add("deltas-crlf", &|| deltas(1_000, "\r\n"), Shape::Stream, &EVENT_AND_CUTS);
        add("named", &|| named(1_000), Shape::Stream, &EVENT_AND_CUTS);
        add("keep-alives", &|| keep_alives(20_000), Shape::Stream, &EVENT_AND_CUTS);
        add("events-64k", &|| large_events(16, 64 << 10), Shape::Stream, &CUTS);
        add("events-1m", &|| large_events(2, 1 << 20), Shape::Stream, &CUTS[..2]);
        add("multi-line", &|| multi_line(1_000), Shape::Stream, &[CUTS[0], CUTS[2]]);
        add("body-2k", &|| body(2 << 10), Shape::Bodies(128), &[CUTS[0], CUTS[2]]);
        add("body-64k", &|| body(64 << 10), Shape::Bodies(8), &CUTS);
        add("body-4m", &|| body(4 << 20), Shape::Bodies(1), &CUTS);
        add("turns", &|| deltas(250, "\n"), Shape::Turns(10_000), &[Cut::Event]);
        selected
    }

    /// Such as `deltas/1400`.
    pub(crate) fn id(&self) -> String {
        id(self.name, self.cut)
    }

    /// What one run goes over in all.
    pub(crate) fn counts(&self) -> Counts {
        let once = self.input.counts;
        match self.shape {
            Shape::Stream => once,
            Shape::Bodies(times) => once.times(times),
            Shape::Turns(parsers) => once.times((parsers / self.input.ends.len()) as u64),
        }
    }
}

fn id(name: &str, cut: Cut) -> String {
    match cut {
        Cut::Every(size) => format!("{name}/{size}"),
        Cut::Event => format!("{name}/event"),
        Cut::Whole => format!("{name}/whole"),
    }
}

/// The chunks of an input that is cut after each event.
pub(crate) struct EventChunks {
    bytes: &'static [u8],
    start: usize,
    ends: slice::Iter<'static, usize>,
}

impl EventChunks {
    pub(crate) fn new(input: &'static Input) -> Self {
        Self {
            bytes: &input.bytes,
            start: 0,
            ends: input.ends.iter(),
        }
    }
}

impl Iterator for EventChunks {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let end = *self.ends.next()?;
        let chunk = &self.bytes[self.start..end];
        self.start = end;
        Some(chunk)
    }
}
