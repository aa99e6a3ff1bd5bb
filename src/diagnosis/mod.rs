//! From refusals to causes: for every request that is refused, the one fault, or the few, that refuse it.
//!
//! Every refused request gets at least one fault and every fault belongs to one rule, so that the
//! rules together are complete and never say a thing twice. What a fault is called in words is the
//! rule's business.

mod condition;
mod deny;
mod fold;
mod later;
mod miss;
mod obstacle;
mod principal;
mod resource;
mod source_arn;
mod usage;

pub use later::faults_ahead;
pub use usage::{Example, PolicyUse, Usage};

use std::collections::{BTreeMap, BTreeSet};

use crate::delivery::{Case, Decision, Delivery, Doubt, Obstacle, Request, RequestId, Target};
use crate::document::Place;
use crate::iam::{self, Effective, Statement};
use crate::model::{Membership, PolicyDocument};

/// Why a request is refused; each has a rule of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    missing_docs,
    reason = "each variant is described by the page of the rule of its name"
)]
pub enum Cause {
    BucketMissing,
    UnsupportedBucketType,
    RequesterPays,
    BucketPolicyMissing,
    WrongPrincipal,
    GetBucketAclMissing,
    PlaceholderLeftInPolicy,
    WrongPartition,
    ResourceWrongBucket,
    AwslogsFolderMisspelt,
    KeyPrefixMismatch,
    ResourceMissingObjectWildcard,
    OrgPathWrongId,
    OrgPathMissing,
    ManagementAccountPathMissing,
    AccountPrefixMissing,
    LogKindNotGranted,
    RegionNotGranted,
    CreationProbeRefused,
    GrantExpires,
    AclConditionOnBucketAction,
    AclConditionWrong,
    EncryptionConditionMismatch,
    ConditionKeyAbsent,
    ConditionOperatorMisused,
    ConditionNotMet,
    WildcardInStringEquals,
    SourceArnWrongTrailName,
    SourceArnCaseMismatch,
    SourceArnWrongRegion,
    SourceArnWrongAccount,
    SourceArnNotATrail,
    SourceAccountMismatch,
    SourceOrgIdAbsent,
    SourceOrgIdWrong,
    PrincipalOrgIdOnService,
    ExplicitDenyOrg,
    ExplicitDenyNetwork,
    ExplicitDenyEncryption,
    ExplicitDenyAcl,
    ExplicitDenyNotPrincipal,
    ExplicitDenySource,
    ExplicitDenyCloudtrail,
    KmsKeyDisabled,
    KmsKeyPendingDeletion,
    KmsKeyUnusable,
    KmsKeyRegion,
    KmsManagedKey,
    KmsNoGenerateDataKey,
    KmsContextMismatch,
    KmsSourceArnMismatch,
    KmsObjectContext,
    KmsCallerKeyRequired,
    KmsNoDescribeKey,
    KmsNoDecryptForBucketKey,
    KmsExplicitDeny,
    TopicMissing,
    TopicPolicyMissing,
    TopicSourceArnMismatch,
    TopicWrongPrincipal,
    TopicKmsDenied,
    CloudwatchRoleDenied,
    CloudwatchLogGroupInvalid,
}

/// One cause of one or more refusals.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What it is.
    pub cause: Cause,
    /// Which policy, or which resource, is at fault.
    pub target: Target,
    /// The narrowest place to look at.
    pub place: Place,
    /// The statement at fault, by index.
    pub statement: Option<usize>,
    /// Further places with the same fault.
    pub also: BTreeSet<Place>,
    /// The requests it refuses.
    pub requests: BTreeSet<RequestId>,
    /// The statement at fault for each request, where there is one.
    pub statements: BTreeMap<RequestId, usize>,
    /// What was found at the place.
    pub found: Vec<String>,
    /// What would have been right; empty if nothing would.
    pub needed: String,
    /// The condition at fault, as `OPERATOR` and `KEY`, both as written.
    pub condition: Option<(String, String)>,
    /// A look-alike pointed out, or what else helps to see the fault.
    pub hint: Option<String>,
    /// The Regions or accounts it refuses, where it refuses only some.
    pub only: BTreeSet<String>,
}

impl Fault {
    fn new(cause: Cause, target: Target, place: Place) -> Fault {
        Fault {
            cause,
            target,
            place,
            statement: None,
            also: BTreeSet::new(),
            requests: BTreeSet::new(),
            statements: BTreeMap::new(),
            found: Vec::new(),
            needed: String::new(),
            condition: None,
            hint: None,
            only: BTreeSet::new(),
        }
    }
}

/// A delivery and why parts of it are refused.
#[derive(Debug)]
pub struct Diagnosis<'d, 'e> {
    /// The delivery.
    pub delivery: &'d Delivery<'e>,
    /// The faults: setup before delivery before notification, as the requests stand.
    pub faults: Vec<Fault>,
}

/// Finds the faults of a delivery.
pub fn diagnose<'d, 'e>(delivery: &'d Delivery<'e>) -> Diagnosis<'d, 'e> {
    let mut faults = Faults::default();
    for request in &delivery.requests {
        for obstacle in &request.obstacles {
            faults.add(request, None, obstacle::fault(delivery, request, obstacle));
        }
        // Where the organization's id is not known the cases are possibilities, of which one is true: a grant
        // to some organization may be the one to this.
        let is_possible = request.decision == Decision::Undecided;
        let denied = request.cases.iter().filter(|case| case.is_denied());
        for case in denied.filter(|_| !is_possible) {
            let known = faults.of_folder(delivery, request, case);
            for fault in known.map_or_else(|| refusal(delivery, request, case), |fault| vec![fault])
            {
                faults.add(request, Some(case), fault);
            }
        }
        // What AWS only advises leaves the trail alone either way.
        if request.decision == Decision::Undecided && !request.id.is_advised() {
            for fault in undecided(delivery, request) {
                faults.add(request, None, fault);
            }
        }
    }
    let mut faults = faults.0;
    fold::unknown_account(delivery, &mut faults);
    fold::advised(&mut faults);
    Diagnosis { delivery, faults }
}

