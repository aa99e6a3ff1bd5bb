//! `compare`: what a new version of the policies lets CloudTrail do, loses, and whose logs it stops.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, command, items, path, run, text, write};

const BUCKET: &str = "example-logs";

fn statement(account: &str, resource: &str, source: Option<&str>) -> Value {
    let mut condition = json!({ "StringEquals": { "s3:x-amz-acl": "bucket-owner-full-control" } });
    if let Some(source) = source {
        condition["ArnLike"] = json!({ "aws:SourceArn": source });
    }
    json!({ "Sid": format!("Write{account}"), "Effect": "Allow",
            "Principal": { "Service": "cloudtrail.amazonaws.com" }, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{BUCKET}/{resource}"), "Condition": condition })
}

fn trails_of(account: &str) -> String {
    format!("arn:aws:cloudtrail:*:{account}:trail/*")
}

/// A statement for one account, tied to its folder and its trails.
fn tight(account: &str) -> Value {
    statement(
        account,
        &format!("AWSLogs/{account}/*"),
        Some(&trails_of(account)),
    )
}

fn policies(statements: [&[Value]; 2]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, statements) in ["old.json", "new.json"].into_iter().zip(statements) {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        write(&folder.path().join(name), policy.to_string());
    }
    folder
}

fn compare(status: i32, old: &[Value], new: &[Value], more: &[&str]) -> Run {
    let folder = policies([old, new]);
    let files = ["old.json", "new.json"].map(|name| path(&folder.path().join(name)).to_owned());
    let mut arguments = vec!["compare", &files[0], &files[1], "--bucket", BUCKET];
    arguments.extend(more);
    run(status, &arguments)
}

fn put_object(report: &Value) -> &Value {
    let changes = items(&items(report, "policies")[0], "changes");
    changes
        .iter()
        .find(|change| change["action"] == "s3:PutObject")
        .unwrap()
}

#[test]
fn one_account_more_is_shown_with_a_request_and_its_number() {
    let json = compare(
        1,
        &[tight("111111111111")],
        &[tight("111111111111"), tight("222222222222")],
        &["-f", "json"],
    )
    .json();
    assert_eq!(json["grants_more"], true);
    let change = put_object(&json);
    assert_eq!(change["lost"], Value::Null);
    let gained = &change["gained"];
    assert_eq!(
        (&gained["accounts"], &gained["statement"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(gained["witness"]["account"], "222222222222");
    assert!(
        text(&gained["witness"], "resource")
            .starts_with("arn:aws:s3:::example-logs/AWSLogs/222222222222/")
    );
}

#[test]
fn everybody_is_counted_exactly() {
    let open = statement("Any", "AWSLogs/*", None);
    let json = compare(1, &[tight("111111111111")], &[open], &["-f", "json"]).json();
    // The account that had its folder gains too: the folder of an organization that it may come to manage.
    assert_eq!(
        put_object(&json)["gained"]["accounts"],
        json!(1_000_000_000_000_u64)
    );
    assert_eq!(put_object(&json)["lost"], Value::Null);
}

#[test]
fn another_way_to_say_the_same_is_no_difference() {
    let old = [tight("111111111111"), tight("222222222222")];
    let mut merged = tight("222222222222");
    merged["Condition"]["ArnLike"]["aws:SourceArn"] =
        json!([trails_of("111111111111"), trails_of("222222222222")]);
    merged["Resource"] = json!(
        ["AWSLogs/111111111111/*", "AWSLogs/222222222222/*"]
            .map(|key| format!("arn:aws:s3:::{BUCKET}/{key}"))
    );
    // Lists cross: each account's trails may write to both folders, but each only ever writes to its own.
    let shown = compare(0, &old, &[merged], &[]).stdout;
    assert!(
        shown.starts_with("NEW lets CloudTrail do the same as OLD."),
        "{shown}"
    );
    assert!(
        shown.contains("Only CloudTrail's requests are compared"),
        "{shown}"
    );
}

#[test]
fn less_is_no_failure_unless_a_trail_stops() {
    let (old, new) = (
        [tight("111111111111"), tight("222222222222")],
        [tight("111111111111")],
    );
    let shown = compare(0, &old, &new, &[]).stdout;
    assert!(
        shown.contains(
            "- s3:PutObject no longer allowed for a trail of account 222222222222 (the only one)"
        ),
        "{shown}"
    );
    let trail = "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit";
    let shown = compare(1, &old, &new, &["--trail", trail]).stdout;
    assert!(
        shown.contains("NEW will stop the logs of 1 account: 222222222222."),
        "{shown}"
    );
}

#[test]
fn a_deny_that_goes_away_gives_something() {
    let open = statement("Any", "AWSLogs/*", None);
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": format!("arn:aws:s3:::{BUCKET}/*"),
                       "Condition": { "StringLike": { "aws:SourceAccount": "7*" } } });
    let json = compare(1, &[open.clone(), deny], &[open], &["-f", "json"]).json();
    assert_eq!(
        put_object(&json)["gained"]["accounts"],
        json!(100_000_000_000_u64)
    );
}

#[test]
fn snapshots_are_compared_with_their_trails() {
    let folder = |name: &str| format!("fixtures/interstellar/{name}");
    let json = run(
        1,
        &[
            "compare",
            &folder("sound"),
            &folder("key-context-lacks-account"),
            "-f",
            "json",
        ],
    )
    .json();
    assert_eq!(
        (&json["grants_more"], &json["policies_compared"]),
        (&json!(false), &json!(2))
    );
    let trail = &items(&json, "trails")[0];
    assert_eq!(
        (&trail["old"], &trail["new"], &trail["worse"]),
        (&json!("delivers"), &json!("blocked"), &json!(true))
    );
    run(0, &["compare", &folder("sound"), &folder("sound")]);
    // What cannot be seen on one side is not compared, and is said.
    let shown = run(
        1,
        &["compare", &folder("sound"), &folder("key-policy-unseen")],
    )
    .stdout;
    assert!(shown.contains("Not compared: "), "{shown}");
}

#[test]
fn a_key_policy_is_compared_by_its_key() {
    let file = |name: &str| {
        format!(
            "fixtures/interstellar/{name}/accounts/111111111111/kms/3f7c1a52-8d4e-4b6a-9c11-0e5d2a7b94f8/get-key-policy.json"
        )
    };
    let arn = "arn:aws:kms:ap-northeast-1:111111111111:key/3f7c1a52-8d4e-4b6a-9c11-0e5d2a7b94f8";
    let (old, new) = (file("key-source-arn-lacks-account"), file("sound"));
    let json = run(1, &["compare", &old, &new, "--key-arn", arn, "-f", "json"]).json();
    let change = &items(&items(&json, "policies")[0], "changes")[0];
    assert_eq!(change["action"], "kms:GenerateDataKey");
    assert_eq!(change["gained"]["witness"]["account"], "222222222222");
}

#[test]
fn what_cannot_be_compared_is_a_usage_error() {
    let folder = policies([&[], &[]]);
    let file = path(&folder.path().join("old.json")).to_owned();
    let said = run(2, &["compare", &file, &file]).stderr;
    assert!(said.contains("nothing says whose policy it is"), "{said}");
    let missing = path(&folder.path().join("missing.json")).to_owned();
    run(2, &["compare", &file, &missing, "--bucket", BUCKET]);
    run(2, &["compare", &file]);
    let empty = TempDir::new().unwrap();
    let mut two = command(&["compare", path(empty.path()), path(empty.path())]);
    two.env("LANG", "C");
    assert_eq!(two.output().unwrap().status.code(), Some(2));
}
