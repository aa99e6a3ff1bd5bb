//! Delivery has failed for longer than CloudTrail keeps what it could not deliver.

use jiff::{SignedDuration, Timestamp};

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::document::Place;
use crate::rules::finding::Draft;
use crate::rules::trail::moment;

/// CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail" (read 2026-11): delivery is tried
/// again for 30 days.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, estate, .. } = diagnosis.delivery;
    let Some(status) = trail.status.present() else {
        return Vec::new();
    };
    let failing = status
        .errors
        .iter()
        .any(|error| error.field == "LatestDeliveryError" && error.region.is_none());
    let taken_at = estate
        .taken_at
        .as_deref()
        .and_then(|text| text.parse::<Timestamp>().ok());
    let latest = status.latest_delivery.as_deref().and_then(moment);
    let (true, Some(taken_at), Some(latest), Some(document)) =
        (failing, taken_at, latest, status.document)
    else {
        return Vec::new();
    };
    if taken_at.duration_since(latest) <= KEPT {
        return Vec::new();
    }
    let message = format!(
        "Trail `{}` of account {} last delivered a log file at {latest}, more than 30 days before this snapshot was taken. \
         CloudTrail tries again for 30 days only: what is older is lost.",
        trail.name, trail.account
    );
    vec![Draft::of_trail(
        trail,
        Place {
            document,
            pointer: "/LatestDeliveryTime".to_owned(),
        },
        message,
    )]
}
