//! How much of the accounts could be looked at: accounts that could not be entered, lists of trails
//! that AWS refused, lists that are empty, and answers whose refusal no trail or bucket carries.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Evidence, Reason, Unknown, refused};
use super::read::Fields;
use crate::document::{Document, DocumentId, InputError, Kind, LISTED_TRAILS, Subject};

/// What is known of the accounts as wholes.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// Accounts some of whose trails may not have been seen, and why.
    pub doubtful: BTreeMap<String, Unknown>,
    /// Accounts of which AWS said that no trail records them, and the answer that says so.
    pub without_trails: BTreeMap<String, DocumentId>,
    /// What could not be seen and belongs to no trail, bucket, key or topic: a verdict, or whether
    /// there are further trails, depends on it.
    pub unseen: BTreeSet<Unknown>,
    /// What could not be seen, and was learnt in another way.
    pub aside: BTreeSet<Unknown>,
}

impl Coverage {
    /// Adds what an answer about an account, or about whoever asked, says.
    pub(super) fn read(&mut self, id: DocumentId, document: &Document) -> Result<(), InputError> {
        let unknown = unknown(id, document);
        if document.purpose() == Some(LISTED_TRAILS) {
            self.aside.extend(unknown);
            return Ok(());
        }
        self.unseen.extend(unknown.clone());
        let Subject::Account { account, .. } = &document.subject else {
            return Ok(());
        };
        if let Some(unknown) = unknown {
            self.doubtful.entry(account.clone()).or_insert(unknown);
        } else if document.kind == Kind::ListTrails
            && Fields::of(document).objects("Trails")?.is_empty()
        {
            self.without_trails.insert(account.clone(), id);
        }
        Ok(())
    }

    /// Adds a refused answer on which more than one trail's verdict may depend.
    pub(super) fn read_refusal(&mut self, id: DocumentId, document: &Document) {
        self.unseen.extend(unknown(id, document));
    }

    /// Whether all trails of an account were seen, as far as its answers say.
    pub fn is_sure_of(&self, account: &str) -> bool {
        !self.doubtful.contains_key(account)
    }
}

/// Why a refused answer is not known. Of accounts and of trails that exist, "does not exist" is no answer.
pub(super) fn unknown(id: DocumentId, document: &Document) -> Option<Unknown> {
    match refused::<()>(id, document)? {
        Evidence::Unknown(unknown) => Some(unknown),
        Evidence::Present(()) | Evidence::Absent(_) => Some(Unknown {
            reason: Reason::OtherError,
            document: document.path.clone(),
        }),
    }
}
