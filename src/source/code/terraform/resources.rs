//! The resources of a plan or a state, what is not known yet marked as such.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::document::InputError;
use crate::written::{Item, SourceFile, Spot, Written};

/// One instance of a resource or a data source.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) address: String,
    /// The module instance it is in.
    pub(super) module: Vec<Step>,
    pub(super) is_data: bool,
    /// Whether the plan deletes it; its values are then those before.
    pub(super) is_deleted: bool,
    pub(super) kind: String,
    pub(super) name: String,
    /// The key of `for_each` or the number of `count`.
    pub(super) index: Option<String>,
    /// Whether that is a key, so that all instances are a map.
    pub(super) is_keyed: bool,
    /// The provider's key in the configuration: `aws`, `aws.audit`.
    pub(super) provider: String,
    pub(super) values: Written,
    /// Where the plan gives its values.
    pub(super) at: Option<Spot>,
}

/// One module call on the way to a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub(super) call: String,
    pub(super) index: Option<String>,
}

impl Resource {
    /// The module's key, as Terraform's own list of modules has it: `a.b`.
    pub(super) fn module_key(&self) -> String {
        module_key(&self.module)
    }
}

/// The key of a module: the calls without their indices.
pub(super) fn module_key(module: &[Step]) -> String {
    let calls: Vec<&str> = module.iter().map(|step| step.call.as_str()).collect();
    calls.join(".")
}

/// Reads all resources, sorted by address.
pub(super) fn read(file: &Arc<SourceFile>, root: &Written) -> Result<Vec<Resource>, InputError> {
    let mut found: BTreeMap<String, Resource> = BTreeMap::new();
    let configured = Configured::of(root);
    // Data that was read before the plan stands in the state before it only.
    for (path, only_data) in [
        (&["prior_state", "values", "root_module"][..], true),
        (&["values", "root_module"], false),
        (&["planned_values", "root_module"], false),
    ] {
        if let Some(module) = root.path(path) {
            add_module(module, only_data, &configured, &mut found);
        }
    }
    if let Some(changes) = root.get("resource_changes") {
        add_untouched(root, changes, &configured, &mut found);
        for change in changes.items() {
            add_change(change, &configured, file, &mut found)?;
        }
    }
    Ok(found.into_values().collect())
}

/// What is there and no change names stays as it is: a plan made with `-target` leaves it out.
fn add_untouched(
    root: &Written,
    changes: &Written,
    configured: &Configured<'_>,
    found: &mut BTreeMap<String, Resource>,
) {
    let Some(prior) = root.path(&["prior_state", "values", "root_module"]) else {
        return;
    };
    let named = |change: &'_ Written| {
        ["address", "previous_address"].map(|name| {
            let address = change.get(name).and_then(Written::as_text);
            address.map(str::to_owned)
        })
    };
    let named: BTreeSet<String> = changes.items().iter().flat_map(named).flatten().collect();
    let mut there = BTreeMap::new();
    add_module(prior, false, configured, &mut there);
    for (address, resource) in there {
        if !named.contains(&address) {
            found.entry(address).or_insert(resource);
        }
    }
}

fn add_module(
    module: &Written,
    only_data: bool,
    configured: &Configured<'_>,
    found: &mut BTreeMap<String, Resource>,
) {
    for resource in module.get("resources").map_or(&[][..], Written::items) {
        let values = resource.get("values").cloned();
        let values = values.unwrap_or_else(|| Written::implied(Item::Map(Vec::new())));
        if let Some(read) = of(resource, values, configured)
            && (read.is_data || !only_data)
        {
            found.insert(read.address.clone(), read);
        }
    }
    for child in module.get("child_modules").map_or(&[][..], Written::items) {
        add_module(child, only_data, configured, found);
    }
}

