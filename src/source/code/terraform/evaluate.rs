//! Terraform's expressions, evaluated with what the plan tells. What cannot be told is unknown; nothing here
//! is an error, since Terraform has accepted the configuration before it made the plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{
    BinaryOperator, Expression, ForExpr, ObjectKey, TraversalOperator, UnaryOperator,
};
use hcl_edit::template::{Element, Template};

use super::functions;
use super::reader::Reader;
use super::resources::{Resource, Step, configuration, module_key};
use super::sources::spot;
use crate::iam::unknown::{has_unknown, unknown};
use crate::written::{Item, SourceFile, Written};

/// The deepest chain of references; nothing that people write comes near.
const DEEPEST: usize = 100;

/// The longest text that is made.
const LONGEST: usize = 1 << 20;

/// Where an expression stands: its file, its module, and the names that hold there.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    pub(super) file: &'a Arc<SourceFile>,
    pub(super) module: Vec<Step>,
    /// The instance's key of `for_each`, or its number of `count`.
    pub(super) index: Option<String>,
    /// The expression of `for_each`.
    pub(super) for_each: Option<&'a Expression>,
    /// The names of `for` expressions and dynamic blocks.
    pub(super) names: BTreeMap<String, Written>,
    pub(super) depth: usize,
}

/// What a reference has led to so far.
enum Found<'a> {
    Value(Written),
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

impl<'a> Reader<'a> {
    /// The value of an expression, each part with its place.
    pub(super) fn evaluate(&self, expression: &'a Expression, scope: &Scope<'a>) -> Written {
        if scope.depth > DEEPEST {
            return vague("a long chain of references");
        }
        let value = Self::named(self.value(expression, scope), expression, scope);
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
    fn named(value: Written, expression: &Expression, scope: &Scope<'a>) -> Written {
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
        open(&super::super::named_for(what, &text)).at(value.at)
    }

    fn value(&self, expression: &'a Expression, scope: &Scope<'a>) -> Written {
        Written::implied(match expression {
            Expression::Null(_) => Item::Null,
            Expression::Bool(value) => Item::Bool(**value),
            Expression::Number(number) => Item::Number(number.value().to_string().into()),
            Expression::String(text) => Item::Text(text.as_str().to_owned()),
            Expression::Array(array) => Item::List(
                array
                    .iter()
                    .map(|item| self.evaluate(item, scope))
                    .collect(),
            ),
            Expression::Object(object) => {
                let mut entries = Vec::new();
                for (key, value) in object {
                    let key = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(key) => self.entry_name(key, scope),
                    };
                    entries.push((key, self.evaluate(value.expr(), scope)));
                }
                Item::Map(entries)
            }
            Expression::StringTemplate(template) => return self.template(template, scope),
            Expression::HeredocTemplate(heredoc) => {
                let text = self.template(&heredoc.template, scope);
                return text;
            }
            Expression::Parenthesis(inner) => return self.evaluate(inner.inner(), scope),
            Expression::Variable(name) => {
                let known = scope.names.get(name.as_str()).cloned();
                return known.unwrap_or_else(|| vague(name.as_str()));
            }
            Expression::Conditional(it) => {
                let (yes, no) = (&it.true_expr, &it.false_expr);
                return match self.evaluate(&it.cond_expr, scope).as_bool() {
                    Some(true) => self.evaluate(yes, scope),
                    Some(false) => self.evaluate(no, scope),
                    None => {
                        let (yes, no) = (self.evaluate(yes, scope), self.evaluate(no, scope));
                        if yes.to_json(&unknown).0 == no.to_json(&unknown).0 {
                            return yes;
                        }
                        vague("a condition")
                    }
                };
            }
            Expression::FuncCall(call) => {
                let name = call.name.name.as_str();
                let mut arguments: Vec<Written> = call
                    .args
                    .iter()
                    .map(|argument| self.evaluate(argument, scope))
                    .collect();
                if call.args.expand_final()
                    && let Some(last) = arguments.pop()
                {
                    if let Item::Unknown(_) = last.value {
                        return last;
                    }
                    arguments.extend(last.items().iter().cloned());
                }
                return functions::call(name, arguments);
            }
            Expression::Traversal(it) => return self.traverse(&it.expr, &it.operators, scope),
            Expression::UnaryOp(it) => match (
                it.operator.value(),
                self.evaluate(&it.expr, scope).as_bool(),
            ) {
                (UnaryOperator::Not, Some(value)) => Item::Bool(!value),
                _ => return vague("a number"),
            },
            Expression::BinaryOp(it) => {
                let (one, other) = (
                    self.evaluate(&it.lhs_expr, scope),
                    self.evaluate(&it.rhs_expr, scope),
                );
                return binary(*it.operator.value(), &one, &other);
            }
            Expression::ForExpr(it) => return self.each(it, scope),
        })
    }

