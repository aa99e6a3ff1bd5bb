//! `trail-lint fix` from outside: the diff is one that git takes, what it mends is gone afterwards, a
//! second run has nothing to say, and nothing but what is meant changes in the text.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::incidents;
use crate::law;
use crate::support::{
    Run, command, files_of, finish, is_grave, items, none, paths_below, repository, snapshot, text,
};

const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit";

/// Runs the binary in a folder.
fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = command(arguments);
    command.current_dir(folder);
    finish(command)
}

/// Runs git in a folder, with nothing of the tester's settings.
fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "git {arguments:?}: {said}");
}

fn report(folder: &Path, arguments: &[&str]) -> Value {
    let mut all = vec!["check", "-f", "json"];
    all.extend(arguments);
    let run = run_in(folder, &all);
    assert!(matches!(run.status, 0 | 1 | 3), "{}", run.stderr);
    run.json()
}

/// The findings of medium severity and above, as `TRAIL RULE`.
fn found(report: &Value) -> Vec<String> {
    let findings = items(report, "findings").iter();
    let shown = findings.filter(|finding| text(finding, "severity") != "low");
    shown
        .map(|finding| {
            let trail = finding["trail"].as_str().unwrap_or("-");
            format!("{trail} {}", text(finding, "rule"))
        })
        .collect()
}

/// Mends a snapshot with git and says what is not as it should be.
fn mended_with_git(files: &[(String, String)]) -> Vec<String> {
    let folder = snapshot(files);
    let folder = folder.path();
    git(folder, &["init", "-q"]);
    let before = report(folder, &["."]);
    let run = run_in(folder, &["fix", "."]);
    let mut problems = Vec::new();
    if !run.stdout.is_empty() {
        std::fs::write(folder.join("fix.patch"), &run.stdout).unwrap();
        git(folder, &["apply", "--check", "fix.patch"]);
        git(folder, &["apply", "fix.patch"]);
    }
    let after = report(folder, &["."]);
    problems.extend(
        law::broken(i32::from(!found(&after).is_empty()), &after)
            .into_iter()
            .filter(|it| !it.contains("exit status")),
    );
    let again = run_in(folder, &["fix", "."]);
    if !again.stdout.is_empty() {
        problems.push(format!("a second run changes more:\n{}", again.stdout));
    }
    let left: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| line.starts_with("leaves "))
        .collect();
    let gone = |rule: &str| {
        !left
            .iter()
            .any(|line| line.split_whitespace().nth(1) == Some(rule))
    };
    for finding in found(&after) {
        let rule = finding.split(' ').nth(1).unwrap();
        if gone(rule) {
            problems.push(format!(
                "{finding} is still found, and was not said to be left"
            ));
        }
    }
    for trail in items(&after, "trails") {
        let old = items(&before, "trails")
            .iter()
            .find(|it| it["arn"] == trail["arn"])
            .unwrap();
        let rank = |trail: &Value| {
            [
                "blocked",
                "partial",
                "setup-refused",
                "undecided",
                "delivers",
            ]
            .iter()
            .position(|it| *it == text(trail, "verdict"))
        };
        if rank(trail) < rank(old) {
            problems.push(format!("{} fares worse", trail["arn"]));
        }
    }
    let expected = if left.is_empty() {
        [0, 3].as_slice()
    } else {
        &[1]
    };
    if !expected.contains(&run.status) {
        problems.push(format!("the exit status is {}", run.status));
    }
    problems
}

#[test]
fn every_broken_setup_is_mended_by_a_diff_that_git_applies() {
    let folder = repository().join("fixtures/interstellar");
    let mut problems = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let files = files_of(&format!("fixtures/interstellar/{name}"));
        let here = mended_with_git(&files).into_iter();
        problems.extend(here.map(|problem| format!("{name}: {problem}")));
    }
    none(&problems);
}

#[test]
fn every_published_incident_is_mended_as_far_as_policies_can() {
    let mut problems = Vec::new();
    for (name, files) in incidents::snapshots() {
        let here = mended_with_git(&files).into_iter();
        problems.extend(here.map(|problem| format!("{name}: {problem}")));
    }
    none(&problems);
}

fn policy_with(change: impl Fn(&mut Value)) -> Value {
    let path = repository()
        .join("fixtures/baseline/accounts/111111111111/s3/example-logs/get-bucket-policy.json");
    let mut policy: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    change(&mut policy);
    policy
}