fn add_change(
    change: &Written,
    configured: &Configured<'_>,
    file: &SourceFile,
    found: &mut BTreeMap<String, Resource>,
) -> Result<(), InputError> {
    let address = change
        .get("address")
        .and_then(Written::as_text)
        .unwrap_or_default();
    let Some(inner) = change.get("change") else {
        return Err(InputError {
            path: file.path.clone(),
            at: change
                .at
                .as_ref()
                .map(|spot| file.position(spot.span.start)),
            message: format!("the change of `{address}` has no field `change`"),
            help: Some("expected a plan as `terraform show -json` prints it".to_owned()),
        });
    };
    let actions = inner.get("actions").map_or(&[][..], Written::items);
    let actions: Vec<&str> = actions.iter().filter_map(Written::as_text).collect();
    if change.get("deposed").is_some() {
        return Ok(());
    }
    // What Terraform only forgets stays as it is.
    if let (["forget"], Some(before)) = (actions.as_slice(), inner.get("before")) {
        if let Some(read) = of(change, before.clone(), configured) {
            found.insert(read.address.clone(), read);
        }
        return Ok(());
    }
    if matches!(actions.as_slice(), ["delete"]) {
        found.remove(address);
        let before = inner
            .get("before")
            .filter(|before| !before.is_null())
            .cloned();
        if let Some(before) = before
            && let Some(mut read) = of(change, before, configured)
        {
            read.is_deleted = true;
            found.insert(read.address.clone(), read);
        }
        return Ok(());
    }
    let values = merge(inner.get("after"), inner.get("after_unknown"), address);
    let Some(read) = of(change, values, configured) else {
        return Ok(());
    };
    let is_replaced = actions.contains(&"delete") && actions.contains(&"create");
    if let Some(before) = inner.get("before").filter(|_| is_replaced)
        && is_another(&read.kind, before, &read.values)
    {
        let gone = Resource {
            is_deleted: true,
            values: before.clone(),
            ..read.clone()
        };
        found.insert(format!("{address} (before)"), gone);
    }
    found.insert(read.address.clone(), read);
    Ok(())
}

/// Whether what takes a resource's place is called otherwise, so that what there was is gone. A key never gets the id
/// of another.
fn is_another(kind: &str, before: &Written, after: &Written) -> bool {
    let name = match kind {
        "aws_s3_bucket" | "aws_s3_bucket_policy" => "bucket",
        "aws_cloudtrail" | "aws_sns_topic" => "name",
        _ => return true,
    };
    let of = |values: &Written| {
        values
            .get(name)
            .and_then(Written::as_text)
            .map(str::to_owned)
    };
    of(before) != of(after)
}

/// The values after the change: `unknown` has `true` where a value is not known.
fn merge(after: Option<&Written>, unknown: Option<&Written>, name: &str) -> Written {
    let known = || {
        after
            .cloned()
            .unwrap_or_else(|| Written::implied(Item::Null))
    };
    match unknown.map(|unknown| &unknown.value) {
        Some(Item::Bool(true)) => Written::implied(Item::Unknown(name.to_owned())),
        Some(Item::Map(open)) => {
            let mut base = known();
            if base.is_null() {
                base.value = Item::Map(Vec::new());
            }
            let Item::Map(entries) = &mut base.value else {
                return base;
            };
            for (key, open) in open {
                let at = entries.iter().position(|(known, _)| known == key);
                let old = at
                    .and_then(|at| entries.get(at))
                    .map(|(_, value)| value.clone());
                let new = merge(old.as_ref(), Some(open), &format!("{name}.{key}"));
                match at.and_then(|at| entries.get_mut(at)) {
                    Some(entry) => entry.1 = new,
                    None if !new.is_null() => entries.push((key.clone(), new)),
                    None => {}
                }
            }
            base
        }
        Some(Item::List(open)) => {
            let base = known();
            let items = base.items();
            let count = items.len().max(open.len());
            let merged = (0..count).map(|at| {
                let name = format!("{name}.{at}");
                merge(items.get(at), open.get(at), &name)
            });
            Written {
                value: Item::List(merged.collect()),
                at: base.at.clone(),
            }
        }
        _ => known(),
    }
}

fn of(resource: &Written, values: Written, configured: &Configured<'_>) -> Option<Resource> {
    let text = |name: &str| {
        resource
            .get(name)
            .and_then(Written::as_text)
            .map(str::to_owned)
    };
    let address = text("address")?;
    let kind = text("type")?;
    let own = split_address(&address);
    let module = own.iter().filter_map(|part| module_step(part)).collect();
    let index = resource.get("index");
    let is_keyed = index.is_some_and(|index| matches!(index.value, Item::Text(_)));
    let index = index.and_then(Written::as_text).map(str::to_owned);
    let name = text("name")?;
    let at = values.at.clone().or_else(|| resource.at.clone());
    let mut read = Resource {
        address,
        module,
        is_data: text("mode").as_deref() == Some("data"),
        is_deleted: false,
        kind,
        name,
        index,
        is_keyed,
        provider: String::new(),
        values,
        at,
    };
    read.provider = configured
        .provider(&read)
        .unwrap_or_else(|| "aws".to_owned());
    Some(read)
}

