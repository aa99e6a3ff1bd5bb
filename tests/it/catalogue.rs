//! The failures that set-ups are known to have, and odd set-ups that work: what each changes in the
//! sound baseline, the verdict it must get, and the rules that must name it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trail_lint::audit::audit;
use trail_lint::document::Document;
use trail_lint::model::Estate;
use trail_lint::report::{self, Filter};
use trail_lint::rules::Severity;
use trail_lint::source::snapshot;

use crate::support::{files_of, none, path, snapshot as written};

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
    let baseline = files_of("fixtures/baseline");
    let cases = std::fs::read_to_string("fixtures/catalogue.jsonl").unwrap();
    let mut problems = Vec::new();
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        problems.extend(judge(&case, &baseline));
    }
    assert!(cases.lines().count() > 150);
    none(&problems);
}

fn judge(case: &Value, baseline: &[(String, String)]) -> Vec<String> {
    let folder = written(&changed(case, baseline));
    let documents: Vec<Document> = snapshot::read(path(folder.path()).as_ref()).unwrap();
    let estate = Estate::read(documents).unwrap();
    let audit = audit(&estate, NOW.parse().unwrap());
    let report = report::build(&audit, &Filter::default());
    let what = case["what"].as_str().unwrap();
    let mut problems = Vec::new();
    let verdict = report.trails[0].verdict;
    if verdict != case["verdict"] {
        problems.push(format!(
            "{what}: the verdict is {verdict}, not {}",
            case["verdict"]
        ));
    }
    let expected: BTreeSet<&str> = case["rules"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let found: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule).collect();
    let grave = report
        .findings
        .iter()
        .filter(|finding| finding.severity >= Severity::High);
    let grave: BTreeSet<&str> = grave
        .map(|finding| finding.rule)
        .filter(|rule| !EXPOSURE.contains(rule))
        .collect();
    for missing in expected.difference(&found) {
        problems.push(format!("{what}: no finding of {missing}"));
    }
    for extra in grave.difference(&expected) {
        problems.push(format!("{what}: also {extra}"));
    }
    problems
}

/// The baseline's files with a case's changes: a document instead, or none.
fn changed(case: &Value, baseline: &[(String, String)]) -> Vec<(String, String)> {
    let mut files: BTreeMap<String, String> = baseline.iter().cloned().collect();
    for (file, document) in case["documents"].as_object().unwrap() {
        match document {
            Value::Null => files.remove(file),
            document => files.insert(file.clone(), document.to_string()),
        };
    }
    files.into_iter().collect()
}
