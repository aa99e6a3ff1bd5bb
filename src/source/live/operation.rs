//! The operations that trail-lint may call: all there are, each a line of one table. Every client refuses any
//! other (see `guard`), and the IAM policies that users are handed are made from it (see `iam_policy`).

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

/// Makes the enum, the list of all, and what is known of each.
macro_rules! operations {
    ($( $(#[$doc:meta])* $name:ident $service:literal $permission:expr, $resource:literal, [$($side:ident),+]; )+) => {
        /// One operation of AWS's API. None of them writes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $( $(#[$doc])* $name, )+
        }

        impl Operation {
            /// The whole list.
            pub const ALL: &'static [Operation] = &[$( Operation::$name, )+];

            /// The operation's name in the API.
            pub fn name(self) -> &'static str {
                match self {
                    $( Operation::$name => stringify!($name), )+
                }
            }

            /// The service, as the SDK names it; the action that IAM has to allow, if one; what that can be
            /// narrowed to; who needs it.
            fn row(self) -> (&'static str, Option<&'static str>, &'static str, &'static [Side]) {
                match self {
                    $( Operation::$name => ($service, $permission, $resource, &[$( Side::$side, )+]), )+
                }
            }
        }
    };
}

// Sources: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations"; Service Authorization
// Reference (read 2026-11).
operations! {
    /// `sts:AssumeRole`, into an account that is read.
    AssumeRole "STS" Some("sts:AssumeRole"), "iam::*:role/", [Caller];
    /// `sts:GetCallerIdentity`: in which account the credentials are. It needs no permission.
    GetCallerIdentity "STS" None, "*", [Caller];
    /// `organizations:DescribeOrganization`
    DescribeOrganization "Organizations" Some("organizations:DescribeOrganization"), "*", [Caller];
    /// `organizations:ListAccounts`
    ListAccounts "Organizations" Some("organizations:ListAccounts"), "*", [Caller];
    /// `cloudtrail:ListTrails`
    ListTrails "CloudTrail" Some("cloudtrail:ListTrails"), "*", [Source];
    /// `cloudtrail:DescribeTrails`
    DescribeTrails "CloudTrail" Some("cloudtrail:DescribeTrails"), "*", [Source];
    /// `cloudtrail:GetTrail`
    GetTrail "CloudTrail" Some("cloudtrail:GetTrail"), "cloudtrail:*:*:trail/*", [Source];
    /// `cloudtrail:GetTrailStatus`
    GetTrailStatus "CloudTrail" Some("cloudtrail:GetTrailStatus"), "cloudtrail:*:*:trail/*", [Source];
    /// `cloudtrail:GetEventSelectors`
    GetEventSelectors "CloudTrail" Some("cloudtrail:GetEventSelectors"), "cloudtrail:*:*:trail/*", [Source];
    /// `cloudtrail:GetInsightSelectors`
    GetInsightSelectors "CloudTrail" Some("cloudtrail:GetInsightSelectors"), "cloudtrail:*:*:trail/*", [Source];
    /// S3's `HeadBucket`. It would want `s3:ListBucket`, which also lists the names of log files; that is left out, as
    /// S3 names the bucket's Region in its refusal too.
    HeadBucket "S3" None, "s3:::*", [Audit];
    /// `s3:GetBucketLocation`: asked where `HeadBucket` does not tell the Region.
    GetBucketLocation "S3" Some("s3:GetBucketLocation"), "s3:::*", [Audit];
    /// `s3:GetBucketPolicy`
    GetBucketPolicy "S3" Some("s3:GetBucketPolicy"), "s3:::*", [Audit];
    /// S3's `GetBucketEncryption`, which IAM calls `s3:GetEncryptionConfiguration`.
    GetBucketEncryption "S3" Some("s3:GetEncryptionConfiguration"), "s3:::*", [Audit];
    /// `s3:GetBucketOwnershipControls`
    GetBucketOwnershipControls "S3" Some("s3:GetBucketOwnershipControls"), "s3:::*", [Audit];
    /// `s3:GetBucketRequestPayment`
    GetBucketRequestPayment "S3" Some("s3:GetBucketRequestPayment"), "s3:::*", [Audit];
    /// S3's `GetPublicAccessBlock`, which IAM calls `s3:GetBucketPublicAccessBlock`.
    GetPublicAccessBlock "S3" Some("s3:GetBucketPublicAccessBlock"), "s3:::*", [Audit];
    /// `s3:GetBucketPolicyStatus`
    GetBucketPolicyStatus "S3" Some("s3:GetBucketPolicyStatus"), "s3:::*", [Audit];
    /// `s3:GetBucketVersioning`
    GetBucketVersioning "S3" Some("s3:GetBucketVersioning"), "s3:::*", [Audit];
    /// S3's `GetObjectLockConfiguration`, which IAM calls `s3:GetBucketObjectLockConfiguration`.
    GetObjectLockConfiguration "S3" Some("s3:GetBucketObjectLockConfiguration"), "s3:::*", [Audit];
    /// S3's `GetBucketLifecycleConfiguration`, which IAM calls `s3:GetLifecycleConfiguration`.
    GetBucketLifecycleConfiguration "S3" Some("s3:GetLifecycleConfiguration"), "s3:::*", [Audit];
    /// `kms:DescribeKey`
    DescribeKey "KMS" Some("kms:DescribeKey"), "kms:*:*:key/*", [Source, Audit];
    /// `kms:GetKeyPolicy`
    GetKeyPolicy "KMS" Some("kms:GetKeyPolicy"), "kms:*:*:key/*", [Source, Audit];
    /// `sns:GetTopicAttributes`. A source account may own the topic, and the key that encrypts it.
    GetTopicAttributes "SNS" Some("sns:GetTopicAttributes"), "sns:*:*:*", [Source, Audit];
}

impl Operation {
    /// The service, as the SDK names it.
    pub fn service(self) -> &'static str {
        self.row().0
    }

    /// The action that IAM has to allow; nothing where none is needed.
    pub fn permission(self) -> Option<&'static str> {
        self.row().1
    }

    /// What the permission can be narrowed to: the ARN after the partition, `*` for all.
    pub fn resource(self) -> &'static str {
        self.row().2
    }

    /// Who needs the permission.
    pub fn sides(self) -> &'static [Side] {
        self.row().3
    }
}
