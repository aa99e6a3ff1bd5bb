//! One bucket: whose it is, where it lies, its policy, and the settings that decide whether CloudTrail
//! can write to it, and whether what it wrote stays. Ten calls; two if it does not exist, and one more where
//! `HeadBucket` does not tell the Region.

use std::error::Error;
use std::future::Future;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::{Value, json};

use super::answers::{Answers, Asked, policy};
use super::operation::Operation;
use super::reader::Reader;
use super::refusal::{Refusal, UNREADABLE};
use super::settings;
use crate::document::{Kind, Subject};

/// Reads a bucket with the credentials of its owner, who is found by asking: the owner is the one whom
/// S3 answers. The readers are asked in this order, and no further than need be.
pub(super) async fn read(name: &str, readers: &[&Reader], answers: &Answers) {
    let Some(&first) = readers.first() else {
        return;
    };
    let told = match locate(name, first, answers).await {
        Located::Told(region) => Some(region),
        Located::NotTold => None,
        Located::NoBucket => return,
    };
    let region = told.as_deref().unwrap_or(first.region());
    // The likeliest owner, if it was refused: a refusal does not say that the bucket is another's.
    let mut refused: Option<&Reader> = None;
    for &reader in readers {
        let bucket = Bucket {
            name,
            region,
            reader,
            answers,
        };
        let answer = bucket.ask_policy().await;
        if let (Ok(_), Some(owner)) = (&answer, refused)
            && bucket.belongs_to(owner).await
        {
            return;
        }
        match bucket.keep_policy(answer) {
            Whose::Ours => {
                if told.is_none() {
                    bucket.location().await;
                }
                Box::pin(bucket.settings()).await;
                return;
            }
            Whose::NotSaid if std::ptr::eq(reader, first) => refused = Some(first),
            Whose::NotSaid | Whose::Another => {}
        }
    }
}

/// What `HeadBucket` says of a bucket's place.
enum Located {
    Told(String),
    NotTold,
    NoBucket,
}

/// The bucket's Region.
async fn locate(name: &str, reader: &Reader, answers: &Answers) -> Located {
    let mut region = reader.region().to_owned();
    let subject = || Subject::Bucket {
        account: Some(reader.account.clone()),
        name: name.to_owned(),
    };
    let keep = |region: &str| {
        let answer = json!({ "BucketRegion": region });
        answers.keep(Kind::HeadBucket, subject(), &answer);
    };
    // Asked in the wrong Region, S3 names the right one; asked there, it answers or refuses for good.
    for attempt in 0..2 {
        let request = reader.s3(&region).head_bucket().bucket(name).send();
        let refusal = match reader.call(Operation::HeadBucket, &region, request).await {
            Ok(answer) => {
                let Some(told) = answer.output.bucket_region() else {
                    // It is there, and that is all.
                    answers.keep(Kind::HeadBucket, subject(), &json!({}));
                    return Located::NotTold;
                };
                keep(told);
                return Located::Told(told.to_owned());
            }
            Err(refusal) => refusal,
        };
        match &refusal.bucket_region {
            Some(told) if *told != region && attempt == 0 => region.clone_from(told),
            // A refusal says that the bucket is there, and where.
            Some(told) if refusal.code == "403" => {
                keep(told);
                return Located::Told(told.clone());
            }
            _ => {
                let is_missing = matches!(refusal.code.as_str(), "404" | "NotFound");
                let confirmed = is_missing && is_no_bucket(name, reader, &region).await;
                let refusal = if is_missing && !confirmed {
                    Refusal::unconfirmed(404)
                } else {
                    refusal
                };
                let asked = Asked::new(Operation::HeadBucket, reader, &region);
                answers.refuse(Kind::HeadBucket, subject(), &refusal, &asked);
                if confirmed {
                    return Located::NoBucket;
                }
                break;
            }
        }
    }
    Located::NotTold
}

/// Whether AWS says that there is no such bucket. `HeadBucket` answers without a body, so that its 404 may
/// be anybody's, a proxy's say; the question for the policy is answered with a code.
async fn is_no_bucket(name: &str, reader: &Reader, region: &str) -> bool {
    let request = reader.s3(region).get_bucket_policy().bucket(name).send();
    let answer = reader.call(Operation::GetBucketPolicy, region, request);
    answer
        .await
        .is_err_and(|refusal| refusal.code == "NoSuchBucket")
}

/// Whether a bucket is the reader's, as far as the answer about its policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Ours,
    Another,
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
        let asked = Asked::new(operation, self.reader, self.region);
        self.answers.refuse(kind, self.subject(), refusal, &asked);
    }

    /// The text of its policy; nothing if it has none.
    async fn ask_policy(&self) -> Result<String, Refusal> {
        let request = self.client().get_bucket_policy().bucket(self.name).send();
        let answer = self
            .reader
            .call(Operation::GetBucketPolicy, self.region, request);
        Ok(policy(answer.await?.output.policy().unwrap_or_default()))
    }

    fn keep_policy(&self, answer: Result<String, Refusal>) -> Whose {
        let kind = Kind::GetBucketPolicy;
        match answer {
            Ok(text) => {
                self.answers.keep_text(kind, self.subject(), text);
                Whose::Ours
            }
            Err(refusal) => {
                self.refuse(Operation::GetBucketPolicy, kind, &refusal);
                match refusal.code.as_str() {
                    "NoSuchBucketPolicy" => Whose::Ours,
                    "MethodNotAllowed" | "405" => Whose::Another,
                    _ => Whose::NotSaid,
                }
            }
        }
    }

    /// Whether S3 says that the bucket is somebody else's than the one whom it answers. AWS answers about
    /// a policy to the owner alone; what stands in its place may answer to anybody, and then a refusal of
    /// the owner's must not be lost.
    ///
    /// Source: Amazon S3 User Guide, "Verifying bucket ownership with bucket owner condition" (read 2026-11).
    async fn belongs_to(&self, owner: &Reader) -> bool {
        let request = self.client().head_bucket().bucket(self.name);
        let request = request.expected_bucket_owner(&owner.account).send();
        let answer = self
            .reader
            .call(Operation::HeadBucket, self.region, request);
        answer.await.is_ok()
    }

    /// Where it lies, as its owner may ask too.
    async fn location(&self) {
        let request = self.client().get_bucket_location().bucket(self.name).send();
        let asked = (Operation::GetBucketLocation, Kind::GetBucketLocation);
        self.setting(asked, request, settings::location).await;
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
            // The SDK takes an answer of nothing for one in which nothing is set. S3 sends an element at least.
            Ok(answer) if answer.text.trim().is_empty() => {
                let refusal = Refusal::new(UNREADABLE, "expected XML in the answer");
                self.refuse(operation, kind, &refusal);
            }
            Ok(answer) => self
                .answers
                .keep(kind, self.subject(), &print(&answer.output)),
            Err(refusal) => self.refuse(operation, kind, &refusal),
        }
    }
}
