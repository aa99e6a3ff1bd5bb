//! JUnit's XML, for the test tabs of Jenkins, GitLab and Azure: a suite per trail and a test per
//! request, so that what is allowed is seen too; findings that refuse nothing are tests of their own, and so
//! is what merging the change does to the trails that there are.
//!
//! The element names are those that Jenkins' JUnit plugin reads.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::Run;
use super::text::{no_command, plain, shortened};
use super::view::{FindingView, Report, RequestView, TrailView};
use crate::compare::{ChangedTrail, Effect};
use crate::delivery::Verdict;

/// A text longer than this is cut.
const LONGEST: usize = 4_000;

/// A name longer than this is cut: it heads a row.
const LONGEST_NAME: usize = 512;

/// Writes the suites.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let suites = suites(report, run);
    let count = |of: fn(&Outcome) -> bool| {
        let cases = suites.iter().flat_map(|suite| &suite.cases);
        cases.filter(|case| of(&case.outcome)).count().to_string()
    };
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites")
        .with_attributes([
            ("name", "trail-lint"),
            ("tests", &*count(|_| true)),
            ("failures", &*count(Outcome::is_failure)),
            ("errors", "0"),
            ("time", "0"),
        ])
        .write_inner_content(|xml| suites.iter().try_for_each(|suite| suite.write(xml)))?;
    writeln!(out)
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    /// What the test is of.
    class: String,
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed {
        note: String,
    },
    Failed {
        kind: &'static str,
        message: String,
        text: String,
    },
    Skipped {
        message: String,
    },
}

impl Outcome {
    fn is_failure(&self) -> bool {
        matches!(self, Outcome::Failed { .. })
    }

    fn is_skipped(&self) -> bool {
        matches!(self, Outcome::Skipped { .. })
    }
}

fn suites(report: &Report, run: &Run) -> Vec<Suite> {
    let trails = report.trails.iter();
    let mut by_trail: BTreeMap<&str, Vec<&FindingView>> = trails
        .map(|trail| (trail.arn.as_str(), Vec::new()))
        .collect();
    let mut shared = Vec::new();
    for finding in &report.findings {
        let trail = finding.trail.as_deref();
        match trail.and_then(|trail| by_trail.get_mut(trail)) {
            Some(findings) => findings.push(finding),
            None => shared.push(finding),
        }
    }
    let suite = |trail: &TrailView| {
        let findings = by_trail.get(trail.arn.as_str());
        of_trail(trail, findings.map_or(&[], Vec::as_slice), run)
    };
    let mut suites: Vec<Suite> = report.effect.iter().map(|it| of_change(it, run)).collect();
    suites.extend(report.trails.iter().map(suite));
    if !shared.is_empty() {
        let class = "shared policies";
        let of = |finding: &&FindingView| of_finding(class, finding, run);
        suites.push(Suite {
            name: class.to_owned(),
            cases: shared.iter().map(of).collect(),
        });
    }
    suites.extend(of_unseen(report));
    suites
}

/// What could not be seen and a verdict depends on: a test that nobody can say the end of for each answer.
fn of_unseen(report: &Report) -> Option<Suite> {
    let class = "could not be seen";
    let decisive = report.not_evaluated.iter().filter(|it| it.decisive);
    let cases: Vec<Case> = decisive
        .map(|unseen| {
            let said = unseen.said.as_deref().unwrap_or(unseen.reason);
            let help = unseen.help.as_deref();
            let help = help.map_or(String::new(), |help| format!("; {help}"));
            Case {
                class: class.to_owned(),
                name: unseen.document.clone(),
                outcome: Outcome::Skipped {
                    message: format!("{said}{help}"),
                },
            }
        })
        .collect();
    (!cases.is_empty()).then(|| Suite {
        name: class.to_owned(),
        cases,
    })
}

/// What merging the change does: a test for each trail that fares worse, or one that says that none does.
fn of_change(effect: &Effect, run: &Run) -> Suite {
    let class = "what merging this change does";
    let worse = effect.stops.iter().chain(&effect.worsens);
    let open = effect.may_stop.iter().chain(&effect.open);
    let of = |trail: &ChangedTrail, is_worse: bool| {
        let after = trail.new.map_or("gone", Verdict::name);
        let message = format!("{} before, {after} after", trail.old.name());
        Case {
            class: class.to_owned(),
            name: trail.arn.clone(),
            outcome: if is_worse && run.fail_on.is_some() && !trail.is_replaced() {
                Outcome::Failed {
                    kind: "merging",
                    message,
                    text: safe(&effect.sentence(), LONGEST),
                }
            } else {
                Outcome::Skipped { message }
            },
        }
    };
    let mut cases: Vec<Case> = worse.map(|trail| of(trail, true)).collect();
    cases.extend(open.map(|trail| of(trail, false)));
    if cases.is_empty() {
        cases.push(Case {
            class: class.to_owned(),
            name: "no logs stop".to_owned(),
            outcome: Outcome::Passed {
                note: safe(&effect.sentence(), LONGEST),
            },
        });
    }
    Suite {
        name: class.to_owned(),
        cases,
    }
}

