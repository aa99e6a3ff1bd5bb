//! Hostile text: in every string of every document, in AWS's error messages, in infrastructure code, in
//! names of files and on the command line. Whatever the command and the format, a reader gets it as text.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use serde_json::{Value, json};
use tempfile::TempDir;
use trail_lint::report::text::{is_hidden, no_command};

use crate::formats::FORMATS;
use crate::support::{command, files_of, finish, none, path, snapshot, write};

const BROKEN: &str = "fixtures/interstellar/source-arn-wrong-region";
const SOUND: &str = "fixtures/baseline";

/// What somebody who may write a policy, or a file in a pull request, might put into it.
const HOSTILE: &str = "\u{1b}]8;;http://evil\u{7}\u{9b}31m\0\u{202e}\u{2066}\u{200b}\u{feff}\r\n::error::x\n##[error]y \
                       ##vso[task.complete]z %0A::error::p </script></title><!-- x --> ]]><img src=x onerror=alert(1)> \
                       <b>@everyone `|</code> [a](javascript:alert) [b](http://evil) {0} ${aws:x} #1 www.evil &lt; \
                       ```\u{2028}::warning::w\u{85}::error::q \u{1f600}";

/// Markup of [`HOSTILE`] that may stand in no HTML, XML or Markdown as it is.
const MARKUP: &[&str] = &["<img src=x", "<!-- x -->", "<b>@", "</code> [a]"];

/// What is wrong with a text that a terminal, the log of a CI job or a browser shows.
fn problems(what: &str, format: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let hidden: Vec<char> = text
        .chars()
        .filter(|&it| is_hidden(it) && it != '\n')
        .collect();
    if !hidden.is_empty() {
        problems.push(format!("{what}: {hidden:?}"));
    }
    let ours = |line: &&str| {
        let ours = ["::error title=", "::warning title=", "::notice title="];
        format == "github" && ours.iter().any(|start| line.starts_with(start))
    };
    let forged = text
        .lines()
        .find(|line| !ours(line) && no_command(line) != *line);
    if let Some(line) = forged {
        let start: String = line.chars().take(300).collect();
        problems.push(format!("{what}: {start}"));
    }
    let markup = match format {
        "html" | "junit" => text.to_owned(),
        "markdown" => outside_of_code(text),
        _ => String::new(),
    };
    let raw = MARKUP.iter().filter(|raw| markup.contains(*raw));
    problems.extend(raw.map(|raw| format!("{what}: {raw}")));
    let of_markdown = ["@everyone", "](http://evil", "](javascript"];
    if format == "markdown" && of_markdown.iter().any(|it| markup.contains(it)) {
        problems.push(format!("{what}: a mention or a link of others"));
    }
    let is_json = matches!(format, "json" | "sarif" | "evidence" | "gitlab" | "asff");
    if is_json && serde_json::from_str::<Value>(text).is_err() {
        problems.push(format!("{what}: no JSON"));
    }
    problems
}

/// Markdown without its blocks and spans of code, in which nothing is markup.
fn outside_of_code(markdown: &str) -> String {
    let mut fence: Option<String> = None;
    let mut outside = String::new();
    for line in markdown.lines() {
        let ticks: String = line.chars().take_while(|&it| it == '`').collect();
        match &fence {
            Some(open) if ticks.len() >= open.len() && line == ticks => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            Some(_) => {}
            None => {
                outside.push_str(&outside_of_spans(line));
                outside.push('\n');
            }
        }
    }
    assert_eq!(fence, None, "a block is not closed\n{markdown}");
    outside
}

/// A span ends with as many backticks as it begins with (CommonMark 0.31.2, section 6.1).
fn outside_of_spans(line: &str) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let (before, code) = rest.split_at(at);
        outside.push_str(before);
        let ticks = code.len() - code.trim_start_matches('`').len();
        let (open, after) = code.split_at(ticks);
        let mut ends = after.match_indices(open).filter(|(end, _)| {
            !after[..*end].ends_with('`') && !after[end + ticks..].starts_with('`')
        });
        rest = match ends.next() {
            Some((end, _)) => &after[end + ticks..],
            None => after,
        };
    }
    outside + rest
}

