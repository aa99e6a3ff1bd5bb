//! `trail-lint rules` and `trail-lint explain`: the rules' pages.

use std::io::Write;

use serde_json::json;
use trail_lint::report::text::wrap;
use trail_lint::rules::{Page, pages};

use super::screen::look;
use super::{Failure, Status, format, known_rule};
use crate::cli::{ColorChoice, ExplainArgs, RulesArgs, RulesFormat};

/// Lists all rules.
pub(crate) fn list(args: &RulesArgs, out: &mut dyn Write) -> Result<Status, Failure> {
    match format::asked(args.format)?.unwrap_or(RulesFormat::Table) {
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
            let widest = pages().iter().map(|page| page.title.len()).max();
            let columns = look(ColorChoice::Never, true).width;
            // All in columns or none.
            let fits = longest + 12 + widest.unwrap_or(0) <= columns;
            for page in pages() {
                let (name, severity, title) = (page.name, page.severity.name(), page.title);
                if fits {
                    writeln!(out, "{name:<longest$}  {severity:<8}  {title}")?;
                    continue;
                }
                writeln!(out, "{name} ({severity})")?;
                for line in wrap(title, columns.saturating_sub(4).max(1), "…") {
                    writeln!(out, "    {line}")?;
                }
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
