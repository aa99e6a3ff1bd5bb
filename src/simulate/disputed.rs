//! Where AWS's pages are silent or disagree: what the decision would be by the other reading.
//!
//! A policy is read again the other way and decided by the same evaluator; a reading that changes
//! nothing is not mentioned.

use super::reason::{Got, judge_plainly};
use crate::iam::{ConditionValue, Pattern, Policy, Principal, PrincipalKind, Request, Statement};

/// One open question that this decision depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Disputed {
    /// What is not settled: one clause.
    pub(super) about: &'static str,
    /// The decision by the other reading.
    pub(super) otherwise: Got,
}

/// A question, and how a statement reads the other way.
type Question = (&'static str, fn(&mut Statement, &Request<'_>));

/// IAM User Guide, `reference_policies_elements_principal`, `…_resource` and
/// `access-analyzer-reference-policy-checks`, and the AWS answers that users reported about them.
const QUESTIONS: [Question; 3] = [
    (
        "whether `{\"AWS\": \"*\"}` names service principals is reported, not documented",
        without_star_for_services,
    ),
    (
        "whether a `*` that ends a segment of an ARN reaches across colons: IAM's page says yes, S3's no",
        within_segments,
    ),
    (
        "whether a condition with an empty list holds is documented in two ways",
        without_empty_conditions,
    ),
];

/// The questions that this decision depends on.
pub(super) fn disputed(policy: &Policy, request: &Request<'_>, got: Got) -> Vec<Disputed> {
    let other = |(about, reread): &Question| {
        let mut policy = policy.clone();
        policy
            .statements
            .iter_mut()
            .for_each(|statement| reread(statement, request));
        let otherwise = judge_plainly(&policy, request);
        (otherwise != got).then_some(Disputed { about, otherwise })
    };
    QUESTIONS.iter().filter_map(other).collect()
}

fn without_star_for_services(statement: &mut Statement, request: &Request<'_>) {
    if let (Some(principal), Principal::Service { .. }) =
        (&mut statement.principal, request.principal)
    {
        principal
            .entries
            .retain(|entry| entry.kind != PrincipalKind::Aws || &*entry.value != "*");
    }
}

fn within_segments(statement: &mut Statement, _: &Request<'_>) {
    let Some(resource) = &mut statement.resource else {
        return;
    };
    for entry in &mut resource.patterns {
        // A bare `*` is every resource by all pages.
        if &*entry.text != "*" && ends_a_segment_with_star(&entry.text) {
            entry.pattern = Pattern::arn(&entry.text);
        }
    }
}

/// Whether a `*` ends one of the first five parts of an ARN, or the text before the fifth colon.
fn ends_a_segment_with_star(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let first = parts.get(..parts.len().min(5)).unwrap_or_default();
    first.iter().any(|part| part.ends_with('*'))
}

fn without_empty_conditions(statement: &mut Statement, _: &Request<'_>) {
    statement.conditions.retain(|condition| {
        let values: &[ConditionValue] = &condition.values;
        !values.is_empty()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::Context;

    fn found(statement: &str) -> Vec<Disputed> {
        let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": {statement}}}");
        let policy = Policy::read(&crate::json::parse(&text).unwrap()).unwrap();
        let principal = Principal::Service {
            name: "cloudtrail.amazonaws.com".into(),
            account: None,
        };
        let context = Context::new();
        let request = Request {
            principal: &principal,
            action: "s3:PutObject",
            resource: "arn:aws:s3:::b/k",
            context: &context,
        };
        disputed(&policy, &request, judge_plainly(&policy, &request))
    }

    #[test]
    fn each_open_question_is_named_where_it_decides() {
        for (statement, question, otherwise) in [
            (
                r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}"#,
                0,
                Got::ImplicitDeny,
            ),
            (
                r#"{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}"#,
                0,
                Got::ImplicitDeny,
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:*"}"#,
                1,
                Got::ImplicitDeny,
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:x":[]}}}"#,
                2,
                Got::Allow,
            ),
        ] {
            let about = QUESTIONS[question].0;
            assert_eq!(
                found(statement),
                [Disputed { about, otherwise }],
                "{statement}"
            );
        }
    }

    #[test]
    fn what_changes_nothing_is_not_mentioned() {
        for statement in [
            r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::b/*"}"#,
            r#"[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"},
                {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"*","Resource":"*"}]"#,
        ] {
            assert_eq!(found(statement), [], "{statement}");
        }
    }
}
