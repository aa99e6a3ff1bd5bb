//! `Fn::ForEach`, written out before anything else looks at a template.
//!
//! Source: AWS CloudFormation User Guide, "Intrinsic function reference" (read 2026-11). A collection that only a deployment
//! tells stays as it is written; what looks at the template then knows that it does not see all of it.

use std::collections::BTreeMap;

use crate::written::{Item, Written};

/// How the key of a loop begins.
pub(super) const LOOP: &str = "Fn::ForEach::";

/// The most values that the loops of a template may make; CloudFormation takes 500 resources.
const MOST: usize = 500_000;

/// The loops of a template make too much.
pub(super) struct TooMuch;

/// A template in which the loops are written out.
pub(super) fn loops(
    mut root: Written,
    given: &BTreeMap<String, String>,
) -> Result<Written, TooMuch> {
    if !has_loop(&root) {
        return Ok(root);
    }
    let parameters = root.get("Parameters").cloned();
    let mut loops = Loops {
        parameters: parameters.as_ref(),
        given,
        made: 0,
    };
    loops.expand(&mut root)?;
    Ok(root)
}

/// Whether a loop stands somewhere in a value.
pub(super) fn has_loop(value: &Written) -> bool {
    match &value.value {
        Item::Map(entries) => entries
            .iter()
            .any(|(key, value)| key.starts_with(LOOP) || has_loop(value)),
        Item::List(items) => items.iter().any(has_loop),
        _ => false,
    }
}

struct Loops<'a> {
    parameters: Option<&'a Written>,
    given: &'a BTreeMap<String, String>,
    made: usize,
}

impl Loops<'_> {
    fn expand(&mut self, value: &mut Written) -> Result<(), TooMuch> {
        match &mut value.value {
            Item::List(items) => items.iter_mut().try_for_each(|item| self.expand(item)),
            Item::Map(entries) => {
                for (key, mut value) in std::mem::take(entries) {
                    let Some(turns) = self.turns(&key, &value)? else {
                        self.expand(&mut value)?;
                        entries.push((key, value));
                        continue;
                    };
                    // A loop may stand in a loop.
                    let mut body = Written::implied(Item::Map(turns));
                    self.expand(&mut body)?;
                    if let Item::Map(turns) = body.value {
                        entries.extend(turns);
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The entries that a loop makes; nothing for what is none, and for one whose collection is not known.
    fn turns(
        &mut self,
        key: &str,
        value: &Written,
    ) -> Result<Option<Vec<(String, Written)>>, TooMuch> {
        let ([name, collection, body], true) = (value.items(), key.starts_with(LOOP)) else {
            return Ok(None);
        };
        let (Some(name), Some(collection)) = (name.as_text(), self.collection(collection)) else {
            return Ok(None);
        };
        self.made = self
            .made
            .saturating_add(collection.len().saturating_mul(body.size()));
        if self.made > MOST {
            return Err(TooMuch);
        }
        let turns = collection.iter().flat_map(|item| {
            let entries = body.entries().iter();
            entries.map(move |(key, value)| (filled(key, name, item), replaced(value, name, item)))
        });
        Ok(Some(turns.collect()))
    }

    fn collection(&self, value: &Written) -> Option<Vec<String>> {
        if let Some(name) = value.get("Ref").and_then(Written::as_text) {
            let text = match self.given.get(name) {
                Some(given) => given,
                None => self.parameters?.path(&[name, "Default"])?.as_text()?,
            };
            return Some(text.split(',').map(|part| part.trim().to_owned()).collect());
        }
        let Item::List(items) = &value.value else {
            return None;
        };
        let each = items.iter().map(|item| match item.as_text() {
            Some(text) => Some(vec![text.to_owned()]),
            None => self.collection(item),
        });
        Some(each.collect::<Option<Vec<_>>>()?.concat())
    }
}

/// A text with the loop's variable filled in; behind `&` without what no logical id may hold.
fn filled(text: &str, name: &str, item: &str) -> String {
    let plain: String = item.chars().filter(char::is_ascii_alphanumeric).collect();
    text.replace(&format!("${{{name}}}"), item)
        .replace(&format!("&{{{name}}}"), &plain)
}

fn replaced(value: &Written, name: &str, item: &str) -> Written {
    let read = match &value.value {
        Item::Text(text) => Item::Text(filled(text, name, item)),
        Item::List(items) => Item::List(items.iter().map(|it| replaced(it, name, item)).collect()),
        Item::Map(entries) => match entries.as_slice() {
            [(key, variable)] if key == "Ref" && variable.as_text() == Some(name) => {
                Item::Text(item.to_owned())
            }
            _ => Item::Map(
                entries
                    .iter()
                    .map(|(key, value)| (filled(key, name, item), replaced(value, name, item)))
                    .collect(),
            ),
        },
        other => other.clone(),
    };
    Written {
        value: read,
        at: value.at.clone(),
    }
}
