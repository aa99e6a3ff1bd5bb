//! Classes of one word against counting by hand: every word of a small alphabet is asked, whatever
//! stands in the other pieces.

use std::collections::{BTreeMap, BTreeSet};

use super::policy;
use crate::iam::{
    CharSet, Context, ContextValue, Effective, JointClasses, Pattern, Piece, Policy, Principal,
    Request, Template, condition_patterns, decide, joint_classes, resource_patterns, word_classes,
};

const PREFIXES: [&str; 3] = ["", "p/", "7/"];
const NAMES: [&str; 3] = ["any", "ab1", "x"];

/// Numbers that are the same in every run.
struct Rng(u64);

impl Rng {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

fn choice(name: &'static str, words: &[&str]) -> Piece {
    let words = words.iter().map(ToString::to_string).collect();
    Piece::Choice { name, words }
}

fn account() -> Piece {
    Piece::Chars {
        name: Some("account"),
        set: CharSet::Digits,
        len: 2,
    }
}

/// Key, ARN and account of a request: the account stands in all of them.
fn templates() -> [Template; 3] {
    let key = [
        text("arn:aws:s3:::b/"),
        choice("prefix", &PREFIXES),
        text("AWSLogs/"),
        account(),
        text("/x/"),
        account(),
        text("_"),
    ];
    let arn = [
        text("arn:aws:cloudtrail:r:"),
        account(),
        text(":trail/"),
        choice("name", &NAMES),
    ];
    [key.to_vec(), arn.to_vec(), vec![account()]].map(|pieces| Template { pieces })
}

fn filled(prefix: &str, account: &str, name: &str) -> [String; 3] {
    [
        format!("arn:aws:s3:::b/{prefix}AWSLogs/{account}/x/{account}_"),
        format!("arn:aws:cloudtrail:r:{account}:trail/{name}"),
        account.to_owned(),
    ]
}

fn allowed(policy: &Policy, texts: &[String; 3]) -> bool {
    let [resource, arn, account] = texts;
    let mut context = Context::new();
    context.set("aws:SourceArn", ContextValue::one(arn));
    context.set("aws:SourceAccount", ContextValue::one(account));
    let request = Request {
        principal: &Principal::Anonymous,
        action: "s3:PutObject",
        resource,
        context: &context,
    };
    matches!(decide(policy, &request), Effective::Allowed { .. })
}

/// How many accounts are allowed something, by classes; every class's example is asked.
fn counted(policy: &Policy) -> (u128, u128) {
    let templates = templates();
    let nothing = Context::new();
    let patterns = [
        resource_patterns(policy, None, "s3:PutObject", &nothing),
        condition_patterns(policy, "aws:SourceArn", "s3:PutObject", &nothing),
        condition_patterns(policy, "aws:SourceAccount", "s3:PutObject", &nothing),
    ];
    let patterns: Vec<Vec<&Pattern>> = patterns
        .iter()
        .map(|patterns| patterns.iter().map(AsRef::as_ref).collect())
        .collect();
    let pair = |templates: &'_ [Template; 3]| -> Vec<(Template, Vec<&Pattern>)> {
        templates.iter().cloned().zip(patterns.clone()).collect()
    };
    let all = pair(&templates);
    let texts: Vec<(&Template, &[&Pattern])> = all.iter().map(|(t, p)| (t, &**p)).collect();
    let classes = word_classes(&texts, "account", 1000).expect("few classes");
    let (mut sum, mut reached) = (0, 0);
    for class in classes {
        sum += class.words;
        let fixed = templates.clone().map(|mut template| {
            for piece in &mut template.pieces {
                if piece.name() == Some("account") {
                    *piece = text(&class.example);
                }
            }
            template
        });
        let all = pair(&fixed);
        let texts: Vec<(&Template, &[&Pattern])> = all.iter().map(|(t, p)| (t, &**p)).collect();
        let JointClasses::All(joint) = joint_classes(&texts, 1000) else {
            panic!("too many classes")
        };
        let ask =
            |examples: &[String]| allowed(policy, &std::array::from_fn(|at| examples[at].clone()));
        if joint.iter().any(|class| ask(&class.examples)) {
            reached += class.words;
        }
    }
    (sum, reached)
}

fn by_hand(policy: &Policy) -> u128 {
    let reached = |account: &String| {
        PREFIXES.iter().any(|prefix| {
            let ask = |name: &&str| allowed(policy, &filled(prefix, account, name));
            NAMES.iter().any(ask)
        })
    };
    let accounts = (0..100).map(|number| format!("{number:02}"));
    accounts.filter(reached).count() as u128
}

/// A pattern for two digits, or for one and whatever comes.
fn two_digits(rng: &mut Rng) -> String {
    let mut piece = || match rng.below(5) {
        0 => "*".to_owned(),
        1 => "?".to_owned(),
        digit => (digit - 2).to_string(),
    };
    format!("{}{}", piece(), piece())
}

