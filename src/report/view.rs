//! The view model: the answers of a run with every place resolved to path, line and column, sorted,
//! and nothing left to decide. Formats only print it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::compare::Effect;
use crate::document::{Document, Kind, Region};
use crate::fix::diff::Edit;
use crate::rules::Severity;

/// Everything a run has to say.
#[derive(Debug)]
pub struct Report<'a> {
    /// Trails, sorted by ARN.
    pub trails: Vec<TrailView>,
    /// How many findings were left out, as severities or rules were chosen.
    pub hidden: usize,
    /// Findings that nobody has accepted: worst first, then by trail, path, place and rule.
    pub findings: Vec<FindingView>,
    /// Findings that somebody has accepted, in the same order.
    pub accepted: Vec<AcceptedView>,
    /// Entries of the configuration file that accept nothing, in the order of the file.
    pub idle_suppressions: Vec<IdleSuppression>,
    /// How many findings of the baseline there are no longer.
    pub baseline_gone: usize,
    /// What could not be seen, sorted.
    pub not_evaluated: Vec<NotEvaluated>,
    /// What was taken for granted of how code goes together, each a clause.
    pub assumptions: Vec<String>,
    /// What the code does to the trails that there are, where it was put in the place of what there is.
    pub effect: Option<Effect>,
    /// The documents that locations point into, by path.
    pub documents: BTreeMap<&'a str, &'a Document>,
}

/// One trail and its requests.
#[derive(Debug, Serialize)]
pub struct TrailView {
    /// The trail's ARN.
    pub arn: String,
    /// The account that owns it.
    pub account: String,
    /// Its home Region.
    pub home_region: String,
    /// The bucket it delivers to; nothing if the trail could not be read.
    pub bucket: Option<String>,
    /// The folder before `AWSLogs/`.
    pub key_prefix: Option<String>,
    /// The KMS key's ARN.
    pub kms_key: Option<String>,
    /// The topic's ARN.
    pub topic: Option<String>,
    /// Where the trail's document names the bucket.
    #[serde(skip)]
    pub names_bucket: Option<LocationView>,
    /// Where it names the key.
    #[serde(skip)]
    pub names_key: Option<LocationView>,
    /// Whether it is logging: `on`, `off` or `unseen`.
    pub logging: &'static str,
    /// `delivers`, `setup-refused`, `partial`, `blocked` or `undecided`.
    pub verdict: &'static str,
    /// The requests CloudTrail makes for it, in the order it makes them.
    pub requests: Vec<RequestView>,
}

/// One request and its answer.
#[derive(Debug, Serialize)]
pub struct RequestView {
    /// The request's name, such as `put-log-files`.
    pub id: &'static str,
    /// `setup`, `delivery` or `notification`.
    pub phase: &'static str,
    /// Whether AWS advises it, but set-ups without it are known to work.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub advised: bool,
    /// The IAM action.
    pub action: &'static str,
    /// The resource's ARN; what varies stands as `*`.
    pub resource: String,
    /// `allowed`, `denied`, `partly` or `undecided`.
    pub decision: &'static str,
    /// The statement that decides, or that comes nearest to allowing it.
    pub decided_by: Option<DecidedBy>,
    /// Why, in one sentence.
    pub because: String,
}

/// The statement that decides a request.
#[derive(Debug, Serialize)]
pub struct DecidedBy {
    /// The document's path.
    pub path: String,
    /// JSON Pointer into the policy.
    pub pointer: String,
    /// The statement's Sid.
    pub sid: Option<String>,
    /// Where that is.
    #[serde(skip)]
    pub location: LocationView,
}

/// One finding.
#[derive(Debug, Serialize)]
pub struct FindingView {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, and what would be right; one or a few sentences.
    pub message: String,
    /// The trail it is about; nothing for a finding about a resource that trails share.
    pub trail: Option<String>,
    /// The account it is about.
    pub account: Option<String>,
    /// The requests it refuses.
    pub requests: Vec<&'static str>,
    /// The statement that the place is in.
    pub statement: Option<StatementView>,
    /// The narrowest place to look at.
    pub location: LocationView,
    /// Other places that belong to it.
    pub related: Vec<RelatedView>,
    /// A change of the policy that mends it, and was proven to.
    pub fix: Option<FixView>,
    /// What is missing to name one, where a policy is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix_missing: Option<String>,
    /// Identity across runs: stays the same when lines move.
    pub fingerprint: String,
}

/// A statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementView {
    /// Its place in the policy, from 0.
    pub index: usize,
    /// Its Sid.
    pub sid: Option<String>,
}

/// A finding that somebody has accepted.
#[derive(Debug, Serialize)]
pub struct AcceptedView {
    /// The finding.
    #[serde(flatten)]
    pub finding: FindingView,
    /// Who accepts it, and why.
    pub suppression: Acceptance,
}

/// Who accepts a finding, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// What says so.
    pub kind: AcceptedBy,
    /// Why.
    pub justification: String,
    /// The file that says so.
    pub path: String,
    /// The line of the entry.
    pub line: Option<usize>,
    /// The last day on which it holds.
    pub expires: Option<String>,
}

/// What accepts a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AcceptedBy {
    /// An entry of the configuration file.
    Config,
    /// The baseline.
    Baseline,
}

/// An entry of the configuration file that accepts nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdleSuppression {
    /// The configuration file.
    pub path: String,
    /// The line of the entry.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// The rule it names.
    pub rule: String,
    /// Why it accepts nothing.
    pub message: String,
}

