//! What a person wrote in a file of infrastructure code, each value with its place there; and such a value
//! as JSON text, with the way back from every JSON Pointer to that place.
//!
//! Nothing here knows templates or plans (`source` does), nor what the JSON means.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::json::{self, Node, Span, Value, pointer};

/// A range in the lines and columns of a text, counting from 1; columns are Unicode characters and
/// the end is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Region {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column one past the last character.
    pub end_column: usize,
}

/// A text file that a user can open, and where its lines begin.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as a user would type it, with forward slashes.
    pub path: String,
    text: String,
    line_starts: Vec<usize>,
    /// How many characters stand before each block of bytes: plans come as one line of megabytes.
    characters: Vec<usize>,
}

/// The bytes of such a block.
const BLOCK: usize = 1 << 12;

impl SourceFile {
    /// A file of this text.
    pub fn new(path: impl Into<String>, text: String) -> SourceFile {
        SourceFile {
            path: path.into(),
            line_starts: line_starts(&text),
            characters: characters(&text),
            text,
        }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the lines of the text begin.
    pub fn line_starts(&self) -> &[usize] {
        &self.line_starts
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1));
        let start = start.copied().unwrap_or(0);
        let column = match self.text.get(start..offset) {
            Some(before) if before.len() < BLOCK => before.chars().count(),
            _ => self.characters_before(offset) - self.characters_before(start),
        };
        (line, column + 1)
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let before = self.characters.get(block).copied().unwrap_or_default();
        let rest = self.text.as_bytes().get(block * BLOCK..offset);
        before + rest.map_or(0, count)
    }

    /// Line and column of a span.
    pub fn region(&self, span: Span) -> Region {
        let (line, column) = self.position(span.start);
        let (end_line, end_column) = self.position(span.end);
        Region {
            line,
            column,
            end_line,
            end_column,
        }
    }

    /// The byte offset of a line, counting from 1, and a column, counting from 0 in characters.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.line_starts.get(line.saturating_sub(1)).copied();
        let Some(start) = start else {
            return self.text.len();
        };
        if column < BLOCK {
            let rest = self.text.get(start..).unwrap_or_default();
            let skipped = rest.char_indices().nth(column).map(|(at, _)| at);
            return start + skipped.unwrap_or(rest.len());
        }
        let wanted = self.characters_before(start) + column;
        let block = self.characters.partition_point(|&before| before <= wanted);
        let from = (block.saturating_sub(1) * BLOCK).max(start);
        let mut skipped = self.characters_before(from);
        let bytes = self.text.as_bytes().get(from..).unwrap_or_default();
        let beyond = bytes.iter().position(|byte| {
            let is_first = *byte & 0xC0 != 0x80;
            let is_it = is_first && skipped == wanted;
            skipped += usize::from(is_first);
            is_it
        });
        beyond.map_or(self.text.len(), |at| from + at)
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Where in it.
    pub span: Span,
}

impl Spot {
    /// Line and column.
    pub fn region(&self) -> Region {
        self.file.region(self.span)
    }
}

/// A value, and where somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The value.
    pub value: Item,
    /// Where it stands; nothing for a value that nobody wrote down, such as a default.
    pub at: Option<Spot>,
}

/// A value as infrastructure code gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// No value.
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(Box<str>),
    /// A text; parts that are not known stand in it as [`crate::iam::unknown`] writes them.
    Text(String),
    /// A list.
    List(Vec<Written>),
    /// Values in no order of their own; if not all are known, nobody knows how many there are.
    Set(Vec<Written>),
    /// A map, in the order of the text.
    Map(Vec<(String, Written)>),
    /// A value that nobody knows yet, and what it is called.
    Unknown(String),
    /// A string that holds a value as JSON text.
    Json(Box<Written>),
}

impl Written {
    /// A value that nobody wrote down.
    pub fn implied(value: Item) -> Written {
        Written { value, at: None }
    }

    /// A text that nobody wrote down.
    pub fn text(text: impl Into<String>) -> Written {
        Written::implied(Item::Text(text.into()))
    }

    /// The same value, said to stand somewhere else; its parts keep their places.
    #[must_use]
    pub fn at(self, at: Option<Spot>) -> Written {
        Written { at, ..self }
    }

