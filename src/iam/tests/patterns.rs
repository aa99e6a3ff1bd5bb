//! Texts against patterns, in every syntax.

use crate::iam::{Pattern, Syntax};

fn check(compile: fn(&str) -> Pattern, rows: &[(&str, &str, bool)]) {
    for (pattern, text, expected) in rows {
        let compiled = compile(pattern);
        assert_eq!(
            compiled.matches(text),
            *expected,
            "{pattern} against {text}"
        );
        let states = compiled.run(&compiled.start(), text);
        assert_eq!(
            compiled.is_accepting(&states) || compiled.accepts_all_from(&states),
            *expected,
            "stepping {pattern} over {text}"
        );
        let stepped = text
            .chars()
            .fold(compiled.start(), |states, c| compiled.step(&states, c));
        assert_eq!(
            compiled.is_accepting(&stepped),
            *expected,
            "stepping {pattern} over {text}"
        );
    }
}

#[test]
fn a_literal_matches_itself_only() {
    check(
        Pattern::literal,
        &[
            ("a*b?", "a*b?", true),
            ("a*b?", "axbx", false),
            ("", "", true),
            ("", "a", false),
            ("Abc", "abc", false),
            ("é", "é", true),
            ("abc", "ab", false),
            ("ab", "abc", false),
        ],
    );
}

#[test]
fn a_literal_may_ignore_case() {
    check(
        Pattern::literal_ignore_case,
        &[
            ("Bucket-Owner", "bucket-OWNER", true),
            ("a*", "Ab", false),
            ("É", "é", true),
            ("a", "ab", false),
        ],
    );
}

#[test]
fn a_glob_star_crosses_everything() {
    check(
        Pattern::glob,
        &[
            ("*", "", true),
            ("*", "a:b/c", true),
            ("a*", "a", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbbcd", false),
            ("*b", "aab", true),
            ("a?c", "abc", true),
            ("a?c", "a:c", true),
            ("a?c", "ac", false),
            ("?", "", false),
            ("?", "é", true),
            ("a**c", "ac", true),
            ("*a*a*", "xaxax", true),
            ("*a*a*", "xax", false),
            ("a*b*c", "a-b-b-c-c", true),
            (
                "arn:aws:cloudtrail:*:trail/x",
                "arn:aws:cloudtrail:us-east-1:111111111111:trail/x",
                true,
            ),
            ("[ab].x", "a.x", false),
            ("[ab].x", "[ab].x", true),
            ("a\\*", "a\\b", true),
            ("A*", "ab", false),
            ("*?", "", false),
            ("*?", "a", true),
            ("?*?", "a", false),
            ("*.json.gz", "a.json.gz.json.gz", true),
        ],
    );
}

#[test]
fn an_action_folds_case() {
    check(
        Pattern::action,
        &[
            ("s3:PutObject", "S3:putobject", true),
            ("s3:Put*", "s3:PutObject", true),
            ("s3:*", "s3:GetBucketAcl", true),
            ("*", "s3:PutObject", true),
            ("s3:PutObjec?", "s3:PutObject", true),
            ("s3:PutObject?", "s3:PutObject", false),
            ("s3:PutObject", "s3:PutObjectAcl", false),
            ("s*:PutObject", "s3:PutObject", true),
            ("*:PutObject", "s3:PutObject", true),
            ("s3:?utO*ect", "s3:PutObject", true),
            (
                "kms:GenerateDataKey*",
                "kms:GenerateDataKeyWithoutPlaintext",
                true,
            ),
            ("s3:Get*", "s3:PutObject", false),
        ],
    );
}

#[test]
fn a_resource_star_passes_colons_only_at_the_end_of_its_segment() {
    check(
        Pattern::resource,
        &[
            ("*", "arn:aws:s3:::b/k", true),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/k", true),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/", true),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b", false),
            ("arn:aws:s3:::b*", "arn:aws:s3:::bb/k", true),
            ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b//test/o", true),
            ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/test/", true),
            (
                "arn:aws:s3:::b/*/test/*",
                "arn:aws:s3:::b/1/2/test/x/y",
                true,
            ),
            ("arn:aws:s3:::b/a?c", "arn:aws:s3:::b/a:c", true),
            ("arn:aws:s3:::b/a*c", "arn:aws:s3:::b/a:b:c", true),
            ("arn:aws:s3:*", "arn:aws:s3:::b/k", true),
            ("arn:aws:s3*", "arn:aws:s3:::b/k", true),
            ("arn:*:example", "arn:aws:s3:::example", true),
            ("arn:aws:*:::b", "arn:aws:s3:::b", true),
            ("arn:a*s:s3:::b", "arn:aws:s3:::b", true),
            ("arn:a*3:::b", "arn:aws:s3:::b", false),
            ("arn:aws?s3:::b", "arn:aws:s3:::b", false),
            ("arn:aws:s?:::b", "arn:aws:s3:::b", true),
            ("arn:aws:s3:::", "arn:aws:s3:::b", false),
            ("arn:aws:S3:::b", "arn:aws:s3:::b", false),
            ("arn:aws:s3:::B", "arn:aws:s3:::b", false),
            ("arn:aws:s3:::*", "arn:aws:s3:::b/k", true),
            ("b/*", "arn:aws:s3:::b/k", false),
            ("arn:*s:a*z:::b", "arn:aws:abz:::b", true),
            ("arn:*:a*z:::b", "arn:aws:abz:::b", true),
            ("arn:*:a*z:::b", "arn:aws:a:z:::b", false),
            ("arn:*:a*z:::b", "arn:a:x:y:a:az:::b", true),
            (
                "arn:aws:sns:us-east-1:111111111111:t*",
                "arn:aws:sns:us-east-1:111111111111:topic",
                true,
            ),
        ],
    );
}

