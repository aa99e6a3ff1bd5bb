//! Faults that look like two and are one: the same cause refuses requests that different statements
//! grant, or that AWS needs and merely advises.

use super::{Cause, Fault};
use crate::delivery::{Delivery, RequestId, Target};

/// An account that is not in the policy at all fails the ACL statement's list of trails as well:
/// that is one fault, not two.
pub(super) fn unknown_account(delivery: &Delivery<'_>, faults: &mut Vec<Fault>) {
    let missing = faults
        .iter()
        .position(|fault| fault.cause == Cause::AccountPrefixMissing);
    let Some(missing) = missing else { return };
    let folded = faults.iter().position(|fault| {
        fault.cause == Cause::SourceArnWrongAccount
            && fault.target == Target::Bucket
            && fault
                .requests
                .iter()
                .all(|id| *id == RequestId::GetBucketAcl)
            && fault
                .found
                .iter()
                .all(|found| !found.contains(&delivery.trail.account))
    });
    let Some(folded) = folded.filter(|folded| *folded != missing) else {
        return;
    };
    let absorbed = faults.remove(folded);
    if let Some(fault) = faults
        .iter_mut()
        .find(|fault| fault.cause == Cause::AccountPrefixMissing)
    {
        fault.requests.extend(absorbed.requests);
        fault.statements.extend(absorbed.statements);
        fault.also.insert(absorbed.place);
    }
}

/// A condition that keeps CloudTrail from encrypting for a trail keeps it from looking the key up as
/// well: that is one fault. What AWS only advises goes with what it needs.
pub(super) fn advised(faults: &mut Vec<Fault>) {
    let is_advised = |fault: &Fault| {
        let requests = &fault.requests;
        !requests.is_empty() && requests.iter().all(|id| id.is_advised())
    };
    if !faults.iter().any(is_advised) {
        return;
    }
    let same = |a: &Fault, b: &Fault| {
        let alike = a.target == b.target && a.condition == b.condition && a.found == b.found;
        alike && a.condition.is_some()
    };
    let goes_with = |fault: &Fault, faults: &[Fault]| {
        let mut graver = faults.iter().filter(|known| !is_advised(known));
        is_advised(fault) && fault.also.is_empty() && graver.any(|known| same(known, fault))
    };
    let all = std::mem::take(faults);
    let (folded, mut kept): (Vec<Fault>, Vec<Fault>) = all
        .iter()
        .cloned()
        .partition(|fault| goes_with(fault, &all));
    for fault in folded {
        if let Some(known) = kept.iter_mut().find(|known| same(known, &fault)) {
            known.requests.extend(fault.requests);
            known.statements.extend(fault.statements);
            if fault.place != known.place {
                known.also.insert(fault.place);
            }
        }
    }
    *faults = kept;
}
