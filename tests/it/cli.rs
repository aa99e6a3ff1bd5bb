//! The command line as people and scripts use it: help, the rules' pages, selections, several outputs
//! at once, single policy files instead of snapshots, and the same bytes for the same input.

use std::process::Stdio;

use serde_json::Value;

use crate::formats::FORMATS;
use crate::support::{
    Run, check, command, expect, files_of, items, path, repository, run, snapshot, text,
};

const SOUND: &str = "fixtures/interstellar/sound";
const BROKEN: &str = "fixtures/interstellar/source-arn-wrong-region";
const UNSEEN: &str = "fixtures/interstellar/key-policy-unseen";
const RULE: &str = "source-arn-wrong-region";

#[test]
fn help_shows_examples() {
    for arguments in [&["--help"][..], &["check", "--help"]] {
        let help = run(0, arguments).stdout;
        assert!(
            help.contains("Examples") && help.contains("trail-lint check"),
            "{arguments:?}\n{help}"
        );
    }
}

#[test]
fn a_command_or_flag_that_does_not_exist_is_a_usage_error() {
    for arguments in [
        &["audit"][..],
        &["check", "--no-such-flag", SOUND],
        &["check", "-f", "yaml", SOUND],
    ] {
        let refused = run(2, arguments);
        assert_eq!(refused.stdout, "", "{arguments:?}");
        assert!(
            refused.stderr.contains("--help"),
            "{arguments:?}\n{}",
            refused.stderr
        );
    }
}

#[test]
fn a_rule_that_does_not_exist_is_a_usage_error_with_a_suggestion() {
    for arguments in [
        &["check", "--select", "source-arn-wrong-regoin", SOUND][..],
        &["check", "--ignore", "source-arn-wrong-regoin", SOUND],
        &["explain", "source-arn-wrong-regoin"],
    ] {
        let refused = run(2, arguments);
        assert!(
            refused.stdout.is_empty() && refused.stderr.contains(RULE),
            "{arguments:?}\n{}",
            refused.stderr
        );
    }
    assert_eq!(run(2, &["explain", "nonsense"]).stdout, "");
}

#[test]
fn rules_lists_names_and_explain_prints_a_page() {
    let rules = run(0, &["rules"]).stdout;
    for rule in [
        RULE,
        "kms-key-disabled",
        "trail-not-logging",
        "explicit-deny-org",
    ] {
        assert!(rules.contains(rule), "`rules` does not list {rule}");
        let page = run(0, &["explain", rule]).stdout;
        for heading in ["What it checks", "Why it matters", "How to fix"] {
            assert!(
                page.contains(heading),
                "`explain {rule}` has no \"{heading}\"\n{page}"
            );
        }
    }
}

#[test]
fn a_page_is_wrapped_to_the_terminal_and_its_code_is_not() {
    let mut explain = command(&["explain", "bucket-unprotected"]);
    explain.env("COLUMNS", "60");
    let page = expect(0, explain).stdout;
    let wide: Vec<&str> = page.lines().filter(|line| line.len() > 60).collect();
    assert!(
        wide.iter()
            .all(|line| line.starts_with("    aws ") || line.starts_with("https://")),
        "{wide:#?}"
    );
    assert!(
        page.contains("- The bucket keeps no versions, has no Object Lock, and no\n  statement"),
        "{page}"
    );
    let mut painted = command(&["explain", "bucket-unprotected", "--color", "always"]);
    painted.env("COLUMNS", "60");
    let painted = expect(0, painted).stdout;
    assert!(
        painted.contains("`\u{1b}[36mDeleteObject\u{1b}[0m`"),
        "{painted}"
    );
}

#[test]
fn fail_on_decides_which_severity_ends_with_one() {
    for (fail_on, folder, status) in [
        ("never", BROKEN, 0),
        ("critical", BROKEN, 1),
        ("low", BROKEN, 1),
        (
            "critical",
            "fixtures/interstellar/get-bucket-acl-missing",
            0,
        ),
        ("high", "fixtures/interstellar/get-bucket-acl-missing", 1),
        ("medium", "fixtures/interstellar/acl-condition-missing", 0),
        ("low", "fixtures/interstellar/acl-condition-missing", 1),
    ] {
        run(status, &["check", "--fail-on", fail_on, folder]);
    }
}

