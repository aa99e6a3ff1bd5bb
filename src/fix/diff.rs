//! What changed, as a unified diff that `git apply` and `patch` take, and as pieces of text with their
//! lines and columns.

use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use similar::{Algorithm, TextDiff};

use crate::document::{Document, Region};
use crate::json::Span;

/// A piece of a document and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Edit {
    /// The document's path.
    pub path: String,
    /// The piece; empty where something is only added.
    #[serde(flatten)]
    pub region: Region,
    /// What stands there.
    pub replaces: String,
    /// What takes its place.
    pub text: String,
}

/// How file names stand in a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// Behind `a/` and `b/`, for `git apply` and `patch -p1`.
    #[default]
    Prefixed,
    /// As they are, for `patch -p0`.
    Plain,
}

/// A unified diff with three lines of context, with names from the current folder on where the file lies
/// below it; empty where nothing changed.
pub fn unified(old: &Document, new: &Document, names: Names) -> String {
    unified_from(
        &std::env::current_dir().unwrap_or_default(),
        old,
        new,
        names,
    )
}

/// The folder that names in one diff of several files can start from: the current one where all files lie
/// below it, else that of the git repository which holds them all, else the root.
pub fn base_of(paths: &[&str]) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let files: Vec<PathBuf> = paths.iter().map(|path| plain(&here.join(path))).collect();
    let holds_all = |folder: &Path| files.iter().all(|file| file.starts_with(folder));
    if holds_all(&here) {
        return here;
    }
    let first = files.first().map_or(&*here, PathBuf::as_path);
    let repository = first.ancestors().find(|it| it.join(".git").exists());
    match repository.filter(|folder| holds_all(folder)) {
        Some(folder) => folder.to_owned(),
        None => here.ancestors().last().unwrap_or(&here).to_owned(),
    }
}

/// The same as [`unified`], with names from a folder on.
pub fn unified_from(base: &Path, old: &Document, new: &Document, names: Names) -> String {
    if old.answer() == new.answer() {
        return String::new();
    }
    let path = shown_path(base, &old.path);
    let (old, new) = (old.bytes(), new.bytes());
    let (old, new) = (lines(&old), lines(&new));
    let name = |side: &str| {
        let name = match names {
            Names::Prefixed => format!("{side}/{path}"),
            Names::Plain => path.clone(),
        };
        quoted(&name)
    };
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .newline_terminated(true)
        .diff_slices(&old, &new);
    let mut bytes = Vec::new();
    let written = diff
        .unified_diff()
        .context_radius(3)
        .header(&name("a"), &name("b"))
        .to_writer(&mut bytes);
    match written {
        Ok(()) => String::from_utf8_lossy(&bytes).into_owned(),
        // Nothing fails to be written to memory.
        Err(_) => String::new(),
    }
}

/// Lines with what ends them. A lone CR ends no line: neither git nor patch takes it for an end.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// A name as git writes it: one with white space ends in a tab, so that the date which may follow is not
/// taken for a part of it; one with quotes or control characters stands in quotes.
fn quoted(name: &str) -> String {
    if name.contains(['"', '\\']) || name.contains(char::is_control) {
        let mut quoted = String::from("\"");
        for character in name.chars() {
            match character {
                '"' | '\\' => {
                    quoted.push('\\');
                    quoted.push(character);
                }
                '\n' => quoted.push_str("\\n"),
                '\t' => quoted.push_str("\\t"),
                other if other.is_control() => {
                    let octal = |byte: u8| format!("\\{byte:03o}");
                    quoted.extend(other.to_string().bytes().map(octal));
                }
                other => quoted.push(other),
            }
        }
        return format!("{quoted}\"");
    }
    if name.contains(' ') {
        return format!("{name}\t");
    }
    name.to_owned()
}

/// The path below a folder, where it lies there.
fn shown_path(base: &Path, path: &str) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let absolute = plain(&here.join(path));
    let shown = absolute.strip_prefix(base).unwrap_or(&absolute);
    let parts = shown.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

