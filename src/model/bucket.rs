//! A bucket: its policy, and the settings that decide whether CloudTrail can write to it.

use super::evidence::{Evidence, Reason, Unknown, answer};
use super::policy_document::PolicyDocument;
use super::protection::{self, Protection};
use super::read::Fields;
use crate::document::{DELETED_BY_CODE, Document, DocumentId, InputError, Kind};
use crate::iam::unknown::has_unknown;

/// One bucket, as all accounts that read it saw it.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// The name.
    pub name: String,
    /// The account whose folder its policy lies in.
    pub owner: Option<String>,
    /// Whether it exists: absent if AWS said that there is no such bucket.
    pub exists: Evidence<()>,
    /// The Region it lies in.
    pub region: Evidence<String>,
    /// The bucket policy.
    pub policy: Evidence<PolicyDocument>,
    /// The answers that say that the bucket belongs to another account than the one that asked, by who
    /// asked, if every answer about its policy says so.
    pub foreign: Vec<(String, DocumentId)>,
    /// Who pays for requests: `BucketOwner` or `Requester`, and the document that says so.
    pub request_payer: Evidence<(String, DocumentId)>,
    /// The default encryption.
    pub encryption: Evidence<DefaultEncryption>,
    /// Object ownership: `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`.
    pub ownership: Evidence<String>,
    /// What guards its objects.
    pub protection: Protection,
}

/// What a bucket encrypts objects with that ask for nothing.
///
/// Source: Amazon S3 API Reference, `ServerSideEncryptionRule` (read 2026-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultEncryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// The key, if one is named.
    pub key: Option<String>,
    /// Whether an S3 Bucket Key is used.
    pub bucket_key: bool,
    /// The document that says so.
    pub document: DocumentId,
}

impl Bucket {
    /// Whether the name can be that of a general purpose bucket, the only kind that a trail delivers to.
    ///
    /// Access points cannot be named as a trail's bucket (Amazon S3 User Guide, "Access points
    /// restrictions"); directory buckets have no GetBucketAcl. Read 2026-11.
    pub fn is_general_purpose(&self) -> bool {
        let others = ["-s3alias", "--ol-s3", ".mrap", "--x-s3"];
        !others.iter().any(|suffix| self.name.ends_with(suffix))
    }

    /// A bucket of which nothing is known.
    pub(super) fn unseen(name: &str) -> Bucket {
        let file = |kind: &str| format!("accounts/*/s3/{name}/{kind}.json");
        Bucket {
            name: name.to_owned(),
            owner: None,
            exists: Evidence::no_document(file("head-bucket")),
            region: Evidence::no_document(file("head-bucket")),
            policy: Evidence::no_document(file("get-bucket-policy")),
            foreign: Vec::new(),
            request_payer: Evidence::no_document(file("get-bucket-request-payment")),
            encryption: Evidence::no_document(file("get-bucket-encryption")),
            ownership: Evidence::no_document(file("get-bucket-ownership-controls")),
            protection: Protection::unseen(file),
        }
    }
}

/// Adds what one document says.
pub(super) fn read(
    bucket: &mut Bucket,
    account: Option<&str>,
    id: DocumentId,
    document: &Document,
) -> Result<(), InputError> {
    let no_bucket = document.refusal().is_some_and(|refusal| {
        refusal.code == "NoSuchBucket"
            || (document.kind == Kind::HeadBucket
                && matches!(refusal.code, "404" | "NotFound" | DELETED_BY_CODE))
    });
    if no_bucket {
        bucket.exists.merge(Evidence::Absent(id));
        return Ok(());
    }
    let fields = Fields::of(document);
    match document.kind {
        Kind::GetBucketPolicy => {
            let policy = answer(id, document, || PolicyDocument::read(id, document))?;
            note_foreign(bucket, account, id, document);
            if !matches!(policy, Evidence::Unknown(_)) {
                bucket.exists = Evidence::Present(());
                bucket.owner = account.map(str::to_owned).or(bucket.owner.take());
            }
            bucket.policy.merge(policy);
        }
        Kind::HeadBucket => {
            // A 403 says that the bucket exists, and nothing else.
            if document
                .refusal()
                .is_none_or(|refusal| refusal.code == "403")
            {
                bucket.exists.merge(Evidence::Present(()));
            }
            let region = answer(id, document, || fields.optional_text("BucketRegion"))?;
            bucket.region.merge(match region {
                Evidence::Present(region) if has_unknown(region) => Evidence::Unknown(Unknown {
                    reason: Reason::KnownAfterApply,
                    document: document.name(),
                }),
                Evidence::Present(region) => Evidence::Present(region.to_owned()),
                Evidence::Absent(_) => Evidence::no_document(document.name()),
                Evidence::Unknown(unknown) => Evidence::Unknown(unknown),
            });
        }
        Kind::GetBucketLocation => {
            let region = answer(id, document, || {
                // `null` stands for us-east-1; that the field is missing stands for nothing.
                if document.root().get("LocationConstraint").is_none() {
                    fields.text("LocationConstraint")?;
                }
                let constraint = fields.optional_text("LocationConstraint")?;
                Ok(Some(region_of(constraint).to_owned()))
            })?;
            bucket.region.merge(region);
        }
        Kind::GetBucketRequestPayment => {
            let payer = answer(id, document, || {
                Ok(Some((fields.text("Payer")?.to_owned(), id)))
            })?;
            bucket.request_payer.merge(payer);
        }
        Kind::GetBucketEncryption => {
            bucket
                .encryption
                .merge(answer(id, document, || read_encryption(id, document))?);
        }
        Kind::GetBucketOwnershipControls => {
            let ownership = answer(id, document, || {
                let rules = fields.object("OwnershipControls")?.objects("Rules")?;
                rules
                    .first()
                    .map(|rule| rule.text("ObjectOwnership").map(str::to_owned))
                    .transpose()
            })?;
            bucket.ownership.merge(ownership);
        }
        _ => protection::read(&mut bucket.protection, id, document)?,
    }
    Ok(())
}

