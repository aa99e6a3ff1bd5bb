//! The policy holds something that AWS refuses when the policy is put.

use crate::diagnosis::PolicyUse;
use crate::rules::bucket::policy_near_size_limit::size_and_limit;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    let problems = policy
        .policy
        .policy
        .problems
        .iter()
        .filter(|problem| problem.kind.is_refused());
    let mut drafts: Vec<Draft> = problems
        .map(|problem| {
            let message = format!(
                "The {} would not be accepted by AWS, or loses a part of what it says: {}.",
                policy.target.noun(),
                problem.message
            );
            Draft::of_policy(policy.policy.place(&problem.pointer), message)
        })
        .collect();
    if let Some((size, limit)) = size_and_limit(policy).filter(|(size, limit)| size > limit) {
        let message = format!(
            "The {} has {size} bytes without white space, and AWS does not accept more than {limit}: it cannot be stored \
             as it is. Put accounts into lists of one statement, or name each account's trails with one pattern under \
             `ArnLike`.",
            policy.target.noun()
        );
        drafts.push(Draft::of_policy(policy.policy.place("/Statement"), message));
    }
    drafts
}
