//! YAML and JSON templates as values with places. CloudFormation's short forms (`!Sub x`) become their
//! long forms (`{"Fn::Sub": x}`), so that nothing after this point knows which was written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use crate::document::InputError;
use crate::json::{self, Span};
use crate::written::{Item, SourceFile, Spot, Written};

/// The deepest nesting that is read, as for JSON.
const DEEPEST: usize = 128;

/// The most values that aliases may add: a few hundred bytes of YAML can stand for billions.
const MOST_COPIES: usize = 200_000;

/// Reads a template. What begins with a brace is JSON.
///
/// # Errors
/// The first place where the text is neither, is nested too deeply, or repeats itself too often.
pub(super) fn read(file: &Arc<SourceFile>) -> Result<Written, InputError> {
    if file.text().trim_start().starts_with(['{', '[']) {
        let root = json::parse(file.text()).map_err(|error| InputError {
            path: file.path.clone(),
            at: Some(file.position(error.offset)),
            message: error.message,
            help: Some("expected a template or a plan as JSON".to_owned()),
        })?;
        return Ok(Written::from_json(&root, file));
    }
    Reader {
        file,
        ascii: file.text().is_ascii(),
        open: Vec::new(),
        anchors: BTreeMap::new(),
        copies: 0,
        root: None,
    }
    .read()
}

/// A list or a map that is being read.
struct Open {
    start: usize,
    anchor: usize,
    tag: Option<String>,
    values: Vec<Written>,
    is_map: bool,
}

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    ascii: bool,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Written, usize)>,
    copies: usize,
    root: Option<Written>,
}

