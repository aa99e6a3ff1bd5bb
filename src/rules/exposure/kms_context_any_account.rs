//! The encryption context condition admits trails of any account.

use crate::delivery::{RequestId, Target};
use crate::diagnosis::PolicyUse;
use crate::rules::exposure::{as_stranger, live};
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if policy.target != Target::Key {
        return Vec::new();
    }
    let id = RequestId::GenerateDataKey;
    let mut drafts = Vec::new();
    for (statement, example) in live(policy, id) {
        let context = statement
            .conditions
            .iter()
            .find(|c| &*c.key == "kms:encryptioncontext:aws:cloudtrail:arn");
        let Some(condition) = context else { continue };
        if !policy.would_apply(
            statement.index,
            id.action(),
            &as_stranger(policy, example),
            None,
        ) {
            continue;
        }
        let message = format!(
            "{} has a condition on the encryption context, but one that trails of any AWS account meet: name the account \
             in it.",
            statement_words(policy.target, statement)
        );
        drafts.push(Draft::of_policy(
            policy.policy.place(&condition.pointer),
            message,
        ));
    }
    drafts
}
