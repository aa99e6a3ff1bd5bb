//! Templates: texts with interpolations, conditions and loops, and where each part of what they give stands.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::template::{Directive, Element, Template};

use super::evaluate::{DEEPEST, Scope, is_open_set, is_refused, pairs, vague};
use super::reader::Reader;
use crate::iam::unknown::unknown;
use crate::written::{Item, Written};

/// The longest text that is made.
const LONGEST: usize = 1 << 20;

/// A text that a template gives, and what it was made of.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    pub(super) text: String,
    pub(super) parts: Vec<Part>,
}

/// A part of such a text: where it begins, where it comes from in the file, and whether it stands there as it is.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) begin: usize,
    pub(super) from: Range<usize>,
    pub(super) is_literal: bool,
}

impl Rendered {
    fn begin(&mut self, from: Option<Range<usize>>, is_literal: bool) {
        self.parts.push(Part {
            begin: self.text.len(),
            from: from.unwrap_or_default(),
            is_literal,
        });
    }
}

impl<'a> Reader<'a> {
    /// A text with interpolations; what is not known stands in it under its name.
    pub(super) fn template(&self, template: &'a Template, scope: &Scope<'a>) -> Written {
        // One interpolation alone is its value, whatever its type.
        if let [Element::Interpolation(only)] = template.iter().collect::<Vec<_>>().as_slice() {
            return self.evaluate(&only.expr, scope);
        }
        let mut rendered = Rendered::default();
        match self.render(template, scope, &mut rendered) {
            Ok(()) => Written::text(rendered.text),
            Err(instead) => instead,
        }
    }

    /// Writes a template's text, and notes where its literal parts stand.
    pub(super) fn render(
        &self,
        template: &'a Template,
        scope: &Scope<'a>,
        rendered: &mut Rendered,
    ) -> Result<(), Written> {
        if scope.depth > DEEPEST {
            return Err(vague("a long chain of references"));
        }
        for element in template {
            match element {
                Element::Literal(literal) => {
                    rendered.begin(literal.span(), true);
                    rendered.text.push_str(literal);
                }
                Element::Interpolation(it) => {
                    let value = self.evaluate(&it.expr, scope);
                    rendered.begin(it.expr.span(), false);
                    match (&value.value, value.as_text()) {
                        (Item::Unknown(_), _) if is_refused(&value) => return Err(value),
                        (Item::Unknown(name), _) => rendered.text.push_str(&unknown(name)),
                        (_, Some(part)) => rendered.text.push_str(part),
                        (Item::Json(inner), _) => {
                            rendered.text.push_str(&inner.to_json(&unknown).0);
                        }
                        _ => return Err(vague("a text")),
                    }
                }
                Element::Directive(directive) => self.directive(directive, scope, rendered)?,
            }
            if rendered.text.len() > LONGEST {
                return Err(vague("a long text"));
            }
        }
        Ok(())
    }

    fn directive(
        &self,
        directive: &'a Directive,
        scope: &Scope<'a>,
        rendered: &mut Rendered,
    ) -> Result<(), Written> {
        let mut inner = scope.clone();
        inner.depth += 1;
        match directive {
            Directive::If(it) => {
                let condition = self.evaluate(&it.if_expr.cond_expr, scope).as_bool();
                match (condition, &it.else_expr) {
                    (Some(true), _) => self.render(&it.if_expr.template, &inner, rendered),
                    (Some(false), Some(other)) => self.render(&other.template, &inner, rendered),
                    (Some(false), None) => Ok(()),
                    (None, _) => Err(vague("a condition")),
                }
            }
            Directive::For(it) => {
                let each = &it.for_expr;
                let collection = self.evaluate(&each.collection_expr, scope);
                if is_open_set(&collection) {
                    return Err(vague("a loop"));
                }
                for (key, value) in pairs(&collection).ok_or_else(|| vague("a loop"))? {
                    if let Some(name) = &each.key_var {
                        inner.names.insert(name.as_str().to_owned(), key);
                    }
                    let name = each.value_var.as_str().to_owned();
                    inner.names.insert(name, value);
                    self.render(&each.template, &inner, rendered)?;
                }
                Ok(())
            }
        }
    }
}
