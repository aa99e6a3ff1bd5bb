//! CloudTrail sends another value than the Allow asks for.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ConditionNotMet, |t| {
        format!(
            "{} asks for {} = {}, but CloudTrail sends {}. {}",
            t.statement,
            t.condition,
            t.found,
            t.needed,
            t.effect()
        )
    })
}
