//! The proof of a change: the new text is read and evaluated as any other, and held against the old one
//! for the known trails, for all others, and for what AWS accepts.

use std::collections::BTreeSet;

use super::candidates::{Grants, Takes};
use super::world::{World, by_policy};
use crate::delivery::{Decision, Target};
use crate::diagnosis::PolicyUse;
use crate::document::{Document, DocumentId};
use crate::exposure::{changes_beyond, trusted_accounts};
use crate::grants;
use crate::iam::Policy;
use crate::model::Estate;

/// What was found out about a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Proof {
    /// What CloudTrail may do besides, each as a sentence.
    pub(super) also: Vec<String>,
    /// Whether AWS would take the policy as it is now.
    pub(super) accepted: bool,
}

/// Proves a change of one document, or says why it does not hold.
pub(super) fn prove(
    before: &World<'_>,
    after: &World<'_>,
    document: DocumentId,
    grants: Grants,
    takes: Takes,
) -> Result<Proof, String> {
    let old = before.estate.document(document);
    let new = after.estate.document(document);
    let accepted = acceptable(old, new, after, document)?;
    for delivery in after.deliveries() {
        let arn = &delivery.trail.arn;
        if let Some(known) = before.delivery(arn)
            && is_worse(known, delivery)
        {
            return Err(format!("trail `{arn}` would fare worse"));
        }
    }
    let mut also = Vec::new();
    let old = policy_of(old);
    for used in after.uses(document) {
        also.extend(gained(after.estate, &used, &old, grants)?);
        lost(&used, &old, takes)?;
    }
    Ok(Proof { also, accepted })
}

/// Whether less of a trail is allowed than before.
fn is_worse(old: &crate::delivery::Delivery<'_>, new: &crate::delivery::Delivery<'_>) -> bool {
    let rank = |decision: Decision| match decision {
        Decision::Denied => 0,
        Decision::Partly => 1,
        Decision::Undecided => 2,
        Decision::Allowed => 3,
    };
    new.verdict < old.verdict
        || old.requests.iter().any(|known| {
            let now = new.request(known.id);
            now.is_some_and(|now| rank(by_policy(now)) < rank(by_policy(known)))
        })
}

/// The policy of a document; one that grants nothing where there is none.
fn policy_of(document: &Document) -> Policy {
    let read = document.policy().and_then(|root| Policy::read(root).ok());
    read.unwrap_or_else(grants::nothing)
}

/// Whether AWS would take the policy: nothing in it is refused, and it is small enough. What is refused
/// already is not held against the change, but told.
fn acceptable(
    old: &Document,
    new: &Document,
    after: &World<'_>,
    document: DocumentId,
) -> Result<bool, String> {
    let refusals = |document: &Document| -> BTreeSet<String> {
        let policy = policy_of(document);
        let problems = policy.problems.iter();
        let refused = problems.filter(|problem| problem.kind.is_refused());
        refused.map(|problem| problem.message.clone()).collect()
    };
    let now = refusals(new);
    if let Some(first) = now.difference(&refusals(old)).next() {
        return Err(format!("AWS would not accept the policy: {first}"));
    }
    let size = |document: &Document| document.policy().map_or(0, crate::json::Node::compact_len);
    let uses = after.uses(document);
    let limit = uses.iter().filter_map(|it| it.target.size_limit()).min();
    if let Some(limit) = limit
        && size(new) > limit
        && size(new) >= size(old)
    {
        let bytes = size(new);
        return Err(format!(
            "the policy would have {bytes} bytes without white space, and AWS takes {limit}: `trail-lint policy` writes \
             a smaller one"
        ));
    }
    for used in uses.iter().filter(|used| used.target == Target::Bucket) {
        let name = used.bucket.map_or("", |bucket| &bucket.name);
        let [old, new] = [old, new].map(|document| misapplied(&policy_of(document), name));
        if let Some(first) = new.difference(&old).next() {
            return Err(format!("S3 would not accept the policy: {first}"));
        }
    }
    Ok(now.is_empty() && limit.is_none_or(|limit| size(new) <= limit))
}