impl Reader<'_> {
    fn read(mut self) -> Result<Written, InputError> {
        let file = Arc::clone(self.file);
        for event in Parser::new_from_str(file.text()) {
            let (event, span) = event.map_err(|error| {
                let marker = error.marker();
                let at = (marker.line(), marker.col() + 1);
                self.error(at, format!("no YAML: {}", error.info()))
            })?;
            let start = self.offset(span.start);
            let end = self.offset(span.end);
            match event {
                Event::Scalar(text, style, anchor, tag) => {
                    let value = self.scalar(&text, style, tag.as_deref(), start, end);
                    self.add(value, anchor)?;
                }
                Event::Alias(anchor) => {
                    let Some((value, size)) = self.anchors.get(&anchor).cloned() else {
                        return Err(
                            self.error_at(start, "an alias for what is not there".to_owned())
                        );
                    };
                    self.copies += size;
                    if self.copies > MOST_COPIES {
                        let message = "the aliases repeat too much".to_owned();
                        return Err(self.error_at(start, message));
                    }
                    self.add(value, 0)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.begin(start, anchor, tag.as_deref(), false)?;
                }
                Event::MappingStart(anchor, tag) => {
                    self.begin(start, anchor, tag.as_deref(), true)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(end)?,
                Event::DocumentStart(_) if self.root.is_some() => {
                    let message = "a second YAML document, expected one template".to_owned();
                    return Err(self.error_at(start, message));
                }
                _ => {}
            }
        }
        self.root.take().ok_or_else(|| {
            InputError::whole(&file.path, "the file is empty")
                .with_help("expected a CloudFormation template as YAML or JSON")
        })
    }

    /// Markers count characters, spans bytes.
    fn offset(&self, marker: saphyr_parser::Marker) -> usize {
        if self.ascii {
            return marker.index().min(self.file.text().len());
        }
        self.file.offset(marker.line(), marker.col())
    }

    fn spot(&self, start: usize, end: usize) -> Spot {
        let text = self.file.text().get(start..end).unwrap_or_default();
        // A block's end is where the next value begins.
        let end = start + text.trim_end().len();
        let span = Span { start, end };
        Spot {
            file: Arc::clone(self.file),
            span,
        }
    }

    fn error(&self, at: (usize, usize), message: String) -> InputError {
        InputError {
            path: self.file.path.clone(),
            at: Some(at),
            message,
            help: Some("expected a CloudFormation template as YAML or JSON".to_owned()),
        }
    }

    fn error_at(&self, offset: usize, message: String) -> InputError {
        self.error(self.file.position(offset), message)
    }

    fn scalar(
        &self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        start: usize,
        end: usize,
    ) -> Written {
        // The span of a tagged scalar begins at its tag.
        let written = self.file.text().get(start..end).unwrap_or_default();
        let start = match written.strip_prefix('!') {
            Some(tagged) => {
                let tag = tagged.find(char::is_whitespace).unwrap_or(tagged.len());
                let blanks = tagged.get(tag..).unwrap_or_default();
                start + 1 + tag + (blanks.len() - blanks.trim_start().len())
            }
            None => start,
        };
        let at = Some(self.spot(start.min(end), end));
        let plain = style == ScalarStyle::Plain && tag.is_none();
        let open = self.open.last();
        let is_key = open.is_some_and(|open| open.is_map && open.values.len() % 2 == 0);
        let value = match typed(text) {
            // A key is a text, whatever it is spelt like.
            Item::Bool(_) if is_key => Item::Text(text.to_owned()),
            value if plain => value,
            _ => Item::Text(text.to_owned()),
        };
        with_tag(tag.map(name).as_deref(), Written { value, at })
    }

    fn begin(
        &mut self,
        start: usize,
        anchor: usize,
        tag: Option<&Tag>,
        is_map: bool,
    ) -> Result<(), InputError> {
        if self.open.len() >= DEEPEST {
            let message = format!("nested too deeply: more than {DEEPEST} levels");
            return Err(self.error_at(start, message));
        }
        self.open.push(Open {
            start,
            anchor,
            tag: tag.map(name),
            values: Vec::new(),
            is_map,
        });
        Ok(())
    }

    fn end(&mut self, end: usize) -> Result<(), InputError> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let at = Some(self.spot(open.start, end));
        let value = if open.is_map {
            let mut entries: Vec<(String, Written)> = Vec::with_capacity(open.values.len() / 2);
            let mut merged = Vec::new();
            let mut values = open.values.into_iter();
            while let (Some(key), Some(value)) = (values.next(), values.next()) {
                let Some(name) = key.as_text().map(str::to_owned) else {
                    let start = key.at.map_or(open.start, |at| at.span.start);
                    return Err(self.error_at(start, "expected a text as the key".to_owned()));
                };
                if name == "<<" {
                    merged.push(value);
                } else {
                    entries.push((name, value));
                }
            }
            for map in &merged {
                merge(&mut entries, map);
            }
            Item::Map(entries)
        } else {
            Item::List(open.values)
        };
        self.add(
            with_tag(open.tag.as_deref(), Written { value, at }),
            open.anchor,
        )
    }

    fn add(&mut self, value: Written, anchor: usize) -> Result<(), InputError> {
        if anchor > 0 {
            let size = value.size();
            // Each anchor keeps a copy too.
            self.copies += size;
            if self.copies > MOST_COPIES {
                let start = value.at.as_ref().map_or(0, |at| at.span.start);
                return Err(self.error_at(start, "the aliases repeat too much".to_owned()));
            }
            self.anchors.insert(anchor, (value.clone(), size));
        }
        match self.open.last_mut() {
            Some(open) => open.values.push(value),
            None => self.root = Some(value),
        }
        Ok(())
    }
}

/// Takes over what a merge key names, a map or a list of maps. What stands in the map itself counts more, and
/// of several maps the first.
fn merge(entries: &mut Vec<(String, Written)>, merged: &Written) {
    let own: BTreeSet<String> = entries.iter().map(|(name, _)| name.clone()).collect();
    let mut known = own;
    let mut taken = Vec::new();
    for map in merged.items() {
        for (name, value) in map.entries() {
            if known.insert(name.clone()) {
                taken.push((name.clone(), value.clone()));
            }
        }
    }
    entries.splice(0..0, taken);
}

/// What follows the `!` of a tag; `!!str` and its like are YAML's own.
fn name(tag: &Tag) -> String {
    if tag.handle == "!" {
        tag.suffix.clone()
    } else {
        String::new()
    }
}

