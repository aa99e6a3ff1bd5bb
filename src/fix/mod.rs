//! The smallest change of a policy's text that mends a finding, and its proof: the changed policy is read
//! and evaluated as any other, the trail delivers, no other fares worse, and nobody else gains.
//!
//! Nothing is written here, and nothing is guessed: where a change would have to be, what is missing is
//! said instead.

mod candidates;
pub mod diff;
pub mod edit;
mod layout;
mod plan;
mod proof;
mod world;

pub use plan::{Fixed, Plan, Unfixed, Wanted, plan};

use jiff::Timestamp;

use crate::delivery::{Decision, RequestId};
use crate::diagnosis::Fault;
use crate::document::DocumentId;
use crate::model::Estate;
use crate::rules::Finding;
use candidates::{Candidate, Change, Grants, Scene, Takes};
use proof::{Proof, prove};
use world::{World, by_policy};

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
}

/// The most faults that are mended one after the other before the requests of one are allowed.
const MOST_STEPS: usize = 8;

/// The change that mends a finding, or what is missing to name one; nothing where no policy is at fault.
pub fn propose(estate: &Estate, now: Timestamp, finding: &Finding) -> Option<Result<Fix, String>> {
    match (&finding.fault, &finding.trail) {
        (Some(fault), Some(trail)) => Some(mend_fault(estate, now, fault, trail)),
        _ => mend_policy(estate, now, finding),
    }
}

/// What has been changed so far, and how.
struct Progress {
    estate: Estate,
    words: Vec<String>,
    grants: Vec<Grants>,
}

fn mend_fault(estate: &Estate, now: Timestamp, fault: &Fault, trail: &str) -> Result<Fix, String> {
    let original = World::new(estate, now);
    let mut progress: Option<Progress> = None;
    let mut fault = fault.clone();
    let wanted = fault.requests.clone();
    let mut document = None;
    for _ in 0..MOST_STEPS {
        let current = progress
            .as_ref()
            .map_or(estate, |progress| &progress.estate);
        let world = World::new(current, now);
        let step = step(&world, now, &fault, trail)?;
        document = document.or(Some(step.document));
        let next = World::new(&step.estate, now);
        let left = refused(&next, trail, wanted.iter());
        let next_fault = next.diagnose(trail).and_then(|diagnosis| {
            let of_wanted = |it: &&Fault| it.requests.iter().any(|id| left.contains(id));
            diagnosis.faults.iter().find(of_wanted).cloned()
        });
        drop(next);
        let mut known = progress.take().unwrap_or_else(|| Progress {
            estate: step.estate.clone(),
            words: Vec::new(),
            grants: Vec::new(),
        });
        known.words.push(step.words);
        known.grants.push(step.grants);
        known.estate = step.estate;
        match next_fault.filter(|_| !left.is_empty()) {
            Some(next) => fault = next,
            // What no fault explains any more is allowed, or depends on what nobody can tell.
            None => return finish(&original, now, known, document, &left),
        }
        progress = Some(known);
    }
    Err("too much is wrong at once: mend what the other findings say first".to_owned())
}

/// The proof of all steps together, and their words.
fn finish(
    original: &World<'_>,
    now: Timestamp,
    progress: Progress,
    document: Option<DocumentId>,
    open: &[RequestId],
) -> Result<Fix, String> {
    let document = document.ok_or("nothing was changed")?;
    let after = World::new(&progress.estate, now);
    // Together the steps may grant what the most generous of them was allowed to.
    let kinds = [Grants::Nothing, Grants::SameAccounts, Grants::Questions];
    let of_steps = kinds
        .into_iter()
        .filter(|kind| *kind == Grants::Nothing || progress.grants.contains(kind));
    let mut last = Err("nothing was proven".to_owned());
    for grants in of_steps {
        last = prove(original, &after, document, grants, Takes::Slips);
        if last.is_ok() {
            break;
        }
    }
    let Proof { also, accepted } = last?;
    let mut sentences = vec![format!("{}.", capital(&progress.words.join("; then ")))];
    sentences.extend(also);
    if !accepted {
        sentences.push("AWS refuses the policy for another reason, which is left.".to_owned());
    }
    if !open.is_empty() {
        let names: Vec<String> = open.iter().map(|id| format!("`{}`", id.name())).collect();
        sentences.push(format!(
            "Whether {} is allowed then cannot be said: that depends on what AWS does not document, or on what could not \
             be seen.",
            names.join(" and ")
        ));
    }
    drop(after);
    Ok(Fix {
        description: sentences.join(" "),
        document,
        verified: accepted && open.is_empty(),
        estate: progress.estate,
    })
}

