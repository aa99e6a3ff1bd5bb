//! What becomes of a refusal, a throttle, a server's fault, silence, or nonsense: the others are read, and
//! nothing that was not seen is called clean or missing.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Test;
use crate::aws::{call, calls, fault};
use crate::estate::{self, Estate};
use crate::run::{bare, check, command, expect, findings, unseen, verdicts};

pub(crate) const TESTS: &[Test] = &[
    (
        "each_fault_of_one_account_leaves_it_undecided_and_the_other_delivering",
        each_fault_of_one_account_leaves_it_undecided_and_the_other_delivering,
    ),
    (
        "a_passing_fault_is_tried_again",
        a_passing_fault_is_tried_again,
    ),
    (
        "one_throttled_account_does_not_eat_the_retries_of_others",
        one_throttled_account_does_not_eat_the_retries_of_others,
    ),
    (
        "a_role_that_is_refused_is_told_with_what_to_allow",
        a_role_that_is_refused_is_told_with_what_to_allow,
    ),
    (
        "a_bucket_policy_that_was_not_seen_is_not_missing",
        a_bucket_policy_that_was_not_seen_is_not_missing,
    ),
    (
        "a_setting_that_decides_is_not_assumed_where_it_was_refused",
        a_setting_that_decides_is_not_assumed_where_it_was_refused,
    ),
    (
        "what_is_learnt_in_another_way_is_told_and_passes",
        what_is_learnt_in_another_way_is_told_and_passes,
    ),
    (
        "a_policy_without_statements_is_no_policy",
        a_policy_without_statements_is_no_policy,
    ),
    (
        "a_foreign_bucket_is_told_apart_from_a_refused_one",
        a_foreign_bucket_is_told_apart_from_a_refused_one,
    ),
    (
        "what_aws_says_is_missing_is_missing",
        what_aws_says_is_missing_is_missing,
    ),
    (
        "what_anybody_may_say_of_a_bucket_is_not_taken_for_the_word_of_aws",
        what_anybody_may_say_of_a_bucket_is_not_taken_for_the_word_of_aws,
    ),
    (
        "a_refused_owner_is_not_hidden_by_whoever_else_may_read",
        a_refused_owner_is_not_hidden_by_whoever_else_may_read,
    ),
    (
        "a_member_that_reads_alone_knows_no_stranger",
        a_member_that_reads_alone_knows_no_stranger,
    ),
    (
        "a_bucket_that_is_asked_for_and_does_not_exist_is_told",
        a_bucket_that_is_asked_for_and_does_not_exist_is_told,
    ),
    (
        "a_list_without_an_end_is_no_list",
        a_list_without_an_end_is_no_list,
    ),
    (
        "credentials_that_expired_are_said_to_have",
        credentials_that_expired_are_said_to_have,
    ),
    (
        "credentials_that_are_not_there_are_wrong_usage",
        credentials_that_are_not_there_are_wrong_usage,
    ),
    (
        "what_stands_between_is_told_from_aws",
        what_stands_between_is_told_from_aws,
    ),
    (
        "what_aws_takes_nowhere_is_refused_before_any_call",
        what_aws_takes_nowhere_is_refused_before_any_call,
    ),
    (
        "an_organization_that_may_not_be_listed_stops_nobody",
        an_organization_that_may_not_be_listed_stops_nobody,
    ),
    (
        "a_region_that_is_not_enabled_is_no_fault",
        a_region_that_is_not_enabled_is_no_fault,
    ),
    ("ctrl_c_ends_the_run", ctrl_c_ends_the_run),
    (
        "a_person_reads_what_half_of_it_failed_with",
        a_person_reads_what_half_of_it_failed_with,
    ),
];

/// A fault on one operation in one account.
fn on(operation: &str, account: &str, how: &Value) {
    let mut all = json!({"operation": operation, "account": account});
    for (name, value) in how.as_object().expect("a fault is an object") {
        all[name] = value.clone();
    }
    fault(&all);
}

fn denied() -> Value {
    json!({"status": 400, "code": "AccessDeniedException", "message": "not authorized"})
}

fn check_sources(status: i32, estate: &Estate, more: &[&str]) -> Value {
    let sources = estate.sources_list();
    let arguments = [&["--accounts", &sources], more].concat();
    check(status, &estate.audit, &arguments)
}

