//! The key is named in a way that AWS resolves in the trail's own account.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::model::Arn;
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, bucket, .. } = diagnosis.delivery;
    let Some(key) = trail
        .kms_key
        .as_ref()
        .filter(|key| Arn::parse(key).is_none())
    else {
        return Vec::new();
    };
    if bucket
        .owner
        .as_ref()
        .is_some_and(|owner| *owner == trail.account)
    {
        return Vec::new();
    }
    let message = format!(
        "Trail `{}` of account {} names its key as `{key}`, which AWS looks up in account {} itself. A key in another \
         account must be named by its ARN.",
        trail.name, trail.account, trail.account
    );
    vec![Draft::of_setting(trail, "KmsKeyId", message)]
}
