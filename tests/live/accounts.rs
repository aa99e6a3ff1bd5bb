//! What is read where AWS answers: which accounts, trails, buckets, keys and topics, and with which calls.

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::json;
use trail_lint::source::live::Operation;

use crate::Test;
use crate::aws::{call, calls, control};
use crate::estate::{self, REGION, account};
use crate::run::{bare, check, command, credentials, expect, findings, unseen, verdicts};

pub(crate) const TESTS: &[Test] = &[
    (
        "a_sound_estate_delivers_from_every_account",
        a_sound_estate_delivers_from_every_account,
    ),
    ("one_account_needs_no_flag", one_account_needs_no_flag),
    ("profiles_are_accounts_too", profiles_are_accounts_too),
    (
        "an_explicit_profile_beats_the_environment",
        an_explicit_profile_beats_the_environment,
    ),
    (
        "every_account_of_an_organization_is_read",
        every_account_of_an_organization_is_read,
    ),
    (
        "an_organization_trail_is_read_once",
        an_organization_trail_is_read_once,
    ),
    (
        "a_fault_in_the_policy_is_found_on_its_line",
        a_fault_in_the_policy_is_found_on_its_line,
    ),
    (
        "a_disabled_key_and_a_stopped_trail_are_found",
        a_disabled_key_and_a_stopped_trail_are_found,
    ),
    ("an_alias_is_the_key_it_names", an_alias_is_the_key_it_names),
    (
        "trails_of_other_regions_are_found",
        trails_of_other_regions_are_found,
    ),
    (
        "an_account_without_a_trail_is_told_of",
        an_account_without_a_trail_is_told_of,
    ),
    (
        "what_aws_reports_is_held_against_the_prediction",
        what_aws_reports_is_held_against_the_prediction,
    ),
    ("a_bucket_lies_where_s3_says", a_bucket_lies_where_s3_says),
    (
        "topics_are_read_and_their_keys",
        topics_are_read_and_their_keys,
    ),
    (
        "the_configuration_file_names_accounts",
        the_configuration_file_names_accounts,
    ),
    ("a_trail_is_told_live", a_trail_is_told_live),
    (
        "what_aws_has_is_mended_by_what_a_person_puts",
        what_aws_has_is_mended_by_what_a_person_puts,
    ),
];

fn a_sound_estate_delivers_from_every_account() {
    let estate = estate::sound();
    let report = check(0, &estate.audit, &["--accounts", &estate.sources_list()]);
    let [one, two] = &estate.sources;
    assert_eq!(
        verdicts(&report),
        [
            format!("{one} audit delivers"),
            format!("{two} audit delivers")
        ]
    );
    assert_eq!(findings(&report), [""; 0]);
    assert_eq!(unseen(&report), [""; 0]);
    // Per source account the role, the list and the trails; per trail its status and its selectors.
    let of = |account: &str| {
        calls(&[account])
            .into_iter()
            .map(|(name, ..)| name)
            .collect::<Vec<_>>()
    };
    let mut of_one = of(one);
    of_one.sort();
    let expected = [
        "CloudTrail.DescribeTrails",
        "CloudTrail.GetEventSelectors",
        "CloudTrail.GetTrailStatus",
        "CloudTrail.ListTrails",
    ];
    assert_eq!(of_one, expected);
    let mut of_audit = of(&estate.audit);
    of_audit.sort();
    let expected = [
        "KMS.DescribeKey",
        "KMS.GetKeyPolicy",
        "S3.GetBucketEncryption",
        "S3.GetBucketLifecycleConfiguration",
        "S3.GetBucketOwnershipControls",
        "S3.GetBucketPolicy",
        "S3.GetBucketPolicyStatus",
        "S3.GetBucketRequestPayment",
        "S3.GetBucketVersioning",
        "S3.GetObjectLockConfiguration",
        "S3.GetPublicAccessBlock",
        "S3.HeadBucket",
        "STS.AssumeRole",
        "STS.AssumeRole",
        "STS.GetCallerIdentity",
    ];
    assert_eq!(of_audit, expected);
    only_what_is_on_the_list(&estate.accounts());
}

