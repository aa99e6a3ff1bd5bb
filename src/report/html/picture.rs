//! A picture per bucket: accounts on the left, the bucket in the middle, keys and topics on the right,
//! and on every line between them whether CloudTrail gets through.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use super::super::matrix::{Cell, Group, cells};
use super::super::text::{char_width, counted, plain, width};
use super::super::view::{Report, TrailView};
use super::Page;
use super::escape::text;
use super::trails::of_cell;

/// Accounts that are drawn for a bucket; the rest is counted.
const ACCOUNTS_SHOWN: usize = 12;

/// Keys and topics that are drawn for a bucket.
const TARGETS_SHOWN: usize = 6;

/// Buckets that are drawn.
const BUCKETS_SHOWN: usize = 20;

/// The height of a row, and of a box in it.
const ROW: usize = 56;
const BOX: usize = 40;

/// Where the three columns begin, how wide their boxes are, and how wide all is.
const COLUMNS: [usize; 3] = [10, 350, 690];
const WIDE: usize = 230;
const TOTAL: usize = 930;

/// The characters that fit into a box.
const LETTERS: usize = 29;

pub(super) fn write(report: &Report, page: &mut Page) -> io::Result<()> {
    let mut buckets: BTreeMap<&str, Vec<&TrailView>> = BTreeMap::new();
    for trail in &report.trails {
        if let Some(bucket) = &trail.bucket {
            buckets.entry(bucket).or_default().push(trail);
        }
    }
    if buckets.is_empty() {
        return Ok(());
    }
    page.line("<section aria-labelledby=\"picture\">\n<h2 id=\"picture\">Who writes where</h2>")?;
    for (number, (bucket, trails)) in buckets.iter().take(BUCKETS_SHOWN).enumerate() {
        write_bucket(number, bucket, trails, page)?;
    }
    if let more @ 1.. = buckets.len().saturating_sub(BUCKETS_SHOWN) {
        let more = counted(more, "more bucket");
        page.line(&format!("<p>{more} are in the table only.</p>"))?;
    }
    page.line("</section>")
}

/// A line of the picture: from a box to the bucket, or from the bucket to a box.
struct Line {
    /// What the box says, in two lines.
    name: String,
    below: String,
    cell: Cell,
}

fn write_bucket(
    number: usize,
    bucket: &str,
    trails: &[&TrailView],
    page: &mut Page,
) -> io::Result<()> {
    let accounts = accounts(trails);
    let targets = targets(trails);
    let left = folded(accounts, ACCOUNTS_SHOWN, "more account");
    let right = folded(targets, TARGETS_SHOWN, "more");
    let height = left.len().max(right.len()).max(1) * ROW + 20;
    page.line(&format!(
        "<section class=\"scroll\" tabindex=\"0\" aria-labelledby=\"picture-{number}\">\
         <svg viewBox=\"0 0 {TOTAL} {height}\" width=\"{TOTAL}\" height=\"{height}\" role=\"img\" \
         aria-labelledby=\"picture-{number} text-{number}\">"
    ))?;
    page.line(&format!(
        "<title id=\"picture-{number}\">Bucket {}</title>\n<desc id=\"text-{number}\">{}</desc>",
        text(bucket),
        text(&in_words(&left, &right)),
    ))?;
    let middle = height / 2;
    let [first, second, third] = COLUMNS;
    for (line, y) in left.iter().zip(rows(left.len(), height)) {
        write_line([first + WIDE, y], [second, middle], line.cell, page)?;
        write_box([first, y], line, page)?;
    }
    for (line, y) in right.iter().zip(rows(right.len(), height)) {
        write_line([third, y], [second + WIDE, middle], line.cell, page)?;
        write_box([third, y], line, page)?;
    }
    let centre = Line {
        name: bucket.to_owned(),
        below: format!("bucket, {}", counted(trails.len(), "trail")),
        cell: Cell::None,
    };
    write_box([second, middle], &centre, page)?;
    page.line("</svg></section>")
}

/// Every account, those that are refused first.
fn accounts(trails: &[&TrailView]) -> Vec<Line> {
    let mut accounts: BTreeMap<&str, (usize, [Cell; 3])> = BTreeMap::new();
    for trail in trails {
        let [create, logs, digests, ..] = cells(trail);
        let account = accounts.entry(&trail.account);
        let (count, worst) = account.or_insert((0, [Cell::None; 3]));
        *count += 1;
        for (worst, cell) in worst.iter_mut().zip([create, logs, digests]) {
            *worst = cell.max(*worst);
        }
    }
    let line = |(account, (count, cells)): (&str, (usize, [Cell; 3]))| Line {
        name: account.to_owned(),
        below: format!("{}{}", counted(count, "trail"), troubled(cells)),
        cell: cells.into_iter().max().unwrap_or(Cell::None),
    };
    let mut lines: Vec<Line> = accounts.into_iter().map(line).collect();
    lines.sort_by_key(|line| Reverse(line.cell));
    lines
}

/// What of an account's requests to the bucket is not allowed.
fn troubled(cells: [Cell; 3]) -> String {
    let worst = cells.into_iter().max().unwrap_or(Cell::None);
    if worst <= Cell::Allowed {
        return String::new();
    }
    let named: Vec<&str> = Group::ALL
        .iter()
        .zip(cells)
        .filter(|(_, cell)| *cell == worst)
        .map(|(group, _)| group.title())
        .collect();
    format!("; {}: {}", worst.word(), named.join(", "))
}

