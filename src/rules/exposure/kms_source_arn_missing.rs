//! Nothing in the grant of a key says whose trails may use it.

use crate::delivery::{RequestId, Target};
use crate::diagnosis::PolicyUse;
use crate::rules::exposure::live;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if policy.target != Target::Key {
        return Vec::new();
    }
    let open = live(policy, RequestId::GenerateDataKey).filter(|(statement, _)| {
        !statement
            .conditions
            .iter()
            .any(|c| matches!(&*c.key, "aws:sourcearn" | "aws:sourceaccount"))
    });
    open.map(|(statement, _)| {
        let message = format!(
            "{} lets CloudTrail encrypt with the key without a condition on `aws:SourceArn`, so it does not say for which \
             trails.",
            statement_words(policy.target, statement)
        );
        Draft::of_policy(policy.policy.place(&statement.pointer), message)
    })
    .collect()
}
