//! What GitHub would be given.

use serde_json::Value;

use super::super::sample;
use super::super::text::is_hidden;
use super::super::view::{FixView, Report};
use super::{Run, write};
use crate::document::{Document, Kind, Origin, Subject};

fn written(report: &Report) -> String {
    let mut out = Vec::new();
    write(report, &Run::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn parsed(report: &Report) -> Value {
    serde_json::from_str(&written(report)).unwrap()
}

fn results(report: &Report) -> Vec<Value> {
    let log = parsed(report);
    log["runs"][0]["results"].as_array().unwrap().clone()
}

#[test]
fn a_result_says_where_what_and_how_bad() {
    let document = sample::bucket_policy();
    let mut report = sample::report(&document);
    report.findings.truncate(1);
    let mut result = results(&report).remove(0);
    // These follow the pages.
    let members = result.as_object_mut().unwrap();
    members.shift_remove("ruleIndex");
    members.shift_remove("taxa");
    insta::assert_snapshot!(serde_json::to_string_pretty(&result).unwrap(), @r#"
            {
              "level": "error",
              "locations": [
                {
                  "logicalLocations": [
                    {
                      "fullyQualifiedName": "arn:aws:s3:::example-logs",
                      "kind": "resource",
                      "name": "example-logs"
                    },
                    {
                      "fullyQualifiedName": "/Statement/1/Condition/StringEquals/aws:SourceArn",
                      "kind": "value",
                      "name": "aws:SourceArn"
                    }
                  ],
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 83,
                      "endLine": 20,
                      "snippet": {
                        "text": "\"arn:aws:cloudtrail:eu-west-1:222222222222:trail/audit\""
                      },
                      "startColumn": 28,
                      "startLine": 20
                    }
                  }
                }
              ],
              "message": {
                "markdown": "Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is us-east-1. Write the trail's own ARN. See [this statement names no trail](1).",
                "text": "Statement 'AWSCloudTrailWrite' lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is us-east-1. Write the trail's own ARN. See [this statement names no trail](1)."
              },
              "partialFingerprints": {
                "primaryLocationLineHash": "d73b8075ac0bbe38:1",
                "trailLintFinding/v1": "f1-222222222222"
              },
              "properties": {
                "account": "222222222222",
                "requests": [
                  "put-log-files",
                  "put-digest-files"
                ],
                "resourceArn": "arn:aws:s3:::example-logs",
                "trail": "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit"
              },
              "rank": 95.0,
              "relatedLocations": [
                {
                  "id": 1,
                  "message": {
                    "text": "This statement names no trail."
                  },
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 37,
                      "endLine": 5,
                      "snippet": {
                        "text": "\"AWSCloudTrailAclCheck\""
                      },
                      "startColumn": 14,
                      "startLine": 5
                    }
                  }
                }
              ],
              "ruleId": "source-arn-wrong-region"
            }
            
        "#);
}

#[test]
fn version_and_schema_come_first_and_nothing_is_null() {
    let document = sample::bucket_policy();
    let text = written(&sample::report(&document));
    assert!(
        text.starts_with("{\n  \"version\": \"2.1.0\",\n  \"$schema\": \"https"),
        "{text}"
    );
    assert!(text.ends_with("}\n"));
    assert!(!text.contains(": null"), "{text}");
    assert_eq!(
        text,
        written(&sample::report(&document)),
        "same input, same bytes"
    );
}

#[test]
fn a_run_without_findings_has_an_empty_list() {
    let log = parsed(&sample::empty());
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    assert_eq!(
        invocation["toolExecutionNotifications"],
        serde_json::json!([])
    );
    assert_eq!(
        log["runs"][0]["automationDetails"]["id"],
        "trail-lint/files/"
    );
}

#[test]
fn a_failed_run_is_said_to_have_failed() {
    let run = Run {
        category: "trail-lint/live/111111111111".into(),
        success: false,
        exit_code: 3,
        ..Run::default()
    };
    let mut out = Vec::new();
    write(&sample::empty(), &run, &mut out).unwrap();
    let log: Value = serde_json::from_slice(&out).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["exitCode"], 3);
    let id = &log["runs"][0]["automationDetails"]["id"];
    assert_eq!(id, "trail-lint/live/111111111111/");
}

