//! Classes of texts: few where few are needed, and never one too few.

use std::collections::BTreeSet;

use crate::iam::{
    CharSet, Classes, JointClasses, Pattern, Piece, Template, TextClass, joint_classes,
};

fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

fn choice(name: &'static str, words: &[&str]) -> Piece {
    Piece::Choice {
        name,
        words: words.iter().map(ToString::to_string).collect(),
    }
}

fn digits(name: &'static str, len: usize) -> Piece {
    Piece::Chars {
        name: Some(name),
        set: CharSet::Digits,
        len,
    }
}

fn classes(pieces: &[Piece], patterns: &[&str]) -> Vec<TextClass> {
    let patterns: Vec<Pattern> = patterns
        .iter()
        .map(|text| Pattern::resource(text))
        .collect();
    let patterns: Vec<&Pattern> = patterns.iter().collect();
    match (Template {
        pieces: pieces.to_vec(),
    })
    .classes(&patterns, 1000)
    {
        Classes::All(classes) => classes,
        Classes::TooMany => panic!("too many classes"),
    }
}

fn examples(pieces: &[Piece], patterns: &[&str]) -> Vec<String> {
    classes(pieces, patterns)
        .into_iter()
        .map(|class| class.example)
        .collect()
}

/// A log file's key: the region stands in it twice.
fn log_file() -> Vec<Piece> {
    vec![
        text("arn:aws:s3:::logs/AWSLogs/"),
        digits("account", 12),
        text("/CloudTrail/"),
        choice("region", &["us-east-1", "eu-west-1", "eu-central-1"]),
        text("/2024/01/01/"),
        Piece::Again("account"),
        text("_CloudTrail_"),
        Piece::Again("region"),
        text("_20240101T0000Z_"),
        Piece::Chars {
            name: None,
            set: CharSet::Alnum,
            len: 16,
        },
        text(".json.gz"),
    ]
}

#[test]
fn nothing_is_split_where_no_pattern_asks() {
    for patterns in [
        &[][..],
        &["*"],
        &["arn:aws:s3:::logs/*"],
        &["arn:aws:s3:::other/*", "x"],
        &["arn:aws:s3:::*.json.gz"],
    ] {
        let found = classes(&log_file(), patterns);
        assert_eq!(found.len(), 1, "{patterns:?}");
        assert_eq!(found[0].split_on, BTreeSet::new());
        assert_eq!(
            found[0].example,
            "arn:aws:s3:::logs/AWSLogs/000000000000/CloudTrail/us-east-1/2024/01/01/\
             000000000000_CloudTrail_us-east-1_20240101T0000Z_0000000000000000.json.gz"
        );
        assert_eq!(found[0].chosen["region"], "us-east-1");
    }
}

#[test]
fn a_literal_account_is_one_class_and_all_others_are_another() {
    let patterns = [
        "arn:aws:s3:::logs/AWSLogs/111111111111/*",
        "arn:aws:s3:::logs/AWSLogs/222222222222/*",
    ];
    let found = classes(&log_file(), &patterns);
    let accounts: Vec<_> = found
        .iter()
        .map(|class| class.chosen["account"].as_str())
        .collect();
    assert_eq!(accounts, ["000000000000", "111111111111", "222222222222"]);
    assert!(
        found
            .iter()
            .all(|class| class.split_on == BTreeSet::from(["account"]))
    );
}

#[test]
fn a_choice_that_matters_is_split_word_by_word() {
    let found = classes(&log_file(), &["arn:aws:s3:::logs/*/CloudTrail/eu-*"]);
    let regions: Vec<_> = found
        .iter()
        .map(|class| class.chosen["region"].as_str())
        .collect();
    assert_eq!(regions, ["us-east-1", "eu-west-1", "eu-central-1"]);
    assert!(
        found
            .iter()
            .all(|class| class.split_on == BTreeSet::from(["region"]))
    );
}

#[test]
fn a_word_that_is_read_again_is_the_same_word() {
    // The first reading tells nothing, the second does.
    let found = classes(
        &log_file(),
        &["arn:aws:s3:::logs/*/111111111111_CloudTrail*"],
    );
    let accounts: Vec<_> = found
        .iter()
        .map(|class| class.chosen["account"].as_str())
        .collect();
    assert_eq!(accounts, ["000000000000", "111111111111"]);
    assert!(found[1].example.contains("/AWSLogs/111111111111/"));
    // The first reading admits accounts that begin with 1, the second those that end in 2.
    let found = classes(
        &log_file(),
        &["arn:aws:s3:::logs/AWSLogs/1*/CloudTrail/*2_CloudTrail_*"],
    );
    let matching: Vec<_> = found
        .iter()
        .filter(|class| {
            class.chosen["account"].starts_with('1') && class.chosen["account"].ends_with('2')
        })
        .collect();
    assert_eq!(matching.len(), 1);
    let found = classes(
        &log_file(),
        &["arn:*_eu-west-1_*", "arn:aws:s3:::*_eu-west-1_*"],
    );
    assert_eq!(found.len(), 3);
    assert!(found[1].example.contains("/CloudTrail/eu-west-1/"));
}

