//! A Deny on networks hits CloudTrail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::{Draft, Told};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ExplicitDenyNetwork, |t| {
        format!("{} denies every request {}. CloudTrail's requests come from AWS and carry no such key, so the Deny hits {} too. Add `aws:PrincipalIsAWSService` = `false` under `BoolIfExists` to its Condition, which exempts AWS services. {}", t.statement, which(t), t.trail, t.effect())
    })
}

/// The requests that the condition is about.
fn which(t: &Told<'_>) -> String {
    match &t.fault.condition {
        Some((operator, key)) if operator.eq_ignore_ascii_case("Null") => {
            format!("that carries no `{key}` (`{operator}` = {})", t.found)
        }
        _ => format!("that does not come from {} ({})", t.found, t.condition),
    }
}
