//! Statements for CloudTrail that do nothing: no request of any trail of any account meets them, or a
//! Deny refuses every request that does.

use super::classes::{Class, Known, accounts, prepare};
use super::family::Family;
use super::named::named;
use super::requests::{actions, for_action};
use crate::delivery::{RequestId, Target, context::SERVICE};
use crate::diagnosis::PolicyUse;
use crate::iam::{
    self, ContextValue, Effect, Effective, Policy, PrincipalKind, Statement, Truth, decide, examine,
};
use crate::model::Arn;

/// Why a statement does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Idle {
    /// A condition of it, by index, that no request of CloudTrail meets.
    Condition(usize),
    /// Its Resource names nothing that CloudTrail asks for.
    Resource,
    /// Its elements are never met together.
    Together,
    /// These Denies refuse all that it allows.
    Denied(Vec<usize>),
}

/// What CloudTrail may or may not send in some of its requests, or at some time.
const VARIABLE: [&str; 9] = [
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:SecureTransport",
    "aws:ViaAWSService",
    "kms:EncryptionContextKeys",
    "s3:TlsVersion",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "aws:SourceOrgPaths",
];

/// The Allow statements for CloudTrail that do nothing, each with the reason.
pub(super) fn idle(policy: &PolicyUse<'_>) -> Vec<(usize, Idle)> {
    // What CloudTrail sends along with a topic's key is not documented.
    if policy.target == Target::TopicKey {
        return Vec::new();
    }
    let statements = policy.policy.policy.statements.iter();
    let candidates = statements.filter(|statement| is_candidate(policy, statement));
    candidates
        .filter_map(|statement| Some((statement.index, reason(policy, statement)?)))
        .filter(|(_, idle)| match idle {
            // A Deny that refuses trails of the estate is told there.
            Idle::Denied(by) => !by.iter().any(|deny| policy.blamed.contains(deny)),
            Idle::Condition(_) | Idle::Resource | Idle::Together => true,
        })
        .collect()
}

