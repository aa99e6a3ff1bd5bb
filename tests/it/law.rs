//! The laws that every report keeps, whatever was audited: diagnosis is complete and sound, the
//! verdict follows from the requests, and the exit status from the findings. Worked out here from
//! the report alone, with nothing of the product's own code.

use serde_json::Value;

use crate::support::{is_grave, items, text};

/// Every law that a report and its exit status break; empty is well.
pub(crate) fn broken(status: i32, report: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    for trail in items(report, "trails") {
        broken.extend(undiagnosed(report, trail));
        broken.extend(misjudged(report, trail));
    }
    broken.extend(blamed_for_nothing(report));
    broken.extend(unlike_its_findings(status, report));
    broken
}

/// Complete: a grave finding of the trail names every request that is refused, wholly or partly.
pub(crate) fn undiagnosed(report: &Value, trail: &Value) -> Vec<String> {
    let arn = text(trail, "arn");
    let refused = items(trail, "requests")
        .iter()
        .filter(|request| is_refused(request) && !is_advised(request));
    refused
        .filter(|request| {
            !items(report, "findings").iter().any(|finding| {
                is_grave(finding) && finding["trail"] == arn && names(finding, text(request, "id"))
            })
        })
        .map(|request| {
            format!(
                "{arn}: {} is {} and no finding says why",
                text(request, "id"),
                text(request, "decision")
            )
        })
        .collect()
}

/// Sound: no grave finding names a request that is allowed, or one that its trail does not make.
fn blamed_for_nothing(report: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    for finding in items(report, "findings")
        .iter()
        .filter(|finding| is_grave(finding))
    {
        let trail = items(report, "trails")
            .iter()
            .find(|trail| trail["arn"] == finding["trail"]);
        for id in items(finding, "requests") {
            let request = trail.and_then(|trail| {
                items(trail, "requests")
                    .iter()
                    .find(|request| request["id"] == *id)
            });
            let decision = request.map(|request| text(request, "decision"));
            if !matches!(decision, Some("denied" | "partly" | "undecided")) {
                let rule = text(finding, "rule");
                broken.push(format!(
                    "{}: {rule} blames a policy for {id}, which is {decision:?}",
                    finding["trail"]
                ));
            }
        }
    }
    broken
}

/// The verdict is the one that the requests and the logging status give.
fn misjudged(report: &Value, trail: &Value) -> Option<String> {
    let arn = text(trail, "arn");
    let stopped = items(report, "findings")
        .iter()
        .any(|finding| finding["rule"] == "trail-not-logging" && finding["trail"] == arn);
    let best = verdict(trail, stopped, Unsaid::Allowed);
    let worst = verdict(trail, stopped, Unsaid::Denied);
    let expected = if best == worst { best } else { "undecided" };
    let actual = text(trail, "verdict");
    // Whether the trail is logging may be what is not known; no request says so.
    let unseen = actual == "undecided"
        && items(report, "not_evaluated")
            .iter()
            .any(|item| item["decisive"] == true);
    (actual != expected && !unseen)
        .then(|| format!("{arn}: the verdict is {actual}, its requests say {expected}"))
}

/// What to take an undecided request for.
#[derive(Clone, Copy)]
enum Unsaid {
    Allowed,
    Denied,
}

/// The verdict if all undecided requests were one thing. More refusals never make a better verdict,
/// so where both things give the same one, nothing between them gives another.
fn verdict(trail: &Value, stopped: bool, unsaid: Unsaid) -> &'static str {
    let (mut blocked, mut some_delivery, mut some_other) = (stopped, false, false);
    for request in items(trail, "requests")
        .iter()
        .filter(|request| !is_advised(request))
    {
        let decision = match (text(request, "decision"), unsaid) {
            ("undecided", Unsaid::Allowed) => "allowed",
            ("undecided", Unsaid::Denied) => "denied",
            (decision, _) => decision,
        };
        match (text(request, "phase"), text(request, "id"), decision) {
            (_, _, "allowed") => {}
            ("delivery", "put-log-files" | "generate-data-key", "denied") => blocked = true,
            ("delivery", ..) => some_delivery = true,
            _ => some_other = true,
        }
    }
    match (blocked, some_delivery, some_other) {
        (true, ..) => "blocked",
        (_, true, _) => "partial",
        (_, _, true) => "setup-refused",
        _ => "delivers",
    }
}

/// The exit status with the default `--fail-on medium`.
fn unlike_its_findings(status: i32, report: &Value) -> Option<String> {
    let found = items(report, "findings")
        .iter()
        .any(|finding| text(finding, "severity") != "low");
    let unseen = items(report, "not_evaluated")
        .iter()
        .any(|item| item["decisive"] == true);
    let expected = match (found, unseen) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 0,
    };
    (status != expected)
        .then(|| format!("the exit status is {status}, its findings say {expected}"))
}

/// Whether a request is denied or partly denied.
pub(crate) fn is_refused(request: &Value) -> bool {
    matches!(text(request, "decision"), "denied" | "partly")
}

fn is_advised(request: &Value) -> bool {
    request["advised"] == true
}

/// Whether a finding names a request.
pub(crate) fn names(finding: &Value, request: &str) -> bool {
    items(finding, "requests").iter().any(|id| id == request)
}
