//! Markdown for comments on pull requests and for the summary of a job: what is broken first, the
//! rest folded. A hidden mark lets a bot find its own comment and replace it.

mod escape;

use std::fmt::Write as _;
use std::io;

use self::escape::{code, prose};
use super::matrix::{Cell, Group, cells, worst_first};
use super::places::{SamePlace, by_place};
use super::summary::WORST_FIRST;
use super::text::{Part, account_and_name, counted, parts, shortened, shortfall};
use super::view::{FindingView, LocationView, Report};
use super::{Run, page_title, page_url, paths, summary};
use crate::document::Origin;
use crate::model::Arn;

/// A comment on GitHub holds 65,536 characters. Up to here trails and findings are written, and what
/// could not be seen takes as much again as `UNSEEN_MOST`.
const MOST: usize = 56_000;

/// What the trails may take of that: names may be odd, and written in entities.
const TRAILS_MOST: usize = 20_000;

/// What the list of documents that could not be seen may take.
const UNSEEN_MOST: usize = 5_000;

/// The trails that are listed before the rest is counted.
const TRAILS_SHOWN: usize = 50;

/// What could not be seen is listed up to this many documents.
const UNSEEN_SHOWN: usize = 20;

/// A line of a document that is longer is cut around its range by being left out.
const LONGEST_LINE: usize = 200;

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(of(report, run).as_bytes())
}

fn of(report: &Report, run: &Run) -> String {
    let mut text = String::new();
    let category: String = run.category().chars().filter(|&c| is_plain(c)).collect();
    // The mark comes first: comments are found by how they begin.
    line(&mut text, &format!("<!-- trail-lint: {category} -->"));
    // What a pull request does is what its reader came for.
    if let Some(effect) = summary::effect(report) {
        line(&mut text, &format!("**{}**\n", prose(&effect)));
    }
    line(&mut text, &format!("## {}", heading(report)));
    line(&mut text, "");
    line(&mut text, &summary::whole(report));
    write_trails(report, &mut text);
    write_findings(report, &mut text);
    write_unseen(report, &mut text);
    write_assumed(report, &mut text);
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// A category stands inside of a comment: nothing of it may end that.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "/-_.".contains(character)
}

fn heading(report: &Report) -> String {
    let worst = report
        .trails
        .iter()
        .map(|trail| summary::rank(trail.verdict));
    let worst = worst.min().and_then(|rank| WORST_FIRST.get(rank));
    let sign = match worst {
        None => "❔",
        Some(&"delivers") if summary::has_gap(report) => "❔",
        Some(&"delivers") if summary::is_worrying(report) => "⚠️",
        Some(verdict) => sign(verdict),
    };
    format!("{sign} {}", summary::heading(report))
}

fn write_trails(report: &Report, text: &mut String) {
    if report.trails.is_empty() {
        return;
    }
    let trails = worst_first(report.trails.iter());
    let broken = trails.iter().filter(|trail| trail.verdict != "delivers");
    let listed = broken.count().clamp(10, TRAILS_SHOWN);
    let mut table = String::new();
    let titles = Group::ALL.map(Group::title).join(" | ");
    line(&mut table, "");
    line(
        &mut table,
        &format!("| verdict | trail | {titles} | bucket |"),
    );
    line(&mut table, "|---|---|---|---|---|---|---|---|");
    let mut written = 0;
    for trail in trails.iter().take(listed) {
        if table.len() > TRAILS_MOST {
            break;
        }
        written += 1;
        let cells = cells(trail).map(Cell::word).join(" | ");
        let name = account_and_name(&trail.arn);
        let bucket = trail.bucket.as_deref().map_or("not known".to_owned(), code);
        line(
            &mut table,
            &format!(
                "| {} {} | {} | {cells} | {bucket} |",
                sign(trail.verdict),
                trail.verdict,
                code(&name)
            ),
        );
    }
    text.push_str(&table);
    let left = trails.get(written..).unwrap_or_default();
    let accounts = left.iter().filter(|trail| trail.is_of_unseen()).count();
    let more = [
        (left.len() - accounts, "more trail"),
        (accounts, "more account"),
    ];
    let more = more.into_iter().filter(|(count, _)| *count > 0);
    let more: Vec<String> = more.map(|(count, what)| counted(count, what)).collect();
    if !more.is_empty() {
        line(text, "");
        line(text, &format!("… and {}.", more.join(", ")));
    }
}

