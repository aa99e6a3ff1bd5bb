//! Finds the change that mends a finding, step by step, and has each proven.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::budget::{Budget, TOO_MUCH};
use super::candidates::{self, Candidate, Grants, Scene, Takes};
use super::mended::{helps, refused_to, stays};
use super::proof::{Proof, prove};
use super::steps::{Progress, Step};
use super::world::{World, is_same};
use super::{Fix, Way, capital, merged};
use crate::delivery::RequestId;
use crate::diagnosis::{Cause, Fault, PolicyUse};
use crate::document::{Document, DocumentId, Origin};
use crate::model::Estate;
use crate::rules::Finding;

/// The most faults that are mended one after the other before the requests of one are allowed.
const MOST_STEPS: usize = 8;

/// Finds changes that mend findings of one estate; what was proven for one finding need not be proven
/// again for the next.
pub struct Fixer<'e> {
    pub(super) original: World<'e>,
    /// Who uses which policy there; many findings ask.
    uses: OnceCell<Vec<PolicyUse<'e>>>,
    pub(super) now: Timestamp,
    proven: RefCell<BTreeMap<(DocumentId, String), Proven>>,
    /// Changes that do not hold, whatever finding they are for, and why.
    refused: RefCell<BTreeMap<(DocumentId, String, Grants), String>>,
    /// Faults that could not be mended for all trails that have them at once, and why.
    hopeless: RefCell<Vec<(Fault, String)>>,
    budget: Budget,
    together: Together,
}

/// Whether the trails with the very same fault are mended along with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Together {
    /// One finding, one change: the smallest.
    Alone,
    /// One change for all accounts that a list lacks.
    Alike,
}

/// A change that was proven, and the requests that it leaves refused.
#[derive(Clone)]
struct Proven {
    estate: Estate,
    proof: Proof,
    left: BTreeMap<String, BTreeSet<RequestId>>,
}

impl<'e> Fixer<'e> {
    /// For the findings of an estate as of a moment.
    pub fn new(estate: &'e Estate, now: Timestamp) -> Fixer<'e> {
        Fixer {
            original: World::new(estate, now),
            uses: OnceCell::new(),
            now,
            proven: RefCell::default(),
            refused: RefCell::default(),
            hopeless: RefCell::default(),
            budget: Budget::of_report(estate.trails.len()),
            together: Together::Alone,
        }
    }

    /// The same, but trails with the very same fault are mended together.
    #[must_use]
    pub fn together(self) -> Fixer<'e> {
        Fixer {
            together: Together::Alike,
            budget: Budget::unbounded(),
            ..self
        }
    }

    /// The change that mends a finding, or what is missing to name one; nothing where no policy is at
    /// fault.
    pub fn propose(&self, finding: &Finding) -> Option<Result<Fix, String>> {
        let proposed = match (&finding.fault, &finding.trail) {
            (Some(fault), Some(trail)) => Some(self.mend_fault(fault, trail)),
            _ => self.mend_policy(finding),
        };
        proposed.map(|proposed| proposed.and_then(|fix| self.unless_code(fix)))
    }

    /// A change; of infrastructure code only as advice, as its text is another than that of the policy.
    fn unless_code(&self, fix: Fix) -> Result<Fix, String> {
        let [old, new] = [self.original.estate, &fix.estate].map(|it| it.document(fix.document));
        if old.origin != Origin::Code {
            return Ok(fix);
        }
        let known = statements(old);
        let changed: Vec<String> = statements(new)
            .into_iter()
            .filter(|statement| !known.contains(statement))
            .map(|statement| format!("`{statement}`"))
            .collect();
        let then = match changed.as_slice() {
            [] => String::new(),
            [only] => format!(" The statement is then {only}."),
            several => format!(" The statements are then {}.", several.join(" and ")),
        };
        Err(format!(
            "code is changed by hand, here {}. {}{then}",
            old.name(),
            fix.description
        ))
    }

