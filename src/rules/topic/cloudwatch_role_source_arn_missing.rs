//! The trust policy of the CloudWatch Logs role does not say for which trails CloudTrail may assume it.

use crate::delivery::context::SERVICE;
use crate::diagnosis::Diagnosis;
use crate::iam::{Effect, PrincipalKind, Statement};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let trail = diagnosis.delivery.trail;
    let role = trail
        .log_role
        .as_deref()
        .and_then(|arn| diagnosis.delivery.estate.role(arn));
    let Some((role, policy)) = role.and_then(|role| Some((role, role.trust.present()?))) else {
        return Vec::new();
    };
    let open = policy
        .policy
        .statements
        .iter()
        .filter(|statement| is_open(statement));
    open.map(|statement| {
        let message = format!(
            "The trust policy of role `{}` lets CloudTrail assume it for any trail of account {}: no condition on \
             `aws:SourceArn` says for which.",
            role.name, role.account
        );
        Draft::of_account(&role.account, policy.place(&statement.pointer), message)
    })
    .collect()
}

fn is_open(statement: &Statement) -> bool {
    let entries = statement
        .principal
        .iter()
        .flat_map(|principal| &principal.entries);
    let for_cloudtrail = entries
        .into_iter()
        .any(|entry| entry.kind == PrincipalKind::Service && &*entry.value == SERVICE);
    let by_source = statement
        .conditions
        .iter()
        .any(|condition| condition.key.starts_with("aws:source"));
    statement.effect == Effect::Allow && for_cloudtrail && !by_source
}
