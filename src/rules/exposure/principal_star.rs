//! The bucket policy lets everybody in.

use crate::delivery::Target;
use crate::diagnosis::PolicyUse;
use crate::rules::Severity;
use crate::rules::exposure::{everybody_words, open_to_everybody};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if policy.target != Target::Bucket {
        return Vec::new();
    }
    // Source: Amazon S3 User Guide, "Blocking public access" (read 2026-11).
    let restricted = policy
        .bucket
        .is_some_and(|bucket| matches!(bucket.protection.restricted.present(), Some((true, _))));
    let open = open_to_everybody(policy.target, &policy.policy.policy);
    open.map(|(statement, entry)| {
        let message = everybody_words(policy.target, statement);
        let draft = Draft::of_policy(policy.policy.place(&entry.pointer), message);
        if restricted {
            draft
                .and("For now `RestrictPublicBuckets` keeps all but the owner's account and AWS services out.")
                .at_most(Severity::Medium)
        } else {
            draft
        }
    })
    .collect()
}
