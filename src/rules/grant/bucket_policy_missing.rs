//! The bucket has no policy at all, so nothing lets CloudTrail in.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::BucketPolicyMissing, |t| {
        format!("Bucket `{}` has no bucket policy, so nothing lets CloudTrail write to it: every request for {} is refused.", t.delivery.bucket.name, t.trail)
    })
}
