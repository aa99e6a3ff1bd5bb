//! What merging a change does to the trails that there are: one bucket, key and topic for the trails of three accounts, and
//! code that changes one of them.

use serde_json::{Value, json};

use super::folder;
use crate::support::{command, finish, path, text};

const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555";
const TOPIC: &str = "arn:aws:sns:us-east-1:111111111111:told";
const MEMBERS: [&str; 3] = ["222222222222", "333333333333", "444444444444"];

fn trail_arn(account: &str, name: &str) -> String {
    format!("arn:aws:cloudtrail:us-east-1:{account}:trail/{name}")
}

fn bucket_policy(accounts: &[&str]) -> Value {
    let mut statements = vec![json!({
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl",
        "Resource": "arn:aws:s3:::central"
    })];
    for account in accounts {
        statements.push(json!({
            "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::central/AWSLogs/{account}/*")
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn key_policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:*", "Resource": "*"
    }]})
}

fn topic_policy(principal: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": principal}, "Action": "SNS:Publish", "Resource": TOPIC
    }]})
}

fn trail(account: &str, name: &str, bucket: &str, more: &Value) -> (String, String) {
    let mut trail = json!({
        "TrailARN": trail_arn(account, name), "S3BucketName": bucket, "HomeRegion": "us-east-1", "Name": name,
        "IsMultiRegionTrail": true, "LogFileValidationEnabled": true
    });
    for (field, value) in more.as_object().unwrap() {
        trail[field] = value.clone();
    }
    let path = format!("accounts/{account}/cloudtrail/us-east-1/{name}/get-trail.json");
    (path, json!({"Trail": trail}).to_string())
}

/// A snapshot in which the trails of three accounts share bucket, key and topic.
fn live() -> Vec<(String, String)> {
    let bucket = "accounts/111111111111/s3/central";
    let key = format!(
        "accounts/111111111111/kms/{}",
        KEY.rsplit('/').next().unwrap()
    );
    let mut files = vec![
        (
            format!("{bucket}/get-bucket-policy.json"),
            bucket_policy(&MEMBERS).to_string(),
        ),
        (
            format!("{bucket}/head-bucket.json"),
            json!({"BucketRegion": "us-east-1"}).to_string(),
        ),
        (
            format!("{key}/get-key-policy.json"),
            key_policy().to_string(),
        ),
        (
            format!("{key}/describe-key.json"),
            json!({"KeyMetadata": {"Arn": KEY, "KeyState": "Enabled", "KeyManager": "CUSTOMER"}})
                .to_string(),
        ),
        (
            "accounts/111111111111/sns/us-east-1/told/get-topic-attributes.json".to_owned(),
            json!({"Attributes": {"Policy": topic_policy("cloudtrail.amazonaws.com").to_string()}})
                .to_string(),
        ),
    ];
    for account in MEMBERS {
        let own = json!({"KmsKeyId": KEY, "SnsTopicARN": TOPIC});
        files.push(trail(account, "audit", "central", &own));
        files.push(logging(account, "audit"));
    }
    files
}

fn logging(account: &str, name: &str) -> (String, String) {
    let path = format!("accounts/{account}/cloudtrail/us-east-1/{name}/get-trail-status.json");
    (path, json!({"IsLogging": true}).to_string())
}

/// The resources of a template in the audit account, and the parameters that name them.
fn code(resources: &Value) -> (String, String) {
    (
        "head.json".to_owned(),
        json!({"Resources": resources}).to_string(),
    )
}

fn plan(changes: &Value) -> (String, String) {
    let plan = json!({"format_version": "1.2", "planned_values": {"root_module": {}}, "resource_changes": changes});
    ("plan.json".to_owned(), plan.to_string())
}

