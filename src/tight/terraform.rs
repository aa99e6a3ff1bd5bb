//! Policies as Terraform's `aws_iam_policy_document` data sources.

use serde_json::Value;

use super::Tight;

/// The data sources of some policies, each under a name of its own, with what was given up as comments.
pub fn write(policies: &[Tight]) -> String {
    let mut taken = Vec::new();
    let blocks = policies.iter().map(|policy| {
        let name = name(policy, &mut taken);
        let mut out = format!(
            "# {} of {}\n",
            policy.target.noun(),
            one_line(&policy.resource)
        );
        for given_up in &policy.given_up {
            line(&mut out, 0, &format!("# given up to fit: {given_up}"));
        }
        for note in &policy.notes {
            line(&mut out, 0, &format!("# {}", one_line(note)));
        }
        line(
            &mut out,
            0,
            &format!("data \"aws_iam_policy_document\" \"{name}\" {{"),
        );
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

fn line(out: &mut String, depth: usize, text: &str) {
    let indent = depth * 2;
    out.extend([" ".repeat(indent).as_str(), text, "\n"]);
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
    for (key, name) in [("Sid", "sid"), ("Effect", "effect")] {
        if let Some(text) = statement[key].as_str() {
            line(out, 2, &format!("{name:<9} = {}", quoted(text)));
        }
    }
    for (key, name) in [("Action", "actions"), ("Resource", "resources")] {
        list(out, 2, name, &statement[key]);
    }
    let principals = match &statement["Principal"] {
        Value::Object(kinds) => kinds
            .iter()
            .map(|(kind, names)| (kind.clone(), names))
            .collect(),
        everybody => vec![("*".to_owned(), everybody)],
    };
    for (kind, names) in principals {
        out.push('\n');
        line(out, 2, "principals {");
        line(out, 3, &format!("type        = {}", quoted(&kind)));
        list(out, 3, "identifiers", names);
        line(out, 2, "}");
    }
    let conditions = statement["Condition"].as_object().into_iter().flatten();
    for (operator, keys) in conditions {
        for (key, values) in keys.as_object().into_iter().flatten() {
            out.push('\n');
            line(out, 2, "condition {");
            line(out, 3, &format!("test     = {}", quoted(operator)));
            line(out, 3, &format!("variable = {}", quoted(key)));
            list(out, 3, "values", values);
            line(out, 2, "}");
        }
    }
    line(out, 1, "}");
}

fn list(out: &mut String, depth: usize, name: &str, values: &Value) {
    let width = match name {
        "values" => 8,
        "identifiers" => 11,
        _ => 9,
    };
    let values: Vec<String> = match values {
        Value::Array(values) => values
            .iter()
            .filter_map(Value::as_str)
            .map(quoted)
            .collect(),
        one => one.as_str().map(quoted).into_iter().collect(),
    };
    match values.as_slice() {
        [only] => line(out, depth, &format!("{name:<width$} = [{only}]")),
        many => {
            line(out, depth, &format!("{name:<width$} = ["));
            for value in many {
                line(out, depth + 1, &format!("{value},"));
            }
            line(out, depth, "]");
        }
    }
}

/// A string of Terraform's language, in which `${` and `%{` would begin a template.
fn quoted(text: &str) -> String {
    let json = Value::String(text.to_owned()).to_string();
    json.replace("${", "$${").replace("%{", "%%{")
}
