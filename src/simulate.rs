//! One policy and one request a line, one decision a line: the batch interface of the evaluator.
//!
//! A line is answered on its own, so that a bad one never stops the rest. Reading lines from a file or
//! a pipe is the caller's business; what a policy says is decided in `iam`.

mod disputed;
pub mod examined;
mod line;
mod reason;

pub use reason::{Got, Nearest, Reason, Why, element_name, judge};

use std::fmt::Write as _;

use line::{Expected, Line};

/// The most bytes of a line; a longer one is answered with an error.
pub const LONGEST_LINE: usize = 4 * 1024 * 1024;

/// The answer to one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The line's `id` as JSON text; `null` where none could be read.
    id: String,
    got: Result<(Got, Why), String>,
    expected: Option<Expected>,
}

/// What a printed answer says beside `id` and `got`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    /// `why`: the statements that decide, or the nearest miss.
    pub why: bool,
    /// `pass`: whether the decision is the one that the line expects.
    pub pass: bool,
}

/// Answers one line. Whatever is wrong with it becomes the answer.
pub fn answer(line: &[u8]) -> Answer {
    let failed = |message: String, text: &str| Answer {
        id: line::leading_id(text).unwrap_or_else(|| "null".to_owned()),
        got: Err(message),
        expected: None,
    };
    if line.len() > LONGEST_LINE {
        return too_long(line);
    }
    let text = match std::str::from_utf8(line) {
        Ok(text) => text.strip_prefix('\u{FEFF}').unwrap_or(text),
        Err(error) => {
            let good = line.get(..error.valid_up_to()).unwrap_or_default();
            let message = format!("byte {} of the line is not UTF-8 text", good.len() + 1);
            return failed(message, &String::from_utf8_lossy(good));
        }
    };
    match crate::json::parse(text) {
        Ok(root) => {
            let read = Line::read(&root);
            Answer {
                id: line::id(text, &root),
                expected: line::expected(&root),
                got: read.map(|line| judge(&line.policy, &line.request())),
            }
        }
        Err(error) => {
            let message = format!("byte {} of the line: {}", error.offset + 1, error.message);
            failed(message, text)
        }
    }
}

/// The answer to a line that is longer than [`LONGEST_LINE`], of which the beginning is enough.
pub fn too_long(beginning: &[u8]) -> Answer {
    let text = beginning.utf8_chunks().next().map_or("", |it| it.valid());
    Answer {
        id: line::leading_id(text).unwrap_or_else(|| "null".to_owned()),
        got: Err(format!("the line is longer than {LONGEST_LINE} bytes")),
        expected: None,
    }
}

impl Answer {
    /// The decision, or what is wrong with the line.
    pub fn got(&self) -> Result<Got, &str> {
        match &self.got {
            Ok((got, _)) => Ok(*got),
            Err(message) => Err(message),
        }
    }

    /// Whether the decision is the expected one. Nothing for a line that expects none; a line that
    /// could not be answered never passes.
    pub fn passes(&self) -> Option<bool> {
        match (&self.got, &self.expected) {
            (Err(_), _) => Some(false),
            (Ok(_), None) => None,
            (Ok((got, _)), Some(expected)) => Some(expected.accepts(*got)),
        }
    }

    /// The answer as one line of JSON, without the line feed and in visible ASCII.
    pub fn to_json(&self, columns: Columns) -> String {
        let got = match &self.got {
            Ok((got, _)) => json(got.name()),
            Err(message) => json(&format!("Error: {message}")),
        };
        let mut text = format!("{{\"id\": {}, \"got\": {got}", self.id);
        if columns.why
            && let Ok((_, why)) = &self.got
        {
            text.push_str(", \"why\": ");
            text.push_str(&json(why));
        }
        if columns.pass
            && let Some(passes) = self.passes()
        {
            text.push_str(", \"pass\": ");
            text.push_str(&json(&passes));
        }
        text.push('}');
        visible(&text)
    }
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("texts, numbers and lists of them are always JSON")
}

