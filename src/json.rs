//! JSON text as a tree that keeps the byte span of every key and every value, and duplicate keys.
//!
//! Reading is strict RFC 8259, as AWS reads a policy. What the values mean is not decided here.

use std::borrow::Cow;
use std::fmt::Write as _;

use nojson::{JsonParseError, JsonValueKind, RawJson, RawJsonValue};

/// A byte range in the text of one document; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One JSON value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where the value stands in the text of its document.
    pub span: Span,
    /// The value itself.
    pub value: Value,
}

/// A JSON value; numbers keep their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(Box<str>),
    /// A string, with its escapes resolved.
    String(Box<str>),
    /// An array.
    Array(Vec<Node>),
    /// An object; members in the order of the text, duplicates kept.
    Object(Vec<Member>),
}

/// One `"key": value` of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The key, with its escapes resolved.
    pub key: Box<str>,
    /// Where the key stands, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// Text that is not JSON: where reading stopped, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Byte offset in the text.
    pub offset: usize,
    /// One lower-case clause.
    pub message: String,
}

impl Node {
    /// The member of an object by key. Of duplicates the last one, as JSON readers take it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members()
            .iter()
            .rev()
            .find(|member| &*member.key == key)
            .map(|member| &member.value)
    }

    /// The members of an object; empty for anything else.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A Boolean value.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// What a message calls this value: "a string", "an object", …
    pub fn type_name(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a Boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// The length in bytes of this value written without white space.
    pub fn compact_len(&self) -> usize {
        let list = |len: usize, items: usize| 2 + len + items.saturating_sub(1);
        match &self.value {
            Value::Null | Value::Bool(true) => 4,
            Value::Bool(false) => 5,
            Value::Number(text) => text.len(),
            // Quotes and backslashes are the only characters of policies that need an escape.
            Value::String(text) => quoted_len(text),
            Value::Array(items) => list(items.iter().map(Node::compact_len).sum(), items.len()),
            Value::Object(members) => {
                let member = |m: &Member| quoted_len(&m.key) + 1 + m.value.compact_len();
                list(members.iter().map(member).sum(), members.len())
            }
        }
    }

    /// The value a JSON Pointer (RFC 6901) names.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer
            .strip_prefix('/')?
            .split('/')
            .try_fold(self, |node, token| {
                let token = unescape_token(token);
                match &node.value {
                    Value::Array(items) => items.get(token.parse::<usize>().ok()?),
                    Value::Object(_) => node.get(&token),
                    _ => None,
                }
            })
    }
}

fn quoted_len(text: &str) -> usize {
    2 + text.len() + text.matches(['"', '\\']).count()
}

/// Adds one reference token to a JSON Pointer.
pub fn pointer(parent: &str, token: &str) -> String {
    format!("{parent}/{}", token.replace('~', "~0").replace('/', "~1"))
}