fn each_fault_of_one_account_leaves_it_undecided_and_the_other_delivering() {
    let html = "<html>proxy</html>";
    let faults = [
        (denied(), "access-denied"),
        (
            json!({"status": 400, "code": "ThrottlingException", "message": "Rate exceeded"}),
            "throttled",
        ),
        (
            json!({"status": 400, "code": "ExpiredTokenException", "message": "expired"}),
            "bad-credentials",
        ),
        (
            json!({"status": 500, "code": "InternalFailure", "message": ""}),
            "other-error",
        ),
        (json!({"status": 503, "body": html}), "throttled"),
        (json!({"status": 502, "body": html}), "other-error"),
        (json!({"status": 404, "body": html}), "other-error"),
        (
            json!({"status": 403, "body": "<ErrorResponse><Errors><Error><Code>AccessDenied</Code></Error></Errors></ErrorResponse>", "type": "text/xml"}),
            "access-denied",
        ),
        (json!({"status": 200, "body": html}), "unreadable-answer"),
        (
            json!({"status": 200, "body": "{\"IsLogging\": ", "type": "application/x-amz-json-1.1"}),
            "unreadable-answer",
        ),
        (
            json!({"status": 200, "body": "{\"IsLogging\": \"yes\"}", "type": "application/x-amz-json-1.1"}),
            "unreadable-answer",
        ),
        (
            json!({"status": 200, "body": "{}", "type": "application/x-amz-json-1.1"}),
            "unreadable-answer",
        ),
        (json!({"reset": true}), "other-error"),
        (json!({"delay": 3}), "timed-out"),
    ];
    // Each in threads of its own, as waiting for answers that never come takes its time.
    std::thread::scope(|scope| {
        for (how, reason) in &faults {
            scope.spawn(move || {
                let estate = estate::sound();
                let [one, two] = &estate.sources;
                on("CloudTrail.GetTrailStatus", one, how);
                let report = check_sources(3, &estate, &["--timeout", "1"]);
                let expected = [
                    format!("{one} audit undecided"),
                    format!("{two} audit delivers"),
                ];
                assert_eq!(verdicts(&report), expected, "{how}");
                let document = format!(
                    "accounts/{one}/cloudtrail/us-east-1/audit/get-trail-status.json {reason}"
                );
                assert_eq!(unseen(&report), [document], "{how}");
                assert_eq!(findings(&report), [""; 0], "{how}");
            });
            scope.spawn(move || {
                let estate = estate::sound();
                let [one, two] = &estate.sources;
                on("CloudTrail.ListTrails", one, how);
                on("CloudTrail.DescribeTrails", one, how);
                let report = check_sources(3, &estate, &["--timeout", "1"]);
                // The policies name the one trail, which answers for itself; others may be there.
                let expected = ["* undecided", "audit delivers"].map(|it| format!("{one} {it}"));
                let expected = [&expected[..], &[format!("{two} audit delivers")]].concat();
                assert_eq!(verdicts(&report), expected, "{how}");
                let document = format!("accounts/{one}/cloudtrail/list-trails.json {reason}");
                assert!(unseen(&report).contains(&document), "{how}: {report}");
                assert_eq!(findings(&report), [""; 0], "{how}");
            });
        }
    });
}

fn a_passing_fault_is_tried_again() {
    let estate = estate::sound();
    let [one, _] = &estate.sources;
    let twice = json!({"status": 400, "code": "ThrottlingException", "message": "Rate exceeded", "times": 2});
    on("CloudTrail.ListTrails", one, &twice);
    on(
        "CloudTrail.GetTrailStatus",
        one,
        &json!({"status": 500, "code": "InternalFailure", "times": 1}),
    );
    on(
        "S3.GetBucketPolicy",
        &estate.audit,
        &json!({"status": 503, "code": "SlowDown", "times": 2}),
    );
    on(
        "KMS.DescribeKey",
        &estate.audit,
        &json!({"reset": true, "times": 1}),
    );
    let report = check_sources(0, &estate, &[]);
    assert_eq!(unseen(&report), [""; 0]);
    let lists = calls(&[one])
        .into_iter()
        .filter(|(name, ..)| name == "CloudTrail.ListTrails")
        .count();
    assert_eq!(lists, 3);
}

fn one_throttled_account_does_not_eat_the_retries_of_others() {
    let caller = estate::account();
    let accounts: Vec<String> = (0..60).map(|_| estate::account()).collect();
    for account in &accounts {
        on(
            "CloudTrail.ListTrails",
            account,
            &json!({"status": 400, "code": "ThrottlingException"}),
        );
    }
    check(3, &caller, &["--accounts", &accounts.join(",")]);
    for account in &accounts {
        assert_eq!(calls(&[account]).len(), 4, "four attempts for {account}");
    }
}

