//! Words for what CloudTrail sends as encryption headers, which several rules need.

use super::finding::Told;

/// The encryption headers of the trail's files.
pub(super) fn sent(told: &Told<'_>) -> &'static str {
    if told.delivery.trail.kms_key.is_some() {
        "`aws:kms` and the key's ARN"
    } else {
        "`AES256` and no key"
    }
}

/// The probes of a trail with a key are encrypted otherwise than its files.
pub(super) fn probes(told: &Told<'_>) -> &'static str {
    if told.delivery.trail.kms_key.is_some() {
        ", and `AES256` for the empty objects it writes when the trail is created or changed"
    } else {
        ""
    }
}
