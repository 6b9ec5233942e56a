//! What it costs to read a delta into a `Chunk`, and to add it to an answer, in instructions and allocations, against
//! `serde_json::Value` and the types of `async-openai`, of the same bytes; and what a piece of an answer costs, however
//! long that answer is.
//!
//! `cargo bench -p llm-response-benches --bench chat` counts instructions under valgrind: this program runs itself under
//! callgrind, once for each case, and fails where a limit is broken. The time of the same work is shown as well, of the best
//! of several runs, and judges nothing.

#[path = "common/callgrind.rs"]
mod callgrind;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    env,
    hint::black_box,
    io,
    process::ExitCode,
    time::Instant,
};

use async_openai::types::chat::CreateChatCompletionStreamResponse;
use llm_response::{Data, chat::Accumulator};

/// Instructions for a chunk, over those for a `Value`, and over those for `async-openai`'s types.
const MOST: [f64; 2] = [0.7, 0.8];

const EVENTS: u64 = 1_000;

/// Name, the most allocations, and the data.
const CASES: [(&str, u64, &str); 5] = [
    (
        "delta",
        0,
        r#"{"id":"5b1f0a37-83c9-4c27-9f3e-20d1c7a4e6b8","object":"chat.completion.chunk","created":1764000000,"model":"deepseek-chat","system_fingerprint":"fp_3d5141a69a_prod0225","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}"#,
    ),
    (
        "reasoning delta",
        0,
        r#"{"id":"5b1f0a37-83c9-4c27-9f3e-20d1c7a4e6b8","object":"chat.completion.chunk","created":1764000000,"model":"deepseek-reasoner","system_fingerprint":"fp_3d5141a69a_prod0225","choices":[{"index":0,"delta":{"content":null,"reasoning_content":" word"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
    ),
    (
        "escaped delta",
        1,
        r#"{"id":"a","object":"chat.completion.chunk","created":1764000000,"model":"m","choices":[{"index":0,"delta":{"content":"\n\n\"word\""},"finish_reason":null}]}"#,
    ),
    (
        "tool call",
        2,
        r#"{"id":"a","object":"chat.completion.chunk","created":1764000000,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"city"}}]},"finish_reason":null}]}"#,
    ),
    (
        "usage",
        0,
        r#"{"id":"a","object":"chat.completion.chunk","created":1764000000,"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":9,"completion_tokens_details":{"reasoning_tokens":4}}}"#,
    ),
];

/// What is added to an answer, and how much of that came before: as `count` is the same for both, so must the cost be.
const GROWTH: [(&str, [u32; 2]); 3] = [
    ("text after", [100, 10_000]),
    ("calls after", [100, 10_000]),
    ("pieces after", [100, 10_000]),
];

/// How much more the later ones may cost: a search in a tree of a hundred times as many calls, and buffers that grow.
const MOST_GROWTH: f64 = 1.6;

