//! One bucket: whose it is, where it lies, its policy, and the settings that decide whether CloudTrail
//! can write to it, and whether what it wrote stays. Ten calls; one if it does not exist.

use std::error::Error;
use std::future::Future;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::{Value, json};

use super::answers::{Answers, Asked, policy};
use super::operation::Operation;
use super::reader::Reader;
use super::refusal::Refusal;
use super::settings;
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
            Box::pin(bucket.settings()).await;
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

    /// All settings, at once.
    async fn settings(&self) {
        let (client, name) = (&self.client(), self.name);
        futures::join!(
            self.setting(
                (Operation::GetBucketEncryption, Kind::GetBucketEncryption),
                client.get_bucket_encryption().bucket(name).send(),
                settings::encryption,
            ),
            self.setting(
                (
                    Operation::GetBucketOwnershipControls,
                    Kind::GetBucketOwnershipControls
                ),
                client.get_bucket_ownership_controls().bucket(name).send(),
                settings::ownership,
            ),
            self.setting(
                (
                    Operation::GetBucketRequestPayment,
                    Kind::GetBucketRequestPayment
                ),
                client.get_bucket_request_payment().bucket(name).send(),
                settings::payer,
            ),
            self.setting(
                (Operation::GetPublicAccessBlock, Kind::GetPublicAccessBlock),
                client.get_public_access_block().bucket(name).send(),
                settings::public_access_block,
            ),
            self.setting(
                (
                    Operation::GetBucketPolicyStatus,
                    Kind::GetBucketPolicyStatus
                ),
                client.get_bucket_policy_status().bucket(name).send(),
                settings::policy_status,
            ),
            self.setting(
                (Operation::GetBucketVersioning, Kind::GetBucketVersioning),
                client.get_bucket_versioning().bucket(name).send(),
                settings::versioning,
            ),
            self.setting(
                (
                    Operation::GetObjectLockConfiguration,
                    Kind::GetObjectLockConfiguration
                ),
                client.get_object_lock_configuration().bucket(name).send(),
                settings::object_lock,
            ),
            self.setting(
                (
                    Operation::GetBucketLifecycleConfiguration,
                    Kind::GetBucketLifecycleConfiguration
                ),
                client
                    .get_bucket_lifecycle_configuration()
                    .bucket(name)
                    .send(),
                settings::lifecycle,
            ),
        );
    }

    /// Asks for one setting; `print` gives it the form in which the AWS CLI prints it.
    async fn setting<T, E>(
        &self,
        (operation, kind): (Operation, Kind),
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        print: impl FnOnce(&T) -> Value,
    ) where
        T: Send,
        E: ProvideErrorMetadata + Error + Send + 'static,
    {
        match self.reader.call(operation, self.region, request).await {
            Ok(answer) => self
                .answers
                .keep(kind, self.subject(), &print(&answer.output)),
            Err(refusal) => self.refuse(operation, kind, &refusal),
        }
    }
}
