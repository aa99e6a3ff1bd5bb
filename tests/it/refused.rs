//! Answers that AWS refused: what a verdict needs and nobody could see is not taken for AWS's default.

use serde_json::{Value, json};

use crate::support::{audit, files_of, items, path, run, snapshot, text};

const BUCKET: &str = "accounts/111111111111/s3/example-logs";
const KEY: &str =
    "accounts/111111111111/kms/11111111-2222-3333-4444-555555555555/get-key-policy.json";

/// The baseline with some files changed, added, or (with null) taken away: status, verdict, and what was
/// not seen, each with whether a verdict depends on it and what to try.
fn told(changes: &[(&str, Value)]) -> (i32, String, Vec<(String, bool, String)>) {
    let mut files = files_of("fixtures/baseline");
    for (path, value) in changes {
        files.retain(|(known, _)| known != path);
        if !value.is_null() {
            files.push(((*path).to_owned(), value.to_string()));
        }
    }
    let (status, report) = audit(&files).unwrap();
    let unseen = items(&report, "not_evaluated").iter().map(|it| {
        let document = text(it, "document");
        let name = document.rsplit('/').next().unwrap().to_owned();
        let help = it["help"].as_str().unwrap_or_default().to_owned();
        (name, it["decisive"] == true, help)
    });
    let verdict = text(&items(&report, "trails")[0], "verdict").to_owned();
    (status, verdict, unseen.collect())
}

fn refused(code: &str) -> Value {
    json!({"Error": {"Code": code, "Message": "no"}})
}

fn file(name: &str) -> String {
    format!("{BUCKET}/{name}.json")
}

/// The baseline's key policy, which grants what a Bucket Key asks for; and without that.
fn key_policy(decrypt: bool) -> Value {
    let (_, text) = files_of("fixtures/baseline")
        .into_iter()
        .find(|(path, _)| path == KEY)
        .unwrap();
    let mut policy: Value = serde_json::from_str(&text).unwrap();
    let statements = policy["Statement"].as_array_mut().unwrap();
    statements.retain(|it| decrypt || it["Sid"] != "CloudTrailDecrypt");
    policy
}

#[test]
fn who_pays_and_where_a_bucket_lies_are_not_assumed_where_aws_refused_to_say() {
    for name in ["get-bucket-request-payment", "head-bucket"] {
        let path = file(name);
        for code in [
            "AccessDenied",
            "403",
            "SlowDown",
            "RequestTimeout",
            "InternalError",
            "ExpiredToken",
            "ConnectionFailed",
        ] {
            let (status, verdict, unseen) = told(&[(&path, refused(code))]);
            assert_eq!(
                (status, verdict.as_str()),
                (3, "undecided"),
                "{name} {code}"
            );
            let [(document, decisive, help)] = &unseen[..] else {
                panic!("{name} {code}: {unseen:?}");
            };
            assert_eq!(
                (document.as_str(), *decisive),
                (&*format!("{name}.json"), true),
                "{code}"
            );
            if code == "AccessDenied" {
                let action = match name {
                    "head-bucket" => "s3:GetBucketLocation",
                    _ => "s3:GetBucketRequestPayment",
                };
                let expected = format!(
                    "allow `{action}` for whoever asks in account 111111111111; `trail-lint iam-policy` prints all that is needed"
                );
                assert_eq!(help, &expected);
            }
        }
        let (status, verdict, unseen) = told(&[(&path, Value::Null)]);
        assert_eq!((status, verdict.as_str()), (0, "delivers"), "{name}");
        assert!(
            unseen.iter().all(|(_, decisive, _)| !decisive),
            "{unseen:?}"
        );
    }
}

#[test]
fn an_answer_that_is_none_leaves_who_pays_at_the_default_and_where_it_lies_open() {
    let odd = refused("UnreadableAnswer");
    let (status, verdict, unseen) = told(&[(&file("get-bucket-request-payment"), odd.clone())]);
    assert_eq!((status, verdict.as_str()), (0, "delivers"));
    assert_eq!(unseen.len(), 1);
    assert!(!unseen[0].1);
    for name in ["head-bucket", "get-bucket-policy"] {
        let (status, verdict, _) = told(&[(&file(name), odd.clone())]);
        assert_eq!((status, verdict.as_str()), (3, "undecided"), "{name}");
    }
}

