//! One audit from beginning to end: every trail simulated, diagnosed and put to the rules, one after
//! the other, then the policies they share.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::delivery::{
    Case, Decision, Delivery, Doubt, Obstacle, Request, RequestId, Target, Verdict, simulate,
};
use crate::diagnosis::{Diagnosis, Usage, diagnose, statement_name};
use crate::document::Place;
use crate::iam::Effective;
use crate::iam::unknown::is_unknown;
use crate::model::{Estate, Evidence, Reason, Trail, Unknown, UnseenTrail};
use crate::rules::{self, Finding};

/// The answers of one audit.
#[derive(Debug)]
pub struct Audit<'e> {
    /// The estate that was audited.
    pub estate: &'e Estate,
    /// The moment that dates are compared with.
    pub now: Timestamp,
    /// Every trail, sorted by ARN.
    pub trails: Vec<AuditedTrail<'e>>,
    /// Trails that could not be read.
    pub unseen_trails: &'e [UnseenTrail],
    /// What the rules found, in no particular order.
    pub findings: Vec<Finding>,
    /// What could not be seen, and whether a verdict depends on it.
    pub unseen: BTreeMap<Unseen, bool>,
}

/// Something that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unseen {
    /// A document.
    Document(Unknown),
    /// The value of a condition key, in a policy.
    Key {
        /// The key, in lower case.
        key: String,
        /// The policy's document.
        document: String,
    },
    /// A part of a policy or of a request that infrastructure code leaves open.
    Value {
        /// The part, as texts show it.
        value: String,
        /// The policy's document.
        document: String,
    },
    /// A policy whose patterns are too tangled.
    TooComplex {
        /// The policy's document.
        document: String,
    },
}

/// One trail's answers.
#[derive(Debug)]
pub struct AuditedTrail<'e> {
    /// The trail.
    pub trail: &'e Trail,
    /// The verdict.
    pub verdict: Verdict,
    /// The requests, in the order CloudTrail makes them.
    pub requests: Vec<AuditedRequest>,
}

/// One request's answer.
#[derive(Debug)]
pub struct AuditedRequest {
    /// Which one.
    pub id: RequestId,
    /// The resource; what varies stands as `*`.
    pub resource: String,
    /// The answer.
    pub decision: Decision,
    /// The statement that decides, or that comes nearest; its place and its Sid.
    pub decided_by: Option<(Place, Option<String>)>,
    /// Why, in one sentence.
    pub because: String,
}

/// Audits an estate as of a moment, which dates in object names and in conditions are compared with.
pub fn audit(estate: &Estate, now: Timestamp) -> Audit<'_> {
    let mut audit = Audit {
        estate,
        now,
        trails: Vec::with_capacity(estate.trails.len()),
        unseen_trails: &estate.unseen_trails,
        findings: Vec::new(),
        unseen: BTreeMap::new(),
    };
    let mut usage = Usage::default();
    for trail in &estate.trails {
        let delivery = simulate(estate, trail, now);
        usage.note(&delivery);
        let diagnosis = diagnose(&delivery);
        usage.blame(&diagnosis);
        audit.findings.extend(rules::check_delivery(&diagnosis));
        audit.note_unseen(&delivery);
        audit.trails.push(AuditedTrail {
            trail,
            verdict: delivery.verdict,
            requests: delivery
                .requests
                .iter()
                .map(|request| told(&diagnosis, request))
                .collect(),
        });
    }
    for policy in usage.policies() {
        audit.findings.extend(rules::check_policy(policy));
    }
    audit.findings.extend(rules::check_estate(estate));
    audit.findings = rules::without_repeats(audit.findings);
    let of_trails = estate.unseen_trails.iter().map(|trail| &trail.why);
    for unknown in of_trails.chain(&estate.coverage.unseen) {
        audit.see_not(Unseen::Document(unknown.clone()), true);
    }
    for unknown in &estate.coverage.aside {
        audit.see_not(Unseen::Document(unknown.clone()), false);
    }
    audit
}

