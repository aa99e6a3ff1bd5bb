//! Tests of the page reader, and of what all pages have in common.

use std::collections::BTreeSet;

use super::*;
use crate::rules::{self, table::TABLE};

const GOOD: &str = "# A thing is wrong\n\n```toml\nseverity = \"high\"\nreads = [\"get-bucket-policy\"]\n\
    since = \"0.1.0\"\ntags = []\nreferences = [\"https://example.com/\"]\n```\n\n## What it checks\n\nThis.\n\n\
    ## Why it matters\n\nThat.\n\n## How to fix\n\nSo.\n\n```json\n{}\n```\n\n\
    ## Example: It is wrong\n\n```json get-bucket-policy\n{}\n```\n\n```findings\na-rule get-bucket-policy /Statement\n```\n";

fn error(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "`{from}` is not in the good page");
    let text: &'static str = GOOD.replacen(from, to, 1).leak();
    Page::read("a-rule", "grant", text).unwrap_err().to_string()
}

#[test]
fn a_page_is_read_whole() {
    let page = Page::read("a-rule", "grant", GOOD).unwrap();
    assert_eq!(
        (page.title, page.severity),
        ("A thing is wrong", Severity::High)
    );
    assert_eq!((page.what.as_str(), page.why.as_str()), ("This.", "That."));
    assert_eq!(page.how, "So.\n\n```json\n{}\n```");
    assert_eq!(
        page.examples,
        [Example {
            title: "It is wrong".to_owned(),
            documents: vec![("get-bucket-policy".to_owned(), "{}\n".to_owned())],
            findings: vec!["a-rule get-bucket-policy /Statement".to_owned()],
        }]
    );
}

/// Each case: what is replaced in the good page, by what, and how the message then begins.
fn assert_refused(cases: &[(&str, &str, &str)]) {
    for (from, to, expected) in cases {
        let message = error(from, to);
        let expected = format!("rules/grant/a-rule.md:{expected}");
        assert!(message.starts_with(&expected), "{from}: {message}");
    }
}

#[test]
fn title_head_and_prose_are_enforced_with_the_line() {
    let long = format!("# {}", "x".repeat(73));
    assert_refused(&[
        ("# A", "A", "1: expected `# ` and a title on the first line"),
        (
            "# A thing is wrong",
            &long,
            "1: the title has 73 characters, expected at most 72",
        ),
        ("wrong\n", "wrong.\n", "1: the title ends in a full stop"),
        (
            "```toml",
            "```yaml",
            "3: expected one fenced `toml` head between title and",
        ),
        (
            "tags = []",
            "tags = []\nx = 1",
            "3: the head cannot be read: unknown field `x`",
        ),
        (
            "\"high\"",
            "\"huge\"",
            "3: the head cannot be read: unknown variant `huge`",
        ),
        (
            "[\"get-bucket-policy\"]",
            "[\"bucket\"]",
            "3: `bucket` is no document kind",
        ),
        (
            "https:",
            "http:",
            "3: expected an https address, found `http://example.com/`",
        ),
        (
            "## Why it matters",
            "## Why",
            "15: expected the section `Why it matters` here",
        ),
        ("That.", "", "15: the section is empty"),
        (
            "## Example: It",
            "## It",
            "27: expected an example, found the section `It is wrong`",
        ),
        (
            "## Example: It is wrong",
            "",
            "35: expected at least one example",
        ),
    ]);
}

#[test]
fn examples_are_enforced_with_the_line() {
    let document = "```json get-bucket-policy\n{}\n```\n\n";
    let block = "```findings\na-rule get-bucket-policy /Statement\n```\n";
    let finding = "a-rule get-bucket-policy /Statement\n";
    assert_refused(&[
        (
            "g\n\n```json",
            "g\n\n```yaml",
            "29: expected a block `json KIND` or `findings`, found",
        ),
        (
            "json get-bucket",
            "json got-bucket",
            "29: `got-bucket-policy` is no document kind",
        ),
        (document, "", "27: the example shows no document"),
        (
            document,
            &document.repeat(2),
            "33: the example shows `get-bucket-policy` twice",
        ),
        (
            block,
            "",
            "27: the example has 0 findings blocks, expected one",
        ),
        (
            block,
            &block.repeat(2),
            "27: the example has 2 findings blocks, expected one",
        ),
        (
            block,
            "```findings\n",
            "33: a fence is opened and never closed",
        ),
        (
            finding,
            "a-rule /x\n",
            "34: expected `RULE KIND POINTER`, found `a-rule /x`",
        ),
        (
            finding,
            &finding.repeat(2),
            "35: the findings are not sorted at `a-rule get-",
        ),
    ]);
}

#[test]
fn an_empty_findings_block_means_clean() {
    let text: &'static str = GOOD
        .replace("a-rule get-bucket-policy /Statement\n", "")
        .leak();
    assert!(
        Page::read("a-rule", "grant", text).unwrap().examples[0]
            .findings
            .is_empty()
    );
}

#[test]
fn every_page_is_well_formed() {
    let errors: Vec<String> = TABLE
        .iter()
        .filter_map(|line| Page::read(line.name, line.layer, line.text).err())
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn every_page_has_an_example_that_finds_and_one_that_does_not() {
    let mut errors = Vec::new();
    for page in rules::pages() {
        let prefix = format!("{} ", page.name);
        let finds = |example: &&Example| {
            example
                .findings
                .iter()
                .any(|line| line.starts_with(&prefix))
        };
        let finding = page.examples.iter().filter(finds).count();
        if finding == 0 || finding == page.examples.len() {
            errors.push(format!(
                "{}: {finding} of {} examples find",
                page.name,
                page.examples.len()
            ));
        }
        for finding in page.examples.iter().flat_map(|example| &example.findings) {
            let rule = finding.split(' ').next().unwrap();
            if rules::page(rule).is_none() {
                errors.push(format!("{}: `{rule}` has no page", page.name));
            }
        }
        for (kind, text) in page.examples.iter().flat_map(|example| &example.documents) {
            if let Err(error) = crate::json::parse(text) {
                errors.push(format!("{}: {kind}: {}", page.name, error.message));
            }
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn the_table_is_sorted_and_lists_every_file() {
    let listed: Vec<(&str, &str)> = TABLE.iter().map(|line| (line.layer, line.name)).collect();
    assert!(listed.is_sorted(), "sort the table by layer, then name");
    let listed: BTreeSet<String> = listed
        .iter()
        .map(|(layer, name)| format!("{layer}/{name}.md"))
        .collect();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut files = BTreeSet::new();
    for layer in std::fs::read_dir(root)
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().is_dir())
    {
        for file in std::fs::read_dir(layer.path()).unwrap().map(Result::unwrap) {
            files.insert(format!(
                "{}/{}",
                layer.file_name().display(),
                file.file_name().display()
            ));
        }
    }
    assert_eq!(listed, files);
    let names: BTreeSet<&str> = TABLE.iter().map(|line| line.name).collect();
    assert_eq!(names.len(), TABLE.len(), "two rules have one name");
}

#[test]
fn a_page_is_found_by_its_name() {
    for listed in rules::pages() {
        assert_eq!(rules::page(listed.name), Some(listed));
    }
    assert_eq!(rules::page("no-such-rule"), None);
}

#[test]
fn severities_are_ordered_and_named() {
    assert!(Severity::ALL.is_sorted());
    for severity in Severity::ALL {
        assert_eq!(Severity::from_name(severity.name()), Some(severity));
    }
    assert_eq!(Severity::from_name("High"), None);
}
