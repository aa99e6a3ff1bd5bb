//! The bucket does not exist.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::BucketMissing, |t| {
        format!(
            "Bucket `{}`, to which {} delivers, does not exist. {}",
            t.delivery.bucket.name,
            t.trail,
            t.effect()
        )
    })
}
