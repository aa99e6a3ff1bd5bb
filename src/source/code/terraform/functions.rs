//! The functions that policies and names are commonly made with. Any other gives an unknown.
//!
//! Source: Terraform Language Documentation, "Built-in Functions" (read 2026-11).

use std::sync::Arc;

use super::evaluate::{is_refused, pairs, refused, vague};
use super::texts::of_texts;
use crate::iam::unknown::has_unknown;
use crate::written::{Item, SourceFile, Written};

/// The most items of a list that is made from a number.
const MOST: usize = 10_000;

/// The value of a function.
pub(super) fn call(name: &str, arguments: Vec<Written>) -> Written {
    let is_open = |value: &Written| matches!(value.value, Item::Unknown(_));
    // Those that can do with a part that is not known.
    match name {
        "jsonencode" => {
            let Some(value) = arguments.into_iter().next() else {
                return vague(name);
            };
            let at = value.at.clone();
            return Written::implied(Item::Json(Box::new(value))).at(at);
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
        return arguments
            .iter()
            .find(known)
            .cloned()
            .unwrap_or_else(|| refused(name));
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
    known(name, &arguments).unwrap_or_else(|| vague(name))
}

fn known(name: &str, arguments: &[Written]) -> Option<Written> {
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
        "tolist" | "tomap" | "tostring" | "tonumber" | "tobool" | "sensitive" | "nonsensitive" => {
            first?.clone()
        }
        "zipmap" => {
            let keys: Option<Vec<&str>> = first?.items().iter().map(plain_of).collect();
            let values = arguments.get(1)?.items().iter().cloned();
            let entries = keys?.into_iter().map(str::to_owned).zip(values);
            Written::implied(Item::Map(entries.collect()))
        }
        "merge" => {
            let mut entries: Vec<(String, Written)> = Vec::new();
            for (key, value) in arguments.iter().flat_map(Written::entries) {
                entries.retain(|(known, _)| known != key);
                entries.push((key.clone(), value.clone()));
            }
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            Written::implied(Item::Map(entries))
        }
        "keys" => list(pairs(first?)?.into_iter().map(|(key, _)| key).collect()),
        "values" => list(pairs(first?)?.into_iter().map(|(_, value)| value).collect()),
        "lookup" => {
            let found = first?.get(text(1)?).cloned();
            let found = found.or_else(|| arguments.get(2).cloned());
            found.unwrap_or_else(|| refused(name))
        }
        _ => return of_lists(name, arguments).or_else(|| of_texts(name, arguments)),
    })
}

/// Functions of lists and sets.
fn of_lists(name: &str, arguments: &[Written]) -> Option<Written> {
    let first = arguments.first();
    let text = |at: usize| arguments.get(at)?.as_text();
    let plain = |at: usize| text(at).filter(|text| !has_unknown(text));
    let list = |items: Vec<Written>| Written::implied(Item::List(items));
    Some(match name {
        "toset" => as_set(first?.items().to_vec()).at(first?.at.clone()),
        "sort" => list(sorted(first?.items().to_vec())),
        "reverse" => list(first?.items().iter().rev().cloned().collect()),
        "concat" => {
            let parts = arguments
                .iter()
                .flat_map(|part| part.items().iter().cloned());
            list(parts.collect())
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
            let wanted = plain(1)?;
            let texts: Option<Vec<&str>> = first?.items().iter().map(plain_of).collect();
            match texts?.iter().position(|text| *text == wanted) {
                Some(at) => Written::implied(Item::Number(at.to_string().into())),
                None => refused(name),
            }
        }
        "coalescelist" => arguments.iter().find(|it| !it.items().is_empty())?.clone(),
        "flatten" => list(flatten(first?)),
        "compact" => {
            let items = first?.items().iter();
            list(
                items
                    .filter(|it| !it.is_null() && it.as_text() != Some(""))
                    .cloned()
                    .collect(),
            )
        }
        "distinct" => {
            let mut kept: Vec<Written> = Vec::new();
            for item in first?.items() {
                if !kept.iter().any(|known| known.value == item.value) {
                    kept.push(item.clone());
                }
            }
            list(kept)
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
            let wanted = plain(1)?;
            let texts: Option<Vec<&str>> = first?.items().iter().map(Written::as_text).collect();
            let texts = texts.filter(|texts| !texts.iter().any(|text| has_unknown(text)))?;
            Written::implied(Item::Bool(texts.contains(&wanted)))
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

/// A set as a list: sorted, and everything once.
pub(super) fn as_set(items: Vec<Written>) -> Written {
    let mut once: Vec<Written> = Vec::new();
    for item in sorted(items) {
        let is_new = match plain_of(&item) {
            // Sorted texts that are alike stand beside each other.
            Some(text) => once.last().and_then(Written::as_text) != Some(text),
            None => !once.iter().any(|known| known.value == item.value),
        };
        if is_new {
            once.push(item);
        }
    }
    Written::implied(Item::List(once))
}

/// Sorts texts, if all are known; anything else stays as it is.
fn sorted(mut items: Vec<Written>) -> Vec<Written> {
    if items.iter().all(|item| plain_of(item).is_some()) {
        items.sort_by(|one, other| one.as_text().cmp(&other.as_text()));
    }
    items
}

/// A text in which everything is known.
fn plain_of(item: &Written) -> Option<&str> {
    item.as_text().filter(|text| !has_unknown(text))
}

fn flatten(value: &Written) -> Vec<Written> {
    let items = value.items().iter();
    items
        .flat_map(|item| match &item.value {
            Item::List(_) => flatten(item),
            _ => vec![item.clone()],
        })
        .collect()
}
