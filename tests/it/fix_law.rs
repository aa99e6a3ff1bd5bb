//! A law over generated faults: a sound delivery is broken at random, mended, and then it delivers again,
//! and CloudTrail may do nothing that it might not do before, in the sound or in the broken state. What
//! cannot be mended says what is missing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use trail_lint::delivery::{Delivery, Verdict, simulate};
use trail_lint::diagnosis::Usage;
use trail_lint::exposure::changes_beyond;
use trail_lint::fix::{Plan, plan};
use trail_lint::grants;
use trail_lint::iam::{ContextValue, Policy};
use trail_lint::model::Estate;
use trail_lint::rules::Severity;
use trail_lint::source;

use crate::mutation::{Random, Snapshot};
use crate::oracle::{self, second_opinion};
use crate::support::{files_of, none, snapshot};

const CASES: u64 = 120;

#[test]
fn what_breaks_is_mended_and_nobody_gains() {
    let baseline = files_of("fixtures/baseline");
    let sound = read(&baseline);
    let mut problems = Vec::new();
    let (mut mended, mut left) = (0_u64, 0_u64);
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let mut broken = Snapshot::read(&baseline);
        let count = 1 + random.below(2);
        let changes: Vec<String> = (0..count)
            .map(|_| broken.break_something(&mut random))
            .collect();
        let files = broken.files();
        let estate = read(&files);
        let plan = plan(&estate, now(), &wanted);
        mended += u64::from(!plan.fixed.is_empty());
        left += u64::from(!plan.unfixed.is_empty());
        let about = |problem: String| {
            let done: Vec<&str> = plan.fixed.iter().map(|it| &*it.description).collect();
            format!(
                "seed {seed}: {problem}\n  {}\n  fixes {done:#?}",
                changes.join("\n  ")
            )
        };
        problems.extend(broken_law(&sound, &estate, &plan).into_iter().map(about));
    }
    none(&problems);
    assert!(mended > 60, "only {mended} of {CASES} cases are mended");
    assert!(left < CASES / 3, "{left} of {CASES} cases are left");
}

fn now() -> Timestamp {
    "2026-11-01T00:00:00Z".parse().unwrap()
}

fn wanted(audit: &trail_lint::audit::Audit<'_>) -> Vec<trail_lint::rules::Finding> {
    let findings = audit.findings.iter();
    let grave = findings.filter(|finding| finding.severity >= Severity::Medium);
    grave.cloned().collect()
}

fn read(files: &[(String, String)]) -> Estate {
    let folder = snapshot(files);
    let documents = source::snapshot::read(folder.path()).unwrap();
    Estate::read(documents).unwrap()
}

fn broken_law(sound: &Estate, broken: &Estate, done: &Plan) -> Vec<String> {
    let mut problems = Vec::new();
    for trail in &done.estate.trails {
        let delivery = simulate(&done.estate, trail, now());
        let unsaid = done.unfixed.iter().any(|it| it.finding.trail.is_some());
        if delivery.verdict < Verdict::Undecided && !unsaid {
            problems.push(format!("the verdict is {}", delivery.verdict.name()));
        }
    }
    for left in &done.unfixed {
        if left.finding.fault.is_some() && left.missing.is_none() {
            problems.push(format!("{} is left without a word", left.finding.rule));
        }
        let words = left.missing.as_deref().unwrap_or_default();
        // A fault of a policy that is left has to be one that only a person can decide.
        let known = [
            "no policy mends it",
            "organization",
            "ends at a date",
            "only its",
            "not be seen",
            "cannot be changed",
            "no resource policy mends it",
        ];
        if left.finding.fault.is_some() && !known.iter().any(|it| words.contains(it)) {
            problems.push(format!("{} is left: {words}", left.finding.rule));
        }
    }
    problems.extend(gains(sound, broken, done));
    problems.extend(second_opinions(sound, broken, done));
    let again = plan(&done.estate, now(), &wanted);
    if !again.documents.is_empty() {
        problems.push("a second run changes more".to_owned());
    }
    problems
}

/// What the mended policies allow that neither the sound nor the broken ones did.
fn gains(sound: &Estate, broken: &Estate, done: &Plan) -> Vec<String> {
    let mut usage = Usage::default();
    let deliveries: Vec<Delivery<'_>> = done
        .estate
        .trails
        .iter()
        .map(|trail| simulate(&done.estate, trail, now()))
        .collect();
    for delivery in &deliveries {
        usage.note(delivery);
    }
    let policy_of = |estate: &Estate, path: &str| {
        let document = estate.documents.iter().find(|document| {
            let name = |path: &str| path.split("/accounts/").last().unwrap().to_owned();
            name(&document.path) == name(path)
        });
        let read = document.and_then(|document| Policy::read(document.policy()?).ok());
        read.unwrap_or_else(grants::nothing)
    };
    let said: BTreeSet<&str> = done.fixed.iter().map(|it| &*it.description).collect();
    let mut problems = Vec::new();
    for used in usage.policies() {
        let path = &done.estate.document(used.policy.document).path;
        let resource = used.asked.values().next().map(|it| it.resource.clone());
        let resource = used.bucket.map(|it| it.name.clone()).or(resource).unwrap();
        let needed = grants::needed(&done.estate, used.target, &resource);
        let meant = grants::union(&policy_of(sound, path), &needed);
        let old = policy_of(broken, path);
        for change in changes_beyond(used, &old, &used.policy.policy, &meant) {
            let Some(gained) = &change.gained else {
                continue;
            };
            let is_said = said
                .iter()
                .any(|it| it.contains(&format!("It also admits `{}`", change.action)));
            if !is_said {
                problems.push(format!(
                    "`{}` is gained by {}",
                    change.action, gained.reach.witness.trail
                ));
            }
        }
    }
    problems
}

