//! The functions that policies and names are commonly made with. Any other gives an unknown.
//!
//! Source: Terraform Language Documentation, "Built-in Functions" (read 2026-11).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::answers::is_known;
use super::budget::Budget;
use super::evaluate::{EXACT, is_refused, refused, vague};
use super::texts::of_texts;
use super::values::{
    are_equal, is_many, is_open_set, number_of, pairs, plain_of, settled, several,
};
use crate::iam::unknown::{has_unknown, unknown};
use crate::written::{Item, SourceFile, Written};

/// The most items of a list that is made from a number.
const MOST: usize = 10_000;

/// The value of a function.
pub(super) fn call(name: &str, arguments: Vec<Written>, budget: &Budget) -> Written {
    let is_open = |value: &Written| matches!(value.value, Item::Unknown(_));
    // Those that can do with a part that is not known.
    match name {
        "jsonencode" => {
            let Some(value) = arguments.into_iter().next() else {
                return vague(name);
            };
            let at = value.at.clone();
            return Written::implied(Item::Json(Box::new(settled(value)))).at(at);
        }
        "try" => {
            // What is not known may be the one; what would be refused is not.
            let mut all = arguments.into_iter();
            return all
                .find(|value| !is_refused(value))
                .unwrap_or_else(|| refused(name));
        }
        "can" => {
            return match arguments.first() {
                Some(value) if is_refused(value) => Written::implied(Item::Bool(false)),
                Some(value) if !is_open(value) => Written::implied(Item::Bool(true)),
                _ => vague(name),
            };
        }
        _ => {}
    }
    if let Some(refused) = arguments.iter().find(|value| is_refused(value)) {
        return refused.clone();
    }
    if name == "coalesce" {
        let known = |value: &&Written| !value.is_null() && value.as_text() != Some("");
        let at = arguments.iter().position(|value| known(&value));
        let found = at.and_then(|at| of_one_type(arguments).into_iter().nth(at));
        return found.unwrap_or_else(|| refused(name));
    }
    // Those that change a type only.
    let keeps = matches!(
        name,
        "toset" | "tolist" | "tomap" | "tostring" | "sensitive" | "nonsensitive"
    );
    if let Some(first) = arguments.iter().find(|value| is_open(value))
        && !matches!(
            name,
            "format" | "concat" | "formatlist" | "replace" | "setunion" | "compact" | "distinct"
        )
    {
        return if keeps { first.clone() } else { vague(name) };
    }
    known(name, &arguments, budget).unwrap_or_else(|| vague(name))
}

fn known(name: &str, arguments: &[Written], budget: &Budget) -> Option<Written> {
    let first = arguments.first();
    let text = |at: usize| arguments.get(at)?.as_text();
    // Functions of texts do not reach into a part that is not known.
    let plain = |at: usize| text(at).filter(|text| !has_unknown(text));
    let list = |items: Vec<Written>| Written::implied(Item::List(items));
    Some(match name {
        "jsondecode" => match &first?.value {
            Item::Json(inner) => (**inner).clone(),
            _ => {
                let node = crate::json::parse(plain(0)?).ok()?;
                let file = Arc::new(SourceFile::new("", String::new()));
                Written::from_json(&node, &file).at(None)
            }
        },
        "tolist" => {
            let is_open = is_open_set(first?);
            several(of_one_type(first?.items().to_vec()), is_open).at(first?.at.clone())
        }
        "tomap" => {
            let (keys, values): (Vec<_>, Vec<_>) = first?.entries().iter().cloned().unzip();
            let entries = keys.into_iter().zip(of_one_type(values));
            Written::implied(Item::Map(entries.collect())).at(first?.at.clone())
        }
        "tostring" => as_one_text(first?.clone()),
        "tonumber" => number_in(first?)?.at(first?.at.clone()),
        "tobool" if first?.is_null() => first?.clone(),
        "tobool" => Written::implied(Item::Bool(match plain(0)? {
            "true" => true,
            "false" => false,
            _ => return None,
        })),
        "sensitive" | "nonsensitive" => first?.clone(),
        "zipmap" => {
            let keys: Option<Vec<&str>> = first?.items().iter().map(plain_of).collect();
            if is_open_set(arguments.get(1)?) {
                return None;
            }
            let values = arguments.get(1)?.items().iter().cloned();
            let entries = keys?.into_iter().map(str::to_owned).zip(values);
            Written::implied(Item::Map(entries.collect()))
        }
        "merge" => {
            let entries = arguments.iter().flat_map(Written::entries);
            let entries: BTreeMap<String, Written> = entries.cloned().collect();
            // A key that is not known may be one that is there.
            if arguments.len() > 1 && entries.keys().any(|key| has_unknown(key)) {
                return None;
            }
            Written::implied(Item::Map(entries.into_iter().collect()))
        }
        "keys" => list(pairs(first?)?.into_iter().map(|(key, _)| key).collect()),
        "values" => list(pairs(first?)?.into_iter().map(|(_, value)| value).collect()),
        "lookup" => {
            let found = first?.get(plain(1)?).cloned();
            let is_open = first?.entries().iter().any(|(key, _)| has_unknown(key));
            if found.is_none() && is_open {
                return None;
            }
            let found = found.or_else(|| arguments.get(2).cloned());
            found.unwrap_or_else(|| refused(name))
        }
        _ => return of_lists(name, arguments).or_else(|| of_texts(name, arguments, budget)),
    })
}

