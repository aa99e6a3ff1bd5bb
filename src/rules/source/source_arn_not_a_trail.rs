//! `aws:SourceArn` is not the ARN of a trail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::SourceArnNotATrail, |t| {
        format!(
            "{} expects {} as `aws:SourceArn`, but CloudTrail sends the ARN of the trail, {}. {}",
            t.statement,
            t.found,
            t.arn,
            t.effect()
        )
    })
}
