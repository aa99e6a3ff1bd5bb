//! The key policy lets everybody in.

use crate::delivery::Target;
use crate::diagnosis::PolicyUse;
use crate::rules::exposure::open_to_everybody;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if policy.target != Target::Key {
        return Vec::new();
    }
    let open = open_to_everybody(policy.target, &policy.policy.policy);
    open.map(|(statement, entry)| {
        let message = format!(
            "{} grants its actions to everybody: no condition limits who may use the key.",
            statement_words(policy.target, statement)
        );
        Draft::of_policy(policy.policy.place(&entry.pointer), message)
    })
    .collect()
}
