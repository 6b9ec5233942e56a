//! Traces: what a response gave, event by event, with the state after each; and `check`, which holds the parser, in
//! every form of its interface and split in every way, against the reference decoder.

use std::{
    fmt,
    panic::{self, AssertUnwindSafe},
};

use llm_response::{
    Buffer, Data, Dialect, Error, ErrorKind, Event, Format, KeepAlive, Options, Outcome, Parser, Phase,
};

use super::reference::decode;

/// What a parser is set to, and where it stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    pub format: Format,
    pub dialect: Dialect,
    pub max_len: usize,
    pub end_mark: bool,
    pub lenient_end: bool,
    pub storage: Storage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    Heap,
    /// So many bytes.
    Slice(usize),
}

impl Setup {
    /// What `Options::new()` sets, on the heap.
    pub const fn new() -> Self {
        Self {
            format: Format::Auto,
            dialect: Dialect::Llm,
            max_len: 16 * 1024 * 1024,
            end_mark: true,
            lenient_end: false,
            storage: Storage::Heap,
        }
    }

    pub const fn format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    pub const fn dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    pub const fn max_len(self, max_len: usize) -> Self {
        Self { max_len, ..self }
    }

    pub const fn end_mark(self, end_mark: bool) -> Self {
        Self { end_mark, ..self }
    }

    pub const fn lenient_end(self, lenient_end: bool) -> Self {
        Self { lenient_end, ..self }
    }

    pub const fn slice(self, size: usize) -> Self {
        let storage = Storage::Slice(size);
        Self { storage, ..self }
    }

    pub const fn options(self) -> Options {
        Options::new()
            .format(self.format)
            .dialect(self.dialect)
            .max_len(self.max_len)
            .end_mark(self.end_mark)
            .lenient_end(self.lenient_end)
    }
}

/// Everything that can be seen of one response.
#[derive(Clone, PartialEq, Eq)]
pub struct Trace {
    pub steps: Vec<Step>,
    /// The state when all bytes have been taken and `finish` has not been called yet; `None` after an error.
    pub taken: Option<State>,
    pub end: End,
    /// The state after `finish` or the error.
    pub after: State,
}

/// An event and the state after it.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    pub seen: Seen,
    pub state: State,
}

/// An owned copy of an event. `Ping` and `Data` hold event, name, id and data, in this order.
#[derive(Clone, PartialEq, Eq)]
pub enum Seen {
    Comment(Text),
    BlankLine,
    Ping(Text, Text, Text, Text),
    Data(Text, Text, Text, Text),
    Done,
    Body(Text),
    Unknown(Text),
}

/// What the accessors of a parser say.
#[derive(Clone, PartialEq, Eq)]
pub struct State {
    pub position: u64,
    pub phase: Phase,
    pub keep_alives: u64,
    pub last_event_id: Text,
    pub retry: Option<u64>,
    pub at_line_boundary: bool,
    pub at_event_boundary: bool,
}

/// What `finish` gave, or the error (then or before) with its offset.
#[derive(Clone, PartialEq, Eq)]
pub enum End {
    Finish(Option<Seen>, Outcome, Text),
    Error(ErrorKind, u64),
}

/// A trace as those forms of the interface show it that hide the states.
#[derive(Clone, PartialEq, Eq)]
pub struct Heard {
    pub events: Vec<Seen>,
    pub end: End,
    pub after: State,
}

/// Bytes whose `Debug` is escaped text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(pub Vec<u8>);

impl Trace {
    /// Without the states.
    pub fn heard(&self) -> Heard {
        Heard {
            events: self.steps.iter().map(|step| step.seen.clone()).collect(),
            end: self.end.clone(),
            after: self.after.clone(),
        }
    }

    /// Without the keep-alives that `next_output` skips; the one that `finish` may give stays.
    pub fn without_keep_alives(mut self) -> Self {
        self.steps.retain(|step| !step.seen.is_keep_alive());
        self
    }

    /// One line for each step, for the state before `finish` where there is one, and for the end.
    pub fn lines(&self) -> Vec<String> {
        let steps = self.steps.iter().map(|step| format!("{step:?}"));
        let taken = self.taken.iter().map(|state| format!("taken {state:?}"));
        let end = format!("{:?} {:?}", self.end, self.after);
        steps.chain(taken).chain([end]).collect()
    }
}

