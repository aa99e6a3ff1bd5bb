//! One change for many: what mended one finding is done for all others with the same kind of fault, and
//! proven for all of them at once, as a proof compares whole policies.

use std::collections::BTreeMap;

use super::candidates::{self, Grants, Scene};
use super::mended::helps;
use super::proof::prove;
use super::world::World;
use super::{Fix, Fixer, Way, capital, merged};
use crate::diagnosis::Fault;
use crate::document::DocumentId;
use crate::model::Estate;
use crate::rules::Finding;

/// The same kind of change for other findings, added to one that was proven, and proven with it.
pub(super) struct Likewise {
    pub(super) estate: Estate,
    pub(super) verified: bool,
    /// What it does for each finding, by the place of the finding in the list.
    pub(super) descriptions: BTreeMap<usize, String>,
}

impl Fixer<'_> {
    /// Makes the same kind of change for other findings with the same kind of fault, on top of a fix.
    /// Nothing if none of them has it.
    ///
    /// # Errors
    /// Why all of them together do not hold.
    pub(super) fn likewise(
        &self,
        finding: &Finding,
        fix: &Fix,
        others: &[Finding],
    ) -> Result<Option<Likewise>, String> {
        let (Some(ways), Some(fault)) = (&fix.ways, &finding.fault) else {
            return Ok(None);
        };
        let mut estate = fix.estate.clone();
        let mut descriptions = BTreeMap::new();
        for (at, other) in others.iter().enumerate() {
            let (Some(other), Some(trail)) = (&other.fault, &other.trail) else {
                continue;
            };
            if !is_kin(other, fault) {
                continue;
            }
            if let Some((next, words)) = self.next_like(&estate, other, trail, ways, fix.document) {
                estate = next;
                descriptions.insert(at, format!("{}.", capital(&words)));
            }
        }
        if descriptions.is_empty() {
            return Ok(None);
        }
        let proof = if let [way] = ways.as_slice() {
            let after = World::new(&estate, self.now);
            prove(&self.original, &after, fix.document, way.grants, way.takes)?
        } else {
            let grants: Vec<Grants> = ways.iter().map(|way| way.grants).collect();
            self.prove_together(&estate, fix.document, &grants)?
        };
        if !proof.also.is_empty() {
            return Err("together they grant more than is known".to_owned());
        }
        if let Some(mut last) = descriptions.last_entry() {
            for told in merged::told(&fix.estate, &estate, fix.document) {
                last.get_mut().push(' ');
                last.get_mut().push_str(&told);
            }
        }
        Ok(Some(Likewise {
            estate,
            verified: proof.accepted,
            descriptions,
        }))
    }

    /// The changes for one more trail, if they mend the fault. Nothing is proven yet.
    fn next_like(
        &self,
        estate: &Estate,
        fault: &Fault,
        trail: &str,
        ways: &[Way],
        document: DocumentId,
    ) -> Option<(Estate, String)> {
        let wanted = &fault.requests;
        let mut estate = estate.clone();
        let mut all_words: Vec<String> = Vec::new();
        for (step, way) in ways.iter().enumerate() {
            let is_last = step + 1 == ways.len();
            let world = World::of(&estate, self.now, trail);
            let faults = world.diagnose(trail)?.faults;
            // What the first step left is another fault of the same requests.
            let is_next = |it: &Fault| step > 0 || is_kin(it, fault);
            let fault = faults
                .iter()
                .find(|it| is_next(it) && !it.requests.is_disjoint(wanted))?;
            let (next, words) = step_like(&world, fault, trail, *way, document)?;
            let after = World::of(&next, self.now, trail);
            let left = after.refused_of(trail);
            if !helps(&world, &after, fault, trail) || is_last && !left.is_disjoint(wanted) {
                return None;
            }
            drop((world, after));
            estate = next;
            all_words.push(words);
        }
        all_words.dedup();
        Some((estate, all_words.join("; then ")))
    }
}

/// The candidate that stands where the one stood that was taken before.
fn step_like(
    world: &World<'_>,
    fault: &Fault,
    trail: &str,
    way: Way,
    document: DocumentId,
) -> Option<(Estate, String)> {
    let delivery = world.delivery(trail)?;
    if delivery.policy(fault.target)?.document != document {
        return None;
    }
    let scene = Scene {
        estate: world.estate,
        delivery,
        refused: &|id| world.refused(delivery.trail, id),
        alike: Vec::new(),
    };
    let candidates = candidates::for_fault(&scene, fault).ok()?;
    if candidates.len() != way.of {
        return None;
    }
    let candidate = candidates.into_iter().nth(way.candidate)?;
    if (candidate.grants, candidate.takes) != (way.grants, way.takes) {
        return None;
    }
    let text = candidate.text(world.estate, document)?;
    let next = world.estate.with_text(document, &text).ok()?;
    Some((next, candidate.words))
}

/// Whether two faults are of one kind, so that one kind of change may mend both.
fn is_kin(one: &Fault, other: &Fault) -> bool {
    one.cause == other.cause
        && one.target == other.target
        && one.condition == other.condition
        && one.place.document == other.place.document
}
