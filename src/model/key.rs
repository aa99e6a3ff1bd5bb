//! A KMS key: its state, its kind, and its policy.

use super::evidence::{Evidence, answer};
use super::policy_document::PolicyDocument;
use super::read::Fields;
use crate::document::{Document, DocumentId, InputError, Kind};

/// One KMS key.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key ARN.
    pub arn: String,
    /// What DescribeKey says.
    pub metadata: Evidence<KeyMetadata>,
    /// The key policy.
    pub policy: Evidence<PolicyDocument>,
    /// Whether the key was named on the command line, where its state is not asked for.
    pub planned: bool,
}

/// The fields of DescribeKey's answer that decide whether CloudTrail can use a key.
///
/// Source: AWS KMS API Reference, `KeyMetadata` (read 2026-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMetadata {
    /// The key ARN.
    pub arn: Option<String>,
    /// `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
    /// `CUSTOMER` or `AWS`.
    pub manager: Option<String>,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, `HMAC_256`, …
    pub spec: Option<String>,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, …
    pub usage: Option<String>,
    /// The document that says so.
    pub document: DocumentId,
}

impl Key {
    /// A key of which nothing is known.
    pub(super) fn unseen(arn: &str) -> Key {
        let (account, id) = super::arn::Arn::parse(arn)
            .and_then(|parsed| Some((parsed.account, parsed.key_id()?)))
            .unwrap_or(("*", arn));
        Key {
            arn: arn.to_owned(),
            metadata: Evidence::no_document(format!(
                "accounts/{account}/kms/{id}/describe-key.json"
            )),
            policy: Evidence::no_document(format!(
                "accounts/{account}/kms/{id}/get-key-policy.json"
            )),
            planned: false,
        }
    }
}

/// A key's documents before the key's ARN is known.
pub(super) struct KeyFolder {
    pub(super) account: Option<String>,
    pub(super) id: String,
    pub(super) key: Key,
}

impl KeyFolder {
    /// Whether this folder answers for a name that a trail or topic of this account and Region gives a
    /// key: an alias or its ARN, or a bare key id. A key ARN needs no answer.
    ///
    /// The folder of an alias is called `alias+NAME`, as a name of a folder holds no slash. Where a key
    /// lies that a bare name means is told by the answer, so that two Regions' aliases stay apart.
    pub(super) fn is_called(&self, name: &str, account: &str, region: &str) -> bool {
        let parsed = super::arn::Arn::parse(name).filter(|arn| arn.service == "kms");
        let (account, region, name) = match parsed {
            Some(arn) if arn.key_id().is_some() => return false,
            Some(arn) => (arn.account, arn.region, arn.resource),
            None => (account, region, name),
        };
        let lies_in =
            |arn: &str| super::arn::Arn::parse(arn).is_some_and(|arn| arn.region == region);
        self.account.as_deref() == Some(account)
            && self.id == name.replace('/', "+")
            && self
                .key
                .metadata
                .present()
                .is_some_and(|key| key.arn.as_deref().is_some_and(lies_in))
    }
}

/// Adds what one document says to the folder it lies in.
pub(super) fn read(
    folders: &mut Vec<KeyFolder>,
    account: Option<&str>,
    key_id: &str,
    id: DocumentId,
    document: &Document,
) -> Result<(), InputError> {
    let position = folders
        .iter()
        .position(|folder| folder.account.as_deref() == account && folder.id == key_id);
    let mut folder = match position {
        Some(position) => folders.swap_remove(position),
        None => {
            let mut key = Key::unseen(key_id);
            let folder = format!("accounts/{}/kms/{key_id}", account.unwrap_or("*"));
            key.metadata = Evidence::no_document(format!("{folder}/describe-key.json"));
            key.policy = Evidence::no_document(format!("{folder}/get-key-policy.json"));
            KeyFolder {
                account: account.map(str::to_owned),
                id: key_id.to_owned(),
                key,
            }
        }
    };
    folder.key.planned |= !document.origin.is_answer() || account.is_none();
    match document.kind {
        Kind::DescribeKey => folder.key.metadata.merge(answer(id, document, || {
            read_metadata(id, document).map(Some)
        })?),
        Kind::GetKeyPolicy => {
            folder
                .key
                .policy
                .merge(answer(id, document, || PolicyDocument::read(id, document))?);
        }
        _ => {}
    }
    folders.push(folder);
    Ok(())
}

fn read_metadata(id: DocumentId, document: &Document) -> Result<KeyMetadata, InputError> {
    let fields = Fields::of(document).object("KeyMetadata")?;
    let text = |name: &str| {
        fields
            .optional_text(name)
            .map(|text| text.map(str::to_owned))
    };
    Ok(KeyMetadata {
        arn: text("Arn")?,
        state: fields.text("KeyState")?.to_owned(),
        manager: text("KeyManager")?,
        spec: text("KeySpec")?.or(text("CustomerMasterKeySpec")?),
        usage: text("KeyUsage")?,
        document: id,
    })
}