fn a_role_that_is_refused_is_told_with_what_to_allow() {
    let estate = estate::sound();
    let [one, two] = &estate.sources;
    let words = "User is not authorized to perform: sts:AssumeRole";
    let refused = json!({"status": 403, "code": "AccessDenied", "message": words, "contains": one});
    on("STS.AssumeRole", &estate.audit, &refused);
    let report = check_sources(3, &estate, &["--role-name", "audit/reader"]);
    let expected = [
        format!("{one} * undecided"),
        format!("{two} audit delivers"),
    ];
    assert_eq!(verdicts(&report), expected);
    assert_eq!(
        unseen(&report),
        [format!("accounts/{one}/sts/assume-role.json access-denied")]
    );
    let told = &report["not_evaluated"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["decisive"] == true)
        .unwrap();
    assert_eq!(told["said"], json!(format!("AccessDenied: {words}")));
    let help = told["help"].as_str().unwrap();
    for part in [
        &format!("arn:aws:iam::{one}:role/audit/reader"),
        &format!("role `tester` of account {}", estate.audit),
        "sts:AssumeRole",
    ] {
        assert!(help.contains(part), "{help}");
    }
    // A file for code scanning does not count as a finished run.
    let arguments = [
        "check",
        "--live",
        "--accounts",
        &estate.sources_list(),
        "-f",
        "sarif",
    ];
    let sarif = expect(3, &mut command(&estate.audit, &arguments)).json();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], json!(false));
    assert!(
        invocation["toolExecutionNotifications"]
            .to_string()
            .contains(words)
    );
    check_sources(0, &estate, &["--allow-partial"]);
}

fn a_bucket_policy_that_was_not_seen_is_not_missing() {
    for how in [
        json!({"status": 403, "code": "AccessDenied", "message": "Access Denied"}),
        json!({"status": 503, "code": "SlowDown"}),
        json!({"status": 200, "body": "<html>", "type": "text/html"}),
        json!({"status": 200, "body": "{\"Statement\": [", "type": "application/json"}),
        json!({"status": 404, "body": "<html>not here</html>"}),
        json!({"status": 301, "code": "PermanentRedirect"}),
    ] {
        let estate = estate::sound();
        for account in estate.accounts() {
            on("S3.GetBucketPolicy", account, &how);
        }
        let report = check_sources(3, &estate, &[]);
        let [one, two] = &estate.sources;
        let expected = [
            format!("{one} audit undecided"),
            format!("{two} audit undecided"),
        ];
        assert_eq!(verdicts(&report), expected, "{how}");
        assert_eq!(findings(&report), [""; 0], "{how}");
        assert!(
            unseen(&report)[0].contains("get-bucket-policy.json"),
            "{how}"
        );
    }
}

fn a_setting_that_decides_is_not_assumed_where_it_was_refused() {
    let denied = || json!({"status": 403, "code": "AccessDenied", "message": "no"});
    let cases = [
        (
            "S3.GetBucketRequestPayment",
            denied(),
            "get-bucket-request-payment",
        ),
        (
            "S3.GetBucketRequestPayment",
            json!({"status": 503, "code": "SlowDown"}),
            "get-bucket-request-payment",
        ),
        (
            "S3.GetBucketRequestPayment",
            json!({"status": 500}),
            "get-bucket-request-payment",
        ),
        (
            "S3.GetBucketRequestPayment",
            json!({"status": 404, "body": "<html>"}),
            "get-bucket-request-payment",
        ),
        (
            "S3.GetBucketRequestPayment",
            json!({"reset": true}),
            "get-bucket-request-payment",
        ),
        (
            "S3.GetBucketRequestPayment",
            json!({"delay": 3}),
            "get-bucket-request-payment",
        ),
        ("S3.GetBucketEncryption", denied(), "get-bucket-encryption"),
        ("S3.GetBucketLocation", denied(), "get-bucket-location"),
    ];
    std::thread::scope(|scope| {
        for (operation, how, name) in &cases {
            scope.spawn(move || {
                let estate = estate::sound();
                on(operation, &estate.audit, how);
                // S3 tells the Region in its refusal, too; whatever stands between may not.
                on("S3.HeadBucket", &estate.audit, &json!({"status": 403}));
                let report = check_sources(3, &estate, &["--timeout", "1"]);
                let [one, two] = &estate.sources;
                let expected = [one, two].map(|it| format!("{it} audit undecided"));
                assert_eq!(verdicts(&report), expected, "{operation} {how}");
                assert_eq!(findings(&report), [""; 0], "{operation} {how}");
                let [unseen] = &unseen(&report)[..] else {
                    panic!("{operation} {how}: {report}");
                };
                let document = format!(
                    "accounts/{}/s3/{}/{name}.json ",
                    estate.audit, estate.bucket
                );
                assert!(unseen.starts_with(&document), "{unseen}");
                if *how == denied() {
                    let all = report["not_evaluated"].as_array().unwrap().iter();
                    let help = all.map(|it| it["help"].to_string()).collect::<String>();
                    let action = match *name {
                        "get-bucket-encryption" => "s3:GetEncryptionConfiguration",
                        "get-bucket-location" => "s3:GetBucketLocation",
                        _ => "s3:GetBucketRequestPayment",
                    };
                    let role = format!("role `tester` of account {}", estate.audit);
                    assert!(
                        help.contains(&format!("allow `{action}` for {role};")),
                        "{help}"
                    );
                }
            });
        }
    });
    // What another call answers is known.
    let estate = estate::sound();
    on("S3.HeadBucket", &estate.audit, &json!({"status": 403}));
    check_sources(0, &estate, &[]);
}

