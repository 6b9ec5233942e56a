//! How this crate's times relate to those of others on the same work, and whether that is as good as it is meant to be.
//!
//! Contestants take turns many times over, each for about half a millisecond, so that whatever else the machine does
//! meets them all alike. `cargo bench -p llm-response-benches --bench ratios` measures all, `-- deltas/1400` some, `-- --test` runs each once,
//! `-- --csv FILE` also writes what `chart.py` reads.

mod common;

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::Parser;
use common::{
    Shape, Workload,
    contestants::{Contestant, Role},
    workloads::{Counts, Cut},
};

/// Against whom, and the ratio that is to be reached: time of this crate over time of the other.
type Target = (Role, f64);

/// The ratios that this crate is meant to reach.
fn targets(workload: &str) -> &'static [Target] {
    match workload {
        "deltas/1" => &[(Role::Peer, 0.70)],
        "deltas/16" => &[(Role::Peer, 0.65)],
        "deltas/64" => &[(Role::Peer, 0.50)],
        "deltas/event" => &[(Role::Peer, 0.35), (Role::Lines, 1.5)],
        "deltas/1400" => &[(Role::Peer, 0.43), (Role::Lines, 1.4)],
        "deltas/16384" => &[(Role::Peer, 0.35), (Role::Lines, 1.3)],
        "deltas/whole" => &[(Role::Peer, 0.35), (Role::Lines, 1.2)],
        "keep-alives/event" => &[(Role::Peer, 0.90)],
        "keep-alives/1400" | "keep-alives/16384" | "keep-alives/whole" => &[(Role::Peer, 0.60)],
        "events-64k/1400" | "events-64k/16384" | "events-64k/whole" => &[(Role::Peer, 0.45)],
        "multi-line/1400" | "multi-line/whole" => &[(Role::Peer, 0.50)],
        "body-2k/whole" | "body-64k/whole" | "body-4m/whole" => &[(Role::Peer, 0.30)],
        "body-64k/1400" | "body-64k/16384" => &[(Role::Peer, 0.50)],
        "body-4m/1400" | "body-4m/16384" => &[(Role::Peer, 0.60)],
        _ => &[],
    }
}

#[derive(Parser)]
struct Args {
    /// Measure only workloads whose name contains this
    filter: Option<String>,
    /// Write the times to this file as well
    #[arg(long)]
    csv: Option<PathBuf>,
    /// How often each contestant has its turn
    #[arg(long, default_value_t = 41)]
    rounds: usize,
    /// Run everything once and measure nothing
    #[arg(long)]
    test: bool,
    /// What `cargo bench` passes and `cargo test` does not
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let mut csv = String::from("workload,cut,chunk_bytes,bytes,events,contestant,role,median_ns,min_ns\n");
    let (mut met, mut missed) = (0, Vec::new());
    for workload in Workload::select(|id| args.filter.as_ref().is_none_or(|filter| id.contains(filter))) {
        if args.test || !args.bench {
            for contestant in Contestant::all(workload) {
                drop(contestant.prepare(workload));
            }
            println!("{}: ok", workload.id());
            continue;
        }
        let measured = measure(workload, args.rounds);
        for (verdict, target) in report(workload, &measured) {
            if verdict {
                met += 1;
            } else {
                missed.push(target);
            }
        }
        write_csv(&mut csv, workload, &measured)?;
    }
    if !missed.is_empty() || met > 0 {
        println!("\n{met} targets met, {} MISSED", missed.len());
        missed.iter().for_each(|target| println!("  {target}"));
    }
    if let Some(path) = args.csv {
        fs::write(path, csv)?;
    }
    Ok(())
}

/// Nanoseconds that a contestant's run took.
struct Measured {
    contestant: Contestant,
    median: f64,
    min: f64,
}

