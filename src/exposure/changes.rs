//! What a new policy lets CloudTrail do that an old one did not, and the other way round: for all trails
//! of all accounts, those of the estate included.

use std::collections::BTreeSet;

use super::classes::{Class, Known, Prepared, accounts, prepare, prepare_for};
use super::differing::Differing;
use super::family::{Family, Shape};
use super::named::named;
use super::requests::{actions, for_action};
use super::{Reach, Witness};
use crate::diagnosis::PolicyUse;
use crate::iam::{Effective, Policy, WordClass, decide};

/// How two policies differ in one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The action.
    pub action: &'static str,
    /// What only the new policy allows.
    pub gained: Option<Difference>,
    /// What only the old policy allows.
    pub lost: Option<Difference>,
    /// Whether the policies are too tangled to be compared to the end.
    pub tangled: bool,
}

/// What one of two policies allows and the other does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// A request that shows it, and how many accounts have one.
    pub reach: Reach,
    /// The statement of the allowing policy, by index, if one surely allows it.
    pub by: Option<usize>,
}

/// Compares two policies of one resource. Who uses it says which Regions, buckets and prefixes to try
/// besides those that the policies spell out.
pub fn changes(used: &PolicyUse<'_>, old: &Policy, new: &Policy) -> Vec<Change> {
    compare_all(used, [old, new], None)
}

/// The same, but of what only the new policy allows, that alone which a third policy does not allow
/// either: the grants that are meant.
pub fn changes_beyond(
    used: &PolicyUse<'_>,
    old: &Policy,
    new: &Policy,
    meant: &Policy,
) -> Vec<Change> {
    compare_all(used, [old, new], Some(meant))
}

fn compare_all(
    used: &PolicyUse<'_>,
    [old, new]: [&Policy; 2],
    meant: Option<&Policy>,
) -> Vec<Change> {
    let policies: Vec<&Policy> = [old, new].into_iter().chain(meant).collect();
    let named = named(&policies);
    let differing = Differing::between(old, new);
    let mut changes = Vec::new();
    for (action, id) in actions(used.target) {
        let family = used
            .asked
            .get(id)
            .and_then(|example| Family::of(used, *id, &named, example));
        let Some(family) = family else { continue };
        let shapes: Vec<Shape> = family.shapes();
        let shapes = shapes.into_iter().map(|shape| for_action(shape, action));
        let shapes: Vec<Shape> = shapes.collect();
        let compared = Compared {
            action,
            policies: [old, new],
            meant,
            differing: &differing,
        };
        changes.push(compared.change(&shapes).unwrap_or(Change {
            action,
            gained: None,
            lost: None,
            tangled: true,
        }));
    }
    changes
}

/// One action, and the policies that are compared in it.
struct Compared<'c> {
    action: &'static str,
    policies: [&'c Policy; 2],
    meant: Option<&'c Policy>,
    differing: &'c Differing,
}

impl Compared<'_> {
    /// How the policies differ for all shapes; nothing if they are too tangled.
    fn change(&self, shapes: &[Shape]) -> Option<Change> {
        let mut sides = [Side::default(), Side::default()];
        self.add_all(shapes, &mut sides)?;
        let [gained, lost] = sides;
        Some(Change {
            action: self.action,
            gained: gained.difference(),
            lost: lost.difference(),
            tangled: false,
        })
    }

    /// Adds what differs. Only accounts are looked at for whose trails something may; where these are
    /// spelt out, the classes are made for each of them alone, which many patterns bear on no more.
    fn add_all(&self, shapes: &[Shape], sides: &mut [Side; 2]) -> Option<()> {
        if self.differing.is_empty() {
            return Some(());
        }
        let coarse = self.differing.prepare(self.action, shapes);
        let may_differ = |account: &WordClass| {
            let mut coarse = coarse.iter().flatten();
            coarse.any(|coarse| self.differs_for(coarse, &account.example))
        };
        let found = coarse
            .as_ref()
            .and_then(|it| accounts(it, &BTreeSet::new()));
        let found = found.map(|mut found| {
            found.retain(may_differ);
            found
        });
        if let Some(found) = &found
            && found.iter().all(|account| account.words == 1)
        {
            for shape in shapes {
                for account in found {
                    let policies = self.all();
                    let prepared = prepare_for(&policies, self.action, shape, &account.example)?;
                    self.add(&prepared, account, sides)?;
                }
            }
            return Some(());
        }
        let known = Known::default();
        let prepared = shapes
            .iter()
            .map(|shape| prepare(&self.all(), self.action, shape.clone(), &known));
        let prepared: Vec<Prepared<'_>> = prepared.collect::<Option<_>>()?;
        let mut all = accounts(&prepared, &BTreeSet::new())?;
        if coarse.is_some() {
            all.retain(may_differ);
        }
        for prepared in &prepared {
            for account in &all {
                self.add(prepared, account, sides)?;
            }
        }
        Some(())
    }

    fn all(&self) -> Vec<&Policy> {
        self.policies.into_iter().chain(self.meant).collect()
    }

    /// Whether some request for a trail of an account may be decided otherwise.
    fn differs_for(&self, coarse: &Prepared<'_>, account: &str) -> bool {
        coarse.classes(account).is_none_or(|classes| {
            let mut requests = classes.iter().map(|class| class.request(self.action));
            requests.any(|request| self.differing.tells_apart(&request))
        })
    }

    fn add(
        &self,
        prepared: &Prepared<'_>,
        account: &WordClass,
        [gained, lost]: &mut [Side; 2],
    ) -> Option<()> {
        for class in prepared.classes(&account.example)? {
            let request = class.request(self.action);
            if !self.differing.tells_apart(&request) {
                continue;
            }
            let [before, after] = self.policies.map(|policy| decide(policy, &request));
            let is_meant = || {
                let meant = self.meant.map(|meant| decide(meant, &request));
                meant.is_some_and(|meant| rank(&meant) == 2)
            };
            match rank(&after).cmp(&rank(&before)) {
                std::cmp::Ordering::Greater if is_meant() => {}
                std::cmp::Ordering::Greater => gained.add(&class, account.words, &after),
                std::cmp::Ordering::Less => lost.add(&class, account.words, &before),
                std::cmp::Ordering::Equal => {}
            }
        }
        Some(())
    }
}

/// Undecided is more than denied and less than allowed.
pub(super) fn rank(effective: &Effective) -> u8 {
    match effective {
        Effective::ExplicitlyDenied { .. } | Effective::ImplicitlyDenied => 0,
        Effective::Undecided { .. } => 1,
        Effective::Allowed { .. } => 2,
    }
}

/// What one of the policies allows alone.
#[derive(Default)]
struct Side {
    first: Option<(Witness, Option<usize>)>,
    seen: BTreeSet<String>,
    accounts: u128,
}

impl Side {
    fn add(&mut self, class: &Class, words: u128, effective: &Effective) {
        let witness = Witness::of(class);
        if self.seen.insert(witness.account.clone()) {
            self.accounts += words;
        }
        let by = match effective {
            Effective::Allowed { by } => Some(*by),
            _ => None,
        };
        self.first.get_or_insert((witness, by));
    }

    fn difference(self) -> Option<Difference> {
        let (witness, by) = self.first?;
        let reach = Reach {
            witness,
            accounts: Some(self.accounts),
        };
        Some(Difference { reach, by })
    }
}
