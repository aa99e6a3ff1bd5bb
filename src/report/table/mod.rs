//! The report for a person whose logs have stopped: the trails, then what refuses them and where,
//! then what could not be seen, and one closing line. Never wider than asked, but for names that
//! are longer than a line: those stay whole, so that they can be searched for and copied.

mod accepted;
pub(super) mod excerpt;
mod findings;
pub(super) mod fix;
mod matrix;
pub(super) mod screen;
mod trails;

use std::collections::BTreeMap;
use std::io;

use self::screen::Screen;
use super::summary;
use super::text::{counted, shortfall};
use super::view::{NotEvaluated, Report};

/// How the table is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that a user sets on its own"
)]
pub struct Style {
    /// The columns to use.
    pub width: usize,
    /// Whether to colour. No meaning is carried by colour alone.
    pub color: bool,
    /// Whether the terminal shows Unicode; if not, the output is ASCII.
    pub unicode: bool,
    /// Whether the terminal opens links (OSC 8).
    pub links: bool,
    /// Whether to list the requests that are allowed too, and every trail.
    pub show_ok_requests: bool,
    /// Whether to leave out what needs no action: trails that deliver, defaults that were assumed,
    /// and the line that says all is well.
    pub quiet: bool,
}

/// Widths below this get plain lines: columns and excerpts would be too narrow to read.
const NARROW: usize = 60;

/// How many documents whose defaults were assumed are listed before they are only counted.
const ASSUMED_SHOWN: usize = 5;

/// How many answers that are alike are told in full.
const ALIKE_SHOWN: usize = 3;

/// How many of the others are named.
const OTHERS_NAMED: usize = 10;

/// How many of the rules that a document affects are named.
const AFFECTED_SHOWN: usize = 5;

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut screen = Screen::new(style, out);
    trails::write(report, &mut screen)?;
    findings::write(report, &mut screen)?;
    accepted::write(report, &mut screen)?;
    write_unseen(report, &mut screen)?;
    if let Some(effect) = &report.effect {
        screen.begin_section();
        screen.block(0, &effect.sentence())?;
    }
    write_summary(report, &mut screen)
}

/// What could not be seen, the documents that a verdict depends on first.
fn write_unseen(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let (decisive, assumed): (Vec<_>, Vec<_>) = report
        .not_evaluated
        .iter()
        .partition(|unseen| unseen.decisive);
    let listed = if screen.style.show_ok_requests || assumed.len() <= ASSUMED_SHOWN {
        assumed.len()
    } else {
        0
    };
    screen.begin_section();
    write_decisive(&decisive, screen)?;
    if screen.style.quiet {
        return Ok(());
    }
    for assumption in &report.assumptions {
        screen.hanging(2, &format!("assumed: {assumption}"))?;
    }
    for unseen in assumed.iter().take(listed) {
        let text = format!("{}; {}", not_seen(unseen), unseen.consequence());
        screen.hanging(2, &text)?;
    }
    let folded = assumed.len() - listed;
    if folded > 0 {
        let documents = counted(folded, "document");
        screen.hanging(
            2,
            &format!("could not be seen: {documents} that no verdict depends on (-v lists all)"),
        )?;
    }
    Ok(())
}

/// What verdicts depend on: AWS's own words, and what to try. Of many that are alike, one account after
/// the other, the first few are told and the others are named.
fn write_decisive(decisive: &[&NotEvaluated], screen: &mut Screen) -> io::Result<()> {
    let mut alike: BTreeMap<(bool, &str, &str), Vec<&NotEvaluated>> = BTreeMap::new();
    for unseen in decisive {
        let name = unseen.document.rsplit('/').next().unwrap_or_default();
        // What is wrong with the caller is wrong everywhere.
        let is_later = name != "get-caller-identity.json";
        let group = alike.entry((is_later, name, unseen.reason));
        group.or_default().push(unseen);
    }
    for group in alike.values() {
        let told = if screen.style.show_ok_requests || group.len() <= ALIKE_SHOWN + 1 {
            group.len()
        } else {
            ALIKE_SHOWN
        };
        let (told, others) = group.split_at(told);
        for unseen in told {
            screen.hanging(
                2,
                &format!("{}; {}", not_seen(unseen), unseen.consequence()),
            )?;
            if let Some(said) = &unseen.said {
                screen.block(2, &format!("{}: {said}", unseen.who_said()))?;
            }
            if let Some(help) = &unseen.help {
                screen.block(2, &format!("help: {help}"))?;
            }
            if !unseen.affects.is_empty() {
                screen.block(2, &affects(unseen))?;
            }
        }
        if let Some(first) = others.first() {
            let (clause, reason) = shortfall(first.reason);
            let named = others.iter().take(OTHERS_NAMED);
            let named: Vec<&str> = named.map(|it| it.document.as_str()).collect();
            let more = match others.len() - named.len() {
                0 => String::new(),
                more => format!(" and {} (-v lists all)", counted(more, "more document")),
            };
            let text = format!("{clause} either ({reason}): {}{more}", named.join(", "));
            screen.hanging(2, &text)?;
        }
    }
    Ok(())
}

/// The rules that it affects; a bucket policy affects too many to name.
fn affects(unseen: &NotEvaluated) -> String {
    let named: Vec<&str> = unseen
        .affects
        .iter()
        .take(AFFECTED_SHOWN)
        .copied()
        .collect();
    let named = named.join(", ");
    match unseen.affects.len().saturating_sub(AFFECTED_SHOWN) {
        0 => format!("affects: {named}"),
        more => format!("affects: {named} and {}", counted(more, "more rule")),
    }
}

fn not_seen(unseen: &NotEvaluated) -> String {
    let (clause, reason) = shortfall(unseen.reason);
    format!("{clause}: {} ({reason})", unseen.document)
}

/// The closing line. It reassures only where every trail delivers and nothing was found.
fn write_summary(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let delivering = report
        .trails
        .iter()
        .filter(|trail| trail.verdict == "delivers")
        .count();
    let all_well = summary::all_well(report);
    if all_well && screen.style.quiet {
        return Ok(());
    }
    screen.begin_section();
    let text = if all_well {
        format!(
            "Nothing is wrong: {} {}. {}.",
            counted(delivering, "trail"),
            if delivering == 1 {
                "delivers"
            } else {
                "deliver"
            },
            requests_checked(report)
        )
    } else {
        summary::line(report)
    };
    let text = match summary::accepted(report) {
        Some(counts) => format!("{text} {counts}"),
        None => text,
    };
    screen.block(0, &text)
}

fn requests_checked(report: &Report) -> String {
    let requests = || report.trails.iter().flat_map(|trail| &trail.requests);
    let all = requests().count();
    let allowed = requests()
        .filter(|request| request.decision == "allowed")
        .count();
    if allowed == all {
        format!(
            "{} checked against the bucket, key and topic policies, all allowed",
            counted(all, "request")
        )
    } else {
        format!(
            "{} checked against the bucket, key and topic policies, {allowed} allowed",
            counted(all, "request")
        )
    }
}

#[cfg(test)]
mod tests;
