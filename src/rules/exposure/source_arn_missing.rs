//! Nothing in a statement says whose trails may use it.

use crate::delivery::{RequestId, Target};
use crate::exposure::Exposure;
use crate::iam::Statement;
use crate::rules::Severity;
use crate::rules::exposure::live;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    if policy.target != Target::Bucket {
        return Vec::new();
    }
    let open = |id: RequestId| {
        let open = &exposure.strangers(id).open;
        live(policy, id)
            .map(|(statement, _)| statement)
            .filter(|statement| open.contains(&statement.index))
    };
    let writes: Vec<&Statement> = open(RequestId::PutLogFiles).collect();
    let asks = open(RequestId::GetBucketAcl).filter(|asks| {
        let same = |writes: &&Statement| writes.index == asks.index;
        !writes.iter().any(same)
    });
    let asks: Vec<Draft> = asks.map(|statement| ask(exposure, statement)).collect();
    let mut drafts: Vec<Draft> = writes
        .iter()
        .map(|statement| write(exposure, statement))
        .collect();
    drafts.extend(asks);
    drafts
}

fn write(exposure: &Exposure<'_, '_>, statement: &Statement) -> Draft {
    let policy = exposure.policy;
    let words = statement_words(policy.target, statement);
    let place = policy.policy.place(&statement.pointer);
    let strangers = exposure.strangers(RequestId::PutLogFiles);
    let index = statement.index;
    if !strangers.covered.contains_key(&index) && !strangers.reach.contains_key(&index) {
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
    let draft = Draft::of_policy(place, message);
    if strangers.reach.contains_key(&index) {
        return draft.and("How far that reaches is told by `any-account-may-write`.");
    }
    draft
}

fn ask(exposure: &Exposure<'_, '_>, statement: &Statement) -> Draft {
    let policy = exposure.policy;
    let words = statement_words(policy.target, statement);
    let message = format!(
        "{words} lets CloudTrail call `s3:GetBucketAcl` for trails of any AWS account: that tells a stranger that the \
         bucket exists, and nothing more."
    );
    Draft::of_policy(policy.policy.place(&statement.pointer), message).at_most(Severity::Low)
}
