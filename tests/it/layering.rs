//! Data goes one way: a module uses only modules that stand before it. Read from the source's own
//! `crate::` paths; tests inside the modules may use what they like.

use std::collections::BTreeSet;

use crate::support::{files_of, none};

/// The modules in the order in which data passes them.
const ORDER: &[&str] = &[
    "json",
    "iam",
    "written",
    "document",
    "simulate",
    "model",
    "source",
    "delivery",
    "diagnosis",
    "exposure",
    "rules",
    "config",
    "audit",
    "compare",
    "grants",
    "fix",
    "tight",
    "why",
    "report",
    "cli",
    "commands",
];

/// Modules that may use less than everything before them.
const ONLY: &[(&str, &[&str])] = &[
    ("iam", &["json"]),
    ("simulate", &["json", "iam"]),
    ("written", &["json"]),
    ("document", &["json", "iam::unknown", "written"]),
    (
        "source",
        &[
            "json",
            "iam::unknown",
            "written",
            "document",
            "model::Arn",
            "model::arn",
            "model::legacy",
            "model::readable",
            "model::region",
        ],
    ),
];

#[test]
fn a_module_uses_only_modules_before_it() {
    let mut problems = Vec::new();
    for (file, text) in files_of("src") {
        let module = file
            .split('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs");
        if matches!(module, "lib" | "main") || file.ends_with("tests.rs") {
            continue;
        }
        let Some(rank) = ORDER.iter().position(|&known| known == module) else {
            problems.push(format!(
                "src/{file}: `{module}` has no place in the order yet"
            ));
            continue;
        };
        for used in paths_used(&without_tests(&text)) {
            let allowed = match ONLY.iter().find(|(limited, _)| *limited == module) {
                Some((_, only)) => {
                    only.iter().any(|only| is_within(&used, only)) || is_within(&used, module)
                }
                None => ORDER[..=rank].iter().any(|known| is_within(&used, known)),
            };
            if !allowed {
                problems.push(format!(
                    "src/{file}: `{module}` must not use `crate::{used}`"
                ));
            }
        }
    }
    none(&problems);
}

/// Async and the AWS SDK stay in one folder, and a client in one file: that is where the list of
/// operations is enforced.
#[test]
fn aws_is_reached_through_one_door() {
    let mut problems = Vec::new();
    for (file, text) in files_of("src") {
        let code = without_tests(&text);
        let is_live = file.starts_with("source/live/");
        for word in [
            "aws_sdk",
            "aws_config",
            "aws_smithy",
            "tokio",
            "futures",
            "async ",
            ".await",
        ] {
            if code.contains(word) && !is_live {
                problems.push(format!("src/{file} knows of `{word}`"));
            }
        }
        let clients = code.matches("Client::from_conf").count();
        if clients > 0 && file != "source/live/reader.rs" {
            problems.push(format!("src/{file} makes a client of its own"));
        }
        if clients != code.matches(".interceptor(Guard)").count() {
            problems.push(format!("src/{file} makes a client without the guard"));
        }
    }
    none(&problems);
}

#[test]
fn paths_are_read_from_plain_and_grouped_uses() {
    let text = "//! [`crate::cli`]\nuse crate::json;\nuse crate::{\n    iam::{self, Policy},\n    model::arn::Arn, // crate::cli\n};\npub(crate) fn f() -> crate::report::Report {}\n#[cfg(test)]\nmod tests {\n    use crate::cli;\n}\n";
    let used: Vec<String> = paths_used(&without_tests(text)).into_iter().collect();
    assert_eq!(used, ["iam", "json", "model::arn::Arn", "report::Report"]);
}

/// Whether a path is the module or something in it.
fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The code without comments and without modules of tests, which close at the start of a line.
fn without_tests(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            if lines.next().is_some_and(|next| next.ends_with('{')) {
                lines.by_ref().find(|line| *line == "}");
            }
        } else {
            code.push_str(line.split("//").next().unwrap_or_default());
            code.push('\n');
        }
    }
    code
}

/// Every path after `crate::`, the groups in braces taken apart at their first level.
fn paths_used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => used.extend(members(group).map(path_at_start)),
            None => {
                used.insert(path_at_start(rest));
            }
        }
    }
    used
}

/// The members of a group, up to the brace that closes it.
fn members(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let mut members = Vec::new();
    let mut start = 0;
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                members.push(group[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
        if character == '}' && start == at + 1 {
            break;
        }
    }
    members.into_iter().filter(|member| !member.is_empty())
}

fn path_at_start(text: &str) -> String {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | ':');
    let end = text
        .find(|character| !is_part(character))
        .unwrap_or(text.len());
    text[..end].trim_end_matches(':').to_owned()
}
