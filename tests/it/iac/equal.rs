//! A template and a snapshot that say the same are told the same: every fixture of the Interstellar estate
//! is written as templates, one an account, and both are audited.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::folder;
use crate::support::{command, files_of, finish, items, path, repository, text};

/// What no template can say: that something is missing that templates make, or could not be read.
const BEYOND: [&str; 3] = ["bucket-missing", "key-policy-unseen", "trail-stopped"];

/// Verdicts by trail, and the rules found with their severities.
type Told = (BTreeMap<String, String>, BTreeSet<String>);

fn told(report: &Value) -> Told {
    let verdict = |trail: &Value| {
        (
            text(trail, "arn").to_owned(),
            text(trail, "verdict").to_owned(),
        )
    };
    let found = |it: &Value| {
        let pointer = it["location"]["pointer"].as_str().unwrap();
        let place = if pointer.starts_with("/Statement") {
            pointer
        } else {
            ""
        };
        format!(
            "{} {} {} {place}",
            text(it, "rule"),
            text(it, "severity"),
            it["trail"]
        )
    };
    (
        items(report, "trails").iter().map(verdict).collect(),
        items(report, "findings").iter().map(found).collect(),
    )
}

/// The policy in an answer: bare, or as text.
fn policy(answer: &Value) -> Value {
    match answer["Policy"].as_str() {
        Some(text) => serde_json::from_str(text).unwrap(),
        None => answer.clone(),
    }
}

/// The templates of a snapshot by account, and the keys' ids by logical id.
fn templates(fixture: &str) -> (BTreeMap<String, Value>, Vec<String>) {
    let mut templates: BTreeMap<String, Value> = BTreeMap::new();
    let mut told = Vec::new();
    for (file, content) in files_of(&format!("fixtures/interstellar/{fixture}")) {
        let parts: Vec<&str> = file.split('/').collect();
        let ["accounts", account, rest @ ..] = parts.as_slice() else {
            continue;
        };
        let answer: Value = serde_json::from_str(&content).unwrap();
        let resources = &mut templates
            .entry((*account).to_owned())
            .or_insert_with(|| json!({"Resources": {}}))["Resources"];
        match rest {
            ["s3", bucket, "get-bucket-policy.json"] => {
                resources["Bucket"]["Type"] = json!("AWS::S3::Bucket");
                resources["Bucket"]["Properties"]["BucketName"] = json!(bucket);
                if answer.get("Error").is_none() {
                    resources["BucketPolicy"] = json!({"Type": "AWS::S3::BucketPolicy",
                        "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy(&answer)}});
                }
            }
            ["s3", _, "get-bucket-ownership-controls.json"] => {
                resources["Bucket"]["Properties"]["OwnershipControls"] =
                    answer["OwnershipControls"].clone();
            }
            ["kms", id, "get-key-policy.json"] => {
                resources["Key"]["Type"] = json!("AWS::KMS::Key");
                resources["Key"]["Properties"]["KeyPolicy"] = policy(&answer);
                told.push(format!("Key={id}"));
            }
            ["kms", _, "describe-key.json"] => {
                resources["Key"]["Properties"]["Enabled"] =
                    json!(answer["KeyMetadata"]["KeyState"] == "Enabled");
            }
            ["cloudtrail", _, name, "get-trail.json"] => {
                let trail = &answer["Trail"];
                let mut properties = json!({
                    "TrailName": name, "S3BucketName": trail["S3BucketName"], "IsLogging": true,
                    "IsMultiRegionTrail": trail["IsMultiRegionTrail"],
                    "IncludeGlobalServiceEvents": trail["IncludeGlobalServiceEvents"],
                    "EnableLogFileValidation": trail["LogFileValidationEnabled"],
                });
                for (own, aws) in [("S3KeyPrefix", "S3KeyPrefix"), ("KMSKeyId", "KmsKeyId")] {
                    if let Some(value) = trail.get(aws).filter(|value| !value.is_null()) {
                        properties[own] = value.clone();
                    }
                }
                resources["Trail"] =
                    json!({"Type": "AWS::CloudTrail::Trail", "Properties": properties});
            }
            _ => {}
        }
    }
    (templates, told)
}

#[test]
fn a_template_and_the_equal_snapshot_are_told_the_same() {
    let mut compared = 0;
    let mut problems = Vec::new();
    for entry in std::fs::read_dir(repository().join("fixtures/interstellar")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if BEYOND.contains(&name.as_str()) {
            continue;
        }
        let (templates, told_of_keys) = templates(&name);
        let files: Vec<(String, String)> = templates
            .iter()
            .map(|(account, template)| (format!("stack{account}.json"), template.to_string()))
            .collect();
        let files: Vec<(&str, String)> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.clone()))
            .collect();
        let folder = folder(&files);
        let mut arguments: Vec<String> = ["check", "-f", "json", "--region", "ap-northeast-1"]
            .map(str::to_owned)
            .to_vec();
        for account in templates.keys() {
            arguments.push(path(&folder.path().join(format!("stack{account}.json"))).to_owned());
            arguments.push(format!("--account=stack{account}={account}"));
        }
        arguments.extend(
            told_of_keys
                .iter()
                .map(|told| format!("--parameter={told}")),
        );
        let code = finish(command(&arguments));
        let snapshot = finish(command(&[
            "check",
            "-f",
            "json",
            &format!("fixtures/interstellar/{name}"),
        ]));
        let (mut of_code, of_snapshot) = (told(&code.json()), told(&snapshot.json()));
        // A template says of versions what the snapshot leaves out.
        of_code
            .1
            .retain(|found| !found.starts_with("bucket-unprotected"));
        if of_code != of_snapshot {
            problems.push(format!(
                "{name}\n  code {of_code:#?}\n  snapshot {of_snapshot:#?}"
            ));
        }
        compared += 1;
    }
    crate::support::none(&problems);
    assert!(compared >= 20, "{compared}");
}
