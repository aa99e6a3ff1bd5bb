//! Whole decisions: which statements decide, what they depend on, and what comes nearest.

use super::{CLOUDTRAIL, OBJECT, context, policy, service, verdict};
use crate::iam::{
    Context, ContextValue, Effective, Element, Miss, Policy, Principal, Request, Truth,
    condition_patterns, decide, examine, nearest_misses, resource_patterns,
};

/// Effects and conditions.
type Rows<'a> = &'a [(&'a str, &'a str)];

/// Statements of everybody's everything, from their effect and condition.
fn statements(rows: Rows<'_>) -> Policy {
    let texts: Vec<String> = rows
        .iter()
        .map(|(effect, condition)| {
            format!(
                r#"{{"Effect": "{effect}", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {condition}}}"#
            )
        })
        .collect();
    policy(&format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        texts.join(", ")
    ))
}

fn decided(policy: &Policy, context: &Context) -> Effective {
    let principal = service(CLOUDTRAIL);
    decide(
        policy,
        &Request {
            principal: &principal,
            action: "s3:PutObject",
            resource: OBJECT,
            context,
        },
    )
}

const ALWAYS: &str = "{}";
const NEVER: &str = r#"{"Bool": {"gone": "true"}}"#;
const UNKNOWN: &str = r#"{"Bool": {"K:Unknown": "true"}}"#;

fn unsure() -> Context {
    let mut context = Context::new();
    context.set("k:unknown", ContextValue::Unknown);
    context
}

