//! CloudTrail writes to the bucket for accounts that nobody has named.

use crate::delivery::{RequestId, Target};
use crate::exposure::Exposure;
use crate::iam::{Statement, unknown::has_unknown};
use crate::rules::Severity;
use crate::rules::exposure::open_to_everybody;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    if policy.target != Target::Bucket {
        return Vec::new();
    }
    // Where everybody may write, that is the finding.
    let everybody: Vec<usize> = open_to_everybody(policy.target, &policy.policy.policy)
        .map(|(statement, _)| statement.index)
        .collect();
    let mut drafts = Vec::new();
    for (index, reach) in &exposure.strangers(RequestId::PutLogFiles).reach {
        let Some(statement) = policy.policy.policy.statements.get(*index) else {
            continue;
        };
        if everybody.contains(index) || may_name_an_account(statement, &reach.witness.folder) {
            continue;
        }
        let place = statement
            .resource
            .as_ref()
            .map_or(&statement.pointer, |resource| &resource.pointer);
        let message = format!(
            "{} admits strangers: a trail of {} could write to `{}`.",
            statement_words(policy.target, statement),
            reach.whose(),
            reach.witness.folder
        );
        let draft = Draft::of_policy(policy.policy.place(place), message);
        drafts.push(less_if_not_creatable(exposure, draft));
    }
    drafts
}

/// Whether an account's folder may stand in what is not known of a statement's objects, so that it need not admit
/// strangers at all.
fn may_name_an_account(statement: &Statement, folder: &str) -> bool {
    let mut patterns = statement.resource.iter().flat_map(|it| &it.patterns);
    has_unknown(folder) && !patterns.any(|pattern| pattern.text.contains("AWSLogs"))
}

/// CloudTrail asks for the bucket's ACL when a trail is created; where that is refused to strangers, only
/// a trail that exists already would write.
fn less_if_not_creatable(exposure: &Exposure<'_, '_>, draft: Draft) -> Draft {
    let asks = exposure.strangers(RequestId::GetBucketAcl);
    let answered = !exposure.policy.asked.contains_key(&RequestId::GetBucketAcl);
    if answered || !asks.reach.is_empty() {
        return draft;
    }
    draft
        .and("Only that `s3:GetBucketAcl` is refused to it keeps such a trail from being created.")
        .at_most(Severity::High)
}