/// A command in the log of a job of GitHub Actions, on a terminal that shows more than ASCII.
fn in_a_job(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = command(arguments);
    command
        .current_dir(folder)
        .env("LANG", "C.UTF-8")
        .env("GITHUB_ACTIONS", "true");
    command
}

/// What both streams of a command say that they should not.
fn judge(folder: &Path, arguments: &[&str], format: &str) -> (i32, Vec<String>) {
    let run = finish(in_a_job(folder, arguments));
    let what = arguments.join(" ");
    let mut found = Vec::new();
    if run.status != 2 {
        found.extend(problems(&what, format, &run.stdout));
    }
    found.extend(problems(
        &format!("{what}, standard error"),
        "",
        &run.stderr,
    ));
    (run.status, found)
}

/// `check` with every format at once, over the snapshot `s` in a folder.
fn judge_check(folder: &Path, input: &str) -> Vec<String> {
    let mut arguments = vec!["check", input, "-v", "--sarif-evidence=evidence"];
    let outputs: Vec<String> = FORMATS.iter().map(|it| format!("-o={it}={it}")).collect();
    arguments.extend(outputs.iter().map(String::as_str));
    let (status, mut found) = judge(folder, &arguments, "table");
    if status != 2 {
        for format in FORMATS.iter().chain(&["evidence"]) {
            let text = std::fs::read_to_string(folder.join(format)).unwrap();
            found.extend(problems(format, format, &text));
        }
    }
    found
}

/// What each of the other commands is called with, and the format of what it prints.
fn others(trail: &str, sound: &str) -> Vec<(Vec<String>, &'static str)> {
    let commands: &[(&[&str], &'static str)] = &[
        (&["fix", "s", "--min-severity=low"], ""),
        (
            &["fix", "s", "--min-severity=low", "--aws-commands=review"],
            "",
        ),
        (&["policy", "s"], ""),
        (&["policy", "s", "-f=terraform"], ""),
        (&["policy", "s", "-f=cloudformation"], ""),
        (&["why", trail, "s", "-v"], ""),
        (&["why", trail, "s", "-f=json"], "json"),
        (&["compare", sound, "s"], ""),
        (&["compare", "s", sound, "-f=json"], "json"),
    ];
    let owned = |(arguments, format): &(&[&str], &'static str)| {
        let arguments = arguments.iter().map(|&it| it.to_owned()).collect();
        (arguments, *format)
    };
    commands.iter().map(owned).collect()
}

/// Every text in a document by its JSON Pointer; of a condition the operators and keys too, with a blank
/// behind it.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(member, &format!("{at}/{name}"), found);
                if at.contains("/Condition") {
                    found.push(format!("{at}/{name} "));
                }
            }
        }
        _ => {}
    }
}

/// A document with hostile text at a place of it: instead of what stands there, or behind it.
fn poisoned(document: &Value, place: &str, behind: bool) -> Value {
    let text = |old: &str| format!("{}{HOSTILE}", if behind { old } else { "" });
    let mut poisoned = document.clone();
    let Some(key) = place.strip_suffix(' ') else {
        let found = poisoned.pointer_mut(place).unwrap();
        *found = json!(text(found.as_str().unwrap()));
        return poisoned;
    };
    let (parent, name) = key.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    let members = poisoned
        .pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap();
    let renamed = std::mem::take(members).into_iter().map(|(known, member)| {
        let known = if known == name { text(&known) } else { known };
        (known, member)
    });
    *members = renamed.collect();
    poisoned
}