fn wrong_region(policy: &mut Value) {
    policy["Statement"][1]["Condition"]["StringEquals"]["aws:SourceArn"] =
        json!("arn:aws:cloudtrail:eu-west-1:222222222222:trail/audit");
}

fn fix_file(folder: &Path, file: &str, more: &[&str]) -> Run {
    let mut arguments = vec![
        "fix",
        "--bucket",
        "example-logs",
        "--bucket-policy",
        file,
        "--trail",
        TRAIL,
    ];
    arguments.extend(more);
    run_in(folder, &arguments)
}

/// Ways to lay out the same JSON.
fn layouts(policy: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let pretty = format!("{policy:#}\n");
    let mut tabs = pretty.clone();
    while tabs.contains("\n  ") || tabs.contains("\t  ") {
        tabs = tabs.replace("\n  ", "\n\t").replace("\t  ", "\t\t");
    }
    vec![
        ("two spaces", pretty.clone().into_bytes()),
        ("one line", policy.to_string().into_bytes()),
        ("tabs", tabs.into_bytes()),
        ("CR LF", pretty.replace('\n', "\r\n").into_bytes()),
        (
            "no newline at the end",
            pretty.trim_end().as_bytes().to_vec(),
        ),
        (
            "a byte order mark",
            [b"\xEF\xBB\xBF", pretty.as_bytes()].concat(),
        ),
        (
            "as the CLI prints it",
            format!("{:#}\n", json!({ "Policy": policy.to_string() })).into_bytes(),
        ),
        (
            "escaped and indented",
            format!("{:#}\n", json!({ "Policy": format!("{policy:#}") })).into_bytes(),
        ),
    ]
}

#[test]
fn a_changed_value_changes_nothing_else_however_the_text_is_laid_out() {
    let wrong = "arn:aws:cloudtrail:eu-west-1:222222222222:trail/audit";
    for (layout, bytes) in layouts(&policy_with(wrong_region)) {
        let folder = snapshot(&[("policies/my bucket.json", &bytes)]);
        let folder = folder.path();
        git(folder, &["init", "-q"]);
        let run = fix_file(folder, "policies/my bucket.json", &[]);
        assert_eq!(run.status, 0, "{layout}: {}", run.stderr);
        std::fs::write(folder.join("fix.patch"), &run.stdout).unwrap();
        git(folder, &["apply", "fix.patch"]);
        let after = std::fs::read(folder.join("policies/my bucket.json")).unwrap();
        let expected = String::from_utf8(bytes).unwrap().replace(wrong, TRAIL);
        assert_eq!(String::from_utf8(after).unwrap(), expected, "{layout}");
        assert_eq!(
            fix_file(folder, "policies/my bucket.json", &[]).stdout,
            "",
            "{layout}"
        );
    }
}

#[test]
fn what_is_added_is_laid_out_like_what_is_there() {
    let policy = policy_with(|policy| {
        policy["Statement"].as_array_mut().unwrap().remove(0);
    });
    for (layout, bytes) in layouts(&policy) {
        let folder = snapshot(&[("bucket.json", &bytes)]);
        let run = fix_file(folder.path(), "bucket.json", &["--write"]);
        assert_eq!(
            (run.status, run.stdout.as_str()),
            (0, "changed bucket.json\n"),
            "{layout}: {}",
            run.stderr
        );
        let after = std::fs::read(folder.path().join("bucket.json")).unwrap();
        // The same layout of the policy with the statement that was added.
        let plain = after.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&after);
        let read: Value = serde_json::from_slice(plain).unwrap();
        let read = match read["Policy"].as_str() {
            Some(inner) => serde_json::from_str(inner).unwrap(),
            None => read,
        };
        let expected = layouts(&read)
            .into_iter()
            .find(|(name, _)| *name == layout)
            .unwrap()
            .1;
        assert_eq!(
            String::from_utf8_lossy(&after),
            String::from_utf8_lossy(&expected),
            "{layout}"
        );
        assert_eq!(
            read["Statement"][2]["Action"], "s3:GetBucketAcl",
            "{layout}"
        );
        assert_eq!(
            fix_file(folder.path(), "bucket.json", &[]).stdout,
            "",
            "{layout}"
        );
    }
}