    fn mend_fault(&self, fault: &Fault, trail: &str) -> Result<Fix, String> {
        if !self.budget.is_left() && candidates::beyond_policies(fault.cause).is_none() {
            return Err(TOO_MUCH.to_owned());
        }
        let wanted = &fault.requests;
        let mut progress: Option<Progress> = None;
        let mut fault = fault.clone();
        for _ in 0..MOST_STEPS {
            let step = match &progress {
                None => self.step(&self.original, &fault, trail)?,
                Some(known) => {
                    let world = World::new(&known.estate, self.now);
                    self.step(&world, &fault, trail)?
                }
            };
            let known = Progress::after(progress.take(), step);
            let left = refused_to(&known.estate, self.now, trail, wanted);
            let next = left.iter().next().and_then(|_| {
                let only = World::of(&known.estate, self.now, trail);
                let faults = only.diagnose(trail)?.faults;
                let of_wanted = |it: &Fault| it.requests.iter().any(|id| left.contains(id));
                faults.into_iter().find(of_wanted)
            });
            match next {
                Some(next) => fault = next,
                // What no fault explains any more is allowed, or depends on what nobody can tell.
                None => return self.finish(known, &left),
            }
            progress = Some(known);
        }
        Err("too much is wrong at once: mend what the other findings say first".to_owned())
    }

    /// The proof of all steps together, and their words.
    fn finish(&self, progress: Progress, open: &BTreeSet<RequestId>) -> Result<Fix, String> {
        let Proof { also, accepted } = match progress.proof {
            Some(proof) => proof,
            None => self.prove_together(&progress.estate, progress.document, &progress.grants)?,
        };
        // What grants more than is known is said of one, and not done to others unsaid.
        let ways = progress.ways.filter(|_| open.is_empty() && also.is_empty());
        let mut words = progress.words;
        words.dedup();
        let mut sentences = vec![format!("{}.", capital(&words.join("; then ")))];
        sentences.extend(also);
        sentences.extend(merged::told(
            self.original.estate,
            &progress.estate,
            progress.document,
        ));
        if !accepted {
            sentences.push("AWS refuses the policy for another reason, which is left.".to_owned());
        }
        if !open.is_empty() {
            let names: Vec<String> = open.iter().map(|id| format!("`{}`", id.name())).collect();
            sentences.push(format!(
                "Whether {} is allowed then cannot be said: that depends on what AWS does not document, or on what could \
                 not be seen.",
                names.join(" and ")
            ));
        }
        Ok(Fix {
            description: sentences.join(" "),
            document: progress.document,
            verified: accepted && open.is_empty(),
            estate: progress.estate,
            ways,
        })
    }