    /// The value of a key; of duplicates the last one.
    pub fn get(&self, key: &str) -> Option<&Written> {
        self.entries()
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The value at the end of a path of keys.
    pub fn path(&self, keys: &[&str]) -> Option<&Written> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The entries of a map; empty for anything else.
    pub fn entries(&self) -> &[(String, Written)] {
        match &self.value {
            Item::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; a single value stands for a list of one, and no value for none.
    pub fn items(&self) -> &[Written] {
        match &self.value {
            Item::List(items) | Item::Set(items) => items,
            Item::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The text of a text, a number or a Boolean.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Item::Text(text) => Some(text),
            Item::Number(text) => Some(text),
            Item::Bool(true) => Some("true"),
            Item::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// A Boolean, also one that is written as text.
    pub fn as_bool(&self) -> Option<bool> {
        match self.as_text()? {
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// How many values it holds, itself included.
    pub fn size(&self) -> usize {
        let inside: usize = match &self.value {
            Item::List(items) | Item::Set(items) => items.iter().map(Written::size).sum(),
            Item::Map(entries) => entries.iter().map(|(_, value)| value.size()).sum(),
            _ => 0,
        };
        1 + inside
    }

    /// Whether it is no value at all.
    pub fn is_null(&self) -> bool {
        self.value == Item::Null
    }

    /// JSON as a value, its places in a file.
    pub fn from_json(node: &Node, file: &Arc<SourceFile>) -> Written {
        let value = match &node.value {
            Value::Null => Item::Null,
            Value::Bool(value) => Item::Bool(*value),
            Value::Number(text) => Item::Number(text.clone()),
            Value::String(text) => Item::Text(text.to_string()),
            Value::Array(items) => Item::List(
                items
                    .iter()
                    .map(|item| Written::from_json(item, file))
                    .collect(),
            ),
            Value::Object(members) => Item::Map(
                members
                    .iter()
                    .map(|member| {
                        (
                            member.key.to_string(),
                            Written::from_json(&member.value, file),
                        )
                    })
                    .collect(),
            ),
        };
        let at = Some(Spot {
            file: Arc::clone(file),
            span: node.span,
        });
        Written { value, at }
    }

    /// The value as JSON text, and the place of every pointer that somebody wrote down. What is not
    /// known is `unknown`'s text for its name.
    pub fn to_json(&self, unknown: &dyn Fn(&str) -> String) -> (String, BTreeMap<String, Spot>) {
        let mut writer = Writer {
            places: BTreeMap::new(),
            unknown,
        };
        let mut text = String::new();
        writer.write(self, "", &mut text);
        (text, writer.places)
    }
}

struct Writer<'a> {
    places: BTreeMap<String, Spot>,
    unknown: &'a dyn Fn(&str) -> String,
}

impl Writer<'_> {
    /// Recursion is as deep as the file it was read from, which its readers bound.
    fn write(&mut self, value: &Written, at: &str, out: &mut String) {
        if let Some(spot) = &value.at {
            self.places.insert(at.to_owned(), spot.clone());
        }
        match &value.value {
            Item::Null => out.push_str("null"),
            Item::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            // A YAML number need not be one of JSON, such as an account id that begins with 0.
            Item::Number(text) if json::parse(text).is_ok() => out.push_str(text),
            Item::Number(text) => quote(text, out),
            Item::Text(text) => quote(text, out),
            Item::Unknown(name) => quote(&(self.unknown)(name), out),
            Item::Json(inner) => {
                let mut text = String::new();
                self.write(inner, "", &mut text);
                quote(&text, out);
            }
            Item::List(items) | Item::Set(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    self.write(item, &format!("{at}/{index}"), out);
                }
                out.push(']');
            }
            Item::Map(entries) => {
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    quote(key, out);
                    out.push(':');
                    self.write(value, &pointer(at, key), out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if u32::from(control) < 0x20 => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

fn characters(text: &str) -> Vec<usize> {
    let mut all = 0;
    let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
        let before = all;
        all += count(block);
        before
    });
    let mut characters: Vec<usize> = blocks.collect();
    characters.push(all);
    characters
}

/// How many characters begin in some bytes.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// The byte offset of the first character of each line. Lines end in LF, CR LF or a lone CR.
pub(crate) fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|&(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    std::iter::once(0)
        .chain(ends.map(|(at, _)| at + 1))
        .collect()
}

/// Line and column of a byte offset, given where the lines begin.
pub(crate) fn line_and_column(text: &str, line_starts: &[usize], offset: usize) -> (usize, usize) {
    let line = line_starts.partition_point(|&start| start <= offset);
    let start = line_starts
        .get(line.saturating_sub(1))
        .copied()
        .unwrap_or(0);
    let column = text
        .get(start..offset)
        .map_or(0, |before| before.chars().count());
    (line, column + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pointer_leads_back_to_the_file() {
        let text = "{\"Policy\": {\"Sid\": \"é\\n\", \"n\": 012}}".replace("012", "12");
        let file = Arc::new(SourceFile::new("t.json", text.clone()));
        let read = Written::from_json(&json::parse(&text).unwrap(), &file);
        let (written, places) = read.to_json(&|_| String::new());
        assert_eq!(written, r#"{"Policy":{"Sid":"é\u000a","n":12}}"#);
        assert_eq!(places["/Policy/Sid"].region().column, 20);
        let embedded = Written::implied(Item::Map(vec![(
            "Policy".into(),
            Written::implied(Item::Json(Box::new(read.get("Policy").cloned().unwrap()))),
        )]));
        let (written, places) = embedded.to_json(&|_| String::new());
        assert_eq!(written, r#"{"Policy":"{\"Sid\":\"é\\u000a\",\"n\":12}"}"#);
        assert_eq!(places["/Sid"].region().column, 20);
    }

    #[test]
    fn offsets_count_lines_from_one_and_characters_from_nought() {
        let file = SourceFile::new("t", "é\r\nab\n".into());
        assert_eq!(file.offset(1, 1), 2);
        assert_eq!(file.offset(2, 1), 5);
        assert_eq!(file.position(5), (2, 2));
        assert_eq!(file.offset(9, 9), file.text().len());
        let long = SourceFile::new("t", "é".repeat(BLOCK) + "\n" + &"ü".repeat(3 * BLOCK));
        assert_eq!(long.position(2 * (BLOCK - 1)), (1, BLOCK));
        assert_eq!(long.position(2 * BLOCK + 1), (2, 1));
        assert_eq!(long.position(6 * BLOCK + 1), (2, 2 * BLOCK + 1));
        for (line, column) in [
            (1, 0),
            (1, 7),
            (1, BLOCK - 1),
            (2, 0),
            (2, BLOCK),
            (2, 3 * BLOCK),
        ] {
            assert_eq!(long.position(long.offset(line, column)), (line, column + 1));
        }
        assert_eq!(long.position(long.text().len()), (2, 3 * BLOCK + 1));
    }
}
