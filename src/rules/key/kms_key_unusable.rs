//! The key is of a state or kind that cannot encrypt.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsKeyUnusable, |t| {
        format!("The key of {} cannot be used{}: CloudTrail needs an enabled, symmetric encryption key. {}", t.trail, if t.found.is_empty() { String::new() } else { format!(" (it is {})", t.found) }, t.effect())
    })
}
