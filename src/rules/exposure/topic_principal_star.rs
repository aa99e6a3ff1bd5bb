//! The topic policy lets everybody in.

use crate::delivery::Target;
use crate::diagnosis::PolicyUse;
use crate::rules::exposure::{everybody_words, open_to_everybody};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if policy.target != Target::Topic {
        return Vec::new();
    }
    let open = open_to_everybody(policy.target, &policy.policy.policy);
    open.map(|(statement, entry)| {
        let message = everybody_words(policy.target, statement);
        Draft::of_policy(policy.policy.place(&entry.pointer), message)
    })
    .collect()
}
