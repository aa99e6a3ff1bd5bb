//! Nothing in the grant of a key says what may be encrypted with it.

use crate::delivery::{RequestId, Target};
use crate::exposure::Exposure;
use crate::rules::exposure::live;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    if policy.target != Target::Key {
        return Vec::new();
    }
    let open = live(policy, RequestId::GenerateDataKey).filter(|(statement, _)| {
        !statement
            .conditions
            .iter()
            .any(|condition| says_whose(&condition.key))
    });
    open.map(|(statement, _)| {
        let message = format!(
            "{} lets CloudTrail encrypt anything with the key: no condition on \
             `kms:EncryptionContext:aws:cloudtrail:arn` says whose log files.",
            statement_words(policy.target, statement)
        );
        Draft::of_policy(policy.policy.place(&statement.pointer), message)
    })
    .collect()
}

/// Whether a condition ties the grant to trails or to what they write.
fn says_whose(key: &str) -> bool {
    key.starts_with("kms:encryptioncontext") || matches!(key, "aws:sourcearn" | "aws:sourceaccount")
}
