//! The requests through which a trail's events reach CloudWatch Logs: `CloudTrail` assumes a role of the
//! trail's own account, and that role writes to a log group there.
//!
//! Sources: CloudTrail User Guide, "Role policy document for CloudTrail to use CloudWatch Logs for
//! monitoring" and "CloudWatch log group and log stream naming for CloudTrail" (read 2026-11). A role's
//! own policies are evaluated, which name no principal; what limits the account as a whole (service
//! control policies) is not seen.

use std::collections::BTreeSet;

use super::context::SERVICE;
use super::request::RequestId;
use super::{Decision, Doubt, Obstacle, Request};
use crate::document::Place;
use crate::iam::unknown::has_unknown;
use crate::iam::{
    self, Context, ContextValue, Effect, Principal, Statement, StatementMatch, Truth,
};
use crate::model::role::Role;
use crate::model::{Arn, Estate, Evidence, PolicyDocument, Trail};

/// What stands in the way of a role's use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRefusal {
    /// The narrowest place to look at.
    pub place: Place,
    /// What stands there.
    pub found: Vec<String>,
    /// What would be right.
    pub needed: String,
}

/// The requests of a trail that sends its events to CloudWatch Logs, as far as there are answers about
/// its role. Without any, nothing is said: a snapshot need not hold them.
pub(super) fn requests(estate: &Estate, trail: &Trail, common: &Context) -> Vec<Request> {
    let Some(group) = trail.log_group.as_deref() else {
        return Vec::new();
    };
    let mut requests = Vec::new();
    let role = trail.log_role.as_deref().and_then(|arn| estate.role(arn));
    if let Some(role) = role {
        requests.push(assume(trail, role, common));
    }
    let invalid = invalid_log_group(trail, group);
    let gone = log_group_gone(estate, trail, group);
    let blocked: Vec<Obstacle> = invalid
        .map(Obstacle::LogGroupInvalid)
        .into_iter()
        .chain(gone)
        .collect();
    let role = role.filter(|role| role.says_what_it_may_do());
    for id in [RequestId::CreateLogStream, RequestId::PutLogEvents] {
        if blocked.is_empty() {
            requests.extend(role.map(|role| write(estate, trail, role, group, id)));
        } else {
            requests.push(Request {
                decision: Decision::Denied,
                obstacles: blocked.clone(),
                ..request(id, group)
            });
        }
    }
    requests
}

fn request(id: RequestId, resource: &str) -> Request {
    Request {
        id,
        resource: resource.to_owned(),
        decision: Decision::Allowed,
        cases: Vec::new(),
        obstacles: Vec::new(),
        doubts: Vec::new(),
    }
}

/// What is wrong with the ARN of a log group.
///
/// Source: CloudTrail User Guide, "Sending events to CloudWatch Logs" (read 2026-11): the log group lies in
/// the trail's own account and home Region, and its ARN ends in `:*`. A delegated administrator may
/// give an organization's trail a log group; AWS does not say that it cannot be his own.
fn invalid_log_group(trail: &Trail, group: &str) -> Option<String> {
    match Arn::parse(group) {
        Some(arn) if arn.service == "logs" => match () {
            // Code may leave either of two open that are the same.
            () if arn.account != trail.account
                && !has_unknown(arn.account)
                && !has_unknown(&trail.account)
                && !trail.organization =>
            {
                Some(format!("it lies in account {}", arn.account))
            }
            () if arn.region != trail.home_region
                && !has_unknown(arn.region)
                && !has_unknown(&trail.home_region) =>
            {
                Some(format!("it lies in Region {}", arn.region))
            }
            () if !arn.resource.ends_with(":*") => Some("its ARN does not end in `:*`".to_owned()),
            () => None,
        },
        _ if has_unknown(group) => None,
        _ => Some("it is not the ARN of a log group".to_owned()),
    }
}

fn log_group_gone(estate: &Estate, trail: &Trail, group: &str) -> Option<Obstacle> {
    let arn = Arn::parse(group)?;
    let name = arn.resource.strip_prefix("log-group:")?;
    let name = name.strip_suffix(":*").unwrap_or(name);
    let groups = estate
        .log_groups
        .get(&(trail.account.clone(), arn.region.to_owned()))?;
    let document = groups.complete.filter(|_| !groups.names.contains(name))?;
    Some(Obstacle::LogGroupMissing(document))
}

