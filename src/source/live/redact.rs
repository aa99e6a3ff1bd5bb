//! Account ids replaced by numbers that tell nothing, everywhere in the answers and in their places.
//! The same account has the same number throughout one reading; arranged by the ids' own order, so that
//! two readings of the same accounts agree.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::Found;
use crate::document::Subject;

/// Hides the accounts.
pub(super) fn accounts(answers: Vec<Found>) -> Vec<Found> {
    let mut ids = BTreeSet::new();
    for found in &answers {
        ids.extend(spans(&found.text).map(|(_, id)| id.to_owned()));
        ids.extend(
            named(&found.subject)
                .into_iter()
                .flat_map(spans)
                .map(|(_, id)| id.to_owned()),
        );
    }
    // AWS's own accounts are no secret, and rules know them by their ids.
    ids.retain(|id| crate::model::legacy::region_of(id).is_none());
    let numbers: BTreeMap<String, String> = ids
        .into_iter()
        .zip(1_u64..)
        .map(|(id, number)| (id, format!("{number:012}")))
        .collect();
    answers
        .into_iter()
        .map(|found| Found {
            kind: found.kind,
            subject: subject(found.subject, &numbers),
            text: replace(&found.text, &numbers),
        })
        .collect()
}

/// The account ids in a text: twelve digits that stand alone, or beside letters of a name. Those that
/// end a UUID, as key ids do, are left: they are no account's.
fn spans(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            if !digit(at) {
                at += 1;
                continue;
            }
            let start = at;
            while digit(at) {
                at += 1;
            }
            if at - start == 12 && !ends_uuid(bytes, start) {
                return text.get(start..at).map(|id| (start, id));
            }
        }
        None
    })
}

/// Whether what ends before `at` is the rest of a UUID: 8-4-4-4- hexadecimal digits.
fn ends_uuid(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(24).and_then(|start| bytes.get(start..at)) else {
        return false;
    };
    before.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

fn replace(text: &str, numbers: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, id) in spans(text) {
        if let Some(number) = numbers.get(id) {
            out.push_str(text.get(done..at).unwrap_or_default());
            out.push_str(number);
            done = at + id.len();
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// The names in a subject that may hold an account's id.
fn named(subject: &Subject) -> Vec<&str> {
    match subject {
        Subject::Snapshot | Subject::Organization => Vec::new(),
        Subject::Caller { name } => vec![name],
        Subject::Account { account, .. } | Subject::LogGroups { account, .. } => vec![account],
        Subject::Role { account, name } => vec![account, name],
        Subject::Bucket { account, name } | Subject::Key { account, id: name } => account
            .iter()
            .map(String::as_str)
            .chain([name.as_str()])
            .collect(),
        Subject::Topic { account, name, .. } | Subject::Trail { account, name, .. } => {
            vec![account, name]
        }
    }
}

fn subject(subject: Subject, numbers: &BTreeMap<String, String>) -> Subject {
    let new = |text: String| replace(&text, numbers);
    match subject {
        Subject::Snapshot | Subject::Organization => subject,
        Subject::Caller { name } => Subject::Caller { name: new(name) },
        Subject::Account { account, region } => Subject::Account {
            account: new(account),
            region,
        },
        Subject::Role { account, name } => Subject::Role {
            account: new(account),
            name: new(name),
        },
        Subject::LogGroups { account, region } => Subject::LogGroups {
            account: new(account),
            region,
        },
        Subject::Bucket { account, name } => Subject::Bucket {
            account: account.map(new),
            name: new(name),
        },
        Subject::Key { account, id } => Subject::Key {
            account: account.map(new),
            id: new(id),
        },
        Subject::Topic {
            account,
            region,
            name,
        } => Subject::Topic {
            account: new(account),
            region,
            name: new(name),
        },
        Subject::Trail {
            account,
            home_region,
            name,
            shadow_region,
        } => Subject::Trail {
            account: new(account),
            home_region,
            name: new(name),
            shadow_region,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Kind;

    #[test]
    fn accounts_are_hidden_in_texts_and_places_and_nothing_else_is() {
        let text = r#"{"Policy": "arn:aws:iam::222222222222:root 111111111111 1234567890123 086441151436 logs-222222222222 11111111-2222-3333-4444-555555555555"}"#;
        let subject = Subject::Bucket {
            account: Some("222222222222".to_owned()),
            name: "logs-222222222222".to_owned(),
        };
        let found = Found {
            kind: Kind::GetBucketPolicy,
            subject,
            text: text.to_owned(),
        };
        let [redacted] = &accounts(vec![found])[..] else {
            panic!("one document in, one out");
        };
        assert_eq!(
            redacted.text,
            r#"{"Policy": "arn:aws:iam::000000000002:root 000000000001 1234567890123 086441151436 logs-000000000002 11111111-2222-3333-4444-555555555555"}"#
        );
        let hidden = Subject::Bucket {
            account: Some("000000000002".to_owned()),
            name: "logs-000000000002".to_owned(),
        };
        assert_eq!(redacted.subject, hidden);
    }
}
