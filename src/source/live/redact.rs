//! Account ids replaced by numbers that tell nothing, everywhere in the answers and in their places, and
//! e-mail addresses, names of accounts and access keys blotted out. Every text keeps its length, so that
//! findings stay where they were; ids that look alike still do, and no others (see `numbers`).

use std::collections::{BTreeMap, BTreeSet};

use super::answers::Found;
use super::blot;
use super::numbers::numbers;
use crate::document::{Kind, Subject};

/// Hides the accounts.
pub(super) fn accounts(answers: Vec<Found>) -> Vec<Found> {
    let mut ids = BTreeSet::new();
    let mut others = BTreeSet::new();
    for found in &answers {
        let named = named(&found.subject).into_iter();
        for text in named.chain([found.text.as_str()]) {
            ids.extend(joined(text).into_iter().map(|(_, id)| id));
            for (at, digits) in runs(text) {
                match digits.len() {
                    12 if !ends_uuid(text.as_bytes(), at) => ids.insert(digits.to_owned()),
                    10..=14 => others.insert(digits.to_owned()),
                    _ => false,
                };
            }
        }
    }
    // AWS's own accounts are no secret, and rules know them by their ids.
    ids.retain(|id| crate::model::legacy::region_of(id).is_none());
    let numbers = numbers(&ids, &others);
    let callers = callers(&answers, &numbers);
    let hide = |found: Found| {
        let text = replace(&found.text, &numbers);
        let text = blot::addresses_and_keys(&text);
        let text = match found.kind {
            Kind::ListAccounts => blot::values(&text, "Name"),
            _ => text,
        };
        Found {
            kind: found.kind,
            subject: subject(found.subject, &numbers, &callers),
            text,
        }
    };
    answers.into_iter().map(hide).collect()
}

/// What stands for the names of profiles, in which people write their addresses too. What is hidden of two
/// may look the same: each keeps a place of its own.
fn callers(answers: &[Found], numbers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let names = answers.iter().filter_map(|found| match &found.subject {
        Subject::Caller { name } => Some(name.as_str()),
        _ => None,
    });
    let names: BTreeSet<&str> = names.collect();
    let mut taken = BTreeSet::new();
    let mut hidden = BTreeMap::new();
    for name in names {
        let blotted = blot::addresses_and_keys(&replace(name, numbers));
        let further = (2..).map(|number| format!("{blotted}-{number}"));
        let free = std::iter::once(blotted.clone())
            .chain(further)
            .find(|it| !taken.contains(it))
            .unwrap_or(blotted);
        taken.insert(free.clone());
        hidden.insert(name.to_owned(), free);
    }
    hidden
}

/// The runs of digits in a text.
fn runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !digit(at) {
            at += 1;
        }
        let start = at;
        while digit(at) {
            at += 1;
        }
        let run = text.get(start..at).filter(|run| !run.is_empty())?;
        Some((start, run))
    })
}

/// Account ids in groups of four, as the console shows them: where each begins, and the id.
fn joined(text: &str) -> Vec<(usize, String)> {
    let all: Vec<(usize, &str)> = runs(text).collect();
    let groups = all.windows(3).filter_map(|three| match three {
        &[(a, one), (b, two), (c, last)] => {
            let are_four = [one, two, last].iter().all(|run| run.len() == 4);
            let hyphen = |at: usize| text.as_bytes().get(at) == Some(&b'-');
            let are_joined = b == a + 5 && c == b + 5 && hyphen(a + 4) && hyphen(b + 4);
            (are_four && are_joined && !is_part_of_uuid(text, a))
                .then(|| (a, format!("{one}{two}{last}")))
        }
        _ => None,
    });
    groups.collect()
}

/// Whether a group of four belongs to a UUID: there is a hyphen before it, or one behind all three.
fn is_part_of_uuid(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).and_then(|at| bytes.get(at));
    before == Some(&b'-') || bytes.get(at + 14) == Some(&b'-')
}

/// Whether what ends before `at` is the rest of a UUID: 8-4-4-4- hexadecimal digits. What follows there is
/// no account's, as at the end of a key's id.
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
    let mut out = text.to_owned();
    let mut put = |at: usize, new: &str| out.replace_range(at..at + new.len(), new);
    for (at, digits) in runs(text) {
        if ends_uuid(text.as_bytes(), at) {
            continue;
        }
        match numbers.get(digits) {
            Some(number) => put(at, number),
            // An id with more digits behind or before it, as in names that are put together.
            None if digits.len() > 12 => {
                let mut from = 0;
                while let Some(part) = digits.get(from..from + 12) {
                    match numbers.get(part) {
                        Some(number) => {
                            put(at + from, number);
                            from += 12;
                        }
                        None => from += 1,
                    }
                }
            }
            None => {}
        }
    }
    for (at, id) in joined(text) {
        if let Some(number) = numbers.get(&id) {
            for (group, start) in [(0, 0), (1, 4), (2, 8)] {
                put(
                    at + group * 5,
                    number.get(start..start + 4).unwrap_or_default(),
                );
            }
        }
    }
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

