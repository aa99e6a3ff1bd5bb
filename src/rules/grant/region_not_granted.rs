//! Only some Regions are covered.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::RegionNotGranted, |t| {
        format!("{} covers {}, but {} writes a folder for every Region it logs: the whole folder {} is needed. {}", t.statement, t.found, t.trail, t.needed, t.effect())
    })
}