/// The same JSON with `\uXXXX` for whatever is not visible ASCII, and for the bracket of what a build
/// server would obey as a command. Such characters stand in strings only, so nothing is lost.
pub fn visible(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        let commands = character == '[' && (text.ends_with("##") || text.ends_with("##vso"));
        if (character.is_ascii() && character != '\u{7F}' && !commands)
            || character.is_ascii_whitespace()
        {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Columns = Columns {
        why: true,
        pass: true,
    };
    const STATEMENT: &str = r#"{"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "*"}"#;

    fn printed(line: &str) -> String {
        answer(line.as_bytes()).to_json(ALL)
    }

    fn asked(principal: &str, rest: &str) -> String {
        printed(&format!(
            r#"{{"id": "1", "policy": {{"Statement": [{STATEMENT}]}}, "request": {{"principal": {principal},
                "action": "s3:PutObject", "resource": "arn:aws:s3:::b/k"}}{rest}}}"#
        ))
    }

    #[test]
    fn an_answer_has_its_keys_in_order() {
        assert_eq!(
            asked(r#"{"type": "Service", "value": "x.amazonaws.com"}"#, ""),
            r#"{"id": "1", "got": "Allow", "why": {"statement":0}}"#
        );
        assert_eq!(
            asked(r#"{"type": "Anonymous"}"#, r#", "expected": "Deny""#),
            r#"{"id": "1", "got": "ImplicitDeny", "why": {"nearest":{"statement":0,"failing":["Principal"]}}, "pass": true}"#
        );
        assert_eq!(
            asked(
                r#"{"type": "Anonymous"}"#,
                r#", "expected": "ExplicitDeny""#
            ),
            r#"{"id": "1", "got": "ImplicitDeny", "why": {"nearest":{"statement":0,"failing":["Principal"]}}, "pass": false}"#
        );
    }

    #[test]
    fn a_policy_may_be_a_text_that_holds_json() {
        let policy = serde_json::to_string(&format!("{{\"Statement\": {STATEMENT}}}")).unwrap();
        let line = format!(
            r#"{{"id": 7, "policy": {policy}, "request": {{"principal": {{"type": "Service", "value": "x.amazonaws.com"}}, "action": "s3:putobject", "resource": "a", "context": {{}}}}}}"#
        );
        assert_eq!(
            printed(&line),
            r#"{"id": 7, "got": "Allow", "why": {"statement":0}}"#
        );
    }

    #[test]
    fn several_values_without_a_set_operator_are_answered_and_marked() {
        let line = |effect: &str, rest: &str| {
            printed(&format!(
                r#"{{"id": "m", "policy": {{"Statement": [{{"Effect": "{effect}", "Principal": "*", "Action": "*", "Resource": "*",
                    "Condition": {{"StringEquals": {{"k": ["a"]}}}}}}{rest}]}},
                    "request": {{"principal": {{"type": "Anonymous"}}, "action": "a:b", "resource": "r", "context": {{"k": ["a", "b"]}}}}}}"#
            ))
        };
        assert_eq!(
            line("Allow", ""),
            r#"{"id": "m", "got": "ImplicitDeny", "why": {"nearest":{"statement":0,"failing":["Condition StringEquals k"]},"undecided":["ImplicitDeny","Allow"]}}"#
        );
        assert_eq!(
            line(
                "Deny",
                r#", {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#
            ),
            r#"{"id": "m", "got": "Allow", "why": {"statement":1,"undecided":["Allow","ExplicitDeny"]}}"#
        );
    }

    #[test]
    fn what_is_wrong_with_a_line_is_its_answer() {
        for (line, expected) in [
            ("", r#"{"id": null, "got": "Error: byte 1 of the line: "#),
            ("[]", r#"{"id": null, "got": "Error: expected an object"#),
            (
                r#"{"id": "a", "#,
                r#"{"id": "a", "got": "Error: byte 13 of the line: "#,
            ),
            (
                r#"{"id": [1]}"#,
                r#"{"id": null, "got": "Error: `policy` is missing"#,
            ),
            (
                r#"{"id": "é[31m", "policy": {"Statement": 5}, "request": {}}"#,
                r#"{"id": "\u00e9[31m", "got": "Error: `policy/Statement`: expected an object"#,
            ),
            (
                r###"{"id": "##[error]", "policy": {}, "request": {}}"###,
                r###"{"id": "##\u005berror]", "got": "Error: `request/principal` is missing"###,
            ),
            (
                r#"{"policy": {}, "request": {"principal": {"type": "Robot"}}}"#,
                r#"{"id": null, "got": "Error: `request/principal/type` is `Robot`, expected"#,
            ),
            (
                r#"{"policy": {}, "request": {"principal": {"type": "AWS"}}}"#,
                r#"{"id": null, "got": "Error: `request/principal/value` is missing"#,
            ),
            (
                r#"{"policy": "{", "request": {}}"#,
                r#"{"id": null, "got": "Error: byte 2 of `policy`: "#,
            ),
            (
                r#"{"policy": {}, "request": {"principal": {"type": "Anonymous"}, "action": "a", "resource": "r", "context": {"K": [], "k": []}}}"#,
                r#"{"id": null, "got": "Error: `request/context` has the key `k` twice"#,
            ),
            (
                r#"{"policy": {}, "request": {"principal": {"type": "Anonymous"}, "action": "a", "resource": "r", "context": {"k": [null]}}}"#,
                r#"{"id": null, "got": "Error: `request/context/k/0`: expected a string"#,
            ),
        ] {
            let found = printed(line);
            assert!(found.starts_with(expected), "{line}\n{found}");
            assert!(found.ends_with(r#", "pass": false}"#), "{line}\n{found}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_and_lines_without_end_are_errors() {
        let answer = answer(b"{\"id\": \"x\", \"policy\": \xFF}");
        assert_eq!(answer.got(), Err("byte 23 of the line is not UTF-8 text"));
        assert!(answer.to_json(ALL).starts_with(r#"{"id": "x", "#));
        let answer = too_long(b"{\"id\":\"a\\\"b\",\"policy\":\"aaaa\xC3");
        assert!(answer.to_json(ALL).starts_with(r#"{"id": "a\"b", "#));
    }
}