#[test]
fn a_diff_applies_with_patch_as_well() {
    for (strip, more) in [("-p1", &[][..]), ("-p0", &["--no-prefix"])] {
        let bytes = format!("{:#}\n", policy_with(wrong_region));
        let folder = snapshot(&[("a b/bucket.json", bytes)]);
        let run = fix_file(folder.path(), "a b/bucket.json", more);
        std::fs::write(folder.path().join("fix.patch"), &run.stdout).unwrap();
        let done = Command::new("patch")
            .args([strip, "-s", "-i", "fix.patch"])
            .current_dir(folder.path())
            .output();
        // Where there is no patch program there is nothing to try.
        let Ok(done) = done else { continue };
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stdout)
        );
        assert_eq!(fix_file(folder.path(), "a b/bucket.json", more).stdout, "");
    }
}

#[test]
fn a_file_that_is_written_keeps_its_permissions_and_leaves_nothing_beside_it() {
    let folder = snapshot(&[("bucket.json", format!("{:#}\n", policy_with(wrong_region)))]);
    let file = folder.path().join("bucket.json");
    let mut permissions = std::fs::metadata(&file).unwrap().permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o640);
    std::fs::set_permissions(&file, permissions).unwrap();
    let permissions = std::fs::metadata(&file).unwrap().permissions();
    fix_file(folder.path(), "bucket.json", &["--write"]);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions(), permissions);
    assert_eq!(paths_below(folder.path()), [file]);
}

#[test]
fn the_commands_for_aws_are_text_and_carry_bare_policies() {
    let folder = snapshot(&files_of("fixtures/interstellar/source-arn-wrong-account"));
    let run = run_in(folder.path(), &["fix", ".", "--aws-commands", "for review"]);
    assert_eq!(
        (run.status, run.stdout.as_str()),
        (
            0,
            "aws s3api put-bucket-policy --bucket interstellar-audit-logs --expected-bucket-owner 111111111111 --policy \
             'file://for review/bucket-policy-interstellar-audit-logs.json'\n"
        )
    );
    let file = folder
        .path()
        .join("for review/bucket-policy-interstellar-audit-logs.json");
    let policy: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(
        policy["Statement"][2]["Condition"]["StringEquals"]["AWS:SourceArn"],
        "arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail"
    );
}

