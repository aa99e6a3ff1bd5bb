//! Whose trails a statement is for, as conditions: exactly the trails that are known, or more of their
//! accounts' trails where that takes less room.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::grants::{self, one_or_many};
use crate::model::Trail;

/// Which trails of the accounts are meant; each admits more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Names {
    /// The known ones.
    Own,
    /// Those of a name and home Region that a known trail has, of whichever of the accounts.
    Known,
    /// Those of a home Region that a known trail has.
    Regions,
    /// All.
    Any,
}

/// How the known trails are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    /// By their ARNs, with everything that belongs to one account spelled out.
    Each,
    /// By their ARNs, with policy variables for what belongs to one account.
    Lists,
    /// Accounts that share a trail's name and home Region by their ids, in a statement of their own,
    /// wherever that is shorter.
    Shared,
}

/// What a statement has around its condition, in bytes, near enough to choose between two spellings
/// that admit the same.
const AROUND: usize = 260;

/// The conditions of the statements, one for each, that together admit some trails.
pub(super) fn conditions(trails: &[&Trail], names: Names, spelling: Spelling) -> Vec<Value> {
    match (names, spelling) {
        (Names::Own, Spelling::Each | Spelling::Lists) => vec![listed(trails)],
        (Names::Own, Spelling::Shared) => shared(trails),
        (names, _) => vec![of_accounts(trails, names)],
    }
}

/// The condition that admits trails of any account, by what their ARNs have in common besides it.
pub(super) fn of_anybody(trails: &[&Trail], names: Names) -> Value {
    json!({ "ArnLike": { "aws:SourceArn": one_or_many(patterns(trails, names)) } })
}

/// The condition that admits trails of the accounts of an organization.
pub(super) fn of_organization(organization: &str, trails: &[&Trail], names: Names) -> Value {
    json!({
        "StringEquals": { "aws:SourceOrgID": organization },
        "ArnLike": { "aws:SourceArn": one_or_many(patterns(trails, names)) },
    })
}

/// Whether every account has a trail of every name and home Region, so that nobody gains when accounts
/// and trails are asked for apart.
pub(super) fn is_product(trails: &[&Trail]) -> bool {
    let arns = grants::arns(trails).len();
    arns == accounts(trails).len() * patterns(trails, Names::Known).len()
}

/// The names that ask for less and less, leaving out those that are no shorter than the one before.
pub(super) fn useful(trails: &[&Trail]) -> Vec<Names> {
    let mut names = vec![Names::Own];
    let mut shortest = usize::MAX;
    for more in [Names::Known, Names::Regions, Names::Any] {
        let count = patterns(trails, more).len();
        if count < shortest {
            shortest = count;
            names.push(more);
        }
    }
    names
}

fn listed(trails: &[&Trail]) -> Value {
    json!({ "StringEquals": { "aws:SourceArn": one_or_many(grants::arns(trails)) } })
}

fn of_accounts(trails: &[&Trail], names: Names) -> Value {
    json!({
        "StringEquals": { "aws:SourceAccount": one_or_many(accounts(trails)) },
        "ArnLike": { "aws:SourceArn": one_or_many(patterns(trails, names)) },
    })
}

/// The trails of each name and home Region by their accounts, where that is shorter than their ARNs.
fn shared(trails: &[&Trail]) -> Vec<Value> {
    let mut groups: BTreeMap<String, Vec<&Trail>> = BTreeMap::new();
    for trail in trails {
        let group = groups.entry(pattern(trail, Names::Known)).or_default();
        group.push(trail);
    }
    let mut conditions = Vec::new();
    let mut rest = Vec::new();
    for group in groups.into_values() {
        let apart = of_accounts(&group, Names::Known);
        let arns: usize = group.iter().map(|trail| trail.arn.len() + 3).sum();
        if apart.to_string().len() + AROUND < arns {
            conditions.push(apart);
        } else {
            rest.extend(group);
        }
    }
    if !rest.is_empty() {
        conditions.insert(0, listed(&rest));
    }
    conditions
}

fn accounts(trails: &[&Trail]) -> BTreeSet<String> {
    trails.iter().map(|trail| trail.account.clone()).collect()
}

/// What the ARNs of trails have in common, the account left open.
fn patterns(trails: &[&Trail], names: Names) -> BTreeSet<String> {
    trails.iter().map(|trail| pattern(trail, names)).collect()
}

fn pattern(trail: &Trail, names: Names) -> String {
    let Trail {
        partition,
        home_region,
        name,
        ..
    } = trail;
    match names {
        Names::Own | Names::Known => {
            format!("arn:{partition}:cloudtrail:{home_region}:*:trail/{name}")
        }
        Names::Regions => format!("arn:{partition}:cloudtrail:{home_region}:*:trail/*"),
        Names::Any => format!("arn:{partition}:cloudtrail:*:*:trail/*"),
    }
}