/// Why one class of requests is refused by the policy.
fn refusal(delivery: &Delivery<'_>, request: &Request, case: &Case) -> Vec<Fault> {
    let Some(policy) = delivery.policy(request.id.target()) else {
        return Vec::new();
    };
    // The policy of a key that AWS manages cannot be changed; that is the whole fault.
    if is_of_managed_key(request) {
        return Vec::new();
    }
    match &case.effective {
        Effective::ExplicitlyDenied { by, allowed } => {
            let mut faults: Vec<Fault> = by
                .iter()
                .filter_map(|&index| policy.policy.statements.get(index))
                .map(|statement| deny::fault(request, case, policy, statement))
                .collect();
            let is_granted =
                *allowed || may_be_allowed(request, case, policy) || may_be_of(delivery, request);
            if !is_granted {
                faults.extend(miss::faults(delivery, request, case, policy));
            }
            faults
        }
        Effective::ImplicitlyDenied => miss::faults(delivery, request, case, policy),
        Effective::Allowed { .. } | Effective::Undecided { .. } => Vec::new(),
    }
}

/// Whether the organization's id is not known, and some id would be granted what is denied otherwise: then
/// the policy may well grant it to the right one.
fn may_be_of(delivery: &Delivery<'_>, request: &Request) -> bool {
    let trail = delivery.trail;
    let is_open = trail.organization
        && matches!(
            delivery.estate.membership(&trail.account),
            Membership::Unknown
        );
    let is_granted = |case: &Case| {
        matches!(
            case.effective,
            Effective::ExplicitlyDenied { allowed: true, .. }
        )
    };
    is_open && request.cases.iter().any(is_granted)
}

/// Whether AWS manages the key that a request uses.
fn is_of_managed_key(request: &Request) -> bool {
    let mut obstacles = request.obstacles.iter();
    obstacles.any(|obstacle| matches!(obstacle, Obstacle::AwsManagedKey(_)))
}

/// Whether some Allow statement applies, or may.
fn may_be_allowed(request: &Request, case: &Case, policy: &PolicyDocument) -> bool {
    let asked = iam::Request {
        principal: &case.principal,
        action: request.id.action(),
        resource: &case.resource,
        context: &case.context,
    };
    iam::examine(&policy.policy, &asked).iter().any(|found| {
        let allows = policy
            .policy
            .statements
            .get(found.statement)
            .is_some_and(|s| s.effect == iam::Effect::Allow);
        allows && found.overall() != iam::Truth::False
    })
}

/// An undecided answer that a rule explains.
fn undecided(delivery: &Delivery<'_>, request: &Request) -> Vec<Fault> {
    let keys = request.doubts.iter().filter_map(|doubt| match doubt {
        Doubt::Keys(keys) => Some(keys),
        Doubt::Document(_) | Doubt::TooComplex => None,
    });
    let caller = keys.flatten().any(|key| {
        matches!(
            &*key.to_ascii_lowercase(),
            "kms:calleraccount" | "kms:viaservice"
        )
    });
    // The policy of a key that AWS manages is a fault of its own.
    let managed = delivery.requests.iter().any(is_of_managed_key);
    match delivery.policy(request.id.target()) {
        Some(policy) if caller && !managed && request.id.target() == Target::Key => {
            condition::caller_key(policy).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What messages call a statement: its Sid if it has one, and its index.
pub fn statement_name(statement: &Statement) -> String {
    match &statement.sid {
        Some(sid) => format!("statement `{sid}` (index {})", statement.index),
        None => format!("statement {} (no Sid)", statement.index),
    }
}

/// Faults of one delivery: the same cause in the same policy is one fault.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    /// The fault of a folder that is granted to nobody, if it is already known: it refuses every
    /// object in the folder, of whatever kind.
    fn of_folder(&self, delivery: &Delivery<'_>, request: &Request, case: &Case) -> Option<Fault> {
        if !matches!(case.effective, Effective::ImplicitlyDenied) {
            return None;
        }
        let known = |fault: &&Fault| {
            fault.cause == Cause::AccountPrefixMissing && fault.condition.is_none()
        };
        let known = self.0.iter().find(known)?;
        let folder = resource::Needed::new(delivery, request.id, case)?.folder();
        (known.needed == folder).then(|| Fault {
            also: BTreeSet::new(),
            requests: BTreeSet::new(),
            statements: BTreeMap::new(),
            only: BTreeSet::new(),
            ..known.clone()
        })
    }

    fn add(&mut self, request: &Request, case: Option<&Case>, mut fault: Fault) {
        fault.requests.insert(request.id);
        let statement = fault.statement;
        fault
            .statements
            .extend(statement.map(|statement| (request.id, statement)));
        if let Some(case) = case.filter(|_| request.decision == Decision::Partly) {
            fault.only.extend(case.parts());
        }
        match self
            .0
            .iter_mut()
            .find(|known| known.cause == fault.cause && known.target == fault.target)
        {
            None => self.0.push(fault),
            Some(known) => {
                known.requests.extend(fault.requests);
                for (id, statement) in fault.statements {
                    known.statements.entry(id).or_insert(statement);
                }
                known.only.extend(fault.only);
                if fault.place != known.place {
                    known.also.insert(fault.place);
                }
            }
        }
    }
}
