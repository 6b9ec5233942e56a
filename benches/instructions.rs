//! How many instructions the hot paths take: what no noise disturbs, and what therefore may not grow unseen.
//!
//! `cargo bench -p llm-response-benches --bench instructions` counts them under valgrind and compares with `instructions.txt`: more than 3 % above
//! fails. After a change that is worth it, or a new compiler, `-- --renew` writes that file anew. Where the compiler,
//! the C library or AVX2 differ from those in its first line, the numbers cannot be compared and the comparison is
//! skipped; to compare two commits on such a machine, `-- --renew --baseline FILE` on one, `-- --baseline FILE` on the
//! other.
//!
//! A second table has the other parsers beside this one, for an event. It has no baseline, and `-- --no-peers` leaves it
//! out. What the parser costs in a program of a user's, and in other builds than this one, is shown by `builds.py`.
//!
//! Callgrind alone does it: this program runs itself under it, once for each case, and counts in one function only. That
//! takes seconds, and nothing has to be installed but valgrind.

#[path = "common/callgrind.rs"]
mod callgrind;
mod common;

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    hint::black_box,
    io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::Parser as _;
use common::{
    Shape, Workload,
    contestants::{Contestant, Role},
    workloads::Counts,
};
use llm_response::Parser;

const CASES: [&str; 14] = [
    "deltas/1",
    "deltas/64",
    "deltas/event",
    "deltas/1400",
    "deltas/whole",
    "deltas-crlf/1400",
    "named/1400",
    "keep-alives/event",
    "keep-alives/1400",
    // Its chunks end within comments.
    "keep-alives/16384",
    "multi-line/1400",
    "events-64k/1400",
    "body-64k/1400",
    "body-64k/whole",
];

/// The same work, early and late in a response: it must take the same time, however much came before.
const PAIRS: [(&str, &str); 2] = [
    ("100 events after 10", "100 events after 10000"),
    ("10 pieces after 100", "10 pieces after 1000"),
];

const OURS: &str = "llm-response";

const TOLERANCE: f64 = 0.03;

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");

