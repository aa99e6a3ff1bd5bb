//! Which kind of Deny hits a request: decided by what the statement asks about.

use super::{Cause, Fault};
use crate::delivery::{Delivery, Request, Target};
use crate::iam::{BaseOperator, Condition, Statement};
use crate::model::PolicyDocument;

/// The fault of a Deny statement that hits.
pub(super) fn fault(
    _delivery: &Delivery<'_>,
    request: &Request,
    policy: &PolicyDocument,
    statement: &Statement,
) -> Fault {
    let target = request.id.target();
    let (cause, condition) = classify(statement);
    let cause = match target {
        Target::Bucket => cause,
        Target::Key => Cause::KmsExplicitDeny,
        Target::Topic => Cause::ExplicitDenyCloudtrail,
        Target::TopicKey => Cause::TopicKmsDenied,
        Target::LogRole => Cause::CloudwatchRoleDenied,
    };
    let pointer = match (condition, &statement.principal) {
        (Some(condition), _) => &condition.pointer,
        (None, Some(principal)) if principal.negated => &principal.pointer,
        (None, _) => &statement.pointer,
    };
    Fault {
        statement: Some(statement.index),
        condition: condition.map(|c| (c.operator.name.to_string(), c.key_text.to_string())),
        found: condition
            .map(|c| {
                c.values
                    .iter()
                    .map(|value| value.text.to_string())
                    .collect()
            })
            .unwrap_or_default(),
        ..Fault::new(cause, target, policy.place(pointer))
    }
}

/// Whether a condition is one of a kind.
type IsKind = fn(&Condition) -> bool;

/// The cause, and the condition that makes it that one. Where a statement asks about several things
/// the first of this list names it.
fn classify(statement: &Statement) -> (Cause, Option<&Condition>) {
    let kinds: [(Cause, IsKind); 5] = [
        (Cause::ExplicitDenyEncryption, |condition| {
            condition.key.starts_with("s3:x-amz-server-side-encryption")
        }),
        (Cause::ExplicitDenyAcl, requires_acl),
        (Cause::ExplicitDenyNetwork, |condition| {
            is_network_key(&condition.key)
        }),
        (Cause::ExplicitDenyOrg, |condition| {
            is_principal_key(&condition.key)
        }),
        (Cause::ExplicitDenySource, |condition| {
            condition.key.starts_with("aws:source")
        }),
    ];
    for (cause, matches) in kinds {
        if let Some(condition) = statement
            .conditions
            .iter()
            .find(|condition| matches(condition))
        {
            return (cause, Some(condition));
        }
    }
    if statement
        .principal
        .as_ref()
        .is_some_and(|principal| principal.negated)
    {
        return (Cause::ExplicitDenyNotPrincipal, None);
    }
    let exempts =
        |c: &&Condition| !matches!(&*c.key, "aws:principalisawsservice" | "aws:viaawsservice");
    let other = statement
        .conditions
        .iter()
        .find(exempts)
        .or(statement.conditions.first());
    (Cause::ExplicitDenyCloudtrail, other)
}

/// Whether a condition makes a Deny one for requests without the right ACL. One that describes what
/// CloudTrail sends, as where a module turned its own grant into a Deny, is a Deny for CloudTrail.
fn requires_acl(condition: &Condition) -> bool {
    let of_acl = &*condition.key == "s3:x-amz-acl" || condition.key.starts_with("s3:x-amz-grant-");
    let describes = condition
        .operator
        .base
        .is_some_and(|base| !base.is_negated() && base != BaseOperator::Null);
    of_acl && !describes
}

fn is_network_key(key: &str) -> bool {
    matches!(
        key,
        "aws:sourceip"
            | "aws:vpcsourceip"
            | "aws:sourcevpc"
            | "aws:sourcevpce"
            | "aws:sourcevpcarn"
            | "aws:vpceaccount"
            | "aws:vpceorgid"
            | "aws:vpceorgpaths"
    )
}

fn is_principal_key(key: &str) -> bool {
    matches!(
        key,
        "aws:principalorgid"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths"
            | "aws:principalorgpaths"
            | "aws:principalarn"
            | "aws:principalaccount"
            | "aws:userid"
            | "aws:username"
            | "aws:principaltype"
    ) || key.starts_with("aws:principaltag/")
}
