//! What stands in the way of requests besides policies: a bucket or a key that is not as it must be.

use super::{Doubt, Obstacle};
use crate::iam::unknown::has_unknown;
use crate::model::key::KeyMetadata;
use crate::model::{Arn, Bucket, Evidence, Key, Reason};

/// What stands in the way of every request to a bucket.
pub(super) fn of_bucket(bucket: &Bucket) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    if !bucket.is_general_purpose() {
        obstacles.push(Obstacle::UnsupportedBucket);
    }
    if let Evidence::Absent(document) = bucket.exists {
        obstacles.push(Obstacle::BucketMissing(document));
        return obstacles;
    }
    if let Evidence::Absent(document) = bucket.policy {
        obstacles.push(Obstacle::NoBucketPolicy(document));
    }
    if let Evidence::Present((payer, document)) = &bucket.request_payer
        && payer == "Requester"
    {
        obstacles.push(Obstacle::RequesterPays(*document));
    }
    obstacles
}

/// The key's state is needed for a verdict, but nobody could see it. A key that the command line
/// names is taken as usable: it may not exist yet.
pub(super) fn key_doubt(key: &Key) -> Option<Doubt> {
    let unknown = key.metadata.unknown()?;
    let is_assumed = key.planned && unknown.reason == Reason::NoDocument;
    (!is_assumed).then(|| Doubt::Document(unknown.clone()))
}

/// Whether the bucket takes writes from CloudTrail was asked, and not answered. Where nobody asked, AWS's
/// default is assumed: the owner pays.
///
/// An answer that is no answer about who pays comes from endpoints that are not AWS and do not know the
/// question. AWS has answered it since 2009, so that the default is assumed there too; what makes
/// nonsense of all answers leaves the policy unknown as well.
pub(super) fn bucket_doubt(bucket: &Bucket) -> Option<Doubt> {
    let unknown = bucket.request_payer.unknown()?;
    let was_refused = unknown.reason.is_refusal() && unknown.reason != Reason::Unreadable;
    was_refused.then(|| Doubt::Document(unknown.clone()))
}

/// Where the bucket lies was asked, and not answered: a key of another Region could not be used.
pub(super) fn region_doubt(bucket: &Bucket) -> Option<Doubt> {
    let unknown = bucket.region.unknown()?;
    let was_refused = unknown.reason.is_refusal();
    was_refused.then(|| Doubt::Document(unknown.clone()))
}

/// What stands in the way of every use of a key; the bucket's Region matters for a trail's key.
pub(super) fn of_key(key: &Key, bucket: Option<&Bucket>) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    match &key.metadata {
        Evidence::Absent(document) => return vec![Obstacle::KeyMissing(*document)],
        Evidence::Unknown(_) => {}
        Evidence::Present(metadata) => {
            if metadata.manager.as_deref() == Some("AWS") {
                return vec![Obstacle::AwsManagedKey(Some(metadata.document))];
            }
            obstacles.extend(state_obstacle(metadata));
            obstacles.extend(kind_obstacle(metadata));
        }
    }
    if let Evidence::Absent(document) = key.policy {
        return vec![Obstacle::KeyMissing(document)];
    }
    // CloudTrail User Guide, "Encrypting CloudTrail log files": the key lies in the bucket's Region.
    if let (Some(bucket), Some(arn)) = (
        bucket.and_then(|bucket| bucket.region.present()),
        Arn::parse(&key.arn),
    ) && bucket != arn.region
        && !has_unknown(arn.region)
    {
        obstacles.push(Obstacle::KeyRegion {
            key: arn.region.to_owned(),
            bucket: bucket.clone(),
        });
    }
    obstacles
}

/// AWS KMS Developer Guide, "Key states of AWS KMS keys" (read 2026-11): GenerateDataKey works in
/// the state `Enabled` only.
fn state_obstacle(metadata: &KeyMetadata) -> Option<Obstacle> {
    match metadata.state.as_str() {
        "Enabled" => None,
        "Disabled" => Some(Obstacle::KeyDisabled(metadata.document)),
        "PendingDeletion" | "PendingReplicaDeletion" => {
            Some(Obstacle::KeyPendingDeletion(metadata.document))
        }
        other => Some(Obstacle::KeyUnusable {
            document: metadata.document,
            pointer: "/KeyMetadata/KeyState",
            found: other.to_owned(),
        }),
    }
}

/// Only symmetric encryption keys (CloudTrail User Guide, "How AWS CloudTrail uses AWS KMS").
fn kind_obstacle(metadata: &KeyMetadata) -> Option<Obstacle> {
    let unusable = |pointer, found: &str| {
        Some(Obstacle::KeyUnusable {
            document: metadata.document,
            pointer,
            found: found.to_owned(),
        })
    };
    match (metadata.spec.as_deref(), metadata.usage.as_deref()) {
        (Some(spec), _) if spec != "SYMMETRIC_DEFAULT" => unusable("/KeyMetadata/KeySpec", spec),
        (_, Some(usage)) if usage != "ENCRYPT_DECRYPT" => unusable("/KeyMetadata/KeyUsage", usage),
        _ => None,
    }
}
