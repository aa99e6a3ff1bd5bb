//! The trail records one Region only, and no other trail of the account records the rest.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::rules::finding::Draft;
use crate::rules::trail::others_of_account;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, estate, .. } = diagnosis.delivery;
    if trail.multi_region
        || !estate.coverage.is_sure_of(&trail.account)
        || others_of_account(estate, trail).any(|other| other.multi_region)
    {
        return Vec::new();
    }
    let message = format!(
        "Trail `{}` records Region {} only, and no other trail of account {} seen here records the others: what happens \
         there leaves no log.",
        trail.name, trail.home_region, trail.account
    );
    vec![Draft::of_setting(trail, "IsMultiRegionTrail", message)]
}
