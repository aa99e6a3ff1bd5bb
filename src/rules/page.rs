//! The page of a rule: its identity, its prose and its executable examples, as types.
//!
//! Which pages there are is the table's business, and whether an example finds what its block says is
//! for the tests that run the rules.

mod read;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use read::PageError;

/// How bad a finding is. `Low` is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice.
    Low,
    /// A security weakness, or something that breaks at a later change.
    Medium,
    /// Part of the logs do not arrive, or creating the trail fails.
    High,
    /// Logs do not arrive, or anyone can write.
    Critical,
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Severity; 4] = [
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];

    /// The word that flags, pages and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// The severity of this name.
    pub fn from_name(name: &str) -> Option<Severity> {
        Severity::ALL
            .into_iter()
            .find(|severity| severity.name() == name)
    }
}

/// One rule's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rule's name, which is its id everywhere.
    pub name: &'static str,
    /// The folder the page lies in: the part of a delivery that the rule looks at.
    pub layer: &'static str,
    /// One sentence that states the problem, without a full stop.
    pub title: &'static str,
    /// The severity of the rule's worst finding.
    pub severity: Severity,
    /// The names of the document kinds that the rule reads.
    pub reads: Vec<String>,
    /// The version of this crate that had the rule first.
    pub since: String,
    /// Tags, such as `delivery`, `exposure` or `cwe-441`.
    pub tags: Vec<String>,
    /// Addresses of AWS's documentation and of public reports that the rule rests on.
    pub references: Vec<String>,
    /// Names the rule had before.
    pub formerly: Vec<String>,
    /// The section "What it checks", in Markdown.
    pub what: String,
    /// The section "Why it matters", in Markdown.
    pub why: String,
    /// The section "How to fix", in Markdown.
    pub how: String,
    /// The examples, in the page's order.
    pub examples: Vec<Example>,
    /// The whole page.
    pub text: &'static str,
}

/// One example: documents that replace those of the baseline, and what is found then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The sentence after `Example:`.
    pub title: String,
    /// Document kinds and their texts, in the page's order.
    pub documents: Vec<(String, String)>,
    /// A line per finding, `RULE KIND POINTER`, sorted; nothing means clean.
    pub findings: Vec<String>,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// The first place where it is not written as pages are.
    pub(crate) fn read(
        name: &'static str,
        layer: &'static str,
        text: &'static str,
    ) -> Result<Page, PageError> {
        read::read(name, layer, text)
    }
}
