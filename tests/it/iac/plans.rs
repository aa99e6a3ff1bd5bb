//! Plans as Terraform prints them in cases that are easily taken for others.

use serde_json::{Value, json};

use super::{check, folder, told};
use crate::support::{command, finish, path, run};

const ACCOUNT: &str = "111111111111";

fn policy(account: &str) -> String {
    let statement = |action: &str, resource: &str| json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": action, "Resource": resource});
    let folder = format!("arn:aws:s3:::logs-1/AWSLogs/{account}/*");
    let statements = [
        statement("s3:GetBucketAcl", "arn:aws:s3:::logs-1"),
        statement("s3:PutObject", &folder),
    ];
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn resource(kind: &str, values: &Value) -> Value {
    json!({"address": format!("{kind}.it"), "mode": "managed", "type": kind, "name": "it", "values": values})
}

fn change(kind: &str, actions: &[&str], before: &Value, after: &Value) -> Value {
    json!({"address": format!("{kind}.it"), "mode": "managed", "type": kind, "name": "it",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {}}})
}

/// A plan of a bucket, its policy and a trail, which all exist, with other changes in the place of some.
fn plan(account: &str, changes: &[Value]) -> Value {
    let all = [
        (
            "aws_s3_bucket",
            json!({"bucket": "logs-1", "arn": "arn:aws:s3:::logs-1"}),
        ),
        (
            "aws_s3_bucket_policy",
            json!({"bucket": "logs-1", "policy": policy(account)}),
        ),
        (
            "aws_cloudtrail",
            json!({"name": "audit", "s3_bucket_name": "logs-1", "enable_logging": true}),
        ),
    ];
    let there: Vec<Value> = all
        .iter()
        .map(|(kind, values)| resource(kind, values))
        .collect();
    let configured = all.map(|(kind, _)| {
        let provider = if kind == "aws_cloudtrail" { "aws.member" } else { "aws" };
        json!({"address": format!("{kind}.it"), "mode": "managed", "type": kind, "name": "it", "provider_config_key": provider, "expressions": {}})
    });
    json!({"format_version": "1.2", "terraform_version": "1.9.8",
        "variables": {"account": {"value": "222222222222"}},
        "planned_values": {"root_module": {}}, "resource_changes": changes,
        "prior_state": {"values": {"root_module": {"resources": there}}},
        "configuration": {"root_module": {"resources": configured}, "provider_config": {
            "aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}},
            "aws.member": {"name": "aws", "alias": "member", "expressions": {"region": {"constant_value": "us-east-1"},
                "assume_role": [{"role_arn": {"references": ["var.account"]}}]}}}}})
}

fn verdict(plan: &Value) -> String {
    let folder = folder(&[("plan.json", plan.to_string())]);
    let file = folder.path().join("plan.json");
    let arguments = [
        path(&file),
        "--account",
        ACCOUNT,
        "--min-severity",
        "high",
        "--fail-on",
        "never",
        "--allow-partial",
    ];
    let (trails, found) = told(&check(0, &arguments));
    let rules = found
        .iter()
        .map(|found| found.split_once(' ').unwrap().0.to_owned());
    trails
        .into_iter()
        .chain(rules)
        .collect::<Vec<_>>()
        .join(" ")
}

const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit";

#[test]
fn what_no_change_names_and_what_is_forgotten_stays_as_it_is() {
    let known = json!({"bucket": "logs-1", "policy": policy("222222222222")});
    let null = Value::Null;
    // With `-target` a plan holds a part of the resources.
    let some = [change(
        "aws_iam_role",
        &["create"],
        &null,
        &json!({"name": "r"}),
    )];
    let delivers = format!("{TRAIL} delivers");
    assert_eq!(verdict(&plan("222222222222", &some)), delivers);
    let forgotten = [change("aws_s3_bucket_policy", &["forget"], &known, &null)];
    assert_eq!(verdict(&plan("222222222222", &forgotten)), delivers);
    let deleted = [change("aws_s3_bucket_policy", &["delete"], &known, &null)];
    assert_eq!(
        verdict(&plan("222222222222", &deleted)),
        format!("{TRAIL} blocked bucket-policy-missing")
    );
    let mut moved = deleted[0].clone();
    moved["address"] = json!("aws_s3_bucket_policy.other");
    moved["previous_address"] = json!("aws_s3_bucket_policy.it");
    assert_eq!(
        verdict(&plan("222222222222", &[moved])),
        format!("{TRAIL} blocked bucket-policy-missing")
    );
}

#[test]
fn a_provider_works_in_the_account_of_the_role_that_a_variable_names() {
    let some = [change(
        "aws_iam_role",
        &["create"],
        &Value::Null,
        &json!({"name": "r"}),
    )];
    let blocked = format!("{TRAIL} blocked account-prefix-missing");
    assert_eq!(verdict(&plan(ACCOUNT, &some)), blocked);
    let mut named = plan(ACCOUNT, &some);
    named["variables"]["account"]["value"] = json!("arn:aws:iam::222222222222:role/deploy");
    assert_eq!(verdict(&named), blocked);
}

