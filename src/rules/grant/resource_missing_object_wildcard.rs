//! The Resource does not end in `/*`, so it names no object.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ResourceMissingObjectWildcard, |t| {
        format!("{} covers only {}, which is not the name of any log file: files of {} lie below that folder, so the Resource must be {}. {}", t.statement, t.found, t.trail, t.needed, t.effect())
    })
}
