//! One family of requests against one policy: split into classes that the policy can tell apart, each
//! decided by the ordinary evaluator, and put together again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::objects::{ANY_ACCOUNT, MEMBER, ORGANIZATION, REGION};
use crate::iam::unknown::OPEN;
use crate::iam::{
    Classes, Context, ContextValue, Effective, Piece, Policy, Principal, PrincipalKind, Request,
    Template, condition_patterns, decide, resource_patterns,
};
use crate::model::legacy;

/// The most classes a family is split into before the answer is "cannot be said". Policies that
/// people write need a handful.
const MOST_CLASSES: usize = 4096;

/// A family of requests before it meets a policy.
#[derive(Debug, Clone)]
pub(super) struct Family {
    pub(super) action: &'static str,
    /// How reports show the resources.
    pub(super) shown: String,
    /// The resources; one text where the request is a single one.
    pub(super) resource: Template,
    pub(super) context: Arc<Context>,
    /// A condition key whose value varies too (KMS: the object's ARN).
    pub(super) varying: Option<(&'static str, Template)>,
    /// The Regions that CloudTrail makes these requests in; one of them for a single request.
    pub(super) regions: Vec<String>,
}

/// One class of a family: an example that stands for all its requests, and the answer to it.
#[derive(Debug, Clone)]
pub struct Case {
    /// Who asks.
    pub principal: Principal,
    /// The example's resource.
    pub resource: String,
    /// The example's context.
    pub context: Arc<Context>,
    /// What was chosen for the parts of the family that the policy tells apart (Region, account).
    pub chosen: BTreeMap<&'static str, String>,
    /// The answer.
    pub effective: Effective,
}

/// What a policy says to a family.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Cases(Vec<Case>),
    /// Patterns so tangled that the family falls into too many classes.
    TooMany,
}

/// Asks a policy about a family.
pub(super) fn ask(policy: &Policy, family: &Family) -> Answer {
    if family.regions.len() > 1 && names_legacy_accounts(policy) {
        return ask_by_region(policy, family);
    }
    let region = family.regions.first().map(String::as_str);
    ask_as(policy, family, &service(region), &BTreeMap::new())
}

/// Whether it matters which Region's account of CloudTrail asks.
fn names_legacy_accounts(policy: &Policy) -> bool {
    policy
        .statements
        .iter()
        .filter_map(|statement| statement.principal.as_ref())
        .any(|principal| {
            principal.entries.iter().any(|entry| {
                entry.kind == PrincipalKind::Aws && legacy_region(&entry.value).is_some()
            })
        })
}

/// The Region that a principal is CloudTrail's old account for.
pub fn legacy_region(principal: &str) -> Option<&'static str> {
    let account = match principal.strip_suffix(":root") {
        Some(arn) => arn.rsplit(':').next().unwrap_or(arn),
        None => principal,
    };
    legacy::region_of(account)
}

fn service(region: Option<&str>) -> Principal {
    Principal::Service {
        name: super::context::SERVICE.to_owned(),
        account: region.and_then(legacy::account_of).map(str::to_owned),
    }
}

fn ask_by_region(policy: &Policy, family: &Family) -> Answer {
    let mut all = Vec::new();
    for region in &family.regions {
        let one = Family {
            resource: fix_region(&family.resource, region),
            varying: family
                .varying
                .as_ref()
                .map(|(key, template)| (*key, fix_region(template, region))),
            regions: vec![region.clone()],
            ..family.clone()
        };
        let chosen = BTreeMap::from([(REGION, region.clone())]);
        match ask_as(policy, &one, &service(Some(region)), &chosen) {
            Answer::Cases(cases) => all.extend(cases),
            Answer::TooMany => return Answer::TooMany,
        }
    }
    Answer::Cases(all)
}

fn fix_region(template: &Template, region: &str) -> Template {
    let fix = |piece: &Piece| match piece {
        Piece::Choice { name: REGION, .. } | Piece::Again(REGION) => Piece::Text(region.to_owned()),
        other => other.clone(),
    };
    Template {
        pieces: template.pieces.iter().map(fix).collect(),
    }
}

fn ask_as(
    policy: &Policy,
    family: &Family,
    principal: &Principal,
    chosen: &BTreeMap<&'static str, String>,
) -> Answer {
    let (template, key) = match &family.varying {
        Some((key, template)) => (template, Some(*key)),
        None => (&family.resource, None),
    };
    if key.is_none() && is_told_at_once(policy, template) {
        let resource = template.example();
        let context = Arc::clone(&family.context);
        return Answer::Cases(vec![case(
            policy,
            family.action,
            principal,
            resource,
            context,
            chosen.clone(),
        )]);
    }
    let patterns = match key {
        Some(key) => condition_patterns(policy, key, family.action, &family.context),
        None => resource_patterns(policy, Some(principal), family.action, &family.context),
    };
    let patterns: Vec<_> = patterns.iter().map(AsRef::as_ref).collect();
    let Classes::All(classes) = template.classes(&patterns, MOST_CLASSES) else {
        return Answer::TooMany;
    };
    let cases = classes.into_iter().map(|class| {
        let mut chosen = chosen.clone();
        chosen.extend(
            class
                .chosen
                .into_iter()
                .filter(|(name, _)| class.split_on.contains(name)),
        );
        let (resource, context) = match key {
            Some(key) => {
                let mut context = Context::clone(&family.context);
                context.set(key, ContextValue::Present(vec![class.example]));
                (family.resource.example(), Arc::new(context))
            }
            None => (class.example, Arc::clone(&family.context)),
        };
        case(policy, family.action, principal, resource, context, chosen)
    });
    Answer::Cases(cases.collect())
}

