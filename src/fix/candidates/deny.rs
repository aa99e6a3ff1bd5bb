//! Candidates where a Deny hits the trail's requests: it is told about CloudTrail, and goes on for
//! everybody else.

use super::{At, Candidate, Grants, condition_op, quoted, text};
use crate::delivery::{Target, context::SERVICE};
use crate::diagnosis::Cause;
use crate::fix::edit::Op;
use crate::grants;
use crate::iam::{Condition, Effect, PrincipalKind, Statement};

pub(super) fn candidates(at: &At<'_, '_>, statement: &Statement) -> Vec<Candidate> {
    let deny = Deny {
        at,
        statement,
        name: at.name(statement),
    };
    let mut candidates = Vec::new();
    candidates.extend(deny.value_that_is_sent());
    candidates.extend(deny.not_principal());
    candidates.extend(deny.every_service());
    candidates.extend(deny.cloudtrail_only());
    candidates.extend(deny.known_trails());
    candidates
}

struct Deny<'d, 's, 'e> {
    at: &'d At<'s, 'e>,
    statement: &'d Statement,
    name: String,
}

impl Deny<'_, '_, '_> {
    fn is_about(&self, key: &str) -> bool {
        self.statement.conditions.iter().any(|it| &*it.key == key)
    }

    /// A list of what is not denied gets what the trail sends.
    fn value_that_is_sent(&self) -> Option<Candidate> {
        let trail = self.at.trail();
        let exempts = |condition: &&Condition| {
            let base = condition.operator.base;
            let text = condition.operator.name.contains("String")
                || condition.operator.name.contains("Arn");
            text && base.is_some_and(crate::iam::BaseOperator::is_negated)
        };
        let mut conditions = self.statement.conditions.iter().filter(exempts);
        let (condition, values) = conditions.find_map(|condition| {
            let mut values = match &*condition.key {
                "aws:sourcearn" => vec![trail.arn.clone()],
                "aws:sourceaccount" => vec![trail.account.clone()],
                "s3:x-amz-server-side-encryption" => {
                    // The empty objects of a trail's creation are sent without its key.
                    let key = trail.kms_key.as_ref().map(|_| "aws:kms".to_owned());
                    ["AES256".to_owned()].into_iter().chain(key).collect()
                }
                key if key.eq_ignore_ascii_case(grants::TRAIL_CONTEXT) => vec![trail.arn.clone()],
                _ => return None,
            };
            values.retain(|value| {
                let mut known = condition.values.iter();
                !known.any(|it| it.pattern().is_some_and(|pattern| pattern.matches(value)))
            });
            (!values.is_empty()).then_some((condition, values))
        })?;
        let list: Vec<String> = values.iter().map(quoted).collect();
        let words = format!(
            "add {} to the {} that {} does not deny",
            list.join(" and "),
            quoted(&condition.key_text),
            self.name
        );
        let ops = values.iter().map(|value| Op::Add {
            pointer: condition.pointer.clone(),
            value: text(value),
        });
        Some(Candidate::edit(words, ops.collect()))
    }

    /// `NotPrincipal` names whom the Deny spares.
    fn not_principal(&self) -> Option<Candidate> {
        let principal = self.statement.principal.as_ref().filter(|it| it.negated)?;
        if self.at.fault.cause != Cause::ExplicitDenyNotPrincipal {
            return None;
        }
        let words = format!(
            "name {} in the NotPrincipal of {}",
            quoted(SERVICE),
            self.name
        );
        let op = Op::Add {
            pointer: format!("{}/Service", principal.pointer),
            value: text(SERVICE),
        };
        let candidate = Candidate::edit(words, vec![op]);
        Some(candidate.granting(Grants::Questions))
    }

    /// AWS's own exemption, where no other service could gain by it: all services are spared.
    ///
    /// Source: IAM User Guide, "AWS global condition context keys", `aws:PrincipalIsAWSService`
    /// (read 2026-11).
    fn every_service(&self) -> Option<Candidate> {
        let names_services = self.statement.principal.iter().any(|principal| {
            let mut entries = principal.entries.iter();
            entries.any(|entry| entry.kind == PrincipalKind::Service)
        });
        if names_services
            || self.others_would_gain()
            || self.is_about("aws:principalisawsservice")
            || self.at.fault.target != Target::Bucket
        {
            return None;
        }
        let words = format!(
            "exempt AWS services from {}: `aws:PrincipalIsAWSService` = `false`",
            self.name
        );
        let value = text("false");
        let ops = condition_op(
            self.statement,
            "BoolIfExists",
            "aws:PrincipalIsAWSService",
            value,
        );
        Some(Candidate::edit(words, ops).granting(Grants::Questions))
    }

    /// Whether an Allow lets in a service besides CloudTrail, or everybody.
    fn others_would_gain(&self) -> bool {
        let statements = self.at.policy.iter().flat_map(|it| &it.policy.statements);
        let allows = statements.filter(|it| it.effect == Effect::Allow);
        allows
            .filter_map(|statement| statement.principal.as_ref())
            .any(|principal| {
                let other = |entry: &crate::iam::PrincipalEntry| match entry.kind {
                    PrincipalKind::Service => &*entry.value != SERVICE,
                    PrincipalKind::Everyone => true,
                    _ => &*entry.value == "*",
                };
                principal.negated || principal.entries.iter().any(other)
            })
    }

    /// CloudTrail is spared, and no other service.
    fn cloudtrail_only(&self) -> Option<Candidate> {
        if self.is_about("aws:principalservicename") || self.statement_names_cloudtrail() {
            return None;
        }
        let words = format!(
            "exempt CloudTrail from {}: `aws:PrincipalServiceName` is not `{SERVICE}`",
            self.name
        );
        let key = "aws:PrincipalServiceName";
        let ops = condition_op(self.statement, "StringNotEquals", key, text(SERVICE));
        Some(Candidate::edit(words, ops).granting(Grants::Questions))
    }

    fn statement_names_cloudtrail(&self) -> bool {
        self.statement.principal.iter().any(|principal| {
            let mut entries = principal.entries.iter();
            entries.any(|entry| entry.kind == PrincipalKind::Service && &*entry.value == SERVICE)
        })
    }

    /// Only the known trails are spared.
    fn known_trails(&self) -> Option<Candidate> {
        let list = self.statement.conditions.iter().find(|condition| {
            &*condition.key == "aws:sourcearn" && &*condition.operator.name == "StringNotEquals"
        });
        // Of a key or a topic too: whoever shares it is as much hit.
        let trails: Vec<_> = self.at.users.clone();
        let words = format!(
            "exempt the known trails from {}: `aws:SourceArn`",
            self.name
        );
        if list.is_some() {
            return None;
        }
        let value = grants::one_or_many(grants::arns(&trails));
        let ops = condition_op(self.statement, "StringNotEquals", "aws:SourceArn", value);
        Some(Candidate::edit(words, ops))
    }
}
