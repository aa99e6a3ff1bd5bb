//! A snapshot that was collected says what a live run says, and is replaced whole or not at all.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Test;
use crate::aws::{calls, fault};
use crate::estate::{self, Estate};
use crate::run::{bare, check, command, expect};

pub(crate) const TESTS: &[Test] = &[
    (
        "both_ways_give_the_same_report",
        both_ways_give_the_same_report,
    ),
    (
        "a_snapshot_replaces_an_earlier_one_and_nothing_else",
        a_snapshot_replaces_an_earlier_one_and_nothing_else,
    ),
    (
        "redacted_accounts_appear_nowhere_and_change_no_verdict",
        redacted_accounts_appear_nowhere_and_change_no_verdict,
    ),
    (
        "saving_while_checking_is_collecting",
        saving_while_checking_is_collecting,
    ),
    (
        "what_is_saved_says_what_was_said_whatever_failed",
        what_is_saved_says_what_was_said_whatever_failed,
    ),
    (
        "a_collection_names_what_it_could_not_read",
        a_collection_names_what_it_could_not_read,
    ),
];

fn collect(status: i32, estate: &Estate, to: &Path, more: &[&str]) -> String {
    let (to, sources) = (to.to_str().unwrap(), estate.sources_list());
    let arguments = [&["collect", "--to", to, "--accounts", &sources], more].concat();
    let run = expect(status, &mut command(&estate.audit, &arguments));
    assert_eq!(run.stdout, "");
    run.stderr
}

fn checked(status: i32, folder: &Path, more: &[&str]) -> Value {
    let arguments = [&["check", folder.to_str().unwrap(), "-f", "json"], more].concat();
    expect(status, &mut bare(&arguments)).json()
}

/// An estate with something of everything: a fault in the policy, a disabled key, refusals.
fn half_broken() -> Estate {
    let estate = estate::sound();
    let [one, two] = &estate.sources;
    let mut policy = estate.bucket_policy();
    policy["Statement"][1]["Condition"]["StringEquals"]["s3:x-amz-acl"] = json!("private");
    estate.put_bucket_policy(&policy);
    let denied = |operation: &str, account: &str| {
        fault(
            &json!({"operation": operation, "account": account, "status": 403, "code": "AccessDenied", "message": "no"}),
        );
    };
    denied("CloudTrail.GetEventSelectors", one);
    denied("CloudTrail.GetTrailStatus", two);
    denied("S3.GetBucketEncryption", &estate.audit);
    estate
}

/// A report without what names the folder.
fn placeless(report: &Value, folder: &str) -> Value {
    // A diff names a file below `a/` and `b/`, without the slash that a path may begin with.
    let inside = folder.trim_start_matches('/');
    let text = report
        .to_string()
        .replace(&format!("a/{inside}"), "a/FOLDER")
        .replace(&format!("b/{inside}"), "b/FOLDER")
        .replace(folder, "FOLDER");
    serde_json::from_str(&text).unwrap()
}

