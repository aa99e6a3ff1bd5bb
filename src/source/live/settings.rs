//! A bucket's settings in the form in which the AWS CLI prints them. S3 answers in XML, so that there is
//! no text to take over, as there is from the services that answer in JSON.

use aws_sdk_s3::operation::get_bucket_encryption::GetBucketEncryptionOutput;
use aws_sdk_s3::operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput;
use aws_sdk_s3::operation::get_bucket_location::GetBucketLocationOutput;
use aws_sdk_s3::operation::get_bucket_ownership_controls::GetBucketOwnershipControlsOutput;
use aws_sdk_s3::operation::get_bucket_policy_status::GetBucketPolicyStatusOutput;
use aws_sdk_s3::operation::get_bucket_request_payment::GetBucketRequestPaymentOutput;
use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::operation::get_object_lock_configuration::GetObjectLockConfigurationOutput;
use aws_sdk_s3::operation::get_public_access_block::GetPublicAccessBlockOutput;
use aws_sdk_s3::types::{LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, Tag};
use serde_json::{Map, Value, json};

/// The members that have a value.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let present = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

fn some<T: serde::Serialize>(value: Option<T>) -> Option<Value> {
    value.map(|value| json!(value))
}

pub(super) fn location(output: &GetBucketLocationOutput) -> Value {
    let constraint = output
        .location_constraint()
        .map(aws_sdk_s3::types::BucketLocationConstraint::as_str);
    json!({ "LocationConstraint": constraint.filter(|it| !it.is_empty()) })
}

pub(super) fn encryption(output: &GetBucketEncryptionOutput) -> Value {
    let configuration = output.server_side_encryption_configuration();
    let rules = configuration
        .map(aws_sdk_s3::types::ServerSideEncryptionConfiguration::rules)
        .unwrap_or_default();
    let rules = rules.iter().map(|rule| {
        let default = rule.apply_server_side_encryption_by_default();
        let default = default.map(|it| {
            object([
                ("SSEAlgorithm", Some(json!(it.sse_algorithm().as_str()))),
                ("KMSMasterKeyID", some(it.kms_master_key_id())),
            ])
        });
        object([
            ("ApplyServerSideEncryptionByDefault", default),
            ("BucketKeyEnabled", some(rule.bucket_key_enabled())),
        ])
    });
    json!({ "ServerSideEncryptionConfiguration": { "Rules": rules.collect::<Vec<_>>() } })
}

pub(super) fn ownership(output: &GetBucketOwnershipControlsOutput) -> Value {
    let controls = output.ownership_controls();
    let rules = controls
        .map(aws_sdk_s3::types::OwnershipControls::rules)
        .unwrap_or_default()
        .iter();
    let rules = rules.map(|rule| json!({ "ObjectOwnership": rule.object_ownership().as_str() }));
    json!({ "OwnershipControls": { "Rules": rules.collect::<Vec<_>>() } })
}

pub(super) fn payer(output: &GetBucketRequestPaymentOutput) -> Value {
    object([(
        "Payer",
        some(output.payer().map(aws_sdk_s3::types::Payer::as_str)),
    )])
}

pub(super) fn public_access_block(output: &GetPublicAccessBlockOutput) -> Value {
    let block = output.public_access_block_configuration();
    let block = block.map(|it| {
        object([
            ("BlockPublicAcls", some(it.block_public_acls())),
            ("IgnorePublicAcls", some(it.ignore_public_acls())),
            ("BlockPublicPolicy", some(it.block_public_policy())),
            ("RestrictPublicBuckets", some(it.restrict_public_buckets())),
        ])
    });
    object([("PublicAccessBlockConfiguration", block)])
}

pub(super) fn policy_status(output: &GetBucketPolicyStatusOutput) -> Value {
    let status = output.policy_status();
    let status = status.map(|it| object([("IsPublic", some(it.is_public()))]));
    object([("PolicyStatus", status)])
}

pub(super) fn versioning(output: &GetBucketVersioningOutput) -> Value {
    object([
        (
            "Status",
            some(
                output
                    .status()
                    .map(aws_sdk_s3::types::BucketVersioningStatus::as_str),
            ),
        ),
        (
            "MFADelete",
            some(
                output
                    .mfa_delete()
                    .map(aws_sdk_s3::types::MfaDeleteStatus::as_str),
            ),
        ),
    ])
}

pub(super) fn object_lock(output: &GetObjectLockConfigurationOutput) -> Value {
    let configuration = output.object_lock_configuration().map(|it| {
        let retention = it.rule().and_then(|rule| rule.default_retention());
        let rule = retention.map(|it| {
            let default = object([
                (
                    "Mode",
                    some(
                        it.mode()
                            .map(aws_sdk_s3::types::ObjectLockRetentionMode::as_str),
                    ),
                ),
                ("Days", some(it.days())),
                ("Years", some(it.years())),
            ]);
            json!({ "DefaultRetention": default })
        });
        let enabled = it
            .object_lock_enabled()
            .map(aws_sdk_s3::types::ObjectLockEnabled::as_str);
        object([("ObjectLockEnabled", some(enabled)), ("Rule", rule)])
    });
    object([("ObjectLockConfiguration", configuration)])
}

/// The rules' state, filter and expiration. Transitions and what becomes of older versions are left out,
/// as nothing here reads them.
pub(super) fn lifecycle(output: &GetBucketLifecycleConfigurationOutput) -> Value {
    json!({ "Rules": output.rules().iter().map(lifecycle_rule).collect::<Vec<_>>() })
}

#[expect(
    deprecated,
    reason = "S3 still takes and gives rules with `Prefix` outside their filter"
)]
fn lifecycle_rule(rule: &LifecycleRule) -> Value {
    object([
        ("ID", some(rule.id())),
        ("Prefix", some(rule.prefix())),
        ("Filter", rule.filter().map(lifecycle_filter)),
        ("Status", Some(json!(rule.status().as_str()))),
        ("Expiration", rule.expiration().map(lifecycle_expiration)),
    ])
}

fn lifecycle_filter(filter: &LifecycleRuleFilter) -> Value {
    let and = filter.and().map(|and| {
        let tags = and.tags();
        object([
            ("Prefix", some(and.prefix())),
            (
                "Tags",
                (!tags.is_empty()).then(|| tags.iter().map(tag).collect()),
            ),
            (
                "ObjectSizeGreaterThan",
                some(and.object_size_greater_than()),
            ),
            ("ObjectSizeLessThan", some(and.object_size_less_than())),
        ])
    });
    object([
        ("Prefix", some(filter.prefix())),
        ("Tag", filter.tag().map(tag)),
        (
            "ObjectSizeGreaterThan",
            some(filter.object_size_greater_than()),
        ),
        ("ObjectSizeLessThan", some(filter.object_size_less_than())),
        ("And", and),
    ])
}

fn tag(tag: &Tag) -> Value {
    json!({ "Key": tag.key(), "Value": tag.value() })
}

fn lifecycle_expiration(expiration: &LifecycleExpiration) -> Value {
    object([
        ("Date", some(expiration.date().map(ToString::to_string))),
        ("Days", some(expiration.days())),
        (
            "ExpiredObjectDeleteMarker",
            some(expiration.expired_object_delete_marker()),
        ),
    ])
}
