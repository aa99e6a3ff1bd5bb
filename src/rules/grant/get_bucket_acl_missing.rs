//! Nothing grants `s3:GetBucketAcl` on the bucket.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::GetBucketAclMissing, |t| {
        format!("No statement lets CloudTrail call `s3:GetBucketAcl` on the bucket itself ({}), which it does when {} is created or changed. {}", t.needed, t.trail, t.effect())
    })
}