/// What was called stands in the list of operations.
fn only_what_is_on_the_list(accounts: &[&str]) {
    let list: BTreeSet<String> = Operation::ALL
        .iter()
        .map(|operation| format!("{}.{}", operation.service(), operation.name()))
        .collect();
    for (operation, ..) in calls(accounts) {
        assert!(
            list.contains(&operation),
            "`{operation}` is not on the list"
        );
    }
}

fn one_account_needs_no_flag() {
    let estate = estate::sound();
    let [one, _] = &estate.sources;
    let report = check(3, one, &[]);
    // moto lets any account read a bucket's policy, and none another's key.
    assert_eq!(verdicts(&report), [format!("{one} audit undecided")]);
    let key = estate.key.rsplit('/').next().unwrap();
    let document = format!(
        "accounts/{}/kms/{key}/get-key-policy.json no-document",
        estate.audit
    );
    assert!(unseen(&report).contains(&document), "{report}");
    let help = report["not_evaluated"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["decisive"] == true)
        .find_map(|it| it["help"].as_str());
    assert!(
        help.unwrap()
            .contains(&format!("credentials of account {}", estate.audit)),
        "{report}"
    );
}

fn with_profiles(accounts: &[&str]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for (index, account) in accounts.iter().enumerate() {
        writeln!(file, "[profile p{index}]\nregion = us-east-1").unwrap();
        for (name, value) in credentials(account) {
            writeln!(file, "{name} = {value}").unwrap();
        }
    }
    file
}

fn profiles_are_accounts_too() {
    let estate = estate::sound();
    let file = with_profiles(&estate.accounts());
    let mut command = bare(&[
        "check",
        "--live",
        "-f",
        "json",
        "--profiles",
        "p0,p1,p2",
        "--ignore",
        "trail-missing",
    ]);
    command
        .env("AWS_ENDPOINT_URL", crate::aws::endpoint())
        .env("AWS_CONFIG_FILE", file.path());
    let report = expect(0, &mut command).json();
    let [one, two] = &estate.sources;
    assert_eq!(
        verdicts(&report),
        [
            format!("{one} audit delivers"),
            format!("{two} audit delivers")
        ]
    );
}

fn an_explicit_profile_beats_the_environment() {
    let estate = estate::sound();
    let [one, _] = &estate.sources;
    let file = with_profiles(&[one]);
    // The environment's credentials are the audit account's, which has no trail.
    let mut command = command(
        &estate.audit,
        &[
            "check",
            "--live",
            "-f",
            "json",
            "--profile",
            "p0",
            "--allow-partial",
        ],
    );
    command.env("AWS_CONFIG_FILE", file.path());
    let report = expect(0, &mut command).json();
    assert_eq!(verdicts(&report), [format!("{one} audit undecided")]);
}

/// An organization with one member; the member's account, which moto chooses.
fn organization(management: &str) -> (String, String) {
    let answer = call(
        management,
        REGION,
        "organizations",
        "create_organization",
        &json!({"FeatureSet": "ALL"}),
    );
    let id = answer["Organization"]["Id"].as_str().unwrap().to_owned();
    let with = json!({"Email": "member@example.com", "AccountName": "member"});
    let answer = call(management, REGION, "organizations", "create_account", &with);
    let member = answer["CreateAccountStatus"]["AccountId"]
        .as_str()
        .unwrap()
        .to_owned();
    (id, member)
}

