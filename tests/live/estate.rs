//! The story's estate in moto: an audit account with a bucket and a key, and accounts whose trails write
//! there. Every test has accounts of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::aws;

pub(crate) const REGION: &str = "us-east-1";

/// Accounts that no other test has.
static NEXT: AtomicU64 = AtomicU64::new(210_000_000_000);

/// The ARN of an account's trail.
pub(crate) fn trail(account: &str) -> String {
    format!("arn:aws:cloudtrail:{REGION}:{account}:trail/audit")
}

/// The estate of one test.
#[derive(Debug, Clone)]
pub(crate) struct Estate {
    pub(crate) audit: String,
    pub(crate) sources: [String; 2],
    pub(crate) bucket: String,
    pub(crate) key: String,
}

pub(crate) fn account() -> String {
    format!("{:012}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Estate {
    /// All three accounts, the caller's first.
    pub(crate) fn accounts(&self) -> [&str; 3] {
        [&self.audit, &self.sources[0], &self.sources[1]]
    }

    /// The arguments that read both sources.
    pub(crate) fn sources_list(&self) -> String {
        self.sources.join(",")
    }

    /// The statements of the bucket policy that lets both sources in.
    pub(crate) fn bucket_policy(&self) -> Value {
        let bucket = format!("arn:aws:s3:::{}", self.bucket);
        let write = |account: &String| {
            json!({
                "Sid": format!("AWSCloudTrailWrite{account}"), "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
                "Resource": format!("{bucket}/AWSLogs/{account}/*"),
                "Condition": {"StringEquals": {
                    "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail(account),
                }},
            })
        };
        let trails: Vec<String> = self.sources.iter().map(|account| trail(account)).collect();
        let mut statements = vec![json!({
            "Sid": "AWSCloudTrailAclCheck", "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl",
            "Resource": bucket, "Condition": {"StringEquals": {"aws:SourceArn": trails}},
        })];
        statements.extend(self.sources.iter().map(write));
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn key_policy(&self) -> Value {
        let trails: Vec<String> = self.sources.iter().map(|account| trail(account)).collect();
        let contexts: Vec<String> = self
            .sources
            .iter()
            .map(|account| format!("arn:aws:cloudtrail:*:{account}:trail/*"))
            .collect();
        json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Administer", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
             "Principal": {"AWS": format!("arn:aws:iam::{}:root", self.audit)}},
            {"Sid": "Encrypt", "Effect": "Allow", "Action": "kms:GenerateDataKey*", "Resource": "*",
             "Principal": {"Service": "cloudtrail.amazonaws.com"},
             "Condition": {"StringEquals": {"aws:SourceArn": trails},
                           "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": contexts}}},
            {"Sid": "Describe", "Effect": "Allow", "Action": "kms:DescribeKey", "Resource": "*",
             "Principal": {"Service": "cloudtrail.amazonaws.com"},
             "Condition": {"StringEquals": {"aws:SourceArn": trails}}},
        ]})
    }

    pub(crate) fn put_bucket_policy(&self, policy: &Value) {
        let with = json!({"Bucket": self.bucket, "Policy": policy.to_string()});
        aws::call(&self.audit, REGION, "s3", "put_bucket_policy", &with);
    }

    /// Makes a trail called `audit`, running.
    pub(crate) fn make_trail(&self, account: &str, region: &str, more: &Value) {
        let mut with = json!({
            "Name": "audit", "S3BucketName": self.bucket, "KmsKeyId": self.key,
            "IsMultiRegionTrail": true, "EnableLogFileValidation": true,
        });
        for (name, value) in more.as_object().expect("settings are an object") {
            with[name] = value.clone();
        }
        aws::call(account, region, "cloudtrail", "create_trail", &with);
        let name = json!({"Name": with["Name"]});
        aws::call(account, region, "cloudtrail", "start_logging", &name);
    }
}

/// A bucket and a key that let two accounts' trails in, and no trail yet.
pub(crate) fn empty() -> Estate {
    let audit = account();
    let with = json!({});
    let key = aws::call(&audit, REGION, "kms", "create_key", &with);
    let estate = Estate {
        sources: [account(), account()],
        bucket: format!("logs-of-{audit}"),
        key: key["KeyMetadata"]["Arn"]
            .as_str()
            .expect("a key has an ARN")
            .to_owned(),
        audit,
    };
    let with = json!({"Bucket": estate.bucket});
    aws::call(&estate.audit, REGION, "s3", "create_bucket", &with);
    estate.put_bucket_policy(&estate.bucket_policy());
    let policy = estate.key_policy().to_string();
    let with = json!({"KeyId": estate.key, "PolicyName": "default", "Policy": policy});
    aws::call(&estate.audit, REGION, "kms", "put_key_policy", &with);
    estate
}

/// The sound estate: both trails deliver.
pub(crate) fn sound() -> Estate {
    let estate = empty();
    for account in &estate.sources {
        estate.make_trail(account, REGION, &json!({}));
    }
    estate
}
