//! One bucket: whose it is, where it lies, its policy, and the settings that decide whether CloudTrail
//! can write to it. Five calls; one if it does not exist.

use serde_json::{Value, json};

use super::answers::{Answers, Asked, policy};
use super::operation::Operation;
use super::reader::Reader;
use super::refusal::Refusal;
use crate::document::{Kind, Subject};

/// Reads a bucket with the credentials of its owner, who is found by asking: the owner is the one whom
/// S3 answers. The readers are asked in this order, and no further than need be.
pub(super) async fn read(name: &str, readers: &[&Reader], answers: &Answers) {
    let Some(&first) = readers.first() else {
        return;
    };
    let Some(region) = locate(name, first, answers).await else {
        return;
    };
    for &reader in readers {
        let bucket = Bucket {
            name,
            region: &region,
            reader,
            answers,
        };
        if bucket.policy().await == Whose::Ours {
            futures::join!(bucket.encryption(), bucket.ownership(), bucket.payer());
            return;
        }
    }
}

/// The bucket's Region; nothing if there is no such bucket.
async fn locate(name: &str, reader: &Reader, answers: &Answers) -> Option<String> {
    let mut region = reader.region().to_owned();
    let subject = || Subject::Bucket {
        account: Some(reader.account.clone()),
        name: name.to_owned(),
    };
    // Asked in the wrong Region, S3 names the right one; asked there, it answers or refuses for good.
    for attempt in 0..2 {
        let request = reader.s3(&region).head_bucket().bucket(name).send();
        let told = match reader.call(Operation::HeadBucket, &region, request).await {
            Ok(answer) => answer.output.bucket_region().map(str::to_owned),
            Err(refusal) => match &refusal.bucket_region {
                Some(told) if *told != region && attempt == 0 => {
                    region.clone_from(told);
                    continue;
                }
                // A refusal says that the bucket is there, and where.
                Some(told) if refusal.code == "403" => Some(told.clone()),
                _ => {
                    let asked = Asked {
                        operation: Operation::HeadBucket,
                        reader,
                        region: &region,
                    };
                    answers.refuse(Kind::HeadBucket, subject(), &refusal, &asked);
                    return (refusal.code != "404" && refusal.code != "NotFound").then_some(region);
                }
            },
        };
        if let Some(told) = told {
            answers.keep(
                Kind::HeadBucket,
                subject(),
                &json!({ "BucketRegion": told }),
            );
            region = told;
        }
        break;
    }
    Some(region)
}

/// Whether a bucket is the reader's, as far as the answer about its policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Ours,
    NotSaid,
}

struct Bucket<'a> {
    name: &'a str,
    region: &'a str,
    reader: &'a Reader,
    answers: &'a Answers,
}

impl Bucket<'_> {
    fn subject(&self) -> Subject {
        Subject::Bucket {
            account: Some(self.reader.account.clone()),
            name: self.name.to_owned(),
        }
    }

    fn client(&self) -> aws_sdk_s3::Client {
        self.reader.s3(self.region)
    }

    fn keep(&self, operation: Operation, kind: Kind, answer: Result<Value, Refusal>) {
        match answer {
            Ok(answer) => self.answers.keep(kind, self.subject(), &answer),
            Err(refusal) => self.refuse(operation, kind, &refusal),
        }
    }

    fn refuse(&self, operation: Operation, kind: Kind, refusal: &Refusal) {
        let asked = Asked {
            operation,
            reader: self.reader,
            region: self.region,
        };
        self.answers.refuse(kind, self.subject(), refusal, &asked);
    }

    async fn policy(&self) -> Whose {
        let operation = Operation::GetBucketPolicy;
        let request = self.client().get_bucket_policy().bucket(self.name).send();
        match self.reader.call(operation, self.region, request).await {
            Ok(answer) => {
                let text = policy(answer.output.policy().unwrap_or_default());
                self.answers
                    .keep_text(Kind::GetBucketPolicy, self.subject(), text);
                Whose::Ours
            }
            Err(refusal) => {
                self.refuse(operation, Kind::GetBucketPolicy, &refusal);
                match refusal.code.as_str() {
                    "NoSuchBucketPolicy" => Whose::Ours,
                    _ => Whose::NotSaid,
                }
            }
        }
    }

    async fn encryption(&self) {
        let operation = Operation::GetBucketEncryption;
        let request = self
            .client()
            .get_bucket_encryption()
            .bucket(self.name)
            .send();
        let answer = self.reader.call(operation, self.region, request).await;
        let answer = answer.map(|answer| {
            let configuration = answer.output.server_side_encryption_configuration();
            let rules = configuration.map(|it| it.rules()).unwrap_or_default();
            let rules: Vec<Value> = rules.iter().map(encryption_rule).collect();
            json!({ "ServerSideEncryptionConfiguration": { "Rules": rules } })
        });
        self.keep(operation, Kind::GetBucketEncryption, answer);
    }

    async fn ownership(&self) {
        let operation = Operation::GetBucketOwnershipControls;
        let request = self
            .client()
            .get_bucket_ownership_controls()
            .bucket(self.name)
            .send();
        let answer = self.reader.call(operation, self.region, request).await;
        let answer = answer.map(|answer| {
            let controls = answer.output.ownership_controls();
            let rules = controls.map(|it| it.rules()).unwrap_or_default();
            let rules: Vec<Value> = rules
                .iter()
                .map(|rule| json!({ "ObjectOwnership": rule.object_ownership().as_str() }))
                .collect();
            json!({ "OwnershipControls": { "Rules": rules } })
        });
        self.keep(operation, Kind::GetBucketOwnershipControls, answer);
    }

    async fn payer(&self) {
        let operation = Operation::GetBucketRequestPayment;
        let request = self
            .client()
            .get_bucket_request_payment()
            .bucket(self.name)
            .send();
        let answer = self.reader.call(operation, self.region, request).await;
        let answer = answer.map(|answer| match answer.output.payer() {
            Some(payer) => json!({ "Payer": payer.as_str() }),
            None => json!({}),
        });
        self.keep(operation, Kind::GetBucketRequestPayment, answer);
    }
}

fn encryption_rule(rule: &aws_sdk_s3::types::ServerSideEncryptionRule) -> Value {
    let mut members = serde_json::Map::new();
    if let Some(default) = rule.apply_server_side_encryption_by_default() {
        let mut by_default = serde_json::Map::new();
        by_default.insert(
            "SSEAlgorithm".to_owned(),
            json!(default.sse_algorithm().as_str()),
        );
        if let Some(key) = default.kms_master_key_id() {
            by_default.insert("KMSMasterKeyID".to_owned(), json!(key));
        }
        members.insert(
            "ApplyServerSideEncryptionByDefault".to_owned(),
            Value::Object(by_default),
        );
    }
    if let Some(bucket_key) = rule.bucket_key_enabled() {
        members.insert("BucketKeyEnabled".to_owned(), json!(bucket_key));
    }
    Value::Object(members)
}
