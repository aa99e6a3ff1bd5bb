//! AWS's things as types that cannot be wrong: trails, buckets, keys, topics, and the estate they form.
//!
//! Everything here is read from documents once; nothing here evaluates a policy.

pub mod arn;
pub mod bucket;
pub mod coverage;
pub mod estate;
pub mod evidence;
pub mod key;
pub mod legacy;
pub mod organization;
pub mod policy_document;
pub mod protection;
mod read;
pub mod region;
pub mod role;
pub mod selectors;
pub mod topic;
pub mod trail;
pub mod trail_status;

pub use arn::Arn;
pub use bucket::Bucket;
pub use coverage::Coverage;
pub use estate::{Estate, readable};
pub use evidence::{Evidence, Reason, Unknown};
pub use key::Key;
pub use organization::{Membership, Organization};
pub use policy_document::PolicyDocument;
pub use topic::Topic;
pub use trail::{Trail, UnseenTrail};
pub use trail_status::{DeliveryError, Logging, TrailStatus};