#[test]
fn an_answer_that_cannot_be_given_is_said_to_be_missing() {
    let folder = snapshot(&files_of("fixtures/interstellar/key-disabled"));
    let run = run_in(folder.path(), &["fix", "."]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert!(
        run.stderr.contains("`aws kms enable-key` does"),
        "{}",
        run.stderr
    );
    let report = report(folder.path(), &["."]);
    for finding in items(&report, "findings").iter().filter(|it| is_grave(it)) {
        assert_eq!(finding["fix"], Value::Null);
        assert!(text(finding, "fix_missing").starts_with("no policy mends it"));
    }
}

#[test]
fn findings_carry_the_change_that_mends_them() {
    let folder = snapshot(&files_of("fixtures/interstellar/source-arn-wrong-region"));
    let report = report(folder.path(), &["."]);
    let grave: Vec<&Value> = items(&report, "findings")
        .iter()
        .filter(|it| is_grave(it))
        .collect();
    let [finding] = grave.as_slice() else {
        panic!("{grave:#?}")
    };
    let fix = &finding["fix"];
    assert_eq!(fix["verified"], true);
    let path = "accounts/111111111111/s3/interstellar-audit-logs/get-bucket-policy.json";
    let diff = text(fix, "diff");
    assert!(
        diff.starts_with(&format!("--- a/{path}\n+++ b/{path}\n@@ ")),
        "{diff}"
    );
    let edits = items(fix, "edits");
    assert_eq!(edits.len(), 1);
    assert_eq!(edits[0]["line"], finding["location"]["line"]);
    let arn = "arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail";
    assert_eq!(edits[0]["text"], format!("\"{arn}\""));
    let region = ["line", "column", "end_line", "end_column"];
    let of = |value: &Value| region.map(|name| value[name].clone());
    assert_eq!(of(&edits[0]), of(&finding["location"]));
}

/// The policy after a fix of a plain file, and what was said.
fn mended(change: impl Fn(&mut Value)) -> (Value, String) {
    let folder = snapshot(&[("bucket.json", format!("{:#}\n", policy_with(change)))]);
    let run = fix_file(folder.path(), "bucket.json", &["--write"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let text = std::fs::read_to_string(folder.path().join("bucket.json")).unwrap();
    (serde_json::from_str(&text).unwrap(), run.stderr)
}

const EQUALS: &str = "/Statement/1/Condition/StringEquals";

#[test]
fn a_trail_that_may_exist_keeps_its_grant() {
    let other = TRAIL.replace("audit", "old");
    let (policy, _) = mended(|policy| {
        policy["Statement"][1]["Condition"]["StringEquals"]["aws:SourceArn"] = json!(other);
    });
    let arns = policy.pointer(&format!("{EQUALS}/aws:SourceArn"));
    assert_eq!(arns, Some(&json!([other, TRAIL])));
}

#[test]
fn a_pattern_is_compared_as_one_unless_it_leaves_the_account_open() {
    let (policy, said) = mended(|policy| {
        policy["Statement"][1]["Condition"]["StringEquals"]["aws:SourceArn"] =
            json!("arn:aws:cloudtrail:us-east-1:222222222222:trail/*");
    });
    let like = &policy["Statement"][1]["Condition"]["ArnLike"]["aws:SourceArn"];
    assert_eq!(like, "arn:aws:cloudtrail:us-east-1:222222222222:trail/*");
    assert!(
        said.contains("It also admits `s3:PutObject` for other trails of account 222222222222.")
    );
    let (policy, said) = mended(|policy| {
        policy["Statement"][1]["Condition"]["StringEquals"]["aws:SourceArn"] =
            json!("arn:aws:cloudtrail:*:*:trail/*");
    });
    assert_eq!(
        policy.pointer(&format!("{EQUALS}/aws:SourceArn")),
        Some(&json!(TRAIL))
    );
    assert!(!said.contains("It also admits"), "{said}");
}

#[test]
fn a_wrong_account_is_written_right() {
    let (policy, _) = mended(|policy| {
        policy["Statement"][1]["Condition"]["StringEquals"] = json!({ "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": "333333333333" });
    });
    let account = policy.pointer(&format!("{EQUALS}/aws:SourceAccount"));
    assert_eq!(account, Some(&json!("222222222222")));
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 3);
}

#[test]
fn a_merged_statement_is_split() {
    let (policy, said) = mended(|policy| {
        let write = policy["Statement"].as_array_mut().unwrap().remove(1);
        let merged = &mut policy["Statement"][0];
        merged["Action"] = json!(["s3:GetBucketAcl", "s3:PutObject"]);
        merged["Resource"] = json!([merged["Resource"], write["Resource"]]);
        merged["Condition"] = write["Condition"].clone();
    });
    assert!(said.contains("Split statement"), "{said}");
    let statement = |index: usize| {
        let statement = &policy["Statement"][index];
        (statement["Action"].clone(), statement["Resource"].clone())
    };
    let folder = "arn:aws:s3:::example-logs/AWSLogs/222222222222/*";
    assert_eq!(statement(0), (json!(["s3:PutObject"]), json!([folder])));
    assert_eq!(
        statement(2),
        (json!("s3:GetBucketAcl"), json!("arn:aws:s3:::example-logs"))
    );
}

/// The statement of the baseline that lets CloudTrail write.
fn conditions(policy: &mut Value) -> &mut Value {
    &mut policy["Statement"][1]["Condition"]
}

#[test]
fn a_wrong_trail_that_is_nobodys_gives_way_to_the_right_one() {
    for wrong in [
        "arn:aws:cloudtrail:us-east-1:999999999999:trail/audit",
        "arn:aws:cloudtrail:us-east-1:999999999999:trail/other",
        "arn:aws:cloudtrail:us-east-1:222222222222:trail/audti",
        "arn:aws:cloudtrail:us-east-1:222222222222:trail/Audit",
        "arn:aws-cn:cloudtrail:cn-north-1:222222222222:trail/audit",
        "arn:aws:s3:::example-logs",
    ] {
        let (policy, said) = mended(|policy| {
            conditions(policy)["StringEquals"]["aws:SourceArn"] = json!(wrong);
        });
        assert_eq!(policy, policy_with(|_| {}), "{wrong}: {said}");
    }
}

#[test]
fn in_a_list_only_what_was_meant_for_the_trail_gives_way() {
    let other = "arn:aws:cloudtrail:us-east-1:333333333333:trail/other";
    for (wrong, expected) in [
        (
            "arn:aws:cloudtrail:us-east-2:222222222222:trail/audit",
            json!([other, TRAIL]),
        ),
        (
            "arn:aws:cloudtrail:us-east-1:444444444444:trail/third",
            json!([
                other,
                "arn:aws:cloudtrail:us-east-1:444444444444:trail/third",
                TRAIL
            ]),
        ),
    ] {
        let (policy, said) = mended(|policy| {
            conditions(policy)["StringEquals"]["aws:SourceArn"] = json!([other, wrong]);
        });
        let arns = policy.pointer(&format!("{EQUALS}/aws:SourceArn"));
        assert_eq!(arns, Some(&expected), "{said}");
    }
}

#[test]
fn a_block_that_is_negated_by_mistake_is_put_right_as_a_whole() {
    let (policy, said) = mended(|policy| {
        let block = conditions(policy)["StringEquals"].take();
        *conditions(policy) = json!({ "StringNotLike": block });
    });
    let right = policy_with(|policy| {
        let block = conditions(policy)["StringEquals"].take();
        *conditions(policy) = json!({ "StringLike": block });
    });
    assert_eq!(policy, right, "{said}");
}

#[test]
fn a_folder_of_nobody_in_a_statement_for_the_trail_is_written_right() {
    let (policy, said) = mended(|policy| {
        policy["Statement"][1]["Resource"] =
            json!("arn:aws:s3:::example-logs/AWSLogs/999999999999/*");
    });
    assert_eq!(policy, policy_with(|_| {}), "{said}");
}

#[test]
fn a_folder_with_a_variable_gets_its_objects_and_keeps_its_variable() {
    let (policy, said) = mended(|policy| {
        policy["Statement"][1]["Resource"] =
            json!("arn:aws:s3:::example-logs/AWSLogs/${aws:SourceAccount}");
    });
    assert_eq!(
        policy["Statement"][1]["Resource"],
        "arn:aws:s3:::example-logs/AWSLogs/${aws:SourceAccount}/*",
        "{said}"
    );
}

#[test]
fn everybody_gives_way_to_the_service_where_the_trails_are_asked_for() {
    let (policy, said) = mended(|policy| {
        policy["Statement"][1]["Principal"] = json!("*");
    });
    assert_eq!(policy, policy_with(|_| {}), "{said}");
}

#[test]
fn a_diff_of_a_file_elsewhere_says_where_it_applies() {
    let policy = format!("{:#}\n", policy_with(wrong_region));
    let right = format!("{:#}\n", policy_with(|_| {}));
    // Beside the current folder, in the same repository.
    let folder = snapshot(&[
        ("policies/bucket.json", policy.clone()),
        ("work/x", String::new()),
    ]);
    let top = folder.path().canonicalize().unwrap();
    git(&top, &["init", "-q"]);
    let work = top.join("work");
    for file in [
        "../policies/bucket.json".to_owned(),
        top.join("policies/bucket.json").display().to_string(),
    ] {
        std::fs::write(top.join("policies/bucket.json"), &policy).unwrap();
        let run = fix_file(&work, &file, &[]);
        let how = format!("git -C {} apply", top.display());
        assert!(run.stderr.contains(&how), "{}", run.stderr);
        std::fs::write(top.join("fix.patch"), &run.stdout).unwrap();
        git(&top, &["apply", "fix.patch"]);
        let now = std::fs::read_to_string(top.join("policies/bucket.json")).unwrap();
        assert_eq!(now, right);
    }
    // Below the current folder, which is one of a repository: names start here, as git takes them.
    std::fs::write(top.join("policies/bucket.json"), &policy).unwrap();
    let policies = top.join("policies");
    let run = fix_file(&policies, "bucket.json", &[]);
    std::fs::write(top.join("fix.patch"), &run.stdout).unwrap();
    git(&policies, &["apply", "../fix.patch"]);
    let now = std::fs::read_to_string(top.join("policies/bucket.json")).unwrap();
    assert_eq!(now, right);
}

#[test]
fn a_diff_of_a_file_outside_any_repository_applies_from_the_root() {
    let policy = format!("{:#}\n", policy_with(wrong_region));
    let folder = snapshot(&[("bucket.json", policy)]);
    let here = snapshot(&[("x", String::new())]);
    let file = folder.path().canonicalize().unwrap().join("bucket.json");
    let run = fix_file(here.path(), &file.display().to_string(), &[]);
    assert!(
        run.stderr.contains("apply it with `patch -d / -p1`"),
        "{}",
        run.stderr
    );
    let patch = here.path().join("fix.patch");
    std::fs::write(&patch, &run.stdout).unwrap();
    let done = Command::new("patch")
        .args(["-d", "/", "-p1", "-s", "-i"])
        .arg(patch.canonicalize().unwrap())
        .output();
    // Where there is no patch program there is nothing to try.
    let Ok(done) = done else { return };
    assert!(done.status.success(), "{done:?}");
    let now = std::fs::read_to_string(&file).unwrap();
    assert_eq!(now, format!("{:#}\n", policy_with(|_| {})));
}

#[test]
fn what_a_ci_system_would_obey_goes_into_a_file_and_not_into_its_log() {
    let policy = policy_with(|policy| {
        policy["Statement"][1]["Condition"]["StringEquals"]["aws:SourceArn"] =
            json!("##[add-mask]audit");
    });
    let folder = snapshot(&[("bucket.json", format!("{policy:#}\n"))]);
    let plain = fix_file(folder.path(), "bucket.json", &[]).stdout;
    assert!(plain.contains("##[add-mask]"), "{plain}");
    let arguments = [
        "fix",
        "--bucket",
        "example-logs",
        "--bucket-policy",
        "bucket.json",
        "--trail",
        TRAIL,
    ];
    for name in ["GITHUB_ACTIONS", "TF_BUILD"] {
        let in_ci = || {
            let mut command = command(&arguments);
            command.current_dir(folder.path()).env(name, "true");
            command
        };
        let logged = finish(in_ci());
        assert_eq!((logged.status, logged.stdout.as_str()), (1, ""));
        assert!(
            logged.stderr.contains("send it to a file"),
            "{}",
            logged.stderr
        );
        let path = folder.path().join("fix.patch");
        let file = std::fs::File::create(&path).unwrap();
        let mut filed = in_ci();
        filed.stdout(file).stderr(std::process::Stdio::null());
        assert_eq!(filed.status().unwrap().code(), Some(0));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), plain);
    }
}

