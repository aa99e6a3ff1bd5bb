//! SARIF 2.1.0, as GitHub's code scanning takes it: one run, every finding an open failure with a
//! relative path, and what could not be seen as notifications. All of serde-sarif stays in here.
//!
//! GitHub ignores kinds, suppressions and fixes, and one bad result rejects the whole upload: what
//! is not an open finding is left out.

mod artifacts;
mod evidence;
mod fixes;
mod flows;
mod line_hash;
mod results;
mod rules;
mod weaknesses;
mod wording;

use std::collections::BTreeMap;
use std::io;

use serde_json::{Map, Value, json};
use serde_sarif::sarif;

use self::artifacts::Artifacts;
pub use self::evidence::write as write_evidence;
use self::results::Results;
use self::rules::Catalogue;
use super::Run;
use super::json::print;
use super::view::{NotEvaluated, Report};
use crate::compare::Effect;
use crate::rules::pages;

/// The schema that the file names.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The project, for readers of an alert.
const PROJECT: &str = "https://github.com/trail-lint/trail-lint";

/// The base that paths are relative to: GitHub's name for the root of the checkout.
const SOURCE_ROOT: &str = "%SRCROOT%";

/// The descriptor of notifications of what could not be seen.
const NOT_SEEN: &str = "document-not-seen";

/// The descriptor of the notification that some findings were left out.
const NOT_WRITTEN: &str = "findings-left-out";

/// The descriptor of the notification of what merging the change does.
const MERGING: &str = "what-merging-does";

/// The descriptor of notifications about what was taken for granted.
const ASSUMED: &str = "taken-for-granted";

/// Writes the open findings as SARIF.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let catalogue = Catalogue::new(pages());
    let artifacts = Artifacts::new(report);
    let found = Results::new((report, run), &catalogue, &artifacts);
    let mut sarif_run = sarif_run(report, run, &catalogue, &artifacts);
    sarif_run.tool.driver.rules = Some(catalogue.descriptors());
    sarif_run.invocations = Some(vec![invocation(report, run, found.left_out)]);
    sarif_run.results = Some(found.results);
    write_log(sarif_run, out)
}

fn write_log(run: sarif::Run, out: &mut dyn io::Write) -> io::Result<()> {
    let log = sarif::Sarif::builder()
        .version(json!("2.1.0"))
        .schema(SCHEMA)
        .runs(vec![run])
        .build();
    print(&version_first(serde_json::to_value(log)?), out)
}

/// The version should come first (SARIF 2.1.0, 3.13.2), and serde-sarif sorts by name.
fn version_first(log: Value) -> Value {
    let Value::Object(mut members) = log else {
        return log;
    };
    let mut ordered = Map::new();
    for name in ["version", "$schema"] {
        if let Some(value) = members.shift_remove(name) {
            ordered.insert(name.to_owned(), value);
        }
    }
    ordered.extend(members);
    Value::Object(ordered)
}

/// All of a run but its rules, results and invocation.
fn sarif_run(
    report: &Report,
    run: &Run,
    catalogue: &Catalogue,
    artifacts: &Artifacts,
) -> sarif::Run {
    let taxonomy = catalogue.taxonomy();
    let root = sarif::ArtifactLocation::builder()
        .description(results::text("The root of the repository.".to_owned()))
        .build();
    let mut sarif_run = sarif::Run::builder()
        .tool(tool(taxonomy.is_some()))
        .automation_details(
            sarif::RunAutomationDetails::builder()
                .id(format!("{}/", run.category()))
                .build(),
        )
        .original_uri_base_ids(BTreeMap::from([(SOURCE_ROOT.to_owned(), root)]))
        .column_kind(json!("utf16CodeUnits"))
        .build();
    sarif_run.taxonomies = taxonomy.map(|taxonomy| vec![taxonomy]);
    sarif_run.artifacts = artifacts.all(report);
    sarif_run
}

fn tool(has_taxonomy: bool) -> sarif::Tool {
    let version = env!("CARGO_PKG_VERSION");
    let mut driver = sarif::ToolComponent::builder()
        .name("trail-lint")
        .full_name(format!("trail-lint {version}"))
        .semantic_version(version)
        .organization("trail-lint")
        .information_uri(PROJECT)
        .notifications(vec![not_seen(), not_written(), merging(), assumed()])
        .build();
    if has_taxonomy {
        driver.supported_taxonomies = Some(vec![weaknesses::taxonomy_reference()]);
    }
    sarif::Tool::builder().driver(driver).build()
}

/// What it means that a document was not seen.
fn not_seen() -> sarif::ReportingDescriptor {
    descriptor(
        NOT_SEEN,
        "A document could not be seen",
        "A document that a verdict or a rule needs could not be seen.",
        "Let the tool see the document: collect it with credentials that may read it, or name its file. \
         Until then a verdict that depends on it stays undecided, and elsewhere AWS's default is assumed.",
    )
}

