//! Input that is made to hurt: nothing panics and nothing takes exponential time.

use super::{context, policy, verdict};
use crate::iam::{CharSet, Classes, Pattern, Piece, Policy, Template};
use crate::json;

/// Long enough for any polynomial algorithm to finish, hopeless for an exponential one.
#[test]
fn a_long_glob_of_stars_is_decided() {
    let pattern = "*a".repeat(1024) + "b";
    let text = "a".repeat(2048);
    assert!(!Pattern::glob(&pattern).matches(&text));
    assert!(!Pattern::action(&pattern).matches(&text));
    assert!(
        !Pattern::resource(&format!("arn:aws:s3:::{pattern}"))
            .matches(&format!("arn:aws:s3:::{text}"))
    );
    // A star that passes colons before stars that do not: all positions at once.
    let mixed = format!("arn:*:{}:::b", "*a".repeat(700));
    assert!(!Pattern::resource(&mixed).matches(&format!("arn:{}:::c", ":a".repeat(1000))));
}

#[test]
fn the_search_for_classes_gives_up_instead_of_exploding() {
    let patterns: Vec<Pattern> = (0..10)
        .map(|digit| {
            Pattern::glob(&format!(
                "*{digit}*{}*{}*x",
                (digit + 3) % 10,
                (digit + 7) % 10
            ))
        })
        .collect();
    let patterns: Vec<&Pattern> = patterns.iter().collect();
    let pieces = vec![Piece::Chars {
        name: Some("n"),
        set: CharSet::Digits,
        len: 64,
    }];
    assert_eq!(
        Template { pieces }.classes(&patterns, 500),
        Classes::TooMany
    );
}

#[test]
fn odd_documents_are_read_or_refused_but_never_crash() {
    let odd = [
        "{}",
        "[]",
        "null",
        "1",
        "\"\"",
        "{\"Statement\": null}",
        "{\"Statement\": {}}",
        "{\"Statement\": [[]]}",
        "{\"Statement\": [{}, {\"Effect\": \"Allow\"}]}",
        "{\"Statement\": {\"Principal\": {}, \"Action\": [], \"Resource\": [], \"Condition\": {}}}",
        "{\"Statement\": {\"Principal\": {\"AWS\": [\"\", \"é\", \"arn:\", \":::::\", \"arn:aws:iam::1:root\"]}}}",
        "{\"Statement\": {\"Action\": [\"\", \":\", \"é:é\", \"::\", \"a:\", \":a\"], \"Resource\": [\"\", \"::::::::\", \"é*?\"]}}",
        "{\"Version\": \"2012-10-17\", \"Statement\": {\"Resource\": [\"${\", \"${}\", \"${a\", \":::::${é}\", \":::::${a, 'é\"]}}",
        "{\"Statement\": {\"Condition\": {\"\": {\"\": \"\"}, \"ForAllValues:\": {\"a\": []}, \"IfExists\": {\"a\": 1}}}}",
        "{\"Statement\": {\"Condition\": {\"NumericEquals\": {\"a\": [1e999, -0.0, \"\", \"é\"]}, \"DateEquals\": {\"a\": [\"é\", 99999999999999999999999, \"-\"]}}}}",
        "{\"Statement\": {\"Condition\": {\"IpAddress\": {\"a\": [\"/\", \"::/\", \"1.2.3.4/99999999999\"]}, \"BinaryEquals\": {\"a\": [\"=\", \"é\"]}}}}",
    ];
    let context = context(&[("a", &["é", ""]), ("", &[])]);
    for text in odd {
        if let Ok(policy) = Policy::read(&json::parse(text).unwrap()) {
            assert_eq!(verdict(&policy, &context), "ImplicitDeny", "{text}");
        }
    }
}

#[test]
fn a_condition_value_of_the_wrong_kind_does_not_crash_the_request_either() {
    for operator in [
        "NumericLessThan",
        "DateGreaterThan",
        "IpAddress",
        "BinaryEquals",
        "Bool",
        "ArnLike",
    ] {
        let text = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
                "Condition": {{"{operator}": {{"a": ["5", "true", "1.2.3.4", "2024-01-01", "aGk="]}}}}}}}}"#
        );
        let policy = policy(&text);
        for value in ["", "é", "-", "1.2.3.4.5", "\u{0}", "::::::"] {
            assert_eq!(
                verdict(&policy, &context(&[("a", &[value])])),
                "ImplicitDeny",
                "{operator} {value}"
            );
        }
    }
}
