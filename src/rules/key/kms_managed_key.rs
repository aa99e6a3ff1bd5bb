//! The key is one that AWS manages, whose policy cannot admit CloudTrail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsManagedKey, |t| {
        format!("The key of {} is managed by AWS. Its policy does not admit CloudTrail and cannot be changed: use a customer managed key. {}", t.trail, t.effect())
    })
}
