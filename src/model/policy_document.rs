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
    /// A policy whose JSON is of the wrong type somewhere, and an answer of AWS that holds no statements:
    /// no service stores a policy without any, so that the answer is not the policy. Flags and code only
    /// say what is to be stored; there it is a fault of the policy.
    pub(super) fn read(
        id: DocumentId,
        document: &Document,
    ) -> Result<Option<PolicyDocument>, InputError> {
        let Some(root) = document.policy() else {
            return Ok(None);
        };
        let policy =
            Policy::read(root).map_err(|error| document.error_at(error.span, error.message))?;
        if document.origin.is_answer() && root.get("Statement").is_none() {
            let message = "expected a policy, which has a `Statement`: AWS stores none without";
            return Err(document.error(root, message));
        }
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
