//! A pattern on the first line and a text on the second: the fast matcher, stepping character by
//! character, and for plain globs a slow matcher give one answer.

use trail_lint::iam::{Pattern, Syntax};

const SYNTAXES: [Syntax; 6] = [
    Syntax::Literal,
    Syntax::LiteralIgnoreCase,
    Syntax::Glob,
    Syntax::Action,
    Syntax::Resource,
    Syntax::Arn,
];

pub(crate) fn run(data: &[u8]) {
    let Ok(both) = std::str::from_utf8(data) else {
        return;
    };
    let (pattern, text) = both.split_once('\n').unwrap_or((both, ""));
    for syntax in SYNTAXES {
        let compiled = Pattern::compile(syntax, pattern);
        let matches = compiled.matches(text);
        let mut states = compiled.start();
        let mut certain = false;
        for character in text.chars() {
            certain |= compiled.accepts_all_from(&states);
            states = compiled.step(&states, character);
        }
        assert_eq!(compiled.is_accepting(&states), matches, "{syntax:?}");
        assert!(matches || !certain, "{syntax:?}");
        let run = compiled.run(&compiled.start(), text);
        let ran = compiled.is_accepting(&run) || compiled.accepts_all_from(&run);
        assert_eq!(ran, matches, "{syntax:?}");
        compiled.live_prefix(text);
        Pattern::with_variables(syntax, pattern).matches(text);
        if syntax == Syntax::Glob {
            assert_eq!(slow(pattern, text), matches);
        }
    }
}

/// By a table of all beginnings: `row[j]` is whether the pattern so far matches `j` characters.
fn slow(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for token in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        next[0] = token == '*' && row[0];
        for (at, character) in text.iter().enumerate() {
            next[at + 1] = match token {
                '*' => row[at + 1] || next[at],
                '?' => row[at],
                wanted => row[at] && wanted == *character,
            };
        }
        row = next;
    }
    row[text.len()]
}