impl Heard {
    /// With the event of `finish` among the others: a `Done` that was still to come may stand in either place.
    pub fn merged(mut self) -> Self {
        if let End::Finish(event, ..) = &mut self.end {
            self.events.extend(event.take());
        }
        self
    }

    pub fn lines(&self) -> Vec<String> {
        let events = self.events.iter().map(|event| format!("{event:?}"));
        events.chain([format!("{:?} {:?}", self.end, self.after)]).collect()
    }
}

impl Seen {
    pub fn is_keep_alive(&self) -> bool {
        matches!(self, Self::Comment(_) | Self::BlankLine | Self::Ping(..))
    }

    pub fn is_data(&self) -> bool {
        matches!(self, Self::Data(..))
    }

    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    pub fn is_body(&self) -> bool {
        matches!(self, Self::Body(_))
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    fn parts(data: Data<'_>) -> [Text; 4] {
        [data.event(), data.name(), data.id(), data.as_bytes()].map(Text::from)
    }
}

impl From<Event<'_>> for Seen {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::KeepAlive(KeepAlive::Comment(text)) => Self::Comment(text.into()),
            Event::KeepAlive(KeepAlive::BlankLine) => Self::BlankLine,
            Event::KeepAlive(KeepAlive::Ping(data)) => {
                let [event, name, id, text] = Self::parts(data);
                Self::Ping(event, name, id, text)
            }
            Event::Data(data) => {
                let [event, name, id, text] = Self::parts(data);
                Self::Data(event, name, id, text)
            }
            Event::Done => Self::Done,
            Event::Body(body) => Self::Body(body.as_bytes().into()),
            Event::Unknown(line) => Self::Unknown(line.into()),
            other => panic!("no such event is known here: {other:?}"),
        }
    }
}

impl State {
    pub fn of<B: Buffer>(parser: &Parser<B>) -> Self {
        Self {
            position: parser.position(),
            phase: parser.phase(),
            keep_alives: parser.keep_alives(),
            last_event_id: parser.last_event_id().into(),
            retry: parser.retry(),
            at_line_boundary: parser.at_line_boundary(),
            at_event_boundary: parser.at_event_boundary(),
        }
    }
}

/// Before the first byte.
impl Default for State {
    fn default() -> Self {
        Self {
            position: 0,
            phase: Phase::Waiting,
            keep_alives: 0,
            last_event_id: Text::default(),
            retry: None,
            at_line_boundary: true,
            at_event_boundary: true,
        }
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Error(error.kind(), error.offset())
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// `Data("text")`, with event and id before the text where there is either: `Data(event "x", id "7", "text")`. The name
/// stands there where it is not the event.
impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comment(text) => write!(f, "Comment({text:?})"),
            Self::BlankLine => write!(f, "BlankLine"),
            Self::Done => write!(f, "Done"),
            Self::Body(body) => write!(f, "Body({body:?})"),
            Self::Unknown(line) => write!(f, "Unknown({line:?})"),
            Self::Ping(event, name, id, data) | Self::Data(event, name, id, data) => {
                write!(f, "{}(", if self.is_data() { "Data" } else { "Ping" })?;
                if !event.0.is_empty() {
                    write!(f, "event {event:?}, ")?;
                }
                if name != event {
                    write!(f, "name {name:?}, ")?;
                }
                if !id.0.is_empty() {
                    write!(f, "id {id:?}, ")?;
                }
                write!(f, "{data:?})")
            }
        }
    }
}

/// `@12 Receiving alive 3 id "7" retry 500 line event`: position, phase, keep-alives, last event id, retry and the two
/// boundaries; what is zero, empty or false is left out.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{} {:?}", self.position, self.phase)?;
        if self.keep_alives > 0 {
            write!(f, " alive {}", self.keep_alives)?;
        }
        if !self.last_event_id.0.is_empty() {
            write!(f, " id {:?}", self.last_event_id)?;
        }
        if let Some(retry) = self.retry {
            write!(f, " retry {retry}")?;
        }
        if self.at_line_boundary {
            write!(f, " line")?;
        }
        if self.at_event_boundary {
            write!(f, " event")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.seen, self.state)
    }
}