/// What the second evaluator, which shares nothing with the library, says otherwise about the mended
/// policies: the trail's requests are allowed, and the same requests of a stranger are not, unless they
/// were before.
fn second_opinions(sound: &Estate, broken: &Estate, done: &Plan) -> Vec<String> {
    let mut problems = Vec::new();
    for trail in &done.estate.trails {
        let delivery = simulate(&done.estate, trail, now());
        for request in &delivery.requests {
            let Some(used) = delivery.policy(request.id.target()) else {
                continue;
            };
            let path = &done.estate.document(used.document).path;
            let mended = policy_json(&done.estate, path);
            // What nobody changed is the business of `oracle`.
            if mended == policy_json(broken, path) {
                continue;
            }
            for case in request.cases.iter().filter(|case| case.is_allowed()) {
                let own = as_plain(&mended, request.id.action(), case);
                if used.policy.problems.is_empty() && second_opinion(&own) != "Allow" {
                    problems.push(format!("second opinion: {} is refused", request.id.name()));
                }
                let strangers = stranger(&own, &trail.account);
                let before = [sound, broken].map(|estate| {
                    let policy = policy_json(estate, path);
                    let has = policy["Statement"].is_array();
                    has && second_opinion(&oracle::Case {
                        policy,
                        ..strangers.clone()
                    }) == "Allow"
                });
                let is_said = done.fixed.iter().any(|it| {
                    it.description
                        .contains(&format!("It also admits `{}`", request.id.action()))
                });
                if used.policy.problems.is_empty()
                    && second_opinion(&strangers) == "Allow"
                    && before == [false, false]
                    && !is_said
                {
                    problems.push(format!(
                        "second opinion: a stranger gains {}",
                        request.id.name()
                    ));
                }
            }
        }
    }
    problems
}

fn policy_json(estate: &Estate, path: &str) -> serde_json::Value {
    let name = |path: &str| path.split("/accounts/").last().unwrap().to_owned();
    let document = estate
        .documents
        .iter()
        .find(|it| name(&it.path) == name(path));
    let Some(document) = document else {
        return serde_json::Value::Null;
    };
    let answer: serde_json::Value = serde_json::from_str(document.text()).unwrap();
    match answer
        .pointer("/Attributes/Policy")
        .and_then(|it| it.as_str())
    {
        Some(policy) => serde_json::from_str(policy).unwrap(),
        None => answer,
    }
}

/// A case as plain data; a value that may be one of several is the first, what is not known is absent.
fn as_plain(
    policy: &serde_json::Value,
    action: &str,
    case: &trail_lint::delivery::Case,
) -> oracle::Case {
    let context = KEYS.iter().filter_map(|key| match case.context.get(key) {
        ContextValue::Present(values) => Some(((*key).to_owned(), values.clone())),
        ContextValue::OneOf(values) => Some(((*key).to_owned(), values[0].clone())),
        ContextValue::Absent | ContextValue::Unknown => None,
    });
    oracle::Case {
        policy: policy.clone(),
        principal: ("Service", "cloudtrail.amazonaws.com".to_owned()),
        action: action.to_owned(),
        resource: case.resource.clone(),
        context: context.collect(),
    }
}

/// The same request for a trail of an account that nobody named.
fn stranger(case: &oracle::Case, account: &str) -> oracle::Case {
    let other = |text: &String| text.replace(account, "987654321098");
    // The key and the topic stay whose they are.
    let resource = if case.resource.contains(":s3:") {
        other(&case.resource)
    } else {
        case.resource.clone()
    };
    let context = case.context.iter().map(|(key, values)| {
        let own = key.contains("ResourceAccount");
        let values = values
            .iter()
            .map(|it| if own { it.clone() } else { other(it) });
        (key.clone(), values.collect())
    });
    oracle::Case {
        resource,
        context: context.collect(),
        ..case.clone()
    }
}

/// The condition keys that requests of CloudTrail may carry.
const KEYS: &[&str] = &[
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:ViaAWSService",
    "aws:SecureTransport",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "s3:ResourceAccount",
    "s3:TlsVersion",
    "s3:authType",
    "s3:signatureversion",
    "s3:signatureAge",
    "s3:x-amz-acl",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "kms:EncryptionContext:aws:cloudtrail:arn",
    "kms:EncryptionContext:aws:s3:arn",
    "kms:EncryptionContextKeys",
];
