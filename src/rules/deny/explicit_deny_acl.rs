//! A Deny on the ACL header hits a request that carries none.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ExplicitDenyAcl, |t| {
        format!("{} denies requests by {} with {}. CloudTrail sends `bucket-owner-full-control` when it writes, and no ACL when it calls `s3:GetBucketAcl`. {}", t.statement, t.condition, t.found, t.effect())
    })
}
