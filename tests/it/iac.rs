//! Infrastructure code as input: templates, assemblies and plans, what they are found to do, and where
//! the findings point. `fixtures/iac/README.md` says where the fixtures' shapes come from.

mod apart;
mod equal;
mod hostile;
mod linked;
mod merging;
mod plans;
mod templates;
mod terraform;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, command, finish, items, path, repository, run, text, write};

const ACCOUNT_TRAIL: &str = "fixtures/iac/cloudformation/account-trail.yaml";
const PULL_REQUEST: &str = "fixtures/iac/cloudformation/pull-request";
const MEMBERS: &str = "fixtures/iac/cloudformation/audit-and-members";
const TERRAFORM: &str = "fixtures/iac/terraform";
const SOUND: &str = "fixtures/interstellar/sound";

/// Trails with their verdicts, and findings of medium or above as `RULE FILE:LINE:COLUMN`.
fn told(report: &Value) -> (Vec<String>, Vec<String>) {
    let trails = items(report, "trails").iter();
    let trails = trails.map(|trail| format!("{} {}", text(trail, "arn"), text(trail, "verdict")));
    let found = items(report, "findings").iter();
    let found = found
        .filter(|it| text(it, "severity") != "low")
        .map(|finding| {
            let location = &finding["location"];
            let file = text(location, "path").rsplit('/').next().unwrap();
            format!(
                "{} {file}:{}:{}",
                text(finding, "rule"),
                location["line"],
                location["column"]
            )
        });
    (trails.collect(), found.collect())
}

fn check(status: i32, arguments: &[&str]) -> Value {
    let mut all = vec!["check", "-f", "json"];
    all.extend(arguments);
    run(status, &all).json()
}

/// A file of the repository, changed.
fn changed(file: &str, from: &str, to: &str) -> String {
    let whole = std::fs::read_to_string(repository().join(file)).unwrap();
    let changed = whole.replacen(from, to, 1);
    assert_ne!(whole, changed, "`{from}` stands in {file}");
    changed
}

fn folder(files: &[(&str, String)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        write(&folder.path().join(name), content);
    }
    folder
}

#[test]
fn a_template_is_audited_for_whatever_account_and_region() {
    let delivers = |arn: &str| {
        (
            vec![format!("{arn} delivers")],
            vec!["bucket-unprotected account-trail.yaml:24:5".to_owned()],
        )
    };
    let report = check(1, &[ACCOUNT_TRAIL]);
    let arn = "arn:aws:cloudtrail:⟨region⟩:⟨account⟩:trail/account-trail";
    assert_eq!(told(&report), delivers(arn));
    assert_eq!(items(&report, "not_evaluated"), [] as [Value; 0]);
    let place = ["--account", "222222222222", "--region", "us-gov-west-1"];
    let report = check(1, &[&[ACCOUNT_TRAIL], &place[..]].concat());
    let arn = "arn:aws-us-gov:cloudtrail:us-gov-west-1:222222222222:trail/account-trail";
    assert_eq!(told(&report), delivers(arn));
    // A topic that only a parameter brings, and its policy.
    let notes = ["--parameter", "Notify=true", "--parameter", "TrailName=x-1"];
    let report = check(1, &[&[ACCOUNT_TRAIL], &notes[..]].concat());
    let arn = "arn:aws:cloudtrail:⟨region⟩:⟨account⟩:trail/x-1";
    assert_eq!(told(&report), delivers(arn));
    let requests = items(&report["trails"][0], "requests");
    assert_eq!(
        (
            text(&requests[requests.len() - 1], "id"),
            text(&requests[requests.len() - 1], "decision")
        ),
        ("publish", "allowed")
    );
}

