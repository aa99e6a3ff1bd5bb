//! Another Deny hits CloudTrail.

use std::collections::BTreeSet;

use crate::diagnosis::{Cause, Diagnosis, Fault};
use crate::rules::finding::{Draft, list};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::ExplicitDenyCloudtrail, |t| {
        format!(
            "{} denies CloudTrail {} for {}{}. {}",
            t.statement,
            requests(t.fault),
            t.trail,
            if t.condition.is_empty() {
                String::new()
            } else {
                format!(", by {} with {}", t.condition, t.found)
            },
            t.effect()
        )
    })
}

/// The requests that are denied, by their actions; the empty objects of a trail's creation by what
/// they are.
fn requests(fault: &Fault) -> String {
    if fault.requests.iter().all(|id| id.is_folder_probe()) {
        return "the empty objects that it writes, with names that end in `/`, when a trail is created or changed,"
            .to_owned();
    }
    let actions: BTreeSet<String> = fault
        .requests
        .iter()
        .map(|id| format!("`{}`", id.action()))
        .collect();
    list(actions.iter().map(String::as_str), 4)
}
