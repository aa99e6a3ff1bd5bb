//! Policies from scratch for a set of trails: the tightest form that fits under AWS's size limit, and what
//! had to be given up for it. Each is put to the simulation before it is handed out.

pub mod cloudformation;
mod forms;
mod given_up;
mod scope;
pub mod terraform;
mod whose;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::delivery::{Decision, Target, simulate};
use crate::document::DocumentId;
use crate::grants;
use crate::iam::Effective;
use crate::model::arn::is_account_id;
use crate::model::{Arn, Estate, Evidence, PolicyDocument, Trail};

/// One policy from scratch.
#[derive(Debug, Clone)]
pub struct Tight {
    /// What it is a policy of.
    pub target: Target,
    /// The bucket's name, or the ARN of the key or topic.
    pub resource: String,
    /// The policy.
    pub policy: Value,
    /// Its bytes without white space.
    pub size: usize,
    /// What was given up to make it fit, one sentence a step.
    pub given_up: Vec<&'static str>,
    /// What could not be known, and what was taken for it.
    pub notes: Vec<String>,
}

/// Why there is no policy for a resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TightError {
    /// The folder of an organization trail holds the organization's id.
    #[error("the id of the organization of trail `{trail}` is not known")]
    NoOrganization {
        /// The trail's ARN.
        trail: String,
    },
    /// A name that AWS gives to nothing: in a policy it could mean more than itself.
    #[error("`{name}` is no name of AWS's, so no {noun} can be written for it")]
    NoName {
        /// "bucket policy", …
        noun: &'static str,
        /// The name or ARN.
        name: String,
    },
    /// Trails of a partition that the resource is not in.
    #[error(
        "`{resource}` is named by trails of several partitions, such as `{trail}`: each partition has resources of its own"
    )]
    Partitions {
        /// The bucket's name, or the ARN of the key or topic.
        resource: String,
        /// A trail of another partition.
        trail: String,
    },
    /// No form is small enough.
    #[error(
        "the {noun} of `{resource}` does not fit: its smallest form has {size} bytes, and AWS takes {limit}"
    )]
    TooLarge {
        /// "bucket policy", …
        noun: &'static str,
        /// The bucket's name, or the ARN of the key or topic.
        resource: String,
        /// The bytes of the smallest form.
        size: usize,
        /// The most bytes that AWS takes.
        limit: usize,
    },
    /// The simulation does not allow what it should.
    #[error("no form of the {noun} of `{resource}` was proven to admit all its trails")]
    NotProven {
        /// "bucket policy", …
        noun: &'static str,
        /// The bucket's name, or the ARN of the key or topic.
        resource: String,
    },
}

/// The resources that an estate's trails need policies for, each once.
pub fn resources(estate: &Estate) -> BTreeSet<(Target, String)> {
    let of = |trail: &Trail| {
        let bucket = Some((Target::Bucket, trail.bucket.clone()));
        let key = trail.kms_key.clone().map(|arn| (Target::Key, arn));
        let topic = trail.topic.clone().map(|arn| (Target::Topic, arn));
        [bucket, key, topic].into_iter().flatten()
    };
    estate.trails.iter().flat_map(of).collect()
}

/// The tightest policy of one resource that fits. `readers` are who may decrypt log files: ARNs and
/// account ids; the key's account where none is named.
///
/// # Errors
/// An organization that nobody told, and trails too many for any form.
pub fn tight(
    estate: &Estate,
    now: Timestamp,
    (target, resource): (Target, &str),
    readers: &[String],
) -> Result<Tight, TightError> {
    let trails = grants::users(estate, target, resource);
    for trail in &trails {
        if target == Target::Bucket && grants::folders(estate, trail).is_none() {
            let trail = trail.arn.clone();
            return Err(TightError::NoOrganization { trail });
        }
    }
    check_names(estate, (target, resource), &trails)?;
    let limit = target.size_limit().unwrap_or(usize::MAX);
    let mut smallest = usize::MAX;
    for scope in scope::ladder(estate, target, &trails) {
        let (statements, notes) =
            forms::statements(estate, scope, (target, resource), &trails, readers);
        let policy = grants::policy(statements);
        let size = policy.to_string().len();
        if size > limit {
            smallest = smallest.min(size);
            continue;
        }
        if !admits_all(estate, now, (target, resource), &policy) {
            continue;
        }
        return Ok(Tight {
            target,
            resource: resource.to_owned(),
            policy,
            size,
            given_up: given_up::given_up(scope, target, &trails),
            notes,
        });
    }
    let (noun, resource) = (target.noun(), resource.to_owned());
    Err(if smallest == usize::MAX {
        TightError::NotProven { noun, resource }
    } else {
        TightError::TooLarge {
            noun,
            resource,
            size: smallest,
            limit,
        }
    })
}