fn subject(
    subject: Subject,
    numbers: &BTreeMap<String, String>,
    callers: &BTreeMap<String, String>,
) -> Subject {
    let new = |text: String| replace(&text, numbers);
    match subject {
        Subject::Snapshot | Subject::Organization => subject,
        Subject::Caller { name } => Subject::Caller {
            name: callers.get(&name).cloned().unwrap_or(name),
        },
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
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::audit::audit;
    use crate::document::Document;
    use crate::model::Estate;
    use crate::source::snapshot;

    fn hidden(kind: Kind, text: &str) -> String {
        let subject = Subject::Bucket {
            account: Some("222222222222".to_owned()),
            name: "logs-222222222222".to_owned(),
        };
        let text = text.to_owned();
        let found = Found {
            kind,
            subject,
            text,
        };
        let [redacted] = &accounts(vec![found])[..] else {
            panic!("one document in, one out");
        };
        let name = "logs-100110011001";
        let expected = Subject::Bucket {
            account: Some("100110011001".to_owned()),
            name: name.to_owned(),
        };
        assert_eq!(redacted.subject, expected);
        redacted.text.clone()
    }

    #[test]
    fn names_of_profiles_hide_addresses_and_stay_apart() {
        let found = |name: &str| Found {
            kind: Kind::GetCallerIdentity,
            subject: Subject::Caller {
                name: name.to_owned(),
            },
            text: "{}".to_owned(),
        };
        let names = ["jane@corp.com", "bill@corp.com", "audit-222222222222"];
        let hidden = accounts(names.map(found).to_vec());
        let hidden: Vec<&str> = hidden
            .iter()
            .map(|found| match &found.subject {
                Subject::Caller { name } => name.as_str(),
                _ => panic!("a caller stays one"),
            })
            .collect();
        assert_eq!(
            hidden,
            ["xxxx@xxxx.xxx-2", "xxxx@xxxx.xxx", "audit-100010001000"]
        );
    }

    #[test]
    fn accounts_are_hidden_in_texts_and_places_and_nothing_else_is() {
        let hide = |text: &str| hidden(Kind::GetBucketPolicy, text);
        assert_eq!(
            hide(
                r#"{"Policy": "arn:aws:iam::222222222222:root 111111111111 086441151436 logs-222222222222 11111111-2222-3333-4444-555555555555"}"#
            ),
            r#"{"Policy": "arn:aws:iam::100110011001:root 100010001000 086441151436 logs-100110011001 11111111-2222-3333-4444-555555555555"}"#
        );
        assert_eq!(
            hide("111111111111 2222-2222-2222 logs22222222222220260101 20260101000000"),
            "100010001000 1001-1001-1001 logs10011001100120260101 20260101000000"
        );
        assert_eq!(
            hide(
                "111111111111 jane.doe+x@corp.example.com ASIAABCDEFGHIJKLMNOP arn:aws:s3:::a@b mrk-1@us-east-1"
            ),
            "100010001000 xxxx.xxx+x@xxxx.xxxxxxx.xxx ASIAxxxxxxxxxxxxxxxx arn:aws:s3:::a@b mrk-1@us-east-1"
        );
        assert_eq!(
            hidden(
                Kind::ListAccounts,
                r#"{"Id": "111111111111", "Name": "Über \"A\" payments", "Name2": "kept"}"#
            ),
            r#"{"Id": "100010001000", "Name": "xxxx xxxxx xxxxxxxx", "Name2": "kept"}"#
        );
    }

    fn snapshots(folder: &Path, found: &mut Vec<PathBuf>) {
        if folder.join("accounts").is_dir() {
            found.push(folder.to_owned());
            return;
        }
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                snapshots(&path, found);
            }
        }
    }

    /// What is found, without what names accounts: rule, severity, and where.
    fn findings(documents: Vec<Document>, paths: &BTreeMap<String, usize>) -> Vec<String> {
        let estate = Estate::read(documents).unwrap();
        let audit = audit(&estate, "2026-11-01T00:00:00Z".parse().unwrap());
        let verdicts = audit
            .trails
            .iter()
            .map(|trail| trail.verdict.name().to_owned());
        let mut all: Vec<String> = verdicts.collect();
        all.extend(audit.findings.iter().map(|finding| {
            let document = estate.document(finding.place.document);
            let region = document.region(&finding.place.pointer);
            format!(
                "{} {:?} {} {} {region:?}",
                finding.rule, finding.severity, paths[&document.path], finding.place.pointer
            )
        }));
        all.sort();
        all
    }

    #[test]
    fn findings_stay_what_and_where_they_were() {
        let mut folders = Vec::new();
        snapshots(Path::new("fixtures"), &mut folders);
        assert!(folders.len() > 20, "{folders:?}");
        for folder in folders {
            let documents = snapshot::read(&folder).unwrap();
            let answers = documents.iter().map(|document| Found {
                kind: document.kind,
                subject: document.subject.clone(),
                text: document.answer().to_owned(),
            });
            let answers: Vec<Found> = answers.collect();
            let redacted = accounts(answers.clone());
            let read = |answers: &[Found]| {
                let documents = answers.iter().map(|found| found.document("").unwrap());
                let documents: Vec<Document> = documents.collect();
                let paths = documents
                    .iter()
                    .zip(0..)
                    .map(|(it, at)| (it.path.clone(), at));
                let paths = paths.collect();
                findings(documents, &paths)
            };
            assert_eq!(read(&answers), read(&redacted), "{}", folder.display());
        }
    }
}
