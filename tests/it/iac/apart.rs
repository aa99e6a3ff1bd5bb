//! Several inputs that are called alike, and several stacks of several templates: what nobody knows of one is not what
//! nobody knows of another.

use serde_json::{Value, json};

use super::{check, folder, told};
use crate::support::{command, finish, path, run};

const ACCOUNT: [&str; 4] = ["--account", "111111111111", "--region", "us-east-1"];

fn policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"], "Resource": "*"}]})
}

/// A bucket that nobody named, with a policy that lets CloudTrail write, or with a trail and no policy.
fn template(has_policy: bool) -> String {
    let second = if has_policy {
        json!({"Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy()}})
    } else {
        json!({"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": "audit", "IsLogging": true,
            "S3BucketName": {"Ref": "Bucket"}}})
    };
    json!({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}, "Second": second}}).to_string()
}

/// The same as a plan.
fn plan(has_policy: bool) -> String {
    let bucket = json!({"bucket": {"references": ["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"]}});
    let (kind, after, unknown, expressions) = if has_policy {
        let after = json!({"policy": policy().to_string()});
        ("aws_s3_bucket_policy", after, "bucket", bucket)
    } else {
        let after = json!({"name": "audit", "enable_logging": true});
        let expressions = json!({"s3_bucket_name": bucket["bucket"]});
        ("aws_cloudtrail", after, "s3_bucket_name", expressions)
    };
    let made = [
        ("aws_s3_bucket", json!({}), "bucket", json!({})),
        (kind, after, unknown, expressions),
    ];
    let changes: Vec<Value> = made
        .iter()
        .map(|(kind, after, unknown, _)| {
            json!({"address": format!("{kind}.logs"), "mode": "managed", "type": kind, "name": "logs",
                "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": {*unknown: true}}})
        })
        .collect();
    let configured: Vec<Value> = made
        .iter()
        .map(|(kind, _, _, expressions)| {
            json!({"address": format!("{kind}.logs"), "mode": "managed", "type": kind, "name": "logs",
                "provider_config_key": "aws", "expressions": expressions})
        })
        .collect();
    json!({"format_version": "1.2", "planned_values": {"root_module": {}}, "resource_changes": changes,
        "configuration": {"root_module": {"resources": configured}}})
    .to_string()
}

fn trails(files: &[(&str, String)], more: &[&str]) -> Vec<String> {
    let folder = folder(files);
    let paths: Vec<_> = files
        .iter()
        .map(|(name, _)| folder.path().join(name))
        .collect();
    let mut arguments = vec!["--fail-on", "never", "--allow-partial"];
    arguments.extend(paths.iter().map(|file| path(file)));
    arguments.extend(more);
    told(&check(0, &arguments)).0
}

#[test]
fn a_policy_of_one_input_is_not_that_of_another_which_is_called_alike() {
    let trail =
        |account: &str| format!("arn:aws:cloudtrail:us-east-1:{account}:trail/audit blocked");
    let (sound, bare) = (template(true), template(false));
    for names in [
        ["a/template.json", "b/template.json"],
        ["a/x/template.json", "b/x/template.json"],
        ["template.json", "template.yaml"],
        ["one.json", "other.json"],
    ] {
        let files = [(names[0], sound.clone()), (names[1], bare.clone())];
        assert_eq!(
            trails(&files, &ACCOUNT),
            [trail("111111111111")],
            "{names:?}"
        );
    }
    // A stack of each template in each account.
    let sets = [
        "--stack-accounts=222222222222,333333333333",
        "--region=us-east-1",
    ];
    let files = [("a.json", sound.clone()), ("b.json", bare.clone())];
    assert_eq!(
        trails(&files, &sets),
        [trail("222222222222"), trail("333333333333")]
    );
    for files in [
        [("a/plan.json", plan(true)), ("b/plan.json", plan(false))],
        [("a/plan.json", sound), ("b/plan.json", plan(false))],
    ] {
        assert_eq!(trails(&files, &ACCOUNT), [trail("111111111111")]);
    }
    // What is one estate in one input.
    let both = json!({"Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy()}},
        "Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": "audit", "IsLogging": true,
            "S3BucketName": {"Ref": "Bucket"}}}}});
    let files = [("a/t.json", both.to_string()), ("b/t.json", template(true))];
    let delivers = "arn:aws:cloudtrail:us-east-1:111111111111:trail/audit delivers";
    assert_eq!(trails(&files, &ACCOUNT), [delivers]);
}