/// A verdict's sign; the word beside it says as much.
fn sign(verdict: &str) -> &'static str {
    match verdict {
        "delivers" => "✅",
        "blocked" | "partial" => "❌",
        "setup-refused" => "⚠️",
        _ => "❔",
    }
}

/// The findings as long as there is room, and a count of the rest.
fn write_findings(report: &Report, text: &mut String) {
    let places = by_place(&report.findings);
    let mut used = text.chars().count();
    for (number, place) in places.iter().enumerate() {
        let finding = finding(place, report);
        used += finding.chars().count();
        if used > MOST {
            let more = counted(places.len() - number, "more finding");
            line(text, "");
            line(
                text,
                &format!("… and {more}, for which there is no room here."),
            );
            return;
        }
        text.push_str(&finding);
    }
}

/// Whose finding it is, for a list in which several have one title.
fn of_whom(finding: &FindingView) -> String {
    let trail = finding.trail.as_deref().and_then(Arn::parse);
    match trail.and_then(|arn| Some((arn.account.to_owned(), arn.trail_name()?.to_owned()))) {
        Some((account, trail)) => {
            format!(" ({})", prose(&format!("account {account}, trail {trail}")))
        }
        None => String::new(),
    }
}

fn finding(place: &SamePlace, report: &Report) -> String {
    let finding = place.first;
    let mut text = String::new();
    let severity = finding.severity.name();
    let rule = match page_url(finding.rule) {
        Some(url) => format!("[{}]({url})", finding.rule),
        None => code(finding.rule),
    };
    line(&mut text, "");
    line(&mut text, "<details>");
    line(
        &mut text,
        &format!(
            "<summary><b>{severity}</b>: {}{}</summary>",
            prose(page_title(finding.rule)),
            of_whom(finding)
        ),
    );
    line(&mut text, "");
    line(
        &mut text,
        &format!("{rule} at {}", where_(&finding.location, report)),
    );
    line(&mut text, "");
    line(&mut text, &message(&place.message()));
    write_excerpt(&finding.location, report, &mut text);
    write_requests(finding, &mut text);
    for related in &finding.related {
        let place = where_(&related.location, report);
        line(&mut text, "");
        line(
            &mut text,
            &format!("See also {place}: {}", message(&related.message)),
        );
    }
    write_fix(finding, &mut text);
    line(&mut text, "");
    line(&mut text, "</details>");
    text
}

fn message(message: &str) -> String {
    let written = parts(message).into_iter().map(|part| match part {
        Part::Prose(text) => prose(text),
        Part::Code(text) => code(text),
    });
    written.collect()
}

fn where_(location: &LocationView, report: &Report) -> String {
    let document = report.documents.get(location.path.as_str());
    let path = paths::relative(&location.path);
    if document.is_some_and(|document| document.origin == Origin::CommandLine) {
        return code(&location.path);
    }
    let region = location.region;
    code(&format!("{path}:{}:{}", region.line, region.column))
}

/// The line with the value underlined, in a block that nothing in it can close.
fn write_excerpt(location: &LocationView, report: &Report, text: &mut String) {
    let Some(document) = report.documents.get(location.path.as_str()) else {
        return;
    };
    let region = location.region;
    let Some(shown) = document
        .line(region.line)
        .filter(|it| region.line == region.end_line && it.chars().count() <= LONGEST_LINE)
    else {
        return;
    };
    let indent = shown.chars().take_while(|it| it.is_whitespace()).count();
    let start = region.column.saturating_sub(1).max(indent);
    let columns = |from: usize, to: usize| -> usize {
        let characters = shown.chars().skip(from).take(to.saturating_sub(from));
        characters.map(escape::columns).sum()
    };
    let blanks = " ".repeat(columns(indent, start));
    let carets = "^".repeat(columns(start, region.end_column.saturating_sub(1)).max(1));
    let number = region.line.to_string();
    let below = " ".repeat(number.len());
    escape::block(
        "",
        &[
            format!("{number} | {}", escape::visible(shown.trim_start())),
            format!("{below} | {blanks}{carets}"),
        ],
        text,
    );
}