#[test]
fn a_refused_region_matters_for_a_key_only_and_another_answer_may_tell_it() {
    let head = file("head-bucket");
    let location = file("get-bucket-location");
    let here = json!({"LocationConstraint": null});
    let (status, verdict, unseen) = told(&[(&head, refused("403")), (&location, here)]);
    assert_eq!((status, verdict.as_str(), unseen), (0, "delivers", vec![]));
    let nothing = json!({});
    let mut files = files_of("fixtures/baseline");
    files.push((location.clone(), nothing.to_string()));
    assert!(
        audit(&files)
            .unwrap_err()
            .contains("expected a field `LocationConstraint`")
    );
    let there = json!({"LocationConstraint": "EU"});
    let (status, verdict, _) = told(&[(&head, refused("403")), (&location, there)]);
    assert_eq!((status, verdict.as_str()), (1, "blocked"));
    let path = "accounts/222222222222/cloudtrail/us-east-1/audit/get-trail.json";
    let (_, trail) = files_of("fixtures/baseline")
        .into_iter()
        .find(|(known, _)| known == path)
        .unwrap();
    let mut trail: Value = serde_json::from_str(&trail).unwrap();
    trail["Trail"].as_object_mut().unwrap().remove("KmsKeyId");
    let (status, verdict, unseen) = told(&[(&head, refused("403")), (path, trail)]);
    assert_eq!((status, verdict.as_str(), unseen), (0, "delivers", vec![]));
}

#[test]
fn a_refused_default_encryption_matters_where_a_bucket_key_would_want_more_of_the_key() {
    let encryption = file("get-bucket-encryption");
    let (status, verdict, unseen) = told(&[
        (&encryption, refused("AccessDenied")),
        (KEY, key_policy(false)),
    ]);
    assert_eq!((status, verdict.as_str()), (3, "undecided"));
    assert_eq!(
        unseen,
        [(
            "get-bucket-encryption.json".to_owned(),
            true,
            "allow `s3:GetEncryptionConfiguration` for whoever asks in account 111111111111; `trail-lint iam-policy` prints all that is needed".to_owned()
        )]
    );
    let (status, verdict, unseen) = told(&[
        (&encryption, refused("AccessDenied")),
        (KEY, key_policy(true)),
    ]);
    assert_eq!((status, verdict.as_str()), (0, "delivers"));
    assert!(!unseen[0].1, "{unseen:?}");
    // Nobody asked: AWS's default, without a Bucket Key, is assumed.
    let (status, verdict, _) = told(&[(&encryption, Value::Null), (KEY, key_policy(false))]);
    assert_eq!((status, verdict.as_str()), (0, "delivers"));
}

#[test]
fn a_refused_default_encryption_matters_where_the_key_asks_which_object_it_is() {
    let mut policy = key_policy(true);
    let object = json!("arn:aws:s3:::example-logs/*");
    for statement in policy["Statement"].as_array_mut().unwrap() {
        if statement["Action"].to_string().contains("GenerateDataKey") {
            statement["Condition"]["StringLike"]["kms:EncryptionContext:aws:s3:arn"] =
                object.clone();
        }
    }
    let encryption = file("get-bucket-encryption");
    let (status, verdict, unseen) = told(&[(&encryption, refused("AccessDenied")), (KEY, policy)]);
    assert_eq!((status, verdict.as_str()), (3, "undecided"));
    assert!(unseen[0].1, "{unseen:?}");
}

#[test]
fn accounts_that_could_not_be_seen_are_counted_apart_from_trails() {
    let mut files = files_of("fixtures/baseline");
    let refused_in = |account: u64| {
        let path = format!("accounts/{account}/cloudtrail/list-trails.json");
        (path, refused("AccessDenied").to_string())
    };
    files.extend((0..40).map(|number| refused_in(333_333_333_300 + number)));
    let folder = snapshot(&files);
    let told = |format: &str| run(3, &["check", path(folder.path()), "-f", format]).stdout;
    let counts = "1 trail: 1 delivers. 40 accounts whose trails could not all be seen.";
    for format in ["table", "markdown", "html"] {
        assert!(told(format).contains(counts), "{}", told(format));
    }
    assert!(told("markdown").contains("Unsure whether the logs of 40 accounts arrive"));
    assert!(
        told("table").contains("and 35 more accounts: undecided (-v lists all)"),
        "{}",
        told("table")
    );
    let report: Value = serde_json::from_str(&told("json")).unwrap();
    let summary = json!({"trails": 1, "accounts_not_seen": 40, "by_verdict": {"delivers": 1}, "by_severity": {}});
    assert_eq!(report["summary"], summary);
    assert_eq!(items(&report, "trails").len(), 41);
    assert!(told("junit").contains("not all trails of the account could be seen"));
    // None at all.
    files.retain(|(path, _)| !path.contains("/222222222222/"));
    let folder = snapshot(&files);
    let told = run(3, &["check", path(folder.path())]).stdout;
    let counts = "No trail was checked. 40 accounts whose trails could not all be seen.";
    assert!(told.contains(counts), "{told}");
}

