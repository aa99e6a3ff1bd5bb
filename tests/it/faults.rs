//! Diagnosis is complete and sound: whatever is done to a delivery that works, every refused request
//! gets a finding, no finding blames a policy for a request that is allowed, and verdict and exit
//! status say the same. The changes are drawn at random, the same ones in every run.

use std::collections::BTreeSet;

use crate::law;
use crate::mutation::{Random, Snapshot};
use crate::support::{audit, files_of, items, text};

/// How many broken deliveries are tried.
const CASES: u64 = 400;

/// How many failures are printed in full; the first few tell what is wrong.
const SHOWN: usize = 12;

#[test]
fn the_baseline_delivers_and_has_no_finding_above_low() {
    let (status, report) = audit(&files_of("fixtures/baseline")).unwrap();
    assert_eq!(law::broken(status, &report), Vec::<String>::new());
    assert_eq!(status, 0, "{:#}", report["findings"]);
    let verdicts: Vec<&str> = items(&report, "trails")
        .iter()
        .map(|trail| text(trail, "verdict"))
        .collect();
    assert_eq!(verdicts, ["delivers"]);
}

#[test]
fn whatever_breaks_is_diagnosed_completely_and_soundly() {
    let baseline = files_of("fixtures/baseline");
    let mut failures = Vec::new();
    let mut verdicts = BTreeSet::new();
    let mut with_refusals = 0;
    for seed in 0..CASES {
        let (changes, files) = broken(&baseline, seed);
        let problems = match audit(&files) {
            Ok((status, report)) => {
                let trails = items(&report, "trails");
                verdicts.extend(trails.iter().map(|trail| text(trail, "verdict").to_owned()));
                let requests = |trail| items(trail, "requests").iter();
                with_refusals += usize::from(trails.iter().flat_map(requests).any(law::is_refused));
                law::broken(status, &report)
            }
            Err(error) => vec![error],
        };
        if !problems.is_empty() {
            failures.push(format!(
                "seed {seed}\n  {}\n  => {}",
                changes.join("\n  "),
                problems.join("\n  => ")
            ));
        }
    }
    let shown = failures
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        failures.is_empty(),
        "{} of {CASES} cases fail\n{shown}",
        failures.len()
    );
    // The law would be kept by a tool that allows everything, or by changes that break nothing.
    assert!(
        with_refusals > 150,
        "only {with_refusals} of {CASES} cases refuse a request"
    );
    let all = [
        "blocked",
        "delivers",
        "partial",
        "setup-refused",
        "undecided",
    ]
    .map(str::to_owned);
    assert_eq!(verdicts, BTreeSet::from(all));
}

#[test]
fn a_seed_gives_the_same_changes_every_time() {
    let baseline = files_of("fixtures/baseline");
    for seed in 0..50 {
        let (changes, files) = broken(&baseline, seed);
        assert_eq!((changes.clone(), files), broken(&baseline, seed));
        assert!((1..=3).contains(&changes.len()));
    }
}

/// The baseline with one to three changes: what was done, and the files.
fn broken(baseline: &[(String, String)], seed: u64) -> (Vec<String>, Vec<(String, String)>) {
    let mut random = Random::new(seed);
    let mut snapshot = Snapshot::read(baseline);
    let count = 1 + random.below(3);
    let changes = (0..count)
        .map(|_| snapshot.break_something(&mut random))
        .collect();
    (changes, snapshot.files())
}
