//! What a team has accepted: counted, listed where more detail was asked for, and the entries that
//! accept nothing.

use std::io;

use super::super::text::counted;
use super::super::view::{AcceptedView, Report};
use super::screen::Screen;

/// Writes the entries that accept nothing and, if everything is to be shown, what is accepted.
pub(super) fn write(report: &Report, screen: &mut Screen) -> io::Result<()> {
    if screen.style.show_ok_requests && !report.accepted.is_empty() {
        screen.begin_section();
        for accepted in &report.accepted {
            screen.hanging(2, &line(accepted))?;
        }
    }
    if screen.style.quiet || (report.idle_suppressions.is_empty() && report.baseline_gone == 0) {
        return Ok(());
    }
    screen.begin_section();
    for idle in &report.idle_suppressions {
        let text = format!(
            "{}:{}:{}: {}",
            idle.path, idle.line, idle.column, idle.message
        );
        screen.hanging(2, &text)?;
    }
    if report.baseline_gone > 0 {
        let gone = counted(report.baseline_gone, "finding");
        let text =
            format!("no longer there: {gone} of the baseline; write it anew with --write-baseline");
        screen.hanging(2, &text)?;
    }
    Ok(())
}

fn line(accepted: &AcceptedView) -> String {
    let finding = &accepted.finding;
    let location = &finding.location;
    let by = &accepted.suppression;
    let until = by
        .expires
        .as_ref()
        .map_or_else(String::new, |last| format!(", until {last}"));
    format!(
        "accepted: {} {} at {}:{}:{}{}: {} ({}{until})",
        finding.severity.name(),
        finding.rule,
        location.path,
        location.region.line,
        location.region.column,
        finding
            .trail
            .as_ref()
            .map_or_else(String::new, |arn| format!(", {arn}")),
        by.justification,
        by.line
            .map_or_else(|| by.path.clone(), |line| format!("{}:{line}", by.path)),
    )
}