/// `Finish(Complete)`, with event and rest where there are any: `Finish(Unknown("a"), Truncated, rest "b")`.
impl fmt::Debug for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finish(event, outcome, rest) => {
                write!(f, "Finish(")?;
                if let Some(event) = event {
                    write!(f, "{event:?}, ")?;
                }
                write!(f, "{outcome:?}")?;
                if !rest.0.is_empty() {
                    write!(f, ", rest {rest:?}")?;
                }
                write!(f, ")")
            }
            Self::Error(kind, offset) => write!(f, "Error({kind:?}, offset {offset})"),
        }
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

/// Drains each chunk with `next_event`, then finishes.
pub fn trace_of<'c, B: Buffer>(parser: &mut Parser<B>, chunks: impl IntoIterator<Item = &'c [u8]>) -> Trace {
    trace_by(parser, chunks, |parser, chunk| {
        Ok(parser.next_event(chunk)?.map(Seen::from))
    })
}

/// Drains each chunk with `next_output`, then finishes.
pub fn trace_of_output<'c, B: Buffer>(parser: &mut Parser<B>, chunks: impl IntoIterator<Item = &'c [u8]>) -> Trace {
    trace_by(parser, chunks, |parser, chunk| {
        Ok(parser.next_output(chunk)?.map(Seen::from))
    })
}

fn trace_by<'c, B: Buffer>(
    parser: &mut Parser<B>,
    chunks: impl IntoIterator<Item = &'c [u8]>,
    mut next: impl FnMut(&mut Parser<B>, &mut &'c [u8]) -> Result<Option<Seen>, Error>,
) -> Trace {
    let mut steps = Vec::new();
    let mut start = 0;
    for chunk in chunks {
        let mut left = chunk;
        loop {
            // Each byte completes one event at most, and `Done` may follow one.
            assert!(
                steps.len() as u64 <= 2 * (start + chunk.len() as u64),
                "events without end"
            );
            let result = next(parser, &mut left);
            let reached = start + (chunk.len() - left.len()) as u64;
            assert!(chunk.ends_with(left), "what is left is no end of the chunk");
            match result {
                Ok(Some(seen)) => {
                    let state = State::of(parser);
                    assert_eq!(state.position, reached, "position and chunk disagree after {seen:?}");
                    steps.push(Step { seen, state });
                }
                Ok(None) => {
                    assert!(left.is_empty(), "`Ok(None)` left bytes of the chunk");
                    assert_eq!(parser.position(), reached, "position and chunk disagree");
                    break;
                }
                Err(error) => {
                    // R10
                    assert_eq!(reached, error.offset().max(start), "the chunk starts elsewhere");
                    let after = State::of(parser);
                    assert_final(parser, error, left);
                    return Trace {
                        steps,
                        taken: None,
                        end: error.into(),
                        after,
                    };
                }
            }
        }
        start += chunk.len() as u64;
    }
    let taken = Some(State::of(parser));
    let (end, after) = finish(parser);
    Trace {
        steps,
        taken,
        end,
        after,
    }
}

/// Pushes each chunk, then finishes.
pub fn trace_of_push<'c, B: Buffer>(parser: &mut Parser<B>, chunks: impl IntoIterator<Item = &'c [u8]>) -> Heard {
    let mut events = Vec::new();
    for chunk in chunks {
        if let Err(error) = parser.push(chunk, |event| events.push(event.into())) {
            let after = State::of(parser);
            assert_final(parser, error, chunk);
            return Heard {
                events,
                end: error.into(),
                after,
            };
        }
    }
    let (end, after) = finish(parser);
    Heard { events, end, after }
}

/// Calls `next_event` only while a chunk has bytes, so that a `Done` may still be to come when the input ends.
pub fn trace_of_lazy<'c, B: Buffer>(parser: &mut Parser<B>, chunks: impl IntoIterator<Item = &'c [u8]>) -> Heard {
    let mut events = Vec::new();
    for chunk in chunks {
        let mut left = chunk;
        while !left.is_empty() {
            match parser.next_event(&mut left) {
                Ok(event) => events.extend(event.map(Seen::from)),
                Err(error) => {
                    let after = State::of(parser);
                    assert_final(parser, error, left);
                    return Heard {
                        events,
                        end: error.into(),
                        after,
                    };
                }
            }
            assert!(events.len() as u64 <= 2 * parser.position() + 2, "events without end");
        }
    }
    let (end, after) = finish(parser);
    Heard { events, end, after }
}

