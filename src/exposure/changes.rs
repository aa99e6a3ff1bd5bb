//! What a new policy lets CloudTrail do that an old one did not, and the other way round: for all trails
//! of all accounts, those of the estate included.

use std::collections::BTreeSet;

use super::classes::{Class, Known, Prepared, accounts, prepare};
use super::family::Family;
use super::named::named;
use super::requests::{actions, for_action};
use super::{Reach, Witness};
use crate::diagnosis::PolicyUse;
use crate::iam::{Effective, Policy, decide};

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
    let mut changes = Vec::new();
    for (action, id) in actions(used.target) {
        let family = used
            .asked
            .get(id)
            .and_then(|example| Family::of(used, *id, &named, example));
        let Some(family) = family else { continue };
        let shapes = family.shapes().into_iter();
        let prepared = shapes.map(|shape| {
            let shape = for_action(shape, action);
            prepare(&policies, action, shape, &Known::default())
        });
        let prepared: Option<Vec<Prepared<'_>>> = prepared.collect();
        let change = prepared.and_then(|prepared| compare(&prepared, action, [old, new], meant));
        changes.push(change.unwrap_or(Change {
            action,
            gained: None,
            lost: None,
            tangled: true,
        }));
    }
    changes
}

fn compare(
    prepared: &[Prepared<'_>],
    action: &'static str,
    [old, new]: [&Policy; 2],
    meant: Option<&Policy>,
) -> Option<Change> {
    let accounts = accounts(prepared, &BTreeSet::new())?;
    let mut sides = [Side::default(), Side::default()];
    let [gained, lost] = &mut sides;
    for prepared in prepared {
        for account in &accounts {
            for class in prepared.classes(&account.example)? {
                let request = class.request(action);
                let (before, after) = (decide(old, &request), decide(new, &request));
                let is_meant = || meant.is_some_and(|meant| rank(&decide(meant, &request)) == 2);
                match rank(&after).cmp(&rank(&before)) {
                    std::cmp::Ordering::Greater if is_meant() => {}
                    std::cmp::Ordering::Greater => gained.add(&class, account.words, &after),
                    std::cmp::Ordering::Less => lost.add(&class, account.words, &before),
                    std::cmp::Ordering::Equal => {}
                }
            }
        }
    }
    let [gained, lost] = sides;
    Some(Change {
        action,
        gained: gained.difference(),
        lost: lost.difference(),
        tangled: false,
    })
}

/// Undecided is more than denied and less than allowed.
fn rank(effective: &Effective) -> u8 {
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
