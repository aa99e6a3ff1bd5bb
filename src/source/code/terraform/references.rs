//! What references lead to: resources and their instances, modules, variables, locals and outputs.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, TraversalOperator};

use super::evaluate::{Scope, is_refused, open, refused, vague};
use super::reader::Reader;
use super::resources::{Resource, Step, configuration, module_key};
use super::sources::Code;
use super::values::{is_open_set, of_parts, pairs, several};
use crate::iam::unknown::has_unknown;
use crate::written::{Item, Written};

/// The longest name of a part of something that is not known.
const LONGEST_NAME: usize = 1_000;

/// Stands for a key that is not known.
const NO_KEY: &str = "?";

/// The most calls of one module that are looked at.
const MOST_CALLS: usize = 10_000;

/// What a reference has led to so far.
enum Found<'a> {
    Value(Written),
    /// A value that others look into as well.
    Shared(Rc<Written>),
    Instances(Vec<&'a Resource>),
    Instance(&'a Resource),
    Call(Vec<Step>),
}

impl<'a> Reader<'a> {
    pub(super) fn traverse(
        &self,
        start: &'a Expression,
        operators: &'a [hcl_edit::Decorated<TraversalOperator>],
        scope: &Scope<'a>,
    ) -> Written {
        let names: Vec<&str> = operators
            .iter()
            .map_while(|operator| match operator.value() {
                TraversalOperator::GetAttr(name) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let (found, used) = match start {
            Expression::Variable(name) if !scope.names.contains_key(name.as_str()) => {
                self.root(name.as_str(), &names, scope)
            }
            _ => (Found::Value(self.evaluate(start, scope)), 0),
        };
        let mut found = found;
        let mut rest = operators.iter().skip(used);
        while let Some(operator) = rest.next() {
            found = match operator.value() {
                TraversalOperator::GetAttr(name) => self.step(found, name.as_str(), scope),
                TraversalOperator::Index(key) => {
                    let key = self.evaluate(key, scope);
                    self.step(found, key.as_text().unwrap_or(NO_KEY), scope)
                }
                TraversalOperator::LegacyIndex(index) => {
                    self.step(found, &index.value().to_string(), scope)
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    let mut is_open = false;
                    let each: Vec<Found<'a>> = match found {
                        Found::Instances(all) => all.into_iter().map(Found::Instance).collect(),
                        Found::Call(module) => match self.calls(&module) {
                            Some(all) => all.into_iter().map(Found::Call).collect(),
                            None => return vague("a splat"),
                        },
                        Found::Instance(_) => vec![found],
                        Found::Value(_) | Found::Shared(_) => {
                            let value = self.finish(found);
                            is_open = is_open_set(&value);
                            match value.value {
                                Item::Unknown(_) if is_refused(&value) => return value,
                                Item::Unknown(_) => return vague("a splat"),
                                _ => value.items().iter().cloned().map(Found::Value).collect(),
                            }
                        }
                    };
                    let after: Vec<_> = rest.collect();
                    let items = each.into_iter().map(|mut one| {
                        for operator in &after {
                            one = match operator.value() {
                                TraversalOperator::GetAttr(name) => {
                                    self.step(one, name.as_str(), scope)
                                }
                                TraversalOperator::Index(key) => {
                                    let key = self.evaluate(key, scope);
                                    self.step(one, key.as_text().unwrap_or(NO_KEY), scope)
                                }
                                _ => Found::Value(vague("a splat")),
                            };
                        }
                        self.finish(one)
                    });
                    let items: Vec<Written> = items.collect();
                    return of_parts(&items).unwrap_or_else(|| several(items, is_open));
                }
            };
        }
        self.finish(found)
    }

    fn finish(&self, found: Found<'a>) -> Written {
        match found {
            Found::Value(value) => value,
            Found::Shared(value) => value.as_ref().clone(),
            Found::Instance(resource) => self.object(resource),
            // An instance alone needs no index where it has none.
            Found::Instances(all) => match all.as_slice() {
                [only] if only.index.is_none() => self.object(only),
                all if all.iter().any(|it| it.is_keyed) => {
                    let all = all
                        .iter()
                        .filter_map(|it| Some((it.index.clone()?, self.object(it))));
                    Written::implied(Item::Map(all.collect()))
                }
                all => {
                    let all = all.iter().map(|it| self.object(it));
                    Written::implied(Item::List(all.collect()))
                }
            },
            Found::Call(_) => vague("a module"),
        }
    }

    /// A resource as a whole, as an output hands it on.
    fn object(&self, resource: &Resource) -> Written {
        let entries = resource.values.entries().iter().map(|(name, value)| {
            let value = match &value.value {
                Item::Unknown(_) => self.attribute(resource, name),
                _ => value.clone(),
            };
            (name.clone(), value)
        });
        Written::implied(Item::Map(entries.collect()))
    }

    /// What a name at the beginning of a reference stands for, and how many of the names after it that took.
    fn root(&self, name: &str, names: &[&str], scope: &Scope<'a>) -> (Found<'a>, usize) {
        let first = names.first().copied().unwrap_or_default();
        match name {
            "var" => (Found::Shared(self.variable(first, scope)), 1),
            "local" => (Found::Shared(self.local(first, scope)), 1),
            "each" => (Found::Value(self.each_value(first, scope)), 1),
            "count" => {
                let index = scope.index.as_deref().unwrap_or("0");
                (
                    Found::Value(Written::implied(Item::Number(index.into()))),
                    1,
                )
            }
            "module" => {
                let mut module = scope.module.clone();
                module.push(Step {
                    call: first.to_owned(),
                    index: None,
                });
                (Found::Call(module), 1)
            }
            "data" => {
                let second = names.get(1).copied().unwrap_or_default();
                (self.instances(true, first, second, scope), 2)
            }
            "path" => (Found::Value(self.folder(first, scope)), 1),
            "terraform" => (Found::Value(vague(name)), names.len()),
            kind => (self.instances(false, kind, first, scope), 1),
        }
    }

    fn instances(&self, is_data: bool, kind: &str, name: &str, scope: &Scope<'a>) -> Found<'a> {
        let all: Vec<&Resource> = self
            .instances_of(is_data, kind, name, &scope.module)
            .collect();
        match all.as_slice() {
            [only] if only.index.is_none() => Found::Instance(only),
            // Data that is read only while the plan runs, and what a state does not keep.
            [] if is_data && !self.is_counted("data", &[kind, name], &scope.module) => {
                Found::Value(self.implied_data(kind, name, scope))
            }
            _ => Found::Instances(all),
        }
    }

    fn step(&self, found: Found<'a>, name: &str, scope: &Scope<'a>) -> Found<'a> {
        match found {
            Found::Instance(resource) => Found::Value(self.attribute(resource, name)),
            Found::Instances(all) => {
                let one = all.into_iter().find(|it| it.index.as_deref() == Some(name));
                let none = || {
                    Found::Value(if self.plan.is_complete && is_key(name) {
                        refused(name)
                    } else {
                        vague(name)
                    })
                };
                one.map_or_else(none, Found::Instance)
            }
            Found::Call(module) => {
                let Some((last, before)) = module.split_last() else {
                    return Found::Value(vague(name));
                };
                if last.index.is_some() || !self.is_counted("module", &[&last.call], before) {
                    return Found::Value(self.output(&module, name, scope));
                }
                let index = Some(name.to_owned());
                let call = last.call.clone();
                let indexed = [before, &[Step { call, index }]].concat();
                match self.calls(&module) {
                    _ if !is_key(name) => Found::Value(vague(name)),
                    Some(all) if !all.contains(&indexed) => Found::Value(refused(name)),
                    _ => Found::Call(indexed),
                }
            }
            Found::Value(value) => Found::Value(self.inner(&value, name)),
            Found::Shared(value) => Found::Value(self.inner(&value, name)),
        }
    }

    /// A part of a value.
    fn inner(&self, value: &Written, name: &str) -> Written {
        self.budget.spend_bytes(value.entries().len());
        match &value.value {
            Item::Unknown(_) if is_refused(value) => value.clone(),
            Item::Unknown(outer) if is_key(name) && outer.len() < LONGEST_NAME => {
                open(&format!("{outer}.{name}"))
            }
            Item::Unknown(_) => vague("a part"),
            Item::Set(_) if is_open_set(value) => vague(name),
            Item::List(items) => match name.parse::<usize>() {
                Ok(index) => items.get(index).cloned().unwrap_or_else(|| refused(name)),
                Err(_) => vague(name),
            },
            Item::Set(_) | Item::Null => refused(name),
            _ => value.get(name).cloned().unwrap_or_else(|| vague(name)),
        }
    }

    fn each_value(&self, name: &str, scope: &Scope<'a>) -> Written {
        let Some(key) = &scope.index else {
            return vague("each");
        };
        if name == "key" {
            return Written::text(&**key);
        }
        let Some(expression) = scope.for_each else {
            return vague("each.value");
        };
        // What `for_each` goes over is the same for all instances.
        let at = expression.span().map_or(0, |span| span.start);
        let name = format!("{:?} for_each {} {at}", scope.module, scope.file.file.path);
        let all = self.shared(name, "for_each", || {
            Some(self.evaluate(expression, &Self::scope_of(scope.file, scope)))
        });
        match &all.value {
            Item::Map(_) => all.get(key).cloned().unwrap_or_else(|| vague("each.value")),
            Item::List(_) | Item::Set(_) => Written::text(&**key),
            _ => vague("each.value"),
        }
    }

    /// Whether there may be several of a block, or none.
    fn is_counted(&self, kind: &str, labels: &[&str], module: &[Step]) -> bool {
        let block = self.plan.sources.module(&module_key(module));
        let block = block.and_then(|it| it.block(kind, labels));
        let Some((_, block)) = block else {
            let own = labels.first().copied().unwrap_or_default();
            return kind == "module"
                && self.modules.iter().any(|known| {
                    known.split_last().is_some_and(|(last, before)| {
                        before == module && last.call == own && last.index.is_some()
                    })
                });
        };
        ["count", "for_each"]
            .iter()
            .any(|name| block.body.get_attribute(name).is_some())
    }

    /// The instances of a module that is called with `count` or `for_each`, if that can be told.
    fn calls(&self, module: &[Step]) -> Option<Vec<Vec<Step>>> {
        let (last, before) = module.split_last()?;
        let of = |index: String| {
            let call = last.call.clone();
            let index = Some(index);
            [before, &[Step { call, index }]].concat()
        };
        let (file, block) = self
            .plan
            .sources
            .module(&module_key(before))?
            .block("module", &[&last.call])?;
        let outer = Scope::of_module(file, before);
        if let Some(count) = block.body.get_attribute("count") {
            let count = self.evaluate(&count.value, &outer);
            let count: usize = count.as_text()?.parse().ok()?;
            return (count <= MOST_CALLS)
                .then(|| (0..count).map(|at| of(at.to_string())).collect());
        }
        let all = self.evaluate(&block.body.get_attribute("for_each")?.value, &outer);
        let keys = pairs(&all)?.into_iter().map(|(key, value)| {
            let key = match all.value {
                Item::Map(_) => key,
                _ => value,
            };
            Some(of(key
                .as_text()
                .filter(|key| !has_unknown(key))?
                .to_owned()))
        });
        keys.collect()
    }

    fn local(&self, name: &str, scope: &Scope<'a>) -> Rc<Written> {
        let of_module = format!("{:?} local {name}", scope.module);
        self.shared(of_module, &address(&scope.module, "local", name), || {
            let module = self.plan.sources.module(&module_key(&scope.module))?;
            let (file, expression) = module.local(name)?;
            Some(self.evaluate(expression, &Self::scope_of(file, scope)))
        })
    }

    /// A scope in the same module, without the names of an instance.
    fn scope_of(file: &'a Code, scope: &Scope<'a>) -> Scope<'a> {
        Scope {
            file,
            module: scope.module.clone(),
            index: None,
            for_each: None,
            names: BTreeMap::new(),
            depth: scope.depth + 1,
        }
    }

    /// A variable: of the root module as the plan tells it, of another as its call gives it.
    fn variable(&self, name: &str, scope: &Scope<'a>) -> Rc<Written> {
        let of_module = format!("{:?} var {name}", scope.module);
        self.shared(of_module, &address(&scope.module, "var", name), || {
            let Some((step, parent)) = scope.module.split_last() else {
                let told = self.plan.root.path(&["variables", name, "value"]).cloned();
                // The plan has the value, but not where it was written.
                return told
                    .map(|value| self.conform(name, value.at(None), scope))
                    .or_else(|| self.default(name, scope));
            };
            let block = self.plan.sources.module(&module_key(parent));
            let block = block.and_then(|outer| outer.block("module", &[&step.call]));
            let Some((file, block)) = block else {
                let call = configuration(&self.plan.root, parent)?;
                let told = call.path(&["module_calls", &step.call, "expressions", name])?;
                let mut inner = Self::scope_of(scope.file, scope);
                inner.module = parent.to_vec();
                inner.index.clone_from(&step.index);
                return self.by_references(told, &inner);
            };
            let Some(attribute) = block.body.get_attribute(name) else {
                return self.default(name, scope);
            };
            let inner = Scope {
                file,
                module: parent.to_vec(),
                index: step.index.clone(),
                for_each: block.body.get_attribute("for_each").map(|it| &it.value),
                names: BTreeMap::new(),
                depth: scope.depth + 1,
            };
            let given = self.evaluate(&attribute.value, &inner);
            Some(self.conform(name, given, scope))
        })
    }

    /// A value as a variable's type makes it.
    fn conform(&self, name: &str, value: Written, scope: &Scope<'a>) -> Written {
        let module = self.plan.sources.module(&module_key(&scope.module));
        let Some((file, block)) = module.and_then(|it| it.block("variable", &[name])) else {
            return value;
        };
        let attribute = |name: &str| block.body.get_attribute(name).map(|it| &it.value);
        let inner = Self::scope_of(file, scope);
        let nullable = attribute("nullable").map(|it| self.evaluate(it, &inner));
        let value = match attribute("default") {
            Some(default)
                if value.is_null() && nullable.is_some_and(|it| it.as_bool() == Some(false)) =>
            {
                self.evaluate(default, &inner)
            }
            _ => value,
        };
        match attribute("type") {
            Some(wanted) => self.typed(wanted, value, &inner),
            None => value,
        }
    }

    fn default(&self, name: &str, scope: &Scope<'a>) -> Option<Written> {
        let module = self.plan.sources.module(&module_key(&scope.module))?;
        let (file, block) = module.block("variable", &[name])?;
        let default = block.body.get_attribute("default")?;
        let default = self.evaluate(&default.value, &Self::scope_of(file, scope));
        Some(self.conform(name, default, scope))
    }

    fn output(&self, module: &[Step], name: &str, scope: &Scope<'a>) -> Written {
        let of_module = format!("{module:?} output {name}");
        self.once(of_module, &address(module, "output", name), || {
            let block = self.plan.sources.module(&module_key(module));
            let Some((file, block)) = block.and_then(|it| it.block("output", &[name])) else {
                let called = configuration(&self.plan.root, module)?;
                let told = called.path(&["outputs", name, "expression"])?;
                let inner = Scope {
                    module: module.to_vec(),
                    ..Self::scope_of(scope.file, scope)
                };
                return self.by_references(told, &inner);
            };
            let value = block.body.get_attribute("value")?;
            let inner = Scope {
                module: module.to_vec(),
                ..Self::scope_of(file, scope)
            };
            Some(self.evaluate(&value.value, &inner))
        })
    }
}

/// The address of a variable, a local value or an output.
fn address(module: &[Step], kind: &str, name: &str) -> String {
    let mut address = String::new();
    for step in module {
        address.push_str(&step.call);
        if let Some(index) = &step.index {
            address.push('[');
            address.push_str(index);
            address.push(']');
        }
        address.push('.');
    }
    address + kind + "." + name
}

/// Whether the name of a part is known.
fn is_key(name: &str) -> bool {
    name != NO_KEY && !has_unknown(name)
}
