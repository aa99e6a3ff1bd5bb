//! The published cases of `fixtures/incidents` and `fixtures/incidents-more`: each becomes a snapshot, and
//! what `check` says about it is held against what happened. Weaknesses are compared for the rules that exist.

pub(crate) mod documents;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::law;
use crate::support::{audit, document_kind, files_of, is_grave, items, none, run, text};

/// The rules among the incidents' weaknesses. `org-wide-write` is another rule's.
const WEAKNESSES: &[&str] = &[
    "acl-condition-missing",
    "bucket-name-claimable",
    "dead-statement",
    "extra-actions-granted",
    "kms-context-any-account",
    "kms-principal-star",
    "kms-source-arn-missing",
    "kms-unscoped",
    "legacy-account-principals",
    "principal-star",
    "resource-too-broad",
    "source-arn-missing",
    "topic-source-arn-missing",
];

/// The rule that tells of writers from the whole organization, which is a tag of its own.
const ORG_WIDE_WRITE: &str = "cross-account-tampering";

#[test]
fn incidents_are_judged_as_they_went_and_for_the_reason_they_went() {
    let (mut problems, mut misplaced) = (Vec::new(), Vec::new());
    for (file, incident) in incidents() {
        let (status, report) = answer(&file, &incident);
        let about = |problem: String| format!("{file}: {problem}");
        problems.extend(law::broken(status, &report).into_iter().map(about));
        for expect in items(&incident, "expect") {
            problems.extend(misjudged(&report, expect).into_iter().map(about));
            misplaced.extend(placed_elsewhere(&incident, &report, expect).map(about));
        }
    }
    let wrong = problems.len();
    problems.push(format!(
        "and {} findings with the right cause at another place:",
        misplaced.len()
    ));
    problems.extend(misplaced.iter().cloned());
    assert!(
        wrong == 0 && misplaced.is_empty(),
        "{wrong} problems\n{}",
        problems.join("\n")
    );
}

#[test]
fn each_refused_request_names_the_statement_that_refuses_it() {
    let case = "fixtures/incidents-more/policy-names-the-trail-before-it-was-renamed.json";
    let incident = serde_json::from_str(&std::fs::read_to_string(case).unwrap()).unwrap();
    let (_, report) = answer(case, &incident);
    let decided: Vec<(&str, &str)> = items(&report["trails"][0], "requests")
        .iter()
        .map(|request| (text(request, "id"), text(&request["decided_by"], "pointer")))
        .collect();
    assert_eq!(
        decided,
        [
            ("get-bucket-acl", "/Statement/0"),
            ("put-log-folder", "/Statement/1"),
            ("put-digest-folder", "/Statement/1"),
            ("put-log-files", "/Statement/1"),
            ("put-digest-files", "/Statement/1"),
        ]
    );
}

#[test]
fn incidents_show_the_weaknesses_they_were_published_with_and_no_others() {
    let rules = run(0, &["rules"]).stdout;
    let unknown: Vec<&&str> = WEAKNESSES
        .iter()
        .filter(|rule| !rules.contains(**rule))
        .collect();
    assert!(unknown.is_empty(), "`rules` does not list {unknown:?}");
    let mut problems = Vec::new();
    for (file, incident) in incidents() {
        let (_, report) = answer(&file, &incident);
        let found = weaknesses(&report, |_| true);
        let tags: Vec<&str> = items(&incident, "weaknesses")
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        let expected: BTreeSet<&str> = tags
            .iter()
            .copied()
            .filter(|name| WEAKNESSES.contains(name))
            .collect();
        let findings = items(&report, "findings");
        let tampering = findings
            .iter()
            .any(|finding| finding["rule"] == ORG_WIDE_WRITE);
        if tags.contains(&"org-wide-write") && !tampering {
            problems.push(format!("{file}: no finding of {ORG_WIDE_WRITE}"));
        }
        let missing = expected.difference(&found);
        problems.extend(missing.map(|rule| format!("{file}: no finding of {rule}")));
        // Advice may go further than the tags do.
        let weighty = weaknesses(&report, |finding| text(finding, "severity") != "low");
        let more = weighty.difference(&expected);
        problems
            .extend(more.map(|rule| format!("{file}: also {rule}, which the case does not list")));
    }
    none(&problems);
}

/// The weaknesses among the findings that a test picks.
fn weaknesses(report: &Value, pick: impl Fn(&Value) -> bool) -> BTreeSet<&str> {
    let findings = items(report, "findings").iter();
    findings
        .filter(|finding| pick(finding))
        .map(|finding| text(finding, "rule"))
        .filter(|rule| WEAKNESSES.contains(rule))
        .collect()
}

