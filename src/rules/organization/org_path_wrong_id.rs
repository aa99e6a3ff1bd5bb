//! The folder meant for the organization names something else.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::OrgPathWrongId, |t| {
        format!("{} covers {}, where the organization's id should stand: the organization {} writes to {}. {}", t.statement, t.found, t.trail, t.needed, t.effect())
    })
}
