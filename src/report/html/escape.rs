//! Text from documents in HTML: what is hidden becomes visible, and nothing becomes markup.

use super::super::text::{Part, parts, plain, replace, shortened};

/// A text longer than this is cut.
const LONGEST: usize = 4_000;

/// A name or value longer than this is cut: no ARN is as long, and it is shown to be recognised.
const LONGEST_NAME: usize = 1_000;

/// Text for an element or an attribute in double quotes.
pub(super) fn text(text: &str) -> String {
    let text = plain(text);
    let text = shortened(&text, LONGEST);
    let special = |character| matches!(character, '&' | '<' | '>' | '"' | '\'' | '`' | '#');
    let escaped = replace(&text, special, |out, character| {
        out.push_str(match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            '`' => "&#96;",
            // Build servers obey `##[…]` wherever it stands in a line of their log.
            _ => "&#35;",
        });
    });
    escaped.into_owned()
}

/// A message: what stands in backticks becomes code.
pub(super) fn message(message: &str) -> String {
    let written = parts(message).into_iter().map(|part| match part {
        Part::Prose(prose) => text(prose),
        Part::Code(code) => format!("<code>{}</code>", text(&shortened(code, LONGEST_NAME))),
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_markup() {
        assert_eq!(
            text("</script><img src=x onerror='a'>&\"\u{202e}"),
            "&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;\\u{202e}"
        );
        assert_eq!(message("a `<b>` c"), "a <code>&lt;b&gt;</code> c");
    }
}
