//! A Deny for everybody but the principals named hits CloudTrail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ExplicitDenyNotPrincipal, |t| {
        format!("{} denies everybody whom its `NotPrincipal` does not name. It does not name the service `cloudtrail.amazonaws.com`, so the Deny hits {}. {}", t.statement, t.trail, t.effect())
    })
}