fn both_ways_give_the_same_report() {
    let estate = half_broken();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("snapshot");
    let told = collect(3, &estate, &to, &[]);
    assert!(
        told.contains(
            "get-trail-status.json (access denied): AccessDenied: no; allow `cloudtrail:GetTrailStatus` for"
        ),
        "{told}"
    );
    assert!(
        told.contains(&format!("could not be seen: {}/accounts/", to.display())),
        "{told}"
    );
    assert!(told.contains("documents from 2 accounts"), "{told}");
    let live = check(1, &estate.audit, &["--accounts", &estate.sources_list()]);
    let saved = checked(1, &to, &[]);
    assert_eq!(
        placeless(&live, ".trail-lint/live"),
        placeless(&saved, to.to_str().unwrap())
    );
    assert!(
        live["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["rule"] == "acl-condition-wrong")
    );
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all.sort();
    all
}

fn a_snapshot_replaces_an_earlier_one_and_nothing_else() {
    let estate = estate::sound();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("snapshot");
    std::fs::create_dir_all(to.join("accounts/999999999999/s3/old")).unwrap();
    std::fs::write(
        to.join("accounts/999999999999/s3/old/head-bucket.json"),
        "{}",
    )
    .unwrap();
    collect(0, &estate, &to, &[]);
    let first = files(&to);
    assert!(
        !first
            .iter()
            .any(|path| path.to_string_lossy().contains("999999999999"))
    );
    collect(0, &estate, &to, &["--quiet"]);
    assert_eq!(files(&to), first);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
    std::fs::write(to.join("notes.txt"), "mine").unwrap();
    let told = collect(2, &estate, &to, &[]);
    assert!(
        told.contains("holds `notes.txt`, which is no part of a snapshot\n  help: name a folder"),
        "{told}"
    );
    assert_eq!(
        std::fs::read_to_string(to.join("notes.txt")).unwrap(),
        "mine"
    );
    assert_eq!(files(&to).len(), first.len() + 1);
    std::fs::remove_file(to.join("notes.txt")).unwrap();
    // Deep in it as well, and before anything is asked.
    let code = to.join("accounts/prod/main.tf");
    std::fs::create_dir_all(code.parent().unwrap()).unwrap();
    std::fs::write(&code, "mine").unwrap();
    let before = calls(&[&estate.audit]).len();
    let told = collect(2, &estate, &to, &[]);
    assert!(told.contains("holds `accounts/prod/main.tf`"), "{told}");
    assert_eq!(calls(&[&estate.audit]).len(), before);
    std::fs::remove_file(&code).unwrap();
    // A night on which nobody could be asked does not cost what was read before.
    fault(
        &json!({"operation": "STS.GetCallerIdentity", "account": estate.audit, "status": 403, "code": "ExpiredToken", "message": "expired"}),
    );
    let told = collect(3, &estate, &to, &[]);
    assert!(
        told.contains("left as it was, as no account could be read this time"),
        "{told}"
    );
    assert_eq!(files(&to), first);
    let nowhere = folder.path().join("file");
    std::fs::write(&nowhere, "").unwrap();
    collect(2, &estate, &nowhere.join("snapshot"), &[]);
}

fn redacted_accounts_appear_nowhere_and_change_no_verdict() {
    let estate = half_broken();
    let folder = tempfile::tempdir().unwrap();
    let (open, hidden) = (folder.path().join("open"), folder.path().join("hidden"));
    collect(3, &estate, &open, &[]);
    collect(3, &estate, &hidden, &["--redact-accounts"]);
    for path in files(&hidden) {
        let text = std::fs::read_to_string(&path).unwrap() + &path.to_string_lossy();
        for account in estate.accounts() {
            assert!(!text.contains(account), "{account} in {}", path.display());
        }
    }
    let rules = |report: &Value| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .map(|it| format!("{} {}", it["rule"], it["location"]["pointer"]))
            .collect::<Vec<_>>()
    };
    let (open, hidden) = (checked(1, &open, &[]), checked(1, &hidden, &[]));
    assert_eq!(rules(&open), rules(&hidden));
    assert_eq!(open["summary"], hidden["summary"]);
}

fn saving_while_checking_is_collecting() {
    let estate = estate::sound();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("snapshot");
    let to_text = to.to_str().unwrap();
    let sources = estate.sources_list();
    let live = check(
        0,
        &estate.audit,
        &["--accounts", &sources, "--save", to_text],
    );
    assert_eq!(live, checked(0, &to, &[]));
}

