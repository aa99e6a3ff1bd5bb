//! Annotations for a job of GitHub Actions, as workflow commands: they need neither code scanning nor
//! a licence. GitHub shows ten of each kind for a step, so the worst come first and the total last.
//!
//! Source: actions/toolkit, `packages/core/src/command.ts` (read 2026-11).

use std::fmt::Write as _;
use std::io;

use super::paths;
use super::places::{SamePlace, by_place};
use super::text::{no_command, plain, shortened, shortfall};
use super::view::{LocationView, NotEvaluated, Report};
use super::{page_title, summary};
use crate::compare::Effect;
use crate::document::Origin;
use crate::rules::Severity;

/// A message longer than this is cut: an annotation is limited to 64 KiB, and nobody reads as much.
const LONGEST: usize = 4_000;

/// Writes what merging the change does, a command per finding, and a last line with the total.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    if let Some(effect) = &report.effect {
        writeln!(out, "{}", of_change(effect))?;
    }
    for place in by_place(&report.findings) {
        writeln!(out, "{}", annotation(&place, report))?;
    }
    for unseen in report.not_evaluated.iter().filter(|it| it.decisive) {
        writeln!(out, "{}", not_seen(unseen))?;
    }
    // One for all, since GitHub shows ten.
    if !report.assumptions.is_empty() {
        let text = format!("Assumed: {}.", report.assumptions.join("; "));
        writeln!(out, "::notice title=trail-lint::{}", data(&text))?;
    }
    let last = format!("trail-lint: {}", summary::whole(report));
    writeln!(out, "{}", no_command(&last))
}

/// What merging the change does; no line of a file stands for it.
fn of_change(effect: &Effect) -> String {
    let sentence = effect.sentence();
    if effect.is_worse() {
        format!("::error title=trail-lint::{}", data(&sentence))
    } else if !effect.is_open() {
        no_command(&format!("trail-lint: {}", plain(&sentence))).into_owned()
    } else {
        format!("::warning title=trail-lint::{}", data(&sentence))
    }
}

fn annotation(place: &SamePlace, report: &Report) -> String {
    let finding = place.first;
    let level = match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "notice",
    };
    let mut command = format!("::{level} ");
    let title = format!(
        "{} ({}): {}",
        finding.rule,
        finding.severity.name(),
        page_title(finding.rule)
    );
    // Writing to a string cannot fail.
    let _ = write!(command, "title={}", property(&title));
    command.push_str(&position(&finding.location, report));
    let mut message = place.message();
    if let Some(fix) = &finding.fix {
        let _ = write!(message, " Fix: {}", fix.description);
    }
    let _ = write!(command, "::{}", data(&message));
    command
}

/// File and range. A flag has no lines.
fn position(location: &LocationView, report: &Report) -> String {
    let document = report.documents.get(location.path.as_str());
    if document.is_some_and(|document| document.origin == Origin::CommandLine) {
        return String::new();
    }
    let region = location.on_one_line(document.copied());
    let file = property(&paths::relative(&location.path));
    format!(
        ",file={file},line={},endLine={},col={},endColumn={}",
        region.line, region.end_line, region.column, region.end_column
    )
}

fn not_seen(unseen: &NotEvaluated) -> String {
    let (clause, reason) = shortfall(unseen.reason);
    let message = format!(
        "`{}` {clause} ({reason}); a verdict depends on it.",
        unseen.document
    );
    let message = std::iter::once(message)
        .chain(unseen.more())
        .collect::<Vec<_>>();
    format!("::warning title=trail-lint::{}", data(&message.join(" ")))
}

/// The message of a command: hidden characters become visible, line ends among them, and no older
/// form of a command stands in it.
fn data(text: &str) -> String {
    let text = plain(&shortened(text, LONGEST)).into_owned();
    no_command(&text).replace('%', "%25")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::super::text::is_hidden;
    use super::*;

    fn written(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_finding_is_an_annotation_and_the_total_comes_last() {
        let document = sample::bucket_policy();
        insta::assert_snapshot!(written(&sample::report(&document)), @r#"
        ::error title=source-arn-wrong-region (critical)%3A The condition names the trail in a Region that is not its home,file=snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json,line=20,endLine=20,col=28,endColumn=83::Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is us-east-1. Write the trail's own ARN. The same holds for 1 more trail: `arn:aws:cloudtrail:us-east-1:333333333333:trail/audit`.
        ::notice title=resource-too-broad (low)%3A CloudTrail may write to folders of accounts that do not belong here,file=snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json,line=12,endLine=12,col=14,endColumn=34::The statement grants more than the trail needs
        ::warning title=trail-lint::`get-key-policy of arn:aws:kms:us-east-1:111111111111:key/k` could not be seen (access denied); a verdict depends on it. AWS said: AccessDeniedException: not authorized. To try: allow `kms:GetKeyPolicy` for `arn:aws:iam::111111111111:role/audit`.
        trail-lint: 3 trails: 2 blocked, 1 delivers. Not everything could be seen. 2 critical, 1 low findings.
        "#);
    }

    #[test]
    fn every_line_of_hostile_findings_is_one_command_of_ours() {
        let document = sample::bucket_policy();
        let text = written(&sample::hostile(&document));
        let (last, commands) = text
            .trim_end()
            .lines()
            .collect::<Vec<_>>()
            .split_last()
            .map(|(a, b)| (*a, b.to_vec()))
            .unwrap();
        assert!(last.starts_with("trail-lint: "), "{last}");
        assert_eq!(commands.len(), 5);
        for command in commands {
            assert!(
                command.starts_with("::error title=")
                    || command.starts_with("::notice title=")
                    || command.starts_with("::warning title="),
                "{command}"
            );
            assert!(!command.chars().any(is_hidden));
            let (properties, _) = command[2..].split_once("::").unwrap();
            assert!(
                !properties.contains(['\u{1b}', '\n']) && !properties.contains("::"),
                "{properties}"
            );
        }
    }

    #[test]
    fn what_merging_does_is_the_first_annotation_if_it_does_harm() {
        let document = sample::bucket_policy();
        let mut report = sample::report(&document);
        let first = |report: &Report| written(report).lines().next().map(str::to_owned);
        report.effect = Some(sample::stops("222222222222"));
        assert_eq!(
            first(&report).as_deref(),
            Some(
                "::error title=trail-lint::Merging this change will stop the logs of 1 account: 222222222222."
            )
        );
        let mut open = sample::stops("222222222222");
        std::mem::swap(&mut open.stops, &mut open.open);
        report.effect = Some(open);
        assert_eq!(
            first(&report).as_deref(),
            Some(
                "::warning title=trail-lint::It cannot be said what merging this change does to 1 account: 222222222222."
            )
        );
        report.effect = Some(Effect {
            trails: 3,
            ..Effect::default()
        });
        assert_eq!(
            first(&report).as_deref(),
            Some("trail-lint: Merging this change stops no logs of the 3 trails that there are.")
        );
    }

    #[test]
    fn a_percent_sign_stands_for_itself() {
        assert_eq!(data("50%0A"), "50%250A");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