/// What it means that findings were left out.
fn not_written() -> sarif::ReportingDescriptor {
    descriptor(
        NOT_WRITTEN,
        "Findings were left out",
        "There are more findings than code scanning takes, and the least severe were left out.",
        "Mend the worst findings first, or audit fewer trails at once; the JSON report has all findings.",
    )
}

/// What it means that merging does something.
fn merging() -> sarif::ReportingDescriptor {
    descriptor(
        MERGING,
        "What merging the change does",
        "What becomes of the trails that there are once the code is deployed.",
        "If logs stop, mend the finding that names the trail before merging; `trail-lint fix` says how.",
    )
}

/// What it means that something was taken for granted.
fn assumed() -> sarif::ReportingDescriptor {
    descriptor(
        ASSUMED,
        "Something was taken for granted",
        "How the stacks of the code go together is not said, and was told from what they hand on to each other.",
        "If it is wrong, say where each stack is: `--account NAME=ACCOUNT` and `--region NAME=REGION`.",
    )
}

/// A descriptor of notifications. GitHub wants descriptions and help of every descriptor.
fn descriptor(id: &str, short: &str, full: &str, help: &str) -> sarif::ReportingDescriptor {
    let text = |text: &str| {
        sarif::MultiformatMessageString::builder()
            .text(text)
            .build()
    };
    sarif::ReportingDescriptor::builder()
        .id(id)
        .name(wording::upper_camel_case(id))
        .short_description(text(short))
        .full_description(text(full))
        .help(text(help))
        .help_uri(PROJECT)
        .build()
}

fn invocation(report: &Report, run: &Run, left_out: usize) -> sarif::Invocation {
    let unseen = report.not_evaluated.iter().map(notification);
    let effect = report.effect.as_ref().map(of_change);
    let assumed = report
        .assumptions
        .iter()
        .map(|text| taken_for_granted(text));
    let notifications = unseen
        .chain(left_out_notification(left_out))
        .chain(effect)
        .chain(assumed);
    let notifications: Vec<_> = notifications.collect();
    sarif::Invocation::builder()
        .execution_successful(run.success)
        .exit_code(i64::from(run.exit_code))
        .exit_code_description(match run.exit_code {
            0 => "no finding at or above the threshold",
            1 => "findings at or above the threshold",
            2 => "input that cannot be used",
            _ => "not everything that a verdict needs could be seen",
        })
        .tool_execution_notifications(notifications)
        .build()
}

fn left_out_notification(count: usize) -> Option<sarif::Notification> {
    let text = format!("{} left out.", super::text::counted(count, "finding"));
    let descriptor = sarif::ReportingDescriptorReference::builder()
        .id(NOT_WRITTEN)
        .index(1)
        .build();
    let notification = sarif::Notification::builder()
        .level(json!("warning"))
        .message(results::text(text))
        .descriptor(descriptor)
        .build();
    (count > 0).then_some(notification)
}

/// An alert would outlive the merge, after which it is the findings that tell: so it is none.
fn of_change(effect: &Effect) -> sarif::Notification {
    let descriptor = sarif::ReportingDescriptorReference::builder()
        .id(MERGING)
        .index(2)
        .build();
    // `error` would say that the run itself failed (SARIF 2.1.0, 3.58.6).
    let level = if effect.is_worse() || effect.is_open() {
        "warning"
    } else {
        "note"
    };
    sarif::Notification::builder()
        .level(json!(level))
        .message(results::text(wording::sentence(&effect.sentence())))
        .descriptor(descriptor)
        .build()
}

fn taken_for_granted(clause: &str) -> sarif::Notification {
    let descriptor = sarif::ReportingDescriptorReference::builder()
        .id(ASSUMED)
        .index(3)
        .build();
    let text = format!("Assumed: {clause}");
    sarif::Notification::builder()
        .level(json!("note"))
        .message(results::text(wording::sentence(&text)))
        .descriptor(descriptor)
        .build()
}

fn notification(unseen: &NotEvaluated) -> sarif::Notification {
    let mut text = results::not_seen(&unseen.document, unseen.reason, unseen.consequence());
    for more in unseen.more() {
        text = format!("{text} {}", wording::sentence(&more));
    }
    let descriptor = sarif::ReportingDescriptorReference::builder()
        .id(NOT_SEEN)
        .index(0)
        .build();
    sarif::Notification::builder()
        .level(json!("warning"))
        .message(results::text(text))
        .descriptor(descriptor)
        .properties(
            sarif::PropertyBag::builder()
                .additional_properties(BTreeMap::from([
                    ("affects".to_owned(), json!(unseen.affects)),
                    ("decisive".to_owned(), json!(unseen.decisive)),
                ]))
                .build(),
        )
        .build()
}

#[cfg(test)]
mod tests;
