//! Another Deny hits CloudTrail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ExplicitDenyCloudtrail, |t| {
        format!(
            "{} denies a request that CloudTrail makes for {}{}. {}",
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
