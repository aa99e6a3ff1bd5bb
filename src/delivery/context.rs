//! The request context CloudTrail sends: which condition keys are present with which value, which are
//! absent, and which nobody has documented.
//!
//! Sources: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"; IAM User Guide, "AWS
//! global condition context keys"; request records that users published (all read 2026-11).

use std::borrow::Cow;

use jiff::Timestamp;

use crate::iam::{Context, ContextValue};
use crate::model::{Arn, Bucket, Estate, Evidence, Membership, Trail};

/// What CloudTrail calls itself.
pub const SERVICE: &str = "cloudtrail.amazonaws.com";

/// The keys of CloudTrail's requests as AWS's pages spell them.
const SPELT: &[&str] = &[
    "aws:CalledVia",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:ViaAWSService",
    "kms:CallerAccount",
    "kms:EncryptionContextKeys",
    "kms:ViaService",
    "s3:ResourceAccount",
    "s3:TlsVersion",
    "s3:authType",
    "s3:signatureAge",
];

/// A context key as AWS's pages spell it; names fold case, and the evaluator keeps them in lower case.
pub fn spelling(key: &str) -> Cow<'_, str> {
    if let Some(pair) = key.strip_prefix("kms:encryptioncontext:") {
        return Cow::Owned(format!("kms:EncryptionContext:{pair}"));
    }
    let known = SPELT.iter().find(|known| known.eq_ignore_ascii_case(key));
    Cow::Borrowed(known.copied().unwrap_or(key))
}

fn present(value: impl Into<String>) -> ContextValue {
    ContextValue::Present(vec![value.into()])
}

/// The part that all requests of a trail share.
pub(super) fn common(estate: &Estate, trail: &Trail, now: Timestamp) -> Context {
    let mut context = Context::new();
    context.unknown_by_default(is_undocumented);
    for (key, value) in [
        ("aws:PrincipalIsAWSService", "true"),
        ("aws:PrincipalServiceName", SERVICE),
        ("aws:PrincipalServiceNamesList", SERVICE),
        ("aws:ViaAWSService", "false"),
        // Redacted in service calls by one AWS page, always present by another; Denies on both run
        // over published trail buckets, so the product takes them as present.
        ("aws:SecureTransport", "true"),
    ] {
        context.set(key, present(value));
    }
    context.set("aws:SourceArn", present(&*trail.arn));
    context.set("aws:SourceAccount", present(&*trail.account));
    context.set("aws:CurrentTime", present(now.to_string()));
    context.set("aws:EpochTime", present(now.as_second().to_string()));
    let (org_id, org_paths) = organization(estate, trail);
    context.set("aws:SourceOrgID", org_id);
    context.set("aws:SourceOrgPaths", org_paths);
    context
}

fn organization(estate: &Estate, trail: &Trail) -> (ContextValue, ContextValue) {
    match estate.membership(&trail.account) {
        Membership::Member(id) => (present(id), ContextValue::Unknown),
        Membership::None => (ContextValue::Absent, ContextValue::Absent),
        Membership::Unknown => (ContextValue::Unknown, ContextValue::Unknown),
    }
}

/// Keys that a request has, but whose value nobody outside can tell. All others that are not set are
/// absent: what names a user, a session, a network or a tag is never part of CloudTrail's requests.
fn is_undocumented(key: &str) -> bool {
    matches!(
        key,
        "aws:useragent"
            | "aws:requestedregion"
            | "aws:resourceaccount"
            | "aws:resourceorgid"
            | "aws:resourceorgpaths"
            | "s3:resourceaccount"
            | "s3:x-amz-content-sha256"
            | "kms:calleraccount"
            | "kms:viaservice"
            | "kms:keyorigin"
            | "kms:keyspec"
            | "kms:keyusage"
            | "kms:multiregion"
            | "kms:multiregionkeytype"
            | "kms:resourcealiases"
            | "kms:requestalias"
            | "kms:encryptionalgorithm"
    ) || key.starts_with("aws:resourcetag/")
        || key.starts_with("s3:buckettag/")
}

/// What S3 adds for every request to the bucket.
pub(super) fn to_bucket(estate: &Estate, common: &Context, bucket: &Bucket) -> Context {
    let mut context = common.clone();
    if let Some(owner) = &bucket.owner {
        context.set("aws:ResourceAccount", present(&**owner));
        context.set("s3:ResourceAccount", present(&**owner));
        match estate.membership(owner) {
            Membership::Member(id) => {
                context.set("aws:ResourceOrgID", present(id));
            }
            Membership::None => {
                context.set("aws:ResourceOrgID", ContextValue::Absent);
            }
            Membership::Unknown => {}
        }
    }
    if let Evidence::Present(region) = &bucket.region {
        context.set("aws:RequestedRegion", present(&**region));
    }
    context.set("s3:authType", present("REST-HEADER"));
    context.set("s3:signatureversion", present("AWS4-HMAC-SHA256"));
    context.set("s3:signatureAge", present("0"));
    let versions = ["1.2", "1.3"].map(|version| vec![version.to_owned()]);
    context.set("s3:TlsVersion", ContextValue::OneOf(versions.to_vec()));
    context
}