fn unescape_token(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

/// Lays a JSON text out in lines, two spaces a level. Nothing but the white space between its tokens
/// changes: keys keep their order, duplicates stay, numbers and escapes remain as they were written.
/// A text that is not JSON comes out unharmed in the same sense.
pub fn lay_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut chars = text.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(character) = chars.next() {
        match character {
            '"' => {
                out.push('"');
                let mut escaped = false;
                for inner in chars.by_ref() {
                    out.push(inner);
                    match inner {
                        _ if escaped => escaped = false,
                        '\\' => escaped = true,
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                out.push(character);
                while chars.next_if(char::is_ascii_whitespace).is_some() {}
                if matches!(chars.peek(), Some('}' | ']')) {
                    out.extend(chars.next());
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(',');
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => out.push(other),
        }
    }
    out
}

/// Reads a whole JSON text.
///
/// # Errors
/// The first place where the text is not JSON, or is nested deeper than 128 levels.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    parse_with(text, &|span| span)
}

/// Reads the JSON text inside a JSON string, `node` being that string and `text` the document it
/// stands in. Spans point into the outer text, so that a policy that the AWS CLI printed as
/// `{"Policy": "{\"Version\": …"}` is reported where it really stands.
///
/// # Errors
/// As [`parse`]; the offset is one of the outer text. A node that is not a string is an error too.
pub fn parse_embedded(text: &str, node: &Node) -> Result<Node, SyntaxError> {
    let Some(inner) = node.as_str() else {
        return Err(SyntaxError {
            offset: node.span.start,
            message: format!(
                "expected a string that holds JSON, found {}",
                node.type_name()
            ),
        });
    };
    let offsets = outer_offsets(text, node.span, inner.len());
    let outer = |offset: usize| offsets.get(offset).copied().unwrap_or(node.span.end);
    parse_with(inner, &|span| Span {
        start: outer(span.start),
        end: outer(span.end),
    })
    .map_err(|error| SyntaxError {
        offset: outer(error.offset),
        ..error
    })
}

/// For every byte of the decoded string, and one past it, the offset of what it was decoded from.
pub(crate) fn outer_offsets(text: &str, span: Span, decoded_len: usize) -> Vec<usize> {
    let raw = text
        .get(span.start + 1..span.end.saturating_sub(1))
        .unwrap_or_default();
    let mut offsets = Vec::with_capacity(decoded_len + 1);
    let mut chars = raw.char_indices().peekable();
    while let Some((at, character)) = chars.next() {
        let start = span.start + 1 + at;
        let len = match character {
            '\\' => match chars.next() {
                Some((_, 'u')) => {
                    let mut unit = take_hex4(&mut chars);
                    // A surrogate pair is two escapes that decode to one character.
                    if (0xD800..0xDC00).contains(&unit) && raw.get(at + 6..at + 8) == Some("\\u") {
                        chars.next();
                        chars.next();
                        take_hex4(&mut chars);
                        unit = 0x1_0000;
                    }
                    char::from_u32(unit).map_or(3, char::len_utf8)
                }
                _ => 1,
            },
            other => other.len_utf8(),
        };
        offsets.extend(std::iter::repeat_n(start, len));
    }
    offsets.push(span.end.saturating_sub(1));
    offsets
}

fn take_hex4(chars: &mut impl Iterator<Item = (usize, char)>) -> u32 {
    chars
        .take(4)
        .filter_map(|(_, c)| c.to_digit(16))
        .fold(0, |unit, digit| unit * 16 + digit)
}

fn parse_with(text: &str, place: &dyn Fn(Span) -> Span) -> Result<Node, SyntaxError> {
    let raw = RawJson::parse(text).map_err(|error| phrase(text, &error))?;
    build(raw.value(), place).map_err(|error| phrase(text, &error))
}

/// Recursion is bounded: the reader refuses more than 128 levels before a tree is built.
fn build(raw: RawJsonValue<'_, '_>, place: &dyn Fn(Span) -> Span) -> Result<Node, JsonParseError> {
    let value = match raw.kind() {
        JsonValueKind::Null => Value::Null,
        JsonValueKind::Boolean => Value::Bool(raw.as_raw_str() == "true"),
        JsonValueKind::Integer | JsonValueKind::Float => Value::Number(raw.as_raw_str().into()),
        JsonValueKind::String => Value::String(raw.to_unquoted_string_str()?.into()),
        JsonValueKind::Array => Value::Array(
            raw.to_array()?
                .map(|item| build(item, place))
                .collect::<Result<_, _>>()?,
        ),
        JsonValueKind::Object => Value::Object(
            raw.to_object()?
                .map(|(key, value)| {
                    Ok(Member {
                        key: key.to_unquoted_string_str()?.into(),
                        key_span: place(span_of(key)),
                        value: build(value, place)?,
                    })
                })
                .collect::<Result<_, JsonParseError>>()?,
        ),
    };
    Ok(Node {
        span: place(span_of(raw)),
        value,
    })
}

fn span_of(raw: RawJsonValue<'_, '_>) -> Span {
    Span {
        start: raw.position(),
        end: raw.position() + raw.as_raw_str().len(),
    }
}

/// Says in a person's words what the reader stumbled over.
fn phrase(text: &str, error: &JsonParseError) -> SyntaxError {
    let offset = error.position().min(text.len());
    let rest = text.get(offset..).unwrap_or_default();
    let before = text.get(..offset).unwrap_or_default().trim_end();
    let inside = match error.kind() {
        Some(JsonValueKind::Object) => "an object",
        Some(JsonValueKind::Array) => "an array",
        Some(JsonValueKind::String) => "a string",
        Some(JsonValueKind::Integer | JsonValueKind::Float) => "a number",
        Some(JsonValueKind::Boolean | JsonValueKind::Null) | None => "a value",
    };
    let message = match (error, rest.chars().next()) {
        _ if text.trim().is_empty() => "the file is empty, expected a JSON object".to_owned(),
        (JsonParseError::UnexpectedEos { .. }, _) => {
            format!(
                "the file ends inside {inside}: it is cut off, or a bracket or quote is not closed"
            )
        }
        (JsonParseError::UnexpectedTrailingChar { .. }, _) => {
            "expected the end of the file after the JSON value".to_owned()
        }
        (_, Some('}' | ']')) if before.ends_with(',') => {
            "a comma before a closing bracket, which JSON does not allow".to_owned()
        }
        (_, Some('/')) => "a comment, which JSON does not allow".to_owned(),
        (_, Some('\'')) => "a single quote: JSON strings stand in double quotes".to_owned(),
        (_, Some('[' | '{')) if before.ends_with(['[', '{', ':', ',']) => {
            "nested too deeply: more than 128 levels".to_owned()
        }
        _ if inside == "a string" && is_at_surrogate(text, offset) => {
            "half of a surrogate pair (`\\uD800` to `\\uDFFF`), which is no character".to_owned()
        }
        (_, Some(found)) if found.is_control() => {
            format!(
                "the control character U+{:04X} inside {inside}",
                u32::from(found)
            )
        }
        (_, Some(found)) if error.kind() == Some(JsonValueKind::Object) => {
            format!("expected `\"key\": value`, `,` or `}}` in an object, found `{found}`")
        }
        (_, Some(found)) if error.kind() == Some(JsonValueKind::Array) => {
            format!("expected a value, `,` or `]` in an array, found `{found}`")
        }
        (_, Some(found)) => format!("unexpected `{found}` in {inside}"),
        (_, None) => format!("the file ends inside {inside}"),
    };
    SyntaxError { offset, message }
}

/// Whether the escape of half a surrogate pair stands at an offset, or ends there.
fn is_at_surrogate(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or_default();
    let start = before.rfind("\\u").filter(|at| offset - at <= 6);
    let digits = start.and_then(|at| text.get(at + 2..at + 4));
    digits.is_some_and(|it| matches!(u8::from_str_radix(it, 16), Ok(0xd8..=0xdf)))
}

/// Whether a character is one that a reader would not see as itself: controls (a terminal obeys
/// them), line separators, marks that reorder text, and blanks other than the space (two names that
/// differ only in one of them look the same).
pub fn is_hidden(character: char) -> bool {
    if character.is_control() || (character.is_whitespace() && character != ' ') {
        return true;
    }
    matches!(character,
        // Soft hyphen, joiners and fillers: no width, or an empty one.
        '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{2800}' | '\u{3164}' | '\u{FFA0}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}' | '\u{FEFF}'
        // Marks, overrides and isolates of the bidirectional algorithm (Unicode Annex 9).
        | '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}'
        // Annotations, tags and the selectors beside them.
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A JSON string in which every hidden character is an escape, as what is written for people is read by
/// people before it is read by AWS.
///
/// ```
/// assert_eq!(trail_lint::json::quoted("a\u{9b}\"é"), r#""a\u009b\"é""#);
/// ```
pub fn quoted(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let mut out = String::with_capacity(quoted.len());
    for character in quoted.chars() {
        if is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laying_out_changes_white_space_only() {
        let text = r#"{"a":[1.0,{"b" :"x\"{,:} y","b":[ ],"c":{}}],"a":-1e9}"#;
        let laid_out = lay_out(text);
        assert_eq!(
            laid_out,
            "{\n  \"a\": [\n    1.0,\n    {\n      \"b\": \"x\\\"{,:} y\",\n      \"b\": [],\n      \"c\": {}\n    }\n  ],\n  \"a\": -1e9\n}"
        );
        assert_eq!(lay_out(&laid_out), laid_out);
        for not_json in ["", "}", "\"abc", "a b", "[\\"] {
            lay_out(not_json);
        }
    }

    fn message(text: &str) -> (usize, String) {
        let error = parse(text).expect_err("not JSON");
        (error.offset, error.message)
    }

    #[test]
    fn every_key_and_value_has_its_span() {
        let text = "{ \"a\": [1, \"x\\u00e9\"] }";
        let root = parse(text).unwrap();
        let member = &root.members()[0];
        assert_eq!(&text[member.key_span.start..member.key_span.end], "\"a\"");
        let item = root.at("/a/1").unwrap();
        assert_eq!(item.as_str(), Some("xé"));
        assert_eq!(&text[item.span.start..item.span.end], "\"x\\u00e9\"");
    }

    #[test]
    fn pointers_escape_slash_and_tilde() {
        let root = parse(r#"{"a/b": {"m~n": 1}}"#).unwrap();
        assert_eq!(pointer("/a~1b", "m~n"), "/a~1b/m~0n");
        assert!(root.at("/a~1b/m~0n").is_some());
        assert!(root.at("/a/b").is_none());
    }

    #[test]
    fn duplicate_keys_are_kept_and_the_last_one_is_read() {
        let root = parse(r#"{"a": 1, "a": 2}"#).unwrap();
        assert_eq!(root.members().len(), 2);
        assert_eq!(root.get("a").unwrap().value, Value::Number("2".into()));
    }

    #[test]
    fn an_embedded_policy_is_placed_in_the_outer_text() {
        let text = r#"{"Policy": "{\"Sid\":\"caf\u00e9\",\"n\":\"\ud83d\ude00\",\"z\":[1]}"}"#;
        let outer = parse(text).unwrap();
        let inner = parse_embedded(text, outer.get("Policy").unwrap()).unwrap();
        let place = |pointer: &str| {
            let span = inner.at(pointer).unwrap().span;
            &text[span.start..span.end]
        };
        assert_eq!(place("/Sid"), r#"\"caf\u00e9\""#);
        assert_eq!(place("/n"), r#"\"\ud83d\ude00\""#);
        assert_eq!(place("/z/0"), "1");
    }

    #[test]
    fn errors_say_where_and_what_was_expected() {
        assert_eq!(message("").1, "the file is empty, expected a JSON object");
        assert_eq!(
            message("{\"a\": [1, ]}"),
            (
                10,
                "a comma before a closing bracket, which JSON does not allow".into()
            )
        );
        assert_eq!(
            message("{\"a\": 1} x").1,
            "expected the end of the file after the JSON value"
        );
        assert_eq!(
            message("{'a': 1}").1,
            "a single quote: JSON strings stand in double quotes"
        );
        assert_eq!(
            message("{\"a\": // no\n 1}").1,
            "a comment, which JSON does not allow"
        );
        assert!(message("{\"a\": \"b").1.starts_with("the file ends inside"));
        assert!(message("{\"a\": \"\0\"}").1.contains("U+0000"));
        assert!(message(&"[".repeat(10_000)).1.contains("128 levels"));
    }
}
