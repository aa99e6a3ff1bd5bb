//! Values as the types of variables make them: attributes that may be left out get their defaults, sets are sorted.
//!
//! Source: Terraform Language Documentation, "Type Constraints" (read 2026-11).

use hcl_edit::expr::{Expression, FuncCall, ObjectKey};

use super::super::answers::is_known;
use super::evaluate::{Scope, is_refused, vague};
use super::functions::{as_set, number_in};
use super::reader::Reader;
use crate::written::{Item, Written};

impl<'a> Reader<'a> {
    /// A value as a type constraint makes it.
    pub(super) fn typed(
        &self,
        wanted: &'a Expression,
        value: Written,
        scope: &Scope<'a>,
    ) -> Written {
        if matches!(value.value, Item::Unknown(_) | Item::Null) {
            return value;
        }
        let at = value.at.clone();
        match wanted {
            Expression::Variable(name) if name.as_str() == "string" => match value.value {
                Item::Number(text) => Written::text(text).at(at),
                Item::Bool(flag) => Written::text(flag.to_string()).at(at),
                _ => value,
            },
            Expression::Variable(name) if name.as_str() == "bool" => match value.as_text() {
                Some("true") => Written::implied(Item::Bool(true)).at(at),
                Some("false") => Written::implied(Item::Bool(false)).at(at),
                _ => value,
            },
            Expression::Variable(name) if name.as_str() == "number" => {
                let number = number_in(&value).unwrap_or_else(|| vague("a number"));
                number.at(at)
            }
            Expression::FuncCall(call) => self.of_kind(call, value, scope),
            _ => value,
        }
    }

    fn of_kind(&self, call: &'a FuncCall, value: Written, scope: &Scope<'a>) -> Written {
        let Some(inner) = call.args.iter().next() else {
            return value;
        };
        let (at, kind) = (value.at.clone(), call.name.name.as_str());
        let each = |value: Written| self.typed(inner, value, scope);
        match (kind, value.value) {
            ("list", Item::Set(items)) if !items.iter().all(is_known) => {
                as_set(items.into_iter().map(each).collect()).at(at)
            }
            ("list", Item::List(items) | Item::Set(items)) => {
                Written::implied(Item::List(items.into_iter().map(each).collect())).at(at)
            }
            ("set", Item::List(items) | Item::Set(items)) => {
                as_set(items.into_iter().map(each).collect()).at(at)
            }
            ("map", Item::Map(entries)) => {
                let entries = entries.into_iter().map(|(key, value)| (key, each(value)));
                Written::implied(Item::Map(entries.collect())).at(at)
            }
            ("object", Item::Map(entries)) => match inner {
                Expression::Object(fields) => {
                    let given = Written::implied(Item::Map(entries)).at(at.clone());
                    let fields = fields.iter().filter_map(|(key, wanted)| {
                        let name = match key {
                            ObjectKey::Ident(name)
                            | ObjectKey::Expression(Expression::Variable(name)) => name.as_str(),
                            ObjectKey::Expression(key) => key.as_str()?,
                        };
                        let value = self.field_of(wanted.expr(), given.get(name), scope);
                        Some((name.to_owned(), value))
                    });
                    Written::implied(Item::Map(fields.collect())).at(at)
                }
                _ => Written::implied(Item::Map(entries)).at(at),
            },
            (_, value) => Written { value, at },
        }
    }

    /// One attribute of an object: as it is given, else its default.
    fn field_of(
        &self,
        wanted: &'a Expression,
        given: Option<&Written>,
        scope: &Scope<'a>,
    ) -> Written {
        let null = || Written::implied(Item::Null);
        let Some(optional) = wanted
            .as_func_call()
            .filter(|call| call.name.name.as_str() == "optional")
        else {
            return given.map_or_else(null, |given| self.typed(wanted, given.clone(), scope));
        };
        let mut parts = optional.args.iter();
        let (wanted, default) = (parts.next(), parts.next());
        let given = given.filter(|given| !given.is_null()).cloned();
        let value = given.or_else(|| Some(self.evaluate(default?, scope)));
        let value = value.filter(|value| !is_refused(value));
        match (wanted, value) {
            (Some(wanted), Some(value)) => self.typed(wanted, value, scope),
            (_, value) => value.unwrap_or_else(null),
        }
    }
}
