//! Trails that send their events to CloudWatch Logs: the role they assume, and the log streams it must
//! be able to write to.

use serde_json::{Value, json};

use crate::support::{audit, files_of, items, text};

const TRAIL: &str = "accounts/222222222222/cloudtrail/us-east-1/audit/get-trail.json";
const ROLE: &str = "accounts/222222222222/iam/trail-logs";
const GROUP: &str = "arn:aws:logs:us-east-1:222222222222:log-group:trails";

/// The baseline, with a trail that writes to a log group, and with more documents.
fn report(changes: &Value, more: &[(&str, Value)]) -> (i32, Value) {
    let mut files = files_of("fixtures/baseline");
    for (path, text) in &mut files {
        if path == TRAIL {
            let mut trail: Value = serde_json::from_str(text).unwrap();
            let fields = trail["Trail"].as_object_mut().unwrap();
            fields.insert(
                "CloudWatchLogsLogGroupArn".into(),
                json!(format!("{GROUP}:*")),
            );
            fields.insert(
                "CloudWatchLogsRoleArn".into(),
                json!("arn:aws:iam::222222222222:role/trail-logs"),
            );
            fields.extend(changes.as_object().unwrap().clone());
            *text = trail.to_string();
        }
    }
    files.extend(
        more.iter()
            .map(|(path, value)| ((*path).to_owned(), value.to_string())),
    );
    audit(&files).unwrap()
}

fn role(principal: &str) -> Value {
    json!({"Role": {"Arn": "arn:aws:iam::222222222222:role/trail-logs", "AssumeRolePolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "222222222222"}}}]
    }}})
}

