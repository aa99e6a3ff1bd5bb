//! The grant ends at a date, or ended.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::GrantExpires, |t| {
        format!(
            "{} no longer lets {} write: {} has run out or lies ahead. {}",
            t.statement,
            t.trail,
            t.found,
            t.effect()
        )
    })
}
