//! The rules: one page and one function each, joined by one line of a table.
//!
//! A rule is given one trail's diagnosis, or one policy that trails share, and says what is wrong in
//! words. It never touches offsets, formats or AWS types.

mod bucket;
mod condition;
mod deny;
mod encryption;
mod exposure;
pub mod finding;
mod grant;
mod key;
mod organization;
pub mod page;
mod source;
mod table;
mod topic;
mod trail;

use std::sync::LazyLock;

pub use finding::Finding;
pub use page::{Example, Page, Severity};

use crate::diagnosis::{Diagnosis, PolicyUse};
use crate::model::Estate;
use table::{Check, TABLE};

/// Every rule's page, sorted by name.
///
/// # Panics
/// Never: the pages are compiled in, and a test reads each of them.
pub fn pages() -> &'static [Page] {
    static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
        let mut pages: Vec<Page> = TABLE
            .iter()
            .map(|line| {
                Page::read(line.name, line.layer, line.text).expect("a test reads every page")
            })
            .collect();
        pages.sort_by_key(|page| page.name);
        pages
    });
    &PAGES
}

/// The page of one rule.
pub fn page(name: &str) -> Option<&'static Page> {
    let pages = pages();
    pages
        .binary_search_by(|page| page.name.cmp(name))
        .ok()
        .and_then(|index| pages.get(index))
}

/// What the rules about single trails say.
pub fn check_delivery(diagnosis: &Diagnosis<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for line in TABLE {
        if let Check::Delivery(check) = line.check {
            sign(&mut findings, line.name, check(diagnosis));
        }
    }
    findings
}

/// What the rules about shared policies say.
pub fn check_policy(policy: &PolicyUse<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for line in TABLE {
        if let Check::Policy(check) = line.check {
            sign(&mut findings, line.name, check(policy));
        }
    }
    findings
}

/// What the rules about the estate as a whole say.
pub fn check_estate(estate: &Estate) -> Vec<Finding> {
    let mut findings = Vec::new();
    for line in TABLE {
        if let Check::Estate(check) = line.check {
            sign(&mut findings, line.name, check(estate));
        }
    }
    findings
}

fn sign(findings: &mut Vec<Finding>, name: &'static str, drafts: Vec<finding::Draft>) {
    if drafts.is_empty() {
        return;
    }
    let severity = page(name).map_or(Severity::Critical, |page| page.severity);
    findings.extend(drafts.into_iter().map(|draft| draft.sign(name, severity)));
}