#[test]
fn a_deny_wins_and_order_is_irrelevant() {
    let rows: &[(Rows<'_>, Effective)] = &[
        (&[], Effective::ImplicitlyDenied),
        (&[("Allow", ALWAYS)], Effective::Allowed { by: 0 }),
        (
            &[("Allow", NEVER), ("Allow", ALWAYS), ("Allow", ALWAYS)],
            Effective::Allowed { by: 1 },
        ),
        (&[("Allow", NEVER)], Effective::ImplicitlyDenied),
        (&[("Deny", NEVER)], Effective::ImplicitlyDenied),
        (
            &[("allow", ALWAYS), ("ALLOW", ALWAYS)],
            Effective::ImplicitlyDenied,
        ),
        (
            &[("Allow", ALWAYS), ("deny", ALWAYS)],
            Effective::Allowed { by: 0 },
        ),
        (
            &[("Deny", ALWAYS)],
            Effective::ExplicitlyDenied {
                by: vec![0],
                allowed: false,
            },
        ),
        (
            &[
                ("Deny", ALWAYS),
                ("Allow", ALWAYS),
                ("Deny", NEVER),
                ("Deny", ALWAYS),
            ],
            Effective::ExplicitlyDenied {
                by: vec![0, 3],
                allowed: true,
            },
        ),
        (
            &[("Deny", ALWAYS), ("Allow", ALWAYS), ("Deny", UNKNOWN)],
            Effective::ExplicitlyDenied {
                by: vec![0],
                allowed: false,
            },
        ),
        (
            &[("Deny", ALWAYS), ("Allow", UNKNOWN)],
            Effective::ExplicitlyDenied {
                by: vec![0],
                allowed: false,
            },
        ),
        (
            &[("Allow", UNKNOWN), ("Allow", ALWAYS)],
            Effective::Allowed { by: 1 },
        ),
        (
            &[("Deny", UNKNOWN), ("Allow", NEVER)],
            Effective::ImplicitlyDenied,
        ),
    ];
    for (statement_rows, expected) in rows {
        assert_eq!(
            decided(&statements(statement_rows), &unsure()),
            *expected,
            "{statement_rows:?}"
        );
    }
}

#[test]
fn what_is_undecided_says_on_which_keys_and_statements() {
    let on = |keys: &[&str]| keys.iter().map(ToString::to_string).collect();
    let rows: &[(Rows<'_>, &[&str], &[usize])] = &[
        (&[("Allow", UNKNOWN)], &["k:unknown"], &[0]),
        (
            &[("Allow", ALWAYS), ("Deny", UNKNOWN)],
            &["k:unknown"],
            &[1],
        ),
        (
            &[("Deny", UNKNOWN), ("Allow", UNKNOWN)],
            &["k:unknown"],
            &[0, 1],
        ),
        (
            &[("Allow", UNKNOWN), ("Allow", ALWAYS), ("Deny", UNKNOWN)],
            &["k:unknown"],
            &[2],
        ),
        (
            &[("Allow", r#"{"StringLike": {"there": "${k:Unknown}*"}}"#)],
            &["k:unknown"],
            &[0],
        ),
        (
            &[("Allow", r#"{"StringEquals": {"many": "a"}}"#)],
            &["many"],
            &[0],
        ),
    ];
    let mut context = unsure();
    context.set("there", ContextValue::one("x"));
    context.set("many", ContextValue::Present(vec!["a".into(), "b".into()]));
    for (statement_rows, keys, places) in rows {
        let expected = Effective::Undecided {
            on: on(keys),
            statements: places.to_vec(),
        };
        assert_eq!(
            decided(&statements(statement_rows), &context),
            expected,
            "{statement_rows:?}"
        );
    }
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*",
        "Resource": "arn:aws:s3:::logs/${K:unknown}"}}"#;
    let expected = Effective::Undecided {
        on: on(&["k:unknown"]),
        statements: vec![0],
    };
    assert_eq!(decided(&policy(text), &context), expected);
}

#[test]
fn an_answer_that_holds_for_every_possible_value_is_given() {
    let mut context = Context::new();
    context.set(
        "tls",
        ContextValue::OneOf(vec![vec!["true".into()], vec![]]),
    );
    let is_true = r#"{"Bool": {"tls": "true"}}"#;
    let missing = r#"{"Null": {"tls": "true"}}"#;
    let rows: &[(Rows<'_>, Effective)] = &[
        (
            &[("Allow", is_true), ("Allow", missing)],
            Effective::Allowed { by: 0 },
        ),
        (
            &[("Allow", missing), ("Allow", is_true)],
            Effective::Allowed { by: 1 },
        ),
        (
            &[("Allow", ALWAYS), ("Deny", missing), ("Deny", is_true)],
            Effective::ExplicitlyDenied {
                by: vec![1, 2],
                allowed: true,
            },
        ),
        (
            &[("Allow", is_true), ("Deny", is_true)],
            Effective::ImplicitlyDenied,
        ),
        (
            &[("Allow", ALWAYS), ("Deny", r#"{"Bool": {"tls": "false"}}"#)],
            Effective::Allowed { by: 0 },
        ),
    ];
    for (statement_rows, expected) in rows {
        assert_eq!(
            decided(&statements(statement_rows), &context),
            *expected,
            "{statement_rows:?}"
        );
    }
    let undecided = statements(&[("Allow", is_true)]);
    assert_eq!(verdict(&undecided, &context), "Undecided");
}

#[test]
fn the_negated_deny_that_stops_a_service() {
    let deny = |condition: &str| {
        verdict(
            &statements(&[("Allow", ALWAYS), ("Deny", condition)]),
            &cloudtrail(),
        )
    };
    let rows = [
        (
            r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}"#,
            "ExplicitDeny",
        ),
        (
            r#"{"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}"#,
            "ExplicitDeny",
        ),
        (
            r#"{"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}"#,
            "ExplicitDeny",
        ),
        (
            r#"{"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#,
            "ExplicitDeny",
        ),
        (
            r#"{"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::1:role/x"}}"#,
            "ExplicitDeny",
        ),
        (
            r#"{"StringNotEquals": {"aws:PrincipalTag/Team": "${aws:PrincipalTag/Team}"}}"#,
            "ExplicitDeny",
        ),
        (
            r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}"#,
            "Allow",
        ),
        (
            r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:ViaAWSService": "false"}}"#,
            "ExplicitDeny",
        ),
        (r#"{"Bool": {"aws:SecureTransport": "false"}}"#, "Allow"),
        (r#"{"Null": {"aws:PrincipalOrgID": "false"}}"#, "Allow"),
        (
            r#"{"ForAnyValue:StringNotEquals": {"aws:CalledVia": "x"}}"#,
            "Allow",
        ),
        (
            r#"{"ForAllValues:StringNotEquals": {"aws:CalledVia": "x"}}"#,
            "ExplicitDeny",
        ),
    ];
    for (condition, expected) in rows {
        assert_eq!(deny(condition), expected, "{condition}");
    }
}

fn cloudtrail() -> Context {
    context(&[
        (
            "aws:SourceArn",
            &["arn:aws:cloudtrail:us-east-1:111111111111:trail/main"],
        ),
        ("aws:SourceAccount", &["111111111111"]),
        ("aws:PrincipalIsAWSService", &["true"]),
        ("aws:ViaAWSService", &["false"]),
        ("aws:SecureTransport", &["true"]),
        ("s3:x-amz-acl", &["bucket-owner-full-control"]),
    ])
}

#[test]
fn every_element_of_every_statement_is_examined() {
    let policy = policy(
        r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "s3:GetObject",
             "Resource": "arn:aws:s3:::logs/*", "Condition": {"Null": {"gone": "true"}, "Bool": {"k:unknown": "true", "gone": "true"}}},
            {"Effect": "Deny"}]}"#,
    );
    let principal = service(CLOUDTRAIL);
    let request = Request {
        principal: &principal,
        action: "s3:PutObject",
        resource: OBJECT,
        context: &unsure(),
    };
    let found = examine(&policy, &request);
    let elements = |place: usize| {
        (
            found[place].principal,
            found[place].action,
            found[place].resource,
        )
    };
    assert_eq!(elements(0), (Truth::False, Truth::False, Truth::True));
    assert_eq!(
        found[0].conditions,
        [Truth::True, Truth::Unknown, Truth::False]
    );
    assert_eq!(elements(1), (Truth::False, Truth::False, Truth::False));
    assert_eq!(found[0].overall(), Truth::False);
}

#[test]
fn misses_are_ranked_from_near_to_far() {
    let statement = |principal: &str, action: &str, resource: &str, condition: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {{"Service": "{principal}.amazonaws.com"}}, "Action": "{action}",
                "Resource": "{resource}", "Condition": {condition}}}"#
        )
    };
    let wrong_trail = r#"{"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111111111111:trail/main"}}"#;
    let wrong_name = r#"{"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111111111111:trail/other"}}"#;
    let two_wrong = r#"{"StringEquals": {"aws:SourceAccount": "2", "s3:x-amz-acl": "private"}}"#;
    let texts = [
        statement("config", "s3:PutObject", "*", "{}"),
        statement("cloudtrail", "s3:GetObject", "*", "{}"),
        statement(
            "cloudtrail",
            "s3:PutObject",
            "arn:aws:s3:::logs/AWSLogs/222222222222/*",
            "{}",
        ),
        statement(
            "cloudtrail",
            "s3:PutObject",
            "arn:aws:s3:::logs/AWSLogs/1*/y",
            "{}",
        ),
        statement("cloudtrail", "s3:PutObject", "*", two_wrong),
        statement("cloudtrail", "s3:PutObject", "*", wrong_trail),
        statement("cloudtrail", "s3:PutObject", "*", wrong_name),
        statement("config", "s3:GetObject", "*", "{}"),
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}"#
            .to_owned(),
    ];
    let policy = policy(&format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        texts.join(", ")
    ));
    let principal = service(CLOUDTRAIL);
    let context = cloudtrail();
    let request = Request {
        principal: &principal,
        action: "s3:PutObject",
        resource: OBJECT,
        context: &context,
    };
    let miss = |statement, failing: &[Element]| Miss {
        statement,
        failing: failing.to_vec(),
    };
    assert_eq!(
        nearest_misses(&policy, &request),
        [
            miss(6, &[Element::Condition(0)]),
            miss(5, &[Element::Condition(0)]),
            miss(4, &[Element::Condition(0), Element::Condition(1)]),
            miss(3, &[Element::Resource]),
            miss(2, &[Element::Resource]),
            miss(1, &[Element::Action]),
            miss(0, &[Element::Principal]),
            miss(7, &[Element::Principal, Element::Action]),
        ]
    );
}

