//! `aws:SourceArn` differs from the trail's ARN in case only.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::SourceArnCaseMismatch, |t| {
        format!(
            "{} admits {}, but the ARN of {} is {}. {}",
            t.statement,
            t.found,
            t.trail,
            t.arn,
            t.effect()
        )
    })
}
