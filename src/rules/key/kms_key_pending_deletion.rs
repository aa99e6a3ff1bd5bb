//! The key waits for its deletion.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsKeyPendingDeletion, |t| {
        format!("The key of {} is scheduled for deletion: nothing can be encrypted with it now, and once it is gone, no log file encrypted with it can ever be read again. {}", t.trail, t.effect())
    })
}
