//! Nothing in the topic policy lets CloudTrail publish.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::TopicPolicyMissing, |t| {
        format!(
            "No statement of the topic policy lets CloudTrail publish for {}. {}",
            t.trail,
            t.effect()
        )
    })
}
