//! `aws:SourceAccount` names another account than the trail's owner.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::SourceAccountMismatch, |t| {
        format!(
            "{} asks for {} = {}, but for {} CloudTrail sends the account that owns the trail, {}.{} {}",
            t.statement,
            t.condition,
            t.found,
            t.trail,
            t.needed,
            t.whose_organization_trail(),
            t.effect()
        )
    })
}
