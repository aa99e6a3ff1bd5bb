//! The grant ends at a date, or ended.

use std::collections::BTreeSet;

use crate::delivery::RequestId;
use crate::diagnosis::{Cause, Diagnosis, faults_ahead};
use crate::rules::Severity;
use crate::rules::finding::{Draft, Told};

pub(in crate::rules) fn check(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let over = diagnosis.drafts(Cause::GrantExpires, |t| {
        let when = if is_ahead(t) {
            format!("does not let {} write yet: {} lies ahead", t.trail, t.found)
        } else {
            format!("no longer lets {} write: {} has run out", t.trail, t.found)
        };
        format!("{} {when}. {}", t.statement, t.effect())
    });
    over.into_iter().chain(ends(diagnosis)).collect()
}

/// Whether the grant is for the time after a date.
fn is_ahead(t: &Told<'_>) -> bool {
    let condition = t.fault.condition.as_ref();
    condition.is_some_and(|(operator, _)| operator.contains("Greater"))
}

/// Grants that hold now and end within a year. They refuse nothing yet.
fn ends(diagnosis: &Diagnosis<'_, '_>) -> Vec<Draft> {
    let ahead = Diagnosis {
        delivery: diagnosis.delivery,
        faults: faults_ahead(diagnosis.delivery),
    };
    let drafts = ahead.drafts(Cause::GrantExpires, |t| {
        format!(
            "{} serves {} for a time only: {} runs out within a year. From then on {}.",
            t.statement,
            t.trail,
            t.found,
            what_stops(t)
        )
    });
    drafts
        .into_iter()
        .map(|draft| Draft {
            requests: BTreeSet::new(),
            ..draft.at_most(Severity::Medium)
        })
        .collect()
}

fn what_stops(t: &Told<'_>) -> &'static str {
    let carries =
        |id: &RequestId| matches!(id, RequestId::PutLogFiles | RequestId::GenerateDataKey);
    if t.fault.requests.iter().any(carries) {
        "its log files do not arrive"
    } else {
        "some of its requests are refused"
    }
}
