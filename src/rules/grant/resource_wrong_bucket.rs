//! The Resource names another bucket.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ResourceWrongBucket, |t| {
        format!(
            "{} covers {}, but {} delivers to bucket `{}`: the Resource must be {}. {}",
            t.statement,
            t.found,
            t.trail,
            t.delivery.bucket.name,
            t.needed,
            t.effect()
        )
    })
}
