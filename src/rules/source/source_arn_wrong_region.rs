//! `aws:SourceArn` names a Region other than the trail's home Region.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::SourceArnWrongRegion, |t| {
        format!("{} admits {}, but {} has its home Region in {}: its ARN is {} in whatever Region the logged activity is. {}", t.statement, t.found, t.trail, t.delivery.trail.home_region, t.arn, t.effect())
    })
}
