//! Texts and addresses as SARIF and GitHub want them: messages without placeholders, plain text out
//! of a page's Markdown, and paths as relative URIs.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::super::paths::{self, percent_encoded};
use super::super::text::{Part, is_hidden, parts, replace};

/// The length at which GitHub refuses a rule's description.
///
/// Source: GitHub Docs, "SARIF support for code scanning", `reportingDescriptor`.
const LONGEST_DESCRIPTION: usize = 1024;

/// Link texts are cut here: a link is a pointer, not a second message.
const LONGEST_LINK: usize = 120;

/// Text from a document, with its hidden characters visible. Not in the form that terminals get:
/// braces have a meaning in SARIF messages.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    replace(text, is_hidden, |out, hidden| {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\u{:04x}", u32::from(hidden));
    })
}

/// A message in SARIF's plain text: literal braces are doubled (SARIF 2.1.0, 3.11.5), and nothing
/// that a document says becomes a link (3.11.6).
pub(super) fn message(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in doubled(visible(text).trim()).chars() {
        if character == '(' && escaped.ends_with(']') {
            escaped.push(' ');
        }
        escaped.push(character);
    }
    escaped
}

fn doubled(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Consumers that look for `{0}` without regard to doubling would find one here.
            '0'..='9' if escaped.ends_with('{') => escaped.push(' '),
            '{' | '}' => escaped.push(character),
            _ => {}
        }
        escaped.push(character);
    }
    escaped
}

/// The message as a sentence, which is what consumers show where there is room for no more. Names and
/// values stand in single quotes: it is plain text, where backticks mean nothing.
pub(super) fn sentence(text: &str) -> String {
    let quoted: String = parts(text.trim())
        .into_iter()
        .map(|part| match part {
            Part::Prose(prose) => prose.to_owned(),
            Part::Code(code) => format!("'{code}'"),
        })
        .collect();
    ended(message(&quoted))
}

/// The same as Markdown.
pub(super) fn markdown_sentence(text: &str) -> String {
    let written = parts(text.trim()).into_iter().map(|part| match part {
        Part::Prose(prose) => prose_in_markdown(prose),
        // No backtick is in it, or it would have ended there; braces as in plain text.
        Part::Code(code) if !code.trim().is_empty() => format!("`{}`", doubled(&visible(code))),
        Part::Code(_) => "''".to_owned(),
    });
    ended(written.collect())
}

fn ended(message: String) -> String {
    if message.ends_with(['.', '!', '?']) {
        message
    } else {
        format!("{message}.")
    }
}