/// Each kind of string of each document in turn; `check` in every format and one other command, those by turns.
#[test]
fn no_string_of_any_document_is_more_than_text() {
    let mut cases: Vec<(&str, String, String)> = Vec::new();
    for fixture in [BROKEN, SOUND] {
        for (file, text) in files_of(fixture) {
            let document: Value = serde_json::from_str(&text).unwrap();
            let mut found = Vec::new();
            places(&document, "", &mut found);
            // Two of those that differ in numbers only, such as those of the Sids.
            let mut alike: BTreeMap<String, u32> = BTreeMap::new();
            found.retain(|place| {
                let shape = place.replace(|it: char| it.is_ascii_digit(), "");
                let count = alike.entry(shape).or_default();
                *count += 1;
                *count <= 2
            });
            let poisoned_at = |(number, place): (usize, &String)| {
                let behind = number % 2 == 0;
                poisoned(&document, place, behind).to_string()
            };
            let texts = found.iter().enumerate().map(poisoned_at);
            cases.extend(texts.map(|text| (fixture, file.clone(), text)));
            let refused = json!({"Error": {"Code": "AccessDenied", "Message": HOSTILE}});
            cases.push((fixture, file, refused.to_string()));
        }
    }
    assert!(cases.len() > 100, "{}", cases.len());
    let found = Mutex::new(Vec::new());
    let work = |start: usize| {
        for (number, (fixture, file, text)) in cases.iter().enumerate().skip(start).step_by(4) {
            let mut files = files_of(fixture);
            files.retain(|(known, _)| known != file);
            files.push((file.clone(), text.clone()));
            let below: Vec<(String, String)> = files
                .into_iter()
                .map(|(path, text)| (format!("s/{path}"), text))
                .collect();
            let folder = snapshot(&below);
            let mut problems = judge_check(folder.path(), "s");
            let trail = match *fixture {
                BROKEN => "222222222222/payments-trail",
                _ => "222222222222/audit",
            };
            let sound = crate::support::repository().join(fixture);
            let others = others(trail, path(&sound));
            let (arguments, format) = &others[number % others.len()];
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            problems.extend(judge(folder.path(), &arguments, format).1);
            let named = problems
                .into_iter()
                .map(|problem| format!("{file}: {problem}"));
            found.lock().unwrap().extend(named);
        }
    };
    std::thread::scope(|scope| {
        for start in 0..4 {
            scope.spawn(move || work(start));
        }
    });
    none(&found.into_inner().unwrap());
}

/// Where it hurts most, in all commands, and not lost either: a Sid, a condition's value, a resource.
#[test]
fn hostile_names_of_a_policy_are_shown_and_not_obeyed() {
    let long = json!(format!("{HOSTILE}{}", "S".repeat(10_000))).to_string();
    let name = json!(HOSTILE).to_string();
    let folder = "arn:aws:s3:::interstellar-audit-logs/AWSLogs/222222222222/*";
    let files = files_of(BROKEN).into_iter().map(|(file, text)| {
        let text = text
            .replace("\"AWSCloudTrailWrite222222222222\"", &long)
            .replace("\"AWSCloudTrailAclCheck20150319\"", &long)
            .replace("\"Allow CloudTrail to encrypt logs\"", &long)
            .replace(
                "\"arn:aws:cloudtrail:us-east-1:222222222222:trail/payments-trail\"",
                &name,
            )
            .replace(&format!("\"{folder}\""), &format!("[\"{folder}\", {name}]"));
        (format!("s/{file}"), text)
    });
    let folder = snapshot(&files.collect::<Vec<_>>());
    let mut found = judge_check(folder.path(), "s");
    for format in FORMATS {
        let text = std::fs::read_to_string(folder.path().join(format)).unwrap();
        assert!(text.contains("error::x"), "{format}: {text}");
    }
    let sound = crate::support::repository().join("fixtures/interstellar/sound");
    for (arguments, format) in others("payments-trail", path(&sound)) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (status, problems) = judge(folder.path(), &arguments, format);
        assert!(matches!(status, 0 | 1), "{arguments:?} ends with {status}");
        found.extend(problems);
    }
    none(&found);
}

#[test]
fn half_a_surrogate_pair_is_refused_where_it_stands() {
    for half in ["\\ud800", "\\udc00x", "\\ud800\\ud800"] {
        let files = files_of(BROKEN).into_iter().map(|(file, text)| {
            let sid = "AWSCloudTrailWrite222222222222";
            (file, text.replace(sid, &format!("{sid}{half}")))
        });
        let folder = snapshot(&files.collect::<Vec<_>>());
        for name in ["check", "fix", "policy"] {
            let refused = crate::support::run(2, &[name, path(folder.path())]);
            let place = "get-bucket-policy.json:29:";
            let said = &refused.stderr;
            assert!(said.contains(place), "{name}: {said}");
            assert!(said.contains("half of a surrogate pair"), "{name}: {said}");
        }
    }
}

