//! Terraform's expressions, evaluated with what the plan tells. What cannot be told is unknown; nothing here
//! is an error, since Terraform has accepted the configuration before it made the plan.

use std::collections::BTreeMap;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ForExpr, ObjectKey, UnaryOperator};

use super::super::answers::is_known;
use super::budget::steps;
use super::functions;
use super::reader::Reader;
use super::resources::Step;
use super::sources::{Code, spot};
use super::values::{binary, has_certain_type, is_many, is_open_set, number_of, of_parts, pairs};
use crate::iam::unknown::unknown;
use crate::written::{Item, Written};

/// The deepest chain of references; nothing that people write comes near.
pub(super) const DEEPEST: usize = 100;

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
}
