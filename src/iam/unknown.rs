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
    let part = format!("{OPEN}{name}{CLOSE}");
    if is_unknown_account(&part) {
        // A resource of that name, say: nothing is known of what it stands for.
        return format!("{OPEN}{name}'{CLOSE}");
    }
    part
}

/// How long an account id is.
pub(super) const ACCOUNT_DIGITS: usize = 12;

/// What the name of an account id that is not known ends with; no other name does.
const ACCOUNT: &str = "account";

/// An account id that is not known: some twelve digits, so that it is never taken for another part of a path,
/// such as an organization's id.
pub fn unknown_account(label: &str) -> String {
    let name = unknown(&format!("{label}id"));
    let stem = name.strip_suffix("id⟩").unwrap_or_default();
    format!("{stem}{ACCOUNT}{CLOSE}")
}

/// Whether a text is an account id, known or not.
pub fn is_account(text: &str) -> bool {
    let digits = text.len() == ACCOUNT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    digits || is_unknown_account(text)
}

/// Whether an unknown part is an account id.
pub(super) fn is_unknown_account(part: &str) -> bool {
    let name = part
        .strip_prefix(OPEN)
        .and_then(|rest| rest.strip_suffix(CLOSE));
    let before = name.and_then(|name| name.strip_suffix(ACCOUNT));
    before.is_some_and(|label| label.is_empty() || label.ends_with('.'))
}

/// A text, the names of its unknown parts begun with a label. An alias of a key is called alike by all that are in its
/// account and Region.
pub fn with_label(text: &str, label: &str) -> String {
    if label.is_empty() {
        return text.to_owned();
    }
    let (mut read, mut rest) = (String::new(), text);
    while let Some((before, part, after)) = split_at_first(rest) {
        read.push_str(before);
        match part.strip_prefix(OPEN) {
            Some(name) if !name.starts_with("alias.") => {
                read.push(OPEN);
                read.push_str(label);
                read.push_str(name);
            }
            _ => read.push_str(part),
        }
        rest = after;
    }
    read + rest
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

/// A text up to its first unknown part, that part, and the rest.
pub(super) fn split_at_first(text: &str) -> Option<(&str, &str, &str)> {
    let (before, from) = text.split_at_checked(first(text)?)?;
    let (part, after) = at_start(from)?;
    Some((before, part, after))
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
        assert_eq!(unknown_account("audit."), "⟨audit.account⟩");
        assert_eq!(unknown("var.account"), "⟨var.account'⟩");
        assert_eq!(unknown("myaccount"), "⟨myaccount⟩");
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
        assert_eq!(
            with_label(text, "a."),
            "arn:aws:kms:⟨a.region⟩:⟨a.account⟩:key/⟨a.Key⟩"
        );
        assert_eq!(with_label("x/⟨alias.x⟩⟨", "a."), "x/⟨alias.x⟩⟨");
    }
}
