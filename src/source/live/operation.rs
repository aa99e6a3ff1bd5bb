//! The operations that trail-lint may call: all there are. Every client refuses any other (see `guard`),
//! and the IAM policies that users are handed are made from this list (see `iam_policy`).

/// One operation of AWS's API. None of them writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `sts:AssumeRole`, into an account that is read.
    AssumeRole,
    /// `sts:GetCallerIdentity`: in which account the credentials are.
    GetCallerIdentity,
    /// `organizations:DescribeOrganization`
    DescribeOrganization,
    /// `organizations:ListAccounts`
    ListAccounts,
    /// `cloudtrail:ListTrails`
    ListTrails,
    /// `cloudtrail:DescribeTrails`
    DescribeTrails,
    /// `cloudtrail:GetTrail`
    GetTrail,
    /// `cloudtrail:GetTrailStatus`
    GetTrailStatus,
    /// `cloudtrail:GetEventSelectors`
    GetEventSelectors,
    /// `cloudtrail:GetInsightSelectors`
    GetInsightSelectors,
    /// S3's `HeadBucket`, whose refusal tells the Region as well as its answer does.
    HeadBucket,
    /// `s3:GetBucketPolicy`
    GetBucketPolicy,
    /// S3's `GetBucketEncryption`, which IAM calls `s3:GetEncryptionConfiguration`.
    GetBucketEncryption,
    /// `s3:GetBucketOwnershipControls`
    GetBucketOwnershipControls,
    /// `s3:GetBucketRequestPayment`
    GetBucketRequestPayment,
    /// S3's `GetPublicAccessBlock`, which IAM calls `s3:GetBucketPublicAccessBlock`.
    GetPublicAccessBlock,
    /// `s3:GetBucketPolicyStatus`
    GetBucketPolicyStatus,
    /// `s3:GetBucketVersioning`
    GetBucketVersioning,
    /// S3's `GetObjectLockConfiguration`, which IAM calls `s3:GetBucketObjectLockConfiguration`.
    GetObjectLockConfiguration,
    /// S3's `GetBucketLifecycleConfiguration`, which IAM calls `s3:GetLifecycleConfiguration`.
    GetBucketLifecycleConfiguration,
    /// `kms:DescribeKey`
    DescribeKey,
    /// `kms:GetKeyPolicy`
    GetKeyPolicy,
    /// `sns:GetTopicAttributes`
    GetTopicAttributes,
}

/// On whose side an operation is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The account whose credentials the run starts with.
    Caller,
    /// An account that has trails.
    Source,
    /// The account that owns the bucket, the key or the topic.
    Audit,
}

impl Operation {
    /// The whole list.
    pub const ALL: [Operation; 23] = [
        Operation::AssumeRole,
        Operation::GetCallerIdentity,
        Operation::DescribeOrganization,
        Operation::ListAccounts,
        Operation::ListTrails,
        Operation::DescribeTrails,
        Operation::GetTrail,
        Operation::GetTrailStatus,
        Operation::GetEventSelectors,
        Operation::GetInsightSelectors,
        Operation::HeadBucket,
        Operation::GetBucketPolicy,
        Operation::GetBucketEncryption,
        Operation::GetBucketOwnershipControls,
        Operation::GetBucketRequestPayment,
        Operation::GetPublicAccessBlock,
        Operation::GetBucketPolicyStatus,
        Operation::GetBucketVersioning,
        Operation::GetObjectLockConfiguration,
        Operation::GetBucketLifecycleConfiguration,
        Operation::DescribeKey,
        Operation::GetKeyPolicy,
        Operation::GetTopicAttributes,
    ];

