//! What a document answers, and what it is about.

/// Which AWS answer a document holds. The name is that of the `aws` CLI command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `snapshot.json`: when and by what the snapshot was taken.
    Snapshot,
    /// `organizations describe-organization`
    DescribeOrganization,
    /// `organizations list-accounts`
    ListAccounts,
    /// `s3api get-bucket-policy`
    GetBucketPolicy,
    /// `s3api head-bucket`
    HeadBucket,
    /// `s3api get-bucket-location`
    GetBucketLocation,
    /// `s3api get-bucket-encryption`
    GetBucketEncryption,
    /// `s3api get-bucket-ownership-controls`
    GetBucketOwnershipControls,
    /// `s3api get-bucket-request-payment`
    GetBucketRequestPayment,
    /// `s3api get-public-access-block`
    GetPublicAccessBlock,
    /// `s3api get-bucket-policy-status`
    GetBucketPolicyStatus,
    /// `s3api get-bucket-versioning`
    GetBucketVersioning,
    /// `s3api get-object-lock-configuration`
    GetObjectLockConfiguration,
    /// `s3api get-bucket-lifecycle-configuration`
    GetBucketLifecycleConfiguration,
    /// `kms describe-key`
    DescribeKey,
    /// `kms get-key-policy`
    GetKeyPolicy,
    /// `sns get-topic-attributes`
    GetTopicAttributes,
    /// A topic's policy in a file of its own, which no CLI command prints alone.
    TopicPolicy,
    /// `iam get-role`
    GetRole,
    /// `iam list-role-policies`
    ListRolePolicies,
    /// `iam get-role-policy`
    GetRolePolicy,
    /// `iam list-attached-role-policies`
    ListAttachedRolePolicies,
    /// `iam get-policy-version`
    GetPolicyVersion,
    /// `logs describe-log-groups`
    DescribeLogGroups,
    /// `sts get-caller-identity`
    GetCallerIdentity,
    /// `sts assume-role`; kept only where it was refused
    AssumeRole,
    /// `cloudtrail list-trails`
    ListTrails,
    /// `cloudtrail describe-trails`; kept only where it was refused
    DescribeTrails,
    /// `cloudtrail get-trail`
    GetTrail,
    /// `cloudtrail get-trail-status`
    GetTrailStatus,
    /// `cloudtrail get-event-selectors`
    GetEventSelectors,
    /// `cloudtrail get-insight-selectors`
    GetInsightSelectors,
}

impl Kind {
    /// Every kind, in the order of their names' groups.
    pub const ALL: [Kind; 32] = [
        Kind::Snapshot,
        Kind::DescribeOrganization,
        Kind::ListAccounts,
        Kind::GetBucketPolicy,
        Kind::HeadBucket,
        Kind::GetBucketLocation,
        Kind::GetBucketEncryption,
        Kind::GetBucketOwnershipControls,
        Kind::GetBucketRequestPayment,
        Kind::GetPublicAccessBlock,
        Kind::GetBucketPolicyStatus,
        Kind::GetBucketVersioning,
        Kind::GetObjectLockConfiguration,
        Kind::GetBucketLifecycleConfiguration,
        Kind::DescribeKey,
        Kind::GetKeyPolicy,
        Kind::GetTopicAttributes,
        Kind::TopicPolicy,
        Kind::GetRole,
        Kind::ListRolePolicies,
        Kind::GetRolePolicy,
        Kind::ListAttachedRolePolicies,
        Kind::GetPolicyVersion,
        Kind::DescribeLogGroups,
        Kind::GetCallerIdentity,
        Kind::AssumeRole,
        Kind::ListTrails,
        Kind::DescribeTrails,
        Kind::GetTrail,
        Kind::GetTrailStatus,
        Kind::GetEventSelectors,
        Kind::GetInsightSelectors,
    ];

