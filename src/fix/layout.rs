//! How a JSON text is laid out: its indentation, its line ends and the room after commas and colons; and
//! new values written in the same way.

use serde_json::Value as Json;

use crate::json::quoted;

use crate::json::Node;

/// The habits of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// One step of indentation; nothing for a text on one line.
    unit: Option<String>,
    newline: &'static str,
    comma: &'static str,
    colon: &'static str,
    final_newline: bool,
}

impl Layout {
    /// Reads the habits off a text. Strings are skipped, so that what they hold says nothing.
    pub(super) fn of(text: &str) -> Layout {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut comma = None;
        let mut colon = None;
        let mut unit = None;
        let mut depth = 0_usize;
        let mut chars = text.char_indices().peekable();
        while let Some((at, character)) = chars.next() {
            let rest = text.get(at + 1..).unwrap_or_default();
            match character {
                '"' => skip_string(&mut chars),
                '{' | '[' => {
                    depth += 1;
                    let lead = leading_space(rest);
                    if let Some((_, indent)) = lead.rsplit_once(['\n', '\r'])
                        && unit.is_none()
                        && !indent.is_empty()
                    {
                        unit = Some(indent.get(..indent.len() / depth).unwrap_or(indent));
                    }
                }
                '}' | ']' => depth = depth.saturating_sub(1),
                ',' if !leading_space(rest).contains(['\n', '\r']) => {
                    comma.get_or_insert(if rest.starts_with(' ') { ", " } else { "," });
                }
                ':' => {
                    colon.get_or_insert(if rest.starts_with(' ') { ": " } else { ":" });
                }
                _ => {}
            }
        }
        let colon = colon.unwrap_or(": ");
        let spaced = if colon == ": " { ", " } else { "," };
        Layout {
            unit: unit.filter(|unit| !unit.is_empty()).map(str::to_owned),
            newline,
            comma: comma.unwrap_or(spaced),
            colon,
            final_newline: text.ends_with('\n'),
        }
    }

    /// The same habits, but over several lines.
    pub(super) fn or_indented(&self) -> Layout {
        Layout {
            unit: Some(self.unit.clone().unwrap_or_else(|| "  ".to_owned())),
            colon: ": ",
            ..self.clone()
        }
    }

    pub(super) fn is_indented(&self) -> bool {
        self.unit.is_some()
    }

    pub(super) fn unit(&self) -> &str {
        self.unit.as_deref().unwrap_or_default()
    }

    pub(super) fn newline(&self) -> &'static str {
        self.newline
    }

    pub(super) fn comma(&self) -> &'static str {
        self.comma
    }

    pub(super) fn colon(&self) -> &'static str {
        self.colon
    }

    /// What the text ends in.
    pub(super) fn end_of_text(&self) -> &'static str {
        if self.final_newline { self.newline } else { "" }
    }

    /// The white space that the line of a place begins with.
    pub(super) fn indent_at(text: &str, at: usize) -> String {
        let before = text.get(..at).unwrap_or_default();
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let all = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..all).unwrap_or_default().to_owned()
    }

    /// Whether the member or item at a place is the first thing of its line.
    pub(super) fn starts_line(text: &str, at: usize) -> bool {
        let before = text.get(..at).unwrap_or_default();
        let Some((_, line)) = before.rsplit_once(['\n', '\r']) else {
            return false;
        };
        let line = line.trim_start();
        // Nothing before it, or its own key.
        let own_key = |line: &str| {
            let key = line.trim_end().strip_suffix(':').map(str::trim_end);
            key.is_some_and(|key| key.starts_with('"') && is_one_string(key))
        };
        line.is_empty() || own_key(line)
    }

    /// Whether a value spans several lines.
    pub(super) fn is_multiline(text: &str, node: &Node) -> bool {
        let own = text.get(node.span.start..node.span.end);
        own.is_some_and(|own| own.contains(['\n', '\r']))
    }

    /// The indentation of what follows a separator, and whether it begins a line.
    pub(super) fn after(separator: &str, text: &str, parent: usize) -> (String, bool) {
        match separator.rsplit_once(['\n', '\r']) {
            Some((_, indent)) => (indent.to_owned(), true),
            None => (Layout::indent_at(text, parent), false),
        }
    }

    /// A whole document.
    pub(super) fn whole(&self, value: &Json) -> String {
        self.value(value, "", true)
    }

    /// A value whose first line is indented already, by `indent`.
    pub(super) fn value(&self, value: &Json, indent: &str, indented: bool) -> String {
        let mut out = String::new();
        self.write(value, indent, indented && self.unit.is_some(), &mut out);
        out
    }

    fn write(&self, value: &Json, indent: &str, indented: bool, out: &mut String) {
        let inner = format!("{indent}{}", self.unit());
        match value {
            Json::Array(items) if !items.is_empty() => {
                let items = items.iter().map(|item| (None, item));
                self.write_all('[', items, ']', (indent, &inner, indented), out);
            }
            Json::Object(members) if !members.is_empty() => {
                let members = members.iter().map(|(key, value)| (Some(key), value));
                self.write_all('{', members, '}', (indent, &inner, indented), out);
            }
            Json::String(text) => out.push_str(&quoted(text)),
            other => out.push_str(&other.to_string()),
        }
    }

    fn write_all<'v>(
        &self,
        open: char,
        items: impl Iterator<Item = (Option<&'v String>, &'v Json)>,
        close: char,
        (indent, inner, indented): (&str, &str, bool),
        out: &mut String,
    ) {
        out.push(open);
        for (at, (key, item)) in items.enumerate() {
            if at > 0 {
                out.push_str(if indented { "," } else { self.comma });
            }
            if indented {
                out.push_str(self.newline);
                out.push_str(inner);
            }
            if let Some(key) = key {
                out.push_str(&quoted(key));
                out.push_str(self.colon);
            }
            self.write(item, inner, indented, out);
        }
        if indented {
            out.push_str(self.newline);
            out.push_str(indent);
        }
        out.push(close);
    }
}

fn leading_space(text: &str) -> &str {
    let rest = text.trim_start_matches([' ', '\t', '\n', '\r']);
    text.get(..text.len() - rest.len()).unwrap_or_default()
}

fn skip_string(chars: &mut impl Iterator<Item = (usize, char)>) {
    while let Some((_, character)) = chars.next() {
        match character {
            '\\' => drop(chars.next()),
            '"' => return,
            _ => {}
        }
    }
}

fn is_one_string(text: &str) -> bool {
    matches!(crate::json::parse(text), Ok(node) if node.as_str().is_some())
}