fn write_requests(finding: &FindingView, text: &mut String) {
    if finding.requests.is_empty() {
        return;
    }
    let requests: Vec<String> = finding.requests.iter().map(|id| code(id)).collect();
    line(text, "");
    line(text, &format!("Refuses: {}", requests.join(", ")));
}

fn write_fix(finding: &FindingView, text: &mut String) {
    let Some(fix) = &finding.fix else {
        return;
    };
    let verified = if fix.verified {
        " (verified by evaluation)"
    } else {
        " (not verified)"
    };
    line(text, "");
    line(
        text,
        &format!("**Fix**{verified}: {}", message(&fix.description)),
    );
    if !fix.diff.is_empty() {
        let lines: Vec<String> = fix.diff.lines().map(escape::visible).collect();
        escape::block("diff", &lines, text);
    }
}

fn write_assumed(report: &Report, text: &mut String) {
    if report.assumptions.is_empty() {
        return;
    }
    line(text, "");
    line(text, "**Assumed:**");
    line(text, "");
    for assumption in report.assumptions.iter().take(UNSEEN_SHOWN) {
        line(text, &format!("- {}", message(&shortened(assumption, 500))));
    }
    if let more @ 1.. = report.assumptions.len().saturating_sub(UNSEEN_SHOWN) {
        line(text, &format!("- and {more} more"));
    }
}