fn what_is_learnt_in_another_way_is_told_and_passes() {
    let estate = estate::sound();
    let [one, _] = &estate.sources;
    on("CloudTrail.DescribeTrails", one, &denied());
    let report = check_sources(0, &estate, &[]);
    let told = report["not_evaluated"].to_string();
    let document = format!("accounts/{one}/cloudtrail/us-east-1/describe-trails.json");
    assert!(told.contains(&document), "{told}");
    let of_one: Vec<String> = calls(&[one]).into_iter().map(|(name, ..)| name).collect();
    assert!(
        of_one.contains(&"CloudTrail.GetTrail".to_owned()),
        "{of_one:?}"
    );
    // Answers of nothing are none.
    for (operation, name) in [
        ("S3.GetBucketEncryption", "get-bucket-encryption"),
        ("CloudTrail.GetEventSelectors", "get-event-selectors"),
    ] {
        let estate = estate::sound();
        let (account, body) = match operation {
            "S3.GetBucketEncryption" => (&estate.audit, ""),
            _ => (&estate.sources[0], "{}"),
        };
        let nothing = json!({"status": 200, "body": body, "type": "application/x-amz-json-1.1"});
        on(operation, account, &nothing);
        let report = check_sources(3, &estate, &[]);
        let [unseen] = &unseen(&report)[..] else {
            panic!("{operation}: {report}");
        };
        assert!(
            unseen.ends_with(&format!("{name}.json unreadable-answer")),
            "{unseen}"
        );
    }
}

fn a_policy_without_statements_is_no_policy() {
    let estate = estate::sound();
    let empty = json!({"status": 200, "body": "{}", "type": "application/json"});
    on("S3.GetBucketPolicy", &estate.audit, &empty);
    let report = check_sources(3, &estate, &[]);
    let undecided = |estate: &Estate| {
        let [one, two] = &estate.sources;
        [one, two].map(|it| format!("{it} audit undecided"))
    };
    assert_eq!(verdicts(&report), undecided(&estate));
    assert_eq!(findings(&report), [""; 0]);
    let document = format!(
        "accounts/{}/s3/{}/get-bucket-policy.json unreadable-answer",
        estate.audit, estate.bucket
    );
    assert_eq!(unseen(&report), [document]);
    let estate = estate::sound();
    let body = json!({"Policy": "{}", "PolicyName": "default"}).to_string();
    let empty = json!({"status": 200, "body": body, "type": "application/x-amz-json-1.1"});
    on("KMS.GetKeyPolicy", &estate.audit, &empty);
    let report = check_sources(3, &estate, &[]);
    assert_eq!(verdicts(&report), undecided(&estate));
    assert_eq!(findings(&report), [""; 0]);
    // A topic too, and one that answers with no attributes at all.
    let attribute = "<entry><key>Policy</key><value>{}</value></entry>";
    for attributes in [attribute, ""] {
        let estate = estate::empty();
        let [one, _] = &estate.sources;
        call(
            one,
            estate::REGION,
            "sns",
            "create_topic",
            &json!({"Name": "trails"}),
        );
        estate.make_trail(one, estate::REGION, &json!({"SnsTopicName": "trails"}));
        let body = format!(
            "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>{attributes}</Attributes>\
             </GetTopicAttributesResult></GetTopicAttributesResponse>"
        );
        let answer = json!({"status": 200, "body": body, "type": "text/xml"});
        on("SNS.GetTopicAttributes", one, &answer);
        let report = check(3, &estate.audit, &["--accounts", one]);
        assert_eq!(verdicts(&report), [format!("{one} audit undecided")]);
        assert_eq!(findings(&report), [""; 0], "{attributes}");
    }
}