fn every_account_of_an_organization_is_read() {
    let estate = estate::empty();
    let management = &estate.sources[0];
    let (_, member) = organization(management);
    estate.make_trail(management, REGION, &json!({}));
    let report = check(
        1,
        management,
        &["--organization", "--audit-account", &estate.audit],
    );
    assert_eq!(verdicts(&report), [format!("{management} audit delivers")]);
    assert_eq!(findings(&report), [format!("trail-missing {member}")]);
    let sarif = [
        "check",
        "--live",
        "--organization",
        "--audit-account",
        &estate.audit,
        "-f",
        "sarif",
    ];
    let sarif = expect(1, &mut command(management, &sarif)).json();
    let category = sarif["runs"][0]["automationDetails"]["id"]
        .as_str()
        .unwrap();
    assert!(category.starts_with("trail-lint/live/o-"), "{category}");
    only_what_is_on_the_list(&[management, &member, &estate.audit]);
}

fn an_organization_trail_is_read_once() {
    let estate = estate::empty();
    let management = &estate.sources[0];
    let (id, member) = organization(management);
    let arn = estate::trail(management);
    let mut policy = estate.bucket_policy();
    let statements = policy["Statement"].as_array_mut().unwrap();
    statements.push(json!({
        "Sid": "Organization", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{}/AWSLogs/{id}/*", estate.bucket),
        "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": arn}},
    }));
    estate.put_bucket_policy(&policy);
    estate.make_trail(management, REGION, &json!({"IsOrganizationTrail": true}));
    // moto does not show it in members; AWS does.
    let listed = json!({"Trails": [{"TrailARN": arn, "Name": "audit", "HomeRegion": REGION}]});
    control(
        "answer",
        &json!({"operation": "CloudTrail.ListTrails", "account": member, "fields": listed}),
    );
    let accounts = format!("{management},{member}");
    let report = check(
        0,
        management,
        &["--accounts", &accounts, "--audit-account", &estate.audit],
    );
    assert_eq!(verdicts(&report), [format!("{management} audit delivers")]);
    let of_member: Vec<String> = calls(&[&member])
        .into_iter()
        .map(|(name, ..)| name)
        .collect();
    assert_eq!(of_member, ["CloudTrail.ListTrails"]);
    // Where the owner is not read, a member tells what it may see.
    let trail = json!({"Trail": {"TrailARN": arn, "Name": "audit", "S3BucketName": estate.bucket, "HomeRegion": REGION,
                                 "IsMultiRegionTrail": true, "IsOrganizationTrail": true, "LogFileValidationEnabled": true}});
    let answer =
        json!({"status": 200, "type": "application/x-amz-json-1.1", "body": trail.to_string()});
    let mut get_trail = json!({"operation": "CloudTrail.GetTrail", "account": member});
    let mut get_status = json!({"operation": "CloudTrail.GetTrailStatus", "account": member});
    for (name, value) in answer.as_object().unwrap() {
        get_trail[name] = value.clone();
        get_status[name] = value.clone();
    }
    get_status["body"] = json!(json!({"IsLogging": true}).to_string());
    control("fault", &get_trail);
    control("fault", &get_status);
    let report = check(0, &member, &["--audit-account", &estate.audit]);
    assert_eq!(
        verdicts(&report),
        [format!("{management} audit delivers")],
        "{report}"
    );
}

fn a_fault_in_the_policy_is_found_on_its_line() {
    let estate = estate::sound();
    let mut policy = estate.bucket_policy();
    let wrong = estate::trail(&estate.sources[1]).replace(REGION, "eu-west-1");
    policy["Statement"][2]["Condition"]["StringEquals"]["aws:SourceArn"] = json!(wrong);
    estate.put_bucket_policy(&policy);
    let report = check(1, &estate.audit, &["--accounts", &estate.sources_list()]);
    let two = &estate.sources[1];
    assert_eq!(
        findings(&report),
        [format!("source-arn-wrong-region {two}")]
    );
    let location = &report["findings"][0]["location"];
    let path = format!(
        ".trail-lint/live/accounts/{}/s3/{}/get-bucket-policy.json",
        estate.audit, estate.bucket
    );
    assert_eq!(location["path"], json!(path));
    assert_eq!(location["line"], json!(47), "{location}");
    let arguments = [
        "check",
        "--live",
        "--accounts",
        &estate.sources_list(),
        "-f",
        "sarif",
    ];
    let sarif = expect(1, &mut command(&estate.audit, &arguments)).json();
    let run = &sarif["runs"][0];
    assert_eq!(
        run["automationDetails"]["id"],
        json!(format!("trail-lint/live/{}/", estate.audit))
    );
    let place = &run["results"][0]["locations"][0];
    assert_eq!(
        place["physicalLocation"]["artifactLocation"]["uri"],
        json!(path)
    );
    let resource = format!("arn:aws:s3:::{}", estate.bucket);
    assert_eq!(
        place["logicalLocations"][0]["fullyQualifiedName"],
        json!(resource)
    );
    let index = &place["physicalLocation"]["artifactLocation"]["index"];
    let artifact = &run["artifacts"][usize::try_from(index.as_u64().unwrap()).unwrap()];
    assert_eq!(artifact["location"]["uri"], json!(path));
    assert!(
        artifact["contents"]["text"]
            .as_str()
            .unwrap()
            .contains(&wrong)
    );
}

fn a_disabled_key_and_a_stopped_trail_are_found() {
    let estate = estate::sound();
    let [one, two] = &estate.sources;
    call(
        &estate.audit,
        REGION,
        "kms",
        "disable_key",
        &json!({"KeyId": estate.key.rsplit('/').next()}),
    );
    call(
        two,
        REGION,
        "cloudtrail",
        "stop_logging",
        &json!({"Name": "audit"}),
    );
    let report = check(1, &estate.audit, &["--accounts", &estate.sources_list()]);
    assert_eq!(
        verdicts(&report),
        [
            format!("{one} audit blocked"),
            format!("{two} audit blocked")
        ]
    );
    assert_eq!(
        findings(&report),
        [
            format!("kms-key-disabled {one}"),
            format!("kms-key-disabled {two}"),
            format!("trail-not-logging {two}")
        ]
    );
}

fn an_alias_is_the_key_it_names() {
    let estate = estate::empty();
    let [one, two] = &estate.sources;
    let with = json!({"AliasName": "alias/trails", "TargetKeyId": estate.key});
    call(&estate.audit, REGION, "kms", "create_alias", &with);
    let alias = format!("arn:aws:kms:{REGION}:{}:alias/trails", estate.audit);
    estate.make_trail(one, REGION, &json!({"KmsKeyId": alias}));
    estate.make_trail(two, REGION, &json!({}));
    let report = check(0, &estate.audit, &["--accounts", &estate.sources_list()]);
    assert_eq!(
        verdicts(&report),
        [
            format!("{one} audit delivers"),
            format!("{two} audit delivers")
        ]
    );
    assert_eq!(report["trails"][0]["kms_key"], json!(estate.key));
    let denied = json!({"operation": "KMS.DescribeKey", "account": estate.audit, "contains": "alias/", "status": 400,
                        "code": "AccessDeniedException"});
    control("fault", &denied);
    let report = check(3, &estate.audit, &["--accounts", one]);
    let document = format!(
        "accounts/{}/kms/alias+trails/describe-key.json access-denied",
        estate.audit
    );
    assert!(unseen(&report).contains(&document), "{report}");
}

fn trails_of_other_regions_are_found() {
    let estate = estate::empty();
    let [one, two] = &estate.sources;
    let mut policy = estate.bucket_policy();
    let elsewhere = estate::trail(one).replace(REGION, "eu-west-1");
    policy["Statement"][1]["Condition"]["StringEquals"]["aws:SourceArn"] = json!(elsewhere);
    estate.put_bucket_policy(&policy);
    estate.make_trail(
        one,
        "eu-west-1",
        &json!({"IsMultiRegionTrail": false, "KmsKeyId": ""}),
    );
    estate.make_trail(
        two,
        "eu-central-1",
        &json!({"IsMultiRegionTrail": false, "KmsKeyId": ""}),
    );
    let accounts = estate.sources_list();
    // moto's list leaves out trails of one Region elsewhere, unlike AWS's. What a policy names is asked for.
    let report = check(
        1,
        &estate.audit,
        &["--accounts", &accounts, "--bucket", &estate.bucket],
    );
    let found = |report| {
        verdicts(report)
            .iter()
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&report), [one.as_str()]);
    let report = check(
        1,
        &estate.audit,
        &["--accounts", &accounts, "--regions", "eu-central-1"],
    );
    assert_eq!(found(&report), [two, one.as_str()]);
    let report = check(
        1,
        &estate.audit,
        &["--accounts", &accounts, "--all-regions"],
    );
    assert_eq!(found(&report), [two, one.as_str()]);
}

fn an_account_without_a_trail_is_told_of() {
    let estate = estate::empty();
    let [one, two] = &estate.sources;
    estate.make_trail(one, REGION, &json!({}));
    let report = check(1, &estate.audit, &["--accounts", &estate.sources_list()]);
    let missing = findings(&report);
    assert!(
        missing.contains(&format!("trail-missing {two}")),
        "{missing:?}"
    );
    assert!(
        !missing.contains(&format!("trail-missing {one}")),
        "{missing:?}"
    );
}

fn what_aws_reports_is_held_against_the_prediction() {
    let estate = estate::sound();
    let [one, two] = &estate.sources;
    let reported = |account: &str, fields| {
        control(
            "status",
            &json!({"account": account, "trail": "audit", "fields": fields}),
        );
    };
    reported(
        one,
        json!({"LatestDeliveryError": "AccessDenied", "LatestDeliveryTime": 1_700_000_000.0}),
    );
    reported(two, json!({"LatestDigestDeliveryTime": 1_700_000_000.0}));
    let report = check(1, &estate.audit, &["--accounts", &estate.sources_list()]);
    assert_eq!(
        findings(&report),
        [
            format!("backlog-lost {one}"),
            format!("delivery-error-unexplained {one}"),
            format!("delivery-stale {two}")
        ]
    );
    let message = report["findings"].to_string();
    assert!(message.contains("resource control policy"), "{message}");
    let mut policy = estate.bucket_policy();
    policy["Statement"].as_array_mut().unwrap().remove(1);
    estate.put_bucket_policy(&policy);
    let report = check(1, &estate.audit, &["--accounts", &estate.sources_list()]);
    let found = findings(&report);
    assert!(
        found.contains(&format!("delivery-error-reported {one}")),
        "{found:?}"
    );
    assert!(
        !found.contains(&format!("delivery-error-unexplained {one}")),
        "{found:?}"
    );
}

fn a_bucket_lies_where_s3_says() {
    let estate = estate::empty();
    let [one, _] = &estate.sources;
    let bucket = format!("{}-eu", estate.bucket);
    let with =
        json!({"Bucket": bucket, "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}});
    call(&estate.audit, "eu-west-1", "s3", "create_bucket", &with);
    estate.make_trail(one, REGION, &json!({"S3BucketName": bucket}));
    // moto answers in any Region; S3 answers with a redirection that names the right one.
    control(
        "fault",
        &json!({"operation": "S3.HeadBucket", "account": estate.audit, "region": REGION, "status": 301,
                             "headers": {"x-amz-bucket-region": "eu-west-1"}}),
    );
    let report = check(1, &estate.audit, &["--accounts", one]);
    let found = findings(&report);
    assert!(
        found.contains(&format!("kms-key-region {one}")),
        "{found:?}"
    );
    assert!(
        found.contains(&format!("bucket-policy-missing {one}")),
        "{found:?}"
    );
}

fn topics_are_read_and_their_keys() {
    let estate = estate::empty();
    let [one, _] = &estate.sources;
    let topic = call(
        one,
        REGION,
        "sns",
        "create_topic",
        &json!({"Name": "trails"}),
    );
    let topic = topic["TopicArn"].as_str().unwrap();
    let key = call(one, REGION, "kms", "create_key", &json!({}));
    let key = key["KeyMetadata"]["KeyId"].as_str().unwrap();
    call(
        one,
        REGION,
        "kms",
        "create_alias",
        &json!({"AliasName": "alias/topic", "TargetKeyId": key}),
    );
    let set = |name: &str, value: &str| {
        let with = json!({"TopicArn": topic, "AttributeName": name, "AttributeValue": value});
        call(one, REGION, "sns", "set_topic_attributes", &with);
    };
    set("KmsMasterKeyId", "alias/topic");
    estate.make_trail(one, REGION, &json!({"SnsTopicName": "trails"}));
    let report = check(1, &estate.audit, &["--accounts", one]);
    let found = findings(&report);
    assert!(
        found.contains(&format!("topic-kms-denied {one}")),
        "{found:?}"
    );
    assert!(found.iter().any(|it| it.starts_with("topic-")), "{found:?}");
    assert_eq!(unseen(&report), [""; 0]);
}

fn a_trail_is_told_live() {
    let estate = estate::sound();
    let [one, _] = &estate.sources;
    let trail = format!("{one}/audit");
    let arguments = ["why", &trail, "--live", "--accounts", one];
    let told = expect(0, &mut command(&estate.audit, &arguments)).stdout;
    assert!(told.contains(&estate::trail(one)), "{told}");
    let unknown = account();
    let arguments = ["why", &unknown, "--live", "--accounts", one];
    let told = expect(2, &mut command(&estate.audit, &arguments));
    assert!(told.stderr.contains(&estate::trail(one)), "{}", told.stderr);
}

fn what_aws_has_is_mended_by_what_a_person_puts() {
    let estate = estate::sound();
    let [one, _] = &estate.sources;
    let sources = estate.sources_list();
    let mut broken = estate.bucket_policy();
    let text = broken
        .to_string()
        .replace(&estate::trail(one), "arn:aws:cloudtrail:eu-west-1:*");
    broken = serde_json::from_str(&text).unwrap();
    estate.put_bucket_policy(&broken);
    let live = ["--live", "--accounts", &sources];
    check(1, &estate.audit, &live[1..]);
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().to_str().unwrap();
    let with = |arguments: &[&str]| command(&estate.audit, &[arguments, &live[..]].concat());
    let refused = expect(2, &mut with(&["fix", "--write"]));
    assert!(
        refused.stderr.contains("--aws-commands"),
        "{}",
        refused.stderr
    );
    let fixed = expect(0, &mut with(&["fix", "--aws-commands", review]));
    let file = folder
        .path()
        .join(format!("bucket-policy-{}.json", estate.bucket));
    let put = format!(
        "aws s3api put-bucket-policy --bucket {} --expected-bucket-owner {} --policy file://{}\n",
        estate.bucket,
        estate.audit,
        file.display()
    );
    assert_eq!(fixed.stdout, put);
    let policy = |text: &str| serde_json::from_str(text).unwrap();
    estate.put_bucket_policy(&policy(&std::fs::read_to_string(&file).unwrap()));
    check(0, &estate.audit, &live[1..]);
    // And from scratch.
    estate.put_bucket_policy(&broken);
    let written = expect(0, &mut with(&["policy", "--only", "bucket"])).stdout;
    estate.put_bucket_policy(&policy(&written));
    check(0, &estate.audit, &live[1..]);
}

fn the_configuration_file_names_accounts() {
    let estate = estate::sound();
    let [one, two] = &estate.sources;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(
        file,
        "[live]\naccounts = [\"{one}\", \"{two}\"]\nrole-name = \"reader\""
    )
    .unwrap();
    let config = file.path().to_str().unwrap();
    let report = check(0, &estate.audit, &["--config", config]);
    assert_eq!(
        verdicts(&report),
        [
            format!("{one} audit delivers"),
            format!("{two} audit delivers")
        ]
    );
    // What the command line names is all that is read.
    let report = check(0, &estate.audit, &["--config", config, "--accounts", two]);
    assert_eq!(verdicts(&report), [format!("{two} audit delivers")]);
}