    /// The CLI command's name, which is also the file's name without `.json`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Snapshot => "snapshot",
            Kind::DescribeOrganization => "describe-organization",
            Kind::ListAccounts => "list-accounts",
            Kind::GetBucketPolicy => "get-bucket-policy",
            Kind::HeadBucket => "head-bucket",
            Kind::GetBucketLocation => "get-bucket-location",
            Kind::GetBucketEncryption => "get-bucket-encryption",
            Kind::GetBucketOwnershipControls => "get-bucket-ownership-controls",
            Kind::GetBucketRequestPayment => "get-bucket-request-payment",
            Kind::GetPublicAccessBlock => "get-public-access-block",
            Kind::GetBucketPolicyStatus => "get-bucket-policy-status",
            Kind::GetBucketVersioning => "get-bucket-versioning",
            Kind::GetObjectLockConfiguration => "get-object-lock-configuration",
            Kind::GetBucketLifecycleConfiguration => "get-bucket-lifecycle-configuration",
            Kind::DescribeKey => "describe-key",
            Kind::GetKeyPolicy => "get-key-policy",
            Kind::GetTopicAttributes => "get-topic-attributes",
            Kind::TopicPolicy => "topic-policy",
            Kind::GetRole => "get-role",
            Kind::ListRolePolicies => "list-role-policies",
            Kind::GetRolePolicy => "get-role-policy",
            Kind::ListAttachedRolePolicies => "list-attached-role-policies",
            Kind::GetPolicyVersion => "get-policy-version",
            Kind::DescribeLogGroups => "describe-log-groups",
            Kind::GetCallerIdentity => "get-caller-identity",
            Kind::AssumeRole => "assume-role",
            Kind::ListTrails => "list-trails",
            Kind::DescribeTrails => "describe-trails",
            Kind::GetTrail => "get-trail",
            Kind::GetTrailStatus => "get-trail-status",
            Kind::GetEventSelectors => "get-event-selectors",
            Kind::GetInsightSelectors => "get-insight-selectors",
        }
    }

    /// Whether it tells what guards a bucket's objects, and nothing that decides whether they arrive.
    pub fn is_guard(self) -> bool {
        matches!(
            self,
            Kind::GetPublicAccessBlock
                | Kind::GetBucketPolicyStatus
                | Kind::GetBucketVersioning
                | Kind::GetObjectLockConfiguration
                | Kind::GetBucketLifecycleConfiguration
        )
    }

    /// The kind a file of this name (without `.json`) holds, if it is one of those read.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The resource that an answer is about, as its place in a snapshot says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The snapshot itself.
    Snapshot,
    /// The organization of the accounts.
    Organization,
    /// Whoever asked, before it was known in which account: the name of a profile, or `default`.
    Caller {
        /// The name.
        name: String,
    },
    /// An account as a whole, or all of it in one Region.
    Account {
        /// The account.
        account: String,
        /// The Region, for an answer about one.
        region: Option<String>,
    },
    /// A bucket; `account` is whose credentials read it, where that is known.
    Bucket {
        /// The account whose folder the answer lies in.
        account: Option<String>,
        /// The bucket's name.
        name: String,
    },
    /// A KMS key, by key id or ARN.
    Key {
        /// The account whose folder the answer lies in.
        account: Option<String>,
        /// Key id or key ARN.
        id: String,
    },
    /// An SNS topic.
    Topic {
        /// The account that owns the topic.
        account: String,
        /// The topic's Region.
        region: String,
        /// The topic's name.
        name: String,
    },
    /// An IAM role.
    Role {
        /// The account that the role belongs to.
        account: String,
        /// The role's name.
        name: String,
    },
    /// The log groups of an account in one Region.
    LogGroups {
        /// The account.
        account: String,
        /// The Region.
        region: String,
    },
    /// A trail.
    Trail {
        /// The account whose credentials read it.
        account: String,
        /// The trail's home Region.
        home_region: String,
        /// The trail's name.
        name: String,
        /// For an answer about one shadow Region, that Region.
        shadow_region: Option<String>,
    },
}