#[test]
fn of_templates_that_are_called_alike_an_option_says_which() {
    let files = [
        ("a/template.json", template(true)),
        ("b/template.json", template(false)),
    ];
    for name in ["b/template", "b/template.json"] {
        let account = format!("--account={name}=111111111111");
        assert_eq!(
            trails(&files, &[&account, "--region=us-east-1"]),
            ["arn:aws:cloudtrail:us-east-1:111111111111:trail/audit blocked"]
        );
    }
    let folder = folder(&files);
    let [one, other] = ["a", "b"].map(|name| folder.path().join(name).join("template.json"));
    let named = [
        "check",
        path(&one),
        path(&other),
        "--account=template=111111111111",
    ];
    let said = run(2, &named).stderr;
    assert!(
        said.contains("`template` may be one of 2 templates"),
        "{said}"
    );
    assert!(
        said.contains(&format!("`--account {}=…`", path(&other))),
        "{said}"
    );
}

#[test]
fn the_template_of_a_nested_stack_is_looked_for_in_the_inputs_folder_and_nowhere_else() {
    let parent = |url: &str| {
        json!({"Resources": {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}}})
            .to_string()
    };
    let trail = json!({"Resources": {"Trail": {"Type": "AWS::CloudTrail::Trail",
        "Properties": {"TrailName": "audit", "IsLogging": true, "S3BucketName": "logs"}}}});
    let found = |url: &str, named: &[&str]| {
        let files = [
            ("own/main.json", parent(url)),
            ("own/below/x.json", trail.to_string()),
            ("other/x.json", trail.to_string()),
        ];
        let folder = folder(&files);
        #[cfg(unix)]
        std::os::unix::fs::symlink("../other/x.json", folder.path().join("own/link.json")).unwrap();
        let named: Vec<_> = named.iter().map(|name| folder.path().join(name)).collect();
        let mut arguments = vec![
            "check",
            "-f",
            "json",
            "--allow-partial",
            "--fail-on",
            "never",
        ];
        arguments.extend(named.iter().map(|file| path(file)));
        arguments.extend(ACCOUNT);
        finish(command(&arguments)).status == 0
    };
    for url in ["below/x.json", "./below/x.json", "below/../below/x.json"] {
        assert!(found(url, &["own/main.json"]), "{url}");
    }
    for url in [
        "../other/x.json",
        "below/../../other/x.json",
        "link.json",
        "/etc/hosts",
    ] {
        assert!(!found(url, &["own/main.json"]), "{url}");
    }
    assert!(found("../other/x.json", &["own/main.json", "other/x.json"]));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_among_an_assemblys_is_not_waited_for() {
    let stack = json!({"Resources": {"Nested": {"Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "https://bucket/x.json"}}}});
    let manifest = json!({"artifacts": {"S": {"type": "aws:cloudformation:stack",
        "properties": {"templateFile": "S.template.json"}}}});
    for pipe in ["S.assets.json", "S.template.json"] {
        let folder = folder(&[
            ("manifest.json", manifest.to_string()),
            ("S.template.json", stack.to_string()),
        ]);
        let file = folder.path().join(pipe);
        if file.exists() {
            std::fs::remove_file(&file).unwrap();
        }
        let made = std::process::Command::new("mkfifo").arg(&file).status();
        assert!(made.unwrap().success());
        // There is no trail in it, or it is none.
        let said = run(2, &["check", path(folder.path())]).stderr;
        let says = if pipe == "S.assets.json" {
            "no trail in it"
        } else {
            "this is no file"
        };
        assert!(said.contains(says), "{said}");
    }
}
