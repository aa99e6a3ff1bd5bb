//! A Deny on encryption headers hits CloudTrail's writes.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::encryption::{probes, sent};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ExplicitDenyEncryption, |t| {
        format!(
            "{} denies writes by {} with {}. CloudTrail sends {} for {}{}. {}",
            t.statement,
            t.condition,
            t.found,
            sent(t),
            t.trail,
            probes(t),
            t.effect()
        )
    })
}
