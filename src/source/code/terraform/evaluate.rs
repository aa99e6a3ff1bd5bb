//! Terraform's expressions, evaluated with what the plan tells. What cannot be told is unknown; nothing here
//! is an error, since Terraform has accepted the configuration before it made the plan.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::Span as _;
use hcl_edit::expr::{
    BinaryOperator, Expression, ForExpr, ObjectKey, TraversalOperator, UnaryOperator,
};

use super::budget::steps;
use super::functions;
use super::reader::Reader;
use super::resources::{Resource, Step, configuration, module_key};
use super::sources::{Code, spot};
use crate::iam::unknown::{has_unknown, unknown};
use crate::written::{Item, Written};

/// The deepest chain of references; nothing that people write comes near.
pub(super) const DEEPEST: usize = 100;

/// The most calls of one module that are looked at.
const MOST_CALLS: usize = 10_000;

/// The longest name of a part of something that is not known.
const LONGEST_NAME: usize = 1_000;

/// Stands for a key that is not known.
const NO_KEY: &str = "?";

/// Whole numbers up to this one are exact.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// Where an expression stands: its file, its module, and the names that hold there.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    pub(super) file: &'a Code,
    pub(super) module: Vec<Step>,
    /// The instance's key of `for_each`, or its number of `count`.
    pub(super) index: Option<String>,
    /// The expression of `for_each`.
    pub(super) for_each: Option<&'a Expression>,
    /// The names of `for` expressions and dynamic blocks.
    pub(super) names: BTreeMap<String, Written>,
    pub(super) depth: usize,
}

