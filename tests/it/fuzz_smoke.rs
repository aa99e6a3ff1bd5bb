//! The targets of `fuzz/`, without libFuzzer: the corpus itself and a fixed number of seeded mutations
//! of it. `.ci/fuzz` runs the same functions guided by coverage.

use crate::oracle::Random;
use crate::support::{path, paths_below, repository};

#[path = "../../fuzz/targets/classes.rs"]
mod classes;
#[path = "../../fuzz/targets/condition.rs"]
mod condition;
#[path = "../../fuzz/targets/document.rs"]
mod document;
#[path = "../../fuzz/targets/pattern.rs"]
mod pattern;
#[path = "../../fuzz/targets/policy.rs"]
mod policy;
#[path = "../../fuzz/targets/simulate_line.rs"]
mod simulate_line;

type Target = fn(&[u8]);

/// Each target, and how many mutations of the corpus it gets: a fraction of a second's worth.
const TARGETS: [(&str, Target, usize); 6] = [
    ("classes", classes::run, 300),
    ("condition", condition::run, 2000),
    ("document", document::run, 150),
    ("pattern", pattern::run, 6000),
    ("policy", policy::run, 800),
    ("simulate_line", simulate_line::run, 1500),
];

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let mut files = paths_below(&repository().join("fuzz/corpus").join(target));
    // What libFuzzer added is named by its digest and not part of the repository.
    files.retain(|file| file.file_name().is_some_and(|name| name.len() < 40));
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", path(file))))
        .collect()
}

#[test]
fn no_target_fails_on_its_corpus_or_near_it() {
    for (name, run, mutations) in TARGETS {
        let seeds = corpus(name);
        assert!(seeds.len() >= 2, "{name}");
        for seed in &seeds {
            run(seed);
        }
        let mut random = Random::new(6);
        for _ in 0..mutations {
            let data = mutated(&seeds, &mut random);
            let failed = std::panic::catch_unwind(|| run(&data)).is_err();
            assert!(!failed, "{name}: {:?}", String::from_utf8_lossy(&data));
        }
    }
}

/// One to four small changes: a byte or a bit, a piece left out, doubled, or taken from another seed.
fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    const LIKELY: &[u8] = b"*?:${}\"[],'/\n\\0\xFF";
    let mut data = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        let start = random.below(data.len() + 1);
        let end = data.len().min(start + random.below(12));
        match random.below(6) {
            0 if start < data.len() => data[start] ^= 1 << random.below(8),
            1 => data.insert(start, LIKELY[random.below(LIKELY.len())]),
            2 if start < data.len() => data[start] = LIKELY[random.below(LIKELY.len())],
            3 => drop(data.drain(start..end)),
            4 => {
                let piece = data[start..end].to_vec();
                data.splice(start..start, piece);
            }
            _ => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                let to = other.len().min(from + random.below(20));
                data.splice(start..end, other[from..to].iter().copied());
            }
        }
    }
    data
}
