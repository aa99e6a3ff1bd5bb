//! The requests by name: what CloudTrail asks of the bucket, the key and the topic, and when.

/// A request, or a family of requests, that CloudTrail makes for a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestId {
    /// Asks whether the bucket is there and whose it is.
    GetBucketAcl,
    /// Writes the folder of log files, empty, when a trail is created or updated.
    PutLogFolder,
    /// Writes the folder of digest files.
    PutDigestFolder,
    /// The same in the management account's own folder, for organization trails.
    PutManagementLogFolder,
    /// The same for digest files.
    PutManagementDigestFolder,
    /// Looks the key up.
    DescribeKey,
    /// Tries the key out.
    GenerateDataKeyProbe,
    /// Decrypts with the key; needed with an S3 Bucket Key.
    Decrypt,
    /// Delivers log files.
    PutLogFiles,
    /// Delivers digest files.
    PutDigestFiles,
    /// Delivers Insights files.
    PutInsightFiles,
    /// Delivers network activity files.
    PutNetworkActivityFiles,
    /// Delivers aggregated data event files.
    PutAggregatedFiles,
    /// Gets a data key for an object.
    GenerateDataKey,
    /// Says that a log file has arrived.
    Publish,
    /// Gets a data key for the message, where the topic is encrypted.
    TopicGenerateDataKey,
    /// Decrypts with the topic's key.
    TopicDecrypt,
    /// Assumes the role that writes to CloudWatch Logs.
    AssumeLogRole,
    /// Creates a log stream.
    CreateLogStream,
    /// Writes events to it.
    PutLogEvents,
}

/// When a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// When the trail is created or updated.
    Setup,
    /// For every file.
    Delivery,
    /// For every file, after it was delivered, and for events that go elsewhere besides.
    Notification,
}

/// What a request is addressed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The bucket.
    Bucket,
    /// The trail's key.
    Key,
    /// The topic.
    Topic,
    /// The topic's key.
    TopicKey,
    /// The role that writes to CloudWatch Logs, and the log group.
    LogRole,
}

