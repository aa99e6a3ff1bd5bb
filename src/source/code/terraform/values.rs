//! What can be told of values: which are equal, how many they are, and whether a number is certain.

use std::collections::BTreeMap;

use hcl_edit::expr::{BinaryOperator, Expression};

use super::super::answers::is_known;
use super::evaluate::{EXACT, is_refused, vague};
use crate::iam::unknown::has_unknown;
use crate::written::{Item, Written};

/// A text in which everything is known.
pub(super) fn plain_of(item: &Written) -> Option<&str> {
    item.as_text().filter(|text| !has_unknown(text))
}

/// Whether nobody knows how many values there are, and in which order: those that are not known may be the
/// same as others, or stand for any number.
pub(super) fn is_open_set(value: &Written) -> bool {
    matches!(value.value, Item::Set(_)) && !is_known(value)
}

/// A list; if nobody knows how many values it has, what is known of them.
pub(super) fn several(items: Vec<Written>, is_open: bool) -> Written {
    Written::implied(if is_open {
        Item::Set(items)
    } else {
        Item::List(items)
    })
}

/// A value as others than expressions take it: they know lists alone.
pub(super) fn settled(value: Written) -> Written {
    let settled_all = |items: Vec<Written>| items.into_iter().map(settled).collect();
    let item = match value.value {
        Item::List(items) | Item::Set(items) => Item::List(settled_all(items)),
        Item::Map(entries) => {
            let entries = entries.into_iter();
            Item::Map(entries.map(|(key, it)| (key, settled(it))).collect())
        }
        other => other,
    };
    Written::implied(item).at(value.at)
}

/// What a thing of several parts is if Terraform would refuse one of them.
pub(super) fn of_parts<'w>(parts: impl IntoIterator<Item = &'w Written>) -> Option<Written> {
    parts.into_iter().find(|part| is_refused(part)).cloned()
}

/// The keys and values of a collection, maps in the order of their keys; nothing for what is not known.
pub(super) fn pairs(collection: &Written) -> Option<Vec<(Written, Written)>> {
    let mut pairs: Vec<(Written, Written)> = match &collection.value {
        Item::Unknown(_) => return None,
        Item::Map(entries) => entries
            .iter()
            .map(|(key, value)| (Written::text(&**key), value.clone()))
            .collect(),
        Item::Set(items) => {
            // The key of an item of a set is the item itself; of a list it would be its number.
            let is_open = is_open_set(collection);
            let key = |item: &Written| {
                if is_open {
                    vague("a key")
                } else {
                    item.clone()
                }
            };
            return Some(items.iter().map(|item| (key(item), item.clone())).collect());
        }
        _ => {
            let keys = (0..).map(|index: usize| Item::Number(index.to_string().into()));
            return Some(
                keys.map(Written::implied)
                    .zip(collection.items().iter().cloned())
                    .collect(),
            );
        }
    };
    pairs.sort_by(|one, other| one.0.as_text().cmp(&other.0.as_text()));
    Some(pairs)
}

/// A number as Terraform writes it.
pub(super) fn number_of(value: f64) -> Written {
    Written::implied(Item::Number(value.to_string().into()))
}

pub(super) fn binary(
    operator: BinaryOperator,
    one: &Written,
    other: &Written,
    is_certain: bool,
) -> Written {
    if let Some(refused) = of_parts([one, other]) {
        return refused;
    }
    let arithmetic = |of: fn(f64, f64) -> f64| {
        let value = numbers(one, other).map(|(one, other)| of(one, other));
        let value = value.filter(|value| value.is_finite());
        value.map_or_else(|| vague("a number"), number_of)
    };
    match operator {
        BinaryOperator::Plus => return arithmetic(|one, other| one + other),
        BinaryOperator::Minus => return arithmetic(|one, other| one - other),
        BinaryOperator::Mul => return arithmetic(|one, other| one * other),
        BinaryOperator::Div => return arithmetic(|one, other| one / other),
        BinaryOperator::Mod => return arithmetic(|one, other| one % other),
        _ => {}
    }
    let flag = |value: Option<bool>| {
        value.map_or_else(
            || vague("a condition"),
            |value| Written::implied(Item::Bool(value)),
        )
    };
    let equal = are_equal(one, other).filter(|equal| is_certain || !equal);
    let (left, right) = (one.as_bool(), other.as_bool());
    flag(match operator {
        BinaryOperator::Eq => equal,
        BinaryOperator::NotEq => equal.map(|equal| !equal),
        BinaryOperator::And if left == Some(false) || right == Some(false) => Some(false),
        BinaryOperator::Or if left == Some(true) || right == Some(true) => Some(true),
        BinaryOperator::And => left.zip(right).map(|(left, right)| left && right),
        BinaryOperator::Or => left.zip(right).map(|(left, right)| left || right),
        BinaryOperator::Greater => numbers(one, other).map(|(one, other)| one > other),
        BinaryOperator::Less => numbers(one, other).map(|(one, other)| one < other),
        BinaryOperator::GreaterEq => numbers(one, other).map(|(one, other)| one >= other),
        BinaryOperator::LessEq => numbers(one, other).map(|(one, other)| one <= other),
        _ => None,
    })
}

