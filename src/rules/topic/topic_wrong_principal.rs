//! The topic policy admits somebody else than CloudTrail.

use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::Draft;

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::TopicWrongPrincipal, |t| {
        format!("{} would let {} publish, but its principal is not CloudTrail{}: it must be the service `cloudtrail.amazonaws.com`. {}", t.statement, t.trail, if t.found.is_empty() { String::new() } else { format!(" but {}", t.found) }, t.effect())
    })
}