    /// The service, as the SDK names it.
    pub fn service(self) -> &'static str {
        match self {
            Operation::AssumeRole | Operation::GetCallerIdentity => "STS",
            Operation::DescribeOrganization | Operation::ListAccounts => "Organizations",
            Operation::ListTrails
            | Operation::DescribeTrails
            | Operation::GetTrail
            | Operation::GetTrailStatus
            | Operation::GetEventSelectors
            | Operation::GetInsightSelectors => "CloudTrail",
            Operation::HeadBucket
            | Operation::GetBucketPolicy
            | Operation::GetBucketEncryption
            | Operation::GetBucketOwnershipControls
            | Operation::GetBucketRequestPayment
            | Operation::GetPublicAccessBlock
            | Operation::GetBucketPolicyStatus
            | Operation::GetBucketVersioning
            | Operation::GetObjectLockConfiguration
            | Operation::GetBucketLifecycleConfiguration => "S3",
            Operation::DescribeKey | Operation::GetKeyPolicy => "KMS",
            Operation::GetTopicAttributes => "SNS",
        }
    }

    /// The operation's name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Operation::AssumeRole => "AssumeRole",
            Operation::GetCallerIdentity => "GetCallerIdentity",
            Operation::DescribeOrganization => "DescribeOrganization",
            Operation::ListAccounts => "ListAccounts",
            Operation::ListTrails => "ListTrails",
            Operation::DescribeTrails => "DescribeTrails",
            Operation::GetTrail => "GetTrail",
            Operation::GetTrailStatus => "GetTrailStatus",
            Operation::GetEventSelectors => "GetEventSelectors",
            Operation::GetInsightSelectors => "GetInsightSelectors",
            Operation::HeadBucket => "HeadBucket",
            Operation::GetBucketPolicy => "GetBucketPolicy",
            Operation::GetBucketEncryption => "GetBucketEncryption",
            Operation::GetBucketOwnershipControls => "GetBucketOwnershipControls",
            Operation::GetBucketRequestPayment => "GetBucketRequestPayment",
            Operation::GetPublicAccessBlock => "GetPublicAccessBlock",
            Operation::GetBucketPolicyStatus => "GetBucketPolicyStatus",
            Operation::GetBucketVersioning => "GetBucketVersioning",
            Operation::GetObjectLockConfiguration => "GetObjectLockConfiguration",
            Operation::GetBucketLifecycleConfiguration => "GetBucketLifecycleConfiguration",
            Operation::DescribeKey => "DescribeKey",
            Operation::GetKeyPolicy => "GetKeyPolicy",
            Operation::GetTopicAttributes => "GetTopicAttributes",
        }
    }

    /// The action that IAM has to allow. `GetCallerIdentity` needs none. `HeadBucket` would want `s3:ListBucket`, which also lists the
    /// names of log files; it is left out, as S3 names the bucket's Region in its refusal too.
    ///
    /// Sources: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations"; Service
    /// Authorization Reference (read 2026-11).
    pub fn permission(self) -> Option<String> {
        match self {
            Operation::HeadBucket | Operation::GetCallerIdentity => None,
            Operation::GetBucketEncryption => Some("s3:GetEncryptionConfiguration".to_owned()),
            Operation::GetPublicAccessBlock => Some("s3:GetBucketPublicAccessBlock".to_owned()),
            Operation::GetObjectLockConfiguration => {
                Some("s3:GetBucketObjectLockConfiguration".to_owned())
            }
            Operation::GetBucketLifecycleConfiguration => {
                Some("s3:GetLifecycleConfiguration".to_owned())
            }
            other => {
                let service = other.service().to_ascii_lowercase();
                Some(format!("{service}:{}", other.name()))
            }
        }
    }

    /// What the permission can be narrowed to: the ARN after the partition, `*` for all.
    pub fn resource(self) -> &'static str {
        match self {
            Operation::AssumeRole => "iam::*:role/",
            Operation::GetTrail
            | Operation::GetTrailStatus
            | Operation::GetEventSelectors
            | Operation::GetInsightSelectors => "cloudtrail:*:*:trail/*",
            Operation::HeadBucket
            | Operation::GetBucketPolicy
            | Operation::GetBucketEncryption
            | Operation::GetBucketOwnershipControls
            | Operation::GetBucketRequestPayment
            | Operation::GetPublicAccessBlock
            | Operation::GetBucketPolicyStatus
            | Operation::GetBucketVersioning
            | Operation::GetObjectLockConfiguration
            | Operation::GetBucketLifecycleConfiguration => "s3:::*",
            Operation::DescribeKey | Operation::GetKeyPolicy => "kms:*:*:key/*",
            Operation::GetTopicAttributes => "sns:*:*:*",
            Operation::GetCallerIdentity
            | Operation::DescribeOrganization
            | Operation::ListAccounts
            | Operation::ListTrails
            | Operation::DescribeTrails => "*",
        }
    }

    /// Who needs the permission.
    pub fn sides(self) -> &'static [Side] {
        match self {
            Operation::AssumeRole
            | Operation::GetCallerIdentity
            | Operation::DescribeOrganization
            | Operation::ListAccounts => &[Side::Caller],
            Operation::ListTrails
            | Operation::DescribeTrails
            | Operation::GetTrail
            | Operation::GetTrailStatus
            | Operation::GetEventSelectors
            | Operation::GetInsightSelectors => &[Side::Source],
            Operation::HeadBucket
            | Operation::GetBucketPolicy
            | Operation::GetBucketEncryption
            | Operation::GetBucketOwnershipControls
            | Operation::GetBucketRequestPayment
            | Operation::GetPublicAccessBlock
            | Operation::GetBucketPolicyStatus
            | Operation::GetBucketVersioning
            | Operation::GetObjectLockConfiguration
            | Operation::GetBucketLifecycleConfiguration => &[Side::Audit],
            // A source account may own the topic, and the key that encrypts it.
            Operation::DescribeKey | Operation::GetKeyPolicy | Operation::GetTopicAttributes => {
                &[Side::Source, Side::Audit]
            }
        }
    }
}
