//! Nothing in the grant of a key says what may be encrypted with it.

use crate::delivery::{RequestId, Target};
use crate::exposure::Exposure;
use crate::rules::Severity;
use crate::rules::exposure::live;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    let id = match policy.target {
        Target::Key => RequestId::GenerateDataKey,
        Target::TopicKey => RequestId::TopicGenerateDataKey,
        Target::Bucket | Target::Topic | Target::LogRole => return Vec::new(),
    };
    let open = live(policy, id).filter(|(statement, _)| {
        !statement
            .conditions
            .iter()
            .any(|condition| says_whose(&condition.key))
    });
    open.map(|(statement, _)| {
        let words = statement_words(policy.target, statement);
        let place = policy.policy.place(&statement.pointer);
        if policy.target == Target::TopicKey {
            let message = format!(
                "{words} lets CloudTrail encrypt anything with the topic's key, log files of other accounts among it: no \
                 condition on `kms:EncryptionContext:aws:sns:topicArn` keeps it to the topic's messages."
            );
            return Draft::of_policy(place, message).at_most(Severity::Low);
        }
        let message = format!(
            "{words} lets CloudTrail encrypt anything with the key: no condition on \
             `kms:EncryptionContext:aws:cloudtrail:arn` says whose log files."
        );
        Draft::of_policy(place, message)
    })
    .collect()
}

/// Whether a condition ties the grant to trails or to what they write.
fn says_whose(key: &str) -> bool {
    key.starts_with("kms:encryptioncontext") || matches!(key, "aws:sourcearn" | "aws:sourceaccount")
}
