//! SARIF 2.1.0, as GitHub's code scanning takes it: one run, every finding an open failure with a
//! relative path, and what could not be seen as notifications. All of serde-sarif stays in here.
//!
//! GitHub ignores kinds, suppressions and fixes, and one bad result rejects the whole upload: what
//! is not an open finding is left out.

mod artifacts;
mod line_hash;
mod results;
mod rules;
mod weaknesses;
mod wording;

use std::collections::BTreeMap;
use std::io;

use serde_json::{Map, Value, json};
use serde_sarif::sarif;

use self::rules::Catalogue;
use super::json::print;
use super::view::{NotEvaluated, Report};
use crate::rules::pages;

/// The schema that the file names.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The project, for readers of an alert.
const PROJECT: &str = "https://github.com/trail-lint/trail-lint";

/// The base that paths are relative to: GitHub's name for the root of the checkout.
const SOURCE_ROOT: &str = "%SRCROOT%";

/// The descriptor of the notifications.
const NOT_SEEN: &str = "document-not-seen";

/// What a SARIF file says about the run itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The category; it ends in a slash. An upload closes only alerts of its own category.
    pub category: String,
    /// Whether the run counts as done. GitHub closes no alert for one that does not.
    pub success: bool,
    /// The exit status.
    pub exit_code: u8,
}

impl Default for Run {
    fn default() -> Run {
        Run {
            category: "trail-lint/files/".to_owned(),
            success: true,
            exit_code: 0,
        }
    }
}

/// Writes the report as SARIF.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let log = sarif::Sarif::builder()
        .version(json!("2.1.0"))
        .schema(SCHEMA)
        .runs(vec![sarif_run(report, run)])
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

fn sarif_run(report: &Report, run: &Run) -> sarif::Run {
    let catalogue = Catalogue::new(pages());
    let taxonomy = catalogue.taxonomy();
    let category = run.category.trim_end_matches('/');
    let root = sarif::ArtifactLocation::builder()
        .description(results::text("The root of the repository.".to_owned()))
        .build();
    let artifacts = artifacts::all(report);
    let mut results = results::all(report, &catalogue);
    artifacts::refer(&mut results, &artifacts);
    let mut sarif_run = sarif::Run::builder()
        .tool(tool(&catalogue, taxonomy.is_some()))
        .automation_details(
            sarif::RunAutomationDetails::builder()
                .id(format!("{category}/"))
                .build(),
        )
        .invocations(vec![invocation(report, run)])
        .original_uri_base_ids(BTreeMap::from([(SOURCE_ROOT.to_owned(), root)]))
        .column_kind(json!("unicodeCodePoints"))
        .results(results)
        .build();
    if !artifacts.is_empty() {
        sarif_run.artifacts = Some(artifacts);
    }
    sarif_run.taxonomies = taxonomy.map(|taxonomy| vec![taxonomy]);
    sarif_run
}

fn tool(catalogue: &Catalogue, has_taxonomy: bool) -> sarif::Tool {
    let version = env!("CARGO_PKG_VERSION");
    let mut driver = sarif::ToolComponent::builder()
        .name("trail-lint")
        .full_name(format!("trail-lint {version}"))
        .semantic_version(version)
        .organization("trail-lint")
        .information_uri(PROJECT)
        .rules(catalogue.descriptors())
        .notifications(vec![not_seen()])
        .build();
    if has_taxonomy {
        driver.supported_taxonomies = Some(vec![weaknesses::taxonomy_reference()]);
    }
    sarif::Tool::builder().driver(driver).build()
}

/// What a notification means. GitHub wants descriptions and help of every descriptor.
fn not_seen() -> sarif::ReportingDescriptor {
    let text = |text: &str| {
        sarif::MultiformatMessageString::builder()
            .text(text)
            .build()
    };
    let help = "Let the tool see the document: collect it with credentials that may read it, or name its file. \
                Until then a verdict that depends on it stays undecided, and elsewhere AWS's default is assumed.";
    sarif::ReportingDescriptor::builder()
        .id(NOT_SEEN)
        .name(wording::upper_camel_case(NOT_SEEN))
        .short_description(text("A document could not be seen"))
        .full_description(text(
            "A document that a verdict or a rule needs could not be seen.",
        ))
        .help(text(help))
        .help_uri(PROJECT)
        .build()
}

fn invocation(report: &Report, run: &Run) -> sarif::Invocation {
    let notifications: Vec<_> = report.not_evaluated.iter().map(notification).collect();
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

fn notification(unseen: &NotEvaluated) -> sarif::Notification {
    let consequence = if unseen.decisive {
        "a verdict depends on it"
    } else {
        "AWS's default was assumed"
    };
    let mut text = results::not_seen(&unseen.document, unseen.reason, consequence);
    for (label, more) in [("AWS said", &unseen.said), ("To try", &unseen.help)] {
        if let Some(more) = more {
            text = format!("{text} {}", wording::sentence(&format!("{label}: {more}")));
        }
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
