//! Which statements of a shared policy CloudTrail can use at all, gathered over all trails that use it.
//!
//! Exposure rules ask this: a weak statement matters when it can apply, and a dead one does not.

use std::collections::{BTreeMap, BTreeSet};

use crate::delivery::{Case, Delivery, RequestId, Target, legacy_region};
use crate::iam::{self, Context, Effect, Principal, PrincipalKind, Statement, Truth, examine};
use crate::model::{Bucket, Estate, PolicyDocument, Trail};

/// One policy and those of its Allow statements that some trail's requests can use.
#[derive(Debug)]
pub struct PolicyUse<'e> {
    /// The estate.
    pub estate: &'e Estate,
    /// What the policy belongs to.
    pub target: Target,
    /// The policy.
    pub policy: &'e PolicyDocument,
    /// The bucket, for a bucket policy.
    pub bucket: Option<&'e Bucket>,
    /// The trails that use it, in order.
    pub trails: Vec<&'e Trail>,
    /// For each request, the Allow statements that it could use but for their Resource, each with an
    /// example of such a request.
    pub live: BTreeMap<RequestId, BTreeMap<usize, Example>>,
}

/// A request that a statement can apply to.
#[derive(Debug, Clone)]
pub struct Example {
    /// Who asks.
    pub principal: Principal,
    /// The resource.
    pub resource: String,
    /// The context.
    pub context: Context,
}

/// Every policy that trails use, by document.
#[derive(Debug, Default)]
pub struct Usage<'e>(BTreeMap<(Target, crate::document::DocumentId), PolicyUse<'e>>);

/// The requests that are looked at: one of each action is enough.
const ASKED: [RequestId; 4] = [
    RequestId::GetBucketAcl,
    RequestId::PutLogFiles,
    RequestId::GenerateDataKey,
    RequestId::Publish,
];

impl<'e> Usage<'e> {
    /// Adds one delivery.
    pub fn note(&mut self, delivery: &Delivery<'e>) {
        for id in ASKED {
            let target = id.target();
            let Some(policy) = policy_of(delivery, target) else {
                continue;
            };
            let policy_use = self
                .0
                .entry((target, policy.document))
                .or_insert_with(|| PolicyUse {
                    estate: delivery.estate,
                    target,
                    policy,
                    bucket: (target == Target::Bucket).then_some(delivery.bucket),
                    trails: Vec::new(),
                    live: BTreeMap::new(),
                });
            if policy_use
                .trails
                .last()
                .is_none_or(|trail| trail.arn != delivery.trail.arn)
            {
                policy_use.trails.push(delivery.trail);
            }
            let Some(case) = delivery
                .request(id)
                .and_then(|request| request.cases.first())
            else {
                continue;
            };
            policy_use.note(id, case);
        }
    }

    /// The policies, in order.
    pub fn policies(&self) -> impl Iterator<Item = &PolicyUse<'e>> {
        self.0.values()
    }
}

/// The estate's own reference to a policy, which outlives the delivery.
fn policy_of<'e>(delivery: &Delivery<'e>, target: Target) -> Option<&'e PolicyDocument> {
    match target {
        Target::Bucket => delivery.bucket.policy.present(),
        Target::Key => delivery.key?.policy.present(),
        Target::Topic => delivery.topic?.attributes.present()?.policy.as_ref(),
        Target::TopicKey => delivery.topic_key?.policy.present(),
    }
}

impl PolicyUse<'_> {
    fn note(&mut self, id: RequestId, case: &Case) {
        let live = self.live.entry(id).or_default();
        let request = iam::Request {
            principal: &case.principal,
            action: id.action(),
            resource: &case.resource,
            context: &case.context,
        };
        for found in examine(&self.policy.policy, &request) {
            let Some(statement) = self.policy.policy.statements.get(found.statement) else {
                continue;
            };
            let could = statement.effect == Effect::Allow && could_apply(statement, &found);
            if could && !live.contains_key(&found.statement) {
                live.insert(
                    found.statement,
                    Example {
                        principal: case.principal.clone(),
                        resource: case.resource.clone(),
                        context: Context::clone(&case.context),
                    },
                );
            }
        }
    }

    /// Whether a statement could apply to a request like an example, but with another resource or
    /// with other values of some keys.
    pub fn would_apply(
        &self,
        statement: usize,
        action: &str,
        example: &Example,
        resource: Option<&str>,
    ) -> bool {
        let request = iam::Request {
            principal: &example.principal,
            action,
            resource: resource.unwrap_or(&example.resource),
            context: &example.context,
        };
        let found = examine(&self.policy.policy, &request)
            .into_iter()
            .find(|found| found.statement == statement);
        let statement = self.policy.policy.statements.get(statement);
        found.zip(statement).is_some_and(|(found, statement)| {
            could_apply(statement, &found) && (resource.is_none() || found.resource != Truth::False)
        })
    }

    /// An account that no trail of the estate belongs to.
    pub fn stranger(&self) -> &'static str {
        let known: BTreeSet<&str> = self
            .estate
            .trails
            .iter()
            .map(|trail| trail.account.as_str())
            .collect();
        ["999999999999", "888888888888", "777777777777"]
            .into_iter()
            .find(|id| !known.contains(id))
            .unwrap_or("000000000000")
    }
}

/// Whether a statement fits a request, its Resource left aside. One for CloudTrail's old accounts is
/// for CloudTrail, whichever Region asks.
fn could_apply(statement: &Statement, found: &iam::StatementMatch) -> bool {
    let for_cloudtrail = found.principal == Truth::True || names_legacy_accounts(statement);
    let conditions = || {
        found
            .conditions
            .iter()
            .all(|condition| *condition != Truth::False)
    };
    for_cloudtrail && found.action == Truth::True && conditions()
}

fn names_legacy_accounts(statement: &Statement) -> bool {
    let entries = statement
        .principal
        .iter()
        .flat_map(|principal| &principal.entries);
    entries
        .into_iter()
        .any(|entry| entry.kind == PrincipalKind::Aws && legacy_region(&entry.value).is_some())
}
