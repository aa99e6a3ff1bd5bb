//! The evaluator alone: one decision, reading a large policy, hostile patterns, classes of many accounts.

use std::fmt::Write as _;

use divan::{Bencher, black_box};
use trail_lint::iam::{
    CharSet, Classes, Context, ContextValue, JointClasses, Pattern, Piece, Policy, Principal,
    Request, Template, decide, joint_classes,
};
use trail_lint::json;

fn main() {
    divan::main();
}

fn account(number: usize) -> String {
    format!("{:012}", 111_111_111_111 + 7_654_321 * number)
}

/// A bucket policy as it grows by hand: the two statements of AWS's page for the first account, and
/// one more for each other account.
fn bucket_policy(accounts: usize) -> String {
    let mut statements = r#"{"Sid": "AclCheck", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::example-logs"}"#
        .to_owned();
    for number in 0..accounts {
        let account = account(number);
        let _ = write!(
            statements,
            r#", {{"Sid": "Write{account}", "Effect": "Allow", "Principal": {{"Service": "cloudtrail.amazonaws.com"}},
            "Action": "s3:PutObject", "Resource": "arn:aws:s3:::example-logs/AWSLogs/{account}/*",
            "Condition": {{"StringEquals": {{"s3:x-amz-acl": "bucket-owner-full-control",
                "AWS:SourceArn": "arn:aws:cloudtrail:us-east-1:{account}:trail/audit"}}}}}}"#
        );
    }
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
}

fn read(text: &str) -> Policy {
    let root = json::parse(text).expect("the text is JSON");
    Policy::read(&root).expect("the JSON is a policy")
}

#[divan::bench(args = [6, 40])]
fn one_decision(bencher: Bencher<'_, '_>, statements: usize) {
    let policy = read(&bucket_policy(statements - 1));
    let account = account(statements - 2);
    let resource = format!(
        "arn:aws:s3:::example-logs/AWSLogs/{account}/CloudTrail/us-east-1/2026/01/01/x.json.gz"
    );
    let mut context = Context::new();
    let arn = format!("arn:aws:cloudtrail:us-east-1:{account}:trail/audit");
    context.set("aws:SourceArn", ContextValue::one(arn));
    let acl = "bucket-owner-full-control";
    context.set("s3:x-amz-acl", ContextValue::one(acl));
    let principal = Principal::Service {
        name: "cloudtrail.amazonaws.com".to_owned(),
        account: None,
    };
    let request = Request {
        principal: &principal,
        action: "s3:PutObject",
        resource: &resource,
        context: &context,
    };
    bencher.bench_local(|| decide(black_box(&policy), black_box(&request)));
}

#[divan::bench]
fn reading_a_policy_of_18_kib(bencher: Bencher<'_, '_>) {
    let text = bucket_policy(46);
    assert!((17 << 10..20 << 10).contains(&text.len()), "{}", text.len());
    bencher.bench_local(|| read(black_box(&text)));
}

#[divan::bench]
fn a_hostile_glob(bencher: Bencher<'_, '_>) {
    let pattern = Pattern::glob(&format!("{}b", "*a".repeat(1024)));
    let text = "a".repeat(2048);
    bencher.bench_local(|| black_box(&pattern).matches(black_box(&text)));
}

#[divan::bench]
fn a_hostile_resource_pattern(bencher: Bencher<'_, '_>) {
    let pattern = Pattern::resource(&format!("arn:*:{}:::b", "*a".repeat(1000)));
    let text = format!("arn:{}:::c", ":a".repeat(1000));
    bencher.bench_local(|| black_box(&pattern).matches(black_box(&text)));
}

const ACCOUNT: &str = "account";

fn digits() -> Piece {
    Piece::Chars {
        name: Some(ACCOUNT),
        set: CharSet::Digits,
        len: 12,
    }
}

fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

/// All accounts at once: the object's key, `aws:SourceArn` and `aws:SourceAccount` name the same one.
#[divan::bench(args = [10, 50, 100, 200])]
fn classes_of_accounts(bencher: Bencher<'_, '_>, accounts: usize) {
    let listed = || (0..accounts).map(account);
    let resources: Vec<Pattern> = listed()
        .map(|it| Pattern::resource(&format!("arn:aws:s3:::example-logs/AWSLogs/{it}/*")))
        .collect();
    let arns: Vec<Pattern> = listed()
        .map(|it| Pattern::arn(&format!("arn:aws:cloudtrail:*:{it}:trail/*")))
        .collect();
    let ids: Vec<Pattern> = listed().map(|it| Pattern::literal(&it)).collect();
    let key = Template {
        pieces: vec![
            text("arn:aws:s3:::example-logs/AWSLogs/"),
            digits(),
            text("/CloudTrail/us-east-1/2026/01/01/x.json.gz"),
        ],
    };
    let arn = Template {
        pieces: vec![
            text("arn:aws:cloudtrail:us-east-1:"),
            Piece::Again(ACCOUNT),
            text(":trail/audit"),
        ],
    };
    let id = Template {
        pieces: vec![Piece::Again(ACCOUNT)],
    };
    let all = |patterns: &'static [Pattern]| patterns.iter().collect::<Vec<_>>();
    let (resources, arns, ids) = (all(resources.leak()), all(arns.leak()), all(ids.leak()));
    let texts = [
        (&key, resources.as_slice()),
        (&arn, arns.as_slice()),
        (&id, ids.as_slice()),
    ];
    let JointClasses::All(found) = joint_classes(&texts, 100_000) else {
        unreachable!("200 accounts are not too many");
    };
    assert_eq!(found.len(), accounts + 1);
    bencher.bench_local(|| joint_classes(black_box(&texts), 100_000));
}

/// The same for the key alone, as `check` asks it.
#[divan::bench(args = [10, 50, 100, 200])]
fn classes_of_keys(bencher: Bencher<'_, '_>, accounts: usize) {
    let resources: Vec<Pattern> = (0..accounts)
        .map(account)
        .map(|it| Pattern::resource(&format!("arn:aws:s3:::example-logs/AWSLogs/{it}/*")))
        .collect();
    let resources: Vec<&Pattern> = resources.iter().collect();
    let key = Template {
        pieces: vec![
            text("arn:aws:s3:::example-logs/AWSLogs/"),
            digits(),
            text("/CloudTrail/us-east-1/2026/01/01/x.json.gz"),
        ],
    };
    let Classes::All(found) = key.classes(&resources, 100_000) else {
        unreachable!("200 accounts are not too many");
    };
    assert_eq!(found.len(), accounts + 1);
    bencher.bench_local(|| black_box(&key).classes(black_box(&resources), 100_000));
}
