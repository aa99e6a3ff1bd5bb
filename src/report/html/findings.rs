//! The findings, worst first, each with the lines it is about; and what could not be seen.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;

use super::super::places::{SamePlace, by_place};
use super::super::text::{counted, shortfall};
use super::super::view::{FixView, LocationView, Report};
use super::super::{page_title, page_url};
use super::Page;
use super::escape::{message, text};
use crate::document::{Document, Origin};

/// Lines of a region that are shown.
const LINES_SHOWN: usize = 12;

/// Characters of a line that are shown before, in and after a range.
const BEFORE: usize = 80;
const INSIDE: usize = 400;

pub(super) fn write(report: &Report, page: &mut Page) -> io::Result<()> {
    page.line("<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings</h2>")?;
    if report.findings.is_empty() {
        page.line("<p>None.</p>")?;
    }
    for place in by_place(&report.findings) {
        write_finding(&place, report, page)?;
    }
    page.line("</section>")
}

fn write_finding(place: &SamePlace, report: &Report, page: &mut Page) -> io::Result<()> {
    let finding = place.first;
    let severity = finding.severity.name();
    let accounts: BTreeSet<&str> = place.accounts().collect();
    let accounts: Vec<String> = accounts.into_iter().map(text).collect();
    page.line(&format!(
        "<article class=\"finding\" data-severity=\"{severity}\" data-accounts=\"{}\">",
        accounts.join(" ")
    ))?;
    page.line(&format!(
        "<h3><span class=\"severity {severity}\">{severity}</span> {}</h3>",
        text(page_title(finding.rule))
    ))?;
    let rule = match page_url(finding.rule) {
        Some(url) => format!("<a href=\"{}\">{}</a>", text(&url), text(finding.rule)),
        None => text(finding.rule),
    };
    page.line(&format!(
        "<p class=\"place\">{rule} at <code>{}</code></p>",
        text(&where_(&finding.location, report))
    ))?;
    page.line(&format!("<p>{}</p>", message(&place.message())))?;
    write_excerpt(&finding.location, report, page)?;
    if !finding.requests.is_empty() {
        let requests: Vec<String> = finding.requests.iter().map(|it| text(it)).collect();
        page.line(&format!(
            "<p>Refuses: <code>{}</code></p>",
            requests.join("</code>, <code>")
        ))?;
    }
    if !finding.related.is_empty() {
        page.line("<ul>")?;
        for related in &finding.related {
            page.line(&format!(
                "<li>See also <code>{}</code>: {}</li>",
                text(&where_(&related.location, report)),
                message(&related.message)
            ))?;
        }
        page.line("</ul>")?;
    }
    if let Some(fix) = &finding.fix {
        write_fix(fix, page)?;
    }
    page.line("</article>")
}

fn where_(location: &LocationView, report: &Report) -> String {
    let document = report.documents.get(location.path.as_str());
    if document.is_some_and(|document| document.origin == Origin::CommandLine) {
        return location.path.clone();
    }
    let region = location.region;
    format!("{}:{}:{}", location.path, region.line, region.column)
}

/// The lines of the range, which is marked; a long line is cut around it.
fn write_excerpt(location: &LocationView, report: &Report, page: &mut Page) -> io::Result<()> {
    let document = report.documents.get(location.path.as_str());
    let Some(document) = document.filter(|it| it.origin != Origin::CommandLine) else {
        return Ok(());
    };
    let region = location.region;
    let last = region.end_line.min(region.line + LINES_SHOWN - 1);
    let numbers = region.line..=last;
    let blanks = |number| {
        let line = document.line(number).unwrap_or_default();
        line.chars().take_while(|it| it.is_whitespace()).count()
    };
    let indent = numbers.clone().map(blanks).min().unwrap_or(0);
    let width = last.to_string().len();
    let mut lines = String::new();
    for number in numbers {
        let Some(shown) = shown_line(document, location, number, indent) else {
            return Ok(());
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            lines,
            "<span class=\"number\">{number:>width$}</span> {shown}"
        );
    }
    if last < region.end_line {
        lines.push_str("…\n");
    }
    page.line(&format!("<pre tabindex=\"0\">{lines}</pre>"))
}

