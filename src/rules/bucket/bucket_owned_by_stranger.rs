//! The bucket belongs to an account that nobody here looked into.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::document::Place;
use crate::model::Evidence;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, bucket, .. } = diagnosis.delivery;
    let (Some(document), Evidence::Unknown(_)) = (bucket.foreign, &bucket.policy) else {
        return Vec::new();
    };
    // The owner may be an account that was to be looked into and could not be.
    if !diagnosis.delivery.estate.coverage.doubtful.is_empty() {
        return Vec::new();
    }
    // One account sees no bucket, another one a stranger's: the name is changing hands, and
    // `bucket-missing` speaks of it.
    if matches!(bucket.exists, Evidence::Absent(_)) {
        return Vec::new();
    }
    let message = format!(
        "Bucket `{}`, to which trail `{}` of account {} delivers, belongs to none of the accounts that were asked for its \
         policy. Whoever owns it receives the logs.",
        bucket.name, trail.name, trail.account
    );
    let mut draft = Draft::of_setting(trail, "S3BucketName", message);
    let refusal = Place {
        document,
        pointer: String::new(),
    };
    draft.related.push((
        refusal,
        "Amazon S3 says here that the caller's account is not the owner".to_owned(),
    ));
    vec![draft]
}
