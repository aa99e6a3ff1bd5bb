//! The trails: the verdict first, then whose trail it is, and below it the requests that are refused.

use std::collections::BTreeMap;
use std::io;

use comfy_table::{
    ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle, Width,
};

use super::super::matrix::{Cell, Group, cells, worst_first};
use super::super::summary::{WORST_FIRST, rank};
use super::super::text::{account_and_name, counted, width};
use super::super::view::{Report, TrailView};
use super::matrix;
use super::screen::{Screen, verdict_paint};

/// More trails than this that deliver are counted, not listed.
const DELIVERING_SHOWN: usize = 30;

/// More trails than this that do not deliver are folded: of those with the same answers only the
/// first are listed.
const BROKEN_SHOWN: usize = 30;
const ALIKE_SHOWN: usize = 5;

/// The padding behind a column; the table adds one more column of its own between two.
const GAP: u16 = 1;

/// One trail as it is shown; every text safe.
struct Row {
    verdict: &'static str,
    trail: String,
    bucket: String,
    details: Vec<String>,
}

pub(super) fn write(report: &Report, screen: &mut Screen) -> io::Result<()> {
    let (delivering, mut shown): (Vec<_>, Vec<_>) = worst_first(report.trails.iter())
        .into_iter()
        .partition(|trail| trail.verdict == "delivers");
    let fold = screen.style.quiet
        || (delivering.len() > DELIVERING_SHOWN && !screen.style.show_ok_requests);
    let folded = fold_alike(&mut shown, screen);
    if !fold {
        shown.extend(&delivering);
    }
    write_shown(&shown, screen)?;
    for line in folded {
        screen.hanging(2, &line)?;
    }
    if fold && !screen.style.quiet {
        let trails = if shown.is_empty() {
            counted(delivering.len(), "trail")
        } else {
            format!("and {} more trails", delivering.len())
        };
        screen.line(&format!("{trails} deliver"))?;
    }
    Ok(())
}

fn write_shown(shown: &[&TrailView], screen: &mut Screen) -> io::Result<()> {
    if shown.len() > 1
        && !screen.is_narrow()
        && !screen.style.show_ok_requests
        && matrix::write(shown, screen)?
    {
        return Ok(());
    }
    let rows: Vec<Row> = shown.iter().map(|trail| row(trail, screen)).collect();
    if screen.is_narrow() || narrowest(&rows) > screen.style.width {
        write_lines(&rows, screen)?;
    } else if !rows.is_empty() {
        write_table(&rows, screen)?;
    }
    Ok(())
}

/// Leaves of many trails with the same answers only the first few, and says how many there are more.
fn fold_alike(shown: &mut Vec<&TrailView>, screen: &Screen) -> Vec<String> {
    if shown.len() <= BROKEN_SHOWN || screen.style.show_ok_requests {
        return Vec::new();
    }
    let mut counts: BTreeMap<(usize, bool, [Cell; 5]), usize> = BTreeMap::new();
    shown.retain(|trail| {
        let count = counts
            .entry((rank(trail.verdict), trail.is_of_unseen(), cells(trail)))
            .or_default();
        *count += 1;
        *count <= ALIKE_SHOWN
    });
    let folded = counts.iter().filter(|(_, count)| **count > ALIKE_SHOWN);
    folded
        .map(|((verdict, is_of_unseen, cells), count)| {
            let verdict = WORST_FIRST.get(*verdict).copied().unwrap_or_default();
            let what = if *is_of_unseen {
                "more account"
            } else {
                "more trail"
            };
            let more = counted(count - ALIKE_SHOWN, what);
            format!("and {more}: {verdict}{} (-v lists all)", answers(*cells))
        })
        .collect()
}

/// What of a trail's requests is not allowed, in words.
fn answers(cells: [Cell; 5]) -> String {
    let bad = Group::ALL.iter().zip(cells);
    let bad = bad.filter(|(_, cell)| *cell >= Cell::Undecided);
    let words: Vec<String> = bad
        .map(|(group, cell)| format!("{} {}", group.title(), cell.word()))
        .collect();
    if words.is_empty() {
        String::new()
    } else {
        format!(", {}", words.join(", "))
    }
}

/// The bucket and the key prefix.
pub(super) fn bucket(trail: &TrailView) -> String {
    match (&trail.bucket, &trail.key_prefix) {
        (Some(bucket), Some(prefix)) => format!("{bucket}/{prefix}"),
        (Some(bucket), None) => bucket.clone(),
        (None, _) => "not known".to_owned(),
    }
}

