//! Faults that no policy statement is to blame for: a bucket, key or topic that is not as it must be.

use super::{Cause, Fault};
use crate::delivery::{Delivery, Obstacle, Request, Target};
use crate::document::{DocumentId, Place};

/// The fault an obstacle is.
pub(super) fn fault(delivery: &Delivery<'_>, request: &Request, obstacle: &Obstacle) -> Fault {
    let target = request.id.target();
    let at = |document: DocumentId, pointer: &str| Place {
        document,
        pointer: pointer.to_owned(),
    };
    let trail = delivery.trail.document;
    let of_key = |cause| match target {
        Target::TopicKey => Cause::TopicKmsDenied,
        _ => cause,
    };
    match obstacle {
        Obstacle::BucketMissing(document) => {
            Fault::new(Cause::BucketMissing, target, at(*document, ""))
        }
        Obstacle::NoBucketPolicy(document) => {
            Fault::new(Cause::BucketPolicyMissing, target, at(*document, ""))
        }
        Obstacle::RequesterPays(document) => {
            Fault::new(Cause::RequesterPays, target, at(*document, "/Payer"))
        }
        Obstacle::UnsupportedBucket => Fault::new(
            Cause::UnsupportedBucketType,
            target,
            at(trail, "/Trail/S3BucketName"),
        ),
        Obstacle::KeyDisabled(document) => Fault::new(
            of_key(Cause::KmsKeyDisabled),
            target,
            at(*document, "/KeyMetadata/KeyState"),
        ),
        Obstacle::KeyPendingDeletion(document) => Fault::new(
            of_key(Cause::KmsKeyPendingDeletion),
            target,
            at(*document, "/KeyMetadata/KeyState"),
        ),
        Obstacle::KeyUnusable {
            document,
            pointer,
            found,
        } => Fault {
            found: vec![found.clone()],
            ..Fault::new(
                of_key(Cause::KmsKeyUnusable),
                target,
                at(*document, pointer),
            )
        },
        Obstacle::KeyMissing(document) => Fault {
            hint: Some("AWS says that the key does not exist".to_owned()),
            ..Fault::new(of_key(Cause::KmsKeyUnusable), target, at(*document, ""))
        },
        Obstacle::KeyRegion { key, bucket } => Fault {
            found: vec![key.clone()],
            needed: bucket.clone(),
            ..Fault::new(Cause::KmsKeyRegion, target, at(trail, "/Trail/KmsKeyId"))
        },
        Obstacle::AwsManagedKey(document) => {
            let place = match (
                document,
                delivery.topic.and_then(|topic| topic.attributes.present()),
            ) {
                (Some(document), _) => at(*document, "/KeyMetadata/KeyManager"),
                (None, Some(attributes)) => at(attributes.document, "/Attributes/KmsMasterKeyId"),
                (None, None) => at(trail, "/Trail/KmsKeyId"),
            };
            let cause = of_key(Cause::KmsManagedKey);
            Fault {
                // The rule of that name says so itself.
                hint: (cause != Cause::KmsManagedKey).then(|| MANAGED.to_owned()),
                ..Fault::new(cause, target, place)
            }
        }
        Obstacle::TopicMissing(document) => {
            Fault::new(Cause::TopicMissing, target, at(*document, ""))
        }
        Obstacle::LogRoleMissing(document) | Obstacle::LogGroupMissing(document) => Fault {
            hint: Some(no_log(delivery, obstacle)),
            ..Fault::new(Cause::CloudwatchRoleDenied, target, at(*document, ""))
        },
        Obstacle::LogRoleRefuses(refusal) => Fault {
            found: refusal.found.clone(),
            needed: refusal.needed.clone(),
            ..Fault::new(Cause::CloudwatchRoleDenied, target, refusal.place.clone())
        },
        Obstacle::LogGroupInvalid(why) => Fault {
            found: vec![why.clone()],
            ..Fault::new(
                Cause::CloudwatchLogGroupInvalid,
                target,
                at(trail, "/Trail/CloudWatchLogsLogGroupArn"),
            )
        },
        Obstacle::NoTopicPolicy(document) => {
            Fault::new(Cause::TopicPolicyMissing, target, at(*document, ""))
        }
    }
}

/// What to say of a key that AWS manages, where no rule of its own says it.
const MANAGED: &str = "the key is managed by AWS, and its policy cannot be changed";

/// What is not there of the way to CloudWatch Logs.
fn no_log(delivery: &Delivery<'_>, obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::LogRoleMissing(_) => "AWS says that the role does not exist".to_owned(),
        _ => format!(
            "AWS does not list log group `{}`",
            delivery.trail.log_group.as_deref().unwrap_or_default()
        ),
    }
}
