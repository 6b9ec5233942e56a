//! Replays the corpus of every fuzz target, without libFuzzer.

use std::{fs, path::Path};

use llm_response_fuzz::TARGETS;

#[test]
fn every_input_of_the_corpus_holds() {
    for (name, property) in TARGETS {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let mut count = 0;
        for entry in fs::read_dir(&directory).expect("a corpus for each target") {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            property(&fs::read(&path).unwrap());
            count += 1;
        }
        assert!(count > 0, "{name} has no seeds");
    }
}

/// What has no header, and the shortest that has one.
#[test]
fn short_inputs_hold() {
    for (_, property) in TARGETS {
        for len in 0..=9 {
            property(&b"aaaaaaaaaaaaaaaa"[..len]);
        }
    }
}

/// The seeds are tried with what the other targets make of them as well.
#[test]
fn every_target_holds_for_the_seeds_of_the_others() {
    for (name, _) in TARGETS {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        for entry in fs::read_dir(directory).unwrap() {
            let input = fs::read(entry.unwrap().path()).unwrap();
            TARGETS.iter().for_each(|(_, property)| property(&input));
        }
    }
}
