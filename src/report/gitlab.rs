//! GitLab's Code Quality report: the widget of a merge request, on every tier.
//!
//! Source: docs.gitlab.com, "Code Quality", "Code Quality report format" (read 2026-11).

use std::collections::BTreeSet;
use std::io;

use serde::Serialize;

use super::json::print;
use super::paths;
use super::places::{SamePlace, by_place};
use super::text::{plain, shortened};
use super::view::Report;
use crate::compare::Effect;
use crate::document::Origin;
use crate::rules::Severity;

/// A description longer than this is cut: the widget shows one line.
const LONGEST: usize = 4_000;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// Writes the findings.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut given = BTreeSet::new();
    let places = by_place(&report.findings);
    let change = report.effect.as_ref().and_then(|it| of_change(it, report));
    let mut issues: Vec<Issue> = change.into_iter().collect();
    issues.extend(places.iter().map(|place| issue(place, report, &mut given)));
    print(&issues, out)
}

/// What merging the change does, if some trail fares worse: at the head of the first file of code, as no line of it
/// stands for all.
fn of_change(effect: &Effect, report: &Report) -> Option<Issue> {
    let mut documents = report.documents.values();
    let code = documents.find(|document| document.origin == Origin::Code)?;
    (effect.is_worse() || effect.is_open()).then(|| Issue {
        description: plain(&shortened(&effect.sentence(), LONGEST)).into_owned(),
        check_name: "merging",
        fingerprint: "merging".to_owned(),
        severity: if effect.is_worse() {
            "blocker"
        } else {
            "major"
        },
        location: Location {
            path: plain(&paths::relative(&code.path)).into_owned(),
            lines: Lines { begin: 1, end: 1 },
        },
    })
}

fn issue(place: &SamePlace, report: &Report, given: &mut BTreeSet<String>) -> Issue {
    let finding = place.first;
    let location = &finding.location;
    let document = report.documents.get(location.path.as_str());
    let is_flag = document.is_some_and(|document| document.origin == Origin::CommandLine);
    let line = if is_flag {
        1
    } else {
        location.on_one_line(document.copied()).line
    };
    let message = place.message();
    let description = if message.trim().is_empty() {
        finding.rule
    } else {
        message.as_str()
    };
    Issue {
        description: plain(&shortened(description, LONGEST)).into_owned(),
        check_name: finding.rule,
        fingerprint: unique(&finding.fingerprint, given),
        severity: match finding.severity {
            Severity::Critical => "blocker",
            Severity::High => "critical",
            Severity::Medium => "major",
            Severity::Low => "minor",
        },
        location: Location {
            path: plain(&paths::relative(&location.path)).into_owned(),
            lines: Lines {
                begin: line,
                end: line,
            },
        },
    }
}

/// Of issues with the same fingerprint GitLab shows only one.
fn unique(fingerprint: &str, given: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{fingerprint}-{number}"));
    let mut candidates = std::iter::once(fingerprint.to_owned()).chain(numbered);
    let free = candidates.find(|candidate| given.insert(candidate.clone()));
    free.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn written(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_issue_has_what_the_widget_reads() {
        let document = sample::bucket_policy();
        insta::assert_snapshot!(written(&sample::report(&document)), @r#"
        [
          {
            "description": "Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is us-east-1. Write the trail's own ARN. The same holds for 1 more trail: `arn:aws:cloudtrail:us-east-1:333333333333:trail/audit`.",
            "check_name": "source-arn-wrong-region",
            "fingerprint": "f1-222222222222",
            "severity": "blocker",
            "location": {
              "path": "snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json",
              "lines": {
                "begin": 20,
                "end": 20
              }
            }
          },
          {
            "description": "The statement grants more than the trail needs",
            "check_name": "resource-too-broad",
            "fingerprint": "f2",
            "severity": "minor",
            "location": {
              "path": "snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json",
              "lines": {
                "begin": 12,
                "end": 12
              }
            }
          }
        ]
        "#);
    }

    #[test]
    fn nothing_found_is_an_empty_list() {
        assert_eq!(written(&sample::empty()), "[]\n");
    }

    #[test]
    fn no_two_issues_share_a_fingerprint() {
        let mut given = BTreeSet::new();
        let fingerprints = ["a", "a", "b", "a"].map(|it| unique(it, &mut given));
        assert_eq!(fingerprints, ["a", "a-2", "b", "a-3"]);
    }
}
