//! The JSON report, version 1: the contract for other programs. A field never changes its meaning
//! within a version; fields may be added.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::text::is_hidden;
use super::view::{AcceptedView, FindingView, IdleSuppression, NotEvaluated, Report, TrailView};
use crate::compare::{ChangedTrail, Effect};

/// The version of the report's format.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Root<'a> {
    schema_version: u32,
    tool: Tool,
    trails: &'a [TrailView],
    findings: &'a [FindingView],
    suppressed: &'a [AcceptedView],
    idle_suppressions: &'a [IdleSuppression],
    not_evaluated: &'a [NotEvaluated],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    assumptions: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<EffectView<'a>>,
    summary: Summary,
}

/// What the code does to the trails that there are.
#[derive(Serialize)]
struct EffectView<'a> {
    sentence: String,
    trails: usize,
    stops: Vec<ChangedView<'a>>,
    worsens: Vec<ChangedView<'a>>,
    may_stop: Vec<ChangedView<'a>>,
    undecided: Vec<ChangedView<'a>>,
}

#[derive(Serialize)]
struct ChangedView<'a> {
    trail: &'a str,
    account: &'a str,
    old: &'static str,
    new: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    served_by: Option<&'a str>,
}

fn changed(trails: &[ChangedTrail]) -> Vec<ChangedView<'_>> {
    let mut views = Vec::with_capacity(trails.len());
    for trail in trails {
        views.push(ChangedView {
            trail: &trail.arn,
            account: &trail.account,
            old: trail.old.name(),
            new: trail.new.map(crate::delivery::Verdict::name),
            served_by: trail.served_by.as_deref(),
        });
    }
    views
}

/// The same as a value, for what else says it.
pub fn effect_value(of: &Effect, sentence: String) -> Option<serde_json::Value> {
    let view = EffectView {
        sentence,
        ..effect(of)
    };
    serde_json::to_value(view).ok()
}

fn effect(effect: &Effect) -> EffectView<'_> {
    EffectView {
        sentence: effect.sentence(),
        trails: effect.trails,
        stops: changed(&effect.stops),
        worsens: changed(&effect.worsens),
        may_stop: changed(&effect.may_stop),
        undecided: changed(&effect.open),
    }
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    trails: usize,
    accounts_not_seen: usize,
    by_verdict: BTreeMap<&'static str, usize>,
    by_severity: BTreeMap<&'static str, usize>,
}

/// Writes the report as JSON, indented, with a final newline.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    print(
        &Root {
            schema_version: SCHEMA_VERSION,
            tool: Tool {
                name: "trail-lint",
                version: env!("CARGO_PKG_VERSION"),
            },
            trails: &report.trails,
            findings: &report.findings,
            suppressed: &report.accepted,
            idle_suppressions: &report.idle_suppressions,
            not_evaluated: &report.not_evaluated,
            assumptions: &report.assumptions,
            effect: report.effect.as_ref().map(effect),
            summary: Summary {
                trails: report.named_trails().count(),
                accounts_not_seen: report.accounts_not_seen(),
                by_verdict: report.by_verdict(),
                by_severity: report.by_severity(),
            },
        },
        out,
    )
}

/// Writes any value as indented JSON in which no character is hidden, with a final newline.
///
/// # Errors
/// Those of the writer.
pub fn print<T: Serialize>(value: &T, mut out: &mut dyn io::Write) -> io::Result<()> {
    let formatter = Visible(PrettyFormatter::new());
    value.serialize(&mut Serializer::with_formatter(&mut out, formatter))?;
    out.write_all(b"\n")
}

/// The indented form of `serde_json`, but with `\uXXXX` for every character that a terminal would obey or
/// hide, and for the bracket of what a build server would obey (`text::no_command`). JSON itself asks
/// for that only below U+0020 (RFC 8259, section 7); a report is also printed into terminals and
/// logs, and the escape loses nothing.
struct Visible<'a>(PrettyFormatter<'a>);

impl Formatter for Visible<'_> {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, hidden)) = first_to_escape(rest) {
            let (before, after) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = after.strip_prefix(hidden).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

