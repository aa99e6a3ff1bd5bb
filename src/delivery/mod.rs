//! One trail's delivery: the requests CloudTrail makes for it, the answer to each, and the verdict.
//!
//! Nothing here says why in words; `diagnosis` finds the cause of each refusal.

pub mod context;
mod evaluate;
mod log_role;
mod objects;
mod obstacles;
mod request;
mod simulate;
mod verdict;

pub use evaluate::{Case, Decision, legacy_region};
pub use log_role::RoleRefusal;
pub use objects::{ANY_ACCOUNT, MEMBER, ORGANIZATION, REGION, root};
pub use request::{Phase, RequestId, Target};
pub use simulate::simulate;
pub use verdict::Verdict;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::document::DocumentId;
use crate::model::{Bucket, Estate, Key, PolicyDocument, Topic, Trail, Unknown};

/// One trail and everything that decides whether its logs arrive.
#[derive(Debug)]
pub struct Delivery<'e> {
    /// The estate it is part of.
    pub estate: &'e Estate,
    /// The trail.
    pub trail: &'e Trail,
    /// The bucket it delivers to.
    pub bucket: &'e Bucket,
    /// The key it encrypts with.
    pub key: Option<&'e Key>,
    /// The topic it publishes to.
    pub topic: Option<&'e Topic>,
    /// The topic's key.
    pub topic_key: Option<&'e Key>,
    /// The moment at which its requests are made.
    pub now: Timestamp,
    /// Its requests, in the order CloudTrail makes them.
    pub requests: Vec<Request>,
    /// What the requests add up to.
    pub verdict: Verdict,
}

/// A request, or a family of them, and its answer.
#[derive(Debug)]
pub struct Request {
    /// Which one.
    pub id: RequestId,
    /// The resource; what varies stands as `*`.
    pub resource: String,
    /// The answer to the whole.
    pub decision: Decision,
    /// The classes that the policy splits it into; empty where no policy was asked.
    pub cases: Vec<Case>,
    /// What stands in the way besides the policy.
    pub obstacles: Vec<Obstacle>,
    /// What an undecided answer depends on.
    pub doubts: Vec<Doubt>,
}

/// Something other than a policy statement that refuses a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// There is no such bucket; the document that says so.
    BucketMissing(DocumentId),
    /// The bucket has no policy.
    NoBucketPolicy(DocumentId),
    /// The bucket is Requester Pays.
    RequesterPays(DocumentId),
    /// The name is that of an access point or a directory bucket, which take no trail.
    UnsupportedBucket,
    /// The key is disabled.
    KeyDisabled(DocumentId),
    /// The key waits for its deletion.
    KeyPendingDeletion(DocumentId),
    /// The key cannot encrypt: its state, or its kind, as DescribeKey names it.
    KeyUnusable {
        /// The document that says so.
        document: DocumentId,
        /// Where in it.
        pointer: &'static str,
        /// What it says.
        found: String,
    },
    /// The key does not exist.
    KeyMissing(DocumentId),
    /// The key lies in another Region than the bucket.
    KeyRegion {
        /// The key's Region.
        key: String,
        /// The bucket's Region.
        bucket: String,
    },
    /// The key is managed by AWS; its policy cannot be changed.
    AwsManagedKey(Option<DocumentId>),
    /// The topic does not exist.
    TopicMissing(DocumentId),
    /// The topic has no policy.
    NoTopicPolicy(DocumentId),
    /// The role does not exist.
    LogRoleMissing(DocumentId),
    /// The role cannot be assumed, or may not write.
    LogRoleRefuses(RoleRefusal),
    /// The log group does not exist.
    LogGroupMissing(DocumentId),
    /// The log group cannot be that of the trail; why.
    LogGroupInvalid(String),
}

/// What an undecided answer depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// A document that could not be seen.
    Document(Unknown),
    /// Condition keys whose value is not known or not documented.
    Keys(BTreeSet<String>),
    /// Patterns too tangled to be followed to the end.
    TooComplex,
}

impl Delivery<'_> {
    /// The policy that a request is evaluated against, if it was seen.
    pub fn policy(&self, target: Target) -> Option<&PolicyDocument> {
        match target {
            Target::Bucket => self.bucket.policy.present(),
            Target::Key => self.key?.policy.present(),
            Target::Topic => self.topic?.attributes.present()?.policy.as_ref(),
            Target::TopicKey => self.topic_key?.policy.present(),
            // A role has several policies; what refuses names its place itself.
            Target::LogRole => None,
        }
    }

    /// A request by its name, if this trail makes it.
    pub fn request(&self, id: RequestId) -> Option<&Request> {
        self.requests.iter().find(|request| request.id == id)
    }
}

impl Request {
    /// Whether any part of it is refused for certain.
    pub fn is_refused(&self) -> bool {
        matches!(self.decision, Decision::Denied | Decision::Partly)
    }
}
