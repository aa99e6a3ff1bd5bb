//! Principal, Action and Resource, and their complements.

use super::{BUCKET, CLOUDTRAIL, OBJECT, allow_with, context, policy, service, verdict, word};
use crate::iam::{Context, ContextValue, Principal, Request, decide};

fn allows(members: &str, principal: &Principal) -> bool {
    let context = Context::new();
    let request = Request {
        principal,
        action: "s3:PutObject",
        resource: OBJECT,
        context: &context,
    };
    word(&decide(&allow_with(members), &request)) == "Allow"
}

const ACCOUNT: &str = "111122223333";
const ROLE: &str = "arn:aws:iam::111122223333:role/team/Auditor";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Auditor/alice";
const USER: &str = "arn:aws:iam::111122223333:user/alice";
const FEDERATED_USER: &str = "arn:aws:sts::111122223333:federated-user/alice";

/// The caller whom a word of the tables stands for.
fn caller(word: &str) -> Principal {
    match word {
        "nobody" => Principal::Anonymous,
        "legacy" => Principal::Service {
            name: CLOUDTRAIL.to_owned(),
            account: Some("086441151436".to_owned()),
        },
        CLOUDTRAIL => service(CLOUDTRAIL),
        "accounts.google.com" => Principal::Federated(word.to_owned()),
        "79a5" => Principal::CanonicalUser(word.to_owned()),
        arn => Principal::Aws(arn.to_owned()),
    }
}

