//! Laws over generated patterns and policies, and a second, slow, obvious evaluator.

use proptest::prelude::*;

use super::{context, policy, verdict, word};
use crate::iam::{
    CharSet, Classes, JointClasses, Pattern, Piece, Policy, Request, Syntax, Template, decide,
    joint_classes,
};
use crate::json;

/// The definition of a glob, in exponential time. The pattern may say where `*` stops.
fn slow_glob(pattern: &[char], text: &[char], stops: bool) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, rest) => rest.is_none(),
        (Some(('*', after)), rest) => {
            slow_glob(after, text, stops)
                || rest.is_some_and(|(c, more)| {
                    (*c != ':' || !stops) && slow_glob(pattern, more, stops)
                })
        }
        (Some((p, after)), Some((c, more))) => {
            (p == c || *p == '?' && (*c != ':' || !stops)) && slow_glob(after, more, stops)
        }
        (Some(_), None) => false,
    }
}

fn slow_arn(pattern: &str, text: &str) -> bool {
    let parts = |text: &str| {
        text.splitn(6, ':')
            .map(|part| part.chars().collect())
            .collect::<Vec<Vec<char>>>()
    };
    let (pattern, text) = (parts(pattern), parts(text));
    pattern.len() == 6
        && text.len() == 6
        && pattern
            .iter()
            .zip(&text)
            .all(|(pattern, text)| slow_glob(pattern, text, false))
}

/// The colon rules of `Resource`, straight from their wording.
fn slow_resource(pattern: &[char], colons: usize, text: &[char]) -> bool {
    let Some((first, after)) = pattern.split_first() else {
        return text.is_empty();
    };
    let next = after.iter().find(|c| **c != '*');
    let ends_segment = matches!(next, None | Some(':'));
    let rest = text.split_first();
    match first {
        '*' => {
            let passes = colons >= 5 || ends_segment;
            slow_resource(after, colons, text)
                || rest.is_some_and(|(c, more)| {
                    (*c != ':' || passes) && slow_resource(pattern, colons, more)
                })
        }
        '?' => rest.is_some_and(|(c, more)| {
            (*c != ':' || colons >= 5) && slow_resource(after, colons, more)
        }),
        wanted => rest.is_some_and(|(c, more)| {
            c == wanted && slow_resource(after, colons + usize::from(*wanted == ':'), more)
        }),
    }
}

fn stepped(pattern: &Pattern, text: &str) -> bool {
    let states = text
        .chars()
        .fold(pattern.start(), |states, c| pattern.step(&states, c));
    pattern.is_accepting(&states)
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

const CONDITIONS: [&str; 8] = [
    "{}",
    r#"{"StringEquals": {"k": "a"}}"#,
    r#"{"StringNotEquals": {"k": ["a", "b"]}}"#,
    r#"{"StringLike": {"k": "a*"}}"#,
    r#"{"Null": {"k": "true"}}"#,
    r#"{"ForAllValues:StringEquals": {"k": "a"}}"#,
    r#"{"ForAnyValue:StringNotLike": {"k": "a*"}}"#,
    r#"{"StringEqualsIfExists": {"k": "${k}"}}"#,
];

#[derive(Debug, Clone)]
struct Row {
    effect: &'static str,
    principal: &'static str,
    action: &'static str,
    resource: &'static str,
    condition: &'static str,
}

impl Row {
    fn text(&self) -> String {
        let Row {
            effect,
            principal,
            action,
            resource,
            condition,
        } = self;
        format!(
            r#"{{"Effect": "{effect}", {principal}, {action}, {resource}, "Condition": {condition}}}"#
        )
    }
}

fn any_row() -> impl Strategy<Value = Row> {
    let principals = prop::sample::select(vec![
        r#""Principal": "*""#,
        r#""Principal": {"Service": ["cloudtrail.amazonaws.com"]}"#,
        r#""Principal": {"AWS": "111122223333"}"#,
        r#""NotPrincipal": {"AWS": "111122223333"}"#,
    ]);
    let actions = prop::sample::select(vec![
        r#""Action": "s3:Put*""#,
        r#""Action": ["s3:Get*"]"#,
        r#""NotAction": "s3:Get*""#,
    ]);
    let resources = prop::sample::select(vec![
        r#""Resource": "*""#,
        r#""Resource": ["arn:aws:s3:::logs/AWSLogs/*", "arn:aws:s3:::b"]"#,
        r#""NotResource": "arn:aws:s3:::logs/*""#,
    ]);
    let effects = prop::sample::select(vec!["Allow", "Deny"]);
    (
        effects,
        principals,
        actions,
        resources,
        prop::sample::select(CONDITIONS.to_vec()),
    )
        .prop_map(|(effect, principal, action, resource, condition)| Row {
            effect,
            principal,
            action,
            resource,
            condition,
        })
}

fn whole(rows: &[Row]) -> Policy {
    let texts: Vec<String> = rows.iter().map(Row::text).collect();
    policy(&format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        texts.join(",")
    ))
}

