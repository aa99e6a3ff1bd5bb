//! The story of one trail for a person: request by request what CloudTrail asks, what it sends along,
//! what each statement answers, and the finding and the fix where it is refused.

mod json;
mod text;

pub use json::write as write_json;
pub use text::write as write_text;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::view::{FindingView, Report, TrailView};
use crate::delivery::context::spelling;
use crate::model::Estate;
use crate::simulate::examined::{Has, has};
use crate::why::{Asked, Chapter};

/// A trail's story, and the view it is part of.
#[derive(Debug)]
pub struct Why<'r, 'd> {
    /// The estate, for the text of its policies.
    pub estate: &'r Estate,
    /// The view, for findings.
    pub report: &'r Report<'r>,
    /// The trail.
    pub trail: &'r TrailView,
    /// Its requests, in the order CloudTrail makes them.
    pub chapters: Vec<Chapter<'d>>,
}

impl<'r> Why<'r, '_> {
    /// The findings about this trail.
    fn findings(&self) -> impl Iterator<Item = &'r FindingView> {
        let arn = self.trail.arn.as_str();
        let findings = self.report.findings.iter();
        findings.filter(move |finding| finding.trail.as_deref() == Some(arn))
    }

    /// Those that name a request.
    fn findings_of(&self, id: &'static str) -> impl Iterator<Item = &'r FindingView> {
        self.findings()
            .filter(move |finding| finding.requests.contains(&id))
    }
}

/// The context keys worth showing: those that the request carries, and those that the policy asks
/// for; each as AWS spells it.
fn context<'d>(asked: &Asked<'d>) -> BTreeMap<Cow<'d, str>, Has<'d>> {
    let context = &*asked.case.context;
    let asked_for = asked
        .answers
        .iter()
        .flat_map(|answer| &answer.statement.conditions)
        .map(|condition| &*condition.key);
    let carried = context
        .keys()
        .filter(|key| !matches!(has(context, key), Has::Nothing | Has::Unknown));
    carried
        .chain(asked_for)
        .map(|key| (spelling(key), has(context, key)))
        .collect()
}