#[test]
fn what_is_printed_for_people_is_told_from_a_plan() {
    let said = |name: &str, text: &str, given: &str| {
        let folder = folder(&[(name, text.to_owned())]);
        let given = folder.path().join(given);
        let stderr = run(2, &["check", path(&given)]).stderr;
        stderr
            .lines()
            .next()
            .unwrap()
            .rsplit_once(": ")
            .unwrap()
            .1
            .to_owned()
    };
    let log = "{\"@level\":\"info\",\"@message\":\"Terraform 1.9.8\"}\n{\"@level\":\"info\"}\n";
    assert_eq!(
        said("plan.json", log, "plan.json"),
        "the log that `terraform plan -json` writes, expected the plan's JSON"
    );
    let text =
        "\nTerraform used the selected providers to generate the following execution\nplan.\n";
    assert_eq!(
        said("plan.txt", text, "plan.txt"),
        "a plan as people read it, expected its JSON"
    );
    for name in ["main.tf", "main.tofu", "cdk.json"] {
        assert_eq!(
            said(&format!("infra/{name}"), "{}", "infra"),
            "a folder of code as it is written, expected what is made of it",
            "{name}"
        );
    }
}

#[test]
fn two_expressions_are_not_taken_for_one_text() {
    let code = |policy: &str, trail: &str| {
        format!(
            "resource \"aws_s3_bucket\" \"it\" {{ bucket = \"logs-1\" }}\n\
             resource \"aws_s3_bucket_policy\" \"it\" {{\n  bucket = aws_s3_bucket.it.id\n  policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{{\n    \
             Effect = \"Allow\", Principal = {{ Service = \"cloudtrail.amazonaws.com\" }}, Action = [\"s3:GetBucketAcl\", \"s3:PutObject\"]\n    \
             Resource = [\"arn:aws:s3:::logs-1\", \"arn:aws:s3:::logs-1/${{{policy}}}/AWSLogs/111111111111/*\"] }}] }})\n}}\n\
             resource \"aws_cloudtrail\" \"it\" {{\n  name = \"audit\"\n  s3_bucket_name = \"logs-1\"\n  s3_key_prefix = {trail}\n}}\n"
        )
    };
    let change = |kind: &str, after: Value, unknown: Value| {
        json!({"address": format!("{kind}.it"), "mode": "managed", "type": kind, "name": "it",
            "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": unknown}})
    };
    let plan = json!({"format_version": "1.2", "resource_changes": [
        change("aws_s3_bucket", json!({"bucket": "logs-1"}), json!({"id": true})),
        change("aws_s3_bucket_policy", json!({}), json!({"bucket": true, "policy": true})),
        change("aws_cloudtrail", json!({"name": "audit", "s3_bucket_name": "logs-1", "enable_logging": true}), json!({"s3_key_prefix": true})),
        {"address": "random_pet.it", "mode": "managed", "type": "random_pet", "name": "it",
            "change": {"actions": ["create"], "before": null, "after": {}, "after_unknown": {"id": true}}},
    ]});
    for (policy, trail, expected) in [
        ("random_pet.it.id", "random_pet.it.id", "delivers"),
        ("random_pet.it.id", "lower(random_pet.it.id)", "undecided"),
        (
            "lower(random_pet.it.id)",
            "lower(random_pet.it.id)",
            "delivers",
        ),
        (
            "split(\"-\", random_pet.it.id)[0]",
            "split(\"-\", random_pet.it.id)[1]",
            "undecided",
        ),
        (
            "random_pet.it.id == \"a\" ? \"b\" : \"c\"",
            "random_pet.it.id == \"a\" ? \"c\" : \"b\"",
            "undecided",
        ),
        (
            "random_pet.it.id == \"a\" ? \"b\" : \"b\"",
            "\"b\"",
            "delivers",
        ),
    ] {
        let folder = folder(&[
            ("plan.json", plan.to_string()),
            ("main.tf", code(policy, trail)),
        ]);
        let file = folder.path().join("plan.json");
        let place = [
            "--account",
            ACCOUNT,
            "--region",
            "us-east-1",
            "--allow-partial",
            "--fail-on",
            "never",
        ];
        let report = check(0, &[&[path(&file)], &place[..]].concat());
        assert_eq!(report["trails"][0]["verdict"], expected, "{policy} {trail}");
    }
}

// A run that takes longer than the harness's limit is killed.
#[test]
fn a_plan_of_ten_thousand_resources_is_read_in_seconds() {
    let mut changes = Vec::new();
    let mut configured = Vec::new();
    for at in 0..10_000 {
        let mut role = change(
            "aws_iam_role",
            &["create"],
            &Value::Null,
            &json!({"name": format!("é{at}")}),
        );
        role["name"] = json!(format!("r{at}"));
        role["address"] = json!(format!("aws_iam_role.r{at}"));
        configured.push(json!({"address": role["address"], "mode": "managed", "type": "aws_iam_role", "name": role["name"], "provider_config_key": "aws"}));
        changes.push(role);
    }
    let mut plan = plan("222222222222", &changes);
    let all = plan["configuration"]["root_module"]["resources"]
        .as_array_mut()
        .unwrap();
    all.extend(configured);
    let folder = folder(&[("plan.json", plan.to_string())]);
    let run = finish(command(&["check", path(&folder.path().join("plan.json"))]));
    assert!(
        run.stdout.contains("1 trail: 1 delivers."),
        "{}{}",
        run.stdout,
        run.stderr
    );
}