/// The Region that a location constraint means.
///
/// Source: Amazon S3 API Reference, `GetBucketLocation` (read 2026-11): us-east-1 has none, and buckets of
/// 2007 to 2010 may say `EU`.
fn region_of(constraint: Option<&str>) -> &str {
    match constraint {
        None => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    }
}

/// Notes an answer that says that the bucket is another account's; any other word about its policy
/// leaves open whose it is.
fn note_foreign(bucket: &mut Bucket, account: Option<&str>, id: DocumentId, document: &Document) {
    let refused = document
        .refusal()
        .is_some_and(|refusal| matches!(refusal.code, "MethodNotAllowed" | "405"));
    let is_first = bucket
        .policy
        .unknown()
        .is_some_and(|unknown| unknown.reason == Reason::NoDocument);
    if !refused {
        bucket.foreign.clear();
    } else if is_first || !bucket.foreign.is_empty() {
        let account = account.unwrap_or_default().to_owned();
        bucket.foreign.push((account, id));
    }
}

fn read_encryption(
    id: DocumentId,
    document: &Document,
) -> Result<Option<DefaultEncryption>, InputError> {
    let rules = Fields::of(document)
        .object("ServerSideEncryptionConfiguration")?
        .objects("Rules")?;
    let Some(rule) = rules.first() else {
        return Ok(None);
    };
    let default = rule.object("ApplyServerSideEncryptionByDefault")?;
    Ok(Some(DefaultEncryption {
        algorithm: default.text("SSEAlgorithm")?.to_owned(),
        key: default.optional_text("KMSMasterKeyID")?.map(str::to_owned),
        bucket_key: rule.optional_bool("BucketKeyEnabled")?.unwrap_or(false),
        document: id,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Origin, Subject};

    /// Whether a bucket is foreign after these answers, each of another account.
    fn is_foreign(codes: &[&str]) -> bool {
        let mut bucket = Bucket::unseen("logs");
        for (index, code) in codes.iter().enumerate() {
            let account = format!("{index:012}");
            let subject = Subject::Bucket {
                account: Some(account.clone()),
                name: "logs".to_owned(),
            };
            let text = format!(r#"{{"Error": {{"Code": "{code}", "Message": ""}}}}"#);
            let document = Document::read(
                Kind::GetBucketPolicy,
                subject,
                Origin::File,
                &account,
                text.as_bytes(),
            );
            read(
                &mut bucket,
                Some(&account),
                DocumentId(index),
                &document.unwrap(),
            )
            .unwrap();
        }
        !bucket.foreign.is_empty()
    }

    #[test]
    fn a_bucket_is_foreign_if_every_account_is_told_that_it_is_not_the_owner() {
        assert!(is_foreign(&["MethodNotAllowed"]));
        assert!(is_foreign(&["405", "MethodNotAllowed"]));
        assert!(!is_foreign(&[]));
        assert!(!is_foreign(&["MethodNotAllowed", "AccessDenied"]));
        assert!(!is_foreign(&[
            "AccessDenied",
            "MethodNotAllowed",
            "MethodNotAllowed"
        ]));
        assert!(!is_foreign(&["MethodNotAllowed", "NoSuchBucketPolicy"]));
        assert!(!is_foreign(&["NoSuchBucketPolicy", "MethodNotAllowed"]));
    }
}
