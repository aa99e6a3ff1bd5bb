//! Parts of a text that nobody knows yet, written `⟨name⟩`: what infrastructure code says before it runs.
//!
//! Such a part stands for one text, whatever it is, and the same name for the same text everywhere. So two
//! texts that agree part by part are equal for certain; all else that could still become equal is
//! undecided. Brackets that no ARN, account, Region or bucket name can hold keep a part readable in every
//! report, which a reserved control character would not.

/// Begins a part that is not known.
pub const OPEN: char = '⟨';

/// Ends it.
pub const CLOSE: char = '⟩';

/// A part of this name. Characters that separate the parts of an ARN or of an object's key, and
/// wildcards, become dots, so that the texts it stands in are taken apart as they will be.
pub fn unknown(name: &str) -> String {
    let inside = |character: char| match character {
        ':' | '/' | '*' | '?' | '$' | OPEN | CLOSE => '.',
        other if other.is_control() || other.is_whitespace() => '.',
        other => other,
    };
    let name: String = name.chars().map(inside).collect();
    format!("{OPEN}{name}{CLOSE}")
}

/// Whether some part of a text is not known.
pub fn has_unknown(text: &str) -> bool {
    first(text).is_some()
}

/// What is known of a text before an unknown part, so many others being let pass; nothing if there are no
/// more.
pub(super) fn known_start(text: &str, passing: usize) -> Option<&str> {
    let (mut rest, mut at) = (text, 0);
    for _ in 0..passing {
        let (_, after) = at_start(rest.get(first(rest)?..)?)?;
        at = text.len() - after.len();
        rest = after;
    }
    text.get(..at + first(rest)?)
}

/// Whether a variable's key is an unknown part.
pub fn is_unknown(key: &str) -> bool {
    key.starts_with(OPEN)
}

/// The names of the parts that are not known, brackets included, in the order of the text.
pub fn unknowns(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices(OPEN);
    starts.filter_map(|(at, _)| Some(at_start(text.get(at..)?)?.0))
}

/// The unknown part that a text begins with, and the rest.
pub(super) fn at_start(text: &str) -> Option<(&str, &str)> {
    let end = text.strip_prefix(OPEN)?.find([OPEN, CLOSE])? + OPEN.len_utf8();
    let (part, rest) = text.split_at_checked(end)?;
    let rest = rest.strip_prefix(CLOSE)?;
    text.split_at_checked(part.len() + CLOSE.len_utf8())
        .map(|(part, _)| (part, rest))
}

fn first(text: &str) -> Option<usize> {
    let mut starts = text.match_indices(OPEN);
    starts.find_map(|(at, _)| at_start(text.get(at..)?).map(|_| at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_what_is_not_closed_is_text() {
        assert_eq!(unknown("a:b/*"), "⟨a.b..⟩");
        let text = "arn:aws:kms:⟨region⟩:⟨account⟩:key/⟨Key⟩";
        assert_eq!(
            unknowns(text).collect::<Vec<_>>(),
            ["⟨region⟩", "⟨account⟩", "⟨Key⟩"]
        );
        assert_eq!(known_start(text, 0), Some("arn:aws:kms:"));
        assert_eq!(known_start(text, 1), Some("arn:aws:kms:⟨region⟩:"));
        assert_eq!(known_start(text, 3), None);
        assert_eq!(at_start("⟨a⟩b"), Some(("⟨a⟩", "b")));
        for text in ["", "⟨", "⟨a", "a⟩", "⟨a⟨"] {
            assert!(!has_unknown(text), "{text}");
        }
        assert_eq!(unknowns("⟨a⟨b⟩").collect::<Vec<_>>(), ["⟨b⟩"]);
    }
}
