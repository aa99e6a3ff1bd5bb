//! Policies as Terraform's `aws_iam_policy_document` data sources.

use std::fmt::Write as _;

use serde_json::Value;

use super::Tight;
use crate::delivery::Target;

/// The widest line of a comment.
const WIDTH: usize = 100;

/// The data sources of some policies, each under a name of its own, with what was given up as comments.
/// Laid out as `terraform fmt` does.
pub fn write(policies: &[Tight]) -> String {
    let mut taken = Vec::new();
    let blocks = policies.iter().map(|policy| {
        let name = name(policy, &mut taken);
        let mut out = String::new();
        let (noun, size) = (policy.target.noun(), policy.size);
        let resource = &policy.resource;
        comment(
            &mut out,
            "",
            &format!("{noun} of {resource}, {size} bytes without white space"),
        );
        comment(&mut out, "", &attached(policy, &name));
        for given_up in &policy.given_up {
            comment(&mut out, "given up to fit: ", given_up);
        }
        for note in &policy.notes {
            comment(&mut out, "note: ", note);
        }
        let head = format!("data \"aws_iam_policy_document\" \"{name}\" {{");
        line(&mut out, 0, &head);
        let statements = policy.policy.get("Statement").and_then(Value::as_array);
        for (at, statement) in statements.into_iter().flatten().enumerate() {
            if at > 0 {
                out.push('\n');
            }
            self::statement(&mut out, statement);
        }
        out.push_str("}\n");
        out
    });
    blocks.collect::<Vec<_>>().join("\n")
}

/// What to do with the data source.
fn attached(policy: &Tight, name: &str) -> String {
    let (kind, key, value) = match policy.target {
        Target::Bucket => ("aws_s3_bucket_policy", "bucket", &policy.resource),
        Target::Topic => ("aws_sns_topic_policy", "arn", &policy.resource),
        Target::Key | Target::TopicKey | Target::LogRole => {
            ("aws_kms_key_policy", "key_id", &policy.resource)
        }
    };
    format!(
        "for an {kind} with {key} = {} and policy = data.aws_iam_policy_document.{name}.json, which is then the whole \
         policy: what others need belongs into it too",
        quoted(value)
    )
}

fn line(out: &mut String, depth: usize, text: &str) {
    let indent = depth * 2;
    out.extend([" ".repeat(indent).as_str(), text, "\n"]);
}

/// A comment, wrapped at words.
fn comment(out: &mut String, head: &str, text: &str) {
    let text = format!("{head}{}", one_line(text));
    let mut row = "#".to_owned();
    for word in text.split(' ') {
        if row.len() > 1 && row.len() + 1 + word.len() > WIDTH {
            line(out, 0, &row);
            "#  ".clone_into(&mut row);
        }
        row.extend([" ", word]);
    }
    line(out, 0, &row);
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn name(policy: &Tight, taken: &mut Vec<String>) -> String {
    let kind = policy.target.noun().replace(' ', "_").replace('\'', "");
    let resource = policy
        .resource
        .rsplit([':', '/'])
        .next()
        .unwrap_or_default();
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let base = format!("{kind}_{}", resource.chars().map(safe).collect::<String>());
    let numbered = (2..).map(|number| format!("{base}_{number}"));
    let mut names = std::iter::once(base.clone()).chain(numbered);
    let free = names.find(|name| !taken.contains(name)).unwrap_or(base);
    taken.push(free.clone());
    free
}

fn statement(out: &mut String, statement: &Value) {
    line(out, 1, "statement {");
    let elements = [
        ("Sid", "sid"),
        ("Effect", "effect"),
        ("Action", "actions"),
        ("Resource", "resources"),
    ];
    let written = elements
        .into_iter()
        .map(|(element, name)| match &statement[element] {
            Value::String(text) if matches!(name, "sid" | "effect") => (name, Written::one(text)),
            values => (name, Written::list(values)),
        });
    attributes(out, 2, &written.collect::<Vec<_>>());
    let principals = match &statement["Principal"] {
        Value::Object(kinds) => kinds.iter().map(|(kind, names)| (&**kind, names)).collect(),
        everybody => vec![("*", everybody)],
    };
    for (kind, names) in principals {
        let written = [
            ("type", Written::one(kind)),
            ("identifiers", Written::list(names)),
        ];
        block(out, "principals", &written);
    }
    let conditions = statement["Condition"].as_object().into_iter().flatten();
    for (operator, keys) in conditions {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let written = [
                ("test", Written::one(operator)),
                ("variable", Written::one(key)),
                ("values", Written::list(values)),
            ];
            block(out, "condition", &written);
        }
    }
    line(out, 1, "}");
}

fn block(out: &mut String, name: &str, written: &[(&str, Written)]) {
    out.push('\n');
    line(out, 2, &format!("{name} {{"));
    attributes(out, 3, written);
    line(out, 2, "}");
}

/// An expression: in one line, or a list with a line for each item.
enum Written {
    Line(String),
    Lines(Vec<String>),
}

impl Written {
    fn one(text: &str) -> Written {
        Written::Line(quoted(text))
    }

    fn list(values: &Value) -> Written {
        let values = match values {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        let texts = values.iter().filter_map(Value::as_str);
        let texts: Vec<String> = texts.map(quoted).collect();
        match texts.as_slice() {
            [] | [_] => Written::Line(format!("[{}]", texts.concat())),
            _ => Written::Lines(texts),
        }
    }
}

/// Attributes below each other. `terraform fmt` lines up the equal signs of those that stand in one line
/// each, as long as no other line comes between; one whose value goes on stands for itself.
fn attributes(out: &mut String, depth: usize, written: &[(&str, Written)]) {
    let in_line = |(_, written): &(&str, Written)| matches!(written, Written::Line(_));
    for run in written.chunk_by(|one, other| in_line(one) && in_line(other)) {
        let width = run.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, written) in run {
            match written {
                Written::Line(value) => line(out, depth, &format!("{name:<width$} = {value}")),
                Written::Lines(values) => {
                    line(out, depth, &format!("{name} = ["));
                    for value in values {
                        line(out, depth + 1, &format!("{value},"));
                    }
                    line(out, depth, "]");
                }
            }
        }
    }
}

/// A string of Terraform's language, in which `${` and `%{` would begin a template.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            control if u32::from(control) < 0x20 => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            ordinary => out.push(ordinary),
        }
    }
    out.push('"');
    out.replace("${", "$${").replace("%{", "%%{")
}
