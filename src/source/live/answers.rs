//! Answers and refusals become documents: the JSON that the AWS CLI prints, where a snapshot would hold it.

use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::reader::Reader;
use super::refusal::{Refusal, UNREADABLE};
use crate::document::{Document, InputError, Kind, Origin, Subject};
use crate::json;
use crate::model::readable;
use crate::source::snapshot::place;

/// One answer before it is a document.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) subject: Subject,
    pub(super) text: String,
}

/// All answers of a run.
#[derive(Debug, Default)]
pub(super) struct Answers {
    found: Mutex<Vec<Found>>,
}

/// Who asked for what, for a reader of a refusal who has to allow it.
pub(super) struct Asked<'a> {
    pub(super) operation: Operation,
    pub(super) reader: &'a Reader,
    pub(super) region: &'a str,
    /// About what, where the place of the answer does not say it.
    pub(super) resource: Option<&'a str>,
    /// What for, where it matters.
    pub(super) purpose: Option<&'static str>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(operation: Operation, reader: &'a Reader, region: &'a str) -> Asked<'a> {
        Asked {
            operation,
            reader,
            region,
            resource: None,
            purpose: None,
        }
    }
}

impl Answers {
    /// Keeps an answer. One that is not what its kind says is kept as a refusal: it is one account's
    /// fault, and must not stop the others.
    pub(super) fn keep(&self, kind: Kind, subject: Subject, answer: &Value) {
        self.keep_text(kind, subject, pretty(answer));
    }

    /// Keeps an answer's text.
    pub(super) fn keep_text(&self, kind: Kind, subject: Subject, text: String) {
        let found = Found {
            kind,
            subject,
            text,
        };
        let found = match found.document("").and_then(|document| readable(&document)) {
            Ok(()) => found,
            Err(error) => {
                let refusal = Refusal::new(UNREADABLE, error.message);
                Found {
                    text: pretty(&json!({ "Error": of_refusal(&refusal) })),
                    ..found
                }
            }
        };
        self.push(found);
    }

    /// Keeps a refusal, and who was refused what.
    pub(super) fn refuse(
        &self,
        kind: Kind,
        subject: Subject,
        refusal: &Refusal,
        asked: &Asked<'_>,
    ) {
        let mut request = Map::new();
        if let Some(permission) = asked.operation.permission() {
            request.insert("Action".to_owned(), json!(permission));
        }
        request.insert("Principal".to_owned(), json!(asked.reader.principal));
        request.insert("Region".to_owned(), json!(asked.region));
        if let Some(resource) = asked.resource {
            request.insert("Resource".to_owned(), json!(resource));
        }
        if let Some(purpose) = asked.purpose {
            request.insert("Purpose".to_owned(), json!(purpose));
        }
        let answer = json!({ "Error": of_refusal(refusal), "Request": request });
        self.push(Found {
            kind,
            subject,
            text: pretty(&answer),
        });
    }

    fn push(&self, found: Found) {
        self.lock().push(found);
    }

    /// The answers so far.
    pub(super) fn found(&self) -> Vec<Found> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    /// The document, with the path that it has below a folder.
    pub(super) fn document(&self, folder: &str) -> Result<Document, InputError> {
        let path = format!("{folder}{}", place(self.kind, &self.subject));
        let bytes = self.text.as_bytes();
        Document::read(self.kind, self.subject.clone(), Origin::Live, &path, bytes)
    }
}

fn of_refusal(refusal: &Refusal) -> Value {
    json!({ "Code": refusal.code, "Message": refusal.message })
}

/// Pretty-printed, in the order of its keys: a place in it has a line of its own.
pub(super) fn pretty(answer: &Value) -> String {
    // A `Value` always prints.
    serde_json::to_string_pretty(answer).unwrap_or_default() + "\n"
}

/// The text of a policy, laid out in lines. Every character but white space stays as AWS gave it.
pub(super) fn policy(text: &str) -> String {
    json::lay_out(text) + "\n"
}

/// The answer of a JSON service as the AWS CLI prints it: moments as dates.
pub(super) fn from_text(text: &str) -> Option<Value> {
    let mut answer: Value = serde_json::from_str(text).ok()?;
    date_moments(&mut answer);
    Some(answer)
}

fn date_moments(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let is_moment = name.ends_with("Time")
                    || name.ends_with("Date")
                    || name.ends_with("Timestamp")
                    || name == "ValidTo";
                match value.as_f64().filter(|_| is_moment).and_then(date) {
                    Some(date) => *value = Value::String(date),
                    None => date_moments(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(date_moments),
        _ => {}
    }
}

/// Seconds since 1970 as a date, to the millisecond: the precision that AWS answers with.
fn date(seconds: f64) -> Option<String> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds of any date fit; what does not is refused by jiff"
    )]
    let moment = jiff::Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok()?;
    Some(moment.to_string().replace('Z', "+00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_become_dates_and_nothing_else_changes() {
        let text = r#"{"LatestDeliveryTime": 1793490912.5, "IsLogging": true, "Time": "x", "A": [{"CreationDate": 0}], "Count": 7}"#;
        assert_eq!(
            from_text(text).unwrap(),
            json!({"LatestDeliveryTime": "2026-10-31T23:55:12.5+00:00", "IsLogging": true, "Time": "x",
                   "A": [{"CreationDate": "1970-01-01T00:00:00+00:00"}], "Count": 7})
        );
    }

    #[test]
    fn an_answer_that_is_not_what_it_should_be_is_kept_as_unreadable() {
        let answers = Answers::default();
        let subject = Subject::Bucket {
            account: Some("111111111111".to_owned()),
            name: "logs".to_owned(),
        };
        answers.keep_text(
            Kind::GetBucketPolicy,
            subject,
            "{\"Statement\": 3}".to_owned(),
        );
        let document = answers.found()[0].document("x/").unwrap();
        assert_eq!(
            document.path,
            "x/accounts/111111111111/s3/logs/get-bucket-policy.json"
        );
        assert_eq!(document.refusal().unwrap().code, UNREADABLE);
    }
}