    fn entry_name(&self, key: &'a Expression, scope: &Scope<'a>) -> String {
        if let Expression::Variable(name) = key {
            return name.as_str().to_owned();
        }
        let value = self.evaluate(key, scope);
        match &value.value {
            Item::Unknown(name) => unknown(name),
            _ => value.as_text().unwrap_or_default().to_owned(),
        }
    }

    /// A text with interpolations; what is not known stands in it under its name.
    fn template(&self, template: &'a Template, scope: &Scope<'a>) -> Written {
        // One interpolation alone is its value, whatever its type.
        if let [Element::Interpolation(only)] = template.iter().collect::<Vec<_>>().as_slice() {
            return self.evaluate(&only.expr, scope);
        }
        let mut text = String::new();
        for element in template {
            match element {
                Element::Literal(literal) => text.push_str(literal),
                Element::Interpolation(it) => {
                    let value = self.evaluate(&it.expr, scope);
                    match (&value.value, value.as_text()) {
                        (Item::Unknown(name), _) => text.push_str(&unknown(name)),
                        (_, Some(part)) => text.push_str(part),
                        _ => return vague("a text"),
                    }
                }
                Element::Directive(_) => return vague("a template"),
            }
            if text.len() > LONGEST {
                return vague("a long text");
            }
        }
        Written::text(text)
    }

