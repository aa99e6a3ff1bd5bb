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

use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

pub use finding::Finding;
pub use page::{Example, Page, Severity};

use crate::diagnosis::{Diagnosis, PolicyUse};
use crate::document::Place;
use crate::exposure::Exposure;
use crate::model::Estate;
use table::{Check, Line, TABLE};

/// Every rule's page, sorted by name.
///
/// # Panics
/// Never: the pages are compiled in, and a test reads each of them.
pub fn pages() -> &'static [Page] {
    static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
        let mut pages: Vec<Page> = TABLE.iter().map(Line::page).collect();
        pages.sort_by_key(|page| page.name);
        pages
    });
    &PAGES
}

/// The page of one rule. Only this page is read: a run that finds one thing need not read a hundred.
///
/// # Panics
/// Never, as [`pages`].
pub fn page(name: &str) -> Option<&'static Page> {
    static PAGES: [OnceLock<Page>; TABLE.len()] = [const { OnceLock::new() }; TABLE.len()];
    let at = TABLE.iter().position(|line| line.name == name)?;
    let (line, page) = (TABLE.get(at)?, PAGES.get(at)?);
    Some(page.get_or_init(|| line.page()))
}

/// The rule whose name is so near to a misspelt one that it was probably meant.
pub fn nearest(name: &str) -> Option<&'static str> {
    // A name is not a text: what is longer than any rule's cannot be near one, and is not compared.
    let name: String = name.chars().take(100).collect();
    let known = TABLE
        .iter()
        .map(|line| (strsim::levenshtein(line.name, &name), line.name));
    let (distance, nearest) = known.min()?;
    (distance * 3 <= name.len() + 2).then_some(nearest)
}

impl Line {
    fn page(&self) -> Page {
        Page::read(self.name, self.layer, self.text).expect("a test reads every page")
    }
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
    let exposure = Exposure::new(policy);
    for line in TABLE {
        match line.check {
            Check::Policy(check) => sign(&mut findings, line.name, check(policy)),
            Check::Exposure(check) => sign(&mut findings, line.name, check(&exposure)),
            Check::Delivery(_) | Check::Estate(_) => {}
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

/// Leaves out what is said twice: a value that AWS would not accept is one fault with the refusal that
/// is blamed on it, and the refusal says more.
pub fn without_repeats(mut findings: Vec<Finding>) -> Vec<Finding> {
    let blamed: BTreeSet<Place> = findings
        .iter()
        .filter(|finding| {
            !finding.requests.is_empty() && finding.place.pointer.starts_with("/Statement/")
        })
        .flat_map(|finding| {
            std::iter::once(&finding.place).chain(finding.related.iter().map(|(place, _)| place))
        })
        .cloned()
        .collect();
    let same = |one: &Place, other: &Place| {
        let (one_is, other_is) = (one.pointer.as_str(), other.pointer.as_str());
        one.document == other.document
            && (one_is.starts_with(other_is) || other_is.starts_with(one_is))
    };
    findings.retain(|finding| {
        finding.rule != "policy-not-accepted"
            || !blamed.iter().any(|place| same(place, &finding.place))
    });
    findings
}

fn sign(findings: &mut Vec<Finding>, name: &'static str, drafts: Vec<finding::Draft>) {
    if drafts.is_empty() {
        return;
    }
    let severity = page(name).map_or(Severity::Critical, |page| page.severity);
    findings.extend(drafts.into_iter().map(|draft| draft.sign(name, severity)));
}
