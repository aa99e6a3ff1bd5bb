//! Edits of a policy's text that leave everything else as it was written: indentation, line ends, the
//! order of keys. A policy that stands as escaped text inside an answer is edited where it stands.
//!
//! What to edit, and why, is for `candidates` to say.

use std::ops::Range;

use serde_json::Value as Json;

use super::layout::Layout;
use crate::document::{Document, Kind};
use crate::json::{self, Member, Node, Value, quoted};

/// One edit, by JSON Pointers into the policy.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// Writes another value in the place of one.
    Set {
        /// The value.
        pointer: String,
        /// What is to stand there.
        value: Json,
    },
    /// Adds a value to a list. What is no list becomes one; what is not there becomes the value.
    Add {
        /// The list.
        pointer: String,
        /// The further value.
        value: Json,
    },
    /// Adds a member to an object, at its end.
    Insert {
        /// The object.
        pointer: String,
        /// The member's key.
        key: String,
        /// The member's value.
        value: Json,
    },
    /// Adds one condition to a statement: into the block of its operator if there is one.
    Require {
        /// The statement.
        pointer: String,
        /// The operator.
        operator: String,
        /// The condition key.
        key: String,
        /// Its values.
        value: Json,
    },
    /// Gives a member another key.
    Rename {
        /// The member.
        pointer: String,
        /// The new key.
        key: String,
    },
    /// Takes a member or an item away; of a statement's conditions what is left empty goes too.
    Remove {
        /// The member or item.
        pointer: String,
    },
}

/// A piece of text and what takes its place.
type Change = (Range<usize>, String);

/// The text of a document after some edits of its policy, made one after the other; nothing if one of
/// them finds no place.
pub fn apply(document: &Document, ops: &[Op]) -> Option<String> {
    let mut current = document.clone();
    for op in ops {
        let text = apply_one(&current, op)?;
        current = current.with_text(&text).ok()?;
    }
    Some(current.answer().to_owned())
}

fn apply_one(document: &Document, op: &Op) -> Option<String> {
    match document.embedded() {
        None => {
            let text = document.answer();
            let changes = changes(text, document.policy()?, op)?;
            Some(replace(text, changes))
        }
        Some(holder) => {
            let inner = holder.as_str()?;
            let root = json::parse(inner).ok()?;
            let changes = changes(inner, &root, op)?;
            let offsets = json::outer_offsets(document.answer(), holder.span, inner.len());
            let outer = |at: usize| offsets.get(at).copied().unwrap_or(holder.span.end);
            let changes = changes
                .into_iter()
                .map(|(range, text)| (outer(range.start)..outer(range.end), escaped(&text)));
            Some(replace(document.answer(), changes.collect()))
        }
    }
}

/// The text of an answer that takes a policy where it held none: an answer that says that there is no
/// policy becomes the policy, a topic's attributes get one.
pub fn install(document: &Document, policy: &Json) -> Option<String> {
    let layout = Layout::of(document.answer());
    if document.kind != Kind::GetTopicAttributes {
        let text = layout.or_indented().whole(policy);
        return Some(format!("{text}{}", layout.end_of_text()));
    }
    let attributes = document.root().get("Attributes")?;
    let value = Json::String(policy.to_string());
    let change = match attributes.members().iter().find(|m| &*m.key == "Policy") {
        Some(member) => (
            member.value.span.start..member.value.span.end,
            value.to_string(),
        ),
        None => insert(document.answer(), attributes, "Policy", &value),
    };
    Some(replace(document.answer(), vec![change]))
}

/// The inside of a JSON string that holds a text.
fn escaped(text: &str) -> String {
    let quoted = quoted(text);
    let inside = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    inside.unwrap_or_default().to_owned()
}

fn replace(text: &str, mut changes: Vec<Change>) -> String {
    changes.sort_by_key(|(range, _)| range.start);
    let mut result = text.to_owned();
    for (range, by) in changes.into_iter().rev() {
        result.replace_range(range, &by);
    }
    result
}

