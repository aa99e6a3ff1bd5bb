//! Reading a policy: the model, JSON of the wrong type, and what AWS would refuse.

use super::policy;
use crate::iam::{Effect, Policy, PrincipalKind, ProblemKind, Quantifier, Version};
use crate::json;

/// Pointers and kinds of all problems.
fn problems(text: &str) -> Vec<(String, ProblemKind)> {
    policy(text)
        .problems
        .into_iter()
        .map(|problem| (problem.pointer, problem.kind))
        .collect()
}

/// One statement with these members beside those that are not at issue.
fn in_statement(members: &str) -> Vec<(String, ProblemKind)> {
    let policy = super::allow_with(members);
    policy
        .problems
        .into_iter()
        .map(|problem| (problem.pointer, problem.kind))
        .collect()
}

#[test]
fn the_sound_policy_is_read_without_problems() {
    let text = r#"{"Version": "2012-10-17", "Id": "p", "Statement": [
        {"Sid": "Acl", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
         "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::logs",
         "Condition": {"StringEquals": {"AWS:SourceArn": ["a", "b"]}}},
        {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "NotAction": ["s3:Put*", "s3:Get*"],
         "NotResource": ["arn:aws:s3:::logs/${aws:username}/*"],
         "Condition": {"ForAnyValue:BoolIfExists": {"aws:SecureTransport": false, "k": "true"}}}]}"#;
    let policy = policy(text);
    assert_eq!(policy.problems, []);
    assert_eq!(policy.version, Version::V2012);
    let [acl, tls] = policy.statements.as_slice() else {
        panic!("two statements")
    };
    assert_eq!(
        (acl.index, acl.sid.as_deref(), acl.effect),
        (0, Some("Acl"), Effect::Allow)
    );
    assert_eq!(acl.pointer, "/Statement/0");
    let principal = &acl.principal.as_ref().unwrap().entries[0];
    assert_eq!(
        (principal.kind, &*principal.value),
        (PrincipalKind::Service, "cloudtrail.amazonaws.com")
    );
    assert_eq!(principal.pointer, "/Statement/0/Principal/Service");
    assert_eq!(
        acl.action.as_ref().unwrap().patterns[0].pointer,
        "/Statement/0/Action"
    );
    let condition = &acl.conditions[0];
    assert_eq!(
        (&*condition.key, &*condition.key_text),
        ("aws:sourcearn", "AWS:SourceArn")
    );
    assert_eq!(
        condition.pointer,
        "/Statement/0/Condition/StringEquals/AWS:SourceArn"
    );
    assert_eq!(
        condition.values[1].pointer,
        "/Statement/0/Condition/StringEquals/AWS:SourceArn/1"
    );

    let action = tls.action.as_ref().unwrap();
    assert!(action.negated);
    assert_eq!(action.pointer, "/Statement/1/NotAction");
    assert_eq!(action.patterns[1].pointer, "/Statement/1/NotAction/1");
    assert!(
        tls.resource.as_ref().unwrap().patterns[0]
            .pattern
            .has_variables()
    );
    assert_eq!(
        tls.principal.as_ref().unwrap().entries[0].kind,
        PrincipalKind::Everyone
    );
    assert_eq!(tls.conditions.len(), 2);
    assert_eq!(&*tls.conditions[0].values[0].text, "false");
    let operator = &tls.conditions[1].operator;
    assert!(operator.if_exists);
    assert_eq!(operator.quantifier, Quantifier::ForAnyValue);

    let root = json::parse(text).unwrap();
    for statement in &policy.statements {
        for condition in &statement.conditions {
            for value in &condition.values {
                assert!(root.at(&value.pointer).is_some(), "{}", value.pointer);
            }
        }
    }
}

#[test]
fn a_single_value_is_a_list_of_one() {
    let single = policy(
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*",
            "Resource": "*", "Condition": {"Bool": {"k": "true"}}}}"#,
    );
    assert_eq!(single.statements[0].pointer, "/Statement");
    let list = policy(
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": ["s3:*"],
            "Resource": ["*"], "Condition": {"Bool": {"k": [true]}}}]}"#,
    );
    assert_eq!(
        list.statements[0].conditions[0].values[0].pointer,
        "/Statement/0/Condition/Bool/k/0"
    );
    let texts = |policy: &Policy| {
        let statement = &policy.statements[0];
        [
            statement.principal.as_ref().unwrap().entries[0]
                .value
                .to_string(),
            statement.action.as_ref().unwrap().patterns[0]
                .text
                .to_string(),
            statement.resource.as_ref().unwrap().patterns[0]
                .text
                .to_string(),
            statement.conditions[0].values[0].text.to_string(),
        ]
    };
    assert_eq!(texts(&single), texts(&list));
}

