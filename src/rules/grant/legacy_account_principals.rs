//! The policy names accounts that CloudTrail used before it had a service principal.

use crate::delivery::{Target, legacy_region};
use crate::diagnosis::PolicyUse;
use crate::iam::{Effect, PrincipalKind};
use crate::rules::finding::{Draft, list, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if matches!(policy.target, Target::Key | Target::TopicKey) {
        return Vec::new();
    }
    let mut drafts = Vec::new();
    for statement in policy
        .policy
        .policy
        .statements
        .iter()
        .filter(|s| s.effect == Effect::Allow)
    {
        let Some(principal) = &statement.principal else {
            continue;
        };
        let entries = principal
            .entries
            .iter()
            .filter(|entry| entry.kind == PrincipalKind::Aws);
        let regions: Vec<&str> = entries
            .filter_map(|entry| legacy_region(&entry.value))
            .collect();
        if regions.is_empty() {
            continue;
        }
        let message = format!(
            "{} names accounts that CloudTrail used before 2015, each for one Region ({}). Newer Regions have none, and \
             no `aws:SourceArn` can say whose trail it is: name the service `cloudtrail.amazonaws.com` instead.",
            statement_words(policy.target, statement),
            list(regions.into_iter(), 4)
        );
        drafts.push(Draft::of_policy(
            policy.policy.place(&principal.pointer),
            message,
        ));
    }
    drafts
}