/// What fails and how, in which estate, the exit status, and further arguments.
type Case<'c> = (&'c str, &'c dyn Fn(&Estate), Estate, i32, &'c [&'c str]);

fn what_is_saved_says_what_was_said_whatever_failed() {
    let denied = |operation: &str, account: &str| {
        fault(
            &json!({"operation": operation, "account": account, "status": 403, "code": "AccessDenied", "message": "no"}),
        );
    };
    let nothing = |_: &Estate| {};
    let no_role = |estate: &Estate| denied("STS.AssumeRole", &estate.audit);
    let nobody = |estate: &Estate| denied("*", &estate.audit);
    let no_list = |estate: &Estate| denied("CloudTrail.ListTrails", &estate.sources[0]);
    let no_trail = |estate: &Estate| denied("*", &estate.sources[0]);
    let guards = |estate: &Estate| {
        denied("S3.GetBucketVersioning", &estate.audit);
        denied("S3.GetObjectLockConfiguration", &estate.audit);
    };
    let cases: [Case; 8] = [
        ("no trails", &nothing, estate::empty(), 1, &[]),
        (
            "no trails, none asked for",
            &nothing,
            estate::empty(),
            0,
            &["--ignore", "trail-missing"],
        ),
        ("no role", &no_role, estate::sound(), 3, &[]),
        ("nobody", &nobody, estate::sound(), 3, &[]),
        ("no list", &no_list, estate::sound(), 3, &[]),
        ("one account refused", &no_trail, estate::sound(), 3, &[]),
        ("guards refused", &guards, estate::sound(), 0, &[]),
        ("all well", &nothing, estate::sound(), 0, &[]),
    ];
    for (what, break_it, estate, status, more) in cases {
        break_it(&estate);
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("snapshot");
        let to_text = to.to_str().unwrap();
        let sources = estate.sources_list();
        let arguments = [&["--accounts", &*sources, "--save", to_text], more].concat();
        let live = check(status, &estate.audit, &arguments);
        assert_eq!(live, checked(status, &to, more), "{what}");
        let partial = [more, &["--allow-partial"][..]].concat();
        let passed = if status == 3 { 0 } else { status };
        checked(passed, &to, &partial);
    }
    // The caller alone, who may do nothing.
    let alone = estate::account();
    denied("*", &alone);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("snapshot");
    let live = check(3, &alone, &["--save", to.to_str().unwrap()]);
    assert_eq!(live, checked(3, &to, &[]));
}

fn a_collection_names_what_it_could_not_read() {
    let page = json!({"status": 200, "body": "<html>log in</html>"});
    let denied = json!({"status": 403, "code": "AccessDenied", "message": "no"});
    let fails = |operation: &str, account: &str, how: &Value| {
        let mut all = how.clone();
        all["operation"] = json!(operation);
        all["account"] = json!(account);
        fault(&all);
    };
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("snapshot");
    // moto answers these with something else; it is said, and no reason to fail.
    let estate = estate::sound();
    let named = |told: &str, begins: &str, name: &str| {
        let lines = told.lines();
        lines
            .filter(|line| line.starts_with(begins) && line.contains(name))
            .count()
            == 1
    };
    let told = collect(0, &estate, &to, &[]);
    for name in ["request-payment", "policy-status", "versioning"] {
        let name = format!(
            "get-bucket-{name}.json (unreadable answer): UnreadableAnswer: HTTP status 200"
        );
        assert!(named(&told, "no verdict depends on it: ", &name), "{told}");
    }
    assert_eq!(collect(0, &estate, &to, &["-q"]), "");
    // What guards the logs was refused.
    fails("S3.GetObjectLockConfiguration", &estate.audit, &denied);
    let told = collect(0, &estate, &to, &[]);
    let name = "get-object-lock-configuration.json (access denied): AccessDenied: no; allow `s3:GetBucketObjectLockConfiguration` for";
    assert!(named(&told, "no verdict depends on it: ", name), "{told}");
    // A page of somebody else's in place of what a verdict needs.
    for operation in [
        "S3.GetBucketPolicy",
        "KMS.GetKeyPolicy",
        "CloudTrail.GetTrailStatus",
    ] {
        let estate = estate::sound();
        for account in estate.accounts() {
            fails(operation, account, &page);
        }
        let told = collect(3, &estate, &to, &["-q"]);
        assert!(told.starts_with("could not be seen: "), "{told}");
        let help = "; check what answers in AWS's place";
        assert!(
            told.contains("(unreadable answer): ") && told.contains(help),
            "{told}"
        );
        assert!(!told.contains("no verdict depends on it"), "{told}");
        collect(0, &estate, &to, &["--allow-partial"]);
    }
}