/// GetBucketAcl carries no organization id: a public estate that required it there was refused
/// (ministryofjustice/modernisation-platform pull 11456, 2025-09; reported, not documented).
pub(super) fn get_bucket_acl(to_bucket: &Context) -> Context {
    let mut context = to_bucket.clone();
    context.set("aws:SourceOrgID", ContextValue::Absent);
    context.set("aws:SourceOrgPaths", ContextValue::Absent);
    context
}

/// How an object is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption<'a> {
    /// `AES256`, also for the folder probes of a trail with a key: a Deny unless `aws:kms` stops
    /// creation (CloudTrail User Guide, "Security best practices in AWS CloudTrail").
    S3Managed,
    /// `aws:kms` with this key; digest files too since 22 May 2025 (CloudTrail document history).
    Kms(&'a str),
}

/// The headers of a PutObject.
pub(super) fn put_object(to_bucket: &Context, encryption: Encryption<'_>) -> Context {
    let mut context = to_bucket.clone();
    context.set("s3:x-amz-acl", present("bucket-owner-full-control"));
    match encryption {
        Encryption::S3Managed => {
            context.set("s3:x-amz-server-side-encryption", present("AES256"));
        }
        Encryption::Kms(key) => {
            context.set("s3:x-amz-server-side-encryption", present("aws:kms"));
            context.set(
                "s3:x-amz-server-side-encryption-aws-kms-key-id",
                present(key),
            );
        }
    }
    context
}

/// The condition key that holds an object's ARN in KMS calls.
pub(super) const OBJECT_CONTEXT: &str = "kms:EncryptionContext:aws:s3:arn";

/// What KMS sees of a call for the trail; the object's ARN is set by the caller.
///
/// Source: CloudTrail User Guide, "How AWS CloudTrail uses AWS KMS" (read 2026-11).
pub(super) fn to_key(common: &Context, trail: &Trail, key_arn: &str) -> Context {
    let mut context = common.clone();
    // Whether KMS calls carry the organization is not documented; without one there is none.
    for key in ["aws:SourceOrgID", "aws:SourceOrgPaths"] {
        if !matches!(context.get(key), ContextValue::Absent) {
            context.set(key, ContextValue::Unknown);
        }
    }
    context.set("aws:ViaAWSService", ContextValue::Unknown);
    context.set("aws:CalledVia", ContextValue::Unknown);
    if let Some(arn) = Arn::parse(key_arn) {
        context.set("aws:ResourceAccount", present(arn.account));
        context.set("aws:RequestedRegion", present(arn.region));
    }
    context.set(
        "kms:EncryptionContext:aws:cloudtrail:arn",
        present(&*trail.arn),
    );
    let names = ["aws:cloudtrail:arn", "aws:s3:arn"].map(str::to_owned);
    context.set(
        "kms:EncryptionContextKeys",
        ContextValue::Present(names.to_vec()),
    );
    context
}

/// DescribeKey has no encryption context.
pub(super) fn describe_key(to_key: &Context) -> Context {
    let mut context = to_key.clone();
    context.set(
        "kms:EncryptionContext:aws:cloudtrail:arn",
        ContextValue::Absent,
    );
    context.set("kms:EncryptionContextKeys", ContextValue::Absent);
    context
}

/// What SNS sees when CloudTrail publishes.
pub(super) fn publish(common: &Context, topic_arn: &str) -> Context {
    let mut context = common.clone();
    if let Some(arn) = Arn::parse(topic_arn) {
        context.set("aws:ResourceAccount", present(arn.account));
        context.set("aws:RequestedRegion", present(arn.region));
    }
    context
}

/// What KMS sees when a message for an encrypted topic is published. Whether the source is the trail
/// or the topic is not documented.
pub(super) fn to_topic_key(
    common: &Context,
    trail: &Trail,
    key_arn: &str,
    topic_arn: &str,
) -> Context {
    let mut context = to_key(common, trail, key_arn);
    context.set(
        "kms:EncryptionContext:aws:cloudtrail:arn",
        ContextValue::Absent,
    );
    context.set("kms:EncryptionContext:aws:sns:topicArn", present(topic_arn));
    context.set("kms:EncryptionContextKeys", present("aws:sns:topicArn"));
    context.set("aws:SourceArn", ContextValue::Unknown);
    context.set("aws:SourceAccount", ContextValue::Unknown);
    context
}
