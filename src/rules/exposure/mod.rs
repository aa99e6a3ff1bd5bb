//! Rules about who else could write, use the key or publish; and what they have in common.

pub(super) mod any_account_may_write;
pub(super) mod cross_account_tampering;
pub(super) mod dead_statement;
pub(super) mod extra_actions_granted;
pub(super) mod kms_context_any_account;
pub(super) mod kms_decrypt_too_broad;
pub(super) mod kms_principal_star;
pub(super) mod kms_source_arn_missing;
pub(super) mod kms_unscoped;
pub(super) mod principal_star;
pub(super) mod resource_too_broad;
pub(super) mod source_arn_missing;
pub(super) mod stale_trail_grant;
pub(super) mod topic_principal_star;
pub(super) mod topic_source_arn_missing;

use std::collections::BTreeSet;

use crate::delivery::{RequestId, Target};
use crate::diagnosis::{Example, PolicyUse};
use crate::iam::{
    BaseOperator, Condition, Effect, Policy, PrincipalEntry, PrincipalKind, Statement,
};
use crate::rules::finding::statement_words;

/// The Allow statements that requests of CloudTrail can use, each with such a request.
pub(super) fn live<'p>(
    policy: &'p PolicyUse<'_>,
    id: RequestId,
) -> impl Iterator<Item = (&'p Statement, &'p Example)> {
    let live = policy.live.get(&id).into_iter().flatten();
    live.filter_map(|(index, example)| {
        Some((policy.policy.policy.statements.get(*index)?, example))
    })
}

/// Allow statements for everybody without a condition that limits who.
pub(super) fn open_to_everybody(
    target: Target,
    policy: &Policy,
) -> impl Iterator<Item = (&Statement, &PrincipalEntry)> {
    policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow)
        .filter_map(move |statement| {
            let principal = statement
                .principal
                .as_ref()
                .filter(|principal| !principal.negated)?;
            let star = principal.entries.iter().find(|entry| {
                entry.kind == PrincipalKind::Everyone
                    || entry.kind == PrincipalKind::Aws && &*entry.value == "*"
            })?;
            let limited = statement
                .conditions
                .iter()
                .any(|condition| limits_who(target, condition));
            (!limited).then_some((statement, star))
        })
}

/// Whether a condition says who may use a grant. Where a request comes from does not: neither a VPC nor
/// a source says whose credentials they are. Neither does what a caller must not be, or may be if it is
/// there.
fn limits_who(target: Target, condition: &Condition) -> bool {
    let key = &*condition.key;
    // A topic's default policy names its owner's account with a key of its own, and callers that are no
    // service carry no source (SNS Developer Guide, "Example cases for Amazon SNS access control").
    let of_topic = ["aws:sourceowner", "aws:sourceaccount", "aws:sourcearn"];
    let names_callers = key.starts_with("aws:principal")
        || matches!(
            key,
            "aws:userid" | "aws:username" | "kms:calleraccount" | "s3:dataaccesspointaccount"
        )
        || target == Target::Topic && of_topic.contains(&key);
    names_callers && demands(condition)
}

/// Whether a key has to be there and be one of the values.
fn demands(condition: &Condition) -> bool {
    let base = condition.operator.base;
    let positive = base.is_some_and(|base| !base.is_negated() && base != BaseOperator::Null);
    positive && !condition.operator.if_exists
}

/// What a statement for everybody grants, and within what. A source or a network limits it, but to nobody.
pub(super) fn everybody_words(target: Target, statement: &Statement) -> String {
    let words = statement_words(target, statement);
    let noun = match target {
        Target::Bucket => "bucket",
        Target::Key | Target::TopicKey | Target::LogRole => "key",
        Target::Topic => "topic",
    };
    let limits = statement.conditions.iter().filter(|condition| {
        let key = &*condition.key;
        (key.starts_with("aws:source") || key.starts_with("aws:vpc")) && demands(condition)
    });
    let limits: BTreeSet<String> = limits.map(|it| format!("`{}`", it.key_text)).collect();
    if limits.is_empty() {
        return format!(
            "{words} grants its actions to everybody: no condition limits who may use the {noun}."
        );
    }
    let limits: Vec<String> = limits.into_iter().collect();
    format!(
        "{words} grants its actions to everybody, within {}: that says from where a request comes, or what it is about, \
         and not who may use the {noun}.",
        limits.join(" and ")
    )
}
