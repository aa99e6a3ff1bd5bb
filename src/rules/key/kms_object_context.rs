//! The condition on the object's ARN does not hold for all calls.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsObjectContext, |t| {
        format!("{} asks for {} = {}, but CloudTrail sends {} there: the ARN of the object, of the folder when the trail is created, and of the bucket where an S3 Bucket Key is used. {}", t.statement, t.condition, t.found, t.needed, t.effect())
    })
}
