//! An estate as it is judged: every trail's delivery, and the policies that they use.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::delivery::{Decision, Delivery, Request, RequestId, Target, simulate};
use crate::diagnosis::{Diagnosis, Fault, PolicyUse, Usage, diagnose};
use crate::document::DocumentId;
use crate::iam::Effective;
use crate::model::{Estate, Trail};
use crate::rules::{self, Finding};

/// An estate and every trail's delivery in it.
pub(super) struct World<'e> {
    pub(super) estate: &'e Estate,
    deliveries: BTreeMap<&'e str, Delivery<'e>>,
}

impl<'e> World<'e> {
    pub(super) fn new(estate: &'e Estate, now: Timestamp) -> World<'e> {
        let deliveries = estate
            .trails
            .iter()
            .map(|trail| (&*trail.arn, simulate(estate, trail, now)));
        World {
            estate,
            deliveries: deliveries.collect(),
        }
    }

    /// The estate with one trail's delivery alone.
    pub(super) fn of(estate: &'e Estate, now: Timestamp, trail: &str) -> World<'e> {
        let only = estate.trails.iter().filter(|known| known.arn == trail);
        let deliveries = only.map(|trail| (&*trail.arn, simulate(estate, trail, now)));
        World {
            estate,
            deliveries: deliveries.collect(),
        }
    }

    /// The requests of a trail that the policies do not allow.
    pub(super) fn refused_of(&self, trail: &str) -> BTreeSet<RequestId> {
        let requests = self.delivery(trail).into_iter().flat_map(|it| &it.requests);
        let refused = requests.filter(|request| by_policy(request) != Decision::Allowed);
        refused.map(|request| request.id).collect()
    }

    /// The same of every trail.
    pub(super) fn all_refused(&self) -> BTreeMap<String, BTreeSet<RequestId>> {
        let arns = self.deliveries.keys();
        arns.map(|arn| ((*arn).to_owned(), self.refused_of(arn)))
            .collect()
    }

    pub(super) fn delivery(&self, trail: &str) -> Option<&Delivery<'e>> {
        self.deliveries.get(trail)
    }

    pub(super) fn deliveries(&self) -> impl Iterator<Item = &Delivery<'e>> {
        self.deliveries.values()
    }

    pub(super) fn diagnose(&self, trail: &str) -> Option<Diagnosis<'_, 'e>> {
        Some(diagnose(self.delivery(trail)?))
    }

    /// Who uses the policy of a document, and for what: a key may serve trails and topics.
    pub(super) fn uses(&self, document: DocumentId) -> Vec<PolicyUse<'e>> {
        let uses = self.all_uses().into_iter();
        uses.filter(|policy| policy.policy.document == document)
            .collect()
    }

    /// Who uses any policy, and for what.
    pub(super) fn all_uses(&self) -> Vec<PolicyUse<'e>> {
        let mut usage = Usage::default();
        for delivery in self.deliveries.values() {
            usage.note(delivery);
        }
        usage.into_policies().collect()
    }

    /// What the rules say about the policy of a document as a whole.
    pub(super) fn findings(&self, document: DocumentId) -> Vec<Finding> {
        let mut usage = Usage::default();
        for delivery in self.deliveries.values() {
            usage.note(delivery);
        }
        for delivery in self.deliveries.values() {
            usage.blame(&diagnose(delivery));
        }
        let policies = usage.policies();
        let here = policies.filter(|policy| policy.policy.document == document);
        here.flat_map(rules::check_policy).collect()
    }

    /// The trails that have the very same fault.
    pub(super) fn alike(&self, fault: &Fault) -> Vec<&'e Trail> {
        let all = self.deliveries.values();
        let same = |it: &Fault| is_same(it, fault);
        let alike = all.filter(|delivery| diagnose(delivery).faults.iter().any(same));
        alike.map(|delivery| delivery.trail).collect()
    }

    /// The trails for which a request is refused by the policy that a trail's own is refused by.
    pub(super) fn refused(&self, like: &Trail, id: RequestId) -> Vec<&'e Trail> {
        let same = |trail: &Trail| match id.target() {
            Target::Bucket => trail.bucket == like.bucket,
            Target::Key => trail.kms_key == like.kms_key,
            Target::Topic | Target::TopicKey => trail.topic == like.topic,
            Target::LogRole => false,
        };
        let refused = |delivery: &&Delivery<'_>| {
            same(delivery.trail)
                && delivery
                    .request(id)
                    .is_some_and(|request| by_policy(request) != Decision::Allowed)
        };
        self.deliveries
            .values()
            .filter(refused)
            .map(|delivery| delivery.trail)
            .collect()
    }
}

/// What the policy alone says to a request: a key that is disabled, say, is left aside.
pub(super) fn by_policy(request: &Request) -> Decision {
    if request.cases.is_empty() {
        return request.decision;
    }
    let allowed = request
        .cases
        .iter()
        .all(|case| matches!(case.effective, Effective::Allowed { .. }));
    match (allowed, request.decision) {
        (true, _) => Decision::Allowed,
        (false, Decision::Allowed) => Decision::Undecided,
        (false, other) => other,
    }
}

/// Whether two trails have the very same fault.
pub(super) fn is_same(one: &Fault, other: &Fault) -> bool {
    one.cause == other.cause
        && one.statement == other.statement
        && one.place == other.place
        && one.condition == other.condition
}