#[test]
fn the_patterns_of_a_family_have_their_variables_replaced() {
    let policy = policy(
        r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:Put*",
             "Resource": ["arn:aws:s3:::logs/${aws:SourceAccount}/*", "arn:aws:s3:::logs/${gone}"],
             "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:cloudtrail:*:1:trail/*"}, "Null": {"aws:SourceArn": "false"}}},
            {"Effect": "Deny", "Principal": {"AWS": "111122223333"}, "NotAction": "s3:Get*",
             "NotResource": "arn:aws:s3:::logs/x"},
            {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}"#,
    );
    let mut context = Context::new();
    let accounts = ["1", "2"].map(|account| vec![account.to_owned()]);
    context.set("aws:SourceAccount", ContextValue::OneOf(accounts.to_vec()));
    let all = resource_patterns(&policy, None, "s3:PutObject", &context);
    let matching = |text: &str| all.iter().filter(|pattern| pattern.matches(text)).count();
    assert_eq!(all.len(), 3);
    assert_eq!(matching("arn:aws:s3:::logs/1/k"), 1);
    assert_eq!(matching("arn:aws:s3:::logs/2/k"), 1);
    assert_eq!(matching("arn:aws:s3:::logs/x"), 1);
    let service = service(CLOUDTRAIL);
    assert_eq!(
        resource_patterns(&policy, Some(&service), "s3:PutObject", &context).len(),
        2
    );
    assert_eq!(
        resource_patterns(
            &policy,
            Some(&Principal::Anonymous),
            "s3:PutObject",
            &context
        )
        .len(),
        0
    );
    let arns = condition_patterns(&policy, "aws:sourcearn", "s3:PutObject", &context);
    assert_eq!(
        arns.iter()
            .map(|pattern| pattern.text())
            .collect::<Vec<_>>(),
        ["arn:aws:cloudtrail:*:1:trail/*"]
    );
    assert_eq!(
        condition_patterns(&policy, "aws:SourceArn", "s3:GetObject", &context).len(),
        0
    );
}