/// Whether `CloudTrail` may assume the role.
fn assume(trail: &Trail, role: &Role, common: &Context) -> Request {
    let arn = trail.log_role.as_deref().unwrap_or(&role.name);
    let mut request = request(RequestId::AssumeLogRole, arn);
    let policy = match &role.trust {
        Evidence::Present(policy) => policy,
        Evidence::Absent(document) => {
            request.decision = Decision::Denied;
            request.obstacles.push(Obstacle::LogRoleMissing(*document));
            return request;
        }
        Evidence::Unknown(unknown) => {
            request.decision = Decision::Undecided;
            request.doubts.push(Doubt::Document(unknown.clone()));
            return request;
        }
    };
    let principal = Principal::Service {
        name: SERVICE.to_owned(),
        account: None,
    };
    let asked = iam::Request {
        principal: &principal,
        action: request.id.action(),
        resource: "*",
        context: common,
    };
    // A trust policy has no Resource: it is the role's own.
    let matches = |found: &StatementMatch| found.principal.and(found.action).and(conditions(found));
    let answer = answer(std::slice::from_ref(policy), &asked, matches);
    settle(&mut request, answer, || trust_miss(policy, &asked, trail));
    request
}

/// Whether the role may do something to the log streams of a trail.
fn write(estate: &Estate, trail: &Trail, role: &Role, group: &str, id: RequestId) -> Request {
    let base = group.strip_suffix(":*").unwrap_or(group);
    let mut result = request(id, &format!("{base}:log-stream:*"));
    let mut context = Context::new();
    // What a role's session carries depends on the role and is not looked at here.
    context.unknown_by_default(|_| true);
    for (key, value) in [
        ("aws:PrincipalAccount", &*role.account),
        ("aws:RequestedRegion", &trail.home_region),
        ("aws:SecureTransport", "true"),
    ] {
        context.set(key, ContextValue::one(value));
    }
    let principal = Principal::Aws(format!(
        "arn:{}:iam::{}:role/{}",
        trail.partition, role.account, role.name
    ));
    let mut decisions = Vec::new();
    for stream in streams(estate, trail) {
        let stream = format!("{base}:log-stream:{stream}");
        // The Service Authorization Reference gives CreateLogStream the log group as its resource, the
        // CloudTrail User Guide grants it on the stream: either counts.
        let resources = match id {
            RequestId::CreateLogStream => vec![stream.clone(), base.to_owned(), group.to_owned()],
            _ => vec![stream.clone()],
        };
        let answers = resources.iter().map(|resource| {
            let asked = iam::Request {
                principal: &principal,
                action: id.action(),
                resource,
                context: &context,
            };
            // An identity policy names no principal.
            let matches =
                |found: &StatementMatch| found.action.and(found.resource).and(conditions(found));
            answer(&role.policies, &asked, matches)
        });
        let best = answers.min().unwrap_or(Answer::Refused(None));
        let best = match (best, role.doubt()) {
            (Answer::Refused(None), Some(doubt)) => Answer::Unsure(Some(doubt)),
            (best, _) => best,
        };
        let asked = iam::Request {
            principal: &principal,
            action: id.action(),
            resource: &stream,
            context: &context,
        };
        let mut one = request(id, &stream);
        settle(&mut one, best, || grant_miss(role, &asked));
        decisions.push(one.decision);
        result.obstacles.extend(one.obstacles);
        result.doubts.extend(one.doubts);
    }
    result.decision = combine(&decisions);
    result
}

fn combine(decisions: &[Decision]) -> Decision {
    let any = |wanted: Decision| decisions.contains(&wanted);
    match () {
        () if decisions
            .iter()
            .all(|decision| *decision == Decision::Denied) =>
        {
            Decision::Denied
        }
        () if any(Decision::Denied) => Decision::Partly,
        () if any(Decision::Undecided) => Decision::Undecided,
        () => Decision::Allowed,
    }
}

/// The names of the log streams that must be writable. The home Region stands in the name, as in the
/// policy that the console writes for trails of one Region and of all.
fn streams(estate: &Estate, trail: &Trail) -> Vec<String> {
    let stream = |owner: &str| format!("{owner}_CloudTrail_{}", trail.home_region);
    let organization = estate.organization.present().filter(|_| trail.organization);
    std::iter::once(stream(&trail.account))
        .chain(organization.map(|organization| stream(&organization.id)))
        .collect()
}

fn conditions(found: &StatementMatch) -> Truth {
    found
        .conditions
        .iter()
        .fold(Truth::True, |sum, condition| sum.and(*condition))
}

/// What some policies together say; the better answer is the lesser.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Allowed,
    /// It depends on a document, or on the context.
    Unsure(Option<crate::model::Unknown>),
    /// Refused, by a Deny at this place, or because nothing allows it.
    Refused(Option<Place>),
}

