//! The ACL condition asks for another value than CloudTrail sends.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::AclConditionWrong, |t| {
        format!("{} asks for `s3:x-amz-acl` = {}, but CloudTrail always sends `bucket-owner-full-control`. {}", t.statement, t.found, t.effect())
    })
}
