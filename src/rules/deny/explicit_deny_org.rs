//! A Deny for callers outside the organization hits CloudTrail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ExplicitDenyOrg, |t| {
        format!("{} denies every caller that {} does not name ({}). CloudTrail calls as a service and carries no such key, so the Deny hits {} too. Add `aws:PrincipalIsAWSService` = `false` under `BoolIfExists` to its Condition, which exempts AWS services. {}", t.statement, t.condition, t.found, t.trail, t.effect())
    })
}