fn first_to_escape(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|&(at, character)| {
        let commands = |before: &str| before.ends_with("##") || before.ends_with("##vso");
        is_hidden(character) || (character == '[' && text.get(..at).is_some_and(commands))
    })
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
    fn the_report_has_the_fields_of_version_one_in_their_order() {
        let document = sample::bucket_policy();
        let mut report = sample::report(&document);
        report.trails.truncate(1);
        for trail in &mut report.trails {
            trail.requests.truncate(1);
        }
        report.findings.truncate(1);
        let json = written(&report).replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(json, @r#"
        {
          "schema_version": 1,
          "tool": {
            "name": "trail-lint",
            "version": "VERSION"
          },
          "trails": [
            {
              "arn": "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit",
              "account": "111111111111",
              "home_region": "us-east-1",
              "bucket": "example-logs",
              "key_prefix": null,
              "kms_key": null,
              "topic": null,
              "logging": "on",
              "verdict": "delivers",
              "requests": [
                {
                  "id": "put-log-files",
                  "phase": "delivery",
                  "action": "s3:PutObject",
                  "resource": "arn:aws:s3:::example-logs/AWSLogs/222222222222/CloudTrail/*",
                  "decision": "allowed",
                  "decided_by": {
                    "path": "snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json",
                    "pointer": "/Statement/1",
                    "sid": "AWSCloudTrailWrite"
                  },
                  "because": "`aws:SourceArn` names a trail in another Region"
                }
              ]
            }
          ],
          "findings": [
            {
              "rule": "source-arn-wrong-region",
              "severity": "critical",
              "message": "Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is us-east-1. Write the trail's own ARN.",
              "trail": "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit",
              "account": "222222222222",
              "requests": [
                "put-log-files",
                "put-digest-files"
              ],
              "statement": {
                "index": 1,
                "sid": "AWSCloudTrailWrite"
              },
              "location": {
                "path": "snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json",
                "pointer": "/Statement/1/Condition/StringEquals/aws:SourceArn",
                "line": 20,
                "column": 28,
                "end_line": 20,
                "end_column": 83,
                "resource": "arn:aws:s3:::example-logs"
              },
              "related": [
                {
                  "message": "This statement names no trail.",
                  "location": {
                    "path": "snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json",
                    "pointer": "/Statement/0/Sid",
                    "line": 5,
                    "column": 14,
                    "end_line": 5,
                    "end_column": 37,
                    "resource": "arn:aws:s3:::example-logs"
                  }
                }
              ],
              "fix": null,
              "fingerprint": "f1-222222222222"
            }
          ],
          "suppressed": [],
          "idle_suppressions": [],
          "not_evaluated": [
            {
              "document": "head-bucket of example-logs",
              "reason": "no-document",
              "affects": [
                "kms-key-region"
              ],
              "decisive": false,
              "said": null,
              "help": null
            },
            {
              "document": "get-key-policy of arn:aws:kms:us-east-1:111111111111:key/k",
              "reason": "access-denied",
              "affects": [
                "kms-no-generate-data-key",
                "kms-context-mismatch"
              ],
              "decisive": true,
              "said": "AccessDeniedException: not authorized",
              "help": "allow `kms:GetKeyPolicy` for `arn:aws:iam::111111111111:role/audit`"
            }
          ],
          "summary": {
            "trails": 1,
            "accounts_not_seen": 0,
            "by_verdict": {
              "delivers": 1
            },
            "by_severity": {
              "critical": 1
            }
          }
        }
        "#);
    }

    #[test]
    fn a_report_of_nothing_is_whole() {
        insta::assert_snapshot!(written(&sample::empty()).replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r#"
        {
          "schema_version": 1,
          "tool": {
            "name": "trail-lint",
            "version": "VERSION"
          },
          "trails": [],
          "findings": [],
          "suppressed": [],
          "idle_suppressions": [],
          "not_evaluated": [],
          "summary": {
            "trails": 0,
            "accounts_not_seen": 0,
            "by_verdict": {},
            "by_severity": {}
          }
        }
        "#);
    }

    #[test]
    fn hidden_characters_are_escaped_and_nothing_is_lost() {
        let document = sample::bucket_policy();
        let report = sample::hostile(&document);
        let json = written(&report);
        assert!(!json.chars().any(|c| is_hidden(c) && c != '\n'));
        assert!(!json.contains("##["));
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back["findings"][0]["message"], sample::hostile_text());
    }
}
