//! Which Allow statements come nearest to applying, and what keeps them from it.

use std::cmp::Reverse;

use super::condition::Truth;
use super::decide::{StatementMatch, examine};
use super::pattern::Pattern;
use super::policy::{Condition, ConditionValue, Effect, Policy, Statement};
use super::request::{Context, ContextValue, Request};

/// An Allow statement that does not surely apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The statement's place in the policy.
    pub statement: usize,
    /// The elements that surely do not match; if there are none, those of which it is unknown.
    pub failing: Vec<Element>,
}

/// An element of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Element {
    /// `Principal` or `NotPrincipal`
    Principal,
    /// `Action` or `NotAction`
    Action,
    /// `Resource` or `NotResource`
    Resource,
    /// A condition, by its place in the statement's conditions.
    Condition(usize),
}

/// The Allow statements that do not match a request, nearest first: a wrong principal is further than
/// a wrong action, that further than a wrong resource, that further than wrong conditions. Among
/// equals the one with fewer wrong conditions is nearer, then the one whose resource, and then whose
/// wrong conditions, share more of their text with the request, then the earlier one.
pub fn nearest_misses(policy: &Policy, request: &Request<'_>) -> Vec<Miss> {
    let mut ranked: Vec<_> = examine(policy, request)
        .iter()
        .zip(&policy.statements)
        .filter(|(found, statement)| {
            statement.effect == Effect::Allow && found.overall() != Truth::True
        })
        .map(|(found, statement)| {
            let failing = failing(found);
            (
                distance(&failing, statement, request),
                Miss {
                    statement: statement.index,
                    failing,
                },
            )
        })
        .collect();
    ranked.sort_by_key(|(distance, miss)| (*distance, miss.statement));
    ranked.into_iter().map(|(_, miss)| miss).collect()
}

fn failing(found: &StatementMatch) -> Vec<Element> {
    let elements = [
        (Element::Principal, found.principal),
        (Element::Action, found.action),
        (Element::Resource, found.resource),
    ];
    let conditions = found.conditions.iter().enumerate();
    let conditions = conditions.map(|(place, truth)| (Element::Condition(place), *truth));
    let all: Vec<_> = elements.into_iter().chain(conditions).collect();
    let with = |wanted| {
        let those = all.iter().filter(move |(_, truth)| *truth == wanted);
        those.map(|(element, _)| *element).collect::<Vec<_>>()
    };
    let surely = with(Truth::False);
    if surely.is_empty() {
        with(Truth::Unknown)
    } else {
        surely
    }
}

type Distance = (bool, bool, bool, usize, Reverse<usize>, Reverse<usize>);

fn distance(failing: &[Element], statement: &Statement, request: &Request<'_>) -> Distance {
    let conditions = failing.iter().filter_map(|element| match element {
        Element::Condition(place) => statement.conditions.get(*place),
        _ => None,
    });
    let shared = conditions
        .clone()
        .map(|condition| shared_with(condition, request.context))
        .sum();
    let resource = statement
        .resource
        .iter()
        .flat_map(|element| &element.patterns);
    let read = resource
        .map(|entry| entry.pattern.live_prefix(request.resource))
        .max();
    (
        failing.contains(&Element::Principal),
        failing.contains(&Element::Action),
        failing.contains(&Element::Resource),
        conditions.count(),
        Reverse(read.unwrap_or(0)),
        Reverse(shared),
    )
}

/// How much of the request's value some pattern of a condition reads before it fails.
fn shared_with(condition: &Condition, context: &Context) -> usize {
    let ContextValue::Present(values) = context.get(&condition.key) else {
        return 0;
    };
    let patterns = condition.values.iter().filter_map(ConditionValue::pattern);
    let read = |pattern: &Pattern| values.iter().map(|value| pattern.live_prefix(value)).max();
    patterns.filter_map(read).max().unwrap_or(0)
}
