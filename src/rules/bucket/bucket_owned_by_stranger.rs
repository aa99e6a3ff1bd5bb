//! The bucket belongs to an account that nobody here looked into.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::document::{Place, Subject};
use crate::model::{Arn, Estate, Evidence, Trail};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, bucket, .. } = diagnosis.delivery;
    let estate = diagnosis.delivery.estate;
    // Where none but accounts that deliver there asked, and none of those read collects logs, the owner was
    // simply left out.
    let stranger_to_all = bucket
        .foreign
        .iter()
        .find(|(account, _)| collector_is_read(estate) || !delivers(estate, account, &bucket.name));
    let (Some(&(_, document)), Evidence::Unknown(_)) = (stranger_to_all, &bucket.policy) else {
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

/// Whether a trail that an account has, or sees as a member of an organization, delivers to a bucket.
fn delivers(estate: &Estate, account: &str, bucket: &str) -> bool {
    let shows = |trail: &Trail| {
        let subject = &estate.document(trail.document).subject;
        trail.account == account
            || matches!(subject, Subject::Trail { account: by, .. } if by == account)
    };
    let mut trails = estate.trails.iter();
    trails.any(|trail| trail.bucket == bucket && shows(trail))
}

/// Whether an account whose bucket or key trails of other accounts use is among those that were read.
fn collector_is_read(estate: &Estate) -> bool {
    estate.trails.iter().any(|trail| {
        let bucket = estate.buckets.get(&trail.bucket);
        let owner = bucket.and_then(|bucket| bucket.owner.as_deref());
        let key = (trail.kms_key.as_ref()).and_then(|key| estate.keys.get(key));
        let key = key.filter(|key| key.policy.present().is_some());
        let key_owner = key
            .and_then(|key| Arn::parse(&key.arn))
            .map(|arn| arn.account);
        let others = owner.into_iter().chain(key_owner);
        others.into_iter().any(|account| account != trail.account)
    })
}
