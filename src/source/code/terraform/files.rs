//! Files that expressions read: `file` and `templatefile`, with their parts at their own places.

use hcl_edit::expr::FuncCall;

use super::evaluate::{Scope, vague};
use super::policy::with_places;
use super::reader::Reader;
use super::resources::module_key;
use super::sources::Text;
use super::templates::{Edges, Part, Rendered};
use crate::json::{self, Span};
use crate::written::{Item, Spot, Written};

impl<'a> Reader<'a> {
    /// `path.module` and `path.root`.
    pub(super) fn folder(&self, name: &str, scope: &Scope<'a>) -> Written {
        let key = match name {
            "module" => module_key(&scope.module),
            "root" => String::new(),
            _ => return vague("a folder"),
        };
        let folder = self.plan.sources.module(&key).map(|it| it.folder.clone());
        folder.map_or_else(|| vague("a folder"), Written::text)
    }

    /// The value of a function that reads a file; nothing for any other.
    pub(super) fn of_file(
        &self,
        name: &str,
        call: &'a FuncCall,
        scope: &Scope<'a>,
    ) -> Option<Written> {
        if !matches!(name, "file" | "templatefile") {
            return None;
        }
        let mut arguments = call.args.iter();
        let path = self.evaluate(arguments.next()?, scope);
        let Some(file) = path.as_text().and_then(|path| self.plan.sources.text(path)) else {
            return Some(vague("a file"));
        };
        self.budget.spend_bytes(file.code.file.text().len());
        if name == "file" {
            return Some(whole(file));
        }
        let names = self.evaluate(arguments.next()?, scope);
        let inner = Scope {
            file: &file.code,
            index: None,
            for_each: None,
            names: names.entries().iter().cloned().collect(),
            depth: scope.depth + 1,
            ..scope.clone()
        };
        let mut rendered = Rendered::default();
        let Some(template) = &file.template else {
            return Some(vague("a template"));
        };
        // Terraform refuses a template that is in itself.
        let own = format!("template {}", file.code.file.path);
        if !self.open.borrow_mut().insert(own.clone()) {
            return Some(vague("a template"));
        }
        let result = self.render(template, &inner, Edges::default(), &mut rendered);
        self.open.borrow_mut().remove(&own);
        self.budget.spend_bytes(rendered.text.len());
        Some(match result {
            Ok(()) => placed(file, &rendered),
            Err(instead) => instead,
        })
    }
}

/// A file as it is.
fn whole(file: &Text) -> Written {
    let text = file.code.file.text().to_owned();
    let parts = vec![Part {
        begin: 0,
        from: 0..text.len(),
        is_literal: true,
    }];
    placed(file, &Rendered { text, parts })
}

/// A text with its place; of JSON, every part with its own.
fn placed(file: &Text, rendered: &Rendered) -> Written {
    let spot = |span: Span| Spot {
        file: std::sync::Arc::clone(&file.code.file),
        span,
    };
    let end = file.code.file.text().len();
    let at = Some(spot(Span { start: 0, end }));
    let node = rendered.text.trim_start().starts_with(['{', '[']);
    let node = node.then(|| json::parse(&rendered.text).ok()).flatten();
    let Some(node) = node else {
        return Written::text(&*rendered.text).at(at);
    };
    // Within a literal part, as far from its beginning; what an expression gave stands where the expression does.
    let origin = |offset: usize| {
        let after = rendered.parts.partition_point(|part| part.begin <= offset);
        let part = after.checked_sub(1).and_then(|at| rendered.parts.get(at));
        part.map_or(0..end, |part| {
            if part.is_literal {
                let at = (part.from.start + (offset - part.begin)).min(end);
                at..(at + 1).min(end)
            } else {
                part.from.clone()
            }
        })
    };
    let tree = with_places(&node, &|span| {
        let start = origin(span.start).start;
        let last = origin(span.end.saturating_sub(1)).end;
        spot(Span {
            start,
            end: last.max(start),
        })
    });
    Written::implied(Item::Json(Box::new(tree))).at(at)
}
