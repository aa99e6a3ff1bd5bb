//! `aws:SourceOrgID` names another organization.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::SourceOrgIdWrong, |t| {
        format!(
            "{} asks for {} = {}, but account {} belongs to {}. {}",
            t.statement,
            t.condition,
            t.found,
            t.delivery.trail.account,
            if t.fault.needed.is_empty() {
                "another organization".to_owned()
            } else {
                t.needed.clone()
            },
            t.effect()
        )
    })
}