/// Prose with every character escaped that Markdown would obey.
fn prose_in_markdown(prose: &str) -> String {
    let mut escaped = String::with_capacity(prose.len());
    for character in doubled(&visible(prose)).chars() {
        if r"\`*_[]<>#!|~&".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// A link to the related location with this id.
pub(super) fn link(text: &str, id: usize) -> String {
    let text = visible(text)
        .replace('[', "(")
        .replace(']', ")")
        .replace('\\', "/");
    let text: String = text
        .trim()
        .trim_end_matches('.')
        .chars()
        .take(LONGEST_LINK)
        .collect();
    format!("[{}]({id})", message(&in_sentence(&text)))
}

/// A sentence's words, to stand inside another: `This statement` becomes `this statement`, but
/// `IAM` and `AWSLogs` stay.
fn in_sentence(text: &str) -> String {
    let mut characters = text.chars();
    let (first, rest) = (characters.next(), characters.as_str());
    match first {
        Some(first) if rest.starts_with(|c: char| c.is_lowercase() || c == ' ') => {
            first.to_lowercase().chain(rest.chars()).collect()
        }
        _ => text.to_owned(),
    }
}

/// The path of a file as a URI that is relative to the repository's root. GitHub refuses a whole
/// upload for one URI with a scheme, and shows no code for `./` or `../`.
pub(super) fn relative_uri(path: &str) -> String {
    let path = paths::relative(path);
    let encoded: Vec<String> = path.split('/').map(percent_encoded).collect();
    encoded.join("/")
}

/// A rule's id as an identifier: `kms-key-disabled` becomes `KmsKeyDisabled`.
pub(super) fn upper_camel_case(id: &str) -> String {
    id.split('-')
        .flat_map(|word| {
            let mut characters = word.chars();
            let first = characters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(characters)
        })
        .collect()
}

/// A page's Markdown as plain text: without fences, backticks and bold; links by their text.
pub(super) fn from_markdown(markdown: &str) -> String {
    let lines = markdown
        .trim()
        .lines()
        .filter(|line| !line.trim_start().starts_with("```"));
    let text = lines.collect::<Vec<_>>().join("\n");
    without_links(&text.replace("**", "").replace('`', ""))
}

fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        out.push_str(before);
        let parts = link
            .split_once("](")
            .and_then(|(name, target)| Some((name, target.split_once(')')?.1)));
        match parts {
            Some((name, after)) if !name.contains(['[', '\n']) => {
                out.push_str(name);
                rest = after;
            }
            _ => {
                out.push('[');
                rest = link;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The first paragraph of a page's Markdown in one line, short enough for a description.
pub(super) fn first_paragraph(markdown: &str) -> String {
    let text = from_markdown(markdown);
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = paragraph.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= LONGEST_DESCRIPTION {
        return line;
    }
    let start: String = line.chars().take(LONGEST_DESCRIPTION).collect();
    match start.rfind(". ").and_then(|at| start.get(..=at)) {
        Some(sentences) => sentences.to_owned(),
        None => start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_doubled_and_links_of_others_broken() {
        assert_eq!(message("${aws:x} {0}"), "${{aws:x}} {{ 0}}");
        assert_eq!(
            message("[a](http://evil)\u{1b}"),
            "[a] (http://evil)\\u001b"
        );
        assert_eq!(sentence("a"), "a.");
        assert_eq!(sentence("a. "), "a.");
    }

    #[test]
    fn names_stand_in_quotes_or_in_code() {
        let text = "Statement `A*` of `${x}` says [no](http://evil)";
        assert_eq!(
            sentence(text),
            "Statement 'A*' of '${{x}}' says [no] (http://evil)."
        );
        assert_eq!(
            markdown_sentence(text),
            r"Statement `A*` of `${{x}}` says \[no\](http://evil)."
        );
        assert_eq!(markdown_sentence("a ` b *"), r"a \` b \*.");
    }

    #[test]
    fn a_link_stands_in_a_sentence() {
        assert_eq!(
            link("This statement names it.", 2),
            "[this statement names it](2)"
        );
        assert_eq!(link("IAM [says](x) so", 1), "[IAM (says)(x) so](1)");
        assert_eq!(link("a\\", 1), "[a/](1)");
    }

    #[test]
    fn paths_become_relative_uris() {
        for (path, uri) in [
            ("a/b.json", "a/b.json"),
            ("./a//b", "a/b"),
            ("/srv/x", "srv/x"),
            ("../x/./y", "x/y"),
            ("C:/x y", "C%3A/x%20y"),
            ("é%\\?#", "%C3%A9%25%5C%3F%23"),
            ("arn:aws:s3:::b", "arn%3Aaws%3As3%3A%3A%3Ab"),
            ("", "unknown"),
        ] {
            assert_eq!(relative_uri(path), uri, "{path}");
        }
    }

    #[test]
    fn ids_become_names() {
        assert_eq!(upper_camel_case("kms-no-describe-key"), "KmsNoDescribeKey");
    }

    #[test]
    fn markdown_becomes_plain_text() {
        let markdown =
            "Use `a*` in\n**b** ([page](https://x)), not `x[0]`.\n\n```json\n{\"a\": 1}\n```\n";
        assert_eq!(
            from_markdown(markdown),
            "Use a* in\nb (page), not x[0].\n\n{\"a\": 1}"
        );
        assert_eq!(first_paragraph(markdown), "Use a* in b (page), not x[0].");
    }

    #[test]
    fn long_descriptions_end_with_a_sentence() {
        let text = "A sentence of some length. ".repeat(100);
        let description = first_paragraph(&text);
        assert!(description.len() <= LONGEST_DESCRIPTION);
        assert!(description.ends_with("length."), "{description}");
    }
}
