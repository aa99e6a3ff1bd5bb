//! Parts of a policy or of a request that are not known yet.

use super::*;

/// What a policy with one Allow says to a request of CloudTrail's.
fn answer(resource: &str, condition: &str, asked: &str, source: &str) -> &'static str {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"Service": "cloudtrail.amazonaws.com"}},
            "Action": "s3:PutObject", "Resource": "{resource}", "Condition": {{{condition}}}}}]}}"#
    );
    let policy = Policy::read(&crate::json::parse(&text).unwrap()).unwrap();
    assert_eq!(policy.problems, [], "{text}");
    let mut context = Context::new();
    context.set("aws:SourceArn", ContextValue::one(source));
    let request = Request {
        principal: &Principal::Service {
            name: "cloudtrail.amazonaws.com".into(),
            account: None,
        },
        action: "s3:PutObject",
        resource: asked,
        context: &context,
    };
    match decide(&policy, &request) {
        Effective::Allowed { .. } => "allowed",
        Effective::ImplicitlyDenied => "denied",
        Effective::ExplicitlyDenied { .. } => "explicitly denied",
        Effective::Undecided { .. } => "undecided",
    }
}

#[test]
fn the_same_unknown_is_the_same_text_and_another_may_be() {
    let asked = "arn:aws:s3:::⟨B⟩/AWSLogs/⟨account⟩/CloudTrail/x";
    for (resource, expected) in [
        ("arn:aws:s3:::⟨B⟩/AWSLogs/⟨account⟩/*", "allowed"),
        ("arn:aws:s3:::⟨B⟩/*", "allowed"),
        ("*", "allowed"),
        ("⟨everything⟩", "undecided"),
        ("⟨everything⟩/*", "undecided"),
        ("arn:aws:s3:::⟨C⟩/AWSLogs/⟨account⟩/*", "undecided"),
        ("arn:aws:s3:::logs/AWSLogs/⟨account⟩/*", "undecided"),
        ("arn:aws:s3:::⟨B⟩/AWSLogs/222222222222/*", "undecided"),
        // What both begin with is equal, whatever it is.
        ("arn:aws:s3:::⟨B⟩/awslogs/⟨account⟩/*", "denied"),
        ("arn:aws:s3:::⟨B⟩/AWSLogs/⟨account⟩/Cloudtrail/*", "denied"),
        ("arn:aws:s3:::⟨B⟩", "denied"),
        ("arn:aws-cn:s3:::⟨B⟩/*", "denied"),
        // `?` is one character, an unknown need not be.
        ("arn:aws:s3:::?B?/AWSLogs/*", "undecided"),
    ] {
        assert_eq!(answer(resource, "", asked, ""), expected, "{resource}");
    }
    let known = "arn:aws:s3:::logs/AWSLogs/222222222222/CloudTrail/x";
    for (resource, expected) in [
        ("arn:aws:s3:::⟨B⟩/AWSLogs/222222222222/*", "undecided"),
        ("arn:aws:s3:::⟨B⟩/AWSLogs/333333333333/*", "denied"),
        ("⟨B.Arn⟩/AWSLogs/⟨account⟩/*", "undecided"),
        ("⟨B.Arn⟩/awslogs/*", "denied"),
    ] {
        assert_eq!(answer(resource, "", known, ""), expected, "{resource}");
    }
}

#[test]
fn an_account_that_is_not_known_is_twelve_digits() {
    let asked = "arn:aws:s3:::b/AWSLogs/⟨account⟩/CloudTrail/x";
    for (resource, expected) in [
        ("arn:aws:s3:::b/AWSLogs/222222222222/*", "undecided"),
        ("arn:aws:s3:::b/AWSLogs/2*", "undecided"),
        ("arn:aws:s3:::b/AWSLogs/⟨audit.account⟩/*", "undecided"),
        ("arn:aws:s3:::b/AWSLogs/⟨Account⟩/*", "undecided"),
        ("arn:aws:s3:::b/AWSLogs/o-abcdefghij/*", "denied"),
        ("arn:aws:s3:::b/AWSLogs/22222222222/*", "denied"),
        ("arn:aws:s3:::b/AWSLogs/222222222222/cloudtrail/*", "denied"),
    ] {
        assert_eq!(answer(resource, "", asked, ""), expected, "{resource}");
    }
    let asked = "arn:aws:s3:::b/AWSLogs/o-0123456789/222222222222/CloudTrail/x";
    for (resource, expected) in [
        ("arn:aws:s3:::b/AWSLogs/⟨account⟩/*", "denied"),
        ("arn:aws:s3:::b/AWSLogs/⟨id⟩/*", "undecided"),
        ("arn:aws:s3:::b/AWSLogs/*/⟨account⟩/*", "undecided"),
        ("arn:aws:s3:::b/AWSLogs/*/⟨account⟩", "denied"),
    ] {
        assert_eq!(answer(resource, "", asked, ""), expected, "{resource}");
    }
}