fn answer(
    policies: &[PolicyDocument],
    asked: &iam::Request<'_>,
    matches: impl Fn(&StatementMatch) -> Truth,
) -> Answer {
    let (mut allowed, mut may_allow, mut may_deny) = (false, false, false);
    for policy in policies {
        for found in iam::examine(&policy.policy, asked) {
            let Some(statement) = policy.policy.statements.get(found.statement) else {
                continue;
            };
            match (statement.effect, matches(&found)) {
                (Effect::Deny, Truth::True) => {
                    return Answer::Refused(Some(policy.place(&statement.pointer)));
                }
                (Effect::Allow, Truth::True) => allowed = true,
                (Effect::Allow, Truth::Unknown) => may_allow = true,
                (Effect::Deny, Truth::Unknown) => may_deny = true,
                (Effect::Invalid, _) | (_, Truth::False) => {}
            }
        }
    }
    match () {
        () if allowed && !may_deny => Answer::Allowed,
        () if allowed || may_allow => Answer::Unsure(None),
        () => Answer::Refused(None),
    }
}

fn settle(request: &mut Request, answer: Answer, miss: impl FnOnce() -> RoleRefusal) {
    match answer {
        Answer::Allowed => request.decision = Decision::Allowed,
        Answer::Unsure(unknown) => {
            request.decision = Decision::Undecided;
            request.doubts.push(unknown.map_or_else(
                || Doubt::Keys(BTreeSet::from(["the role's session".to_owned()])),
                Doubt::Document,
            ));
        }
        Answer::Refused(denied) => {
            request.decision = Decision::Denied;
            let refusal = denied.map_or_else(miss, |place| RoleRefusal {
                place,
                found: vec!["Deny".to_owned()],
                needed: String::new(),
            });
            request.obstacles.push(Obstacle::LogRoleRefuses(refusal));
        }
    }
}

/// Where a trust policy comes nearest to letting `CloudTrail` in.
fn trust_miss(policy: &PolicyDocument, asked: &iam::Request<'_>, trail: &Trail) -> RoleRefusal {
    let statements = allows(policy, asked);
    let of_principal = |(statement, found): &(&Statement, StatementMatch)| {
        (found.principal == Truth::False)
            .then(|| statement.principal.clone())
            .flatten()
    };
    let failing = |(statement, found): &(&Statement, StatementMatch)| {
        let at = found
            .conditions
            .iter()
            .position(|truth| *truth == Truth::False)?;
        (found.principal == Truth::True).then(|| statement.conditions.get(at).cloned())?
    };
    if let Some(condition) = statements.iter().find_map(failing) {
        return RoleRefusal {
            place: policy.place(&condition.pointer),
            found: condition
                .values
                .iter()
                .map(|value| value.text.to_string())
                .collect(),
            needed: trail.arn.clone(),
        };
    }
    match statements.iter().find_map(of_principal) {
        Some(principal) => RoleRefusal {
            place: policy.place(&principal.pointer),
            found: principal
                .entries
                .iter()
                .map(|entry| entry.value.to_string())
                .collect(),
            needed: SERVICE.to_owned(),
        },
        None => RoleRefusal {
            place: policy.place("/Statement"),
            found: Vec::new(),
            needed: SERVICE.to_owned(),
        },
    }
}

/// Where a role's policies come nearest to granting something: a statement for the action whose
/// Resource names something else, if there is one.
fn grant_miss(role: &Role, asked: &iam::Request<'_>) -> RoleRefusal {
    for policy in &role.policies {
        for (statement, found) in allows(policy, asked) {
            if let Some(resource) = &statement.resource
                && found.action == Truth::True
            {
                return RoleRefusal {
                    place: policy.place(&resource.pointer),
                    found: resource
                        .patterns
                        .iter()
                        .map(|entry| entry.text.to_string())
                        .collect(),
                    needed: asked.resource.to_owned(),
                };
            }
        }
    }
    RoleRefusal {
        place: match role.policies.first() {
            Some(policy) => policy.place("/Statement"),
            None => Place {
                document: role.document,
                pointer: String::new(),
            },
        },
        found: Vec::new(),
        needed: asked.resource.to_owned(),
    }
}

fn allows<'p>(
    policy: &'p PolicyDocument,
    asked: &iam::Request<'_>,
) -> Vec<(&'p Statement, StatementMatch)> {
    let found = iam::examine(&policy.policy, asked).into_iter();
    let with_statement =
        found.filter_map(|found| Some((policy.policy.statements.get(found.statement)?, found)));
    with_statement
        .filter(|(statement, _)| statement.effect == Effect::Allow)
        .collect()
}