#[test]
fn json_of_the_wrong_type_is_no_policy() {
    let rows = [
        ("[]", "", "expected an object, a policy, found an array"),
        (
            r#"{"Version": 2012}"#,
            "/Version",
            "expected a string, found a number",
        ),
        (r#"{"Id": 1}"#, "/Id", "expected a string, found a number"),
        (
            r#"{"Statement": 1}"#,
            "/Statement",
            "expected an object, a statement, found a number",
        ),
        (
            r#"{"Statement": [null]}"#,
            "/Statement/0",
            "expected an object, a statement, found null",
        ),
        (
            r#"{"Statement": {"Sid": 1}}"#,
            "/Statement/Sid",
            "expected a string, found a number",
        ),
        (
            r#"{"Statement": {"Effect": 1}}"#,
            "/Statement/Effect",
            "expected a string, found a number",
        ),
        (
            r#"{"Statement": {"Effect": ["Allow"]}}"#,
            "/Statement/Effect",
            "expected a string, found an array",
        ),
        (
            r#"{"Statement": {"Action": {}}}"#,
            "/Statement/Action",
            "expected a string, found an object",
        ),
        (
            r#"{"Statement": {"Action": ["a:b", 1]}}"#,
            "/Statement/Action/1",
            "expected a string, found a number",
        ),
        (
            r#"{"Statement": {"Resource": true}}"#,
            "/Statement/Resource",
            "expected a string, found a Boolean",
        ),
        (
            r#"{"Statement": {"Principal": ["*"]}}"#,
            "/Statement/Principal",
            "expected `*` or an object, found an array",
        ),
        (
            r#"{"Statement": {"Principal": {"AWS": 111122223333}}}"#,
            "/Statement/Principal/AWS",
            "expected a string, found a number",
        ),
        (
            r#"{"Statement": {"Principal": {"AWS": [{}]}}}"#,
            "/Statement/Principal/AWS/0",
            "expected a string, found an object",
        ),
        (
            r#"{"Statement": {"Condition": []}}"#,
            "/Statement/Condition",
            "expected an object, a condition block, found an array",
        ),
        (
            r#"{"Statement": {"Condition": {"Bool": "true"}}}"#,
            "/Statement/Condition/Bool",
            "expected an object, the keys of a condition operator, found a string",
        ),
        (
            r#"{"Statement": {"Condition": {"Bool": {"a/b": [null]}}}}"#,
            "/Statement/Condition/Bool/a~1b/0",
            "expected a string, a number or a Boolean, found null",
        ),
    ];
    for (text, pointer, message) in rows {
        let root = json::parse(text).unwrap();
        let error = Policy::read(&root).unwrap_err();
        assert_eq!(
            (error.pointer.as_str(), error.message.as_str()),
            (pointer, message),
            "{text}"
        );
        assert_eq!(root.at(pointer).unwrap().span, error.span);
    }
}

#[test]
fn missing_elements_are_problems_of_their_statement() {
    assert_eq!(
        problems("{}"),
        [(String::new(), ProblemKind::MissingStatement)]
    );
    assert_eq!(
        problems(r#"{"Statement": []}"#),
        [("/Statement".into(), ProblemKind::EmptyList)]
    );
    let kinds = [
        ProblemKind::MissingEffect,
        ProblemKind::MissingPrincipal,
        ProblemKind::MissingAction,
        ProblemKind::MissingResource,
    ];
    let expected = kinds.map(|kind| ("/Statement/0".to_owned(), kind));
    assert_eq!(problems(r#"{"Statement": [{}]}"#), expected);
}

#[test]
fn what_aws_would_refuse_is_reported_where_it_stands() {
    use ProblemKind as Kind;
    let rows = [
        (r#""Effect": "allow""#, "/Effect", Kind::BadEffect),
        (
            r#""Sid": "x", "action": "s3:*""#,
            "/action",
            Kind::UnknownElement,
        ),
        (r#""Sid": "a", "Sid": "b""#, "/Sid", Kind::DuplicateKey),
        (
            r#""Action": "a:b", "NotAction": "a:c""#,
            "",
            Kind::ConflictingElements,
        ),
        (
            r#""Resource": "*", "NotResource": "*""#,
            "",
            Kind::ConflictingElements,
        ),
        (
            r#""Principal": "*", "NotPrincipal": "*""#,
            "",
            Kind::ConflictingElements,
        ),
        (
            r#""NotPrincipal": {"AWS": "111122223333"}"#,
            "/NotPrincipal",
            Kind::AllowNotPrincipal,
        ),
        (
            r#""Principal": "everyone""#,
            "/Principal",
            Kind::BadPrincipal,
        ),
        (
            r#""Principal": {"*": "*"}"#,
            "/Principal/*",
            Kind::BadPrincipal,
        ),
        (
            r#""Principal": {"Service": "*"}"#,
            "/Principal/Service",
            Kind::BadPrincipal,
        ),
        (
            r#""Principal": {"Service": "cloudtrail"}"#,
            "/Principal/Service",
            Kind::BadPrincipal,
        ),
        (
            r#""Principal": {"AWS": ["*", "arn:aws:iam::111122223333:role/*"]}"#,
            "/Principal/AWS/1",
            Kind::BadPrincipal,
        ),
        (
            r#""Principal": {"AWS": "cloudtrail.amazonaws.com"}"#,
            "/Principal/AWS",
            Kind::BadPrincipal,
        ),
        (
            r#""Principal": {"AWS": "AROAEXAMPLE"}"#,
            "/Principal/AWS",
            Kind::DeletedPrincipal,
        ),
        (
            r#""Principal": {"Federated": "*"}"#,
            "/Principal/Federated",
            Kind::BadPrincipal,
        ),
        (
            r#""Principal": {"AWS": []}"#,
            "/Principal/AWS",
            Kind::EmptyList,
        ),
        (r#""Principal": {}"#, "/Principal", Kind::EmptyList),
        (r#""Action": []"#, "/Action", Kind::EmptyList),
        (r#""Action": "PutObject""#, "/Action", Kind::BadAction),
        (
            r#""Action": ["s3:PutObject", "s3:Put Object"]"#,
            "/Action/1",
            Kind::BadAction,
        ),
        (
            r#""Action": "kms=GenerateDataKey""#,
            "/Action",
            Kind::BadAction,
        ),
        (r#""Action": "s3:""#, "/Action", Kind::BadAction),
        (
            r#""NotAction": "s*:PutObject""#,
            "/NotAction",
            Kind::WildcardInActionPrefix,
        ),
        (r#""Resource": "logs/*""#, "/Resource", Kind::BadResource),
        (r#""Resource": "arn:aws:s3:*""#, "/Resource", Kind::ShortArn),
        (
            r#""Resource": "arn:aws:*:::logs""#,
            "/Resource",
            Kind::WildcardInService,
        ),
        (
            r#""Resource": "arn:${aws:Partition}:s3:::logs""#,
            "/Resource",
            Kind::MisplacedVariable,
        ),
        (
            r#""Condition": {"stringEquals": {"k": "a"}}"#,
            "/Condition/stringEquals",
            Kind::UnknownOperator,
        ),
        (
            r#""Condition": {"StringEquals": {"a:k": "a", "A:K": "b"}}"#,
            "/Condition/StringEquals/A:K",
            Kind::DuplicateConditionKey,
        ),
        (
            r#""Condition": {"StringEquals": {"k": "a", "k": "b"}}"#,
            "/Condition/StringEquals/k",
            Kind::DuplicateKey,
        ),
        (
            r#""Condition": {"StringEquals": {"k": []}}"#,
            "/Condition/StringEquals/k",
            Kind::EmptyList,
        ),
        (
            r#""Condition": {"NumericEquals": {"k": "many"}}"#,
            "/Condition/NumericEquals/k",
            Kind::BadValue,
        ),
        (
            r#""Condition": {"DateLessThan": {"k": ["2024-01-01", "soon"]}}"#,
            "/Condition/DateLessThan/k/1",
            Kind::BadValue,
        ),
        (
            r#""Condition": {"DateLessThan": {"k": "2024"}}"#,
            "/Condition/DateLessThan/k",
            Kind::AmbiguousValue,
        ),
        (
            r#""Condition": {"DateLessThan": {"k": "2024-01-01T00:00"}}"#,
            "/Condition/DateLessThan/k",
            Kind::AmbiguousValue,
        ),
        (
            r#""Condition": {"IpAddress": {"k": "10.0.0.0/33"}}"#,
            "/Condition/IpAddress/k",
            Kind::BadValue,
        ),
        (
            r#""Condition": {"Bool": {"k": "${k}"}}"#,
            "/Condition/Bool/k",
            Kind::BadValue,
        ),
        (
            r#""Condition": {"Bool": {"k": "True"}}"#,
            "/Condition/Bool/k",
            Kind::AmbiguousValue,
        ),
        (
            r#""Condition": {"Null": {"k": "yes"}}"#,
            "/Condition/Null/k",
            Kind::BadValue,
        ),
        (
            r#""Condition": {"BinaryEquals": {"k": "?"}}"#,
            "/Condition/BinaryEquals/k",
            Kind::BadValue,
        ),
        (
            r#""Condition": {"ArnLike": {"k": "arn:aws:s3:*"}}"#,
            "/Condition/ArnLike/k",
            Kind::BadValue,
        ),
    ];
    for (members, pointer, kind) in rows {
        assert_eq!(
            in_statement(members),
            [(format!("/Statement{pointer}"), kind)],
            "{members}"
        );
    }
}

#[test]
fn what_aws_accepts_is_no_problem() {
    for members in [
        r#""Principal": {"AWS": ["*", "111122223333", "arn:aws:iam::111122223333:root"]}"#,
        r#""Principal": {"AWS": ["arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:role/x/y"]}"#,
        r#""Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/a/b"}"#,
        r#""Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}"#,
        r#""Principal": {"Federated": "accounts.google.com", "CanonicalUser": "79a5"}"#,
        r#""Action": "*""#,
        r#""Resource": ["*", "arn:aws:s3:::b/${aws:username}/${*}"]"#,
        r#""Condition": {}"#,
        r#""Condition": {"StringEquals": {"k": "a"}, "StringLike": {"K": "a*"}}"#,
        r#""Condition": {"ArnLike": {"k": "${aws:PrincipalArn}x:y:z:1:2:3"}}"#,
        r#""Condition": {"DateLessThan": {"aws:EpochTime": 1704067200}, "NumericLessThan": {"s3:TlsVersion": 1.2}}"#,
    ] {
        assert_eq!(in_statement(members), [], "{members}");
    }
}

#[test]
fn versions_and_their_variables() {
    let with = |version: &str| {
        problems(&format!(
            r#"{{{version} "Statement": {{"Effect": "Deny", "Principal": "*", "Action": "*",
                "Resource": "arn:aws:s3:::b/${{aws:username}}"}}}}"#
        ))
    };
    let literal = (
        "/Statement/Resource".to_owned(),
        ProblemKind::LiteralVariable,
    );
    assert_eq!(with(r#""Version": "2012-10-17","#), []);
    assert_eq!(
        with(r#""Version": "2008-10-17","#),
        std::slice::from_ref(&literal)
    );
    assert_eq!(with(""), std::slice::from_ref(&literal));
    let bad = ("/Version".to_owned(), ProblemKind::BadVersion);
    assert_eq!(with(r#""Version": "2012-10-18","#), [bad, literal]);
}

#[test]
fn sids_that_repeat_are_reported_once_each() {
    let statement = |sid: &str| {
        format!(
            r#"{{"Sid": "{sid}", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}"#
        )
    };
    let text = format!(
        r#"{{"Statement": [{}, {}, {}, {}, {}]}}"#,
        statement("a"),
        statement("b"),
        statement("a"),
        statement(""),
        statement("")
    );
    assert_eq!(
        problems(&text),
        [("/Statement/2/Sid".into(), ProblemKind::DuplicateSid)]
    );
}

#[test]
fn of_duplicate_keys_the_last_one_counts() {
    let policy = policy(
        r#"{"Statement": {"Effect": "Deny", "Effect": "Allow", "Principal": {"AWS": "111122223333", "AWS": "*"},
            "Action": "*", "Resource": "*"}}"#,
    );
    assert_eq!(policy.statements[0].effect, Effect::Allow);
    let entries = &policy.statements[0].principal.as_ref().unwrap().entries;
    assert_eq!(
        entries
            .iter()
            .map(|entry| &*entry.value)
            .collect::<Vec<_>>(),
        ["*"]
    );
    let pointers: Vec<_> = policy
        .problems
        .iter()
        .map(|problem| problem.pointer.as_str())
        .collect();
    assert_eq!(pointers, ["/Statement/Effect", "/Statement/Principal/AWS"]);
}