#[test]
fn an_arn_is_compared_part_by_part() {
    const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:111111111111:trail/main";
    check(
        Pattern::arn,
        &[
            (TRAIL, TRAIL, true),
            ("arn:aws:cloudtrail:*:111111111111:trail/*", TRAIL, true),
            ("arn:aws:cloudtrail:*:*:*", TRAIL, true),
            ("arn:*:*:*:*:*", TRAIL, true),
            ("*:*:*:*:*:*", TRAIL, true),
            ("arn:aws:cloudtrail:*:trail/main", TRAIL, false),
            ("arn:aws:cloudtrail:*", TRAIL, false),
            ("*", TRAIL, false),
            (
                "arn:aws:cloudtrail:us-east-?:111111111111:trail/main",
                TRAIL,
                true,
            ),
            ("arn:aws:cloudtrail:us-*:11*11:trail/ma?n", TRAIL, true),
            (
                "arn:aws:cloudtrail:us-east-1?111111111111:trail/main",
                TRAIL,
                false,
            ),
            (
                "ARN:aws:cloudtrail:us-east-1:111111111111:trail/main",
                TRAIL,
                false,
            ),
            (
                "arn:aws:cloudtrail:us-east-1:111111111111:trail/Main",
                TRAIL,
                false,
            ),
            ("arn:aws:cloudtrail::111111111111:trail/main", TRAIL, false),
            ("arn:aws:sns:*:*:a*c", "arn:aws:sns:r:1:a:b:c", true),
            ("arn:aws:sns:*:*:a?c", "arn:aws:sns:r:1:a:c", true),
            ("arn:aws:s3:::b", "arn:aws:s3:::b", true),
            ("arn:aws:s3:::*", "not an arn", false),
            ("", "", false),
            ("a:b:c:d:e", "a:b:c:d:e", false),
        ],
    );
    assert!(Pattern::arn("arn:aws:s3:*").is_never());
    assert!(!Pattern::arn(TRAIL).is_never());
}

#[test]
fn the_facts_about_a_pattern_are_those_of_its_syntax() {
    assert!(Pattern::glob("a*").has_wildcard());
    assert!(!Pattern::literal("a*").has_wildcard());
    assert!(Pattern::with_variables(Syntax::Glob, "${a}*").has_wildcard());
    assert!(!Pattern::with_variables(Syntax::Glob, "${a}${*}").has_wildcard());
    assert_eq!(
        Pattern::with_variables(Syntax::Glob, "${a}*").text(),
        "${a}*"
    );
    assert!(!Pattern::with_variables(Syntax::Glob, "${a}*").matches("${a}b"));
    assert!(Pattern::glob("${a}*").matches("${a}b"));
    assert!(Pattern::with_variables(Syntax::Literal, "${*}${?}${$}").matches("*?$"));
    assert!(!Pattern::with_variables(Syntax::Glob, "a${*}").matches("ab"));
    assert!(Pattern::never("*").is_never() && !Pattern::never("*").matches("*"));
}

#[test]
fn live_positions_say_what_they_wait_for() {
    let arn = Pattern::arn("arn:aws:cloudtrail:*:1?2:x");
    let states = arn.run(&arn.start(), "arn:aws:cloudtrail:us");
    assert_eq!(arn.chars_of_interest(&states), [':']);
    let states = arn.run(&states, ":1");
    assert_eq!(arn.chars_of_interest(&states), [':']);
    let action = Pattern::action("s3:Put*");
    assert_eq!(action.chars_of_interest(&action.start()), ['S', 's']);

    let glob = Pattern::glob("ab*");
    assert!(!glob.accepts_all_from(&glob.start()));
    assert!(glob.accepts_all_from(&glob.run(&glob.start(), "ab")));
    assert!(glob.run(&glob.start(), "b").is_dead());
    assert!(!glob.accepts_all_from(&glob.run(&glob.start(), "b")));
    let stopped = Pattern::resource("arn:a*s:s3:::b");
    assert!(!stopped.accepts_all_from(&stopped.run(&stopped.start(), "arn:a")));
}

#[test]
fn a_live_prefix_ends_where_no_continuation_can_match() {
    for (pattern, text, read) in [
        ("arn:aws:s3:::logs/*", "arn:aws:s3:::logs/x", 19),
        ("arn:aws:s3:::logs/a/*", "arn:aws:s3:::logs/b/x", 18),
        ("x", "arn", 0),
        ("*", "arn", 3),
    ] {
        assert_eq!(
            Pattern::resource(pattern).live_prefix(text),
            read,
            "{pattern}"
        );
    }
}