/// Finishes, and looks whether that is repeated as R10 and R13 have it.
fn finish<B: Buffer>(parser: &mut Parser<B>) -> (End, State) {
    let result = parser
        .finish()
        .map(|finish| (finish.event.map(Seen::from), finish.outcome, finish.rest.into()));
    let after = State::of(parser);
    let (event, outcome, rest) = match result {
        Ok(finish) => finish,
        Err(error) => {
            assert_final(parser, error, b"");
            return (error.into(), after);
        }
    };
    // R13
    let again = parser.finish().expect("`finish` fails when it is called again");
    assert_eq!(again.event, None, "`finish` gives an event again");
    assert_eq!(again.outcome, outcome, "`finish` gives another outcome");
    assert!(again.rest.is_empty(), "`finish` gives the rest again");
    let late = &b"data: late\n\n"[..];
    let mut left = late;
    assert_eq!(parser.next_event(&mut left), Ok(None), "`next_event` after `finish`");
    assert_eq!(left, late, "bytes are taken after `finish`");
    assert_eq!(State::of(parser), after, "the state changes after `finish`");
    (End::Finish(event, outcome, rest), after)
}

/// R10
fn assert_final<B: Buffer>(parser: &mut Parser<B>, error: Error, chunk: &[u8]) {
    let after = State::of(parser);
    assert_eq!(after.position, error.offset(), "position after an error");
    for chunk in [chunk, b"", b"data: late\n\n"] {
        let mut left = chunk;
        assert_eq!(parser.next_event(&mut left), Err(error), "`next_event` after an error");
        assert_eq!(left, chunk, "bytes are taken after an error");
        assert_eq!(
            parser.next_output(&mut left),
            Err(error),
            "`next_output` after an error"
        );
        assert_eq!(left, chunk, "bytes are taken after an error");
        assert_eq!(
            parser.push(chunk, |event| panic!("{event:?} after an error")),
            Err(error)
        );
        assert_eq!(parser.finish(), Err(error), "`finish` after an error");
    }
    assert_eq!(State::of(parser), after, "the state changes after an error");
}

/// One way of splitting a response into chunks.
#[derive(Clone, Debug)]
pub struct Split<'c> {
    pub name: String,
    pub chunks: Vec<&'c [u8]>,
}

impl<'c> Split<'c> {
    pub fn whole(bytes: &'c [u8]) -> Self {
        Self {
            name: "whole".into(),
            chunks: vec![bytes],
        }
    }

    pub fn byte_by_byte(bytes: &'c [u8]) -> Self {
        Self {
            name: "byte by byte".into(),
            chunks: bytes.chunks(1).collect(),
        }
    }

    /// Byte by byte, with an empty chunk before and after each.
    pub fn byte_by_byte_with_empty(bytes: &'c [u8]) -> Self {
        let empty = &bytes[..0];
        Self {
            name: "byte by byte, with empty chunks".into(),
            chunks: [empty]
                .into_iter()
                .chain(bytes.chunks(1).flat_map(|byte| [byte, empty]))
                .collect(),
        }
    }

    /// At these positions, in any order. A position beyond the end counts as the end, and a repeated one makes an empty chunk.
    pub fn at(bytes: &'c [u8], positions: &[usize]) -> Self {
        let mut positions: Vec<_> = positions.iter().map(|&position| position.min(bytes.len())).collect();
        positions.sort_unstable();
        let starts = [0].into_iter().chain(positions.iter().copied());
        let ends = positions.iter().copied().chain([bytes.len()]);
        Self {
            chunks: starts.zip(ends).map(|(start, end)| &bytes[start..end]).collect(),
            name: format!("split at {positions:?}"),
        }
    }

    /// Every way of splitting in two. A long response is split only near its ends and evenly between: some 512 ways.
    pub fn every_single(bytes: &'c [u8]) -> impl Iterator<Item = Self> {
        sampled(bytes.len()).map(|position| Self::at(bytes, &[position]))
    }

    /// All of the above, but `at`.
    pub fn all(bytes: &'c [u8]) -> impl Iterator<Item = Self> {
        let few = [
            Self::whole(bytes),
            Self::byte_by_byte(bytes),
            Self::byte_by_byte_with_empty(bytes),
        ];
        few.into_iter().chain(Self::every_single(bytes))
    }
}

/// Every number up to `len` if they are few; else the first and last 128, and every `len / 256`th.
fn sampled(len: usize) -> impl Iterator<Item = usize> {
    let stride = (len / 256).max(1);
    (0..=len).filter(move |index| len <= 512 || *index < 128 || len - index < 128 || index % stride == 0)
}

