//! The encryption context condition does not admit the trail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsContextMismatch, |t| {
        format!("{} asks for {} = {}, but for {} CloudTrail sends {} as `kms:EncryptionContext:aws:cloudtrail:arn`.{} {}", t.statement, t.condition, t.found, t.trail, t.arn, t.whose_organization_trail(), t.effect())
    })
}