/// Functions of lists and sets.
fn of_lists(name: &str, arguments: &[Written]) -> Option<Written> {
    let first = arguments.first();
    let text = |at: usize| arguments.get(at)?.as_text();
    let list = |items: Vec<Written>| Written::implied(Item::List(items));
    // What is not known may be a list of any length.
    let is_open = |value: &Written| matches!(value.value, Item::Unknown(_)) || is_open_set(value);
    Some(match name {
        "toset" => as_set(first?.items().to_vec()).at(first?.at.clone()),
        "sort" => sorted(of_texts_only(first?.items().to_vec())),
        "reverse" => {
            let items = first?.items().iter().rev().cloned().collect();
            several(items, is_open(first?))
        }
        "concat" => {
            let parts = arguments.iter().flat_map(Written::items).cloned();
            several(parts.collect(), arguments.iter().any(is_open))
        }
        "setunion" => {
            let items = arguments.iter().flat_map(Written::items);
            as_set(items.cloned().collect())
        }
        "setsubtract" | "setintersection" => {
            let texts: Option<Vec<&str>> = arguments.get(1)?.items().iter().map(plain_of).collect();
            let texts = texts?;
            let mut items = Vec::new();
            for item in first?.items() {
                if texts.contains(&plain_of(item)?) == (name == "setintersection") {
                    items.push(item.clone());
                }
            }
            as_set(items)
        }
        "slice" | "one" | "element" if is_open(first?) => return None,
        "slice" => {
            let at = |index: usize| text(index)?.parse::<usize>().ok();
            list(first?.items().get(at(1)?..at(2)?)?.to_vec())
        }
        "range" => range(arguments)?,
        "anytrue" | "alltrue" => {
            let flags: Option<Vec<bool>> = first?.items().iter().map(Written::as_bool).collect();
            let flags = flags?;
            Written::implied(Item::Bool(if name == "anytrue" {
                flags.contains(&true)
            } else {
                !flags.contains(&false)
            }))
        }
        "index" => {
            let wanted = arguments.get(1)?;
            if is_open(first?) {
                return None;
            }
            for (at, item) in first?.items().iter().enumerate() {
                if are_equal(item, wanted)? {
                    return Some(Written::implied(Item::Number(at.to_string().into())));
                }
            }
            refused(name)
        }
        "coalescelist" => {
            let some = arguments.iter().find(|it| !it.items().is_empty())?;
            some.items().iter().any(is_known).then(|| some.clone())?
        }
        "flatten" => flatten(first?),
        "compact" => {
            let is_empty = |it: &&Written| !it.is_null() && it.as_text() != Some("");
            let items: Vec<Written> = first?.items().iter().filter(is_empty).cloned().collect();
            let is_open = !items.iter().all(is_known);
            several(items, is_open)
        }
        "distinct" => {
            let kept = once_each(of_one_type(first?.items().to_vec()));
            let is_open = !kept.iter().all(is_known);
            several(kept, is_open)
        }
        "one" => match first?.items() {
            [] => Written::implied(Item::Null),
            [only] => only.clone(),
            _ => return None,
        },
        "element" => {
            let items = first?.items();
            let index: usize = text(1)?.parse().ok()?;
            items.get(index.checked_rem(items.len())?)?.clone()
        }
        "contains" => {
            let wanted = arguments.get(1)?;
            let found: Vec<Option<bool>> = first?
                .items()
                .iter()
                .map(|item| are_equal(item, wanted))
                .collect();
            let is_there = found.contains(&Some(true)) && !is_many(wanted);
            if !is_there && (is_open(first?) || found.iter().any(|it| *it != Some(false))) {
                return None;
            }
            Written::implied(Item::Bool(is_there))
        }
        _ => return None,
    })
}

