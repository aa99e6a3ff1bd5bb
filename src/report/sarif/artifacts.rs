//! Where documents lie, for readers of a SARIF file: files by their path below the repository's root,
//! answers of AWS as snapshots that the SARIF file carries itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use serde_sarif::sarif;
use sha2::{Digest, Sha256};

use super::super::view::Report;
use super::SOURCE_ROOT;
use super::wording::relative_uri;
use crate::document::{Document, Origin};

/// The folder that answers of AWS have their address in. It is stable, so that alerts keep their
/// identity; nothing need lie there, and who commits a snapshot there gets previews.
const LIVE: &str = ".trail-lint/live";

/// The documents that a SARIF file carries, each by its index.
pub(super) struct Artifacts {
    carried: BTreeMap<String, i64>,
}

impl Artifacts {
    /// Those of a report that findings or requests point into, and that lie in no file.
    pub(super) fn new(report: &Report) -> Artifacts {
        let used = used(report);
        Artifacts {
            carried: used.into_keys().zip(0..).collect(),
        }
    }

    /// Where a document lies.
    pub(super) fn location(
        &self,
        path: &str,
        document: Option<&Document>,
    ) -> sarif::ArtifactLocation {
        let live = document.is_some_and(|document| document.origin == Origin::Live);
        let mut location = sarif::ArtifactLocation::builder()
            .uri(uri(path, live))
            .uri_base_id(SOURCE_ROOT)
            .build();
        location.index = self.carried.get(path).copied();
        location
    }

    /// The documents themselves; nothing if all are files.
    pub(super) fn all(&self, report: &Report) -> Option<Vec<sarif::Artifact>> {
        let documents = self.carried.keys();
        let all: Vec<_> = documents
            .filter_map(|path| report.documents.get(path.as_str()))
            .map(|document| self.artifact(document))
            .collect();
        (!all.is_empty()).then_some(all)
    }

    fn artifact(&self, document: &Document) -> sarif::Artifact {
        let text = document.text();
        let digest = Sha256::digest(text.as_bytes())
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        sarif::Artifact::builder()
            .location(self.location(&document.path, Some(document)))
            .contents(sarif::ArtifactContent::builder().text(text).build())
            .hashes(BTreeMap::from([("sha-256".to_owned(), digest)]))
            .roles(vec![json!("analysisTarget"), json!("uncontrolled")])
            .mime_type("application/json")
            .build()
    }
}

fn uri(path: &str, live: bool) -> String {
    let uri = relative_uri(path);
    if live && !uri.starts_with(LIVE) {
        format!("{LIVE}/{uri}")
    } else {
        uri
    }
}

/// The live documents that the report points into.
fn used<'r>(report: &'r Report) -> BTreeMap<String, &'r Document> {
    let findings = report.findings.iter();
    let places = findings.flat_map(|finding| {
        let related = finding.related.iter().map(|related| &related.location);
        std::iter::once(&finding.location).chain(related)
    });
    let requests = report.trails.iter().flat_map(|trail| &trail.requests);
    let deciding = requests.filter_map(|request| request.decided_by.as_ref());
    // A code flow starts where the trail names the bucket or the key.
    let refused = report.findings.iter().filter(|it| !it.requests.is_empty());
    let refused: BTreeSet<&str> = refused.filter_map(|it| it.trail.as_deref()).collect();
    let trails = report.trails.iter();
    let starts = trails
        .filter(|trail| refused.contains(trail.arn.as_str()))
        .flat_map(|trail| trail.names_bucket.iter().chain(&trail.names_key));
    let paths = places
        .chain(starts)
        .map(|place| place.path.as_str())
        .chain(deciding.map(|by| by.path.as_str()));
    paths
        .filter_map(|path| report.documents.get(path))
        .filter(|document| document.origin == Origin::Live)
        .map(|document| (document.path.clone(), *document))
        .collect()
}