fn policy(statements: &Value) -> Value {
    json!({"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}})
}

fn allow(resource: &Value) -> Value {
    json!({"Effect": "Allow", "Action": "logs:*", "Resource": resource})
}

/// The verdict, the decisions of the requests to CloudWatch Logs, and the findings about them.
fn told(report: &Value) -> (String, Vec<String>, Vec<String>) {
    let trail = &items(report, "trails")[0];
    let requests = items(trail, "requests").iter();
    let requests = requests.filter(|request| {
        let action = text(request, "action");
        action.starts_with("logs:") || action.starts_with("sts:")
    });
    let decisions =
        requests.map(|request| format!("{} {}", text(request, "id"), text(request, "decision")));
    let findings = items(report, "findings").iter();
    let rules = findings.map(|finding| text(finding, "rule").to_owned());
    (
        text(trail, "verdict").to_owned(),
        decisions.collect(),
        rules.collect(),
    )
}

#[test]
fn nothing_is_said_of_a_role_that_nobody_collected() {
    let (status, report) = report(&json!({}), &[]);
    assert_eq!(status, 0);
    assert_eq!(told(&report), ("delivers".into(), vec![], vec![]));
}

#[test]
fn a_role_that_may_write_is_listed_with_what_it_allows() {
    let stream = format!("{GROUP}:log-stream:222222222222_CloudTrail_us-east-1*");
    let list = format!("{ROLE}/list-attached-role-policies.json");
    let (status, report) = report(
        &json!({}),
        &[
            (
                &format!("{ROLE}/get-role.json"),
                role("cloudtrail.amazonaws.com"),
            ),
            (
                &format!("{ROLE}/attached/a/get-policy-version.json"),
                json!({"PolicyVersion": {"Document": {"Version": "2012-10-17", "Statement": [allow(&json!(stream))]}}}),
            ),
            (
                &list,
                json!({"AttachedPolicies": [{"PolicyName": "a", "PolicyArn": "arn:aws:iam::222222222222:policy/a"}]}),
            ),
            (
                "accounts/222222222222/logs/us-east-1/describe-log-groups.json",
                json!({"logGroups": [{"logGroupName": "trails"}]}),
            ),
        ],
    );
    assert_eq!(status, 0);
    let allowed = [
        "assume-log-role allowed",
        "create-log-stream allowed",
        "put-log-events allowed",
    ];
    assert_eq!(
        told(&report),
        (
            "delivers".into(),
            allowed.map(str::to_owned).to_vec(),
            vec![]
        )
    );
}

#[test]
fn a_refusal_leaves_the_log_files_alone_and_names_what_would_be_right() {
    let get_role = format!("{ROLE}/get-role.json");
    let get_policy = format!("{ROLE}/p/get-role-policy.json");
    let deny = json!({"Effect": "Deny", "Action": "logs:PutLogEvents", "Resource": "*"});
    for (principal, statements, decisions, says) in [
        (
            "cloudtrail.amazonaws.com",
            json!([]),
            ["allowed", "denied", "denied"],
            "None of its policies that were seen allows `logs:CreateLogStream` and `logs:PutLogEvents` on `arn:aws:logs:",
        ),
        (
            "cloudtrail.amazonaws.com",
            json!([allow(&json!(format!("{GROUP}-old:*")))]),
            ["allowed", "denied", "denied"],
            "222222222222_CloudTrail_us-east-1`",
        ),
        // CreateLogStream may be granted on the group, PutLogEvents not.
        (
            "cloudtrail.amazonaws.com",
            json!([allow(&json!(GROUP))]),
            ["allowed", "allowed", "denied"],
            "CloudTrail writes to",
        ),
        (
            "cloudtrail.amazonaws.com",
            json!([allow(&json!("*")), deny]),
            ["allowed", "allowed", "denied"],
            "A Deny of the role's policies",
        ),
        (
            "config.amazonaws.com",
            json!([allow(&json!("*"))]),
            ["denied", "allowed", "allowed"],
            "names `config.amazonaws.com`, and would have to name `cloudtrail.amazonaws.com`",
        ),
    ] {
        let (status, report) = report(
            &json!({}),
            &[
                (&get_role, role(principal)),
                (&get_policy, policy(&statements)),
            ],
        );
        let (verdict, found, rules) = told(&report);
        let expected: Vec<String> = ["assume-log-role", "create-log-stream", "put-log-events"]
            .iter()
            .zip(decisions)
            .map(|(id, decision)| format!("{id} {decision}"))
            .collect();
        assert_eq!(
            (status, verdict.as_str(), rules.as_slice()),
            (
                1,
                "setup-refused",
                &["cloudwatch-role-denied".to_owned()][..]
            ),
            "{says}"
        );
        assert_eq!(found, expected, "{says}");
        let message = text(&items(&report, "findings")[0], "message");
        assert!(message.contains(says), "{message}");
    }
}

#[test]
fn the_members_streams_of_an_organization_trail_are_asked_for_too() {
    let own = format!("{GROUP}:log-stream:222222222222_CloudTrail_us-east-1*");
    let organization =
        json!({"Organization": {"Id": "o-exampleorgid", "MasterAccountId": "222222222222"}});
    let (_, report) = report(
        &json!({"IsOrganizationTrail": true}),
        &[
            ("organizations/describe-organization.json", organization),
            (
                &format!("{ROLE}/get-role.json"),
                role("cloudtrail.amazonaws.com"),
            ),
            (
                &format!("{ROLE}/get-role-policy.json"),
                policy(&json!([allow(&json!(own))])),
            ),
        ],
    );
    let (_, decisions, rules) = told(&report);
    assert_eq!(
        decisions[1..],
        ["create-log-stream partly", "put-log-events partly"]
    );
    let findings = items(&report, "findings").iter();
    let finding = findings
        .into_iter()
        .find(|finding| text(finding, "rule") == "cloudwatch-role-denied")
        .unwrap_or_else(|| panic!("{rules:?}"));
    assert!(
        text(finding, "message").contains("log-stream:o-exampleorgid_CloudTrail_us-east-1"),
        "{finding}"
    );
}

#[test]
fn what_could_not_be_read_of_a_role_is_undecided_and_no_refusal() {
    let refused = json!({"Error": {"Code": "AccessDenied", "Message": ""}});
    let get_role = (
        format!("{ROLE}/get-role.json"),
        role("cloudtrail.amazonaws.com"),
    );
    let bounded = {
        let mut role = role("cloudtrail.amazonaws.com");
        role["Role"]["PermissionsBoundary"] =
            json!({"PermissionsBoundaryArn": "arn:aws:iam::222222222222:policy/b"});
        role
    };
    let list = format!("{ROLE}/list-role-policies.json");
    let policy_file = format!("{ROLE}/p/get-role-policy.json");
    for more in [
        vec![(&*get_role.0, get_role.1.clone()), (&list, refused.clone())],
        vec![
            (&*get_role.0, get_role.1.clone()),
            (&list, json!({"PolicyNames": ["p"]})),
            (&policy_file, refused.clone()),
        ],
        vec![
            (&*get_role.0, get_role.1.clone()),
            (&list, json!({"PolicyNames": ["p"]})),
        ],
        vec![(&*get_role.0, refused.clone())],
        vec![(&*get_role.0, bounded), (&policy_file, policy(&json!([])))],
    ] {
        let (status, report) = report(&json!({}), &more);
        let (verdict, decisions, rules) = told(&report);
        assert_eq!(
            (status, verdict.as_str(), rules.len()),
            (3, "undecided", 0),
            "{more:?}"
        );
        assert!(
            decisions
                .iter()
                .all(|decision| !decision.ends_with("denied")),
            "{decisions:?}"
        );
        assert!(
            items(&report, "not_evaluated")
                .iter()
                .any(|unseen| text(unseen, "document").contains("/iam/trail-logs/"))
        );
    }
}
