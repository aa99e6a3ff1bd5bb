//! Whether one condition holds for a request, in three values.
//!
//! Source: IAM User Guide, `reference_policies_elements_condition_operators`,
//! `reference_policies_multi-value-conditions` and `reference_policies_variables`.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Not;

use super::operator::{BaseOperator, Quantifier, Relation};
use super::pattern::{Filling, Pattern};
use super::policy::{Comparand, Condition, ConditionValue};
use super::request::{Context, ContextValue};
use super::unknown::{
    CLOSE, is_unknown, is_unknown_account, known_start, split_at_first, unknowns,
};
use super::value::{Decimal, Instant, base64, boolean};
use super::variable::Variable;

/// Kleene's three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It holds, whatever the unknown turns out to be.
    True,
    /// It does not.
    False,
    /// It depends on something unknown or undocumented.
    Unknown,
}

impl Truth {
    /// Both hold.
    #[must_use]
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, Truth::True) => Truth::True,
            _ => Truth::Unknown,
        }
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Truth) -> Truth {
        !(!self).and(!other)
    }

    /// What holds in all of several possible worlds; unknown where they differ.
    pub(super) fn join(mut worlds: impl Iterator<Item = Truth>) -> Truth {
        let Some(first) = worlds.next() else {
            return Truth::Unknown;
        };
        if worlds.all(|world| world == first) {
            first
        } else {
            Truth::Unknown
        }
    }

    fn any(truths: impl Iterator<Item = Truth>) -> Truth {
        let mut sum = Truth::False;
        for truth in truths {
            sum = sum.or(truth);
            if sum == Truth::True {
                break;
            }
        }
        sum
    }
}

impl Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Truth {
        if value { Truth::True } else { Truth::False }
    }
}

/// How many combinations of alternatives are tried before the answer is "unknown".
const MOST_WORLDS: usize = 64;

fn is_not_known(value: &ConditionValue) -> bool {
    value.comparand == Comparand::Unknown
}

/// Evaluates one condition.
pub(super) fn evaluate(condition: &Condition, context: &Context) -> Truth {
    if condition.operator.base == Some(BaseOperator::Null)
        && condition.values.iter().any(is_not_known)
    {
        return Truth::Unknown;
    }
    // A key without a value that is not known, or a variable of which several values are possible,
    // is rare; all else needs one look at the context.
    if condition
        .values
        .iter()
        .filter_map(ConditionValue::pattern)
        .any(Pattern::has_variables)
        && variables(condition).any(|key| matches!(context.get(key), ContextValue::OneOf(_)))
    {
        let keys = variables(condition).chain([&*condition.key]);
        return in_every_world(context, keys, |world| evaluate(condition, world));
    }
    match context.get(&condition.key) {
        ContextValue::Present(values) => present(condition, values, context),
        ContextValue::Absent => missing(condition).into(),
        ContextValue::Unknown => unknown(condition),
        ContextValue::OneOf(worlds) => Truth::join(worlds.iter().map(|values| {
            if values.is_empty() {
                missing(condition).into()
            } else {
                present(condition, values, context)
            }
        })),
    }
}

/// The context keys on which a condition that is `Unknown` depends, in lower case.
pub(super) fn unknown_keys(condition: &Condition, context: &Context, keys: &mut BTreeSet<String>) {
    let unsure = |key: &&str| {
        matches!(
            context.get(key),
            ContextValue::Unknown | ContextValue::OneOf(_)
        )
    };
    let before = keys.len();
    let not_known = condition.values.iter().filter(|value| is_not_known(value));
    if let ContextValue::Present(values) = context.get(&condition.key) {
        keys.extend(
            values
                .iter()
                .flat_map(|value| unknowns(value))
                .map(str::to_owned),
        );
    }
    keys.extend(
        not_known
            .flat_map(|value| unknowns(&value.text))
            .map(str::to_owned),
    );
    keys.extend(
        variables(condition)
            .chain([&*condition.key])
            .filter(unsure)
            .map(str::to_owned),
    );
    if keys.len() == before {
        keys.insert(condition.key.to_string());
    }
}

