//! The findings as SARIF results: every one an open failure at a place in a file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use serde_sarif::sarif;

use super::super::text::{counted, shortfall};
use super::super::view::{FindingView, LocationView, RelatedView, Report};
use super::rules::{Catalogue, level, number, rank};
use super::wording::{link, message, relative_uri, sentence, visible};
use super::{SOURCE_ROOT, line_hash};
use crate::document::{Document, Origin, Region};

/// GitHub shows related places only where the message links to them; more than these are listed
/// without a link.
const LINKED: usize = 10;

/// How many further trails a message names; the properties name them all.
const NAMED: usize = 5;

/// Turns findings into results, in the report's order.
pub(super) fn all(report: &Report, catalogue: &Catalogue) -> Vec<sarif::Result> {
    let mut hashes = Hashes {
        documents: &report.documents,
        of_lines: BTreeMap::new(),
        given: BTreeSet::new(),
    };
    by_place(&report.findings)
        .iter()
        .map(|findings| result(findings, catalogue, &mut hashes))
        .collect()
}

/// Findings of one rule at one place, together: GitHub makes one alert of them, whatever trails they
/// are about.
fn by_place(findings: &[FindingView]) -> Vec<SamePlace<'_>> {
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
            None => places.push(SamePlace {
                first: finding,
                others: Vec::new(),
            }),
        }
    }
    places
}

struct SamePlace<'f> {
    first: &'f FindingView,
    others: Vec<&'f FindingView>,
}

impl SamePlace<'_> {
    /// The trails that the others are about, the first's left out.
    fn other_trails(&self) -> BTreeSet<&str> {
        let trails = self
            .others
            .iter()
            .filter_map(|finding| finding.trail.as_deref());
        trails
            .filter(|trail| self.first.trail.as_deref() != Some(*trail))
            .collect()
    }
}

fn result(place: &SamePlace, catalogue: &Catalogue, hashes: &mut Hashes) -> sarif::Result {
    let finding = place.first;
    let document = hashes.document(&finding.location);
    let fingerprints = BTreeMap::from([
        ("primaryLocationLineHash".to_owned(), hashes.of(finding)),
        (
            "trailLintFinding/v1".to_owned(),
            visible(&finding.fingerprint).into_owned(),
        ),
    ]);
    let mut location = location(&finding.location, document);
    location.logical_locations = Some(logical_locations(&finding.location, document));
    let mut result = sarif::Result::builder()
        .rule_id(finding.rule)
        .level(level(finding.severity))
        .rank(rank(finding.severity))
        .message(text(message_with_links(place)))
        .locations(vec![location])
        .partial_fingerprints(fingerprints)
        .properties(properties(place))
        .build();
    result.rule_index = catalogue.index(finding.rule);
    let taxa = catalogue.taxa(finding.rule);
    if !taxa.is_empty() {
        result.taxa = Some(taxa);
    }
    if !finding.related.is_empty() {
        result.related_locations = Some(related_locations(&finding.related, hashes));
    }
    result
}

pub(super) fn text(text: String) -> sarif::Message {
    sarif::Message::builder().text(text).build()
}

/// The message, and after it the links; the first sentence stands alone.
fn message_with_links(place: &SamePlace) -> String {
    let finding = place.first;
    let message = match finding.message.trim() {
        // GitHub refuses a whole upload for one empty message.
        "" => sentence(finding.rule),
        message => sentence(message),
    };
    let message = match others(&place.other_trails()) {
        Some(others) => format!("{message} {}", sentence(&others)),
        None => message,
    };
    let links: Vec<String> = (1..)
        .zip(&finding.related)
        .take(LINKED)
        .map(|(id, related)| link(&related.message, id))
        .collect();
    match links.split_last() {
        None => message,
        Some((only, [])) => format!("{message} See {only}."),
        Some((last, others)) => format!("{message} See {} and {last}.", others.join(", ")),
    }
}

/// The further trails that a place refuses, a few by name.
fn others(trails: &BTreeSet<&str>) -> Option<String> {
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
    (!named.is_empty()).then(|| format!("The same holds for {trails}: {}{rest}", named.join(", ")))
}

fn related_locations(related: &[RelatedView], hashes: &Hashes) -> Vec<sarif::Location> {
    (1..)
        .zip(related)
        .map(|(id, related)| {
            let document = hashes.document(&related.location);
            let mut location = location(&related.location, document);
            location.id = Some(id);
            location.message = Some(text(sentence(&related.message)));
            location
        })
        .collect()
}

fn location(location: &LocationView, document: Option<&Document>) -> sarif::Location {
    let artifact = sarif::ArtifactLocation::builder()
        .uri(relative_uri(&location.path))
        .uri_base_id(SOURCE_ROOT)
        .build();
    let physical = sarif::PhysicalLocation::builder()
        .artifact_location(artifact)
        .region(region(location.region, document))
        .build();
    sarif::Location::builder()
        .physical_location(physical)
        .build()
}

/// The exact range. What a flag said has no lines, but GitHub wants one: its first.
fn region(region: Region, document: Option<&Document>) -> sarif::Region {
    let region = match document.map(|document| document.origin) {
        Some(Origin::CommandLine) => Region {
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
        },
        Some(Origin::File | Origin::Live) | None => region,
    };
    sarif::Region::builder()
        .start_line(number(region.line))
        .start_column(number(region.column))
        .end_line(number(region.end_line))
        .end_column(number(region.end_column))
        .build()
}

/// The resource by its ARN, and the value by its JSON Pointer.
fn logical_locations(
    location: &LocationView,
    document: Option<&Document>,
) -> Vec<sarif::LogicalLocation> {
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
    let value = pointer.rsplit_once('/').map(|(_, name)| {
        let kind = document.and_then(|document| document.at(pointer));
        let kind = match kind.map(crate::json::Node::type_name) {
            Some("an object") => "object",
            Some("an array") => "array",
            _ => "value",
        };
        logical(name, pointer, kind)
    });
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
    fn of(&mut self, finding: &FindingView) -> String {
        let hash = self.of_line(finding);
        let identity = visible(&finding.fingerprint).into_owned();
        let candidates = std::iter::once(hash.clone())
            .chain(std::iter::once(format!("{hash}/{identity}")))
            .chain((2..).map(|count| format!("{hash}/{identity}/{count}")));
        for candidate in candidates {
            let path = finding.location.path.clone();
            if self.given.insert((finding.rule, path, candidate.clone())) {
                return candidate;
            }
        }
        hash
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
        let line = lines.get(location.region.line.saturating_sub(1));
        line.cloned()
            .unwrap_or_else(|| line_hash::of_text(&finding.fingerprint))
    }
}

/// What could not be seen, as a sentence.
pub(super) fn not_seen(document: &str, reason: &str, consequence: &str) -> String {
    let (clause, reason) = shortfall(reason);
    message(&format!("'{document}' {clause} ({reason}); {consequence}."))
}