impl Audit<'_> {
    fn note_unseen(&mut self, delivery: &Delivery<'_>) {
        for request in &delivery.requests {
            let doubts = request.doubts.iter();
            for doubt in doubts.filter(|doubt| !follows(delivery, request, doubt)) {
                for unseen in unseen(delivery, request, doubt) {
                    self.see_not(unseen, !request.id.is_advised());
                }
            }
        }
        if let Some(unknown) = delivery.trail.status.unknown() {
            self.see_not(Unseen::Document(unknown.clone()), true);
        }
        let bucket = delivery.bucket;
        if matches!(bucket.exists, Evidence::Absent(_)) {
            return;
        }
        let assumed = [
            bucket.request_payer.unknown(),
            bucket.encryption.unknown(),
            // A Region that code leaves open is what it is for the key as well.
            bucket
                .region
                .unknown()
                .filter(|it| delivery.key.is_some() && it.reason != Reason::KnownAfterApply),
            // Few collect it, so only a refusal is worth a word.
            bucket
                .ownership
                .unknown()
                .filter(|unknown| unknown.reason != Reason::NoDocument),
        ];
        // Whoever was refused the policy is not asked about the rest.
        let ends_with_policy = (bucket.policy.unknown()).is_some_and(|it| it.reason.is_refusal());
        let asked = |unknown: &&Unknown| !ends_with_policy || unknown.reason.is_refusal();
        let guards = bucket.protection.refused();
        let assumed = assumed.into_iter().flatten().chain(guards);
        for unknown in assumed.filter(asked) {
            self.see_not(Unseen::Document(unknown.clone()), false);
        }
    }

    fn see_not(&mut self, unseen: Unseen, decisive: bool) {
        *self.unseen.entry(unseen).or_insert(false) |= decisive;
    }

    /// Whether some verdict could not be said for sure.
    pub fn is_incomplete(&self) -> bool {
        !self.unseen_trails.is_empty()
            || self
                .trails
                .iter()
                .any(|trail| trail.verdict == Verdict::Undecided)
            || self.unseen.values().any(|decisive| *decisive)
    }
}

/// Whether nobody asked for a key's policy because the answer about the key itself ended it.
fn follows(delivery: &Delivery<'_>, request: &Request, doubt: &Doubt) -> bool {
    let key = match request.id.target() {
        Target::Key => delivery.key,
        Target::TopicKey => delivery.topic_key,
        _ => None,
    };
    let ended = key.is_some_and(|key| match &key.metadata {
        Evidence::Present(_) => false,
        Evidence::Absent(_) => true,
        Evidence::Unknown(unknown) => unknown.reason.is_refusal(),
    });
    ended && matches!(doubt, Doubt::Document(it) if it.reason == Reason::NoDocument)
}

fn unseen(delivery: &Delivery<'_>, request: &Request, doubt: &Doubt) -> Vec<Unseen> {
    let document = delivery
        .policy(request.id.target())
        .map_or_else(String::new, |policy| {
            delivery.estate.document(policy.document).name()
        });
    match doubt {
        Doubt::Document(unknown) => vec![Unseen::Document(unknown.clone())],
        Doubt::TooComplex => vec![Unseen::TooComplex { document }],
        Doubt::Keys(keys) => {
            let organization = delivery.estate.organization.unknown();
            let of_key = |key: &String| match organization {
                Some(unknown) if is_of_organization(key) => Unseen::Document(unknown.clone()),
                _ if is_unknown(key) => Unseen::Value {
                    value: key.clone(),
                    document: document.clone(),
                },
                _ => Unseen::Key {
                    key: key.clone(),
                    document: document.clone(),
                },
            };
            let all: BTreeSet<Unseen> = keys.iter().map(of_key).collect();
            all.into_iter().collect()
        }
    }
}

fn is_of_organization(key: &str) -> bool {
    key.starts_with("aws:sourceorg")
        || key.starts_with("aws:resourceorg")
        || key == "the organization's id"
}

fn told(diagnosis: &Diagnosis<'_, '_>, request: &Request) -> AuditedRequest {
    AuditedRequest {
        id: request.id,
        resource: request.resource.clone(),
        decision: request.decision,
        decided_by: decided_by(diagnosis, request),
        because: because(diagnosis, request),
    }
}

/// The statement at fault, or the one that allows.
fn deciding(diagnosis: &Diagnosis<'_, '_>, request: &Request) -> Option<usize> {
    let fault = diagnosis
        .faults
        .iter()
        .filter(|fault| fault.requests.contains(&request.id));
    let of_fault = fault
        .filter(|fault| fault.target == request.id.target())
        .find_map(|fault| fault.statements.get(&request.id).copied());
    of_fault.or_else(|| {
        request.cases.iter().find_map(|case| match &case.effective {
            Effective::Allowed { by } => Some(*by),
            Effective::Undecided { statements, .. } => statements.first().copied(),
            Effective::ExplicitlyDenied { by, .. } => by.first().copied(),
            Effective::ImplicitlyDenied => None,
        })
    })
}