fn bucket_template(accounts: &[&str]) -> Value {
    json!({"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "central", "PolicyDocument": bucket_policy(accounts)}}})
}

/// The sentence, and the exit status, of code in the place of what there is.
fn merged(live: Vec<(String, String)>, code: (String, String), more: &[&str]) -> (String, i32) {
    let name = code.0.clone();
    let snapshot = live
        .into_iter()
        .map(|(path, content)| (format!("live/{path}"), content));
    let files: Vec<(String, String)> = snapshot.chain([code]).collect();
    let files: Vec<(&str, String)> = files
        .iter()
        .map(|(name, content)| (&**name, content.clone()))
        .collect();
    let folder = folder(&files);
    let (code, live) = (folder.path().join(name), folder.path().join("live"));
    // Only what merging does decides.
    let fixed = [
        "check",
        path(&code),
        path(&live),
        "--replace",
        "--account",
        "111111111111",
        "--region",
        "us-east-1",
        "-f",
        "json",
        "--fail-on",
        "critical",
        "--min-severity",
        "critical",
        "--allow-partial",
    ];
    let run = finish(command(&[&fixed[..], more].concat()));
    assert!(run.status < 2, "{}", run.stderr);
    (
        text(&run.json()["effect"], "sentence").to_owned(),
        run.status,
    )
}

const ALL: &str = "3 accounts: 222222222222, 333333333333, 444444444444";

#[test]
fn only_accounts_whose_logs_arrive_today_are_counted() {
    let all = merged(live(), code(&bucket_template(&MEMBERS)), &[]);
    assert_eq!(
        all,
        (
            "Merging this change stops no logs of the 3 trails that there are.".to_owned(),
            0
        )
    );
    let none = merged(live(), code(&bucket_template(&[])), &[]);
    assert_eq!(
        none,
        (
            format!("Merging this change will stop the logs of {ALL}."),
            1
        )
    );
    // Those of one account are refused today too.
    let mut broken = live();
    broken[0].1 = bucket_policy(&MEMBERS[1..]).to_string();
    let (two, status) = merged(broken, code(&bucket_template(&[])), &[]);
    assert_eq!(
        two,
        "Merging this change will stop the logs of 2 accounts: 333333333333, 444444444444."
    );
    assert_eq!(status, 1);
    // Of one account nobody knows whether its trail is logging.
    let mut unseen = live();
    unseen.retain(|(path, _)| {
        !path.contains("222222222222/cloudtrail/us-east-1/audit/get-trail-status")
    });
    let (three, _) = merged(unseen, code(&bucket_template(&[])), &[]);
    assert_eq!(
        three,
        "Merging this change will stop the logs of 2 accounts: 333333333333, 444444444444. Merging this change may stop \
         the logs of 1 account: 222222222222; whether they arrive today could not be seen."
    );
}

#[test]
fn a_key_a_topic_and_a_trail_that_code_changes_are_told_of() {
    let disabled = json!({"Key": {"Type": "AWS::KMS::Key", "Properties": {"Enabled": false, "KeyPolicy": key_policy()}}});
    let named = format!("Key={KEY}");
    let named = ["--parameter", named.as_str()];
    assert_eq!(
        merged(live(), code(&disabled), &named),
        (
            format!("Merging this change will stop the logs of {ALL}."),
            1
        )
    );
    let mute = json!({"Policy": {"Type": "AWS::SNS::TopicPolicy", "Properties": {
        "Topics": [TOPIC], "PolicyDocument": topic_policy("config.amazonaws.com")}}});
    assert_eq!(
        merged(live(), code(&mute), &[]),
        (
            format!("Merging this change will refuse some of the requests of {ALL}."),
            1
        )
    );
    // A trail that moves to a bucket of which nothing is known, and one of which a parameter decides.
    let moved = |bucket: &str, logging: &Value| {
        json!({"Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": {
            "TrailName": "audit", "S3BucketName": bucket, "IsLogging": logging, "IsMultiRegionTrail": true,
            "EnableLogFileValidation": true}}})
    };
    let there = ["--account", "222222222222"];
    let only = "1 account: 222222222222";
    for (bucket, logging, expected) in [
        (
            "elsewhere",
            json!(true),
            format!("It cannot be said what merging this change does to {only}."),
        ),
        (
            "central",
            json!(false),
            format!("Merging this change will stop the logs of {only}."),
        ),
        (
            "central",
            json!(true),
            "Merging this change stops no logs of the 3 trails that there are.".to_owned(),
        ),
    ] {
        assert_eq!(
            merged(live(), code(&moved(bucket, &logging)), &there).0,
            expected,
            "{bucket} {logging}"
        );
    }
    let mut open = moved("central", &json!(true));
    open["Trail"]["Properties"]["IsOrganizationTrail"] = json!({"Fn::ImportValue": "of-another"});
    assert_eq!(
        merged(live(), code(&open), &there).0,
        format!("It cannot be said what merging this change does to {only}.")
    );
}

fn deleted(kind: &str, before: &Value) -> Value {
    json!({"address": format!("{kind}.x"), "mode": "managed", "type": kind, "name": "x",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["delete"], "before": before, "after": null}})
}

