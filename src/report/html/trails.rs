//! The matrix: a row per trail, worst first, and a column per group of requests.

use std::io;

use super::super::matrix::{Cell, Group, cells, worst_first};
use super::super::view::{Report, TrailView};
use super::Page;
use super::escape::text;
use crate::model::arn::Arn;

pub(super) fn write(report: &Report, page: &mut Page) -> io::Result<()> {
    if report.trails.is_empty() {
        return Ok(());
    }
    let trails = worst_first(report.trails.iter());
    page.line("<h2 id=\"trails\">Trails</h2>")?;
    // Who cannot use a mouse scrolls it with the keyboard, and has to be told what it is.
    page.line("<section class=\"scroll tall\" tabindex=\"0\" aria-labelledby=\"trails\">")?;
    page.line("<table>\n<thead><tr><th scope=\"col\">verdict</th><th scope=\"col\">account</th><th scope=\"col\">trail</th>")?;
    for group in Group::ALL {
        page.line(&format!("<th scope=\"col\">{}</th>", group.title()))?;
    }
    page.line("<th scope=\"col\">bucket</th></tr></thead>\n<tbody>")?;
    for trail in trails {
        write_row(trail, page)?;
    }
    page.line("</tbody>\n</table>\n</section>")
}

fn write_row(trail: &TrailView, page: &mut Page) -> io::Result<()> {
    let name = Arn::parse(&trail.arn).and_then(|arn| arn.trail_name());
    let (name, region) = match name {
        Some("*") => ("not all of its trails could be seen", ""),
        Some(name) => (name, trail.home_region.as_str()),
        None => (trail.arn.as_str(), trail.home_region.as_str()),
    };
    page.line(&format!(
        "<tr data-accounts=\"{account}\"><td class=\"{}\">{} {}</td><td>{account}</td>\
         <th scope=\"row\" title=\"{}\">{} <small>{}</small></th>",
        tone(trail.verdict),
        sign(trail.verdict),
        trail.verdict,
        text(&trail.arn),
        text(name),
        text(region),
        account = text(&trail.account),
    ))?;
    for cell in cells(trail) {
        let (tone, sign) = of_cell(cell);
        page.line(&format!("<td class=\"{tone}\">{sign} {}</td>", cell.word()))?;
    }
    let bucket = match (&trail.bucket, &trail.key_prefix) {
        (Some(bucket), Some(prefix)) => text(&format!("{bucket}/{prefix}")),
        (Some(bucket), None) => text(bucket),
        (None, _) => "not known".to_owned(),
    };
    page.line(&format!("<td>{bucket}</td></tr>"))
}

/// The class that colours a verdict; its word and sign say the same.
pub(super) fn tone(verdict: &str) -> &'static str {
    match verdict {
        "delivers" => "good",
        "blocked" | "partial" => "bad",
        _ => "unsure",
    }
}

pub(super) fn sign(verdict: &str) -> &'static str {
    match verdict {
        "delivers" => "✓",
        "blocked" | "partial" => "✗",
        "setup-refused" => "!",
        _ => "?",
    }
}

/// Class and sign of an answer.
pub(super) fn of_cell(cell: Cell) -> (&'static str, &'static str) {
    match cell {
        Cell::None => ("none", ""),
        Cell::Allowed => ("good", "✓"),
        Cell::Undecided => ("unsure", "?"),
        Cell::Partly => ("bad", "◐"),
        Cell::Refused | Cell::Stopped => ("bad", "✗"),
    }
}