fn of_trail(trail: &TrailView, findings: &[&FindingView], run: &Run) -> Suite {
    let requests = trail.requests.iter().map(|request| Case {
        class: trail.arn.clone(),
        name: request.id.to_owned(),
        outcome: outcome(request, findings, run),
    });
    let others = findings
        .iter()
        .filter(|finding| finding.requests.is_empty())
        .map(|finding| of_finding(&trail.arn, finding, run));
    let unread = trail.requests.is_empty().then(|| Case {
        class: trail.arn.clone(),
        name: "trail".to_owned(),
        outcome: Outcome::Skipped {
            message: if trail.is_of_unseen() {
                "not all trails of the account could be seen"
            } else {
                "the trail could not be read"
            }
            .to_owned(),
        },
    });
    Suite {
        name: trail.arn.clone(),
        cases: requests.chain(others).chain(unread).collect(),
    }
}

/// A request fails where a finding names it that makes the run fail, and is skipped where nobody
/// can say.
fn outcome(request: &RequestView, findings: &[&FindingView], run: &Run) -> Outcome {
    let mut naming = findings
        .iter()
        .filter(|finding| finding.requests.contains(&request.id))
        .copied();
    let because = format!("{}: {}", request.decision, request.because);
    match (naming.next(), request.decision) {
        (Some(finding), _) if run.fails(finding.severity) => {
            let others = naming.map(described);
            let text = std::iter::once(described(finding)).chain(others);
            Outcome::Failed {
                kind: finding.rule,
                message: because,
                text: text.collect::<Vec<_>>().join("\n\n"),
            }
        }
        (None, "undecided") => Outcome::Skipped { message: because },
        // Accepted, or not to be shown: it has not failed, but nobody should read that it passed.
        (None, "denied" | "partly") => Outcome::Skipped {
            message: format!("{because} (its finding is accepted, or not shown)"),
        },
        (Some(finding), _) => Outcome::Passed {
            note: described(finding),
        },
        (None, _) => Outcome::Passed {
            note: String::new(),
        },
    }
}

fn of_finding(class: &str, finding: &FindingView, run: &Run) -> Case {
    let outcome = if run.fails(finding.severity) {
        Outcome::Failed {
            kind: finding.rule,
            message: super::page_title(finding.rule).to_owned(),
            text: described(finding),
        }
    } else {
        Outcome::Passed {
            note: described(finding),
        }
    };
    Case {
        class: class.to_owned(),
        name: format!("{} at {}", finding.rule, place(finding)),
        outcome,
    }
}

fn place(finding: &FindingView) -> String {
    let location = &finding.location;
    format!(
        "{}:{}:{}",
        location.path, location.region.line, location.region.column
    )
}

/// All of a finding, safe to show.
fn described(finding: &FindingView) -> String {
    let severity = finding.severity.name();
    let fix = finding.fix.as_ref();
    let fix = fix.map_or_else(String::new, |fix| format!(" Fix: {}", fix.description));
    let text = format!(
        "{} ({severity}) at {}: {}{fix}",
        finding.rule,
        place(finding),
        finding.message
    );
    safe(&text, LONGEST)
}

impl Suite {
    fn write<W: io::Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        let count = |of: fn(&Outcome) -> bool| {
            let cases = self.cases.iter();
            cases.filter(|case| of(&case.outcome)).count().to_string()
        };
        xml.create_element("testsuite")
            .with_attributes([
                ("name", &*safe(&self.name, LONGEST_NAME)),
                ("tests", &*self.cases.len().to_string()),
                ("failures", &*count(Outcome::is_failure)),
                ("errors", "0"),
                ("skipped", &*count(Outcome::is_skipped)),
                ("time", "0"),
            ])
            .write_inner_content(|xml| self.cases.iter().try_for_each(|case| case.write(xml)))?;
        Ok(())
    }
}

impl Case {
    fn write<W: io::Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        let case = xml.create_element("testcase").with_attributes([
            ("classname", &*safe(&self.class, LONGEST_NAME)),
            ("name", &*safe(&self.name, LONGEST_NAME)),
            ("time", "0"),
        ]);
        match &self.outcome {
            Outcome::Passed { note } if note.is_empty() => case.write_empty()?,
            Outcome::Passed { note } => case.write_inner_content(|xml| {
                xml.create_element("system-out")
                    .write_text_content(BytesText::new(note))?;
                Ok(())
            })?,
            Outcome::Failed {
                kind,
                message,
                text,
            } => case.write_inner_content(|xml| {
                xml.create_element("failure")
                    .with_attributes([("message", &*safe(message, LONGEST)), ("type", *kind)])
                    .write_text_content(BytesText::new(text))?;
                Ok(())
            })?,
            Outcome::Skipped { message } => case.write_inner_content(|xml| {
                xml.create_element("skipped")
                    .with_attribute(("message", &*safe(message, LONGEST)))
                    .write_empty()?;
                Ok(())
            })?,
        };
        Ok(())
    }
}

