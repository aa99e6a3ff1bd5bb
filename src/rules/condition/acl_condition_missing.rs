//! Objects could be written that do not belong to the bucket's owner.

use crate::delivery::{RequestId, Target};
use crate::diagnosis::PolicyUse;
use crate::rules::exposure::live;
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    let (Target::Bucket, Some(bucket)) = (policy.target, policy.bucket) else {
        return Vec::new();
    };
    // Where ACLs are disabled the bucket's owner owns every object, whatever the request says.
    let Some(ownership) = bucket
        .ownership
        .present()
        .filter(|ownership| *ownership != "BucketOwnerEnforced")
    else {
        return Vec::new();
    };
    let open = live(policy, RequestId::PutLogFiles).filter(|(statement, _)| {
        !statement
            .conditions
            .iter()
            .any(|condition| &*condition.key == "s3:x-amz-acl")
    });
    open.map(|(statement, _)| {
        let message = format!(
            "{} does not ask for `s3:x-amz-acl` = `bucket-owner-full-control`, and object ownership of bucket `{}` is \
             `{ownership}`. CloudTrail sends that ACL all the same; the condition keeps others from leaving objects that \
             the bucket's owner cannot read.",
            statement_words(policy.target, statement),
            bucket.name
        );
        Draft::of_policy(policy.policy.place(&statement.pointer), message)
    })
    .collect()
}
