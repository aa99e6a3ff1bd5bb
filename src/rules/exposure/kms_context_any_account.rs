//! The encryption context condition admits trails of any account.

use crate::delivery::{RequestId, Target};
use crate::exposure::Exposure;
use crate::rules::exposure::live;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    if policy.target != Target::Key {
        return Vec::new();
    }
    let id = RequestId::GenerateDataKey;
    let reach = &exposure.strangers(id).reach;
    let mut drafts = Vec::new();
    for (statement, _) in live(policy, id) {
        let context = statement
            .conditions
            .iter()
            .find(|c| &*c.key == "kms:encryptioncontext:aws:cloudtrail:arn");
        let (Some(condition), Some(reach)) = (context, reach.get(&statement.index)) else {
            continue;
        };
        let message = format!(
            "{} has a condition on the encryption context, but one that trails of other AWS accounts meet, such as \
             `{}` of {}: name the account in it.",
            statement_words(policy.target, statement),
            reach.witness.trail,
            reach.whose()
        );
        drafts.push(Draft::of_policy(
            policy.policy.place(&condition.pointer),
            message,
        ));
    }
    drafts
}
