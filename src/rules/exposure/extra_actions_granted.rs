//! CloudTrail is granted actions on the bucket that it never calls.

use crate::delivery::{Target, context::SERVICE};
use crate::diagnosis::PolicyUse;
use crate::exposure::for_other_sources;
use crate::iam::{Effect, PrincipalKind, Statement};
use crate::rules::finding::{Draft, list, statement_words};

/// Actions that change or read what is in the bucket, or who may.
const HARMFUL: [&str; 10] = [
    "s3:DeleteBucketPolicy",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectAcl",
    "s3:PutReplicationConfiguration",
];

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if policy.target != Target::Bucket {
        return Vec::new();
    }
    policy
        .policy
        .policy
        .statements
        .iter()
        .filter_map(|statement| draft(policy, statement))
        .collect()
}

fn draft(policy: &PolicyUse<'_>, statement: &Statement) -> Option<Draft> {
    let action = statement
        .action
        .as_ref()
        .filter(|_| statement.effect == Effect::Allow)?;
    let for_cloudtrail = statement
        .principal
        .as_ref()?
        .entries
        .iter()
        .any(|entry| entry.kind == PrincipalKind::Service && &*entry.value == SERVICE);
    // Query results of event data stores are written with `s3:PutObject*`, as AWS documents it.
    if !for_cloudtrail || for_other_sources(statement) {
        return None;
    }
    let covers = |harmful: &&str| {
        action
            .patterns
            .iter()
            .any(|entry| entry.pattern.matches(harmful))
            != action.negated
    };
    let granted: Vec<String> = HARMFUL
        .iter()
        .filter(|harmful| covers(harmful))
        .map(|a| format!("`{a}`"))
        .collect();
    if granted.is_empty() {
        return None;
    }
    let message = format!(
        "{} grants CloudTrail {}, which it never calls: it needs `s3:PutObject` on objects and `s3:GetBucketAcl` on the \
         bucket.",
        statement_words(policy.target, statement),
        list(granted.iter().map(String::as_str), 4)
    );
    Some(Draft::of_policy(
        policy.policy.place(&action.pointer),
        message,
    ))
}