#[test]
fn a_trail_that_delivers_to_another_bucket_than_expected_is_a_finding() {
    let found = |arguments: &[&str], status| {
        let report = run(
            status,
            &[&["check", "-f", "json", SOUND], arguments].concat(),
        )
        .json();
        let findings = items(&report, "findings").iter();
        let rules = findings
            .map(|finding| format!("{} {}", text(finding, "rule"), text(finding, "severity")));
        rules
            .filter(|rule| rule.starts_with("trail-delivers-elsewhere"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found(&["--expect-bucket", "a,interstellar-audit-logs"], 0),
        [""; 0]
    );
    assert_eq!(
        found(&["--expect-bucket", "other"], 1),
        ["trail-delivers-elsewhere high"; 2]
    );
}

#[test]
fn every_flag_can_come_from_the_environment() {
    let mut from_environment = command(&["check", BROKEN]);
    from_environment
        .env("TRAIL_LINT_FAIL_ON", "never")
        .env("TRAIL_LINT_FORMAT", "json");
    expect(0, from_environment).json();
}

#[test]
fn a_format_that_only_other_commands_have_is_not_meant_for_this_one() {
    let payments = "payments-trail";
    let with = |value: &str, status: i32, arguments: &[&str]| {
        let mut command = command(arguments);
        command.env("TRAIL_LINT_FORMAT", value);
        expect(status, command)
    };
    let plain = |status: i32, arguments: &[&str]| run(status, arguments).stdout;
    let why = ["why", payments, BROKEN];
    let policy = ["policy", BROKEN];
    let compare = ["compare", BROKEN, BROKEN];
    for (status, arguments) in [(1, &why[..]), (0, &policy), (0, &compare), (0, &["rules"])] {
        let shown = with("sarif", status, arguments).stdout;
        assert_eq!(shown, plain(status, arguments), "{arguments:?}");
    }
    let check = ["check", "--fail-on", "never", BROKEN];
    assert_eq!(with("terraform", 0, &check).stdout, plain(0, &check));
    // What a command does have is its own, and a flag wins over the variable.
    assert!(
        with("terraform", 0, &policy)
            .stdout
            .contains("data \"aws_iam_policy_document\"")
    );
    with("json", 1, &why).json();
    with("sarif", 1, &["why", payments, BROKEN, "-f", "json"]).json();
    // A mistake is one, and so is a flag.
    assert_eq!(
        with("tabel", 2, &why).stderr,
        "error: `TRAIL_LINT_FORMAT` is `tabel`, which is no format of any command\n  help: this command has table, json\n"
    );
    run(2, &["why", payments, BROKEN, "-f", "sarif"]);
}

#[test]
fn at_any_width_only_a_name_is_wider_than_the_terminal() {
    let why = ["why", "payments-trail", BROKEN];
    let compare = ["compare", "fixtures/interstellar/sound", BROKEN];
    for columns in [40, 60, 80, 120, 160, 200] {
        for (status, arguments) in [
            (1, &["check", BROKEN][..]),
            (1, &why),
            (1, &compare),
            (0, &["rules"]),
        ] {
            // Headings are one line, and on so small a screen some are wider.
            if columns < 60 && arguments[0] != "check" {
                continue;
            }
            let mut command = command(arguments);
            command
                .env("COLUMNS", columns.to_string())
                .env("LANG", "C.UTF-8");
            for line in expect(status, command).stdout.lines() {
                let indent = line.len() - line.trim_start().len();
                let longest = line
                    .split_whitespace()
                    .map(|word| word.chars().count())
                    .max();
                let holds_a_name = indent + longest.unwrap_or(0) > columns;
                assert!(
                    holds_a_name || line.chars().count() <= columns,
                    "{columns} {arguments:?}: {line}"
                );
            }
        }
    }
}

#[test]
fn what_could_not_be_seen_ends_with_three_unless_that_is_allowed() {
    run(3, &["check", UNSEEN]);
    run(0, &["check", "--allow-partial", UNSEEN]);
    // What was found wins over what could not be seen.
    let files = files_of(UNSEEN)
        .into_iter()
        .filter(|(path, _)| !path.ends_with("get-bucket-policy.json"));
    let broken = files_of(BROKEN)
        .into_iter()
        .filter(|(path, _)| path.ends_with("get-bucket-policy.json"));
    let both = snapshot(&files.chain(broken).collect::<Vec<_>>());
    run(1, &["check", path(both.path())]);
    run(1, &["check", "--allow-partial", path(both.path())]);
}

#[test]
fn min_severity_leaves_out_what_is_below() {
    let folder = "fixtures/interstellar/acl-condition-missing";
    let severities = |arguments: &[&str]| -> Vec<String> {
        let report = run(0, arguments).json();
        items(&report, "findings")
            .iter()
            .map(|finding| text(finding, "severity").to_owned())
            .collect()
    };
    assert!(severities(&["check", "-f", "json", folder]).contains(&"low".to_owned()));
    assert_eq!(
        severities(&["check", "-f", "json", "--min-severity", "medium", folder]),
        Vec::<String>::new()
    );
}

#[test]
fn select_and_ignore_choose_the_rules_and_leave_the_verdicts() {
    let report =
        |status: i32, flag: &str| run(status, &["check", "-f", "json", flag, RULE, BROKEN]).json();
    let (selected, ignored) = (report(1, "--select"), report(0, "--ignore"));
    let rules = |report: &Value| -> Vec<String> {
        items(report, "findings")
            .iter()
            .map(|finding| text(finding, "rule").to_owned())
            .collect()
    };
    assert_eq!(rules(&selected), [RULE]);
    assert!(!rules(&ignored).contains(&RULE.to_owned()));
    assert_eq!(selected["trails"], ignored["trails"]);
}

#[test]
fn several_outputs_are_written_at_once() {
    let folder = snapshot::<&str, &str>(&[]);
    let (json, sarif) = (
        folder.path().join("report.json"),
        folder.path().join("report.sarif"),
    );
    let (to_json, to_sarif) = (
        format!("json={}", path(&json)),
        format!("sarif={}", path(&sarif)),
    );
    let printed = run(
        1,
        &[
            "check", "-f", "table", "-o", &to_json, "-o", &to_sarif, BROKEN,
        ],
    );
    let read =
        |file| -> Value { serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap() };
    assert_eq!(read(&json), run(1, &["check", "-f", "json", BROKEN]).json());
    assert_eq!(read(&sarif)["version"], "2.1.0");
    assert_eq!(printed, run(1, &["check", BROKEN]));
    assert!(printed.stdout.contains(RULE), "{}", printed.stdout);
}

#[test]
fn an_output_that_cannot_be_written_ends_with_two() {
    let refused = run(
        2,
        &[
            "check",
            "-o",
            "json=fixtures/there-is-no-such-folder/report.json",
            SOUND,
        ],
    );
    assert!(
        refused.stderr.contains("there-is-no-such-folder"),
        "{}",
        refused.stderr
    );
}

#[test]
fn quiet_prints_no_more_than_not_quiet() {
    for (folder, status) in [(SOUND, 0), (BROKEN, 1)] {
        let (quiet, full) = (
            run(status, &["check", "-q", folder]),
            run(status, &["check", folder]),
        );
        assert!(quiet.stdout.len() <= full.stdout.len(), "{}", quiet.stdout);
        assert_eq!(quiet.stderr, "");
    }
}

#[test]
fn output_that_goes_to_a_file_has_no_colours_and_no_trailing_spaces() {
    for folder in [SOUND, BROKEN] {
        let (status, _) = check(folder);
        let table = run(status, &["check", folder]).stdout;
        assert!(!table.contains('\u{1b}'), "{}", table.escape_debug());
        assert!(table.lines().all(|line| line.trim_end() == line), "{table}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    for format in FORMATS {
        let mut cut_short = command(&["check", "-f", format, BROKEN]);
        let mut child = cut_short
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        // Nothing was read, so the findings' own status stands as well as plain success.
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{format}: {}\n{stderr}",
            output.status
        );
        assert!(!stderr.contains("panicked"), "{format}\n{stderr}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in FORMATS {
        let once = || run(1, &["check", "-f", format, BROKEN]);
        let first: Run = once();
        assert_eq!(first, once(), "{format}");
    }
}

#[test]
fn single_policy_files_give_the_same_answer_as_a_snapshot() {
    for (folder, status) in [
        (SOUND, 0),
        (BROKEN, 1),
        ("fixtures/interstellar/key-context-lacks-account", 1),
    ] {
        let audit = format!("{folder}/accounts/111111111111");
        let bucket_policy = format!("{audit}/s3/interstellar-audit-logs/get-bucket-policy.json");
        let key = "3f7c1a52-8d4e-4b6a-9c11-0e5d2a7b94f8";
        let key_policy = format!("{audit}/kms/{key}/get-key-policy.json");
        let key_arn = format!("arn:aws:kms:ap-northeast-1:111111111111:key/{key}");
        let trails = |account: &str, name: &str| {
            format!("arn:aws:cloudtrail:ap-northeast-1:{account}:trail/{name}")
        };
        let single = run(
            status,
            &[
                "check",
                "-f",
                "json",
                "--bucket",
                "interstellar-audit-logs",
                "--bucket-region",
                "ap-northeast-1",
                "--bucket-policy",
                &bucket_policy,
                "--key-policy",
                &key_policy,
                "--key-arn",
                &key_arn,
                "--trail",
                &trails("111111111111", "audit-trail"),
                "--trail",
                &trails("222222222222", "payments-trail"),
            ],
        );
        let (_, report) = check(folder);
        assert_eq!(decisions(&single.json()), decisions(&report), "{folder}");
        assert_eq!(refusals(&single.json()), refusals(&report), "{folder}");
    }
}

#[test]
fn snapshots_of_several_accounts_are_one_estate() {
    let files = files_of(BROKEN);
    let of = |account: &str| {
        let folder = format!("accounts/{account}/");
        snapshot(
            &files
                .iter()
                .filter(|(path, _)| path.starts_with(&folder))
                .cloned()
                .collect::<Vec<_>>(),
        )
    };
    let (audit, member) = (of("111111111111"), of("222222222222"));
    let merged = run(
        1,
        &[
            "check",
            "-f",
            "json",
            path(member.path()),
            path(audit.path()),
        ],
    )
    .json();
    let (_, whole) = check(BROKEN);
    assert_eq!(decisions(&merged), decisions(&whole));
    assert_eq!(refusals(&merged), refusals(&whole));
    let all = |report: &Value| {
        items(report, "findings")
            .iter()
            .map(place)
            .collect::<Vec<_>>()
    };
    assert_eq!(all(&merged), all(&whole));
}

#[test]
fn a_trailing_slash_or_dot_names_the_same_folder() {
    let (_, report) = check(BROKEN);
    for folder in [format!("{BROKEN}/"), format!("./{BROKEN}")] {
        assert_eq!(check(&folder).1, report, "{folder}");
    }
    assert!(repository().join(BROKEN).is_dir());
}

/// Every request's decision, and the verdicts.
fn decisions(report: &Value) -> Vec<String> {
    let mut decisions = Vec::new();
    for trail in items(report, "trails") {
        let arn = text(trail, "arn");
        decisions.push(format!("{arn} {}", text(trail, "verdict")));
        let requests = items(trail, "requests").iter();
        decisions.extend(
            requests.map(|request| format!("{arn} {} {}", request["id"], request["decision"])),
        );
    }
    decisions
}

/// The findings that refuse requests: what they say, not which file they stand in.
fn refusals(report: &Value) -> Vec<String> {
    let findings = items(report, "findings").iter();
    findings
        .filter(|finding| !items(finding, "requests").is_empty())
        .map(place)
        .collect()
}

/// A finding without the path of its document.
fn place(finding: &Value) -> String {
    let place = &finding["location"];
    format!(
        "{} {} {} {}:{} {} {}",
        finding["rule"],
        finding["trail"],
        finding["severity"],
        place["line"],
        place["column"],
        place["pointer"],
        finding["requests"]
    )
}