fn measure(workload: &'static Workload, rounds: usize) -> Vec<Measured> {
    /// How long a turn lasts at least, and all turns of one contestant at most, unless they are fewer than three.
    const TURN: Duration = Duration::from_micros(500);
    const ALL_TURNS: Duration = Duration::from_millis(500);

    let contestants = Contestant::all(workload);
    let mut entries: Vec<_> = contestants
        .iter()
        .map(|contestant| {
            let mut run = contestant.prepare(workload);
            let start = Instant::now();
            run();
            let once = start.elapsed().max(Duration::from_nanos(100));
            let times = TURN.as_nanos().div_ceil(once.as_nanos()) as u32;
            let rounds = rounds
                .min((ALL_TURNS.as_nanos() / (once * times).as_nanos()) as usize)
                .max(3);
            (run, times, rounds, Vec::new())
        })
        .collect();
    for round in 0..rounds {
        // Each comes first in its turn, and after either of its neighbours.
        for position in 0..entries.len() {
            let position = if round % 2 == 0 {
                position
            } else {
                entries.len() - 1 - position
            };
            let index = (position + round / 2) % entries.len();
            let (run, times, rounds, durations) = &mut entries[index];
            if round < *rounds {
                let start = Instant::now();
                for _ in 0..*times {
                    run();
                }
                durations.push(start.elapsed().as_nanos() as f64 / f64::from(*times));
            }
        }
    }
    contestants
        .into_iter()
        .zip(entries)
        .map(|(contestant, (.., mut durations))| {
            durations.sort_by(f64::total_cmp);
            Measured {
                contestant,
                median: durations[durations.len() / 2],
                min: durations[0],
            }
        })
        .collect()
}

/// Prints a table and says which targets were met.
fn report(workload: &Workload, measured: &[Measured]) -> Vec<(bool, String)> {
    let counts = workload.counts();
    let ours = &measured[0];
    let fastest_peer = measured
        .iter()
        .filter(|measured| measured.contestant.role == Role::Peer)
        .min_by(|a, b| a.median.total_cmp(&b.median))
        .expect("every workload has a peer");
    let mut verdicts = Vec::new();

    println!(
        "\n{:<20} {:>12} {:>8} {:>8} {:>8}",
        workload.id(),
        "ns/event",
        "GB/s",
        "ratio",
        "of best"
    );
    for other in measured {
        let Contestant { name, role, .. } = other.contestant;
        let per_event = other.median / events(workload) as f64;
        let speed = counts.bytes as f64 / other.median;
        let ratio = ours.median / other.median;
        let best_ratio = ours.min / other.min;
        print!("  {name:<18} {per_event:>12.1} {speed:>8.2} {ratio:>8.3} {best_ratio:>8.3}");

        let is_rival = role != Role::Peer || name == fastest_peer.contestant.name;
        if role == Role::Peer && is_rival {
            print!("  fastest peer");
        }
        let target = targets(&workload.id())
            .iter()
            .find(|target| target.0 == role && is_rival);
        if let Some(&(_, at_most)) = target {
            let met = ratio <= at_most;
            let verdict = if met { "ok" } else { "MISSED" };
            print!("  at most {at_most:.2}: {verdict}");
            verdicts.push((
                met,
                format!("{}: {ratio:.3} of {name}, at most {at_most:.2}", workload.id()),
            ));
        }
        println!();
    }
    verdicts
}

/// How many events the time is divided by: of a response with a body there is one.
fn events(workload: &Workload) -> u64 {
    let Counts {
        events, keep_alives, ..
    } = workload.counts();
    if matches!(workload.shape, Shape::Bodies(_)) {
        events
    } else {
        events + keep_alives
    }
}

fn write_csv(csv: &mut String, workload: &Workload, measured: &[Measured]) -> Result<(), Box<dyn Error>> {
    let (bytes, events) = (workload.counts().bytes, events(workload));
    let once = workload.input.bytes.len();
    let chunk_bytes = match workload.cut {
        Cut::Every(size) => size,
        Cut::Event => once / workload.input.ends.len(),
        Cut::Whole => once,
    };
    let id = workload.id();
    let (name, cut) = id.split_once('/').expect("an id has two parts");
    for Measured {
        contestant: Contestant {
            name: contestant, role, ..
        },
        median,
        min,
    } in measured
    {
        writeln!(
            csv,
            "{name},{cut},{chunk_bytes},{bytes},{events},{contestant},{role:?},{median:.0},{min:.0}"
        )?;
    }
    Ok(())
}