/// Whether two values are equal, as far as that can be told. Nothing is converted, so that values of two types
/// never are. A list may be a tuple, and a map an object, which are types of their own, whatever they hold.
pub(super) fn are_equal(one: &Written, other: &Written) -> Option<bool> {
    let all = |all: &mut dyn Iterator<Item = Option<bool>>| {
        let mut is_certain = true;
        for equal in all {
            match equal {
                Some(false) => return Some(false),
                Some(true) => {}
                None => is_certain = false,
            }
        }
        is_certain.then_some(true)
    };
    match (&one.value, &other.value) {
        // A plan shows sets as lists.
        (Item::Unknown(_), _)
        | (_, Item::Unknown(_))
        | (Item::List(_), Item::Set(_))
        | (Item::Set(_), Item::List(_))
        | (Item::Text(_), Item::Json(_))
        | (Item::Json(_), Item::Text(_)) => None,
        (Item::Null, Item::Null) => Some(true),
        (Item::Bool(one), Item::Bool(other)) => Some(one == other),
        (Item::Number(one), Item::Number(other)) if one == other => Some(true),
        (Item::Number(one), Item::Number(other)) => {
            let (one, other) = (one.parse::<f64>().ok()?, other.parse::<f64>().ok()?);
            let is_exact = one.abs().max(other.abs()) < EXACT;
            is_exact.then_some(one.total_cmp(&other).is_eq())
        }
        (Item::Json(one), Item::Json(other)) => (one == other && is_known(one)).then_some(true),
        (Item::Text(one), Item::Text(other)) => {
            let is_known = !has_unknown(one) && !has_unknown(other);
            is_known.then_some(one == other)
        }
        (Item::List(one), Item::List(other)) if one.len() != other.len() => Some(false),
        (Item::List(one), Item::List(other)) => all(&mut one
            .iter()
            .zip(other)
            .map(|(one, other)| are_equal(one, other))),
        (Item::Set(items), Item::Set(others)) => {
            if !is_known(one) || !is_known(other) {
                return None;
            }
            if items.len() != others.len() {
                return Some(false);
            }
            all(&mut items
                .iter()
                .zip(others)
                .map(|(one, other)| are_equal(one, other)))
        }
        (Item::Map(entries), Item::Map(others)) => {
            let is_open = |(key, _): &(String, Written)| has_unknown(key);
            if entries.iter().any(is_open) || others.iter().any(is_open) {
                return None;
            }
            let one: BTreeMap<&String, &Written> = entries.iter().map(|(k, v)| (k, v)).collect();
            let other: BTreeMap<&String, &Written> = others.iter().map(|(k, v)| (k, v)).collect();
            if !one.keys().eq(other.keys()) {
                return Some(false);
            }
            all(&mut one
                .values()
                .zip(other.values())
                .map(|(one, other)| are_equal(one, other)))
        }
        // `null` is a value of its own, too.
        _ => Some(false),
    }
}

/// Whether the type of an expression's value is certain: of lists and maps, only where they are written out.
pub(super) fn has_certain_type(expression: &Expression, value: &Written) -> bool {
    match (expression, &value.value) {
        (Expression::Parenthesis(inner), _) => has_certain_type(inner.inner(), value),
        (Expression::Array(array), Item::List(items)) => array
            .iter()
            .zip(items)
            .all(|(item, value)| has_certain_type(item, value)),
        (Expression::Object(object), Item::Map(entries)) => object
            .iter()
            .zip(entries)
            .all(|((_, item), (_, value))| has_certain_type(item.expr(), value)),
        (_, Item::Set(items)) => !items.is_empty() && items.iter().all(|it| !is_many(it)),
        _ => !is_many(value),
    }
}

pub(super) fn is_many(value: &Written) -> bool {
    matches!(value.value, Item::List(_) | Item::Set(_) | Item::Map(_))
}

pub(super) fn numbers(one: &Written, other: &Written) -> Option<(f64, f64)> {
    Some((one.as_text()?.parse().ok()?, other.as_text()?.parse().ok()?))
}