fn main() -> io::Result<ExitCode> {
    let args: Vec<_> = env::args().skip(1).collect();
    if let [flag, work, case] = &args[..] {
        if flag == "--case" {
            run(work, case);
            return Ok(ExitCode::SUCCESS);
        }
    }
    let mut is_good = true;
    for (case, most, json) in CASES {
        let allocations = self::allocations(|| drop(black_box(data(json).chunk())));
        let of_value = self::allocations(|| drop(black_box(data(json).deserialize::<serde_json::Value>())));
        println!("{case:<20} {allocations:>3} allocations, {of_value:>3} for a Value");
        is_good &= allocations <= most;
    }
    if !args.iter().any(|arg| arg == "--bench") || args.iter().any(|arg| arg == "--test") {
        for (case, ..) in CASES {
            WORKS.iter().for_each(|work| run(work, case));
        }
    } else if callgrind::is_installed() {
        println!(
            "\n{:<20} {:>6} {:>8} {:>8} {:>8} {:>6} {:>12} {:>6}",
            "instructions", "bytes", "chunk", "and push", "Value", "ratio", "async-openai", "ratio"
        );
        for (case, _, json) in CASES {
            let [chunk, push, value, types] = WORKS.map(|work| count(work, case));
            let (chunk, push, value, types) = (chunk?, push?, value?, types?);
            let ratios = [value, types].map(|other| chunk as f64 / other as f64);
            let is_above = ratios.iter().zip(MOST).any(|(ratio, most)| *ratio > most);
            let mark = if is_above { "  ABOVE" } else { "" };
            println!(
                "{case:<20} {:>6} {chunk:>8} {push:>8} {value:>8} {:>6.2} {types:>12} {:>6.2}{mark}",
                json.len(),
                ratios[0],
                ratios[1]
            );
            is_good &= !is_above;
        }
        println!(
            "\n{:<20} {:>8} {:>8} {:>6}",
            "instructions", "after few", "after many", "ratio"
        );
        for (work, lens) in GROWTH {
            let [few, many] = lens.map(|len| count(work, &len.to_string()));
            let (few, many) = (few?, many?);
            let ratio = many as f64 / few as f64;
            let mark = if ratio > MOST_GROWTH { "  ABOVE" } else { "" };
            println!("{work:<20} {few:>9} {many:>10} {ratio:>6.2}{mark}");
            is_good &= ratio <= MOST_GROWTH;
        }
        println!(
            "\n{:<20} {:>8} {:>8} {:>6} {:>12} {:>6}",
            "nanoseconds", "chunk", "Value", "ratio", "async-openai", "ratio"
        );
        for (case, ..) in CASES {
            let [chunk, value, types] = times(["chunk", "value", "types"], case);
            println!(
                "{case:<20} {chunk:>8.0} {value:>8.0} {:>6.2} {types:>12.0} {:>6.2}",
                chunk / value,
                chunk / types
            );
        }
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const WORKS: [&str; 4] = ["chunk", "push", "value", "types"];

fn data(json: &str) -> Data<'_> {
    Data::new(b"", b"", json.as_bytes())
}

/// Reads an event [`EVENTS`] times, or adds that many pieces to an answer that has some.
fn run(work: &str, case: &str) {
    if let Ok(len) = case.parse() {
        return grow(work, len);
    }
    let (.., json) = CASES
        .into_iter()
        .find(|(name, ..)| *name == case)
        .expect("a case of this name");
    let data = data(json);
    let mut answer = Accumulator::new();
    match work {
        "chunk" => measured(|| black_box(data).chunk().is_ok()),
        "push" => measured(|| answer.push(&black_box(data).chunk().expect("a chunk")).is_ok()),
        "types" => measured(|| {
            let chunk = black_box(data).deserialize::<CreateChatCompletionStreamResponse>();
            chunk.is_ok()
        }),
        _ => measured(|| black_box(data).deserialize::<serde_json::Value>().is_ok()),
    }
}

/// Adds [`EVENTS`] pieces to an answer that has `len` of them.
fn grow(work: &str, len: u32) {
    let json = |index: u32| match work {
        "text after" => r#"{"choices":[{"index":0,"delta":{"content":"0123456789"}}]}"#.to_owned(),
        "calls after" => format!(
            r#"{{"choices":[{{"delta":{{"tool_calls":[{{"index":{index},"id":"c{index:06}","function":{{"name":"f","arguments":"{{}}"}}}}]}}}}]}}"#
        ),
        // Of each call in turn.
        _ => format!(
            r#"{{"choices":[{{"delta":{{"tool_calls":[{{"index":{},"function":{{"arguments":"1"}}}}]}}}}]}}"#,
            u64::from(index) * 7919 % u64::from(len)
        ),
    };
    let mut answer = Accumulator::with_limit(usize::MAX);
    let mut push = |json: &String| answer.push(&data(json).chunk().expect("a chunk")).is_ok();
    assert!((0..len).all(|index| push(&json(index))));
    let pieces: Vec<_> = (len..).map(json).take(EVENTS as usize).collect();
    let mut pieces = pieces.iter();
    measured(|| push(pieces.next().expect("a piece")));
}

/// The nanoseconds for one event, of the best of many runs. The works take turns, so that what disturbs one disturbs all.
fn times<const N: usize>(works: [&str; N], case: &str) -> [f64; N] {
    let mut best = [u128::MAX; N];
    for _ in 0..200 {
        for (best, work) in best.iter_mut().zip(works) {
            let start = Instant::now();
            run(work, case);
            *best = start.elapsed().as_nanos().min(*best);
        }
    }
    best.map(|nanoseconds| nanoseconds as f64 / EVENTS as f64)
}

/// Only what happens in here is counted.
#[inline(never)]
fn measured(mut work: impl FnMut() -> bool) {
    for _ in 0..EVENTS {
        assert!(black_box(work()));
    }
}

/// The instructions for one event.
fn count(work: &str, case: &str) -> io::Result<u64> {
    Ok(callgrind::count("chat", &["--case", work, case])? / EVENTS)
}

/// How often `work` asks for memory.
fn allocations(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: `System` does all of it; the counter is a number that needs no memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: what the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: what the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}
