//! The smallest change of a policy's text that mends a finding, and its proof: the changed policy is read
//! and evaluated as any other, the trail delivers, no other fares worse, and nobody else gains.
//!
//! Nothing is written here, and nothing is guessed: where a change would have to be, what is missing is
//! said instead.

mod candidates;
pub mod diff;
pub mod edit;
mod layout;
mod likewise;
mod merged;
mod plan;
mod proof;
mod world;

pub use plan::{Fixed, Plan, Unfixed, Wanted, plan};

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::delivery::RequestId;
use crate::diagnosis::{Cause, Fault, PolicyUse};
use crate::document::{Document, DocumentId, Origin};
use crate::model::Estate;
use crate::rules::Finding;
use candidates::{Candidate, Change, Grants, Scene, Takes};
use proof::{Proof, prove};
use world::World;

/// A change that was proven.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What it does, in sentences.
    pub description: String,
    /// The document that it changes.
    pub document: DocumentId,
    /// Whether all was proven: that what the finding names is allowed, and that AWS would take the policy.
    /// That no trail fares worse and who gains is proven in any case.
    pub verified: bool,
    /// The estate with the change.
    pub estate: Estate,
    /// How it was found, if that was in one step.
    way: Option<Way>,
}

/// Which of the candidates for a fault a change is, and what it may grant and take.
#[derive(Debug, Clone, Copy)]
struct Way {
    candidate: usize,
    /// How many candidates there were: where there are others, the place among them says nothing.
    of: usize,
    grants: Grants,
    takes: Takes,
}

/// The most faults that are mended one after the other before the requests of one are allowed.
const MOST_STEPS: usize = 8;

/// Finds changes that mend findings of one estate; what was proven for one finding need not be proven
/// again for the next.
pub struct Fixer<'e> {
    original: World<'e>,
    /// Who uses which policy there; many findings ask.
    uses: OnceCell<Vec<PolicyUse<'e>>>,
    now: Timestamp,
    proven: RefCell<BTreeMap<(DocumentId, String), Proven>>,
    /// Changes that do not hold, whatever finding they are for, and why.
    refused: RefCell<BTreeMap<(DocumentId, String, Grants), String>>,
    /// How much has been evaluated: changes times trails.
    evaluated: Cell<usize>,
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

/// How much is evaluated for the findings of one report: changes, times the trails squared, as each of
/// them is asked about statements that grow with them, times the policy's length. A policy that hundreds
/// of trails share, and that lacks many of them, would else take longer to mend one by one than anybody
/// waits; `fix` mends all together.
const MOST_EVALUATED: usize = 5_000;

/// The squared number of trails that counts once more.
const TRAILS_STEP: usize = 50;

/// The length of a policy that counts once more.
const LENGTH_STEP: usize = 2048;

/// What is said of findings beyond that.
const TOO_MUCH: &str =
    "not worked out for each of so many findings: `trail-lint fix` mends them together";

/// A change that was proven, and the requests that it leaves refused.
#[derive(Clone)]
struct Proven {
    estate: Estate,
    proof: Proof,
    left: BTreeMap<String, BTreeSet<RequestId>>,
}

/// What has been changed so far, and how.
struct Progress {
    document: DocumentId,
    estate: Estate,
    words: Vec<String>,
    grants: Vec<Grants>,
    /// The proof, while there is but one step.
    proof: Option<Proof>,
    way: Option<Way>,
}

/// One change that mends one fault.
struct Step {
    document: DocumentId,
    estate: Estate,
    words: String,
    grants: Grants,
    proof: Proof,
    way: Option<Way>,
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
            evaluated: Cell::new(0),
            together: Together::Alone,
        }
    }

    /// The same, but trails with the very same fault are mended together.
    #[must_use]
    pub fn together(self) -> Fixer<'e> {
        Fixer {
            together: Together::Alike,
            ..self
        }
    }

    /// Counts one more change to be evaluated; false if enough was evaluated for one report. What helped
    /// nobody took as long as what did.
    fn may_evaluate(&self, text: &str) -> bool {
        let trails = self.original.estate.trails.len();
        let cost = (1 + trails * trails / TRAILS_STEP) * (1 + text.len() / LENGTH_STEP);
        self.evaluated.set(self.evaluated.get() + cost);
        self.may_go_on()
    }

    /// Whether more may be evaluated. Where not, nothing is looked for either: that takes time as well.
    fn may_go_on(&self) -> bool {
        self.together == Together::Alike || self.evaluated.get() <= MOST_EVALUATED
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
        if !self.may_go_on() && candidates::beyond_policies(fault.cause).is_none() {
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
            None => self.prove_together(&progress)?,
        };
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
            way: progress.way.filter(|_| open.is_empty()),
        })
    }

    fn prove_together(&self, progress: &Progress) -> Result<Proof, String> {
        let after = World::new(&progress.estate, self.now);
        // Together the steps may grant what the most generous of them was allowed to.
        let kinds = [Grants::Nothing, Grants::SameAccounts, Grants::Questions];
        let of_steps = kinds
            .into_iter()
            .filter(|kind| *kind == Grants::Nothing || progress.grants.contains(kind));
        let mut last = Err("nothing was proven".to_owned());
        for grants in of_steps {
            last = prove(
                &self.original,
                &after,
                progress.document,
                grants,
                Takes::Slips,
            );
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
        let alike = if lists && self.together == Together::Alike {
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
            let Some(text) = changed(world.estate, document, &candidate) else {
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
                        })
                        .filter(|_| proof.also.is_empty()),
                        proof,
                    });
                }
                Some(Err(reason)) => why = why.or(Some(reason)),
                None => {}
            }
        }
        Err(why.unwrap_or_else(|| "no change of the policy that is known mends it".to_owned()))
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
        if !self.may_evaluate(&key.1) {
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
        let text = changed(self.original.estate, document, candidate)?;
        if !self.may_evaluate(&text) {
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

impl Progress {
    fn after(known: Option<Progress>, step: Step) -> Progress {
        match known {
            None => Progress {
                document: step.document,
                estate: step.estate,
                words: vec![step.words],
                grants: vec![step.grants],
                proof: Some(step.proof),
                way: step.way,
            },
            Some(mut known) => {
                known.estate = step.estate;
                known.words.push(step.words);
                known.grants.push(step.grants);
                known.proof = None;
                known.way = None;
                known
            }
        }
    }
}

/// Whether a change does something about a fault: fewer of its requests are refused, or for another
/// reason.
fn helps(before: &World<'_>, after: &World<'_>, fault: &Fault, trail: &str) -> bool {
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

fn refused_to(
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

/// The text of a document after a change, if that is another.
fn changed(estate: &Estate, document: DocumentId, candidate: &Candidate) -> Option<String> {
    let old = estate.document(document);
    let text = match &candidate.change {
        Change::Edit(ops) if ops.is_empty() => return None,
        Change::Edit(ops) => edit::apply(old, ops)?,
        Change::Install(policy) => edit::install(old, policy)?,
    };
    (text != old.answer()).then_some(text)
}

/// Whether a finding about a policy is still made.
fn stays(world: &World<'_>, finding: &Finding) -> bool {
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

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
