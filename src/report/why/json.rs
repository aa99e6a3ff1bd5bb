//! The story as JSON, version 1: the trail as the JSON report has it, each request with `asked` (an
//! example, its context, the answer of every statement), and the trail's findings.

use std::io;

use serde_json::{Map, Value, json};

use super::super::view::RequestView;
use super::{Why, context};
use crate::document::Document;
use crate::iam::Truth;
use crate::simulate::examined::{Examined, Has, caller, compared, pointer};
use crate::simulate::{element_name, visible};
use crate::why::{Answer, Asked, Chapter};

/// Writes the story.
///
/// # Errors
/// Those of the writer.
pub fn write(why: &Why<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    let requests = why.chapters.iter().zip(&why.trail.requests);
    let requests: Vec<Value> = requests
        .map(|(chapter, view)| request(why, chapter, view))
        .collect::<Result<_, _>>()?;
    let mut trail = serde_json::to_value(why.trail)?;
    if let Some(fields) = trail.as_object_mut() {
        fields.insert("requests".to_owned(), Value::Array(requests));
    }
    let whole = json!({
        "schema_version": 1,
        "tool": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
        "trail": trail,
        "findings": why.findings().collect::<Vec<_>>(),
    });
    writeln!(out, "{}", visible(&serde_json::to_string_pretty(&whole)?))
}

fn request(
    why: &Why<'_, '_>,
    chapter: &Chapter<'_>,
    view: &RequestView,
) -> Result<Value, serde_json::Error> {
    let mut request = serde_json::to_value(view)?;
    let evidence = chapter.asked.as_ref().map(|asked| self::asked(why, asked));
    let found: Vec<&str> = why
        .findings_of(view.id)
        .map(|finding| finding.fingerprint.as_str())
        .collect();
    if let Some(fields) = request.as_object_mut() {
        fields.insert("asked".to_owned(), evidence.unwrap_or(Value::Null));
        fields.insert("findings".to_owned(), json!(found));
    }
    Ok(request)
}

fn asked(why: &Why<'_, '_>, asked: &Asked<'_>) -> Value {
    let document = why.estate.document(asked.policy.document);
    let request = asked.request();
    let keys = context(asked).into_iter();
    let context: Map<String, Value> = keys
        .map(|(key, has)| (key.into_owned(), known(&has)))
        .collect();
    let answers = asked.answers.iter();
    json!({
        "principal": caller(request.principal),
        "action": request.action,
        "resource": request.resource,
        "context": context,
        "classes": asked.classes,
        "policy": document.path,
        "statements": answers.map(|it| answer(asked, it, document)).collect::<Vec<_>>(),
    })
}

/// What is known of a context key: a list of values, `null` for absent, `{"one_of": […]}` where one of
/// several lists is sent, `"unknown"`.
fn known(has: &Has<'_>) -> Value {
    match has {
        Has::Values(values) => json!(values),
        Has::Nothing => Value::Null,
        Has::Unknown => json!("unknown"),
        Has::OneOf(lists) => json!({"one_of": lists}),
    }
}

fn answer(asked: &Asked<'_>, answer: &Answer<'_>, document: &Document) -> Value {
    let statement = answer.statement;
    let elements = answer.elements.iter();
    json!({
        "statement": statement.index,
        "sid": statement.sid,
        "effect": format!("{:?}", statement.effect),
        "part": answer.part.name(),
        "location": place(document, &statement.pointer),
        "elements": elements.map(|it| element(asked, answer, *it, document)).collect::<Vec<_>>(),
    })
}

fn element(asked: &Asked<'_>, answer: &Answer<'_>, it: Examined, document: &Document) -> Value {
    let request = asked.request();
    let compared = compared(answer.statement, it.element, &request);
    json!({
        "element": element_name(answer.statement, it.element),
        "matches": match it.truth {
            Truth::True => "yes",
            Truth::False => "no",
            Truth::Unknown => "unknown",
        },
        "policy": compared.policy,
        "request": known(&compared.request),
        "location": place(document, pointer(answer.statement, it.element)),
    })
}

fn place(document: &Document, pointer: &str) -> Value {
    let (path, region) = document.spot(pointer);
    json!({"path": path, "pointer": pointer, "line": region.line, "column": region.column})
}