#[test]
fn a_condition_on_an_unknown_is_undecided_unless_it_is_the_requests_own() {
    let arn = "arn:aws:cloudtrail:us-east-1:⟨account⟩:trail/audit";
    let condition =
        |operator: &str, value: &str| format!(r#""{operator}": {{"aws:SourceArn": "{value}"}}"#);
    for (operator, value, expected) in [
        ("StringEquals", arn, "allowed"),
        ("StringNotEquals", arn, "denied"),
        (
            "ArnLike",
            "arn:aws:cloudtrail:*:⟨account⟩:trail/*",
            "allowed",
        ),
        (
            "StringEquals",
            "arn:aws:cloudtrail:us-east-1:⟨account⟩:trail/other",
            "denied",
        ),
        (
            "StringNotEquals",
            "arn:aws:cloudtrail:us-east-1:⟨account⟩:trail/other",
            "allowed",
        ),
        (
            "StringEquals",
            "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit",
            "undecided",
        ),
        (
            "StringNotEquals",
            "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit",
            "undecided",
        ),
        ("ArnEquals", "⟨Trail.Arn⟩", "undecided"),
        (
            "ArnEquals",
            "arn:aws:cloudtrail:eu-west-1:*:trail/*",
            "denied",
        ),
        ("Null", "⟨flag⟩", "undecided"),
        ("Bool", "⟨flag⟩", "undecided"),
        ("NumericLessThan", "⟨number⟩", "undecided"),
        ("DateLessThan", "⟨day⟩", "undecided"),
        ("IpAddress", "⟨range⟩", "undecided"),
    ] {
        let got = answer("*", &condition(operator, value), "arn:aws:s3:::b/x", arn);
        assert_eq!(got, expected, "{operator} {value}");
    }
}

#[test]
fn what_an_answer_depends_on_is_named() {
    let text = r#"{"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "⟨who⟩", "AWS": "⟨root⟩"},
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::⟨B⟩/*", "Condition": {"Bool": {"aws:SecureTransport": "⟨flag⟩"}}}]}"#;
    let policy = Policy::read(&crate::json::parse(text).unwrap()).unwrap();
    assert_eq!(policy.problems, []);
    let mut context = Context::new();
    context.set("aws:SecureTransport", ContextValue::one("true"));
    let request = Request {
        principal: &Principal::Service {
            name: "cloudtrail.amazonaws.com".into(),
            account: None,
        },
        action: "s3:PutObject",
        resource: "arn:aws:s3:::⟨C⟩/x",
        context: &context,
    };
    let Effective::Undecided { on, .. } = decide(&policy, &request) else {
        panic!("undecided");
    };
    let on: Vec<&str> = on.iter().map(String::as_str).collect();
    assert_eq!(on, ["⟨B⟩", "⟨C⟩", "⟨flag⟩", "⟨root⟩", "⟨who⟩"]);
}

#[test]
fn a_stranger_is_none_of_the_unknown() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "⟨root⟩"},
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::⟨B⟩/*", "Condition": {"StringEquals": {"aws:SourceAccount": "⟨account⟩"}}}]}"#;
    let policy = Policy::read(&crate::json::parse(text).unwrap())
        .unwrap()
        .for_strangers();
    let statement = &policy.statements[0];
    assert_eq!(statement.principal.as_ref().unwrap().entries, []);
    assert!(
        !statement.resource.as_ref().unwrap().patterns[0]
            .pattern
            .has_variables()
    );
    let pattern = statement.conditions[0].values[0].pattern().unwrap();
    assert!(pattern.matches("⟨account⟩") && !pattern.matches("333333333333"));
}
