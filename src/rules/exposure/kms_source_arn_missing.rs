//! Nothing in the grant of a key says whose trails may use it.

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
    let open = live(policy, id).filter(|(statement, _)| {
        !statement
            .conditions
            .iter()
            .any(|c| matches!(&*c.key, "aws:sourcearn" | "aws:sourceaccount"))
    });
    let reach = &exposure.strangers(id).reach;
    open.map(|(statement, _)| {
        let far = reach.get(&statement.index).map_or_else(
            || "so it does not say for which trails".to_owned(),
            |reach| format!("so a trail of {} could use it", reach.whose()),
        );
        let message = format!(
            "{} lets CloudTrail encrypt with the key without a condition on `aws:SourceArn`, {far}.",
            statement_words(policy.target, statement)
        );
        Draft::of_policy(policy.policy.place(&statement.pointer), message)
    })
    .collect()
}