fn variables(condition: &Condition) -> impl Iterator<Item = &str> {
    let patterns = condition.values.iter().filter_map(ConditionValue::pattern);
    patterns
        .flat_map(Pattern::variables)
        .map(|variable| &*variable.key)
}

/// Evaluates in every combination of the alternatives of some keys.
pub(super) fn in_every_world<'k>(
    context: &Context,
    keys: impl Iterator<Item = &'k str>,
    evaluate: impl Fn(&Context) -> Truth,
) -> Truth {
    match worlds(context, keys) {
        Some(worlds) => Truth::join(worlds.iter().map(evaluate)),
        None => Truth::Unknown,
    }
}

/// Every combination of the alternatives of some keys; nothing if there are too many.
pub(super) fn worlds<'k>(
    context: &Context,
    keys: impl Iterator<Item = &'k str>,
) -> Option<Vec<Context>> {
    let keys: BTreeSet<&str> = keys.collect();
    let mut worlds = vec![context.clone()];
    for key in keys {
        let ContextValue::OneOf(alternatives) = context.get(key) else {
            continue;
        };
        if worlds.len() * alternatives.len() > MOST_WORLDS {
            return None;
        }
        let split = |world: &Context| {
            let world = world.clone();
            let choose = move |values: &Vec<String>| {
                let mut world = world.clone();
                world.set(
                    key,
                    match values.as_slice() {
                        [] => ContextValue::Absent,
                        _ => ContextValue::Present(values.clone()),
                    },
                );
                world
            };
            alternatives.iter().map(choose)
        };
        worlds = worlds.iter().flat_map(split).collect();
    }
    Some(worlds)
}

/// A condition on a key that the request does not carry.
fn missing(condition: &Condition) -> bool {
    let Some(base) = condition.operator.base else {
        return false;
    };
    match condition.operator.quantifier {
        Quantifier::ForAllValues => true,
        Quantifier::ForAnyValue => condition.operator.if_exists,
        Quantifier::Single if base == BaseOperator::Null => asks_null(condition, true),
        Quantifier::Single => condition.operator.if_exists || base.is_negated(),
    }
}

/// Whether one of a `Null` condition's values says that the key is missing, or that it is there.
fn asks_null(condition: &Condition, null: bool) -> bool {
    condition
        .values
        .iter()
        .any(|value| value.comparand == Comparand::Bool(null))
}

/// A condition on a key of which nothing is known: certain only if it does not depend on the key.
fn unknown(condition: &Condition) -> Truth {
    let Some(base) = condition.operator.base else {
        return Truth::False;
    };
    let quantifier = condition.operator.quantifier;
    let there = match (quantifier, base) {
        (Quantifier::ForAllValues, BaseOperator::Null) => Truth::True,
        (Quantifier::ForAnyValue, BaseOperator::Null) => Truth::False,
        (Quantifier::Single, BaseOperator::Null) => asks_null(condition, false).into(),
        (Quantifier::Single | Quantifier::ForAllValues, _) if matches_everything(condition) => {
            (!base.is_negated()).into()
        }
        (Quantifier::Single, _) if condition.values.is_empty() => base.is_negated().into(),
        _ => return Truth::Unknown,
    };
    Truth::join([there, missing(condition).into()].into_iter())
}

fn matches_everything(condition: &Condition) -> bool {
    condition
        .values
        .iter()
        .filter_map(ConditionValue::pattern)
        .any(|pattern| !pattern.has_variables() && pattern.accepts_all_from(&pattern.start()))
}

