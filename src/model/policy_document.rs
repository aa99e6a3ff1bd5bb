//! A policy and the document it stands in.

use crate::document::{Document, DocumentId, InputError, Place};
use crate::iam::Policy;

/// A policy as read from one document.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    /// The document it stands in.
    pub document: DocumentId,
    /// The policy.
    pub policy: Policy,
}

impl PolicyDocument {
    /// Reads the policy of a document, if it holds one.
    ///
    /// # Errors
    /// A policy whose JSON is of the wrong type somewhere.
    pub(super) fn read(
        id: DocumentId,
        document: &Document,
    ) -> Result<Option<PolicyDocument>, InputError> {
        let Some(root) = document.policy() else {
            return Ok(None);
        };
        let policy =
            Policy::read(root).map_err(|error| document.error_at(error.span, error.message))?;
        Ok(Some(PolicyDocument {
            document: id,
            policy,
        }))
    }

    /// A place in the policy.
    pub fn place(&self, pointer: &str) -> Place {
        Place {
            document: self.document,
            pointer: pointer.to_owned(),
        }
    }
}
