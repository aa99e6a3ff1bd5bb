//! One family of requests against one policy: split into classes that the policy can tell apart, each
//! decided by the ordinary evaluator, and put together again.

use std::collections::{BTreeMap, BTreeSet};

use super::legacy;
use super::objects::{ORGANIZATION, REGION};
use crate::iam::{
    Classes, Context, ContextValue, Effective, Piece, Policy, Principal, PrincipalKind, Request,
    Template, condition_patterns, decide, resource_patterns,
};

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
    pub(super) context: Context,
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
    pub context: Context,
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
        let mut context = family.context.clone();
        let resource = match key {
            Some(key) => {
                context.set(key, ContextValue::Present(vec![class.example]));
                family.resource.example()
            }
            None => class.example,
        };
        let request = Request {
            principal,
            action: family.action,
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
    });
    Answer::Cases(cases.collect())
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
