//! The rules as SARIF descriptors, taken from their pages. The weaknesses that they name have a file of
//! their own.
//!
//! Their texts are constant: GitHub stores them once, for all repositories.

use std::collections::BTreeMap;

use serde_json::json;
use serde_sarif::sarif;

use super::super::PAGES;
use super::weaknesses::{self, WEAKNESSES, Weakness, cwe_number, taxonomy_reference};
use super::wording::{first_paragraph, from_markdown, upper_camel_case};
use crate::rules::{Page, Severity};

/// How a finding is accepted; the same for every rule.
const MEANT: &str = "Say so in `trail-lint.toml`, for this rule and, with `resource`, `trail` or `statement`, for one place \
                     only. The reason is required, and what is accepted is told of in every report.";

/// GitHub keeps ten tags of a rule.
///
/// Source: GitHub Docs, "SARIF results exceed one or more limits".
const TAGS_KEPT: usize = 10;

/// The rules of a run, and the weaknesses that any of them names.
pub(super) struct Catalogue {
    pages: &'static [Page],
    index: BTreeMap<&'static str, usize>,
    weaknesses: Vec<&'static Weakness>,
}

impl Catalogue {
    pub(super) fn new(pages: &'static [Page]) -> Catalogue {
        let index = pages.iter().enumerate();
        let index = index.map(|(at, page)| (page.name, at)).collect();
        let named = |weakness: &&Weakness| pages.iter().any(|page| weakness.is_named_by(page));
        let weaknesses = WEAKNESSES.iter().filter(named).collect();
        Catalogue {
            pages,
            index,
            weaknesses,
        }
    }

    /// The rule's place among the descriptors; nothing for a rule without a page.
    pub(super) fn index(&self, rule: &str) -> Option<i64> {
        self.index.get(rule).map(|&at| number(at))
    }

    /// The descriptors, in the order of the rules' names.
    pub(super) fn descriptors(&self) -> Vec<sarif::ReportingDescriptor> {
        self.pages
            .iter()
            .map(|page| self.descriptor(page))
            .collect()
    }

    /// The weaknesses that a rule is about.
    pub(super) fn taxa(&self, rule: &str) -> Vec<sarif::ReportingDescriptorReference> {
        let page = self.index.get(rule).and_then(|&at| self.pages.get(at));
        page.map(|page| self.references(page).collect())
            .unwrap_or_default()
    }

    /// The taxonomy, if any rule names a weakness.
    pub(super) fn taxonomy(&self) -> Option<sarif::ToolComponent> {
        weaknesses::taxonomy(&self.weaknesses)
    }

    fn descriptor(&self, page: &Page) -> sarif::ReportingDescriptor {
        let relationships: Vec<_> = self
            .references(page)
            .map(|target| {
                sarif::ReportingDescriptorRelationship::builder()
                    .target(target)
                    .kinds(vec!["superset".to_owned()])
                    .build()
            })
            .collect();
        let configuration = sarif::ReportingConfiguration::builder()
            .level(json!(level(page.severity).to_string()))
            .rank(rank(page.severity))
            .build();
        let mut descriptor = sarif::ReportingDescriptor::builder()
            .id(page.name)
            .name(upper_camel_case(page.name))
            .short_description(text(page.title))
            .full_description(text(&first_paragraph(&page.what)))
            .help(help(page))
            .help_uri(format!("{PAGES}/{}/{}.md", page.layer, page.name))
            .default_configuration(configuration)
            .properties(properties(page))
            .build();
        if !relationships.is_empty() {
            descriptor.relationships = Some(relationships);
        }
        descriptor
    }

    fn references(&self, page: &Page) -> impl Iterator<Item = sarif::ReportingDescriptorReference> {
        let named = self.weaknesses.iter().enumerate();
        named
            .filter(|(_, weakness)| weakness.is_named_by(page))
            .map(|(at, weakness)| {
                sarif::ReportingDescriptorReference::builder()
                    .id(weakness.number.to_string())
                    .index(number(at))
                    .guid(weakness.guid)
                    .tool_component(taxonomy_reference())
                    .build()
            })
    }
}

fn text(text: &str) -> sarif::MultiformatMessageString {
    sarif::MultiformatMessageString::builder()
        .text(text)
        .build()
}

