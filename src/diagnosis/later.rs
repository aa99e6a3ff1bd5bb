//! Grants that hold now and will have run out a year from now, by the calendar alone.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{Cause, Fault, diagnose};
use crate::delivery::{Delivery, RequestId, Target, simulate};
use crate::iam::{Effect, Statement};

/// Longer than a year, so that a folder named after the present one is behind.
const AHEAD: SignedDuration = SignedDuration::from_hours(367 * 24);

/// What will refuse requests of a delivery within a year that nothing refuses now.
pub fn faults_ahead(delivery: &Delivery<'_>) -> Vec<Fault> {
    let Ok(then) = delivery.now.checked_add(AHEAD) else {
        return Vec::new();
    };
    let year = delivery.now.strftime("%Y").to_string();
    let targets = [Target::Bucket, Target::Key, Target::Topic, Target::TopicKey];
    let policies = targets.iter().filter_map(|&target| delivery.policy(target));
    let statements = policies.flat_map(|policy| &policy.policy.statements);
    // Few policies speak of dates, and all others are spared the second look.
    if !statements
        .into_iter()
        .any(|statement| is_dated(statement, &year))
    {
        return Vec::new();
    }
    let later = simulate(delivery.estate, delivery.trail, then);
    let refused_now: BTreeSet<RequestId> = delivery
        .requests
        .iter()
        .filter(|request| request.is_refused())
        .map(|request| request.id)
        .collect();
    let faults = diagnose(&later).faults.into_iter();
    faults
        .filter(|fault| fault.cause == Cause::GrantExpires)
        .map(|mut fault| {
            fault.requests.retain(|id| !refused_now.contains(id));
            fault
        })
        .filter(|fault| !fault.requests.is_empty())
        .collect()
}

/// Whether a grant asks for the date, or names the present year in its Resource.
fn is_dated(statement: &Statement, year: &str) -> bool {
    let asks = statement
        .conditions
        .iter()
        .any(|condition| matches!(&*condition.key, "aws:currenttime" | "aws:epochtime"));
    let names = statement.resource.iter().any(|resource| {
        let mut patterns = resource.patterns.iter();
        patterns.any(|pattern| {
            pattern
                .text
                .split('/')
                .any(|folder| folder.starts_with(year))
        })
    });
    statement.effect == Effect::Allow && (asks || names)
}
