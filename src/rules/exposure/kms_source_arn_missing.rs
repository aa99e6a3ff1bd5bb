//! Nothing in the grant of a key says whose trails may use it.

use crate::delivery::{RequestId, Target};
use crate::diagnosis::PolicyUse;
use crate::exposure::Exposure;
use crate::rules::Severity;
use crate::rules::exposure::live;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    match policy.target {
        Target::Key => {}
        Target::TopicKey => return of_topic(policy),
        Target::Bucket | Target::Topic | Target::LogRole => return Vec::new(),
    }
    let id = RequestId::GenerateDataKey;
    let strangers = exposure.strangers(id);
    let drafts = live(policy, id).filter_map(|(statement, _)| {
        let words = statement_words(policy.target, statement);
        let place = policy.policy.place(&statement.pointer);
        let reach = strangers.reach.get(&statement.index);
        let source = statement.conditions.iter().find(|condition| {
            matches!(&*condition.key, "aws:sourcearn" | "aws:sourceaccount")
        });
        if let Some(source) = source {
            let message = format!(
                "{words} lets CloudTrail encrypt with the key, and its condition on `{}` admits a trail of {}.",
                source.key_text,
                reach?.whose()
            );
            return Some(Draft::of_policy(policy.policy.place(&source.pointer), message));
        }
        let without = "lets CloudTrail encrypt with the key without a condition on `aws:SourceArn`, so";
        if let Some(reach) = reach {
            let message = format!("{words} {without} a trail of {} could use it.", reach.whose());
            return Some(Draft::of_policy(place, message));
        }
        let draft = Draft::of_policy(place, format!("{words} {without} it does not say for which trails."));
        if strangers.open.contains(&statement.index) {
            return Some(draft);
        }
        let draft = draft.and("Trails of other accounts are kept out all the same, so this is advice.");
        Some(draft.at_most(Severity::Low))
    });
    drafts.collect()
}

/// AWS publishes the statement for a topic's key without a condition and advises to add the source, but not
/// what CloudTrail sends as such (CloudTrail User Guide, "Amazon SNS topic policy for CloudTrail"; SNS
/// Developer Guide, "Managing encryption keys"; read 2026-11): only advice.
fn of_topic(policy: &PolicyUse<'_>) -> Vec<Draft> {
    let open = live(policy, RequestId::TopicGenerateDataKey);
    let open = open.filter(|(statement, _)| {
        let mut keys = statement.conditions.iter().map(|condition| &*condition.key);
        !keys.any(|key| key.starts_with("aws:source") || key.starts_with("kms:encryptioncontext"))
    });
    open.map(|(statement, _)| {
        let message = format!(
            "{} lets CloudTrail use the topic's key for trails of any AWS account, for their log files as well as for \
             messages. AWS advises a condition on `aws:SourceArn`, but does not say what CloudTrail sends with a \
             topic's key: try it out before you rely on it.",
            statement_words(policy.target, statement)
        );
        Draft::of_policy(policy.policy.place(&statement.pointer), message).at_most(Severity::Low)
    })
    .collect()
}
