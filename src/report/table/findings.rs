//! The findings as blocks, worst first. Findings that differ only by trail are printed once.

use std::collections::BTreeMap;
use std::io;

use anstyle::Style as Paint;

use super::super::page_url;
use super::super::text;
use super::super::view::{FindingView, LocationView, Report};
use super::screen::{Screen, severity_paint};
use super::{excerpt, fix};
use crate::document::{Document, Origin, Region};
use crate::model::arn::Arn;

/// How many trails of a fold are named.
const NAMED: usize = 5;

/// The columns that a severity and the room behind it take: the block's indentation.
const INDENT: usize = 10;

/// The indentation where there is little room.
const NARROW_INDENT: usize = 2;

/// A Sid longer than this is cut: it is shown only to be recognised, and the line is named too.
const SID_SHOWN: usize = 64;

pub(super) fn write(report: &Report, screen: &mut Screen) -> io::Result<()> {
    for fold in folds(&report.findings) {
        screen.begin_section();
        write_block(&fold, report, screen)?;
    }
    Ok(())
}

/// A finding, and those that say the same of other trails.
struct Fold<'a> {
    first: &'a FindingView,
    others: Vec<&'a FindingView>,
}

impl Fold<'_> {
    /// Whether a finding is about a trail that none of the fold is about.
    fn lacks_trail_of(&self, finding: &FindingView) -> bool {
        let mut known = std::iter::once(&self.first).chain(&self.others);
        finding.trail.is_some() && known.all(|known| known.trail != finding.trail)
    }
}

/// Everything of a finding but its trail; the message with the trail's names taken out, and of a document
/// that is the trail's own its place as well.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Sameness<'a> {
    rule: &'a str,
    severity: &'a str,
    path: String,
    pointer: &'a str,
    region: Option<Region>,
    requests: &'a [&'static str],
    message: String,
}

fn folds(findings: &[FindingView]) -> Vec<Fold<'_>> {
    let mut folds: Vec<Fold> = Vec::new();
    let mut known: BTreeMap<Sameness, usize> = BTreeMap::new();
    for finding in findings {
        let key = sameness(finding);
        let same = known.get(&key).and_then(|&at| folds.get_mut(at));
        match same {
            Some(fold) if fold.lacks_trail_of(finding) => {
                fold.others.push(finding);
            }
            _ => {
                known.insert(key, folds.len());
                folds.push(Fold {
                    first: finding,
                    others: Vec::new(),
                });
            }
        }
    }
    folds
}

fn sameness(finding: &FindingView) -> Sameness<'_> {
    let mut message = finding.message.clone();
    for name in [&finding.trail, &finding.account].into_iter().flatten() {
        if !name.is_empty() {
            message = message.replace(name.as_str(), "\0");
        }
    }
    let path = &finding.location.path;
    let mut own = None;
    // In backticks only, or as a folder: a trail may be called `a`.
    let arn = finding.trail.as_deref().and_then(Arn::parse);
    if let Some((arn, name)) = arn.and_then(|arn| Some((arn, arn.trail_name()?))) {
        message = message.replace(&format!("`{name}`"), "`\0`");
        let folder = format!("/{}/cloudtrail/{}/{name}/", arn.account, arn.region);
        own = path
            .contains(&folder)
            .then(|| path.replace(&folder, "/\0/"));
    }
    Sameness {
        rule: finding.rule,
        severity: finding.severity.name(),
        region: own.is_none().then_some(finding.location.region),
        path: own.unwrap_or_else(|| path.clone()),
        pointer: &finding.location.pointer,
        requests: &finding.requests,
        message,
    }
}

fn write_block(fold: &Fold, report: &Report, screen: &mut Screen) -> io::Result<()> {
    let finding = fold.first;
    let indent = if screen.is_narrow() {
        NARROW_INDENT
    } else {
        INDENT
    };
    let document = report
        .documents
        .get(finding.location.path.as_str())
        .copied();
    write_head(finding, indent, screen)?;
    let place = place(&finding.location, document);
    let statement = statement(finding, screen);
    let target = match document.map(|document| document.origin) {
        Some(Origin::File | Origin::Code) => screen.file_url(&finding.location.path),
        _ => None,
    };
    screen.linked_pair(indent, &place, target.as_deref(), &statement)?;
    screen.block(indent, &finding.message)?;
    write_excerpt(finding, document, indent, screen)?;
    if !finding.requests.is_empty() {
        let refuses = format!("refuses: {}", finding.requests.join(", "));
        screen.block(indent, &refuses)?;
    }
    for related in &finding.related {
        let document = report
            .documents
            .get(related.location.path.as_str())
            .copied();
        let place = self::place(&related.location, document);
        write_related(&place, &related.message, indent, screen)?;
    }
    fix::write(finding, indent, screen)?;
    write_others(&fold.others, indent, screen)
}