fn changes(text: &str, root: &Node, op: &Op) -> Option<Vec<Change>> {
    let one = |change: Change| Some(vec![change]);
    match op {
        Op::Set { pointer, value } => one(set(text, root.at(pointer)?, value)),
        Op::Add { pointer, value } => match root.at(pointer) {
            Some(node) => one(add(text, node, value)),
            None => {
                let (parent, key) = split(pointer)?;
                one(insert(text, root.at(parent)?, &key, value))
            }
        },
        Op::Insert {
            pointer,
            key,
            value,
        } => {
            let node = root.at(pointer)?;
            let is_new = node.type_name() == "an object" && node.get(key).is_none();
            is_new.then(|| vec![insert(text, node, key, value)])
        }
        Op::Require {
            pointer,
            operator,
            key,
            value,
        } => {
            let object = |key: &str, value: Json| {
                Json::Object([(key.to_owned(), value)].into_iter().collect())
            };
            let statement = root.at(pointer)?;
            let Some(condition) = statement.get("Condition") else {
                let value = object(operator, object(key, value.clone()));
                return one(insert(text, statement, "Condition", &value));
            };
            match condition.get(operator) {
                None => one(insert(
                    text,
                    condition,
                    operator,
                    &object(key, value.clone()),
                )),
                Some(block) => {
                    let mut members = block.members().iter();
                    let is_new = !members.any(|member| member.key.eq_ignore_ascii_case(key));
                    is_new.then(|| vec![insert(text, block, key, value)])
                }
            }
        }
        Op::Rename { pointer, key } => {
            let (parent, old) = split(pointer)?;
            let parent = root.at(parent)?;
            let taken = old != *key && parent.get(key).is_some();
            let member = parent.members().iter().find(|m| *m.key == *old)?;
            let span = member.key_span;
            (!taken).then(|| vec![(span.start..span.end, quoted(key))])
        }
        Op::Remove { pointer } => remove(root, pointer).map(|change| vec![change]),
    }
}

/// The pointer of the parent, and the last token with its escapes resolved.
fn split(pointer: &str) -> Option<(&str, String)> {
    let (parent, token) = pointer.rsplit_once('/')?;
    Some((parent, token.replace("~1", "/").replace("~0", "~")))
}

fn set(text: &str, node: &Node, value: &Json) -> Change {
    let layout = Layout::of(text);
    let indented = Layout::is_multiline(text, node) || Layout::starts_line(text, node.span.start);
    let written = layout.value(value, &Layout::indent_at(text, node.span.start), indented);
    (node.span.start..node.span.end, written)
}

/// What stands between two neighbours, the comma included, or what would.
fn separator(text: &str, layout: &Layout, open: usize, starts: &[usize], ends: &[usize]) -> String {
    if let ([.., start], [.., end, _]) = (starts, ends) {
        return text.get(*end..*start).unwrap_or(",").to_owned();
    }
    let lead = starts.first().and_then(|first| text.get(open + 1..*first));
    match lead {
        Some(lead) if lead.contains(['\n', '\r']) => format!(",{lead}"),
        _ => layout.comma().to_owned(),
    }
}

fn add(text: &str, node: &Node, value: &Json) -> Change {
    let layout = Layout::of(text);
    let Value::Array(items) = &node.value else {
        let own = text.get(node.span.start..node.span.end).unwrap_or_default();
        let line = Layout::indent_at(text, node.span.start);
        let new = |indent: &str, indented: bool| layout.value(value, indent, indented);
        let many_lines = layout.is_indented() && Layout::starts_line(text, node.span.start);
        let list = if many_lines {
            let inner = format!("{line}{}", layout.unit());
            let nl = layout.newline();
            // What spans several lines moves in by one step with the brackets around it.
            let own = own.replace('\n', &format!("\n{}", layout.unit()));
            let new = new(&inner, true);
            format!("[{nl}{inner}{own},{nl}{inner}{new}{nl}{line}]")
        } else {
            format!("[{own}{}{}]", layout.comma(), new(&line, false))
        };
        return (node.span.start..node.span.end, list);
    };
    let starts: Vec<usize> = items.iter().map(|item| item.span.start).collect();
    let ends: Vec<usize> = items.iter().map(|item| item.span.end).collect();
    let Some(&end) = ends.last() else {
        let line = Layout::indent_at(text, node.span.start);
        let many_lines = layout.is_indented() && Layout::starts_line(text, node.span.start);
        let list = layout.value(&Json::Array(vec![value.clone()]), &line, many_lines);
        return (node.span.start..node.span.end, list);
    };
    let separator = separator(text, &layout, node.span.start, &starts, &ends);
    let (indent, indented) = Layout::after(&separator, text, node.span.start);
    let written = layout.value(value, &indent, indented);
    (end..end, format!("{separator}{written}"))
}

