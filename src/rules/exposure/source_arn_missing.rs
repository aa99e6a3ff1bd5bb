//! Nothing in a statement says whose trails may use it.

use crate::delivery::{RequestId, Target};
use crate::diagnosis::PolicyUse;
use crate::iam::Statement;
use crate::model::arn::is_account_id;
use crate::rules::Severity;
use crate::rules::exposure::{as_stranger, live};
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    if policy.target != Target::Bucket {
        return Vec::new();
    }
    let open = |id: RequestId| {
        live(policy, id).filter(move |(statement, example)| {
            policy.would_apply(
                statement.index,
                id.action(),
                &as_stranger(policy, example),
                None,
            )
        })
    };
    let writes: Vec<&Statement> = open(RequestId::PutLogFiles)
        .map(|(statement, _)| statement)
        .collect();
    let asks = open(RequestId::GetBucketAcl).map(|(statement, _)| statement);
    let asks: Vec<&Statement> = asks
        .filter(|s| !writes.iter().any(|w| w.index == s.index))
        .collect();
    let mut drafts: Vec<Draft> = writes
        .into_iter()
        .map(|statement| write(policy, statement))
        .collect();
    drafts.extend(asks.into_iter().map(|statement| ask(policy, statement)));
    drafts
}

fn write(policy: &PolicyUse<'_>, statement: &Statement) -> Draft {
    let words = statement_words(policy.target, statement);
    let place = policy.policy.place(&statement.pointer);
    if names_owners(statement) {
        let message = format!(
            "{words} lets CloudTrail write for any trail of the accounts in its Resource: no `aws:SourceArn` says which \
             trail is meant. Other accounts cannot reach those folders, so this is advice."
        );
        return Draft::of_policy(place, message).at_most(Severity::Low);
    }
    let message = format!(
        "{words} lets CloudTrail write for trails of any AWS account: no condition on `aws:SourceArn`, \
         `aws:SourceAccount` or `aws:SourceOrgID` says whose trails are meant."
    );
    Draft::of_policy(place, message)
}

fn ask(policy: &PolicyUse<'_>, statement: &Statement) -> Draft {
    let words = statement_words(policy.target, statement);
    let message = format!(
        "{words} lets CloudTrail call `s3:GetBucketAcl` for trails of any AWS account: that tells a stranger that the \
         bucket exists, and nothing more."
    );
    Draft::of_policy(policy.policy.place(&statement.pointer), message).at_most(Severity::Low)
}

/// Whether every Resource names the folder of one account or organization. A foreign trail's objects
/// always lie in its own account's folder, so it cannot reach those.
fn names_owners(statement: &Statement) -> bool {
    statement
        .resource
        .as_ref()
        .filter(|resource| !resource.negated)
        .is_some_and(|resource| {
            resource.patterns.iter().all(|entry| {
                let owner = entry
                    .text
                    .split_once("AWSLogs/")
                    .and_then(|(_, rest)| rest.split('/').next());
                owner.is_some_and(|owner| {
                    is_account_id(owner) || owner.starts_with("o-") && !owner.contains('*')
                })
            })
        })
}