/// Refuses names that would be patterns or break out of the text, and a mixture of partitions.
fn check_names(
    estate: &Estate,
    (target, resource): (Target, &str),
    trails: &[&Trail],
) -> Result<(), TightError> {
    let ordinary = |c: char| c.is_ascii_alphanumeric() || "-._/:".contains(c);
    let is_name = |name: &str| !name.is_empty() && name.chars().all(ordinary);
    let odd = trails
        .iter()
        .find(|trail| !is_name(&trail.arn) || !is_account_id(&trail.account));
    let organization = estate.organization.present().map(|it| it.id.as_str());
    let names = organization.into_iter().chain([resource]);
    let odd = odd.map(|trail| trail.arn.as_str());
    if let Some(name) = odd.or_else(|| names.into_iter().find(|name| !is_name(name))) {
        let (noun, name) = (target.noun(), name.to_owned());
        return Err(TightError::NoName { noun, name });
    }
    let own = Arn::parse(resource).map(|arn| arn.partition);
    let own = own.or_else(|| Some(trails.first()?.partition.as_str()));
    let other = trails.iter().find(|it| own != Some(it.partition.as_str()));
    match other {
        Some(trail) => Err(TightError::Partitions {
            resource: resource.to_owned(),
            trail: trail.arn.clone(),
        }),
        None => Ok(()),
    }
}

/// Whether a policy allows every request of every trail that it is for.
fn admits_all(
    estate: &Estate,
    now: Timestamp,
    (target, resource): (Target, &str),
    policy: &Value,
) -> bool {
    let estate = with_policy(estate, (target, resource), policy);
    let trails = grants::users(&estate, target, resource);
    trails.into_iter().all(|trail| {
        let delivery = simulate(&estate, trail, now);
        let requests = delivery.requests.iter();
        requests
            .filter(|request| request.id.target() == target)
            .all(|request| {
                let allowed = |case: &crate::delivery::Case| {
                    matches!(case.effective, Effective::Allowed { .. })
                };
                request.decision == Decision::Allowed
                    || !request.cases.is_empty() && request.cases.iter().all(allowed)
            })
    })
}

/// The estate as if a resource had this policy.
fn with_policy(estate: &Estate, (target, resource): (Target, &str), policy: &Value) -> Estate {
    let mut estate = estate.clone();
    let policy = PolicyDocument {
        // Nothing asks for the document of a policy that is only simulated.
        document: DocumentId(0),
        policy: grants::read(policy),
    };
    match target {
        Target::Bucket => {
            if let Some(bucket) = estate.buckets.get_mut(resource) {
                bucket.policy = Evidence::Present(policy);
                bucket.exists = Evidence::Present(());
            }
        }
        Target::Key | Target::TopicKey => {
            if let Some(key) = estate.keys.get_mut(resource) {
                key.policy = Evidence::Present(policy);
            }
        }
        Target::Topic => {
            if let Some(topic) = estate.topics.get_mut(resource) {
                topic.attributes = Evidence::Present(crate::model::topic::TopicAttributes {
                    policy: Some(policy),
                    kms_key: None,
                    document: DocumentId(0),
                });
            }
        }
        Target::LogRole => {}
    }
    estate
}

#[cfg(test)]
mod tests;
