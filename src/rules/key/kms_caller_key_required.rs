//! The key policy asks for a caller key that AWS does not document for CloudTrail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::KmsCallerKeyRequired, |t| {
        format!("{} asks for {} = {}. What CloudTrail's requests carry there is not documented: if they do not meet it, {} cannot use the key; if they do, it can. Condition on `aws:SourceArn` and on the encryption context instead.", t.statement, t.condition, t.found, t.trail)
    })
}
