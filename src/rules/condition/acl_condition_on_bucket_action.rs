//! The ACL condition stands on an action that carries no ACL header.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::AclConditionOnBucketAction, |t| {
        format!("{} asks for `s3:x-amz-acl` on `s3:GetBucketAcl`, a request that carries no such header, so it never matches. Keep that condition for `s3:PutObject` alone. {}", t.statement, t.effect())
    })
}
