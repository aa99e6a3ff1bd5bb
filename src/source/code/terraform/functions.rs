//! The functions that policies and names are commonly made with. Any other gives an unknown.
//!
//! Source: Terraform Language Documentation, "Built-in Functions" (read 2026-11).

use std::sync::Arc;

use super::evaluate::vague;
use crate::iam::unknown::{has_unknown, unknown};
use crate::written::{Item, SourceFile, Written};

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
        "try" | "coalesce" => {
            let known = |value: &&Written| {
                !value.is_null() && (name == "try" || value.as_text() != Some(""))
            };
            // What is not known may be the one.
            return arguments
                .iter()
                .find(known)
                .cloned()
                .unwrap_or_else(|| vague(name));
        }
        _ => {}
    }
    // Those that change a type only.
    let keeps = matches!(
        name,
        "toset" | "tolist" | "tomap" | "tostring" | "sensitive" | "nonsensitive"
    );
    if let Some(first) = arguments.iter().find(|value| is_open(value))
        && !matches!(name, "format" | "concat" | "formatlist")
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
        "toset" | "tolist" | "tomap" | "tostring" | "tonumber" | "tobool" | "sensitive"
        | "nonsensitive" | "sort" => first?.clone(),
        "concat" => {
            let parts = arguments
                .iter()
                .flat_map(|part| part.items().iter().cloned());
            list(parts.collect())
        }
        "setunion" => {
            let mut items: Vec<Written> = Vec::new();
            for item in arguments.iter().flat_map(Written::items) {
                if !items.iter().any(|known| known.value == item.value) {
                    items.push(item.clone());
                }
            }
            list(items)
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
        "merge" => {
            let mut entries: Vec<(String, Written)> = Vec::new();
            for (key, value) in arguments.iter().flat_map(Written::entries) {
                entries.retain(|(known, _)| known != key);
                entries.push((key.clone(), value.clone()));
            }
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            Written::implied(Item::Map(entries))
        }
        "keys" => list(
            first?
                .entries()
                .iter()
                .map(|(key, _)| Written::text(&**key))
                .collect(),
        ),
        "values" => list(
            first?
                .entries()
                .iter()
                .map(|(_, value)| value.clone())
                .collect(),
        ),
        "lookup" => {
            let found = first?.get(text(1)?).cloned();
            found.or_else(|| arguments.get(2).cloned())?
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
        _ => return of_texts(name, arguments),
    })
}

/// Functions that make texts.
fn of_texts(name: &str, arguments: &[Written]) -> Option<Written> {
    let first = arguments.first();
    let text = |at: usize| arguments.get(at)?.as_text();
    let plain = |at: usize| text(at).filter(|text| !has_unknown(text));
    let list = |items: Vec<Written>| Written::implied(Item::List(items));
    Some(match name {
        "length" => {
            let length = match &first?.value {
                Item::Map(entries) => entries.len(),
                Item::List(items) => items.len(),
                _ => plain(0)?.chars().count(),
            };
            Written::implied(Item::Number(length.to_string().into()))
        }
        "join" => {
            let parts: Option<Vec<String>> = arguments.get(1)?.items().iter().map(part).collect();
            Written::text(parts?.join(text(0)?))
        }
        "split" => list(plain(1)?.split(plain(0)?).map(Written::text).collect()),
        "format" => Written::text(format(text(0)?, arguments.get(1..)?)?),
        "formatlist" => {
            let listed = arguments
                .iter()
                .position(|it| matches!(it.value, Item::List(_)))?;
            let items = arguments.get(listed)?.items().iter().map(|item| {
                let mut arguments = arguments.get(1..)?.to_vec();
                *arguments.get_mut(listed.checked_sub(1)?)? = item.clone();
                Some(Written::text(format(text(0)?, &arguments)?))
            });
            list(items.collect::<Option<_>>()?)
        }
        "lower" => Written::text(plain(0)?.to_lowercase()),
        "upper" => Written::text(plain(0)?.to_uppercase()),
        "trim" => {
            let cut: Vec<char> = plain(1)?.chars().collect();
            Written::text(plain(0)?.trim_matches(cut.as_slice()))
        }
        "trimspace" => Written::text(plain(0)?.trim()),
        "trimsuffix" => Written::text(plain(0)?.strip_suffix(plain(1)?).unwrap_or(plain(0)?)),
        "trimprefix" => Written::text(plain(0)?.strip_prefix(plain(1)?).unwrap_or(plain(0)?)),
        // Between slashes the pattern is a regular expression.
        "replace" if !plain(1)?.starts_with('/') => {
            Written::text(plain(0)?.replace(plain(1)?, plain(2)?))
        }
        _ => return None,
    })
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

/// A value inside of a text.
fn part(value: &Written) -> Option<String> {
    match &value.value {
        Item::Unknown(name) => Some(unknown(name)),
        _ => value.as_text().map(str::to_owned),
    }
}

/// `format` with `%s`, `%v`, `%d`, `%q` and `%%`.
fn format(pattern: &str, arguments: &[Written]) -> Option<String> {
    let mut text = String::new();
    let mut arguments = arguments.iter();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        match characters.next()? {
            '%' => text.push('%'),
            's' | 'v' | 'd' => text.push_str(&part(arguments.next()?)?),
            'q' => {
                text.push('"');
                text.push_str(&part(arguments.next()?)?);
                text.push('"');
            }
            _ => return None,
        }
    }
    Some(text)
}
