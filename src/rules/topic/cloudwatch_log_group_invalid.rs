//! The log group is not one that the trail can write to.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::CloudwatchLogGroupInvalid, |t| {
        let trail = t.delivery.trail;
        format!(
            "Trail `{}` of account {} sends its events to log group `{}`, but {}: it must be one of the trail's own account \
             and home Region ({}).",
            trail.name,
            trail.account,
            trail.log_group.as_deref().unwrap_or_default(),
            t.fault.found.join(", "),
            trail.home_region
        )
    })
}