/// Every key and topic that the trails use.
fn targets(trails: &[&TrailView]) -> Vec<Line> {
    let mut targets: BTreeMap<(&str, &str), (usize, Cell)> = BTreeMap::new();
    for trail in trails {
        let cells = cells(trail);
        let of = |group: Group| {
            let all = Group::ALL.iter().zip(cells);
            all.filter(|(known, _)| **known == group)
                .map(|(_, cell)| cell)
                .max()
                .unwrap_or(Cell::None)
        };
        let used = [
            ("key", &trail.kms_key, of(Group::Key)),
            ("topic", &trail.topic, of(Group::Notifications)),
        ];
        for (kind, name, cell) in used {
            if let Some(name) = name {
                let (count, worst) = targets.entry((kind, name)).or_insert((0, Cell::None));
                *count += usize::from(cell >= Cell::Undecided);
                *worst = cell.max(*worst);
            }
        }
    }
    let line = |((kind, name), (count, cell)): ((&str, &str), (usize, Cell))| {
        let last = name.rsplit(['/', ':']).next().unwrap_or(name);
        let troubled = match count {
            0 => String::new(),
            _ => format!(", {} for {}", cell.word(), counted(count, "trail")),
        };
        Line {
            name: last.to_owned(),
            below: format!("{kind}{troubled}"),
            cell,
        }
    };
    let mut lines: Vec<Line> = targets.into_iter().map(line).collect();
    lines.sort_by_key(|line| Reverse(line.cell));
    lines
}

/// The first lines, and one for all others.
fn folded(mut lines: Vec<Line>, most: usize, noun: &str) -> Vec<Line> {
    if lines.len() > most {
        let rest = lines.split_off(most - 1);
        let worst = rest.iter().map(|line| line.cell).max();
        let name = match noun {
            "more" => format!("{} more", rest.len()),
            _ => counted(rest.len(), noun),
        };
        lines.push(Line {
            name,
            below: "in the table above".to_owned(),
            cell: worst.unwrap_or(Cell::None),
        });
    }
    lines
}

/// The heights at which `count` boxes stand, evenly spread.
fn rows(count: usize, height: usize) -> impl Iterator<Item = usize> {
    let room = height / count.max(1);
    (0..count).map(move |row| room * row + room / 2)
}

fn write_box([x, y]: [usize; 2], line: &Line, page: &mut Page) -> io::Result<()> {
    let top = y - BOX / 2;
    let middle = x + WIDE / 2;
    let (tone, _) = of_cell(line.cell);
    page.line(&format!(
        "<rect class=\"{tone}\" x=\"{x}\" y=\"{top}\" width=\"{WIDE}\" height=\"{BOX}\" rx=\"6\"/>"
    ))?;
    page.line(&format!(
        "<text class=\"name\" x=\"{middle}\" y=\"{}\">{}</text><text class=\"below\" x=\"{middle}\" y=\"{}\">{}</text>",
        y - 3,
        text(&fitted(&line.name)),
        y + 13,
        text(&line.below),
    ))
}

/// A line from a box to the bucket and, where lines are still apart, what becomes of requests along it.
fn write_line(
    [x1, y1]: [usize; 2],
    [x2, y2]: [usize; 2],
    cell: Cell,
    page: &mut Page,
) -> io::Result<()> {
    let (tone, sign) = of_cell(cell);
    let near = |from: usize, to: usize| (3 * from + to) / 4;
    let (x, y) = (near(x1, x2), near(y1, y2));
    page.line(&format!(
        "<line class=\"{tone}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"
    ))?;
    if sign.is_empty() {
        return Ok(());
    }
    page.line(&format!(
        "<circle class=\"{tone}\" cx=\"{x}\" cy=\"{y}\" r=\"11\"/><text class=\"sign\" x=\"{x}\" y=\"{}\">{sign}</text>",
        y + 5
    ))
}

/// The name as far as it fits into a box; of a long one its middle is left out.
fn fitted(name: &str) -> String {
    let name = plain(name);
    if width(&name) <= LETTERS {
        return name.into_owned();
    }
    let half = (LETTERS - 1) / 2;
    let start = of_columns(name.chars(), half);
    let end: String = of_columns(name.chars().rev(), half).chars().rev().collect();
    format!("{start}…{end}")
}

fn of_columns(characters: impl Iterator<Item = char>, limit: usize) -> String {
    let mut used = 0;
    let fits = |character: &char| {
        used += char_width(*character);
        used <= limit
    };
    characters.take_while(fits).collect()
}

/// The same for those who do not see it.
fn in_words(left: &[Line], right: &[Line]) -> String {
    let said = |line: &Line| format!("{} ({}): {}", line.name, line.below, line.cell.word());
    let accounts: Vec<String> = left.iter().map(said).collect();
    let targets: Vec<String> = right.iter().map(said).collect();
    let writing = format!("Writing from {}.", accounts.join("; "));
    if targets.is_empty() {
        return writing;
    }
    format!("{writing} Using {}.", targets.join("; "))
}