fn case(
    policy: &Policy,
    action: &str,
    principal: &Principal,
    resource: String,
    context: Arc<Context>,
    chosen: BTreeMap<&'static str, String>,
) -> Case {
    let request = Request {
        principal,
        action,
        resource: &resource,
        context: &context,
    };
    let effective = decide(policy, &request);
    Case {
        principal: principal.clone(),
        resource,
        context,
        chosen,
        effective,
    }
}

/// Whether every Resource of a policy is done with a family's names after the text they all begin
/// with: it differs from that text, or takes whatever follows. So it is with the policies that most
/// people write, and then the family need not be split.
fn is_told_at_once(policy: &Policy, template: &Template) -> bool {
    let texts = template.pieces.iter().map_while(|piece| match piece {
        Piece::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let beginning: String = texts.clone().collect();
    if texts.count() == template.pieces.len() {
        return true;
    }
    let elements = policy
        .statements
        .iter()
        .filter_map(|statement| statement.resource.as_ref());
    elements
        .flat_map(|element| &element.patterns)
        .all(|entry| is_done_after(&entry.text, &beginning))
}

fn is_done_after(pattern: &str, beginning: &str) -> bool {
    let literal = pattern
        .split(['*', '?', '$', OPEN])
        .next()
        .unwrap_or_default();
    let shared = literal.len().min(beginning.len());
    if literal.as_bytes().get(..shared) != beginning.as_bytes().get(..shared) {
        return true;
    }
    let rest = pattern.get(literal.len()..).unwrap_or_default();
    // After the fifth colon of an ARN `*` stands for anything at all.
    let anything = rest == "*" && (literal.is_empty() || literal.matches(':').count() >= 5);
    literal.len() <= beginning.len() && (rest.is_empty() || anything)
}

/// What is said of a whole family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// Every request is allowed.
    Allowed,
    /// No request is allowed.
    Denied,
    /// Some requests are denied for certain.
    Partly,
    /// It depends on something unknown or undocumented.
    Undecided,
}

impl Decision {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Decision::Allowed => "allowed",
            Decision::Denied => "denied",
            Decision::Partly => "partly",
            Decision::Undecided => "undecided",
        }
    }
}

impl Case {
    /// What a policy tells this class of requests from the others by: Regions and accounts in words.
    pub fn parts(&self) -> impl Iterator<Item = String> {
        self.chosen.iter().filter_map(|(&name, word)| match name {
            REGION => Some(word.clone()),
            MEMBER => Some(format!("account {word}")),
            ANY_ACCOUNT => Some(format!("accounts such as {word}")),
            _ => None,
        })
    }

    /// Whether this class of requests is denied for certain.
    pub fn is_denied(&self) -> bool {
        matches!(
            self.effective,
            Effective::ExplicitlyDenied { .. } | Effective::ImplicitlyDenied
        )
    }

    /// Whether this class of requests is allowed for certain.
    pub fn is_allowed(&self) -> bool {
        matches!(self.effective, Effective::Allowed { .. })
    }
}

/// Puts the answers to all classes together.
pub(super) fn combine(cases: &[Case]) -> Decision {
    let denied = cases.iter().filter(|case| case.is_denied()).count();
    let allowed = cases.iter().filter(|case| case.is_allowed()).count();
    // An organization id that nobody told makes the classes possibilities, of which one is true.
    let possibilities = cases
        .iter()
        .any(|case| case.chosen.contains_key(ORGANIZATION));
    match () {
        () if denied == cases.len() => Decision::Denied,
        () if allowed == cases.len() => Decision::Allowed,
        () if possibilities || denied == 0 => Decision::Undecided,
        () => Decision::Partly,
    }
}

/// What undecided cases depend on.
pub(super) fn doubts(cases: &[Case]) -> BTreeSet<String> {
    let mut doubts = BTreeSet::new();
    for case in cases {
        if let Effective::Undecided { on, .. } = &case.effective {
            doubts.extend(on.iter().cloned());
        }
        if case.chosen.contains_key(ORGANIZATION) {
            doubts.insert("the organization's id".to_owned());
        }
    }
    doubts
}
