//! The Allow asks about something that CloudTrail's requests do not carry.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ConditionKeyAbsent, |t| {
        format!("{} asks for {} = {}, but requests of CloudTrail do not carry that key, so the statement never matches. {}", t.statement, t.condition, t.found, t.effect())
    })
}