/// A place in a document.
#[derive(Debug, Clone, Serialize)]
pub struct LocationView {
    /// The document's path.
    pub path: String,
    /// JSON Pointer: into the policy where the document holds one, else into the answer.
    pub pointer: String,
    /// Lines and columns.
    #[serde(flatten)]
    pub region: Region,
    /// The ARN of the AWS resource that the document describes.
    pub resource: Option<String>,
    /// What stands there: `object`, `array` or `value`.
    #[serde(skip)]
    pub kind: &'static str,
    /// The part of it that one line can show, if there is one.
    #[serde(skip)]
    pub telling: Option<Region>,
}

impl LocationView {
    /// The range for an alert in a pull request, which is shown there only if all its lines were changed: one
    /// line, and of a range of several the telling one.
    pub(super) fn on_one_line(&self, document: Option<&Document>) -> Region {
        let region = self.telling.unwrap_or(self.region);
        if region.line == region.end_line {
            return region;
        }
        let line = document.and_then(|document| document.line(region.line));
        let end = line.map_or(0, |line| line.trim_end().chars().count());
        Region {
            end_line: region.line,
            end_column: end.max(region.column) + 1,
            ..region
        }
    }
}

/// Another place, and why it matters.
#[derive(Debug, Clone, Serialize)]
pub struct RelatedView {
    /// What is to be seen there.
    pub message: String,
    /// Where.
    pub location: LocationView,
}

/// A change of a policy's text that mends a finding. It was evaluated as any other policy: what the finding
/// names is allowed after it, no trail fares worse, and nobody gains but those that the description names.
#[derive(Debug, Clone, Serialize)]
pub struct FixView {
    /// What it does, and what else it grants.
    pub description: String,
    /// Whether AWS would take the changed policy, too.
    pub verified: bool,
    /// A unified diff.
    pub diff: String,
    /// The pieces of text that change.
    pub edits: Vec<Edit>,
}

/// Something a verdict or a rule would have needed, and that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotEvaluated {
    /// The document that would say it.
    pub document: String,
    /// `no-document`, `access-denied`, `throttled`, `unreadable-answer`, …
    pub reason: &'static str,
    /// The rules that it affects, sorted.
    pub affects: Vec<&'static str>,
    /// Whether a verdict depends on it; if not, AWS's default was assumed, what guards the logs was not
    /// looked at, or it was learnt in another way.
    pub decisive: bool,
    /// The error that AWS answered with: its code and message.
    pub said: Option<String>,
    /// What to try.
    pub help: Option<String>,
}

/// What is told of an answer that has a status and no words begins with this.
pub(super) const STATUS: &str = "HTTP status ";

impl NotEvaluated {
    /// What came of it.
    pub(super) fn consequence(&self) -> &'static str {
        let name = self.document.rsplit('/').next().unwrap_or_default();
        match Kind::from_name(name.trim_end_matches(".json")) {
            _ if self.decisive => "a verdict depends on it",
            Some(Kind::DescribeTrails) => {
                "no verdict depends on it, as each trail was asked for by its name"
            }
            Some(kind) if kind.is_guard() => {
                "no verdict depends on it, but its rules were left out"
            }
            _ => "AWS's default was assumed",
        }
    }

    /// Whether it was AWS who said what came in the place of an answer.
    pub(super) fn who_said(&self) -> &'static str {
        // The codes that stand for what was none of AWS's errors: see `source::live`.
        let own = [
            "UnreadableAnswer",
            "UnexpectedAnswer",
            "EmptyAnswer",
            "ConnectionFailed",
            "NoAnswer",
            "RequestNotSent",
            "NoCredentials",
        ];
        let said = self.said.as_deref().unwrap_or_default();
        let code = said.split(':').next().unwrap_or_default();
        if own.contains(&code) || said.starts_with(STATUS) || said.is_empty() {
            "what happened"
        } else {
            "AWS said"
        }
    }

    /// What AWS said and what to try, each as a sentence.
    pub(super) fn more(&self) -> impl Iterator<Item = String> {
        let who = match self.who_said() {
            "what happened" => "What happened",
            who => who,
        };
        let parts = [(who, &self.said), ("To try", &self.help)];
        let told = parts
            .into_iter()
            .filter_map(|(label, text)| Some((label, text.as_ref()?)));
        told.map(|(label, text)| format!("{label}: {}.", text.trim_end_matches('.')))
    }
}

impl TrailView {
    /// Whether this is no trail, but stands for those of an account that could not be seen.
    pub fn is_of_unseen(&self) -> bool {
        self.home_region == "*"
    }
}

impl Report<'_> {
    /// The trails themselves, without what stands for those that could not be seen.
    pub fn named_trails(&self) -> impl Iterator<Item = &TrailView> {
        self.trails.iter().filter(|trail| !trail.is_of_unseen())
    }

    /// How many accounts there are whose trails could not all be seen.
    pub fn accounts_not_seen(&self) -> usize {
        self.trails.iter().filter(|it| it.is_of_unseen()).count()
    }

    /// How many trails have each verdict.
    pub fn by_verdict(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for trail in self.named_trails() {
            *counts.entry(trail.verdict).or_insert(0) += 1;
        }
        counts
    }

    /// How many findings have each severity.
    pub fn by_severity(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.severity.name()).or_insert(0) += 1;
        }
        counts
    }
}
