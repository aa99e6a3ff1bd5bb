//! From an audit to the view: places become paths, lines and columns; findings are filtered and sorted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::accept::{Accept, Parted};
use super::fingerprint::{fingerprint, statement};
use super::remedy::{self, remedy};
use super::view::{
    DecidedBy, FindingView, FixView, LocationView, NotEvaluated, RelatedView, Report, RequestView,
    TrailView,
};
use crate::audit::{Audit, AuditedRequest, AuditedTrail, Unseen};
use crate::delivery::RequestId;
use crate::document::{Document, Origin, Place, Region, Subject};
use crate::fix::{Fix, Fixer, diff};
use crate::json::Node;
use crate::model::{Arn, Estate, Logging, Reason, UnseenTrail, region};
use crate::rules::{self, Finding, Severity};

/// Which findings a report shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only these rules; all if empty.
    pub select: BTreeSet<String>,
    /// Not these rules.
    pub ignore: BTreeSet<String>,
    /// Nothing less severe.
    pub min_severity: Option<Severity>,
    /// What is accepted, and so not open.
    pub accept: Accept,
}

impl Filter {
    fn shows(&self, finding: &FindingView) -> bool {
        (self.select.is_empty() || self.select.contains(finding.rule))
            && !self.ignore.contains(finding.rule)
            && self
                .min_severity
                .is_none_or(|least| finding.severity >= least)
    }
}

/// Builds the view of an audit.
pub fn build<'a>(audit: &Audit<'a>, filter: &Filter) -> Report<'a> {
    let estate = audit.estate;
    let mut trails: Vec<TrailView> = audit
        .trails
        .iter()
        .map(|trail| trail_view(estate, trail))
        .collect();
    trails.extend(audit.unseen_trails.iter().map(unseen_trail_view));
    trails.sort_by(|a, b| a.arn.cmp(&b.arn));
    let Parted {
        mut open,
        mut accepted,
        idle,
        gone,
    } = parted(audit, filter);
    let all = open.len();
    open.retain(|finding| filter.shows(finding));
    let hidden = all - open.len();
    accepted.retain(|accepted| filter.shows(&accepted.finding));
    add_fixes(audit, &mut open);
    Report {
        trails,
        hidden,
        findings: open,
        accepted,
        idle_suppressions: idle,
        baseline_gone: gone,
        not_evaluated: not_evaluated(audit),
        effect: None,
        assumptions: Vec::new(),
        documents: by_path(estate),
    }
}

/// The documents by path. Many of infrastructure code share one, and all of these show the file's text,
/// but for those that only a flag made.
fn by_path(estate: &Estate) -> BTreeMap<&str, &Document> {
    let mut documents: BTreeMap<&str, &Document> = BTreeMap::new();
    for document in &estate.documents {
        let known = documents.entry(&document.path).or_insert(document);
        if known.text().is_empty() {
            *known = document;
        }
    }
    documents
}

/// The request that a finding refuses first, after whether it refuses none.
type FirstRefused = (bool, Option<RequestId>);

/// Of two faults of a trail the one that CloudTrail meets first is the first to mend: the bucket before
/// the key, the key before the topic.
fn first_refused(finding: &Finding) -> FirstRefused {
    let first = finding.requests.first().copied();
    (first.is_none(), first)
}

/// The findings that nobody has accepted and that are asked for.
pub fn open(audit: &Audit<'_>, filter: &Filter) -> Vec<Finding> {
    let mut open = parted(audit, filter).open;
    open.retain(|finding| filter.shows(finding));
    let open: BTreeSet<&str> = open.iter().map(|view| &*view.fingerprint).collect();
    let findings = audit.findings.iter();
    let is_open =
        |finding: &&Finding| open.contains(&*finding_view(audit.estate, finding).fingerprint);
    findings.filter(is_open).cloned().collect()
}

/// All findings, sorted, and parted into those that are open and those that somebody has accepted. They
/// are accepted before they are filtered: an entry for a rule that is not shown is not idle.
fn parted(audit: &Audit<'_>, filter: &Filter) -> Parted {
    let mut all: Vec<(FirstRefused, FindingView)> = audit
        .findings
        .iter()
        .map(|finding| (first_refused(finding), finding_view(audit.estate, finding)))
        .collect();
    all.sort_by(|(first_a, a), (first_b, b)| {
        let key = |f: &FindingView| (Reverse(f.severity), f.trail.is_none());
        let place = |f: &FindingView| (f.location.path.clone(), f.location.region, f.rule);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.trail.cmp(&b.trail))
            .then_with(|| first_a.cmp(first_b))
            .then_with(|| place(a).cmp(&place(b)))
    });
    let all = all.into_iter().map(|(_, finding)| finding).collect();
    filter.accept.part(all)
}

