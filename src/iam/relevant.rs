//! The patterns of a policy that bear on a family of requests: what its classes are to be told by.

use std::borrow::Cow;

use super::condition::{Resolved, Truth, resolve, worlds};
use super::decide::action;
use super::pattern::Pattern;
use super::policy::{Condition, ConditionValue, Effect, Policy, Statement};
use super::principal;
use super::request::{Context, Principal};
use super::variable::Variable;

/// Every `Resource` and `NotResource` pattern of the statements that name the action and, if one is
/// given, the caller. Variables are replaced from the context, by each of several possible values, and
/// by any text where the value is unknown; a pattern whose variable has no value is left out.
pub fn resource_patterns<'p>(
    policy: &'p Policy,
    caller: Option<&Principal>,
    action: &str,
    context: &Context,
) -> Vec<Cow<'p, Pattern>> {
    let named = |statement: &&Statement| {
        caller.is_none_or(|caller| {
            statement
                .principal
                .as_ref()
                .is_some_and(|named| principal::applies(named, caller) != Truth::False)
        })
    };
    let mut found = Vec::new();
    concerned(policy, action)
        .filter(named)
        .flat_map(|statement| &statement.resource)
        .flat_map(|element| &element.patterns)
        .for_each(|entry| add_resolved(&mut found, &entry.pattern, context));
    found
}

/// The patterns with which the statements that name the action compare one context key, under String
/// and ARN operators. Variables as for [`resource_patterns`].
pub fn condition_patterns<'p>(
    policy: &'p Policy,
    key: &str,
    action: &str,
    context: &Context,
) -> Vec<Cow<'p, Pattern>> {
    let mut found = Vec::new();
    concerned(policy, action)
        .flat_map(|statement| &statement.conditions)
        .filter(|condition: &&Condition| condition.key.eq_ignore_ascii_case(key))
        .flat_map(|condition| &condition.values)
        .filter_map(ConditionValue::pattern)
        .for_each(|pattern| add_resolved(&mut found, pattern, context));
    found
}

fn concerned<'p>(policy: &'p Policy, name: &str) -> impl Iterator<Item = &'p Statement> {
    policy.statements.iter().filter(move |statement| {
        statement.effect != Effect::Invalid
            && statement
                .action
                .as_ref()
                .is_some_and(|named| action(named, name) == Truth::True)
    })
}

fn add_resolved<'p>(found: &mut Vec<Cow<'p, Pattern>>, pattern: &'p Pattern, context: &Context) {
    if !pattern.has_variables() {
        found.push(Cow::Borrowed(pattern));
        return;
    }
    let in_world = |context: &Context| match resolve(pattern, context) {
        Resolved::Exactly(pattern) => vec![pattern],
        Resolved::AtMost(pattern) => vec![Cow::Owned(pattern)],
        Resolved::Open(open) => open.readings().into_iter().map(Cow::Owned).collect(),
        Resolved::Unset => Vec::new(),
    };
    let keys = pattern.variables().map(|Variable { key, .. }| &**key);
    match worlds(context, keys) {
        Some(worlds) => found.extend(worlds.iter().flat_map(in_world)),
        None => found.extend(in_world(context)),
    }
}