fn help(page: &Page) -> sarif::MultiformatMessageString {
    let sections = [
        ("What it checks", &page.what),
        ("Why it matters", &page.why),
        ("How to fix", &page.how),
    ];
    let written = |heading: &str, form: &dyn Fn(&str) -> String| {
        let parts = sections.map(|(title, text)| format!("{heading}{title}\n\n{}", form(text)));
        parts.join("\n\n")
    };
    let accept = format!(
        "[[suppress]]\nrule = \"{}\"\nreason = \"why this is meant\"",
        page.name
    );
    let mut markdown = written("### ", &|text| text.trim().to_owned());
    let mut plain = written("", &from_markdown);
    markdown = format!("{markdown}\n\n### When it is meant\n\n{MEANT}\n\n```toml\n{accept}\n```");
    plain = format!(
        "{plain}\n\nWhen it is meant\n\n{}\n\n{accept}",
        from_markdown(MEANT)
    );
    if !page.references.is_empty() {
        let list = |mark: &str| {
            let lines = page.references.iter().map(|url| format!("{mark}{url}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        markdown = format!("{markdown}\n\n### References\n\n{}", list("- "));
        plain = format!("{plain}\n\nReferences\n\n{}", list(""));
    }
    sarif::MultiformatMessageString::builder()
        .text(plain)
        .markdown(markdown)
        .build()
}

fn properties(page: &Page) -> sarif::PropertyBag {
    let problem = match level(page.severity) {
        sarif::ResultLevel::Error => "error",
        sarif::ResultLevel::Warning => "warning",
        sarif::ResultLevel::Note | sarif::ResultLevel::None => "recommendation",
    };
    sarif::PropertyBag::builder()
        .tags(tags(page))
        .additional_properties(BTreeMap::from([
            ("precision".to_owned(), json!(precision(page))),
            ("problem.severity".to_owned(), json!(problem)),
            (
                "security-severity".to_owned(),
                json!(format!("{:.1}", score(page.severity))),
            ),
        ]))
        .build()
}

/// `external/cwe/cwe-N` is what GitHub reads a weakness from, `CWE-N` what GitLab does.
fn tags(page: &Page) -> Vec<String> {
    let mut tags: Vec<String> = ["security", "aws", "cloudtrail"].map(str::to_owned).into();
    for tag in &page.tags {
        match cwe_number(tag) {
            Some(number) => {
                tags.push(format!("external/cwe/cwe-{number}"));
                tags.push(format!("CWE-{number}"));
            }
            None => tags.push(tag.clone()),
        }
    }
    tags.truncate(TAGS_KEPT);
    tags
}

/// How sure a finding of the rule is. Refusals are evaluated, exposure depends on what was meant,
/// and advice may rest on behaviour that AWS does not document.
fn precision(page: &Page) -> &'static str {
    match (page.severity, page.layer) {
        (Severity::Low, _) => "medium",
        (_, "exposure") => "high",
        _ => "very-high",
    }
}

/// GitHub's score of a severity: above 9.0 is critical, from 7.0 high, from 4.0 medium.
///
/// Source: GitHub Docs, "SARIF support for code scanning", `security-severity`.
fn score(severity: Severity) -> f64 {
    match severity {
        Severity::Critical => 9.5,
        Severity::High => 8.0,
        Severity::Medium => 5.0,
        Severity::Low => 2.0,
    }
}

/// The priority from 0 to 100, which GitLab reads before anything else: ten times the score.
pub(super) fn rank(severity: Severity) -> f64 {
    score(severity) * 10.0
}

/// SARIF's level of a severity.
pub(super) fn level(severity: Severity) -> sarif::ResultLevel {
    match severity {
        Severity::Critical | Severity::High => sarif::ResultLevel::Error,
        Severity::Medium => sarif::ResultLevel::Warning,
        Severity::Low => sarif::ResultLevel::Note,
    }
}

/// A count as SARIF's integers are typed.
pub(super) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::pages;

    #[test]
    fn every_page_is_a_whole_descriptor() {
        for descriptor in Catalogue::new(pages()).descriptors() {
            let id = &descriptor.id;
            let short = descriptor.short_description.unwrap().text;
            let full = descriptor.full_description.unwrap().text;
            assert!(!short.is_empty() && !full.is_empty(), "{id}");
            assert!(full.chars().count() <= 1024, "{id}");
            let help = descriptor.help.unwrap();
            assert!(help.markdown.unwrap().contains("### How to fix"), "{id}");
            assert!(!help.text.contains("```"), "{id}");
            let properties = descriptor.properties.unwrap();
            let tags = properties.tags.unwrap();
            assert!(tags.len() <= TAGS_KEPT, "{id}: {tags:?}");
        }
    }
}