#[test]
fn what_a_merged_list_allows_besides_is_said() {
    let other = "arn:aws:cloudtrail:us-east-1:333333333333:trail/other";
    let policy = policy_with(|policy| {
        let folder = |account: &str| format!("arn:aws:s3:::example-logs/AWSLogs/{account}/*");
        policy["Statement"][0]["Condition"]["StringEquals"]["aws:SourceArn"] =
            json!([TRAIL, other]);
        let write = &mut policy["Statement"][1];
        write["Resource"] = json!([folder("222222222222"), folder("333333333333")]);
        write["Condition"]["StringEquals"]["aws:SourceArn"] = json!([TRAIL]);
    });
    let folder = snapshot(&[("bucket.json", format!("{policy:#}\n"))]);
    let run = fix_file(folder.path(), "bucket.json", &["--trail", other]);
    assert!(
        run.stderr.contains(
            "lets any of the trails that it names write into the folders of all 2 accounts"
        ),
        "{}",
        run.stderr
    );
}

#[test]
fn an_account_that_is_mistyped_throughout_is_written_right_throughout() {
    let (policy, said) = mended(|policy| {
        let statement = policy["Statement"][1].to_string();
        let wrong = statement.replace("222222222222", "222222222223");
        policy["Statement"][1] = serde_json::from_str(&wrong).unwrap();
    });
    assert_eq!(policy, policy_with(|_| {}), "{said}");
}

