//! Resources that wait for each other: CloudFormation makes none of them, and refuses the template ("Circular dependency
//! between resources", AWS CloudFormation User Guide, "Troubleshooting CloudFormation", read 2026-11).
//!
//! Only what is certain counts: no resource of which a condition is open, and of `Fn::If` only the branch that is chosen.

use std::collections::BTreeMap;

use super::intrinsics::{Answer, call};
use super::template::Stack;
use crate::document::InputError;
use crate::written::{Item, Written};

/// How many resources of a circle are named.
const NAMED: usize = 10;

impl Stack<'_> {
    /// Refuses resources that wait for each other in a circle.
    pub(super) fn refuse_circles(&self) -> Result<(), InputError> {
        // What a macro or a transform makes of a template is not what is written there.
        if self.template.is_rewritten() {
            return Ok(());
        }
        let mut waits = BTreeMap::new();
        for (id, resource) in self.template.resources() {
            let made = resource.get("Condition").and_then(Written::as_text);
            let made = made.map(|name| self.named_condition(name, resource.at.as_ref()));
            if made.transpose()?.unwrap_or(Answer::Yes) == Answer::Yes {
                waits.insert(id.as_str(), Vec::new());
            }
        }
        let known: Vec<&str> = waits.keys().copied().collect();
        for id in known {
            let mut found = Vec::new();
            let resource = self.template.resource(id);
            let after = resource.and_then(|it| it.get("DependsOn"));
            let after = after.map_or(&[][..], Written::items);
            found.extend(after.iter().filter_map(Written::as_text));
            if let Some(properties) = resource.and_then(|it| it.get("Properties")) {
                self.named_in(properties, &mut found)?;
            }
            found.retain(|other| waits.contains_key(other));
            found.sort_unstable();
            found.dedup();
            waits.insert(id, found);
        }
        let Some(circle) = circle(&waits) else {
            return Ok(());
        };
        let first = circle.first().and_then(|id| self.template.resource(id));
        let named: Vec<&str> = circle.iter().take(NAMED).copied().collect();
        let more = match circle.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "the resources `{}`{more} wait for each other in a circle",
            named.join("`, `")
        );
        let message = match circle.as_slice() {
            [one] => format!("the resource `{one}` waits for itself"),
            _ => message,
        };
        let mut error = self
            .template
            .error(first.and_then(|it| it.at.as_ref()), message);
        error.help = Some(
            "CloudFormation would refuse this template: \"Circular dependency between resources\"; write one of the names out, or move what needs both into a resource of its own"
                .to_owned(),
        );
        Err(error)
    }

    /// The resources that a value names.
    fn named_in<'v>(&self, value: &'v Written, found: &mut Vec<&'v str>) -> Result<(), InputError> {
        match (call(value), &value.value) {
            (Some(("Ref", name)), _) => found.extend(name.as_text()),
            (Some(("Fn::GetAtt", argument)), _) => {
                let first = argument.items().first().and_then(Written::as_text);
                found.extend(first.and_then(|name| name.split('.').next()));
            }
            (Some(("Fn::Sub", argument)), _) => {
                let own = argument.items().get(1);
                let text = argument.items().first().and_then(Written::as_text);
                let names = text.map_or(Vec::new(), names_of_sub);
                let is_own = |name: &&str| own.is_some_and(|own| own.get(name).is_some());
                found.extend(names.into_iter().filter(|name| !is_own(name)));
                if let Some(own) = own {
                    self.named_in(own, found)?;
                }
            }
            (Some(("Fn::If", argument)), _) => {
                let [name, yes, no, ..] = argument.items() else {
                    return Ok(());
                };
                let answer = name
                    .as_text()
                    .map(|name| self.named_condition(name, value.at.as_ref()));
                match answer.transpose()? {
                    Some(Answer::Yes) => self.named_in(yes, found)?,
                    Some(Answer::No) => self.named_in(no, found)?,
                    _ => {}
                }
            }
            (_, Item::List(items)) => {
                for item in items {
                    self.named_in(item, found)?;
                }
            }
            (_, Item::Map(entries)) => {
                for (_, value) in entries {
                    self.named_in(value, found)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The names in a text of `Fn::Sub`, without attributes.
fn names_of_sub(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        if !name.starts_with('!') {
            found.extend(name.trim().split('.').next());
        }
        rest = after;
    }
    found
}

/// A circle in which each waits for the next, if there is one.
fn circle<'v>(waits: &BTreeMap<&'v str, Vec<&'v str>>) -> Option<Vec<&'v str>> {
    let mut left: BTreeMap<&'v str, usize> = BTreeMap::new();
    let mut waiting: BTreeMap<&'v str, Vec<&'v str>> = BTreeMap::new();
    for (&id, others) in waits {
        left.insert(id, others.len());
        for &other in others {
            waiting.entry(other).or_default().push(id);
        }
    }
    // Whoever waits for nobody that is left is made, and leaves.
    let ready = left.iter().filter(|(_, count)| **count == 0);
    let mut ready: Vec<&'v str> = ready.map(|(&id, _)| id).collect();
    while let Some(id) = ready.pop() {
        left.remove(id);
        for &other in waiting.get(id).into_iter().flatten() {
            if let Some(count) = left.get_mut(other) {
                *count -= 1;
                if *count == 0 {
                    ready.push(other);
                }
            }
        }
    }
    // All that are left wait for one that is left: following that leads into a circle.
    let mut way = vec![*left.keys().next()?];
    loop {
        let others = waits.get(way.last()?)?;
        let next = *others.iter().find(|other| left.contains_key(*other))?;
        if let Some(at) = way.iter().position(|id| *id == next) {
            return Some(way.split_off(at));
        }
        way.push(next);
    }
}
