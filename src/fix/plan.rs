//! All fixes of a run put together: each is proven on what those before it left, so that they compose to
//! one change per document.

use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::world::World;
use super::{Fix, Fixer, diff};
use crate::audit::{Audit, audit};
use crate::delivery::Target;
use crate::diagnosis::Cause;
use crate::document::{Document, DocumentId};
use crate::model::Estate;
use crate::rules::Finding;

/// A finding that is mended, and how.
#[derive(Debug)]
pub struct Fixed {
    /// The finding.
    pub finding: Finding,
    /// What mends it.
    pub description: String,
}

/// A finding that is not, and what is missing.
#[derive(Debug)]
pub struct Unfixed {
    /// The finding.
    pub finding: Finding,
    /// What is missing; nothing where no change of a policy is what it takes.
    pub missing: Option<String>,
}

/// One change per document, and what it mends.
#[derive(Debug)]
pub struct Plan {
    /// The estate after it.
    pub estate: Estate,
    /// The documents that it changes.
    pub documents: Vec<DocumentId>,
    /// What it mends, in the order of the steps.
    pub fixed: Vec<Fixed>,
    /// What it leaves.
    pub unfixed: Vec<Unfixed>,
    /// Whether AWS would take every changed policy.
    pub verified: bool,
}

/// The most rounds: a mended fault may bring the next one to light.
const MOST_ROUNDS: usize = 10;

/// Which findings of an audit are to be mended.
pub type Wanted<'w> = &'w dyn Fn(&Audit<'_>) -> Vec<Finding>;

/// Mends what can be mended of the findings that are wanted.
pub fn plan(estate: &Estate, now: Timestamp, wanted: Wanted<'_>) -> Plan {
    let mut plan = Plan {
        estate: estate.clone(),
        documents: Vec::new(),
        fixed: Vec::new(),
        unfixed: Vec::new(),
        verified: true,
    };
    for _ in 0..MOST_ROUNDS {
        let findings = findings(&plan.estate, now, wanted);
        plan.unfixed.clear();
        if !plan.mend(now, findings) {
            break;
        }
    }
    let ids = (0..estate.documents.len()).map(DocumentId);
    let differs =
        |id: &DocumentId| estate.document(*id).answer() != plan.estate.document(*id).answer();
    plan.documents = ids.filter(differs).collect();
    plan
}

/// The findings that are wanted, the worst first.
fn findings(estate: &Estate, now: Timestamp, wanted: Wanted<'_>) -> Vec<Finding> {
    let mut findings = wanted(&audit(estate, now));
    findings.sort_by(|a, b| {
        let key = |it: &Finding| (Reverse(it.severity), it.trail.clone(), it.place.clone());
        key(a).cmp(&key(b)).then_with(|| a.rule.cmp(b.rule))
    });
    findings
}

/// Kinds of faults that are mended one by one, as together they did not hold.
type OneByOne = BTreeSet<(Cause, Target)>;

impl Plan {
    /// Mends findings one after the other; whether that changed anything.
    fn mend(&mut self, now: Timestamp, findings: Vec<Finding>) -> bool {
        let mut left = VecDeque::from(findings);
        let mut one_by_one = OneByOne::new();
        let mut changed = false;
        while let Some(change) = self.next_change(now, &mut left, changed, &mut one_by_one) {
            self.verified &= change.verified;
            self.estate = change.estate;
            self.fixed.extend(change.fixed);
            changed = true;
        }
        changed
    }

    /// The change for the first of the findings that can be mended, and for all that have a fault of the
    /// same kind. After an earlier change a finding is looked for anew: it may be gone, or stand
    /// elsewhere.
    fn next_change(
        &mut self,
        now: Timestamp,
        left: &mut VecDeque<Finding>,
        changed: bool,
        one_by_one: &mut OneByOne,
    ) -> Option<Changed> {
        let fixer = Fixer::new(&self.estate, now).together();
        while let Some(finding) = left.pop_front() {
            let current = if changed {
                again(&fixer.original, &finding)
            } else {
                Some(finding.clone())
            };
            let Some(current) = current else {
                continue;
            };
            let missing = match fixer.propose(&current) {
                Some(Ok(fix)) => {
                    return Some(with_others(
                        &fixer, finding, &current, fix, left, one_by_one,
                    ));
                }
                Some(Err(missing)) => Some(missing),
                None => None,
            };
            self.unfixed.push(Unfixed { finding, missing });
        }
        None
    }

    /// The changed documents, each as it was and as it is.
    pub fn changes<'p>(
        &'p self,
        old: &'p Estate,
    ) -> impl Iterator<Item = (&'p Document, &'p Document)> {
        let pair = |id: &DocumentId| (old.document(*id), self.estate.document(*id));
        self.documents.iter().map(pair)
    }

    /// The folder that the names in the diff start from.
    pub fn base(&self, old: &Estate) -> PathBuf {
        let paths: Vec<&str> = self.changes(old).map(|(old, _)| &*old.path).collect();
        diff::base_of(&paths)
    }

    /// One unified diff for all documents, with names from a folder on.
    pub fn diff(&self, old: &Estate, names: diff::Names, base: &Path) -> String {
        self.changes(old)
            .map(|(old, new)| diff::unified_from(base, old, new, names))
            .collect()
    }
}

/// What one step changes, and what it mends.
struct Changed {
    estate: Estate,
    verified: bool,
    fixed: Vec<Fixed>,
}

/// A fix, and with it the other findings that the same kind of change mends, proven together: hundreds
/// of trails with a fault each would else take a proof each.
fn with_others(
    fixer: &Fixer<'_>,
    finding: Finding,
    current: &Finding,
    fix: Fix,
    left: &mut VecDeque<Finding>,
    one_by_one: &mut OneByOne,
) -> Changed {
    let kind = current.fault.as_ref().map(|it| (it.cause, it.target));
    let others = kind
        .filter(|kind| !one_by_one.contains(kind))
        .map(|_| fixer.likewise(current, &fix, left.make_contiguous()));
    let mut mended = vec![Fixed {
        finding,
        description: fix.description,
    }];
    match others {
        Some(Ok(Some(likewise))) => {
            let mut descriptions = likewise.descriptions;
            for (at, finding) in std::mem::take(left).into_iter().enumerate() {
                match descriptions.remove(&at) {
                    Some(description) => mended.push(Fixed {
                        finding,
                        description,
                    }),
                    None => left.push_back(finding),
                }
            }
            Changed {
                estate: likewise.estate,
                verified: fix.verified && likewise.verified,
                fixed: mended,
            }
        }
        others => {
            if let (Some(Err(_)), Some(kind)) = (others, kind) {
                one_by_one.insert(kind);
            }
            Changed {
                estate: fix.estate,
                verified: fix.verified,
                fixed: mended,
            }
        }
    }
}

/// A finding as it is made now.
fn again(world: &World<'_>, finding: &Finding) -> Option<Finding> {
    let found = match &finding.trail {
        Some(trail) => crate::rules::check_delivery(&world.diagnose(trail)?),
        None => world.findings(finding.place.document),
    };
    let same = |it: &Finding| {
        it.rule == finding.rule
            && it.trail == finding.trail
            && it.place.document == finding.place.document
            && (finding.fault.is_some() || it.place == finding.place)
    };
    let unchanged = crate::rules::pages()
        .iter()
        .any(|page| page.name == finding.rule && page.layer == "trail");
    match found.into_iter().find(same) {
        None if unchanged => Some(finding.clone()),
        found => found,
    }
}