fn incidents() -> Vec<(String, Value)> {
    let of = |folder: &'static str| {
        files_of(folder)
            .into_iter()
            .filter(|(file, _)| file != "README.md")
            .map(move |(file, text)| (format!("{folder}/{file}"), text))
    };
    let incidents: Vec<(String, Value)> = of("fixtures/incidents")
        .chain(of("fixtures/incidents-more"))
        .map(|(file, text)| (file, serde_json::from_str(&text).unwrap()))
        .collect();
    assert!(
        incidents.len() >= 110,
        "only {} incidents were found",
        incidents.len()
    );
    incidents
}

fn answer(file: &str, incident: &Value) -> (i32, Value) {
    audit(&documents::of(incident)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What the report says otherwise than what happened to one trail.
fn misjudged(report: &Value, expect: &Value) -> Vec<String> {
    let (arn, cause) = (text(expect, "trail"), text(expect, "cause"));
    let Some(trail) = items(report, "trails")
        .iter()
        .find(|trail| trail["arn"] == arn)
    else {
        return vec![format!("{arn} is not in the report")];
    };
    let verdict = text(trail, "verdict");
    let findings: Vec<&Value> = items(report, "findings")
        .iter()
        .filter(|finding| finding["trail"] == arn)
        .collect();
    let mut problems = Vec::new();
    if expect["delivers"] == true {
        if verdict != "delivers" {
            problems.push(format!("{arn} delivers, the verdict is {verdict}"));
        }
        let grave = findings
            .iter()
            .filter(|finding| is_grave(finding) && !items(finding, "requests").is_empty());
        problems
            .extend(grave.map(|finding| {
                format!("{arn} delivers, and {} says it does not", finding["rule"])
            }));
    } else {
        if verdict == "delivers" {
            problems.push(format!("{arn} fails for {cause}, the verdict is delivers"));
        }
        if !findings.iter().any(|finding| finding["rule"] == cause) {
            let rules: BTreeSet<&str> = findings
                .iter()
                .map(|finding| text(finding, "rule"))
                .collect();
            problems.push(format!(
                "{arn} fails for {cause} ({verdict}), the findings are {rules:?}"
            ));
        }
    }
    problems
}

/// Where the cause was found, but in another document or statement than the one to blame.
fn placed_elsewhere(incident: &Value, report: &Value, expect: &Value) -> Option<String> {
    let (arn, cause) = (text(expect, "trail"), text(expect, "cause"));
    let named = expect["statement_sid_or_index"].as_str()?;
    let (kind, pointer) = statement(incident, report, expect, named);
    let found = items(report, "findings")
        .iter()
        .filter(|finding| finding["trail"] == arn && finding["rule"] == cause);
    let places: Vec<String> = found.into_iter().flat_map(places).collect();
    let expected = format!("{kind} {pointer}");
    let right = |place: &String| {
        let inside = place.strip_prefix(expected.as_str());
        inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    (!places.is_empty() && !places.iter().any(right))
        .then(|| format!("{arn}: {cause} is placed at {places:?}, expected {expected} (`{named}`)"))
}

/// Where a finding points, as `DOCUMENT POINTER`: its own place, and those that belong to it.
fn places(finding: &Value) -> Vec<String> {
    let related = items(finding, "related")
        .iter()
        .map(|related| &related["location"]);
    let locations = std::iter::once(&finding["location"]).chain(related);
    locations
        .map(|location| format!("{} {}", document_kind(location), text(location, "pointer")))
        .collect()
}

/// The document and pointer of the statement that an expectation names by Sid or by index.
fn statement(
    incident: &Value,
    report: &Value,
    expect: &Value,
    named: &str,
) -> (&'static str, String) {
    let trail = items(report, "trails")
        .iter()
        .find(|trail| trail["arn"] == expect["trail"])
        .unwrap_or(&Value::Null);
    let by_arn = |list: &str, arn: &Value| {
        let found = items(incident, list)
            .iter()
            .find(|item| item["Arn"] == *arn);
        found.unwrap_or(&incident[list][0])["Policy"].clone()
    };
    let (kind, policy) = match text(expect, "where") {
        "bucket-policy" => ("get-bucket-policy", incident["bucket"]["Policy"].clone()),
        "key-policy" => ("get-key-policy", by_arn("keys", &trail["kms_key"])),
        "topic-policy" => ("get-topic-attributes", by_arn("topics", &trail["topic"])),
        other => panic!("`{other}` has no statements"),
    };
    let Some(statements) = policy["Statement"].as_array() else {
        return (kind, "/Statement".to_owned());
    };
    let by_sid = statements
        .iter()
        .position(|statement| statement["Sid"] == named);
    let index = by_sid
        .or_else(|| named.parse().ok())
        .unwrap_or_else(|| panic!("no statement `{named}`"));
    (kind, format!("/Statement/{index}"))
}

/// Every incident as the files of a snapshot.
pub(crate) fn snapshots() -> impl Iterator<Item = (String, Vec<(String, String)>)> {
    let incidents = incidents().into_iter();
    incidents.map(|(file, incident)| (file, documents::of(&incident)))
}