fn any_values() -> impl Strategy<Value = Option<Vec<&'static str>>> {
    prop::option::of(prop::collection::vec(
        prop::sample::select(vec!["a", "ab", "b", ""]),
        0..2,
    ))
}

fn decided(rows: &[Row], values: Option<&[&str]>) -> &'static str {
    let keys: Vec<(&str, &[&str])> = values.map(|values| ("k", values)).into_iter().collect();
    verdict(&whole(rows), &context(&keys))
}

proptest! {
    #[test]
    fn globs_agree_with_their_definition(pattern in "[ab*?:]{0,8}", text in "[ab:]{0,10}") {
        let expected = slow_glob(&chars(&pattern), &chars(&text), false);
        let glob = Pattern::glob(&pattern);
        prop_assert_eq!(glob.matches(&text), expected);
        prop_assert_eq!(stepped(&glob, &text), expected);
        prop_assert_eq!(Pattern::action(&pattern.to_uppercase()).matches(&text), expected);
    }

    #[test]
    fn arns_agree_with_their_definition(pattern in "[a*?]{0,3}(:[a*?]{0,3}){3,6}", text in "[ab]{0,3}(:[ab]{0,2}){4,7}") {
        let expected = slow_arn(&pattern, &text);
        let arn = Pattern::arn(&pattern);
        prop_assert_eq!(arn.matches(&text), expected);
        prop_assert_eq!(stepped(&arn, &text), expected);
    }

    #[test]
    fn resources_agree_with_their_definition(pattern in "[a*?]{0,3}(:[a*?]{0,3}){0,6}", text in "[ab]{0,3}(:[ab]{0,2}){0,7}") {
        let expected = slow_resource(&chars(&pattern), 0, &chars(&text));
        let resource = Pattern::resource(&pattern);
        prop_assert_eq!(resource.matches(&text), expected);
        prop_assert_eq!(stepped(&resource, &text), expected);
        let states = resource.run(&resource.start(), &text);
        prop_assert_eq!(resource.is_accepting(&states) || resource.accepts_all_from(&states), expected);
    }

    #[test]
    fn characters_of_no_interest_are_alike(pattern in "[abA*?:]{0,8}", text in "[ab:]{0,6}") {
        for compiled in [Pattern::glob(&pattern), Pattern::action(&pattern), Pattern::resource(&pattern), Pattern::arn(&pattern)] {
            let states = compiled.run(&compiled.start(), &text);
            let interest = compiled.chars_of_interest(&states);
            let others: Vec<_> = ['x', 'y', 'a', 'b', 'A', 'B', ':', 'é']
                .into_iter()
                .filter(|c| !interest.contains(c))
                .map(|c| compiled.step(&states, c))
                .collect();
            prop_assert!(others.windows(2).all(|pair| pair[0] == pair[1]), "{} {} {:?}", pattern, text, compiled.syntax());
        }
    }

    #[test]
    fn nothing_panics_on_arbitrary_text(pattern in ".{0,12}", text in ".{0,12}") {
        for syntax in [Syntax::Literal, Syntax::LiteralIgnoreCase, Syntax::Glob, Syntax::Action, Syntax::Resource, Syntax::Arn] {
            let compiled = Pattern::compile(syntax, &pattern);
            prop_assert_eq!(compiled.matches(&text), stepped(&compiled, &text));
            Pattern::with_variables(syntax, &pattern).matches(&text);
            compiled.live_prefix(&text);
        }
        let document = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": [{0}]}}, "Action": {0},
                "Resource": {0}, "Condition": {{"DateEquals": {{"k": {0}}}, "NumericEquals": {{"k": {0}}},
                "IpAddress": {{"k": {0}}}, {0}: {{"k": {0}}}}}}}}}"#,
            serde_json::to_string(&pattern).unwrap()
        );
        if let Ok(root) = json::parse(&document) {
            verdict(&Policy::read(&root).unwrap(), &context(&[("k", &[text.as_str()])]));
        }
    }

    #[test]
    fn classes_miss_no_text(patterns in prop::collection::vec("[01*?]{0,5}(:[01*?]{0,4})?", 1..4)) {
        let compiled: Vec<Pattern> = patterns.iter().map(|text| Pattern::glob(text)).collect();
        let references: Vec<&Pattern> = compiled.iter().collect();
        let template = Template { pieces: vec![
            Piece::Chars { name: Some("n"), set: CharSet::Digits, len: 2 },
            Piece::Choice { name: "c", words: vec!["0".into(), "1".into(), "10".into()] },
            Piece::Text(":".into()),
            Piece::Again("n"),
            Piece::Again("c"),
        ] };
        let Classes::All(found) = template.classes(&references, 10_000) else { panic!("too many") };
        let outcome = |text: &str| compiled.iter().map(|pattern| pattern.matches(text)).collect::<Vec<_>>();
        let outcomes: Vec<_> = found.iter().map(|class| (class, outcome(&class.example))).collect();
        for number in ["00", "01", "10", "11", "02", "20", "12", "21", "22"] {
            for word in ["0", "1", "10"] {
                let text = format!("{number}{word}:{number}{word}");
                let known = outcomes.iter().any(|(class, found)| {
                    let same_word = !class.split_on.contains("c") || class.chosen["c"] == word;
                    same_word && *found == outcome(&text)
                });
                prop_assert!(known, "{} {:?}", text, patterns);
            }
        }
    }

    #[test]
    fn joint_classes_miss_no_word(
        first in prop::collection::vec("[01*?]{0,5}", 0..4),
        second in prop::collection::vec("[01*?]{0,5}", 0..4),
        third in prop::collection::vec("[01?]{2}|[01]\\*", 0..4),
    ) {
        let compile = |texts: &[String]| texts.iter().map(|text| Pattern::glob(text)).collect::<Vec<_>>();
        let compiled = [compile(&first), compile(&second), compile(&third)];
        let references = compiled.each_ref().map(|patterns| patterns.iter().collect::<Vec<&Pattern>>());
        let number = || Piece::Chars { name: Some("n"), set: CharSet::Digits, len: 2 };
        let word = Piece::Choice { name: "c", words: vec!["0".into(), "1".into(), "10".into()] };
        let templates = [
            Template { pieces: vec![Piece::Text("1".into()), number(), word] },
            Template { pieces: vec![Piece::Again("c"), Piece::Again("n")] },
            Template { pieces: vec![Piece::Again("n")] },
        ];
        let texts: Vec<(&Template, &[&Pattern])> =
            templates.iter().zip(&references).map(|(template, patterns)| (template, patterns.as_slice())).collect();
        let JointClasses::All(found) = joint_classes(&texts, 100_000) else { panic!("too many") };
        let outcome = |texts: &[String]| -> Vec<bool> {
            compiled.iter().zip(texts).flat_map(|(patterns, text)| patterns.iter().map(|it| it.matches(text))).collect()
        };
        let outcomes: Vec<_> = found.iter().map(|class| (class, outcome(&class.examples))).collect();
        for number in 0..100 {
            for word in ["0", "1", "10"] {
                let texts = [format!("1{number:02}{word}"), format!("{word}{number:02}"), format!("{number:02}")];
                let known = outcomes.iter().any(|(class, found)| {
                    let same_word = !class.split_on.contains("c") || class.chosen["c"] == word;
                    same_word && *found == outcome(&texts)
                });
                prop_assert!(known, "{:?} {:?}", texts, compiled);
            }
        }
        // An example is one text of the family, not a mixture of two.
        for class in &found {
            let (number, word) = (&class.chosen["n"], &class.chosen["c"]);
            prop_assert_eq!(&class.examples, &[format!("1{number}{word}"), format!("{word}{number}"), number.clone()]);
        }
    }

    #[test]
    fn a_matching_deny_always_wins(rows in prop::collection::vec(any_row(), 0..5), values in any_values()) {
        let deny = Row { effect: "Deny", principal: r#""Principal": "*""#, action: r#""Action": "*""#, resource: r#""Resource": "*""#, condition: "{}" };
        let rows: Vec<Row> = rows.into_iter().chain([deny]).collect();
        prop_assert_eq!(decided(&rows, values.as_deref()), "ExplicitDeny");
    }

    #[test]
    fn statement_order_is_irrelevant(rows in prop::collection::vec(any_row(), 0..5), values in any_values()) {
        let reversed: Vec<Row> = rows.iter().rev().cloned().collect();
        prop_assert_eq!(decided(&rows, values.as_deref()), decided(&reversed, values.as_deref()));
    }

    #[test]
    fn another_allow_never_loses_a_request(rows in prop::collection::vec(any_row(), 0..5), more in any_row(), values in any_values()) {
        if decided(&rows, values.as_deref()) == "Allow" {
            let rows: Vec<Row> = rows.into_iter().chain([Row { effect: "Allow", ..more }]).collect();
            prop_assert_eq!(decided(&rows, values.as_deref()), "Allow");
        }
    }

    #[test]
    fn an_unknown_value_is_decided_only_where_every_value_is(rows in prop::collection::vec(any_row(), 0..5)) {
        let mut unsure = context(&[]);
        unsure.set("k", crate::iam::ContextValue::Unknown);
        let unsure = verdict(&whole(&rows), &unsure);
        if unsure != "Undecided" {
            for values in [None, Some(&["a"][..]), Some(&["ab"]), Some(&["b"]), Some(&[""])] {
                let refused = unsure != "Allow";
                prop_assert_eq!(decided(&rows, values) != "Allow", refused, "{:?}", values);
            }
        }
    }

    #[test]
    fn one_of_several_values_is_decided_as_each_of_them(rows in prop::collection::vec(any_row(), 0..5)) {
        let mut either = context(&[]);
        let alternatives = vec![vec!["a".to_owned()], vec![], vec!["b".to_owned()]];
        either.set("k", crate::iam::ContextValue::OneOf(alternatives));
        let policy = whole(&rows);
        let principal = super::service(super::CLOUDTRAIL);
        let request = Request { principal: &principal, action: "s3:PutObject", resource: super::OBJECT, context: &either };
        let allowed = [Some(&["a"][..]), None, Some(&["b"])].map(|values| decided(&rows, values) == "Allow");
        let expected: &[&str] = match allowed {
            [true, true, true] => &["Allow"],
            [false, false, false] => &["ImplicitDeny", "ExplicitDeny"],
            _ => &["Undecided"],
        };
        prop_assert!(expected.contains(&word(&decide(&policy, &request))), "{:?} {:?}", allowed, rows);
    }
}
