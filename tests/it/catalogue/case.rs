//! The cases of `fixtures/catalogue.jsonl`: what each changes in an estate, and what is expected.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::support::files_of;

/// One line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// The entries of the catalogue of failures that it shows; none for odd set-ups that work.
    pub(super) entry: Vec<u16>,
    /// What is wrong, or odd.
    pub(super) what: String,
    /// The estate it changes: `baseline`, or a folder of `fixtures/estates`.
    #[serde(default = "baseline")]
    pub(super) estate: String,
    /// By file, what to change: JSON Pointers and the new values. `-` appends to a list, `null`
    /// removes, and the empty pointer is the whole file. Pointers go on inside policies that stand
    /// as escaped text. A file is named by the end of its path, or is new.
    changes: BTreeMap<String, BTreeMap<String, Value>>,
    /// The verdict of all trails.
    #[serde(default = "delivers")]
    verdict: String,
    /// By its name, the verdict of a trail that fares otherwise.
    #[serde(default)]
    pub(super) verdicts: BTreeMap<String, String>,
    /// The rules that must name it: these, and none other of high severity or above.
    pub(super) rules: Vec<String>,
    /// Rules that must not name anything, of whatever severity.
    #[serde(default)]
    pub(super) silent: Vec<String>,
    /// By rule, the requests that each of its findings names, in their order.
    #[serde(default)]
    pub(super) refuses: BTreeMap<String, Vec<String>>,
    /// By rule, what one message must say.
    #[serde(default)]
    pub(super) says: BTreeMap<String, Vec<String>>,
    /// By rule, where it must point: `FILE POINTER`.
    #[serde(default)]
    pub(super) at: BTreeMap<String, String>,
    /// Rules in the order in which they must be reported.
    #[serde(default)]
    pub(super) order: Vec<String>,
}

fn baseline() -> String {
    "baseline".to_owned()
}

fn delivers() -> String {
    "delivers".to_owned()
}

/// All lines.
pub(super) fn all() -> Vec<Case> {
    let lines = std::fs::read_to_string("fixtures/catalogue.jsonl").unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

impl Case {
    /// The verdict that a trail must get.
    pub(super) fn verdict(&self, trail: &str) -> &str {
        self.verdicts.get(trail).unwrap_or(&self.verdict)
    }

    /// The estate's files with the changes.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        let folder = match self.estate.as_str() {
            "baseline" => "fixtures/baseline".to_owned(),
            estate => format!("fixtures/estates/{estate}"),
        };
        let mut files: BTreeMap<String, String> = files_of(&folder).into_iter().collect();
        for (named, edits) in &self.changes {
            let path = full_path(named, &files);
            let text = files.remove(&path).unwrap_or_else(|| "null".to_owned());
            let mut document: Value = serde_json::from_str(&text).unwrap();
            for (pointer, value) in in_order(edits) {
                let steps: Vec<&str> = pointer.split('/').skip(1).collect();
                edit(&mut document, &steps, value)
                    .unwrap_or_else(|| panic!("{}: nothing at `{pointer}` in {path}", self.what));
            }
            if !document.is_null() {
                files.insert(path, document.to_string());
            }
        }
        files.into_iter().collect()
    }
}

/// The one file whose path ends like this, or a new one.
fn full_path(named: &str, files: &BTreeMap<String, String>) -> String {
    let end = format!("/{named}");
    let mut found = files
        .keys()
        .filter(|path| path.as_str() == named || path.ends_with(&end));
    match (found.next(), found.next()) {
        (Some(one), None) => one.clone(),
        (None, _) if named.starts_with("accounts/") || named.starts_with("organizations/") => {
            named.to_owned()
        }
        (None, _) => panic!("there is no file `{named}`"),
        (Some(one), Some(other)) => panic!("`{named}` is {one} and {other}"),
    }
}

/// What is removed comes last, and from the end, so that it moves nothing that others point to.
fn in_order(edits: &BTreeMap<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let set = edits.iter().filter(|(_, value)| !value.is_null());
    let removed = edits.iter().rev().filter(|(_, value)| value.is_null());
    set.chain(removed)
}

/// Sets or removes the value at a place; nothing if there is no such place.
fn edit(document: &mut Value, steps: &[&str], value: &Value) -> Option<()> {
    let Some((first, rest)) = steps.split_first() else {
        *document = value.clone();
        return Some(());
    };
    let first = first.replace("~1", "/");
    match document {
        Value::String(text) => {
            let mut inner: Value = serde_json::from_str(text).ok()?;
            edit(&mut inner, steps, value)?;
            *text = inner.to_string();
        }
        Value::Array(items) if first == "-" => items.push(value.clone()),
        Value::Array(items) => {
            let index: usize = first.parse().ok()?;
            if rest.is_empty() && value.is_null() {
                items.get(index)?;
                items.remove(index);
            } else {
                edit(items.get_mut(index)?, rest, value)?;
            }
        }
        Value::Object(members) if rest.is_empty() && value.is_null() => {
            members.shift_remove(&first)?;
        }
        Value::Object(members) => {
            let member = members
                .entry(first)
                .or_insert_with(|| Value::Object(serde_json::Map::new()));
            edit(member, rest, value)?;
        }
        _ => return None,
    }
    Some(())
}
