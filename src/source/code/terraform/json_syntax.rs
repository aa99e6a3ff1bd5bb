//! Terraform's JSON syntax as its own language, and the way back from every part of that to the JSON.
//!
//! Source: Terraform Language Documentation, "JSON Configuration Syntax" (read 2026-11).

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::parser::{parse_expr, parse_template};
use hcl_edit::template::Element;

use crate::json::{Member, Node, Span, Value};

/// What a file says, in Terraform's own language.
#[derive(Debug, Default)]
pub(super) struct Translated {
    pub(super) text: String,
    /// What stands where in the text, and in the JSON; in the order of the ends, so that what is inside of another
    /// comes before it.
    ranges: Vec<(Range<usize>, Span)>,
}

/// Blocks by how many labels they have; anything else at the top says nothing of resources.
const BLOCKS: [(&str, usize); 6] = [
    ("resource", 2),
    ("data", 2),
    ("module", 1),
    ("variable", 1),
    ("output", 1),
    ("locals", 0),
];

impl Translated {
    /// Translates a file; nothing if it is no configuration.
    pub(super) fn of(root: &Node) -> Option<Translated> {
        let mut translated = Translated::default();
        let tops = match &root.value {
            Value::Array(tops) => tops.as_slice(),
            _ => std::slice::from_ref(root),
        };
        for member in tops.iter().flat_map(Node::members) {
            let known = BLOCKS.iter().find(|(kind, _)| **kind == *member.key);
            if let Some((kind, labels)) = known {
                translated.blocks(kind, &member.value, *labels)?;
            }
        }
        Some(translated)
    }

    /// Where in the JSON a part of the text stands: the least value that it is in.
    pub(super) fn origin(&self, part: &Range<usize>) -> Option<Span> {
        let first = self
            .ranges
            .partition_point(|(range, _)| range.end < part.end);
        let mut around = self.ranges.iter().skip(first);
        around
            .find(|(range, _)| range.start <= part.start)
            .map(|(_, span)| *span)
    }

    fn blocks(&mut self, head: &str, value: &Node, labels: usize) -> Option<()> {
        if let Value::Array(items) = &value.value {
            for item in items {
                self.blocks(head, item, labels)?;
            }
            return Some(());
        }
        if let Some(rest) = labels.checked_sub(1) {
            for member in value.members() {
                let head = format!("{head} {}", quoted(&member.key));
                self.blocks(&head, &member.value, rest)?;
            }
            return Some(());
        }
        let start = self.text.len();
        self.text.push_str(head);
        self.text.push_str(" {\n");
        for member in value.members() {
            self.entry(member)?;
        }
        self.text.push('}');
        self.ranges.push((start..self.text.len(), value.span));
        self.text.push('\n');
        Some(())
    }

    /// An attribute, or dynamic blocks.
    fn entry(&mut self, member: &Member) -> Option<()> {
        let Member { key, value, .. } = member;
        match &**key {
            "//" => return Some(()),
            "dynamic" => return self.blocks("dynamic", value, 1),
            "content" => return self.blocks("content", value, 0),
            _ => {}
        }
        // A key that is no name can be no attribute.
        parse_expr(key).ok()?.as_variable()?;
        self.text.push_str(key);
        self.text.push_str(" = ");
        match (&**key, &value.value) {
            // What is no expression in Terraform's own language either.
            ("provider" | "type", Value::String(text)) => {
                let text = text.trim().trim_start_matches("${").trim_end_matches('}');
                self.verbatim(text, value.span)?;
            }
            ("providers", Value::Object(members)) => {
                self.text.push_str("{\n");
                for member in members {
                    let Value::String(text) = &member.value.value else {
                        return None;
                    };
                    self.verbatim(&member.key, member.key_span)?;
                    self.text.push_str(" = ");
                    self.verbatim(text, member.value.span)?;
                    self.text.push('\n');
                }
                self.text.push('}');
            }
            _ => self.value(value)?,
        }
        self.text.push('\n');
        Some(())
    }

    fn verbatim(&mut self, text: &str, span: Span) -> Option<()> {
        parse_expr(text).ok()?;
        let start = self.text.len();
        self.text.push_str(text);
        self.ranges.push((start..self.text.len(), span));
        Some(())
    }

    fn value(&mut self, node: &Node) -> Option<()> {
        let start = self.text.len();
        match &node.value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(flag) => self.text.push_str(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.text.push_str(number),
            Value::String(text) => self.template(text)?,
            Value::Array(items) => {
                self.text.push('[');
                for item in items {
                    self.value(item)?;
                    self.text.push(',');
                }
                self.text.push(']');
            }
            Value::Object(members) => {
                self.text.push_str("{\n");
                for member in members {
                    self.text.push('(');
                    self.template(&member.key)?;
                    self.text.push_str(") = ");
                    self.value(&member.value)?;
                    self.text.push('\n');
                }
                self.text.push('}');
            }
        }
        self.ranges.push((start..self.text.len(), node.span));
        Some(())
    }

    /// A string, in which interpolations stand as they are.
    fn template(&mut self, text: &str) -> Option<()> {
        self.text.push('"');
        for element in &parse_template(text).ok()? {
            match element {
                Element::Literal(literal) => {
                    let plain = quoted(literal);
                    self.text.push_str(plain.get(1..plain.len() - 1)?);
                }
                other => self.text.push_str(text.get(other.span()?)?),
            }
        }
        self.text.push('"');
        Some(())
    }
}

/// A text in quotes, in which nothing is an interpolation.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                quoted.push(character);
                quoted.push(character);
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
