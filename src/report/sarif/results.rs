//! The findings as SARIF results: every one an open failure at a place in a file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use serde_sarif::sarif;

use super::super::Run;
use super::super::declared::{Declaration, Declarations};
use super::super::places::{SamePlace, by_place};
use super::super::text::{line, shortfall};
use super::super::view::{Acceptance, FindingView, LocationView, RelatedView, Report};
use super::artifacts::Artifacts;
use super::rules::{Catalogue, level, number, rank};
use super::wording::{link, markdown_sentence, message, relative_uri, sentence, visible};
use super::{SOURCE_ROOT, fixes, flows, line_hash};
use crate::document::{Document, Origin, Region};

/// GitHub shows related places only where the message links to them; more than these are listed
/// without a link.
const LINKED: usize = 10;

/// GitHub refuses a file with more results.
///
/// Source: GitHub Docs, "SARIF results exceed one or more limits" (read 2026-11).
const MOST: usize = 25_000;

/// A snippet longer than this is left out: it is there to be recognised.
const LONGEST_SNIPPET: usize = 2_000;

/// The findings as results, in the report's order, which is by severity.
pub(super) struct Results {
    pub(super) results: Vec<sarif::Result>,
    /// How many there was no room for.
    pub(super) left_out: usize,
}

impl Results {
    pub(super) fn new(
        (report, run): (&Report, &Run),
        catalogue: &Catalogue,
        artifacts: &Artifacts,
    ) -> Results {
        let mut writer = Writer::new((report, run), catalogue, artifacts);
        let places = by_place(&report.findings);
        Results {
            left_out: places.len().saturating_sub(MOST),
            results: places
                .iter()
                .take(MOST)
                .map(|place| writer.result(place))
                .collect(),
        }
    }
}

/// The accepted findings as results that say so, each on its own: each has its own reason.
pub(super) fn accepted(
    (report, run): (&Report, &Run),
    catalogue: &Catalogue,
    artifacts: &Artifacts,
) -> Vec<sarif::Result> {
    let mut writer = Writer::new((report, run), catalogue, artifacts);
    let accepted = report.accepted.iter().map(|accepted| {
        let mut result = writer.result(&SamePlace::only(&accepted.finding));
        result.suppressions = Some(vec![suppression(&accepted.suppression)]);
        result
    });
    accepted.collect()
}

/// Who accepts a finding. The entry stands in a file of its own, not in the policy: it is external to
/// it (SARIF 2.1.0, 3.35.2).
fn suppression(by: &Acceptance) -> sarif::Suppression {
    let mut artifact = sarif::PhysicalLocation::builder()
        .artifact_location(
            sarif::ArtifactLocation::builder()
                .uri(relative_uri(&by.path))
                .uri_base_id(SOURCE_ROOT)
                .build(),
        )
        .build();
    artifact.region = by
        .line
        .map(|line| sarif::Region::builder().start_line(number(line)).build());
    let until = by.expires.as_ref().map(|last| format!(" (until {last})"));
    sarif::Suppression::builder()
        .kind(json!("external"))
        .status(json!("accepted"))
        .justification(visible(&by.justification).into_owned() + &until.unwrap_or_default())
        .location(
            sarif::Location::builder()
                .physical_location(artifact)
                .build(),
        )
        .build()
}

struct Writer<'a> {
    report: &'a Report<'a>,
    declared: &'a Declarations,
    catalogue: &'a Catalogue,
    artifacts: &'a Artifacts,
    hashes: Hashes<'a>,
}

impl<'a> Writer<'a> {
    fn new(
        (report, run): (&'a Report<'a>, &'a Run),
        catalogue: &'a Catalogue,
        artifacts: &'a Artifacts,
    ) -> Writer<'a> {
        Writer {
            report,
            declared: &run.declared,
            catalogue,
            artifacts,
            hashes: Hashes {
                documents: &report.documents,
                of_lines: BTreeMap::new(),
                given: BTreeSet::new(),
            },
        }
    }

    fn result(&mut self, place: &SamePlace) -> sarif::Result {
        let finding = place.first;
        let document = self.hashes.document(&finding.location);
        let declaration = self.declaration(finding, document);
        let mut related = finding.related.clone();
        if declaration.is_some() {
            related.push(RelatedView {
                message: "The policy as AWS has it.".to_owned(),
                location: finding.location.clone(),
            });
        }
        let fingerprints = BTreeMap::from([
            (
                "primaryLocationLineHash".to_owned(),
                self.hashes.of(finding, declaration),
            ),
            (
                "trailLintFinding/v1".to_owned(),
                visible(&finding.fingerprint).into_owned(),
            ),
        ]);
        let mut location = match declaration {
            Some(declaration) => declared(declaration),
            None => {
                let one_line = finding.location.on_one_line(document);
                let artifact = self.artifacts.location(&finding.location.path, document);
                place_in(artifact, region(one_line, document))
            }
        };
        location.logical_locations = Some(logical_locations(&finding.location));
        let (plain, markdown) =
            message_with_links(place, document, (declaration.is_some(), &related));
        let mut result = sarif::Result::builder()
            .rule_id(finding.rule)
            .level(level(finding.severity))
            .rank(rank(finding.severity))
            .message(
                sarif::Message::builder()
                    .text(plain)
                    .markdown(markdown)
                    .build(),
            )
            .locations(vec![location])
            .partial_fingerprints(fingerprints)
            .properties(properties(place))
            .build();
        // A change of what AWS has is none of the file that declares it.
        if declaration.is_none() {
            result.fixes = fixes::of(finding, document);
        }
        result.code_flows = flows::of(finding, self.report, self.artifacts);
        result.rule_index = self.catalogue.index(finding.rule);
        let taxa = self.catalogue.taxa(finding.rule);
        if !taxa.is_empty() {
            result.taxa = Some(taxa);
        }
        if !related.is_empty() {
            result.related_locations = Some(self.related_locations(&related));
        }
        result
    }

