//! The Allow asks for an encryption header that the trail does not send.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::encryption::{probes, sent};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::EncryptionConditionMismatch, |t| {
        format!(
            "{} asks for {} = {}, but for {} CloudTrail sends {}{}. {}",
            t.statement,
            t.condition,
            t.found,
            t.trail,
            sent(t),
            probes(t),
            t.effect()
        )
    })
}