/// A `Principal` as JSON, a caller, whether it names the caller; `NotPrincipal` is the complement.
fn check_principals(rows: &[(&str, &str, bool)]) {
    for (named, word, expected) in rows {
        let caller = caller(word);
        let found = allows(&format!(r#""Principal": {named}"#), &caller);
        assert_eq!(found, *expected, "{named} {word}");
        let spared = !allows(&format!(r#""NotPrincipal": {named}"#), &caller);
        assert_eq!(spared, *expected, "NotPrincipal {named} {word}");
    }
}

#[test]
fn a_star_names_everyone_service_principals_included() {
    check_principals(&[
        (r#""*""#, CLOUDTRAIL, true),
        (r#""*""#, "nobody", true),
        (r#""*""#, ROLE, true),
        (r#""*""#, "accounts.google.com", true),
        (r#"{"AWS": "*"}"#, CLOUDTRAIL, true),
        (r#"{"AWS": "*"}"#, "nobody", true),
        (r#"{"AWS": "*"}"#, SESSION, true),
    ]);
}

#[test]
fn a_service_is_named_by_its_principal_or_its_legacy_account() {
    check_principals(&[
        (
            r#"{"Service": "cloudtrail.amazonaws.com"}"#,
            CLOUDTRAIL,
            true,
        ),
        (
            r#"{"Service": ["config.amazonaws.com", "cloudtrail.amazonaws.com"]}"#,
            CLOUDTRAIL,
            true,
        ),
        (r#"{"Service": "config.amazonaws.com"}"#, CLOUDTRAIL, false),
        (
            r#"{"Service": "CloudTrail.amazonaws.com"}"#,
            CLOUDTRAIL,
            false,
        ),
        (r#"{"Service": "*"}"#, CLOUDTRAIL, false),
        (r#"{"Service": "*.amazonaws.com"}"#, CLOUDTRAIL, false),
        (r#"{"Service": "cloudtrail.amazonaws.com"}"#, ROLE, false),
        (
            r#"{"Service": "cloudtrail.amazonaws.com"}"#,
            "nobody",
            false,
        ),
        (r#"{"AWS": "086441151436"}"#, "legacy", true),
        (
            r#"{"AWS": "arn:aws:iam::086441151436:root"}"#,
            "legacy",
            true,
        ),
        (r#"{"AWS": "113285607260"}"#, "legacy", false),
        (r#"{"Service": "cloudtrail.amazonaws.com"}"#, "legacy", true),
        (
            r#"{"AWS": "444455556666", "Service": "cloudtrail.amazonaws.com"}"#,
            CLOUDTRAIL,
            true,
        ),
    ]);
}

#[test]
fn an_account_names_its_own_identities_but_no_service() {
    check_principals(&[
        (r#"{"AWS": "111122223333"}"#, CLOUDTRAIL, false),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:root"}"#,
            CLOUDTRAIL,
            false,
        ),
        (r#"{"AWS": "111122223333"}"#, ROLE, true),
        (r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, ROLE, true),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:root"}"#,
            SESSION,
            true,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:root"}"#,
            ACCOUNT,
            true,
        ),
        (
            r#"{"AWS": "arn:aws-cn:iam::111122223333:root"}"#,
            ROLE,
            false,
        ),
        (r#"{"AWS": "444455556666"}"#, ROLE, false),
        (
            r#"{"AWS": "111122223333"}"#,
            "arn:aws:iam::111122223333:root",
            true,
        ),
    ]);
}

#[test]
fn a_role_names_its_sessions_and_a_user_its_federated_sessions() {
    check_principals(&[
        (
            r#"{"AWS": "arn:aws:iam::111122223333:role/team/Auditor"}"#,
            ROLE,
            true,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:role/Auditor"}"#,
            ROLE,
            false,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:role/team/Auditor"}"#,
            SESSION,
            true,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:role/auditor"}"#,
            SESSION,
            true,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:role/Other"}"#,
            SESSION,
            false,
        ),
        (
            r#"{"AWS": "arn:aws:iam::444455556666:role/Auditor"}"#,
            SESSION,
            false,
        ),
        (
            r#"{"AWS": "arn:aws-cn:iam::111122223333:role/Auditor"}"#,
            SESSION,
            false,
        ),
        (
            r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/Auditor/alice"}"#,
            SESSION,
            true,
        ),
        (
            r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/Auditor/bob"}"#,
            SESSION,
            false,
        ),
        (
            r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/Auditor/alice"}"#,
            ROLE,
            false,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:user/alice"}"#,
            USER,
            true,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:user/alice"}"#,
            FEDERATED_USER,
            true,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:user/bob"}"#,
            FEDERATED_USER,
            false,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:user/alice"}"#,
            ACCOUNT,
            false,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:role/*"}"#,
            ROLE,
            false,
        ),
        (r#"{"AWS": "arn:aws:iam::111122223333:*"}"#, ROLE, false),
        (r#"{"AWS": "AROAEXAMPLEID"}"#, ROLE, false),
    ]);
}

#[test]
fn other_kinds_are_compared_as_a_whole() {
    check_principals(&[
        (r#"{"AWS": "cloudtrail.amazonaws.com"}"#, CLOUDTRAIL, false),
        (
            r#"{"Federated": "accounts.google.com"}"#,
            "accounts.google.com",
            true,
        ),
        (
            r#"{"Federated": "www.amazon.com"}"#,
            "accounts.google.com",
            false,
        ),
        (r#"{"CanonicalUser": "79a5"}"#, "79a5", true),
        (r#"{"CanonicalUser": "79a6"}"#, "79a5", false),
        (r#"{"AWS": []}"#, ROLE, false),
        ("{}", ROLE, false),
        (r#""cloudtrail.amazonaws.com""#, CLOUDTRAIL, false),
    ]);
}

#[test]
fn an_unknown_kind_of_principal_names_nobody() {
    assert!(!allows(
        r#""Principal": {"Robot": "x"}"#,
        &service(CLOUDTRAIL)
    ));
}

#[test]
fn a_statement_without_principal_names_nobody() {
    let policy = policy(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#);
    assert_eq!(verdict(&policy, &Context::new()), "ImplicitDeny");
}

#[test]
fn not_principal_with_deny_spares_only_those_it_names() {
    let deny = |named: &str| {
        let text = format!(
            r#"{{"Statement": [
                {{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}},
                {{"Effect": "Deny", "NotPrincipal": {named}, "Action": "*", "Resource": "*"}}]}}"#
        );
        verdict(&policy(&text), &Context::new())
    };
    assert_eq!(
        deny(r#"{"AWS": "arn:aws:iam::111122223333:root"}"#),
        "ExplicitDeny"
    );
    assert_eq!(deny(r#"{"Service": "cloudtrail.amazonaws.com"}"#), "Allow");
}

#[test]
fn actions_and_their_complement() {
    let rows = [
        (r#""s3:PutObject""#, true),
        (r#""S3:putobject""#, true),
        (r#"["s3:GetObject", "s3:Put*"]"#, true),
        (r#""*""#, true),
        (r#""*:*""#, true),
        (r#""s*:PutObject""#, true),
        (r#""s3:GetObject""#, false),
        (r#""PutObject""#, false),
        (r#""s3*""#, false),
        (r#""s3:""#, false),
        (r#""s3:PutObject ""#, false),
        (r#"" s3:PutObject""#, false),
        (r#""s3:GetObject,PutObject""#, false),
        (r#""s3:PutObject,s3:GetObject""#, false),
        (r#""s3: ""#, false),
        ("[]", false),
    ];
    for (named, expected) in rows {
        let with = |name: &str| {
            verdict(
                &allow_with(&format!(r#""{name}": {named}"#)),
                &Context::new(),
            )
        };
        assert_eq!(with("Action") == "Allow", expected, "Action {named}");
        assert_eq!(with("NotAction") == "Allow", !expected, "NotAction {named}");
    }
}

#[test]
fn resources_and_their_complement() {
    let rows = [
        (r#""*""#, true),
        (r#""arn:aws:s3:::logs/*""#, true),
        (
            r#"["arn:aws:s3:::logs", "arn:aws:s3:::logs/AWSLogs/111111111111/*"]"#,
            true,
        ),
        (r#""arn:aws:s3:::logs/${aws:Folder}/*""#, true),
        (
            r#""arn:aws:s3:::logs/${aws:folder}/${aws:Gone, '111111111111'}/*""#,
            true,
        ),
        (r#""arn:aws:s3:::logs/${aws:Star}/*""#, false),
        (r#""arn:aws:s3:::logs/${aws:Gone}*""#, false),
        (r#""arn:aws:s3:::logs/${*}""#, false),
        (r#""arn:${aws:Partition}:s3:::logs/*""#, false),
        (r#""arn:aws:s3:::logs""#, false),
        (r#""arn:aws:s3:::logs/""#, false),
        (r#""arn:aws-cn:s3:::logs/*""#, false),
        (r#""arn:aws:s3:us-east-1:111111111111:logs/*""#, false),
        (r#""logs/*""#, false),
        ("[]", false),
    ];
    let keys: &[(&str, &[&str])] = &[
        ("aws:Folder", &["AWSLogs"]),
        ("aws:Star", &["*"]),
        ("aws:Partition", &["aws"]),
    ];
    for (named, expected) in rows {
        let with = |name: &str| {
            verdict(
                &allow_with(&format!(r#""{name}": {named}"#)),
                &context(keys),
            )
        };
        assert_eq!(with("Resource") == "Allow", expected, "Resource {named}");
        assert_eq!(
            with("NotResource") == "Allow",
            !expected,
            "NotResource {named}"
        );
    }
}

#[test]
fn before_2012_a_variable_is_literal_text() {
    for version in [
        "",
        r#""Version": "2008-10-17","#,
        r#""Version": "2025-01-01","#,
    ] {
        let text = format!(
            r#"{{{version} "Statement": {{"Effect": "Allow", "Principal": "*", "Action": "*",
                "Resource": "arn:aws:s3:::logs/${{aws:Folder}}/*"}}}}"#
        );
        let policy = policy(&text);
        let context = context(&[("aws:Folder", &["AWSLogs"])]);
        assert_eq!(verdict(&policy, &context), "ImplicitDeny", "{version}");
        let principal = service(CLOUDTRAIL);
        let resource = "arn:aws:s3:::logs/${aws:Folder}/x";
        let request = Request {
            principal: &principal,
            action: "s3:PutObject",
            resource,
            context: &context,
        };
        assert_eq!(word(&decide(&policy, &request)), "Allow", "{version}");
    }
}

#[test]
fn a_variable_of_an_unknown_key_decides_nothing_but_what_it_cannot_reach() {
    let mut context = Context::new();
    context.unknown_by_default(|key| key == "aws:folder");
    let with = |resource: &str| {
        verdict(
            &allow_with(&format!(r#""Resource": "{resource}""#)),
            &context,
        )
    };
    assert_eq!(with("arn:aws:s3:::logs/${aws:Folder}/*"), "Undecided");
    assert_eq!(with("arn:aws:s3:::other/${aws:Folder}/*"), "ImplicitDeny");
    let mut context = Context::new();
    let folders = ["AWSLogs", "AWSLogs/111111111111"].map(|folder| vec![folder.to_owned()]);
    context.set("aws:Folder", ContextValue::OneOf(folders.to_vec()));
    let policy = allow_with(r#""Resource": "arn:aws:s3:::logs/${aws:Folder}/*""#);
    assert_eq!(verdict(&policy, &context), "Allow");
}

#[test]
fn the_bucket_and_its_objects_are_different_resources() {
    let context = Context::new();
    let principal = service(CLOUDTRAIL);
    let policy = allow_with(r#""Action": "s3:*", "Resource": "arn:aws:s3:::logs""#);
    for (resource, expected) in [(BUCKET, "Allow"), (OBJECT, "ImplicitDeny")] {
        let request = Request {
            principal: &principal,
            action: "s3:GetBucketAcl",
            resource,
            context: &context,
        };
        assert_eq!(word(&decide(&policy, &request)), expected, "{resource}");
    }
}
