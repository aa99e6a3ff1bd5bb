//! Nothing in the topic policy says whose trails may publish.

use crate::delivery::{RequestId, Target};
use crate::exposure::Exposure;
use crate::rules::exposure::{live, open_to_everybody};
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    if policy.target != Target::Topic {
        return Vec::new();
    }
    let id = RequestId::Publish;
    let strangers = exposure.strangers(id);
    // Where everybody may publish, strangers' trails are not worth a finding of their own.
    let everybody = |index: usize| {
        open_to_everybody(policy.target, &policy.policy.policy)
            .any(|(statement, _)| statement.index == index)
    };
    let open = live(policy, id).filter(|(statement, _)| {
        strangers.open.contains(&statement.index) && !everybody(statement.index)
    });
    open.map(|(statement, _)| {
        let shown = strangers.reach.get(&statement.index).map_or_else(
            || "trails of any AWS account".to_owned(),
            |reach| format!("a trail of {}", reach.whose()),
        );
        let message = format!(
            "{} lets CloudTrail publish for {shown}: no `aws:SourceArn` says whose trails are meant.",
            statement_words(policy.target, statement)
        );
        Draft::of_policy(policy.policy.place(&statement.pointer), message)
    })
    .collect()
}