#[test]
fn what_a_plan_takes_away_is_told_of_and_what_takes_its_place() {
    let gone = |account: &str| {
        deleted(
            "aws_cloudtrail",
            &json!({"arn": trail_arn(account, "audit"), "name": "audit", "s3_bucket_name": "central"}),
        )
    };
    let one = |more: Vec<(String, String)>| {
        let live = live().into_iter().chain(more).collect();
        merged(live, plan(&json!([gone("222222222222")])), &[])
    };
    assert_eq!(
        one(vec![]),
        (
            "Merging this change will stop the logs of 1 account: 222222222222.".to_owned(),
            1
        )
    );
    // Another trail of the account goes on, in all Regions.
    let ends = "Merging this change ends a trail of 1 account: 222222222222; another trail still brings the logs.";
    let own = |more: &Value| {
        vec![
            trail("222222222222", "second", "central", more),
            logging("222222222222", "second"),
        ]
    };
    assert_eq!(one(own(&json!({}))), (ends.to_owned(), 0));
    let partial = one(own(&json!({"IsMultiRegionTrail": false})));
    assert_eq!(
        partial.0,
        "Merging this change will stop the logs of 1 account: 222222222222."
    );
    let elsewhere = vec![
        trail("222222222222", "second", "elsewhere", &json!({})),
        logging("222222222222", "second"),
    ];
    assert_eq!(
        one(elsewhere).0,
        "Merging this change will stop the logs of 1 account: 222222222222."
    );
    let stops = "Merging this change will stop the logs of";
    let refuses = "Merging this change will refuse some of the requests of";
    for (kind, before, says) in [
        (
            "aws_s3_bucket",
            json!({"bucket": "central", "arn": "arn:aws:s3:::central"}),
            stops,
        ),
        (
            "aws_kms_key",
            json!({"arn": KEY, "key_id": KEY.rsplit('/').next()}),
            stops,
        ),
        (
            "aws_sns_topic",
            json!({"arn": TOPIC, "name": "told"}),
            refuses,
        ),
    ] {
        let gone = deleted(kind, &before);
        let (sentence, status) = merged(live(), plan(&json!([gone])), &[]);
        assert_eq!((sentence, status), (format!("{says} {ALL}."), 1), "{kind}");
    }
}

#[test]
fn what_a_plan_puts_in_the_place_of_another_is_gone_if_it_is_called_otherwise() {
    let replaced = |kind: &str, before: &Value, after: &Value, unknown: &Value| {
        let mut change = deleted(kind, before);
        change["change"] = json!({"actions": ["delete", "create"], "before": before, "after": after, "after_unknown": unknown});
        merged(live(), plan(&json!([change])), &[]).0
    };
    let stops = format!("Merging this change will stop the logs of {ALL}.");
    let none = "Merging this change stops no logs of the 3 trails that there are.";
    let bucket = |name: &str| json!({"bucket": name, "arn": format!("arn:aws:s3:::{name}")});
    let nothing = json!({});
    assert_eq!(
        replaced(
            "aws_s3_bucket",
            &bucket("central"),
            &bucket("renamed"),
            &nothing
        ),
        stops
    );
    // Its policy is a resource of its own, which stays where the name does.
    assert_eq!(
        replaced(
            "aws_s3_bucket",
            &bucket("central"),
            &bucket("central"),
            &nothing
        ),
        none
    );
    let key = json!({"arn": KEY, "key_id": KEY.rsplit('/').next()});
    let unknown = json!({"arn": true, "key_id": true});
    assert_eq!(replaced("aws_kms_key", &key, &nothing, &unknown), stops);
    let own = |name: &str| json!({"arn": trail_arn(MEMBERS[0], name), "name": name, "s3_bucket_name": "central"});
    assert_eq!(
        replaced(
            "aws_cloudtrail",
            &own("audit"),
            &json!({"name": "renamed", "s3_bucket_name": "elsewhere"}),
            &json!({"arn": true})
        ),
        "Merging this change will stop the logs of 1 account: 222222222222."
    );
}

