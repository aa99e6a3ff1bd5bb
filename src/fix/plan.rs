//! All fixes of a run put together: each is proven on what those before it left, so that they compose to
//! one change per document.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::world::World;
use super::{Fix, Fixer, diff};
use crate::audit::{Audit, audit};
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
        let mut changed = false;
        for finding in findings {
            changed |= plan.mend(now, finding, changed);
        }
        if !changed {
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

impl Plan {
    /// Mends one finding; whether that changed anything. After a change the finding is looked for anew:
    /// it may be gone, or stand elsewhere.
    fn mend(&mut self, now: Timestamp, finding: Finding, changed: bool) -> bool {
        let current = if changed {
            self.again(now, &finding)
        } else {
            Some(finding.clone())
        };
        let Some(current) = current else {
            return false;
        };
        let proposed = Fixer::new(&self.estate, now).together().propose(&current);
        match proposed {
            Some(Ok(fix)) => {
                let Fix {
                    description,
                    verified,
                    estate,
                    ..
                } = fix;
                self.verified &= verified;
                self.estate = estate;
                self.fixed.push(Fixed {
                    finding,
                    description,
                });
                true
            }
            Some(Err(missing)) => {
                self.unfixed.push(Unfixed {
                    finding,
                    missing: Some(missing),
                });
                false
            }
            None => {
                self.unfixed.push(Unfixed {
                    finding,
                    missing: None,
                });
                false
            }
        }
    }

    /// A finding as it is made now.
    fn again(&self, now: Timestamp, finding: &Finding) -> Option<Finding> {
        let found = match &finding.trail {
            // Of all trails only this one is asked about.
            Some(trail) => {
                let world = World::of(&self.estate, now, trail);
                crate::rules::check_delivery(&world.diagnose(trail)?)
            }
            None => World::new(&self.estate, now).findings(finding.place.document),
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