#[test]
fn findings_point_to_line_and_column_of_the_template() {
    for (from, to, rule, place) in [
        (
            "/AWSLogs/${AWS::AccountId}/*",
            "/awslogs/${AWS::AccountId}/*",
            "awslogs-folder-misspelt",
            "56:28",
        ),
        (
            "- !Sub trail/${TrailName}",
            "- !Sub trail/${TrailName}s",
            "source-arn-wrong-trail-name",
            "60:32",
        ),
        (
            "bucket-owner-full-control",
            "private",
            "acl-condition-wrong",
            "59:31",
        ),
        (
            "Action: s3:GetBucketAcl",
            "Action: s3:GetBucketLocation",
            "get-bucket-acl-missing",
            "43:11",
        ),
        (
            "Action: kms:GenerateDataKey*",
            "Action: kms:Encrypt",
            "kms-no-generate-data-key",
            "90:21",
        ),
        (
            "      IsLogging: true",
            "      IsLogging: false",
            "trail-not-logging",
            "144:18",
        ),
        (
            "    Properties:\n      EnableKeyRotation: true",
            "    Properties:\n      Enabled: false",
            "kms-key-disabled",
            "78:16",
        ),
        (
            "S3BucketName: !Ref LogBucket",
            "S3BucketName: !Ref LogBucket\n      S3KeyPrefix: team",
            "key-prefix-mismatch",
            "56:28",
        ),
        (
            "!GetAtt TrailKey.Arn",
            "arn:aws:kms:us-east-1:222222222222:key/1-2",
            "",
            "",
        ),
    ] {
        let template = changed(ACCOUNT_TRAIL, from, to);
        let folder = folder(&[("t.yaml", template)]);
        let file = folder.path().join("t.yaml");
        let run = finish(command(&["check", "-f", "json", path(&file)]));
        let (_, found) = told(&run.json());
        if rule.is_empty() {
            // A key of which nothing is known.
            assert_eq!(run.status, 1, "{}", run.stdout);
            assert_eq!(text(&run.json()["trails"][0], "verdict"), "undecided");
            continue;
        }
        let expected = format!("{rule} t.yaml:{place}");
        assert!(found.contains(&expected), "{expected} is not in {found:#?}");
    }
}

