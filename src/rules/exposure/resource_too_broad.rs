//! A statement for CloudTrail covers the folders of accounts that have no trail here.

use crate::delivery::{RequestId, Target};
use crate::exposure::Exposure;
use crate::rules::Severity;
use crate::rules::exposure::live;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(exposure: &Exposure<'_, '_>) -> Vec<Draft> {
    let policy = exposure.policy;
    if policy.target != Target::Bucket {
        return Vec::new();
    }
    let id = RequestId::PutLogFiles;
    let strangers = exposure.strangers(id);
    let mut drafts = Vec::new();
    for (statement, _) in live(policy, id) {
        let covered = strangers.covered.get(&statement.index);
        let (Some(reach), Some(resource)) = (covered, &statement.resource) else {
            continue;
        };
        // A folder that was meant otherwise is told as what it was meant for.
        let plain = reach.witness.folder.starts_with("AWSLogs/");
        if policy.blamed.contains(&statement.index) && !plain {
            continue;
        }
        let message = format!(
            "{} covers folders of accounts that have no trail here, such as `{}`: name the folder of each account, or of \
             the organization.",
            statement_words(policy.target, statement),
            reach.witness.folder
        );
        let draft = Draft::of_policy(policy.policy.place(&resource.pointer), message);
        drafts.push(if strangers.open.contains(&statement.index) {
            draft
        } else {
            draft
                .and("Trails of other accounts are kept out all the same, so this is advice.")
                .at_most(Severity::Low)
        });
    }
    drafts
}
