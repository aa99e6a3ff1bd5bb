//! The key is disabled.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsKeyDisabled, |t| {
        format!(
            "The key of {} is disabled, so nothing can be encrypted with it. {}",
            t.trail,
            t.effect()
        )
    })
}