impl<'a> Scope<'a> {
    /// The scope of what stands in a module, and in no instance.
    pub(super) fn of_module(file: &'a Code, module: &[Step]) -> Scope<'a> {
        Scope {
            file,
            module: module.to_vec(),
            index: None,
            for_each: None,
            names: BTreeMap::new(),
            depth: 0,
        }
    }
}

/// What a reference has led to so far.
enum Found<'a> {
    Value(Written),
    /// A value that others look into as well.
    Shared(Rc<Written>),
    Instances(Vec<&'a Resource>),
    Instance(&'a Resource),
    Call(Vec<Step>),
}

pub(super) fn open(name: &str) -> Written {
    Written::implied(Item::Unknown(name.to_owned()))
}

/// Begins the name of what has no name of its own. The expression that gives it is then put into its name,
/// since two expressions need not give the same.
const VAGUE: char = '?';

/// Something that is not known and that only the expression around it can name.
pub(super) fn vague(what: &str) -> Written {
    open(&format!("{VAGUE}{what}"))
}

/// Begins the name of what Terraform would refuse.
const REFUSED: char = '!';

/// What Terraform would refuse, such as the first of no instances: `try` goes on to its next argument, and since
/// Terraform has accepted the configuration, a condition did not choose it.
pub(super) fn refused(what: &str) -> Written {
    open(&format!("{REFUSED}{what}"))
}

/// Whether a value is what Terraform would refuse.
pub(super) fn is_refused(value: &Written) -> bool {
    matches!(&value.value, Item::Unknown(name) if name.starts_with(REFUSED))
}

impl<'a> Reader<'a> {
    /// The value of an expression, each part with its place.
    pub(super) fn evaluate(&self, expression: &'a Expression, scope: &Scope<'a>) -> Written {
        if scope.depth > DEEPEST {
            return Self::placed("a long chain of references", expression, scope);
        }
        if self.budget.is_spent() {
            return Self::placed("too much", expression, scope);
        }
        let value = self.named(self.value(expression, scope), expression, scope);
        // The parts of what is written out were counted one by one.
        match (expression, &value.value) {
            (Expression::Array(_) | Expression::Object(_), _) => self.budget.spend(1),
            _ if !self.budget.takes(&value) => {
                return Self::placed("too much", expression, scope);
            }
            _ => {}
        }
        // What a name stands for keeps its own place where it has one: the list or text it was written as.
        let own = spot(scope.file, expression.span());
        match expression {
            Expression::Traversal(_)
            | Expression::Variable(_)
            | Expression::FuncCall(_)
            | Expression::Conditional(_)
            | Expression::Parenthesis(_)
            | Expression::ForExpr(_) => {
                let at = value.at.clone().or(own);
                value.at(at)
            }
            _ => value.at(own),
        }
    }

    /// Gives what is vague a name of its own: what it is, where, and which expression gives it.
    fn named(&self, value: Written, expression: &Expression, scope: &Scope<'a>) -> Written {
        let Item::Unknown(name) = &value.value else {
            return value;
        };
        let Some(what) = name.strip_prefix(VAGUE) else {
            return value;
        };
        let written = expression.to_string();
        let mut text = format!("{:?} {:?} {}", scope.module, scope.index, written.trim());
        for (name, value) in &scope.names {
            text.push_str(name);
            text.push_str(&value.to_json(&unknown).0);
        }
        self.budget.spend_bytes(text.len());
        open(&super::super::named_for(what, &text)).at(value.at)
    }

    /// What is not worked out, named by its place alone.
    fn placed(what: &str, expression: &Expression, scope: &Scope<'a>) -> Written {
        let (path, span) = (&scope.file.file.path, expression.span());
        let place = format!("{:?} {:?} {path} {span:?}", scope.module, scope.index);
        open(&super::super::named_for(what, &place))
    }

    /// The scope of one round of a loop; nothing if the work is more than it is worth.
    pub(super) fn round(&self, scope: &Scope<'a>) -> Option<Scope<'a>> {
        let names = scope.names.values().map(steps);
        self.budget.spend(names.fold(1, usize::saturating_add));
        (!self.budget.is_spent()).then(|| Scope {
            depth: scope.depth + 1,
            ..scope.clone()
        })
    }

    fn value(&self, expression: &'a Expression, scope: &Scope<'a>) -> Written {
        Written::implied(match expression {
            Expression::Null(_) => Item::Null,
            Expression::Bool(value) => Item::Bool(**value),
            Expression::Number(number) => Item::Number(number.value().to_string().into()),
            Expression::String(text) => Item::Text(text.as_str().to_owned()),
            Expression::Array(array) => {
                let items = array.iter().map(|item| self.evaluate(item, scope));
                let items: Vec<Written> = items.collect();
                return of_parts(&items).unwrap_or_else(|| Written::implied(Item::List(items)));
            }
            Expression::Object(object) => {
                let mut entries = Vec::new();
                for (key, value) in object {
                    let key = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(key) => self.entry_name(key, scope),
                    };
                    entries.push((key, self.evaluate(value.expr(), scope)));
                }
                let parts = entries.iter().map(|(_, value)| value);
                return of_parts(parts).unwrap_or_else(|| Written::implied(Item::Map(entries)));
            }
            Expression::StringTemplate(template) => return self.template(template, scope, true),
            Expression::HeredocTemplate(heredoc) => {
                return self.template(&heredoc.template, scope, false);
            }
            Expression::Parenthesis(inner) => return self.evaluate(inner.inner(), scope),
            Expression::Variable(name) => {
                let known = scope.names.get(name.as_str()).cloned();
                return known.unwrap_or_else(|| vague(name.as_str()));
            }
            Expression::Conditional(it) => {
                let (yes, no) = (&it.true_expr, &it.false_expr);
                return match self.evaluate(&it.cond_expr, scope).as_bool() {
                    Some(true) => self.chosen(yes, no, scope),
                    Some(false) => self.chosen(no, yes, scope),
                    None => {
                        let (yes, no) = (self.evaluate(yes, scope), self.evaluate(no, scope));
                        match (is_refused(&yes), is_refused(&no)) {
                            (true, false) => no,
                            (false, true) => yes,
                            _ if yes.to_json(&unknown).0 == no.to_json(&unknown).0 => yes,
                            _ => vague("a condition"),
                        }
                    }
                };
            }
            Expression::FuncCall(call) => {
                let name = call.name.name.as_str();
                if let Some(value) = self.of_file(name, call, scope) {
                    return value;
                }
                let mut arguments: Vec<Written> = call
                    .args
                    .iter()
                    .map(|argument| self.evaluate(argument, scope))
                    .collect();
                if call.args.expand_final()
                    && let Some(last) = arguments.pop()
                {
                    if is_refused(&last) {
                        return last;
                    }
                    if matches!(last.value, Item::Unknown(_)) || is_open_set(&last) {
                        return vague(name);
                    }
                    arguments.extend(last.items().iter().cloned());
                }
                return functions::call(name, arguments, &self.budget);
            }
            Expression::Traversal(it) => return self.traverse(&it.expr, &it.operators, scope),
            Expression::UnaryOp(it) => {
                let value = self.evaluate(&it.expr, scope);
                let number = value.as_text().and_then(|text| text.parse::<f64>().ok());
                match (it.operator.value(), value.as_bool(), number) {
                    (UnaryOperator::Not, Some(value), _) => Item::Bool(!value),
                    (UnaryOperator::Neg, _, Some(value)) => return number_of(-value),
                    _ if is_refused(&value) => return value,
                    _ => return vague("a number"),
                }
            }
            Expression::BinaryOp(it) => {
                let (one, other) = (
                    self.evaluate(&it.lhs_expr, scope),
                    self.evaluate(&it.rhs_expr, scope),
                );
                // What is alike may be of two types all the same, which are never equal.
                let is_certain =
                    has_certain_type(&it.lhs_expr, &one) && has_certain_type(&it.rhs_expr, &other);
                return binary(*it.operator.value(), &one, &other, is_certain);
            }
            Expression::ForExpr(it) => return self.each(it, scope),
        })
    }

    /// The branch that a condition chooses; as a text if the other is of another simple type.
    fn chosen(&self, it: &'a Expression, other: &'a Expression, scope: &Scope<'a>) -> Written {
        let value = self.evaluate(it, scope);
        if !matches!(value.value, Item::Bool(_) | Item::Number(_)) {
            return value;
        }
        let other = self.evaluate(other, scope);
        functions::of_one_type(vec![value, other])
            .into_iter()
            .next()
            .unwrap_or_else(|| vague("a condition"))
    }

    fn entry_name(&self, key: &'a Expression, scope: &Scope<'a>) -> String {
        if let Expression::Variable(name) = key {
            return name.as_str().to_owned();
        }
        Self::key_of(&self.evaluate(key, scope))
    }

    fn key_of(key: &Written) -> String {
        match &key.value {
            Item::Unknown(name) => unknown(name),
            _ => key.as_text().unwrap_or_default().to_owned(),
        }
    }

    fn each(&self, it: &'a ForExpr, scope: &Scope<'a>) -> Written {
        let collection = self.evaluate(&it.intro.collection_expr, scope);
        let Some(pairs) = pairs(&collection) else {
            return if is_refused(&collection) {
                collection
            } else {
                vague("a loop")
            };
        };
        // As many as the collection has.
        let is_open = is_open_set(&collection);
        let (mut list, mut entries) = (Vec::new(), Vec::<(String, Written)>::new());
        let mut known = BTreeMap::<String, usize>::new();
        for (key, value) in pairs {
            let is_any_number = is_open && matches!(value.value, Item::Unknown(_));
            let Some(mut inner) = self.round(scope) else {
                return vague("too much");
            };
            if let Some(name) = &it.intro.key_var {
                inner.names.insert(name.as_str().to_owned(), key);
            }
            inner
                .names
                .insert(it.intro.value_var.as_str().to_owned(), value);
            if let Some(condition) = &it.cond {
                match self.evaluate(&condition.expr, &inner).as_bool() {
                    Some(true) => {}
                    Some(false) => continue,
                    None => return vague("a condition"),
                }
            }
            let value = self.evaluate(&it.value_expr, &inner);
            if is_refused(&value) {
                return value;
            }
            // It may stand for none.
            if is_any_number && (is_known(&value) || is_many(&value)) {
                return vague("a loop");
            }
            let Some(key) = &it.key_expr else {
                list.push(value);
                continue;
            };
            let key = Self::key_of(&self.evaluate(key, &inner));
            let next = entries.len();
            let at = *known.entry(key.clone()).or_insert(next);
            match entries.get_mut(at) {
                Some((_, group)) if it.grouping => {
                    if let Item::List(group) = &mut group.value {
                        group.push(value);
                    }
                }
                _ if it.grouping => entries.push((key, Written::implied(Item::List(vec![value])))),
                _ => entries.push((key, value)),
            }
        }
        Written::implied(match it.key_expr {
            // A part of a map whose keys are not all known.
            Some(_) if is_open => return vague("a loop"),
            Some(_) => Item::Map(entries),
            None if is_open => Item::Set(list),
            None => Item::List(list),
        })
    }

    fn traverse(
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

/// Whether all of a value is known.
pub(super) fn is_known(value: &Written) -> bool {
    match &value.value {
        Item::Unknown(_) => false,
        Item::Text(text) => !has_unknown(text),
        Item::List(items) | Item::Set(items) => items.iter().all(is_known),
        Item::Map(entries) => entries
            .iter()
            .all(|(key, value)| !has_unknown(key) && is_known(value)),
        Item::Json(inner) => is_known(inner),
        Item::Null | Item::Bool(_) | Item::Number(_) => true,
    }
}

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
fn of_parts<'w>(parts: impl IntoIterator<Item = &'w Written>) -> Option<Written> {
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

fn binary(operator: BinaryOperator, one: &Written, other: &Written, is_certain: bool) -> Written {
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
fn has_certain_type(expression: &Expression, value: &Written) -> bool {
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

fn numbers(one: &Written, other: &Written) -> Option<(f64, f64)> {
    Some((one.as_text()?.parse().ok()?, other.as_text()?.parse().ok()?))
}
