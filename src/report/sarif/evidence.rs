//! What is no open finding, for auditors: the requests that are allowed, those that could not be
//! decided, and what was accepted. It is never uploaded: code scanning would open an alert for each.

use std::collections::BTreeMap;
use std::io;

use serde_json::json;
use serde_sarif::sarif;

use super::super::Run;
use super::super::view::{DecidedBy, LocationView, Report, RequestView, TrailView};
use super::artifacts::Artifacts;
use super::results::{accepted, location, logical_locations, text};
use super::rules::{Catalogue, number};
use super::wording::{sentence, upper_camel_case, visible};
use super::{invocation, sarif_run, write_log};
use crate::rules::pages;

/// Writes the evidence as SARIF.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let catalogue = Catalogue::new(pages());
    let artifacts = Artifacts::new(report);
    let requests = Requests::of(report);
    let mut sarif_run = sarif_run(report, run, &catalogue, &artifacts);
    sarif_run.automation_details = Some(
        sarif::RunAutomationDetails::builder()
            .id(format!("{}/evidence/", run.category()))
            .build(),
    );
    // The rules first: accepted findings have their indexes.
    let mut rules = catalogue.descriptors();
    let first = rules.len();
    rules.extend(requests.descriptors());
    sarif_run.tool.driver.rules = Some(rules);
    sarif_run.invocations = Some(vec![invocation(report, run, 0)]);
    let mut results = accepted((report, run), &catalogue, &artifacts);
    results.extend(decided(report, &requests, first, &artifacts));
    sarif_run.results = Some(results);
    write_log(sarif_run, out)
}

/// The requests that any trail has, each a rule of this file.
struct Requests {
    actions: BTreeMap<&'static str, &'static str>,
}

impl Requests {
    fn of(report: &Report) -> Requests {
        let requests = report.trails.iter().flat_map(|trail| &trail.requests);
        Requests {
            actions: requests
                .map(|request| (request.id, request.action))
                .collect(),
        }
    }

    fn index(&self, id: &str) -> Option<i64> {
        self.actions
            .keys()
            .position(|known| *known == id)
            .map(number)
    }

    fn descriptors(&self) -> Vec<sarif::ReportingDescriptor> {
        let descriptor = |(id, action): (&&str, &&str)| {
            let text = |text: String| {
                sarif::MultiformatMessageString::builder()
                    .text(text)
                    .build()
            };
            sarif::ReportingDescriptor::builder()
                .id(*id)
                // A name that is the id in other case says nothing (SARIF 2.1.0, 3.49.7).
                .name(format!("Request{}", upper_camel_case(id)))
                .short_description(text(format!("CloudTrail's request {id} is allowed")))
                .full_description(text(format!(
                    "CloudTrail calls {action} for the trail, and the policies allow it."
                )))
                .help(text(
                    "Nothing need be done. trail-lint why shows the request and every statement's answer to it."
                        .to_owned(),
                ))
                .help_uri(super::PROJECT)
                .build()
        };
        self.actions.iter().map(descriptor).collect()
    }
}

/// The requests that no finding names.
fn decided(
    report: &Report,
    requests: &Requests,
    first: usize,
    artifacts: &Artifacts,
) -> Vec<sarif::Result> {
    let of_trail = |trail: &TrailView| {
        let decided = trail.requests.iter().filter_map(|request| {
            let kind = match request.decision {
                "allowed" => sarif::ResultKind::Pass,
                "undecided" => sarif::ResultKind::Open,
                // A finding names it, in the other file.
                _ => return None,
            };
            let mut result = result(report, trail, request, kind, artifacts);
            result.rule_index = requests.index(request.id).map(|at| at + number(first));
            Some(result)
        });
        decided.collect::<Vec<_>>()
    };
    report.trails.iter().flat_map(of_trail).collect()
}

fn result(
    report: &Report,
    trail: &TrailView,
    request: &RequestView,
    kind: sarif::ResultKind,
    artifacts: &Artifacts,
) -> sarif::Result {
    let message = format!(
        "`{}` of trail `{}` is {}: {}",
        request.id, trail.arn, request.decision, request.because
    );
    let mut result = sarif::Result::builder()
        .rule_id(request.id)
        .kind(kind)
        // SARIF 2.1.0, 3.27.9: another level goes only with a failure.
        .level(sarif::ResultLevel::None)
        .message(text(sentence(&message)))
        .properties(properties(trail, request))
        .build();
    let decided_by = request.decided_by.as_ref();
    if let Some(location) = decided_by.and_then(|by| deciding(report, by, artifacts)) {
        result.locations = Some(vec![location]);
    }
    result
}

/// The statement that decides, in its document.
fn deciding(report: &Report, by: &DecidedBy, artifacts: &Artifacts) -> Option<sarif::Location> {
    let document = *report.documents.get(by.path.as_str())?;
    let mut location = location(&by.location, Some(document), artifacts);
    let pointer = LocationView {
        resource: None,
        ..by.location.clone()
    };
    location.logical_locations = Some(logical_locations(&pointer));
    Some(location)
}

fn properties(trail: &TrailView, request: &RequestView) -> sarif::PropertyBag {
    let properties = BTreeMap::from([
        ("trail".to_owned(), json!(visible(&trail.arn))),
        ("account".to_owned(), json!(visible(&trail.account))),
        ("phase".to_owned(), json!(request.phase)),
        ("action".to_owned(), json!(request.action)),
        ("resource".to_owned(), json!(visible(&request.resource))),
        ("decision".to_owned(), json!(request.decision)),
    ]);
    sarif::PropertyBag::builder()
        .additional_properties(properties)
        .build()
}