fn decided_by(diagnosis: &Diagnosis<'_, '_>, request: &Request) -> Option<(Place, Option<String>)> {
    let policy = diagnosis.delivery.policy(request.id.target())?;
    let statement = policy
        .policy
        .statements
        .get(deciding(diagnosis, request)?)?;
    Some((
        policy.place(&statement.pointer),
        statement.sid.as_deref().map(str::to_owned),
    ))
}

fn because(diagnosis: &Diagnosis<'_, '_>, request: &Request) -> String {
    if let Some(obstacle) = request.obstacles.first() {
        return obstacle_words(obstacle, diagnosis.delivery);
    }
    let policy = diagnosis.delivery.policy(request.id.target());
    let statement = policy
        .and_then(|policy| policy.policy.statements.get(deciding(diagnosis, request)?))
        .map(statement_name);
    let noun = request.id.target().noun();
    let explicit = request
        .cases
        .iter()
        .any(|case| matches!(case.effective, Effective::ExplicitlyDenied { .. }));
    match (request.decision, statement) {
        (Decision::Allowed, Some(name)) => format!("{name} allows it"),
        (Decision::Allowed, None) => "it is allowed".to_owned(),
        (Decision::Denied, Some(name)) if explicit => format!("{name} denies it"),
        (Decision::Denied, Some(name)) => {
            format!("no statement of the {noun} allows it; {name} comes nearest")
        }
        (Decision::Denied, None) => format!("no statement of the {noun} allows it"),
        (Decision::Partly, _) => format!(
            "it is refused for {}, and allowed otherwise",
            parts(&request.cases)
        ),
        (Decision::Undecided, _) => doubt_words(request),
    }
}

/// The part of a family that is refused.
fn parts(cases: &[Case]) -> String {
    let chosen = |denied: bool| -> BTreeSet<String> {
        let cases = cases.iter().filter(|case| case.is_denied() == denied);
        cases.flat_map(Case::parts).collect()
    };
    let (denied, allowed) = (chosen(true), chosen(false));
    if denied.len() > 4 && allowed.len() < denied.len() && !allowed.is_empty() {
        return format!(
            "all but {}",
            rules::finding::list(allowed.iter().map(String::as_str), 4)
        );
    }
    if denied.is_empty() {
        return "some objects".to_owned();
    }
    rules::finding::list(denied.iter().map(String::as_str), 4)
}

fn doubt_words(request: &Request) -> String {
    let words = request.doubts.iter().map(|doubt| match doubt {
        Doubt::Document(unknown) => format!(
            "`{}` could not be seen ({})",
            unknown.document,
            unknown.reason.name()
        ),
        Doubt::Keys(keys) => {
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            format!(
                "it depends on {}, which is not known",
                rules::finding::list(keys.iter().map(String::as_str), 4)
            )
        }
        Doubt::TooComplex => "the patterns of the policy are too tangled to be followed".to_owned(),
    });
    let words: BTreeSet<String> = words.collect();
    words.into_iter().collect::<Vec<_>>().join("; ")
}

fn obstacle_words(obstacle: &Obstacle, delivery: &Delivery<'_>) -> String {
    let bucket = &delivery.bucket.name;
    match obstacle {
        Obstacle::BucketMissing(_) => format!("bucket `{bucket}` does not exist"),
        Obstacle::NoBucketPolicy(_) => format!("bucket `{bucket}` has no policy"),
        Obstacle::RequesterPays(_) => format!("bucket `{bucket}` is Requester Pays"),
        Obstacle::UnsupportedBucket => format!("`{bucket}` is no general purpose bucket"),
        Obstacle::LogRoleMissing(_) => "the role does not exist".to_owned(),
        Obstacle::LogRoleRefuses(_) => "the role's policies do not allow it".to_owned(),
        Obstacle::LogGroupMissing(_) => "the log group does not exist".to_owned(),
        Obstacle::LogGroupInvalid(why) => format!("the log group is not one of the trail: {why}"),
        Obstacle::KeyDisabled(_) => "the key is disabled".to_owned(),
        Obstacle::KeyPendingDeletion(_) => "the key waits for its deletion".to_owned(),
        Obstacle::KeyUnusable { found, .. } => format!("the key cannot encrypt: it is {found}"),
        Obstacle::KeyMissing(_) => "the key does not exist".to_owned(),
        Obstacle::KeyRegion { key, bucket } => {
            format!("the key lies in {key}, the bucket in {bucket}")
        }
        Obstacle::AwsManagedKey(_) => {
            "the key is managed by AWS and its policy does not admit CloudTrail".to_owned()
        }
        Obstacle::TopicMissing(_) => "the topic does not exist".to_owned(),
        Obstacle::NoTopicPolicy(_) => "the topic has no policy".to_owned(),
    }
}