fn statement(rng: &mut Rng) -> String {
    let effect = if rng.below(4) == 0 { "Deny" } else { "Allow" };
    let id = two_digits(rng);
    let resource = match rng.below(6) {
        0 => "arn:aws:s3:::b/*".to_owned(),
        1 => format!("arn:aws:s3:::b/p/AWSLogs/{id}/*"),
        2 => format!("arn:aws:s3:::b/*/{id}_"),
        3 => format!("arn:aws:s3:::b/*{id}/x*"),
        4 => format!("arn:aws:s3:::b/?/*AWSLogs/{id}*"),
        _ => format!("arn:aws:s3:::b/AWSLogs/{id}/*"),
    };
    let mut conditions: Vec<String> = (0..rng.below(3)).map(|_| condition(rng)).collect();
    conditions.dedup_by_key(|condition| condition.split(':').next().unwrap().to_owned());
    let element = if rng.below(8) == 0 {
        "NotResource"
    } else {
        "Resource"
    };
    format!(
        r#"{{"Effect":"{effect}","Principal":"*","Action":"s3:*","{element}":"{resource}","Condition":{{{}}}}}"#,
        conditions.join(",")
    )
}

fn condition(rng: &mut Rng) -> String {
    // Each operator once at most: the texts of one block must not have the same name twice.
    const OPERATORS: [&str; 8] = [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "ArnLike",
        "ArnNotLike",
        "ForAnyValue:StringLike",
        "StringLikeIfExists",
    ];
    let operator = OPERATORS[rng.below(OPERATORS.len())];
    let (one, other) = (two_digits(rng), two_digits(rng));
    let name = ["*", "a*", "ab?", "any"][rng.below(4)];
    let value = if operator.starts_with("Arn") || rng.below(2) == 0 {
        format!(
            r#""aws:SourceArn":["arn:aws:cloudtrail:*:{one}:trail/{name}","arn:*:r:{other}:trail/*"]"#
        )
    } else {
        format!(r#""aws:SourceAccount":["{one}","{other}"]"#)
    };
    format!(r#""{operator}":{{{value}}}"#)
}

#[test]
fn the_number_of_accounts_a_policy_reaches_is_the_number_counted_by_hand() {
    let mut rng = Rng(0x9e37_79b9_7f4a_7c15);
    let mut reached_some = BTreeSet::new();
    for _ in 0..250 {
        let statements: Vec<String> = (0..=rng.below(4)).map(|_| statement(&mut rng)).collect();
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
            statements.join(",")
        );
        let policy = policy(&text);
        let (sum, reached) = counted(&policy);
        assert_eq!((sum, reached), (100, by_hand(&policy)), "{text}");
        reached_some.insert(reached);
    }
    assert!(
        reached_some.len() > 15,
        "the policies are too much alike: {reached_some:?}"
    );
}

#[test]
fn words_of_one_class_are_alike_in_every_place_where_they_stand() {
    let patterns = ["*1*2*", "1*:1", "?2?:*", "*3", "12?:120", "a*", "*0?0*"].map(Pattern::glob);
    let template = Template {
        pieces: vec![
            Piece::Chars {
                name: Some("n"),
                set: CharSet::Digits,
                len: 3,
            },
            text(":"),
            Piece::Again("n"),
        ],
    };
    let classes = word_classes(&[(&template, &patterns.each_ref())], "n", 1000).unwrap();
    let outcome = |word: &str| {
        patterns
            .each_ref()
            .map(|pattern| pattern.matches(&format!("{word}:{word}")))
    };
    let mut by_classes: BTreeMap<[bool; 7], u128> = BTreeMap::new();
    for class in classes {
        *by_classes.entry(outcome(&class.example)).or_default() += class.words;
    }
    let mut one_by_one: BTreeMap<[bool; 7], u128> = BTreeMap::new();
    for number in 0..1000 {
        *one_by_one
            .entry(outcome(&format!("{number:03}")))
            .or_default() += 1;
    }
    assert_eq!(by_classes, one_by_one);
}

#[test]
fn a_choice_has_a_class_for_each_group_of_words_that_differ() {
    let template = Template {
        pieces: vec![choice("r", &["us-1", "eu-1", "us-2"]), text("!")],
    };
    let found = |patterns: &[&Pattern]| {
        let classes = word_classes(&[(&template, patterns)], "r", 10).unwrap();
        let shown = classes
            .into_iter()
            .map(|class| (class.example, class.words));
        shown.collect::<Vec<_>>()
    };
    let class = |example: &str, words| (example.to_owned(), words);
    assert_eq!(found(&[]), [class("us-1", 3)]);
    assert_eq!(
        found(&[&Pattern::glob("us-*")]),
        [class("us-1", 2), class("eu-1", 1)]
    );
    assert_eq!(
        word_classes(&[(&template, &[])], "other", 10),
        Some(Vec::new())
    );
}

#[test]
fn an_account_space_of_twelve_digits_is_counted_without_listing_it() {
    let template = Template {
        pieces: vec![Piece::Chars {
            name: Some("n"),
            set: CharSet::Digits,
            len: 12,
        }],
    };
    let patterns = [
        Pattern::literal("111111111111"),
        Pattern::glob("9*"),
        Pattern::glob("*0"),
    ];
    let classes = word_classes(&[(&template, &patterns.each_ref())], "n", 1000).unwrap();
    assert_eq!(
        classes.iter().map(|class| class.words).sum::<u128>(),
        1_000_000_000_000
    );
    let count = |matches: [bool; 3]| -> u128 {
        let of = |example: &str| patterns.each_ref().map(|pattern| pattern.matches(example));
        classes
            .iter()
            .filter(|class| of(&class.example) == matches)
            .map(|class| class.words)
            .sum()
    };
    assert_eq!(count([true, false, false]), 1);
    assert_eq!(count([false, true, true]), 10_000_000_000);
    assert_eq!(count([false, true, false]), 90_000_000_000);
    assert_eq!(count([false, false, false]), 810_000_000_000 - 1);
}