fn a_foreign_bucket_is_told_apart_from_a_refused_one() {
    let estate = estate::sound();
    let foreign = json!({"status": 405, "code": "MethodNotAllowed", "message": "The specified method is not allowed against this resource."});
    for account in estate.accounts() {
        on("S3.GetBucketPolicy", account, &foreign);
    }
    let report = check_sources(1, &estate, &[]);
    assert!(
        findings(&report)
            .iter()
            .any(|it| it.starts_with("bucket-owned-by-stranger")),
        "{report}"
    );
    // Whoever owns it may be found among the accounts that are read.
    let estate = estate::sound();
    let [one, _] = &estate.sources;
    let more = [
        "--accounts",
        &format!("{},{one}", estate.audit),
        "--ignore",
        "trail-missing",
    ];
    on("S3.GetBucketPolicy", one, &foreign);
    let report = check(0, one, &more);
    assert_eq!(verdicts(&report), [format!("{one} audit delivers")]);
}

fn what_aws_says_is_missing_is_missing() {
    let estate = estate::sound();
    let [one, two] = &estate.sources;
    let none = json!({"status": 404, "code": "NoSuchBucketPolicy", "message": "The bucket policy does not exist"});
    on("S3.GetBucketPolicy", &estate.audit, &none);
    let report = check_sources(1, &estate, &[]);
    let missing = |rule: &str| [format!("{rule} {one}"), format!("{rule} {two}")];
    assert_eq!(findings(&report), missing("bucket-policy-missing"));
    let estate = estate::sound();
    let [one, two] = &estate.sources;
    let missing = |rule: &str| [format!("{rule} {one}"), format!("{rule} {two}")];
    on("S3.HeadBucket", &estate.audit, &json!({"status": 404}));
    let none = json!({"status": 404, "code": "NoSuchBucket", "message": "The specified bucket does not exist"});
    on("S3.GetBucketPolicy", &estate.audit, &none);
    let report = check_sources(1, &estate, &[]);
    let found = findings(&report);
    assert!(
        missing("bucket-missing")
            .iter()
            .all(|it| found.contains(it)),
        "{found:?}"
    );
    let of_bucket = calls(&[&estate.audit]).into_iter();
    let of_bucket: Vec<String> = of_bucket.map(|(name, ..)| name).collect();
    let of_s3 = |name: &&String| name.starts_with("S3.");
    assert_eq!(
        of_bucket.iter().filter(of_s3).collect::<Vec<_>>(),
        ["S3.HeadBucket", "S3.GetBucketPolicy"]
    );
}

fn what_anybody_may_say_of_a_bucket_is_not_taken_for_the_word_of_aws() {
    // A 404 without a body says nothing where the policy is there to be read.
    let estate = estate::sound();
    on("S3.HeadBucket", &estate.audit, &json!({"status": 404}));
    let report = check_sources(0, &estate, &[]);
    assert_eq!(findings(&report), [""; 0]);
    // Nor where something else answers in the place of AWS throughout, or AWS does not say so.
    for how in [
        json!({"status": 404, "body": "<html>no such site</html>", "type": "text/html"}),
        json!({"status": 404, "body": "", "type": "application/xml"}),
        json!({"status": 403, "code": "AccessDenied", "message": "Access Denied"}),
        json!({"status": 400, "code": "ExpiredToken", "message": "expired"}),
        json!({"status": 503, "code": "SlowDown", "message": "slower"}),
    ] {
        let estate = estate::sound();
        let [one, two] = &estate.sources;
        on("S3.HeadBucket", &estate.audit, &json!({"status": 404}));
        for account in estate.accounts() {
            on("S3.GetBucketPolicy", account, &how);
        }
        let report = check_sources(3, &estate, &["--timeout", "1"]);
        let undecided = [one, two].map(|it| format!("{it} audit undecided"));
        assert_eq!(verdicts(&report), undecided, "{how}");
        assert_eq!(findings(&report), [""; 0], "{how}");
    }
}