fn is_candidate(policy: &PolicyUse<'_>, statement: &Statement) -> bool {
    let named = statement.principal.as_ref().is_some_and(|principal| {
        let is_cloudtrail = |entry: &iam::PrincipalEntry| {
            entry.kind == PrincipalKind::Service && &*entry.value == SERVICE
        };
        !principal.negated && principal.entries.iter().any(is_cloudtrail)
    });
    let refused_by_aws = || {
        let inside = |pointer: &str| {
            pointer
                .strip_prefix(&*statement.pointer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut problems = policy.policy.policy.problems.iter();
        problems.any(|problem| inside(&problem.pointer))
    };
    statement.effect == Effect::Allow
        && named
        && !policy.blamed.contains(&statement.index)
        && !policy.used.contains(&statement.index)
        && !for_other_sources(statement)
        && !refused_by_aws()
}

/// Whether a statement is for something else than trails. Event data stores and channels of CloudTrail, and topics for whose messages a key is used, are other
/// sources than trails (CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail Lake query
/// results").
pub fn for_other_sources(statement: &Statement) -> bool {
    let sources = statement
        .conditions
        .iter()
        .filter(|condition| &*condition.key == "aws:sourcearn");
    let mut texts = sources.flat_map(|condition| &condition.values);
    texts.any(|value| {
        Arn::parse(&value.text).is_some_and(|arn| {
            let other = |c: char| c.is_ascii_alphabetic();
            arn.service != "cloudtrail" && arn.service.starts_with(other)
                || arn.resource.starts_with(other) && !arn.resource.starts_with("trail")
        })
    })
}

/// The statement and all Denies, as a policy: no other statement matters to it.
pub(super) fn excerpt(policy: &Policy, statement: &Statement) -> Policy {
    let denies = policy
        .statements
        .iter()
        .filter(|other| other.effect == Effect::Deny);
    let chosen = std::iter::once(statement).chain(denies).cloned();
    Policy {
        version: policy.version,
        statements: chosen
            .enumerate()
            .map(|(index, statement)| Statement { index, ..statement })
            .collect(),
        problems: Vec::new(),
    }
}

fn reason(policy: &PolicyUse<'_>, statement: &Statement) -> Option<Idle> {
    let excerpt = excerpt(&policy.policy.policy, statement);
    let own = excerpt.statements.first()?;
    let mut seen = Seen::new(own);
    for (action, id) in actions(policy.target) {
        let names = |entry: &iam::PatternEntry| entry.pattern.matches(action);
        let element = own.action.as_ref()?;
        if element.patterns.iter().any(names) == element.negated {
            continue;
        }
        for class in classes(policy, &excerpt, action, *id)? {
            seen.look(&excerpt, action, &class)?;
        }
    }
    let denies = policy
        .policy
        .policy
        .statements
        .iter()
        .filter(|other| other.effect == Effect::Deny)
        .map(|deny| deny.index);
    seen.reason(&denies.collect::<Vec<_>>())
}

/// All requests with one action, of all trails of all accounts; nothing if that cannot be said.
fn classes(
    policy: &PolicyUse<'_>,
    excerpt: &Policy,
    action: &str,
    id: RequestId,
) -> Option<Vec<Class>> {
    let named = named(&[excerpt]);
    let mut example = policy.asked.get(&id)?.clone();
    for key in VARIABLE {
        example.context.set(key, ContextValue::Unknown);
    }
    let mut family = Family::of(policy, id, &named, &example)?;
    family.widest = true;
    let nobody = Known::default();
    let prepared = family.shapes().into_iter().map(|shape| {
        let mut shape = for_action(shape, action);
        if id == RequestId::GetBucketAcl {
            for context in &mut shape.contexts {
                context.set("aws:SourceOrgID", ContextValue::Unknown);
            }
        }
        prepare(&[excerpt], action, shape, &nobody)
    });
    let prepared: Vec<_> = prepared.collect::<Option<_>>()?;
    let accounts = accounts(&prepared, &nobody.accounts)?;
    let mut classes = Vec::new();
    for prepared in &prepared {
        for account in &accounts {
            classes.extend(prepared.classes(&account.example)?);
        }
    }
    Some(classes)
}

/// What the classes so far have in common.
struct Seen {
    any: bool,
    resource_fails: bool,
    /// The conditions that failed in every class.
    failing: Vec<bool>,
    denied: bool,
    by: Vec<usize>,
}

impl Seen {
    fn new(statement: &Statement) -> Seen {
        Seen {
            any: false,
            resource_fails: true,
            failing: vec![true; statement.conditions.len()],
            denied: false,
            by: Vec::new(),
        }
    }

    /// Looks at one class; nothing once the statement is seen to do something.
    fn look(&mut self, excerpt: &Policy, action: &str, class: &Class) -> Option<()> {
        self.any = true;
        let request = class.request(action);
        let found = examine(excerpt, &request).into_iter().next()?;
        self.resource_fails &= found.resource == Truth::False;
        for (fails, condition) in self.failing.iter_mut().zip(&found.conditions) {
            *fails &= *condition == Truth::False;
        }
        if found.overall() == Truth::False {
            return Some(());
        }
        let Effective::ExplicitlyDenied { by, .. } = decide(excerpt, &request) else {
            return None;
        };
        self.denied = true;
        self.by.extend(by);
        Some(())
    }

    fn reason(mut self, denies: &[usize]) -> Option<Idle> {
        if !self.any {
            return None;
        }
        if self.denied {
            self.by.sort_unstable();
            self.by.dedup();
            // The statement itself stands first in the excerpt.
            let by = self
                .by
                .iter()
                .filter_map(|at| denies.get(at.checked_sub(1)?));
            return Some(Idle::Denied(by.copied().collect()));
        }
        match self.failing.iter().position(|fails| *fails) {
            Some(condition) => Some(Idle::Condition(condition)),
            None if self.resource_fails => Some(Idle::Resource),
            None => Some(Idle::Together),
        }
    }
}