/// Compares the parser with the reference: for all splits of `Split::all`, in every form of the interface, and for every
/// beginning of `bytes` as a response of its own. On the heap also in a slice that is large enough.
#[track_caller]
pub fn check(bytes: &[u8], setup: Setup) {
    for setup in storages(bytes, setup) {
        let expected = decode(bytes, setup);
        for split in Split::all(bytes) {
            compare(&expected, bytes, setup, &split);
        }
        for len in sampled(bytes.len()).filter(|&len| len <= 2048) {
            let beginning = &bytes[..len];
            compare(
                &decode(beginning, setup),
                beginning,
                setup,
                &Split::byte_by_byte(beginning),
            );
        }
    }
}

/// Compares the parser with the reference for one split: for random ones, and for responses too long for `check`.
#[track_caller]
pub fn check_split(bytes: &[u8], setup: Setup, positions: &[usize]) {
    for setup in storages(bytes, setup) {
        compare(&decode(bytes, setup), bytes, setup, &Split::at(bytes, positions));
    }
}

/// This setup, and beside the heap a slice that never lowers the limit below what could be counted.
fn storages(bytes: &[u8], setup: Setup) -> Vec<Setup> {
    if setup.storage != Storage::Heap {
        return vec![setup];
    }
    let ample = setup.slice(2 * bytes.len() + 64);
    assert_eq!(
        decode(bytes, setup),
        decode(bytes, ample),
        "the reference depends on the storage for \"{}\"",
        bytes.escape_ascii()
    );
    if cfg!(feature = "alloc") {
        vec![setup, ample]
    } else {
        vec![ample]
    }
}

/// Panics with the response, the setup and the split, followed by the broken promise or the first step that differs.
#[track_caller]
fn compare(expected: &Trace, bytes: &[u8], setup: Setup, split: &Split<'_>) {
    let compare = || match setup.storage {
        #[cfg(feature = "alloc")]
        Storage::Heap => compare_forms(&mut Parser::with_options(setup.options()), expected, split),
        #[cfg(not(feature = "alloc"))]
        Storage::Heap => unreachable!("there is no heap"),
        Storage::Slice(size) => {
            let memory = &mut vec![0xAA; size];
            compare_forms(&mut Parser::in_memory(memory, setup.options()), expected, split);
        }
    };
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(compare)) {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or(payload.downcast_ref::<&str>().copied()).unwrap_or("a panic");
        panic!(
            "{text}\nin   \"{}\"\nby   {setup:?}\nin   {}\n",
            bytes.escape_ascii(),
            split.name
        );
    }
}

/// One after the other with the same parser, which `reset` makes ready each time.
fn compare_forms<B: Buffer>(parser: &mut Parser<B>, expected: &Trace, split: &Split<'_>) {
    let chunks = || split.chunks.iter().copied();
    let at_start = State::of(parser);
    for form in ["next_event", "next_event, after a reset"] {
        same(form, expected, &trace_of(parser, chunks()), Trace::lines);
        parser.reset();
        assert_eq!(State::of(parser), at_start, "`reset` leaves something behind");
    }
    let outputs = expected.clone().without_keep_alives();
    same(
        "next_output",
        &outputs,
        &trace_of_output(parser, chunks()),
        Trace::lines,
    );
    parser.reset();
    let heard = expected.heard();
    same("push", &heard, &trace_of_push(parser, chunks()), Heard::lines);
    parser.reset();
    let lazy = trace_of_lazy(parser, chunks()).merged();
    same(
        "next_event, while there are bytes",
        &heard.merged(),
        &lazy,
        Heard::lines,
    );
    parser.reset();
}

fn same<T: PartialEq>(form: &str, expected: &T, given: &T, lines: impl Fn(&T) -> Vec<String>) {
    if expected == given {
        return;
    }
    let (expected, given) = (lines(expected), lines(given));
    let step = expected
        .iter()
        .zip(&given)
        .take_while(|(expected, given)| expected == given)
        .count();
    let line = |lines: &[String]| lines.get(step).cloned().unwrap_or("nothing".into());
    panic!(
        "{form} differs from the reference in step {step}:\nnot  {}\nbut  {}",
        line(&expected),
        line(&given)
    );
}