/// A text whose hidden characters are visible, so that XML can hold it.
fn safe(text: &str, limit: usize) -> String {
    no_command(&plain(&shortened(text, limit))).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn written(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &Run::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_trail_is_a_suite_and_a_request_a_test() {
        let document = sample::bucket_policy();
        let mut report = sample::report(&document);
        report.trails.truncate(2);
        insta::assert_snapshot!(written(&report), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="trail-lint" tests="7" failures="3" errors="0" time="0">
          <testsuite name="arn:aws:cloudtrail:us-east-1:111111111111:trail/audit" tests="1" failures="0" errors="0" skipped="0" time="0">
            <testcase classname="arn:aws:cloudtrail:us-east-1:111111111111:trail/audit" name="put-log-files" time="0"/>
          </testsuite>
          <testsuite name="arn:aws:cloudtrail:us-east-1:222222222222:trail/audit" tests="3" failures="2" errors="0" skipped="0" time="0">
            <testcase classname="arn:aws:cloudtrail:us-east-1:222222222222:trail/audit" name="put-log-files" time="0">
              <failure message="denied: `aws:SourceArn` names a trail in another Region" type="source-arn-wrong-region">source-arn-wrong-region (critical) at snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:20:28: Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is us-east-1. Write the trail&apos;s own ARN.</failure>
            </testcase>
            <testcase classname="arn:aws:cloudtrail:us-east-1:222222222222:trail/audit" name="put-digest-files" time="0">
              <failure message="denied: `aws:SourceArn` names a trail in another Region" type="source-arn-wrong-region">source-arn-wrong-region (critical) at snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:20:28: Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is us-east-1. Write the trail&apos;s own ARN.</failure>
            </testcase>
            <testcase classname="arn:aws:cloudtrail:us-east-1:222222222222:trail/audit" name="get-bucket-acl" time="0"/>
          </testsuite>
          <testsuite name="shared policies" tests="2" failures="1" errors="0" skipped="0" time="0">
            <testcase classname="shared policies" name="source-arn-wrong-region at snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:20:28" time="0">
              <failure message="The condition names the trail in a Region that is not its home" type="source-arn-wrong-region">source-arn-wrong-region (critical) at snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:20:28: Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:333333333333:trail/audit is us-east-1. Write the trail&apos;s own ARN.</failure>
            </testcase>
            <testcase classname="shared policies" name="resource-too-broad at snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:11:5" time="0">
              <system-out>resource-too-broad (low) at snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:11:5: The statement grants more than the trail needs</system-out>
            </testcase>
          </testsuite>
          <testsuite name="could not be seen" tests="1" failures="0" errors="0" skipped="1" time="0">
            <testcase classname="could not be seen" name="get-key-policy of arn:aws:kms:us-east-1:111111111111:key/k" time="0">
              <skipped message="AccessDeniedException: not authorized; allow `kms:GetKeyPolicy` for `arn:aws:iam::111111111111:role/audit`"/>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn a_report_of_nothing_is_whole() {
        insta::assert_snapshot!(written(&sample::empty()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="trail-lint" tests="0" failures="0" errors="0" time="0">
        </testsuites>
        "#);
    }

    #[test]
    fn hostile_text_is_escaped() {
        let document = sample::bucket_policy();
        let text = written(&sample::hostile(&document));
        assert!(
            !text
                .chars()
                .any(|c| super::super::text::is_hidden(c) && c != '\n')
        );
        assert!(!text.contains("<b>") && text.contains("&lt;b&gt;"));
        let mut reader = quick_xml::Reader::from_str(&text);
        loop {
            if let Event::Eof = reader.read_event().unwrap() {
                break;
            }
        }
    }

    #[test]
    fn a_finding_below_the_threshold_fails_nothing() {
        let document = sample::bucket_policy();
        let mut report = sample::report(&document);
        report.findings.retain(|finding| finding.trail.is_none());
        let text = written(&report);
        assert!(
            text.contains("<system-out>resource-too-broad (low)"),
            "{text}"
        );
        assert!(!text.contains("<failure"), "{text}");
    }

    #[test]
    fn a_refusal_whose_finding_is_not_shown_has_not_passed() {
        let document = sample::bucket_policy();
        let mut report = sample::report(&document);
        report.findings.clear();
        let text = written(&report);
        assert_eq!(
            text.matches("<skipped message=\"denied: ").count(),
            4,
            "{text}"
        );
        assert!(text.contains("failures=\"0\""), "{text}");
    }
}
