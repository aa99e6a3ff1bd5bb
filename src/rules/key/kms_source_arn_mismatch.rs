//! `aws:SourceArn` in the key policy does not admit the trail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsSourceArnMismatch, |t| {
        format!(
            "{} admits {}, but not {}, whose ARN is {}.{} {}",
            t.statement,
            t.found,
            t.trail,
            t.arn,
            t.whose_organization_trail(),
            t.effect()
        )
    })
}
