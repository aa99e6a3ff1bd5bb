//! `trail-lint policy`: what it writes is what `check` is content with, in every form that size demands,
//! and a stranger gets nothing from it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::oracle::{Case, second_opinion};
use crate::support::{Run, command, finish, items, path, run, snapshot, text};

const BUCKET: &str = "example-audit-logs-bucket-name1";
const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";
const TOPIC: &str = "arn:aws:sns:us-east-1:111111111111:trail-events";

fn account(index: usize) -> String {
    format!(
        "{:012}",
        222_222_222_222_u64 + u64::try_from(index).unwrap() * 7919
    )
}

/// The flags that name so many trails, each of an account of its own.
fn trails(count: usize) -> Vec<String> {
    let flags = ["--bucket", BUCKET, "--key-arn", KEY, "--topic-arn", TOPIC];
    let mut flags: Vec<String> = flags.map(str::to_owned).to_vec();
    for index in 0..count {
        let account = account(index);
        flags.push("--trail".to_owned());
        flags.push(format!(
            "arn:aws:cloudtrail:us-east-1:{account}:trail/management-events"
        ));
    }
    flags
}

fn policy(only: &str, flags: &[String]) -> Run {
    let mut arguments = vec!["policy".to_owned(), "--only".to_owned(), only.to_owned()];
    arguments.extend_from_slice(flags);
    run(0, &arguments)
}

/// What `check` says about the three policies.
fn checked(flags: &[String], policies: [&str; 3]) -> (i32, Value) {
    let names = ["bucket.json", "key.json", "topic.json"];
    let files: Vec<(&str, &str)> = names.into_iter().zip(policies).collect();
    let folder = snapshot(&files);
    let file = |name: &str| path(&folder.path().join(name)).to_owned();
    let mut arguments: Vec<String> = ["check", "-f", "json", "--bucket-region", "us-east-1"]
        .map(str::to_owned)
        .to_vec();
    for (flag, name) in ["--bucket-policy", "--key-policy", "--topic-policy"]
        .iter()
        .zip(names)
    {
        arguments.push((*flag).to_owned());
        arguments.push(file(name));
    }
    arguments.extend_from_slice(flags);
    let run = finish(command(&arguments));
    (run.status, run.json())
}

#[test]
fn every_form_admits_its_trails_and_is_free_of_findings() {
    let mut steps = String::new();
    for count in [1, 3, 60, 120, 200, 700] {
        let flags = trails(count);
        let written = ["bucket", "key", "topic"].map(|kind| policy(kind, &flags));
        let [bucket, key, topic] = written.each_ref().map(|run| run.stdout.as_str());
        let (status, report) = checked(&flags, [bucket, key, topic]);
        let grave: Vec<&Value> = items(&report, "findings")
            .iter()
            .filter(|finding| text(finding, "severity") != "low")
            .collect();
        assert_eq!((status, grave), (0, Vec::new()), "{count} trails");
        let delivers = &report["summary"]["by_verdict"]["delivers"];
        assert_eq!(delivers, &json!(count));
        let given_up = written
            .each_ref()
            .map(|run| run.stderr.matches("given up").count());
        writeln!(steps, "{count} {given_up:?}").unwrap();
        let compact: Value = serde_json::from_str(bucket).unwrap();
        assert!(compact.to_string().len() <= 20_480, "{count}");
    }
    // How many things the bucket, key and topic policies gave up.
    assert_eq!(
        steps,
        "1 [0, 0, 0]\n3 [0, 0, 0]\n60 [1, 0, 0]\n120 [1, 0, 0]\n200 [2, 2, 0]\n700 [3, 3, 1]\n"
    );
}

/// Asks the second evaluator about a write.
fn write(policy: &str, account: &str, folder: &str, trail: &str) -> &'static str {
    let context = [
        (
            "aws:SourceArn",
            format!("arn:aws:cloudtrail:us-east-1:{account}:trail/{trail}"),
        ),
        ("aws:SourceAccount", account.to_owned()),
        ("aws:SecureTransport", "true".to_owned()),
        ("s3:x-amz-acl", "bucket-owner-full-control".to_owned()),
    ];
    second_opinion(&Case {
        policy: serde_json::from_str(policy).unwrap(),
        principal: ("Service", "cloudtrail.amazonaws.com".to_owned()),
        action: "s3:PutObject".to_owned(),
        resource: format!(
            "arn:aws:s3:::{BUCKET}/AWSLogs/{folder}/CloudTrail/us-east-1/2026/11/01/x.json.gz"
        ),
        context: context
            .map(|(key, value)| (key.to_owned(), vec![value]))
            .into(),
    })
}

