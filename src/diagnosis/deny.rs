//! Which kind of Deny hits a request: decided by what the statement asks about.

use super::{Cause, Fault};
use crate::delivery::{Case, Request, Target};
use crate::iam::{BaseOperator, Condition, ContextValue, Quantifier, Statement};
use crate::model::PolicyDocument;

/// The fault of a Deny statement that hits.
pub(super) fn fault(
    request: &Request,
    refused: &Case,
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
        hint: hint(cause, statement, condition, refused),
        ..Fault::new(cause, target, policy.place(pointer))
    }
}

/// What makes a condition hold that was not meant for CloudTrail. The rules about networks and
/// organizations explain their keys themselves.
fn hint(
    cause: Cause,
    statement: &Statement,
    condition: Option<&Condition>,
    refused: &Case,
) -> Option<String> {
    let via = |c: &Condition| &*c.key == "aws:viaawsservice";
    if statement.conditions.iter().any(via) {
        let hint = "`aws:ViaAWSService` exempts no request that a service makes for itself, as CloudTrail does: it is \
                    `false` there";
        return Some(hint.to_owned());
    }
    if !matches!(
        cause,
        Cause::ExplicitDenyCloudtrail | Cause::KmsExplicitDeny
    ) {
        return None;
    }
    let Some(condition) = condition else {
        return (cause == Cause::KmsExplicitDeny && is_not_principal(statement)).then(|| {
            "`NotPrincipal` spares only whom it names, and it does not name the service `cloudtrail.amazonaws.com`"
                .to_owned()
        });
    };
    let key = &condition.key_text;
    match refused.context.get(&condition.key) {
        ContextValue::Present(values) => {
            let sent: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
            Some(format!("the request's `{key}` is {}", sent.join(", ")))
        }
        ContextValue::Absent => Some(format!(
            "CloudTrail's request carries no `{key}`, and {} holds for a missing key",
            holds_without_key(condition)
        )),
        ContextValue::Unknown | ContextValue::OneOf(_) => None,
    }
}

/// The part of an operator that makes it hold for a missing key, in words.
fn holds_without_key(condition: &Condition) -> &'static str {
    let operator = &condition.operator;
    match operator.base {
        _ if operator.if_exists => "an operator that ends in `IfExists`",
        _ if operator.quantifier == Quantifier::ForAllValues => "`ForAllValues`",
        Some(BaseOperator::Null) => "`Null` = `true`",
        _ => "a negated operator",
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
    if is_not_principal(statement) {
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

fn is_not_principal(statement: &Statement) -> bool {
    let principal = statement.principal.as_ref();
    principal.is_some_and(|principal| principal.negated)
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
