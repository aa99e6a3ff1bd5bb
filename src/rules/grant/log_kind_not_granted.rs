//! Log files are covered, another kind of file is not.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::LogKindNotGranted, |t| {
        format!("{} covers {}, which leaves out a kind of file that {} writes: the whole folder {} is needed. {}", t.statement, t.found, t.trail, t.needed, t.effect())
    })
}
