//! A baseline file: the findings that were there when a team began to use trail-lint. Those are
//! accepted, and only what is new, or has become worse, fails a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::view::FindingView;
use crate::document::InputError;
use crate::rules::Severity;

/// The version of the file's format.
const VERSION: u32 = 1;

/// The findings that a baseline file knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The file.
    pub path: String,
    known: BTreeMap<String, Severity>,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

/// One finding. The fingerprint is its identity; rule, trail and resource are there for people who read
/// the file in a review.
#[derive(Serialize, Deserialize)]
struct Entry {
    fingerprint: String,
    rule: String,
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    trail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
}

impl Baseline {
    /// Reads the text of a baseline file that is called `path` in errors.
    ///
    /// # Errors
    /// Text that is not JSON of the shape that [`write`](Self::write) gives.
    pub fn parse(path: &str, text: &str) -> Result<Baseline, InputError> {
        let error = |at, message: String| InputError {
            path: path.to_owned(),
            at,
            message,
            help: Some("a baseline is written by `--baseline FILE --write-baseline`".to_owned()),
        };
        let file: File = serde_json::from_str(text)
            .map_err(|found| error(Some((found.line(), found.column())), found.to_string()))?;
        if file.version != VERSION {
            let message = format!("version {} of the format, expected {VERSION}", file.version);
            return Err(error(None, message));
        }
        let known = file.findings.into_iter();
        Ok(Baseline {
            path: path.to_owned(),
            known: known
                .map(|entry| (entry.fingerprint, entry.severity))
                .collect(),
        })
    }

    /// The text of a baseline file that knows these findings.
    ///
    /// # Panics
    /// Never: texts and numbers can always be written as JSON.
    pub fn write(findings: &[FindingView]) -> String {
        let mut entries: Vec<Entry> = findings.iter().map(Entry::of).collect();
        let key = |entry: &Entry| {
            (
                entry.rule.clone(),
                entry.trail.clone(),
                entry.fingerprint.clone(),
            )
        };
        entries.sort_by_key(key);
        entries.dedup_by(|one, other| one.fingerprint == other.fingerprint);
        let file = File {
            version: VERSION,
            findings: entries,
        };
        serde_json::to_string_pretty(&file).expect("texts and numbers are JSON") + "\n"
    }

    /// Whether a finding was there already, and not less severe.
    pub(super) fn knows(&self, finding: &FindingView) -> bool {
        let known = self.known.get(&finding.fingerprint);
        known.is_some_and(|severity| *severity >= finding.severity)
    }

    /// How many of the known findings are not among these.
    pub(super) fn gone(&self, findings: &[&FindingView]) -> usize {
        let found = |fingerprint: &String| {
            findings
                .iter()
                .any(|finding| finding.fingerprint == *fingerprint)
        };
        self.known
            .keys()
            .filter(|fingerprint| !found(fingerprint))
            .count()
    }
}

impl Entry {
    fn of(finding: &FindingView) -> Entry {
        Entry {
            fingerprint: finding.fingerprint.clone(),
            rule: finding.rule.to_owned(),
            severity: finding.severity,
            trail: finding.trail.clone(),
            resource: finding.location.resource.clone(),
        }
    }
}