#[derive(clap::Parser)]
struct Args {
    /// Write the baseline instead of comparing with it
    #[arg(long)]
    renew: bool,
    /// Where the baseline is
    #[arg(long, default_value = BASELINE)]
    baseline: PathBuf,
    /// Run every case once and count nothing
    #[arg(long)]
    test: bool,
    /// Do not count the other parsers
    #[arg(long)]
    no_peers: bool,
    /// Run this case; for use under valgrind
    #[arg(long, hide = true)]
    case: Option<String>,
    /// Who runs it
    #[arg(long, hide = true, default_value = OURS)]
    contestant: String,
    /// What `cargo bench` passes and `cargo test` does not
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let args = Args::parse();
    let cases = || {
        CASES
            .into_iter()
            .chain(PAIRS.into_iter().flat_map(|(early, late)| [early, late]))
    };
    if let Some(case) = args.case {
        run(&case, &args.contestant);
    } else if args.test || !args.bench {
        for case in cases() {
            run(case, OURS);
            println!("{case}: ok");
        }
    } else if callgrind::is_installed() {
        let counts = cases()
            .map(|case| Ok((case, count(case, OURS)?)))
            .collect::<io::Result<Vec<_>>>()?;
        let mut is_good = compare_pairs(&counts);
        if args.renew {
            renew(&args.baseline, &counts)?;
        } else {
            is_good &= compare(&args.baseline, &counts)?;
        }
        if !args.no_peers {
            print_beside_peers(&counts)?;
        }
        if !is_good {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a case, its own work inside of `measured` and all else outside.
fn run(case: &str, name: &str) {
    match case.split(' ').collect::<Vec<_>>()[..] {
        [times, "events", "after", before] => run_late(b"", b"data: {\"choices\":[]}\n\n", times, before),
        [times, "pieces", "after", before] => run_late(b"data: ", &[b'x'; 1_400], times, before),
        _ => {
            let workload = Workload::select(|id| id == case)[0];
            let contestants = Contestant::all(workload);
            let contestant = contestants.iter().find(|contestant| contestant.name == name);
            let mut run = contestant.expect("a contestant's name").prepare(workload);
            measured(|| {
                black_box(run());
            });
        }
    }
}

/// Parses a chunk so and so often, after it was parsed so and so often.
fn run_late(first: &[u8], chunk: &[u8], times: &str, before: &str) {
    let [times, before] = [times, before].map(|number| number.parse::<u64>().expect("a number of chunks"));
    let mut parser = Parser::new();
    let mut parse = |mut chunk: &[u8]| {
        while let Some(event) = parser.next_event(&mut chunk).expect("no limit is reached") {
            black_box(event);
        }
    };
    parse(first);
    (0..before).for_each(|_| parse(chunk));
    measured(|| (0..times).for_each(|_| parse(chunk)));
}

/// Only what happens in here is counted.
#[inline(never)]
fn measured(mut work: impl FnMut()) {
    work();
    black_box(());
}

/// Runs a case in a process of its own.
fn count(case: &str, contestant: &str) -> io::Result<u64> {
    callgrind::count("instructions", &["--case", case, "--contestant", contestant])
}

fn compare_pairs(counts: &[(&str, u64)]) -> bool {
    let of = |wanted| {
        counts
            .iter()
            .find(|(case, _)| *case == wanted)
            .expect("all cases were counted")
            .1
    };
    let mut is_even = true;
    for (early, late) in PAIRS {
        let (early_count, late_count) = (of(early), of(late));
        let grew = late_count as f64 > early_count as f64 * (1.0 + TOLERANCE);
        let verdict = if grew { "GREW" } else { "ok" };
        println!("{early}: {early_count}, {late}: {late_count}: {verdict}");
        is_even &= !grew;
    }
    is_even
}

/// Whether no count is too far above its baseline.
fn compare(baseline: &Path, counts: &[(&str, u64)]) -> io::Result<bool> {
    let baseline = fs::read_to_string(baseline)?;
    let (there, lines) = baseline.split_once('\n').unwrap_or_default();
    let here = environment()?;
    let is_comparable = there == here;
    let mut is_good = true;
    for (case, count) in counts {
        let before = lines
            .lines()
            .find_map(|line| line.strip_prefix(case)?.trim().parse::<u64>().ok());
        let Some(before) = before.filter(|_| is_comparable) else {
            println!("{case:<24} {count:>12}");
            continue;
        };
        let change = *count as f64 / before as f64 - 1.0;
        let verdict = match change {
            change if change > TOLERANCE => "ABOVE the baseline",
            change if change < -TOLERANCE => "below the baseline: renew it",
            _ => "ok",
        };
        println!("{case:<24} {count:>12} {:>+8.2} %  {verdict}", change * 100.0);
        is_good &= change <= TOLERANCE;
    }
    if !is_comparable {
        println!("SKIPPED the comparison: the baseline is from {there}, this is {here}");
    }
    Ok(is_good)
}

fn renew(baseline: &Path, counts: &[(&str, u64)]) -> Result<(), Box<dyn Error>> {
    let mut text = environment()? + "\n";
    for (case, count) in counts {
        writeln!(text, "{case:<24} {count:>12}")?;
    }
    fs::write(baseline, &text)?;
    print!("{text}");
    Ok(())
}

/// The other parsers beside this one. What drives them is part of the count, and alike for all of a kind.
fn print_beside_peers(counts: &[(&str, u64)]) -> io::Result<()> {
    println!(
        "\nInstructions for an event or keep-alive, {}; the ratio is to the least of the others",
        environment()?
    );
    let mut header = Vec::new();
    for case in CASES {
        let workload = Workload::select(|id| id == case)[0];
        let Counts {
            events, keep_alives, ..
        } = workload.counts();
        let divisor = match workload.shape {
            Shape::Bodies(_) => events,
            _ => events + keep_alives,
        } as f64;
        let (_, ours) = counts
            .iter()
            .find(|(counted, _)| *counted == case)
            .expect("all cases were counted");
        let mut row = vec![(OURS, *ours as f64 / divisor)];
        for peer in Contestant::all(workload)
            .iter()
            .filter(|contestant| contestant.role == Role::Peer)
        {
            row.push((peer.name, count(case, peer.name)? as f64 / divisor));
        }
        let least = row[1..].iter().map(|(_, count)| *count).fold(f64::INFINITY, f64::min);
        let names: Vec<_> = row.iter().map(|(name, _)| *name).collect();
        if names != header {
            print!("{:<20}", "");
            names.iter().for_each(|name| print!(" {name:>18}"));
            println!(" {:>6}", "ratio");
            header = names;
        }
        print!("{case:<20}");
        row.iter().for_each(|(_, count)| print!(" {count:>18.1}"));
        println!(" {:>6.2}", row[0].1 / least);
    }
    Ok(())
}

/// What the counts depend on beside this crate: the compiler, the C library's `memcpy` and `malloc`, and which of its
/// searches memchr chooses.
fn environment() -> io::Result<String> {
    let first_line = |program: &str, argument| {
        let output = Command::new(program).arg(argument).output()?;
        Ok::<_, io::Error>(
            String::from_utf8_lossy(&output.stdout)
                .lines()
                .next()
                .unwrap_or("?")
                .to_owned(),
        )
    };
    let rustc = first_line("rustc", "--version")?;
    let libc = first_line("getconf", "GNU_LIBC_VERSION").unwrap_or_default();
    #[cfg(target_arch = "x86_64")]
    let avx2 = if std::arch::is_x86_feature_detected!("avx2") {
        "AVX2"
    } else {
        "no AVX2"
    };
    #[cfg(not(target_arch = "x86_64"))]
    let avx2 = "no AVX2";
    Ok(format!("{rustc}, {}, {libc}, {avx2}", env::consts::ARCH))
}
