//! Templates: texts with interpolations, conditions and loops, and where each part of what they give stands.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::template::{Directive, Element, Strip, Template};

use super::evaluate::{DEEPEST, Scope, is_refused, vague};
use super::reader::Reader;
use super::values::{is_open_set, pairs};
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

/// What stands around a template.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Edges {
    /// Whether it is a text in quotation marks, and not one of lines.
    pub(super) is_quoted: bool,
    /// Whether the marker `~` before it takes its first blanks.
    strips_start: bool,
    /// Whether the marker `~` after it takes its last blanks.
    strips_end: bool,
}

/// Whether an element takes the blanks before it, and those after it.
fn strips(element: &Element) -> (bool, bool) {
    let (first, last) = match element {
        Element::Literal(_) => (Strip::None, Strip::None),
        Element::Interpolation(it) => (it.strip, it.strip),
        Element::Directive(it) => match it.as_ref() {
            Directive::If(it) => (it.if_expr.strip, it.endif_expr.strip),
            Directive::For(it) => (it.for_expr.strip, it.endfor_expr.strip),
        },
    };
    (first.strip_start(), last.strip_end())
}

/// A literal without the blanks that are taken, and how many bytes are before what is left. Of lines, only the first
/// and the last are touched, each with the end that it has.
fn stripped(text: &str, (start, end): (bool, bool), is_quoted: bool) -> (usize, &str) {
    let mut skipped = 0;
    if start {
        let line = match text.find('\n') {
            Some(at) if !is_quoted => text.get(..=at).unwrap_or(text),
            _ => text,
        };
        skipped = line.len() - line.trim_start().len();
    }
    let text = text.get(skipped..).unwrap_or_default();
    if !end {
        return (skipped, text);
    }
    let body = text.strip_suffix('\n').unwrap_or(text);
    let line = match body.rfind('\n') {
        Some(at) if !is_quoted => at + 1,
        _ => 0,
    };
    let kept = text.get(line..).unwrap_or_default().trim_end().len();
    (skipped, text.get(..line + kept).unwrap_or(text))
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
    pub(super) fn template(
        &self,
        template: &'a Template,
        scope: &Scope<'a>,
        is_quoted: bool,
    ) -> Written {
        // One interpolation alone is its value, whatever its type.
        if let [Element::Interpolation(only)] = template.iter().collect::<Vec<_>>().as_slice() {
            return self.evaluate(&only.expr, scope);
        }
        let mut rendered = Rendered::default();
        let edges = Edges {
            is_quoted,
            ..Edges::default()
        };
        match self.render(template, scope, edges, &mut rendered) {
            Ok(()) => Written::text(rendered.text),
            Err(instead) => instead,
        }
    }

    /// Writes a template's text, and notes where its literal parts stand.
    pub(super) fn render(
        &self,
        template: &'a Template,
        scope: &Scope<'a>,
        edges: Edges,
        rendered: &mut Rendered,
    ) -> Result<(), Written> {
        if scope.depth > DEEPEST {
            return Err(vague("a long chain of references"));
        }
        let mut strips_start = edges.strips_start;
        let mut elements = template.iter().peekable();
        while let Some(element) = elements.next() {
            let next = elements.peek().map(|next| strips(next).0);
            let own = (strips_start, next.unwrap_or(edges.strips_end));
            strips_start = strips(element).1;
            match element {
                Element::Literal(literal) => {
                    let (skipped, text) = stripped(literal, own, edges.is_quoted);
                    let span = literal.span();
                    let from = span.map(|span| span.start + skipped..span.end);
                    rendered.begin(from, true);
                    rendered.text.push_str(text);
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
                Element::Directive(directive) => {
                    self.directive(directive, scope, edges.is_quoted, rendered)?;
                }
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
        is_quoted: bool,
        rendered: &mut Rendered,
    ) -> Result<(), Written> {
        let round = || self.round(scope).ok_or_else(|| vague("too much"));
        let edges = |before: Strip, after: Strip| Edges {
            is_quoted,
            strips_start: before.strip_end(),
            strips_end: after.strip_start(),
        };
        match directive {
            Directive::If(it) => {
                let condition = self.evaluate(&it.if_expr.cond_expr, scope).as_bool();
                let end = it.endif_expr.strip;
                match (condition, &it.else_expr) {
                    (Some(true), other) => {
                        let after = other.as_ref().map_or(end, |other| other.strip);
                        let edges = edges(it.if_expr.strip, after);
                        self.render(&it.if_expr.template, &round()?, edges, rendered)
                    }
                    (Some(false), Some(other)) => {
                        let edges = edges(other.strip, end);
                        self.render(&other.template, &round()?, edges, rendered)
                    }
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
                    let mut inner = round()?;
                    if let Some(name) = &each.key_var {
                        inner.names.insert(name.as_str().to_owned(), key);
                    }
                    let name = each.value_var.as_str().to_owned();
                    inner.names.insert(name, value);
                    let edges = edges(each.strip, it.endfor_expr.strip);
                    self.render(&each.template, &inner, edges, rendered)?;
                    if rendered.text.len() > LONGEST {
                        return Err(vague("a long text"));
                    }
                }
                Ok(())
            }
        }
    }
}
