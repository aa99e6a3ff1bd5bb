//! One trail's story agrees with what `check` says, shows the evidence for every refusal, and is told
//! only about a trail that is meant without doubt.

use serde_json::Value;

use crate::support::{
    check, command, expect, files_of, finish, items, none, path, run, snapshot, text,
};

const BROKEN: &str = "fixtures/interstellar/source-arn-wrong-region";
const PAYMENTS: &str = "arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail";

/// The folders of `fixtures/interstellar`.
fn folders() -> Vec<String> {
    let entries = std::fs::read_dir("fixtures/interstellar").unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_configuration_file_says_what_to_look_at_as_it_does_for_check() {
    let folder = tempfile::TempDir::new().unwrap();
    let snapshot = std::fs::canonicalize(BROKEN).unwrap();
    let file = folder.path().join("trail-lint.toml");
    let text = format!(
        "[input]\nsnapshots = ['{}']\n[check]\nverbose = true\n",
        path(&snapshot)
    );
    std::fs::write(&file, text).unwrap();
    let named = run(1, &["why", PAYMENTS, "--config", path(&file)]);
    let mut usual = command(&["why", PAYMENTS]);
    usual.current_dir(folder.path());
    assert_eq!(expect(1, usual).stdout, named.stdout);
    assert_eq!(
        named.stdout,
        run(1, &["why", "-v", PAYMENTS, path(&snapshot)]).stdout
    );
    assert!(
        run(2, &["why", PAYMENTS])
            .stderr
            .starts_with("error: there is nothing to check")
    );
}

#[test]
fn a_story_says_what_check_says() {
    let mut problems = Vec::new();
    for folder in folders() {
        let folder = format!("fixtures/interstellar/{folder}");
        let (_, report) = check(&folder);
        for trail in items(&report, "trails") {
            let arn = text(trail, "arn");
            let told = finish(command(&["why", arn, &folder, "-f", "json"]));
            let status = match text(trail, "verdict") {
                "delivers" => 0,
                "undecided" => 3,
                _ => 1,
            };
            if told.status != status {
                problems.push(format!("{folder} {arn}: status {}", told.status));
            }
            let story = told.json();
            problems.extend(
                differences(trail, &story["trail"])
                    .into_iter()
                    .map(|problem| format!("{folder} {arn}: {problem}")),
            );
        }
    }
    none(&problems);
}

/// Where the story's trail is not the report's, or shows no evidence for a refusal.
fn differences(trail: &Value, told: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    if trail["verdict"] != told["verdict"] {
        problems.push(format!("verdict {}", told["verdict"]));
    }
    let (of_report, of_story) = (items(trail, "requests"), items(told, "requests"));
    if of_report.len() != of_story.len() {
        problems.push("other requests".to_owned());
    }
    for (request, story) in of_report.iter().zip(of_story) {
        let id = text(request, "id");
        for field in ["id", "decision", "because", "decided_by"] {
            if request[field] != story[field] {
                problems.push(format!("{id}: {field} is {}", story[field]));
            }
        }
        let parts: Vec<&str> = story["asked"]["statements"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|statement| text(statement, "part"))
            .collect();
        let shown = match text(request, "decision") {
            "allowed" => parts.contains(&"allows") && !parts.contains(&"denies"),
            "denied" => {
                // What stands in the way besides the policy, such as a disabled key.
                story["asked"].is_null()
                    || !text(request, "because").contains("statement")
                    || parts.contains(&"denies")
                    || (parts.contains(&"nearest") && !parts.contains(&"allows"))
            }
            _ => true,
        };
        if !shown {
            problems.push(format!("{id}: the statements answer {parts:?}"));
        }
    }
    problems
}

#[test]
fn the_deciding_element_is_shown_with_both_sides_and_underlined() {
    let mut why = command(&["why", "payments-trail", BROKEN]);
    why.env("COLUMNS", "120").env("LANG", "C.UTF-8");
    let told = expect(1, why).stdout;
    let evidence = told
        .split_once("2. put-log-folder")
        .and_then(|(_, rest)| rest.split_once("3. put-digest-folder"))
        .map(|(evidence, _)| evidence)
        .unwrap();
    insta::assert_snapshot!(evidence, @r#"
     (setup): denied
       s3:PutObject on arn:aws:s3:::interstellar-audit-logs/AWSLogs/222222222222/CloudTrail/
       No statement of the bucket policy allows it; statement `AWSCloudTrailWrite222222222222` (index 2) comes nearest.
       cloudtrail.amazonaws.com asks, for example:
         s3:PutObject arn:aws:s3:::interstellar-audit-logs/AWSLogs/222222222222/CloudTrail/
           aws:SourceArn: "arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail"
           s3:x-amz-acl: "bucket-owner-full-control"
           and 16 more keys that the policy does not ask for (-v lists them)
       The statements answer:
         0 AWSCloudTrailAclCheck20150319 (Allow) does not apply: Action, Resource
         1 AWSCloudTrailWrite111111111111 (Allow) does not apply: Resource, Condition StringEquals AWS:SourceArn
         2 AWSCloudTrailWrite222222222222 (Allow) does not apply, but comes nearest
           Condition StringEquals AWS:SourceArn does not match
             policy: "arn:aws:cloudtrail:us-east-1:222222222222:trail/payments-trail"
             request: "arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail"
             fixtures/interstellar/source-arn-wrong-region/accounts/111111111111/s3/interstellar-audit-logs/get-bucket-policy.json:39:38
               39 |                     "AWS:SourceArn": "arn:aws:cloudtrail:us-east-1:222222222222:trail/payments-trail"
                  |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       Found: source-arn-wrong-region (critical)
         Statement `AWSCloudTrailWrite222222222222` (index 2) of the bucket policy admits
         `arn:aws:cloudtrail:us-east-1:222222222222:trail/payments-trail`, but trail `payments-trail` of account
         222222222222 has its home Region in ap-northeast-1: its ARN is
         `arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail` in whatever Region the logged activity is.
         Its log files do not arrive.
         fix: Write `AWS:SourceArn` = `arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail` in statement
         `AWSCloudTrailWrite222222222222` (index 2) of the bucket policy.
           -                     "AWS:SourceArn": "arn:aws:cloudtrail:us-east-1:222222222222:trail/payments-trail"
           +                     "AWS:SourceArn": "arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail"
    "#);
    assert!(
        told.contains("The statements answer as under 2."),
        "what was told is not told again\n{told}"
    );
}

#[test]
fn everything_known_is_listed_when_asked() {
    let brief = run(1, &["why", PAYMENTS, BROKEN]).stdout;
    let full = run(1, &["why", PAYMENTS, BROKEN, "-v"]).stdout;
    for detail in ["aws:SecureTransport", "s3:TlsVersion", "aws:CurrentTime"] {
        assert!(!brief.contains(detail), "{brief}");
        assert!(full.contains(detail), "{full}");
    }
    assert!(full.lines().count() > brief.lines().count() * 2);
}

#[test]
fn a_trail_is_named_by_arn_by_name_or_by_account_and_name() {
    let stories = [PAYMENTS, "payments-trail", "222222222222/payments-trail"]
        .map(|name| run(1, &["why", name, BROKEN]).stdout);
    assert_eq!(stories[0], stories[1]);
    assert_eq!(stories[0], stories[2]);
}

#[test]
fn a_trail_that_is_not_there_or_not_the_only_one_is_a_usage_error() {
    let missing = run(2, &["why", "payment-trail", BROKEN]);
    assert_eq!(missing.stdout, "");
    assert!(
        missing.stderr.contains("there is no trail `payment-trail`")
            && missing.stderr.contains(PAYMENTS),
        "{}",
        missing.stderr
    );
    let arns = ["222222222222", "333333333333"]
        .map(|account| format!("arn:aws:cloudtrail:us-east-1:{account}:trail/audit"));
    let twice = run(
        2,
        &[
            "why", "audit", "--bucket", "logs", "--trail", &arns[0], "--trail", &arns[1],
        ],
    );
    assert!(
        twice.stderr.contains("the name of 2 trails") && twice.stderr.contains(&arns[1]),
        "{}",
        twice.stderr
    );
}

#[test]
fn a_trail_that_is_stopped_is_told_before_its_requests() {
    let told = run(
        1,
        &[
            "why",
            "payments-trail",
            "fixtures/interstellar/trail-stopped",
        ],
    )
    .stdout;
    let stopped = told.find("trail-not-logging").unwrap();
    assert!(stopped < told.find("1. get-bucket-acl").unwrap(), "{told}");
}

#[test]
fn the_configuration_file_says_what_is_looked_at_and_where_trails_should_deliver() {
    let toml = format!(
        "[input]\nsnapshots = [{:?}]\n\n[expect]\nbuckets = [\"another-bucket\"]\n",
        path(&crate::support::repository().join(BROKEN))
    );
    let folder = snapshot(&[("trail-lint.toml", &toml)]);
    let without = snapshot(&[("none.txt", "")]);
    let told = |folder: &std::path::Path, arguments: &[&str]| {
        let mut command = command(&[&["why", "payments-trail", "-f", "json"], arguments].concat());
        command.current_dir(folder);
        expect(1, command).json()
    };
    let story = told(folder.path(), &[]);
    let named = folder.path().join("trail-lint.toml");
    assert_eq!(told(without.path(), &["--config", path(&named)]), story);
    assert!(
        story.to_string().contains("trail-delivers-elsewhere"),
        "{story}"
    );
    let nothing = run(2, &["why", "payments-trail"]);
    assert!(
        nothing.stderr.contains("there is nothing to check"),
        "{}",
        nothing.stderr
    );
}

#[test]
fn what_could_not_be_seen_of_the_trail_itself_is_named() {
    let mut files = files_of("fixtures/baseline");
    for (path, text) in &mut files {
        if path.ends_with("get-trail-status.json") {
            *text = r#"{"Error": {"Code": "AccessDenied", "Message": "no"}}"#.to_owned();
        }
    }
    let folder = snapshot(&files);
    let told = run(3, &["why", "audit", path(folder.path())]).stdout;
    assert!(told.contains("get-trail-status.json"), "{told}");
    assert!(
        told.contains("help: allow `cloudtrail:GetTrailStatus`"),
        "{told}"
    );
}