    /// Where the repository declares what a finding is about. Code is where it is declared.
    fn declaration(
        &self,
        finding: &FindingView,
        document: Option<&Document>,
    ) -> Option<&'a Declaration> {
        let is_code = document.is_some_and(|document| document.origin == Origin::Code);
        let resource = finding.location.resource.as_deref();
        self.declared.of(resource.filter(|_| !is_code))
    }

    fn related_locations(&self, related: &[RelatedView]) -> Vec<sarif::Location> {
        (1..)
            .zip(related)
            .map(|(id, related)| {
                let document = self.hashes.document(&related.location);
                let mut location = location(&related.location, document, self.artifacts);
                location.id = Some(id);
                location.message = Some(text(sentence(&related.message)));
                location
            })
            .collect()
    }
}

pub(super) fn text(text: String) -> sarif::Message {
    sarif::Message::builder().text(text).build()
}

/// The message, and after it the links, as plain text and as Markdown; the first sentence stands alone.
fn message_with_links(
    place: &SamePlace,
    document: Option<&Document>,
    (declared, related): (bool, &[RelatedView]),
) -> (String, String) {
    let finding = place.first;
    let message = match finding.message.trim() {
        // GitHub refuses a whole upload for one empty message.
        "" => finding.rule,
        message => message,
    };
    // The place is a snapshot that need not be in the repository: the message has to say where.
    let live = document.is_some_and(|document| document.origin == Origin::Live);
    let message = &match &finding.location.resource {
        Some(arn) if live => format!("As AWS has `{arn}` now: {message}"),
        Some(arn) if declared => format!("As AWS has `{arn}`: {message}"),
        _ => message.to_owned(),
    };
    let others = place.others_named();
    let links: Vec<String> = (1..)
        .zip(related)
        .take(LINKED)
        .map(|(id, related)| link(&related.message, id))
        .collect();
    let see = match links.split_last() {
        None => String::new(),
        Some((only, [])) => format!(" See {only}."),
        Some((last, others)) => format!(" See {} and {last}.", others.join(", ")),
    };
    let written = |form: &dyn Fn(&str) -> String| {
        let message = form(message);
        let others = others.as_deref().map(|others| format!(" {}", form(others)));
        format!("{message}{}{see}", others.unwrap_or_default())
    };
    (written(&sentence), written(&markdown_sentence))
}

pub(super) fn location(
    location: &LocationView,
    document: Option<&Document>,
    artifacts: &Artifacts,
) -> sarif::Location {
    let artifact = artifacts.location(&location.path, document);
    place_in(artifact, region(location.region, document))
}

fn place_in(artifact: sarif::ArtifactLocation, region: sarif::Region) -> sarif::Location {
    let physical = sarif::PhysicalLocation::builder()
        .artifact_location(artifact)
        .region(region)
        .build();
    sarif::Location::builder()
        .physical_location(physical)
        .build()
}

/// The line that declares a resource, without the blanks around it.
fn declared(declaration: &Declaration) -> sarif::Location {
    let line = line(&declaration.text, declaration.line).unwrap_or_default();
    let units = |text: &str| number(text.encode_utf16().count() + 1);
    let indent = line.len() - line.trim_start().len();
    let at = number(declaration.line);
    let region = sarif::Region::builder()
        .start_line(at)
        .start_column(units(line.get(..indent).unwrap_or_default()))
        .end_line(at)
        .end_column(units(line.trim_end()).max(1))
        .build();
    let artifact = sarif::ArtifactLocation::builder()
        .uri(relative_uri(&declaration.path))
        .uri_base_id(SOURCE_ROOT)
        .build();
    place_in(artifact, region)
}

/// The exact range and what stands there. What a flag said has no lines, but GitHub wants one: its first.
fn region(region: Region, document: Option<&Document>) -> sarif::Region {
    if document.is_some_and(|document| document.origin == Origin::CommandLine) {
        return sarif::Region::builder()
            .start_line(1)
            .start_column(1)
            .end_line(1)
            .end_column(1)
            .build();
    }
    let column = |line, column| number(utf16_column(document, line, column));
    let mut range = sarif::Region::builder()
        .start_line(number(region.line))
        .start_column(column(region.line, region.column))
        .end_line(number(region.end_line))
        .end_column(column(region.end_line, region.end_column))
        .build();
    let snippet = document.and_then(|document| document.text_of(region));
    range.snippet = snippet
        .filter(|text| !text.is_empty() && text.len() <= LONGEST_SNIPPET)
        .map(|text| sarif::ArtifactContent::builder().text(text).build());
    range
}

