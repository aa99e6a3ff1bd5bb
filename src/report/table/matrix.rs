//! Several trails at a glance: a row per trail and a column per group of requests, where there is room.

use std::io;

use anstyle::{AnsiColor, Style as Paint};

use super::super::matrix::{Cell, Group, cells};
use super::super::text::account_and_name;
use super::super::text::width;
use super::super::view::TrailView;
use super::screen::{Screen, verdict_paint};
use super::trails::{bucket, with_region};

/// The blanks between two columns.
const GAP: usize = 2;

/// Writes the rows; says whether there was room for them.
pub(super) fn write(trails: &[&TrailView], screen: &mut Screen) -> io::Result<bool> {
    let same = |of: fn(&TrailView) -> String| {
        let mut named = trails.iter().filter(|trail| !trail.is_of_unseen());
        let first = named.next().map(|trail| of(trail))?;
        named.all(|trail| of(trail) == first).then_some(first)
    };
    let same_bucket = same(bucket);
    let same_region = same(|trail| trail.home_region.clone());
    // What is the same for all is said once, if that makes room.
    let layouts = [
        (None, None),
        (same_bucket.clone(), None),
        (same_bucket, same_region),
    ];
    for (said_bucket, said_region) in layouts {
        let table = table(trails, said_bucket.is_some(), said_region.is_some(), screen);
        if table.width() <= screen.style.width {
            table.write(screen)?;
            write_said(said_bucket, said_region, screen)?;
            return Ok(true);
        }
    }
    Ok(false)
}

fn write_said(
    bucket: Option<String>,
    region: Option<String>,
    screen: &mut Screen,
) -> io::Result<()> {
    let bucket = bucket.map(|bucket| format!("bucket {bucket}"));
    let region = region.map(|region| format!("home Region {region}"));
    let said: Vec<String> = bucket.into_iter().chain(region).collect();
    if said.is_empty() {
        return Ok(());
    }
    screen.block(0, &format!("All trails: {}", said.join(", ")))
}

struct Table {
    head: Vec<String>,
    rows: Vec<Vec<(String, Paint)>>,
}

fn table(
    trails: &[&TrailView],
    without_bucket: bool,
    without_region: bool,
    screen: &Screen,
) -> Table {
    let answers: Vec<[Cell; 5]> = trails.iter().map(|trail| cells(trail)).collect();
    // A group that no trail has requests of says nothing.
    let used: Vec<usize> = (0..Group::ALL.len())
        .filter(|&at| {
            answers
                .iter()
                .any(|cells| cells.get(at) != Some(&Cell::None))
        })
        .collect();
    let titles = used.iter().filter_map(|&at| Group::ALL.get(at));
    let mut head = vec!["VERDICT".to_owned(), "TRAIL".to_owned()];
    head.extend(titles.map(|group| group.title().to_uppercase()));
    if !without_bucket {
        head.push("BUCKET".to_owned());
    }
    let row = |(trail, answers): (&&TrailView, &[Cell; 5])| {
        let name = if without_region {
            account_and_name(&trail.arn)
        } else {
            with_region(trail)
        };
        let mut row = vec![
            (trail.verdict.to_owned(), verdict_paint(trail.verdict)),
            (screen.safe(&name).into_owned(), Paint::new()),
        ];
        let cells = used.iter().filter_map(|&at| answers.get(at));
        row.extend(cells.map(|cell| (cell.word().to_owned(), paint(*cell))));
        if !without_bucket {
            row.push((screen.safe(&bucket(trail)).into_owned(), Paint::new()));
        }
        row
    };
    Table {
        rows: trails.iter().zip(&answers).map(row).collect(),
        head,
    }
}

fn paint(cell: Cell) -> Paint {
    match cell {
        Cell::None | Cell::Allowed => Paint::new(),
        Cell::Undecided => AnsiColor::Yellow.on_default(),
        Cell::Partly => AnsiColor::Red.on_default(),
        Cell::Refused | Cell::Stopped => AnsiColor::Red.on_default().bold(),
    }
}

impl Table {
    fn widths(&self) -> Vec<usize> {
        let of_column = |(at, head): (usize, &String)| {
            let texts = self.rows.iter().filter_map(|row| row.get(at));
            let widest = texts.map(|(text, _)| width(text)).max();
            widest.unwrap_or(0).max(width(head))
        };
        self.head.iter().enumerate().map(of_column).collect()
    }

    fn width(&self) -> usize {
        let widths = self.widths();
        widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
    }

    fn write(&self, screen: &mut Screen) -> io::Result<()> {
        let widths = self.widths();
        let plain = |text: &String| (text.clone(), Paint::new());
        screen.line(&line(self.head.iter().map(plain), &widths, screen))?;
        let rule = if screen.style.unicode { "─" } else { "-" };
        screen.line(&rule.repeat(self.width()))?;
        for row in &self.rows {
            screen.line(&line(row.iter().cloned(), &widths, screen))?;
        }
        Ok(())
    }
}

fn line(cells: impl Iterator<Item = (String, Paint)>, widths: &[usize], screen: &Screen) -> String {
    let mut line = String::new();
    let mut due = 0;
    for ((text, paint), column) in cells.zip(widths) {
        line.push_str(&" ".repeat(due));
        due = column + GAP - width(&text).min(*column);
        if paint == Paint::new() {
            line.push_str(&text);
        } else {
            line.push_str(&screen.painted(paint, &text));
        }
    }
    line
}
