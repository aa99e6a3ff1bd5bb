//! One condition against one context, as the operator pages have it.

use super::{allow_with, context, verdict};
use crate::iam::{Context, ContextValue};

const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:111111111111:trail/main";

/// Operator, policy values as JSON, the request's values or nothing, whether it holds.
type Row = (
    &'static str,
    &'static str,
    Option<&'static [&'static str]>,
    bool,
);

fn check(rows: &[Row]) {
    for (operator, values, carried, expected) in rows {
        let policy = allow_with(&format!(
            r#""Condition": {{"{operator}": {{"k:Key": {values}}}}}"#
        ));
        let mut keys = vec![("aws:Name", ["a*b"].as_slice()), ("aws:Many", &["x", "y"])];
        keys.extend(carried.map(|values| ("K:KEY", values)));
        let expected = if *expected { "Allow" } else { "ImplicitDeny" };
        assert_eq!(
            verdict(&policy, &context(&keys)),
            expected,
            "{operator} {values} {carried:?}"
        );
    }
}

#[test]
fn strings_are_compared() {
    check(&[
        ("StringEquals", r#""a""#, Some(&["a"]), true),
        ("StringEquals", r#""a""#, Some(&["A"]), false),
        ("StringEquals", r#"["a", "b"]"#, Some(&["b"]), true),
        ("StringEquals", r#""a*""#, Some(&["ab"]), false),
        ("StringEquals", r#""a*""#, Some(&["a*"]), true),
        ("StringEquals", "true", Some(&["true"]), true),
        ("StringEquals", "5", Some(&["5"]), true),
        ("StringEquals", r#""""#, Some(&[""]), true),
        ("StringNotEquals", r#""a""#, Some(&["b"]), true),
        ("StringNotEquals", r#"["a", "b"]"#, Some(&["b"]), false),
        ("StringNotEquals", r#"["a", "b"]"#, Some(&["c"]), true),
        ("StringEqualsIgnoreCase", r#""AbC""#, Some(&["aBc"]), true),
        (
            "StringNotEqualsIgnoreCase",
            r#""AbC""#,
            Some(&["aBc"]),
            false,
        ),
        ("StringLike", r#""a*c""#, Some(&["a:b/c"]), true),
        ("StringLike", r#""a?c""#, Some(&["ac"]), false),
        ("StringLike", r#""A*""#, Some(&["ab"]), false),
        ("StringNotLike", r#"["a*", "b*"]"#, Some(&["bx"]), false),
        ("StringNotLike", r#"["a*", "b*"]"#, Some(&["cx"]), true),
        (
            "StringLike",
            r#""arn:aws:cloudtrail:*:trail/main""#,
            Some(&[TRAIL]),
            true,
        ),
    ]);
}

#[test]
fn arns_are_compared_part_by_part() {
    check(&[
        (
            "ArnLike",
            r#""arn:aws:cloudtrail:*:111111111111:trail/*""#,
            Some(&[TRAIL]),
            true,
        ),
        (
            "ArnEquals",
            r#""arn:aws:cloudtrail:*:111111111111:trail/*""#,
            Some(&[TRAIL]),
            true,
        ),
        (
            "ArnLike",
            r#""arn:aws:cloudtrail:*:trail/main""#,
            Some(&[TRAIL]),
            false,
        ),
        ("ArnLike", r#""*""#, Some(&[TRAIL]), false),
        (
            "ArnLike",
            r#""arn:aws:cloudtrail:us-east-1:111111111111:trail/MAIN""#,
            Some(&[TRAIL]),
            false,
        ),
        (
            "ArnNotLike",
            r#""arn:aws:cloudtrail:*:111111111111:trail/*""#,
            Some(&[TRAIL]),
            false,
        ),
        (
            "ArnNotEquals",
            r#""arn:aws:cloudtrail:*:222222222222:trail/*""#,
            Some(&[TRAIL]),
            true,
        ),
        (
            "ArnNotEquals",
            r#""arn:aws:cloudtrail""#,
            Some(&[TRAIL]),
            true,
        ),
        (
            "ArnLike",
            r#""arn:aws:cloudtrail:*:111111111111:trail/*""#,
            Some(&["trail/main"]),
            false,
        ),
        (
            "ArnNotLike",
            r#""arn:aws:cloudtrail:*:111111111111:trail/*""#,
            Some(&["trail/main"]),
            true,
        ),
    ]);
}

#[test]
fn numbers_are_compared_as_decimals() {
    check(&[
        ("NumericEquals", "16", Some(&["16.0"]), true),
        ("NumericEquals", r#""16""#, Some(&["17"]), false),
        ("NumericEquals", "[1, 2]", Some(&["2"]), true),
        ("NumericNotEquals", "16", Some(&["16"]), false),
        ("NumericNotEquals", r#""x""#, Some(&["16"]), true),
        ("NumericLessThan", "1.2", Some(&["1.1"]), true),
        ("NumericLessThan", "1.2", Some(&["1.2"]), false),
        ("NumericLessThanEquals", "10", Some(&["10"]), true),
        ("NumericLessThanEquals", "9", Some(&["10"]), false),
        ("NumericGreaterThan", "-1", Some(&["0"]), true),
        ("NumericGreaterThanEquals", "100", Some(&["99"]), false),
        ("NumericEquals", "5", Some(&["five"]), false),
    ]);
}

#[test]
fn dates_are_compared_as_moments() {
    check(&[
        (
            "DateEquals",
            r#""2024-01-01""#,
            Some(&["2024-01-01T00:00:00Z"]),
            true,
        ),
        (
            "DateEquals",
            r#""2024-01-01T00:00:00Z""#,
            Some(&["1704067200"]),
            true,
        ),
        (
            "DateEquals",
            "1704067200",
            Some(&["2024-01-01T01:00:00+01:00"]),
            true,
        ),
        (
            "DateNotEquals",
            r#""2024-01-01""#,
            Some(&["2024-01-02"]),
            true,
        ),
        (
            "DateLessThan",
            r#""2024-01-01T00:00:00Z""#,
            Some(&["2023-12-31T23:59:59Z"]),
            true,
        ),
        (
            "DateLessThan",
            r#""2024-01-01T00:00:00Z""#,
            Some(&["2024-01-01T00:00:00Z"]),
            false,
        ),
        (
            "DateLessThanEquals",
            r#""2024-01""#,
            Some(&["2024-01-01T00:00Z"]),
            true,
        ),
        (
            "DateGreaterThan",
            r#""2024-01-01""#,
            Some(&["2024-01-01T00:00:00.001Z"]),
            true,
        ),
        (
            "DateGreaterThanEquals",
            r#""2024-01-01""#,
            Some(&["2023-06-01"]),
            false,
        ),
        ("DateLessThan", r#""soon""#, Some(&["2024-01-01"]), false),
        ("DateNotEquals", r#""soon""#, Some(&["2024-01-01"]), true),
        ("DateGreaterThan", r#""2024-01-01""#, Some(&["soon"]), false),
    ]);
}

#[test]
fn booleans_bytes_and_addresses_are_compared_in_their_type() {
    check(&[
        ("Bool", "true", Some(&["true"]), true),
        ("Bool", r#""True""#, Some(&["true"]), true),
        ("Bool", r#""false""#, Some(&["true"]), false),
        ("Bool", r#"["true", "false"]"#, Some(&["false"]), true),
        ("Bool", r#""yes""#, Some(&["yes"]), false),
        ("Bool", r#""${aws:Name}""#, Some(&["true"]), false),
        ("BinaryEquals", r#""aGk=""#, Some(&["aGk="]), true),
        ("BinaryEquals", r#""aGk=""#, Some(&["aGo="]), false),
        ("BinaryEquals", r#""hi""#, Some(&["hi"]), false),
        (
            "IpAddress",
            r#""203.0.113.0/24""#,
            Some(&["203.0.113.9"]),
            true,
        ),
        (
            "IpAddress",
            r#""203.0.113.0/24""#,
            Some(&["203.0.114.9"]),
            false,
        ),
        (
            "IpAddress",
            r#"["10.0.0.0/8", "2001:db8::/32"]"#,
            Some(&["2001:DB8::1"]),
            true,
        ),
        (
            "IpAddress",
            r#""203.0.113.9""#,
            Some(&["203.0.113.9"]),
            true,
        ),
        ("IpAddress", r#""::/0""#, Some(&["203.0.113.9"]), false),
        (
            "NotIpAddress",
            r#""203.0.113.0/24""#,
            Some(&["203.0.113.9"]),
            false,
        ),
        (
            "NotIpAddress",
            r#""203.0.113.0/24""#,
            Some(&["2001:db8::1"]),
            true,
        ),
        (
            "NotIpAddress",
            r#""anywhere""#,
            Some(&["203.0.113.9"]),
            true,
        ),
        ("IpAddress", r#""anywhere""#, Some(&["203.0.113.9"]), false),
    ]);
}

#[test]
fn a_missing_key_fails_positive_operators_and_passes_negated_ones() {
    check(&[
        ("StringEquals", r#""a""#, None, false),
        ("StringLike", r#""*""#, None, false),
        ("StringNotEquals", r#""a""#, None, true),
        ("StringNotEqualsIgnoreCase", r#""a""#, None, true),
        ("StringNotLike", r#""*""#, None, true),
        ("ArnNotLike", r#""arn:aws:s3:::b""#, None, true),
        ("ArnNotEquals", r#""arn:aws:s3:::b""#, None, true),
        ("ArnLike", r#""arn:*:*:*:*:*""#, None, false),
        ("NotIpAddress", r#""0.0.0.0/0""#, None, true),
        ("IpAddress", r#""0.0.0.0/0""#, None, false),
        ("NumericNotEquals", "1", None, true),
        ("NumericLessThan", "1", None, false),
        ("DateNotEquals", r#""2024-01-01""#, None, true),
        ("DateLessThan", r#""2024-01-01""#, None, false),
        ("Bool", "false", None, false),
        ("BinaryEquals", r#""aGk=""#, None, false),
    ]);
}

#[test]
fn if_exists_passes_when_the_key_is_missing() {
    check(&[
        ("StringEqualsIfExists", r#""a""#, None, true),
        ("StringEqualsIfExists", r#""a""#, Some(&["b"]), false),
        ("StringEqualsIfExists", r#""a""#, Some(&["a"]), true),
        ("StringNotEqualsIfExists", r#""a""#, None, true),
        ("StringNotEqualsIfExists", r#""a""#, Some(&["a"]), false),
        ("BoolIfExists", "false", None, true),
        ("NumericLessThanIfExists", "1", None, true),
        ("ArnLikeIfExists", r#""arn:aws:s3:::b""#, None, true),
        ("NullIfExists", "true", None, false),
        ("ForAnyValue:StringEqualsIfExists", r#""a""#, None, true),
        ("ForAllValues:StringEqualsIfExists", r#""a""#, None, true),
        (
            "ForAnyValue:StringEqualsIfExists",
            r#""a""#,
            Some(&["b"]),
            false,
        ),
    ]);
}

#[test]
fn null_asks_whether_the_key_is_there() {
    check(&[
        ("Null", "true", None, true),
        ("Null", "true", Some(&["a"]), false),
        ("Null", "false", Some(&["a"]), true),
        ("Null", "false", None, false),
        ("Null", r#"["true", "false"]"#, None, true),
        ("Null", r#""maybe""#, None, false),
        ("Null", "true", Some(&[]), true),
        ("Null", "false", Some(&["x", "y"]), true),
        ("ForAllValues:Null", "true", Some(&["a"]), true),
        ("ForAllValues:Null", "false", None, true),
        ("ForAnyValue:Null", "true", None, false),
        ("ForAnyValue:Null", "false", Some(&["a"]), false),
    ]);
}

#[test]
fn set_operators_test_each_value() {
    check(&[
        (
            "ForAllValues:StringEquals",
            r#"["a", "b"]"#,
            Some(&["a", "b"]),
            true,
        ),
        (
            "ForAllValues:StringEquals",
            r#"["a", "b"]"#,
            Some(&["a", "c"]),
            false,
        ),
        (
            "ForAllValues:StringEquals",
            r#"["a", "b"]"#,
            Some(&["a"]),
            true,
        ),
        ("ForAllValues:StringEquals", r#""a""#, None, true),
        ("ForAllValues:StringEquals", r#""a""#, Some(&[]), true),
        ("ForAllValues:StringEquals", r#""a""#, Some(&[""]), true),
        (
            "ForAnyValue:StringEquals",
            r#"["a", "b"]"#,
            Some(&["c", "b"]),
            true,
        ),
        (
            "ForAnyValue:StringEquals",
            r#"["a", "b"]"#,
            Some(&["c", "d"]),
            false,
        ),
        ("ForAnyValue:StringEquals", r#""a""#, None, false),
        ("ForAnyValue:StringEquals", r#""a""#, Some(&[]), false),
        (
            "ForAnyValue:StringLike",
            r#""a*""#,
            Some(&["b", "ab"]),
            true,
        ),
        // Per value, not the negation of the whole.
        (
            "ForAllValues:StringNotEquals",
            r#""a""#,
            Some(&["b", "c"]),
            true,
        ),
        (
            "ForAllValues:StringNotEquals",
            r#""a""#,
            Some(&["a", "b"]),
            false,
        ),
        ("ForAllValues:StringNotEquals", r#""a""#, None, true),
        (
            "ForAnyValue:StringNotEquals",
            r#""a""#,
            Some(&["a", "b"]),
            true,
        ),
        ("ForAnyValue:StringNotEquals", r#""a""#, Some(&["a"]), false),
        ("ForAnyValue:StringNotEquals", r#""a""#, None, false),
        (
            "ForAllValues:StringNotLike",
            r#""a*""#,
            Some(&["b", "ac"]),
            false,
        ),
        (
            "ForAnyValue:StringNotLike",
            r#"["a*", "b*"]"#,
            Some(&["b", "ac"]),
            false,
        ),
        (
            "ForAllValues:ArnLike",
            r#""arn:aws:s3:::*""#,
            Some(&["arn:aws:s3:::a", "arn:aws:s3:::b"]),
            true,
        ),
        ("ForAnyValue:Bool", "true", Some(&["false", "true"]), true),
    ]);
}

#[test]
fn empty_lists_match_nothing() {
    check(&[
        ("StringEquals", "[]", Some(&["a"]), false),
        ("StringNotEquals", "[]", Some(&["a"]), true),
        ("StringEquals", "[]", None, false),
        ("StringNotEquals", "[]", None, true),
        ("ForAllValues:StringEquals", "[]", Some(&["a"]), false),
        ("ForAllValues:StringEquals", "[]", Some(&[]), true),
        ("ForAllValues:StringEquals", "[]", None, true),
        ("ForAnyValue:StringEquals", "[]", Some(&["a"]), false),
        ("StringEquals", r#""a""#, Some(&[]), false),
        ("StringNotEquals", r#""a""#, Some(&[]), true),
    ]);
}

#[test]
fn unknown_operators_never_match() {
    check(&[
        ("stringequals", r#""a""#, Some(&["a"]), false),
        ("StringMatches", r#""a""#, Some(&["a"]), false),
        ("StringNotMatches", r#""a""#, None, false),
        ("StringMatchesIfExists", r#""a""#, None, false),
        ("ForAllValues:StringMatches", r#""a""#, None, false),
        ("ForSomeValues:StringEquals", r#""a""#, Some(&["a"]), false),
    ]);
}

#[test]
fn variables_are_replaced_by_literal_text() {
    check(&[
        ("StringEquals", r#""${aws:Name}""#, Some(&["a*b"]), true),
        ("StringEquals", r#""${AWS:NAME}""#, Some(&["a*b"]), true),
        ("StringLike", r#""${aws:Name}""#, Some(&["axb"]), false),
        ("StringLike", r#""${aws:Name}/*""#, Some(&["a*b/x"]), true),
        ("StringLike", r#""x${*}""#, Some(&["xy"]), false),
        ("StringLike", r#""x${*}""#, Some(&["x*"]), true),
        ("StringEquals", r#""${*}${?}${$}""#, Some(&["*?$"]), true),
        ("StringEquals", r#""${aws:Gone, 'd'}""#, Some(&["d"]), true),
        (
            "StringEquals",
            r#""${aws:Name, 'd'}""#,
            Some(&["a*b"]),
            true,
        ),
        ("StringLike", r#""${aws:Gone, '*'}""#, Some(&["x"]), false),
        ("StringEquals", r#""${aws:Gone}""#, Some(&["x"]), false),
        (
            "StringEquals",
            r#""${aws:Gone}""#,
            Some(&["${aws:Gone}"]),
            false,
        ),
        ("StringNotEquals", r#""${aws:Gone}""#, Some(&["x"]), true),
        (
            "StringNotEqualsIgnoreCase",
            r#""${aws:Gone}""#,
            Some(&["x"]),
            true,
        ),
        ("StringNotLike", r#""${aws:Gone}*""#, Some(&["x"]), true),
        (
            "ArnNotLike",
            r#""arn:aws:s3:::${aws:Gone}""#,
            Some(&["arn:aws:s3:::x"]),
            true,
        ),
        ("StringEquals", r#""${aws:Many}""#, Some(&["x"]), false),
        ("StringEquals", r#""${k:Key}""#, Some(&["itself"]), true),
        (
            "StringEquals",
            r#""${aws:Name""#,
            Some(&["${aws:Name"]),
            true,
        ),
        (
            "ArnLike",
            r#""arn:aws:s3:::${aws:Name}""#,
            Some(&["arn:aws:s3:::a*b"]),
            true,
        ),
        (
            "ArnLike",
            r#""arn:aws:cloudtrail:*:${aws:Account, '111111111111'}:trail/*""#,
            Some(&[TRAIL]),
            true,
        ),
        ("ArnLike", r#""${k:Key}""#, Some(&[TRAIL]), true),
        (
            "StringEquals",
            r#"["${aws:Gone}", "x"]"#,
            Some(&["x"]),
            true,
        ),
        (
            "StringNotEquals",
            r#"["${aws:Gone}", "x"]"#,
            Some(&["x"]),
            false,
        ),
    ]);
}

#[test]
fn several_values_without_a_set_operator_are_not_documented() {
    let check = |operator: &str, values: &[&str], expected| {
        let policy = allow_with(&format!(
            r#""Condition": {{"{operator}": {{"k": ["a", "b"]}}}}"#
        ));
        assert_eq!(
            verdict(&policy, &context(&[("k", values)])),
            expected,
            "{operator} {values:?}"
        );
    };
    check("StringEquals", &["a", "x"], "Undecided");
    check("StringEquals", &["x", "y"], "ImplicitDeny");
    check("StringNotEquals", &["a", "b"], "ImplicitDeny");
    check("StringNotEquals", &["a", "x"], "Undecided");
}

#[test]
fn an_unknown_key_makes_only_those_conditions_unknown_that_depend_on_it() {
    let check = |condition: &str, expected| {
        let policy = allow_with(&format!(r#""Condition": {condition}"#));
        let mut context = Context::new();
        context.set("k", ContextValue::Unknown);
        context.set(
            "two",
            ContextValue::OneOf(vec![vec!["a".into()], vec!["ab".into()]]),
        );
        context.set(
            "maybe",
            ContextValue::OneOf(vec![vec!["true".into()], vec![]]),
        );
        assert_eq!(verdict(&policy, &context), expected, "{condition}");
    };
    check(r#"{"StringEquals": {"k": "a"}}"#, "Undecided");
    check(r#"{"StringNotEquals": {"k": "a"}}"#, "Undecided");
    check(r#"{"Null": {"k": "true"}}"#, "Undecided");
    check(r#"{"Null": {"k": ["true", "false"]}}"#, "Allow");
    check(r#"{"StringLikeIfExists": {"k": "*"}}"#, "Allow");
    check(r#"{"StringLike": {"k": "*"}}"#, "Undecided");
    check(r#"{"StringEquals": {"k": []}}"#, "ImplicitDeny");
    check(r#"{"StringNotEquals": {"k": []}}"#, "Allow");
    check(r#"{"ForAnyValue:Null": {"k": "true"}}"#, "ImplicitDeny");
    check(r#"{"ForAllValues:Null": {"k": "true"}}"#, "Allow");
    check(r#"{"ForAllValues:StringLike": {"k": "*"}}"#, "Allow");
    check(r#"{"StringMatches": {"k": "a"}}"#, "ImplicitDeny");
    check(
        r#"{"StringEquals": {"k": "a", "gone": "a"}}"#,
        "ImplicitDeny",
    );
    check(r#"{"StringEquals": {"two": "a"}}"#, "Undecided");
    check(r#"{"StringLike": {"two": "a*"}}"#, "Allow");
    check(r#"{"StringEquals": {"two": "x"}}"#, "ImplicitDeny");
    check(r#"{"StringEquals": {"two": "${two}"}}"#, "Allow");
    check(r#"{"StringEquals": {"two": "${k}"}}"#, "Undecided");
    check(r#"{"StringLike": {"two": "x${k}*"}}"#, "ImplicitDeny");
    check(r#"{"Bool": {"maybe": "false"}}"#, "ImplicitDeny");
    check(r#"{"Bool": {"maybe": "true"}}"#, "Undecided");
    check(r#"{"BoolIfExists": {"maybe": "true"}}"#, "Allow");
    check(r#"{"BoolIfExists": {"maybe": "false"}}"#, "Undecided");
    // Each alone is unknown, but in every case one of the two fails.
    check(
        r#"{"Bool": {"maybe": "true"}, "Null": {"maybe": "true"}}"#,
        "ImplicitDeny",
    );
}