/// A resource in the configuration: its module's key, whether it is data, its kind and its name.
type Key = (String, bool, String, String);

/// What the configuration says of resources, to be looked up.
pub(super) struct Configured<'a> {
    resources: BTreeMap<Key, &'a Written>,
    providers: Option<&'a Written>,
}

impl<'a> Configured<'a> {
    pub(super) fn of(root: &'a Written) -> Configured<'a> {
        let mut configured = Configured {
            resources: BTreeMap::new(),
            providers: root.path(&["configuration", "provider_config"]),
        };
        if let Some(top) = root.path(&["configuration", "root_module"]) {
            configured.add(top, "");
        }
        configured
    }

    /// Recursion is as deep as the file it was read from, which its readers bound.
    fn add(&mut self, module: &'a Written, key: &str) {
        for resource in module.get("resources").map_or(&[][..], Written::items) {
            let text = |name: &str| resource.get(name).and_then(Written::as_text);
            if let (Some(kind), Some(name)) = (text("type"), text("name")) {
                let is_data = text("mode") == Some("data");
                let key = (key.to_owned(), is_data, kind.to_owned(), name.to_owned());
                self.resources.entry(key).or_insert(resource);
            }
        }
        let calls = module.get("module_calls").map_or(&[][..], Written::entries);
        for (call, inner) in calls {
            let key = match key {
                "" => call.clone(),
                _ => format!("{key}.{call}"),
            };
            if let Some(module) = inner.get("module") {
                self.add(module, &key);
            }
        }
    }

    pub(super) fn get(&self, resource: &Resource) -> Option<&'a Written> {
        let Resource { kind, name, .. } = resource;
        let module = resource.module_key();
        let key = (module, resource.is_data, kind.clone(), name.clone());
        self.resources.get(&key).copied()
    }

    /// Whether the configuration has resources of a kind of which there is no instance.
    pub(super) fn has_without_instance(&self, kind: &str, all: &[Resource]) -> bool {
        let of_kind = self.resources.keys().filter(|key| !key.1 && key.2 == kind);
        let mut without = of_kind.filter(|(module, _, _, name)| {
            let is_it = |it: &Resource| {
                !it.is_data && it.kind == kind && it.name == *name && it.module_key() == *module
            };
            !all.iter().any(is_it)
        });
        without.next().is_some()
    }

    /// The key of the provider that makes a resource.
    fn provider(&self, resource: &Resource) -> Option<String> {
        let key = self.get(resource)?.get("provider_config_key")?.as_text()?;
        // A module's own key that is configured nowhere is handed down under the same name.
        let known = self.providers.is_some_and(|all| all.get(key).is_some());
        let own = key.rsplit(':').next().unwrap_or(key);
        Some(if known { key } else { own }.to_owned())
    }
}

/// The configuration of a module.
pub(super) fn configuration<'a>(root: &'a Written, module: &[Step]) -> Option<&'a Written> {
    let top = root.path(&["configuration", "root_module"])?;
    module.iter().try_fold(top, |module, step| {
        module.path(&["module_calls", &step.call, "module"])
    })
}

/// An address taken apart: `module.a["x.y"]`, `module.b`, `aws_s3_bucket`, `logs[0]`.
fn split_address(address: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![String::new()];
    let (mut quoted, mut escaped, mut inside) = (false, false, false);
    for character in address.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => inside = true,
            ']' if !quoted => inside = false,
            '.' if !quoted && !inside => {
                let joins = parts.last().is_some_and(|part| part == "module");
                if !joins {
                    parts.push(String::new());
                    continue;
                }
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts
}

fn module_step(part: &str) -> Option<Step> {
    let call = part.strip_prefix("module.")?;
    Some(match call.split_once('[') {
        Some((call, index)) => Step {
            call: call.to_owned(),
            index: Some(index.trim_end_matches(']').trim_matches('"').to_owned()),
        },
        None => Step {
            call: call.to_owned(),
            index: None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart_around_their_keys() {
        let steps: Vec<Step> =
            split_address("module.a[\"x.y\"].module.b[0].aws_s3_bucket.logs[\"p.q\"]")
                .iter()
                .filter_map(|part| module_step(part))
                .collect();
        let step = |call: &str, index: &str| Step {
            call: call.to_owned(),
            index: Some(index.to_owned()),
        };
        assert_eq!(steps, [step("a", "x.y"), step("b", "0")]);
        assert_eq!(module_key(&steps), "a.b");
    }
}