fn a_refused_owner_is_not_hidden_by_whoever_else_may_read() {
    // moto lets every account read every bucket, which AWS does not.
    for how in [
        denied(),
        json!({"status": 500}),
        json!({"status": 404, "body": "", "type": "application/xml"}),
    ] {
        let estate = estate::sound();
        let [one, two] = &estate.sources;
        on("S3.GetBucketPolicy", &estate.audit, &how);
        let report = check_sources(3, &estate, &["--timeout", "1"]);
        let undecided = [one, two].map(|it| format!("{it} audit undecided"));
        assert_eq!(verdicts(&report), undecided, "{how}");
        assert_eq!(findings(&report), [""; 0], "{how}");
        let document = format!(
            "accounts/{}/s3/{}/get-bucket-policy.json",
            estate.audit, estate.bucket
        );
        let unseen = unseen(&report);
        assert!(
            unseen.iter().any(|it| it.starts_with(&document)),
            "{unseen:?}"
        );
        // Nobody was asked about the rest, and nothing is said of it.
        let all = report["not_evaluated"].to_string();
        assert!(!all.contains("get-bucket-encryption"), "{all}");
    }
}

fn a_member_that_reads_alone_knows_no_stranger() {
    let estate = estate::sound();
    let [one, _] = &estate.sources;
    let foreign = json!({"status": 405, "code": "MethodNotAllowed", "message": "The specified method is not allowed against this resource."});
    on("S3.GetBucketPolicy", one, &foreign);
    let report = check(3, one, &[]);
    assert_eq!(verdicts(&report), [format!("{one} audit undecided")]);
    assert_eq!(findings(&report), [""; 0]);
    assert!(
        report["not_evaluated"]
            .to_string()
            .contains("only the bucket's owner may read its policy"),
        "{report}"
    );
}

fn a_bucket_that_is_asked_for_and_does_not_exist_is_told() {
    let estate = estate::sound();
    let report = check_sources(3, &estate, &["--bucket", "logs-that-nobody-has"]);
    let document = format!(
        "accounts/{}/s3/logs-that-nobody-has/head-bucket.json other-error",
        estate.audit
    );
    assert_eq!(unseen(&report), [document]);
    let told = report["not_evaluated"].to_string();
    assert!(told.contains("check how it is spelt"), "{told}");
}

fn a_list_without_an_end_is_no_list() {
    let estate = estate::sound();
    let [one, two] = &estate.sources;
    let again = json!({"status": 200, "body": "{\"Trails\": [], \"NextToken\": \"again\"}", "type": "application/x-amz-json-1.1"});
    on("CloudTrail.ListTrails", one, &again);
    let report = check_sources(3, &estate, &[]);
    let expected = [
        format!("{one} * undecided"),
        // The bucket's policy names it.
        format!("{one} audit delivers"),
        format!("{two} audit delivers"),
    ];
    assert_eq!(verdicts(&report), expected);
}

fn credentials_that_expired_are_said_to_have() {
    let estate = estate::sound();
    let expired = json!({"status": 403, "code": "ExpiredToken", "message": "The security token included in the request is expired"});
    on("STS.GetCallerIdentity", &estate.audit, &expired);
    let report = check_sources(3, &estate, &[]);
    let [one, two] = &estate.sources;
    assert_eq!(
        verdicts(&report),
        [format!("{one} * undecided"), format!("{two} * undecided")]
    );
    assert_eq!(
        unseen(&report),
        [
            format!("accounts/{one}/sts/assume-role.json bad-credentials"),
            format!("accounts/{two}/sts/assume-role.json bad-credentials"),
            "callers/default/get-caller-identity.json bad-credentials".to_owned(),
        ]
    );
    let alone = check(3, &estate.audit, &[]);
    assert_eq!(
        unseen(&alone),
        ["callers/default/get-caller-identity.json bad-credentials"]
    );
}

fn credentials_that_are_not_there_are_wrong_usage() {
    let none = expect(2, &mut bare(&["check", "--live"]));
    assert!(
        none.stderr
            .starts_with("error: there are no credentials for AWS: none in the environment"),
        "{}",
        none.stderr
    );
    assert!(
        none.stderr.contains("\n  help: name a profile"),
        "{}",
        none.stderr
    );
    assert_eq!(none.stdout, "");
    let mut unknown = bare(&["check", "--live", "--profile", "nobody"]);
    let unknown = expect(
        2,
        unknown
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret"),
    );
    assert!(
        unknown
            .stderr
            .starts_with("error: there is no profile `nobody`"),
        "{}",
        unknown.stderr
    );
    let accounts = expect(2, &mut bare(&["check", "--live", "--accounts", "2222"]));
    assert!(
        accounts.stderr.contains("an account id has twelve digits"),
        "{}",
        accounts.stderr
    );
}