#[test]
fn characters_without_a_name_are_split_too() {
    let pieces = [
        text("a/"),
        Piece::Chars {
            name: None,
            set: CharSet::LowerAlnum,
            len: 2,
        },
        text("/z"),
    ];
    assert_eq!(examples(&pieces, &["a/x*"]), ["a/00/z", "a/x0/z"]);
    assert_eq!(examples(&pieces, &["a/?b/z", "a/X*"]), ["a/00/z", "a/0b/z"]);
    let upper = [Piece::Chars {
        name: None,
        set: CharSet::Alnum,
        len: 1,
    }];
    assert_eq!(examples(&upper, &["A", "a"]), ["0", "A", "a"]);
}

#[test]
fn every_text_of_a_small_template_is_of_the_class_of_some_example() {
    let patterns = ["*1*2*", "1*:1", "?2?:*", "*3", "12?:120", "a*", "*0?0*"];
    let pieces = [digits("n", 3), text(":"), Piece::Again("n")];
    let patterns = patterns.map(Pattern::glob);
    let Classes::All(found) = (Template {
        pieces: pieces.to_vec(),
    })
    .classes(&patterns.each_ref(), 1000) else {
        panic!("too many classes")
    };
    let outcome = |text: &str| patterns.each_ref().map(|pattern| pattern.matches(text));
    let outcomes: BTreeSet<_> = found.iter().map(|class| outcome(&class.example)).collect();
    for number in 0..1000 {
        let word = format!("{number:03}");
        let text = format!("{word}:{word}");
        assert!(outcomes.contains(&outcome(&text)), "{text}");
    }
    for example in found {
        let (one, other) = example.example.split_once(':').unwrap();
        assert_eq!(one, other);
    }
}

#[test]
fn several_texts_share_their_words() {
    let key = Template {
        pieces: vec![text("AWSLogs/"), digits("account", 12), text("/x")],
    };
    let arn = Template {
        pieces: vec![
            text("arn:aws:cloudtrail:us-east-1:"),
            Piece::Again("account"),
            text(":trail/"),
            Piece::Chars {
                name: None,
                set: CharSet::Alnum,
                len: 3,
            },
        ],
    };
    let keys = [
        Pattern::glob("AWSLogs/111111111111/*"),
        Pattern::glob("AWSLogs/222222222222/*"),
    ];
    let arns = [Pattern::arn("arn:aws:cloudtrail:*:222222222222:trail/*")];
    let texts: [(&Template, &[&Pattern]); 2] = [(&key, &[&keys[0], &keys[1]]), (&arn, &[&arns[0]])];
    let JointClasses::All(found) = joint_classes(&texts, 100) else {
        panic!("too many")
    };
    let examples: Vec<_> = found
        .iter()
        .map(|class| (class.examples[0].as_str(), class.examples[1].as_str()))
        .collect();
    assert_eq!(
        examples,
        [
            (
                "AWSLogs/000000000000/x",
                "arn:aws:cloudtrail:us-east-1:000000000000:trail/000"
            ),
            (
                "AWSLogs/111111111111/x",
                "arn:aws:cloudtrail:us-east-1:111111111111:trail/000"
            ),
            (
                "AWSLogs/222222222222/x",
                "arn:aws:cloudtrail:us-east-1:222222222222:trail/000"
            ),
        ]
    );
    // The key alone does not ask for the account, the ARN after it does.
    let texts: [(&Template, &[&Pattern]); 2] = [(&key, &[]), (&arn, &[&arns[0]])];
    let JointClasses::All(found) = joint_classes(&texts, 100) else {
        panic!("too many")
    };
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].examples[0], "AWSLogs/222222222222/x");
}

#[test]
fn more_classes_than_the_limit_are_too_many() {
    let words: Vec<String> = (0..50).map(|word| word.to_string()).collect();
    let template = Template {
        pieces: vec![Piece::Choice { name: "n", words }, text("x")],
    };
    assert_eq!(
        template.classes(&[&Pattern::glob("7x")], 49),
        Classes::TooMany
    );
    assert!(
        matches!(template.classes(&[&Pattern::glob("7x")], 50), Classes::All(found) if found.len() == 50)
    );
}

#[test]
fn a_template_is_shown_with_stars_and_filled_with_first_words() {
    let template = Template { pieces: log_file() };
    assert_eq!(
        template.display(),
        "arn:aws:s3:::logs/AWSLogs/*/CloudTrail/*/2024/01/01/*_CloudTrail_*_20240101T0000Z_*.json.gz"
    );
    assert!(
        template.example().ends_with(
            "/000000000000_CloudTrail_us-east-1_20240101T0000Z_0000000000000000.json.gz"
        )
    );
    let odd = Template {
        pieces: vec![
            Piece::Again("nobody"),
            choice("c", &[]),
            digits("d", 2),
            choice("e", &["x"]),
            text("z"),
        ],
    };
    assert_eq!(
        (odd.display().as_str(), odd.example().as_str()),
        ("*z", "00xz")
    );
    let Classes::All(found) = odd.classes(&[&Pattern::glob("?1xz")], 10) else {
        panic!("too many")
    };
    assert_eq!(
        found
            .iter()
            .map(|class| class.example.as_str())
            .collect::<Vec<_>>(),
        ["00xz", "01xz"]
    );
}
