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
    let key = resources
        .values()
        .find(|it| it["Type"] == "AWS::KMS::Key")
        .unwrap();
    let said = items(&key["Metadata"], "TrailLint").first().unwrap();
    assert!(
        said.as_str()
            .unwrap()
            .ends_with("Deployed as it is, it makes a new key"),
        "{said}"
    );
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

/// The policies in Terraform's text as a parser of its language has them.
fn from_hcl(text: &str) -> Vec<Value> {
    let body = hcl_edit::parser::parse_body(text).unwrap();
    let documents = body.blocks().filter(|it| it.ident.as_str() == "data");
    let documents = documents.map(|document| {
        let statements = document.body.get_blocks("statement").map(statement);
        json!({ "Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>() })
    });
    documents.collect()
}

fn statement(block: &hcl_edit::structure::Block) -> Value {
    let mut statement = json!({
        "Sid": one(&block.body, "sid"),
        "Effect": one(&block.body, "effect"),
    });
    for principals in block.body.get_blocks("principals") {
        let identifiers = several(&principals.body, "identifiers");
        statement["Principal"] = match one(&principals.body, "type").as_str() {
            "*" => identifiers,
            kind => json!({ kind: identifiers }),
        };
    }
    statement["Action"] = several(&block.body, "actions");
    statement["Resource"] = several(&block.body, "resources");
    for condition in block.body.get_blocks("condition") {
        let (test, key) = (
            one(&condition.body, "test"),
            one(&condition.body, "variable"),
        );
        statement["Condition"][test][key] = several(&condition.body, "values");
    }
    statement
}

fn one(body: &hcl_edit::structure::Body, name: &str) -> String {
    string(&body.get_attribute(name).unwrap().value)
}

fn several(body: &hcl_edit::structure::Body, name: &str) -> Value {
    let array = body.get_attribute(name).unwrap().value.as_array().unwrap();
    let texts: Vec<String> = array.iter().map(string).collect();
    match texts.as_slice() {
        [only] => json!(only),
        _ => json!(texts),
    }
}

fn string(value: &hcl_edit::expr::Expression) -> String {
    use hcl_edit::template::Element;
    let literal = |element: &Element| match element {
        Element::Literal(text) => text.to_string(),
        other => panic!("Terraform would replace {other:?}"),
    };
    match value {
        hcl_edit::expr::Expression::String(text) => text.to_string(),
        hcl_edit::expr::Expression::StringTemplate(template) => {
            template.iter().map(literal).collect()
        }
        other => panic!("no string: {other:?}"),
    }
}

/// The text as `terraform fmt` would have it: two blanks for a depth, the equal signs of lines below each
/// other that hold a whole attribute in one column, and one blank before any other.
///
/// Source: hashicorp/hcl, `hclwrite/format.go` (read 2026-11).
fn formatted(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let whole = |line: &str| {
        let (name, value) = line.trim_start().split_once('=')?;
        let is_name = name
            .trim_end()
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        (is_name && !value.ends_with('['))
            .then(|| (name.trim_end().to_owned(), value.trim_start().to_owned()))
    };
    let (mut out, mut depth, mut at) = (String::new(), 0, 0);
    while at < lines.len() {
        let run: Vec<_> = lines[at..].iter().map_while(|line| whole(line)).collect();
        let width = run.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &run {
            writeln!(out, "{}{name:<width$} = {value}", "  ".repeat(depth)).unwrap();
        }
        at += run.len();
        let Some(line) = lines.get(at).filter(|_| run.is_empty()) else {
            continue;
        };
        let bare = line.trim();
        depth -= usize::from(bare == "}" || bare == "]");
        let indent = if bare.is_empty() {
            String::new()
        } else {
            "  ".repeat(depth)
        };
        writeln!(out, "{indent}{bare}").unwrap();
        depth +=
            usize::from(!bare.starts_with('#') && (bare.ends_with('{') || bare.ends_with('[')));
        at += 1;
    }
    out
}

#[test]
fn terraform_is_formatted_and_parses_to_the_same_policies() {
    for count in [1, 2, 60, 200] {
        let of = |format: &str| {
            let mut flags = vec!["policy".to_owned(), "-f".to_owned(), format.to_owned()];
            flags.extend(trails(count));
            run(0, &flags).stdout
        };
        let (hcl, json) = (of("terraform"), of("json"));
        let json: Value = serde_json::from_str(&json).unwrap();
        let policies =
            ["buckets", "keys", "topics"].map(|kind| json[kind].as_object().unwrap().values());
        let policies: Vec<Value> = policies.into_iter().flatten().cloned().collect();
        assert_eq!(from_hcl(&hcl), policies, "{count}");
        assert_eq!(formatted(&hcl), hcl, "{count}");
        assert!(
            hcl.lines()
                .filter(|it| it.starts_with('#'))
                .all(|it| it.len() <= 100)
        );
    }
}

#[test]
fn a_prefix_means_itself_in_every_language_and_nothing_to_a_terminal_or_a_log() {
    let prefix = "we*ird?${x}%{y}##[group]##vso[z]\"q\\\u{202e}\u{7f}\u{e0041}ö::";
    let trail = format!("arn:aws:cloudtrail:us-east-1:222222222222:trail/audit,prefix={prefix}");
    let other = "arn:aws:cloudtrail:us-east-1:333333333333:trail/audit";
    let flags = ["--bucket", BUCKET, "--trail", &trail, "--trail", other];
    let of = |format: &str| {
        let run = run(0, &[&["policy", "-f", format], &flags[..]].concat());
        for text in [&run.stdout, &run.stderr] {
            let hidden = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{e0041}".contains(c);
            assert!(!text.contains(hidden), "{text:?}");
            assert!(!text.contains("##[") && !text.contains("##vso["), "{text}");
            assert!(
                !text.lines().any(|it| it.trim_start().starts_with("::")),
                "{text}"
            );
        }
        run.stdout
    };
    let json = of("json");
    let policy: Value = serde_json::from_str(&json).unwrap();
    let literal = prefix.chars().map(|c| match c {
        '*' | '?' | '$' => format!("${{{c}}}"),
        ordinary => ordinary.to_string(),
    });
    let literal: String = literal.collect();
    assert_eq!(
        policy["Statement"][2]["Resource"],
        json!(format!(
            "arn:aws:s3:::{BUCKET}/{literal}/AWSLogs/222222222222/*"
        ))
    );
    assert_eq!(from_hcl(&of("terraform")), std::slice::from_ref(&policy));
    let template: Value = serde_json::from_str(&of("cloudformation")).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let document = &resources.values().next().unwrap()["Properties"]["PolicyDocument"];
    assert_eq!(document, &policy);

    let folder = snapshot(&[("bucket.json", &json)]);
    let file = folder.path().join("bucket.json");
    let check = [
        "check",
        "-f",
        "json",
        "--bucket-region",
        "us-east-1",
        "--bucket-policy",
        path(&file),
    ];
    let checked = finish(command(&[&check, &flags[..]].concat()));
    let report = checked.json();
    assert_eq!(report["summary"]["by_verdict"], json!({ "delivers": 2 }));
}

#[test]
fn what_could_not_be_meant_is_refused() {
    for (flags, said) in [
        (
            vec![
                "--bucket",
                "b",
                "--trail",
                "arn:aws:cloudtrail:us-east-1:222222222222:trail/a##[*",
            ],
            "`arn:aws:cloudtrail:us-east-1:222222222222:trail/a##(*` is no name of AWS's",
        ),
        (
            vec![
                "--bucket",
                "b",
                "--trail",
                "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit",
                "--trail",
                "arn:aws-cn:cloudtrail:cn-north-1:333333333333:trail/audit",
            ],
            "`b` is named by trails of several partitions, such as `arn:aws:cloudtrail:us-east-1:222222222222:trail/audit`",
        ),
    ] {
        let run = run(1, &[&["policy"], &flags[..]].concat());
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}

#[test]
fn a_policy_that_fits_only_without_white_space_is_written_without() {
    let bucket = policy("bucket", &trails(120));
    assert_eq!(bucket.stdout.lines().count(), 1);
    assert!(bucket.stdout.len() <= 20_481);
    assert!(policy("bucket", &trails(3)).stdout.lines().count() > 20);
    let command =
        format!("aws s3api put-bucket-policy --bucket {BUCKET} --policy file://bucket.json");
    assert!(bucket.stderr.contains(&command), "{}", bucket.stderr);
}
