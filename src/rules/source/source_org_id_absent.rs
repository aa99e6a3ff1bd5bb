//! The Allow asks for an organization id that the request does not carry.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::SourceOrgIdAbsent, |t| {
        format!("{} asks for {} = {}, but this request carries no such key: an account outside of organizations never sends it, and `s3:GetBucketAcl` does not send it at all (reported, not documented). {}", t.statement, t.condition, t.found, t.effect())
    })
}
