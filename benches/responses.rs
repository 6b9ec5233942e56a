//! How fast responses are parsed, by this crate, by others, and by loops that do less than any parser can.
//!
//! `cargo bench -p llm-response-benches --bench responses` measures all, `-- deltas/1400` some, `-- --test` runs each once. Contestants are
//! measured one after another here, and the machine's mood changes in between: use this to follow one contestant over
//! time, and `cargo bench -p llm-response-benches --bench ratios` to compare two.

mod common;

use std::time::Duration;

use common::{Workload, contestants::Contestant};
use criterion::{Criterion, Throughput};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1_500))
        .without_plots()
        .configure_from_args();
    for workload in Workload::select(|_| true) {
        let mut group = criterion.benchmark_group(workload.id());
        group.throughput(Throughput::Bytes(workload.counts().bytes));
        for contestant in Contestant::all(workload) {
            let mut prepared = None;
            group.bench_function(contestant.name, |bencher| {
                bencher.iter(prepared.get_or_insert_with(|| contestant.prepare(workload)));
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