fn what_stands_between_is_told_from_aws() {
    let page = |status: u16| json!({"status": status, "body": "<html>", "type": "text/html"});
    let skewed = "Signature expired: 20261125T100000Z is now earlier than 20261125T101500Z";
    let log_in =
        json!({"status": 302, "body": "", "headers": {"location": "http://portal.example/"}});
    let cases = [
        (
            page(200),
            "what happened: UnreadableAnswer: HTTP status 200 and a page of HTML",
            "a network that asks to log in first",
        ),
        (
            log_in,
            "what happened: UnexpectedAnswer: HTTP status 302, a redirection to http://portal.example/",
            "HTTPS_PROXY",
        ),
        (
            page(407),
            "what happened: UnexpectedAnswer: HTTP status 407: a proxy asks for a login",
            "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT",
        ),
        (
            page(503),
            "what happened: HTTP status 503",
            "run again later",
        ),
        (
            json!({"status": 403, "code": "ExpiredToken", "message": "expired"}),
            "AWS said: ExpiredToken: expired",
            "`aws sso login`",
        ),
        (
            json!({"status": 403, "code": "SignatureDoesNotMatch", "message": skewed}),
            "AWS said: SignatureDoesNotMatch: Signature expired",
            "this machine's clock and AWS's are minutes apart",
        ),
    ];
    std::thread::scope(|scope| {
        for (how, said, help) in &cases {
            scope.spawn(move || {
                let told = |estate: &Estate| {
                    let arguments = ["check", "--live", "--accounts", &estate.sources_list()];
                    let mut command = command(&estate.audit, &arguments);
                    expect(3, command.env("COLUMNS", "400")).stdout
                };
                let estate = estate::sound();
                on("STS.GetCallerIdentity", &estate.audit, how);
                let text = told(&estate);
                assert!(text.starts_with("VERDICT"), "{text}");
                assert_eq!(text.matches(said).count(), 1, "{said}\n{text}");
                assert_eq!(text.matches(help).count(), 1, "{help}\n{text}");
                assert!(
                    text.contains("No trail was checked. 2 accounts whose trails"),
                    "{text}"
                );
                // In the middle of a run, of one account only.
                let estate = estate::sound();
                on("CloudTrail.GetTrailStatus", &estate.sources[0], how);
                let text = told(&estate);
                assert!(
                    text.contains(&format!(
                        "{}/cloudtrail/us-east-1/audit/get-trail-status.json",
                        estate.sources[0]
                    )),
                    "{text}"
                );
                assert!(text.contains(said) && text.contains(help), "{text}");
                assert!(
                    text.contains("2 trails: 1 undecided, 1 delivers."),
                    "{text}"
                );
            });
        }
    });
}

fn what_aws_takes_nowhere_is_refused_before_any_call() {
    let caller = estate::account();
    let cases: [(&[&str], &str); 6] = [
        (
            &["--role-name", "two words"],
            "error: `two words` cannot be the name of a role",
        ),
        (
            &["--role-name", "arn:aws:iam::222222222222:role/x"],
            "help: write `--role-name x`",
        ),
        (
            &["--external-id", "a"],
            "error: the external id is none that AWS takes",
        ),
        (
            &["--region", "us-esat-1"],
            "help: did you mean `us-east-1`?",
        ),
        (
            &["--regions", "eu-west-1,mars"],
            "error: there is no Region `mars`",
        ),
        (
            &["--bucket", "s3://logs"],
            "error: `s3://logs` cannot be the name of a bucket",
        ),
    ];
    for (arguments, says) in cases {
        let arguments = [&["check", "--live"][..], arguments].concat();
        let run = expect(2, &mut command(&caller, &arguments));
        assert!(run.stderr.contains(says), "{says}: {}", run.stderr);
    }
    let mut elsewhere = command(&caller, &["check", "--live"]);
    let run = expect(2, elsewhere.env("AWS_REGION", "useast1"));
    assert!(
        run.stderr.contains("did you mean `us-east-1`?"),
        "{}",
        run.stderr
    );
    assert_eq!(calls(&[&caller]), []);
    let estate = estate::sound();
    check_sources(0, &estate, &["--role-name", "/audit/reader"]);
}

