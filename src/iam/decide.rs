//! What a resource policy says about one request.
//!
//! Source: IAM User Guide, `reference_policies_evaluation-logic`. The answer is the policy's own: for
//! IAM principals the caller's identity policies may have to agree, which is not known here.

use std::collections::BTreeSet;

use super::condition::{self, Truth, evaluate, in_every_world, resolve};
use super::policy::{
    ActionElement, Effect, PatternEntry, Policy, PrincipalElement, ResourceElement, Statement,
};
use super::principal;
use super::request::{Context, ContextValue, Request};
use super::unknown::unknowns;

/// The answer of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effective {
    /// An Allow applies and no Deny does.
    Allowed {
        /// The first statement that allows it.
        by: usize,
    },
    /// A Deny applies.
    ExplicitlyDenied {
        /// Every Deny that applies, in order.
        by: Vec<usize>,
        /// Whether it would surely be allowed without them.
        allowed: bool,
    },
    /// No Allow applies.
    ImplicitlyDenied,
    /// It depends on something that is unknown or undocumented.
    Undecided {
        /// The context keys it depends on, in lower case.
        on: BTreeSet<String>,
        /// The statements that may or may not apply, and whose applying matters.
        statements: Vec<usize>,
    },
}

/// How the elements of one statement meet a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementMatch {
    /// The statement's place in the policy.
    pub statement: usize,
    /// Whether it names the caller.
    pub principal: Truth,
    /// Whether it names the action.
    pub action: Truth,
    /// Whether it names the resource.
    pub resource: Truth,
    /// Whether each condition holds, in the order of the statement's conditions.
    pub conditions: Vec<Truth>,
}

impl StatementMatch {
    /// Whether the statement applies, its effect left aside.
    pub fn overall(&self) -> Truth {
        let elements = self.principal.and(self.action).and(self.resource);
        self.conditions
            .iter()
            .fold(elements, |sum, condition| sum.and(*condition))
    }
}

/// Decides one request.
///
/// Where a key has several possible values and the answer is the same for each of them, that answer
/// is given, although no single statement may apply in all cases: `by` then names the statements of
/// the first case, or for a Deny of all cases together.
pub fn decide(policy: &Policy, request: &Request<'_>) -> Effective {
    let answer = decide_once(policy, request);
    match &answer {
        Effective::Undecided { on, .. } => {
            decide_in_every_world(policy, request, on).unwrap_or(answer)
        }
        _ => answer,
    }
}

fn decide_once(policy: &Policy, request: &Request<'_>) -> Effective {
    let mut allows = None;
    let (mut may_allow, mut denies, mut may_deny) = (Vec::new(), Vec::new(), Vec::new());
    for statement in &policy.statements {
        let index = statement.index;
        match (statement.effect, applies(statement, request)) {
            (Effect::Allow, Truth::True) => allows = allows.or(Some(index)),
            (Effect::Allow, Truth::Unknown) => may_allow.push(index),
            (Effect::Deny, Truth::True) => denies.push(index),
            (Effect::Deny, Truth::Unknown) => may_deny.push(index),
            (Effect::Invalid, _) | (_, Truth::False) => {}
        }
    }
    if !denies.is_empty() {
        let allowed = allows.is_some() && may_deny.is_empty();
        return Effective::ExplicitlyDenied {
            by: denies,
            allowed,
        };
    }
    match allows {
        Some(by) if may_deny.is_empty() => Effective::Allowed { by },
        Some(_) => undecided(policy, request, may_deny),
        None if may_allow.is_empty() => Effective::ImplicitlyDenied,
        None => {
            may_allow.extend(may_deny);
            may_allow.sort_unstable();
            undecided(policy, request, may_allow)
        }
    }
}

fn undecided(policy: &Policy, request: &Request<'_>, statements: Vec<usize>) -> Effective {
    let mut on = BTreeSet::new();
    for statement in statements
        .iter()
        .filter_map(|index| policy.statements.get(*index))
    {
        for condition in &statement.conditions {
            if evaluate(condition, request.context) == Truth::Unknown {
                condition::unknown_keys(condition, request.context, &mut on);
            }
        }
        if let Some(element) = &statement.principal
            && principal(element, request) == Truth::Unknown
        {
            let named = element
                .entries
                .iter()
                .flat_map(|entry| unknowns(&entry.value));
            on.extend(named.map(str::to_owned));
        }
        if let Some(element) = &statement.resource
            && resource(element, request) == Truth::Unknown
        {
            let unsure = |key: &&str| {
                matches!(
                    request.context.get(key),
                    ContextValue::Unknown | ContextValue::OneOf(_)
                )
            };
            on.extend(
                variables(&element.patterns)
                    .filter(unsure)
                    .chain(unknowns(request.resource))
                    .map(str::to_owned),
            );
        }
    }
    Effective::Undecided { on, statements }
}

