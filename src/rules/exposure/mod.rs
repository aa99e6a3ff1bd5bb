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

use crate::delivery::{RequestId, Target};
use crate::diagnosis::{Example, PolicyUse};
use crate::iam::{
    BaseOperator, Condition, Effect, Policy, PrincipalEntry, PrincipalKind, Statement,
};

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

/// Whether a condition says who may use a grant. Where a request comes from does not: no VPC says whose
/// credentials they are. Neither does what a key must not be, or may be if it is there.
pub(super) fn limits_who(target: Target, condition: &Condition) -> bool {
    let operator = &condition.operator;
    let positive = operator
        .base
        .is_some_and(|base| !base.is_negated() && base != BaseOperator::Null);
    // Callers that are no service carry no source. A bucket is left out: a star there opens what Block
    // Public Access is for (catalogue of failures), and AWS's own texts name the service.
    let of_source = ["aws:sourceowner", "aws:sourceaccount", "aws:sourcearn"];
    let key = &*condition.key;
    let names_callers = key.starts_with("aws:principal")
        || matches!(
            key,
            "aws:userid" | "aws:username" | "kms:calleraccount" | "s3:dataaccesspointaccount"
        )
        || target != Target::Bucket && of_source.contains(&key);
    names_callers && positive && !operator.if_exists
}
