//! Live documents go along with the results that point into them: nobody has a file to open.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::json;
use serde_sarif::sarif;
use sha2::{Digest, Sha256};

use super::super::view::Report;
use super::SOURCE_ROOT;
use super::rules::number;
use super::wording::relative_uri;
use crate::document::{Document, Origin};

/// The live documents that findings point into, sorted by path.
pub(super) fn all(report: &Report) -> Vec<sarif::Artifact> {
    let places = report.findings.iter().flat_map(|finding| {
        let related = finding.related.iter().map(|related| &related.location);
        std::iter::once(&finding.location).chain(related)
    });
    let paths: BTreeSet<&str> = places.map(|location| location.path.as_str()).collect();
    let documents = paths.iter().filter_map(|path| report.documents.get(path));
    documents
        .filter(|document| document.origin == Origin::Live)
        .map(|document| artifact(document))
        .collect()
}

fn artifact(document: &Document) -> sarif::Artifact {
    let text = document.text();
    let digest = Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
    sarif::Artifact::builder()
        .location(
            sarif::ArtifactLocation::builder()
                .uri(relative_uri(&document.path))
                .uri_base_id(SOURCE_ROOT)
                .build(),
        )
        .contents(sarif::ArtifactContent::builder().text(text).build())
        .hashes(BTreeMap::from([("sha-256".to_owned(), digest)]))
        .length(number(text.len()))
        .roles(vec![json!("analysisTarget"), json!("uncontrolled")])
        .build()
}

/// Tells each place in a live document which artifact that is.
pub(super) fn refer(results: &mut [sarif::Result], artifacts: &[sarif::Artifact]) {
    let uri_of = |artifact: &sarif::Artifact| artifact.location.as_ref()?.uri.clone();
    let known: BTreeMap<String, i64> = artifacts.iter().filter_map(uri_of).zip(0..).collect();
    for result in results {
        let related = result.related_locations.iter_mut().flatten();
        for location in result.locations.iter_mut().flatten().chain(related) {
            let artifact = location
                .physical_location
                .as_mut()
                .and_then(|it| it.artifact_location.as_mut());
            if let Some(artifact) = artifact {
                artifact.index = artifact
                    .uri
                    .as_ref()
                    .and_then(|uri| known.get(uri))
                    .copied();
            }
        }
    }
}