#[test]
fn a_template_as_json_with_long_forms_says_the_same() {
    let template = r#"{"Parameters": {"P": {"Type": "String", "Default": "a,b"}}, "Mappings": {"M": {"k": {"x": "audit"}}},
"Conditions": {"Yes": {"Fn::Or": [{"Fn::Equals": ["a", "b"]}, {"Fn::Not": [{"Fn::Equals": ["a", "b"]}]}]}},
"Resources": {
 "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": ["${x}-${AWS::Region}", {"x": {"Fn::FindInMap": ["M", "k", "x"]}}]},
   "VersioningConfiguration": {"Status": "Enabled"}}},
 "P1": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [
   {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl", "Resource": {"Fn::GetAtt": ["B", "Arn"]},
    "Condition": {"StringEquals": {"aws:SourceArn": {"Fn::GetAtt": "T.Arn"}}}},
   {"Fn::If": ["Yes", {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
     "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["B", "Arn"]}, "/AWSLogs/", {"Ref": "AWS::AccountId"}, "/*"]]},
     "Condition": {"StringEquals": {"aws:SourceArn": {"Fn::GetAtt": "T.Arn"}, "s3:x-amz-acl": "bucket-owner-full-control"}}},
    {"Ref": "AWS::NoValue"}]},
   {"Fn::If": ["Yes", {"Ref": "AWS::NoValue"}, {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}]}}},
 "T": {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": {"Fn::Select": ["1", {"Fn::Split": [",", "x,three"]}]},
   "S3BucketName": {"Ref": "B"}, "IsLogging": true, "IsMultiRegionTrail": true, "EnableLogFileValidation": true}}}}"#;
    let folder = folder(&[("t.template", template.to_owned())]);
    let report = check(
        0,
        &[
            path(folder.path().join("t.template").as_path()),
            "--account",
            "222222222222",
            "--region",
            "eu-west-1",
        ],
    );
    assert_eq!(
        told(&report),
        (
            vec!["arn:aws:cloudtrail:eu-west-1:222222222222:trail/three delivers".to_owned()],
            vec![]
        )
    );
    assert_eq!(text(&report["trails"][0], "bucket"), "audit-eu-west-1");
}

#[test]
fn several_templates_are_one_estate_and_a_stack_set_is_one_stack_an_account() {
    let (audit, member) = (
        format!("{MEMBERS}/audit.yaml"),
        format!("{MEMBERS}/member.json"),
    );
    let told_of = |status: i32, accounts: &str, more: &[&str]| {
        let accounts = format!("member={accounts}");
        let fixed = [
            &audit,
            &member,
            "--parameter",
            "BucketName=example-logs",
            "--account",
            "audit=111111111111",
            "--region",
            "us-east-1",
            "--stack-accounts",
            &accounts,
        ];
        told(&check(status, &[&fixed[..], more].concat()))
    };
    let trail = |account: &str, verdict: &str| {
        format!("arn:aws:cloudtrail:us-east-1:{account}:trail/member-trail {verdict}")
    };
    assert_eq!(
        told_of(0, "222222222222,333333333333", &[]),
        (
            vec![
                trail("222222222222", "delivers"),
                trail("333333333333", "delivers")
            ],
            vec![]
        )
    );
    assert_eq!(
        told_of(1, "222222222222,444444444444", &[]),
        (
            vec![
                trail("222222222222", "delivers"),
                trail("444444444444", "blocked")
            ],
            vec![
                "account-prefix-missing audit.yaml:42:15".to_owned(),
                "source-account-mismatch audit.yaml:36:41".to_owned(),
            ]
        )
    );
    let (_, found) = told_of(1, "222222222222", &["--parameter", "Prefix=shop"]);
    assert!(
        found.contains(&"key-prefix-mismatch audit.yaml:42:17".to_owned()),
        "{found:?}"
    );
}

#[test]
fn an_assembly_tells_accounts_regions_and_exports_by_itself() {
    let report = check(0, &["fixtures/iac/cdk.out"]);
    assert_eq!(
        told(&report),
        (
            vec!["arn:aws:cloudtrail:eu-central-1:222222222222:trail/payments delivers".to_owned()],
            vec![]
        )
    );
    let file = "fixtures/iac/cdk.out/AuditStack.template.json";
    let mut files: Vec<(&str, String)> = [
        "manifest.json",
        "assembly-Prod/manifest.json",
        "assembly-Prod/ProdPaymentsTrail7B3F2C61.template.json",
    ]
    .iter()
    .map(|name| {
        (
            *name,
            std::fs::read_to_string(repository().join("fixtures/iac/cdk.out").join(name)).unwrap(),
        )
    })
    .collect();
    files.push((
        "AuditStack.template.json",
        changed(
            file,
            "\"/AWSLogs/222222222222/*\"",
            "\"/AWSLogs/222222222223/*\"",
        ),
    ));
    let folder = folder(&files);
    let (_, found) = told(&check(1, &[path(folder.path())]));
    assert_eq!(
        found,
        ["account-prefix-missing AuditStack.template.json:57:20"]
    );
}

#[test]
fn a_first_plan_is_worked_out_from_the_files_beside_it() {
    let account = ["--account", "audit=111111111111"];
    let plan = format!("{TERRAFORM}/first-apply/plan.json");
    let report = check(0, &[&[plan.as_str()], &account[..]].concat());
    let arn = "arn:aws:cloudtrail:us-east-1:222222222222:trail/organization-wide";
    assert_eq!(told(&report), (vec![format!("{arn} delivers")], vec![]));
    let main = format!("{TERRAFORM}/first-apply/main.tf");
    let plan = std::fs::read_to_string(repository().join(&plan)).unwrap();
    for (from, to, expected) in [
        (
            "/AWSLogs/${data",
            "/awslogs/${data",
            "awslogs-folder-misspelt main.tf:69:18",
        ),
        (
            "\"s3:GetBucketAcl\"",
            "\"s3:GetBucketLocation\"",
            "get-bucket-acl-missing main.tf:48:1",
        ),
    ] {
        let folder = folder(&[
            ("main.tf", changed(&main, from, to)),
            ("plan.json", plan.clone()),
        ]);
        let file = folder.path().join("plan.json");
        let (_, found) = told(&check(1, &[&[path(&file)], &account[..]].concat()));
        assert_eq!(found, [expected]);
    }
    // What the plan itself knows is the plan's, wherever it is written.
    let folder = folder(&[
        (
            "here/plan.json",
            plan.replace("kms:GenerateDataKey*", "kms:Encrypt"),
        ),
        (
            "there/main.tf",
            std::fs::read_to_string(repository().join(&main)).unwrap(),
        ),
    ]);
    let (here, there) = (
        folder.path().join("here/plan.json"),
        folder.path().join("there"),
    );
    let (_, found) = told(&check(
        1,
        &[
            &[path(&here), "--terraform-dir", path(&there)],
            &account[..],
        ]
        .concat(),
    ));
    assert_eq!(found, ["kms-no-generate-data-key main.tf:115:21"]);
    // Without the files the bucket policy's resources are known after apply only.
    let report = check(1, &[&[path(&here)], &account[..]].concat());
    let (trails, found) = told(&report);
    assert_eq!(trails, [format!("{arn} blocked")]);
    // The change, not the values that the plan repeats before it.
    let lines = plan.lines().enumerate();
    let of_key = lines.filter(|(_, line)| line.contains("kms:GenerateDataKey*"));
    let line = of_key.last().unwrap().0 + 1;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with(&format!("kms-no-generate-data-key plan.json:{line}:")),
        "{found:?}"
    );
    let open: Vec<&str> = items(&report, "not_evaluated")
        .iter()
        .map(|it| text(it, "reason"))
        .collect();
    assert_eq!(open, ["known-after-apply"]);
}

#[test]
fn modules_for_each_dynamic_blocks_and_aliases_are_followed() {
    let plan = format!("{TERRAFORM}/modules/plan.json");
    let accounts = [
        "--account",
        "222222222222",
        "--account",
        "audit=111111111111",
    ];
    let report = check(1, &[&[plan.as_str()], &accounts[..]].concat());
    let trail =
        |name: &str| format!("arn:aws:cloudtrail:eu-west-1:222222222222:trail/{name} delivers");
    assert_eq!(
        told(&report),
        (
            vec![trail("orders-trail"), trail("payments-trail")],
            vec!["bucket-unprotected main.tf:18:1".to_owned()]
        )
    );
    assert_eq!(report["findings"][0]["account"], "111111111111");
    // Nobody says the account of the trails: what depends on it is not decided.
    let report = check(1, &[&plan, "--account", "audit=111111111111"]);
    let (trails, _) = told(&report);
    assert_eq!(
        trails,
        ["orders-trail", "payments-trail"].map(|name| {
            format!("arn:aws:cloudtrail:eu-west-1:⟨account⟩:trail/{name} undecided")
        })
    );
}

#[test]
fn what_merging_does_to_the_live_trails_is_one_sentence_and_a_status() {
    let head = format!("{PULL_REQUEST}/head.yaml");
    let base = format!("{PULL_REQUEST}/base.yaml");
    let replace = |status: i32, code: &str| {
        run(
            status,
            &[
                "check",
                code,
                SOUND,
                "--account",
                "111111111111",
                "--replace",
            ],
        )
        .stdout
    };
    let table = replace(1, &head);
    assert!(
        table.contains("\nMerging this change will stop the logs of 1 account: 222222222222.\n"),
        "{table}"
    );
    let table = replace(0, &base);
    assert!(
        table.contains("\nMerging this change stops no logs of the 2 trails that there are.\n"),
        "{table}"
    );
    let plan = format!("{TERRAFORM}/existing/plan.json");
    let table = replace(1, &plan);
    assert!(
        table.contains(
            "\nMerging this change will stop the logs of 2 accounts: 111111111111, 222222222222.\n"
        ),
        "{table}"
    );
    let report = check(1, &[&head, SOUND, "--account", "111111111111", "--replace"]);
    assert_eq!(
        report["effect"],
        serde_json::json!({
            "sentence": "Merging this change will stop the logs of 1 account: 222222222222.",
            "trails": 2,
            "stops": [{
                "trail": "arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail",
                "account": "222222222222", "old": "delivers", "new": "blocked"
            }],
            "worsens": [], "may_stop": [], "undecided": [],
        })
    );
    // Even if no finding is to fail the run, a line says it; and the other way round.
    run(
        0,
        &[
            "check",
            &head,
            SOUND,
            "--account",
            "111111111111",
            "--replace",
            "--fail-on",
            "never",
        ],
    );
    run(
        1,
        &[
            "check",
            &head,
            SOUND,
            "--account",
            "111111111111",
            "--replace",
            "--ignore",
            "source-arn-wrong-trail-name",
        ],
    );
}

#[test]
fn what_merging_does_stands_above_all_else_where_a_pull_request_is_read() {
    let said = |format: &str| {
        let head = format!("{PULL_REQUEST}/head.yaml");
        let account = ["--account", "111111111111", "--replace", "-f", format];
        let run = run(1, &[&["check", &head, SOUND], &account[..]].concat());
        run.stdout
    };
    let sentence = "Merging this change will stop the logs of 1 account: 222222222222.";
    let comment = said("markdown");
    assert_eq!(comment.lines().nth(1), Some(&*format!("**{sentence}**")));
    let commands = said("github");
    let first = format!("::error title=trail-lint::{sentence}");
    assert_eq!(commands.lines().next(), Some(&*first));
    let page = said("html");
    let (head, _) = page.split_once("</header>").unwrap();
    let paragraph = format!("<p class=\"effect\"><strong>{sentence}</strong></p>");
    assert!(head.contains(&paragraph), "{head}");
}

#[test]
fn what_a_plan_deletes_is_gone() {
    let plan =
        std::fs::read_to_string(repository().join(TERRAFORM).join("existing/plan.json")).unwrap();
    let mut plan: Value = serde_json::from_str(&plan).unwrap();
    let change = &mut plan["resource_changes"][1]["change"];
    change["actions"] = serde_json::json!(["delete"]);
    change["after"] = Value::Null;
    let folder = folder(&[("plan.json", plan.to_string())]);
    let file = folder.path().join("plan.json");
    let report = check(
        1,
        &[path(&file), SOUND, "--account", "111111111111", "--replace"],
    );
    assert_eq!(
        report["effect"]["sentence"],
        "Merging this change will stop the logs of 2 accounts: 111111111111, 222222222222."
    );
    let (_, found) = told(&report);
    assert!(
        found[0].starts_with("bucket-policy-missing plan.json:"),
        "{found:?}"
    );
}

#[test]
fn two_states_of_a_code_base_are_compared() {
    let (base, head) = (
        format!("{PULL_REQUEST}/base.yaml"),
        format!("{PULL_REQUEST}/head.yaml"),
    );
    let compare = |status: i32, old: &str, new: &str| {
        run(status, &["compare", old, new, "--account", "111111111111"]).stdout
    };
    let table = compare(1, &base, &head);
    assert!(
        table.contains("NEW lets CloudTrail do more than OLD, and less."),
        "{table}"
    );
    let table = compare(0, &head, &head);
    assert!(
        table.starts_with("NEW lets CloudTrail do the same as OLD."),
        "{table}"
    );
    let template = changed(
        ACCOUNT_TRAIL,
        "AWSLogs/${AWS::AccountId}",
        "AWSLogs/${AWS::AccountId}/x",
    );
    let folder = folder(&[("head.yaml", template)]);
    let table = compare(1, ACCOUNT_TRAIL, path(&folder.path().join("head.yaml")));
    assert!(
        table.contains("account-trail: blocked, was delivers"),
        "{table}"
    );
    assert!(
        table.contains("NEW will stop the logs of 1 account: 111111111111."),
        "{table}"
    );
}

#[test]
fn code_is_not_changed_but_told_what_to_change_by_hand() {
    let head = format!("{PULL_REQUEST}/head.yaml");
    let before = std::fs::read(&head).unwrap();
    let fixed = run(
        1,
        &[
            "fix",
            &head,
            SOUND,
            "--account",
            "111111111111",
            "--replace",
            "--write",
        ],
    );
    assert_eq!(fixed.stdout, "");
    let leaves = "source-arn-wrong-trail-name  fixtures/iac/cloudformation/pull-request/head.yaml";
    for part in [
        leaves,
        "code is changed by hand, here fixtures/iac/cloudformation/pull-request/head.yaml (AuditBucketPolicy).",
        "\"AWS:SourceArn\":\"arn:aws:cloudtrail:ap-northeast-1:222222222222:trail/payments-trail\"",
    ] {
        assert!(fixed.stderr.contains(part), "{part}: {}", fixed.stderr);
    }
    assert_eq!(std::fs::read(&head).unwrap(), before);
}

#[cfg(feature = "live")]
#[test]
fn an_account_of_code_is_not_taken_for_one_to_read() {
    let refused = run(2, &["check", "--live", "--account", "111111111111"]);
    assert!(
        refused.stderr.contains("`--accounts` names the accounts"),
        "{}",
        refused.stderr
    );
}

#[test]
fn why_tells_the_story_with_the_templates_lines() {
    let template = changed(ACCOUNT_TRAIL, "bucket-owner-full-control", "private");
    let folder = folder(&[("t.yaml", template)]);
    let file = folder.path().join("t.yaml");
    let Run { stdout, .. } = run(1, &["why", "account-trail", path(&file)]);
    assert!(stdout.contains("t.yaml:59:31"), "{stdout}");
    let json = run(1, &["why", "account-trail", path(&file), "-f", "json"]).json();
    assert!(json.to_string().contains("\"line\":59"), "{json}");
}

#[test]
fn sarif_points_into_the_template() {
    let template = changed(ACCOUNT_TRAIL, "bucket-owner-full-control", "private");
    let folder = folder(&[("t.yaml", template)]);
    let file = folder.path().join("t.yaml");
    let sarif = run(1, &["check", "-f", "sarif", path(&file)]).json();
    let results = items(&sarif["runs"][0], "results");
    let result = results
        .iter()
        .find(|it| text(it, "ruleId") == "acl-condition-wrong")
        .unwrap();
    let physical = &result["locations"][0]["physicalLocation"];
    assert_eq!(
        (
            &physical["region"]["startLine"],
            &physical["region"]["startColumn"]
        ),
        (&59.into(), &31.into())
    );
    assert!(text(&physical["artifactLocation"], "uri").ends_with("t.yaml"));
}