/// A condition on a key that the request carries.
fn present(condition: &Condition, values: &[String], context: &Context) -> Truth {
    let Some(base) = condition.operator.base else {
        return Truth::False;
    };
    let passes = |value: &String| {
        let policy = condition.values.iter();
        let listed = Truth::any(policy.map(|listed| equals(base, listed, value, context)));
        if base.is_negated() { !listed } else { listed }
    };
    match (condition.operator.quantifier, values) {
        (Quantifier::ForAllValues, _) if base == BaseOperator::Null => Truth::True,
        (Quantifier::ForAnyValue, _) if base == BaseOperator::Null => Truth::False,
        (Quantifier::Single, _) if base == BaseOperator::Null => {
            asks_null(condition, values.is_empty()).into()
        }
        // Empty strings are a null data set, which AWS counts as no values.
        (Quantifier::ForAllValues, values) if values.iter().all(String::is_empty) => Truth::True,
        (Quantifier::ForAllValues, values) => {
            !Truth::any(values.iter().map(|value| !passes(value)))
        }
        (Quantifier::ForAnyValue, values) => Truth::any(values.iter().map(passes)),
        (Quantifier::Single, []) => base.is_negated().into(),
        (Quantifier::Single, [value]) => passes(value),
        // Several values without a set operator: AWS does not say what it does. No reading makes the
        // condition hold where none of the values would.
        (Quantifier::Single, values) => match Truth::any(values.iter().map(passes)) {
            Truth::False => Truth::False,
            Truth::True | Truth::Unknown => Truth::Unknown,
        },
    }
}

/// Whether the request's value stands in the operator's relation to one of the policy's, negation
/// left aside. What is not of the operator's type does not.
fn equals(base: BaseOperator, listed: &ConditionValue, value: &str, context: &Context) -> Truth {
    let relation = base.relation();
    match &listed.comparand {
        Comparand::Text(pattern) => resolve(pattern, context).matches(value),
        Comparand::Number(number) => Decimal::parse(value)
            .is_some_and(|value| holds(relation, value.cmp(number)))
            .into(),
        Comparand::Instant(instant) => Instant::parse(value)
            .is_some_and(|(value, _)| holds(relation, value.cmp(instant)))
            .into(),
        Comparand::Bool(wanted) => (boolean(value) == Some(*wanted)).into(),
        Comparand::Bytes(bytes) => (base64(value).as_ref() == Some(bytes)).into(),
        Comparand::Network(network) => network.contains(value).into(),
        Comparand::Unknown => Truth::Unknown,
        Comparand::Unusable => Truth::False,
    }
}

fn holds(relation: Relation, order: Ordering) -> bool {
    match relation {
        Relation::Equal => order == Ordering::Equal,
        Relation::Less => order == Ordering::Less,
        Relation::LessOrEqual => order != Ordering::Greater,
        Relation::Greater => order == Ordering::Greater,
        Relation::GreaterOrEqual => order != Ordering::Less,
    }
}

/// A pattern with its variables replaced, as far as that can be done.
pub(super) enum Resolved<'p, 'c> {
    Exactly(Cow<'p, Pattern>),
    /// A variable's value is unknown: at most this is matched.
    AtMost(Pattern),
    /// Parts of the text are not known yet.
    Open(OpenPattern<'p, 'c>),
    /// A variable has no value and no default: nothing matches (IAM User Guide,
    /// `reference_policies_variables`).
    Unset,
}

/// A pattern of which parts are not known yet, and the context that fills its variables.
pub(super) struct OpenPattern<'p, 'c> {
    pattern: &'p Pattern,
    context: &'c Context,
}

impl Resolved<'_, '_> {
    /// Whether a text matches.
    pub(super) fn matches(&self, text: &str) -> Truth {
        match self {
            Resolved::Exactly(pattern) if pattern.matches(text) => Truth::True,
            Resolved::Exactly(most) if known_start(text, 0).is_some() => may_match(most, text, 0),
            Resolved::Exactly(_) | Resolved::Unset => Truth::False,
            Resolved::AtMost(most) => may_match(most, text, 0),
            Resolved::Open(open) => open.matches(text),
        }
    }
}

impl OpenPattern<'_, '_> {
    fn matches(&self, text: &str) -> Truth {
        if self.surely().is_some_and(|surely| surely.matches(text)) {
            return Truth::True;
        }
        // What both texts begin with is equal whatever it is; only what follows can differ.
        let shared = shared_unknowns(self.pattern.text(), text);
        let most = self.at_most(shared);
        most.map_or(Truth::False, |most| may_match(&most, text, shared))
    }

