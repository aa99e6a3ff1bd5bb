//! The bucket is Requester Pays.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::RequesterPays, |t| {
        format!("Bucket `{}` is Requester Pays, and CloudTrail does not deliver to such a bucket, whatever the policy says ({}).", t.delivery.bucket.name, t.trail)
    })
}
