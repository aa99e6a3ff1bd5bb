//! The role through which events reach CloudWatch Logs is gone, cannot be assumed, or may not write.

use crate::delivery::RequestId;
use crate::diagnosis::{Cause, Diagnosis};
use crate::rules::finding::{Draft, Told};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    diagnosis.drafts(Cause::CloudwatchRoleDenied, |t| {
        let trail = t.delivery.trail;
        let role = trail.log_role.as_deref().unwrap_or("its role");
        format!(
            "{} sends its events to CloudWatch Logs through role `{role}`. {} {}",
            capital(&t.trail),
            what(t),
            t.effect()
        )
    })
}

fn what(t: &Told<'_>) -> String {
    let assumed = t.fault.requests.contains(&RequestId::AssumeLogRole);
    match (assumed, t.found.as_str()) {
        // The hint says which of the two is missing.
        _ if t.fault.hint.is_some() => "What it needs is not there.".to_owned(),
        (_, "`Deny`") => {
            "A Deny of the role's policies hits what CloudTrail does with it.".to_owned()
        }
        (true, "") => format!(
            "No statement of its trust policy lets {} assume it.",
            t.needed
        ),
        (true, found) => format!(
            "Its trust policy names {found}, and would have to name {} for CloudTrail to assume it.",
            t.needed
        ),
        (false, "") => format!(
            "None of its policies that were seen allows {} on {}.",
            actions(t),
            t.needed
        ),
        (false, found) => format!(
            "Its policies let it write to {found}, but CloudTrail writes to {}.",
            t.needed
        ),
    }
}

fn actions(t: &Told<'_>) -> String {
    let actions = t
        .fault
        .requests
        .iter()
        .map(|id| format!("`{}`", id.action()));
    actions.collect::<Vec<_>>().join(" and ")
}

fn capital(text: &str) -> String {
    format!("T{}", text.strip_prefix('t').unwrap_or(text))
}
