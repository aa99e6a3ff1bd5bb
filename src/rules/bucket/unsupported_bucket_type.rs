//! The bucket name is that of an access point or a directory bucket.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::UnsupportedBucketType, |t| {
        format!("`{}`, to which {} delivers, is the name of an access point or a directory bucket, and CloudTrail delivers to general purpose buckets only.", t.delivery.bucket.name, t.trail)
    })
}
