//! `trail-lint rules` and `trail-lint explain`: the rules' pages.

use std::io::Write;

use serde_json::json;
use trail_lint::rules::{Page, pages};

use super::check::look;
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

/// Prints one rule's page, its examples left out.
pub(crate) fn explain(args: &ExplainArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    let page = known_rule(&args.rule)?;
    trail_lint::report::page::write(page, &look(args.color, true), out)?;
    Ok(Status::Clean)
}
