//! A placeholder of a template or of documentation was never filled in.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::PlaceholderLeftInPolicy, |t| {
        format!(
            "{} names {} as it stood in a template, so it never matches {}. {}",
            t.statement,
            t.found,
            t.trail,
            t.effect()
        )
    })
}
