//! A Deny for sources that are not listed hits the trail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ExplicitDenySource, |t| {
        format!(
            "{} denies requests by {} with {}, which hits {} ({}). {}",
            t.statement,
            t.condition,
            t.found,
            t.trail,
            t.arn,
            t.effect()
        )
    })
}
