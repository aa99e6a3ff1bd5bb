//! What the README prints is generated: the example's output and the list of rules. With
//! `TRAIL_LINT_UPDATE=1` this test writes them anew, otherwise it fails where they differ.

use std::fmt::Write as _;

use trail_lint::rules::pages;

use crate::support::{command, expect};

/// The layers in the order in which a request meets them, with what the list calls them.
const LAYERS: [(&str, &str); 10] = [
    ("grant", "What the bucket policy grants"),
    ("condition", "Its conditions"),
    ("source", "Whose trail"),
    ("deny", "Denies"),
    ("organization", "Organization trails"),
    ("bucket", "The bucket"),
    ("key", "The key"),
    ("topic", "The topic and the log group"),
    ("trail", "The trail"),
    ("exposure", "Who else could"),
];

/// The list, its links relative to the folder that `root` leads out of.
fn rule_list(root: &str) -> String {
    let mut list = String::new();
    for (layer, title) in LAYERS {
        writeln!(list, "**{title}**\n\n| rule | severity | |\n|---|---|---|").unwrap();
        for page in pages().iter().filter(|page| page.layer == layer) {
            let (name, title) = (page.name, page.title);
            writeln!(
                list,
                "| [{name}]({root}rules/{layer}/{name}.md) | {} | {title} |",
                page.severity.name()
            )
            .unwrap();
        }
        list.push('\n');
    }
    list.trim_end().to_owned()
}

/// What a command prints, or the first lines of it.
fn output(arguments: &str, lines: Option<usize>) -> String {
    let mut run = command(&arguments.split(' ').collect::<Vec<_>>());
    run.env("COLUMNS", "100").env("LANG", "C.UTF-8");
    let text = expect(1, run).stdout;
    let all: Vec<&str> = text.trim_end().lines().collect();
    let shown = all.get(..lines.unwrap_or(usize::MAX)).unwrap_or(&all);
    let more = if shown.len() < all.len() { "\n…" } else { "" };
    format!("```text\n{}{more}\n```", shown.join("\n"))
}

/// Replaces what stands behind every marker of a command by what the command prints. A number in the
/// marker is how many lines are shown.
fn with_outputs(text: &str) -> String {
    let (begin, end) = ("<!-- begin output", "<!-- end output -->");
    let mut parts = text.split(begin);
    let mut filled = parts.next().unwrap().to_owned();
    for part in parts {
        let (marker, rest) = part.split_once(" -->").unwrap();
        let (_, after) = rest.split_once(end).unwrap();
        let (lines, arguments) = marker.split_once(": ").unwrap();
        let shown = output(arguments, lines.trim().parse().ok());
        write!(filled, "{begin}{marker} -->\n{shown}\n{end}{after}").unwrap();
    }
    filled
}

/// Replaces what stands between two markers.
pub(crate) fn fill(text: &str, begin: &str, end: &str, content: &str) -> String {
    let (before, rest) = text
        .split_once(begin)
        .unwrap_or_else(|| panic!("no `{begin}`"));
    let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("no `{end}`"));
    format!("{before}{begin}\n{content}\n{end}{after}")
}

#[test]
fn the_readme_shows_what_the_tool_prints() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let shown = with_outputs(&readme);
    let filled = fill(
        &shown,
        "<!-- begin rules -->",
        "<!-- end rules -->",
        &rule_list(""),
    );
    kept("README.md", &filled);
}

/// Writes a generated file, or fails if it is not as it would be written.
pub(crate) fn kept(path: &str, text: &str) {
    if std::env::var_os("TRAIL_LINT_UPDATE").is_some() {
        std::fs::write(path, text).unwrap();
        return;
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == text,
        "{path} is out of date: run the tests with TRAIL_LINT_UPDATE=1 to write it anew"
    );
}

#[test]
fn the_list_of_rules_is_kept_with_what_each_reads() {
    let mut text = format!(
        "# The rules\n\nGenerated from the pages. `trail-lint rules` prints the list, `trail-lint explain RULE` a page.\n\n{}\n\n\
         ## What each reads\n\n| rule | documents | since | tags |\n|---|---|---|---|\n",
        rule_list("../")
    );
    for page in pages() {
        let (name, reads, tags) = (page.name, page.reads.join(", "), page.tags.join(", "));
        writeln!(text, "| {name} | {reads} | {} | {tags} |", page.since).unwrap();
    }
    kept("docs/rules.md", &text);
}

#[test]
fn every_layer_is_listed() {
    for page in pages() {
        assert!(
            LAYERS.iter().any(|(layer, _)| *layer == page.layer),
            "{}",
            page.layer
        );
    }
}