#[test]
fn the_sentence_stands_in_every_report_that_has_a_place_for_it() {
    let files = live();
    let snapshot = files
        .into_iter()
        .map(|(path, content)| (format!("live/{path}"), content));
    let files: Vec<(String, String)> = snapshot
        .chain([code(&bucket_template(&MEMBERS[1..]))])
        .collect();
    let files: Vec<(&str, String)> = files
        .iter()
        .map(|(name, content)| (&**name, content.clone()))
        .collect();
    let folder = folder(&files);
    let (code, live) = (folder.path().join("head.json"), folder.path().join("live"));
    let said = |format: &str| {
        let fixed = [
            "check",
            path(&code),
            path(&live),
            "--replace",
            "--account",
            "111111111111",
            "-f",
            format,
        ];
        let run = finish(command(&fixed));
        assert_eq!(run.status, 1, "{}", run.stderr);
        run.stdout
    };
    let sentence = "Merging this change will stop the logs of 1 account: 222222222222.";
    for format in [
        "table", "json", "markdown", "github", "html", "junit", "gitlab", "sarif",
    ] {
        assert!(said(format).contains(sentence), "{format}");
    }
    let sarif: Value = serde_json::from_str(&said("sarif")).unwrap();
    let notifications = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    let told = notifications.as_array().unwrap().last().unwrap();
    assert_eq!(
        (told["level"].as_str(), told["descriptor"]["id"].as_str()),
        (Some("warning"), Some("what-merging-does"))
    );
    let gitlab: Value = serde_json::from_str(&said("gitlab")).unwrap();
    assert_eq!(gitlab[0]["check_name"], "merging");
    assert!(text(&gitlab[0]["location"], "path").ends_with("head.json"));
    let junit = said("junit");
    assert!(
        junit.contains("<testsuite name=\"what merging this change does\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\""),
        "{junit}"
    );
}

#[test]
fn comparing_two_versions_of_code_says_whose_logs_stop() {
    let trail = |name: &str| {
        json!({"Type": "AWS::CloudTrail::Trail", "Properties": {
            "TrailName": name, "S3BucketName": "central", "IsLogging": true, "IsMultiRegionTrail": true,
            "EnableLogFileValidation": true}})
    };
    let template = |accounts: &[&str], trails: &[&str]| {
        let mut resources = bucket_template(accounts);
        for (at, name) in trails.iter().enumerate() {
            resources[format!("Trail{at}")] = trail(name);
        }
        json!({"Resources": resources}).to_string()
    };
    let base = template(&["222222222222"], &["one", "two"]);
    let compared = |head: String| {
        let folder = folder(&[("base.json", base.clone()), ("head.json", head)]);
        let (base, head) = (
            folder.path().join("base.json"),
            folder.path().join("head.json"),
        );
        let place = ["--account", "222222222222", "--region", "us-east-1"];
        let table = finish(command(
            &[&["compare", path(&base), path(&head)], &place[..]].concat(),
        ));
        let json = finish(command(
            &[
                &["compare", "-f", "json", path(&base), path(&head)],
                &place[..],
            ]
            .concat(),
        ));
        assert_eq!(table.status, json.status);
        let sentence = text(&json.json()["effect"], "sentence").to_owned();
        // What nobody loses is not spoken of.
        assert_eq!(
            table.stdout.replace('\n', " ").contains(&sentence),
            !sentence.contains("no logs"),
            "{}",
            table.stdout
        );
        let worse = json.json()["trails"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["worse"] == true)
            .count();
        (sentence, worse, json.status)
    };
    let same = "NEW stops no logs of the 2 trails that there are.";
    assert_eq!(compared(base.clone()), (same.to_owned(), 0, 0));
    let stops = "NEW will stop the logs of 1 account: 222222222222.";
    assert_eq!(
        compared(template(&["333333333333"], &["one", "two"])),
        (stops.to_owned(), 2, 1)
    );
    // Code that no longer has a trail takes it away; the account has another.
    let ends = "NEW ends a trail of 1 account: 222222222222; another trail still brings the logs.";
    assert_eq!(
        compared(template(&["222222222222"], &["one"])),
        (ends.to_owned(), 0, 0)
    );
    assert_eq!(
        compared(template(&["222222222222"], &["one", "three"])),
        (ends.to_owned(), 0, 0)
    );
    assert_eq!(compared(template(&["333333333333"], &["one"])).0, stops);
}

/// What `compare` says of two inputs in the audit account, and its status.
fn compared(old: &std::path::Path, new: &std::path::Path) -> (String, serde_json::Value, i32) {
    let of = |format: &str| {
        let place = ["--account=222222222222", "--region=us-east-1", "-f", format];
        finish(command(
            &[&["compare", path(old), path(new)], &place[..]].concat(),
        ))
    };
    let (table, json) = (of("table"), of("json"));
    assert_eq!(table.status, json.status);
    (table.stdout.replace('\n', " "), json.json(), json.status)
}

