//! Events of global services are recorded by no trail of the account.

use crate::delivery::Delivery;
use crate::diagnosis::Diagnosis;
use crate::iam::unknown::has_unknown;
use crate::model::Trail;
use crate::rules::finding::Draft;
use crate::rules::trail::others_of_account;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let Delivery { trail, estate, .. } = diagnosis.delivery;
    if trail.global_events.is_none()
        || !estate.coverage.is_sure_of(&trail.account)
        || others_of_account(estate, trail).any(|other| why_not(other).is_none())
    {
        return Vec::new();
    }
    let Some(why) = why_not(trail) else {
        return Vec::new();
    };
    let message = format!(
        "Trail `{}` of account {} does not record events of global services such as IAM and STS: {why}. No other trail of \
         the account seen here records them.",
        trail.name, trail.account
    );
    vec![Draft::of_setting(
        trail,
        "IncludeGlobalServiceEvents",
        message,
    )]
}

/// Why a trail does not record events of global services; nothing if it does, or may.
fn why_not(trail: &Trail) -> Option<String> {
    if trail.global_events == Some(false) {
        return Some("they are switched off".to_owned());
    }
    // Since 22 November 2021 they are logged in us-east-1 only (CloudTrail User Guide, "CloudTrail
    // concepts", read 2026-11). Other partitions have their own Region for them.
    let elsewhere = trail.partition == "aws"
        && !trail.multi_region
        && !has_unknown(&trail.home_region)
        && trail.home_region != "us-east-1";
    elsewhere.then(|| {
        format!(
            "AWS logs them in us-east-1 only, and the trail records {}",
            trail.home_region
        )
    })
}
