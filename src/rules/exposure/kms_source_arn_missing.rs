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
    let open = live(policy, id).filter(|(statement, _)| {
        !statement
            .conditions
            .iter()
            .any(|c| matches!(&*c.key, "aws:sourcearn" | "aws:sourceaccount"))
    });
    let strangers = exposure.strangers(id);
    open.map(|(statement, _)| {
        let words = statement_words(policy.target, statement);
        let place = policy.policy.place(&statement.pointer);
        let without =
            "lets CloudTrail encrypt with the key without a condition on `aws:SourceArn`, so";
        if let Some(reach) = strangers.reach.get(&statement.index) {
            let message = format!(
                "{words} {without} a trail of {} could use it.",
                reach.whose()
            );
            return Draft::of_policy(place, message);
        }
        let draft = Draft::of_policy(
            place,
            format!("{words} {without} it does not say for which trails."),
        );
        if strangers.open.contains(&statement.index) {
            return draft;
        }
        draft
            .and("Trails of other accounts are kept out all the same, so this is advice.")
            .at_most(Severity::Low)
    })
    .collect()
}