fn write_related(place: &str, message: &str, indent: usize, screen: &mut Screen) -> io::Result<()> {
    let line = format!("see also: {place}  {message}");
    if indent + text::width(&screen.safe(&line)) <= screen.style.width {
        return screen.pair(indent, &format!("see also: {place}"), message);
    }
    screen.block(indent, &format!("see also: {message}"))?;
    screen.block(indent, place)
}

/// Severity, rule, and whom it is about.
fn write_head(finding: &FindingView, indent: usize, screen: &mut Screen) -> io::Result<()> {
    let severity = finding.severity.name();
    let painted = screen.painted(severity_paint(finding.severity), severity);
    let rule = screen.painted(Paint::new().bold(), finding.rule);
    let page = screen.style.links.then(|| page_url(finding.rule)).flatten();
    let rule = screen.linked(page.as_deref(), &rule);
    let gap = INDENT.saturating_sub(severity.len());
    let about = about(finding, screen);
    let used = INDENT + finding.rule.len();
    let head = format!("{painted}{:gap$}{rule}", "");
    if used + 2 + text::width(&about) <= screen.style.width {
        return screen.line(&format!("{head}  {about}"));
    }
    screen.line(&head)?;
    screen.block(indent, &about)
}

/// The account and the trail's name. A trail of another account than the finding's is named in full.
fn about(finding: &FindingView, screen: &Screen) -> String {
    let trail = finding.trail.as_deref().map(text::account_and_name);
    let text = match (&finding.account, trail) {
        (Some(account), Some(trail)) => match trail.strip_prefix(&format!("{account} ")) {
            Some(name) => format!("account {account}, trail {name}"),
            None => format!("account {account}, trail {trail}"),
        },
        (None, Some(trail)) => format!("trail {trail}"),
        (Some(account), None) => format!("account {account}"),
        (None, None) => String::new(),
    };
    screen.safe(&text).into_owned()
}

/// Path, line and column. What a flag said has no lines that a user could open.
fn place(location: &LocationView, document: Option<&Document>) -> String {
    let LocationView { path, region, .. } = location;
    if document.is_some_and(|document| document.origin == Origin::CommandLine) {
        return path.clone();
    }
    format!("{path}:{}:{}", region.line, region.column)
}

/// The statement by its Sid, else by its pointer; of other places the pointer.
fn statement(finding: &FindingView, screen: &Screen) -> String {
    match &finding.statement {
        None => bracketed(&finding.location.pointer, "", screen),
        Some(statement) => match &statement.sid {
            Some(sid) => bracketed(sid, "statement ", screen),
            None => bracketed(&format!("/Statement/{}", statement.index), "", screen),
        },
    }
}

fn bracketed(name: &str, label: &str, screen: &Screen) -> String {
    if name.is_empty() {
        return String::new();
    }
    format!("({label}{})", screen.name(name, SID_SHOWN))
}

fn write_excerpt(
    finding: &FindingView,
    document: Option<&Document>,
    indent: usize,
    screen: &mut Screen,
) -> io::Result<()> {
    let Some(document) = document.filter(|document| document.origin != Origin::CommandLine) else {
        return Ok(());
    };
    let Some(region) = finding.location.telling.filter(|_| !screen.is_narrow()) else {
        return Ok(());
    };
    let paint = severity_paint(finding.severity);
    excerpt::write(document, region, indent, paint, screen)
}

fn write_others(others: &[&FindingView], indent: usize, screen: &mut Screen) -> io::Result<()> {
    if others.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = others
        .iter()
        .take(NAMED)
        .filter_map(|finding| finding.trail.as_deref().map(text::account_and_name))
        .collect();
    let rest = if others.len() > NAMED { ", …" } else { "" };
    let trails = if others.len() == 1 { "trail" } else { "trails" };
    let text = format!(
        "the same for {} more {trails}: {}{rest}",
        others.len(),
        names.join(", ")
    );
    screen.block(indent, &text)
}
