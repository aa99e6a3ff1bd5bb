//! Nothing in the grant of a key says whose trails may use it.

use crate::delivery::{RequestId, Target};
use crate::exposure::Exposure;
use crate::rules::Severity;
use crate::rules::exposure::live;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    if policy.target != Target::Key {
        return Vec::new();
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
