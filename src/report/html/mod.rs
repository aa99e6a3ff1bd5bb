//! One HTML file to hand to somebody: the matrix of trails, a picture of who writes where, and the
//! findings. It loads nothing, and everything can be read without JavaScript; with it, findings and
//! trails can be filtered.

mod escape;
mod findings;
mod picture;
mod trails;

use std::collections::BTreeSet;
use std::io;

use self::escape::text;
use super::view::Report;
use super::{Run, summary};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The script's hash: the page's policy runs this script and no other, so that no text of a document
/// can ever become one.
const SCRIPT_HASH: &str = "sha256-doqqNrFC2qIN6088O1DTPg88LzqYTDIVSownuTBO7Wc=";

/// A page under construction. Its writers hand in markup; text goes through [`text`].
struct Page<'o> {
    out: &'o mut dyn io::Write,
}

impl Page<'_> {
    fn line(&mut self, markup: &str) -> io::Result<()> {
        self.out.write_all(markup.as_bytes())?;
        self.out.write_all(b"\n")
    }
}

/// Writes the page.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { out };
    write_head(report, run, &mut page)?;
    write_filter(report, &mut page)?;
    page.line("<main id=\"content\">")?;
    trails::write(report, &mut page)?;
    picture::write(report, &mut page)?;
    findings::write(report, &mut page)?;
    findings::write_accepted(report, &mut page)?;
    findings::write_unseen(report, &mut page)?;
    page.line("</main>")?;
    let version = env!("CARGO_PKG_VERSION");
    page.line(&format!(
        "<footer><p>trail-lint {version}, as of <time>{}</time>. It only reads; the policies were evaluated, not tried out.</p></footer>",
        text(&run.as_of.to_string())
    ))?;
    page.line(&format!("<script>{SCRIPT}</script>\n</body>\n</html>"))
}

fn write_head(report: &Report, run: &Run, page: &mut Page) -> io::Result<()> {
    let policy = format!(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'"
    );
    page.line("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    page.line(&format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"
    ))?;
    page.line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    page.line("<meta name=\"color-scheme\" content=\"light dark\">")?;
    page.line("<meta name=\"referrer\" content=\"no-referrer\">")?;
    page.line("<link rel=\"icon\" href=\"data:,\">")?;
    page.line(&format!(
        "<title>{}</title>",
        text(&summary::heading(report))
    ))?;
    page.line(&format!("<style>{STYLE}</style>\n</head>\n<body>"))?;
    page.line("<a class=\"skip\" href=\"#content\">Skip to the report</a>")?;
    page.line(&format!(
        "<header>\n<h1>{}</h1>",
        text(&summary::heading(report))
    ))?;
    if let Some(effect) = summary::effect(report) {
        page.line(&format!(
            "<p class=\"effect\"><strong>{}</strong></p>",
            text(&effect)
        ))?;
    }
    page.line(&format!(
        "<p class=\"summary\">{}</p>",
        text(&summary::whole(report))
    ))?;
    if !run.success {
        page.line("<p class=\"warning\"><strong>Not everything could be seen</strong> that a verdict needs; see the end of this page.</p>")?;
    }
    page.line("</header>")
}

/// The filter; the script shows it.
fn write_filter(report: &Report, page: &mut Page) -> io::Result<()> {
    let of_findings = report
        .findings
        .iter()
        .filter_map(|it| it.account.as_deref());
    let of_trails = report.trails.iter().map(|trail| trail.account.as_str());
    let accounts: BTreeSet<&str> = of_findings.chain(of_trails).collect();
    page.line("<section id=\"filter\" hidden aria-label=\"Filter\">")?;
    page.line("<label>Account <select id=\"account\"><option value=\"\">all</option>")?;
    for account in accounts {
        let account = text(account);
        page.line(&format!("<option value=\"{account}\">{account}</option>"))?;
    }
    page.line("</select></label>\n<fieldset><legend>Severity</legend>")?;
    for severity in ["critical", "high", "medium", "low"] {
        page.line(&format!(
            "<label><input type=\"checkbox\" name=\"severity\" value=\"{severity}\" checked> {severity}</label>"
        ))?;
    }
    page.line("</fieldset>\n<output id=\"shown\" for=\"account\"></output>\n</section>")
}

#[cfg(test)]
mod tests;