    /// The proof of several steps, each of which may grant something.
    pub(super) fn prove_together(
        &self,
        estate: &Estate,
        document: DocumentId,
        grants: &[Grants],
    ) -> Result<Proof, String> {
        let after = World::new(estate, self.now);
        // Together the steps may grant what the most generous of them was allowed to.
        let kinds = [Grants::Nothing, Grants::SameAccounts, Grants::Questions];
        let of_steps = kinds
            .into_iter()
            .filter(|kind| *kind == Grants::Nothing || grants.contains(kind));
        let mut last = Err("nothing was proven".to_owned());
        for grants in of_steps {
            last = prove(&self.original, &after, document, grants, Takes::Slips);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    /// The first candidate for a fault that does something about it and holds.
    fn step(&self, world: &World<'_>, fault: &Fault, trail: &str) -> Result<Step, String> {
        let delivery = world.delivery(trail).ok_or("the trail is not known")?;
        let lists = fault.cause == Cause::AccountPrefixMissing;
        let at_once = lists && self.together == Together::Alike;
        let is_first = std::ptr::eq(world, &raw const self.original);
        if at_once && is_first {
            let hopeless = self.hopeless.borrow();
            if let Some((_, why)) = hopeless.iter().find(|(known, _)| is_same(known, fault)) {
                return Err(why.clone());
            }
        }
        let alike = if at_once {
            world.alike(fault)
        } else {
            Vec::new()
        };
        let refused_too = |id: RequestId| world.refused(delivery.trail, id);
        let scene = Scene {
            estate: world.estate,
            delivery,
            refused: &refused_too,
            alike,
        };
        let document = match delivery.policy(fault.target) {
            Some(policy) => policy.document,
            None => fault.place.document,
        };
        let mut why = None;
        let candidates = candidates::for_fault(&scene, fault)?;
        let of = candidates.len();
        for (at, candidate) in candidates.into_iter().enumerate() {
            let Some(text) = candidate.text(world.estate, document) else {
                continue;
            };
            match self.try_change(world, document, text, &candidate, fault, trail) {
                Some(Ok(Proven { estate, proof, .. })) => {
                    return Ok(Step {
                        document,
                        estate,
                        words: candidate.words,
                        grants: candidate.grants,
                        way: Some(Way {
                            candidate: at,
                            of,
                            grants: candidate.grants,
                            takes: candidate.takes,
                        }),
                        proof,
                    });
                }
                Some(Err(reason)) => why = why.or(Some(reason)),
                None => {}
            }
        }
        let why =
            why.unwrap_or_else(|| "no change of the policy that is known mends it".to_owned());
        if at_once && is_first {
            self.hopeless
                .borrow_mut()
                .push((fault.clone(), why.clone()));
        }
        Err(why)
    }

    /// Evaluates a change; nothing if it does nothing about the fault.
    fn try_change(
        &self,
        world: &World<'_>,
        document: DocumentId,
        text: String,
        candidate: &Candidate,
        fault: &Fault,
        trail: &str,
    ) -> Option<Result<Proven, String>> {
        let is_first = std::ptr::eq(world, &raw const self.original);
        let key = (document, text);
        let known = self.proven.borrow().get(&key).filter(|_| is_first).cloned();
        if let Some(known) = known {
            let left = known.left.get(trail);
            if left.is_none_or(|left| fault.requests.is_disjoint(left)) {
                return Some(Ok(known));
            }
        }
        let tried = (document, key.1.clone(), candidate.grants);
        let refused = self
            .refused
            .borrow()
            .get(&tried)
            .filter(|_| is_first)
            .cloned();
        if let Some(reason) = refused {
            return Some(Err(reason));
        }
        if !self.budget.take_for(&key.1) {
            return Some(Err(TOO_MUCH.to_owned()));
        }
        let estate = world.estate.with_text(document, &key.1).ok()?;
        // The trail alone first: most changes that do not help are told by it.
        let alone = World::of(&estate, self.now, trail);
        if !helps(world, &alone, fault, trail) {
            return None;
        }
        let after = World::new(&estate, self.now);
        let proof = prove(world, &after, document, candidate.grants, candidate.takes);
        let left = after.all_refused();
        drop((alone, after));
        if let Err(reason) = &proof
            && is_first
        {
            self.refused.borrow_mut().insert(tried, reason.clone());
        }
        Some(proof.map(|proof| {
            let proven = Proven {
                estate,
                proof,
                left,
            };
            if is_first {
                self.proven.borrow_mut().insert(key, proven.clone());
            }
            proven
        }))
    }

    fn mend_policy(&self, finding: &Finding) -> Option<Result<Fix, String>> {
        let document = finding.place.document;
        let world = &self.original;
        let all = self.uses.get_or_init(|| world.all_uses());
        let used = all.iter().find(|it| it.policy.document == document)?;
        let shared = candidates::Shared {
            estate: world.estate,
            target: used.target,
            policy: used.policy,
            users: used.trails.clone(),
        };
        let trail = finding.trail.as_deref();
        let candidates = candidates::for_policy(&shared, finding.rule, &finding.place, trail)?;
        Some(candidates.and_then(|candidates| {
            let mut why = None;
            for candidate in candidates {
                match self.try_for_policy(document, &candidate, finding) {
                    Some(Ok(step)) => {
                        return self.finish(Progress::after(None, step), &BTreeSet::new());
                    }
                    Some(Err(reason)) => why = why.or(Some(reason)),
                    None => {}
                }
            }
            Err(why.unwrap_or_else(|| "what should stand there instead is not known".to_owned()))
        }))
    }

    fn try_for_policy(
        &self,
        document: DocumentId,
        candidate: &Candidate,
        finding: &Finding,
    ) -> Option<Result<Step, String>> {
        let text = candidate.text(self.original.estate, document)?;
        if !self.budget.take_for(&text) {
            return Some(Err(TOO_MUCH.to_owned()));
        }
        let estate = self.original.estate.with_text(document, &text).ok()?;
        let after = World::new(&estate, self.now);
        if stays(&after, finding) {
            return None;
        }
        let (grants, takes) = (candidate.grants, candidate.takes);
        let proof = prove(&self.original, &after, document, grants, takes);
        drop(after);
        Some(proof.map(|proof| Step {
            document,
            estate,
            words: candidate.words.clone(),
            grants,
            proof,
            way: None,
        }))
    }
}

/// The statements of a document's policy.
fn statements(document: &Document) -> Vec<serde_json::Value> {
    let text = match document.embedded() {
        Some(holder) => holder.as_str().unwrap_or_default(),
        None => document.answer(),
    };
    let policy: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    match policy.get("Statement") {
        Some(serde_json::Value::Array(all)) => all.clone(),
        Some(only) => vec![only.clone()],
        None => Vec::new(),
    }
}