    fn each(&self, it: &'a ForExpr, scope: &Scope<'a>) -> Written {
        let collection = self.evaluate(&it.intro.collection_expr, scope);
        if let Item::Unknown(_) = collection.value {
            return collection;
        }
        let pairs: Vec<(Written, Written)> = match &collection.value {
            Item::Map(entries) => entries
                .iter()
                .map(|(key, value)| (Written::text(&**key), value.clone()))
                .collect(),
            _ => (0..)
                .zip(collection.items())
                .map(|(index, item): (usize, _)| {
                    (
                        Written::implied(Item::Number(index.to_string().into())),
                        item.clone(),
                    )
                })
                .collect(),
        };
        let (mut list, mut entries) = (Vec::new(), Vec::new());
        for (key, value) in pairs {
            let mut inner = scope.clone();
            inner.depth += 1;
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
            match &it.key_expr {
                Some(key) => entries.push((self.entry_name(key, &inner), value)),
                None => list.push(value),
            }
        }
        if it.grouping {
            return vague("a grouping");
        }
        Written::implied(match it.key_expr {
            Some(_) => Item::Map(entries),
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
                    self.step(found, key.as_text().unwrap_or("?"), scope)
                }
                TraversalOperator::LegacyIndex(index) => {
                    self.step(found, &index.value().to_string(), scope)
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    let each: Vec<Found<'a>> = match found {
                        Found::Instances(all) => all.into_iter().map(Found::Instance).collect(),
                        Found::Value(Written {
                            value: Item::Unknown(_),
                            ..
                        }) => return vague("a splat"),
                        Found::Value(value) => {
                            value.items().iter().cloned().map(Found::Value).collect()
                        }
                        single => vec![single],
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
                                    self.step(one, key.as_text().unwrap_or("?"), scope)
                                }
                                _ => Found::Value(vague("a splat")),
                            };
                        }
                        Self::finish(one)
                    });
                    return Written::implied(Item::List(items.collect()));
                }
            };
        }
        Self::finish(found)
    }

    fn finish(found: Found<'a>) -> Written {
        match found {
            Found::Value(value) => value,
            Found::Instance(resource) => resource.values.clone(),
            // An instance alone needs no index where it has none.
            Found::Instances(all) => match all.as_slice() {
                [only] if only.index.is_none() => only.values.clone(),
                all => {
                    Written::implied(Item::List(all.iter().map(|it| it.values.clone()).collect()))
                }
            },
            Found::Call(_) => vague("a module"),
        }
    }

    /// What a name at the beginning of a reference stands for, and how many of the names after it that took.
    fn root(&self, name: &str, names: &[&str], scope: &Scope<'a>) -> (Found<'a>, usize) {
        let first = names.first().copied().unwrap_or_default();
        match name {
            "var" => (Found::Value(self.variable(first, scope)), 1),
            "local" => (Found::Value(self.local(first, scope)), 1),
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
            "path" | "terraform" => (Found::Value(vague(name)), names.len()),
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
            [] if is_data => Found::Value(self.implied_data(kind, name, scope)),
            _ => Found::Instances(all),
        }
    }

    fn step(&self, found: Found<'a>, name: &str, scope: &Scope<'a>) -> Found<'a> {
        match found {
            Found::Instance(resource) => Found::Value(self.attribute(resource, name)),
            Found::Instances(all) => {
                let one = all.into_iter().find(|it| it.index.as_deref() == Some(name));
                one.map_or_else(|| Found::Value(vague(name)), Found::Instance)
            }
            Found::Call(module) => {
                if let Some((last, before)) = module.split_last()
                    && last.index.is_none()
                {
                    let mut indexed = before.to_vec();
                    indexed.push(Step {
                        call: last.call.clone(),
                        index: Some(name.to_owned()),
                    });
                    if self.modules.contains(indexed.as_slice()) {
                        return Found::Call(indexed);
                    }
                }
                Found::Value(self.output(&module, name, scope))
            }
            Found::Value(value) => Found::Value(match &value.value {
                Item::Unknown(outer) => open(&format!("{outer}.{name}")),
                Item::List(items) => {
                    let item = name.parse().ok().and_then(|index: usize| items.get(index));
                    item.cloned().unwrap_or_else(|| vague(name))
                }
                _ => value.get(name).cloned().unwrap_or_else(|| vague(name)),
            }),
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
        let mut outer = scope.clone();
        outer.for_each = None;
        outer.depth += 1;
        let all = self.evaluate(expression, &outer);
        match &all.value {
            Item::Map(_) => all.get(key).cloned().unwrap_or_else(|| vague("each.value")),
            Item::List(_) => Written::text(&**key),
            _ => vague("each.value"),
        }
    }

    fn local(&self, name: &str, scope: &Scope<'a>) -> Written {
        let of_module = format!("{:?} local {name}", scope.module);
        self.once(of_module, &address(&scope.module, "local", name), || {
            let module = self.plan.sources.module(&module_key(&scope.module))?;
            let (file, expression) = module.local(name)?;
            Some(self.evaluate(expression, &Self::scope_of(file, scope)))
        })
    }

    /// A scope in the same module, without the names of an instance.
    fn scope_of(file: &'a Arc<SourceFile>, scope: &Scope<'a>) -> Scope<'a> {
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
    fn variable(&self, name: &str, scope: &Scope<'a>) -> Written {
        let of_module = format!("{:?} var {name}", scope.module);
        self.once(of_module, &address(&scope.module, "var", name), || {
            let Some((step, parent)) = scope.module.split_last() else {
                let told = self.plan.root.path(&["variables", name, "value"]).cloned();
                // The plan has the value, but not where it was written.
                return told
                    .map(|value| value.at(None))
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
            Some(self.evaluate(&attribute.value, &inner))
        })
    }

    fn default(&self, name: &str, scope: &Scope<'a>) -> Option<Written> {
        let module = self.plan.sources.module(&module_key(&scope.module))?;
        let (file, block) = module.block("variable", &[name])?;
        let default = block.body.get_attribute("default")?;
        Some(self.evaluate(&default.value, &Self::scope_of(file, scope)))
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

fn binary(operator: BinaryOperator, one: &Written, other: &Written) -> Written {
    let texts = one.as_text().zip(other.as_text());
    let known = texts.filter(|(one, other)| !has_unknown(one) && !has_unknown(other));
    let flag = |value: Option<bool>| {
        value.map_or_else(
            || vague("a condition"),
            |value| Written::implied(Item::Bool(value)),
        )
    };
    // `null` is a value of its own.
    let nulls = (one.is_null() || other.is_null())
        && !matches!(one.value, Item::Unknown(_))
        && !matches!(other.value, Item::Unknown(_));
    let equal = if nulls {
        Some(one.is_null() && other.is_null())
    } else {
        known.map(|(one, other)| one == other)
    };
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

fn numbers(one: &Written, other: &Written) -> Option<(f64, f64)> {
    Some((one.as_text()?.parse().ok()?, other.as_text()?.parse().ok()?))
}
