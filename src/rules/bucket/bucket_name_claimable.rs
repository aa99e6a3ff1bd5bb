//! The trail points to a bucket name that anybody may take.

use crate::delivery::{Delivery, Obstacle};
use crate::diagnosis::Diagnosis;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery {
        trail, requests, ..
    } = diagnosis.delivery;
    let missing = requests
        .iter()
        .flat_map(|request| &request.obstacles)
        .any(|o| matches!(o, Obstacle::BucketMissing(_)));
    // Names in an account's own namespace end so and cannot be taken over (Amazon S3 User Guide,
    // "General purpose bucket namespaces", read 2026-11).
    if !missing || trail.bucket.ends_with("-an") {
        return Vec::new();
    }
    let message = format!(
        "Nobody owns the bucket name `{}`, to which trail `{}` of account {} still points. Any AWS account can create that \
         bucket, admit CloudTrail, and receive the logs.",
        trail.bucket, trail.name, trail.account
    );
    vec![Draft::of_setting(trail, "S3BucketName", message)]
}
