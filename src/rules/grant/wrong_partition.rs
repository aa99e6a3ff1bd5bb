//! An ARN in the policy names another partition.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::WrongPartition, |t| {
        format!(
            "{} names {}, which lies in another partition than {} (`{}`). {}",
            t.statement,
            t.found,
            t.trail,
            t.delivery.trail.partition,
            t.effect()
        )
    })
}
