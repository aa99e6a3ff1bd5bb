//! The operator cannot hold for this key or this value.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ConditionOperatorMisused, |t| {
        format!(
            "{} uses {} with {}, which can never hold for what CloudTrail sends{}. {}",
            t.statement,
            t.condition,
            t.found,
            if t.fault.needed.is_empty() {
                String::new()
            } else {
                format!(" ({})", t.needed)
            },
            t.effect()
        )
    })
}
