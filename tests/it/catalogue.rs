//! The failures that set-ups are known to have, and odd set-ups that work: what each changes in a
//! sound estate, the verdict it must get, the rules that must name it and what they must say.

mod case;
mod entries;

use std::collections::{BTreeMap, BTreeSet};

use trail_lint::audit::audit;
use trail_lint::document::Document;
use trail_lint::model::Estate;
use trail_lint::report::view::{FindingView, Report};
use trail_lint::report::{self, Filter};
use trail_lint::rules::Severity;
use trail_lint::source::snapshot;

use crate::support::{none, path, snapshot as written};
use case::Case;

/// The moment at which all cases are judged.
const NOW: &str = "2026-11-01T00:00:00Z";

/// Exposure at high or above is not what a case about delivery is for.
const EXPOSURE: [&str; 3] = [
    "any-account-may-write",
    "kms-principal-star",
    "principal-star",
];

#[test]
fn every_known_failure_gets_its_verdict_and_its_cause_and_no_other() {
    let cases = case::all();
    let mut problems = Vec::new();
    for case in &cases {
        let about = |problem: String| format!("{} ({}): {problem}", case.what, case.estate);
        problems.extend(judge(case).into_iter().map(about));
    }
    none(&problems);
    assert!(cases.len() > 350);
}

#[test]
fn every_entry_of_the_catalogue_is_shown_or_said_to_be_undecidable() {
    let shown: BTreeSet<u16> = case::all()
        .into_iter()
        .flat_map(|case| case.entry)
        .collect();
    let undecidable = entries::undecidable();
    let mut problems = Vec::new();
    for entry in 1..=entries::LAST {
        match (shown.contains(&entry), undecidable.contains(&entry)) {
            (true, false) | (false, true) => {}
            (true, true) => problems.push(format!("{entry} is shown by a case and undecidable")),
            (false, false) => problems.push(format!("{entry} has no case, and no reason why")),
        }
    }
    let known = 1..=entries::LAST;
    problems.extend(
        shown
            .union(&undecidable)
            .filter(|entry| !known.contains(entry))
            .map(|entry| format!("{entry} is no entry")),
    );
    none(&problems);
}

fn judge(case: &Case) -> Vec<String> {
    let folder = written(&case.files());
    let documents: Vec<Document> = snapshot::read(path(folder.path()).as_ref())
        .unwrap_or_else(|error| panic!("{}: {error}", case.what));
    let estate = Estate::read(documents).unwrap_or_else(|error| panic!("{}: {error}", case.what));
    let audit = audit(&estate, NOW.parse().unwrap());
    let report = report::build(&audit, &Filter::default());
    [
        verdicts(case, &report),
        rules(case, &report),
        once(&report),
        refused(case, &report),
        words(case, &report),
        places(case, &report),
        order(case, &report),
    ]
    .concat()
}

/// The name in a trail's ARN.
fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn verdicts(case: &Case, report: &Report<'_>) -> Vec<String> {
    let trails: BTreeMap<&str, &str> = report
        .trails
        .iter()
        .map(|trail| (name(&trail.arn), trail.verdict))
        .collect();
    let mut problems: Vec<String> = trails
        .iter()
        .filter(|(trail, verdict)| case.verdict(trail) != **verdict)
        .map(|(trail, verdict)| {
            let expected = case.verdict(trail);
            format!("the verdict of `{trail}` is {verdict}, not {expected}")
        })
        .collect();
    let unknown = case
        .verdicts
        .keys()
        .filter(|trail| !trails.contains_key(trail.as_str()));
    problems.extend(unknown.map(|trail| format!("there is no trail `{trail}`")));
    problems
}

fn rules(case: &Case, report: &Report<'_>) -> Vec<String> {
    let expected: BTreeSet<&str> = case.rules.iter().map(String::as_str).collect();
    let found: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule).collect();
    let grave: BTreeSet<&str> = grave(report).map(|finding| finding.rule).collect();
    let silent = case.silent.iter().map(String::as_str);
    let loud = silent.filter(|rule| found.contains(rule));
    let missing = expected.difference(&found);
    let more = grave.difference(&expected);
    missing
        .map(|rule| format!("no finding of {rule}; there are {found:?}"))
        .chain(more.copied().chain(loud).map(|rule| format!("also {rule}")))
        .collect()
}

fn grave<'r>(report: &'r Report<'_>) -> impl Iterator<Item = &'r FindingView> {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity >= Severity::High && !EXPOSURE.contains(&finding.rule))
}

/// One cause, one finding: no rule names a trail twice, whatever number of requests it refuses.
fn once(report: &Report<'_>) -> Vec<String> {
    let mut seen: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    for finding in grave(report) {
        *seen
            .entry((finding.rule, finding.trail.as_deref()))
            .or_default() += 1;
    }
    let twice = seen.into_iter().filter(|(_, count)| *count > 1);
    twice
        .map(|((rule, trail), count)| format!("{count} findings of {rule} for {trail:?}"))
        .collect()
}

/// The requests that a rule's findings refuse, trail by trail.
fn refused(case: &Case, report: &Report<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for (rule, expected) in &case.refuses {
        let of_rule = report
            .findings
            .iter()
            .filter(|finding| finding.rule == rule);
        let other = of_rule.filter(|finding| finding.requests != *expected);
        problems.extend(other.map(|finding| {
            format!(
                "{rule} refuses {:?} of {:?}",
                finding.requests, finding.trail
            )
        }));
    }
    problems
}

fn words(case: &Case, report: &Report<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for (rule, fragments) in &case.says {
        let messages: Vec<&str> = report
            .findings
            .iter()
            .filter(|finding| finding.rule == rule)
            .map(|finding| finding.message.as_str())
            .collect();
        let complete = |message: &&str| {
            fragments
                .iter()
                .all(|fragment| message.contains(fragment.as_str()))
        };
        if !messages.iter().any(complete) {
            problems.push(format!(
                "{rule} does not say all of {fragments:?}: {messages:#?}"
            ));
        }
    }
    problems
}

fn places(case: &Case, report: &Report<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for (rule, expected) in &case.at {
        let places: Vec<String> = report
            .findings
            .iter()
            .filter(|finding| finding.rule == rule)
            .map(|finding| &finding.location)
            .map(|place| format!("{} {}", name(&place.path), place.pointer))
            .collect();
        if !places.contains(expected) {
            problems.push(format!("{rule} is placed at {places:?}, not at {expected}"));
        }
    }
    problems
}

/// Where two layers are at fault, the one that a request meets first comes first.
fn order(case: &Case, report: &Report<'_>) -> Vec<String> {
    if case.order.is_empty() {
        return Vec::new();
    }
    let found: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.rule)
        .filter(|rule| case.order.iter().any(|expected| expected == rule))
        .collect();
    if found == case.order {
        return Vec::new();
    }
    vec![format!("the order is {found:?}, not {:?}", case.order)]
}
