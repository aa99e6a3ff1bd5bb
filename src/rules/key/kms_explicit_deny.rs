//! A Deny in the key policy hits CloudTrail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsExplicitDeny, |t| {
        format!(
            "{} denies CloudTrail the use of the key for {}{}. {}",
            t.statement,
            t.trail,
            if t.condition.is_empty() {
                String::new()
            } else {
                format!(", by {} with {}", t.condition, t.found)
            },
            t.effect()
        )
    })
}