/// The pieces that changed, each as small as it can be.
pub fn edits(old: &Document, new: &Document) -> Vec<Edit> {
    let (before, after) = (old.answer(), new.answer());
    let old_lines: Vec<&str> = before.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = after.split_inclusive('\n').collect();
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .newline_terminated(true)
        .diff_slices(&old_lines, &new_lines);
    let changed = diff
        .ops()
        .iter()
        .filter(|op| op.tag() != similar::DiffTag::Equal);
    changed
        .map(|op| {
            let [from, to] = [
                span(&old_lines, op.old_range()),
                span(&new_lines, op.new_range()),
            ];
            let piece = |text: &str, range: &Range<usize>| {
                text.get(range.clone()).unwrap_or_default().to_owned()
            };
            let (gone, come) = (piece(before, &from), piece(after, &to));
            let (head, tail) = narrowed(&gone, &come);
            let region = old.region_of(Span {
                start: from.start + head,
                end: from.end - tail,
            });
            let text = come.get(head..come.len() - tail).unwrap_or_default();
            let replaces = gone.get(head..gone.len() - tail).unwrap_or_default();
            Edit {
                path: old.path.clone(),
                region,
                replaces: replaces.to_owned(),
                text: text.to_owned(),
            }
        })
        .collect()
}

/// How much of two texts is alike at both ends. A change does not begin or end in the middle of a word of
/// which both have something: it reaches to the quotes around it.
fn narrowed(gone: &str, come: &str) -> (usize, usize) {
    let head = common(gone.chars(), come.chars());
    let [old, new] = [gone, come].map(|text| text.get(head..).unwrap_or_default());
    let tail = common(old.chars().rev(), new.chars().rev());
    if old.len() == tail {
        return (head, tail);
    }
    let before = gone.get(..head).unwrap_or_default();
    let opening = before
        .rfind('"')
        .map_or(head, |at| at - usize::from(before[..at].ends_with('\\')));
    let after = old.get(old.len() - tail..).unwrap_or_default();
    let closing = after.find('"').map_or(0, |at| at + 1);
    (opening, tail - closing)
}

fn span(lines: &[&str], range: Range<usize>) -> Range<usize> {
    let len = |lines: Option<&[&str]>| lines.into_iter().flatten().map(|line| line.len()).sum();
    let start: usize = len(lines.get(..range.start));
    let all: usize = len(lines.get(range));
    start..start + all
}

/// How many bytes two texts begin with alike.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    let alike = one.zip(other).take_while(|(a, b)| a == b);
    alike.map(|(character, _)| character.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Kind, Origin, Subject};

    fn document(path: &str, text: &str) -> Document {
        let subject = Subject::Bucket {
            account: None,
            name: "b".to_owned(),
        };
        let kind = Kind::GetBucketPolicy;
        Document::read(kind, subject, Origin::File, path, text.as_bytes()).unwrap()
    }

    fn diff(path: &str, old: &str, new: &str) -> String {
        unified(&document(path, old), &document(path, new), Names::Prefixed)
    }

    #[test]
    fn a_diff_is_what_git_writes() {
        assert_eq!(
            diff("a b/p.json", "{\n\"x\": 1\n}", "{\n\"x\": 2\n}"),
            "--- a/a b/p.json\t\n+++ b/a b/p.json\t\n@@ -1,3 +1,3 @@\n {\n-\"x\": 1\n+\"x\": 2\n }\n\\ No newline at end of file\n"
        );
        assert_eq!(diff("p.json", "{}", "{}"), "");
    }

    #[test]
    fn odd_names_stand_in_quotes() {
        assert_eq!(quoted("a/x\"y"), "\"a/x\\\"y\"");
        assert_eq!(quoted("a/x\ny"), "\"a/x\\ny\"");
        assert_eq!(quoted("a/é"), "a/é");
    }

    #[test]
    fn paths_are_told_from_where_the_command_runs() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(shown_path(&here, "./x/../p.json"), "p.json");
        assert_eq!(shown_path(&here, "/no/such/p.json"), "no/such/p.json");
    }

    #[test]
    fn an_edit_reaches_from_quote_to_quote_and_an_insertion_replaces_nothing() {
        let old = document("p", "{\n  \"a\": \"one-two\"\n}");
        let new = document("p", "{\n  \"a\": \"one-three\",\n  \"b\": 1\n}");
        let all = edits(&old, &new);
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].region.line, all[0].region.column), (2, 8));
        assert!(all[0].text.starts_with("\"one-three\","));
        let new = document("p", "{\n  \"a\": \"one-two\",\n  \"b\": 1\n}");
        let all = edits(&old, &new);
        assert_eq!(
            (all[0].replaces.as_str(), all[0].text.as_str()),
            ("", ",\n  \"b\": 1")
        );
    }
}