/// A string that YAML and TOML read: they know JSON's escapes, but not its pairs of them.
#[cfg(unix)]
fn in_ascii(text: &str) -> String {
    let characters = text.chars().map(|it| match it {
        '"' | '\\' => format!("\\{it}"),
        ' '..='~' => it.to_string(),
        _ => format!("\\U{:08x}", u32::from(it)),
    });
    format!("\"{}\"", characters.collect::<String>())
}

/// Infrastructure code, the configuration file, and the names of files and folders; Windows has no such names.
#[cfg(unix)]
#[test]
fn code_configuration_and_names_of_files_are_not_obeyed_either() {
    let code =
        crate::support::repository().join("fixtures/iac/cloudformation/pull-request/head.yaml");
    let code = std::fs::read_to_string(code).unwrap();
    assert!(code.contains("Sid: PaymentsWrites"));
    let sid = format!("Sid: {}", in_ascii(HOSTILE));
    let code = code.replace("Sid: PaymentsWrites", &sid);
    let odd =
        "o\n::error::x ##[error]y ##vso[task.complete]\u{1b}[2J\u{202e} <img src=x> @everyone `|";
    let mut files: Vec<(String, String)> = files_of(BROKEN)
        .into_iter()
        .map(|(file, text)| (format!("{odd}/{file}"), text))
        .collect();
    files.push(("head.yaml".to_owned(), code));
    let toml = format!(
        "[[suppress]]\nrule = \"source-arn-missing\"\nreason = {}\n",
        in_ascii(HOSTILE)
    );
    files.push(("trail-lint.toml".to_owned(), toml));
    let folder = snapshot(&files);
    let mut found = judge_check(folder.path(), odd);
    for arguments in [
        &["fix", odd, "--min-severity=low"][..],
        &["fix", odd, "--write"],
        &[
            "check",
            "head.yaml",
            odd,
            "--account=111111111111",
            "--replace",
        ],
        &["why", "payments-trail", odd],
        &["compare", odd, odd],
    ] {
        let (status, problems) = judge(folder.path(), arguments, "");
        assert_ne!(status, 2, "{arguments:?}");
        found.extend(problems);
    }
    none(&found);
}

/// A CI job shows standard error too, and an error quotes what was given: in one of ours, and in clap's.
#[test]
fn no_error_is_a_command_of_a_ci_system() {
    let odd = "x\n::error::y ##[error]z ##vso[task.complete]\u{1b}[2J";
    let folder = TempDir::new().unwrap();
    write(&folder.path().join("map"), format!("{odd}\n"));
    write(&folder.path().join("toml"), format!("[check]\n{odd}\n"));
    let mut found = Vec::new();
    for arguments in [
        &["explain", odd][..],
        &["why", odd, BROKEN],
        &["check", odd],
        &["simulate", odd],
        &["policy", odd],
        &["fix", odd],
        &["compare", odd, odd],
        &["check", "-f", odd, BROKEN],
        &["check", "-o", &format!("pdf={odd}"), BROKEN],
        &["check", "--fail-on", odd, BROKEN],
        &["check", "--at", odd, BROKEN],
        &["check", "--category", odd, BROKEN],
        &["check", "--security-hub", odd, BROKEN],
        &["check", "--select", odd, BROKEN],
        &["check", "--trail", odd, "--bucket", odd],
        &["check", "--map", "map", BROKEN],
        &["check", "--config", "toml", BROKEN],
        &["check", "--baseline", odd, BROKEN],
        &["check", &format!("--{odd}")],
        &["completions", odd],
        &[odd],
    ] {
        let broken = crate::support::repository().join(BROKEN);
        let arguments: Vec<&str> = arguments
            .iter()
            .map(|&it| if it == BROKEN { path(&broken) } else { it })
            .collect();
        let (status, problems) = judge(folder.path(), &arguments, "");
        assert_eq!(status, 2, "{arguments:?}");
        found.extend(problems);
    }
    none(&found);
    let mut of_environment = in_a_job(folder.path(), &["check", path(folder.path())]);
    of_environment.env("TRAIL_LINT_FAIL_ON", odd);
    let said = finish(of_environment).stderr;
    assert!(said.contains("##(error]z ##vso(task.complete]"), "{said}");
    none(&problems("the environment", "", &said));
}