    /// What is matched for certain: the text in which the same parts are not known.
    fn surely(&self) -> Option<Pattern> {
        self.pattern.substitute(|variable| {
            match (is_unknown(&variable.key), is_unsure(variable, self.context)) {
                (true, _) => Filling::Text(Cow::Owned(variable.key.to_string())),
                (false, true) => Filling::Nothing,
                (false, false) => fill(variable, self.context),
            }
        })
    }

    /// What is matched at most, where the first of the parts stand in the other text too.
    fn at_most(&self, shared: usize) -> Option<Pattern> {
        let seen = Cell::new(0);
        self.pattern.substitute(|variable| {
            if !is_unknown(&variable.key) {
                return fill(variable, self.context);
            }
            seen.set(seen.get() + 1);
            if seen.get() <= shared {
                Filling::Text(Cow::Owned(variable.key.to_string()))
            } else if is_unknown_account(&variable.key) {
                Filling::Account
            } else {
                Filling::Anything
            }
        })
    }

    /// Every pattern that decides about some text.
    pub(super) fn readings(&self) -> Vec<Pattern> {
        let parts = self
            .pattern
            .variables()
            .filter(|it| is_unknown(&it.key))
            .count();
        let at_most = (0..=parts).filter_map(|shared| self.at_most(shared));
        self.surely().into_iter().chain(at_most).collect()
    }
}

/// Whether a text that is not surely matched may be. Of one with further unknown parts than those it
/// shares with the pattern, only what stands before the first of them tells, accounts aside.
fn may_match(most: &Pattern, text: &str, shared: usize) -> Truth {
    let Some(start) = known_start(text, shared) else {
        return maybe(most.matches(text));
    };
    let mut states = most.run(&most.start(), start);
    let mut rest = text.get(start.len()..).unwrap_or_default();
    while let Some((before, part, after)) = split_at_first(rest) {
        states = most.run(&states, before);
        if states.is_dead() || !is_unknown_account(part) {
            return maybe(!states.is_dead());
        }
        states = most.run_account(&states);
        rest = after;
    }
    let end = most.run(&states, rest);
    maybe(most.is_accepting(&end) || most.accepts_all_from(&end))
}

fn maybe(may: bool) -> Truth {
    if may { Truth::Unknown } else { Truth::False }
}

/// How many unknown parts a pattern and a text have in common before they differ, or a wildcard or a
/// variable comes.
fn shared_unknowns(pattern: &str, text: &str) -> usize {
    let same = pattern
        .chars()
        .zip(text.chars())
        .take_while(|(one, other)| one == other && !matches!(one, '*' | '?' | '$'));
    same.filter(|(one, _)| *one == CLOSE).count()
}

/// Replaces the variables of a pattern. Only keys with exactly one value can be used, and a default
/// counts only if the request does not carry the key.
pub(super) fn resolve<'p, 'c>(pattern: &'p Pattern, context: &'c Context) -> Resolved<'p, 'c> {
    if !pattern.has_variables() {
        return Resolved::Exactly(Cow::Borrowed(pattern));
    }
    if pattern.variables().any(|it| is_unknown(&it.key)) {
        return Resolved::Open(OpenPattern { pattern, context });
    }
    match pattern.substitute(|variable| fill(variable, context)) {
        None => Resolved::Unset,
        Some(filled) if pattern.variables().any(|it| is_unsure(it, context)) => {
            Resolved::AtMost(filled)
        }
        Some(filled) => Resolved::Exactly(Cow::Owned(filled)),
    }
}

fn fill<'c>(variable: &Variable, context: &'c Context) -> Filling<'c> {
    let default = || match &variable.default {
        Some(text) => Filling::Text(Cow::Owned(text.to_string())),
        None => Filling::Nothing,
    };
    match context.get(&variable.key) {
        ContextValue::Present(values) => match values.as_slice() {
            [value] => Filling::Text(Cow::Borrowed(value)),
            [] => default(),
            _ => Filling::Nothing,
        },
        ContextValue::Absent => default(),
        ContextValue::Unknown | ContextValue::OneOf(_) => Filling::Anything,
    }
}

fn is_unsure(variable: &Variable, context: &Context) -> bool {
    matches!(
        context.get(&variable.key),
        ContextValue::Unknown | ContextValue::OneOf(_)
    )
}
