//! Nothing covers the folder of the account whose logs these are.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::AccountPrefixMissing, |t| {
        format!("No statement lets CloudTrail write into the folder of account {}: {} needs `s3:PutObject` on {}. {}", t.delivery.trail.account, t.trail, t.needed, t.effect())
    })
}
