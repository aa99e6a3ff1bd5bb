//! A Deny for callers outside the organization hits CloudTrail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::{Draft, Told};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ExplicitDenyOrg, |t| {
        format!("{} denies every caller {}. CloudTrail calls as a service and carries no such key, so the Deny hits {} too. Add `aws:PrincipalIsAWSService` = `false` under `BoolIfExists` to its Condition, which exempts AWS services. {}", t.statement, which(t), t.trail, t.effect())
    })
}

/// The callers that the condition is about.
fn which(t: &Told<'_>) -> String {
    match &t.fault.condition {
        Some((operator, key)) if operator.eq_ignore_ascii_case("Null") => {
            format!("without `{key}` (`{operator}` = {})", t.found)
        }
        _ => format!("that {} does not name ({})", t.condition, t.found),
    }
}