#[test]
fn what_a_trail_records_is_not_known_where_its_selectors_were_refused() {
    let folder = "accounts/222222222222/cloudtrail/us-east-1/audit";
    let events = format!("{folder}/get-event-selectors.json");
    for code in [
        "AccessDenied",
        "ThrottlingException",
        "TrailNotFoundException",
    ] {
        let (status, verdict, unseen) = told(&[(&events, refused(code))]);
        assert_eq!((status, verdict.as_str()), (3, "undecided"), "{code}");
        assert_eq!(unseen.len(), 1, "{unseen:?}");
        assert!(unseen[0].1, "{unseen:?}");
        if code == "AccessDenied" {
            let action = "allow `cloudtrail:GetEventSelectors` for";
            assert!(unseen[0].2.starts_with(action), "{unseen:?}");
        }
    }
    // Where the policy refuses the folder of files that the trail may not write, nothing is blamed.
    let mut files = files_of("fixtures/baseline");
    files.push((events.clone(), refused("AccessDenied").to_string()));
    for (_, text) in files
        .iter_mut()
        .filter(|(path, _)| path.ends_with("get-bucket-policy.json"))
    {
        *text = text.replace("222222222222/*", "222222222222/CloudTrail/*");
    }
    let (_, report) = audit(&files).unwrap();
    let requests = items(&items(&report, "trails")[0], "requests");
    let told_of = |id: &str| {
        let request = requests.iter().find(|it| it["id"] == id).unwrap();
        text(request, "decision").to_owned()
    };
    assert_eq!(told_of("put-log-files"), "allowed");
    assert_eq!(told_of("put-network-activity-files"), "undecided");
    assert_eq!(told_of("put-aggregated-files"), "undecided");
    assert!(
        items(&report, "findings")
            .iter()
            .all(|it| !it.to_string().contains("NetworkActivity")),
        "{report}"
    );

    // The trail itself says whether it has Insights.
    let insights = format!("{folder}/get-insight-selectors.json");
    let trail = format!("{folder}/get-trail.json");
    let (_, told_by_trail) = files_of("fixtures/baseline")
        .into_iter()
        .find(|(path, _)| *path == trail)
        .unwrap();
    let mut without: Value = serde_json::from_str(&told_by_trail).unwrap();
    for (flag, expected) in [
        (json!(true), (0, "delivers")),
        (json!(false), (0, "delivers")),
        (Value::Null, (3, "undecided")),
    ] {
        without["Trail"]["HasInsightSelectors"] = flag.clone();
        if flag.is_null() {
            without["Trail"]
                .as_object_mut()
                .unwrap()
                .remove("HasInsightSelectors");
        }
        let changes = [
            (insights.as_str(), refused("AccessDenied")),
            (&trail, without.clone()),
        ];
        let (status, verdict, unseen) = told(&changes);
        assert_eq!((status, verdict.as_str()), expected, "{flag}");
        assert_eq!(unseen.len(), 1, "{unseen:?}");
        assert_eq!(unseen[0].1, status == 3, "{unseen:?}");
    }
}

#[test]
fn what_no_trail_stands_for_is_told_beside_trails_that_deliver() {
    let mut files = files_of("fixtures/baseline");
    let refusal = json!({
        "Error": {"Code": "AccessDenied", "Message": "no"},
        "Request": {"Action": "organizations:ListAccounts", "Purpose": "every account of the organization"},
    });
    files.push((
        "organizations/list-accounts.json".to_owned(),
        refusal.to_string(),
    ));
    let folder = snapshot(&files);
    let told = |format: &str| run(3, &["check", path(folder.path()), "-f", format]).stdout;
    let counts = "1 trail: 1 delivers. Not everything could be seen. No findings.";
    assert!(told("table").contains(counts), "{}", told("table"));
    let heading = "The logs of 1 trail arrive, and not everything could be seen";
    assert!(
        told("markdown").contains(&format!("## ❔ {heading}")),
        "{}",
        told("markdown")
    );
    assert!(told("html").contains(heading));
    assert!(told("junit").contains(
        r#"<testsuite name="could not be seen" tests="1" failures="0" errors="0" skipped="1""#
    ));
    for format in ["gitlab", "asff"] {
        let told = run(3, &["check", path(folder.path()), "-f", format]).stderr;
        assert!(
            told.contains("warning: 1 answer that a verdict depends on could not be seen"),
            "{format}: {told}"
        );
    }
}

#[test]
fn the_same_fault_in_the_documents_of_many_trails_is_told_once() {
    let mut files = files_of("fixtures/baseline");
    let of_trail = "accounts/222222222222/";
    let others: Vec<_> = (3..6)
        .flat_map(|digit| {
            let account = digit.to_string().repeat(12);
            let files = files.iter().filter(|(path, _)| path.starts_with(of_trail));
            let new = |text: &String| text.replace("222222222222", &account);
            files
                .map(|(path, text)| (new(path), new(text)))
                .collect::<Vec<_>>()
        })
        .collect();
    files.extend(others);
    let validated = "\"LogFileValidationEnabled\": true";
    for (_, text) in &mut files {
        *text = text.replace(validated, "\"LogFileValidationEnabled\": false");
    }
    let folder = snapshot(&files);
    let told = run(1, &["check", path(folder.path())]).stdout;
    assert_eq!(told.matches("log-validation-off").count(), 1, "{told}");
    let same = "the same for 3 more trails: 333333333333 audit";
    let rest = told.split("log-validation-off").nth(1).unwrap();
    assert!(rest.contains(same), "{told}");
}