#[test]
fn an_operator_for_numbers_is_put_right_in_one_step() {
    let (policy, said) = mended(|policy| {
        let block = conditions(policy)["StringEquals"].take();
        *conditions(policy) = json!({ "NumericEquals": block });
    });
    assert_eq!(policy, policy_with(|_| {}));
    assert_eq!(said.matches("put `StringEquals`").count(), 0, "{said}");
    assert_eq!(said.matches("Put `StringEquals`").count(), 1, "{said}");
}

#[test]
fn trails_with_a_fault_each_are_mended_together_and_told_one_by_one() {
    let accounts = (1..=12).map(|number: u64| format!("{:012}", 300_000_000_000 + number * 7));
    let accounts: Vec<String> = accounts.collect();
    let arn = |account: &str, region: &str| {
        format!("arn:aws:cloudtrail:{region}:{account}:trail/t{account}")
    };
    let write = |folders: Vec<String>, trails: Vec<String>| {
        json!({
            "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
            "Resource": folders,
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trails}}
        })
    };
    let folder = |account: &str| format!("arn:aws:s3:::example-logs/AWSLogs/{account}/*");
    let wrong = |account: &String| arn(account, "us-west-2");
    let apart = accounts
        .iter()
        .map(|it| write(vec![folder(it)], vec![wrong(it)]))
        .collect();
    let together = vec![write(
        vec![folder("${aws:SourceAccount}")],
        accounts.iter().map(wrong).collect(),
    )];
    for mut statements in [apart, together] {
        let ask = json!({
            "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::example-logs"
        });
        statements.push(ask);
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        let mut files = vec![(
            "accounts/111111111111/s3/example-logs/get-bucket-policy.json".to_owned(),
            format!("{policy:#}"),
        )];
        for account in &accounts {
            let trail = json!({"Trail": {
                "Name": format!("t{account}"), "TrailARN": arn(account, "us-east-1"), "HomeRegion": "us-east-1",
                "S3BucketName": "example-logs", "IsMultiRegionTrail": true, "LogFileValidationEnabled": true
            }});
            let at = format!("accounts/{account}/cloudtrail/us-east-1/t{account}");
            files.push((format!("{at}/get-trail.json"), trail.to_string()));
            files.push((
                format!("{at}/get-trail-status.json"),
                json!({"IsLogging": true}).to_string(),
            ));
        }
        assert_eq!(mended_with_git(&files), [""; 0]);
        let folder = snapshot(&files);
        let run = run_in(folder.path(), &["fix", "."]);
        for account in &accounts {
            let told = format!("Write `aws:SourceArn` = `{}`", arn(account, "us-east-1"));
            assert_eq!(run.stderr.matches(&told).count(), 1, "{}", run.stderr);
        }
        // One line each, and nothing else.
        let changed = |sign: char| {
            run.stdout
                .lines()
                .filter(|line| line.starts_with(sign))
                .count()
        };
        assert_eq!((changed('-'), changed('+')), (13, 13), "{}", run.stdout);
    }
}