#[test]
fn what_could_not_be_seen_is_a_warning() {
    let document = sample::bucket_policy();
    let log = parsed(&sample::report(&document));
    let notifications = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    insta::assert_snapshot!(serde_json::to_string_pretty(&notifications[1]).unwrap(), @r#"
        {
          "descriptor": {
            "id": "document-not-seen",
            "index": 0
          },
          "level": "warning",
          "message": {
            "text": "'get-key-policy of arn:aws:kms:us-east-1:111111111111:key/k' could not be seen (access denied); a verdict depends on it. AWS said: AccessDeniedException: not authorized. To try: allow 'kms:GetKeyPolicy' for 'arn:aws:iam::111111111111:role/audit'."
          },
          "properties": {
            "affects": [
              "kms-no-generate-data-key",
              "kms-context-mismatch"
            ],
            "decisive": true
          }
        }
        "#);
}

#[test]
fn the_level_follows_the_finding_and_the_index_its_rule() {
    let document = sample::bucket_policy();
    let report = sample::report(&document);
    let log = parsed(&report);
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    for result in &results(&report) {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let low = &results(&report)[1];
    assert_eq!(
        (low["level"].as_str(), low["rank"].as_f64()),
        (Some("note"), Some(20.0))
    );
    assert_eq!(
        low["message"]["text"],
        "The statement grants more than the trail needs."
    );
}

#[test]
fn findings_at_one_place_are_one_result_that_names_all_trails() {
    let document = sample::bucket_policy();
    let results = results(&sample::report(&document));
    let (text, others) = (
        &results[0]["message"]["text"],
        &results[0]["properties"]["otherTrails"],
    );
    assert_eq!(others, &serde_json::json!([sample::arn("333333333333")]));
    assert!(
        text.as_str()
            .unwrap()
            .contains("The same holds for 1 more trail: "),
        "{text}"
    );
}

#[test]
fn findings_on_one_line_stay_apart() {
    let text = sample::bucket_policy().text().replace('\n', " ");
    let document = sample::document(sample::PATH, &text);
    let mut report = sample::report(&document);
    let mut twin = sample::finding(&document, "222222222222");
    twin.location = sample::place(&document, "/Statement/0");
    report.findings.push(twin);
    let hashes: Vec<String> = results(&report)
        .iter()
        .map(|result| result["partialFingerprints"]["primaryLocationLineHash"].to_string())
        .collect();
    let first = hashes[0].trim_matches('"').to_owned();
    assert_eq!(hashes[2], format!("\"{first}/f1-222222222222\""));
}

#[test]
fn a_flag_has_an_address_but_no_lines() {
    let subject = Subject::Bucket {
        account: None,
        name: "b".into(),
    };
    let document = Document::read(
        Kind::HeadBucket,
        subject,
        Origin::CommandLine,
        "--trail",
        b"{\"a\": 1}",
    )
    .unwrap();
    let mut report = sample::report(&document);
    report.findings.truncate(1);
    report.findings[0].location = sample::place(&document, "/a");
    report.findings[0].related.clear();
    let result = results(&report).remove(0);
    let physical = &result["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "--trail");
    assert_eq!(physical["region"]["startColumn"], 1);
    let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
    assert_eq!(hash, &super::line_hash::of_text("f1-222222222222"));
}

#[test]
fn a_report_with_everything_is_still_open_failures_only() {
    let document = sample::bucket_policy();
    let mut report = sample::report(&document);
    report.findings[0].fix = Some(FixView {
        description: "Name the trail".into(),
        verified: true,
        diff: String::new(),
        edits: Vec::new(),
    });
    for result in results(&report) {
        assert!(result.get("kind").is_none() && result.get("suppressions").is_none());
    }
}

#[test]
fn hostile_text_is_visible_and_forms_no_link() {
    let document = sample::bucket_policy();
    let report = sample::hostile(&document);
    let text = written(&report);
    assert!(!text.chars().any(|c| is_hidden(c) && c != '\n'));
    assert!(!text.contains("##["));
    for result in results(&report) {
        let message = result["message"]["text"].as_str().unwrap();
        assert!(!message.chars().any(is_hidden), "{message}");
        assert!(!message.contains("](http"), "{message}");
        assert!(!message.replace("{{", "").contains('{'), "{message}");
        let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        let uri = uri.as_str().unwrap();
        assert!(
            !uri.contains(':') && !uri.contains("//") && !uri.contains(".."),
            "{uri}"
        );
    }
}

#[test]
fn what_aws_answered_is_carried_along_and_has_a_stable_address() {
    let mut document = sample::bucket_policy();
    document.origin = Origin::Live;
    document.path = "accounts/111111111111/s3/example-logs/get-bucket-policy.json".into();
    let mut report = sample::report(&document);
    for finding in &mut report.findings {
        finding.location.path.clone_from(&document.path);
        for related in &mut finding.related {
            related.location.path.clone_from(&document.path);
        }
    }
    report.documents = std::collections::BTreeMap::from([(document.path.as_str(), &document)]);
    let log = parsed(&report);
    let artifact = &log["runs"][0]["artifacts"][0];
    let uri = ".trail-lint/live/accounts/111111111111/s3/example-logs/get-bucket-policy.json";
    assert_eq!(artifact["location"]["uri"], uri);
    assert_eq!(artifact["contents"]["text"], document.text());
    assert_eq!(artifact["hashes"]["sha-256"].as_str().unwrap().len(), 64);
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!((&place["uri"], &place["index"]), (&uri.into(), &0.into()));
        let text = result["message"]["text"].as_str().unwrap();
        assert!(
            text.starts_with("As AWS has 'arn:aws:s3:::example-logs' now: "),
            "{text}"
        );
        let logical = &result["locations"][0]["logicalLocations"][0];
        assert_eq!(logical["fullyQualifiedName"], sample::BUCKET);
    }
}