/// One change that mends one fault.
struct Step {
    document: DocumentId,
    estate: Estate,
    words: String,
    grants: Grants,
}

fn step(world: &World<'_>, now: Timestamp, fault: &Fault, trail: &str) -> Result<Step, String> {
    let delivery = world.delivery(trail).ok_or("the trail is not known")?;
    let refused_too = |id: RequestId| world.refused(delivery.trail, id);
    let scene = Scene {
        estate: world.estate,
        delivery,
        refused: &refused_too,
    };
    let document = match delivery.policy(fault.target) {
        Some(policy) => policy.document,
        None => fault.place.document,
    };
    let before = refused(world, trail, fault.requests.iter());
    let mut why = None;
    for candidate in candidates::for_fault(&scene, fault)? {
        let Some(estate) = changed(world.estate, document, &candidate) else {
            continue;
        };
        let after = World::new(&estate, now);
        let left = refused(&after, trail, fault.requests.iter());
        let same_fault = after.diagnose(trail).is_some_and(|diagnosis| {
            diagnosis.faults.iter().any(|it| {
                it.cause == fault.cause
                    && it.target == fault.target
                    && it.place == fault.place
                    && it.condition == fault.condition
                    && it.requests.iter().any(|id| left.contains(id))
            })
        });
        if same_fault || (left.len() == before.len() && !is_other_fault(&after, trail, fault)) {
            continue;
        }
        match prove(world, &after, document, candidate.grants, candidate.takes) {
            Ok(_) => {
                drop(after);
                return Ok(Step {
                    document,
                    estate,
                    words: candidate.words,
                    grants: candidate.grants,
                });
            }
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    Err(why.unwrap_or_else(|| "no change of the policy that is known mends it".to_owned()))
}

/// Whether what still refuses a fault's requests is something else than before.
fn is_other_fault(after: &World<'_>, trail: &str, fault: &Fault) -> bool {
    after.diagnose(trail).is_some_and(|diagnosis| {
        !diagnosis.faults.iter().any(|it| {
            it.cause == fault.cause && it.target == fault.target && it.place == fault.place
        })
    })
}

/// The requests that the policies do not allow.
fn refused<'r>(
    world: &World<'_>,
    trail: &str,
    requests: impl Iterator<Item = &'r RequestId>,
) -> Vec<RequestId> {
    let Some(delivery) = world.delivery(trail) else {
        return Vec::new();
    };
    let is_refused = |id: &&RequestId| {
        let request = delivery.request(**id);
        request.is_some_and(|request| by_policy(request) != Decision::Allowed)
    };
    requests.filter(is_refused).copied().collect()
}

fn changed(estate: &Estate, document: DocumentId, candidate: &Candidate) -> Option<Estate> {
    let old = estate.document(document);
    let text = match &candidate.change {
        Change::Edit(ops) if ops.is_empty() => return None,
        Change::Edit(ops) => edit::apply(old, ops)?,
        Change::Install(policy) => edit::install(old, policy)?,
    };
    (text != old.text()).then(|| estate.with_text(document, text).ok())?
}

fn mend_policy(estate: &Estate, now: Timestamp, finding: &Finding) -> Option<Result<Fix, String>> {
    let document = finding.place.document;
    let world = World::new(estate, now);
    let used = world.uses(document).into_iter().next()?;
    let shared = candidates::Shared {
        estate,
        target: used.target,
        policy: used.policy,
        users: used.trails.clone(),
    };
    let candidates = candidates::for_policy(
        &shared,
        finding.rule,
        &finding.place,
        finding.trail.as_deref(),
    )?;
    Some(candidates.and_then(|candidates| {
        let mut why = None;
        for candidate in candidates {
            let Some(changed) = changed(estate, document, &candidate) else {
                continue;
            };
            let after = World::new(&changed, now);
            if stays(&after, finding) {
                continue;
            }
            match prove(&world, &after, document, candidate.grants, candidate.takes) {
                Ok(_) => {
                    drop(after);
                    let progress = Progress {
                        estate: changed,
                        words: vec![candidate.words],
                        grants: vec![candidate.grants],
                    };
                    return finish(&world, now, progress, Some(document), &[]);
                }
                Err(reason) => why = why.or(Some(reason)),
            }
        }
        Err(why.unwrap_or_else(|| "what should stand there instead is not known".to_owned()))
    }))
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
