//! The topic does not exist.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::TopicMissing, |t| {
        format!("The topic of {} does not exist. {}", t.trail, t.effect())
    })
}
