//! Changes one after the other, where one alone does not mend a fault.

use super::Way;
use super::candidates::Grants;
use super::proof::Proof;
use crate::document::DocumentId;
use crate::model::Estate;

/// What has been changed so far, and how.
pub(super) struct Progress {
    pub(super) document: DocumentId,
    pub(super) estate: Estate,
    pub(super) words: Vec<String>,
    pub(super) grants: Vec<Grants>,
    /// The proof, while there is but one step.
    pub(super) proof: Option<Proof>,
    /// How each step was found, if all were found among candidates for a fault.
    pub(super) ways: Option<Vec<Way>>,
}

/// One change that mends one fault.
pub(super) struct Step {
    pub(super) document: DocumentId,
    pub(super) estate: Estate,
    pub(super) words: String,
    pub(super) grants: Grants,
    pub(super) proof: Proof,
    pub(super) way: Option<Way>,
}

impl Progress {
    pub(super) fn after(known: Option<Progress>, step: Step) -> Progress {
        match known {
            None => Progress {
                document: step.document,
                estate: step.estate,
                words: vec![step.words],
                grants: vec![step.grants],
                proof: Some(step.proof),
                ways: step.way.map(|way| vec![way]),
            },
            Some(mut known) => {
                known.estate = step.estate;
                known.words.push(step.words);
                known.grants.push(step.grants);
                known.proof = None;
                known.ways = known.ways.zip(step.way).map(|(mut ways, way)| {
                    ways.push(way);
                    ways
                });
                known
            }
        }
    }
}