/// The long form of a short form.
fn with_tag(tag: Option<&str>, value: Written) -> Written {
    let key = match tag {
        None | Some("") => return value,
        Some("Ref") => "Ref".to_owned(),
        Some("Condition") => "Condition".to_owned(),
        Some(function) => format!("Fn::{function}"),
    };
    let at = value.at.clone();
    Written {
        value: Item::Map(vec![(key, value)]),
        at,
    }
}

/// A plain scalar's type; numbers keep their text, as an account id needs. CloudFormation reads YAML 1.1,
/// in which these words are Booleans as well (AWS CloudFormation User Guide, "CloudFormation template
/// formats", read 2026-11); its single letters are none in the reader that is common there.
fn typed(text: &str) -> Item {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Item::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Item::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            Item::Bool(false)
        }
        _ if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Item::Number(text.into())
        }
        _ => Item::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn read_text(text: &str) -> Result<Written, InputError> {
        read(&Arc::new(SourceFile::new("t.yaml", text.to_owned())))
    }

    #[test]
    fn short_forms_become_long_forms_with_their_places() {
        let read =
            read_text("é: 1\na: !Sub 'x${y}'\nb: !GetAtt\n  - K\n  - Arn\nc: !Ref d\n").unwrap();
        let a = read.path(&["a", "Fn::Sub"]).unwrap();
        assert_eq!(a.as_text(), Some("x${y}"));
        let region = a.at.as_ref().unwrap().region();
        assert_eq!((region.line, region.column, region.end_column), (2, 9, 16));
        assert_eq!(read.path(&["b", "Fn::GetAtt"]).unwrap().items().len(), 2);
        assert_eq!(read.path(&["c", "Ref"]).unwrap().as_text(), Some("d"));
    }

    #[test]
    fn an_account_id_keeps_its_digits() {
        let read = read_text("a: 011111111111\nb: \"1\"\nc: true\nd: ~\n").unwrap();
        assert_eq!(read.get("a").unwrap().as_text(), Some("011111111111"));
        assert_eq!(read.get("b").unwrap().value, Item::Text("1".into()));
        assert_eq!(read.get("c").unwrap().as_bool(), Some(true));
        assert!(read.get("d").unwrap().is_null());
        let read = read_text("a: no\nb: On\nc: 'no'\nd: north\non: 1\n").unwrap();
        assert_eq!(read.get("a").unwrap().as_bool(), Some(false));
        assert_eq!(read.get("b").unwrap().as_bool(), Some(true));
        assert_eq!(read.get("c").unwrap().value, Item::Text("no".into()));
        assert_eq!(read.get("d").unwrap().value, Item::Text("north".into()));
        assert!(read.get("on").is_some());
    }

    #[test]
    fn what_is_hostile_is_refused_with_its_place() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..40 {
            let last = level - 1;
            let _ = writeln!(
                bomb,
                "a{level}: &a{level} [*a{last}, *a{last}, *a{last}, *a{last}]"
            );
        }
        let error = read_text(&bomb).unwrap_err();
        assert_eq!(error.message, "the aliases repeat too much");
        assert!(error.at.unwrap().0 < 12, "{error}");
        for (text, message) in [
            (
                "a: [".repeat(200),
                "nested too deeply: more than 128 levels",
            ),
            ("a: *b".to_owned(), "no YAML: "),
            ("a: 'b".to_owned(), "no YAML: "),
            ("? [a]\n: b".to_owned(), "expected a text as the key"),
            ("---\na: b\n---\nc: d".to_owned(), "a second YAML document"),
            (String::new(), "the file is empty"),
            ("{\"a\": ]}".to_owned(), "found `]`"),
        ] {
            let error = read_text(&text).unwrap_err();
            assert!(error.message.contains(message), "{text}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics_on_any_text(text in "([a-zé:!&*{}\\[\\]|>#'\"\\-~<%@,? \n\t\r]|Ref|Fn::|- |: ){0,120}") {
            let _ = read_text(&text);
        }
    }
}
