//! Stack sets that a template declares: one stack of another template in each account and Region that it names.
//!
//! Source: AWS CloudFormation Template Reference, `AWS::CloudFormation::StackSet` (read 2026-11). Accounts of an
//! organizational unit are not known; one that is not known stands for them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::intrinsics::Answer;
use super::template::{Stack, Template, text};
use super::yaml;
use crate::document::InputError;
use crate::written::{Item, SourceFile, Spot, Written};

/// The type of a stack set.
pub(super) const STACK_SET: &str = "AWS::CloudFormation::StackSet";

/// The most stacks of one set that are looked at.
const MOST: usize = 2_000;

/// The most stacks of all sets together; each is looked at twice.
const MOST_OF_ALL: usize = 20_000;

impl Stack<'_> {
    /// Does something with each stack of a set; nothing if its template was not found.
    pub(super) fn with_set(
        &self,
        id: &str,
        made: Answer,
        mut action: impl FnMut(&Stack<'_>) -> Result<(), InputError>,
    ) -> Result<(), InputError> {
        let Some(template) = self.template_of_set(id)? else {
            return Ok(());
        };
        let own = pairs(self.property(id, "Parameters")?.as_ref());
        let mut stacks = BTreeMap::new();
        let groups = self.property(id, "StackInstancesGroup")?;
        for group in groups.as_ref().map_or(&[][..], Written::items) {
            let mut given = own.clone();
            given.extend(pairs(group.get("ParameterOverrides")));
            let given = Rc::new(given);
            let accounts = accounts(group.get("DeploymentTargets"));
            for region in group.get("Regions").map_or(&[][..], Written::items) {
                for account in &accounts {
                    stacks.insert(
                        (account.clone(), region.as_text().map(str::to_owned)),
                        Rc::clone(&given),
                    );
                    if stacks.len() > MOST {
                        let message = format!("the stack set `{id}` makes more than {MOST} stacks");
                        return Err(self.template.error(group.at.as_ref(), message));
                    }
                }
            }
        }
        let all = self.budget.stacks.get().saturating_add(stacks.len());
        self.budget.stacks.set(all);
        if all > MOST_OF_ALL {
            let at = groups.and_then(|groups| groups.at);
            let message =
                format!("up to the stack set `{id}` more than {MOST_OF_ALL} stacks are made");
            return Err(self.template.error(at.as_ref(), message));
        }
        let regions: BTreeSet<_> = stacks.keys().map(|(_, region)| region.clone()).collect();
        for ((account, region), given) in stacks {
            let mut label = format!("{}{id}.", self.label);
            let parts = [
                account.as_deref(),
                region.as_deref().filter(|_| regions.len() > 1),
            ];
            for part in parts.into_iter().flatten() {
                label = format!("{label}{part}.");
            }
            let place = super::place(account.as_deref(), region.as_deref(), &label);
            let given = given.as_ref().clone();
            self.with_template(&template, label, place, given, made, &mut action)?;
        }
        Ok(())
    }

    /// The template of a set: from a file, or as it is written in the set.
    fn template_of_set(&self, id: &str) -> Result<Option<Rc<Template>>, InputError> {
        if let Some(found) = self.template.nested.get(id) {
            return Ok(Some(Rc::clone(found)));
        }
        let Some(body) = self.property(id, "TemplateBody")? else {
            return Ok(None);
        };
        let file = &self.template.file;
        let root = match body.value {
            Item::Json(root) => *root,
            Item::Text(text) => {
                let inner = Arc::new(SourceFile::new(&*file.path, text));
                let read = yaml::read(&inner).map_err(|error| {
                    let message =
                        format!("the template of the stack set `{id}`: {}", error.message);
                    self.template.error(body.at.as_ref(), message)
                })?;
                standing_at(read, body.at.as_ref())
            }
            _ => return Ok(None),
        };
        Template::read(Arc::clone(file), root, self.given).map(|read| Some(Rc::new(read)))
    }
}

/// Names and values as stack sets write them.
fn pairs(parameters: Option<&Written>) -> BTreeMap<String, String> {
    let entries = parameters.map_or(&[][..], Written::items).iter();
    let pair = |entry: &Written| {
        let name = entry.get("ParameterKey")?.as_text()?.to_owned();
        Some((name, text(entry.get("ParameterValue")?)))
    };
    entries.filter_map(pair).collect()
}

/// The accounts that a set reaches; nothing for those that are not known.
fn accounts(targets: Option<&Written>) -> BTreeSet<Option<String>> {
    let Some(targets) = targets else {
        return BTreeSet::new();
    };
    let filter = targets.get("AccountFilterType").and_then(Written::as_text);
    let listed = targets.get("Accounts").map_or(&[][..], Written::items);
    let units = targets.get("OrganizationalUnitIds").is_some();
    let mut found: BTreeSet<Option<String>> = match filter {
        Some("DIFFERENCE" | "NONE") => BTreeSet::new(),
        _ => listed
            .iter()
            .map(|it| it.as_text().map(str::to_owned))
            .collect(),
    };
    if units && filter != Some("INTERSECTION") || targets.get("AccountsUrl").is_some() {
        found.insert(None);
    }
    found
}

/// A value whose parts all stand where the text does that holds them.
fn standing_at(value: Written, at: Option<&Spot>) -> Written {
    let read = match value.value {
        Item::List(items) => Item::List(
            items
                .into_iter()
                .map(|item| standing_at(item, at))
                .collect(),
        ),
        Item::Map(entries) => Item::Map(
            entries
                .into_iter()
                .map(|(key, value)| (key, standing_at(value, at)))
                .collect(),
        ),
        other => other,
    };
    Written {
        value: read,
        at: at.cloned(),
    }
}
