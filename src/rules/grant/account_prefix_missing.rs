//! The policy does not know the account whose logs these are: neither its folder nor its trail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::{Draft, Told};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::AccountPrefixMissing, |t| {
        if t.fault.condition.is_some() {
            unlisted(t)
        } else {
            uncovered(t)
        }
    })
}

fn uncovered(t: &Told<'_>) -> String {
    format!(
        "No statement lets CloudTrail write into the folder of account {}: {} needs `s3:PutObject` on {}. {}{}",
        t.delivery.trail.account,
        t.trail,
        t.needed,
        t.nearest(),
        t.effect()
    )
}

fn unlisted(t: &Told<'_>) -> String {
    format!(
        "{} admits trails of other accounts only ({}), and none of account {}: {}, {}, must be added to its list. {}",
        t.statement,
        t.found,
        t.delivery.trail.account,
        t.trail,
        t.arn,
        t.effect()
    )
}