/// Adds to findings the changes that mend them. Findings that stand in for many are told apart by what
/// identifies them.
fn add_fixes(audit: &Audit<'_>, views: &mut [FindingView]) {
    let by_fingerprint: BTreeMap<String, &Finding> = audit
        .findings
        .iter()
        .map(|finding| (finding_view(audit.estate, finding).fingerprint, finding))
        .collect();
    if views.is_empty() {
        return;
    }
    let fixer = Fixer::new(audit.estate, audit.now);
    for view in views {
        let Some(finding) = by_fingerprint.get(&view.fingerprint) else {
            continue;
        };
        match fixer.propose(finding) {
            Some(Ok(fix)) => view.fix = Some(fix_view(audit.estate, &fix)),
            Some(Err(missing)) => view.fix_missing = Some(missing),
            None => {}
        }
    }
}

fn fix_view(estate: &Estate, fix: &Fix) -> FixView {
    let [old, new] = [estate, &fix.estate].map(|estate| estate.document(fix.document));
    FixView {
        description: fix.description.clone(),
        verified: fix.verified,
        diff: diff::unified(old, new, diff::Names::Prefixed),
        edits: diff::edits(old, new),
    }
}

fn trail_view(estate: &Estate, audited: &AuditedTrail<'_>) -> TrailView {
    let trail = audited.trail;
    let document = estate.document(trail.document);
    let named = |field: &str| {
        let pointers = [format!("/{field}"), format!("/Trail/{field}")];
        let pointer = pointers.into_iter().find(|it| document.at(it).is_some())?;
        let document = trail.document;
        Some(location(estate, &Place { document, pointer }))
    };
    TrailView {
        arn: trail.arn.clone(),
        account: trail.account.clone(),
        home_region: trail.home_region.clone(),
        bucket: Some(trail.bucket.clone()),
        key_prefix: trail.key_prefix.clone(),
        kms_key: trail.kms_key.clone(),
        topic: trail.topic.clone(),
        names_bucket: named("S3BucketName"),
        names_key: named("KmsKeyId"),
        logging: match trail.status.present().map(|status| status.logging) {
            Some(Logging::Off) => "off",
            Some(_) => "on",
            None => "unseen",
        },
        verdict: audited.verdict.name(),
        requests: audited
            .requests
            .iter()
            .map(|request| request_view(estate, request))
            .collect(),
    }
}

fn unseen_trail_view(trail: &UnseenTrail) -> TrailView {
    TrailView {
        arn: trail.arn.clone(),
        account: trail.account.clone(),
        home_region: trail.home_region.clone(),
        bucket: None,
        key_prefix: None,
        kms_key: None,
        topic: None,
        names_bucket: None,
        names_key: None,
        logging: "unseen",
        verdict: crate::delivery::Verdict::Undecided.name(),
        requests: Vec::new(),
    }
}

fn request_view(estate: &Estate, request: &AuditedRequest) -> RequestView {
    RequestView {
        id: request.id.name(),
        phase: request.id.phase().name(),
        advised: request.id.is_advised(),
        action: request.id.action(),
        resource: request.resource.clone(),
        decision: request.decision.name(),
        decided_by: request.decided_by.as_ref().map(|(place, sid)| {
            let location = location(estate, place);
            DecidedBy {
                path: location.path.clone(),
                pointer: place.pointer.clone(),
                sid: sid.clone(),
                location,
            }
        }),
        because: request.because.clone(),
    }
}

fn finding_view(estate: &Estate, finding: &Finding) -> FindingView {
    let mut location = location(estate, &finding.place);
    let document = estate.document(finding.place.document);
    let fingerprint = fingerprint(document, finding, &location);
    // Only now: what identifies a finding does not depend on who told the key's ARN.
    location.resource = key_arn(estate, document).or(location.resource);
    FindingView {
        rule: finding.rule,
        severity: finding.severity,
        message: finding.message.clone(),
        trail: finding.trail.clone(),
        account: finding.account.clone(),
        requests: finding.requests.iter().map(|id| id.name()).collect(),
        statement: statement(document, &finding.place.pointer),
        related: finding
            .related
            .iter()
            .map(|(place, message)| RelatedView {
                message: message.clone(),
                location: self::location(estate, place),
            })
            .collect(),
        fix: None,
        fix_missing: None,
        fingerprint,
        location,
    }
}

fn location(estate: &Estate, place: &Place) -> LocationView {
    let document = estate.document(place.document);
    let (path, region) = document.spot(&place.pointer);
    LocationView {
        path: path.to_owned(),
        pointer: place.pointer.clone(),
        region,
        resource: resource(document),
        kind: match document.at(&place.pointer).map(Node::type_name) {
            Some("an object") => "object",
            Some("an array") => "array",
            _ => "value",
        },
        telling: telling(document, &place.pointer, region),
    }
}

