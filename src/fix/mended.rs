//! Whether a change does something about what was found.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::world::World;
use crate::delivery::RequestId;
use crate::diagnosis::Fault;
use crate::model::Estate;
use crate::rules::Finding;

/// Whether a change does something about a fault: fewer of its requests are refused, or for another
/// reason.
pub(super) fn helps(before: &World<'_>, after: &World<'_>, fault: &Fault, trail: &str) -> bool {
    let [old, left] = [before, after].map(|world| {
        let refused = world.refused_of(trail);
        refused
            .intersection(&fault.requests)
            .copied()
            .collect::<BTreeSet<_>>()
    });
    let faults = after.diagnose(trail).map(|diagnosis| diagnosis.faults);
    let stays = faults.into_iter().flatten().any(|it| {
        it.cause == fault.cause
            && it.target == fault.target
            && it.place == fault.place
            && it.condition == fault.condition
            && it.requests.iter().any(|id| left.contains(id))
    });
    !stays && (left.len() < old.len() || is_other_fault(after, trail, fault))
}

pub(super) fn refused_to(
    estate: &Estate,
    now: Timestamp,
    trail: &str,
    wanted: &BTreeSet<RequestId>,
) -> BTreeSet<RequestId> {
    let refused = World::of(estate, now, trail).refused_of(trail);
    refused.intersection(wanted).copied().collect()
}

/// Whether what still refuses a fault's requests is something else than before.
fn is_other_fault(after: &World<'_>, trail: &str, fault: &Fault) -> bool {
    after.diagnose(trail).is_some_and(|diagnosis| {
        !diagnosis.faults.iter().any(|it| {
            it.cause == fault.cause && it.target == fault.target && it.place == fault.place
        })
    })
}

/// Whether a finding about a policy is still made.
pub(super) fn stays(world: &World<'_>, finding: &Finding) -> bool {
    let same = |it: &Finding| {
        it.rule == finding.rule && it.trail == finding.trail && it.place == finding.place
    };
    match &finding.trail {
        Some(trail) => world
            .diagnose(trail)
            .is_some_and(|diagnosis| crate::rules::check_delivery(&diagnosis).iter().any(same)),
        None => world.findings(finding.place.document).iter().any(same),
    }
}
