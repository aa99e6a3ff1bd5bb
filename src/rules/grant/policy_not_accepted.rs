//! The policy holds something that AWS refuses when the policy is put.

use crate::diagnosis::PolicyUse;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    let problems = policy
        .policy
        .policy
        .problems
        .iter()
        .filter(|problem| problem.kind.is_refused());
    problems
        .map(|problem| {
            let message = format!(
                "The {} would not be accepted by AWS, or loses a part of what it says: {}.",
                policy.target.noun(),
                problem.message
            );
            Draft::of_policy(policy.policy.place(&problem.pointer), message)
        })
        .collect()
}