/// What S3 refuses besides: an action that applies to none of the resources, and another bucket.
///
/// Source: Amazon S3's own messages, "Action does not apply to any resource(s) in statement" and
/// "Policy has invalid resource", as users report them.
fn misapplied(policy: &Policy, bucket: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for statement in &policy.statements {
        let Some(resource) = statement.resource.as_ref().filter(|it| !it.negated) else {
            continue;
        };
        let keys = resource.patterns.iter().map(|entry| {
            let name = entry.text.split(":::").nth(1).unwrap_or(&entry.text);
            (name.split_once('/'), name)
        });
        let keys: Vec<_> = keys.collect();
        for (split, name) in &keys {
            let named = split.map_or(*name, |(bucket, _)| bucket);
            if !named.contains(['*', '?', '$']) && named != bucket {
                found.insert(format!("`{named}` is another bucket"));
            }
        }
        let objects = keys
            .iter()
            .any(|(split, name)| split.is_some() || name.ends_with('*'));
        let whole = keys
            .iter()
            .any(|(split, name)| split.is_none() || name.starts_with('*'));
        let actions = statement.action.iter().filter(|it| !it.negated);
        for entry in actions.flat_map(|action| &action.patterns) {
            let applies = match &*entry.text.to_ascii_lowercase() {
                "s3:getbucketacl" => whole,
                "s3:putobject" => objects,
                _ => true,
            };
            if !applies {
                found.insert(format!(
                    "`{}` applies to no Resource of {}",
                    entry.text,
                    crate::diagnosis::statement_name(statement)
                ));
            }
        }
    }
    found
}

/// Actions that tell whether something exists, and nothing else.
const QUESTIONS: [&str; 2] = ["s3:GetBucketAcl", "kms:DescribeKey"];

/// What the new policy allows that the old one did not and no known trail needs.
fn gained(
    estate: &Estate,
    used: &PolicyUse<'_>,
    old: &Policy,
    grants: Grants,
) -> Result<Vec<String>, String> {
    let new = &used.policy.policy;
    let needed = grants::needed(estate, used.target, &resource(used));
    let more = changes_beyond(used, old, new, &needed);
    if more.iter().any(|change| change.tangled) {
        return Err(
            "the patterns are too tangled to tell what would be granted besides".to_owned(),
        );
    }
    let trusted = trusted_accounts(estate);
    let by_others = match grants {
        Grants::SameAccounts => {
            let meant = grants::union(&needed, &grants::anything_of(&trusted));
            changes_beyond(used, old, new, &meant)
        }
        Grants::Nothing | Grants::Questions => Vec::new(),
    };
    let mut also = Vec::new();
    for change in more {
        let Some(difference) = &change.gained else {
            continue;
        };
        let by_stranger = by_others
            .iter()
            .any(|other| other.action == change.action && other.gained.is_some());
        let tolerated = match grants {
            Grants::Nothing => false,
            Grants::SameAccounts => !by_stranger,
            Grants::Questions => QUESTIONS.contains(&change.action),
        };
        let witness = &difference.reach.witness;
        if !tolerated {
            let known = used.trails.iter().any(|trail| trail.arn == witness.trail);
            return Err(if known {
                // What is too much is not who asks, but what for.
                format!(
                    "it would also let `{}` call `{}` on `{}`, which it does not need",
                    witness.trail, change.action, witness.resource
                )
            } else {
                format!(
                    "it would also let trails such as `{}` call `{}`",
                    witness.trail, change.action
                )
            });
        }
        let whose = match grants {
            Grants::SameAccounts => format!("other trails of account {}", witness.account),
            _ => format!(
                "trails of other accounts, such as {}",
                difference.reach.whose()
            ),
        };
        also.push(format!("It also admits `{}` for {whose}.", change.action));
    }
    Ok(also)
}

/// What the new policy takes from trails that are not known.
fn lost(used: &PolicyUse<'_>, old: &Policy, takes: Takes) -> Result<(), String> {
    if takes == Takes::Slips {
        return Ok(());
    }
    let new = &used.policy.policy;
    // Whether a known trail loses anything was looked at request by request.
    let known = grants::anything_for(&used.trails);
    let less = changes_beyond(used, new, old, &known);
    let loser = less.iter().find_map(|change| {
        let difference = change.gained.as_ref()?;
        Some((change.action, &difference.reach.witness.trail))
    });
    match loser {
        Some((action, trail)) => Err(format!(
            "it would take `{action}` from trails such as `{trail}`, which may exist"
        )),
        None => Ok(()),
    }
}

/// The name of the bucket, or the ARN of the key or topic.
fn resource(used: &PolicyUse<'_>) -> String {
    let of_bucket = used.bucket.map(|bucket| bucket.name.clone());
    let asked = || used.asked.values().next().map(|it| it.resource.clone());
    of_bucket.or_else(asked).unwrap_or_default()
}
