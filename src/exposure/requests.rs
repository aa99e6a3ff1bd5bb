//! The actions that CloudTrail needs of each kind of policy.

use super::family::Shape;
use crate::delivery::{RequestId, Target};
use crate::iam::ContextValue;

/// The actions, each with the request whose family it belongs to.
pub(super) fn actions(target: Target) -> &'static [(&'static str, RequestId)] {
    match target {
        Target::Bucket => &[
            ("s3:GetBucketAcl", RequestId::GetBucketAcl),
            ("s3:PutObject", RequestId::PutLogFiles),
        ],
        Target::Key | Target::TopicKey => &[
            ("kms:GenerateDataKey", RequestId::GenerateDataKey),
            ("kms:Decrypt", RequestId::GenerateDataKey),
            ("kms:DescribeKey", RequestId::GenerateDataKey),
        ],
        Target::Topic => &[("sns:Publish", RequestId::Publish)],
        Target::LogRole => &[],
    }
}

/// A shape of a family as one of its actions has it: DescribeKey has no encryption context.
pub(super) fn for_action(mut shape: Shape, action: &str) -> Shape {
    if action != "kms:DescribeKey" {
        return shape;
    }
    let of_context = |key: &str| key.starts_with("kms:EncryptionContext");
    let keys = shape.varying.iter().map(|(key, _)| *key);
    let mut gone: Vec<&str> = keys.filter(|key| of_context(key)).collect();
    gone.push("kms:EncryptionContextKeys");
    for context in &mut shape.contexts {
        for key in &gone {
            context.set(key, ContextValue::Absent);
        }
    }
    shape.varying.retain(|(key, _)| !of_context(key));
    shape
}
