//! CloudTrail may not use the key that the topic is encrypted with.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::TopicKmsDenied, |t| {
        format!("The topic of {} is encrypted, and its key does not let CloudTrail call both `kms:GenerateDataKey` and `kms:Decrypt`. {}", t.trail, t.effect())
    })
}
