//! An SNS topic: its policy and the key it is encrypted with.

use super::arn::Arn;
use super::evidence::{Evidence, answer};
use super::policy_document::PolicyDocument;
use super::read::Fields;
use crate::document::{Document, DocumentId, InputError, Kind};

/// One topic.
///
/// Source: Amazon SNS API Reference, `GetTopicAttributes` (read 2026-11).
#[derive(Debug, Clone)]
pub struct Topic {
    /// The topic ARN.
    pub arn: String,
    /// What GetTopicAttributes says.
    pub attributes: Evidence<TopicAttributes>,
}

/// The attributes that decide whether CloudTrail can publish.
#[derive(Debug, Clone)]
pub struct TopicAttributes {
    /// The topic policy; nothing if the topic has none.
    pub policy: Option<PolicyDocument>,
    /// `KmsMasterKeyId`: a key id, key ARN, alias name or alias ARN.
    pub kms_key: Option<String>,
    /// The document that says so.
    pub document: DocumentId,
}

impl Topic {
    /// A topic of which nothing is known.
    pub(super) fn unseen(arn: &str) -> Topic {
        let path = Arn::parse(arn).map_or_else(
            || format!("accounts/*/sns/*/{arn}/get-topic-attributes.json"),
            |a| {
                format!(
                    "accounts/{}/sns/{}/{}/get-topic-attributes.json",
                    a.account, a.region, a.resource
                )
            },
        );
        Topic {
            arn: arn.to_owned(),
            attributes: Evidence::no_document(path),
        }
    }
}

/// Reads GetTopicAttributes' answer, or a topic policy that stands alone.
pub(super) fn read(
    id: DocumentId,
    document: &Document,
) -> Result<Evidence<TopicAttributes>, InputError> {
    answer(id, document, || {
        let policy = PolicyDocument::read(id, document)?;
        Ok(Some(TopicAttributes {
            policy,
            kms_key: topic_key(document)?,
            document: id,
        }))
    })
}

fn topic_key(document: &Document) -> Result<Option<String>, InputError> {
    if document.kind == Kind::TopicPolicy {
        return Ok(None);
    }
    let attributes = Fields::of(document).object("Attributes")?;
    Ok(attributes
        .optional_text("KmsMasterKeyId")?
        .map(str::to_owned))
}
