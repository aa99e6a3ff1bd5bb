//! Log files are covered, the empty folder objects written at creation are not.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::CreationProbeRefused, |t| {
        format!("{} covers {}, but when a trail is created CloudTrail also writes empty objects whose names end in `/`: {} needs {}. {}", t.statement, t.found, t.trail, t.needed, t.effect())
    })
}
