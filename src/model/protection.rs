//! What guards a bucket's objects, or removes them: versions, locks, lifecycle rules, and the block on
//! public access. None of it decides whether CloudTrail can write.

use super::evidence::{Evidence, Unknown, answer};
use super::read::Fields;
use crate::document::{Document, DocumentId, InputError, Kind};

/// The guards of one bucket.
#[derive(Debug, Clone)]
pub struct Protection {
    /// Whether overwritten and deleted objects are kept, and the document that says so.
    pub versioning: Evidence<(Versioning, DocumentId)>,
    /// Object Lock; absent if it was never turned on.
    pub object_lock: Evidence<()>,
    /// The rules that expire objects; absent if there is no lifecycle configuration.
    pub expirations: Evidence<Vec<Expiration>>,
    /// Whether S3 keeps everybody but services and the owner's account out while the policy is public
    /// (`RestrictPublicBuckets`).
    pub restricted: Evidence<Restricted>,
    /// Whether S3 itself calls the policy public.
    pub public: Evidence<bool>,
}

/// Whether `RestrictPublicBuckets` is on, and the document that says so.
pub type Restricted = (bool, DocumentId);

/// The state of versioning.
///
/// Source: Amazon S3 API Reference, `GetBucketVersioning` (read 2026-11): a bucket that never had it
/// answers without `Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// `Enabled`
    Enabled,
    /// `Suspended`
    Suspended,
    /// Never turned on.
    Never,
}

/// A lifecycle rule that is enabled and expires current objects after some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiration {
    /// The beginning of the keys that it applies to.
    pub prefix: String,
    /// Days from an object's creation to its expiry.
    pub days: u64,
    /// The document that says so.
    pub document: DocumentId,
    /// JSON Pointer of the rule.
    pub pointer: String,
}

impl Protection {
    /// Nothing is known; `file` says where a kind of answer would lie.
    pub(super) fn unseen(file: impl Fn(&str) -> String) -> Protection {
        Protection {
            versioning: Evidence::no_document(file(Kind::GetBucketVersioning.name())),
            object_lock: Evidence::no_document(file(Kind::GetObjectLockConfiguration.name())),
            expirations: Evidence::no_document(file(Kind::GetBucketLifecycleConfiguration.name())),
            restricted: Evidence::no_document(file(Kind::GetPublicAccessBlock.name())),
            public: Evidence::no_document(file(Kind::GetBucketPolicyStatus.name())),
        }
    }
}

impl Protection {
    /// What was asked and not answered.
    pub fn refused(&self) -> impl Iterator<Item = &Unknown> {
        let all = [
            self.versioning.unknown(),
            self.object_lock.unknown(),
            self.expirations.unknown(),
            self.restricted.unknown(),
            self.public.unknown(),
        ];
        let asked = all.into_iter().flatten();
        asked.filter(|unknown| unknown.reason.is_refusal())
    }
}

/// Adds what one document says.
pub(super) fn read(
    protection: &mut Protection,
    id: DocumentId,
    document: &Document,
) -> Result<(), InputError> {
    let fields = Fields::of(document);
    match document.kind {
        Kind::GetBucketVersioning => {
            let read = answer(id, document, || {
                Ok(Some((versioning(fields.optional_text("Status")?), id)))
            })?;
            protection.versioning.merge(read);
        }
        Kind::GetObjectLockConfiguration => {
            let read = answer(id, document, || {
                let lock = fields.object("ObjectLockConfiguration")?;
                Ok((lock.optional_text("ObjectLockEnabled")? == Some("Enabled")).then_some(()))
            })?;
            protection.object_lock.merge(read);
        }
        Kind::GetBucketLifecycleConfiguration => {
            let read = answer(id, document, || expirations(id, fields).map(Some))?;
            protection.expirations.merge(read);
        }
        Kind::GetPublicAccessBlock => {
            let read = answer(id, document, || {
                let block = fields.object("PublicAccessBlockConfiguration")?;
                let on = block
                    .optional_bool("RestrictPublicBuckets")?
                    .unwrap_or(false);
                Ok(Some((on, id)))
            })?;
            protection.restricted.merge(read);
        }
        Kind::GetBucketPolicyStatus => {
            let read = answer(id, document, || {
                fields.object("PolicyStatus")?.optional_bool("IsPublic")
            })?;
            protection.public.merge(read);
        }
        _ => {}
    }
    Ok(())
}

fn versioning(status: Option<&str>) -> Versioning {
    match status {
        Some("Enabled") => Versioning::Enabled,
        Some(_) => Versioning::Suspended,
        None => Versioning::Never,
    }
}

/// The enabled rules that expire current objects after some days. Rules for objects with tags are left
/// out: CloudTrail's files carry none.
///
/// Source: Amazon S3 API Reference, `LifecycleRule` and `LifecycleRuleFilter` (read 2026-11).
fn expirations(id: DocumentId, fields: Fields<'_>) -> Result<Vec<Expiration>, InputError> {
    let mut found = Vec::new();
    for (index, rule) in fields.objects("Rules")?.into_iter().enumerate() {
        let Some(expiration) = rule.optional_object("Expiration")? else {
            continue;
        };
        let Some(days) = expiration.optional_scalar("Days")? else {
            continue;
        };
        let filter = rule.optional_object("Filter")?;
        let both = match filter {
            Some(filter) => filter.optional_object("And")?,
            None => None,
        };
        let tagged = filter.is_some_and(|filter| filter.has("Tag"))
            || both.is_some_and(|both| both.has_items("Tags"));
        if rule.text("Status")? != "Enabled" || tagged {
            continue;
        }
        let mut prefix = rule.optional_text("Prefix")?;
        for part in [filter, both].into_iter().flatten() {
            prefix = part.optional_text("Prefix")?.or(prefix);
        }
        found.push(Expiration {
            prefix: prefix.unwrap_or_default().to_owned(),
            days: days
                .parse()
                .map_err(|_| expiration.error("Days", "expected a number of days".to_owned()))?,
            document: id,
            pointer: format!("/Rules/{index}"),
        });
    }
    Ok(found)
}