#[test]
fn a_stranger_gets_nothing_in_any_form() {
    for count in [1, 60, 120, 200] {
        let bucket = policy("bucket", &trails(count)).stdout;
        let (own, stranger) = (account(0), "987654321098");
        assert_eq!(
            write(&bucket, &own, &own, "management-events"),
            "Allow",
            "{count}"
        );
        for (who, folder) in [
            (stranger, stranger),
            (stranger, own.as_str()),
            (own.as_str(), stranger),
        ] {
            let said = write(&bucket, who, folder, "management-events");
            assert_eq!(said, "ImplicitDeny", "{count}: {who} into {folder}");
        }
        let other = write(&bucket, &own, &own, "another");
        assert_eq!(other, "ImplicitDeny", "{count}");
    }
}

#[test]
fn an_organization_trail_needs_its_id_and_gets_both_folders() {
    let trail = "arn:aws:cloudtrail:us-east-1:333333333333:trail/org";
    let base = ["policy", "--only", "bucket", "--bucket", "b", "--trail"].map(str::to_owned);
    let with = |spec: &str| [&base[..], &[spec.to_owned()]].concat();
    let written = run(0, &with(&format!("{trail},org=o-exampleorgid,prefix=logs"))).stdout;
    let policy: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(
        policy["Statement"][1]["Resource"],
        json!([
            "arn:aws:s3:::b/logs/AWSLogs/o-exampleorgid/*",
            "arn:aws:s3:::b/logs/AWSLogs/333333333333/*"
        ])
    );
}

#[test]
fn other_partitions_have_their_own_arns() {
    for (partition, region) in [("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")] {
        let trail = format!("arn:{partition}:cloudtrail:{region}:222222222222:trail/audit");
        let key = format!("arn:{partition}:kms:{region}:111111111111:key/k");
        let flags = [
            "policy",
            "--bucket",
            "b",
            "--key-arn",
            &key,
            "--trail",
            &trail,
        ];
        let written = run(0, &flags).stdout;
        let arns = written.split('"').filter(|text| text.starts_with("arn:"));
        let foreign: Vec<&str> = arns
            .filter(|arn| !arn.starts_with(&format!("arn:{partition}:")))
            .collect();
        assert_eq!(foreign, Vec::<&str>::new());
        assert!(written.contains("\"cloudtrail.amazonaws.com\""));
    }
}

#[test]
fn trails_too_many_for_any_form_are_an_answer_and_not_a_policy() {
    let mut arguments = vec![
        "policy".to_owned(),
        "--only".to_owned(),
        "bucket".to_owned(),
    ];
    arguments.extend(trails(1400));
    let run = run(1, &arguments);
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr
            .contains("its smallest form has 21765 bytes, and AWS takes 20480"),
        "{}",
        run.stderr
    );
}

#[test]
fn terraform_and_cloudformation_say_the_same_as_json() {
    let flags = |format: &str| {
        let mut flags = vec!["policy".to_owned(), "-f".to_owned(), format.to_owned()];
        flags.extend(trails(2));
        flags
    };
    let json: Value = serde_json::from_str(&run(0, &flags("json")).stdout).unwrap();
    let template: Value = serde_json::from_str(&run(0, &flags("cloudformation")).stdout).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let kinds: Vec<&str> = resources.values().map(|it| text(it, "Type")).collect();
    assert_eq!(
        kinds,
        [
            "AWS::S3::BucketPolicy",
            "AWS::KMS::Key",
            "AWS::SNS::TopicPolicy"
        ]
    );
    let properties = |kind: &str| {
        let found = resources.values().find(|it| it["Type"] == kind).unwrap();
        &found["Properties"]
    };
    assert_eq!(
        properties("AWS::S3::BucketPolicy")["PolicyDocument"],
        json["buckets"][BUCKET]
    );
    assert_eq!(properties("AWS::KMS::Key")["KeyPolicy"], json["keys"][KEY]);
    assert_eq!(
        properties("AWS::SNS::TopicPolicy")["PolicyDocument"],
        json["topics"][TOPIC]
    );
    let hcl = run(0, &flags("terraform")).stdout;
    assert_eq!(hcl.matches("data \"aws_iam_policy_document\"").count(), 3);
    for kind in ["buckets", "keys", "topics"] {
        for policy in json[kind].as_object().unwrap().values() {
            for text in texts(policy) {
                assert!(hcl.contains(&format!("\"{text}\"")), "{text}");
            }
        }
    }
}

/// Every text in a policy, names of elements and operators included, but for those that HCL spells otherwise.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members
            .values()
            .filter(|it| **it != "2012-10-17")
            .flat_map(texts)
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn terraform_does_not_take_a_policy_variable_for_its_own() {
    let mut flags = ["policy", "-f", "terraform", "--only", "bucket"]
        .map(str::to_owned)
        .to_vec();
    flags.extend(trails(200));
    let run = run(0, &flags);
    assert!(
        run.stdout.contains("/AWSLogs/$${aws:SourceAccount}/*\""),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("# given up to fit: "));
}