#[test]
fn accounts_of_old_give_way_to_the_service_and_nothing_is_added_beside_them() {
    // CloudTrail's accounts for two Regions; the newer Regions have none.
    let old = json!({"AWS": ["arn:aws:iam::903692715234:root", "arn:aws:iam::086441151436:root"]});
    let (policy, _) = mended(|policy| {
        for statement in policy["Statement"].as_array_mut().unwrap() {
            if statement["Principal"]["Service"] == "cloudtrail.amazonaws.com" {
                statement["Principal"] = old.clone();
                statement["Condition"]["StringEquals"]
                    .as_object_mut()
                    .unwrap()
                    .remove("aws:SourceArn");
            }
        }
    });
    assert_eq!(policy, policy_with(|_| {}));
}

#[test]
fn what_is_put_into_a_policy_hides_nothing_from_who_reads_the_change() {
    let mut files = files_of("fixtures/baseline");
    for (path, text) in &mut files {
        if path.ends_with("get-trail.json") {
            let mut trail: Value = serde_json::from_str(text).unwrap();
            trail["Trail"]["S3KeyPrefix"] = "a\u{9b}31m\u{202e}\u{200b}b".into();
            *text = trail.to_string();
        }
    }
    let folder = snapshot(&files);
    let run = command(&["fix", crate::support::path(folder.path())])
        .output()
        .unwrap();
    let diff = String::from_utf8(run.stdout).unwrap();
    let shown = r"a\u009b31m\u202e\u200bb/AWSLogs/";
    assert!(diff.contains(shown), "{diff}");
    let hidden = |c: char| c != '\n' && trail_lint::json::is_hidden(c);
    assert!(!diff.contains(hidden), "{diff:?}");
}
