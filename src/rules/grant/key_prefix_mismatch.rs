//! The policy's folder before `AWSLogs` is not the trail's key prefix.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KeyPrefixMismatch, |t| {
        format!(
            "{} covers {}, but {} writes to {}. {}",
            t.statement,
            t.found,
            t.trail,
            t.needed,
            t.effect()
        )
    })
}