impl RequestId {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            RequestId::GetBucketAcl => "get-bucket-acl",
            RequestId::PutLogFolder => "put-log-folder",
            RequestId::PutDigestFolder => "put-digest-folder",
            RequestId::PutManagementLogFolder => "put-management-log-folder",
            RequestId::PutManagementDigestFolder => "put-management-digest-folder",
            RequestId::DescribeKey => "describe-key",
            RequestId::GenerateDataKeyProbe => "generate-data-key-probe",
            RequestId::Decrypt => "decrypt",
            RequestId::PutLogFiles => "put-log-files",
            RequestId::PutDigestFiles => "put-digest-files",
            RequestId::PutInsightFiles => "put-insight-files",
            RequestId::PutNetworkActivityFiles => "put-network-activity-files",
            RequestId::PutAggregatedFiles => "put-aggregated-files",
            RequestId::GenerateDataKey => "generate-data-key",
            RequestId::Publish => "publish",
            RequestId::TopicGenerateDataKey => "topic-generate-data-key",
            RequestId::TopicDecrypt => "topic-decrypt",
            RequestId::AssumeLogRole => "assume-log-role",
            RequestId::CreateLogStream => "create-log-stream",
            RequestId::PutLogEvents => "put-log-events",
        }
    }

    /// When it is made.
    pub fn phase(self) -> Phase {
        match self {
            RequestId::GetBucketAcl
            | RequestId::PutLogFolder
            | RequestId::PutDigestFolder
            | RequestId::PutManagementLogFolder
            | RequestId::PutManagementDigestFolder
            | RequestId::DescribeKey
            | RequestId::GenerateDataKeyProbe
            | RequestId::Decrypt => Phase::Setup,
            RequestId::PutLogFiles
            | RequestId::PutDigestFiles
            | RequestId::PutInsightFiles
            | RequestId::PutNetworkActivityFiles
            | RequestId::PutAggregatedFiles
            | RequestId::GenerateDataKey => Phase::Delivery,
            RequestId::Publish
            | RequestId::TopicGenerateDataKey
            | RequestId::TopicDecrypt
            | RequestId::AssumeLogRole
            | RequestId::CreateLogStream
            | RequestId::PutLogEvents => Phase::Notification,
        }
    }

    /// What it is addressed to.
    pub fn target(self) -> Target {
        match self {
            RequestId::GetBucketAcl
            | RequestId::PutLogFolder
            | RequestId::PutDigestFolder
            | RequestId::PutManagementLogFolder
            | RequestId::PutManagementDigestFolder
            | RequestId::PutLogFiles
            | RequestId::PutDigestFiles
            | RequestId::PutInsightFiles
            | RequestId::PutNetworkActivityFiles
            | RequestId::PutAggregatedFiles => Target::Bucket,
            RequestId::DescribeKey
            | RequestId::GenerateDataKeyProbe
            | RequestId::GenerateDataKey
            | RequestId::Decrypt => Target::Key,
            RequestId::Publish => Target::Topic,
            RequestId::TopicGenerateDataKey | RequestId::TopicDecrypt => Target::TopicKey,
            RequestId::AssumeLogRole | RequestId::CreateLogStream | RequestId::PutLogEvents => {
                Target::LogRole
            }
        }
    }

    /// Whether AWS advises the permission, but set-ups without it are known to work: a refusal
    /// leaves the verdict alone.
    ///
    /// Source: CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail" lists both;
    /// published templates without them create trails (reported, not documented).
    pub fn is_advised(self) -> bool {
        matches!(self, RequestId::DescribeKey | RequestId::Decrypt)
    }

    /// The IAM action it needs.
    pub fn action(self) -> &'static str {
        match self {
            RequestId::GetBucketAcl => "s3:GetBucketAcl",
            RequestId::DescribeKey => "kms:DescribeKey",
            RequestId::GenerateDataKeyProbe
            | RequestId::GenerateDataKey
            | RequestId::TopicGenerateDataKey => "kms:GenerateDataKey",
            RequestId::Decrypt | RequestId::TopicDecrypt => "kms:Decrypt",
            RequestId::Publish => "sns:Publish",
            RequestId::AssumeLogRole => "sts:AssumeRole",
            RequestId::CreateLogStream => "logs:CreateLogStream",
            RequestId::PutLogEvents => "logs:PutLogEvents",
            RequestId::PutLogFolder
            | RequestId::PutDigestFolder
            | RequestId::PutManagementLogFolder
            | RequestId::PutManagementDigestFolder
            | RequestId::PutLogFiles
            | RequestId::PutDigestFiles
            | RequestId::PutInsightFiles
            | RequestId::PutNetworkActivityFiles
            | RequestId::PutAggregatedFiles => "s3:PutObject",
        }
    }

    /// Whether it is one of the empty folder objects that are written when a trail is created.
    pub fn is_folder_probe(self) -> bool {
        matches!(
            self,
            RequestId::PutLogFolder
                | RequestId::PutDigestFolder
                | RequestId::PutManagementLogFolder
                | RequestId::PutManagementDigestFolder
        )
    }
}

impl Phase {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Setup => "setup",
            Phase::Delivery => "delivery",
            Phase::Notification => "notification",
        }
    }
}

impl Target {
    /// The most bytes that AWS takes for such a policy, white space left out; nothing for what is not
    /// one policy.
    ///
    /// Sources: Amazon S3 User Guide, "Adding a bucket policy": 20 KB; AWS KMS Developer Guide, "Resource
    /// quotas": 32 KB; Amazon SNS: 30 KB (read 2026-11).
    pub fn size_limit(self) -> Option<usize> {
        match self {
            Target::Bucket => Some(20_480),
            Target::Key | Target::TopicKey => Some(32_768),
            Target::Topic => Some(30_720),
            Target::LogRole => None,
        }
    }

    /// What messages call it.
    pub fn noun(self) -> &'static str {
        match self {
            Target::Bucket => "bucket policy",
            Target::Key => "key policy",
            Target::Topic => "topic policy",
            Target::TopicKey => "topic's key policy",
            Target::LogRole => "CloudWatch Logs role",
        }
    }
}
