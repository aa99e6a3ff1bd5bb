//! Text from documents in GitHub's Markdown: nothing of it becomes markup, a mention, a reference, a
//! link or the end of a table's cell.

use std::fmt::Write as _;

use super::super::text::{char_width, no_command, plain, shortened};

/// A name longer than this is cut.
const LONGEST_NAME: usize = 300;

/// Prose longer than this is cut.
const LONGEST: usize = 4_000;

/// A name or a value as code. Backticks do where nothing in it could end them or a table's cell;
/// elsewhere the element does, with entities.
pub(super) fn code(text: &str) -> String {
    let text = plain(text);
    let text = shortened(text.trim(), LONGEST_NAME);
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    if text.contains(['`', '|', '\\']) || text.contains("##") {
        format!("<code>{}</code>", entities(&text))
    } else {
        format!("`{text}`")
    }
}

/// Prose: entities for what Markdown or GitHub would obey. A character reference is never markup
/// (CommonMark 0.31, 6.2), but GitHub looks for mentions, references and addresses after it has
/// resolved them: an empty comment keeps those apart.
pub(super) fn prose(text: &str) -> String {
    let text = plain(text);
    let text = shortened(&text, LONGEST);
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(character) = rest.chars().next() {
        rest = rest.strip_prefix(character).unwrap_or_default();
        match character {
            '@' | '#' => {
                entity(&mut out, character);
                out.push_str("<!-- -->");
            }
            ':' if rest.starts_with("//") => out.push_str("&#58;<!-- -->"),
            'w' | 'W' if is_www(character, rest) => {
                out.push(character);
                out.push_str("<!-- -->");
            }
            _ if is_markup(character) => entity(&mut out, character),
            _ => out.push(character),
        }
    }
    out
}

fn is_www(first: char, rest: &str) -> bool {
    let start = rest.get(..3).unwrap_or_default();
    first.eq_ignore_ascii_case(&'w') && start.eq_ignore_ascii_case("ww.")
}

fn is_markup(character: char) -> bool {
    "\\`*_{}[]<>()#+!|~&$\"^=".contains(character)
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_punctuation() && !"-/,;".contains(character) {
            entity(&mut out, character);
        } else {
            out.push(character);
        }
    }
    out
}

fn entity(out: &mut String, character: char) {
    // Writing to a string cannot fail.
    let _ = write!(out, "&#{};", u32::from(character));
}

/// A line of a document for a block of code: hidden characters visible, tabs one blank wide.
pub(super) fn visible(line: &str) -> String {
    plain(&line.replace('\t', " ")).into_owned()
}

/// The columns that a character takes in such a line.
pub(super) fn columns(character: char) -> usize {
    match character {
        '\t' => 1,
        _ => plain(character.encode_utf8(&mut [0; 4]))
            .chars()
            .map(char_width)
            .sum(),
    }
}

/// A block of code with a fence that is longer than any run of backticks in it.
pub(super) fn block(language: &str, lines: &[String], text: &mut String) {
    let longest = lines.iter().map(|line| longest_run(line)).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    text.push('\n');
    text.push_str(&fence);
    text.push_str(language);
    text.push('\n');
    for line in lines {
        text.push_str(&no_command(line));
        text.push('\n');
    }
    text.push_str(&fence);
    text.push('\n');
}

fn longest_run(line: &str) -> usize {
    let runs = line.split(|character| character != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_code_whatever_is_in_them() {
        assert_eq!(code("arn:aws:s3:::b/*"), "`arn:aws:s3:::b/*`");
        assert_eq!(
            code("a`b|c\\d<x>"),
            "<code>a&#96;b&#124;c&#92;d&#60;x&#62;</code>"
        );
        assert_eq!(code(" "), "(empty)");
        assert_eq!(code("@you #1"), "`@you #1`");
    }

    #[test]
    fn prose_mentions_nobody_and_links_nowhere() {
        assert_eq!(
            prose("@you #12 http://evil www.evil [a](b) <b>"),
            "&#64;<!-- -->you &#35;<!-- -->12 http&#58;<!-- -->//evil w<!-- -->ww.evil &#91;a&#93;&#40;b&#41; &#60;b&#62;"
        );
        assert_eq!(
            prose("Plain words, 111111111111."),
            "Plain words, 111111111111."
        );
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        let mut text = String::new();
        block("", &["````".to_owned()], &mut text);
        assert_eq!(text, "\n`````\n````\n`````\n");
    }
}
