//! A condition on the transport whose outcome depends on whether AWS sends the key.

use crate::delivery::Target;
use crate::diagnosis::PolicyUse;
use crate::iam::{BaseOperator, Condition, Effect, Statement};
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if policy.target != Target::Bucket {
        return Vec::new();
    }
    let statements = policy.policy.policy.statements.iter();
    let uncertain = statements
        .filter(|statement| !exempts_services(statement))
        .filter_map(|statement| {
            let condition = statement
                .conditions
                .iter()
                .find(|condition| is_uncertain(statement, condition))?;
            Some((statement, condition))
        });
    uncertain
        .map(|(statement, condition)| {
            let message = format!(
                "{} has `{}` on `{}`, whose outcome depends on whether CloudTrail's requests carry that key; two AWS pages \
                 disagree. Such statements are in use on buckets that work (reported, not documented). A Deny with `Bool` \
                 `aws:SecureTransport` = `false` is safe in both cases.",
                statement_words(policy.target, statement),
                condition.operator.name,
                condition.key_text
            );
            Draft::of_policy(policy.policy.place(&condition.pointer), message)
        })
        .collect()
}

/// Whether a missing key would change the outcome against CloudTrail.
fn is_uncertain(statement: &Statement, condition: &Condition) -> bool {
    if !matches!(&*condition.key, "aws:securetransport" | "s3:tlsversion") {
        return false;
    }
    match statement.effect {
        Effect::Allow => !condition.operator.if_exists,
        Effect::Deny => {
            let base = condition.operator.base;
            condition.operator.if_exists
                || base == Some(BaseOperator::Null)
                || base.is_some_and(BaseOperator::is_negated)
        }
        Effect::Invalid => false,
    }
}

fn exempts_services(statement: &Statement) -> bool {
    statement
        .conditions
        .iter()
        .any(|condition| &*condition.key == "aws:principalisawsservice")
}
