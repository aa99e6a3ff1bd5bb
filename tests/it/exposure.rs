//! How far a bucket policy reaches, as the finding says it: which folder a stranger's trail could write
//! to, and how many accounts could. The baseline's policy is varied; the accounts of the estate are two.

use serde_json::{Value, json};

use crate::support::{audit, files_of, items, none, text};

const POLICY: &str = "accounts/111111111111/s3/example-logs/get-bucket-policy.json";
const ACL: (&str, &str) = ("s3:x-amz-acl", "bucket-owner-full-control");

/// The reach of a write statement with this Resource (below the bucket) and these conditions; nothing if
/// no stranger is admitted.
fn reach(resource: &Value, condition: &Value, deny: Option<Value>) -> Option<String> {
    let principal = json!({ "Service": "cloudtrail.amazonaws.com" });
    let mut statements = vec![
        json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:GetBucketAcl",
                "Resource": "arn:aws:s3:::example-logs" }),
        json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:PutObject",
                "Resource": resource, "Condition": condition }),
    ];
    statements.extend(deny);
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    let mut files = files_of("fixtures/baseline");
    for (path, text) in &mut files {
        if path == POLICY {
            *text = policy.to_string();
        }
    }
    let (_, report) = audit(&files).unwrap();
    let mut findings = items(&report, "findings").iter();
    let finding = findings.find(|finding| finding["rule"] == "any-account-may-write")?;
    let message = text(finding, "message");
    let (_, reach) = message
        .split_once("admits strangers: ")
        .unwrap_or(("", message));
    Some(reach.to_owned())
}

fn below(key: &str) -> Value {
    json!(format!("arn:aws:s3:::example-logs/{key}"))
}

fn when(operator: &str, key: &str, value: &str) -> Value {
    json!({ "StringEquals": { ACL.0: ACL.1 }, operator: { key: value } })
}

#[test]
fn the_reach_of_a_policy_is_counted_and_shown() {
    let acl = json!({ "StringEquals": { ACL.0: ACL.1 } });
    let arn = "aws:SourceArn";
    let cases: Vec<(Value, Value, Option<&str>)> = vec![
        (
            below("AWSLogs/*"),
            acl.clone(),
            Some("000000000000 (one of 999,999,999,998) could write to `AWSLogs/000000000000/`"),
        ),
        (below("AWSLogs/222222222222/*"), acl.clone(), None),
        (below("*AWSLogs/222222222222/*"), acl.clone(), None),
        (
            below("shared/*"),
            acl.clone(),
            Some(
                "000000000000 (one of 999,999,999,998) could write to `shared/AWSLogs/000000000000/`",
            ),
        ),
        // A prefix can be made to look like the path that was meant.
        (
            below("*/222222222222/*"),
            acl.clone(),
            Some(
                "000000000000 (one of 999,999,999,998) could write to `x/222222222222/AWSLogs/000000000000/`",
            ),
        ),
        (
            below("logs-?/*"),
            acl.clone(),
            Some(
                "000000000000 (one of 999,999,999,998) could write to `logs-x/AWSLogs/000000000000/`",
            ),
        ),
        // A folder of an organization, and only of that one.
        (
            below("AWSLogs/o-*/*"),
            acl.clone(),
            Some("000000000000 (one of 999,999,999,998) could write to `AWSLogs/o-0000000000/`"),
        ),
        (below("AWSLogs/o-exampleorgid/*"), acl.clone(), None),
        (
            below("AWSLogs/${aws:SourceAccount}/*"),
            acl.clone(),
            Some("000000000000 (one of 999,999,999,998) could write to `AWSLogs/000000000000/`"),
        ),
        (
            below("AWSLogs/*"),
            when("ArnLike", arn, "arn:aws:cloudtrail:*:12345678901?:trail/*"),
            Some("123456789010 (one of 10) could write to `AWSLogs/123456789010/`"),
        ),
        (
            below("AWSLogs/*"),
            when("ArnLike", arn, "arn:aws:cloudtrail:*:22222222222?:trail/*"),
            Some("222222222220 (one of 9) could write to `AWSLogs/222222222220/`"),
        ),
        (
            below("AWSLogs/9*/*"),
            acl,
            Some("900000000000 (one of 100,000,000,000) could write to `AWSLogs/900000000000/`"),
        ),
        (
            below("*"),
            when("StringNotLike", "aws:SourceAccount", "0*"),
            Some("100000000000 (one of 899,999,999,998) could write to `AWSLogs/100000000000/`"),
        ),
        (
            below("*"),
            when("ArnLike", arn, "arn:aws:cloudtrail:*:*:trail/audit"),
            Some("000000000000 (one of 999,999,999,998) could write to `AWSLogs/000000000000/`"),
        ),
        (
            below("*"),
            when("StringLike", arn, "*00:trail/b*z"),
            Some("000000000000 (one of 10,000,000,000) could write to `AWSLogs/000000000000/`"),
        ),
        // The star of StringEquals is no wildcard, and no trail is called so.
        (
            below("*"),
            json!({ "StringEquals": { arn: "arn:aws:cloudtrail:us-east-1:*:trail/audit" } }),
            None,
        ),
        (
            below("*"),
            json!({ "StringEquals": { "aws:SourceOrgID": "o-exampleorgid" } }),
            None,
        ),
        (
            below("*"),
            when("StringLike", "aws:SourceOrgID", "o-*"),
            Some("000000000000 (one of 999,999,999,998) could write to `AWSLogs/000000000000/`"),
        ),
        // Who is spelled out is no stranger.
        (
            below("*"),
            when("StringEquals", "aws:SourceAccount", "333333333333"),
            None,
        ),
    ];
    let mut problems = Vec::new();
    for (resource, condition, expected) in cases {
        let found = reach(&resource, &condition, None);
        let expected = expected.map(|reach| format!("a trail of account {reach}."));
        if found != expected {
            problems.push(format!(
                "{resource} {condition}\n    {found:?}\n    expected {expected:?}"
            ));
        }
    }
    none(&problems);
}

#[test]
fn a_deny_counts() {
    let acl = json!({ "StringEquals": { ACL.0: ACL.1 } });
    let deny = |condition: Value| {
        Some(
            json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
                     "Resource": "arn:aws:s3:::example-logs/*", "Condition": condition }),
        )
    };
    let others =
        json!({ "StringNotEquals": { "aws:SourceAccount": ["111111111111", "222222222222"] } });
    assert_eq!(reach(&below("*"), &acl, deny(others)), None);
    // An account that belongs to no organization has no organization id that could differ.
    let outside = json!({ "StringNotEqualsIfExists": { "aws:SourceOrgID": "o-exampleorgid" },
                          "Null": { "aws:SourceOrgID": "false" } });
    let found = reach(&below("*"), &acl, deny(outside));
    assert!(found.is_some_and(|found| found.contains("999,999,999,998")));
    // Files without a key are refused; a stranger's trail can have one.
    let unencrypted =
        json!({ "StringNotEquals": { "s3:x-amz-server-side-encryption": "aws:kms" } });
    assert!(reach(&below("*"), &acl, deny(unencrypted)).is_some());
}