/// A line without its first `indent` blanks, the part in the range marked.
fn shown_line(
    document: &Document,
    location: &LocationView,
    number: usize,
    indent: usize,
) -> Option<String> {
    let region = location.region;
    let line = document.line(number)?;
    let blanks = line.chars().take_while(|it| it.is_whitespace()).count();
    let start = if number == region.line {
        region.column.saturating_sub(1)
    } else {
        blanks
    };
    let end = if number == region.end_line {
        region.end_column.saturating_sub(1)
    } else {
        usize::MAX
    };
    let part = |from: usize, to: usize| -> String {
        let characters = line.chars().skip(from).take(to.saturating_sub(from));
        characters.collect()
    };
    let from = start.saturating_sub(BEFORE).max(indent).min(start);
    let inside = part(start, end.min(start + INSIDE));
    let to = start + inside.chars().count();
    let cut = |is_cut: bool| if is_cut { "…" } else { "" };
    Some(format!(
        "{}{}<mark>{}</mark>{}{}",
        cut(from > indent),
        text(&part(from, start)),
        text(&inside),
        text(&part(to, to + BEFORE)),
        cut(line.chars().nth(to + BEFORE).is_some()),
    ))
}

fn write_fix(fix: &FixView, page: &mut Page) -> io::Result<()> {
    let verified = if fix.verified {
        "Verified: the changed policy was evaluated."
    } else {
        "Not verified."
    };
    page.line(&format!(
        "<details><summary>Fix: {}</summary>\n<p>{verified}</p>",
        message(&fix.description)
    ))?;
    if !fix.diff.is_empty() {
        let lines: Vec<String> = fix.diff.lines().map(diff_line).collect();
        page.line(&format!("<pre tabindex=\"0\">{}</pre>", lines.join("\n")))?;
    }
    page.line("</details>")
}

fn diff_line(line: &str) -> String {
    match line.chars().next() {
        Some('+') => format!("<ins>{}</ins>", text(line)),
        Some('-') => format!("<del>{}</del>", text(line)),
        _ => format!("<span>{}</span>", text(line)),
    }
}

/// What is accepted, folded: each with its reason.
pub(super) fn write_accepted(report: &Report, page: &mut Page) -> io::Result<()> {
    if report.accepted.is_empty() {
        return Ok(());
    }
    let findings = counted(report.accepted.len(), "finding");
    page.line(&format!(
        "<section aria-labelledby=\"accepted\">\n<h2 id=\"accepted\">Accepted</h2>\n\
         <details><summary>{findings}</summary>\n<ul>"
    ))?;
    for accepted in &report.accepted {
        let (finding, by) = (&accepted.finding, &accepted.suppression);
        let until = by.expires.as_ref();
        let until = until.map_or_else(String::new, |last| format!(", until {}", text(last)));
        page.line(&format!(
            "<li>{} <strong>{}</strong> at <code>{}</code>: {} (<code>{}</code>{until})</li>",
            finding.severity.name(),
            text(finding.rule),
            text(&where_(&finding.location, report)),
            text(&by.justification),
            text(&by.path),
        ))?;
    }
    page.line("</ul>\n</details>\n</section>")
}

pub(super) fn write_unseen(report: &Report, page: &mut Page) -> io::Result<()> {
    if !report.assumptions.is_empty() {
        page.line("<section aria-labelledby=\"assumed\">\n<h2 id=\"assumed\">Assumed</h2>\n<ul>")?;
        for assumption in &report.assumptions {
            page.line(&format!("<li>{}</li>", message(assumption)))?;
        }
        page.line("</ul>\n</section>")?;
    }
    if report.not_evaluated.is_empty() {
        return Ok(());
    }
    page.line("<section aria-labelledby=\"unseen\">\n<h2 id=\"unseen\">Not seen</h2>\n<ul>")?;
    let (decisive, assumed): (Vec<_>, Vec<_>) =
        report.not_evaluated.iter().partition(|it| it.decisive);
    for unseen in decisive {
        let (clause, reason) = shortfall(unseen.reason);
        let more = unseen
            .more()
            .fold(String::new(), |sum, more| sum + " " + &message(&more));
        page.line(&format!(
            "<li><code>{}</code> {} ({}): <strong>a verdict depends on it</strong>.{more}</li>",
            text(&unseen.document),
            text(clause),
            text(&reason)
        ))?;
    }
    if !assumed.is_empty() {
        let documents = counted(assumed.len(), "document");
        page.line(&format!(
            "<li><details><summary>{documents} that no verdict depends on</summary>\n<ul>"
        ))?;
        for unseen in assumed {
            let (clause, reason) = shortfall(unseen.reason);
            page.line(&format!(
                "<li><code>{}</code> {} ({}): {}</li>",
                text(&unseen.document),
                text(clause),
                text(&reason),
                text(unseen.consequence())
            ))?;
        }
        page.line("</ul></details></li>")?;
    }
    page.line("</ul>\n</section>")
}