/// A column counted in UTF-16 units, as editors count, whatever `columnKind` says.
pub(super) fn utf16_column(document: Option<&Document>, line: usize, column: usize) -> usize {
    let line = document.and_then(|document| document.line(line));
    let before = line.unwrap_or_default().chars();
    let surplus: usize = before
        .take(column.saturating_sub(1))
        .map(|character| character.len_utf16() - 1)
        .sum();
    column + surplus
}

/// The resource by its ARN, and the value by its JSON Pointer.
pub(super) fn logical_locations(location: &LocationView) -> Vec<sarif::LogicalLocation> {
    let logical = |name: &str, full: &str, kind: &str| {
        sarif::LogicalLocation::builder()
            .name(visible(name))
            .fully_qualified_name(visible(full))
            .kind(kind)
            .build()
    };
    let resource = location.resource.iter().map(|arn| {
        let name = arn.rsplit([':', '/']).next().unwrap_or(arn);
        logical(name, arn, "resource")
    });
    let pointer = location.pointer.as_str();
    let value = pointer
        .rsplit_once('/')
        .map(|(_, name)| logical(name, pointer, location.kind));
    resource.chain(value).collect()
}

fn properties(place: &SamePlace) -> sarif::PropertyBag {
    let finding = place.first;
    let mut properties = BTreeMap::new();
    let texts = [
        ("resourceArn", &finding.location.resource),
        ("trail", &finding.trail),
        ("account", &finding.account),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            properties.insert(name.to_owned(), json!(visible(text)));
        }
    }
    properties.insert("requests".to_owned(), json!(finding.requests));
    let others: Vec<_> = place.other_trails().into_iter().map(visible).collect();
    if !others.is_empty() {
        properties.insert("otherTrails".to_owned(), json!(others));
    }
    sarif::PropertyBag::builder()
        .additional_properties(properties)
        .build()
}

/// The line hashes of the documents, computed once each, and those already given to a result.
struct Hashes<'a> {
    documents: &'a BTreeMap<&'a str, &'a Document>,
    of_lines: BTreeMap<String, Vec<String>>,
    given: BTreeSet<(&'static str, String, String)>,
}

impl<'a> Hashes<'a> {
    fn document(&self, location: &LocationView) -> Option<&'a Document> {
        self.documents.get(location.path.as_str()).copied()
    }

    /// The hash of a finding's line.
    ///
    /// GitHub makes one alert of results with the same rule, path and hash. Findings in a policy that
    /// stands on one line have them all; so each but the first gets its own identity behind the hash. GitHub then keeps it, and only logs that it would have computed another.
    fn of(&mut self, finding: &FindingView, declaration: Option<&Declaration>) -> String {
        let (path, hash) = match declaration {
            Some(at) => (&at.path, self.of_declaration(finding, at)),
            None => (&finding.location.path, self.of_line(finding)),
        };
        let identity = visible(&finding.fingerprint).into_owned();
        let candidates = std::iter::once(hash.clone())
            .chain(std::iter::once(format!("{hash}/{identity}")))
            .chain((2..).map(|count| format!("{hash}/{identity}/{count}")));
        for candidate in candidates {
            let key = (finding.rule, path.clone(), candidate.clone());
            if self.given.insert(key) {
                return candidate;
            }
        }
        hash
    }

    /// The hash of the line that declares what a finding is about, as GitHub computes it.
    fn of_declaration(&mut self, finding: &FindingView, at: &Declaration) -> String {
        let lines = self
            .of_lines
            .entry(at.path.clone())
            .or_insert_with(|| line_hash::lines(&at.text));
        let line = lines.get(at.line.saturating_sub(1));
        line.cloned()
            .unwrap_or_else(|| line_hash::of_text(&finding.fingerprint))
    }

    /// The hash of the line in its file; where there is none, of the finding's own fingerprint.
    fn of_line(&mut self, finding: &FindingView) -> String {
        let location = &finding.location;
        let document = self.document(location);
        let Some(document) = document.filter(|document| document.origin != Origin::CommandLine)
        else {
            return line_hash::of_text(&finding.fingerprint);
        };
        let lines = self
            .of_lines
            .entry(location.path.clone())
            .or_insert_with(|| line_hash::lines(document.text()));
        let at = location.on_one_line(Some(document)).line;
        let line = lines.get(at.saturating_sub(1));
        line.cloned()
            .unwrap_or_else(|| line_hash::of_text(&finding.fingerprint))
    }
}

/// What could not be seen, as a sentence.
pub(super) fn not_seen(document: &str, reason: &str, consequence: &str) -> String {
    let (clause, reason) = shortfall(reason);
    message(&format!("'{document}' {clause} ({reason}); {consequence}."))
}
