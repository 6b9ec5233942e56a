//! A small program as a user writes it: a dependency on the crate by path, and several places that call the parser.
//! `benches/builds.py` builds it in many ways and compares what the parser costs in each.
//!
//! * `builds list` prints each pass over a workload: its name, its caller, and how many events it has.
//! * `builds count` makes each pass once, in `counted_pass`, for a tool that counts instructions.
//! * `builds time TURNS SHIFT` prints for each pass the least and the median time of an event in nanoseconds. The inputs
//!   begin `SHIFT` bytes into their memory.

#[cfg(feature = "other-order")]
mod callers;
#[cfg(feature = "padding")]
mod padding;
mod workloads;

#[cfg(not(feature = "other-order"))]
mod callers;

use std::{
    env,
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use callers::{CALLERS, Caller};
use workloads::Workload;

fn main() -> ExitCode {
    #[cfg(feature = "padding")]
    padding::call();
    let args: Vec<String> = env::args().collect();
    let number = |index: usize| args.get(index).and_then(|arg: &String| arg.parse::<usize>().ok());
    let workloads = Workload::all(number(3).unwrap_or(0));
    let passes = || {
        workloads
            .iter()
            .flat_map(|workload| CALLERS.iter().map(move |&(name, caller)| (workload, name, caller)))
    };
    // The first pass asks the processor what it can do, and binds what the linker left open. It also proves that all count right.
    for (workload, name, caller) in passes() {
        let events = caller(&workload.chunks());
        assert_eq!(events, workload.events, "{name} on {}", workload.name);
    }
    match args.get(1).map(String::as_str) {
        Some("list") => {
            for (workload, name, _) in passes() {
                println!("{}|{name}|{}", workload.name, workload.events);
            }
        }
        Some("count") => {
            for (workload, _, caller) in passes() {
                counted_pass(caller, &workload.chunks());
            }
        }
        Some("time") => {
            let turns = number(2).unwrap_or(5).max(1);
            for (workload, name, caller) in passes() {
                let (min, median) = time(workload, caller, turns);
                println!("{}|{name}|{min:.4}|{median:.4}", workload.name);
            }
        }
        _ => {
            eprintln!("usage: builds list | count | time TURNS SHIFT");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// What a tool counts: one pass, without what makes the chunks.
#[inline(never)]
fn counted_pass(caller: Caller, chunks: &[&[u8]]) -> u64 {
    let events = black_box(caller)(black_box(chunks));
    black_box(events)
}

/// The least and the median time of an event.
fn time(workload: &Workload, caller: Caller, turns: usize) -> (f64, f64) {
    /// How long a turn lasts at least.
    const TURN: Duration = Duration::from_micros(300);

    let chunks = workload.chunks();
    let start = Instant::now();
    counted_pass(caller, &chunks);
    let once = start.elapsed().max(Duration::from_nanos(100));
    let passes = TURN.as_nanos().div_ceil(once.as_nanos());
    let mut times: Vec<f64> = (0..turns)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..passes {
                counted_pass(caller, &chunks);
            }
            start.elapsed().as_nanos() as f64 / passes as f64 / workload.events as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[0], times[turns / 2])
}
