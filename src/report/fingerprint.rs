//! The identity of a finding across runs: what it says of which part of which policy, but not where in
//! the text that part stands.

use sha2::{Digest, Sha256};

use super::view::{LocationView, StatementView};
use crate::document::Document;
use crate::json::{Member, Node, Value};
use crate::rules::Finding;

/// The fingerprint of a finding: rule, trail, resource, statement and element. It stays when lines move,
/// when statements are put before the one at fault, and when values are added before the one at fault.
pub(super) fn fingerprint(
    document: &Document,
    finding: &Finding,
    location: &LocationView,
) -> String {
    let pointer = finding.place.pointer.as_str();
    let (statement, element) = match split(document, pointer) {
        Some((own, before, element)) => (called(own, before), element),
        None => (String::new(), pointer),
    };
    let resource = location.resource.as_deref().unwrap_or(&location.path);
    let trail = finding.trail.as_deref().unwrap_or_default();
    let element = without_index(document, pointer, element);
    hashed(&[finding.rule, trail, resource, &statement, &element].join("\n"))
}

/// The statement that a pointer leads into.
pub(super) fn statement(document: &Document, pointer: &str) -> Option<StatementView> {
    let (own, before, _) = split(document, pointer)?;
    Some(StatementView {
        index: before.len(),
        sid: sid(own).map(str::to_owned),
    })
}

/// The statement that a pointer leads into, those before it, and the rest of the pointer.
fn split<'a>(document: &'a Document, pointer: &'a str) -> Option<(&'a Node, &'a [Node], &'a str)> {
    let rest = pointer.strip_prefix("/Statement")?;
    let Value::Array(all) = &document.at("/Statement")?.value else {
        let element = rest.strip_prefix('/').unwrap_or(rest);
        return Some((document.at("/Statement")?, &[], element));
    };
    let rest = rest.strip_prefix('/')?;
    let (index, element) = rest.split_once('/').unwrap_or((rest, ""));
    let index = index.parse().ok()?;
    Some((all.get(index)?, all.get(..index)?, element))
}

/// What a statement is called: its Sid; without one, what it says, since its index changes when another
/// is put before it. Those of the same name are told apart by their order.
fn called(own: &Node, before: &[Node]) -> String {
    let name = match sid(own) {
        Some(sid) => sid.to_owned(),
        None => hashed(&compact(own)),
    };
    let same = before
        .iter()
        .filter(|other| match (sid(own), sid(other)) {
            (None, None) => {
                other.compact_len() == own.compact_len() && compact(other) == compact(own)
            }
            (own, other) => own == other,
        })
        .count();
    match same {
        0 => name,
        more => format!("{name}\n{more}"),
    }
}

fn sid(statement: &Node) -> Option<&str> {
    let sid = statement.get("Sid").and_then(Node::as_str);
    sid.filter(|sid| !sid.is_empty())
}

/// A pointer into a list names the value it points to instead of its index, which changes when another
/// value is put before it.
fn without_index(document: &Document, pointer: &str, element: &str) -> String {
    let value = document.at(pointer).and_then(Node::as_str);
    match (element.rsplit_once('/'), value) {
        (Some((list, index)), Some(value)) if index.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{list}/{value}")
        }
        _ => element.to_owned(),
    }
}

/// A value without the white space between its parts: not quite JSON, but the same for the same value.
fn compact(node: &Node) -> String {
    let list = |parts: Vec<String>| parts.join(",");
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) => text.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(items) => format!("[{}]", list(items.iter().map(compact).collect())),
        Value::Object(members) => {
            let member = |member: &Member| format!("{:?}:{}", member.key, compact(&member.value));
            format!("{{{}}}", list(members.iter().map(member).collect()))
        }
    }
}

/// The first half of a SHA-256, as 32 hexadecimal digits.
fn hashed(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(16)
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DocumentId, Place};
    use crate::report::sample;
    use crate::rules::Severity;

    fn of(text: &str, pointer: &str) -> String {
        let document = sample::document(sample::PATH, text);
        let finding = Finding {
            rule: "dead-statement",
            severity: Severity::Low,
            message: "not part of it".into(),
            trail: None,
            account: None,
            requests: std::collections::BTreeSet::new(),
            place: Place {
                document: DocumentId(0),
                pointer: pointer.into(),
            },
            related: Vec::new(),
            fault: None,
        };
        fingerprint(&document, &finding, &sample::place(&document, pointer))
    }

    #[test]
    fn it_stays_when_others_come_before_and_changes_when_the_thing_itself_does() {
        let same = |a: (&str, &str), b: (&str, &str)| of(a.0, a.1) == of(b.0, b.1);
        let one = r#"{"Statement":[{"Effect":"Allow","Resource":["b"]}]}"#;
        let second =
            r#"{"Statement": [{"Effect":"Deny"}, {"Effect": "Allow", "Resource": ["b"]}]}"#;
        assert!(same((one, "/Statement/0"), (second, "/Statement/1")));
        assert!(!same((second, "/Statement/0"), (second, "/Statement/1")));
        let named =
            r#"{"Statement":[{"Sid":"S","Resource":["a","b"]},{"Sid":"S","Resource":"c"}]}"#;
        let moved = r#"{"Statement":[{"Sid":"S","Resource":["x","a","b"]}]}"#;
        assert!(same(
            (named, "/Statement/0/Resource/1"),
            (moved, "/Statement/0/Resource/2")
        ));
        assert!(!same(
            (named, "/Statement/0/Resource/0"),
            (named, "/Statement/0/Resource/1")
        ));
        assert!(
            !same((named, "/Statement/0"), (named, "/Statement/1")),
            "one Sid, two statements"
        );
        let single = r#"{"Statement":{"Sid":"S","Resource":["a","b"]}}"#;
        assert!(same(
            (named, "/Statement/0/Resource/1"),
            (single, "/Statement/Resource/1")
        ));
    }
}
