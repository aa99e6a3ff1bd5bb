//! Text that came from documents, made safe and laid out: what a terminal would obey or hide becomes
//! a visible escape, and widths are counted in terminal columns.
//!
//! Escaping for one format only (JSON strings, SARIF messages, URIs) is done where that format is.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::json::is_hidden;
use crate::model::arn::Arn;

/// The longest word that is printed whole. An ARN has at most 2,048 characters, so that only text
/// that is no name of AWS's is ever cut.
///
/// Source: IAM API Reference, data type `EntityInfo` (read 2026-11).
const LONGEST_WORD: usize = 2048;

/// Text for terminals and logs: every hidden character becomes a visible `\u{…}`.
///
/// ```
/// assert_eq!(trail_lint::report::text::plain("a\u{1b}[31m\nb"), r"a\u{1b}[31m\u{a}b");
/// ```
pub fn plain(text: &str) -> Cow<'_, str> {
    replace(text, is_hidden, |out, character| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{}", character.escape_unicode());
    })
}

/// The same for a terminal that shows nothing but ASCII; typographic marks become their ASCII kin.
pub fn ascii(text: &str) -> Cow<'_, str> {
    let foreign = |character: char| !character.is_ascii() || is_hidden(character);
    replace(text, foreign, |out, character| match character {
        '…' => out.push_str("..."),
        '‘' | '’' => out.push('\''),
        '“' | '”' => out.push('"'),
        '–' | '—' => out.push('-'),
        '⟨' => out.push('<'),
        '⟩' => out.push('>'),
        _ => {
            let _ = write!(out, "{}", character.escape_unicode());
        }
    })
}

/// One complete line that no CI system takes for a command: GitHub's runner obeys a line that starts
/// with `::` after blanks, and `##[…]` anywhere in it; Azure's agent obeys `##vso[…]`.
///
/// Source: actions/runner, `src/Runner.Common/ActionCommand.cs` (read 2026-11); Azure DevOps,
/// "Logging commands" (read 2026-11).
pub fn no_command(line: &str) -> Cow<'_, str> {
    let blanks = line.len() - line.trim_start().len();
    let starts = line.trim_start().starts_with("::");
    if !starts && !line.contains("##[") && !line.contains("##vso[") {
        return Cow::Borrowed(line);
    }
    // The same width as before, so that what stands below still lines up.
    let line = line.replace("##[", "##(").replace("##vso[", "##vso(");
    if !starts {
        return Cow::Owned(line);
    }
    let (blanks, rest) = line.split_at(blanks);
    Cow::Owned(format!("{blanks}\\{rest}"))
}

/// A line for standard error or a log, whatever is quoted in it: [`plain`], and [`no_command`].
pub fn for_log(line: &str) -> String {
    no_command(&plain(line)).into_owned()
}