/// The range to show: of a value of several lines its Sid, as its first line is a bracket only. The
/// first line of infrastructure code names what it declares.
fn telling(document: &Document, pointer: &str, region: Region) -> Option<Region> {
    if region.line == region.end_line {
        return Some(region);
    }
    let sid = format!("{pointer}/Sid");
    match document.at(&sid) {
        Some(_) => Some(document.region(&sid)),
        None => (document.origin == Origin::Code).then_some(region),
    }
}

/// The whole ARN of the key that a document is about, where trails or other answers tell it.
fn key_arn(estate: &Estate, document: &Document) -> Option<String> {
    let Subject::Key { account, id } = &document.subject else {
        return None;
    };
    let mut keys = estate.keys.keys().filter(|arn| {
        let arn = Arn::parse(arn);
        arn.is_some_and(|arn| arn.key_id() == Some(id) && Some(arn.account) == account.as_deref())
    });
    // A multi-Region key has one id in several Regions.
    keys.next().filter(|_| keys.next().is_none()).cloned()
}

/// The ARN of what a document describes.
fn resource(document: &Document) -> Option<String> {
    match &document.subject {
        Subject::Role { account, name } => {
            let arn = document
                .root()
                .at("/Role/Arn")
                .and_then(|node| node.as_str());
            Some(arn.map_or_else(
                || format!("arn:aws:iam::{account}:role/{name}"),
                str::to_owned,
            ))
        }
        Subject::Snapshot
        | Subject::Organization
        | Subject::LogGroups { .. }
        | Subject::Caller { .. }
        | Subject::Account { .. } => None,
        // Buckets carry no Region in their name; the partition is told by no bucket document.
        Subject::Bucket { name, .. } => Some(format!("arn:aws:s3:::{name}")),
        Subject::Key { id, .. } if id.starts_with("arn:") => Some(id.clone()),
        Subject::Key { account, id } => {
            let arn = document
                .root()
                .at("/KeyMetadata/Arn")
                .and_then(|node| node.as_str().map(str::to_owned));
            arn.or_else(|| {
                Some(format!(
                    "arn:aws:kms:*:{}:key/{id}",
                    account.as_deref().unwrap_or("*")
                ))
            })
        }
        Subject::Topic {
            account,
            region,
            name,
        } => Some(format!(
            "arn:{}:sns:{region}:{account}:{name}",
            region::partition_of(region)
        )),
        Subject::Trail {
            account,
            home_region,
            name,
            ..
        } => Some(format!(
            "arn:{}:cloudtrail:{home_region}:{account}:trail/{name}",
            region::partition_of(home_region)
        )),
    }
}

fn not_evaluated(audit: &Audit<'_>) -> Vec<NotEvaluated> {
    let mut merged: BTreeMap<(String, &'static str), NotEvaluated> = BTreeMap::new();
    let mut values: BTreeMap<&str, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for (unseen, &decisive) in &audit.unseen {
        if let Unseen::Value { value, document } = unseen {
            let (all, any) = values.entry(document).or_default();
            all.insert(value);
            *any |= decisive;
        }
    }
    for (document, (values, decisive)) in values {
        let values: Vec<&str> = values.into_iter().collect();
        let entry = NotEvaluated {
            document: format!("{document}: {}", values.join(", ")),
            reason: Reason::KnownAfterApply.name(),
            affects: affected(document),
            decisive,
            said: None,
            help: Some(remedy::AFTER_APPLY.to_owned()),
        };
        merged.insert((entry.document.clone(), entry.reason), entry);
    }
    for (unseen, &decisive) in &audit.unseen {
        let entry = match unseen {
            Unseen::Document(unknown) => {
                let remedy = remedy(audit.estate, unknown);
                NotEvaluated {
                    document: unknown.document.clone(),
                    reason: unknown.reason.name(),
                    affects: affected(&unknown.document),
                    decisive,
                    said: remedy.said,
                    help: remedy.help,
                }
            }
            Unseen::Key { key, document } => NotEvaluated {
                document: format!("{document} (condition key `{key}`)"),
                reason: "undocumented",
                affects: affected(document),
                decisive,
                said: None,
                help: None,
            },
            Unseen::Value { .. } => continue,
            Unseen::TooComplex { document } => NotEvaluated {
                document: document.clone(),
                reason: "too-complex",
                affects: affected(document),
                decisive,
                said: None,
                help: None,
            },
        };
        merged
            .entry((entry.document.clone(), entry.reason))
            .and_modify(|known| known.decisive |= entry.decisive)
            .or_insert(entry);
    }
    merged.into_values().collect()
}

/// The rules that read documents of a path's kind.
fn affected(path: &str) -> Vec<&'static str> {
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".json");
    rules::pages()
        .iter()
        .filter(|page| page.reads.iter().any(|kind| kind == name))
        .map(|page| page.name)
        .collect()
}
