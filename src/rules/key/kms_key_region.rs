//! The key is not in the bucket's Region.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsKeyRegion, |t| {
        format!("The key of {} lies in Region {}, its bucket in {}: CloudTrail needs a key in the bucket's Region. {}", t.trail, t.found, t.needed, t.effect())
    })
}