fn write_unseen(report: &Report, text: &mut String) {
    let decisive: Vec<_> = report
        .not_evaluated
        .iter()
        .filter(|it| it.decisive)
        .collect();
    if decisive.is_empty() {
        return;
    }
    line(text, "");
    line(text, "**Could not be seen, and a verdict depends on it:**");
    line(text, "");
    let (start, mut written) = (text.len(), 0);
    for unseen in decisive.iter().take(UNSEEN_SHOWN) {
        if text.len() - start > UNSEEN_MOST {
            break;
        }
        written += 1;
        let (_, reason) = shortfall(unseen.reason);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "- {} ({reason})",
            code(&shortened(&unseen.document, 300))
        );
        for more in unseen.more() {
            let _ = writeln!(text, "  {}", message(&shortened(&more, 500)));
        }
    }
    if let more @ 1.. = decisive.len().saturating_sub(written) {
        line(text, &format!("- and {more} more"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::super::text::is_hidden;
    use super::super::view::{FixView, NotEvaluated};
    use super::*;

    fn written(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &Run::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_report_reads_as_a_comment() {
        let document = sample::bucket_policy();
        let mut report = sample::report(&document);
        if let Some(finding) = report.findings.first_mut() {
            finding.fix = Some(FixView {
                description: "Write `us-east-1`".into(),
                verified: true,
                diff: "--- a\n+++ b\n-x\n+y\n".into(),
                edits: Vec::new(),
            });
        }
        insta::assert_snapshot!(written(&report), @r#"
        <!-- trail-lint: trail-lint/files -->
        ## ❌ CloudTrail logs of 2 trails do not arrive

        3 trails: 2 blocked, 1 delivers. Not everything could be seen. 2 critical, 1 low findings.

        | verdict | trail | create | log files | digests | key | notify | bucket |
        |---|---|---|---|---|---|---|---|
        | ❌ blocked | `222222222222 audit` | ok | refused | refused | - | - | `example-logs` |
        | ❌ blocked | `333333333333 audit` | ok | refused | refused | - | - | `example-logs` |
        | ✅ delivers | `111111111111 audit` | - | ok | - | - | - | `example-logs` |

        <details>
        <summary><b>critical</b>: The condition names the trail in a Region that is not its home (account 222222222222, trail audit)</summary>

        [source-arn-wrong-region](https://github.com/trail-lint/trail-lint/blob/main/rules/source/source-arn-wrong-region.md) at `snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:20:28`

        Statement `AWSCloudTrailWrite` lets in the trail of eu-west-1, but the home Region of arn:aws:cloudtrail:us-east-1:222222222222:trail/audit is us-east-1. Write the trail's own ARN. The same holds for 1 more trail: `arn:aws:cloudtrail:us-east-1:333333333333:trail/audit`.

        ```
        20 | "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:222222222222:trail/audit"
           |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        ```

        Refuses: `put-log-files`, `put-digest-files`

        See also `snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:5:14`: This statement names no trail.

        **Fix** (verified by evaluation): Write `us-east-1`

        ```diff
        --- a
        +++ b
        -x
        +y
        ```

        </details>

        <details>
        <summary><b>low</b>: CloudTrail may write to folders of accounts that do not belong here</summary>

        [resource-too-broad](https://github.com/trail-lint/trail-lint/blob/main/rules/exposure/resource-too-broad.md) at `snapshot/accounts/111111111111/s3/example-logs/get-bucket-policy.json:11:5`

        The statement grants more than the trail needs

        </details>

        **Could not be seen, and a verdict depends on it:**

        - `get-key-policy of arn:aws:kms:us-east-1:111111111111:key/k` (access denied)
          AWS said: AccessDeniedException: not authorized.
          To try: allow `kms:GetKeyPolicy` for `arn:aws:iam::111111111111:role/audit`.
        "#);
    }

    #[test]
    fn what_merging_does_stands_before_everything_else() {
        let document = sample::bucket_policy();
        let mut report = sample::report(&document);
        report.effect = Some(sample::stops("222222222222"));
        let text = written(&report);
        let start = "<!-- trail-lint: trail-lint/files -->\n\
                     **Merging this change will stop the logs of 1 account: 222222222222.**\n\n\
                     ## ❌ CloudTrail logs of 2 trails do not arrive\n\n\
                     3 trails: ";
        assert!(text.starts_with(start), "{text}");
    }

    #[test]
    fn a_report_of_nothing_is_whole() {
        insta::assert_snapshot!(written(&sample::empty()), @r#"
        <!-- trail-lint: trail-lint/files -->
        ## ❔ There is no trail to check

        No trail was checked. No findings.
        "#);
    }

    #[test]
    fn a_comment_is_never_too_long() {
        let document = sample::bucket_policy();
        let mut report = sample::report(&document);
        for number in 0..2_000 {
            let mut finding = sample::finding(&document, "222222222222");
            finding.location.pointer = format!("/{number}");
            report.findings.push(finding);
        }
        let text = written(&report);
        assert!(text.chars().count() < 65_536, "{}", text.chars().count());
        assert!(text.contains("more findings, for which there is no room here."));
        assert_eq!(
            text.matches("<details>").count(),
            text.matches("</details>").count()
        );
        let mut hostile = sample::hostile(&document);
        for number in 0..200 {
            let mut trail = sample::trail("222222222222", "blocked", Vec::new());
            trail.arn = format!("{}{number}", sample::hostile_text());
            trail.bucket = Some(sample::hostile_text());
            hostile.trails.push(trail);
            hostile.not_evaluated.push(NotEvaluated {
                document: format!("`|\\{}{number}", "*".repeat(400)),
                reason: "access-denied",
                affects: Vec::new(),
                decisive: true,
                said: None,
                help: None,
            });
            let mut finding = sample::finding(&document, "222222222222");
            finding.message = sample::hostile_text();
            finding.location.pointer = format!("/{number}");
            hostile.findings.push(finding);
        }
        let hostile = written(&hostile);
        assert!(
            hostile.chars().count() < 65_536,
            "{}",
            hostile.chars().count()
        );
    }

    #[test]
    fn hostile_text_is_inert() {
        let document = sample::bucket_policy();
        let text = written(&sample::hostile(&document));
        assert!(!text.chars().any(|c| is_hidden(c) && c != '\n'), "{text}");
        for forbidden in ["<b>@", "](http://evil", "\n::error", "@you"] {
            assert!(!text.contains(forbidden), "{forbidden}\n{text}");
        }
    }
}
