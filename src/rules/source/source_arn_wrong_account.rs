//! `aws:SourceArn` names another account than the trail's owner.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::SourceArnWrongAccount, |t| {
        format!(
            "{} admits {}, but no trail of account {}: the ARN of {} is {}.{} {}",
            t.statement,
            t.found,
            t.delivery.trail.account,
            t.trail,
            t.arn,
            t.whose_organization_trail(),
            t.effect()
        )
    })
}
