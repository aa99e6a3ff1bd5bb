//! Findings of one rule at one place, taken together: where a format points into files, ten trails that
//! one line refuses are one annotation, one alert or one issue.

use std::collections::{BTreeMap, BTreeSet};

use super::text::counted;
use super::view::FindingView;

/// How many further trails a message names.
const NAMED: usize = 5;

/// A finding, and those of the same rule at the same place.
pub(super) struct SamePlace<'f> {
    /// The first in the report's order.
    pub(super) first: &'f FindingView,
    others: Vec<&'f FindingView>,
}

/// The findings by place, in the report's order.
pub(super) fn by_place(findings: &[FindingView]) -> Vec<SamePlace<'_>> {
    let mut places: Vec<SamePlace> = Vec::new();
    let mut known = BTreeMap::new();
    for finding in findings {
        let location = &finding.location;
        let key = (
            finding.rule,
            &location.path,
            &location.pointer,
            location.region,
        );
        let at = *known.entry(key).or_insert(places.len());
        match places.get_mut(at) {
            Some(place) => place.others.push(finding),
            None => places.push(SamePlace::only(finding)),
        }
    }
    places
}

impl<'f> SamePlace<'f> {
    /// One finding alone.
    pub(super) fn only(finding: &'f FindingView) -> SamePlace<'f> {
        SamePlace {
            first: finding,
            others: Vec::new(),
        }
    }
    /// The trails that the others are about, the first's left out.
    pub(super) fn other_trails(&self) -> BTreeSet<&str> {
        let trails = self
            .others
            .iter()
            .filter_map(|finding| finding.trail.as_deref());
        trails
            .filter(|trail| self.first.trail.as_deref() != Some(*trail))
            .collect()
    }

    /// The accounts that any of them is about.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &str> {
        let all = std::iter::once(&self.first).chain(&self.others);
        all.filter_map(|finding| finding.account.as_deref())
    }

    /// A sentence that names the other trails, or the first few of them; nothing if there is none.
    pub(super) fn others_named(&self) -> Option<String> {
        let trails = self.other_trails();
        let named: Vec<String> = trails
            .iter()
            .take(NAMED)
            .map(|trail| format!("`{trail}`"))
            .collect();
        let rest = match trails.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let trails = counted(trails.len(), "more trail");
        (!named.is_empty())
            .then(|| format!("The same holds for {trails}: {}{rest}.", named.join(", ")))
    }

    /// The message, and after it the other trails.
    pub(super) fn message(&self) -> String {
        let message = self.first.message.trim_end();
        match self.others_named() {
            Some(others) if message.ends_with('.') => format!("{message} {others}"),
            Some(others) => format!("{message}. {others}"),
            None => message.to_owned(),
        }
    }
}
