//! The change that mends a finding, as SARIF's `fixes`: the very text, for tools that apply it.

use serde_sarif::sarif;

use super::super::view::FindingView;
use super::SOURCE_ROOT;
use super::results::utf16_column;
use super::rules::number;
use super::wording::{relative_uri, sentence};
use crate::document::{Document, Origin};

/// The fix of a finding; only what was verified in full is offered to tools, and only for a document that
/// is a file: an answer of AWS is nothing that a tool could edit.
pub(super) fn of(finding: &FindingView, document: Option<&Document>) -> Option<Vec<sarif::Fix>> {
    let fix = finding.fix.as_ref().filter(|fix| fix.verified)?;
    let path = &fix.edits.first()?.path;
    let document =
        document.filter(|document| document.origin == Origin::File && document.path == *path)?;
    let column = |line, column| number(utf16_column(Some(document), line, column));
    let replacements = fix.edits.iter().map(|edit| {
        let region = edit.region;
        sarif::Replacement::builder()
            .deleted_region(
                sarif::Region::builder()
                    .start_line(number(region.line))
                    .start_column(column(region.line, region.column))
                    .end_line(number(region.end_line))
                    .end_column(column(region.end_line, region.end_column))
                    .build(),
            )
            .inserted_content(
                sarif::ArtifactContent::builder()
                    .text(edit.text.clone())
                    .build(),
            )
            .build()
    });
    let change = sarif::ArtifactChange::builder()
        .artifact_location(
            sarif::ArtifactLocation::builder()
                .uri(relative_uri(path))
                .uri_base_id(SOURCE_ROOT)
                .build(),
        )
        .replacements(replacements.collect::<Vec<_>>())
        .build();
    let description = sarif::Message::builder()
        .text(sentence(&fix.description))
        .build();
    Some(vec![
        sarif::Fix::builder()
            .description(description)
            .artifact_changes(vec![change])
            .build(),
    ])
}
