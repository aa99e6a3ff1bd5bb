//! The way of a refused request as a code flow: from the trail over the bucket's policy to the key's. Only
//! where it leads from one document to another: a flow of one place says nothing.

use serde_sarif::sarif;

use super::super::view::{FindingView, LocationView, Report, TrailView};
use super::artifacts::Artifacts;
use super::results::{location, text};
use crate::document::{Document, Origin, Subject};

/// The request that needs both policies.
const LOG_FILES: &str = "put-log-files";

/// The way to a finding that refuses requests of a trail.
pub(super) fn of(
    finding: &FindingView,
    report: &Report,
    artifacts: &Artifacts,
) -> Option<Vec<sarif::CodeFlow>> {
    let document = |at: &LocationView| report.documents.get(at.path.as_str()).copied();
    let trail = finding.trail.as_deref().and_then(|arn| trail(report, arn));
    let trail = trail.filter(|_| !finding.requests.is_empty())?;
    let steps = match document(&finding.location)?.subject {
        Subject::Bucket { .. } => to_bucket(trail),
        Subject::Key { .. } => to_key(trail),
        _ => None,
    }?;
    let is_somewhere = |at: &LocationView| {
        let found: Option<&Document> = document(at);
        found.is_some_and(|found| found.origin != Origin::CommandLine)
    };
    if !steps.iter().all(|(at, _)| is_somewhere(at)) {
        return None;
    }
    let last = (&finding.location, "Here CloudTrail is refused.");
    let locations = steps.into_iter().chain([last]).map(|(at, says)| {
        let mut step = location(at, document(at), artifacts);
        step.message = Some(text(says.to_owned()));
        sarif::ThreadFlowLocation::builder().location(step).build()
    });
    let thread = sarif::ThreadFlow::builder()
        .locations(locations.collect::<Vec<_>>())
        .build();
    let flow = sarif::CodeFlow::builder()
        .thread_flows(vec![thread])
        .build();
    Some(vec![flow])
}

/// Trails are sorted by ARN.
fn trail<'r>(report: &'r Report, arn: &str) -> Option<&'r TrailView> {
    let trails = &report.trails;
    let at = trails.binary_search_by(|trail| trail.arn.as_str().cmp(arn));
    trails.get(at.ok()?)
}

type Steps<'r> = Vec<(&'r LocationView, &'static str)>;

fn to_bucket(trail: &TrailView) -> Option<Steps<'_>> {
    let named = trail.names_bucket.as_ref()?;
    Some(vec![(named, "The trail delivers to this bucket.")])
}

/// The bucket's policy is on the way only where it lets the log files pass.
fn to_key(trail: &TrailView) -> Option<Steps<'_>> {
    let named = trail.names_key.as_ref()?;
    let mut steps = vec![(named, "The trail encrypts with this key.")];
    let mut requests = trail.requests.iter();
    let files = requests.find(|it| it.id == LOG_FILES && it.decision == "allowed");
    if let Some(by) = files.and_then(|files| files.decided_by.as_ref()) {
        steps.push((
            &by.location,
            "The bucket's policy lets the log files be written.",
        ));
    }
    Some(steps)
}
