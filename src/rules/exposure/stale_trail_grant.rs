//! A statement names a trail that does not exist, in an account whose trails are known.

use std::collections::BTreeSet;

use crate::delivery::context::SERVICE;
use crate::diagnosis::PolicyUse;
use crate::iam::{ConditionValue, Effect, PrincipalKind, Statement};
use crate::model::{Arn, Trail};
use crate::rules::finding::{Draft, statement_words};

pub(in crate::rules) fn check(policy: &PolicyUse<'_>) -> Vec<Draft> {
    let accounts = known_accounts(policy);
    let statements = policy.policy.policy.statements.iter();
    let grants = statements.filter(|statement| is_grant(policy, statement));
    grants
        .flat_map(|statement| {
            let stale = stale(policy, &accounts, statement);
            stale
                .map(|value| draft(policy, statement, value))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The accounts whose trails were read from a snapshot, all that lie in it. What was named on the command
/// line says nothing of an account's other trails.
fn known_accounts<'p>(policy: &'p PolicyUse<'_>) -> BTreeSet<&'p str> {
    let estate = policy.estate;
    let was_read = |trail: &&Trail| estate.document(trail.document).origin.is_answer();
    let trails = || estate.trails.iter();
    let mut accounts: BTreeSet<&str> = trails()
        .filter(was_read)
        .map(|trail| &*trail.account)
        .collect();
    for trail in trails().filter(|trail| !was_read(trail)) {
        accounts.remove(&*trail.account);
    }
    for unseen in &estate.unseen_trails {
        accounts.remove(&*unseen.account);
    }
    accounts.extend(estate.coverage.without_trails.keys().map(String::as_str));
    accounts.retain(|account| estate.coverage.is_sure_of(account));
    accounts
}

/// Whether a statement grants CloudTrail something, and no refusal is blamed on it: then what it names
/// wrongly is told there.
fn is_grant(policy: &PolicyUse<'_>, statement: &Statement) -> bool {
    let for_cloudtrail = statement.principal.as_ref().is_some_and(|principal| {
        !principal.negated
            && principal
                .entries
                .iter()
                .any(|entry| entry.kind == PrincipalKind::Service && &*entry.value == SERVICE)
    });
    statement.effect == Effect::Allow && for_cloudtrail && !policy.blamed.contains(&statement.index)
}

fn stale<'s>(
    policy: &'s PolicyUse<'_>,
    accounts: &'s BTreeSet<&str>,
    statement: &'s Statement,
) -> impl Iterator<Item = &'s ConditionValue> {
    let names_trails = |key: &str| {
        matches!(
            key,
            "aws:sourcearn" | "kms:encryptioncontext:aws:cloudtrail:arn"
        )
    };
    let conditions = statement.conditions.iter();
    let conditions = conditions.filter(move |condition| {
        names_trails(&condition.key) && !condition.operator.name.contains("Not")
    });
    let mut told = BTreeSet::new();
    let values = conditions.flat_map(|condition| &condition.values);
    values.filter(move |value| {
        let wild = |c: char| matches!(c, '*' | '?' | '$');
        let exists = || {
            policy
                .estate
                .trails
                .iter()
                .any(|trail| *trail.arn == *value.text)
        };
        Arn::parse(&value.text)
            .is_some_and(|arn| arn.trail_name().is_some() && accounts.contains(arn.account))
            && !value.text.contains(wild)
            && !exists()
            && told.insert(&value.text)
    })
}

fn draft(policy: &PolicyUse<'_>, statement: &Statement, value: &ConditionValue) -> Draft {
    let account = Arn::parse(&value.text).map_or("", |arn| arn.account);
    let message = format!(
        "{} names the trail `{}`, which account {account} does not have: whoever creates a trail of that name there gets \
         the grant.",
        statement_words(policy.target, statement),
        value.text
    );
    Draft::of_policy(policy.policy.place(&value.pointer), message)
}
