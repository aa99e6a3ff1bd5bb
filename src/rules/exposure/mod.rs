//! Rules about who else could write, use the key or publish; and what they have in common.

pub(super) mod extra_actions_granted;
pub(super) mod kms_context_any_account;
pub(super) mod kms_principal_star;
pub(super) mod kms_source_arn_missing;
pub(super) mod kms_unscoped;
pub(super) mod principal_star;
pub(super) mod resource_too_broad;
pub(super) mod source_arn_missing;
pub(super) mod topic_source_arn_missing;

use crate::delivery::RequestId;
use crate::diagnosis::{Example, PolicyUse};
use crate::iam::{ContextValue, Effect, Policy, PrincipalEntry, PrincipalKind, Statement};

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

/// The same request for a trail of an account that has none here and belongs to no organization.
pub(super) fn as_stranger(policy: &PolicyUse<'_>, example: &Example) -> Example {
    let mut stranger = example.clone();
    let account = policy.stranger();
    let partition = policy
        .trails
        .first()
        .map_or("aws", |trail| trail.partition.as_str());
    let arn = format!("arn:{partition}:cloudtrail:us-east-1:{account}:trail/any");
    let context = &mut stranger.context;
    context.set("aws:SourceArn", ContextValue::one(arn.clone()));
    context.set("aws:SourceAccount", ContextValue::one(account));
    context.set("aws:SourceOrgID", ContextValue::Absent);
    context.set("aws:SourceOrgPaths", ContextValue::Absent);
    if !matches!(
        context.get("kms:EncryptionContext:aws:cloudtrail:arn"),
        ContextValue::Absent
    ) {
        context.set(
            "kms:EncryptionContext:aws:cloudtrail:arn",
            ContextValue::one(arn),
        );
    }
    stranger
}

/// Allow statements for everybody without a condition that limits who.
pub(super) fn open_to_everybody(
    policy: &Policy,
) -> impl Iterator<Item = (&Statement, &PrincipalEntry)> {
    policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow)
        .filter_map(|statement| {
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
                .any(|condition| limits_who(&condition.key));
            (!limited).then_some((statement, star))
        })
}

/// Conditions that say who may use a grant. Where a request comes from does not: neither a VPC nor a
/// source says whose credentials they are.
fn limits_who(key: &str) -> bool {
    key.starts_with("aws:principal")
        || matches!(
            key,
            "aws:userid" | "aws:username" | "kms:calleraccount" | "s3:dataaccesspointaccount"
        )
}
