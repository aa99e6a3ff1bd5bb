//! `trail-lint rules` and `trail-lint explain`: the rules' pages.

use std::io::Write;

use serde_json::json;
use trail_lint::rules::{Page, pages};

use super::{Failure, Status, known_rule};
use crate::cli::{ExplainArgs, RulesArgs, RulesFormat};

/// Lists all rules.
pub(crate) fn list(args: &RulesArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    match args.format {
        RulesFormat::Json => {
            let rules: Vec<_> = pages().iter().map(described).collect();
            serde_json::to_writer_pretty(&mut *out, &rules).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        RulesFormat::Table => {
            let longest = pages()
                .iter()
                .map(|page| page.name.len())
                .max()
                .unwrap_or(0);
            for page in pages() {
                writeln!(
                    out,
                    "{:<longest$}  {:<8}  {}",
                    page.name,
                    page.severity.name(),
                    page.title
                )?;
            }
        }
    }
    Ok(Status::Clean)
}

fn described(page: &Page) -> serde_json::Value {
    json!({ "name": page.name, "layer": page.layer, "severity": page.severity, "title": page.title })
}

/// Prints one rule's page, its head and its examples left out.
pub(crate) fn explain(args: &ExplainArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    let page = known_rule(&args.rule)?;
    writeln!(
        out,
        "{}\n{}\n",
        page.title,
        "=".repeat(page.title.chars().count())
    )?;
    writeln!(
        out,
        "Rule      {}\nSeverity  {}\n",
        page.name,
        page.severity.name()
    )?;
    for (heading, text) in [
        ("What it checks", &page.what),
        ("Why it matters", &page.why),
        ("How to fix", &page.how),
    ] {
        writeln!(
            out,
            "{heading}\n{}\n{}\n",
            "-".repeat(heading.len()),
            text.trim()
        )?;
    }
    if !page.references.is_empty() {
        writeln!(out, "References\n----------")?;
        for reference in &page.references {
            writeln!(out, "{reference}")?;
        }
    }
    Ok(Status::Clean)
}