#[test]
fn a_log_group_that_a_plan_only_refers_to_is_not_said_to_lack_its_end() {
    let mut plan = plan("222222222222", &[]);
    let name = "cloud_watch_logs_group_arn";
    let trail = json!({"name": "audit", "s3_bucket_name": "logs-1", "enable_logging": true,
        "cloud_watch_logs_role_arn": "arn:aws:iam::222222222222:role/r"});
    let mut planned = change("aws_cloudtrail", &["create"], &Value::Null, &trail);
    planned["change"]["after_unknown"] = json!({name: true});
    let group = json!({"name": "g", "retention_in_days": 0});
    let mut group = change(
        "aws_cloudwatch_log_group",
        &["create"],
        &Value::Null,
        &group,
    );
    group["address"] = json!("aws_cloudwatch_log_group.g");
    group["name"] = json!("g");
    group["change"]["after_unknown"] = json!({"arn": true});
    plan["resource_changes"] = json!([planned, group]);
    let resources = &mut plan["configuration"]["root_module"]["resources"];
    let all = resources.as_array_mut().unwrap();
    let configured = all.iter_mut().find(|it| it["type"] == "aws_cloudtrail");
    configured.unwrap()["expressions"][name] =
        json!({"references": ["aws_cloudwatch_log_group.g.arn", "aws_cloudwatch_log_group.g"]});
    all.push(json!({"address": "aws_cloudwatch_log_group.g", "mode": "managed", "type": "aws_cloudwatch_log_group",
        "name": "g", "provider_config_key": "aws.member", "expressions": {"name": {"constant_value": "g"}}}));
    assert_eq!(verdict(&plan), format!("{TRAIL} delivers"));
}

#[test]
fn a_key_that_a_trail_names_by_its_alias_is_the_key_of_the_plan() {
    let with_key = |action: &str| {
        let key_policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": action, "Resource": "*"}]});
        let create = |kind: &str, after: &Value, open: &Value| {
            let mut made = change(kind, &["create"], &Value::Null, after);
            made["change"]["after_unknown"] = open.clone();
            made
        };
        let mut plan = plan("222222222222", &[]);
        plan["resource_changes"] = json!([
            create(
                "aws_kms_key",
                &json!({"policy": key_policy.to_string(), "is_enabled": true}),
                &json!({"arn": true, "key_id": true, "id": true})
            ),
            create(
                "aws_kms_alias",
                &json!({"name": "alias/trails"}),
                &json!({"arn": true, "target_key_id": true})
            ),
            create(
                "aws_cloudtrail",
                &json!({"name": "audit", "s3_bucket_name": "logs-1", "enable_logging": true}),
                &json!({"kms_key_id": true})
            ),
        ]);
        let resources = &mut plan["configuration"]["root_module"]["resources"];
        let all = resources.as_array_mut().unwrap();
        let trail = all.iter_mut().find(|it| it["type"] == "aws_cloudtrail");
        trail.unwrap()["expressions"]["kms_key_id"] =
            json!({"references": ["aws_kms_alias.it.arn", "aws_kms_alias.it"]});
        for (kind, expressions) in [
            (
                "aws_kms_key",
                json!({"policy": {"constant_value": key_policy.to_string()}}),
            ),
            (
                "aws_kms_alias",
                json!({"name": {"constant_value": "alias/trails"},
                "target_key_id": {"references": ["aws_kms_key.it.key_id", "aws_kms_key.it"]}}),
            ),
        ] {
            all.push(json!({"address": format!("{kind}.it"), "mode": "managed", "type": kind, "name": "it",
                "provider_config_key": "aws.member", "expressions": expressions}));
        }
        verdict(&plan)
    };
    assert_eq!(with_key("kms:*"), format!("{TRAIL} delivers"));
    assert_eq!(
        with_key("kms:DescribeKey"),
        format!("{TRAIL} blocked kms-no-generate-data-key")
    );
}

#[test]
fn a_file_that_is_no_code_to_the_parser_is_named() {
    let plan = plan("222222222222", &[]).to_string();
    let assumed = |code: &str| {
        let folder = folder(&[("plan.json", plan.clone()), ("main.tf", code.to_owned())]);
        let file = folder.path().join("plan.json");
        let arguments = [
            "check",
            path(&file),
            "--account",
            ACCOUNT,
            "-f",
            "json",
            "--fail-on",
            "never",
        ];
        let report = finish(command(&arguments)).json();
        report["assumptions"].to_string()
    };
    assert_eq!(assumed("\u{feff}locals {\n  a = 1\n}\n"), "null");
    let told = assumed("locals {\n  a = { b = 1\n");
    assert!(
        told.contains("main.tf`, which could not be read as code"),
        "{told}"
    );
}