/// The numbers up to another, or from one to another.
fn range(arguments: &[Written]) -> Option<Written> {
    let ends: Option<Vec<i64>> = arguments
        .iter()
        .map(|it| it.as_text()?.parse().ok())
        .collect();
    let (from, to) = match ends?.as_slice() {
        [to] => (0, *to),
        [from, to] => (*from, *to),
        _ => return None,
    };
    let all = (from..to).take(MOST);
    let all = all.map(|at| Written::implied(Item::Number(at.to_string().into())));
    Some(Written::implied(Item::List(all.collect())))
}

/// A set: sorted, and everything once.
pub(super) fn as_set(items: Vec<Written>) -> Written {
    let mut items = once_each(of_one_type(items));
    if items.iter().all(|item| plain_of(item).is_some()) {
        items.sort_by(|one, other| {
            let number = |it: &Written| match &it.value {
                Item::Number(text) => text.parse::<f64>().ok(),
                _ => None,
            };
            match (number(one), number(other)) {
                (Some(one), Some(other)) => one.total_cmp(&other),
                _ => one.as_text().cmp(&other.as_text()),
            }
        });
    }
    Written::implied(Item::Set(items))
}

/// Every value once, where it is first.
fn once_each(mut items: Vec<Written>) -> Vec<Written> {
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(item.to_json(&unknown).0));
    items
}

/// Values that are put into one list: texts, if they are of several simple types.
pub(super) fn of_one_type(items: Vec<Written>) -> Vec<Written> {
    let kind = |item: &Written| match &item.value {
        Item::Bool(_) => Some(0),
        Item::Number(_) => Some(1),
        Item::Text(_) | Item::Json(_) => Some(2),
        _ => None,
    };
    let kinds: BTreeSet<u8> = items.iter().filter_map(kind).collect();
    if kinds.len() > 1 {
        return of_texts_only(items);
    }
    items
}

fn of_texts_only(items: Vec<Written>) -> Vec<Written> {
    items.into_iter().map(as_one_text).collect()
}

/// A number or a Boolean as a text.
fn as_one_text(value: Written) -> Written {
    let at = value.at.clone();
    match &value.value {
        Item::Number(_) | Item::Bool(_) => {
            Written::text(value.as_text().unwrap_or_default()).at(at)
        }
        _ => value,
    }
}

/// The number in a text, as Terraform writes it.
pub(super) fn number_in(value: &Written) -> Option<Written> {
    match &value.value {
        Item::Number(_) | Item::Null => return Some(value.clone()),
        _ => {}
    }
    let text = plain_of(value)?;
    let number: f64 = text.parse().ok()?;
    let is_exact = number.abs() < EXACT;
    is_exact.then(|| number_of(number))
}

/// Sorts texts; where one of them is not known, nobody knows the order.
fn sorted(mut items: Vec<Written>) -> Written {
    let is_open = !items.iter().all(|item| plain_of(item).is_some());
    if !is_open {
        items.sort_by(|one, other| one.as_text().cmp(&other.as_text()));
    }
    several(items, is_open)
}

/// The items of all lists within; what is not known may be one of them.
fn flatten(value: &Written) -> Written {
    let mut items = Vec::new();
    let mut is_open = is_open_set(value);
    for item in value.items() {
        match &item.value {
            Item::List(_) | Item::Set(_) => {
                let inner = flatten(item);
                is_open |= matches!(inner.value, Item::Set(_));
                items.extend(inner.items().iter().cloned());
            }
            other => {
                is_open |= matches!(other, Item::Unknown(_));
                items.push(item.clone());
            }
        }
    }
    several(items, is_open)
}