fn insert(text: &str, node: &Node, key: &str, value: &Json) -> Change {
    let layout = Layout::of(text);
    let members = node.members();
    let starts: Vec<usize> = members.iter().map(|m| m.key_span.start).collect();
    let ends: Vec<usize> = members.iter().map(|m| m.value.span.end).collect();
    let Some(&end) = ends.last() else {
        let line = Layout::indent_at(text, node.span.start);
        let many_lines = layout.is_indented() && Layout::starts_line(text, node.span.start);
        let object = Json::Object([(key.to_owned(), value.clone())].into_iter().collect());
        return (
            node.span.start..node.span.end,
            layout.value(&object, &line, many_lines),
        );
    };
    let separator = separator(text, &layout, node.span.start, &starts, &ends);
    let (indent, indented) = Layout::after(&separator, text, node.span.start);
    let colon = members
        .last()
        .and_then(|m| text.get(m.key_span.end..m.value.span.start))
        .filter(|colon| !colon.contains(['\n', '\r']))
        .unwrap_or_else(|| layout.colon());
    let key = Json::String(key.to_owned());
    let written = layout.value(value, &indent, indented);
    (end..end, format!("{separator}{key}{colon}{written}"))
}

fn remove(root: &Node, pointer: &str) -> Option<Change> {
    let (parent_pointer, token) = split(pointer)?;
    let parent = root.at(parent_pointer)?;
    let spans: Vec<Range<usize>> = match &parent.value {
        Value::Object(members) => members
            .iter()
            .map(|m| m.key_span.start..m.value.span.end)
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.span.start..item.span.end)
            .collect(),
        _ => return None,
    };
    let at = match &parent.value {
        Value::Object(members) => members.iter().position(|m: &Member| *m.key == *token)?,
        _ => token.parse().ok()?,
    };
    let own = spans.get(at)?.clone();
    if spans.len() == 1 {
        if parent_pointer.contains("/Condition") {
            return remove(root, parent_pointer);
        }
        let inside = parent.span.start + 1..parent.span.end - 1;
        return Some((inside, String::new()));
    }
    match (
        spans.get(at + 1),
        at.checked_sub(1).and_then(|before| spans.get(before)),
    ) {
        (Some(next), _) => Some((own.start..next.start, String::new())),
        (None, Some(before)) => Some((before.end..own.end, String::new())),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::{Origin, Subject};

    fn document(text: &str) -> Document {
        let subject = Subject::Bucket {
            account: None,
            name: "b".to_owned(),
        };
        let kind = Kind::GetBucketPolicy;
        Document::read(kind, subject, Origin::File, "p.json", text.as_bytes()).unwrap()
    }

    fn edited(text: &str, op: Op) -> Option<String> {
        apply(&document(text), &[op])
    }

    fn add(pointer: &str, value: Json) -> Op {
        Op::Add {
            pointer: pointer.to_owned(),
            value,
        }
    }

    #[test]
    fn a_list_grows_in_the_way_it_is_written() {
        for (before, after) in [
            (r#"{"a":["x"]}"#, r#"{"a":["x","n"]}"#),
            (r#"{"a": ["x", "y"]}"#, r#"{"a": ["x", "y", "n"]}"#),
            (r#"{"a": "x"}"#, r#"{"a": ["x", "n"]}"#),
            (r#"{"a":"x"}"#, r#"{"a":["x","n"]}"#),
            (r#"{"a": []}"#, r#"{"a": ["n"]}"#),
            (r#"{"a": [ ]}"#, r#"{"a": ["n"]}"#),
            (
                "{\n\t\"a\": \"x\"\n}\n",
                "{\n\t\"a\": [\n\t\t\"x\",\n\t\t\"n\"\n\t]\n}\n",
            ),
            (
                "{\r\n  \"a\": [\r\n    \"x\"\r\n  ]\r\n}",
                "{\r\n  \"a\": [\r\n    \"x\",\r\n    \"n\"\r\n  ]\r\n}",
            ),
            ("{\n  \"a\": [\"x\"]\n}", "{\n  \"a\": [\"x\", \"n\"]\n}"),
            (
                "{\n  \"a\": [\n    \"x\"   ]\n}",
                "{\n  \"a\": [\n    \"x\",\n    \"n\"   ]\n}",
            ),
            (r#"{"é": "ü", "a": "x"}"#, r#"{"é": "ü", "a": ["x", "n"]}"#),
            (r#"{"b": 1}"#, r#"{"b": 1, "a": "n"}"#),
            ("{}", r#"{"a": "n"}"#),
        ] {
            assert_eq!(
                edited(before, add("/a", json!("n"))).as_deref(),
                Some(after),
                "{before}"
            );
        }
    }

    #[test]
    fn one_statement_becomes_two() {
        let before = "{\n  \"Statement\": {\n    \"Sid\": \"a\"\n  }\n}";
        let after = "{\n  \"Statement\": [\n    {\n      \"Sid\": \"a\"\n    },\n    {\n      \"Sid\": \"n\"\n    }\n  ]\n}";
        let op = add("/Statement", json!({ "Sid": "n" }));
        assert_eq!(edited(before, op).as_deref(), Some(after));
    }

    #[test]
    fn a_condition_finds_its_block_or_makes_one() {
        let require = |operator: &str| Op::Require {
            pointer: "/Statement/0".to_owned(),
            operator: operator.to_owned(),
            key: "k".to_owned(),
            value: json!("v"),
        };
        for (before, operator, after) in [
            ("{}", "Bool", r#"{"Condition": {"Bool": {"k": "v"}}}"#),
            (
                r#"{"Condition": {}}"#,
                "Bool",
                r#"{"Condition": {"Bool": {"k": "v"}}}"#,
            ),
            (
                r#"{"Condition": {"Bool": {}}}"#,
                "Bool",
                r#"{"Condition": {"Bool": {"k": "v"}}}"#,
            ),
            (
                r#"{"Condition": {"Null": {"x": "true"}}}"#,
                "Bool",
                r#"{"Condition": {"Null": {"x": "true"}, "Bool": {"k": "v"}}}"#,
            ),
            (
                r#"{"Condition": {"Null": {"x": "true"}}}"#,
                "Null",
                r#"{"Condition": {"Null": {"x": "true", "k": "v"}}}"#,
            ),
        ] {
            let [before, after] = [before, after].map(|it| format!("{{\"Statement\": [{it}]}}"));
            assert_eq!(edited(&before, require(operator)), Some(after), "{before}");
        }
        // The same key in another case is the same key.
        let taken = r#"{"Statement": [{"Condition": {"Bool": {"K": "v"}}}]}"#;
        assert_eq!(edited(taken, require("Bool")), None);
    }

    #[test]
    fn what_is_removed_takes_its_comma_and_empty_blocks_with_it() {
        let remove = |pointer: &str| Op::Remove {
            pointer: pointer.to_owned(),
        };
        for (before, pointer, after) in [
            (r#"{"a": 1, "b": 2, "c": 3}"#, "/a", r#"{"b": 2, "c": 3}"#),
            (r#"{"a": 1, "b": 2, "c": 3}"#, "/b", r#"{"a": 1, "c": 3}"#),
            (r#"{"a": 1, "b": 2, "c": 3}"#, "/c", r#"{"a": 1, "b": 2}"#),
            (r#"{"a": ["x", "y"]}"#, "/a/1", r#"{"a": ["x"]}"#),
            (
                r#"{"Sid": "s", "Condition": {"Bool": {"k": "v"}}}"#,
                "/Condition/Bool/k",
                r#"{"Sid": "s"}"#,
            ),
        ] {
            assert_eq!(
                edited(before, remove(pointer)).as_deref(),
                Some(after),
                "{before}"
            );
        }
    }

    #[test]
    fn an_escaped_policy_is_edited_inside_of_its_string() {
        let before = r#"{"Policy": "{\"a\":\"caf\u00e9\",\"b\":[\"\ud83d\ude00\"]}"}"#;
        let after = r#"{"Policy": "{\"a\":\"caf\u00e9\",\"b\":[\"\ud83d\ude00\",\"n\\\"ü\"]}"}"#;
        assert_eq!(
            edited(before, add("/b", json!("n\"ü"))).as_deref(),
            Some(after)
        );
    }

    #[test]
    fn what_has_no_place_is_not_edited() {
        let op = Op::Set {
            pointer: "/x/y".to_owned(),
            value: json!(1),
        };
        assert_eq!(edited(r#"{"a": 1}"#, op), None);
        let rename = Op::Rename {
            pointer: "/a".to_owned(),
            key: "b".to_owned(),
        };
        assert_eq!(edited(r#"{"a": 1, "b": 2}"#, rename), None);
    }
}
