//! No digest for a day, and no error.

use jiff::{SignedDuration, Timestamp};

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::document::Place;
use crate::model::Logging;
use crate::rules::finding::Draft;
use crate::rules::trail::moment;

/// Digests are written every hour, also when nothing was logged (CloudTrail User Guide, "Validating
/// CloudTrail log file integrity", read 2026-11). A day leaves room for delays.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, estate, .. } = diagnosis.delivery;
    let Some(status) = trail
        .status
        .present()
        .filter(|status| status.logging == Logging::On)
    else {
        return Vec::new();
    };
    let taken_at = estate
        .taken_at
        .as_deref()
        .and_then(|text| text.parse::<Timestamp>().ok());
    let latest = status.latest_digest_delivery.as_deref().and_then(moment);
    let (Some(taken_at), Some(latest), Some(document)) = (taken_at, latest, status.document) else {
        return Vec::new();
    };
    if !trail.validation || !status.errors.is_empty() || taken_at.duration_since(latest) <= LONGEST
    {
        return Vec::new();
    }
    let message = format!(
        "Trail `{}` of account {} last delivered a digest file at {latest}, more than a day before this snapshot was taken, \
         and reports no error. Digests are written every hour; time-outs are not reported as errors.",
        trail.name, trail.account
    );
    vec![Draft::of_trail(
        trail,
        Place {
            document,
            pointer: "/LatestDigestDeliveryTime".to_owned(),
        },
        message,
    )]
}