#[test]
fn another_trail_takes_the_place_of_one_only_if_it_records_as_much() {
    let template = |trails: &[(&str, Value)]| {
        let mut resources = bucket_template(&["222222222222"]);
        for (name, more) in trails {
            let mut properties = json!({"TrailName": name, "S3BucketName": "central", "IsLogging": true,
                "IsMultiRegionTrail": true, "EnableLogFileValidation": true});
            let more = more.as_object().unwrap().clone();
            properties.as_object_mut().unwrap().extend(more);
            resources[*name] = json!({"Type": "AWS::CloudTrail::Trail", "Properties": properties});
        }
        json!({"Resources": resources}).to_string()
    };
    let replaced = |old: Value, new: &Value| {
        let files = [
            ("old.json", template(&[("one", old), ("two", new.clone())])),
            ("new.json", template(&[("two", new.clone())])),
        ];
        let folder = folder(&files);
        let (old, new) = (
            folder.path().join("old.json"),
            folder.path().join("new.json"),
        );
        let (_, json, status) = compared(&old, &new);
        let is_served =
            text(&json["effect"], "sentence").contains("another trail still brings the logs");
        assert_eq!(is_served, status == 0, "{json}");
        is_served
    };
    let data = |value: &str| json!({"EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": [value]}]}]});
    let no_management = json!({"EventSelectors": [{"IncludeManagementEvents": false,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]});
    let only_reads = json!({"EventSelectors": [{"ReadWriteType": "ReadOnly"}]});
    let no_global = json!({"IncludeGlobalServiceEvents": false});
    let insights = json!({"InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]});
    let one_region = json!({"IsMultiRegionTrail": false});
    let all = json!({});
    for less in [&no_management, &only_reads, &no_global, &one_region] {
        assert!(!replaced(all.clone(), less), "{less}");
        assert!(replaced(less.clone(), less), "{less}");
    }
    for less in [&only_reads, &no_global, &one_region] {
        assert!(replaced(less.clone(), &all), "{less}");
    }
    assert!(!replaced(no_management, &all));
    assert!(!replaced(insights.clone(), &all));
    assert!(replaced(all.clone(), &insights));
    assert!(!replaced(data("arn:aws:s3:::a/"), &all));
    assert!(!replaced(data("arn:aws:s3:::a/"), &data("arn:aws:s3:::b/")));
    assert!(replaced(data("arn:aws:s3:::a/"), &data("arn:aws:s3:::a/")));
}

#[test]
fn a_trail_that_code_does_not_speak_of_is_not_one_that_it_takes_away() {
    let mut resources = bucket_template(&["222222222222"]);
    resources["Own"] = json!({"Type": "AWS::CloudTrail::Trail", "Properties": {
        "TrailName": "own", "S3BucketName": "central", "IsLogging": true}});
    let files: Vec<(String, String)> = live()
        .into_iter()
        .map(|(name, content)| (format!("live/{name}"), content))
        .chain([code(&resources)])
        .collect();
    let files: Vec<(&str, String)> = files
        .iter()
        .map(|(name, content)| (&**name, content.clone()))
        .collect();
    let folder = folder(&files);
    let (live, code) = (folder.path().join("live"), folder.path().join("head.json"));
    let (table, json, _) = compared(&live, &code);
    let unseen = json["unseen_trails"].as_array().unwrap();
    assert!(unseen.len() > 1, "{json}");
    assert_eq!(json["effect"]["stops"], json!([]));
    assert!(
        table.contains(&format!("NEW does not show {} trails of OLD", unseen.len())),
        "{table}"
    );
    assert!(table.contains("check NEW OLD --replace"), "{table}");
    assert!(!table.contains("will stop the logs"), "{table}");
}

#[test]
fn a_bucket_that_only_live_trails_name_and_a_trail_that_only_code_has_are_joined() {
    let trails_only = || -> Vec<(String, String)> {
        let all = live().into_iter();
        all.filter(|(path, _)| path.contains("/cloudtrail/"))
            .collect()
    };
    let (sentence, status) = merged(
        trails_only(),
        code(&bucket_template(&["222222222222", "333333333333"])),
        &[],
    );
    assert_eq!(
        sentence,
        "Merging this change may stop the logs of 1 account: 444444444444; whether they arrive today could not be seen."
    );
    assert_eq!(status, 1);
    let new = json!({"New": {"Type": "AWS::CloudTrail::Trail", "Properties": {
        "TrailName": "fourth", "IsLogging": true, "S3BucketName": "central"}}});
    let (sentence, _) = merged(live(), code(&new), &[]);
    assert_eq!(
        sentence,
        "Merging this change stops no logs of the 3 trails that there are."
    );
}
