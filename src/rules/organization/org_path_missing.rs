//! Nothing covers the organization's folder.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::OrgPathMissing, |t| {
        format!("No statement lets CloudTrail write into the whole organization's folder: the organization {} puts the files of every account below {}. {}{}", t.trail, t.needed, t.nearest(), t.effect())
    })
}
