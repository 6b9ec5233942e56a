//! Who parses what, and what each must count.

use super::{
    Shape, Workload,
    drive::{Run, collected, pulled, pulled_in_turns, pushed, pushed_in_turns},
    floors::{CopyOnly, Join, LineLoop},
    ours::LlmResponse,
    peers,
    workloads::Counts,
};

/// A parser, or a loop that does less than any parser can.
#[derive(Clone, Copy)]
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    prepare: fn(&'static Workload) -> Run,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// This crate: hands out events and keep-alives.
    Ours,
    /// Another crate: hands out events.
    Peer,
    /// Hands out all lines, whatever they mean.
    Lines,
    /// Copies all bytes and looks at none.
    Copy,
}

impl Contestant {
    /// Those who can do this work; this crate is the first.
    pub(crate) fn all(workload: &Workload) -> Vec<Self> {
        use Role::{Copy, Lines, Ours, Peer};

        /// Bytes of an event from which on to put it together is most of the work.
        const LARGE: u64 = 64 << 10;
        const MIB: u64 = 1 << 20;

        fn new(name: &'static str, role: Role, prepare: fn(&'static Workload) -> Run) -> Contestant {
            Contestant { name, role, prepare }
        }
        let mut contestants = match workload.shape {
            Shape::Stream => vec![
                new("llm-response", Ours, pushed::<LlmResponse>),
                new("sse-stream", Peer, pulled::<peers::SseStream>),
                new("sse-core", Peer, pushed::<peers::SseCore>),
                new("sseer", Peer, pulled::<peers::Sseer>),
                new("sse-parse", Peer, pushed::<peers::SseParse>),
                new("eventsource-stream", Peer, pulled::<peers::EventsourceStream>),
                new("line loop", Lines, pushed::<LineLoop>),
                new("copy", Copy, pushed::<CopyOnly>),
            ],
            Shape::Bodies(_) => vec![
                new("llm-response", Ours, pushed::<LlmResponse>),
                new("serde_json", Peer, collected),
                new("copy", Copy, pushed::<CopyOnly>),
            ],
            Shape::Turns(_) => vec![
                new("llm-response", Ours, pushed_in_turns::<LlmResponse>),
                new("sse-stream", Peer, pulled_in_turns::<peers::SseStream>),
                new("sse-core", Peer, pushed_in_turns::<peers::SseCore>),
                new("sseer", Peer, pulled_in_turns::<peers::Sseer>),
                new("sse-parse", Peer, pushed_in_turns::<peers::SseParse>),
                new("eventsource-stream", Peer, pulled_in_turns::<peers::EventsourceStream>),
            ],
        };
        let Counts {
            event_bytes, events, ..
        } = workload.counts();
        match (workload.shape, event_bytes / events) {
            (Shape::Stream, MIB..) => {
                contestants.push(new("join", Copy, pushed::<Join<{ MIB as usize }>>));
                // It searches all that it holds with each chunk: a megabyte in chunks of 1,400 bytes takes it a second.
                contestants.retain(|contestant| contestant.name != "eventsource-stream");
            }
            (Shape::Stream, LARGE..) => contestants.push(new("join", Copy, pushed::<Join<{ LARGE as usize }>>)),
            _ => {}
        }
        contestants
    }

    /// Makes ready to run. The first run has been made: its counts were right.
    pub(crate) fn prepare(&self, workload: &'static Workload) -> Run {
        let mut run = (self.prepare)(workload);
        assert_eq!(
            run(),
            self.expected(workload),
            "{} counts {} wrong",
            self.name,
            workload.id()
        );
        run
    }

    /// What every run must count.
    pub(crate) fn expected(&self, workload: &Workload) -> Counts {
        let Counts {
            events,
            event_bytes,
            keep_alives,
            lines,
            line_bytes,
            bytes,
        } = workload.counts();
        match self.role {
            Role::Ours => Counts {
                events,
                event_bytes,
                keep_alives,
                ..Counts::default()
            },
            Role::Peer => Counts {
                events,
                event_bytes,
                ..Counts::default()
            },
            Role::Lines => Counts {
                lines,
                line_bytes,
                ..Counts::default()
            },
            Role::Copy => Counts {
                bytes,
                ..Counts::default()
            },
        }
    }
}