/// Replaces the characters that `chosen` names; borrows where there is none.
pub(super) fn replace(
    text: &str,
    chosen: impl Fn(char) -> bool,
    write: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    if !text.chars().any(&chosen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if chosen(character) {
            write(&mut out, character);
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// A trail's account and name; its ARN where that is no trail's. An ARN for all trails of an account stands
/// for those that could not be seen.
pub(super) fn account_and_name(arn: &str) -> String {
    match Arn::parse(arn).and_then(|parsed| Some((parsed.account, parsed.trail_name()?))) {
        Some((account, "*")) => format!("{account}: not all of its trails could be seen"),
        Some((account, name)) => format!("{account} {name}"),
        None => arn.to_owned(),
    }
}

/// The columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The columns that a character takes on a terminal.
pub fn char_width(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// The longest start of a text that takes at most `limit` columns.
pub fn fitting(text: &str, limit: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|&(_, character)| {
        used += char_width(character);
        used > limit
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// Breaks a text into lines of at most `limit` columns, at spaces only: a word that is longer, such
/// as an ARN, stays whole on a line of its own, so that it can be searched for and copied.
/// Words beyond any name of AWS's are cut, with `mark` where the cut is.
pub fn wrap(text: &str, limit: usize, mark: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let word = cut_word(word, mark);
        let columns = width(&word);
        if !line.is_empty() && used + 1 + columns > limit {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if !line.is_empty() {
            line.push(' ');
            used += 1;
        }
        line.push_str(&word);
        used += columns;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn cut_word<'a>(word: &'a str, mark: &str) -> Cow<'a, str> {
    let start = fitting(word, LONGEST_WORD);
    if start.len() == word.len() {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("{start}{mark}"))
    }
}

/// A line of a text, counting from 1, without what ends it: LF, CR LF or a lone CR.
pub fn line(text: &str, number: usize) -> Option<&str> {
    let mut rest = text;
    for _ in 1..number {
        let end = rest.find(['\n', '\r'])?;
        let ending = if rest.get(end..)?.starts_with("\r\n") {
            2
        } else {
            1
        };
        rest = rest.get(end + ending..)?;
    }
    let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
    rest.get(..end)
}

/// A part of a message: prose, or what stands between two backticks there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Prose.
    Prose(&'a str),
    /// A name or a value.
    Code(&'a str),
}

/// Takes a message apart at its backticks. One without a partner is prose.
pub(super) fn parts(message: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = message;
    while let Some((before, code, after)) = first_code(rest) {
        if !before.is_empty() {
            parts.push(Part::Prose(before));
        }
        parts.push(Part::Code(code));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Prose(rest));
    }
    parts
}

fn first_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    Some((before, code, after))
}

/// The first sentence of a message, without its full stop; the whole message if it is only one.
pub(super) fn first_sentence(message: &str) -> &str {
    let end = message.match_indices(". ").map(|(at, _)| at).find(|&at| {
        message
            .get(..at)
            .is_some_and(|it| it.matches('`').count() % 2 == 0)
    });
    let sentence = end.and_then(|end| message.get(..end)).unwrap_or(message);
    sentence.trim_end().trim_end_matches('.')
}

/// A text of at most `limit` characters, with `…` where it was cut.
pub(super) fn shortened(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
            Cow::Owned(kept + "…")
        }
    }
}

/// A count and its noun: `1 trail`, `2 trails`.
pub fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// What is the matter with a document that was not evaluated, by its reason: a clause that the
/// document's name follows, and what to say in brackets behind it.
pub(super) fn shortfall(reason: &str) -> (&'static str, String) {
    match reason {
        "undocumented" => (
            "could not be decided",
            "AWS does not document it".to_owned(),
        ),
        "known-after-apply" => (
            "is left open by the code",
            "known after apply, or for `--parameter`, `--account` or `--region` to say".to_owned(),
        ),
        "too-complex" => ("could not be evaluated", "too complex".to_owned()),
        _ => ("could not be seen", reason.replace('-', " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_or_hides_becomes_visible() {
        let hostile = "\u{1b}]8;;http://x\u{7}\u{9b}31m\r\n\u{202e}\u{2066}\u{200b}\u{2028}\u{85}\u{7f}\u{a0}\u{feff}";
        let shown = plain(hostile);
        assert!(!shown.chars().any(is_hidden), "{shown}");
        assert_eq!(plain("\u{1b}]8;;x\n\u{202e}"), r"\u{1b}]8;;x\u{a}\u{202e}");
        assert!(matches!(plain("日本語 é {}"), Cow::Borrowed(_)));
    }

    #[test]
    fn every_hidden_character_of_unicode_is_named_or_takes_room() {
        let silent: Vec<char> = ('\u{0}'..=char::MAX)
            .filter(|&c| !is_hidden(c) && c.width().is_none())
            .collect();
        assert!(silent.is_empty(), "{silent:?}");
    }

    #[test]
    fn ascii_text_is_ascii() {
        assert_eq!(ascii("“é” … a—b\n"), "\"\\u{e9}\" ... a-b\\u{a}");
    }

    #[test]
    fn lines_break_at_spaces_and_long_words_stay_whole() {
        let arn = "arn:aws:cloudtrail:us-east-1:222222222222:trail/audit";
        let text = format!("the trail  {arn} is one");
        assert_eq!(wrap(&text, 12, "…"), ["the trail", arn, "is one"]);
        assert_eq!(wrap("日本 語", 4, "…"), ["日本", "語"]);
        assert!(wrap(" ", 10, "…").is_empty());
    }

    #[test]
    fn a_word_that_no_name_can_be_is_cut() {
        let lines = wrap(&"a".repeat(10_000), 80, "…");
        assert_eq!(lines.len(), 1);
        assert_eq!(width(lines.first().unwrap()), LONGEST_WORD + 1);
    }

    #[test]
    fn lines_are_found_whatever_ends_them() {
        for text in ["a\nb\nc", "a\r\nb\r\nc", "a\rb\rc"] {
            assert_eq!(line(text, 1), Some("a"));
            assert_eq!(line(text, 3), Some("c"));
            assert_eq!(line(text, 4), None);
        }
        assert_eq!(line("a\n", 2), Some(""));
    }

    #[test]
    fn no_line_is_a_command_to_a_build_server() {
        assert_eq!(no_command("  ::error::x"), "  \\::error::x");
        assert_eq!(no_command("a ##[group]b"), "a ##(group]b");
        assert_eq!(no_command("a ##vso[task.x]b"), "a ##vso(task.x]b");
        let arn = "arn:aws:s3:::example-logs [1]";
        assert!(matches!(no_command(arn), Cow::Borrowed(_)));
    }

    #[test]
    fn a_message_is_prose_and_what_stands_in_backticks() {
        use Part::{Code, Prose};
        assert_eq!(
            parts("Statement `A` of `b`."),
            [
                Prose("Statement "),
                Code("A"),
                Prose(" of "),
                Code("b"),
                Prose(".")
            ]
        );
        assert_eq!(parts("a `b"), [Prose("a `b")]);
        assert_eq!(parts("``x"), [Code(""), Prose("x")]);
        assert!(parts("").is_empty());
    }

    #[test]
    fn a_first_sentence_ends_outside_of_names() {
        assert_eq!(first_sentence("It is `a. b`. Then more."), "It is `a. b`");
        assert_eq!(first_sentence("Only one."), "Only one");
    }

    #[test]
    fn what_is_too_long_says_so() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("abcd", 3), "ab…");
    }

    #[test]
    fn one_thing_is_singular() {
        assert_eq!(counted(1, "trail"), "1 trail");
        assert_eq!(counted(0, "finding"), "0 findings");
    }
}
