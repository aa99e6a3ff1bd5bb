//! Which statements of a shared policy CloudTrail can use at all, gathered over all trails that use it.
//!
//! Exposure rules ask this: a weak statement matters when it can apply, and a dead one does not.

use std::collections::{BTreeMap, BTreeSet};

use super::Diagnosis;
use crate::delivery::{Case, Delivery, RequestId, Target, legacy_region};
use crate::iam::{
    self, BaseOperator, Condition, Context, Effect, Principal, PrincipalKind, Statement, Truth,
    examine,
};
use crate::model::{Arn, Bucket, Estate, PolicyDocument, Trail};

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
    /// For each request, the Allow statements that CloudTrail could use for some trail: those that fit but
    /// for their Resource or the encryption context. Each with an example of such a request.
    pub live: BTreeMap<RequestId, BTreeMap<usize, Example>>,
    /// For each request, an example as the first trail makes it.
    pub asked: BTreeMap<RequestId, Example>,
    /// The Allow statements that apply to some trail's request.
    pub used: BTreeSet<usize>,
    /// The statements that some trail's refusal is blamed on.
    pub blamed: BTreeSet<usize>,
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
const ASKED: [RequestId; 5] = [
    RequestId::GetBucketAcl,
    RequestId::PutLogFiles,
    RequestId::GenerateDataKey,
    RequestId::Publish,
    RequestId::TopicGenerateDataKey,
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
                    asked: BTreeMap::new(),
                    used: BTreeSet::new(),
                    blamed: BTreeSet::new(),
                });
            if policy_use
                .trails
                .last()
                .is_none_or(|trail| trail.arn != delivery.trail.arn)
            {
                policy_use.trails.push(delivery.trail);
            }
            let Some(request) = delivery.request(id) else {
                continue;
            };
            let allowed = request.cases.iter().find(|case| case.is_allowed());
            if let Some(case) = allowed.or(request.cases.first()) {
                policy_use.ask(id, case);
            }
            if let Some(case) = request.cases.first() {
                policy_use.note(id, case);
            }
        }
    }

    /// Adds what a delivery's refusals are blamed on.
    pub fn blame(&mut self, diagnosis: &Diagnosis<'_, 'e>) {
        for fault in &diagnosis.faults {
            let policy = policy_of(diagnosis.delivery, fault.target);
            let known = policy.and_then(|policy| self.0.get_mut(&(fault.target, policy.document)));
            let Some(policy_use) = known else { continue };
            policy_use.blamed.extend(fault.statement);
            let places = std::iter::once(&fault.place).chain(&fault.also);
            let here = places.filter(|place| place.document == policy_use.policy.document);
            let blamed = here.filter_map(|place| statement_at(policy_use.policy, &place.pointer));
            policy_use.blamed.extend(blamed);
        }
    }

    /// The policies, in order, to keep.
    pub fn into_policies(self) -> impl Iterator<Item = PolicyUse<'e>> {
        self.0.into_values()
    }

    /// The policies, in order. A key for log files that serves a topic too is a key for log files.
    pub fn policies(&self) -> impl Iterator<Item = &PolicyUse<'e>> {
        let known = |document| self.0.contains_key(&(Target::Key, document));
        let uses = self.0.iter();
        let uses = uses.filter(move |((target, document), _)| {
            *target != Target::TopicKey || !known(*document)
        });
        uses.map(|(_, policy_use)| policy_use)
    }
}

/// The statement that a JSON Pointer leads into.
fn statement_at(policy: &PolicyDocument, pointer: &str) -> Option<usize> {
    let mut statements = policy.policy.statements.iter();
    let is_inside = |statement: &&Statement| {
        let rest = pointer.strip_prefix(&*statement.pointer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    statements.find(is_inside).map(|statement| statement.index)
}

/// The estate's own reference to a policy, which outlives the delivery.
fn policy_of<'e>(delivery: &Delivery<'e>, target: Target) -> Option<&'e PolicyDocument> {
    match target {
        Target::Bucket => delivery.bucket.policy.present(),
        Target::Key => delivery.key?.policy.present(),
        Target::Topic => delivery.topic?.attributes.present()?.policy.as_ref(),
        Target::TopicKey => delivery.topic_key?.policy.present(),
        Target::LogRole => None,
    }
}

impl From<&Case> for Example {
    fn from(case: &Case) -> Example {
        Example {
            principal: case.principal.clone(),
            resource: case.resource.clone(),
            context: Context::clone(&case.context),
        }
    }
}

impl PolicyUse<'_> {
    fn ask(&mut self, id: RequestId, case: &Case) {
        self.asked.entry(id).or_insert_with(|| case.into());
    }

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
            if statement.effect == Effect::Allow && found.overall() == Truth::True {
                self.used.insert(found.statement);
            }
            let could = statement.effect == Effect::Allow && could_apply(statement, &found);
            if could && !live.contains_key(&found.statement) {
                live.insert(found.statement, case.into());
            }
        }
    }
}

/// Whether a statement fits a request, what it says of whose files are meant left aside: the Resource of a
/// bucket's statement, the encryption context of a key's. One for CloudTrail's old accounts is for
/// CloudTrail, whichever Region asks.
fn could_apply(statement: &Statement, found: &iam::StatementMatch) -> bool {
    let for_cloudtrail = found.principal == Truth::True || names_legacy_accounts(statement);
    let mut conditions = statement.conditions.iter().zip(&found.conditions);
    for_cloudtrail
        && found.action == Truth::True
        && conditions.all(|(condition, answer)| match answer {
            Truth::True => true,
            // Such a statement is for callers from accounts, not for a service.
            Truth::Unknown => !matches!(&*condition.key, "kms:calleraccount" | "kms:viaservice"),
            Truth::False => names_other_trails(condition),
        })
}

/// Whether a condition on the encryption context can be met by some trail, if not by this one.
fn names_other_trails(condition: &Condition) -> bool {
    let of_context = &*condition.key == "kms:encryptioncontext:aws:cloudtrail:arn";
    let expands = condition.operator.base.is_some_and(|base| {
        matches!(
            base,
            BaseOperator::StringLike | BaseOperator::ArnLike | BaseOperator::ArnEquals
        )
    });
    let exact = condition.operator.base == Some(BaseOperator::StringEquals);
    let mut texts = condition.values.iter().map(|value| &*value.text);
    of_context
        && texts.any(|text| {
            let is_of_trails = Arn::parse(text).is_some_and(|arn| {
                arn.service == "cloudtrail" && arn.resource.starts_with("trail/")
            });
            is_of_trails && (expands || exact && !text.contains(['*', '?']))
        })
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