fn an_organization_that_may_not_be_listed_stops_nobody() {
    let estate = estate::sound();
    let [one, two] = &estate.sources;
    on("Organizations.ListAccounts", &estate.audit, &denied());
    let more = [
        "--organization",
        "--accounts",
        one,
        "--ignore",
        "trail-missing",
    ];
    let report = check(3, &estate.audit, &more);
    // The account that was named, and the caller's own, which has no trail.
    assert_eq!(verdicts(&report), [format!("{one} audit delivers")]);
    let refused = "organizations/list-accounts.json access-denied";
    assert_eq!(unseen(&report), [refused]);
    let all = report["not_evaluated"].as_array().unwrap().iter();
    let told = all.clone().find(|it| it["decisive"] == true).unwrap();
    let help = told["help"].as_str().unwrap();
    assert!(help.contains("management account"), "{help}");
    assert!(help.contains("`organizations:ListAccounts`"), "{help}");
    // Reports of all kinds are written, and so is the snapshot, which says the same.
    let folder = tempfile::tempdir().unwrap();
    let (to, sarif) = (
        folder.path().join("snapshot"),
        folder.path().join("report.sarif"),
    );
    let output = format!("sarif={}", sarif.display());
    let arguments = [
        "check",
        "--live",
        "--organization",
        "--output",
        &output,
        "--save",
        to.to_str().unwrap(),
    ];
    expect(
        3,
        &mut command(
            two,
            &[&arguments[..], &["--ignore", "trail-missing"]].concat(),
        ),
    );
    assert!(
        std::fs::read_to_string(&sarif)
            .unwrap()
            .contains("list-accounts.json")
    );
    let saved = expect(3, &mut bare(&["check", to.to_str().unwrap(), "-f", "json"])).json();
    assert_eq!(verdicts(&saved), [format!("{two} audit undecided")]);
    // An organization that the caller does not belong to, as AWS and as moto say it.
    let outside = estate::sound();
    let not_in_use =
        json!({"status": 400, "code": "AWSOrganizationsNotInUseException", "message": "no"});
    on("Organizations.ListAccounts", &outside.audit, &not_in_use);
    let report = check(
        3,
        &outside.audit,
        &[
            "--organization",
            "--accounts",
            &outside.sources_list(),
            "--ignore",
            "trail-missing",
        ],
    );
    assert_eq!(
        unseen(&report),
        ["organizations/list-accounts.json other-error"]
    );
}

fn a_region_that_is_not_enabled_is_no_fault() {
    let estate = estate::sound();
    let [one, _] = &estate.sources;
    let unknown = json!({"status": 400, "code": "UnrecognizedClientException", "message": "The security token included in the request is invalid."});
    let mut in_bahrain = unknown.clone();
    in_bahrain["region"] = json!("me-south-1");
    on("*", one, &in_bahrain);
    let report = check(0, &estate.audit, &["--accounts", one, "--all-regions"]);
    assert_eq!(unseen(&report), [""; 0]);
    // A Region that every account has answers so for another reason.
    let mut in_ireland = unknown;
    in_ireland["region"] = json!("eu-west-1");
    on("*", one, &in_ireland);
    let report = check(3, &estate.audit, &["--accounts", one, "--all-regions"]);
    let shadow = format!(
        "accounts/{one}/cloudtrail/us-east-1/audit/regions/eu-west-1/get-trail-status.json bad-credentials"
    );
    let region =
        format!("accounts/{one}/cloudtrail/eu-west-1/describe-trails.json bad-credentials");
    assert_eq!(unseen(&report), [region, shadow]);
}

fn ctrl_c_ends_the_run() {
    let estate = estate::sound();
    on(
        "CloudTrail.ListTrails",
        &estate.sources[0],
        &json!({"delay": 30}),
    );
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("snapshot");
    let arguments = [
        "collect",
        "--to",
        to.to_str().unwrap(),
        "--accounts",
        &estate.sources_list(),
        "--timeout",
        "60",
    ];
    let mut command = command(&estate.audit, &arguments);
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !calls(&[&estate.sources[0]])
        .iter()
        .any(|(name, ..)| name == "CloudTrail.ListTrails")
    {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "nothing was called"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: interrupted, and nothing was written\n"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(begun.elapsed() < Duration::from_secs(20), "it waited");
}

fn a_person_reads_what_half_of_it_failed_with() {
    let estate = estate::sound();
    let [one, two] = &estate.sources;
    on("CloudTrail.ListTrails", one, &denied());
    on("CloudTrail.DescribeTrails", one, &denied());
    on("KMS.GetKeyPolicy", &estate.audit, &denied());
    let arguments = ["check", "--live", "--accounts", &estate.sources_list()];
    let text = expect(3, command(&estate.audit, &arguments).env("LANG", "C.UTF-8")).stdout;
    for part in [
        format!("undecided  {one}: not all of its trails could be seen"),
        format!("undecided  {two} audit (us-east-1)"),
        "AWS said: AccessDeniedException: not authorized".to_owned(),
        "allow `cloudtrail:ListTrails` for".to_owned(),
        "allow `kms:GetKeyPolicy` for".to_owned(),
    ] {
        assert!(text.contains(&part), "{part}\n{text}");
    }
    for line in text.lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
}
