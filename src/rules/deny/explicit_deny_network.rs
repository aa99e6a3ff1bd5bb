//! A Deny on networks hits CloudTrail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ExplicitDenyNetwork, |t| {
        format!("{} denies every request that does not come from {} ({}). CloudTrail's requests come from AWS and carry no such key, so the Deny hits {} too. Add `aws:PrincipalIsAWSService` = `false` under `BoolIfExists` to its Condition, which exempts AWS services. {}", t.statement, t.found, t.condition, t.trail, t.effect())
    })
}
