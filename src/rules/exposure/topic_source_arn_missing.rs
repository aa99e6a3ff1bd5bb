//! Nothing in the topic policy says whose trails may publish.

use crate::delivery::{RequestId, Target};
use crate::diagnosis::PolicyUse;
use crate::rules::exposure::{as_stranger, live};
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if policy.target != Target::Topic {
        return Vec::new();
    }
    let id = RequestId::Publish;
    let open = live(policy, id).filter(|(statement, example)| {
        policy.would_apply(
            statement.index,
            id.action(),
            &as_stranger(policy, example),
            None,
        )
    });
    open.map(|(statement, _)| {
        let message = format!(
            "{} lets CloudTrail publish for trails of any AWS account: no `aws:SourceArn` says whose.",
            statement_words(policy.target, statement)
        );
        Draft::of_policy(policy.policy.place(&statement.pointer), message)
    })
    .collect()
}