/// Decides for every combination of the alternatives at stake. Nothing if there are none or too many,
/// or if the answers differ.
fn decide_in_every_world(
    policy: &Policy,
    request: &Request<'_>,
    on: &BTreeSet<String>,
) -> Option<Effective> {
    let worlds = condition::worlds(request.context, on.iter().map(String::as_str))?;
    if worlds.len() < 2 {
        return None;
    }
    let decide = |context: &Context| {
        decide_once(
            policy,
            &Request {
                context,
                ..*request
            },
        )
    };
    let mut answers = worlds.iter().map(decide);
    let first = answers.next()?;
    answers.try_fold(first, agree)
}

/// What two answers have in common. Two refusals are a refusal, an explicit one only if both are.
fn agree(one: Effective, other: Effective) -> Option<Effective> {
    use Effective::{Allowed, ExplicitlyDenied, ImplicitlyDenied, Undecided};
    match (one, other) {
        (Allowed { by }, Allowed { .. }) => Some(Allowed { by }),
        (
            ExplicitlyDenied { mut by, allowed },
            ExplicitlyDenied {
                by: others,
                allowed: other,
            },
        ) => {
            by.extend(others);
            by.sort_unstable();
            by.dedup();
            Some(ExplicitlyDenied {
                by,
                allowed: allowed && other,
            })
        }
        (
            ImplicitlyDenied | ExplicitlyDenied { .. },
            ImplicitlyDenied | ExplicitlyDenied { .. },
        ) => Some(ImplicitlyDenied),
        (Allowed { .. } | Undecided { .. }, _) | (_, Allowed { .. } | Undecided { .. }) => None,
    }
}

/// Evaluates every element of every statement.
pub fn examine(policy: &Policy, request: &Request<'_>) -> Vec<StatementMatch> {
    let examine = |statement: &Statement| StatementMatch {
        statement: statement.index,
        principal: element(statement.principal.as_ref(), |it| principal(it, request)),
        action: element(statement.action.as_ref(), |it| action(it, request.action)),
        resource: element(statement.resource.as_ref(), |it| resource(it, request)),
        conditions: statement
            .conditions
            .iter()
            .map(|condition| evaluate(condition, request.context))
            .collect(),
    };
    policy.statements.iter().map(examine).collect()
}

/// Whether a statement applies to a request, its effect left aside.
pub fn applies(statement: &Statement, request: &Request<'_>) -> Truth {
    let mut sum = element(statement.action.as_ref(), |it| action(it, request.action));
    if sum != Truth::False {
        sum = sum.and(element(statement.principal.as_ref(), |it| {
            principal(it, request)
        }));
    }
    if sum != Truth::False {
        sum = sum.and(element(statement.resource.as_ref(), |it| {
            resource(it, request)
        }));
    }
    for condition in &statement.conditions {
        if sum == Truth::False {
            break;
        }
        sum = sum.and(evaluate(condition, request.context));
    }
    sum
}

/// An element that is not there applies to nothing.
fn element<E>(element: Option<&E>, evaluate: impl FnOnce(&E) -> Truth) -> Truth {
    element.map_or(Truth::False, evaluate)
}

fn principal(element: &PrincipalElement, request: &Request<'_>) -> Truth {
    principal::applies(element, request.principal)
}

/// Whether `Action` or `NotAction` applies.
pub(super) fn action(element: &ActionElement, action: &str) -> Truth {
    let named = element
        .patterns
        .iter()
        .any(|entry| entry.pattern.matches(action));
    (named != element.negated).into()
}

fn resource(element: &ResourceElement, request: &Request<'_>) -> Truth {
    let with = |context: &Context| {
        let mut named = Truth::False;
        for entry in &element.patterns {
            named = named.or(resolve(&entry.pattern, context).matches(request.resource));
            if named == Truth::True {
                break;
            }
        }
        if element.negated { !named } else { named }
    };
    match with(request.context) {
        Truth::Unknown => in_every_world(request.context, variables(&element.patterns), with),
        certain => certain,
    }
}

/// The context keys of the variables in some patterns.
fn variables(patterns: &[PatternEntry]) -> impl Iterator<Item = &str> {
    let variables = patterns.iter().flat_map(|entry| entry.pattern.variables());
    variables.map(|variable| &*variable.key)
}