fn row(trail: &TrailView, screen: &Screen) -> Row {
    let name = with_region(trail);
    Row {
        verdict: trail.verdict,
        trail: screen.safe(&name).into_owned(),
        bucket: screen.safe(&bucket(trail)).into_owned(),
        details: details(trail, screen.style.show_ok_requests),
    }
}

/// A trail's account, name and home Region.
pub(super) fn with_region(trail: &TrailView) -> String {
    let name = account_and_name(&trail.arn);
    if trail.is_of_unseen() {
        name
    } else {
        format!("{name} ({})", trail.home_region)
    }
}

/// The requests by what became of them. A refusal of a request that AWS only advises is said apart:
/// it does not stop anything.
fn details(trail: &TrailView, with_allowed: bool) -> Vec<String> {
    let named = |label: &str, decision: &str, advised: bool| {
        let ids: Vec<&str> = trail
            .requests
            .iter()
            .filter(|request| request.decision == decision && request.advised == advised)
            .map(|request| request.id)
            .collect();
        (!ids.is_empty()).then(|| format!("{label}: {}", ids.join(", ")))
    };
    let allowed = |advised| {
        let label = if advised {
            "advised, allowed"
        } else {
            "allowed"
        };
        with_allowed
            .then(|| named(label, "allowed", advised))
            .flatten()
    };
    [
        named("refused", "denied", false),
        named("partly", "partly", false),
        named("undecided", "undecided", false),
        named("refused, but only advised", "denied", true),
        named("partly, but only advised", "partly", true),
        named("undecided, but only advised", "undecided", true),
        allowed(false),
        allowed(true),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The width below which a word would have to be broken.
fn narrowest(rows: &[Row]) -> usize {
    let [verdict, trail, bucket] = longest_words(rows);
    verdict + trail + bucket + 2 * (usize::from(GAP) + 1)
}

fn longest_words(rows: &[Row]) -> [usize; 3] {
    let longest = |text: &str| text.split(' ').map(width).max().unwrap_or(0);
    rows.iter().fold(
        [width("VERDICT"), width("TRAIL"), width("BUCKET")],
        |[verdict, trail, bucket], row| {
            let details = row.details.iter().map(|line| longest(line)).max();
            [
                verdict.max(longest(row.verdict)),
                trail.max(longest(&row.trail)).max(details.unwrap_or(0)),
                bucket.max(longest(&row.bucket)),
            ]
        },
    )
}

fn write_table(rows: &[Row], screen: &mut Screen) -> io::Result<()> {
    let rule = if screen.style.unicode { '─' } else { '-' };
    let mut table = Table::new();
    table
        .load_style(
            TableStyle::new()
                .header_lines(ContentLineStyle::none())
                .header_separator(LineStyle::none().fill(rule).junction(rule))
                .content_lines(ContentLineStyle::none()),
        )
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(columns(screen.style.width))
        .set_header(["VERDICT", "TRAIL", "BUCKET"]);
    for row in rows {
        let trail =
            std::iter::once(row.trail.as_str()).chain(row.details.iter().map(String::as_str));
        let trail: Vec<&str> = trail.collect();
        table.add_row([row.verdict, &trail.join("\n"), &row.bucket]);
    }
    // The padding of a column counts as part of its width.
    for (index, longest) in longest_words(rows).into_iter().enumerate() {
        if let Some(column) = table.column_mut(index) {
            let gap = if index == 2 { 0 } else { GAP };
            column.set_padding((0, gap));
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(
                columns(longest) + gap,
            )));
        }
    }
    let lines: Vec<String> = table.lines().collect();
    for line in lines {
        let (verdict, rest) = line.split_at(line.find(' ').unwrap_or(0));
        let painted = if WORST_FIRST.contains(&verdict) {
            screen.painted(verdict_paint(verdict), verdict)
        } else {
            verdict.to_owned()
        };
        screen.line(&format!("{painted}{rest}"))?;
    }
    Ok(())
}

fn columns(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

fn write_lines(rows: &[Row], screen: &mut Screen) -> io::Result<()> {
    for row in rows {
        let text = format!("{} {}, bucket {}", row.verdict, row.trail, row.bucket);
        screen.hanging(2, &text)?;
        for line in &row.details {
            screen.block(2, line)?;
        }
    }
    Ok(())
}
