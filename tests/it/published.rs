//! Policies that AWS, well-known modules and others publish for CloudTrail: the verdict each gets, and
//! exactly the findings of medium or above, each of which the data gives a reason for.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::incidents::documents;
use crate::law;
use crate::support::{audit, document_kind, files_of, items, none, text};

#[test]
fn published_policies_are_found_to_weaken_what_they_do_weaken_and_nothing_else() {
    let mut problems = Vec::new();
    let policies: Vec<(String, String)> = files_of("fixtures/published")
        .into_iter()
        .filter(|(file, _)| file != "README.md")
        .collect();
    assert!(policies.len() >= 48, "only {} policies", policies.len());
    for (file, published) in policies {
        let published: Value = serde_json::from_str(&published).unwrap();
        problems.extend(misjudged(&published).map(|problem| format!("{file}: {problem}")));
    }
    none(&problems);
}

fn misjudged(published: &Value) -> impl Iterator<Item = String> {
    let (status, report) = audit(&documents::of(published)).unwrap();
    let mut problems = law::broken(status, &report);
    let verdicts: BTreeMap<&str, &str> = items(&report, "trails")
        .iter()
        .map(|trail| (text(trail, "arn"), text(trail, "verdict")))
        .collect();
    let expected: BTreeMap<&str, &str> = published["verdicts"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(arn, verdict)| (arn.as_str(), verdict.as_str().unwrap()))
        .collect();
    if verdicts != expected {
        problems.push(format!("the verdicts are {verdicts:?}, not {expected:?}"));
    }
    let mut expected: Vec<String> = items(published, "findings").iter().map(listed).collect();
    let mut found: Vec<String> = items(&report, "findings")
        .iter()
        .filter(|finding| text(finding, "severity") != "low")
        .map(told)
        .collect();
    expected.sort();
    found.sort();
    problems.extend(
        expected
            .iter()
            .filter(|finding| !found.contains(finding))
            .map(|finding| format!("no finding of {finding}")),
    );
    problems.extend(
        found
            .iter()
            .filter(|finding| !expected.contains(finding))
            .map(|finding| format!("also {finding}")),
    );
    problems.into_iter()
}

/// What the data lists: a rule, the statement and why it is true.
fn listed(finding: &Value) -> String {
    assert!(!text(finding, "why").is_empty(), "{finding} has no reason");
    format!("{} at {}", text(finding, "rule"), text(finding, "place"))
}

/// A finding, placed at the statement it points into.
fn told(finding: &Value) -> String {
    let location = &finding["location"];
    let parts: Vec<&str> = text(location, "pointer").split('/').take(3).collect();
    let kind = document_kind(location);
    format!("{} at {kind} {}", text(finding, "rule"), parts.join("/"))
}
