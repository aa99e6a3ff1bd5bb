//! Nothing in the key policy lets CloudTrail use the key.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsNoGenerateDataKey, |t| {
        format!("No statement of the key policy lets CloudTrail call `kms:GenerateDataKey`, with which it encrypts every file of {}. {}", t.trail, t.effect())
    })
}
