//! The key is named in a way that AWS resolves in the trail's own account.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::iam::unknown::has_unknown;
use crate::model::Arn;
use crate::rules::Severity;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, bucket, .. } = diagnosis.delivery;
    let Some(key) = &trail.kms_key else {
        return Vec::new();
    };
    if bucket
        .owner
        .as_ref()
        .is_some_and(|owner| *owner == trail.account)
    {
        return Vec::new();
    }
    if let Some(arn) = Arn::parse(key) {
        return own_key(diagnosis.delivery, arn.account)
            .into_iter()
            .collect();
    }
    if has_unknown(key) {
        return Vec::new();
    }
    let message = format!(
        "Trail `{}` of account {} names its key as `{key}`, which AWS looks up in account {} itself. A key in another \
         account must be named by its ARN.",
        trail.name, trail.account, trail.account
    );
    vec![Draft::of_setting(trail, "KmsKeyId", message)]
}

/// A trail that writes into another account's bucket under a key of its own account. The management
/// account's key for an organization trail is what AWS Control Tower asks for.
fn own_key(delivery: &Delivery<'_>, owner: &str) -> Option<Draft> {
    let Delivery { trail, bucket, .. } = delivery;
    let other = bucket
        .owner
        .as_ref()
        .filter(|other| !has_unknown(other) && !has_unknown(owner))
        .filter(|_| owner == trail.account && !trail.organization)?;
    let message = format!(
        "Trail `{}` of account {} delivers to a bucket of account {other}, but encrypts with a key of its own account: \
         whoever takes that account over can disable the key or delete it, and then nobody can read these logs.",
        trail.name, trail.account
    );
    Some(Draft::of_setting(trail, "KmsKeyId", message).at_most(Severity::Low))
}
