//! One glob a line: every text of a small family belongs to a class whose example the globs judge alike.

use trail_lint::iam::{CharSet, JointClasses, Pattern, Piece, Template, joint_classes};

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let patterns: Vec<Pattern> = text.lines().take(6).map(Pattern::glob).collect();
    let (first, second) = patterns.split_at(patterns.len() / 2);
    let first: Vec<&Pattern> = first.iter().collect();
    let second: Vec<&Pattern> = second.iter().collect();
    let number = Piece::Chars {
        name: Some("n"),
        set: CharSet::Digits,
        len: 2,
    };
    let one = Template {
        pieces: vec![Piece::Text("a".to_owned()), number],
    };
    let other = Template {
        pieces: vec![
            Piece::Again("n"),
            Piece::Text(":".to_owned()),
            Piece::Again("n"),
        ],
    };
    let texts = [(&one, first.as_slice()), (&other, second.as_slice())];
    let JointClasses::All(classes) = joint_classes(&texts, 200) else {
        return;
    };
    let judged = |texts: &[String; 2]| -> Vec<bool> {
        let first = first.iter().map(|it| it.matches(&texts[0]));
        first
            .chain(second.iter().map(|it| it.matches(&texts[1])))
            .collect()
    };
    let examples: Vec<Vec<bool>> = classes
        .iter()
        .map(|class| judged(&[class.examples[0].clone(), class.examples[1].clone()]))
        .collect();
    for number in 0..100 {
        let texts = [format!("a{number:02}"), format!("{number:02}:{number:02}")];
        assert!(examples.contains(&judged(&texts)), "{texts:?}");
    }
}
