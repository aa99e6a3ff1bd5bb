//! Principals that were meant to be CloudTrail, or that its log files were granted to instead.

use crate::delivery::{context::SERVICE, legacy_region};
use crate::iam::{PrincipalElement, PrincipalEntry, PrincipalKind, Statement};
use crate::model::{Arn, Trail, arn::is_account_id};

/// What somebody probably meant with a principal that is not CloudTrail.
pub(super) enum Attempt {
    /// A service principal that is spelt otherwise.
    Misspelt(String),
    /// CloudTrail's name, but not as a service.
    WrongType(String),
    /// An account of CloudTrail's for other Regions.
    LegacyAccounts,
    /// The account that owns the trail, or a user or role of it.
    SourceAccount(String),
    /// Another service.
    OtherServices(Vec<String>),
}

/// Whether a statement looks as if it was written for this trail's CloudTrail.
pub(super) fn attempt(statement: &Statement, trail: &Trail) -> Option<Attempt> {
    let principal = statement
        .principal
        .as_ref()
        .filter(|principal| !principal.negated)?;
    let entries = || principal.entries.iter();
    if let Some(entry) = entries().find(|entry| resembles_cloudtrail(entry)) {
        let value = entry.value.to_string();
        return Some(match entry.kind {
            PrincipalKind::Service => Attempt::Misspelt(value),
            _ => Attempt::WrongType(value),
        });
    }
    if entries()
        .any(|entry| entry.kind == PrincipalKind::Aws && legacy_region(&entry.value).is_some())
    {
        return Some(Attempt::LegacyAccounts);
    }
    // A blanket grant to an administrator says nothing about CloudTrail.
    let blanket = statement.action.as_ref().is_some_and(|action| {
        action.patterns.iter().any(|pattern| {
            matches!(
                &*pattern.text.to_ascii_lowercase(),
                "*" | "s3:*" | "kms:*" | "sns:*"
            )
        })
    });
    if blanket {
        return None;
    }
    if let Some(entry) = entries().find(|entry| account_of(entry) == Some(&trail.account)) {
        return Some(Attempt::SourceAccount(entry.value.to_string()));
    }
    let services = services(principal);
    (!services.is_empty()).then_some(Attempt::OtherServices(services))
}

fn resembles_cloudtrail(entry: &PrincipalEntry) -> bool {
    let named =
        entry.value.to_ascii_lowercase().contains("cloudtrail") && !entry.value.starts_with("arn:");
    let right = entry.kind == PrincipalKind::Service && &*entry.value == SERVICE;
    named && !right
}

fn account_of(entry: &PrincipalEntry) -> Option<&str> {
    match entry.kind {
        PrincipalKind::Aws if is_account_id(&entry.value) => Some(&entry.value),
        PrincipalKind::Aws => Arn::parse(&entry.value).map(|arn| arn.account),
        _ => None,
    }
}

fn services(principal: &PrincipalElement) -> Vec<String> {
    let services = principal
        .entries
        .iter()
        .filter(|entry| entry.kind == PrincipalKind::Service);
    services.map(|entry| entry.value.to_string()).collect()
}

impl Attempt {
    /// The principal that was found, and what is wrong with it.
    pub(super) fn explain(self) -> (Vec<String>, String) {
        match self {
            Attempt::Misspelt(value) => {
                (vec![value], "no AWS service has that name; CloudTrail's is the same in every Region".to_owned())
            }
            Attempt::WrongType(value) => {
                (vec![value], "a service stands under `Service`, not among accounts, users and roles".to_owned())
            }
            Attempt::LegacyAccounts => (
                Vec::new(),
                "it lists accounts that CloudTrail used before 2015, each for one Region, and not for all Regions that the trail records"
                    .to_owned(),
            ),
            Attempt::SourceAccount(value) => (
                vec![value],
                "CloudTrail writes as itself, not as the account that owns the trail".to_owned(),
            ),
            Attempt::OtherServices(values) => (values, "that is not CloudTrail".to_owned()),
        }
    }
}
